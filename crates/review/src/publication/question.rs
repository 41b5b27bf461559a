//! "Is this approved?" (R-API-1, R-REV-5): asked by the hash of content or by the link of a post.

use super::{
    approval,
    rules::{Publication, Review, State},
    store,
};
use crate::forwarding;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{ChannelId, Fault, files::ContentHash, named};

named! {
    /// What is known of a content or link.
    Standing {
        Approved = "approved", "已审核通过";
        Emergency = "emergency", "应急发布，待补审";
        Expired = "expired", "授权已过期";
        Revoked = "revoked", "授权已撤销";
        Stopped = "stopped", "已转送有关部门，暂停发布";
        Withdrawn = "withdrawn", "已撤稿";
        Replaced = "replaced", "已被新版替换";
        Unknown = "unknown", "没有审核记录";
    }
}

/// What is asked about.
#[derive(Clone, Debug)]
pub enum Question {
    Hash(ContentHash),
    Link(String),
}

/// Where it stands or stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub channel: ChannelId,
    pub state: State,
    pub link: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
}

/// The answer. It names neither persons nor content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub standing: Standing,
    pub hash: Option<ContentHash>,
    pub granted_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub places: Vec<Place>,
}

impl Verdict {
    /// Whether it may be there.
    pub fn is_approved(&self) -> bool {
        self.standing == Standing::Approved
    }
}

fn by_state(one: &Publication) -> Option<Standing> {
    let awaited = one
        .emergency
        .as_ref()
        .is_some_and(|emergency| emergency.review == Review::Awaited);
    match one.state {
        State::Withdrawing | State::Withdrawn => Some(Standing::Withdrawn),
        State::Replaced => Some(Standing::Replaced),
        State::Published | State::Sent | State::Sending if awaited => Some(Standing::Emergency),
        // An approval that was used holds for what used it, whatever became of it later.
        State::Published | State::Sent | State::Sending if one.approval.is_some() => {
            Some(Standing::Approved)
        }
        _ => None,
    }
}

/// Answers.
///
/// # Errors
/// When the database fails.
pub async fn is_approved(
    db: &impl ConnectionTrait,
    question: &Question,
    now: DateTime<Utc>,
) -> Result<Verdict, Fault> {
    let found = match question {
        Question::Hash(hash) => store::by_hash(db, hash).await?,
        Question::Link(link) => store::by_link(db, link).await?,
    };
    let hash = match question {
        Question::Hash(hash) => Some(hash.clone()),
        Question::Link(_) => found.first().map(|one| one.hash.clone()),
    };
    let approval = match &hash {
        Some(hash) => approval::of_hash(db, hash, now).await?,
        None => None,
    };
    let states: Vec<Standing> = found.iter().filter_map(by_state).collect();
    let of_approval = approval.as_ref().map(|one| {
        if one.revoked_at.is_some() {
            Standing::Revoked
        } else if one.in_force(now) {
            Standing::Approved
        } else {
            Standing::Expired
        }
    });
    let standing = match question {
        // A link says what is there now: the newest that was there.
        Question::Link(_) => states.first().copied(),
        Question::Hash(_) => {
            let at_once = [Standing::Approved, Standing::Emergency];
            let live = states.iter().find(|one| at_once.contains(one)).copied();
            match of_approval {
                Some(Standing::Approved) => Some(Standing::Approved),
                other => live.or_else(|| states.first().copied()).or(other),
            }
        }
    };
    let mut standing = standing.unwrap_or(Standing::Unknown);
    if matches!(standing, Standing::Approved | Standing::Emergency) {
        let of = found.first().map(|one| one.manuscript);
        let of = of.or(approval.as_ref().map(|one| one.manuscript));
        if let Some(of) = of
            && forwarding::is_open(db, of).await?
        {
            standing = Standing::Stopped;
        }
    }
    Ok(Verdict {
        standing,
        granted_at: approval.as_ref().map(|one| one.granted_at),
        expires_at: approval.as_ref().and_then(|one| one.expires_at),
        hash,
        places: found
            .into_iter()
            .filter(|one| one.published_at.is_some())
            .map(|one| Place {
                channel: one.channel,
                state: one.state,
                link: one.link,
                published_at: one.published_at,
            })
            .collect(),
    })
}
