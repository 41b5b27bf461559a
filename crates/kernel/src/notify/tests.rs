use super::{store::Entity, *};
use crate::{
    Actor, App, Fault, PersonId, Role, Tx, UnitId,
    config::{Encryption, Mail},
    on_both_databases,
    testing::{Setup, TestApp, actor},
    work::{self, Assignee, Holders, NewItem},
};
use chrono::TimeDelta;
use sea_orm::EntityTrait;
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

/// Debian's aiosmtpd, a real mail server, which keeps what it gets in a Maildir.
struct MailServer(Child);

impl MailServer {
    fn start(port: u16, maildir: &Path, options: &[&str]) -> Self {
        let child = Command::new("/usr/bin/python3")
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")])
            .args(options)
            .args(["-c", "aiosmtpd.handlers.Mailbox"])
            .arg(maildir)
            .stdout(Stdio::null())
            .spawn()
            .expect("/usr/bin/python3 with aiosmtpd (scripts/install.sh test)");
        let server = Self(child);
        for _ in 0..200 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("aiosmtpd does not listen; is it installed (scripts/install.sh test)?");
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the server got, as it lies in the Maildir.
fn letters(maildir: &Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(maildir.join("new")) else {
        return vec![];
    };
    files
        .map(|file| std::fs::read_to_string(file.expect("a letter").path()).expect("a letter"))
        .collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// One person with something to do.
struct One;

#[async_trait::async_trait]
impl Holders for One {
    async fn holders(
        &self,
        _: &App,
        _: Role,
        _: UnitId,
        _: Option<crate::ChannelId>,
    ) -> Result<Vec<PersonId>, Fault> {
        Ok(vec![])
    }

    async fn actor(&self, _: &App, person: PersonId) -> Result<Option<Actor>, Fault> {
        Ok((person.0 < 10).then(|| actor(person.0, "李卫东", &[])))
    }
}

fn setup() -> Setup {
    Setup {
        routes: pages::routes,
        holders: Arc::new(One),
        configure: |config| {
            config.public_url = "https://zhendi.example.edu.cn/".parse().ok();
            config.mail = Some(Mail {
                host: "127.0.0.1".into(),
                port: free_port(),
                encryption: Encryption::None,
                user: None,
                password: None,
                from: "网络阵地 <zhendi@example.edu.cn>".into(),
            });
        },
        ..Setup::default()
    }
}

async fn in_tx(app: &TestApp, work: impl AsyncFnOnce(&Tx)) {
    let tx = app.db.begin().await.expect("a transaction");
    work(&tx).await;
    tx.commit().await.expect("committed");
}

async fn told(app: &TestApp, to: &[i64], title: &str) {
    let people: Vec<PersonId> = to.iter().map(|id| PersonId(*id)).collect();
    in_tx(app, async |tx| {
        let notice = Notice {
            title: title.into(),
            href: "/filings/12".into(),
        };
        tell(tx, app, &people, notice).await.expect("told");
    })
    .await;
}

async fn addressed(app: &TestApp, person: i64, address: Option<&str>) {
    in_tx(app, async |tx| {
        let set = set_address(tx, app, PersonId(person), address).await;
        set.expect("an address");
    })
    .await;
}

fn port_of(app: &App) -> u16 {
    app.config.mail.as_ref().expect("mail").port
}

async fn mail_goes_to_those_who_want_it(app: TestApp) {
    let maildir = app.folder.path().join("maildir");
    let _server = MailServer::start(port_of(&app), &maildir, &[]);
    addressed(&app, 1, Some("liwd@example.edu.cn")).await;
    addressed(&app, 2, Some("zhangm@example.edu.cn")).await;
    addressed(&app, 3, Some("gone@example.edu.cn")).await;
    addressed(&app, 3, None).await;
    let second = app.client(&actor(2, "张敏", &[]));
    second
        .post("/notifications/preferences", &[])
        .await
        .expect(303);

    told(&app, &[1, 2, 3, 4, 1], "您的备案已退回").await;
    assert_eq!(
        Entity::find().all(app.db.read()).await.expect("rows").len(),
        4
    );
    assert_eq!(app.run_jobs().await, 1);
    let got = letters(&maildir);
    assert_eq!(got.len(), 1);
    let letter = &got[0];
    assert!(letter.contains("X-RcptTo: liwd@example.edu.cn"), "{letter}");
    assert!(
        letter.contains("Auto-Submitted: auto-generated"),
        "{letter}"
    );
    assert!(
        letter.contains("Message-ID: <notification-1@example.edu.cn>"),
        "{letter}"
    );
    let body = decoded(letter);
    assert!(body.contains("您的备案已退回"), "{body}");
    assert!(
        body.contains("https://zhendi.example.edu.cn/filings/12"),
        "{body}"
    );

    // Wanted again, and the address is as it was.
    second
        .post("/notifications/preferences", &[("mail", "on")])
        .await
        .expect(303);
    let page = second
        .get("/notifications/preferences")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("checked") && !page.contains("没有您的邮箱"),
        "{page}"
    );
    told(&app, &[2], "第二件").await;
    // Read before it could be sent: no need.
    told(&app, &[1], "第三件").await;
    let first = app.client(&actor(1, "李卫东", &[]));
    first.post("/notifications/readings", &[]).await.expect(303);
    assert_eq!(app.run_jobs().await, 2);
    assert_eq!(letters(&maildir).len(), 2);
}
on_both_databases!(mail_goes_to_those_who_want_it, super::setup);

/// The body of a letter, whichever way it was encoded.
fn decoded(letter: &str) -> String {
    use base64::Engine;
    let letter = letter.replace("\r\n", "\n");
    let (head, body) = letter.split_once("\n\n").expect("a body");
    if head
        .to_lowercase()
        .contains("content-transfer-encoding: base64")
    {
        let text: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64");
        return String::from_utf8(bytes).expect("text");
    }
    assert!(head.contains("8bit") || head.contains("7bit"), "{head}");
    body.to_owned()
}

async fn failures_of_mail_say_nothing_personal(app: TestApp) {
    addressed(&app, 1, Some("liwd@example.edu.cn")).await;
    addressed(&app, 2, Some("不是地址")).await;
    told(&app, &[1, 2], "标题").await;
    assert_eq!(app.run_jobs().await, 2);
    let jobs = crate::jobs::all(&app).await;
    let state = |n: usize| {
        (
            jobs[n].state,
            jobs[n].last_error.as_deref().unwrap_or_default(),
        )
    };
    use crate::jobs::State;
    assert_eq!(state(0), (State::Ready, "无法连接邮件服务器"));
    assert_eq!(state(1), (State::Dead, "收件人的邮箱地址格式不正确"));

    // A server that takes no letter of this size never will.
    let maildir = app.folder.path().join("maildir");
    let _server = MailServer::start(port_of(&app), &maildir, &["-s", "100"]);
    app.pass(TimeDelta::minutes(1));
    assert_eq!(app.run_jobs().await, 1);
    let jobs = crate::jobs::all(&app).await;
    assert_eq!(jobs[0].state, State::Dead);
    assert_eq!(
        jobs[0].last_error.as_deref(),
        Some("邮件服务器拒收（代码 552）")
    );
    for job in &jobs {
        assert!(!format!("{job:?}").contains("liwd"), "{job:?}");
        assert!(!job.payload.to_string().contains("标题"), "{job:?}");
    }
    assert!(letters(&maildir).is_empty());
}
on_both_databases!(failures_of_mail_say_nothing_personal, super::setup);

async fn the_digest_comes_once_a_day_to_those_with_work(app: TestApp) {
    let maildir = app.folder.path().join("maildir");
    let _server = MailServer::start(port_of(&app), &maildir, &[]);
    for person in [1, 2, 77] {
        addressed(&app, person, Some("someone@example.edu.cn")).await;
    }
    in_tx(&app, async |tx| {
        for (person, hours) in [(1, -3), (1, 90), (77, 90)] {
            let item = NewItem {
                kind: "filing.sign",
                subject: ("filing", 12),
                title: format!("签字：第 {hours} 份"),
                href: "/filings/12".into(),
                unit: UnitId(1),
                channel: None,
                assignee: Assignee::Person(PersonId(person)),
                due: Some(app.now() + TimeDelta::hours(hours)),
                barred: vec![],
                escalate_to: None,
            };
            work::open(tx, &app, item).await.expect("an item");
        }
    })
    .await;
    let digests = || {
        let bodies: Vec<String> = letters(&maildir).iter().map(|one| decoded(one)).collect();
        bodies
            .into_iter()
            .filter(|body| body.contains("项待办"))
            .collect::<Vec<_>>()
    };
    // The timetable is written at 14:05 and comes round at 14:15, after eight.
    app.run_jobs().await;
    app.pass(TimeDelta::minutes(15));
    app.run_jobs().await;
    let got = digests();
    assert_eq!(got.len(), 1, "only 1 has work and may sign in: {got:?}");
    assert!(
        got[0].contains("您有 2 项待办，其中 1 项已逾期"),
        "{}",
        got[0]
    );
    assert!(got[0].contains("签字：第 -3 份（已逾期"), "{}", got[0]);
    assert!(
        got[0].contains("https://zhendi.example.edu.cn/work-items"),
        "{}",
        got[0]
    );
    app.pass(TimeDelta::hours(17));
    app.run_jobs().await;
    assert_eq!(digests().len(), 1, "not before eight");
    app.pass(TimeDelta::hours(1));
    app.run_jobs().await;
    assert_eq!(digests().len(), 2);
}
on_both_databases!(the_digest_comes_once_a_day_to_those_with_work, super::setup);

async fn people_read_their_own(app: TestApp) {
    told(&app, &[1], "旧消息").await;
    app.pass(TimeDelta::minutes(1));
    told(&app, &[1, 2], "新消息").await;
    let client = app.client(&actor(1, "李卫东", &[]));
    assert_eq!(
        unread(app.db.read(), PersonId(1)).await.expect("a count"),
        2
    );
    let page = client.get("/notifications").await.expect(200).text();
    let (new, old) = (page.find("新消息"), page.find("旧消息"));
    assert!(new.is_some() && new < old, "latest first: {page}");
    assert_eq!(
        client.get("/notifications/2").await.expect(303).location(),
        "/filings/12"
    );
    let page = client.get("/notifications").await.expect(200).text();
    assert!(
        page.find("旧消息") < page.find("新消息"),
        "unread first: {page}"
    );
    assert_eq!(
        unread(app.db.read(), PersonId(1)).await.expect("a count"),
        1
    );
    client.get("/notifications/3").await.expect(404);
    client
        .post("/notifications/readings", &[("id", "3")])
        .await
        .expect(303);
    assert_eq!(
        unread(app.db.read(), PersonId(2)).await.expect("a count"),
        1,
        "2's own"
    );
    client
        .post("/notifications/readings", &[("id", "x")])
        .await
        .expect(400);
    client
        .post("/notifications/readings", &[("id", "1")])
        .await
        .expect(303);
    assert_eq!(
        unread(app.db.read(), PersonId(1)).await.expect("a count"),
        0
    );
    let nothing = app
        .client(&actor(9, "新人", &[]))
        .get("/notifications")
        .await
        .expect(200);
    assert!(nothing.text().contains("还没有消息"));
}
fn pages_alone() -> Setup {
    Setup {
        routes: pages::routes,
        ..Setup::default()
    }
}
on_both_databases!(people_read_their_own, super::pages_alone);

async fn who_looks_at_a_page_has_read_what_told_of_it(app: TestApp) {
    let reader = actor(5, "李明", &[]);
    let tx = app.db.begin().await.unwrap();
    for href in ["/notifications/preferences", "/elsewhere"] {
        let notice = Notice {
            title: "请看".into(),
            href: href.into(),
        };
        tell(&tx, &app, &[PersonId(5), PersonId(6)], notice)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let page = app.client(&reader).get("/notifications/preferences").await;
    assert!(page.expect(200).text().contains("1 条未读"));
    assert_eq!(unread(app.db.read(), PersonId(5)).await.unwrap(), 1);
    assert_eq!(unread(app.db.read(), PersonId(6)).await.unwrap(), 2);
}
on_both_databases!(
    who_looks_at_a_page_has_read_what_told_of_it,
    super::pages_alone
);
