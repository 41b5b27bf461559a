//! Sheets and papers on a real course.

use crate::{
    course::Deed,
    deciding,
    ids::ManuscriptId,
    testing::{School, agreed, person, setup},
};
use axum::http::Method;
use serde_json::json;
use zhendi_kernel::{
    PersonId, Role,
    actor::Scope,
    testing::{Answer, TestApp},
};

const SCAN: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

struct Story {
    school: School,
    id: ManuscriptId,
}

impl Story {
    /// Handed in, and passed by the first level.
    async fn new(app: TestApp) -> Self {
        let school = School::new(app).await;
        let id = school
            .draft("喜迎新生", "<p>新生报到服务台设在体育馆。</p>")
            .await;
        school.submit(id).await.unwrap();
        let story = Self { school, id };
        story.pass(story.school.admin, &[("文字", 2)]).await;
        story
    }

    async fn pass(&self, person: PersonId, errors: &[(&str, u32)]) {
        let said = agreed(&self.school.course(self.id).await, errors);
        let deed = Deed::Approve(said);
        self.school.deed(person, self.id, deed).await.unwrap();
    }

    async fn get(&self, person: PersonId, path: &str) -> Answer {
        let by = self.school.acting(person).await;
        let path = path.replace("{id}", &self.id.to_string());
        self.school.client(&by).get(&path).await
    }

    async fn paper(
        &self,
        recorder: PersonId,
        decider: PersonId,
        day: &str,
        scan: Option<&[u8]>,
    ) -> Answer {
        let by = self.school.acting(recorder).await;
        let version = self.school.course(self.id).await.version.to_string();
        let decider = decider.to_string();
        let fields = [
            ("version", version.as_str()),
            ("decider", &decider),
            ("verdict", "approve"),
            ("decided_on", day),
            ("paper_number", "信工〔2026〕7号"),
            ("opinion", "同意，请尽快发布。"),
        ];
        let files: Vec<(&str, &str, &[u8])> = scan
            .map(|bytes| ("scan", "审批件.pdf", bytes))
            .into_iter()
            .collect();
        let path = format!("/manuscripts/{}/papers", self.id);
        self.school.client(&by).upload(&path, &fields, &files).await
    }
}

async fn a_sheet_shows_the_whole_trail(app: TestApp) {
    let story = Story::new(app).await;
    let s = &story.school;
    story
        .paper(s.officer, s.head, "2026-11-20", Some(SCAN))
        .await
        .expect(303);
    story.pass(s.chief, &[]).await;
    let page = story
        .get(s.author, "/manuscripts/{id}/sheet")
        .await
        .expect(200)
        .text();
    for words in [
        "初审　同意",
        "复审　同意（纸质）",
        "终审　同意",
        "请尽快发布",
        "一校：文字 2 处",
        "信工〔2026〕7号",
        "欧阳明月 登记",
        "作者：张敏　编辑：刘洋　审核：李卫东、王建国",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The number stays the same from the first sheet on; another manuscript has the next.
    let xls = story
        .get(s.author, "/manuscripts/{id}/sheet.xls")
        .await
        .expect(200);
    let opened = zhendi_office::open("sheet.xls", &xls.bytes, &zhendi_office::Limits::default());
    let books = format!("{:?}", opened.unwrap());
    for words in [
        "FG-2026-0001",
        "喜迎新生",
        "李卫东",
        "同意（纸质）",
        "内容校验码",
    ] {
        assert!(books.contains(words), "{words}: {books}");
    }
    let pdf = story
        .get(s.chief, "/manuscripts/{id}/sheet.pdf")
        .await
        .expect(200);
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let docx = story
        .get(s.chief, "/manuscripts/{id}/sheet.docx")
        .await
        .expect(200);
    assert!(docx.bytes.starts_with(b"PK"));
    let trail = story
        .get(s.chief, "/api/v1/manuscripts/{id}/trail")
        .await
        .expect(200)
        .json();
    assert_eq!(trail["number"], "FG-2026-0001");
    let second = s.draft("另一篇", "<p>正文。</p>").await;
    let author = s.acting(s.author).await;
    s.submit(second).await.unwrap();
    s.client(&author)
        .get(&format!("/manuscripts/{second}/sheet.xls"))
        .await
        .expect(200);
    let other = s
        .client(&author)
        .get(&format!("/api/v1/manuscripts/{second}/trail"))
        .await
        .json();
    assert_eq!(other["number"], "FG-2026-0002");
    // What the QR code leads to.
    let hash = trail["hash"].as_str().unwrap().to_owned();
    let check = format!("/review-sheets/{}", &hash[..16]);
    let seen = s.visitor().get(&check).await.expect(200).text();
    assert!(seen.contains("有记录") && seen.contains(&hash) && !seen.contains("喜迎新生"));
    let known = story.get(s.chief, &check).await.expect(200).text();
    assert!(
        known.contains("喜迎新生") && known.contains("一致"),
        "{known}"
    );
    s.visitor()
        .get("/review-sheets/0123456789abcdef")
        .await
        .expect(404);
    // Corrected and handed in again: the sheet of before is no longer how things stand.
    s.rewrite(
        story.id,
        "喜迎新生",
        "<p>新生报到服务台改设在图书馆前广场，请同学们相互转告。</p>",
    )
    .await;
    s.submit(story.id).await.unwrap();
    let later = story.get(s.chief, &check).await.expect(200).text();
    assert!(later.contains("新的变化"), "{later}");
    s.run_jobs().await;
}

async fn papers_are_entered_with_their_scan_and_never_on_ones_own_text(app: TestApp) {
    let story = Story::new(app).await;
    let s = &story.school;
    // Who enters papers: an officer; who decided: whose turn it is.
    story
        .paper(s.head, s.head, "2026-11-20", Some(SCAN))
        .await
        .expect(403);
    let form = story
        .get(s.officer, "/manuscripts/{id}/papers/new")
        .await
        .expect(200)
        .text();
    assert!(
        form.contains("李卫东") && !form.contains("王建国</option>"),
        "{form}"
    );
    let wrong = story
        .paper(s.officer, s.chief, "2026-11-20", None)
        .await
        .expect(422)
        .text();
    assert!(
        wrong.contains("请选择作出审批的人") && wrong.contains("请上传"),
        "{wrong}"
    );
    story
        .paper(
            s.officer,
            s.head,
            "2026-11-20",
            Some(b"<script>alert(1)</script>"),
        )
        .await
        .expect(400);
    story
        .paper(s.officer, s.head, "2026-11-21", Some(SCAN))
        .await
        .expect(409);
    story
        .paper(s.officer, s.head, "2026-11-20", Some(SCAN))
        .await
        .expect(303);
    let now = s.course(story.id).await;
    let paper = now.decisions.last().unwrap().paper.clone().unwrap();
    assert_eq!(now.decisions.last().unwrap().by.person, s.head);
    assert_eq!(paper.recorded_by.person, s.officer);
    let told = zhendi_kernel::notify::unread(s.db.read(), s.head)
        .await
        .unwrap();
    assert!(told > 0, "nobody decides without knowing");
    // The scan is there for who may see the manuscript, and for nobody else.
    let path = format!("/manuscripts/{{id}}/papers/{}", paper.scan);
    let scan = story.get(s.author, &path).await.expect(200);
    assert_eq!(scan.bytes, SCAN);
    story.get(s.editor, &path).await.expect(404);
    let other = format!("/manuscripts/{{id}}/papers/{}", "0".repeat(64));
    story.get(s.author, &other).await.expect(404);
    // Who entered a level stands behind it: not at the next one, not even with the role.
    s.grant(s.officer, Role::PublicityHead, Scope::Institution(s.root))
        .await;
    let deed = Deed::Approve(agreed(&now, &[]));
    let officer = s.acting(s.officer).await;
    let refused = s.deed(s.officer, story.id, deed).await;
    assert!(refused.is_err());
    // One's own text: an officer who writes enters nothing on it.
    let own = s
        .draft_by(
            s.officer,
            s.publicity,
            s.official,
            "部门通知",
            "<p>正文。</p>",
        )
        .await;
    s.submit(own).await.unwrap();
    s.client(&officer)
        .get(&format!("/manuscripts/{own}/papers/new"))
        .await
        .expect(409);
    let entry = json!({
        "version": 1, "decider": s.editor, "verdict": "approve", "decided_on": "2026-11-20",
        "number": "宣〔2026〕1号", "scan_name": "x.pdf",
        "scan": "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZz4+ZW5kb2JqCnRyYWlsZXI8PC9Sb290IDEgMCBSPj4KJSVFT0YK",
    });
    s.client(&officer)
        .json(
            Method::POST,
            &format!("/api/v1/manuscripts/{own}/papers"),
            &entry,
        )
        .await
        .expect(409);
    let whole = Some((Role::PublicityOfficer, Scope::Institution(s.root)));
    let second = person(&s.app, s.publicity, "许知行", whole).await;
    let second = s.acting(second).await;
    s.client(&second)
        .json(
            Method::POST,
            &format!("/api/v1/manuscripts/{own}/papers"),
            &entry,
        )
        .await
        .expect(200);
    s.run_jobs().await;
}

async fn notes_stand_on_the_sheet_when_their_level_has_decided(app: TestApp) {
    let story = Story::new(app).await;
    let (s, trail) = (&story.school, "/api/v1/manuscripts/{id}/trail");
    let content = s.course(story.id).await.content().0;
    let head = s.acting(s.head).await;
    let spot = deciding::Spot::Whole;
    deciding::annotate(s, &head, story.id, content, spot, "请写明时间")
        .await
        .unwrap();
    let before = story.get(s.author, trail).await.expect(200).text();
    assert!(!before.contains("请写明时间"), "{before}");
    story.pass(s.head, &[]).await;
    let after = story.get(s.author, trail).await.expect(200).text();
    assert!(after.contains("请写明时间"), "{after}");
}

async fn what_was_never_submitted_has_no_sheet(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("草稿", "<p>正文。</p>").await;
    let author = school.acting(school.author).await;
    for path in ["sheet", "sheet.pdf", "papers/new"] {
        let answer = school
            .client(&author)
            .get(&format!("/manuscripts/{id}/{path}"))
            .await;
        assert!(matches!(answer.status.as_u16(), 403 | 404), "{path}");
    }
    let chief = school.acting(school.chief).await;
    let path = format!("/api/v1/manuscripts/{id}/trail");
    school.client(&chief).get(&path).await.expect(404);
}

zhendi_kernel::on_both_databases!(a_sheet_shows_the_whole_trail, super::setup);
zhendi_kernel::on_both_databases!(
    papers_are_entered_with_their_scan_and_never_on_ones_own_text,
    super::setup
);
zhendi_kernel::on_both_databases!(
    notes_stand_on_the_sheet_when_their_level_has_decided,
    super::setup
);
zhendi_kernel::on_both_databases!(what_was_never_submitted_has_no_sheet, super::setup);
