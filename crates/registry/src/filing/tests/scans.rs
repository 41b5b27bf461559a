//! Attachments, and the seal that an institution may ask for.

use super::*;
use crate::settings::Seal;
use zhendi_kernel::{on_both_databases, work};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

async fn scans_come_in_and_go_out_as_downloads(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("信工之声").await;
    let path = format!("/filings/{id}/attachments");
    let liaison = cast.client(&cast.liaison);
    let name = "登记表<b>.pdf";
    liaison
        .upload(&path, &[("purpose", "sealed_form")], &[("file", name, PDF)])
        .await
        .expect(303);
    // What is no scan is refused, whatever it is called.
    for (name, bytes) in [
        ("登记表.pdf", &b"<html><script>alert(1)</script>"[..]),
        ("登记表.pdf", b"MZ\x90\0"),
        ("登记表.pdf", b""),
        ("登记表.docx", PDF),
    ] {
        let answer = liaison.upload(&path, &[], &[("file", name, bytes)]).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    }
    liaison.upload(&path, &[], &[]).await.expect(400);
    let big = [PDF, &vec![b' '; 21 << 20]].concat();
    liaison
        .upload(&path, &[], &[("file", "大.pdf", &big)])
        .await
        .expect(413);
    // Strangers neither see nor send; the head sees.
    cast.client(&cast.outsider)
        .upload(&path, &[], &[("file", "a.pdf", PDF)])
        .await
        .expect(404);
    cast.client(&cast.head)
        .upload(&path, &[], &[("file", "a.pdf", PDF)])
        .await
        .expect(403);
    let page = cast
        .client(&cast.head)
        .get(&format!("/filings/{id}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("盖章登记表") && !page.contains("<b>.pdf"));
    let files = crate::filing::attachments::of_filing(cast.db.read(), FilingId(id))
        .await
        .unwrap();
    assert_eq!(files.len(), 1);
    let file = format!("{path}/{}", files[0].id);
    cast.client(&cast.outsider).get(&file).await.expect(404);
    let answer = cast.client(&cast.head).get(&file).await.expect(200);
    assert_eq!(answer.bytes, PDF);
    let headers = &answer.headers;
    assert!(
        headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    // Another filing's address does not lead to it.
    let second = cast.submitted("信工二号").await;
    cast.client(&cast.head)
        .get(&format!("/filings/{second}/attachments/{}", files[0].id))
        .await
        .expect(404);
    // Once handed in, nothing is taken away.
    let removal = format!("{file}/removals");
    cast.post(&cast.liaison, &removal, &[]).await.expect(409);
    cast.press(&cast.head, id, "returns", &[("opinion", "扫描件不清楚")])
        .await
        .expect(303);
    cast.post(&cast.liaison, &removal, &[]).await.expect(303);
    for i in 0..10 {
        liaison
            .upload(&path, &[], &[("file", &format!("{i}.pdf"), PDF)])
            .await
            .expect(303);
    }
    let full = liaison
        .upload(&path, &[], &[("file", "11.pdf", PDF)])
        .await
        .expect(409)
        .text();
    assert!(full.contains("最多 10 个附件"));
}
on_both_databases!(scans_come_in_and_go_out_as_downloads, super::setup);

async fn a_seal_is_needed_when_the_institution_says_so(app: TestApp) {
    let cast = Cast::new(app).await;
    cast.set(|settings| settings.seal = Seal::BeforeDecision)
        .await;
    let id = cast.checked("信工之声").await;
    let why = cast
        .press(&cast.chief, id, "decisions", &[])
        .await
        .expect(409)
        .text();
    assert!(why.contains("盖章的登记表扫描件"));
    let path = format!("/filings/{id}/attachments");
    let scan = [("file", "盖章.pdf", PDF)];
    cast.client(&cast.liaison)
        .upload(&path, &[("purpose", "sealed_form")], &scan)
        .await
        .expect(303);
    cast.press(&cast.chief, id, "decisions", &[])
        .await
        .expect(303);

    cast.set(|settings| settings.seal = Seal::BeforeClosing)
        .await;
    let id = cast.effective("信工二号").await;
    let open = || work::of_subject(cast.db.read(), cast.now(), ("filing", id));
    let items = open().await.unwrap();
    assert_eq!((items.len(), items[0].kind.as_str()), (1, "filing.seal"));
    let path = format!("/filings/{id}/attachments");
    cast.client(&cast.liaison)
        .upload(&path, &[("purpose", "sealed_form")], &scan)
        .await
        .expect(303);
    assert!(open().await.unwrap().is_empty());
}
on_both_databases!(a_seal_is_needed_when_the_institution_says_so, super::setup);
