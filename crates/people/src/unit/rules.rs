//! What may be done to a unit. Pure.

use super::Unit;
use zhendi_kernel::{Fault, UnitId, named};

named! {
    /// What kind of unit it is.
    UnitKind {
        School = "school", "学校";
        Office = "office", "机关部门";
        College = "college", "二级学院";
        Service = "service", "直属单位";
        Group = "group", "群团组织";
        Other = "other", "其他";
    }
}

/// What keeps a unit open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Open units directly below.
    pub children: u64,
    /// Persons who have not left.
    pub people: u64,
    /// Channels and whatever else the contexts above recorded.
    pub holdings: u64,
}

/// Why something cannot be done to a unit; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("最上级单位不能移动、合并或撤销。")]
    RootStays,
    #[error("该单位已撤销，不能再作变更。")]
    Closed,
    #[error("目标单位已撤销，请选择其他单位。")]
    TargetClosed,
    #[error("不能移到自己或自己的下级单位之下。")]
    Circle,
    #[error("不能并入自己或自己的下级单位；请先把下级单位移出。")]
    IntoItself,
    #[error("同一上级单位下已有“{0}”，请换一个名称。")]
    NameTaken(String),
    #[error("简称“{0}”已被其他单位使用，请换一个简称。")]
    ShortNameTaken(String),
    #[error("{0}请先移走、合并或办理离岗，再撤销。")]
    NotEmpty(String),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

fn open(unit: &Unit) -> Result<(), Refusal> {
    if unit.parent.is_none() {
        return Err(Refusal::RootStays);
    }
    if unit.closed_at.is_some() {
        return Err(Refusal::Closed);
    }
    Ok(())
}

/// Whether a unit may go under another. `path` holds the target itself and all units above it.
pub(super) fn may_move(unit: &Unit, target: &Unit, path: &[UnitId]) -> Result<(), Refusal> {
    open(unit)?;
    if target.closed_at.is_some() {
        return Err(Refusal::TargetClosed);
    }
    if path.contains(&unit.id) {
        return Err(Refusal::Circle);
    }
    Ok(())
}

/// Whether a unit may go up in another. `path` as for [`may_move`].
pub(super) fn may_merge(unit: &Unit, into: &Unit, path: &[UnitId]) -> Result<(), Refusal> {
    open(unit)?;
    if into.closed_at.is_some() {
        return Err(Refusal::TargetClosed);
    }
    if path.contains(&unit.id) {
        return Err(Refusal::IntoItself);
    }
    Ok(())
}

/// Whether a unit may close: nothing in it may be left without a place.
pub(super) fn may_close(unit: &Unit, inside: Contents) -> Result<(), Refusal> {
    open(unit)?;
    let left: Vec<String> = [
        (inside.children, "个下级单位"),
        (inside.people, "名在岗人员"),
        (inside.holdings, "个网络阵地"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Refusal::NotEmpty(format!(
        "该单位还有 {}，",
        left.join("、")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(id: i64, parent: Option<i64>) -> Unit {
        Unit {
            id: UnitId(id),
            parent: parent.map(UnitId),
            name: format!("单位{id}"),
            short_name: format!("单{id}"),
            kind: UnitKind::Other,
            publicity: false,
            to_check: false,
            closed_at: None,
            version: 1,
            depth: 0,
        }
    }

    #[test]
    fn the_root_stays_where_it_is() {
        let root = unit(1, None);
        let other = unit(2, Some(1));
        assert_eq!(
            may_move(&root, &other, &[UnitId(2), UnitId(1)]),
            Err(Refusal::RootStays)
        );
        assert_eq!(
            may_merge(&root, &other, &[UnitId(2), UnitId(1)]),
            Err(Refusal::RootStays)
        );
        assert_eq!(
            may_close(&root, Contents::default()),
            Err(Refusal::RootStays)
        );
    }

    #[test]
    fn a_unit_closes_only_when_nothing_is_left_in_it() {
        let one = unit(2, Some(1));
        assert_eq!(may_close(&one, Contents::default()), Ok(()));
        let refusal = may_close(
            &one,
            Contents {
                children: 0,
                people: 3,
                holdings: 2,
            },
        )
        .expect_err("people are left")
        .to_string();
        assert_eq!(
            refusal,
            "该单位还有 3 名在岗人员、2 个网络阵地，请先移走、合并或办理离岗，再撤销。"
        );
    }

    proptest! {
        /// However units are moved, every one still hangs on the root.
        #[test]
        fn moves_never_make_a_circle(
            parents in proptest::collection::vec(0_usize..1000, 1..25),
            moves in proptest::collection::vec((0_usize..1000, 0_usize..1000), 0..60),
        ) {
            let mut tree: Vec<Option<usize>> = vec![None];
            for (i, parent) in parents.iter().enumerate() {
                tree.push(Some(parent % (i + 1)));
            }
            let path = |tree: &[Option<usize>], from: usize| {
                let mut path = vec![from];
                while let Some(up) = tree[path[path.len() - 1]] {
                    path.push(up);
                    if path.len() > tree.len() { break; }
                }
                path
            };
            for (what, to) in moves {
                let (what, to) = (what % tree.len(), to % tree.len());
                let above: Vec<UnitId> = path(&tree, to).into_iter().map(|i| UnitId(i as i64)).collect();
                let moved = unit(what as i64, tree[what].map(|i| i as i64));
                let target = unit(to as i64, tree[to].map(|i| i as i64));
                if may_move(&moved, &target, &above).is_ok() {
                    tree[what] = Some(to);
                }
            }
            for i in 0..tree.len() {
                prop_assert_eq!(path(&tree, i).last().copied(), Some(0));
            }
        }
    }
}
