//! The form of an opening: annex 3's cells in its order, typed texts kept, rows for people added without
//! script.

use super::{
    Filing,
    content::{CELLS, Contact, Contacts, Content, MOST_OPERATORS, MOST_REVIEWERS, Wrong},
    drafting::{self, Draft},
    rules::Stage,
    service,
};
use crate::{
    channel::{Channel, Holder},
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId, Permission, PersonId, UnitId,
    form::{Field, Posted, Unprocessable},
    web::{Flash, Shell, redirect},
};
use zhendi_people::{
    person::{self, Employment},
    unit,
};

/// One row of 管理相关人员.
struct Row {
    title: String,
    name: Field,
    post: Field,
    phone: Field,
    employment: Field,
    index: usize,
}

impl Row {
    /// The id of a field: the same name stands in every row.
    fn id(&self, field: &Field) -> String {
        format!("{}_{}", field.name, self.index)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/form.html")]
struct FormPage {
    shell: Shell,
    filing: Option<FilingId>,
    version: i32,
    action: String,
    /// The channel to be filed belatedly, with its name.
    channel: Option<(ChannelId, String)>,
    unit: Field,
    unit_name: String,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    employments: Vec<(String, String)>,
    cells: Vec<Field>,
    leader: Row,
    reviewers: Vec<Row>,
    operators: Vec<Row>,
    errors: Vec<(String, String)>,
    returned: Option<String>,
    may_add_reviewer: bool,
    may_add_operator: bool,
}

impl FormPage {
    fn cell(&self, name: &str) -> &Field {
        self.cells
            .iter()
            .find(|field| field.name == name)
            .expect("templates name cells of annex 3")
    }

    fn holders(&self) -> [(&'static str, &'static str); 2] {
        Holder::OPTIONS
    }
}

/// What the page is about beside the draft itself.
#[derive(Default)]
struct About<'a> {
    filing: Option<&'a Filing>,
    extra_reviewers: usize,
    extra_operators: usize,
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    draft: &Draft,
    about: About<'_>,
    wrongs: &[Wrong],
) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let units = unit::options(db, &actor.filter(Permission::DraftFilings)).await?;
    let unit_name = match draft.unit {
        Some(id) => unit::names(db, [id]).await?.remove(&id).unwrap_or_default(),
        None => String::new(),
    };
    let channel = match draft.channel {
        Some(id) => {
            let channel = crate::channel::store::get(db, id).await?;
            Some((id, channel.facts.name))
        }
        None => None,
    };
    let chosen = match (draft.unit, units.as_slice()) {
        (Some(unit), _) => unit.to_string(),
        // Who files for one unit only need not choose.
        (None, [only]) => only.0.clone(),
        _ => String::new(),
    };
    let mut wrong: HashMap<&str, &str> = HashMap::new();
    for one in wrongs {
        wrong.insert(&one.field, &one.text);
    }
    let mut errors = vec![];
    let mut field =
        |name: &'static str, id: &str, label: &'static str, said: String, value: &str| {
            let mut field = Field::new(name, label, value);
            if let Some(text) = wrong.get(id) {
                field.refuse(text);
                errors.push((id.to_owned(), format!("{said}：{text}")));
            }
            field
        };
    let unit = field("unit", "unit", "开设部门", "开设部门".into(), &chosen);
    let cells = CELLS
        .iter()
        .map(|(name, label, _)| field(name, name, label, (*label).into(), draft.content.cell(name)))
        .collect();
    let mut row = |names: [&'static str; 4], index: usize, title: String, one: &Contact| {
        let mut part = |i: usize, label: &'static str, value: &str| {
            let id = format!("{}_{index}", names[i]);
            field(names[i], &id, label, format!("{title}{label}"), value)
        };
        Row {
            name: part(0, "姓名", &one.name),
            post: part(1, "职务", &one.post),
            phone: part(2, "联系电话", &one.phone),
            employment: part(3, "人员类别", &one.employment),
            title,
            index,
        }
    };
    let contacts = &draft.contacts;
    let leader = row(
        [
            "leader_name",
            "leader_post",
            "leader_phone",
            "leader_employment",
        ],
        0,
        "主管领导".into(),
        &contacts.leader,
    );
    let blank = Contact::default();
    let rows = |list: &[Contact], least: usize, extra: usize, most: usize| -> Vec<Contact> {
        let count = (list.len() + extra).max(least).min(most.max(list.len()));
        (0..count)
            .map(|i| list.get(i).unwrap_or(&blank).clone())
            .collect()
    };
    let reviewers: Vec<Row> = rows(
        &contacts.reviewers,
        1,
        about.extra_reviewers,
        MOST_REVIEWERS,
    )
    .iter()
    .enumerate()
    .map(|(i, one)| {
        let names = [
            "reviewer_name",
            "reviewer_post",
            "reviewer_phone",
            "reviewer_employment",
        ];
        let title = if i == 0 {
            "审核人".into()
        } else {
            format!("审核人 {}", i + 1)
        };
        row(names, i, title, one)
    })
    .collect();
    let operators: Vec<Row> = rows(
        &contacts.operators,
        3,
        about.extra_operators,
        MOST_OPERATORS,
    )
    .iter()
    .enumerate()
    .map(|(i, one)| {
        let names = [
            "operator_name",
            "operator_post",
            "operator_phone",
            "operator_employment",
        ];
        let title = match i {
            0 => "运维工作人员 1（负责人）".into(),
            _ => format!("运维工作人员 {}", i + 1),
        };
        row(names, i, title, one)
    })
    .collect();
    let returned = about.filing.and_then(|filing| {
        let last = filing.course.acts.last()?;
        (filing.course.stage == Stage::Returned).then(|| last.opinion.clone())
    });
    let platforms = platform::load(db).await?;
    Ok(FormPage {
        shell,
        filing: about.filing.map(|filing| filing.id),
        version: about.filing.map_or(0, |filing| filing.version),
        action: match about.filing {
            Some(filing) => format!("{}/edit", filing.href()),
            None => "/filings".into(),
        },
        channel,
        unit,
        unit_name,
        units,
        platforms: platforms.options(&draft.content.platform),
        employments: Employment::options(),
        cells,
        leader,
        may_add_reviewer: reviewers.len() < MOST_REVIEWERS,
        may_add_operator: operators.len() < MOST_OPERATORS,
        reviewers,
        operators,
        errors,
        returned,
    })
}

/// Reads the posted form; whatever was typed.
fn posted_draft(posted: &Posted) -> Draft {
    let mut content = Content::default();
    for (name, ..) in CELLS {
        if let Some(cell) = content.cell_mut(name) {
            *cell = posted.get(name).to_owned();
        }
    }
    let rows = |names: [&'static str; 4], most: usize| -> Vec<Contact> {
        let columns = names.map(|name| posted.all(name).take(most + 1).collect::<Vec<_>>());
        let count = columns.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |column: usize, row: usize| {
            columns[column]
                .get(row)
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        (0..count)
            .map(|row| Contact {
                name: cell(0, row),
                post: cell(1, row),
                phone: cell(2, row),
                employment: cell(3, row),
            })
            .collect()
    };
    Draft {
        unit: posted.get("unit").parse().map(UnitId).ok(),
        channel: posted.get("channel").parse().map(ChannelId).ok(),
        content,
        contacts: Contacts {
            leader: rows(
                [
                    "leader_name",
                    "leader_post",
                    "leader_phone",
                    "leader_employment",
                ],
                1,
            )
            .into_iter()
            .next()
            .unwrap_or_default(),
            reviewers: rows(
                [
                    "reviewer_name",
                    "reviewer_post",
                    "reviewer_phone",
                    "reviewer_employment",
                ],
                MOST_REVIEWERS,
            ),
            operators: rows(
                [
                    "operator_name",
                    "operator_post",
                    "operator_phone",
                    "operator_employment",
                ],
                MOST_OPERATORS,
            ),
        },
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    channel: String,
}

/// An empty form, or one filled with what is known of a channel that is 待补录备案.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let draft = match asked.channel.as_str() {
        "" => {
            let mut draft = Draft::default();
            draft.content.holder = Holder::Unit.code().into();
            draft
        }
        typed => {
            let id = typed.parse().map(ChannelId).map_err(|_| Fault::NotFound)?;
            let channel = drafting::channel_to_file(&app, &actor, id).await?;
            of_channel(&app, &channel).await?
        }
    };
    Ok(page(&app, &actor, shell, &draft, About::default(), &[])
        .await?
        .into_response())
}

async fn of_channel(app: &App, channel: &Channel) -> Result<Draft, Fault> {
    let people = &channel.people;
    let mut content = Content::from(&channel.facts);
    content.second_reason = channel.second_account_reason.clone().unwrap_or_default();
    Ok(Draft {
        unit: Some(channel.facts.unit),
        channel: Some(channel.id),
        content,
        contacts: Contacts {
            leader: match people.leader {
                Some(id) => contact(app, id).await?,
                None => Contact::default(),
            },
            reviewers: contacts(app, &people.reviewers).await?,
            operators: contacts(app, &people.operators).await?,
        },
    })
}

async fn contacts(app: &App, people: &[PersonId]) -> Result<Vec<Contact>, Fault> {
    let mut all = vec![];
    for id in people {
        all.push(contact(app, *id).await?);
    }
    Ok(all)
}

async fn contact(app: &App, id: PersonId) -> Result<Contact, Fault> {
    let Some(known) = person::find(app.db.read(), id).await? else {
        return Ok(Contact::default());
    };
    Ok(Contact {
        phone: person::details(app, &known)?.phone.unwrap_or_default(),
        employment: match known.employment {
            Employment::Unknown => String::new(),
            kind => kind.code().into(),
        },
        name: known.name,
        post: known.post,
    })
}

/// The form of a draft, or of what was returned.
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
) -> Result<Response, Fault> {
    let (filing, _) = service::open_for(&app, &actor, id).await?;
    filing.course.may_edit(service::person_of(&actor)?)?;
    let about = About {
        filing: Some(&filing),
        ..About::default()
    };
    Ok(page(&app, &actor, shell, &draft_of(&filing), about, &[])
        .await?
        .into_response())
}

fn draft_of(filing: &Filing) -> Draft {
    Draft {
        unit: Some(filing.unit),
        channel: filing.channel,
        content: filing.content.clone(),
        contacts: filing.contacts.clone(),
    }
}

/// The form of a saved draft with what keeps it from being handed in.
pub(super) async fn incomplete(
    app: &App,
    actor: &Actor,
    shell: Shell,
    filing: &Filing,
    wrongs: &[Wrong],
) -> Result<Response, Fault> {
    let about = About {
        filing: Some(filing),
        ..About::default()
    };
    let form = page(app, actor, shell, &draft_of(filing), about, wrongs).await?;
    Ok(Unprocessable(form).into_response())
}

/// A new draft: kept, or kept and handed in.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let draft = posted_draft(&posted);
    if let Some(extra) = extra_rows(&posted, None) {
        return Ok(page(&app, &actor, shell, &draft, extra, &[])
            .await?
            .into_response());
    }
    match drafting::begin(&app, &actor, draft.clone()).await? {
        Ok(filing) => kept(&app, &actor, shell, &posted, &filing).await,
        Err(mut wrongs) => {
            also_lacking(&app, &posted, &draft, &mut wrongs).await?;
            // A channel that may not be filed was refused above; what is shown here the actor may see.
            let form = page(&app, &actor, shell, &draft, About::default(), &wrongs).await?;
            Ok(Unprocessable(form).into_response())
        }
    }
}

/// A draft written anew: kept, or kept and handed in.
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (mut filing, _) = service::open_for(&app, &actor, id).await?;
    filing.course.may_edit(service::person_of(&actor)?)?;
    let mut draft = posted_draft(&posted);
    draft.channel = filing.channel;
    // The form goes on from the version it was made for, so that an overtaken one is found out.
    filing.version = posted.get("version").parse().unwrap_or(0);
    if let Some(extra) = extra_rows(&posted, Some(&filing)) {
        return Ok(page(&app, &actor, shell, &draft, extra, &[])
            .await?
            .into_response());
    }
    match drafting::edit(&app, &actor, id, filing.version, draft.clone()).await? {
        Ok(filing) => kept(&app, &actor, shell, &posted, &filing).await,
        Err(mut wrongs) => {
            also_lacking(&app, &posted, &draft, &mut wrongs).await?;
            let about = About {
                filing: Some(&filing),
                ..About::default()
            };
            let form = page(&app, &actor, shell, &draft, about, &wrongs).await?;
            Ok(Unprocessable(form).into_response())
        }
    }
}

/// Who wants to hand in is told everything at once.
async fn also_lacking(
    app: &App,
    posted: &Posted,
    draft: &Draft,
    wrongs: &mut Vec<Wrong>,
) -> Result<(), Fault> {
    if posted.get("action") == "submit" {
        for one in drafting::lacking(app, draft).await? {
            if !wrongs.iter().any(|known| known.field == one.field) {
                wrongs.push(one);
            }
        }
    }
    Ok(())
}

fn extra_rows<'a>(posted: &Posted, filing: Option<&'a Filing>) -> Option<About<'a>> {
    let mut about = About {
        filing,
        ..About::default()
    };
    match posted.get("action") {
        "add_reviewer" => about.extra_reviewers = 1,
        "add_operator" => about.extra_operators = 1,
        _ => return None,
    }
    Some(about)
}

async fn kept(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
    filing: &Filing,
) -> Result<Response, Fault> {
    if posted.get("action") != "submit" {
        let flash = Flash::success("草稿已保存，可随时回来修改；填写完整后请提交。");
        return Ok(redirect(filing.href(), flash));
    }
    match drafting::submit(app, actor, filing.id, filing.version).await {
        Ok(Ok(after)) => Ok(redirect(
            after.href(),
            Flash::success("备案已提交，现在由单位负责人签署。"),
        )),
        Ok(Err(wrongs)) => incomplete(app, actor, shell, filing, &wrongs).await,
        // What was typed is kept; what stands in the way is not on the form.
        Err(Fault::Refused(why)) => {
            let text = format!("已存为草稿，但没有提交：{why}");
            Ok(redirect(filing.href(), Flash::warning(text)))
        }
        Err(fault) => Err(fault),
    }
}
