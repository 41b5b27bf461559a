//! Writing a filing and handing it in; pages and API call the same. Each checks sight first (404), then
//! the law, then writes everything in one transaction.

use super::{
    Filing,
    content::{Contacts, Content, Wrong, Wrongs, fitness},
    effect::{self, Handing},
    lookup,
    route::{Route, staff},
    rules::{Course, Party, Stage},
    service::{Answer, open_for, person_of, record},
    store,
};
use crate::{
    channel::{self, Channel, Facts, FilingState, Holder, identity, identity::Owner},
    platform::{self, Platforms},
    settings::Registry,
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId, Permission, Place, Role, Tx, UnitId, scope,
};
use zhendi_people::{
    person::{self, Employment},
    role::PeopleSettings,
    unit,
};

/// What a draft says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// None while it has not been chosen.
    pub unit: Option<UnitId>,
    /// The channel to be filed belatedly (待补录备案).
    pub channel: Option<ChannelId>,
    pub content: Content,
    pub contacts: Contacts,
}

/// As whom the actor fills in forms at a place: themselves, else for who delegated it to them.
fn author_at(actor: &Actor, place: &Place) -> Result<Party, Fault> {
    actor.require(Permission::DraftFilings, place)?;
    let on_behalf_of = Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&Permission::DraftFilings))
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| grant.on_behalf_of)
        .min()
        .flatten();
    Ok(Party {
        person: person_of(actor)?,
        on_behalf_of,
    })
}

/// A channel that may be filed belatedly by this actor.
///
/// # Errors
/// `Fault::NotFound` when they may not see it, `Fault::Refused` when it is not 待补录备案.
pub async fn channel_to_file(app: &App, actor: &Actor, id: ChannelId) -> Result<Channel, Fault> {
    let channel = channel::store::get(app.db.read(), id).await?;
    let place = channel.place(app.db.read()).await?;
    actor.require_sight(Permission::ViewChannels, &place)?;
    actor.require(Permission::DraftFilings, &place)?;
    // The rule of channels says whether one may begin; what it would make of the channel is not kept.
    channel.clone().begin_filing()?;
    Ok(channel)
}

/// Reads what was typed into a draft that may be kept: safe texts, a unit where the actor may file.
async fn keepable(
    app: &App,
    actor: &Actor,
    draft: &mut Draft,
) -> Result<Result<(UnitId, Party), Vec<Wrong>>, Fault> {
    let mut wrongs = Wrongs::default();
    draft.content.clean(&mut wrongs);
    draft.contacts.clean(&mut wrongs);
    let Some(id) = draft.unit else {
        wrongs.add("unit", "请选择开设部门。");
        return Ok(Err(wrongs.0));
    };
    let db = app.db.read();
    let place = scope::place(db, id).await?.on(draft.channel);
    if !actor.may(Permission::DraftFilings, &place) {
        wrongs.add("unit", "您不能为这个单位填报备案，请从列表中选择。");
        return Ok(Err(wrongs.0));
    }
    let open = unit::find(db, id)
        .await?
        .is_some_and(|unit| unit.closed_at.is_none());
    if !open {
        wrongs.add("unit", "该单位已撤销，请选择其他单位。");
    }
    if wrongs.0.is_empty() {
        Ok(Ok((id, author_at(actor, &place)?)))
    } else {
        Ok(Err(wrongs.0))
    }
}

/// Keeps a new draft; it may be incomplete.
///
/// # Errors
/// `Fault::NotFound`, `Fault::Refused` about the channel; when the database fails.
pub async fn begin(app: &App, actor: &Actor, mut draft: Draft) -> Answer<Filing> {
    person_of(actor)?;
    if let Some(id) = draft.channel {
        draft.unit = Some(channel_to_file(app, actor, id).await?.facts.unit);
    }
    let (unit, author) = match keepable(app, actor, &mut draft).await? {
        Ok(kept) => kept,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    let now = app.now();
    let tx = app.db.begin().await?;
    let filing = Filing {
        id: FilingId(0),
        version: 1,
        unit,
        channel: draft.channel,
        content: draft.content,
        contacts: draft.contacts,
        course: Course::begin(author, Route::USUAL),
        document_number: None,
        due: None,
        submitted_at: None,
        effective_at: None,
        created_at: now,
        updated_at: now,
    };
    let filing = store::insert(&tx, app, filing).await?;
    let summary = format!("起草开设备案{}", filing.lasting_title());
    record(
        &tx,
        app,
        actor,
        &filing,
        "filing.drafted",
        author.on_behalf_of,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(filing))
}

/// Writes a draft anew, or what was returned.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_edit`] refuses; `Fault::Stale`; when the database fails.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: FilingId,
    seen: i32,
    mut draft: Draft,
) -> Answer<Filing> {
    let (before, _) = open_for(app, actor, id).await?;
    before.course.may_edit(person_of(actor)?)?;
    if before.version != seen {
        return Err(Fault::Stale);
    }
    // Which channel it is about was settled at the beginning.
    draft.channel = before.channel;
    if before.channel.is_some() {
        draft.unit = Some(before.unit);
    }
    let (unit, by) = match keepable(app, actor, &mut draft).await? {
        Ok(kept) => kept,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    let mut after = Filing {
        unit,
        content: draft.content,
        contacts: draft.contacts,
        course: before.course.clone().written_by(by)?,
        updated_at: app.now(),
        ..before.clone()
    };
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    let summary = format!("修改备案{}的填报内容", after.lasting_title());
    record(
        &tx,
        app,
        actor,
        &after,
        "filing.edited",
        by.on_behalf_of,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(after))
}

/// Hands a complete draft in; its account or address is the filing's from now on.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_edit`] refuses; `Fault::Refused` when some step has nobody to take
/// it; `Fault::Stale`; when the database fails. The inner error says what is incomplete.
pub async fn submit(app: &App, actor: &Actor, id: FilingId, seen: i32) -> Answer<Filing> {
    let (before, place) = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    if let (Stage::Awaiting(_), true) = (before.course.stage, before.course.is_author(me)) {
        return Err(Fault::Refused(
            "这件备案已经提交，正在办理，不需要再次提交。".into(),
        ));
    }
    before.course.may_edit(me)?;
    let by = author_at(actor, &place)?;
    if before.version != seen {
        return Err(Fault::Stale);
    }
    let db = app.db.read();
    let settings: Registry = app.setting().await?;
    let platforms = platform::load(db).await?;
    let channel = match before.channel {
        Some(id) => Some(channel::store::get(db, id).await?),
        None => None,
    };
    let facts = match complete(app, &before, &platforms, channel.as_ref()).await? {
        Ok(facts) => facts,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    let publicity = unit::find(db, before.unit)
        .await?
        .is_some_and(|unit| unit.publicity);
    let route = Route::of(publicity, settings.publicity_route);
    let handing = Handing::look(app, &place, &route).await?;
    let course = before.course.clone().written_by(by)?;
    staff(&route, course.author, |step| handing.parties(step))
        .map_err(|shortage| Fault::Refused(shortage.to_string()))?;

    let now = app.now();
    let mut after = before.clone();
    after.course = course.submit(me, route)?;
    after.submitted_at = Some(now);
    after.updated_at = now;
    after.due = Some(effect::due(now, settings.filing_step_days));
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    if let Err(taken) = claim(&tx, &after, &facts, &platforms).await? {
        drop(tx);
        let text = whose(app, actor, taken.by).await?;
        let field = "address_or_id".into();
        return Ok(Err(vec![Wrong { field, text }]));
    }
    if let Some(channel) = channel
        && channel.filing == FilingState::Unfiled
    {
        channel::begin_filing(&tx, app, actor, channel).await?;
    }
    effect::hand_on(&tx, app, actor, &after, &handing).await?;
    let summary = format!("提交备案{}", after.lasting_title());
    record(
        &tx,
        app,
        actor,
        &after,
        "filing.submitted",
        by.on_behalf_of,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(after))
}

/// Claims what tells the account from all others; keys that the filing's own channel holds are its
/// already. What an earlier round claimed is given up first: the address may have been corrected.
async fn claim(
    tx: &Tx,
    filing: &Filing,
    facts: &Facts,
    platforms: &Platforms,
) -> Result<Result<(), identity::Taken>, Fault> {
    let owner = Owner::Filing(filing.id);
    identity::release(tx, owner).await?;
    let named_by = platforms
        .get(&facts.platform)
        .map(|platform| platform.named_by)
        .ok_or_else(|| Fault::Refused("所选平台已不存在，请重新选择。".into()))?;
    let mut keys = vec![];
    for key in identity::keys(facts, named_by) {
        let own = filing.channel.map(Owner::Channel);
        if own.is_none() || identity::owner_of(tx, &key).await? != own {
            keys.push(key);
        }
    }
    identity::claim(tx, &keys, owner).await
}

/// Says whose an account is, if the actor may know.
async fn whose(app: &App, actor: &Actor, owner: Owner) -> Result<String, Fault> {
    let db = app.db.read();
    let known = match owner {
        Owner::Channel(id) => {
            let channel = channel::store::get(db, id).await?;
            let may = actor.may(Permission::ViewChannels, &channel.place(db).await?);
            may.then(|| {
                (
                    channel.facts.unit,
                    format!("“{}”已登记", channel.facts.name),
                )
            })
        }
        Owner::Filing(id) => match open_for(app, actor, id).await {
            Ok((filing, _)) => {
                let what = format!("“{}”（备案第 {id} 号）正在办理", filing.title());
                Some((filing.unit, what))
            }
            Err(Fault::NotFound) => None,
            Err(fault) => return Err(fault),
        },
    };
    Ok(match known {
        Some((unit, what)) => {
            let names = unit::names(db, [unit]).await?;
            let unit = names.get(&unit).map_or("", String::as_str);
            format!("这个账号或网址不能重复备案：{unit}的{what}。请核对，或在原有登记上办理。")
        }
        None => "这个账号或网址已由其他单位登记或正在备案，不能重复备案。请核对；如确有误，请联系宣传部。".into(),
    })
}

/// Reads a draft as one that can be handed in.
async fn complete(
    app: &App,
    filing: &Filing,
    platforms: &Platforms,
    channel: Option<&Channel>,
) -> Answer<Facts> {
    let mut wrongs = Wrongs::default();
    let facts = filing.content.facts(
        filing.unit,
        platforms,
        channel.map(|channel| &channel.facts),
        &mut wrongs,
    );
    filing.contacts.check(&mut wrongs);
    let known = employment(app, filing).await?;
    let about_people: PeopleSettings = app.setting().await?;
    for (field, unfit) in fitness(&filing.contacts, &known, about_people.students_may_hold) {
        wrongs.add(field, unfit);
    }
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

/// What a draft lacks to be handed in, as far as its own words tell; for a form that could not even be kept.
pub(super) async fn lacking(app: &App, draft: &Draft) -> Result<Vec<Wrong>, Fault> {
    let mut draft = draft.clone();
    let mut wrongs = Wrongs::default();
    draft.content.clean(&mut wrongs);
    draft.contacts.clean(&mut wrongs);
    let platforms = platform::load(app.db.read()).await?;
    let unit = draft.unit.unwrap_or(UnitId(0));
    draft.content.facts(unit, &platforms, None, &mut wrongs);
    draft.contacts.check(&mut wrongs);
    Ok(wrongs.0)
}

/// What each person named is, by the register of persons where it knows them, else as declared.
async fn employment(app: &App, filing: &Filing) -> Result<Vec<Option<Employment>>, Fault> {
    let db = app.db.read();
    let mut all = vec![];
    for (.., contact) in filing.contacts.everyone() {
        let phone = person::phone(&contact.phone).ok().flatten();
        let known =
            person::by_name_and_phone(db, app, filing.unit, &contact.name, phone.as_deref())
                .await?;
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
