//! What annex 3 prints of a filing, and the hash that ties a print to what was decided (R-REV-11).

use super::{
    Filing,
    contacts::{Contact, Contacts},
    content::Content,
    record,
    rules::{Kind, Step, Verdict},
    service::open_for,
    show::shown,
};
use crate::platform;
use chrono::NaiveDate;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use zhendi_kernel::{Actor, App, Fault, FilingId, PersonId, clock};
use zhendi_people::{person, unit};

/// An opinion of the present round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedOpinion {
    pub step: Step,
    pub verdict: Verdict,
    /// Who decided; “甲（代乙）” for who stood in.
    pub who: String,
    /// The day of the decision: for one on paper the day that it bears.
    pub on: NaiveDate,
    pub opinion: String,
    /// The number of the paper, for a decision on paper.
    pub paper: Option<String>,
}

/// A filing as annex 3 prints it.
#[derive(Clone, Debug)]
pub struct Print {
    pub id: FilingId,
    pub kind: Kind,
    /// 填报部门 and 开设部门; of a change that gives the channel to another unit, the new one.
    pub unit: String,
    /// 填报部门: who hands it in.
    pub filed_by: String,
    /// 填表时间: the day of the submission.
    pub filled_on: Option<NaiveDate>,
    pub platform: String,
    pub content: Content,
    /// Telephone numbers are masked for who need not see them.
    pub contacts: Contacts,
    /// The cells that a change marks: as in [`Content::cell`], for people with duty and row
    /// (`operator_phone_0`); `reviewers` and `operators` where a row falls away.
    pub changed: BTreeSet<String>,
    pub opinions: Vec<PrintedOpinion>,
    pub document_number: Option<String>,
    /// SHA-256, hexadecimal: see [`content_hash`].
    pub hash: String,
    /// Where the print leads back to.
    pub href: String,
}

/// The hash of what a filing says and of what was decided about it: SHA-256 over JSON without spaces and
/// with sorted keys. `content`, `kind`, `unit` (its id), `people` (duty, name, post; no telephone numbers:
/// with the rest known they could be guessed from the hash) and `acts` (round, step, verdict, person,
/// principal, moment, opinion; for a paper its number and day). Whoever sees the filing can make it again.
pub fn content_hash(filing: &Filing) -> String {
    let person = |duty: &str, one: &Contact| json!([duty, one.name, one.post]);
    let people: Vec<_> = filing
        .contacts
        .everyone()
        .map(|(prefix, _, _, one)| person(prefix, one))
        .collect();
    let acts: Vec<_> = filing
        .course
        .acts
        .iter()
        .map(|act| {
            json!({
                "round": act.round, "step": act.step, "verdict": act.verdict, "person": act.person,
                "principal": act.on_behalf_of, "at": act.at.to_rfc3339(), "opinion": act.opinion,
                "paper": act.paper.as_ref().map(|paper| json!([paper.number, paper.decided_on])),
            })
        })
        .collect();
    let whole = json!({
        "kind": filing.kind, "unit": filing.unit, "content": filing.content, "people": people, "acts": acts,
    });
    let mut line = String::new();
    canonical(&whole, &mut line);
    let digest = Sha256::digest(line.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON without spaces, the keys of objects in order.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                canonical(&map[key], out);
            }
            out.push('}');
        }
        Value::Array(all) => {
            out.push('[');
            for (i, one) in all.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                canonical(one, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

/// A filing with all that annex 3 prints of it.
///
/// # Errors
/// `Fault::NotFound` for who may not see it; when the database fails.
pub async fn for_print(app: &App, actor: &Actor, id: FilingId) -> Result<Print, Fault> {
    let (mut filing, place) = open_for(app, actor, id).await?;
    let db = app.db.read();
    let current = match filing.channel.filter(|_| filing.kind == Kind::Change) {
        Some(channel) => Some(super::drafting::current(app, channel).await?),
        None => None,
    };
    let mut changed = BTreeSet::new();
    if filing.kind == Kind::Change
        && let Some((record, said)) = filing.against(current.as_ref())
    {
        changed = record::changed(record, &said);
        filing.content = said.content;
        filing.contacts = said.contacts;
    }
    let names = person::names(db, filing.course.acts_now().flat_map(super::Act::everyone)).await?;
    let name = |id: PersonId| names.get(&id).map_or("", String::as_str);
    let opinions = filing
        .course
        .acts_now()
        .map(|act| PrintedOpinion {
            step: act.step,
            verdict: act.verdict,
            who: match act.on_behalf_of {
                Some(principal) => format!("{}（代{}）", name(act.person), name(principal)),
                None => name(act.person).to_owned(),
            },
            on: match &act.paper {
                Some(paper) => paper.decided_on,
                None => clock::local(act.at).date_naive(),
            },
            opinion: act.opinion.clone(),
            paper: act.paper.as_ref().map(|paper| paper.number.clone()),
        })
        .collect();
    let unit = filing.content.goes_to().unwrap_or(filing.unit);
    let units = unit::names(db, [unit, filing.unit]).await?;
    let platforms = platform::load(db).await?;
    let name_of = |unit| units.get(&unit).cloned().unwrap_or_default();
    Ok(Print {
        hash: content_hash(&filing),
        href: filing.href(),
        id,
        kind: filing.kind,
        unit: name_of(unit),
        filed_by: name_of(filing.unit),
        filled_on: filing.submitted_at.map(|at| clock::local(at).date_naive()),
        platform: platforms
            .name(&filing.content.platform.as_str().into())
            .to_owned(),
        contacts: shown(&filing, &filing.contacts, actor, &place),
        changed,
        opinions,
        document_number: filing.document_number.clone(),
        content: filing.content,
    })
}
