//! When a role may be handed on. Pure; who may hold the role at all is `role::may_hold`'s to say.

use chrono::{DateTime, TimeDelta, Utc};
use zhendi_kernel::{Fault, PersonId};

/// No delegation lasts longer.
pub const LONGEST: TimeDelta = TimeDelta::days(90);

/// Why a role cannot be handed on so; the words are for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("只能委托自己的角色；受托的角色不能再委托。")]
    NotYours,
    #[error("不能委托给自己。")]
    OneSelf,
    #[error("结束时间须晚于开始时间。")]
    Backwards,
    #[error("结束时间须晚于现在。")]
    Past,
    #[error("委托最长 90 天。")]
    TooLong,
    #[error("该角色本身将提前到期，委托不能超过它的截止时间。")]
    PastGrant,
    #[error("这段时间内已把该角色委托给同一人。")]
    Twice,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

impl Span {
    /// Whether two spans share a moment.
    pub fn meets(&self, other: &Self) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }
}

/// Whether the holder of a grant may hand it to somebody for a time.
pub fn may_delegate(
    holder: PersonId,
    by: PersonId,
    to: PersonId,
    span: Span,
    grant_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if holder != by {
        return Err(Refusal::NotYours);
    }
    if by == to {
        return Err(Refusal::OneSelf);
    }
    if span.ends <= span.starts {
        return Err(Refusal::Backwards);
    }
    if span.ends <= now {
        return Err(Refusal::Past);
    }
    if span.ends - span.starts > LONGEST {
        return Err(Refusal::TooLong);
    }
    if grant_until.is_some_and(|until| span.ends > until) {
        return Err(Refusal::PastGrant);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_is_ones_own_and_short() {
        let now = DateTime::UNIX_EPOCH;
        let days = |from: i64, to: i64| Span {
            starts: now + TimeDelta::days(from),
            ends: now + TimeDelta::days(to),
        };
        let (me, other) = (PersonId(1), PersonId(2));
        let may = |holder, to, span, until| may_delegate(holder, me, to, span, until, now);
        assert_eq!(may(me, other, days(0, 90), None), Ok(()));
        assert_eq!(may(other, me, days(0, 9), None), Err(Refusal::NotYours));
        assert_eq!(may(me, me, days(0, 9), None), Err(Refusal::OneSelf));
        assert_eq!(may(me, other, days(3, 3), None), Err(Refusal::Backwards));
        assert_eq!(may(me, other, days(-9, -1), None), Err(Refusal::Past));
        assert_eq!(may(me, other, days(0, 91), None), Err(Refusal::TooLong));
        let until = Some(now + TimeDelta::days(5));
        assert_eq!(may(me, other, days(0, 6), until), Err(Refusal::PastGrant));
        assert!(days(0, 3).meets(&days(2, 4)) && !days(0, 2).meets(&days(2, 4)));
    }
}
