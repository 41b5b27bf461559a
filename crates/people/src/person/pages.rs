//! Persons, as people see them.

use super::{
    rules::{self, Details, Employment},
    store::{self, NewPerson, Person, Query, Row},
};
use crate::{
    account,
    delegation::{self, Delegation},
    holding::{self, Held},
    lists::{self, Format, List},
    role::{self, Granted},
    unit,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query as UrlQuery, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Tx, UnitId, audit, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    scope, text,
    web::{Flash, Shell, redirect},
};

/// The longest name and post.
const NAME: usize = 40;
const POST: usize = 60;
const PER_PAGE: u64 = 50;

#[derive(Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    unit: String,
    employment: String,
    account: String,
    state: String,
    #[serde(skip_serializing)]
    page: Option<u64>,
}

#[derive(Template, WebTemplate)]
#[template(path = "person/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    rows: Vec<Row>,
    units: Vec<(String, String)>,
    employments: Vec<(String, String)>,
    total: u64,
    page: u64,
    pages: u64,
    base: String,
    /// What was asked for, for the files.
    query: String,
    may_manage: bool,
}

impl Asked {
    fn query(&self, page: u64, per_page: u64) -> Query {
        Query {
            text: self.q.clone(),
            unit: self.unit.parse().ok(),
            employment: Employment::parse(&self.employment),
            account: match self.account.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            left: self.state == "left",
            page,
            per_page,
        }
    }
}

/// Persons within reach.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let filter = actor.filter(Permission::ViewPeople);
    let page = asked.page.unwrap_or(1).max(1);
    let query = asked.query(page, PER_PAGE);
    let (rows, total) = store::list(db, &filter, &query).await?;
    let kinds = Employment::ALL.iter();
    let query = serde_html_form::to_string(&asked).map_err(Fault::internal)?;
    Ok(ListPage {
        units: unit::options(db, &filter).await?,
        employments: kinds
            .map(|kind| (kind.code().into(), kind.label().into()))
            .collect(),
        base: format!("/people?{query}&"),
        query: format!("?{query}"),
        pages: total.div_ceil(PER_PAGE).max(1),
        may_manage: actor.may_somewhere(Permission::ManagePeople),
        shell,
        asked,
        rows,
        total,
        page,
    }
    .into_response())
}

/// GET /people.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /people.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

/// What the list shows, and no more: no telephone leaves the house in a file.
async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let filter = actor.filter(Permission::ViewPeople);
    let query = asked.query(1, lists::MOST);
    let (rows, _) = store::list(app.db.read(), &filter, &query).await?;
    let rows = rows.into_iter().map(|row| {
        let account = if row.has_account {
            "已开通"
        } else {
            "未开通"
        };
        let left = if row.person.left_at.is_some() {
            "已离岗"
        } else {
            "在岗"
        };
        let post: &str = &row.person.post;
        vec![
            row.unit_name.as_str().into(),
            row.person.name.as_str().into(),
            post.into(),
            row.person.employment.label().into(),
            account.into(),
            left.into(),
        ]
    });
    let list = List {
        title: "人员清单".into(),
        headings: vec!["单位", "姓名", "职务", "用工性质", "账号", "状态"],
        rows: rows.collect(),
    };
    lists::export(app, actor, "person.exported", "person", list, format).await
}

/// The fields of a person's form.
struct PersonForm {
    unit: Field,
    name: Field,
    employment: Field,
    post: Field,
    staff_number: Field,
    phone: Field,
    mail: Field,
    version: i32,
    errors: Errors,
    employments: Vec<(String, String)>,
}

impl PersonForm {
    fn posted(posted: &Posted) -> Self {
        Self {
            unit: posted.field("unit", "单位"),
            name: posted.field("name", "姓名"),
            employment: posted.field("employment", "用工性质"),
            post: posted.field("post", "职务"),
            staff_number: posted.field("staff_number", "工号"),
            phone: posted.field("phone", "手机"),
            mail: posted.field("mail", "邮箱"),
            version: posted.get("version").parse().unwrap_or(0),
            errors: vec![],
            employments: Employment::options(),
        }
    }

    fn of(person: &Person, details: Details) -> Self {
        let mut form = Self::posted(&Posted::default());
        form.unit.value = person.unit.to_string();
        form.name.value.clone_from(&person.name);
        form.employment.value = person.employment.code().into();
        form.post.value.clone_from(&person.post);
        form.staff_number.value = details.staff_number.unwrap_or_default();
        form.phone.value = details.phone.unwrap_or_default();
        form.mail.value = details.mail.unwrap_or_default();
        form.version = person.version;
        form
    }

    fn read(&mut self) -> Option<NewPerson> {
        let unit = self
            .unit
            .check(|raw| raw.parse::<UnitId>().map_err(|_| "请选择单位。"));
        let name = self.name.check(|raw| text::required_line(raw, NAME));
        let employment = self.employment.check(|raw| {
            Employment::parse(raw)
                .filter(|kind| *kind != Employment::Unknown)
                .ok_or("请选择用工性质。")
        });
        let post = self.post.check(|raw| text::line(raw, POST));
        let staff_number = self.staff_number.check(rules::staff_number);
        let phone = self.phone.check(rules::phone);
        let mail = self.mail.check(rules::mail);
        Some(NewPerson {
            unit: unit?,
            name: name?,
            employment: Some(employment?),
            post: post?,
            phone: phone?,
            mail: mail?,
            staff_number: staff_number?,
        })
    }

    fn sum_up(&mut self) {
        self.errors = form::errors([
            &self.unit,
            &self.name,
            &self.employment,
            &self.post,
            &self.staff_number,
            &self.phone,
            &self.mail,
        ]);
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "person/form.html")]
struct FormPage {
    shell: Shell,
    title: String,
    action: String,
    back: String,
    form: PersonForm,
    units: Vec<(String, String)>,
}

async fn form_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    person: Option<&Person>,
    form: PersonForm,
) -> Result<FormPage, Fault> {
    let units = unit::options(app.db.read(), &actor.filter(Permission::ManagePeople)).await?;
    let (title, action, back) = match person {
        None => ("登记人员".into(), "/people".into(), "/people".into()),
        Some(person) => (
            format!("修改：{}", person.name),
            format!("/people/{}/edit", person.id),
            format!("/people/{}", person.id),
        ),
    };
    Ok(FormPage {
        shell,
        title,
        action,
        back,
        form,
        units,
    })
}

/// Whether the staff number is another's: said beside the field.
async fn check_number(
    tx: &Tx,
    app: &App,
    form: &mut PersonForm,
    own: Option<PersonId>,
    new: &NewPerson,
) -> Result<bool, Fault> {
    if let Some(number) = &new.staff_number
        && let Some(other) = store::by_staff_number(tx, app, number).await?
        && Some(other.id) != own
    {
        form.staff_number
            .refuse("该工号已登记在另一人名下，请核对。");
        return Ok(false);
    }
    Ok(true)
}

/// The form for a new person.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    let mut form = PersonForm::posted(&Posted::default());
    form.unit.value = asked.unit;
    Ok(form_page(&app, &actor, shell, None, form)
        .await?
        .into_response())
}

/// Registers a person.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut form = PersonForm::posted(&posted);
    let tx = app.db.begin().await?;
    if let Some(new) = form.read() {
        let place = scope::place(&tx, new.unit).await?;
        actor.require(Permission::ManagePeople, &place)?;
        if check_number(&tx, &app, &mut form, None, &new).await? {
            let id = store::create_contact(&tx, &app, &actor, new).await?;
            tx.commit().await?;
            return Ok(redirect(
                format!("/people/{id}"),
                Flash::success("已登记。如需登录系统，请为其开通账号。"),
            ));
        }
    }
    tx.rollback().await?;
    form.sum_up();
    let page = form_page(&app, &actor, shell, None, form).await?;
    Ok(Unprocessable(page).into_response())
}

/// A person whom the actor may see; what they may not do is refused with the reason.
pub(super) async fn managed(tx: &Tx, actor: &Actor, id: PersonId) -> Result<Person, Fault> {
    let person = store::find(tx, id).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(tx, person.unit).await?;
    actor.require_sight(Permission::ViewPeople, &place)?;
    actor.require(Permission::ManagePeople, &place)?;
    if person.left_at.is_some() {
        return Err(Fault::Refused("该人员已离岗，信息不再修改。".into()));
    }
    Ok(person)
}

/// The form for changing a person.
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PersonId>,
) -> Result<Response, Fault> {
    let tx = app.db.snapshot().await?;
    let person = managed(&tx, &actor, id).await?;
    tx.rollback().await?;
    let form = PersonForm::of(&person, store::details(&app, &person)?);
    Ok(form_page(&app, &actor, shell, Some(&person), form)
        .await?
        .into_response())
}

/// Changes a person.
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PersonId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut form = PersonForm::posted(&posted);
    let tx = app.db.begin().await?;
    let person = managed(&tx, &actor, id).await?;
    if person.version != form.version {
        return Err(Fault::Stale);
    }
    if let Some(to) = form.read() {
        actor.require(Permission::ManagePeople, &scope::place(&tx, to.unit).await?)?;
        if check_number(&tx, &app, &mut form, Some(id), &to).await? {
            store::change(&tx, &app, &actor, &person, to).await?;
            tx.commit().await?;
            return Ok(redirect(
                format!("/people/{id}"),
                Flash::success("人员信息已保存。"),
            ));
        }
    }
    tx.rollback().await?;
    form.sum_up();
    let page = form_page(&app, &actor, shell, Some(&person), form).await?;
    Ok(Unprocessable(page).into_response())
}

/// A role line with its end as shown.
pub(super) struct RoleLine {
    pub grant: Granted,
    pub until: String,
}

pub(super) async fn role_lines(app: &App, id: PersonId) -> Result<Vec<RoleLine>, Fault> {
    Ok(role::of_person(app.db.read(), app.now(), id)
        .await?
        .into_iter()
        .map(|grant| RoleLine {
            until: grant.until.as_ref().map_or("长期".into(), clock::show),
            grant,
        })
        .collect())
}

#[derive(Template, WebTemplate)]
#[template(path = "person/show.html")]
struct ShowPage {
    shell: Shell,
    person: Person,
    unit_name: String,
    details: Details,
    roles: Vec<RoleLine>,
    held: Vec<Held>,
    delegations: Vec<(Delegation, String, String)>,
    account: Option<account::StateBlock>,
    left: String,
    /// What was done, by whom, when (for machines and for people); newest first.
    history: Vec<(audit::Line, String, String)>,
    may_manage: bool,
    may_grant: bool,
}

/// A person with everything that they have.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PersonId>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let person = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, person.unit).await?;
    actor.require_sight(Permission::ViewPeople, &place)?;
    let may_manage = actor.may(Permission::ManagePeople, &place);
    let may_grant = actor.may(Permission::GrantRoles, &place);
    let mut details = store::details(&app, &person)?;
    if !may_manage {
        // Who need not keep the record needs no staff number.
        details.staff_number = details.staff_number.map(|number| text::mask_phone(&number));
    }
    let delegations = delegation::of_person(db, app.now(), id)
        .await?
        .into_iter()
        .map(|one| {
            let (from, to) = (clock::show(&one.starts), clock::show(&one.ends));
            (one, from, to)
        })
        .collect();
    let unit_name = unit::names(db, [person.unit]).await?.remove(&person.unit);
    Ok(ShowPage {
        unit_name: unit_name.unwrap_or_default(),
        details,
        roles: role_lines(&app, id).await?,
        held: holding::of_person(db, id).await?,
        delegations,
        account: account::state_block(&app, &actor, id).await?,
        left: person.left_at.as_ref().map(clock::show).unwrap_or_default(),
        history: if may_manage || may_grant {
            let lines = audit::history(db, "person", id.0).await?.into_iter().rev();
            lines
                .map(|line| {
                    let at = (clock::local(line.at).to_rfc3339(), clock::show(&line.at));
                    (line, at.0, at.1)
                })
                .collect()
        } else {
            vec![]
        },
        may_manage,
        may_grant,
        shell,
        person,
    }
    .into_response())
}
