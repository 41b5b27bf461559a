//! The whole trail of a manuscript: who wrote it, who decided what at which level, what went out. The review
//! sheet prints it, the API gives it.

use super::{names, numbers};
use crate::{
    course::{self, Asked, Checked, Course, Decision, Level, Party, ProofRecord, Stage, Verdict},
    deciding::{self, Annotation},
    ids::ManuscriptId,
    manuscript::{self, Manuscript},
    publication::{self, Publication, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use zhendi_kernel::{Actor, App, Fault, PersonId, UnitId, files::ContentHash};
use zhendi_people::{person, unit};

/// What happened to a manuscript from its first submission on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Trail {
    pub manuscript: ManuscriptId,
    /// The number of its review sheet; empty until one was printed.
    pub number: String,
    /// SHA-256 of the trail: the same that stands on a sheet printed now.
    pub hash: String,
    pub title: String,
    pub unit: UnitId,
    pub unit_name: String,
    pub authors: Vec<String>,
    pub category: String,
    /// 原创 or 转载 with its source.
    pub origin: String,
    /// Names of the channels, the main one first.
    pub channels: Vec<String>,
    /// Characters of the version last submitted.
    pub words: i32,
    /// Pictures, videos and attachments of it.
    pub files: usize,
    pub stage: Stage,
    /// A major matter, with the reason.
    pub major: Option<String>,
    pub rounds: Vec<TrailRound>,
    pub publications: Vec<TrailPublication>,
    /// 作者/编辑/审核, for the end of a post.
    pub names: String,
}

/// A submission with what was decided on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailRound {
    pub number: i32,
    /// The version's number, and the hash of its content.
    pub version: i32,
    pub content: String,
    pub submitted_by: String,
    pub at: DateTime<Utc>,
    pub note: String,
    /// A small correction of what was approved (R-REV-3).
    pub small: bool,
    pub decisions: Vec<TrailDecision>,
    /// What reviewers noted at places of the text, and what the author did about it.
    pub notes: Vec<TrailNote>,
}

/// A reviewer's note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailNote {
    pub level: Level,
    pub who: String,
    /// The words that it is about; empty for the whole.
    pub quote: String,
    pub note: String,
    /// What the author did about it, with their words.
    pub reply: Option<String>,
}

/// A decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailDecision {
    pub level: Level,
    pub verdict: Verdict,
    /// The level to which it was returned; none is the author.
    pub to: Option<Level>,
    /// 甲（代乙）for who stood in.
    pub who: String,
    pub at: DateTime<Utc>,
    pub opinion: String,
    pub checklist: Vec<Checked>,
    pub proofread: Option<ProofRecord>,
    pub asked: Vec<Asked>,
    pub paper: Option<TrailPaper>,
}

/// The paper on which it was decided (R-REV-11).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailPaper {
    pub number: String,
    pub decided_on: NaiveDate,
    pub recorded_by: String,
    /// SHA-256 of the scan.
    pub scan: String,
}

/// What went out on a channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailPublication {
    pub channel: String,
    #[schema(value_type = String)]
    pub state: State,
    pub link: Option<String>,
    pub published_by: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
    /// Went live before review (R-REV-6).
    pub emergency: bool,
    /// Why it was taken down.
    pub withdrawn: Option<String>,
}

/// A manuscript with everything that happened to it.
pub(super) struct Found {
    pub of: Manuscript,
    pub course: Course,
    pub trail: Trail,
}

/// The trail of a manuscript that the actor may see.
///
/// # Errors
/// `Fault::NotFound` for what they may not see and what was never submitted; when the database fails.
pub(super) async fn trail(app: &App, actor: &Actor, id: ManuscriptId) -> Result<Found, Fault> {
    let db = app.db.read();
    let of = manuscript::open_for(db, actor, id).await?;
    let course = course::of(db, id).await?.ok_or(Fault::NotFound)?;
    let version = manuscript::version(db, course.content().0).await?;
    let publications = publication::of(db, id).await?;
    let versions: HashMap<_, _> = manuscript::versions(db, id)
        .await?
        .into_iter()
        .map(|version| (version.id, version.number))
        .collect();
    let mut notes = vec![];
    for round in &course.rounds {
        let all = deciding::annotations(db, round.content).await?;
        // What a level has not sent on with its decision is its own: it may still be taken back.
        notes.extend(
            all.into_iter()
                .filter(|one| one.round == round.number && !deciding::is_open(&course, one)),
        );
    }
    let people: BTreeSet<PersonId> = of
        .writers()
        .into_iter()
        .chain(
            notes
                .iter()
                .flat_map(|one| [Some(one.by), one.on_behalf_of])
                .flatten(),
        )
        .chain(course.rounds.iter().flat_map(|round| round.by.everyone()))
        .chain(course.decisions.iter().flat_map(Decision::everyone))
        .chain(publications.iter().filter_map(|one| one.published_by))
        .collect();
    let names = person::names(db, people).await?;
    let units = unit::names(db, [of.unit]).await?;
    let mut named = version.content.channels.clone();
    named.extend(publications.iter().map(|one| one.channel));
    let channels = manuscript::channel_names(app, db, &named).await?;
    let name = |person: PersonId| names.get(&person).cloned().unwrap_or_default();
    let who = |party: Party| match party.on_behalf_of {
        Some(principal) => format!("{}（代{}）", name(party.person), name(principal)),
        None => name(party.person),
    };
    let rounds = course
        .rounds
        .iter()
        .map(|round| TrailRound {
            number: round.number,
            version: versions.get(&round.content).copied().unwrap_or_default(),
            content: round.hash.to_string(),
            submitted_by: who(round.by),
            at: round.at,
            note: round.note.clone(),
            small: round.base.is_some(),
            notes: notes
                .iter()
                .filter(|one| one.round == round.number)
                .map(|one| TrailNote {
                    level: one.level,
                    who: who(Party {
                        person: one.by,
                        on_behalf_of: one.on_behalf_of,
                    }),
                    quote: one.quote.clone(),
                    note: one.note.clone(),
                    reply: one.reply.as_ref().map(|reply| match reply.text.as_str() {
                        "" => reply.answer.label().to_owned(),
                        text => format!("{}：{text}", reply.answer),
                    }),
                })
                .collect(),
            decisions: course
                .decisions
                .iter()
                .filter(|one| one.round == round.number)
                .map(|one| TrailDecision {
                    level: one.level,
                    verdict: one.verdict,
                    to: one.to,
                    who: who(one.by),
                    at: one.at,
                    opinion: one.opinion.clone(),
                    checklist: one.checklist.clone(),
                    proofread: one.proofread.clone(),
                    asked: one.asked.clone(),
                    paper: one.paper.as_ref().map(|paper| TrailPaper {
                        number: paper.number.clone(),
                        decided_on: paper.decided_on,
                        recorded_by: who(paper.recorded_by),
                        scan: paper.scan.to_string(),
                    }),
                })
                .collect(),
        })
        .collect();
    let trail = Trail {
        manuscript: id,
        number: numbers::of(db, id).await?.unwrap_or_default(),
        hash: hash(&course, &publications, &notes),
        title: course.about.title.clone(),
        unit: of.unit,
        unit_name: units.get(&of.unit).cloned().unwrap_or_default(),
        authors: std::iter::once(of.author)
            .chain(of.coauthors.iter().copied())
            .map(name)
            .collect(),
        category: version.content.category.clone(),
        origin: match version.content.origin {
            manuscript::Origin::Reprint => format!("转载自{}", version.content.source),
            manuscript::Origin::Original => "原创".into(),
        },
        channels: version
            .content
            .channels
            .iter()
            .filter_map(|id| channels.get(id).cloned())
            .collect(),
        words: version.words,
        files: version.content.files.len(),
        stage: course.stage,
        major: course
            .major
            .then(|| course.mark.as_ref().map(|mark| mark.why.clone()))
            .map(Option::unwrap_or_default),
        rounds,
        publications: publications
            .iter()
            .rev()
            .map(|one| TrailPublication {
                channel: channels.get(&one.channel).cloned().unwrap_or_default(),
                state: one.state,
                link: one.link.clone(),
                published_by: one.published_by.map(name),
                published_at: one.published_at,
                emergency: one.emergency.is_some(),
                withdrawn: one
                    .withdrawal
                    .as_ref()
                    .map(|why| format!("{}　{}", why.reason.label(), why.note)),
            })
            .collect(),
        names: names::line(&of, &course, &names),
    };
    Ok(Found { of, course, trail })
}

fn party(party: Party) -> Value {
    json!([party.person, party.on_behalf_of])
}

/// What ties a printed sheet to the record: SHA-256 over JSON of lists only, so that it has one writing.
/// Persons are numbers: a name may change, who decided does not.
fn hash(course: &Course, publications: &[Publication], notes: &[Annotation]) -> String {
    let rounds: Vec<Value> = course
        .rounds
        .iter()
        .map(|one| json!([one.number, one.hash, party(one.by), one.at, one.note]))
        .collect();
    let decisions: Vec<Value> = course
        .decisions
        .iter()
        .map(|one| {
            let checks: Vec<Value> = one
                .checklist
                .iter()
                .map(|point| json!([point.text, point.required, point.ok]))
                .collect();
            let proof = one
                .proofread
                .as_ref()
                .map(|proof| json!([proof.which.code(), proof.errors]));
            let asked: Vec<Value> = one
                .asked
                .iter()
                .map(|asked| json!([asked.what, asked.quote]))
                .collect();
            let paper = one.paper.as_ref().map(|paper| {
                json!([
                    party(paper.recorded_by),
                    paper.decided_on,
                    paper.number,
                    paper.scan
                ])
            });
            json!([
                one.round,
                one.level.rank(),
                one.hash,
                one.verdict.code(),
                one.to.map(Level::rank),
                party(one.by),
                one.at,
                one.opinion,
                checks,
                proof,
                asked,
                paper
            ])
        })
        .collect();
    let out: Vec<Value> = publications
        .iter()
        .map(|one| {
            json!([
                one.id,
                one.channel,
                one.hash,
                one.state.code(),
                one.link,
                one.published_at
            ])
        })
        .collect();
    let noted: Vec<Value> = notes
        .iter()
        .map(|one| {
            let reply = one
                .reply
                .as_ref()
                .map(|reply| json!([reply.answer.code(), reply.text]));
            json!([one.id, one.by, one.on_behalf_of, one.quote, one.note, reply])
        })
        .collect();
    let whole = json!([
        course.manuscript,
        course.stage.code(),
        course.major,
        rounds,
        decisions,
        noted,
        out
    ]);
    ContentHash::of(whole.to_string().as_bytes()).to_string()
}
