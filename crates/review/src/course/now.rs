//! Who has it now and until when: a part that pages of a manuscript show (`course/now.html`, which wants a
//! variable `now` of type [`Now`]).

use super::{
    effect::Handing,
    queue::page::{moment, tone},
    rules::{Course, Level, Stage},
    service,
};
use zhendi_kernel::{App, Fault, clock};
use zhendi_people::person;

/// A step of the way, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub label: &'static str,
    /// `done`, `now`, `todo` or `refused`.
    pub state: &'static str,
    pub note: String,
}

/// Where a manuscript is on its way through the levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    pub stage: Stage,
    pub tone: &'static str,
    pub icon: &'static str,
    /// What it is doing: the level that has it, or its stage.
    pub label: &'static str,
    pub major: bool,
    /// Why it is a major matter.
    pub why_major: String,
    /// Names of who may act; whoever took it alone.
    pub who: Vec<String>,
    /// What they are, such as 单位负责人.
    pub seat: &'static str,
    pub held: bool,
    /// Whether only a small correction is to be looked at.
    pub correction: bool,
    /// For machines and for people.
    pub due: Option<(String, String)>,
    pub overdue: bool,
    /// Until when the approval is good.
    pub expires: Option<(String, String)>,
    pub expired: bool,
    /// Departments have it for illegal or harmful content: nobody approves it.
    pub stopped: bool,
    pub steps: Vec<Step>,
}

impl Now {
    /// Who has it, in one line.
    pub fn line(&self) -> String {
        match (self.who.len(), self.held) {
            (0, _) => format!("{}（暂时没有可以办理的人）", self.seat),
            (1, true) => format!("{}（已领取）", self.who[0]),
            (1..=3, _) => format!("{}：{}", self.seat, self.who.join("、")),
            (many, _) => format!("{}：{}等 {many} 人", self.seat, self.who[..3].join("、")),
        }
    }
}

/// Who has a manuscript now and until when.
///
/// # Errors
/// When the database fails.
pub async fn now(app: &App, course: &Course) -> Result<Now, Fault> {
    let (db, at) = (app.db.read(), app.now());
    let reviewing = course.stage == Stage::Reviewing;
    let held = course.held(at);
    let place = service::place(db, course).await?;
    let handing = Handing::of_level(app, &place, course).await?;
    let stand = course.standing();
    let mut people: Vec<_> = stand.values().map(|one| one.by.person).collect();
    people.extend(held.map(|hold| hold.by.person));
    let names = person::names(db, people).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let same = course.approved_base(course.level).map(|one| one.by.person);
    let eligible = handing.eligible(course, course.level);
    let who: Vec<String> = match (reviewing, held) {
        (false, _) => vec![],
        (true, Some(hold)) => vec![name(hold.by.person)],
        (true, None) => match eligible.iter().find(|holder| Some(holder.person) == same) {
            Some(one) => vec![one.name.clone()],
            None => eligible.iter().map(|holder| holder.name.clone()).collect(),
        },
    };
    let step = |level: Level| {
        let state = match stand.get(&level) {
            Some(_) => "done",
            None if reviewing && level == course.level => "now",
            None if course.stage == Stage::Returned && level == course.level => "refused",
            None => "todo",
        };
        let note = stand
            .get(&level)
            .map(|one| format!("{} {}", name(one.by.person), clock::show(&one.at)));
        Step {
            label: level.label(),
            state,
            note: note.unwrap_or_default(),
        }
    };
    let (tone, icon) = tone(course.stage);
    Ok(Now {
        stage: course.stage,
        tone,
        icon,
        label: if reviewing {
            course.level.label()
        } else {
            course.stage.label()
        },
        major: course.major,
        why_major: course
            .mark
            .as_ref()
            .map(|mark| mark.why.clone())
            .unwrap_or_default(),
        who,
        seat: course
            .route
            .0
            .get(&course.level)
            .map_or("", |post| post.seat.label()),
        held: held.is_some(),
        correction: reviewing && course.round().base.is_some(),
        due: course.due.as_ref().map(moment),
        overdue: course.due.is_some_and(|due| due < at),
        expires: course.expires_at.as_ref().map(moment),
        expired: course.stage == Stage::Approved && !course.is_valid(at),
        stopped: course.stopped,
        steps: course.levels().map(step).collect(),
    })
}
