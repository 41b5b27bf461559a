//! Who comes to which route: the golden matrix, and every route asked by everyone.

use super::campus::{Campus, records, setup};
use crate::router;
use axum::{body::Body, http::Method};
use serde_json::json;
use std::{collections::BTreeSet, path::Path};
use zhendi_kernel::{
    Role,
    role::Duty,
    testing::{Answer, Client, TestApp},
    web::{Access, Route},
};

/// One line for each route: who may come, and which roles that are.
fn matrix() -> String {
    let mut lines: Vec<String> = router::routes()
        .list()
        .iter()
        .map(|route| {
            let (access, who) = match route.access {
                Access::Public => ("public", "everyone".to_owned()),
                Access::SignedIn => ("signed_in", "everyone signed in".to_owned()),
                Access::Needs(permission) => {
                    let roles = Role::ALL
                        .iter()
                        .filter(|role| role.permissions().contains(&permission));
                    let codes: Vec<&str> = roles.map(|role| role.code()).collect();
                    (permission.code(), codes.join(" "))
                }
            };
            format!(
                "{:<5} {:<46} {access:<16} | {who}",
                route.method.as_str(),
                route.path
            )
        })
        .collect();
    lines.sort_by(|a, b| a[6..].cmp(&b[6..]).then_with(|| a.cmp(b)));
    lines.join("\n") + "\n"
}

/// Rewrite the file with `ZHENDI_BLESS=1` and look at the difference before you commit it.
#[test]
fn the_matrix_is_as_agreed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/permissions.golden");
    let now = matrix();
    if std::env::var_os("ZHENDI_BLESS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let agreed = std::fs::read_to_string(&file).unwrap();
    let (now, agreed): (BTreeSet<&str>, BTreeSet<&str>) =
        (now.lines().collect(), agreed.lines().collect());
    let news: Vec<&&str> = now.difference(&agreed).collect();
    let gone: Vec<&&str> = agreed.difference(&now).collect();
    assert!(
        news.is_empty() && gone.is_empty(),
        "not agreed: {news:#?}\nno longer so: {gone:#?}\nZHENDI_BLESS=1 accepts it"
    );
}

/// Two declarations of one route would make the matrix lie about one of them.
#[test]
fn no_route_is_declared_twice() {
    let routes = router::routes();
    let mut seen = BTreeSet::new();
    for route in routes.list() {
        assert!(
            seen.insert((route.method.as_str(), route.path)),
            "{route:?}"
        );
    }
}

fn passes(role: Role, access: Access) -> bool {
    match access {
        Access::Public | Access::SignedIn => true,
        Access::Needs(permission) => role.permissions().contains(&permission),
    }
}

fn is_upload(path: &str) -> bool {
    path.ends_with("/imports") || path.ends_with("/attachments")
}

/// Asks as a browser or program would, with what could pass for a form.
async fn ask(client: &Client, route: &Route, path: &str) -> Answer {
    match (route.method.clone(), route.path) {
        (Method::GET, _) => client.get(path).await,
        (method, api) if api.starts_with("/api/") => {
            let body = match api {
                "/api/v1/filings" => json!({}),
                _ => json!({ "version": 2, "opinion": "测试" }),
            };
            client.json(method, path, &body).await
        }
        (_, page) if is_upload(page) => client.upload(path, &[], &[("file", "a.txt", b"a")]).await,
        (Method::POST, _) => {
            let fields = [("version", "2"), ("reason", "测试"), ("opinion", "测试")];
            client.post(path, &fields).await
        }
        (method, _) => client.send(method, path, None, Body::empty()).await,
    }
}

/// Things that belong to the library, and things that belong to one person.
fn is_others(path: &str, role: Role) -> bool {
    let parts: Vec<&str> = path.trim_start_matches("/api/v1").split('/').collect();
    match parts[..] {
        ["", "account", "sessions" | "tokens", "{id}", ..] => true,
        [
            "",
            "notifications" | "imports" | "exports" | "delegations",
            "{id}",
            ..,
        ] => true,
        [
            "",
            "units" | "channels" | "filings" | "plans" | "regulations" | "manuscripts"
            | "publications",
            "{id}",
            ..,
        ] => role.duty() == Duty::Content && !role.institution_wide(),
        ["", "people", "{id}", ..] => role.duty() == Duty::Content && !role.institution_wide(),
        _ => false,
    }
}

/// An address of the route that names what does not exist.
fn nowhere(path: &str) -> String {
    ["{id}", "{number}", "{task}", "{seq}"]
        .iter()
        .fold(path.to_owned(), |path, name| path.replace(name, "999999"))
}

async fn everyone_tries_every_route(app: TestApp) {
    let campus = Campus::new(app).await;
    let routes = router::routes();
    let before = records(&campus).await;
    let visitor = campus.stranger();
    for route in routes.list() {
        let answer = ask(&visitor, route, &campus.fill(route.path)).await;
        let what = format!(
            "a visitor at {} {}: {}",
            route.method, route.path, answer.status
        );
        match (route.access, route.path.starts_with("/api/")) {
            (Access::Public, _) => assert!(!answer.status.is_server_error(), "{what}"),
            (_, true) => assert_eq!(answer.status.as_u16(), 401, "{what}"),
            (_, false) => {
                assert_eq!(answer.status.as_u16(), 303, "{what}");
                assert!(answer.location().starts_with("/sign-in"), "{what}");
            }
        }
    }
    assert_eq!(
        records(&campus).await,
        before,
        "a visitor changed something"
    );

    let mut faults = vec![];
    for (role, _) in &campus.staff {
        let client = campus.enter(role.code()).await;
        let before = records(&campus).await;
        for route in routes
            .list()
            .iter()
            .filter(|route| !passes(*role, route.access))
        {
            let answer = ask(&client, route, &campus.fill(route.path)).await;
            if answer.status != 403 {
                faults.push(format!(
                    "{role:?} at {} {}: {}",
                    route.method, route.path, answer.status
                ));
            }
        }
        assert_eq!(
            records(&campus).await,
            before,
            "{role:?} changed something without the right"
        );
    }
    assert!(faults.is_empty(), "came in without the right: {faults:#?}");

    for (role, _) in &campus.staff {
        let client = campus.enter(role.code()).await;
        for route in routes
            .list()
            .iter()
            .filter(|route| passes(*role, route.access))
        {
            if route.path == "/sign-out" {
                continue;
            }
            let path = campus.fill(route.path);
            let others = is_others(route.path, *role) && route.access != Access::Public;
            let before = records(&campus).await;
            let answer = ask(&client, route, &path).await;
            let what = || format!("{role:?} at {} {path}: {}", route.method, answer.status);
            if answer.status.is_server_error() {
                faults.push(format!("broke: {}\n{}", what(), answer.text()));
            }
            if others && !matches!(answer.status.as_u16(), 403 | 404) {
                // Some are refused for what they lack before anybody looks for what they name. Then what
                // is not there answers the same.
                let nowhere = nowhere(route.path);
                if ask(&client, route, &nowhere).await.status != answer.status {
                    faults.push(format!("reached what is others': {}", what()));
                }
            }
            if others && records(&campus).await != before {
                faults.push(format!("changed what is others': {}", what()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(everyone_tries_every_route, super::setup);
