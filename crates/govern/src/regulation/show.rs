//! The page of a regulation: the version that holds, or another one that is asked for; and what changed
//! between two.

use super::{
    Regulation, RegulationState, SUBJECT, diff,
    list::badge,
    readings::unit_name,
    rules::{self, Block, BlockKind},
    service::{current, is_maker, open_for, written},
    store::{self, File, Version},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, RegulationId, audit, clock, form::Field, scope,
    web::Shell,
};
use zhendi_people::person;

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    /// A version's number, or `draft`; none for the one that holds.
    #[serde(default)]
    version: String,
}

struct VersionRow {
    version: Version,
    state: &'static str,
    tone: &'static str,
    icon: &'static str,
    issued: String,
    who: String,
    shown: bool,
    href: String,
}

struct Line {
    summary: String,
    who: String,
    iso: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "regulation/show.html")]
struct ShowPage {
    shell: Shell,
    regulation: Regulation,
    state: RegulationState,
    unit: String,
    scope: String,
    version: Version,
    blocks: Vec<Block>,
    files: Vec<File>,
    versions: Vec<VersionRow>,
    /// The one that is compared with, if there is one before.
    before: Option<i32>,
    /// Whether the shown version is the draft.
    is_draft: bool,
    has_draft: bool,
    /// Whether another version holds than the one shown.
    is_other: bool,
    supersedes: Option<Regulation>,
    /// When the actor confirmed the last issued version.
    read_at: Option<String>,
    /// Whether the actor has to confirm.
    must_read: bool,
    /// Whether the actor may confirm now: the last issued version is shown.
    may_confirm: bool,
    history: Vec<Line>,
    file: Field,
    on: Field,
    reason: Field,
    is_maker: bool,
    may_draft: bool,
    may_issue: bool,
}

impl ShowPage {
    fn mark(&self) -> (&'static str, &'static str) {
        badge(self.state)
    }

    fn headings(&self) -> Vec<&Block> {
        let all: Vec<&Block> = self
            .blocks
            .iter()
            .filter(|block| matches!(block.kind, BlockKind::Heading | BlockKind::Article))
            .collect();
        let chapters: Vec<&Block> = all
            .iter()
            .copied()
            .filter(|block| block.kind == BlockKind::Heading)
            .collect();
        let chosen = if chapters.is_empty() { all } else { chapters };
        if chosen.len() < 5 { vec![] } else { chosen }
    }
}

fn rows(
    regulation: &Regulation,
    versions: &[Version],
    shown: i64,
    holds: Option<i64>,
    names: &std::collections::HashMap<PersonId, String>,
    maker: bool,
) -> Vec<VersionRow> {
    let name = |id: &PersonId| names.get(id).cloned().unwrap_or_default();
    let listed = versions
        .iter()
        .filter(|version| maker || version.issued_at.is_some());
    listed
        .rev()
        .map(|version| {
            let (state, tone, icon) = if version.issued_at.is_none() {
                ("起草中", "neutral", "pencil")
            } else if Some(version.id) == holds && regulation.repealed_on.is_none() {
                ("现行", "success", "circle-check")
            } else if holds.is_none()
                || versions
                    .iter()
                    .any(|one| Some(one.id) == holds && one.ordinal < version.ordinal)
            {
                ("尚未施行", "info", "clock")
            } else {
                ("历史版本", "neutral", "history")
            };
            VersionRow {
                state,
                tone,
                icon,
                issued: version
                    .issued_at
                    .as_ref()
                    .map(clock::show)
                    .unwrap_or_default(),
                who: match (version.issued_by, version.issued_for) {
                    (Some(by), Some(principal)) => {
                        format!("{}（代{}）", name(&by), name(&principal))
                    }
                    (Some(by), None) => name(&by),
                    (None, _) => name(&version.author_id),
                },
                shown: version.id == shown,
                href: match version.issued_at {
                    Some(_) => format!("{}?version={}", regulation.href(), version.ordinal),
                    None => format!("{}?version=draft", regulation.href()),
                },
                version: version.clone(),
            }
        })
        .collect()
}

/// GET /regulations/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<RegulationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let regulation = open_for(db, &actor, id).await?;
    let place = scope::place(db, regulation.unit).await?;
    let bound = scope::place(db, regulation.scope).await?;
    let maker = is_maker(&actor, &place);
    let versions = store::versions_of(db, id).await?;
    let draft = written(&versions).filter(|_| maker);
    let holds = current(&versions, today);
    let shown = match asked.version.as_str() {
        "" => holds.or(draft),
        "draft" => draft.or(holds),
        number => number.parse::<i32>().ok().and_then(|number| {
            let mut issued = versions.iter().filter(|one| one.issued_at.is_some());
            issued.find(|one| one.ordinal == number)
        }),
    };
    let version = shown.ok_or(Fault::NotFound)?.clone();
    let people = versions.iter().flat_map(|one| {
        std::iter::once(one.author_id)
            .chain(one.issued_by)
            .chain(one.issued_for)
    });
    let names = person::names(db, people).await?;
    let reading = match (regulation.issued, actor.person()) {
        (Some(issued), Some(me)) => store::confirmed(db, issued, me).await?,
        _ => None,
    };
    let state = regulation.state(today);
    let shown_is_last = regulation.issued == Some(version.id);
    let read_at = reading.as_ref().and_then(|one| one.read_at);
    let supersedes = match regulation.supersedes {
        Some(other) if store::seen(db, &actor, other).await? => store::find(db, other).await?,
        _ => None,
    };
    let history = if maker {
        audit::history(db, SUBJECT, id.0).await?
    } else {
        vec![]
    };
    let lines = history
        .into_iter()
        .rev()
        .filter(|line| line.action != "regulation.read");
    let before = versions
        .iter()
        .filter(|one| one.ordinal < version.ordinal && one.issued_at.is_some())
        .map(|one| one.ordinal)
        .next_back();
    Ok(ShowPage {
        unit: unit_name(&app, regulation.unit).await?,
        scope: unit_name(&app, regulation.scope).await?,
        blocks: rules::blocks(&version.title, &version.text),
        files: store::files_of(db, version.id).await?,
        versions: rows(
            &regulation,
            &versions,
            version.id,
            holds.map(|one| one.id),
            &names,
            maker,
        ),
        before,
        is_draft: version.issued_at.is_none(),
        has_draft: draft.is_some(),
        is_other: holds.is_some_and(|one| one.id != version.id),
        must_read: reading.is_some_and(|one| one.asked_at.is_some()) && read_at.is_none(),
        may_confirm: shown_is_last
            && read_at.is_none()
            && state != RegulationState::Repealed
            && actor.person().is_some(),
        read_at: read_at.as_ref().map(clock::show),
        history: lines
            .map(|line| Line {
                summary: line.summary,
                who: line.actor,
                iso: line.at.to_rfc3339(),
                at: clock::show(&line.at),
            })
            .collect(),
        file: Field::empty("file", "附件"),
        on: Field::new("on", "废止日期", today.to_string()),
        reason: Field::empty("reason", "废止理由"),
        is_maker: maker,
        may_draft: actor.may(Permission::DraftRegulations, &place),
        may_issue: actor.may(Permission::IssueRegulations, &place)
            && actor.may(Permission::IssueRegulations, &bound),
        supersedes,
        state,
        version,
        regulation,
        shell,
    }
    .into_response())
}

#[derive(serde::Deserialize)]
pub(super) struct Between {
    #[serde(default)]
    from: i32,
    #[serde(default)]
    to: i32,
}

#[derive(Template, WebTemplate)]
#[template(path = "regulation/differences.html")]
struct DifferencesPage {
    shell: Shell,
    regulation: Regulation,
    from: Version,
    to: Version,
    ordinals: Vec<(String, String)>,
    lines: Vec<diff::Line>,
}

/// GET /regulations/{id}/differences
pub(super) async fn differences(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<RegulationId>,
    Query(between): Query<Between>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let regulation = open_for(db, &actor, id).await?;
    let place = scope::place(db, regulation.unit).await?;
    let maker = is_maker(&actor, &place);
    let mut versions = store::versions_of(db, id).await?;
    versions.retain(|one| maker || one.issued_at.is_some());
    let find = |ordinal| versions.iter().find(|one| one.ordinal == ordinal).cloned();
    let from = find(between.from).ok_or(Fault::NotFound)?;
    let to = find(between.to).ok_or(Fault::NotFound)?;
    let (old, new) = (from.text.clone(), to.text.clone());
    // Long texts take their time, which other requests should not wait for.
    let lines = tokio::task::spawn_blocking(move || diff::differences(&old, &new))
        .await
        .map_err(Fault::internal)?;
    Ok(DifferencesPage {
        ordinals: versions
            .iter()
            .map(|one| (one.ordinal.to_string(), format!("第 {} 版", one.ordinal)))
            .collect(),
        lines,
        from,
        to,
        regulation,
        shell,
    }
    .into_response())
}

/// The beginning of an article, for the contents.
pub(super) fn short(text: &str) -> String {
    const SHOWN: usize = 12;
    let head: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        format!("{head}…")
    } else {
        head
    }
}
