//! Annex 2 for programs.

use super::{
    download::{Asked, allow},
    gather::{Printer, gather},
    pages::list,
    reader::Reader,
    subject::Annex,
};
use crate::{channel::annex_two::Line, platform::Annex2};
use axum::{
    Json,
    extract::{Query, State},
};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use zhendi_kernel::{Actor, App, Fault, UnitId};

/// Annex 2, counted now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnexTwoView {
    /// None: everything that the caller may see.
    pub unit: Option<UnitId>,
    /// 填报单位.
    pub unit_name: String,
    pub date: NaiveDate,
    /// SHA-256 of the figures, as it stands on prints.
    pub hash: String,
    pub rows: Vec<AnnexTwoLine>,
}

/// A row of annex 2.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnexTwoLine {
    /// opened, personal, problems, rectified, interactive, reviewed or outsourced.
    pub line: String,
    /// As printed.
    pub label: String,
    pub figures: Vec<AnnexTwoFigure>,
}

/// A figure of annex 2.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnnexTwoFigure {
    /// website, weibo, wechat, toutiao, douyin, app, other or total.
    pub column: String,
    /// As printed.
    pub label: String,
    pub count: u64,
    /// The page with the channels behind it.
    pub href: String,
}

/// Annex 2 with its figures
#[utoipa::path(
    get, path = "/api/v1/forms/annex-2", tag = "forms", operation_id = "show_annex_two", params(Asked),
    responses((status = 200, body = AnnexTwoView), (status = 401), (status = 403), (status = 404))
)]
pub async fn annex_two(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Json<AnnexTwoView>, Fault> {
    let subject = asked.subject(&app, Annex::Two)?;
    allow(&app, &actor, subject).await?;
    let gathered = gather(
        &app,
        &actor,
        &Reader::of(&actor),
        &Printer::default(),
        subject,
        0,
    )
    .await?;
    let summary = gathered.summary().cloned().unwrap_or_default();
    let reach = asked.reach()?;
    let figures = |line: Line| {
        let one = |at: usize, column: &str, label: &str, count: u64| AnnexTwoFigure {
            column: column.into(),
            label: label.into(),
            count,
            href: list(summary.behind(line, at), reach),
        };
        let mut all: Vec<AnnexTwoFigure> = Annex2::ALL
            .into_iter()
            .enumerate()
            .map(|(at, column)| {
                one(
                    at,
                    column.code(),
                    column.label(),
                    summary.count(line, column),
                )
            })
            .collect();
        all.push(one(Annex2::ALL.len(), "total", "合计", summary.total(line)));
        all
    };
    Ok(Json(AnnexTwoView {
        unit: gathered.unit,
        unit_name: gathered.head.unit.clone(),
        date: app.clock.today(),
        hash: gathered.hash.clone(),
        rows: Line::ALL
            .into_iter()
            .map(|line| AnnexTwoLine {
                line: line.code().into(),
                label: line.label().into(),
                figures: figures(line),
            })
            .collect(),
    }))
}
