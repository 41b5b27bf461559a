//! Imports in the browser: choose files, see every change, then take it or leave it.

use super::{
    Compared, FormReport, Options, Report, RowReport, Verdict, read, report::Totals, store, take,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, ScopeFilter, UnitId, clock,
    form::{Errors, Field, Posted, Unprocessable, Uploaded, errors},
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// All files of one upload.
pub const UPLOAD_LIMIT: usize = 20 * 1024 * 1024;

#[derive(Template, WebTemplate)]
#[template(path = "import/list.html")]
struct List {
    shell: Shell,
    runs: Vec<Listed>,
}

struct Listed {
    id: i64,
    files: String,
    at: String,
    iso: String,
    summary: String,
    tone: &'static str,
    icon: &'static str,
    state: &'static str,
}

fn state(code: &str) -> (&'static str, &'static str, &'static str) {
    match code {
        "waiting" => ("warning", "clock", "待确认"),
        "taken" => ("success", "circle-check", "已写入"),
        "cancelled" => ("neutral", "x", "已放弃"),
        _ => ("neutral", "clock", "已过期"),
    }
}

/// GET /imports
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    let runs = store::of_person(app.db.read(), own(&actor)?).await?;
    let runs = runs.into_iter().map(|run| {
        let (tone, icon, state) = state(&run.state);
        Listed {
            id: run.id,
            files: run.files.replace('\n', "、"),
            at: clock::show(&run.created_at),
            iso: clock::local(run.created_at).to_rfc3339(),
            summary: run.summary,
            tone,
            icon,
            state,
        }
    });
    Ok(List {
        shell,
        runs: runs.collect(),
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "import/choose.html")]
struct Choose {
    shell: Shell,
    file: Field,
    unit: Field,
    create_units: Field,
    units: Vec<(String, String)>,
    may_create_units: bool,
    errors: Errors,
}

impl Choose {
    async fn new(app: &App, actor: &Actor, shell: Shell, posted: &Posted) -> Result<Self, Fault> {
        let scope = actor.filter(Permission::ImportChannels);
        Ok(Self {
            shell,
            file: Field::empty("file", "文件"),
            unit: posted.field("unit", "限定单位"),
            create_units: posted.field("create_units", "自动新建单位"),
            units: unit::options(app.db.read(), &scope).await?,
            may_create_units: may_create_units(actor),
            errors: vec![],
        })
    }

    fn refused(mut self, why: impl std::fmt::Display) -> Response {
        self.file.refuse(why);
        self.errors = errors([&self.file, &self.unit]);
        Unprocessable(self).into_response()
    }
}

/// Whoever keeps the register of the whole institution may let an import make units.
fn may_create_units(actor: &Actor) -> bool {
    actor.filter(Permission::ManageRegistry) == ScopeFilter::All
}

/// GET /imports/new
pub async fn choose(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    Choose::new(&app, &actor, shell, &Posted::default()).await
}

/// POST /imports: reads the files and shows what they would change.
pub async fn upload(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    uploaded: Uploaded,
) -> Result<Response, Fault> {
    let person = own(&actor)?;
    let page = Choose::new(&app, &actor, shell, &uploaded.posted).await?;
    let files: Vec<(String, Vec<u8>)> = uploaded
        .files
        .into_iter()
        .filter(|file| file.field == "file")
        .map(|file| (file.name, file.bytes.to_vec()))
        .collect();
    if files.is_empty() {
        return Ok(page.refused("请选择要导入的文件。"));
    }
    let unit = match page.unit.value.as_str() {
        "" => None,
        typed => Some(UnitId(typed.parse().map_err(|_| Fault::NotFound)?)),
    };
    let options = Options {
        unit,
        create_units: uploaded.posted.ticked("create_units") && page.may_create_units,
        ..Options::default()
    };
    let report = match preview(&app, &actor, &files, &options).await? {
        Ok(report) => report,
        Err(why) => return Ok(page.refused(why)),
    };
    let tx = app.db.begin().await?;
    let id = store::insert(&tx, &app, person, &files, &options, &report).await?;
    tx.commit().await?;
    Ok(redirect(format!("/imports/{id}"), None))
}

/// What taking the files would do; the inner error is a file that cannot be read.
async fn preview(
    app: &App,
    actor: &Actor,
    files: &[(String, Vec<u8>)],
    options: &Options,
) -> Result<Result<Report, String>, Fault> {
    let source = match parse(files.to_vec()).await? {
        Ok(source) => source,
        Err(why) => return Ok(Err(why)),
    };
    let tx = app.db.begin().await?;
    let mut report = take(&tx, app, actor, &source, options).await?;
    tx.rollback().await?;
    report.stored = false;
    Ok(Ok(report))
}

/// Spreadsheets are read beside the threads that serve.
async fn parse(files: Vec<(String, Vec<u8>)>) -> Result<Result<super::Source, String>, Fault> {
    tokio::task::spawn_blocking(move || read(&files).map_err(|error| error.to_string()))
        .await
        .map_err(Fault::internal)
}

#[derive(Template, WebTemplate)]
#[template(path = "import/show.html")]
struct Show {
    shell: Shell,
    id: i64,
    files: Vec<String>,
    at: String,
    iso: String,
    state: (&'static str, &'static str, &'static str),
    waiting: bool,
    taken: bool,
    totals: Totals,
    new_units: Vec<String>,
    passed_over: Vec<String>,
    forms: Vec<FormReport>,
    compared: Vec<Compared>,
    /// Whether only annexes 2 and 3 were uploaded: there is nothing to take.
    only_compared: bool,
    /// Whether all that was uploaded says what the register says.
    equal: bool,
    may_file: bool,
    known: bool,
    show: String,
    page: u64,
    pages: u64,
    matching: u64,
}

impl Show {
    fn base(&self) -> String {
        format!("/imports/{}?show={}&", self.id, self.show)
    }

    fn tab(&self, show: &str) -> String {
        format!("/imports/{}?show={show}", self.id)
    }

    /// Where a row stands, as the form posts it back.
    fn place(&self, form: &FormReport, row: &RowReport) -> String {
        serde_json::json!([form.file, form.sheet, row.row]).to_string()
    }

    /// Whether there is something to write.
    fn can_take(&self) -> bool {
        self.waiting && self.totals.new + self.totals.changed > 0
    }

    /// What happens next.
    fn next(&self) -> &'static str {
        if self.can_take() {
            "确认后一次写入，可在网络阵地页面查看"
        } else {
            "没有可以写入的内容，放弃后可修改文件重新上传"
        }
    }
}

fn tone(verdict: &Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::New => ("success", "plus"),
        Verdict::Changed => ("info", "edit"),
        Verdict::Same => ("neutral", "circle-check"),
        Verdict::Refused => ("danger", "alert-circle"),
    }
}

/// Which rows to look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    show: String,
    page: Option<u64>,
}

/// Rows on one page of a preview.
const PER_PAGE: usize = 100;

/// GET /imports/{id}
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Fault> {
    let run = find(&app, &actor, id).await?;
    let wanted = [
        Verdict::New,
        Verdict::Changed,
        Verdict::Same,
        Verdict::Refused,
    ]
    .into_iter()
    .find(|verdict| code(*verdict) == asked.show);
    let fits = |row: &RowReport| wanted.is_none_or(|verdict| row.verdict == verdict);
    let known = run.row.report.is_some();
    let totals = run.report.totals;
    let matching = run
        .report
        .forms
        .iter()
        .flat_map(|form| &form.rows)
        .filter(|row| fits(row))
        .count();
    let pages = matching.div_ceil(PER_PAGE).max(1);
    let page = usize::try_from(asked.page.unwrap_or(1))
        .unwrap_or(1)
        .clamp(1, pages);
    // The page's share of the rows, still under the form that they stand in.
    let (mut skip, mut left) = ((page - 1) * PER_PAGE, PER_PAGE);
    let mut forms = vec![];
    for mut form in run.report.forms.clone() {
        let rows: Vec<RowReport> = form.rows.into_iter().filter(|row| fits(row)).collect();
        let skipped = skip.min(rows.len());
        skip -= skipped;
        form.rows = rows.into_iter().skip(skipped).take(left).collect();
        left -= form.rows.len();
        if !form.rows.is_empty() {
            forms.push(form);
        }
    }
    Ok(Show {
        shell,
        id,
        files: run.row.files.lines().map(str::to_owned).collect(),
        at: clock::show(&run.row.created_at),
        iso: clock::local(run.row.created_at).to_rfc3339(),
        state: state(&run.row.state),
        waiting: run.is_waiting(),
        taken: run.row.state == "taken",
        totals,
        new_units: run.report.new_units.clone(),
        passed_over: run.report.passed_over.clone(),
        forms,
        only_compared: run.report.forms.is_empty() && !run.report.compared.is_empty(),
        equal: run.report.compares_equal(),
        may_file: actor.may_somewhere(Permission::DraftFilings),
        compared: run.report.compared.clone(),
        known,
        show: wanted.map(code).unwrap_or_default().into(),
        page: page as u64,
        pages: pages as u64,
        matching: matching as u64,
    })
}

fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::New => "new",
        Verdict::Changed => "changed",
        Verdict::Same => "same",
        Verdict::Refused => "refused",
    }
}

/// POST /imports/{id}/confirmations: takes what was shown, if that is still what would happen.
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
    posted: Posted,
) -> Result<Response, Fault> {
    let run = find(&app, &actor, id).await?;
    let back = format!("/imports/{id}");
    if !run.is_waiting() {
        return Ok(redirect(back, Flash::warning("这次导入已经办结。")));
    }
    let files = store::files(&app, &run)?;
    let source = parse(files).await?.map_err(Fault::Refused)?;
    let mut options = run.options.clone();
    let before = options.clone();
    options.partial = posted.ticked("partial");
    for offer in posted.all("address") {
        if let Ok(place) = serde_json::from_str(offer) {
            options.take_addresses.insert(place);
        }
    }
    let tx = app.db.begin().await?;
    let report = take(&tx, &app, &actor, &source, &options).await?;
    let as_shown =
        report.agrees_with(&run.report) || before.take_addresses != options.take_addresses;
    if as_shown && report.stored {
        store::end(&tx, &app, &run, "taken", Some(&report)).await?;
        tx.commit().await?;
        let words = format!("已写入台账：{}。", report.totals);
        return Ok(redirect(back, Flash::success(words)));
    }
    tx.rollback().await?;
    let tx = app.db.begin().await?;
    let mut shown = report.clone();
    shown.stored = false;
    store::show_anew(&tx, &app, &run, &before, &shown).await?;
    tx.commit().await?;
    let words = if as_shown {
        "有不接受的行，全部没有写入。请修改文件后重新上传，或选择只写入接受的行。"
    } else {
        "预览之后台账有了变化，没有写入。下面是重新核对的结果，请再确认一次。"
    };
    Ok(redirect(back, Flash::warning(words)))
}

/// POST /imports/{id}/cancellations
pub async fn cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let run = find(&app, &actor, id).await?;
    let tx = app.db.begin().await?;
    store::end(&tx, &app, &run, "cancelled", None).await?;
    tx.commit().await?;
    Ok(redirect(
        "/imports",
        Flash::success("已放弃这次导入，没有写入任何内容。"),
    ))
}

/// A person's own import.
pub(super) async fn find(app: &App, actor: &Actor, id: i64) -> Result<store::Run, Fault> {
    store::find(app.db.read(), app, own(actor)?, id)
        .await?
        .ok_or(Fault::NotFound)
}

/// Imports in the browser are a person's own.
fn own(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::NotFound)
}
