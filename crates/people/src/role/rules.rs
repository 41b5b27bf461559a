//! Who may hold which role where. Pure. The three separated duties (三员分立, R-ORG-9) and everyone
//! else are four groups, and nobody is in two of them, not even by delegation.

use crate::person::Employment;
use chrono::{DateTime, Utc};
use zhendi_kernel::{Fault, PersonId, Role};

/// Where a role is to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The root: the whole institution.
    Institution,
    /// Another unit.
    Unit,
    /// One channel.
    Channel,
}

/// Why somebody may not hold, give or take a role; the words are for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("不能给自己授予角色，请由另一名安全管理员办理。")]
    OneSelf,
    #[error(
        "{new}与该人员已有的{held}不能由同一人担任（系统管理员、安全管理员、审计员三员分立，且都不参与内容管理）。"
    )]
    Separated { new: Role, held: Role },
    #[error("{0}按网络阵地授予，请选择具体的网络阵地。")]
    PerChannel(Role),
    #[error("{0}按单位授予，不能只授予某个网络阵地。")]
    PerUnit(Role),
    #[error("{0}面向全校履职，只能在最上级单位授予。")]
    AtRoot(Role),
    #[error("学生不能担任{0}（通知三（三））。")]
    Student(Role),
    #[error("该人员已离岗。")]
    Left,
    #[error("截止时间须晚于现在。")]
    Past,
    #[error("这是最后一名{0}，收回后将无人履职。请先授予另一人。")]
    LastOne(Role),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// What the rules look at in a person.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: PersonId,
    pub employment: Employment,
    pub left: bool,
    /// The roles held now or later, their own and delegated ones.
    pub held: Vec<Role>,
}

/// Whether somebody may hold a role at such a place.
///
/// # Errors
/// The first reason why not.
pub fn may_hold(
    role: Role,
    seat: Seat,
    who: &Candidate,
    students_may_hold: bool,
) -> Result<(), Refusal> {
    if who.left {
        return Err(Refusal::Left);
    }
    if role.per_channel() && seat != Seat::Channel {
        return Err(Refusal::PerChannel(role));
    }
    if role.institution_wide() && seat != Seat::Institution {
        return Err(Refusal::AtRoot(role));
    }
    // An author may write for one channel only; every other role reaches over a unit's channels.
    if seat == Seat::Channel && !role.per_channel() && role != Role::Author {
        return Err(Refusal::PerUnit(role));
    }
    if who.employment == Employment::Student && role.barred_to_students() && !students_may_hold {
        return Err(Refusal::Student(role));
    }
    separated(role, &who.held)
}

/// Whether a role may come to those already held.
pub fn separated(new: Role, held: &[Role]) -> Result<(), Refusal> {
    match held.iter().find(|held| held.duty() != new.duty()) {
        Some(held) => Err(Refusal::Separated { new, held: *held }),
        None => Ok(()),
    }
}

/// Whether somebody may give a role to a person. The program acts on an operator's order.
pub fn may_give(giver: Option<PersonId>, to: PersonId) -> Result<(), Refusal> {
    if giver == Some(to) {
        return Err(Refusal::OneSelf);
    }
    Ok(())
}

/// Whether an end lies ahead.
pub fn ends_later(now: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= now => Err(Refusal::Past),
        _ => Ok(()),
    }
}

/// Whether a role may be taken away while `others` also hold it: without a system or a security
/// administrator nobody could ever name one again, and without an auditor nobody watches either.
pub fn may_end(role: Role, others: u64) -> Result<(), Refusal> {
    if others == 0
        && matches!(
            role,
            Role::SystemAdmin | Role::SecurityAdmin | Role::Auditor
        )
    {
        return Err(Refusal::LastOne(role));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    fn who(held: Vec<Role>) -> Candidate {
        Candidate {
            id: PersonId(1),
            employment: Employment::Permanent,
            left: false,
            held,
        }
    }

    #[test]
    fn places_fit_their_roles() {
        let may = |role, seat| may_hold(role, seat, &who(vec![]), false);
        assert_eq!(
            may(Role::ChannelAdmin, Seat::Unit),
            Err(Refusal::PerChannel(Role::ChannelAdmin))
        );
        assert_eq!(may(Role::ChannelAdmin, Seat::Channel), Ok(()));
        assert_eq!(may(Role::Author, Seat::Channel), Ok(()));
        assert_eq!(
            may(Role::UnitHead, Seat::Channel),
            Err(Refusal::PerUnit(Role::UnitHead))
        );
        assert_eq!(
            may(Role::Auditor, Seat::Unit),
            Err(Refusal::AtRoot(Role::Auditor))
        );
        assert_eq!(may(Role::Auditor, Seat::Institution), Ok(()));
        assert_eq!(may(Role::UnitHead, Seat::Institution), Ok(()));
    }

    #[test]
    fn students_hold_no_admin_or_review_role_unless_the_setting_says_so() {
        let mut student = who(vec![]);
        student.employment = Employment::Student;
        let refused = Err(Refusal::Student(Role::Moderator));
        assert_eq!(
            may_hold(Role::Moderator, Seat::Channel, &student, false),
            refused
        );
        assert_eq!(
            may_hold(Role::Moderator, Seat::Channel, &student, true),
            Ok(())
        );
        assert_eq!(may_hold(Role::Author, Seat::Unit, &student, false), Ok(()));
    }

    #[test]
    fn who_left_gets_nothing_and_nobody_gives_to_themselves() {
        let mut gone = who(vec![]);
        gone.left = true;
        assert_eq!(
            may_hold(Role::Author, Seat::Unit, &gone, true),
            Err(Refusal::Left)
        );
        assert_eq!(
            may_give(Some(PersonId(1)), PersonId(1)),
            Err(Refusal::OneSelf)
        );
        assert_eq!(may_give(Some(PersonId(2)), PersonId(1)), Ok(()));
        assert_eq!(may_give(None, PersonId(1)), Ok(()));
    }

    #[test]
    fn the_last_administrator_stays() {
        assert_eq!(
            may_end(Role::SecurityAdmin, 0),
            Err(Refusal::LastOne(Role::SecurityAdmin))
        );
        assert_eq!(may_end(Role::SecurityAdmin, 1), Ok(()));
        assert_eq!(may_end(Role::UnitHead, 0), Ok(()));
    }

    proptest! {
        /// However roles come, granted or delegated, nobody ever has two duties.
        #[test]
        fn duties_never_meet(
            offers in proptest::collection::vec(
                (select(Role::ALL), select(&[Seat::Institution, Seat::Unit, Seat::Channel][..])), 0..40)
        ) {
            let mut person = who(vec![]);
            for (role, seat) in offers {
                if may_hold(role, seat, &person, false).is_ok() {
                    person.held.push(role);
                }
            }
            let first = person.held.first().map(|role| role.duty());

            prop_assert!(person.held.iter().all(|role| Some(role.duty()) == first), "{:?}", person.held);
        }
    }
}
