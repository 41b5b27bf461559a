//! The form of a plan's title and goals.

use super::{
    Plan, PlanKind, PlanStage,
    service::{self, Draft, open_for},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::Datelike;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PlanId, Role, UnitId,
    form::{Errors, Field, Posted, Unprocessable, errors},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// A title is no longer than this.
const TITLE: usize = 100;
/// Goals, summaries and opinions are no longer than this.
pub(super) const LONG: usize = 5_000;

#[derive(Template, WebTemplate)]
#[template(path = "plan/form.html")]
struct FormPage {
    shell: Shell,
    /// The plan that is written; none for a new one.
    plan: Option<Plan>,
    /// The plan that a new one is copied from.
    from: Option<Plan>,
    unit_name: String,
    units: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    kind: Field,
    unit: Field,
    year: Field,
    through: Field,
    title: Field,
    goals: Field,
    errors: Errors,
}

impl FormPage {
    fn is_overall(&self) -> bool {
        self.kind.value == PlanKind::Overall.code()
    }

    fn check_text(&mut self) -> Option<(String, String)> {
        let title = self.title.check(|raw| text::line(raw, TITLE));
        let goals = self.goals.check(|raw| text::lines(raw, LONG));
        title.zip(goals)
    }

    fn refused(mut self) -> Response {
        let fields = [
            &self.kind,
            &self.unit,
            &self.year,
            &self.through,
            &self.title,
            &self.goals,
        ];
        self.errors = errors(fields);
        Unprocessable(self).into_response()
    }
}

async fn blank(app: &App, actor: &Actor, shell: Shell, posted: &Posted) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let from = match posted.get("from").parse() {
        Ok(id) => Some(open_for(db, actor, PlanId(id)).await?.0),
        Err(_) => None,
    };
    let units = unit::options(db, &actor.filter(Permission::DraftPlans)).await?;
    let may_overall = [
        Role::PublicityHead,
        Role::PublicityDeputy,
        Role::PublicityOfficer,
    ]
    .iter()
    .any(|role| actor.grants.iter().any(|grant| grant.role == *role));
    let kinds = PlanKind::ALL.iter().rev();
    let kinds = kinds.filter(|kind| may_overall || **kind == PlanKind::Unit);
    let unit_name = match &from {
        Some(plan) => name_of(app, plan.unit).await?,
        None => String::new(),
    };
    Ok(FormPage {
        kinds: kinds.map(|kind| (kind.code(), kind.label())).collect(),
        kind: posted.field("kind", "类别"),
        unit: posted.field("unit", "单位"),
        year: posted.field("year", "年度"),
        through: posted.field("through", "到哪一年"),
        title: posted.field("title", "名称"),
        goals: posted.field("goals", "工作目标"),
        plan: None,
        errors: vec![],
        unit_name,
        from,
        units,
        shell,
    })
}

async fn name_of(app: &App, unit: UnitId) -> Result<String, Fault> {
    let mut names = unit::names(app.db.read(), [unit]).await?;
    Ok(names.remove(&unit).unwrap_or_default())
}

#[derive(serde::Deserialize)]
pub(super) struct From {
    #[serde(default)]
    from: String,
}

/// GET /plans/new
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<From>,
) -> Result<Response, Fault> {
    let posted = Posted(vec![("from".into(), asked.from)]);
    let mut page = blank(&app, &actor, shell, &posted).await?;
    let today = app.clock.today();
    match &page.from {
        Some(plan) => {
            page.kind.value = plan.kind.code().into();
            page.unit.value = plan.unit.to_string();
            page.year.value = (plan.through + 1).to_string();
            page.through.value = (plan.through + 1 + plan.through - plan.year).to_string();
            let year = (plan.through + 1).to_string();
            page.title.value = plan.title.replace(&plan.year.to_string(), &year);
            page.goals.value.clone_from(&plan.goals);
        }
        None => {
            page.kind.value = PlanKind::Unit.code().into();
            // Plans are made for the year to come once autumn is there.
            let year = today.year() + i32::from(today.month() >= 11);
            page.year.value = year.to_string();
            page.through.value = (year + 4).to_string();
            if let [only] = &page.units[..] {
                page.unit.value.clone_from(&only.0);
            }
        }
    }
    Ok(page.into_response())
}

fn year(raw: &str) -> Result<i32, &'static str> {
    match raw.trim().trim_end_matches('年').parse() {
        Ok(year @ 2000..=2100) => Ok(year),
        _ => Err("请填四位数的年份，例如 2027。"),
    }
}

/// POST /plans
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = blank(&app, &actor, shell, &posted).await?;
    let kind = page
        .kind
        .check(|raw| PlanKind::parse(raw).ok_or("请选择类别。"));
    let chosen = match kind {
        // The overall plan is the institution's.
        Some(PlanKind::Overall) => unit::root(app.db.read()).await?.map(|unit| unit.id),
        _ => page
            .unit
            .check(|raw| raw.parse().map(UnitId).map_err(|_| "请选择单位。")),
    };
    let starts = page.year.check(year);
    let through = match kind {
        Some(PlanKind::Overall) => page.through.check(year),
        _ => starts,
    };
    if let (Some(starts), Some(ends)) = (starts, through)
        && !(starts..=starts + 9).contains(&ends)
    {
        page.through.refuse("应不早于起始年度，且不超过十年。");
    }
    let text = page.check_text();
    let (Some(kind), Some(unit), Some(year), Some(through), Some((mut title, goals)), None) =
        (kind, chosen, starts, through, text, &page.through.error)
    else {
        return Ok(page.refused());
    };
    if title.is_empty() {
        let name = name_of(&app, unit).await?;
        title = match kind {
            PlanKind::Overall => format!("{name}网络阵地建设与管理总体规划（{year}—{through}年）"),
            PlanKind::Unit => format!("{name}{year}年网络阵地建设与管理工作计划"),
        };
    }
    let draft = Draft {
        title,
        goals,
        through,
    };
    let from = page.from.as_ref().map(|plan| plan.id);
    match service::begin(&app, &actor, kind, unit, year, draft, from).await {
        Ok(plan) => Ok(redirect(
            plan.href(),
            Flash::success("草稿已保存，请安排任务，然后提交。"),
        )),
        Err(Fault::Refused(why)) => {
            page.year.refuse(why);
            Ok(page.refused())
        }
        Err(fault) => Err(fault),
    }
}

async fn of_plan(app: &App, actor: &Actor, shell: Shell, plan: Plan) -> Result<FormPage, Fault> {
    let mut page = blank(app, actor, shell, &Posted::default()).await?;
    page.unit_name = name_of(app, plan.unit).await?;
    page.kind.value = plan.kind.code().into();
    page.year.value = plan.year.to_string();
    page.through.value = plan.through.to_string();
    page.title.value.clone_from(&plan.title);
    page.goals.value.clone_from(&plan.goals);
    page.plan = Some(plan);
    Ok(page)
}

/// A plan that the actor may write.
pub(super) async fn writable(app: &App, actor: &Actor, id: PlanId) -> Result<Plan, Fault> {
    let db = app.db.read();
    let (plan, place) = open_for(db, actor, id).await?;
    let course = plan.course(db).await?;
    course.may_write(&service::standing(actor, &place)?)?;
    Ok(plan)
}

/// GET /plans/{id}/edit
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    Ok(of_plan(&app, &actor, shell, plan).await?.into_response())
}

/// POST /plans/{id}/edit
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let plan = writable(&app, &actor, id).await?;
    let starts = plan.year;
    let mut page = of_plan(&app, &actor, shell, plan).await?;
    page.title.value = posted.get("title").into();
    page.goals.value = posted.get("goals").into();
    let mut through = Some(starts);
    if page.is_overall() {
        page.through.value = posted.get("through").into();
        through = page.through.check(year);
        if through.is_some_and(|ends| !(starts..=starts + 9).contains(&ends)) {
            page.through.refuse("应不早于起始年度，且不超过十年。");
        }
    }
    let text = page.check_text();
    let (Some((title, goals)), Some(through), None) = (text, through, &page.through.error) else {
        return Ok(page.refused());
    };
    if title.is_empty() {
        page.title.refuse("请填写名称。");
        return Ok(page.refused());
    }
    let draft = Draft {
        title,
        goals,
        through,
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    let plan = service::edit(&app, &actor, id, seen, draft).await?;
    let next = match plan.stage {
        PlanStage::Returned => "已保存，改好后请重新提交。",
        _ => "已保存。",
    };
    Ok(redirect(plan.href(), Flash::success(next)))
}
