//! It is live: a person says so, or the program saw it; what was there before is replaced.

use super::{
    super::{
        effect,
        rules::{Act, Publication, State},
        store,
    },
    Answer, Upload, admin, keep, not_stopped, open_for, ready,
};
use crate::{connector::Way, hooks::What, ids::PublicationId, manuscript};
use url::Url;
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx};

/// A link that the public can open.
fn web_link(raw: &str) -> Result<String, &'static str> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Err("请填写发布后的链接。");
    }
    let url = Url::parse(raw).map_err(|_| "请填写 http 或 https 开头的完整链接。")?;
    let plain = url.username().is_empty() && url.password().is_none();
    if plain && matches!(url.scheme(), "http" | "https") && raw.len() <= 2000 {
        Ok(raw.to_owned())
    } else {
        Err("请填写 http 或 https 开头的完整链接。")
    }
}

/// A person says that it is live and where: by hand, or after a draft box. By hand a screenshot is needed.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    link: &str,
    screenshot: Option<Upload>,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    let (db, now, before) = (app.db.read(), app.now(), one.state);
    if before.waits() {
        let version = manuscript::version(db, one.content).await?;
        ready(db, &one, &version, now).await?;
    }
    if before != State::Published {
        not_stopped(db, one.manuscript, Act::Confirm).await?;
    }
    one.take(Act::Confirm, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let mut wrongs = vec![];
    match web_link(link) {
        Ok(link) => one.link = Some(link),
        Err(words) => wrongs.push(("link", words.to_owned())),
    }
    if before.waits() && screenshot.is_none() {
        wrongs.push(("screenshot", "请选择发布后的截图。".into()));
    }
    if !wrongs.is_empty() {
        return Ok(Err(wrongs));
    }
    let proof = match screenshot {
        Some(upload) => Some(keep(app, upload, "link").await?),
        None => None,
    };
    if before.waits() {
        // A person went there, whatever the channel's connection is.
        one.way = Way::Hand;
        one.remote_id = None;
    }
    let tx = app.db.begin().await?;
    if let Some(proof) = proof {
        store::add_proof(&tx, one.id, proof, by.person, now).await?;
    }
    if before == State::Published {
        store::replace(&tx, &mut one).await?;
    } else {
        one.ordered = one.ordered.or(Some((by, now)));
        went_live(&tx, app, actor, &mut one, Some(by.person)).await?;
    }
    let called = effect::called(&tx, &one).await?;
    let (action, summary) = if before == State::Published {
        ("publication.relinked", format!("更正发布链接{called}"))
    } else {
        ("publication.confirmed", format!("登记已发布{called}"))
    };
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// Writes that it is live: what was there before is replaced by it, people and systems are told. `one` has
/// its new state already.
pub(in crate::publication) async fn went_live(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
    by: Option<PersonId>,
) -> Result<(), Fault> {
    replace_others(tx, app, actor, one, &[State::Published, State::Sent]).await?;
    one.published_at = Some(app.now());
    one.published_by = by.or(one.ordered.map(|(by, _)| by.person));
    one.failures = 0;
    store::replace(tx, one).await?;
    effect::hand_on(tx, app, actor, one).await?;
    effect::tell_people(tx, app, one).await?;
    effect::tell_systems(tx, app, What::Published, one).await
}

/// Those of the manuscript on the channel that this one takes the place of.
pub(in crate::publication) async fn replace_others(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Publication,
    states: &[State],
) -> Result<(), Fault> {
    for mut other in store::of_manuscript(tx, one.manuscript).await? {
        if other.id == one.id || other.channel != one.channel || !states.contains(&other.state) {
            continue;
        }
        other.take(Act::Replace, app.now())?;
        store::replace(tx, &mut other).await?;
        effect::hand_on(tx, app, actor, &other).await?;
        effect::tell_systems(tx, app, What::Replaced, &other).await?;
    }
    Ok(())
}
