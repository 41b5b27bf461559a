//! What a draft lacks to be handed in: its cells, its people, and accounts that there are already.

use super::{
    Filing,
    attachments::{self, Purpose},
    contacts::{Contacts, fitness},
    content::{Wrong, Wrongs},
    drafting::Draft,
    lookup,
    rules::Kind,
    service::Answer,
};
use crate::{
    channel::{self, Channel, Facts, Holder},
    platform::{self, Platforms},
};
use zhendi_kernel::{App, Fault, UnitId};
use zhendi_people::{
    person::{self, Employment},
    role::PeopleSettings,
};

/// Reads a draft as one that can be handed in.
pub(super) async fn complete(
    app: &App,
    filing: &Filing,
    platforms: &Platforms,
    channel: Option<&Channel>,
) -> Answer<Facts> {
    let mut wrongs = Wrongs::default();
    if let (Kind::Cancellation, Some(channel)) = (filing.kind, channel) {
        let attached = attachments::has(app.db.read(), filing.id, Purpose::ClosingNotice).await?;
        filing.content.check_closing(attached, &mut wrongs);
        return Ok(if wrongs.0.is_empty() {
            Ok(channel.facts.clone())
        } else {
            Err(wrongs.0)
        });
    }
    let unit = filing.content.goes_to().unwrap_or(filing.unit);
    let facts = filing.content.facts(
        unit,
        platforms,
        channel.map(|channel| &channel.facts),
        &mut wrongs,
    );
    filing.contacts.check(&mut wrongs);
    unfit(app, filing.unit, &filing.contacts, &mut wrongs).await?;
    if let Some(facts) = &facts
        && filing.content.second_reason.is_empty()
        && let Some(text) = second_account(app, filing, facts, platforms).await?
    {
        wrongs.add("second_reason", text);
    }
    Ok(match facts {
        Some(facts) if wrongs.0.is_empty() => Ok(facts),
        _ => Err(wrongs.0),
    })
}

/// What keeps the people named from running the channel.
async fn unfit(
    app: &App,
    unit: UnitId,
    contacts: &Contacts,
    wrongs: &mut Wrongs,
) -> Result<(), Fault> {
    let known = employment(app, unit, contacts).await?;
    let about_people: PeopleSettings = app.setting().await?;
    for (field, unfit) in fitness(contacts, &known, about_people.students_may_hold) {
        wrongs.add(field, unfit);
    }
    Ok(())
}

/// What a draft lacks to be handed in, as far as its own words tell; for a form that could not even be kept.
pub(super) async fn lacking(app: &App, draft: &Draft) -> Result<Vec<Wrong>, Fault> {
    let mut draft = draft.clone();
    let mut wrongs = Wrongs::default();
    draft.content.clean(&mut wrongs);
    draft.contacts.clean(&mut wrongs);
    if draft.kind == Kind::Cancellation {
        // What is attached is known once the draft is kept.
        draft.content.check_closing(true, &mut wrongs);
        return Ok(wrongs.0);
    }
    let platforms = platform::load(app.db.read()).await?;
    let unit = draft.unit.unwrap_or(UnitId(0));
    draft.content.facts(unit, &platforms, None, &mut wrongs);
    draft.contacts.check(&mut wrongs);
    unfit(app, unit, &draft.contacts, &mut wrongs).await?;
    Ok(wrongs.0)
}

/// What each person named is, by the register of persons where it knows them, else as declared.
async fn employment(
    app: &App,
    unit: UnitId,
    contacts: &Contacts,
) -> Result<Vec<Option<Employment>>, Fault> {
    let db = app.db.read();
    let mut all = vec![];
    for (.., contact) in contacts.everyone() {
        let phone = person::phone(&contact.phone).ok().flatten();
        let known =
            person::by_name_and_phone(db, app, unit, &contact.name, phone.as_deref()).await?;
        let recorded = match known {
            Some(id) => person::find(db, id).await?.map(|person| person.employment),
            None => None,
        };
        all.push(match recorded {
            Some(kind) if kind != Employment::Unknown => Some(kind),
            _ => contact.employment(),
        });
    }
    Ok(all)
}

/// The warning that the unit has an account on the platform, or is about to (集约化, R-REG-4).
/// Accounts of persons by their post are not the unit's.
pub(super) async fn second_account(
    app: &App,
    filing: &Filing,
    facts: &Facts,
    platforms: &Platforms,
) -> Result<Option<String>, Fault> {
    if facts.holder != Holder::Unit {
        return Ok(None);
    }
    let db = app.db.read();
    let mut names: Vec<String> = channel::store::on_platform(db, facts.unit, &facts.platform)
        .await?
        .into_iter()
        .filter(|one| Some(one.id) != filing.channel && one.facts.holder == Holder::Unit)
        .map(|one| one.facts.name)
        .collect();
    names.extend(lookup::under_way_on(db, facts.unit, &facts.platform.0, filing.id).await?);
    Ok((!names.is_empty()).then(|| {
        format!(
            "该单位在{}已有账号（含正在备案的）“{}”。一个平台原则上只开设一个账号，再开设须说明理由。",
            platforms.name(&facts.platform),
            names.join("”“")
        )
    }))
}
