//! Writing a filing and handing it in; pages and API call the same. Each checks sight first (404), then
//! the law, then writes everything in one transaction.

use super::{
    Filing,
    attachments::{self, Purpose},
    complete::complete,
    contacts::Contacts,
    content::{CLOSING_CELLS, Content, Wrong, Wrongs},
    effect::{self, Handing},
    lookup,
    record::{self as records, Record},
    route::{Route, staff},
    rules::{Course, Kind, Party, Stage, Unsuitable},
    service::{Answer, open_for, person_of, record},
    store,
};
use crate::{
    channel::{self, Channel, Facts, FilingState, identity, identity::Owner},
    platform::{self, Platforms},
    settings::Registry,
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, FilingId, Permission, Place, Role, Tx, UnitId, scope,
};
use zhendi_people::unit;

/// What a draft says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    /// None while it has not been chosen.
    pub unit: Option<UnitId>,
    /// The channel to be changed, cancelled, or filed belatedly (待补录备案).
    pub channel: Option<ChannelId>,
    /// The version of the channel whose record the form showed, for changes.
    pub record: Option<i32>,
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

/// A channel of which this actor may begin such a filing.
///
/// # Errors
/// `Fault::NotFound` when they may not see it, `Fault::Forbidden`, `Fault::Refused` when it is not in a state
/// for it or another filing of it is on its way.
pub async fn channel_to_file(
    app: &App,
    actor: &Actor,
    kind: Kind,
    id: ChannelId,
) -> Result<Channel, Fault> {
    let db = app.db.read();
    let channel = channel::store::get(db, id).await?;
    let place = channel.place(db).await?;
    actor.require_sight(Permission::ViewChannels, &place)?;
    actor.require(Permission::DraftFilings, &place)?;
    kind.suits(channel.filing, channel.running)?;
    if kind == Kind::Opening {
        // The rule of channels says whether one may begin; what it would make of the channel is not kept.
        channel.clone().begin_filing()?;
    } else if lookup::under_way(db, id).await?.is_some() {
        return Err(Unsuitable::UnderWay.into());
    }
    Ok(channel)
}

/// What a kind of filing makes of a draft and of the record of its channel as it stands now: a cancellation
/// says of the channel what the record says.
fn upon(kind: Kind, draft: &mut Draft, record: &Record) {
    draft.unit = Some(record.unit);
    if kind == Kind::Cancellation {
        let mut content = record.content.clone();
        for (name, ..) in CLOSING_CELLS {
            content.set(name, draft.content.cell(name).to_owned());
        }
        draft.content = content;
        draft.contacts = record.contacts.clone();
    }
}

/// Reads what was typed into a draft that may be kept: safe texts, a unit where the actor may file.
async fn keepable(
    app: &App,
    actor: &Actor,
    draft: &mut Draft,
) -> Result<Result<(UnitId, Party), Vec<Wrong>>, Fault> {
    let mut wrongs = Wrongs::default();
    draft.content.only(draft.kind);
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
    if draft.content.goes_to() == Some(id) {
        draft.content.new_unit.clear();
    }
    if !draft.content.new_unit.is_empty() {
        let known = match draft.content.goes_to() {
            Some(unit) => unit::find(db, unit).await?,
            None => None,
        };
        if known.is_none_or(|unit| unit.closed_at.is_some()) {
            wrongs.add("new_unit", "请从列表中选择单位。");
        }
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
    let base = match (draft.kind, draft.channel) {
        (Kind::Opening, None) => None,
        (_, None) => return Err(Unsuitable::NoChannel.into()),
        (kind, Some(id)) => {
            let channel = channel_to_file(app, actor, kind, id).await?;
            let record = Record::of(app.db.read(), app, &channel).await?;
            if let Some(wrong) = outdated(&draft, &record) {
                return Ok(Err(vec![wrong]));
            }
            upon(kind, &mut draft, &record);
            (kind != Kind::Opening).then_some(record)
        }
    };
    let (unit, author) = match keepable(app, actor, &mut draft).await? {
        Ok(kept) => kept,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    let now = app.now();
    let tx = app.db.begin().await?;
    let filing = Filing {
        id: FilingId(0),
        version: 1,
        kind: draft.kind,
        unit,
        channel: draft.channel,
        content: draft.content,
        contacts: draft.contacts,
        base,
        closing: None,
        course: Course::begin(author, Route::USUAL),
        document_number: None,
        due: None,
        submitted_at: None,
        effective_at: None,
        created_at: now,
        updated_at: now,
    };
    let filing = store::insert(&tx, app, filing).await?;
    let summary = format!("起草{}备案{}", filing.kind.label(), filing.lasting_title());
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
    draft.kind = before.kind;
    draft.channel = before.channel;
    let mut base = None;
    if let Some(id) = before.channel {
        draft.unit = Some(before.unit);
        if before.kind != Kind::Opening {
            let record = current(app, id).await?;
            if let Some(wrong) = outdated(&draft, &record) {
                return Ok(Err(vec![wrong]));
            }
            upon(before.kind, &mut draft, &record);
            base = Some(record);
        }
    }
    let (unit, by) = match keepable(app, actor, &mut draft).await? {
        Ok(kept) => kept,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    let mut after = Filing {
        unit,
        content: draft.content,
        contacts: draft.contacts,
        base,
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

/// The record of a channel as it stands.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub(super) async fn current(app: &App, id: ChannelId) -> Result<Record, Fault> {
    let db = app.db.read();
    let channel = channel::store::get(db, id).await?;
    Record::of(db, app, &channel).await
}

/// What is said when a form for a change showed a record that is no longer the present one: what was left
/// as it stood there would look like a change.
fn outdated(draft: &Draft, record: &Record) -> Option<Wrong> {
    (draft.kind == Kind::Change && draft.record != Some(record.version)).then(|| Wrong {
        field: "record".into(),
        text: "填写期间台账中的资料有变动，已按现在的记录重新标出变更项，请核对后再保存。".into(),
    })
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
    let mut after = before.clone();
    let channel = match before.channel {
        Some(id) => Some(channel::store::get(db, id).await?),
        None => None,
    };
    if let Some(channel) = channel.as_ref().filter(|_| before.kind != Kind::Opening) {
        before.kind.suits(channel.filing, channel.running)?;
        let under_way = lookup::under_way(db, channel.id).await?;
        if under_way.is_some_and(|other| other != id) {
            return Err(Unsuitable::UnderWay.into());
        }
        rebase(app, &mut after, channel).await?;
    }
    let facts = match complete(app, &after, &platforms, channel.as_ref()).await? {
        Ok(facts) => facts,
        Err(wrongs) => return Ok(Err(wrongs)),
    };
    if after.content.goes_to().is_some() && !attachments::has(db, id, Purpose::Consent).await? {
        return Err(Unsuitable::ConsentMissing.into());
    }
    let publicity = unit::find(db, before.unit)
        .await?
        .is_some_and(|unit| unit.publicity);
    let route = Route::of(publicity, settings.publicity_route);
    let handing = Handing::look(app, &place, &route).await?;
    let course = before.course.clone().written_by(by)?;
    staff(&route, course.author, |step| handing.parties(step))
        .map_err(|shortage| Fault::Refused(shortage.to_string()))?;

    let now = app.now();
    after.course = course.submit(me, route)?;
    after.submitted_at = Some(now);
    after.updated_at = now;
    after.due = Some(effect::due(now, settings.filing_step_days));
    let tx = app.db.begin().await?;
    store::replace(&tx, app, &before, &mut after).await?;
    if before.kind != Kind::Cancellation
        && let Err(taken) = claim(&tx, &after, &facts, &platforms).await?
    {
        drop(tx);
        let text = whose(app, actor, taken.by).await?;
        let field = "address_or_id".into();
        return Ok(Err(vec![Wrong { field, text }]));
    }
    if let Some(channel) = channel
        && before.kind == Kind::Opening
        && channel.filing == FilingState::Unfiled
    {
        channel::begin_filing(&tx, app, actor, channel).await?;
    }
    if before.kind == Kind::Change
        && let Some(changed) = before.channel
    {
        channel::terms::change_reported(&tx, app, actor, changed).await?;
    }
    effect::hand_on(&tx, app, actor, &after, &handing).await?;
    let summary = format!("提交{}备案{}", after.kind.label(), after.lasting_title());
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

/// Puts a change or a cancellation upon the record as it stands at its submission.
async fn rebase(app: &App, filing: &mut Filing, channel: &Channel) -> Result<(), Fault> {
    let record = Record::of(app.db.read(), app, channel).await?;
    let base = filing.base.take().ok_or(Fault::NotFound)?;
    match filing.kind {
        Kind::Opening => {}
        Kind::Change => {
            let said = records::merged(&base, &filing.said(), &record);
            if records::changed(&record, &said).is_empty() {
                return Err(Unsuitable::NothingChanged.into());
            }
            filing.content = said.content;
            filing.contacts = said.contacts;
        }
        Kind::Cancellation => {
            let mut draft = Draft {
                content: filing.content.clone(),
                ..Draft::default()
            };
            upon(filing.kind, &mut draft, &record);
            filing.content = draft.content;
            filing.contacts = draft.contacts;
        }
    }
    filing.base = Some(record);
    Ok(())
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
    let claimed = identity::claim(tx, &keys, owner).await?;
    if let Err(taken) = claimed
        && let Owner::Channel(id) = taken.by
        && channel::store::get(tx, id).await?.filing == FilingState::Cancelled
    {
        // Who was cancelled keeps its address to be found by, until somebody else needs it.
        identity::release(tx, taken.by).await?;
        return identity::claim(tx, &keys, owner).await;
    }
    Ok(claimed)
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
