//! The page of a manuscript: what it says, where it stands, who has it now, what happened, what can be done next.

use super::{
    FileRef, FileRole, Layout, Manuscript, Origin, SUBJECT, Version, canonical, edit, files, list,
    media, rules,
    service::{self, open_for},
    store::{self, State as Standing},
    targets,
};
use crate::{
    course::{self, Course, Now, Stage},
    forwarding,
    ids::{ManuscriptId, VersionId},
    publication,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, audit, clock,
    form::Field,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, unit};

/// A line of the history.
struct Line {
    summary: String,
    who: String,
    at: chrono::DateTime<chrono::Utc>,
}

impl Line {
    fn iso(&self) -> String {
        self.at.to_rfc3339()
    }

    fn shown(&self) -> String {
        clock::show(&self.at)
    }
}

struct VersionLine {
    version: Version,
    by: String,
    at: String,
}

struct AsideLine {
    id: i64,
    by: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "manuscript/show.html")]
struct ShowPage {
    shell: Shell,
    of: Manuscript,
    /// What is shown: the working copy to its writers, the latest version to others.
    content: super::Content,
    state: Standing,
    unit: String,
    author: String,
    coauthors: String,
    channels: Vec<String>,
    words: i32,
    hash: String,
    now: Option<Now>,
    returned: Option<String>,
    versions: Vec<VersionLine>,
    is_live: bool,
    /// On how many channels its latest version is to be read.
    out: usize,
    /// What `publication` has to say of it, as HTML.
    publications: String,
    /// What `forwarding` has to say of it, as HTML.
    forwardings: String,
    aside: Vec<AsideLine>,
    history: Vec<Line>,
    lacks: Vec<String>,
    note: Option<String>,
    mine: bool,
    /// The working copy differs from the version under review or approved.
    changed: bool,
    may_write: bool,
    may_submit: bool,
    may_discard: bool,
    may_recall: bool,
    may_review: bool,
    may_publish: bool,
    may_copy: bool,
    /// Hand it to departments for what is illegal or harmful in it (R-INS-7).
    may_forward: bool,
    /// An officer enters what was decided on paper (R-REV-11).
    may_record: bool,
    may_give_up: bool,
    course_version: i32,
    submission_note: Field,
    major_reason: Field,
    giving_up: Field,
}

impl ShowPage {
    fn mark(&self) -> (&'static str, &'static str) {
        list::badge(self.state)
    }

    fn is_framed(&self) -> bool {
        self.content.layout == Layout::Framed
    }

    fn is_picture(&self) -> bool {
        self.content.layout == Layout::Picture
    }

    fn frame(&self) -> String {
        match self.versions.last() {
            Some(line) if !self.mine => line.version.frame(),
            _ => format!("{}/frame", self.of.href()),
        }
    }

    /// What there is still to publish; nothing once the approval has run out, which its own line says.
    fn waits(&self) -> Option<&'static str> {
        let good = self.now.as_ref().is_some_and(|now| !now.expired);
        match self.out {
            _ if !good => None,
            0 => Some("已审定，可以发布。"),
            some if some < self.content.channels.len() => Some("已审定，还有网络阵地没有发布。"),
            _ => None,
        }
    }

    fn of_role(&self, role: FileRole) -> impl Iterator<Item = &FileRef> {
        self.content
            .files
            .iter()
            .filter(move |file| file.role == role)
    }

    fn pictures(&self) -> Vec<&FileRef> {
        self.of_role(FileRole::Picture).collect()
    }

    fn papers(&self) -> Vec<&FileRef> {
        self.of_role(FileRole::Attachment).collect()
    }

    fn address(&self, file: &FileRef) -> String {
        files::address(self.of.id, file)
    }

    fn size(&self, file: &FileRef) -> String {
        media::shown_size(file.size)
    }
}

/// GET /manuscripts/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, id).await?.into_response())
}

async fn page(app: &App, actor: &Actor, shell: Shell, id: ManuscriptId) -> Result<ShowPage, Fault> {
    let db = app.db.read();
    let of = open_for(db, actor, id).await?;
    let course = course::of(db, id).await?;
    let versions = store::versions(db, id).await?;
    let mine = actor.person().is_some_and(|me| of.is_of(me));
    let content = match versions.last() {
        Some(latest) if !mine => latest.content.clone(),
        _ => service::used(of.content.clone()),
    };
    let text = canonical::plain(&content.html);
    let live = publication::live(db, id).await?;
    let publications = publication::part(app, actor, &of).await?;
    let aside = if mine {
        store::aside(db, id).await?
    } else {
        vec![]
    };
    let people = people(db, &of, &versions, &aside).await?;
    let name = |id: PersonId| people.get(&id).cloned().unwrap_or_default();
    let channels = targets::named(app, db, &content.channels).await?;
    let may_write = service::may_write(db, actor, &of).await.is_ok();
    let lacks: Vec<String> = if may_write {
        let mut found: Vec<String> = rules::lacks(&content, &text)
            .iter()
            .map(ToString::to_string)
            .collect();
        for target in targets::offered(app, actor, &content.channels).await? {
            if content.channels.contains(&target.id) {
                found.extend(target.too_long(&content, &text));
            }
        }
        found
    } else {
        vec![]
    };
    let missing = !rules::lacks(&content, &text).is_empty();
    let hash = canonical::hash(&content);
    let changed = versions.last().is_some_and(|latest| latest.hash != hash);
    let place = service::place(db, &of).await?;
    let now = match &course {
        Some(course) => Some(course::now(app, course).await?),
        None => None,
    };
    let may_publish = course
        .as_ref()
        .is_some_and(|course| course.stage == Stage::Approved)
        && content.channels.iter().any(|channel| {
            actor.may(
                Permission::PublishContent,
                &place.clone().on(Some(*channel)),
            )
        });
    let stage = course.as_ref().map(|course| course.stage);
    Ok(ShowPage {
        state: stage.map_or(Standing::Draft, Standing::On),
        unit: unit::names(db, [of.unit])
            .await?
            .remove(&of.unit)
            .unwrap_or_default(),
        author: name(of.author),
        coauthors: of
            .coauthors
            .iter()
            .map(|id| name(*id))
            .collect::<Vec<_>>()
            .join("、"),
        channels: content
            .channels
            .iter()
            .filter_map(|id| channels.get(id).cloned())
            .collect(),
        words: canonical::words(&text),
        hash: match versions.last() {
            Some(latest) if !changed => latest.hash.to_string(),
            _ => String::new(),
        },
        now,
        returned: course
            .as_ref()
            .filter(|_| stage == Some(Stage::Returned))
            .and_then(returned),
        publications,
        forwardings: forwarding::part(app, actor, id).await?,
        is_live: !live.is_empty(),
        out: live
            .iter()
            .filter(|one| Some(one.version) == versions.last().map(|latest| latest.id))
            .count(),
        aside: aside
            .into_iter()
            .map(|one| AsideLine {
                id: one.id,
                by: name(one.saved_by),
                at: clock::show(&one.saved_at),
            })
            .collect(),
        history: history(db, id).await?,
        note: edit::title_note(&content),
        may_submit: may_write
            && !missing
            && !(stage == Some(Stage::Approved)
                && !changed
                && course
                    .as_ref()
                    .is_some_and(|course| course.is_valid(app.now()))),
        may_discard: may_write && of.version.is_none(),
        may_recall: mine && stage == Some(Stage::Reviewing),
        may_review: stage == Some(Stage::Reviewing)
            && content
                .channels
                .iter()
                .copied()
                .map(Some)
                .chain([None])
                .any(|channel| {
                    actor.may(Permission::ReviewManuscripts, &place.clone().on(channel))
                }),
        may_record: stage == Some(Stage::Reviewing) && actor.may(Permission::RecordPaper, &place),
        may_give_up: mine && matches!(stage, Some(Stage::Returned | Stage::Recalled)),
        may_forward: !versions.is_empty() && forwarding::may_forward(db, actor, &of).await?,
        may_copy: actor.may_somewhere(Permission::DraftManuscripts),
        course_version: course.as_ref().map_or(0, |course| course.version),
        submission_note: Field::empty("note", "说明"),
        major_reason: Field::empty("major_reason", "重大事项理由"),
        giving_up: Field::empty("opinion", "理由"),
        versions: versions
            .into_iter()
            .map(|version| VersionLine {
                by: name(version.made_by),
                at: clock::show(&version.made_at),
                version,
            })
            .collect(),
        lacks,
        mine,
        changed,
        may_write,
        may_publish,
        content,
        shell,
        of,
    })
}

async fn people(
    db: &impl sea_orm::ConnectionTrait,
    of: &Manuscript,
    versions: &[Version],
    aside: &[store::Aside],
) -> Result<HashMap<PersonId, String>, Fault> {
    let mut ids = of.writers();
    ids.extend(versions.iter().map(|version| version.made_by));
    ids.extend(aside.iter().map(|one| one.saved_by));
    person::names(db, ids).await
}

/// Why it was returned.
fn returned(course: &Course) -> Option<String> {
    let last = course.decisions.last()?;
    Some(last.opinion.clone())
}

/// What was done, without the title that the audit log names with every deed: it stands above on this page.
fn deed(summary: &str) -> String {
    let bare = summary.find("稿件“").and_then(|from| {
        let until = summary.rfind('”')? + '”'.len_utf8();
        let before = summary.get(..from)?.trim_end_matches('：');
        (!before.is_empty() && until > from).then(|| format!("{before}{}", &summary[until..]))
    });
    bare.unwrap_or_else(|| summary.to_owned())
}

async fn history(db: &impl sea_orm::ConnectionTrait, id: ManuscriptId) -> Result<Vec<Line>, Fault> {
    let lines = audit::history(db, SUBJECT, id.0).await?;
    Ok(lines
        .into_iter()
        .rev()
        .map(|line| Line {
            summary: deed(&line.summary),
            who: line.actor,
            at: line.at,
        })
        .collect())
}

/// GET /manuscripts/versions/{id}/frame
pub(super) async fn version_frame(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<VersionId>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let version = store::version(db, id).await?;
    open_for(db, &actor, version.manuscript).await?;
    Ok(super::frame::document(version.manuscript, &version.content))
}

#[derive(Template, WebTemplate)]
#[template(path = "manuscript/version.html")]
struct VersionPage {
    shell: Shell,
    of: Manuscript,
    version: Version,
    by: String,
    at: String,
    channels: Vec<String>,
    /// The numbers before and after.
    before: Option<i32>,
    after: Option<i32>,
}

impl VersionPage {
    fn address(&self, file: &FileRef) -> String {
        files::address(self.of.id, file)
    }

    fn size(&self, file: &FileRef) -> String {
        media::shown_size(file.size)
    }
}

/// GET /manuscripts/{id}/versions/{number}
pub(super) async fn one_version(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path((id, number)): Path<(ManuscriptId, i32)>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let of = open_for(db, &actor, id).await?;
    let versions = store::versions(db, id).await?;
    let has = |number: i32| {
        versions
            .iter()
            .any(|one| one.number == number)
            .then_some(number)
    };
    let (before, after) = (has(number - 1), has(number + 1));
    let version = versions
        .into_iter()
        .find(|one| one.number == number)
        .ok_or(Fault::NotFound)?;
    let names = person::names(db, [version.made_by]).await?;
    let channels = targets::named(&app, db, &version.content.channels).await?;
    Ok(VersionPage {
        by: names.get(&version.made_by).cloned().unwrap_or_default(),
        at: clock::show(&version.made_at),
        channels: version
            .content
            .channels
            .iter()
            .filter_map(|id| channels.get(id).cloned())
            .collect(),
        before,
        after,
        version,
        of,
        shell,
    }
    .into_response())
}

/// POST /manuscripts/{id}/copies
pub(super) async fn copy(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    let of = service::copy(&app, &actor, id).await?;
    Ok(redirect(
        format!("{}/edit", of.href()),
        Flash::success("已复制为新稿，原稿不受影响。"),
    ))
}

/// POST /manuscripts/{id}/removals
pub(super) async fn discard(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    let of = service::discard(&app, &actor, id).await?;
    Ok(redirect(
        "/manuscripts?mine=1",
        Flash::success(format!("草稿“{}”已删除。", of.called())),
    ))
}
