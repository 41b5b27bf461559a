//! Forms of staff and student numbers, by which such numbers are found in texts.

use super::{service, store, store::NumberForm, terms::read_form};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, UnitId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    scope, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "dictionary/numbers.html")]
struct Page {
    shell: Shell,
    rows: Vec<(NumberForm, bool)>,
    names: HashMap<UnitId, String>,
    units: Vec<(String, String)>,
    unit: Field,
    name: Field,
    form: Field,
    errors: Errors,
}

impl Page {
    fn whose(&self, form: &NumberForm) -> &str {
        self.names.get(&form.unit_id).map_or("", String::as_str)
    }
}

async fn build(app: &App, actor: &Actor, shell: Shell, posted: &Posted) -> Result<Page, Fault> {
    let db = app.db.read();
    let scope = actor.filter(Permission::ManageDictionaries);
    let forms = store::forms_of(db, &scope, service::root(db).await?).await?;
    let mut rows = vec![];
    for form in forms {
        let place = scope::place(db, form.unit_id).await?;
        let own = actor.may(Permission::ManageDictionaries, &place);
        rows.push((form, own));
    }
    let units = unit::options(db, &scope).await?;
    let mut unit = posted.field("unit", "单位");
    if let (true, Some((first, _))) = (unit.value.is_empty(), units.first()) {
        unit.value.clone_from(first);
    }
    Ok(Page {
        names: zhendi_people::unit::names(db, rows.iter().map(|(form, _)| form.unit_id)).await?,
        shell,
        rows,
        units,
        unit,
        name: posted.field("name", "名称"),
        form: posted.field("form", "规则"),
        errors: vec![],
    })
}

/// GET /dictionaries/numbers
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let page = build(&app, &actor, shell, &Posted::default()).await?;
    Ok(page.into_response())
}

/// POST /dictionaries/numbers
pub(super) async fn add(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = build(&app, &actor, shell, &posted).await?;
    let name = page.name.check(|raw| text::required_line(raw, 20));
    let form = page.form.check(read_form);
    let unit = page
        .unit
        .check(|raw| raw.parse().map(UnitId).map_err(|_| "请选择。"));
    let (Some(name), Some(form), Some(unit)) = (name, form, unit) else {
        page.errors = errors([&page.unit, &page.name, &page.form]);
        return Ok(Unprocessable(page).into_response());
    };
    service::add_form(&app, &actor, unit, &name, &form).await?;
    Ok(redirect(
        "/dictionaries/numbers",
        Flash::success("已新增。"),
    ))
}

/// POST /dictionaries/numbers/{id}/removals
pub(super) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    _: Posted,
) -> Result<Response, Fault> {
    service::remove_form(&app, &actor, id).await?;
    Ok(redirect(
        "/dictionaries/numbers",
        Flash::success("已删除。"),
    ))
}
