//! The tree of units as pages need it, kept in memory until it changes.

use super::store::{self, Unit};
use std::{collections::HashMap, sync::Arc};
use zhendi_kernel::{App, Fault, ScopeFilter, UnitId, known::Version};

/// A choice of more units than this is none: only the upper two levels are offered.
const MANY: usize = 100;

/// All units.
#[derive(Debug)]
pub struct Tree {
    /// Each below its parent.
    units: Vec<Unit>,
    names: HashMap<UnitId, String>,
}

/// The tree as of a version.
///
/// # Errors
/// When the database fails.
pub async fn tree(app: &App, version: Version) -> Result<Arc<Tree>, Fault> {
    let load = async || store::all(app.db.read()).await.map(Tree::new);
    app.db.known(version, load).await
}

impl Tree {
    fn new(units: Vec<Unit>) -> Self {
        let names = units.iter().map(|unit| (unit.id, unit.name.clone()));
        Self {
            names: names.collect(),
            units,
        }
    }

    /// The names of all units, closed ones included.
    pub fn names(&self) -> &HashMap<UnitId, String> {
        &self.names
    }

    /// The open units of a scope for a choice: id and name, indented as the tree is. Of very many the
    /// upper two levels, and the chosen one.
    pub fn options(&self, scope: &ScopeFilter, chosen: &str) -> Vec<(String, String)> {
        let mut seen: Vec<&Unit> = self.within(scope);
        seen.retain(|unit| unit.closed_at.is_none());
        let least = seen.iter().map(|unit| unit.depth).min().unwrap_or(0);
        if seen.len() > MANY {
            let chosen: Option<UnitId> = chosen.parse().ok();
            seen.retain(|unit| unit.depth <= least + 1 || Some(unit.id) == chosen);
        }
        let option = |unit: &Unit| {
            let indent = "\u{3000}".repeat(unit.depth - least);
            (unit.id.to_string(), indent + &unit.name)
        };
        seen.into_iter().map(option).collect()
    }

    fn within(&self, scope: &ScopeFilter) -> Vec<&Unit> {
        let ScopeFilter::Within { units: tops, .. } = scope else {
            return self.units.iter().collect();
        };
        let mut found = vec![];
        // In the order of the tree, all below a unit stands behind it and is deeper.
        let mut inside: Option<usize> = None;
        for unit in &self.units {
            if inside.is_some_and(|depth| unit.depth <= depth) {
                inside = None;
            }
            if inside.is_none() && tops.contains(&unit.id) {
                inside = Some(unit.depth);
            }
            if inside.is_some() {
                found.push(unit);
            }
        }
        found
    }
}
