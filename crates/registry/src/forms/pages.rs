//! 表格导出: choose a form, see it as it will be printed, take it.

use super::{
    download::{Asked, allow},
    gather::{Gathered, Printer, Summary, gather},
    paper::Paper,
    reader::Reader,
    subject::{Annex, Format, Reach, Subject},
};
use crate::{
    channel::{
        annex_two::{Figure, Line},
        pages::Shown as Listed,
        store::{self, Page},
    },
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::IntoResponse,
};
use serde::Deserialize;
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, Permission, web::Shell};
use zhendi_people::unit;

/// Rows of a preview.
const MOST: u64 = 30;

/// Channels on a page of annex 3.
const PER_PAGE: u64 = 25;

/// What the page is asked for beside [`Asked`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    annex: String,
    page: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "forms/index.html")]
struct Index {
    shell: Shell,
    annex: Annex,
    asked: Asked,
    units: Vec<(String, String)>,
    /// Of annex 4.
    year: Option<i32>,
    years: Vec<i32>,
    shown: Shown,
    may_set: bool,
}

enum Shown {
    Sheet(Preview),
    Channels(Page<Listed>),
}

struct Preview {
    paper: Paper,
    empty: bool,
    /// Title, words, and whether a wider choice may find something.
    nothing: (&'static str, &'static str, bool),
    more: bool,
}

impl Index {
    fn annexes(&self) -> Vec<(String, String, bool)> {
        let label = |annex: Annex| match annex {
            Annex::One => "附件1 统计表",
            Annex::Two => "附件2 汇总表",
            Annex::Three => "附件3 登记表",
            Annex::Four => "附件4 备案汇总",
        };
        Annex::ALL
            .into_iter()
            .map(|annex| {
                let href = address(
                    "/forms",
                    &self.asked,
                    &[("annex", &annex.number().to_string())],
                );
                (label(annex).into(), href, annex == self.annex)
            })
            .collect()
    }

    fn query(&self) -> String {
        let query = address("", &self.asked, &[]);
        if query == "?" { String::new() } else { query }
    }

    fn page_base(&self) -> String {
        address("/forms", &self.asked, &[("annex", "3")]) + "&"
    }
}

/// An address with what is asked.
fn address(path: &str, asked: &Asked, more: &[(&str, &str)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    let asked = [
        ("unit", asked.unit.as_str()),
        ("own", &asked.own),
        ("year", &asked.year),
    ];
    for (name, value) in more.iter().copied().chain(asked) {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    format!("{path}?{}", pairs.finish())
}

/// GET /forms
pub async fn index(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
    Query(choice): Query<Choice>,
) -> Result<impl IntoResponse, Fault> {
    let annex = Annex::parse(&choice.annex).unwrap_or(Annex::One);
    let reach = asked.reach()?;
    let this_year = super::download::this_year(&app);
    let year = (annex == Annex::Four).then(|| asked.year(&app));
    let permission = match annex {
        Annex::Four => Permission::ViewFilings,
        _ => Permission::ViewChannels,
    };
    let shown = match asked.subject(&app, annex) {
        Ok(subject) => {
            allow(&app, &actor, subject).await?;
            Shown::Sheet(preview(&app, &actor, subject).await?)
        }
        Err(_) => Shown::Channels(channels(&app, &actor, reach, &choice.page).await?),
    };
    let mut years: Vec<i32> = (this_year - 5..=this_year).rev().collect();
    if let Some(year) = year
        && !years.contains(&year)
    {
        years.push(year);
    }
    Ok(Index {
        units: unit::options(app.db.read(), &actor.filter(permission)).await?,
        may_set: actor.may_everywhere(Permission::ManageRegistry),
        shell,
        annex,
        asked,
        year,
        years,
        shown,
    })
}

async fn preview(app: &App, actor: &Actor, subject: Subject) -> Result<Preview, Fault> {
    let (reader, printer) = (Reader::of(actor), Printer::of(app, actor).await?);
    let mut gathered = gather(app, actor, &reader, &printer, subject, MOST + 1).await?;
    let (empty, more) = (gathered.is_empty(), gathered.rows > MOST);
    Ok(Preview {
        paper: paper(&mut gathered)?,
        empty,
        nothing: nothing(subject),
        more,
    })
}

fn nothing(subject: Subject) -> (&'static str, &'static str, bool) {
    match subject {
        Subject::Year(reach, _) => (
            "这一年没有生效的备案",
            "开设、变更、注销备案审定后列入当年的汇总表。",
            reach.unit.is_some(),
        ),
        Subject::Accounts(reach) | Subject::Summary(reach) => (
            "没有可填报的内容",
            "所选范围内没有在用的网络阵地。",
            reach.unit.is_some(),
        ),
        _ => ("没有可填报的内容", "", false),
    }
}

/// The sheet for the screen; the figures of annex 2 lead to their channels.
fn paper(gathered: &mut Gathered) -> Result<Paper, Fault> {
    let links: Option<(Summary, Reach)> = match gathered.subject {
        Subject::Summary(reach) => gathered.summary().cloned().map(|all| (all, reach)),
        _ => None,
    };
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    Paper::new(gathered.sheet(None)?, most, |row, column| {
        let (summary, reach) = links.as_ref()?;
        // The first column names the row, the last one is 备注.
        let figure = summary.behind(*Line::ALL.get(row)?, column.checked_sub(1)?);
        (column <= 8).then(|| list(figure, *reach))
    })
}

/// The address of the channels behind a figure.
pub(super) fn list(figure: Figure, reach: Reach) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("line", figure.line.code());
    if let Some(span) = figure.span {
        pairs.append_pair("column", span.code());
    }
    if let Some(unit) = reach.unit {
        pairs.append_pair("unit", &unit.to_string());
        if reach.own {
            pairs.append_pair("own", "1");
        }
    }
    format!("/channels?{}", pairs.finish())
}

async fn channels(
    app: &App,
    actor: &Actor,
    reach: Reach,
    page: &str,
) -> Result<Page<Listed>, Fault> {
    let db = app.db.read();
    allow(app, actor, Subject::Accounts(reach)).await?;
    let query = store::Query {
        page: page.parse().unwrap_or(1),
        per_page: PER_PAGE,
        sort: store::Sort::Name,
        ..reach.query()
    };
    let found = store::list(db, &actor.filter(Permission::ViewChannels), &query).await?;
    let platforms = platform::load(db).await?;
    let names = unit::names(db, found.rows.iter().map(|row| row.unit_id)).await?;
    let today = app.clock.today();
    Ok(Page {
        rows: found
            .rows
            .into_iter()
            .map(|row| Listed::new(row, &names, &platforms, today))
            .collect(),
        total: found.total,
        page: found.page,
        pages: found.pages,
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "forms/show.html")]
struct Show {
    shell: Shell,
    /// The list that it stands in: name and address.
    of: (&'static str, &'static str),
    name: String,
    lead: String,
    back: String,
    paper: Paper,
}

/// GET /channels/{id}/form
pub async fn of_channel(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
) -> Result<impl IntoResponse, Fault> {
    let of = ("网络阵地", "/channels");
    show(
        &app,
        &actor,
        shell,
        Subject::Channel(id),
        of,
        format!("/channels/{id}"),
    )
    .await
}

/// GET /filings/{id}/form
pub async fn of_filing(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<FilingId>,
) -> Result<impl IntoResponse, Fault> {
    let of = ("备案", "/filings");
    show(
        &app,
        &actor,
        shell,
        Subject::Filing(id),
        of,
        format!("/filings/{id}"),
    )
    .await
}

async fn show(
    app: &App,
    actor: &Actor,
    shell: Shell,
    subject: Subject,
    of: (&'static str, &'static str),
    back: String,
) -> Result<Show, Fault> {
    allow(app, actor, subject).await?;
    let (reader, printer) = (Reader::of(actor), Printer::of(app, actor).await?);
    let mut gathered = gather(app, actor, &reader, &printer, subject, MOST).await?;
    Ok(Show {
        shell,
        of,
        back,
        lead: match gathered.number.as_str() {
            "" => "按台账现有内容填好，打印后盖章".into(),
            number => format!("备案编号 {number}"),
        },
        name: gathered.named.clone(),
        paper: paper(&mut gathered)?,
    })
}
