//! What is live is taken down: who may order it, the order, and the proof that it is gone.

use super::{
    super::{
        effect,
        rules::{Act, Party, Publication, Reason, Refusal, Withdrawal},
        send, store,
    },
    Answer, Upload, admin, keep, open_for, person_of,
};
use crate::{hooks::What, ids::PublicationId};
use zhendi_kernel::{
    Actor, App, Fault, Permission, Place, Role, Tx,
    jobs::{self, NewJob},
    scope, text,
};

const LONG: usize = 2000;

/// Who may have something taken down: the channel's admin, and those who answer for the unit's content.
async fn withdrawer(
    app: &App,
    actor: &Actor,
    one: &Publication,
    place: &Place,
) -> Result<Party, Fault> {
    if actor.may(Permission::PublishContent, place) {
        return admin(actor, place);
    }
    overseer(app, actor, one)
        .await?
        .into_iter()
        .next()
        .map(|(_, by)| by)
        .ok_or_else(|| Refusal::MayNotWithdraw.into())
}

/// As whom the actor answers for the content of a publication's unit, with the level that it is.
pub(in crate::publication) async fn overseer(
    app: &App,
    actor: &Actor,
    one: &Publication,
) -> Result<Vec<(u8, Party)>, Fault> {
    let person = person_of(actor)?;
    let place = scope::place(app.db.read(), one.unit).await?;
    let levels = [
        (2, Role::UnitHead),
        (3, Role::PublicityHead),
        (3, Role::PublicityDeputy),
        (4, Role::PortfolioLeader),
    ];
    Ok(levels
        .into_iter()
        .flat_map(|(level, role)| {
            actor.holding(role, &place).into_iter().map(move |grant| {
                let by = Party {
                    person,
                    on_behalf_of: grant.on_behalf_of,
                };
                (level, by)
            })
        })
        .collect())
}

/// What is said when something is taken down.
#[derive(Clone, Debug, Default)]
pub struct TakeDown {
    pub reason: String,
    pub note: String,
    pub proof: Option<Upload>,
}

/// Orders that it be taken down, for a reason. Where the program cannot do it itself, the proof closes it, now
/// or later.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    said: TakeDown,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = withdrawer(app, actor, &one, &place).await?;
    let now = app.now();
    one.take(Act::Withdraw, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let mut wrongs = vec![];
    let reason = Reason::parse(&said.reason);
    if reason.is_none() {
        wrongs.push(("reason", "请选择撤稿原因。".to_owned()));
    }
    let note = text::lines(&said.note, LONG).unwrap_or_else(|error| {
        wrongs.push(("note", error.to_string()));
        String::new()
    });
    if reason == Some(Reason::Other) && note.is_empty() {
        wrongs.push(("note", "选择“其他”时请写明原因。".into()));
    }
    let (Some(reason), true) = (reason, wrongs.is_empty()) else {
        return Ok(Err(wrongs));
    };
    let proof = match said.proof {
        Some(upload) => Some(keep(app, upload, "withdrawal").await?),
        None => None,
    };
    let tx = app.db.begin().await?;
    begin_withdrawal(
        &tx,
        app,
        actor,
        &mut one,
        Withdrawal {
            reason,
            note,
            by,
            at: now,
            done_at: None,
        },
    )
    .await?;
    let mut summary = format!("撤稿{}：{}", effect::called(&tx, &one).await?, reason);
    if let Some(proof) = proof {
        store::add_proof(&tx, one.id, proof, by.person, now).await?;
        removed(&tx, app, actor, &mut one).await?;
        summary.push_str("，已上传证明");
    }
    let action = "publication.withdrawn";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// Writes the order; `one` is [`State::Withdrawing`] already.
pub(in crate::publication) async fn begin_withdrawal(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
    withdrawal: Withdrawal,
) -> Result<(), Fault> {
    one.withdrawal = Some(withdrawal);
    one.orders += 1;
    one.failures = 0;
    one.message.clear();
    store::replace(tx, one).await?;
    if one.way.removes() {
        let payload = serde_json::json!({ "publication": one.id, "order": one.orders });
        jobs::enqueue(tx, app, NewJob::new(send::REMOVE, payload)).await?;
    }
    effect::hand_on(tx, app, actor, one).await
}

/// Writes that it is down.
pub(in crate::publication) async fn removed(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
) -> Result<(), Fault> {
    let now = app.now();
    one.take(Act::Remove, now)?;
    if let Some(withdrawal) = &mut one.withdrawal {
        withdrawal.done_at = Some(now);
    }
    store::replace(tx, one).await?;
    effect::hand_on(tx, app, actor, one).await?;
    effect::tell_people(tx, app, one).await?;
    effect::tell_systems(tx, app, What::Withdrawn, one).await
}

/// The channel's admin took it down and hands in the proof.
///
/// # Errors
/// As [`order`]. The inner error names fields.
pub async fn prove_removed(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    proof: Option<Upload>,
) -> Answer<Publication> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = withdrawer(app, actor, &one, &place).await?;
    one.state.after(Act::Remove)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let Some(proof) = proof else {
        return Ok(Err(vec![("proof", "请选择显示已撤下的截图。".into())]));
    };
    let proof = keep(app, proof, "withdrawal").await?;
    let tx = app.db.begin().await?;
    store::add_proof(&tx, one.id, proof, by.person, app.now()).await?;
    // A job that still tries finds another number and does nothing.
    one.orders += 1;
    removed(&tx, app, actor, &mut one).await?;
    let summary = format!("上传撤稿证明{}", effect::called(&tx, &one).await?);
    let action = "publication.removed";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(Ok(one))
}
