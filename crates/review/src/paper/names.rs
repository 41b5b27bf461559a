//! The names line at the end of a post: 作者、编辑、审核 (Rule 6; R-REV-11).

use crate::{
    course::{Course, Level},
    manuscript::Manuscript,
};
use std::collections::HashMap;
use zhendi_kernel::PersonId;

/// Who wrote it, who edited it (the first level), who reviewed it (the levels above). Who acted for another
/// stands with their own name: they read it.
pub fn line(of: &Manuscript, course: &Course, names: &HashMap<PersonId, String>) -> String {
    let called = |people: Vec<PersonId>| {
        let mut seen: Vec<&str> = vec![];
        for person in people {
            if let Some(name) = names.get(&person)
                && !seen.contains(&name.as_str())
            {
                seen.push(name);
            }
        }
        seen.join("、")
    };
    let stand = course.standing();
    let at = |wanted: fn(Level) -> bool| -> Vec<PersonId> {
        stand
            .iter()
            .filter(|(level, _)| wanted(**level))
            .map(|(_, decision)| decision.by.person)
            .collect()
    };
    let authors = std::iter::once(of.author)
        .chain(of.coauthors.iter().copied())
        .collect();
    [
        ("作者", called(authors)),
        ("编辑", called(at(|level| level == Level::One))),
        ("审核", called(at(|level| level > Level::One))),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(duty, names)| format!("{duty}：{names}"))
    .collect::<Vec<_>>()
    .join("　")
}
