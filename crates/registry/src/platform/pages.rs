//! The list of platforms, and the form of one.

use super::{Annex2, NamedBy, Platform, PlatformCode, Platforms, store};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, Permission, Tx, audit,
    form::{self, Errors, Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "platform/list.html")]
struct List {
    shell: Shell,
    platforms: Platforms,
    /// Channels on each.
    used: HashMap<PlatformCode, i64>,
}

impl List {
    fn used(&self, code: &PlatformCode) -> i64 {
        self.used.get(code).copied().unwrap_or_default()
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "platform/edit.html")]
struct Edit {
    shell: Shell,
    /// None for a new one.
    before: Option<Platform>,
    used: i64,
    f: Fields,
    errors: Errors,
}

impl Edit {
    fn columns(&self) -> [(&'static str, &'static str); 7] {
        Annex2::ALL.map(|column| (column.code(), column.label()))
    }

    fn ways(&self) -> [(&'static str, &'static str); 2] {
        [NamedBy::Address, NamedBy::Account].map(|way| (way.code(), way.label()))
    }
}

struct Fields {
    code: Field,
    name: Field,
    aliases: Field,
    annex2: Field,
    named_by: Field,
    sort: Field,
    retired: Field,
}

impl Fields {
    fn with(value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            code: field("code", "代码"),
            name: field("name", "名称"),
            aliases: field("aliases", "别名"),
            annex2: field("annex2", "汇总表的列"),
            named_by: field("named_by", "识别方式"),
            sort: field("sort", "顺序"),
            retired: field("retired", "停用"),
        }
    }

    fn of(platform: &Platform) -> Self {
        Self::with(|name| match name {
            "code" => platform.code.0.clone(),
            "name" => platform.name.clone(),
            "aliases" => platform.aliases.join("\n"),
            "annex2" => platform.annex2.code().into(),
            "named_by" => platform.named_by.code().into(),
            "sort" => platform.sort.to_string(),
            _ => if platform.retired { "on" } else { "" }.into(),
        })
    }

    fn all(&self) -> [&Field; 7] {
        [
            &self.code,
            &self.name,
            &self.aliases,
            &self.annex2,
            &self.named_by,
            &self.sort,
            &self.retired,
        ]
    }

    /// The platform that the fields describe. `others` are all that are there.
    fn read(&mut self, before: Option<&Platform>, others: &Platforms) -> Option<Platform> {
        let code = match before {
            Some(before) => Some(before.code.clone()),
            None => self.code.check(read_code),
        };
        if before.is_none() && code.as_ref().is_some_and(|code| others.get(code).is_some()) {
            self.code.refuse("这个代码已被使用。");
        }
        let name = self.name.check(|raw| text::required_line(raw, 30));
        let aliases: Vec<String> = self
            .aliases
            .check(|raw| text::lines(raw, 1000))
            .unwrap_or_default()
            .split(['\n', '、', '，', ','])
            .map(|alias| alias.trim().to_owned())
            .filter(|alias| !alias.is_empty())
            .collect();
        let is_other = |found: &&Platform| Some(&found.code) != code.as_ref();
        if let Some(name) = &name
            && let Some(other) = others.resolve(name).filter(is_other)
        {
            self.name
                .refuse(format!("与“{}”的名称或别名相同。", other.name));
        }
        for alias in &aliases {
            if let Some(other) = others.resolve(alias).filter(is_other) {
                self.aliases
                    .refuse(format!("“{alias}”已是“{}”的名称或别名。", other.name));
            }
        }
        let annex2 = self
            .annex2
            .check(|raw| Annex2::parse(raw).ok_or("请选择。"));
        let named_by = self
            .named_by
            .check(|raw| NamedBy::parse(raw).ok_or("请选择。"));
        let sort = self.sort.check(|raw| {
            let number = raw.trim().parse::<i32>().ok();
            number
                .filter(|n| (0..10_000).contains(n))
                .ok_or("请填写 0 到 9999 的整数。")
        });
        if !form::errors(self.all()).is_empty() {
            return None;
        }
        Some(Platform {
            code: code?,
            name: name?,
            aliases,
            annex2: annex2?,
            named_by: named_by?,
            sort: sort?,
            retired: !self.retired.value.is_empty(),
            version: before.map_or(0, |before| before.version),
        })
    }
}

fn read_code(raw: &str) -> Result<PlatformCode, &'static str> {
    let code = raw.trim();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if (2..=30).contains(&code.len()) && code.chars().all(plain) && code != "new" {
        Ok(code.into())
    } else {
        Err("请用 2 到 30 个小写字母、数字或下划线。")
    }
}

/// Platforms are the whole institution's: a unit's own keeper does not change them.
fn require_keeper(actor: &Actor) -> Result<(), Fault> {
    if actor.may_everywhere(Permission::ManageRegistry) {
        Ok(())
    } else {
        Err(Fault::Forbidden("平台由宣传部统一维护。".into()))
    }
}

/// GET /platforms
pub async fn list(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let db = app.db.read();
    Ok(List {
        shell,
        platforms: store::load(db).await?,
        used: store::used(db).await?,
    }
    .into_response())
}

/// GET /platforms/new
pub async fn new(State(app): State<App>, actor: Actor, shell: Shell) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let last = store::load(app.db.read())
        .await?
        .0
        .into_iter()
        .map(|p| p.sort)
        .max();
    let next = last.unwrap_or(0) + 10;
    Ok(Edit {
        shell,
        before: None,
        used: 0,
        f: Fields::with(|name| match name {
            "sort" => next.to_string(),
            "annex2" => Annex2::Other.code().into(),
            "named_by" => NamedBy::Account.code().into(),
            _ => String::new(),
        }),
        errors: vec![],
    }
    .into_response())
}

/// POST /platforms
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    write(app, actor, shell, None, posted).await
}

/// GET /platforms/{code}
pub async fn edit(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(code): Path<PlatformCode>,
) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let db = app.db.read();
    let before = found(store::load(db).await?, &code)?;
    Ok(Edit {
        shell,
        used: store::used(db).await?.remove(&code).unwrap_or_default(),
        f: Fields::of(&before),
        before: Some(before),
        errors: vec![],
    }
    .into_response())
}

/// POST /platforms/{code}
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(code): Path<PlatformCode>,
    posted: Posted,
) -> Result<Response, Fault> {
    write(app, actor, shell, Some(code), posted).await
}

async fn write(
    app: App,
    actor: Actor,
    shell: Shell,
    code: Option<PlatformCode>,
    posted: Posted,
) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let tx = app.db.begin().await?;
    let all = store::load(&tx).await?;
    let before = code.map(|code| found(all.clone(), &code)).transpose()?;
    if let Some(before) = &before
        && posted.get("version") != before.version.to_string()
    {
        return Err(Fault::Stale);
    }
    let mut f = Fields::with(|name| posted.get(name).to_owned());
    let Some(after) = f.read(before.as_ref(), &all) else {
        tx.rollback().await?;
        let used = match &before {
            Some(before) => store::used(app.db.read()).await?.remove(&before.code),
            None => None,
        };
        let errors = form::errors(f.all());
        return Ok(Unprocessable(Edit {
            shell,
            before,
            used: used.unwrap_or_default(),
            f,
            errors,
        })
        .into_response());
    };
    store::save(&tx, &after, before.is_none()).await?;
    let verb = if before.is_none() { "新增" } else { "修改" };
    record(&tx, &app, &actor, "platform.saved", &after, verb).await?;
    tx.commit().await?;
    Ok(redirect(
        "/platforms",
        Flash::success(format!("已保存平台“{}”。", after.name)),
    ))
}

/// POST /platforms/{code}/removals
pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<PlatformCode>,
) -> Result<Response, Fault> {
    require_keeper(&actor)?;
    let tx = app.db.begin().await?;
    let platform = found(store::load(&tx).await?, &code)?;
    store::delete(&tx, &code).await?;
    record(&tx, &app, &actor, "platform.removed", &platform, "删除").await?;
    tx.commit().await?;
    Ok(redirect(
        "/platforms",
        Flash::success(format!("已删除平台“{}”。", platform.name)),
    ))
}

fn found(platforms: Platforms, code: &PlatformCode) -> Result<Platform, Fault> {
    let mut all = platforms.0.into_iter();
    all.find(|platform| platform.code == *code)
        .ok_or(Fault::NotFound)
}

async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    platform: &Platform,
    verb: &str,
) -> Result<(), Fault> {
    let root = unit::root(tx).await?.map(|unit| unit.id);
    let entry = audit::Entry {
        action,
        subject: ("platform", i64::from(platform.sort)),
        unit: root,
        on_behalf_of: None,
        summary: format!("{verb}平台“{}”", platform.name),
        detail: serde_json::json!({
            "code": platform.code, "name": platform.name, "aliases": platform.aliases,
            "annex2": platform.annex2, "named_by": platform.named_by,
            "sort": platform.sort, "retired": platform.retired,
        }),
    };
    audit::append(tx, app, actor, entry).await
}
