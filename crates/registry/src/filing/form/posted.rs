//! The form of a filing as it was posted, and what its small buttons do to its rows.

use crate::filing::{
    contacts::{Contact, Contacts, MOST_OPERATORS, MOST_REVIEWERS},
    content::{CELLS, CHANGE_CELLS, CLOSING_CELLS, Content, web_cells},
    drafting::Draft,
    rules::Kind,
};
use zhendi_kernel::{ChannelId, UnitId, form::Posted};

/// Reads the posted form; whatever was typed.
pub(super) fn posted_draft(posted: &Posted) -> Draft {
    let mut content = Content::default();
    let names = CELLS.iter().chain(&CHANGE_CELLS).chain(&CLOSING_CELLS);
    for (name, ..) in names {
        content.set(name, posted.get(name).to_owned());
    }
    for cell in web_cells() {
        content.set(cell.name, posted.get(cell.name).trim().to_owned());
    }
    let rows = |names: [&'static str; 4], most: usize| -> Vec<Contact> {
        let columns = names.map(|name| posted.all(name).take(most + 1).collect::<Vec<_>>());
        let count = columns.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |column: usize, row: usize| {
            columns[column]
                .get(row)
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        (0..count)
            .map(|row| Contact {
                name: cell(0, row),
                post: cell(1, row),
                phone: cell(2, row),
                employment: cell(3, row),
            })
            .collect()
    };
    Draft {
        kind: Kind::parse(posted.get("kind")).unwrap_or_default(),
        record: posted.get("record").parse().ok(),
        unit: posted.get("unit").parse().map(UnitId).ok(),
        channel: posted.get("channel").parse().map(ChannelId).ok(),
        content,
        contacts: Contacts {
            leader: rows(
                [
                    "leader_name",
                    "leader_post",
                    "leader_phone",
                    "leader_employment",
                ],
                1,
            )
            .into_iter()
            .next()
            .unwrap_or_default(),
            reviewers: rows(
                [
                    "reviewer_name",
                    "reviewer_post",
                    "reviewer_phone",
                    "reviewer_employment",
                ],
                MOST_REVIEWERS,
            ),
            operators: rows(
                [
                    "operator_name",
                    "operator_post",
                    "operator_phone",
                    "operator_employment",
                ],
                MOST_OPERATORS,
            ),
        },
    }
}

/// What a small button of the form asks for instead of keeping it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra {
    pub reviewers: usize,
    pub operators: usize,
}

/// Adds or removes a row of people, if that was pressed.
pub(super) fn small_button(posted: &Posted, draft: &mut Draft) -> Option<Extra> {
    let pressed = posted.get("action");
    match pressed {
        "add_reviewer" => {
            return Some(Extra {
                reviewers: 1,
                ..Extra::default()
            });
        }
        "add_operator" => {
            return Some(Extra {
                operators: 1,
                ..Extra::default()
            });
        }
        _ => {}
    }
    let (noun, row) = pressed.strip_prefix("remove_")?.split_once('_')?;
    let list = match noun {
        "reviewer" => &mut draft.contacts.reviewers,
        "operator" => &mut draft.contacts.operators,
        _ => return None,
    };
    let row: usize = row.parse().ok()?;
    if row < list.len() {
        list.remove(row);
    }
    Some(Extra::default())
}
