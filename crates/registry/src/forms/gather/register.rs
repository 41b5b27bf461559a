//! Annex 3: one channel as it is now, or one filing as it was written and decided.

use super::Source;
use crate::{
    channel::{Channel, FilingState, store},
    filing::{self, Contact, PrintedOpinion, Step, Verdict},
    platform::{self, Annex2, Platform, PlatformCode},
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, PersonId, UnitId, text};
use zhendi_office::annex::{AnnexThree, Item, Part, Person};
use zhendi_people::{person, unit};

/// Annex 3 with what stands beside it.
pub struct Read {
    pub form: AnnexThree,
    pub unit: UnitId,
    pub number: String,
    /// Telephone numbers in full.
    pub numbers: u64,
    /// A filing has a hash of its own, over what was decided; else that of the cells counts.
    pub hash: Option<String>,
}

/// The form's cells, in the order of the paper.
pub fn cells(form: &AnnexThree) -> Vec<&str> {
    let people = std::iter::once(&form.leader)
        .chain(&form.reviewers)
        .chain(&form.operators);
    [
        &form.department,
        &form.name,
        &form.address_or_id,
        &form.unit,
        &form.certified_body,
        &form.platform_or_icp,
        &form.opened_on,
        &form.followers,
        &form.posting_frequency,
        &form.responsible_department,
        &form.filing_kind,
    ]
    .into_iter()
    .map(String::as_str)
    .chain(people.flat_map(|one| [one.name.as_str(), &one.post, &one.phone]))
    .chain([form.opinion.as_str()])
    .collect()
}

/// A channel as it is now, for its seal.
pub async fn of_channel<C: ConnectionTrait>(
    source: &Source<'_, C>,
    id: ChannelId,
    today: NaiveDate,
) -> Result<Read, Fault> {
    let channel = store::get(source.db, id).await?;
    let facts = &channel.facts;
    let platforms = platform::load(source.db).await?;
    let unit = unit::find(source.db, facts.unit)
        .await?
        .map(|unit| unit.name)
        .unwrap_or_default();
    let in_full = source
        .reader
        .phones(source.db)
        .await?
        .in_full(facts.unit, Some(id));
    let cards = person::cards(source.db, source.app, &channel.people.all()).await?;
    let mut numbers = 0;
    let mut shown = |id: &PersonId| {
        let card = cards.get(id)?;
        let phone = if in_full {
            card.phone.clone()
        } else {
            text::mask_phone(&card.phone)
        };
        numbers += u64::from(in_full && !phone.is_empty());
        Some(Person {
            name: card.name.clone(),
            post: card.post.clone(),
            phone: if card.phone.is_empty() {
                String::new()
            } else {
                phone
            },
        })
    };
    let people = &channel.people;
    let form = AnnexThree {
        department: unit.clone(),
        date: Some(today),
        name: facts.name.clone(),
        address_or_id: facts.address_or_id.clone(),
        unit,
        certified_body: facts.certified_body.clone(),
        platform_or_icp: platforms.get(&facts.platform).map_or_else(
            || facts.platform.0.clone(),
            |platform| platform_or_icp(platform, facts.icp.as_deref().unwrap_or_default()),
        ),
        opened_on: facts
            .opened_on
            .map(|date| date.to_string())
            .unwrap_or_default(),
        followers: facts.followers.map(|n| n.to_string()).unwrap_or_default(),
        posting_frequency: facts.posting_frequency.clone(),
        responsible_department: facts.responsible_department.clone(),
        filing_kind: kind_of(&channel).into(),
        leader: people
            .leader
            .as_ref()
            .and_then(&mut shown)
            .unwrap_or_default(),
        reviewers: people.reviewers.iter().filter_map(&mut shown).collect(),
        operators: people.operators.iter().filter_map(&mut shown).collect(),
        ..AnnexThree::default()
    };
    Ok(Read {
        unit: facts.unit,
        number: channel.filing_number.clone().unwrap_or_default(),
        numbers,
        form,
        hash: None,
    })
}

/// 备案类型 of a channel as it stands: what its next paper would say.
fn kind_of(channel: &Channel) -> &'static str {
    match channel.filing {
        FilingState::Cancelled => "注销",
        _ => "开设",
    }
}

/// 开通平台/网站ICP: the platform, of a website its ICP number where there is one.
pub fn platform_or_icp(platform: &Platform, icp: &str) -> String {
    if platform.annex2 == Annex2::Website && !icp.is_empty() {
        icp.to_owned()
    } else {
        platform.name.clone()
    }
}

/// A filing as it was written and decided, as its page shows it to the actor.
pub async fn of_filing(app: &App, actor: &Actor, id: FilingId) -> Result<Read, Fault> {
    let print = filing::for_print(app, actor, id).await?;
    let filing = filing::find(app.db.read(), app, id)
        .await?
        .ok_or(Fault::NotFound)?;
    let platforms = platform::load(app.db.read()).await?;
    let content = &print.content;
    let platform = platforms.get(&PlatformCode(content.platform.clone()));
    let decided = print
        .opinions
        .iter()
        .find(|one| one.step == Step::Decision && one.verdict == Verdict::Agreed);
    let contacts = &print.contacts;
    let numbers = contacts
        .everyone()
        .filter(|(_, _, _, one)| in_full(&one.phone));
    let form = AnnexThree {
        department: print.filed_by.clone(),
        date: print.filled_on,
        name: content.name.clone(),
        address_or_id: content.address_or_id.clone(),
        unit: print.unit.clone(),
        certified_body: content.certified_body.clone(),
        platform_or_icp: platform.map_or_else(
            || print.platform.clone(),
            |platform| platform_or_icp(platform, &content.icp),
        ),
        opened_on: content.opened_on.clone(),
        followers: content.followers.clone(),
        posting_frequency: content.posting_frequency.clone(),
        responsible_department: content.responsible_department.clone(),
        filing_kind: print.kind.label().into(),
        leader: shown(&contacts.leader),
        reviewers: contacts.reviewers.iter().map(shown).collect(),
        operators: contacts.operators.iter().map(shown).collect(),
        opinion: opinions(&print.opinions),
        opinion_date: decided.map(|one| one.on),
        changed: print.changed.iter().flat_map(|cell| item(cell)).collect(),
        proof: None,
    };
    Ok(Read {
        unit: filing.unit,
        number: print.document_number.clone().unwrap_or_default(),
        numbers: numbers.count() as u64,
        form,
        hash: Some(print.hash),
    })
}

fn in_full(phone: &str) -> bool {
    !phone.is_empty() && !phone.contains('*')
}

fn shown(contact: &Contact) -> Person {
    Person {
        name: contact.name.clone(),
        post: contact.post.clone(),
        phone: contact.phone.clone(),
    }
}

/// Who said what at which step, a line for each.
fn opinions(all: &[PrintedOpinion]) -> String {
    let lines: Vec<String> = all
        .iter()
        .map(|one| {
            let opinion = match (one.opinion.as_str(), one.verdict) {
                ("", Verdict::Agreed) => "同意",
                ("", Verdict::Returned) => "退回",
                (said, _) => said,
            };
            let paper = match &one.paper {
                Some(number) if number.is_empty() => "，纸质审批".to_owned(),
                Some(number) => format!("，纸质审批 {number}"),
                None => String::new(),
            };
            format!(
                "{}：{opinion}（{}，{}{paper}）",
                one.step.label(),
                one.who,
                one.on
            )
        })
        .collect();
    lines.join("\n")
}

/// The cells of the paper that a changed cell of a filing marks.
fn item(cell: &str) -> Vec<Item> {
    let whole = |item: fn(Part) -> Item| Part::ALL.map(item).to_vec();
    vec![match cell {
        "name" => Item::Name,
        "address_or_id" => Item::AddressOrId,
        "certified_body" => Item::CertifiedBody,
        "platform" | "icp" => Item::PlatformOrIcp,
        "opened_on" => Item::OpenedOn,
        "followers" => Item::Followers,
        "posting_frequency" => Item::PostingFrequency,
        "responsible_department" => Item::ResponsibleDepartment,
        "new_unit" => Item::Unit,
        // A row that goes leaves no cell behind: the first one stands for the list.
        "reviewers" => return whole(|part| Item::Reviewer(0, part)),
        "operators" => return whole(|part| Item::Operator(0, part)),
        _ => return person_item(cell).into_iter().collect(),
    }]
}

/// `operator_phone_0` and the like.
fn person_item(cell: &str) -> Option<Item> {
    let mut parts = cell.split('_');
    let (duty, part, row) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
    let part = match part {
        "name" => Part::Name,
        "post" => Part::Post,
        "phone" => Part::Phone,
        _ => return None,
    };
    match duty {
        "leader" => Some(Item::Leader(part)),
        "reviewer" => Some(Item::Reviewer(row, part)),
        "operator" => Some(Item::Operator(row, part)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_changed_is_marked_where_it_stands() {
        assert_eq!(item("icp"), [Item::PlatformOrIcp]);
        assert_eq!(item("new_unit"), [Item::Unit]);
        assert_eq!(item("operator_phone_2"), [Item::Operator(2, Part::Phone)]);
        assert_eq!(item("leader_name_0"), [Item::Leader(Part::Name)]);
        assert_eq!(item("operators").len(), 3);
        // What the paper has no cell for is not marked.
        assert_eq!(item("operator_employment_0"), []);
        assert_eq!(item("second_reason"), []);
    }
}
