//! A decision that was taken on paper is entered by an officer, with the scan (R-REV-11): the form, and what it
//! does.

use crate::{
    course::{self, Course, Handing, Level, Party, Said, Slip, Standing, Verdict},
    ids::ManuscriptId,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Place, Role, clock,
    files::{self, ContentHash, Kind, MAX_UPLOAD},
    form::{Errors, Field, Posted, Unprocessable, Uploaded, errors},
    notify::{self, Notice},
    text,
    web::{Flash, Shell, redirect},
};

/// What is taken: scans and photographs of paper.
const KINDS: [Kind; 3] = [Kind::Pdf, Kind::Jpeg, Kind::Png];

/// A request holds one scan, the other fields and their frame.
pub const LIMIT: usize = MAX_UPLOAD + 64 * 1024;

/// What an officer enters.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The version of the course that they looked at.
    pub seen: i32,
    /// Who decided.
    pub decider: PersonId,
    /// Agreement, or return to the author.
    pub verdict: Verdict,
    pub opinion: String,
    /// The day that the paper bears.
    pub decided_on: NaiveDate,
    /// The paper's own number.
    pub number: String,
    pub scan: Scan,
}

/// The paper itself.
#[derive(Clone, Debug)]
pub struct Scan {
    pub name: String,
    pub bytes: Bytes,
}

/// Enters a decision on paper at the level that has it; who is said to have decided is told.
///
/// # Errors
/// `Fault::NotFound`; what the law of review refuses: not the own text, nobody twice; `Fault::Malformed` and
/// `Fault::TooLarge` for a scan that is not taken; `Fault::Stale`; when the database or the disk fails.
pub async fn record(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    entry: Entry,
) -> Result<Course, Fault> {
    let (before, place) = course::open_for(app, actor, id).await?;
    actor.require(Permission::RecordPaper, &place)?;
    files::accept(&entry.scan.name, &entry.scan.bytes, MAX_UPLOAD, &KINDS)?;
    let scan = app.files.put(entry.scan.bytes).await?;
    let opinion = match (entry.verdict, entry.opinion.as_str()) {
        (Verdict::Return, _) => entry.opinion,
        (_, "") => "同意".into(),
        _ => entry.opinion,
    };
    let slip = Slip {
        verdict: entry.verdict,
        said: Said {
            opinion,
            ..Said::default()
        },
        decided_on: entry.decided_on,
        number: entry.number,
        scan,
    };
    let level = before.level;
    let after = course::record_paper(app, actor, id, entry.seen, entry.decider, slip).await?;
    let tx = app.db.begin().await?;
    let people: Vec<PersonId> = after
        .decisions
        .last()
        .map(|one| one.by.everyone().collect())
        .unwrap_or_default();
    let notice = Notice {
        title: format!("已登记您对一篇稿件“{level}”环节的纸质审批，如有出入请联系宣传部"),
        href: format!("/manuscripts/{id}/sheet"),
    };
    notify::tell(&tx, app, &people, notice).await?;
    tx.commit().await?;
    Ok(after)
}

/// As whom the actor may enter papers at a place.
fn recorders(actor: &Actor, place: &Place) -> Vec<Party> {
    let Some(person) = actor.person() else {
        return vec![];
    };
    Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&Permission::RecordPaper))
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| Party {
            person,
            on_behalf_of: grant.on_behalf_of,
        })
        .collect()
}

/// Those whose decision on paper the actor may enter now, with their names; and why there is nobody.
async fn deciders(
    app: &App,
    actor: &Actor,
    course: &Course,
    place: &Place,
) -> Result<Vec<(String, String)>, Fault> {
    let Ok(level) = course.at_level() else {
        return Ok(vec![]);
    };
    let Some(seat) = course.route.0.get(&level).map(|post| post.seat) else {
        return Ok(vec![]);
    };
    let handing = Handing::look(app, place, [seat]).await?;
    let recorder = recorders(actor, place);
    let mut found = vec![];
    for holder in handing.eligible(course, level) {
        let held = |role: &Role| (*role, holder.on_behalf_of);
        let standing = Standing {
            person: holder.person,
            held: seat.roles().iter().map(held).collect(),
        };
        if course.may_record(&standing, &recorder).is_ok() {
            found.push((holder.person.to_string(), holder.name.clone()));
        }
    }
    Ok(found)
}

#[derive(Template, WebTemplate)]
#[template(path = "paper/record.html")]
struct Form {
    shell: Shell,
    id: ManuscriptId,
    /// The manuscript's title.
    called: String,
    version: i32,
    level: Level,
    deciders: Vec<(String, String)>,
    decider: Field,
    verdict: Field,
    decided_on: Field,
    number: Field,
    opinion: Field,
    scan: Field,
    errors: Errors,
}

impl Form {
    fn verdicts(&self) -> [(&'static str, &'static str); 2] {
        [("approve", "同意"), ("return", "退回作者修改")]
    }

    fn fields(&self) -> [&Field; 6] {
        [
            &self.decider,
            &self.verdict,
            &self.decided_on,
            &self.number,
            &self.opinion,
            &self.scan,
        ]
    }
}

async fn form(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: ManuscriptId,
    posted: &Posted,
) -> Result<Form, Fault> {
    let (course, place) = course::open_for(app, actor, id).await?;
    actor.require(Permission::RecordPaper, &place)?;
    let level = course.at_level().map_err(Fault::from)?;
    if recorders(actor, &place)
        .iter()
        .all(|party| party.everyone().any(|person| course.is_author(person)))
    {
        return Err(Fault::Refused(
            "这是您参与拟写的稿件，不能由您登记纸质审批，请由其他工作人员登记。".into(),
        ));
    }
    Ok(Form {
        deciders: deciders(app, actor, &course, &place).await?,
        shell,
        id,
        called: course.about.title.clone(),
        version: course.version,
        level,
        decider: posted.field("decider", "审批人"),
        verdict: posted.field("verdict", "审批结果"),
        decided_on: posted.field("decided_on", "审批日期"),
        number: posted.field("paper_number", "文号或编号"),
        opinion: posted.field("opinion", "审批意见"),
        scan: Field::empty("scan", "扫描件"),
        errors: vec![],
    })
}

/// GET /manuscripts/{id}/papers/new
pub async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    let mut page = form(&app, &actor, shell, id, &Posted::default()).await?;
    page.verdict.value = "approve".into();
    page.decided_on.value = clock::local(app.now()).date_naive().to_string();
    Ok(page.into_response())
}

/// POST /manuscripts/{id}/papers
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
    mut uploaded: Uploaded,
) -> Result<Response, Fault> {
    let file = uploaded.files.pop();
    let posted = &uploaded.posted;
    let mut page = form(&app, &actor, shell, id, posted).await?;
    let deciders = page.deciders.clone();
    let decider = page.decider.check(|raw| {
        let known = deciders.iter().any(|(value, _)| value == raw);
        raw.parse()
            .ok()
            .filter(|_| known)
            .map(PersonId)
            .ok_or("请选择作出审批的人。")
    });
    let verdict = page.verdict.check(|raw| match raw {
        "approve" => Ok(Verdict::Approve),
        "return" => Ok(Verdict::Return),
        _ => Err("请选择。"),
    });
    let decided_on = page.decided_on.check(|raw| {
        NaiveDate::parse_from_str(raw.trim(), "%Y-%m-%d")
            .map_err(|_| "请填写日期，例如 2026-11-20。")
    });
    let number = page.number.check(|raw| text::required_line(raw, 100));
    let opinion = page.opinion.check(|raw| text::lines(raw, 2_000));
    if verdict == Some(Verdict::Return) && opinion.as_deref() == Some("") {
        page.opinion.refuse("退回须写明理由。");
    }
    if file.is_none() {
        page.scan.refuse("请上传纸质审批件的扫描件或照片。");
    }
    page.errors = errors(page.fields());
    let (
        Some(decider),
        Some(verdict),
        Some(decided_on),
        Some(number),
        Some(opinion),
        Some(file),
        true,
    ) = (
        decider,
        verdict,
        decided_on,
        number,
        opinion,
        file,
        page.errors.is_empty(),
    )
    else {
        return Ok(Unprocessable(page).into_response());
    };
    let entry = Entry {
        seen: posted.get("version").parse().unwrap_or(0),
        decider,
        verdict,
        opinion,
        decided_on,
        number,
        scan: Scan {
            name: file.name,
            bytes: file.bytes,
        },
    };
    let after = record(&app, &actor, id, entry).await?;
    let word = match after.stage {
        course::Stage::Approved => "已登记纸质审批，稿件已审定，可以发布。".to_owned(),
        course::Stage::Returned => "已登记纸质审批，稿件已退回作者修改。".to_owned(),
        _ => format!("已登记纸质审批，已交“{}”办理。", after.level),
    };
    Ok(redirect(
        format!("/manuscripts/{id}/sheet"),
        Flash::success(word),
    ))
}

/// GET /manuscripts/{id}/papers/{scan}: the scan of a decision on paper, for who may see the manuscript.
pub async fn scan(
    State(app): State<App>,
    actor: Actor,
    Path((id, hash)): Path<(ManuscriptId, String)>,
) -> Result<Response, Fault> {
    let (course, _) = course::open_for(&app, &actor, id).await?;
    let hash: ContentHash = hash.parse().map_err(|_| Fault::NotFound)?;
    let paper = course
        .decisions
        .iter()
        .filter_map(|one| one.paper.as_ref())
        .find(|paper| paper.scan == hash)
        .ok_or(Fault::NotFound)?;
    let bytes = app.files.get(&hash).await?;
    let kind = KINDS
        .into_iter()
        .find(|kind| {
            files::sniff(&bytes, &format!("x.{}", kind.extensions()[0]))
                .is_ok_and(|found| found == *kind)
        })
        .ok_or_else(|| Fault::internal("a scan of an unknown kind"))?;
    let name = format!("纸质审批件-{}.{}", paper.number, kind.extensions()[0]);
    Ok(files::download(&name, kind, bytes))
}
