//! Where the institution says what each kind of channel may carry.

use super::{Carrier, Scopes};
use crate::{course, manuscript::Categories};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit,
    form::{Errors, Field, Posted, Unprocessable, errors},
    settings, text,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "check/scopes.html")]
struct Page {
    shell: Shell,
    categories: Vec<String>,
    names: Field,
    scopes: Scopes,
    advertising: Field,
    may_change: bool,
    errors: Errors,
}

impl Page {
    fn carriers(&self) -> &'static [Carrier] {
        Carrier::ALL
    }

    fn carries(&self, carrier: &Carrier, category: &str) -> bool {
        self.scopes.of(*carrier).iter().any(|name| name == category)
    }
}

async fn build(app: &App, actor: &Actor, shell: Shell) -> Result<Page, Fault> {
    let db = app.db.read();
    let scopes: Scopes = settings::get(db).await?;
    let words = scopes.advertising.join("\n");
    let categories = settings::get::<Categories>(db).await?.names;
    Ok(Page {
        shell,
        names: Field::new("categories", "稿件类别", categories.join("\n")),
        categories,
        advertising: Field::new("advertising", "广告用语", words),
        may_change: actor.may_everywhere(Permission::ManageDictionaries),
        errors: vec![],
        scopes,
    })
}

/// GET /dictionaries/scopes
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    Ok(build(&app, &actor, shell).await?.into_response())
}

/// POST /dictionaries/scopes
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = build(&app, &actor, shell).await?;
    if !page.may_change {
        return Err(Fault::Forbidden("发布范围由宣传部统一维护。".into()));
    }
    let major = course::always_major(&app).await?;
    page.names = posted.field("categories", "稿件类别");
    let categories = page.names.check(|raw| {
        let said = Categories::parse(raw)?;
        // Whoever takes it away would unknowingly take the leader's approval away with it.
        let gone = |name: &&String| major.contains(*name) && !said.names.contains(*name);
        match page.categories.iter().find(gone) {
            Some(name) => Err(format!(
                "“{name}”在审核流程中列为重大事项，须先在“审核流程”中去掉，才能删除。"
            )),
            None => Ok(said),
        }
    });
    let names = categories
        .as_ref()
        .map_or(&page.categories, |all| &all.names);
    let chosen = |carrier: Carrier| -> Vec<String> {
        let ticked: Vec<&str> = posted.all(carrier.code()).collect();
        let known = names.iter().filter(|name| ticked.contains(&name.as_str()));
        known.cloned().collect()
    };
    let mut scopes = Scopes {
        official_site: chosen(Carrier::OfficialSite),
        unit_site: chosen(Carrier::UnitSite),
        new_media: chosen(Carrier::NewMedia),
        forum: chosen(Carrier::Forum),
        advertising: vec![],
    };
    page.advertising.value = posted.get("advertising").to_owned();
    let words = page.advertising.check(|raw| text::lines(raw, 20_000));
    let (Some(categories), Some(words)) = (categories, words) else {
        page.scopes = scopes;
        page.errors = errors([&page.names, &page.advertising]);
        return Ok(Unprocessable(page).into_response());
    };
    let words = words.lines().map(str::trim);
    let real = words.filter(|word| word.chars().count() > 1);
    scopes.advertising = real.take(2_000).map(str::to_owned).collect();
    let tx = app.db.begin().await?;
    settings::put(&tx, &categories).await?;
    settings::put(&tx, &scopes).await?;
    let entry = audit::Entry {
        action: "scopes.changed",
        subject: ("setting", 0),
        unit: None,
        on_behalf_of: None,
        summary: "修改稿件类别和各类阵地的发布范围".into(),
        detail: serde_json::json!({ "categories": categories, "scopes": scopes }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect("/dictionaries/scopes", Flash::success("已保存。")))
}
