//! Several filings at one sitting: each is looked at in short, then signed by itself. What does not go is said
//! of each.

use super::{
    Filing,
    checklist::{CheckItem, checklist},
    drafting,
    pages::opinion,
    record,
    rules::{Kind, Step},
    service::{self, Opinion},
};
use crate::{platform, settings::Registry};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use std::collections::BTreeMap;
use zhendi_kernel::{
    Actor, App, Fault, FilingId,
    form::{Field, Posted},
    web::Shell,
};
use zhendi_people::unit;

/// No batch has more.
const MOST: usize = 50;

/// A filing of the batch, in short.
struct Item {
    id: FilingId,
    name: String,
    href: String,
    kind: &'static str,
    unit: String,
    platform: String,
    /// What goes back with the form: number, version, and version of the channel's record.
    pick: String,
    /// What a change changes.
    changes: Vec<String>,
    reason: String,
}

/// Those that wait at one step.
struct Group {
    step: Step,
    items: Vec<Item>,
    checks: Vec<CheckItem>,
}

impl Group {
    /// The id of its field of opinion.
    fn id(&self) -> String {
        format!("opinion_{}_{}", self.step.code(), self.items.len())
    }
}

/// What came of one.
struct Outcome {
    name: String,
    href: String,
    done: bool,
    said: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/batch.html")]
struct BatchPage {
    shell: Shell,
    groups: Vec<Group>,
    /// Those that were picked and do not wait for this person.
    left_out: Vec<(String, String, String)>,
    opinion: Field,
    outcomes: Vec<Outcome>,
}

impl BatchPage {
    fn done(&self) -> usize {
        self.outcomes.iter().filter(|one| one.done).count()
    }
}

/// GET /filings/batch?pick=1&pick=2: what was picked, to be looked at.
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    RawQuery(line): RawQuery,
) -> Result<Response, Fault> {
    let line = line.unwrap_or_default();
    let picked = url::form_urlencoded::parse(line.as_bytes())
        .filter(|(name, _)| name == "pick")
        .filter_map(|(_, id)| id.parse().map(FilingId).ok())
        .take(MOST);
    let settings: Registry = app.setting().await?;
    let mut groups: BTreeMap<(Step, Kind), Group> = BTreeMap::new();
    let mut left_out = vec![];
    for id in picked {
        let (filing, place) = match service::open_for(&app, &actor, id).await {
            Ok(found) => found,
            Err(Fault::NotFound) => continue,
            Err(fault) => return Err(fault),
        };
        let by = service::standing(&actor, &place)?;
        let step = filing.course.stage.step().unwrap_or(Step::Signature);
        if let Err(refusal) = filing.course.may_take(step, &by) {
            left_out.push((
                filing.title().to_owned(),
                filing.href(),
                refusal.to_string(),
            ));
            continue;
        }
        // Cancellations have points of their own to be checked.
        let like = match (step, filing.kind) {
            (Step::Check, Kind::Cancellation) => Kind::Cancellation,
            _ => Kind::Opening,
        };
        let group = groups.entry((step, like)).or_insert_with(|| Group {
            step,
            items: vec![],
            checks: match step {
                Step::Check => checklist(like, settings.seal),
                _ => vec![],
            },
        });
        group.items.push(item(&app, &filing).await?);
    }
    Ok(BatchPage {
        shell,
        groups: groups.into_values().collect(),
        left_out,
        opinion: Field::empty("opinion", "意见"),
        outcomes: vec![],
    }
    .into_response())
}

async fn item(app: &App, filing: &Filing) -> Result<Item, Fault> {
    let db = app.db.read();
    let names = unit::names(db, [filing.unit]).await?;
    let platforms = platform::load(db).await?;
    let current = match filing.channel.filter(|_| filing.kind == Kind::Change) {
        Some(channel) => Some(drafting::current(app, channel).await?),
        None => None,
    };
    let mut changes = vec![];
    if filing.kind == Kind::Change
        && let Some((record, said)) = filing.against(current.as_ref())
    {
        let plain = |cell: &str| !matches!(cell, "platform" | "holder" | "new_unit");
        for one in record::differences(record, &said) {
            changes.push(if plain(one.cell) && !one.cell.starts_with("site_") {
                format!("{}：“{}”改为“{}”", one.label, one.was, one.now)
            } else {
                one.label.to_owned()
            });
        }
        let people = record::rows(&record.contacts, &said.contacts);
        for duty in ["主管领导", "审核人", "运维工作人员"] {
            if people
                .iter()
                .any(|row| row.duty == duty && !row.changed().is_empty())
            {
                changes.push(duty.to_owned());
            }
        }
    }
    let seen = current.map_or(0, |record| record.version);
    Ok(Item {
        id: filing.id,
        name: filing.title().to_owned(),
        href: filing.href(),
        kind: filing.kind.label(),
        unit: names.get(&filing.unit).cloned().unwrap_or_default(),
        platform: platforms
            .name(&filing.content.platform.as_str().into())
            .to_owned(),
        pick: format!("{}.{}.{seen}", filing.id, filing.version),
        changes,
        reason: filing.content.reason.clone(),
    })
}

/// POST /filings/batch: each by itself, in a transaction of its own.
pub(super) async fn agree(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let step = Step::ALL
        .into_iter()
        .find(|step| step.code() == posted.get("step"))
        .ok_or_else(|| Fault::Malformed("请从备案清单中选择要办理的备案。".into()))?;
    let said = opinion(&posted);
    let mut outcomes = vec![];
    for pick in posted.all("pick").take(MOST) {
        let mut parts = pick.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let id = FilingId(next());
        let one = Opinion {
            seen: i32::try_from(next()).unwrap_or(0),
            record: i32::try_from(next()).ok(),
            ..said.clone()
        };
        let name = match service::open_for(&app, &actor, id).await {
            Ok((filing, _)) => filing.title().to_owned(),
            Err(_) => continue,
        };
        let done = service::agree(&app, &actor, id, step, one).await;
        let (done, said) = match done {
            Ok(Ok(after)) => (true, after.course.stage.label().to_owned()),
            Ok(Err(wrongs)) => (
                false,
                wrongs
                    .first()
                    .map(|wrong| wrong.text.clone())
                    .unwrap_or_default(),
            ),
            Err(fault @ (Fault::Unavailable(_) | Fault::Full(_) | Fault::Internal(_))) => {
                return Err(fault);
            }
            Err(fault) => (false, fault.to_string()),
        };
        outcomes.push(Outcome {
            name,
            href: format!("/filings/{id}"),
            done,
            said,
        });
    }
    Ok(BatchPage {
        shell,
        groups: vec![],
        left_out: vec![],
        opinion: Field::empty("opinion", "意见"),
        outcomes,
    }
    .into_response())
}
