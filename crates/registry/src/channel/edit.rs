//! Correcting a channel's facts by hand. What a filing has fixed is shown, not offered.

use super::{
    AnnexOne, Cell, CellKind, Channel, Content, Facts, Holder, WebKind, acts,
    detail::{may_correct, seen},
    identity::{self, Owner},
    limits, store, web_numbers,
};
use crate::{
    PartialDate,
    platform::{self, Platforms},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, UnitId,
    form::{self, Errors, Field, Posted, Unprocessable},
    scope, text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::unit;

/// The fields as they were typed.
struct Fields {
    name: Field,
    unit: Field,
    platform: Field,
    address_or_id: Field,
    certified_body: Field,
    holder: Field,
    holder_post: Field,
    second_account_reason: Field,
    opened_on: Field,
    followers: Field,
    posting_frequency: Field,
    responsible_department: Field,
    icp: Field,
    problem: Field,
    rectified: Field,
    interactive: Field,
    review_system: Field,
    outsourced: Field,
    operator: Field,
    remark: Field,
    /// The facts of sites or apps, as the platform has them.
    web: Vec<(Cell, Field)>,
}

impl Fields {
    /// Each field with what `value` says of it.
    fn with(kind: Option<WebKind>, value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            name: field("name", "名称"),
            unit: field("unit", "开设单位"),
            platform: field("platform", "平台"),
            address_or_id: field("address_or_id", "账号 ID（网址）"),
            certified_body: field("certified_body", "认证主体"),
            holder: field("holder", "账号性质"),
            holder_post: field("holder_post", "职务"),
            second_account_reason: field("second_account_reason", "开设多个账号的理由"),
            opened_on: field("opened_on", "开通时间"),
            followers: field("followers", "粉丝量（关注数）"),
            posting_frequency: field("posting_frequency", "发布频次"),
            responsible_department: field("responsible_department", "责任部门"),
            icp: field("icp", "ICP 备案号"),
            problem: field("problem", "问题排查情况"),
            rectified: field("rectified", "是否整改"),
            interactive: field("interactive", "是否具有互动功能"),
            review_system: field("review_system", "是否建立内容发布审核制度"),
            outsourced: field("outsourced", "是否委托其他单位运营"),
            operator: field("operator", "受托运营单位"),
            remark: field("remark", "备注"),
            web: kind
                .map_or(&[][..], WebKind::cells)
                .iter()
                .map(|cell| (*cell, field(cell.name, cell.label)))
                .collect(),
        }
    }

    fn of(channel: &Channel, kind: Option<WebKind>) -> Self {
        let facts = &channel.facts;
        let yes_no = |value: Option<bool>| match value {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        Self::with(kind, |name| match name {
            "name" => facts.name.clone(),
            "unit" => facts.unit.to_string(),
            "platform" => facts.platform.to_string(),
            "address_or_id" => facts.address_or_id.clone(),
            "certified_body" => facts.certified_body.clone(),
            "holder" => facts.holder.code().into(),
            "holder_post" => facts.holder.post().into(),
            "second_account_reason" => channel.second_account_reason.clone().unwrap_or_default(),
            "opened_on" => facts
                .opened_on
                .map(|date| date.to_string())
                .unwrap_or_default(),
            "followers" => facts.followers.map(|n| n.to_string()).unwrap_or_default(),
            "posting_frequency" => facts.posting_frequency.clone(),
            "responsible_department" => facts.responsible_department.clone(),
            "icp" => facts.icp.clone().unwrap_or_default(),
            "problem" => facts.survey.problem.clone(),
            "rectified" => yes_no(facts.survey.rectified).into(),
            "interactive" => yes_no(facts.survey.interactive).into(),
            "review_system" => yes_no(facts.survey.review_system).into(),
            "outsourced" => yes_no(facts.survey.outsourced).into(),
            "operator" => facts.survey.operator.clone().unwrap_or_default(),
            "remark" => facts.remark.clone(),
            other => facts.web.cell(other),
        })
    }

    fn all(&self) -> Vec<&Field> {
        let own = [
            &self.name,
            &self.unit,
            &self.platform,
            &self.address_or_id,
            &self.certified_body,
            &self.holder,
            &self.holder_post,
            &self.second_account_reason,
            &self.opened_on,
            &self.followers,
            &self.posting_frequency,
            &self.responsible_department,
            &self.icp,
            &self.problem,
            &self.rectified,
            &self.interactive,
            &self.review_system,
            &self.outsourced,
            &self.operator,
            &self.remark,
        ];
        own.into_iter()
            .chain(self.web.iter().map(|(_, field)| field))
            .collect()
    }

    /// What the fields say, or none when something is wrong with them. Fixed facts are not read.
    fn read(&mut self, before: &Channel, platforms: &Platforms) -> Option<Content> {
        let free = before.frozen().is_none();
        let mut facts = before.facts.clone();
        if free {
            let name = self
                .name
                .check(|raw| text::required_line(raw, limits::NAME));
            let unit = self.unit.check(str::parse::<UnitId>);
            let code = platform::PlatformCode(self.platform.value.clone());
            if platforms.get(&code).is_none() {
                self.platform.refuse("请从列表中选择。");
            }
            let address = self
                .address_or_id
                .check(|raw| text::line(raw, limits::ADDRESS));
            let body = self
                .certified_body
                .check(|raw| text::line(raw, limits::SHORT));
            let post = self.holder_post.check(|raw| text::line(raw, limits::SHORT));
            let holder = post.and_then(|post| Holder::parse(&self.holder.value, &post));
            match &holder {
                None => self.holder.refuse("请选择。"),
                Some(Holder::PersonByPost(post)) if post.is_empty() => {
                    self.holder_post.refuse("职务认证的个人账号须填写职务。");
                }
                Some(_) => {}
            }
            facts = Facts {
                name: name.unwrap_or_default(),
                unit: unit.unwrap_or(facts.unit),
                platform: code,
                address_or_id: address.unwrap_or_default(),
                certified_body: body.unwrap_or_default(),
                holder: holder.unwrap_or(Holder::Unit),
                ..facts
            };
        }
        let second_account_reason = self
            .second_account_reason
            .check(|raw| text::line(raw, limits::SHORT))
            .filter(|reason| !reason.is_empty());
        facts.opened_on = self.opened_on.check(read_date).flatten();
        facts.followers = self.followers.check(read_count).flatten();
        let short = |field: &mut Field| {
            field
                .check(|raw| text::line(raw, limits::SHORT))
                .unwrap_or_default()
        };
        facts.posting_frequency = short(&mut self.posting_frequency);
        facts.responsible_department = short(&mut self.responsible_department);
        let kind = platforms.get(&facts.platform).and_then(WebKind::of);
        // A number that stands there already is not judged again.
        if self.icp.value.trim() != before.facts.icp.as_deref().unwrap_or_default() {
            let icp = self.icp.check(|raw| web_numbers::icp(raw, kind));
            facts.icp = icp.flatten();
        }
        self.read_web(&mut facts);
        facts.survey = AnnexOne {
            problem: short(&mut self.problem),
            rectified: self.rectified.check(read_yes_no).flatten(),
            interactive: self.interactive.check(read_yes_no).flatten(),
            review_system: self.review_system.check(read_yes_no).flatten(),
            outsourced: self.outsourced.check(read_yes_no).flatten(),
            operator: Some(short(&mut self.operator)).filter(|name| !name.is_empty()),
        };
        let remark = self.remark.check(|raw| text::lines(raw, limits::LONG));
        facts.remark = remark.unwrap_or_default();
        form::errors(self.all()).is_empty().then_some(Content {
            facts,
            people: before.people.clone(),
            second_account_reason,
        })
    }
}

impl Fields {
    /// The cells that the form showed; others stay as they were.
    fn read_web(&mut self, facts: &mut Facts) {
        let shown: Vec<(&'static str, String)> = self
            .web
            .iter()
            .map(|(cell, field)| (cell.name, field.value.clone()))
            .collect();
        let Some(kind) = [WebKind::Site, WebKind::App].into_iter().find(|kind| {
            shown
                .first()
                .is_some_and(|(name, _)| kind.cells()[0].name == *name)
        }) else {
            return;
        };
        let value = |name: &str| {
            let typed = shown.iter().find(|(key, _)| *key == name);
            typed.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let web = &mut self.web;
        facts.web = facts.web.read(kind, value, |name, why| {
            if let Some((_, field)) = web.iter_mut().find(|(cell, _)| cell.name == name) {
                field.refuse(why);
            }
        });
    }
}

/// A date as people write it; empty is none.
fn read_date(raw: &str) -> Result<Option<PartialDate>, &'static str> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Ok(None);
    }
    raw.parse()
        .map(Some)
        .map_err(|_| "请按 2016-03-01 填写；不清楚日期的可以只写 2016-03 或 2016。")
}

/// A count; empty is none.
fn read_count(raw: &str) -> Result<Option<i64>, &'static str> {
    let digits = text::fold(raw).replace(',', "");
    if digits.is_empty() {
        return Ok(None);
    }
    digits
        .parse::<i64>()
        .ok()
        .filter(|n| *n >= 0)
        .map(Some)
        .ok_or("请填写不小于 0 的整数。")
}

fn read_yes_no(raw: &str) -> Result<Option<bool>, &'static str> {
    match raw {
        "" => Ok(None),
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        _ => Err("请从列表中选择。"),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/edit.html")]
struct Edit {
    shell: Shell,
    id: ChannelId,
    version: i32,
    called: String,
    frozen: Option<String>,
    f: Fields,
    errors: Errors,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    /// An address that the remark mentions, offered where none is known.
    offered: Option<String>,
}

impl Edit {
    fn is_app(&self) -> bool {
        matches!(self.f.web.first(), Some((cell, _)) if cell.name.starts_with("app"))
    }

    fn back(&self) -> String {
        format!("/channels/{}", self.id)
    }

    fn yes_no(&self) -> [(&'static str, &'static str); 2] {
        [("yes", "是"), ("no", "否")]
    }

    fn holders(&self) -> [(&'static str, &'static str); 2] {
        Holder::OPTIONS
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    channel: &Channel,
    f: Fields,
) -> Result<Edit, Fault> {
    let db = app.db.read();
    let permission = if actor.may_somewhere(Permission::ManageRegistry) {
        Permission::ManageRegistry
    } else {
        Permission::ImportChannels
    };
    Ok(Edit {
        id: channel.id,
        version: channel.version,
        called: channel.facts.name.clone(),
        frozen: channel.frozen().map(|refusal| refusal.to_string()),
        offered: offered_address(&channel.facts),
        errors: form::errors(f.all()),
        units: unit::options(db, &actor.filter(permission)).await?,
        platforms: platform::load(db).await?.options(&f.platform.value),
        f,
        shell,
    })
}

fn require_correct(
    actor: &Actor,
    channel: &Channel,
    place: &zhendi_kernel::Place,
) -> Result<(), Fault> {
    if !may_correct(actor, place) {
        return Err(Fault::Forbidden(
            "只有台账管理人员和本单位联络员可以更正资料。".into(),
        ));
    }
    Ok(channel.require_open()?)
}

async fn web_kind(app: &App, channel: &Channel) -> Result<Option<WebKind>, Fault> {
    let platforms = platform::load(app.db.read()).await?;
    Ok(platforms.get(&channel.facts.platform).and_then(WebKind::of))
}

/// The address that a remark mentions, of a channel that has none: sheets often hide it there.
pub fn offered_address(facts: &Facts) -> Option<String> {
    if !facts.address_or_id.is_empty() {
        return None;
    }
    let start = facts
        .remark
        .find("http://")
        .or_else(|| facts.remark.find("https://"))?;
    let address: String = facts.remark[start..]
        .chars()
        .take_while(|c| {
            !c.is_whitespace()
                && !matches!(
                    c,
                    '，' | '。' | '；' | '、' | '）' | '》' | '"' | '<' | '>' | '”'
                )
        })
        .collect();
    url::Url::parse(&address)
        .is_ok_and(|url| url.has_host())
        .then_some(address)
        .filter(|address| address.chars().count() <= limits::ADDRESS)
}

/// GET /channels/{id}/edit
pub async fn form(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
) -> Result<Response, Fault> {
    let (channel, place) = seen(&app, &actor, id).await?;
    require_correct(&actor, &channel, &place)?;
    let kind = web_kind(&app, &channel).await?;
    let fields = Fields::of(&channel, kind);
    Ok(page(&app, &actor, shell, &channel, fields)
        .await?
        .into_response())
}

/// POST /channels/{id}/edit
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let (before, place) = seen(&app, &actor, id).await?;
    require_correct(&actor, &before, &place)?;
    if posted.get("version") != before.version.to_string() {
        return Err(Fault::Stale);
    }
    let platforms = platform::load(app.db.read()).await?;
    let kind = platforms.get(&before.facts.platform).and_then(WebKind::of);
    let mut fields = Fields::with(kind, |name| posted.get(name).to_owned());
    let mut content = fields.read(&before, &platforms);
    let tx = app.db.begin().await?;
    if let Some(wanted) = &content
        && !agrees(&tx, &actor, &before, wanted, &platforms, &mut fields).await?
    {
        content = None;
    }
    let Some(content) = content else {
        tx.rollback().await?;
        let page = page(&app, &actor, shell, &before, fields).await?;
        return Ok(Unprocessable(page).into_response());
    };
    acts::correct(&tx, &app, &actor, before, content).await?;
    tx.commit().await?;
    Ok(redirect(
        format!("/channels/{id}"),
        Flash::success("已保存更正。"),
    ))
}

/// Whether the register agrees: a unit that the actor keeps, no other channel with this key, a reason
/// for a further account (R-REG-4). What it has against it stands on the fields.
async fn agrees(
    tx: &zhendi_kernel::Tx,
    actor: &Actor,
    before: &Channel,
    wanted: &Content,
    platforms: &Platforms,
    fields: &mut Fields,
) -> Result<bool, Fault> {
    let facts = &wanted.facts;
    if facts.unit != before.facts.unit && !may_correct(actor, &scope::place(tx, facts.unit).await?)
    {
        fields.unit.refuse("请选择您管理范围内的单位。");
    }
    if let Some(on) = platforms.get(&facts.platform) {
        for key in identity::keys(facts, on.named_by) {
            let owner = identity::owner_of(tx, &key).await?;
            if owner.is_some_and(|owner| owner != Owner::Channel(before.id)) {
                let field = if facts.address_or_id.is_empty() {
                    &mut fields.name
                } else {
                    &mut fields.address_or_id
                };
                field.refuse("这个账号或网址已经登记或正在备案，不能重复登记。");
            }
        }
    }
    let moved = facts.unit != before.facts.unit || facts.platform != before.facts.platform;
    if moved && wanted.second_account_reason.is_none() {
        let others = store::on_platform(tx, facts.unit, &facts.platform).await?;
        if others.iter().any(|other| other.id != before.id) {
            fields
                .second_account_reason
                .refuse("该单位在这个平台已有账号，原则上只开设一个；确需保留请说明理由。");
        }
    }
    Ok(form::errors(fields.all()).is_empty())
}
