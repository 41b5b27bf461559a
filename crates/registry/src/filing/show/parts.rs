//! Parts of a filing's page: its steps, opinions, cells and people.

use crate::filing::{
    Filing,
    contacts::{Contact, Contacts},
    record::rows,
    rules::{Act, Stage, Step, Verdict},
};
use std::collections::HashMap;
use zhendi_kernel::{PersonId, clock};
use zhendi_people::person::Employment;

pub(super) struct StepView {
    pub label: String,
    pub state: &'static str,
    pub note: String,
}

pub(super) struct ActView {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub who: String,
    pub iso: String,
    pub at: String,
    pub opinion: String,
    /// The scan of a decision on paper, with the paper's number.
    pub paper: Option<(i64, String)>,
}

pub(super) struct HistoryView {
    pub who: String,
    pub summary: String,
    pub iso: String,
    pub at: String,
}

pub(super) struct PersonView {
    pub duty: &'static str,
    /// `new` for a row that a change adds, `gone` for one that it takes away.
    pub row: &'static str,
    pub name: Part,
    pub post: Part,
    pub phone: Part,
    pub employment: Part,
}

/// One part of a person's row, with what the record says where a change makes it another.
#[derive(Default)]
pub(super) struct Part {
    pub value: String,
    pub was: Option<String>,
}

/// A cell of the form as the page shows it.
pub(super) struct CellView {
    pub label: &'static str,
    pub value: String,
    /// What the record says, where a change makes it another.
    pub was: Option<String>,
    pub wide: bool,
}

impl CellView {
    pub fn plain(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
            was: None,
            wide: false,
        }
    }

    pub fn wide(self) -> Self {
        Self { wide: true, ..self }
    }
}

pub(super) struct FileView {
    pub id: i64,
    pub name: String,
    pub about: String,
    pub purpose: &'static str,
    pub removable: bool,
}

pub(super) fn who(
    names: &HashMap<PersonId, String>,
    person: PersonId,
    on_behalf_of: Option<PersonId>,
) -> String {
    let name = |id| names.get(&id).map_or("（已删除）", String::as_str);
    match on_behalf_of {
        Some(principal) => format!("{}（代{}）", name(person), name(principal)),
        None => name(person).to_owned(),
    }
}

pub(super) fn steps(
    filing: &Filing,
    names: &HashMap<PersonId, String>,
    now_with: &str,
    due: &str,
) -> Vec<StepView> {
    let course = &filing.course;
    let drafting = course.stage.is_open_to_author();
    let mut all = vec![StepView {
        label: "填报".into(),
        state: match course.stage {
            Stage::Draft => "now",
            Stage::Returned => "refused",
            _ => "done",
        },
        note: who(names, course.author.person, course.author.on_behalf_of),
    }];
    for step in Step::ALL {
        let agreed = course
            .acts_now()
            .find(|act| act.step == step && act.verdict == Verdict::Agreed);
        let label = format!("{}（{}）", step.label(), course.route.role(step).label());
        all.push(match agreed {
            Some(act) if !drafting => StepView {
                label,
                state: "done",
                note: format!(
                    "{} {}",
                    who(names, act.person, act.on_behalf_of),
                    clock::local(act.at).format("%m-%d")
                ),
            },
            _ if course.stage == Stage::Awaiting(step) => StepView {
                label,
                state: "now",
                note: format!("{now_with}，最迟 {due}"),
            },
            _ => StepView {
                label,
                state: "todo",
                note: String::new(),
            },
        });
    }
    all.push(StepView {
        label: "生效".into(),
        state: if course.stage == Stage::Effective {
            "done"
        } else {
            "todo"
        },
        note: filing.document_number.clone().unwrap_or_default(),
    });
    all
}

pub(super) fn act_view(
    act: &Act,
    names: &HashMap<PersonId, String>,
    rounds: i32,
    role: &str,
) -> ActView {
    let (tone, icon, verb) = match (act.verdict, act.step) {
        (Verdict::Returned, _) => ("warning", "arrow-back-up", "退回"),
        (_, Step::Signature) => ("success", "signature", "签署同意"),
        (_, Step::Check) => ("success", "checklist", "审核通过"),
        (_, Step::Decision) => ("success", "circle-check", "审定通过"),
    };
    ActView {
        tone,
        icon,
        title: {
            let on_paper = if act.paper.is_some() {
                "（纸质）"
            } else {
                ""
            };
            if rounds > 1 {
                format!("{verb}{on_paper}（第 {} 次提交）", act.round)
            } else {
                format!("{verb}{on_paper}")
            }
        },
        who: format!("{} · {role}", who(names, act.person, act.on_behalf_of)),
        iso: act.at.to_rfc3339(),
        at: clock::show(&act.at),
        opinion: act.opinion.clone(),
        paper: act.paper.as_ref().map(|paper| {
            let recorder = who(
                names,
                paper.recorded_by.person,
                paper.recorded_by.on_behalf_of,
            );
            (
                paper.scan,
                format!("{}，{}，由{recorder}登记", paper.number, paper.decided_on),
            )
        }),
    }
}

pub(super) fn size(bytes: i64) -> String {
    if bytes >= 1 << 20 {
        format!("{:.1} MB", bytes as f64 / f64::from(1 << 20))
    } else {
        format!("{} KB", (bytes + 1023) >> 10)
    }
}

/// The people as they stand on the form; beside the record's where a change makes them others.
pub(super) fn people(was: Option<&Contacts>, now: &Contacts) -> Vec<PersonView> {
    let employment = |one: &Contact| {
        Employment::parse(&one.employment)
            .map_or("", Employment::label)
            .to_owned()
    };
    let view = |duty, row, one: &Contact, old: Option<(&Contact, Vec<&'static str>)>| {
        let part = |name: &str, of: &dyn Fn(&Contact) -> String| Part {
            value: of(one),
            was: old
                .as_ref()
                .filter(|(_, changed)| changed.contains(&name))
                .map(|(old, _)| of(old)),
        };
        PersonView {
            duty,
            row,
            name: part("name", &|one| one.name.clone()),
            post: part("post", &|one| one.post.clone()),
            phone: part("phone", &|one| one.phone.clone()),
            employment: part("employment", &employment),
        }
    };
    let Some(was) = was else {
        return now
            .everyone()
            .map(|(_, _, duty, one)| view(duty, "", one, None))
            .collect();
    };
    rows(was, now)
        .into_iter()
        .filter_map(|row| {
            let changed = row.changed();
            match (row.now, row.was) {
                (Some(one), Some(old)) => Some(view(row.duty, "", one, Some((old, changed)))),
                (Some(one), None) => Some(view(row.duty, "new", one, None)),
                (None, Some(old)) => Some(view(row.duty, "gone", old, None)),
                (None, None) => None,
            }
        })
        .collect()
}
