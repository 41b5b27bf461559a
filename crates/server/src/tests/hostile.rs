//! Text that was never meant well, in every field of every form, in every address and query.

use super::{
    campus::{Campus, number, opening, records, setup},
    page::{Form, forms, links},
};
use crate::router;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;
use zhendi_kernel::{
    Role, audit,
    testing::{Answer, Client, TestApp},
};

/// Refused values first: what is taken may end the thing that the form belongs to.
fn values() -> Vec<(&'static str, String)> {
    vec![
        ("a megabyte", "字".repeat(350_000)),
        ("NUL", "张\0三".into()),
        ("control characters", "a\u{1}\u{8}\u{1b}[31m\u{7f}".into()),
        ("SQL", "'; DROP TABLE unit; --".into()),
        ("a huge number", "99999999999999999999999999".into()),
        ("a negative number", "-9223372036854775808".into()),
        ("markup", MARKUP.into()),
        (
            "direction marks",
            "\u{202E}gnp.exe\u{202C}\u{2066}\u{200F}\u{200B}".into(),
        ),
        ("emoji", "👩\u{200D}👩\u{200D}👧🏳️\u{200D}🌈".into()),
        ("rare Han", "𠮷𠀀𪚥𰻞".into()),
    ]
}

const MARKUP: &str = "\"><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(1)>";

/// Whoever has a form that others have not.
async fn people(campus: &Campus) -> BTreeMap<&'static str, Client> {
    use Role::*;
    let roles = [
        PublicityHead,
        PublicityOfficer,
        UnitLiaison,
        ChannelAdmin,
        SystemAdmin,
        SecurityAdmin,
        Auditor,
    ];
    let logins = roles.map(Role::code);
    let mut clients = BTreeMap::new();
    for login in logins
        .into_iter()
        .chain(["library_head", "library_liaison"])
    {
        clients.insert(login, campus.enter(login).await);
    }
    clients.insert("visitor", campus.stranger());
    clients
}

/// The pattern of an address among the posted routes.
fn pattern(action: &str) -> Option<&'static str> {
    let parts: Vec<&str> = action.split('/').collect();
    let routes = router::routes();
    let mut found: Vec<&'static str> = routes
        .list()
        .iter()
        .filter(|route| route.method == Method::POST)
        .map(|route| route.path)
        .filter(|path| {
            let pattern: Vec<&str> = path.split('/').collect();
            pattern.len() == parts.len()
                && pattern
                    .iter()
                    .zip(&parts)
                    .all(|(want, have)| want.starts_with('{') || want == have)
        })
        .collect();
    // What is spelt out goes before what is a number.
    found.sort_by_key(|path| path.matches('{').count());
    found.first().copied()
}

/// The pages that someone sees by their routes and by the links on them, two steps deep.
async fn seen(campus: &Campus, client: &Client) -> BTreeMap<String, String> {
    let routes = router::routes();
    let newcomer = number(campus, "SELECT MAX(id) FROM person").await;
    let mut waiting: Vec<String> = routes
        .list()
        .iter()
        .filter(|route| route.method == Method::GET)
        .map(|route| campus.fill(route.path))
        .chain([
            format!("/filings/{}", campus.draft),
            format!("/filings/{}/edit", campus.draft),
        ])
        .chain([
            format!("/filings/new?unit={}", campus.library),
            format!("/accounts/new?person={newcomer}"),
        ])
        .collect();
    let mut pages = BTreeMap::new();
    let mut tried = BTreeSet::new();
    for _ in 0..2 {
        for path in std::mem::take(&mut waiting) {
            if !tried.insert(path.clone()) {
                continue;
            }
            let answer = client.get(&path).await;
            assert!(
                !answer.status.is_server_error(),
                "{path}: {}",
                answer.text()
            );
            let html = answer.headers.get("content-type").is_some_and(|kind| {
                kind.to_str()
                    .is_ok_and(|kind| kind.starts_with("text/html"))
            });
            if html && answer.status == 200 {
                let text = answer.text();
                waiting.extend(links(&text));
                pages.insert(path, text);
            }
        }
    }
    pages
}

async fn send(client: &Client, form: &Form, fields: &[(&str, &str)]) -> Answer {
    if form.files {
        let file = [("file", "附件.pdf", super::campus::PDF)];
        client.upload(&form.action, fields, &file).await
    } else {
        client.post(&form.action, fields).await
    }
}

/// Brings about what some forms are for: filings at each step, a locked account and a disabled one, a
/// paused channel, roles asked for by an import, a calendar.
async fn bring_about(campus: &Campus, clients: &BTreeMap<&'static str, Client>) {
    let act = async |who: &str, filing: i64, noun: &str, version: i32| {
        let points = ["name", "avatar", "certified_body", "staff", "one_account"];
        let said = json!({ "version": version, "confirmed": points });
        let path = format!("/api/v1/filings/{filing}/{noun}");
        clients[who]
            .json(Method::POST, &path, &said)
            .await
            .expect(200);
    };
    for (account, steps) in [("tsg-check", 2), ("tsg-decision", 3)] {
        let body = opening(campus.library, account);
        let made = clients["library_liaison"]
            .json(Method::POST, "/api/v1/filings", &body)
            .await;
        let id = made.expect(201).json()["id"].as_i64().unwrap();
        let all = [
            ("library_liaison", "submissions"),
            ("library_head", "signatures"),
            ("publicity_officer", "checks"),
        ];
        for ((who, noun), version) in all.into_iter().take(steps).zip(1..) {
            act(who, id, noun, version).await;
        }
    }
    let liaison = &clients["library_liaison"];
    liaison.post("/work-items/calendar", &[]).await;
    let path = format!("/filings/{}/attachments", campus.draft);
    liaison
        .upload(&path, &[], &[("file", "a.pdf", super::campus::PDF)])
        .await
        .expect(303);
    let officer = &clients["publicity_officer"];
    let version = number(
        campus,
        "SELECT CAST(version AS BIGINT) FROM channel WHERE name = '信工微博'",
    )
    .await;
    let paused = number(campus, "SELECT id FROM channel WHERE name = '信工微博'").await;
    let fields = [("version", &*version.to_string()), ("reason", "长期不更新")];
    officer
        .post(&format!("/channels/{paused}/suspensions"), &fields)
        .await
        .expect(303);
    let system = &clients["system_admin"];
    let people = "单位,单位简称,姓名,工号,用工性质,职务,手机,邮箱,角色\r\n图书馆,,又来的,T101,在编在岗,馆员,13800138066,,拟稿人";
    let sent = system
        .upload(
            "/people/imports",
            &[],
            &[("file", "又.csv", people.as_bytes())],
        )
        .await;
    let path = format!("{}/confirmations", sent.expect(303).location());
    system.post(&path, &[]).await.expect(303);
    let (_, moderator) = campus
        .staff
        .iter()
        .find(|(role, _)| *role == Role::Moderator)
        .unwrap();
    system
        .post(&format!("/accounts/{moderator}/disablements"), &[])
        .await
        .expect(303);
    for _ in 0..12 {
        campus
            .stranger()
            .post("/sign-in", &[("login", "author"), ("password", "x")])
            .await;
    }
}

async fn hostile_text_in_every_form(app: TestApp) {
    let campus = Campus::new(app).await;
    let clients = people(&campus).await;
    bring_about(&campus, &clients).await;
    // Every form once: by the route that it is sent to, and the fields that it has.
    let mut all: BTreeMap<(&'static str, Vec<String>), (&'static str, Form)> = BTreeMap::new();
    for (login, client) in &clients {
        for page in seen(&campus, client).await.values() {
            for form in forms(page) {
                let pattern = pattern(&form.action)
                    .unwrap_or_else(|| panic!("a form leads nowhere: {}", form.action));
                let names = form.fields.iter().map(|(name, _)| name.clone()).collect();
                all.entry((pattern, names)).or_insert((*login, form));
            }
        }
    }
    let met: BTreeSet<&str> = all.keys().map(|(pattern, _)| *pattern).collect();
    let unmet: Vec<&str> = router::routes()
        .list()
        .iter()
        .filter(|route| route.method == Method::POST && !route.path.starts_with("/api/"))
        .map(|route| route.path)
        .filter(|path| !met.contains(path))
        .collect();
    // Forms that appear only where this story does not lead are sent all the same, as their pages have them.
    let spelt_out: Vec<&str> = SPELT_OUT.iter().map(|(path, ..)| *path).collect();
    let mut nowhere = unmet.clone();
    nowhere.retain(|path| *path != "/first-run" && !spelt_out.contains(path));
    assert_eq!(nowhere, [""; 0], "which forms does nobody see?");
    for (path, login, files, names) in SPELT_OUT {
        assert!(unmet.contains(path), "{path} has a form here by now");
        let form = Form {
            action: campus.fill(path),
            files: *files,
            fields: names
                .iter()
                .map(|name| ((*name).into(), String::new()))
                .collect(),
        };
        let names = names.iter().map(|name| (*name).into()).collect();
        all.insert((*path, names), (*login, form));
    }

    let mut broken = vec![];
    for (what, value) in values() {
        for ((pattern, _), (login, form)) in &all {
            if *pattern == "/sign-out" || *pattern == "/account/sessions/others/revocations" {
                continue;
            }
            let every: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|(name, _)| (name.as_str(), value.as_str()))
                .collect();
            let mut tries = vec![every];
            if value.len() < 1000 {
                for (one, _) in &form.fields {
                    let fields = form.fields.iter().map(|(name, usual)| {
                        (
                            name.as_str(),
                            if name == one {
                                value.as_str()
                            } else {
                                usual.as_str()
                            },
                        )
                    });
                    tries.push(fields.collect());
                }
            }
            for fields in tries {
                let answer = send(&clients[login], form, &fields).await;
                if answer.status.is_server_error() {
                    broken.push(format!("{what} at {pattern} by {login}: {}", answer.status));
                    break;
                }
                let shown = answer.text();
                assert!(
                    !shown.contains("<script>alert"),
                    "{pattern} gives markup back: {shown}"
                );
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");

    // Whatever was taken is shown as text and harms no page; the record is whole.
    for login in [
        "publicity_officer",
        "library_head",
        "system_admin",
        "security_admin",
        "auditor",
    ] {
        let client = campus.enter(login).await;
        for (path, page) in seen(&campus, &client).await {
            assert!(!page.contains("<script>alert"), "{path}");
            assert!(!page.contains('\u{202E}'), "{path} turns its text around");
        }
    }
    let verdict = audit::verify::walk(&campus.db, &campus.signer, &[])
        .await
        .unwrap();
    assert_eq!(verdict.first_break, None);
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(hostile_text_in_every_form, super::setup);

/// Route, who sends it, whether with files, its fields.
type SpeltOut = (&'static str, &'static str, bool, &'static [&'static str]);

const SPELT_OUT: &[SpeltOut] = &[
    (
        "/channels/{id}/openings",
        "publicity_officer",
        false,
        &["version", "opened_on"],
    ),
    (
        "/channels/{id}/merge",
        "publicity_officer",
        false,
        &["with", "version", "other_version", "name", "platform"],
    ),
    (
        "/channels/consolidation",
        "publicity_officer",
        false,
        &["why", "key", "fingerprint", "reason"],
    ),
    (
        "/channels/batches",
        "publicity_officer",
        false,
        &["filter", "all", "id", "what", "reason"],
    ),
    (
        "/filings/batch",
        "publicity_head",
        false,
        &["step", "pick", "ticked", "opinion"],
    ),
    (
        "/filings/{id}/proofs",
        "library_liaison",
        true,
        &["version", "purpose", "proof_note"],
    ),
    (
        "/filings/{id}/rechecks",
        "publicity_officer",
        true,
        &["version", "found", "recheck_note"],
    ),
    ("/imports/{id}/drafts", "library_liaison", false, &["form"]),
    (
        "/plans/{id}/decisions",
        "library_head",
        false,
        &["version", "opinion"],
    ),
    (
        "/plans/{id}/returns",
        "library_head",
        false,
        &["version", "opinion"],
    ),
    (
        "/plans/{id}/revisions",
        "library_liaison",
        false,
        &["version"],
    ),
    (
        "/plans/{id}/carryovers",
        "library_liaison",
        false,
        &["version", "year"],
    ),
    (
        "/plans/{id}/closures",
        "library_liaison",
        false,
        &["version", "summary"],
    ),
    (
        "/plans/{id}/tasks/{task}/reports",
        "library_liaison",
        false,
        &["version", "progress", "note", "done"],
    ),
    (
        "/plans/{id}/tasks/{task}/postponements",
        "library_liaison",
        false,
        &["version", "due", "reason"],
    ),
    (
        "/plans/{id}/tasks/{task}/reopenings",
        "library_liaison",
        false,
        &["version", "reason"],
    ),
    (
        "/plans/{id}/tasks/{task}/reassignments",
        "library_liaison",
        false,
        &["version", "person", "helper", "reason"],
    ),
    (
        "/plans/{id}/tasks/{task}/attachments",
        "library_liaison",
        true,
        &["version"],
    ),
    (
        "/regulations/{id}/versions",
        "library_liaison",
        false,
        &["version", "title", "text"],
    ),
    (
        "/regulations/{id}/repeals",
        "library_head",
        false,
        &["version", "on", "reason"],
    ),
    (
        "/regulations/{id}/readings",
        "library_liaison",
        false,
        &["ordinal"],
    ),
    (
        "/regulations/{id}/attachments/{number}/removals",
        "library_liaison",
        false,
        &["version"],
    ),
    (
        "/manuscripts/{id}/edit",
        "library_liaison",
        true,
        &[
            "revision", "title", "html", "category", "origin", "source", "link",
        ],
    ),
    (
        "/manuscripts/{id}/removals",
        "library_liaison",
        false,
        &["version"],
    ),
    (
        "/manuscripts/{id}/files",
        "library_liaison",
        true,
        &["role", "alt"],
    ),
    (
        "/manuscripts/{id}/files/{file}/removals",
        "library_liaison",
        false,
        &["revision"],
    ),
    (
        "/manuscripts/{id}/pictures",
        "library_liaison",
        false,
        &["address"],
    ),
    (
        "/manuscripts/{id}/submissions",
        "library_liaison",
        false,
        &["version", "note", "revision"],
    ),
    (
        "/manuscripts/{id}/decisions",
        "library_head",
        false,
        &[
            "version", "seen", "verdict", "to", "opinion", "asked", "quote",
        ],
    ),
    (
        "/manuscripts/{id}/discards",
        "library_liaison",
        false,
        &["version", "reason"],
    ),
    (
        "/manuscripts/{id}/holds",
        "library_head",
        false,
        &["version"],
    ),
    (
        "/manuscripts/{id}/holds/releases",
        "library_head",
        false,
        &["version"],
    ),
    (
        "/settings/workflows",
        "publicity_head",
        false,
        &["unit", "platform", "name", "level", "hours", "checklist"],
    ),
    (
        "/settings/workflows/{id}/endings",
        "publicity_head",
        false,
        &["version", "reason"],
    ),
    (
        "/manuscripts/{id}/annotations",
        "library_head",
        false,
        &["version", "note", "quote", "from", "to"],
    ),
    (
        "/manuscripts/{id}/annotations/{annotation}/removals",
        "library_head",
        false,
        &["version"],
    ),
    (
        "/manuscripts/{id}/answers",
        "library_liaison",
        false,
        &["answer_1", "text_1"],
    ),
    (
        "/publications/{id}/orders",
        "channel_admin",
        false,
        &["version", "at"],
    ),
    (
        "/publications/{id}/cancellations",
        "channel_admin",
        false,
        &["version", "reason"],
    ),
    (
        "/publications/{id}/links",
        "channel_admin",
        true,
        &["version", "link"],
    ),
    (
        "/publications/{id}/withdrawals",
        "channel_admin",
        false,
        &["version", "reason", "kind"],
    ),
    (
        "/publications/{id}/withdrawal-proofs",
        "channel_admin",
        true,
        &["version", "note"],
    ),
    (
        "/publications/{id}/reviews",
        "library_head",
        false,
        &["version", "opinion", "verdict"],
    ),
    (
        "/manuscripts/{id}/publications",
        "channel_admin",
        false,
        &["channel", "at"],
    ),
    (
        "/forwardings/{id}/closings",
        "publicity_head",
        false,
        &["version", "outcome", "words"],
    ),
    (
        "/emergency-publications",
        "channel_admin",
        true,
        &["channel", "title", "html", "reason"],
    ),
    (
        "/settings/emergency/{id}/removals",
        "publicity_head",
        false,
        &["version"],
    ),
    (
        "/channels/{id}/connection/tests",
        "channel_admin",
        false,
        &["version"],
    ),
    (
        "/channels/{id}/connection/feed-addresses",
        "channel_admin",
        false,
        &["version"],
    ),
    (
        "/checks",
        "library_liaison",
        false,
        &["title", "html", "unit", "date"],
    ),
    (
        "/settings/hooks/{id}",
        "publicity_head",
        false,
        &["version", "name", "url", "events"],
    ),
    (
        "/settings/hooks/{id}/tests",
        "publicity_head",
        false,
        &["version"],
    ),
    (
        "/settings/hooks/{id}/switches",
        "publicity_head",
        false,
        &["version"],
    ),
    (
        "/settings/hooks/{id}/secrets",
        "publicity_head",
        false,
        &["version"],
    ),
    (
        "/settings/hooks/{id}/removals",
        "publicity_head",
        false,
        &["version"],
    ),
    (
        "/settings/hooks/{id}/deliveries/{message}/retries",
        "publicity_head",
        false,
        &["version"],
    ),
];

async fn hostile_text_before_the_first_run(app: TestApp) {
    let router = router::build(&app, CancellationToken::new());
    let visitor = Client::new(router, None);
    let page = visitor.get("/first-run").await.expect(200).text();
    let [form] = &forms(&page)[..] else {
        panic!("one form: {page}")
    };
    assert!(form.fields.len() > 6, "{form:?}");
    for (what, value) in values() {
        for (one, _) in &form.fields {
            let fields = form.fields.iter().map(|(name, usual)| {
                (
                    name.as_str(),
                    if name == one {
                        value.as_str()
                    } else {
                        usual.as_str()
                    },
                )
            });
            let answer = visitor
                .post("/first-run", &fields.collect::<Vec<_>>())
                .await;
            assert_eq!(answer.status, 422, "{what} as {one}: {}", answer.text());
            assert!(!answer.text().contains("<script>alert"));
        }
    }
    assert_eq!(records(&app).await, 0);
}
zhendi_kernel::on_both_databases!(hostile_text_before_the_first_run, super::setup);

async fn hostile_addresses_and_queries(app: TestApp) {
    let campus = Campus::new(app).await;
    let clients = [
        campus.stranger(),
        campus.enter("publicity_officer").await,
        campus.enter("system_admin").await,
        campus.enter("security_admin").await,
        campus.enter("auditor").await,
    ];
    let parts = [
        "abc",
        "-1",
        "0",
        "99999999999999999999",
        "%00",
        "%FF",
        "%E2%80%AE",
        "..%2F..",
        "%F0%A0%AE%B7",
        "1'--",
    ];
    let queries = [
        "page=abc&per=abc&unit=abc&sort=%00&dir=%FF",
        "page=18446744073709551615&per=0&per_page=18446744073709551615&unit=-1",
        "page=9223372036854775807&unit=9223372036854775807",
        "q=%00&text=%00&platform=%00&filing=%00&running=%00&stage=%00&kind=%00&action=%00&from=%00&to=%00",
        "q=%E2%80%AE%F0%A0%AE%B7%25_%5C&text=%25&unit=&from=0000-99-99&to=9999999-01-01",
        "q=%FF%FE&page=1&page=2&q=2",
        "next=%00&channel=abc&unit=%FF&tab=%00&view=%00&overdue=x",
    ];
    let mut wrong = vec![];
    for route in router::routes()
        .list()
        .iter()
        .filter(|route| route.method == Method::GET)
    {
        let addresses: Vec<String> = if route.path.contains('{') {
            parts
                .iter()
                .map(|part| {
                    ["{id}", "{seq}", "{number}", "{code}", "{file}"]
                        .iter()
                        .fold(route.path.to_owned(), |path, name| path.replace(name, part))
                })
                .collect()
        } else {
            queries
                .iter()
                .map(|query| format!("{}?{query}", route.path))
                .collect()
        };
        for address in addresses {
            for client in &clients {
                let answer = client.get(&address).await;
                if answer.status.is_server_error() || !speaks(&answer, &address) {
                    wrong.push(format!("{address}: {} {}", answer.status, head(&answer)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers: {wrong:#?}", wrong.len());
}
zhendi_kernel::on_both_databases!(hostile_addresses_and_queries, super::setup);

fn head(answer: &Answer) -> String {
    answer.text().chars().take(120).collect()
}

/// A refusal is a page (or problem) with words for people, never a bare line of English.
fn speaks(answer: &Answer, address: &str) -> bool {
    if !answer.status.is_client_error() {
        return true;
    }
    let kind = answer
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if address.starts_with("/api/") {
        kind == "application/problem+json" && answer.json()["advice"].is_string()
    } else {
        kind.starts_with("text/html") && answer.text().contains("<html lang=\"zh")
    }
}

async fn hostile_json(app: TestApp) {
    let campus = Campus::new(app).await;
    let liaison = campus.enter("library_liaison").await;
    let head = campus.enter("library_head").await;
    let verbs = [
        "submissions",
        "signatures",
        "checks",
        "decisions",
        "returns",
        "withdrawals",
    ];
    for (what, value) in values() {
        let mut body = opening(campus.library, "usual");
        for part in ["content", "contacts"] {
            spoil(&mut body[part], &value);
        }
        let answer = liaison.json(Method::POST, "/api/v1/filings", &body).await;
        assert!(
            !answer.status.is_server_error(),
            "{what}: {}",
            answer.text()
        );
        for verb in verbs {
            for client in [&liaison, &head] {
                let path = format!("/api/v1/filings/{}/{verb}", campus.draft);
                for body in [
                    json!({ "version": -1, "opinion": value, "confirmed": [value] }),
                    json!({ "version": value }),
                    json!([[[value]]]),
                ] {
                    let answer = client.json(Method::POST, &path, &body).await;
                    assert!(
                        !answer.status.is_server_error(),
                        "{what} {verb}: {}",
                        answer.text()
                    );
                    assert!(speaks(&answer, &path), "{what} {verb}: {}", answer.text());
                }
            }
        }
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "{", "nul", "\0", deep.as_str(), "{\"version\":1e999}"] {
        let path = format!("/api/v1/filings/{}/submissions", campus.draft);
        let body = body.to_owned().into();
        let answer = liaison
            .send(Method::POST, &path, Some("application/json"), body)
            .await;
        assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
        assert!(speaks(&answer, &path), "{}", answer.text());
    }
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(hostile_json, super::setup);

/// Puts a text wherever one stands.
fn spoil(body: &mut Value, with: &str) {
    match body {
        Value::String(text) => *text = with.into(),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| spoil(field, with)),
        _ => {}
    }
}
