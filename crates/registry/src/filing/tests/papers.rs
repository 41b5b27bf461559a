//! Decisions on paper, entered by an officer.

use super::*;
use crate::filing::{self, Kind, PaperEntry, Scan, Stage, Step, Verdict};
use zhendi_kernel::{audit, notify, on_both_databases};

pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";

impl Cast {
    /// Enters a paper of today through the page.
    pub async fn enter(
        &self,
        who: &Actor,
        id: i64,
        decider: &Actor,
        more: &[(&str, &str)],
    ) -> Answer {
        let filing = self.filing(id).await;
        let version = filing.version.to_string();
        let decider = decider.person().unwrap().to_string();
        let today = self.clock.today().to_string();
        let record = match filing.channel.filter(|_| filing.kind == Kind::Change) {
            Some(channel) => self.channel(channel.0).await.version.to_string(),
            None => String::new(),
        };
        let mut fields = more.to_vec();
        for (name, value) in [
            ("version", version.as_str()),
            ("record", &record),
            ("decider", &decider),
            ("verdict", "agreed"),
            ("decided_on", &today),
            ("paper_number", "纸签 1 号"),
        ] {
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, value));
            }
        }
        self.client(who)
            .upload(
                &format!("/filings/{id}/papers"),
                &fields,
                &[("scan", "审批件.pdf", PDF)],
            )
            .await
    }
}

async fn a_signature_on_paper_is_entered(app: TestApp) {
    let cast = Cast::new(app).await;
    let second = cast
        .join(
            "许知行",
            cast.publicity,
            Role::PublicityOfficer,
            Scope::Institution(cast.root),
        )
        .await;
    let id = cast.submitted("paper").await;
    // Who may not enter papers cannot, nor the decider themselves.
    cast.enter(&cast.head, id, &cast.head, &[])
        .await
        .expect(403);
    cast.enter(&cast.outsider, id, &cast.head, &[])
        .await
        .expect(403);
    // Without number, day or scan it says so, with what was typed.
    let page = cast
        .enter(
            &second,
            id,
            &cast.head,
            &[("paper_number", ""), ("paper_opinion", "照办")],
        )
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("文号或编号") && page.contains("照办"),
        "{page}"
    );
    let told = cast
        .enter(&second, id, &cast.head, &[("decided_on", "2030-01-01")])
        .await
        .expect(422)
        .text();
    assert!(told.contains("不能晚于今天"));
    let told = cast
        .enter(&second, id, &cast.chief, &[])
        .await
        .expect(409)
        .text();
    assert!(told.contains("没有担任该角色"), "{told}");
    cast.enter(&second, id, &cast.head, &[("paper_opinion", "同意开设")])
        .await
        .expect(303);
    let filing = cast.filing(id).await;
    assert_eq!(filing.course.stage, Stage::Awaiting(Step::Check));
    let act = &filing.course.acts[0];
    assert_eq!(act.person, cast.head.person().unwrap());
    assert_eq!(act.opinion, "同意开设");
    let paper = act.paper.as_ref().unwrap();
    assert_eq!(paper.recorded_by.person, second.person().unwrap());
    // It is marked everywhere, the scan can be fetched, and the decider is told.
    let page = cast
        .client(&cast.officer)
        .get(&format!("/filings/{id}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("纸质") && page.contains("由许知行登记"),
        "{page}"
    );
    let scan = format!("/filings/{id}/attachments/{}", paper.scan);
    assert_eq!(
        cast.client(&cast.officer)
            .get(&scan)
            .await
            .expect(200)
            .bytes,
        PDF
    );
    let list = cast
        .client(&cast.officer)
        .get("/filings?paper=1")
        .await
        .expect(200)
        .text();
    assert!(list.contains("paper"));
    assert!(
        notify::unread(cast.db.read(), cast.head.person().unwrap())
            .await
            .unwrap()
            > 0
    );
    let history = audit::history(cast.db.read(), "filing", id).await.unwrap();
    assert!(history.iter().any(|line| line.summary.contains("（纸质）")));
    // Who entered it checks nothing of it; another does.
    let told = cast
        .press(&second, id, "checks", &ALL_TICKED)
        .await
        .expect(409)
        .text();
    assert!(told.contains("不能办理两个环节"), "{told}");
    cast.press(&cast.officer, id, "checks", &ALL_TICKED)
        .await
        .expect(303);
    // The last step on paper brings it into force.
    let third = cast
        .join(
            "第三人",
            cast.publicity,
            Role::PublicityOfficer,
            Scope::Institution(cast.root),
        )
        .await;
    cast.enter(&cast.officer, id, &cast.chief, &[])
        .await
        .expect(409);
    cast.enter(&third, id, &cast.chief, &[]).await.expect(303);
    assert_eq!(cast.filing(id).await.course.stage, Stage::Effective);
}

on_both_databases!(a_signature_on_paper_is_entered, super::setup);

async fn the_only_officer_does_not_strand_a_filing(app: TestApp) {
    let cast = Cast::new(app).await;
    let id = cast.submitted("alone").await;
    let told = cast
        .enter(&cast.officer, id, &cast.head, &[])
        .await
        .expect(409)
        .text();
    assert!(told.contains("凑不齐人"), "{told}");
    // The chief enters it? Then nobody would decide.
    cast.enter(&cast.chief, id, &cast.head, &[])
        .await
        .expect(409);
    assert_eq!(cast.filing(id).await.course.acts.len(), 0);
}

on_both_databases!(the_only_officer_does_not_strand_a_filing, super::setup);

async fn a_return_on_paper_goes_back_and_its_scan_stays(app: TestApp) {
    let cast = Cast::new(app).await;
    let second = cast
        .join(
            "许知行",
            cast.publicity,
            Role::PublicityOfficer,
            Scope::Institution(cast.root),
        )
        .await;
    let id = cast.submitted("back").await;
    let bare = [("verdict", "returned")];
    cast.enter(&second, id, &cast.head, &bare).await.expect(422);
    let said = [("verdict", "returned"), ("paper_opinion", "名称不规范")];
    cast.enter(&second, id, &cast.head, &said).await.expect(303);
    let filing = cast.filing(id).await;
    assert_eq!(filing.course.stage, Stage::Returned);
    let scan = filing.course.acts[0].paper.as_ref().unwrap().scan;
    cast.press(
        &cast.liaison,
        id,
        &format!("attachments/{scan}/removals"),
        &[],
    )
    .await
    .expect(409);
}

on_both_databases!(a_return_on_paper_goes_back_and_its_scan_stays, super::setup);

async fn two_papers_at_once_are_one(app: TestApp) {
    let cast = Cast::new(app).await;
    let mut officers = vec![];
    for name in ["甲", "乙", "丙"] {
        let scope = Scope::Institution(cast.root);
        officers.push(
            cast.join(name, cast.publicity, Role::PublicityOfficer, scope)
                .await,
        );
    }
    let id = cast.submitted("race").await;
    let enter = |who: usize| {
        let entry = PaperEntry {
            seen: 2,
            record: None,
            decider: cast.head.person(),
            verdict: Verdict::Agreed,
            opinion: String::new(),
            decided_on: cast.clock.today().to_string(),
            number: "1".into(),
            scan: Some(Scan {
                name: "a.pdf".into(),
                bytes: PDF.into(),
            }),
        };
        filing::record_paper(&cast, &officers[who], FilingId(id), entry)
    };
    let version = cast.filing(id).await.version;
    assert_eq!(version, 2);
    let (one, other) = tokio::join!(enter(0), enter(1));
    let won = [&one, &other]
        .iter()
        .filter(|result| matches!(result, Ok(Ok(_))))
        .count();
    assert_eq!(won, 1, "{one:?} {other:?}");
    let filing = cast.filing(id).await;
    assert_eq!(filing.course.acts.len(), 1);
}

on_both_databases!(two_papers_at_once_are_one, super::setup);
