//! The list of publications, and the same as a file.

use super::{
    lookup::{self, PER_PAGE, Query as Wanted},
    rules::{Publication, State},
};
use crate::{forwarding, ids::ManuscriptId, manuscript};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State as Extract},
    response::{IntoResponse, Response},
};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, UnitId, audit, clock, web::Shell};
use zhendi_people::{
    lists::{self, Format, List, Value},
    person, unit,
};

/// A file holds no more lines than this.
const MOST: u64 = 20_000;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    unit: String,
    manuscript: String,
    channel: String,
    state: String,
    q: String,
    page: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        Wanted {
            unit: self.unit.parse().map(UnitId).ok(),
            manuscript: self.manuscript.parse().ok(),
            channel: self.channel.parse().map(ChannelId).ok(),
            state: State::parse(&self.state),
            open: self.view == "open",
            emergency: self.view == "emergency",
            text: self.q.chars().take(100).collect(),
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: PER_PAGE,
        }
    }

    /// What was asked for, without the page.
    fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("view", &self.view),
            ("unit", &self.unit),
            ("manuscript", &self.manuscript),
            ("channel", &self.channel),
            ("state", &self.state),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }

    fn is_narrow(&self) -> bool {
        [
            &self.unit,
            &self.manuscript,
            &self.channel,
            &self.state,
            &self.q,
        ]
        .iter()
        .any(|part| !part.is_empty())
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "publication/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    base: String,
    units: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str)>,
    channels: HashMap<ChannelId, String>,
    rows: Vec<Publication>,
    /// Manuscripts that departments have.
    stopped: BTreeSet<ManuscriptId>,
    page: u64,
    pages: u64,
    total: u64,
    waiting: u64,
    emergencies: u64,
    may_emergency: bool,
}

impl ListPage {
    fn channel(&self, one: &Publication) -> &str {
        self.channels.get(&one.channel).map_or("", String::as_str)
    }

    fn at(&self, one: &Publication) -> (String, String) {
        let at = one
            .published_at
            .or(one.scheduled_at)
            .unwrap_or(one.updated_at);
        (at.to_rfc3339(), clock::show(&at))
    }
}

/// GET /publications
pub(super) async fn page(
    Extract(app): Extract<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = asked.wanted();
    let (rows, total) = lookup::list(db, &actor, &wanted).await?;
    let count = async |query: Wanted| {
        let query = Wanted {
            page: 1,
            per_page: 1,
            ..query
        };
        Ok::<_, Fault>(lookup::list(db, &actor, &query).await?.1)
    };
    let open = Wanted {
        open: true,
        ..Wanted::default()
    };
    let emergency = Wanted {
        emergency: true,
        ..Wanted::default()
    };
    let channels: Vec<ChannelId> = rows.iter().map(|one| one.channel).collect();
    let stopped = forwarding::open_of(db, rows.iter().map(|one| one.manuscript)).await?;
    Ok(ListPage {
        units: unit::options(db, &actor.filter(Permission::ViewManuscripts)).await?,
        states: State::ALL
            .iter()
            .map(|state| (state.code(), state.label()))
            .collect(),
        channels: manuscript::channel_names(&app, db, &channels).await?,
        page: wanted.page,
        pages: total.div_ceil(PER_PAGE).max(1),
        waiting: count(open).await?,
        emergencies: count(emergency).await?,
        may_emergency: actor.may_somewhere(Permission::ManageWorkflows),
        base: match asked.base().as_str() {
            "" => "/publications?".to_owned(),
            some => format!("/publications?{some}&"),
        },
        shell,
        asked,
        rows,
        stopped,
        total,
    }
    .into_response())
}

const HEADINGS: [&str; 12] = [
    "编号",
    "标题",
    "单位",
    "网络阵地",
    "发布方式",
    "状态",
    "应急发布",
    "发布人",
    "发布时间",
    "链接",
    "撤稿原因",
    "内容摘要值",
];

/// GET /publications.csv
pub(super) async fn csv(
    Extract(app): Extract<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /publications.xlsx
pub(super) async fn xlsx(
    Extract(app): Extract<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = Wanted {
        page: 1,
        per_page: MOST,
        ..asked.wanted()
    };
    let (found, _) = lookup::list(db, actor, &wanted).await?;
    let units = unit::names(db, found.iter().map(|one| one.unit)).await?;
    let people = person::names(db, found.iter().filter_map(|one| one.published_by)).await?;
    let channels: Vec<ChannelId> = found.iter().map(|one| one.channel).collect();
    let channels = manuscript::channel_names(app, db, &channels).await?;
    let text = |text: &str| Value::Text(text.into());
    let rows: Vec<Vec<Value>> = found
        .iter()
        .map(|one| {
            let review = one.emergency.as_ref().map_or("", |one| one.review.label());
            let by = one.published_by.and_then(|by| people.get(&by));
            let reason = one.withdrawal.as_ref().map_or("", |one| one.reason.label());
            vec![
                Value::Number(one.id.0 as f64),
                text(&one.title),
                text(units.get(&one.unit).map_or("", String::as_str)),
                text(channels.get(&one.channel).map_or("", String::as_str)),
                text(one.way.label()),
                text(one.state.label()),
                text(review),
                text(by.map_or("", String::as_str)),
                text(
                    &one.published_at
                        .as_ref()
                        .map(clock::show)
                        .unwrap_or_default(),
                ),
                text(one.link.as_deref().unwrap_or_default()),
                text(reason),
                text(&one.hash.to_string()),
            ]
        })
        .collect();
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "publication.exported",
        subject: ("publication_list", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出发布记录 {} 行", rows.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let list = List {
        title: "发布记录".into(),
        headings: HEADINGS.to_vec(),
        rows,
    };
    lists::download(list, format, app.clock.today()).await
}
