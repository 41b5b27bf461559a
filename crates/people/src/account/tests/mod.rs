//! Stories of accounts through the real layer and router, on both databases.

mod admin;
mod first_run;
mod sessions;
mod sign_in;
mod tokens;

use super::{AccountSettings, Login, acts, first_run as setup, layer};
use crate::{
    person::{self, NewPerson},
    role::{self, NewGrant},
    unit::{self, NewUnit, UnitKind},
};
use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
};
use std::net::IpAddr;
use zhendi_kernel::{
    Actor, App, Permission, PersonId, Role,
    actor::Scope,
    jobs::Handlers,
    migrations::{self, Steps},
    settings,
    testing::{Client, Setup, TestApp},
    web::{self, Access, ClientIp, Routes},
};

fn steps() -> Steps {
    let mut all = migrations::steps();
    all.extend(crate::steps());
    all
}

fn set_up() -> Setup {
    Setup {
        steps,
        handlers: || super::jobs(Handlers::new()),
        ..Setup::default()
    }
}

/// The router as the server puts it together; the tests say by a header where a request comes from.
fn router(app: &App) -> Router {
    async fn address(mut request: Request, next: Next) -> axum::response::Response {
        let address = request
            .headers()
            .get("x-test-address")
            .and_then(|value| value.to_str().ok()?.parse::<IpAddr>().ok())
            .unwrap_or(IpAddr::from([10, 0, 0, 1]));
        request.extensions_mut().insert(ClientIp(address));
        next.run(request).await
    }
    async fn here(actor: Actor) -> String {
        actor.name().to_owned()
    }
    let grants = Access::Needs(Permission::GrantRoles);
    Routes::new()
        .merge(super::routes())
        .get("/", Access::SignedIn, here)
        .get("/api/v1/me", Access::SignedIn, here)
        .post("/api/v1/me", Access::SignedIn, here)
        .get("/api/v1/grants", grants, here)
        .into_router()
        .layer(from_fn_with_state(app.clone(), web::faults))
        .layer(from_fn_with_state(app.clone(), layer))
        .layer(from_fn_with_state(app.clone(), web::faults))
        .layer(from_fn(address))
        .with_state(app.clone())
}

/// A browser that nobody is signed in with.
fn browser(app: &App) -> Client {
    Client::new(router(app), None)
}

/// A browser at another address.
fn browser_at(app: &App, address: &str) -> Client {
    let header = axum::http::HeaderName::from_static("x-test-address");
    browser(app).with(header, address)
}

const PASSWORD: &str = "K7#mPq2x-lake";

/// An institution with 王系统 (system), 李安全 (security), 赵审计 (auditor) and 张三 without a role; all
/// have chosen the same password long before expiry. Their logins are the roles' codes and `zhangsan`.
struct House {
    system: PersonId,
    security: PersonId,
    auditor: PersonId,
    zhang: PersonId,
}

async fn house(app: &TestApp) -> House {
    let actor = Actor::program("测试");
    let tx = app.db.begin().await.unwrap();
    let new = NewUnit {
        parent: None,
        name: "江东信息职业学院".into(),
        short_name: "江信院".into(),
        kind: UnitKind::School,
        to_check: false,
    };
    let root = unit::create(&tx, app, &actor, new).await.unwrap();
    let mut people = vec![];
    for (name, login, role) in [
        ("王系统", "system_admin", Some(Role::SystemAdmin)),
        ("李安全", "security_admin", Some(Role::SecurityAdmin)),
        ("赵审计", "auditor", Some(Role::Auditor)),
        ("张三", "zhangsan", None),
    ] {
        let new = NewPerson {
            unit: root.id,
            name: name.into(),
            employment: None,
            post: String::new(),
            phone: None,
            mail: None,
            staff_number: None,
        };
        let person = person::create_contact(&tx, app, &actor, new).await.unwrap();
        if let Some(role) = role {
            let grant = NewGrant {
                person,
                role,
                scope: Scope::Institution(root.id),
                until: None,
            };
            role::grant(&tx, app, &actor, grant).await.unwrap();
        }
        let login = Login::parse(login).unwrap();
        acts::create(&tx, app, &actor, person, &login, None)
            .await
            .unwrap();
        let held = super::store::accounts::hold(&tx, person).await.unwrap();
        let hash = super::secret::hash(&app.entropy, PASSWORD).await.unwrap();
        acts::choose(&tx, app, &actor, &held, hash).await.unwrap();
        people.push(person);
    }
    tx.commit().await.unwrap();
    House {
        system: people[0],
        security: people[1],
        auditor: people[2],
        zhang: people[3],
    }
}

/// Signs a browser in; it must work.
async fn enter(browser: &Client, login: &str, secret: &str) {
    let answer = browser
        .post("/sign-in", &[("login", login), ("password", secret)])
        .await;
    answer.expect(303);
}

async fn change_settings(app: &App, change: impl FnOnce(&mut AccountSettings)) {
    let mut to: AccountSettings = app.setting().await.unwrap();
    change(&mut to);
    let tx = app.db.begin().await.unwrap();
    settings::put(&tx, &to).await.unwrap();
    tx.commit().await.unwrap();
}

/// The codes that a page shows, in order.
fn codes(page: &str) -> Vec<String> {
    page.split("<code class=\"code\">")
        .skip(1)
        .filter_map(|rest| rest.split("</code>").next())
        .map(str::to_owned)
        .collect()
}
