//! A new manuscript: the unit, the main channel, the layout; then the editor.

use super::{
    Layout,
    service::{self, Draft},
    targets::{self, Target},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, ScopeFilter, UnitId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    text,
    web::{Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "manuscript/new.html")]
struct NewPage {
    shell: Shell,
    units: Vec<(String, String)>,
    groups: Vec<(String, Vec<(String, String)>)>,
    layouts: Vec<(&'static str, &'static str)>,
    unit: Field,
    title: Field,
    main: Field,
    layout: Field,
    errors: Errors,
}

async fn blank(app: &App, actor: &Actor, shell: Shell, posted: &Posted) -> Result<NewPage, Fault> {
    let targets = targets::offered(app, actor, &[]).await?;
    Ok(NewPage {
        units: units(app, actor, &targets).await?,
        groups: targets::grouped(&targets),
        layouts: Layout::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        unit: posted.field("unit", "单位"),
        title: posted.field("title", "标题"),
        main: posted.field("main", "主要阵地"),
        layout: posted.field("layout", "版式"),
        errors: vec![],
        shell,
    })
}

/// The units for which the actor writes: by unit, and those of the channels that they keep.
async fn units(
    app: &App,
    actor: &Actor,
    targets: &[Target],
) -> Result<Vec<(String, String)>, Fault> {
    let scope = actor.filter(Permission::DraftManuscripts);
    let mut found = unit::options(app.db.read(), &scope).await?;
    if let ScopeFilter::Within { channels, .. } = &scope {
        for target in targets
            .iter()
            .filter(|target| channels.contains(&target.id))
        {
            let id = target.unit.to_string();
            if !found.iter().any(|(one, _)| *one == id) {
                found.push((id, target.unit_name.clone()));
            }
        }
    }
    Ok(found)
}

/// GET /manuscripts/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let mut page = blank(&app, &actor, shell, &Posted::default()).await?;
    page.layout.value = Layout::Rich.code().into();
    // The unit of their role stands first, those below it after it.
    if let [first, ..] = &page.units[..] {
        page.unit.value.clone_from(&first.0);
    }
    Ok(page.into_response())
}

/// POST /manuscripts
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = blank(&app, &actor, shell, &posted).await?;
    let chosen = page
        .unit
        .check(|raw| raw.parse().map(UnitId).map_err(|_| "请选择单位。"));
    let title = page.title.check(|raw| text::line(raw, 200));
    let offered = page.groups.iter().flat_map(|(_, options)| options);
    let main = offered
        .filter(|(id, _)| *id == page.main.value)
        .find_map(|(id, _)| id.parse().ok().map(ChannelId));
    let layout = Layout::parse(&page.layout.value).unwrap_or(Layout::Rich);
    let (Some(chosen), Some(title)) = (chosen, title) else {
        page.errors = errors([&page.unit, &page.title]);
        return Ok(Unprocessable(page).into_response());
    };
    let draft = Draft {
        channels: main.into_iter().collect(),
        layout,
        ..Draft::titled(title)
    };
    let of = service::begin(&app, &actor, chosen, draft).await?;
    Ok(redirect(format!("{}/edit", of.href()), None))
}
