//! The writer's page: the editor, saving with and without script.

use super::{
    FileRef, FileRole, Layout, Manuscript, Origin, Rights, canonical,
    categories::Categories,
    files::{self, NewFile},
    form::Form,
    media::{shown_size, wants_json},
    rules, sanitize,
    service::{self, Save, Saved, open_for},
    store,
    targets::{self, Target},
};
use crate::ids::ManuscriptId;
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Json,
    extract::{FromRequest, Path, Query, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, ScopeFilter, clock,
    form::{Unprocessable, Uploaded},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::{person, unit};

/// The whole form with a long text, and the frame of its parts.
pub(super) const FORM_LIMIT: usize = sanitize::RAW_LIMIT + (24 << 20);

/// What someone else saved in between, for the page.
struct Clash {
    revision: i64,
    by: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "manuscript/edit.html")]
struct EditPage {
    shell: Shell,
    of: Manuscript,
    unit: String,
    form: Form,
    groups: Vec<(String, Vec<(String, String)>)>,
    targets: Vec<Target>,
    categories: Vec<(String, String)>,
    layouts: Vec<(&'static str, &'static str)>,
    origins: Vec<(&'static str, &'static str)>,
    rights: Vec<(&'static str, &'static str)>,
    pictures: Vec<FileRef>,
    others: Vec<FileRef>,
    words: i32,
    saved: String,
    clash: Option<Clash>,
    lacks: Vec<String>,
    outside: Vec<String>,
    note: Option<String>,
}

impl EditPage {
    fn address(&self, file: &FileRef) -> String {
        files::address(self.of.id, file)
    }

    fn rights_of(&self, file: &FileRef) -> &'static str {
        file.rights.map_or("", Rights::code)
    }

    fn is_main(&self, target: &Target) -> bool {
        target.id.to_string() == self.form.main.value
    }

    fn has_other(&self, target: &Target) -> bool {
        self.form.others.contains(&target.id)
    }

    fn is_framed(&self) -> bool {
        self.form.layout.value == Layout::Framed.code()
    }

    fn is_picture(&self) -> bool {
        self.form.layout.value == Layout::Picture.code()
    }

    fn size(&self, file: &FileRef) -> String {
        shown_size(file.size)
    }
}

/// Persons by name: of the manuscript's unit first, then of the whole institution.
struct People(Vec<(PersonId, String)>);

impl People {
    async fn load(app: &App) -> Result<Self, Fault> {
        let all = person::options(app.db.read(), &ScopeFilter::All).await?;
        Ok(Self(
            all.into_iter()
                .filter_map(|(id, label)| Some((PersonId(id.parse().ok()?), label)))
                .collect(),
        ))
    }

    /// A name, with the unit in brackets where several persons bear it.
    fn find(&self, name: &str) -> Result<PersonId, String> {
        let name = name.replace('(', "（").replace(')', "）");
        let whole = |label: &str| label == name || label.split('（').next() == Some(name.as_str());
        let found: Vec<&(PersonId, String)> =
            self.0.iter().filter(|(_, label)| whole(label)).collect();
        match found.as_slice() {
            [(id, _)] => Ok(*id),
            [] => Err(format!("没有找到“{name}”，请填写在册人员的姓名。")),
            several => {
                let labels: Vec<&str> = several.iter().map(|(_, label)| label.as_str()).collect();
                Err(format!(
                    "“{name}”有 {} 人，请写成 {}。",
                    several.len(),
                    labels.join(" 或 ")
                ))
            }
        }
    }

    fn names(&self, people: &[PersonId]) -> String {
        let name = |id: &PersonId| {
            let (_, label) = self.0.iter().find(|(one, _)| one == id)?;
            let bare = label.split('（').next().unwrap_or(label);
            Some(if self.find(bare).is_ok() {
                bare
            } else {
                label.as_str()
            })
        };
        people
            .iter()
            .filter_map(name)
            .collect::<Vec<_>>()
            .join("、")
    }
}

/// A manuscript that the actor may write now.
async fn writable(app: &App, actor: &Actor, id: ManuscriptId) -> Result<Manuscript, Fault> {
    let of = open_for(app.db.read(), actor, id).await?;
    service::may_write(app.db.read(), actor, &of).await?;
    Ok(of)
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    of: Manuscript,
    form: Form,
) -> Result<EditPage, Fault> {
    let db = app.db.read();
    let targets = targets::offered(app, actor, &of.content.channels).await?;
    let categories: Categories = app.setting().await?;
    let text = canonical::plain(&of.content.html);
    let (pictures, others) = of
        .content
        .files
        .iter()
        .cloned()
        .partition(|file| file.role == FileRole::Picture);
    Ok(EditPage {
        unit: unit::names(db, [of.unit])
            .await?
            .remove(&of.unit)
            .unwrap_or_default(),
        groups: targets::grouped(&targets),
        categories: categories
            .with(&of.content.category)
            .into_iter()
            .map(|name| (name.clone(), name))
            .collect(),
        layouts: Layout::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        origins: Origin::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        rights: Rights::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        words: canonical::words(&text),
        saved: clock::show(&of.saved_at),
        lacks: lacks(&of, &targets, &text),
        outside: sanitize::outside(&of.content.html),
        note: title_note(&of.content),
        clash: None,
        pictures,
        others,
        targets,
        form,
        of,
        shell,
    })
}

/// What is still missing, and what is too long for where it goes.
fn lacks(of: &Manuscript, targets: &[Target], text: &str) -> Vec<String> {
    let content = service::used(of.content.clone());
    let mut found: Vec<String> = rules::lacks(&content, text)
        .iter()
        .map(ToString::to_string)
        .collect();
    for target in targets {
        if content.channels.contains(&target.id) {
            found.extend(target.too_long(&content, text));
        }
    }
    found
}

/// How a reprint's title stands to the title in its source (R-REV-1): the words of a title must not be bent.
pub(super) fn title_note(content: &super::Content) -> Option<String> {
    if content.origin != Origin::Reprint || content.source_title.is_empty() {
        return None;
    }
    Some(
        if text::fold(&content.title) == text::fold(&content.source_title) {
            "标题与原文一致。".into()
        } else {
            format!(
                "标题与原文标题“{}”不同，请确认没有改变原意。",
                content.source_title
            )
        },
    )
}

/// GET /manuscripts/{id}/edit
pub(super) async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
) -> Result<Response, Fault> {
    let of = writable(&app, &actor, id).await?;
    let people = People::load(&app).await?;
    let form = Form::of(&of, people.names(&of.coauthors));
    Ok(page(&app, &actor, shell, of, form).await?.into_response())
}

/// What a save tells the editor.
#[derive(serde::Serialize)]
struct Told {
    revision: i64,
    saved: String,
    words: i32,
    lacks: Vec<String>,
    outside: Vec<String>,
    note: Option<String>,
    /// Scripts, frames and vector pictures that were taken out.
    dropped: usize,
}

/// What the editor is told when someone else was there first.
#[derive(serde::Serialize)]
struct ToldClash {
    revision: i64,
    by: String,
    at: String,
}

/// How many things are in HTML that no manuscript holds.
fn refused(raw: &str) -> usize {
    [
        "<script", "<svg", "<iframe", "<object", "<embed", "<math", "<form",
    ]
    .iter()
    .map(|tag| raw.matches(tag).count())
    .sum()
}

/// POST /manuscripts/{id}/edit
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
    request: Request,
) -> Result<Response, Fault> {
    let json = wants_json(request.headers());
    let uploaded = Uploaded::from_request(request, &app)
        .await
        .map_err(|fault| match fault {
            Fault::TooLarge(_) => Fault::TooLarge(format!(
                "这次提交的内容过大，没有保存。正文连同格式不超过 {} MB；图片请单独上传，不要粘贴在正文里。",
                sanitize::RAW_LIMIT >> 20
            )),
            other => other,
        })?;
    let posted = &uploaded.posted;
    let of = writable(&app, &actor, id).await?;
    let people = People::load(&app).await?;
    let categories: Categories = app.setting().await?;
    let files: Vec<i64> = of.content.files.iter().map(|file| file.id).collect();
    let mut form = Form::posted(posted, &files);
    let offered: Vec<ChannelId> = targets::offered(&app, &actor, &of.content.channels)
        .await?
        .iter()
        .map(|target| target.id)
        .collect();
    let names = categories.with(&of.content.category);
    let Some(draft) = form.draft(&names, &offered, |name| people.find(name)) else {
        if json {
            let words: Vec<String> = form.errors.iter().map(|(_, why)| why.clone()).collect();
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(words)).into_response());
        }
        let page = page(&app, &actor, shell, of, form).await?;
        return Ok(Unprocessable(page).into_response());
    };
    let seen = posted.get("revision").parse().unwrap_or(0);
    let how = match posted.get("instead").parse() {
        Ok(newer) => Save::Instead(newer),
        Err(_) => Save::Over(seen),
    };
    let dropped = refused(&draft.html);
    match service::save(&app, &actor, id, how, draft).await? {
        Saved::Done(of) => {
            attach(&app, &actor, id, &uploaded).await?;
            if json {
                return Ok(Json(told(&app, &actor, &of, dropped).await?).into_response());
            }
            let next = match posted.get("then") {
                "stay" => format!("{}/edit", of.href()),
                _ => of.href(),
            };
            Ok(redirect(next, Flash::success("已保存。")))
        }
        Saved::Conflict { revision, by, at } => {
            let names = person::names(app.db.read(), [by]).await?;
            let by = names.get(&by).cloned().unwrap_or_default();
            let at = clock::show(&at);
            if json {
                let told = ToldClash { revision, by, at };
                return Ok((StatusCode::CONFLICT, Json(told)).into_response());
            }
            let of = writable(&app, &actor, id).await?;
            let mut page = page(&app, &actor, shell, of, form).await?;
            page.clash = Some(Clash { revision, by, at });
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

async fn told(app: &App, actor: &Actor, of: &Manuscript, dropped: usize) -> Result<Told, Fault> {
    let text = canonical::plain(&of.content.html);
    let targets = targets::offered(app, actor, &of.content.channels).await?;
    Ok(Told {
        revision: of.revision,
        saved: clock::show(&of.saved_at),
        words: canonical::words(&text),
        lacks: lacks(of, &targets, &text),
        outside: sanitize::outside(&of.content.html),
        note: title_note(&of.content),
        dropped,
    })
}

/// Keeps the files that came with the form, where no script sent them one by one.
async fn attach(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    uploaded: &Uploaded,
) -> Result<(), Fault> {
    for file in &uploaded.files {
        let Some(role) = FileRole::parse(&file.field) else {
            continue;
        };
        let new = NewFile {
            role,
            name: file.name.clone(),
            bytes: file.bytes.clone(),
            alt: String::new(),
            rights: None,
            credit: String::new(),
        };
        files::keep(app, actor, id, new).await?;
    }
    Ok(())
}

/// What stands in the address of a put-aside text.
#[derive(serde::Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    aside: String,
}

/// GET /manuscripts/{id}/frame: the working copy, or a text that was put aside, as the reader would see it.
pub(super) async fn frame(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let of = open_for(db, &actor, id).await?;
    if !of.is_written_by(&actor) {
        return Err(Fault::NotFound);
    }
    let mut content = of.content;
    if let Ok(number) = wanted.aside.parse::<i64>() {
        let all = store::aside(db, id).await?;
        let one = all.into_iter().find(|one| one.id == number);
        content.html = one.ok_or(Fault::NotFound)?.html;
    }
    Ok(super::frame::document(id, &content))
}
