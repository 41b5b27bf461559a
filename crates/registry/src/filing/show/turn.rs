//! What somebody may do on a filing's page: the step that waits for them, a decision on paper to be entered,
//! what a cancellation in force still needs.

use super::Typed;
use crate::{
    filing::{
        Filing,
        checklist::{CheckItem, checklist},
        content::Wrong,
        rules::{Kind, Step},
    },
    settings::Registry,
};
use zhendi_kernel::{PersonId, form::Field};

/// What the person may do at the step that waits.
pub(super) struct Turn {
    pub step: Step,
    /// Where the form in favour goes.
    pub action: String,
    pub verb: &'static str,
    /// What happens then.
    pub next: String,
    pub items: Vec<(CheckItem, bool)>,
    pub opinion: Field,
    pub ticked_error: Option<String>,
}

pub(super) fn turn(
    filing: &Filing,
    step: Step,
    settings: &Registry,
    typed: &Typed<'_>,
    with: &dyn Fn(Step) -> String,
) -> Turn {
    let (noun, verb, next) = match step {
        Step::Signature => ("signatures", "同意并签署", Some(Step::Check)),
        Step::Check => ("checks", "审核通过", Some(Step::Decision)),
        Step::Decision => ("decisions", "审定通过", None),
    };
    let mut opinion = Field::new(
        "opinion",
        "意见",
        typed.opinion.map_or("", |opinion| opinion.text.as_str()),
    );
    opinion.error = typed.wrong("opinion");
    let ticked = |item: &CheckItem| {
        typed
            .opinion
            .is_some_and(|opinion| opinion.ticked.iter().any(|code| code == item.code))
    };
    let items = match step {
        Step::Check => checklist(filing.kind, settings.seal)
            .into_iter()
            .map(|item| (item, ticked(&item)))
            .collect(),
        _ => vec![],
    };
    Turn {
        step,
        action: format!("{}/{noun}", filing.href()),
        verb,
        next: match next {
            Some(next) => format!("通过后交{}；退回则由填报人修改。", with(next)),
            None => match filing.kind {
                Kind::Opening => "通过后备案生效，登记为网络阵地；退回则由填报人修改。",
                Kind::Change => "通过后变更项写入台账；退回则由填报人修改。",
                Kind::Cancellation => "通过后由管理员到平台办理注销；退回则由填报人修改。",
            }
            .into(),
        },
        items,
        opinion,
        ticked_error: typed.wrong("ticked"),
    }
}

/// Entering a decision on paper.
pub(super) struct PaperTurn {
    pub step: &'static str,
    deciders: Vec<(String, String)>,
    pub decider: Field,
    pub verdict: Field,
    pub decided_on: Field,
    pub number: Field,
    pub opinion: Field,
    pub scan: Field,
    /// Whether something was typed already: it is shown unfolded then.
    pub open: bool,
}

impl PaperTurn {
    /// Its form, with what was typed.
    pub fn of(step: Step, deciders: Vec<(PersonId, String)>, typed: &Typed<'_>) -> Self {
        Self {
            step: step.label(),
            decider: typed.field("decider", "审批人", ""),
            verdict: typed.field("verdict", "审批结果", "agreed"),
            decided_on: typed.field("decided_on", "审批日期", ""),
            number: typed.field("paper_number", "文号或编号", ""),
            opinion: typed.field("paper_opinion", "审批意见", ""),
            scan: typed.field("scan", "扫描件", ""),
            open: typed.about("decider") || typed.about("paper_number"),
            deciders: deciders
                .into_iter()
                .map(|(id, name)| (id.to_string(), name))
                .collect(),
        }
    }

    /// Those whose decision it may be.
    pub fn deciders(&self) -> &[(String, String)] {
        &self.deciders
    }

    /// What it may say.
    pub fn verdicts(&self) -> [(&'static str, &'static str); 2] {
        [("agreed", "同意"), ("returned", "退回修改")]
    }
}

/// A wrong of a field.
pub(super) fn find<'a>(wrongs: &'a [Wrong], field: &str) -> Option<&'a str> {
    wrongs
        .iter()
        .find(|wrong| wrong.field == field)
        .map(|wrong| wrong.text.as_str())
}
