//! The page of a unit.

use crate::{
    channel::{
        pages::Shown,
        store::{self, PER_PAGE, Page, Query, Sort, Tally},
    },
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use std::collections::BTreeMap;
use zhendi_kernel::{Actor, App, Fault, Permission, Place, Role, UnitId, scope, web::Shell};
use zhendi_people::{
    role,
    unit::{self, Unit},
};

/// The roles that a unit's page names, where somebody holds them for this unit.
const NAMED: [Role; 6] = [
    Role::PortfolioLeader,
    Role::UnitHead,
    Role::UnitLiaison,
    Role::PublicityHead,
    Role::PublicityDeputy,
    Role::PublicityOfficer,
];

#[derive(Template, WebTemplate)]
#[template(path = "unit_page/show.html")]
struct Show {
    shell: Shell,
    unit: Unit,
    parent: Option<(UnitId, String)>,
    below: Vec<(UnitId, String)>,
    /// Role and names.
    people: Vec<(&'static str, String)>,
    /// None for those who see no channels here.
    channels: Option<Channels>,
    may_manage: bool,
    may_file: bool,
}

struct Channels {
    tally: Tally,
    page: Page<Shown>,
}

/// GET /units/{id}
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<UnitId>,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let unit = unit::find(db, id).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, id).await?;
    actor.require_sight(Permission::ViewUnits, &place)?;
    let parent = match unit.parent {
        Some(parent) => unit::find(db, parent)
            .await?
            .map(|unit| (unit.id, unit.name)),
        None => None,
    };
    let all = unit::all(db).await?.into_iter();
    let below = all.filter(|one| one.parent == Some(id) && one.closed_at.is_none());
    Ok(Show {
        shell,
        parent,
        below: below.map(|one| (one.id, one.name)).collect(),
        people: people(&app, &unit, &place).await?,
        channels: if actor.may(Permission::ViewChannels, &place) {
            Some(channels(&app, &actor, id).await?)
        } else {
            None
        },
        may_manage: actor.may(Permission::ManageUnits, &place),
        may_file: actor.may(Permission::DraftFilings, &place),
        unit,
    })
}

async fn channels(app: &App, actor: &Actor, unit: UnitId) -> Result<Channels, Fault> {
    let db = app.db.read();
    let today = app.clock.today();
    let scope = actor.filter(Permission::ViewChannels);
    let query = Query {
        unit: Some(unit),
        sort: Sort::Due,
        page: 1,
        per_page: PER_PAGE[2],
        ..Query::default()
    };
    let page = store::list(db, &scope, &query).await?;
    let platforms = platform::load(db).await?;
    let names = unit::names(db, page.rows.iter().map(|row| row.unit_id)).await?;
    let rows = page.rows.into_iter();
    Ok(Channels {
        tally: store::tally_of(db, &scope, &query, today).await?,
        page: Page {
            rows: rows
                .map(|row| Shown::new(row, &names, &platforms, today))
                .collect(),
            total: page.total,
            page: page.page,
            pages: page.pages,
        },
    })
}

async fn people(
    app: &App,
    unit: &Unit,
    place: &Place,
) -> Result<Vec<(&'static str, String)>, Fault> {
    let mut found = vec![];
    for role in NAMED {
        // The publicity department serves everyone; it is named on its own page.
        let is_publicity = matches!(
            role,
            Role::PublicityHead | Role::PublicityDeputy | Role::PublicityOfficer
        );
        if is_publicity && !unit.publicity {
            continue;
        }
        let holders = role::holders(app.db.read(), app.now(), role, place).await?;
        // Each once, with a mark on those who stand in for another.
        let names: BTreeMap<_, _> = holders
            .into_iter()
            .map(|holder| {
                let stands_in = holder.on_behalf_of.is_some();
                let mark = if stands_in { "（代）" } else { "" };
                ((stands_in, holder.person), format!("{}{mark}", holder.name))
            })
            .collect();
        if !names.is_empty() {
            let names: Vec<String> = names.into_values().collect();
            found.push((role.label(), names.join("、")));
        }
    }
    Ok(found)
}
