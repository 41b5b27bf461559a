//! A college with somebody for every role, and a library of another unit whose things are not theirs.

use crate::{program, router};
use axum::{Router, http::Method};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::{ops::Deref, sync::Arc};
use tokio_util::sync::CancellationToken;
use zhendi_kernel::{
    Actor, ChannelId, PersonId, Role, UnitId,
    actor::Scope,
    config::Config,
    jobs::{self, NewJob},
    notify::{self, Notice},
    testing::{Client, Setup, TestApp},
};
use zhendi_people::{
    account::{self, Login},
    delegation::{self, NewDelegation},
    person::{self, Employment, NewPerson},
    role::{self, NewGrant, Staff},
    unit::{self, NewUnit, UnitKind},
};
use zhendi_registry::channel::{
    self, AnnexOne, ChannelPeople, Facts, FilingState, Holder, NewChannel, RunningState,
};
use zhendi_registry::export;
use zhendi_review::{
    ids::ManuscriptId,
    manuscript::{self, Draft},
    publication::{self, NewApproval},
};

/// Everyone's.
pub const PASSWORD: &str = "K7#mPq2x-lake";

/// The whole program.
pub fn setup() -> Setup {
    Setup {
        steps: program::steps,
        routes: router::routes,
        handlers: program::handlers,
        menu: program::menu(),
        holders: Arc::new(Staff),
        configure: |_| (),
    }
}

/// The same behind an address with HTTPS.
pub fn setup_https() -> Setup {
    Setup {
        configure: |config: &mut Config| {
            config.public_url = Some("https://zhendi.example.edu.cn".parse().expect("a URL"));
        },
        ..setup()
    }
}

/// The college. The library's things are those that the faculty's people must not reach.
pub struct Campus {
    pub app: TestApp,
    pub router: Router,
    pub library: UnitId,
    /// Somebody for each role; the login is the role's code.
    pub staff: Vec<(Role, PersonId)>,
    /// Fills in the library's forms; login `library_liaison`. Its head is `library_head`.
    pub liaison: PersonId,
    pub channel: ChannelId,
    /// Handed in, with an attachment.
    pub filing: i64,
    pub attachment: i64,
    /// A draft, with a task.
    pub plan: i64,
    pub task: i64,
    /// A draft that binds the library alone.
    pub regulation: i64,
    /// Still a draft.
    pub draft: i64,
    /// The liaison's upload of a spreadsheet that waits for a yes.
    pub import: i64,
    /// The system administrator's upload of people.
    pub people_import: i64,
    /// Of the library's dictionary: a word, a form of numbers, the liaison's upload of a list.
    pub word: i64,
    pub number_form: i64,
    pub word_import: i64,
    /// Written by the liaison and handed in, and the workflow that it follows.
    pub manuscript: i64,
    pub version: i64,
    pub workflow: i64,
    /// It is approved and waits for the channel's admin.
    pub publication: i64,
    /// Of another manuscript of theirs; the library is asked and has not answered.
    pub forwarding: i64,
    /// A file that the library's liaison had made.
    pub export: i64,
    pub notification: i64,
    pub session: i64,
    pub token: i64,
    pub grant: i64,
    pub delegation: i64,
    pub job: i64,
    pub verification: i64,
}

impl Deref for Campus {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.app
    }
}

/// Loads units, people and channels by the contexts' services.
struct Builder<'a> {
    app: &'a TestApp,
    program: Actor,
}

impl Builder<'_> {
    async fn unit(&self, parent: Option<UnitId>, name: &str) -> UnitId {
        let tx = self.app.db.begin().await.unwrap();
        let new = NewUnit {
            parent,
            name: name.into(),
            short_name: String::new(),
            kind: UnitKind::College,
            to_check: false,
        };
        let unit = unit::create(&tx, self.app, &self.program, new)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        unit.id
    }

    /// A person with an account, of a phone that ends so.
    async fn person(&self, unit: UnitId, name: &str, phone: usize, login: &str) -> PersonId {
        let tx = self.app.db.begin().await.unwrap();
        let new = NewPerson {
            unit,
            name: name.into(),
            employment: Some(Employment::Permanent),
            post: "科员".into(),
            phone: Some(format!("139001390{phone:02}")),
            mail: None,
            staff_number: None,
        };
        let id = person::create_contact(&tx, self.app, &self.program, new)
            .await
            .unwrap();
        let login = Login::parse(login).unwrap();
        account::create(&tx, self.app, &self.program, id, &login, Some(PASSWORD))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn grant(&self, person: PersonId, role: Role, scope: Scope) -> i64 {
        let tx = self.app.db.begin().await.unwrap();
        let new = NewGrant {
            person,
            role,
            scope,
            until: None,
        };
        let id = role::grant(&tx, self.app, &self.program, new)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn channel(&self, unit: UnitId, name: &str, id: &str) -> ChannelId {
        let new = NewChannel {
            facts: Facts {
                name: name.into(),
                unit,
                platform: "weibo".into(),
                address_or_id: id.into(),
                certified_body: "江海职业技术学院".into(),
                opened_on: Some("2016-03".parse().unwrap()),
                followers: Some(1200),
                posting_frequency: "每周".into(),
                responsible_department: "办公室".into(),
                holder: Holder::Unit,
                icp: None,
                web: Default::default(),
                survey: AnnexOne::default(),
                remark: String::new(),
            },
            people: ChannelPeople::default(),
            filing: FilingState::Filed,
            running: RunningState::Live,
            file_by: None,
            filed_source: Some(channel::source::IMPORTED.into()),
            filing_number: None,
            second_account_reason: None,
        };
        let tx = self.app.db.begin().await.unwrap();
        let made = channel::register(&tx, self.app, &self.program, new, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        made.id
    }
}

/// Signs in with a browser of one's own.
pub async fn enter(router: &Router, login: &str) -> Client {
    let client = Client::new(router.clone(), None);
    let fields = [("login", login), ("password", PASSWORD)];
    client.post("/sign-in", &fields).await.expect(303);
    client
}

/// A complete filing of an account.
pub fn opening(unit: UnitId, account: &str) -> Value {
    json!({
        "unit": unit,
        "content": {
            "name": account, "address_or_id": account, "certified_body": "江海职业技术学院",
            "platform": "douyin", "posting_frequency": "每周", "responsible_department": "办公室",
            "holder": "unit", "second_reason": "面向不同对象",
        },
        "contacts": {
            "leader": { "name": "周馆长", "post": "馆长", "employment": "permanent" },
            "reviewers": [{ "name": "吴秘书", "post": "秘书", "employment": "permanent" }],
            "operators": [{ "name": "郑老师", "post": "馆员", "phone": "13800138001", "employment": "permanent" }],
        },
    })
}

/// The smallest thing that is a PDF by its beginning.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

const SHEET: &str = "序号,账号（网站）名称,账号ID,开设单位,认证主体,类型,问题排查情况,是否整改,是否具有互动功能,是否建立内容发布审核制度,是否委托其他单位运营,账号负责人姓名,账号负责人手机号,备注\r\n1,书香,sx2026,图书馆,江海职业技术学院,微博,无问题,-,是,是,否,赵强,13800138003,";

const PEOPLE: &str = "单位,单位简称,姓名,工号,用工性质,职务,手机,邮箱,角色\r\n图书馆,,新来的,T100,在编在岗,馆员,13800138055,,拟稿人";

/// The number at the end of the address that an answer leads to.
fn number_of(location: &str) -> i64 {
    location
        .rsplit('/')
        .next()
        .and_then(|n| n.parse().ok())
        .expect(location)
}

/// The one number that a query finds.
pub async fn number(app: &TestApp, sql: &str) -> i64 {
    let found = app
        .db
        .read()
        .query_one_raw(Statement::from_string(app.db.backend(), sql))
        .await
        .unwrap();
    found.expect(sql).try_get_by_index(0).unwrap()
}

/// How many audit records there are: every change makes one.
pub async fn records(app: &TestApp) -> i64 {
    number(app, "SELECT seq FROM audit_head").await
}

impl Campus {
    pub async fn new(app: TestApp) -> Self {
        let router = router::build(&app, CancellationToken::new());
        let b = Builder {
            app: &app,
            program: Actor::program("测试"),
        };
        let root = b.unit(None, "江海职业技术学院").await;
        let faculty = b.unit(Some(root), "信息工程学院").await;
        let library = b.unit(Some(root), "图书馆").await;
        let own = b.channel(faculty, "信工微博", "xingong").await;
        let channel = b.channel(library, "图书馆微博", "tushuguan").await;
        let mut staff = vec![];
        for (n, role) in Role::ALL.iter().copied().enumerate() {
            let scope = if role.institution_wide() {
                Scope::Institution(root)
            } else if role.per_channel() {
                Scope::Channel(own)
            } else {
                Scope::Unit(faculty)
            };
            let person = b.person(faculty, role.label(), n, role.code()).await;
            b.grant(person, role, scope).await;
            staff.push((role, person));
        }
        let head = b.person(library, "李卫东", 51, "library_head").await;
        let grant = b.grant(head, Role::UnitHead, Scope::Unit(library)).await;
        let liaison = b.person(library, "夏书瑶", 52, "library_liaison").await;
        b.grant(liaison, Role::UnitLiaison, Scope::Unit(library))
            .await;
        let deputy = b.person(library, "赵强", 53, "library_deputy").await;
        let keeper = b.person(library, "钱云", 54, "library_admin").await;
        b.grant(keeper, Role::ChannelAdmin, Scope::Channel(channel))
            .await;
        let asks = role::load_actor(app.db.read(), app.now(), liaison).await;
        let order = export::Order {
            kind: "form",
            title: "附件1".into(),
            asked: json!({ "file": "annex-1.xlsx", "asked": {} }),
        };
        let export = export::start(&app, &asks.unwrap(), order).await.unwrap();
        app.run_jobs().await;

        let tx = app.db.begin().await.unwrap();
        let new = NewDelegation {
            grant,
            to: deputy,
            starts: app.now(),
            ends: app.now() + TimeDelta::days(20),
            reason: "外出学习".into(),
        };
        let by = role::load_actor(&tx, app.now(), head).await.unwrap();
        let delegation = delegation::create(&tx, &app, &by, new).await.unwrap();
        notify::tell(
            &tx,
            &app,
            &[liaison],
            Notice {
                title: "通知".into(),
                href: "/".into(),
            },
        )
        .await
        .unwrap();
        let payload = json!({ "person": head, "count": 1, "overdue": 0 });
        let later = Some(app.now() + TimeDelta::days(300));
        let job = NewJob {
            run_at: later,
            ..NewJob::new("work.digest_mail", payload)
        };
        jobs::enqueue(&tx, &app, job).await.unwrap();
        tx.commit().await.unwrap();

        let client = enter(&router, "library_liaison").await;
        let mut filings = vec![];
        for account in ["tsg-douyin", "tsg-draft"] {
            let body = opening(library, account);
            let made = client
                .json(Method::POST, "/api/v1/filings", &body)
                .await
                .expect(201);
            filings.push(made.json()["id"].as_i64().unwrap());
        }
        let [filing, draft] = filings[..] else {
            unreachable!()
        };
        let path = format!("/api/v1/filings/{filing}/submissions");
        client
            .json(Method::POST, &path, &json!({ "version": 1 }))
            .await
            .expect(200);
        let path = format!("/filings/{filing}/attachments");
        client
            .upload(&path, &[], &[("file", "登记表.pdf", PDF)])
            .await
            .expect(303);
        let body = json!({ "unit": library, "year": 2027, "title": "图书馆计划", "goals": "规范" });
        let made = client.json(Method::POST, "/api/v1/plans", &body).await;
        let plan = made.expect(201).json()["id"].as_i64().unwrap();
        let body = json!({ "what": "巡查", "person": liaison, "due": "2027-06-30" });
        let path = format!("/api/v1/plans/{plan}/tasks");
        let made = client.json(Method::POST, &path, &body).await.expect(201);
        let task = made.json()["id"].as_i64().unwrap();
        let unit = library.to_string();
        let fields = [
            ("title", "图书馆网站管理细则"),
            ("unit", unit.as_str()),
            ("scope", &unit),
            ("effective", "2026-12-01"),
            ("read_days", "10"),
            ("text", "第一条 目的"),
        ];
        let made = client.post("/regulations", &fields).await.expect(303);
        let regulation = number_of(made.location());
        let file = [("file", "台账.csv", SHEET.as_bytes())];
        let import = number_of(
            client
                .upload("/imports", &[], &file)
                .await
                .expect(303)
                .location(),
        );
        let body = json!({ "unit": library, "kind": "watch", "word": "闭馆通知" });
        let made = client.json(Method::POST, "/api/v1/dictionary-words", &body);
        let word = made.await.expect(201).json()["id"].as_i64().unwrap();
        let fields = [
            ("unit", unit.as_str()),
            ("name", "学号"),
            ("form", "2026######"),
        ];
        client
            .post("/dictionaries/numbers", &fields)
            .await
            .expect(303);
        let file = [("file", "词表.csv", "词语\n新书通报\n".as_bytes())];
        let fields = [("unit", unit.as_str())];
        let sent = client.upload("/dictionaries/imports", &fields, &file).await;
        let word_import = number_of(sent.expect(303).location());
        let draft_of_liaison = Draft {
            html: "<p>图书馆周末闭馆，请提前借阅。</p>".into(),
            channels: vec![channel],
            category: "通知公告".into(),
            ..Draft::titled("周末闭馆通知")
        };
        let writer = role::load_actor(app.db.read(), app.now(), liaison)
            .await
            .unwrap();
        let manuscript = manuscript::begin(&app, &writer, library, draft_of_liaison)
            .await
            .unwrap()
            .id
            .0;
        let path = format!("/manuscripts/{manuscript}/submissions");
        client.post(&path, &[]).await.expect(303);
        let workflow = number(&app, "SELECT MIN(id) FROM review_workflow").await;
        let tx = app.db.begin().await.unwrap();
        let version = manuscript::latest(&tx, ManuscriptId(manuscript))
            .await
            .unwrap()
            .unwrap();
        let approved_version = version.id.0;
        let approved = NewApproval {
            manuscript: version.manuscript,
            unit: library,
            version: version.id,
            title: version.content.title.clone(),
            hash: version.hash.clone(),
            channels: vec![channel],
            approvers: vec![],
            valid_days: None,
        };
        publication::grant(&tx, &app, &writer, approved)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let publication = number(&app, "SELECT MAX(id) FROM publication").await;
        let draft_of_liaison = Draft {
            html: "<p>扫码加群，免费领取考试答案。</p>".into(),
            channels: vec![channel],
            category: "通知公告".into(),
            ..Draft::titled("考试资料")
        };
        let held = manuscript::begin(&app, &writer, library, draft_of_liaison)
            .await
            .unwrap()
            .id;
        let path = format!("/manuscripts/{held}/submissions");
        client.post(&path, &[]).await.expect(303);
        let head = enter(&router, "library_head").await;
        let held = held.to_string();
        let fields = [
            ("manuscript", held.as_str()),
            ("kind", "harmful"),
            ("unit", &unit),
            ("why", "诱导扫码。"),
        ];
        let sent = head.post("/forwardings", &fields).await.expect(303);
        let forwarding = number_of(sent.location());
        let fields = [("name", "脚本"), ("scope", "read"), ("days", "30")];
        client.post("/account/tokens", &fields).await.expect(200);
        let system = enter(&router, Role::SystemAdmin.code()).await;
        let file = [("file", "人员.csv", PEOPLE.as_bytes())];
        let sent = system
            .upload("/people/imports", &[], &file)
            .await
            .expect(303);
        let people_import = number_of(sent.location());
        let auditor = enter(&router, Role::Auditor.code()).await;
        let verified = auditor.post("/audit/verifications", &[]).await.expect(303);
        let verification = number_of(verified.location());

        Self {
            attachment: number(&app, "SELECT MAX(id) FROM filing_attachment").await,
            notification: number(
                &app,
                &format!("SELECT MIN(id) FROM notification WHERE person_id = {liaison}"),
            )
            .await,
            session: number(
                &app,
                &format!("SELECT MIN(id) FROM session WHERE person_id = {liaison}"),
            )
            .await,
            token: number(&app, "SELECT MAX(id) FROM api_token").await,
            number_form: number(&app, "SELECT MAX(id) FROM number_form").await,
            job: number(
                &app,
                "SELECT MAX(id) FROM job WHERE kind = 'work.digest_mail'",
            )
            .await,
            router,
            library,
            staff,
            liaison,
            channel,
            filing,
            plan,
            task,
            regulation,
            draft,
            import,
            people_import,
            word,
            word_import,
            manuscript,
            version: approved_version,
            workflow,
            publication,
            forwarding,
            export,
            grant,
            delegation,
            verification,
            app,
        }
    }

    /// Signs in with a browser of one's own.
    pub async fn enter(&self, login: &str) -> Client {
        enter(&self.router, login).await
    }

    /// A browser that nobody is signed in with.
    pub fn stranger(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// A route's address, leading to things of the library.
    ///
    /// # Panics
    /// When the address has a part that nobody thought of here: a new kind of thing needs one of the
    /// library's to be kept from others.
    pub fn fill(&self, path: &str) -> String {
        let id = match path.split('/').collect::<Vec<_>>()[..] {
            ["", "units", "{id}", ..] | ["", "api", "v1", "units", "{id}"] => self.library.0,
            ["", "people", "imports", "{id}", ..] => self.people_import,
            ["", "people" | "accounts", "{id}", ..] | ["", "api", "v1", "people", "{id}"] => {
                self.liaison.0
            }
            ["", "channels" | "directory", "{id}", ..] | ["", "api", "v1", "channels", "{id}"] => {
                self.channel.0
            }
            ["", "filings", "{id}", ..] | ["", "api", "v1", "filings", "{id}", ..] => self.filing,
            ["", "plans", "{id}", ..] | ["", "api", "v1", "plans", "{id}", ..] => self.plan,
            ["", "regulations", "{id}", ..] | ["", "api", "v1", "regulations", "{id}", ..] => {
                self.regulation
            }
            ["", "imports", "{id}", ..] => self.import,
            ["", "dictionaries", "words", "{id}", ..]
            | ["", "api", "v1", "dictionary-words", "{id}"] => self.word,
            ["", "dictionaries", "numbers", "{id}", ..] => self.number_form,
            ["", "dictionaries", "imports", "{id}", ..] => self.word_import,
            ["", "manuscripts", "{id}", ..] | ["", "api", "v1", "manuscripts", "{id}", ..] => {
                self.manuscript
            }
            ["", "dictionaries.{format}"] => 0,
            ["", "manuscripts", "versions", "{id}", ..] => self.version,
            ["", "settings", "workflows", "{id}", ..] | ["", "api", "v1", "workflows", "{id}"] => {
                self.workflow
            }
            ["", "publications", "{id}", ..] | ["", "api", "v1", "publications", "{id}", ..] => {
                self.publication
            }
            ["", "forwardings", "{id}", ..] | ["", "api", "v1", "forwardings", "{id}", ..] => {
                self.forwarding
            }
            ["", "settings", "emergency", "{id}", ..] => 1,
            ["", "settings", "hooks", "{id}", ..] | ["", "api", "v1", "hooks", "{id}", ..] => 0,
            ["", "exports", "{id}", ..] => self.export,
            ["", "grants", "{id}", ..] => self.grant,
            ["", "delegations", "{id}", ..] => self.delegation,
            ["", "account", "sessions", "{id}", ..] => self.session,
            ["", "account", "tokens", "{id}", ..] => self.token,
            ["", "notifications", "{id}"] => self.notification,
            ["", "jobs", "{id}", ..] => self.job,
            ["", "audit", "{seq}"] => 1,
            ["", "audit", "verifications", "{seq}"] => self.verification,
            [
                "",
                "platforms" | "calendar" | "forms" | "prints" | "feeds" | "review-sheets",
                ..,
            ]
            | ["", "api", "v1", "forms", ..]
            | ["", "channels", "batches", ..] => 0,
            _ if !path.contains('{') => 0,
            _ => panic!("nobody thought of {path}"),
        };
        path.replace("{id}", &id.to_string())
            .replace("{seq}", &id.to_string())
            .replace("{number}", &self.attachment.to_string())
            .replace("{task}", &self.task.to_string())
            .replace("{token}", "nobody")
            .replace("{hash}", "nothing")
            .replace("{format}", "csv")
            .replace("{key}", "nobody")
            .replace("{annotation}", "999999")
            .replace("{scan}", "999999")
            .replace("{message}", "999999")
            .replace("{code}", "weibo")
            .replace("{file}", "nobody.ics")
    }
}
