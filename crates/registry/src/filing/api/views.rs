//! Filings as programs see them.

use crate::filing::{
    Filing,
    contacts::Contacts,
    content::Content,
    lookup::Line,
    record::{self, Record},
    route::Route,
    rules::{Act, Closing, Kind, Step, Verdict},
    show::shown,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use zhendi_kernel::{Actor, ChannelId, FilingId, PersonId, Place, Role, UnitId};

/// A filing in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingSummary {
    pub id: FilingId,
    pub name: String,
    /// A platform's code.
    pub platform: String,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    /// `draft`, `awaiting_unit_head`, `awaiting_officer_check`, `awaiting_decision`, `returned`, `withdrawn` or
    /// `effective`.
    pub stage: String,
    pub kind: Kind,
    /// What a cancellation in force waits for.
    pub closing: Option<Closing>,
    /// Whether something was decided on paper.
    pub paper: bool,
    /// The role whose turn it is.
    pub awaiting: Option<Role>,
    pub author: PersonId,
    pub document_number: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl From<Line> for FilingSummary {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            name: line.name,
            platform: line.platform,
            unit: line.unit,
            channel: line.channel,
            stage: line.stage.code().into(),
            kind: line.kind,
            closing: line.closing,
            paper: line.paper,
            awaiting: line.awaiting,
            author: line.author,
            document_number: line.document_number,
            due: line.due,
            overdue: line.overdue,
            submitted_at: line.submitted_at,
            updated_at: line.updated_at,
        }
    }
}

/// A page of filings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingPage {
    pub items: Vec<FilingSummary>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// What someone did at a step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FilingAct)]
pub struct ActView {
    /// Counts submissions, from 1.
    pub round: i32,
    pub step: Step,
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTime<Utc>,
    pub opinion: String,
    pub verdict: Verdict,
    /// Set for a decision that was taken on paper.
    pub paper: Option<PaperView>,
}

/// The paper on which a step was decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FilingPaper)]
pub struct PaperView {
    pub recorded_by: PersonId,
    pub recorded_for: Option<PersonId>,
    pub decided_on: NaiveDate,
    pub number: String,
    /// The attachment's number.
    pub scan: i64,
}

impl From<Act> for ActView {
    fn from(act: Act) -> Self {
        Self {
            paper: act.paper.map(|paper| PaperView {
                recorded_by: paper.recorded_by.person,
                recorded_for: paper.recorded_by.on_behalf_of,
                decided_on: paper.decided_on,
                number: paper.number,
                scan: paper.scan,
            }),
            round: act.round,
            step: act.step,
            person: act.person,
            on_behalf_of: act.on_behalf_of,
            at: act.at,
            opinion: act.opinion,
            verdict: act.verdict,
        }
    }
}

/// A filing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingView {
    pub id: FilingId,
    /// Goes with every verb: nobody acts on what they have not seen.
    pub version: i32,
    pub kind: Kind,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    /// The version of the channel's record beside which a change stands: goes with every step in favour.
    pub record: Option<i32>,
    /// The cells that a change would change in the record as it stands, or changed: `name`,
    /// `operator_phone_0`, and so on.
    pub changed: Vec<String>,
    /// What a cancellation in force waits for.
    pub closing: Option<Closing>,
    /// As in [`FilingSummary`].
    pub stage: String,
    pub content: Content,
    /// Telephone numbers are masked for callers who need not call.
    pub contacts: Contacts,
    pub author: PersonId,
    pub author_for: Option<PersonId>,
    pub route: Route,
    pub acts: Vec<ActView>,
    pub document_number: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub effective_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FilingView {
    pub(super) fn of(
        filing: Filing,
        current: Option<&Record>,
        actor: &Actor,
        place: &Place,
    ) -> Self {
        let changed = match filing.against(current) {
            Some((record, said)) if filing.kind == Kind::Change => {
                record::changed(record, &said).into_iter().collect()
            }
            _ => vec![],
        };
        Self {
            contacts: shown(&filing, &filing.contacts, actor, place),
            record: current.map(|record| record.version),
            changed,
            closing: filing.closing,
            id: filing.id,
            version: filing.version,
            kind: filing.kind,
            unit: filing.unit,
            channel: filing.channel,
            stage: filing.course.stage.code().into(),
            content: filing.content,
            author: filing.course.author.person,
            author_for: filing.course.author.on_behalf_of,
            route: filing.course.route,
            acts: filing.course.acts.into_iter().map(ActView::from).collect(),
            document_number: filing.document_number,
            due: filing.due,
            submitted_at: filing.submitted_at,
            effective_at: filing.effective_at,
            created_at: filing.created_at,
            updated_at: filing.updated_at,
        }
    }
}
