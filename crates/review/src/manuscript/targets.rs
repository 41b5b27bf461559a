//! Where a manuscript can go: channels with what the Rule says they carry (Rule 7) and what their platforms hold.

use super::terms::Content;
use sea_orm::ConnectionTrait;
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, ScopeFilter, UnitId, known};
use zhendi_people::unit;
use zhendi_registry::{
    channel::store::{self, Query},
    platform::{self, Annex2},
};

/// A channel as writers choose it.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: ChannelId,
    pub name: String,
    pub unit: UnitId,
    pub unit_name: String,
    pub platform: String,
    pub scope: &'static str,
    pub limits: Limits,
}

/// What a platform holds, in characters; none where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub title: Option<usize>,
    pub text: Option<usize>,
}

/// As the platforms' own editors enforced them in 2026.
fn limits(column: Annex2) -> Limits {
    let of = |title, text| Limits { title, text };
    match column {
        Annex2::Wechat => of(Some(64), Some(50_000)),
        Annex2::Weibo => of(Some(32), Some(5_000)),
        Annex2::Toutiao => of(Some(30), None),
        Annex2::Douyin => of(Some(30), Some(1_000)),
        Annex2::Website | Annex2::App | Annex2::Other => Limits::default(),
    }
}

/// What a channel mainly carries (Rule 7).
fn scope(code: &str, column: Annex2, whole: bool) -> &'static str {
    match (column, whole) {
        _ if code == "forum" => {
            "校园论坛：与学习、生活、工作相关的话题讨论和意见建议，不得发布个人隐私、商业广告等内容。"
        }
        (Annex2::Website, true) => {
            "学院官方网站：重大新闻、重要通知、政策文件、教学科研成果、师资队伍建设、校园文化活动等全局性信息，以及各单位的重要工作动态和成果。"
        }
        (Annex2::Website, false) => {
            "单位网站：本单位工作动态、教学科研、师资队伍建设、学生管理、党建工作，以及与本单位业务相关的政策法规、通知公告。"
        }
        _ => "新媒体平台：新闻资讯、校园文化活动、师生风采、生活服务等，以图文、视频、音频为主。",
    }
}

impl Target {
    /// What people read in a choice.
    pub fn label(&self) -> String {
        format!("{}（{}）", self.name, self.platform)
    }

    /// What the platform holds, for people; empty where it says nothing.
    pub fn held(&self) -> String {
        match (self.limits.title, self.limits.text) {
            (None, None) => String::new(),
            (Some(title), None) => format!("标题不超过 {title} 字。"),
            (None, Some(text)) => format!("正文不超过 {text} 字。"),
            (Some(title), Some(text)) => {
                format!("标题不超过 {title} 字，正文不超过 {text} 字。")
            }
        }
    }

    /// What is too long for it.
    pub fn too_long(&self, content: &Content, text: &str) -> Vec<String> {
        let mut found = vec![];
        let over = |length: usize, most: Option<usize>| most.filter(|most| length > *most);
        let title = content.title.chars().count();
        if let Some(most) = over(title, self.limits.title) {
            found.push(format!(
                "{}的标题不超过 {most} 字，现有 {title} 字。",
                self.label()
            ));
        }
        let long = text.chars().filter(|c| !c.is_whitespace()).count();
        if let Some(most) = over(long, self.limits.text) {
            found.push(format!(
                "{}的正文不超过 {most} 字，现有 {long} 字。",
                self.label()
            ));
        }
        found
    }
}

/// No more channels than this are offered for each way to them; who has more finds them by their unit.
const MOST: u64 = 500;

/// The channels that the actor may write for: those they see, those of the whole institution and of its
/// publicity department, to which everyone contributes, and those chosen already. Closed ones are left out.
///
/// # Errors
/// When the database fails.
pub async fn offered(app: &App, actor: &Actor, chosen: &[ChannelId]) -> Result<Vec<Target>, Fault> {
    let db = app.db.read();
    let all = unit::all(db).await?;
    let of_all: Vec<UnitId> = all
        .iter()
        .filter(|unit| unit.parent.is_none() || unit.publicity)
        .map(|unit| unit.id)
        .collect();
    let mut rows = vec![];
    let seen = actor.filter(Permission::ViewChannels);
    let open = Query {
        open: true,
        per_page: 100,
        ..Query::default()
    };
    for page in 1..=MOST / 100 {
        let query = Query {
            page,
            ..open.clone()
        };
        let found = store::list(db, &seen, &query).await?;
        rows.extend(found.rows);
        if page >= found.pages {
            break;
        }
    }
    for unit in &of_all {
        let query = Query {
            unit: Some(*unit),
            own: true,
            ..open.clone()
        };
        rows.extend(store::list(db, &ScopeFilter::All, &query).await?.rows);
    }
    if !chosen.is_empty() {
        let query = Query {
            ids: Some(chosen.to_vec()),
            per_page: 100,
            ..Query::default()
        };
        rows.extend(store::list(db, &ScopeFilter::All, &query).await?.rows);
    }
    let version = known::Version::read(db).await?;
    let platforms = platform::known(app, version).await?;
    let names: HashMap<UnitId, &str> = all
        .iter()
        .map(|unit| (unit.id, unit.name.as_str()))
        .collect();
    let mut targets: Vec<Target> = vec![];
    for row in rows {
        if targets.iter().any(|one| one.id == row.id) {
            continue;
        }
        let column = platforms
            .get(&row.platform)
            .map_or(Annex2::Other, |platform| platform.annex2);
        targets.push(Target {
            id: row.id,
            unit: row.unit_id,
            unit_name: names.get(&row.unit_id).map_or("", |name| *name).to_owned(),
            platform: platforms.name(&row.platform).to_owned(),
            scope: scope(&row.platform.0, column, of_all.contains(&row.unit_id)),
            limits: limits(column),
            name: row.name,
        });
    }
    Ok(targets)
}

/// The names of channels, each with its platform: a unit's site and its accounts often bear the same name.
///
/// # Errors
/// When the database fails.
pub async fn named(
    app: &App,
    db: &impl ConnectionTrait,
    ids: &[ChannelId],
) -> Result<HashMap<ChannelId, String>, Fault> {
    let version = known::Version::read(db).await?;
    let platforms = platform::known(app, version).await?;
    let mut found = HashMap::new();
    let ids: Vec<ChannelId> = BTreeSet::from_iter(ids).into_iter().copied().collect();
    for some in ids.chunks(100) {
        let query = Query {
            ids: Some(some.to_vec()),
            per_page: 100,
            ..Query::default()
        };
        for row in store::list(db, &ScopeFilter::All, &query).await?.rows {
            let label = format!("{}（{}）", row.name, platforms.name(&row.platform));
            found.insert(row.id, label);
        }
    }
    Ok(found)
}

/// By units, for choices in groups.
pub fn grouped(targets: &[Target]) -> Vec<(String, Vec<(String, String)>)> {
    let mut groups: Vec<(String, Vec<(String, String)>)> = vec![];
    for target in targets {
        let option = (target.id.to_string(), target.label());
        match groups
            .iter_mut()
            .find(|(unit, _)| *unit == target.unit_name)
        {
            Some((_, options)) => options.push(option),
            None => groups.push((target.unit_name.clone(), vec![option])),
        }
    }
    groups
}
