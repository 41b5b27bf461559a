//! The figures as a spreadsheet.

use super::{
    figures::{Figures, Tally, figures},
    pages::{Asked, By, Names},
};
use crate::course::Level;
use axum::{
    extract::{Query, State},
    response::Response,
};
use zhendi_kernel::{Actor, App, Fault, audit};
use zhendi_people::lists::{self, Format, List, Value};

/// GET /reviews/statistics.xlsx
pub async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let wanted = asked.wanted(&app, &actor).await?;
    let found = figures(app.db.read(), &actor, &wanted).await?;
    let names = Names::of(&app, &found).await?;
    let by = asked.by();
    let list = list(by, &found, &names);
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "review.statistics_exported",
        subject: ("review", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出审核统计（{by}）{} 行", list.rows.len()),
        detail: serde_json::json!({ "from": wanted.from, "to": wanted.to }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    lists::download(list, Format::Xlsx, app.clock.today()).await
}

fn list(by: By, found: &Figures, names: &Names) -> List {
    let text = |text: &str| Value::Text(text.to_owned());
    let number = |number: i64| Value::Number(number as f64);
    let tally = |tally: &Tally| {
        vec![
            number(tally.decided()),
            number(tally.approved),
            number(tally.returned),
            number(tally.discarded),
            Value::Number(tally.return_rate()),
            Value::Number(tally.hours()),
        ]
    };
    const DECIDED: [&str; 6] = [
        "办理",
        "同意",
        "退回",
        "不予采用",
        "退回率（%）",
        "平均用时（小时）",
    ];
    let (headings, rows): (Vec<&'static str>, Vec<Vec<Value>>) = match by {
        By::Level => (
            [&["环节"], DECIDED.as_slice()].concat(),
            Level::ALL
                .into_iter()
                .filter_map(|level| Some((level, found.levels.get(&level)?)))
                .map(|(level, figures)| [vec![text(level.label())], tally(figures)].concat())
                .collect(),
        ),
        By::Unit => (
            vec![
                "单位",
                "送审",
                "审定",
                "退回",
                "不予采用",
                "送审到审定（小时）",
                "校对差错",
            ],
            found
                .units
                .iter()
                .map(|(id, figures)| {
                    vec![
                        text(names.unit(*id)),
                        number(figures.submitted),
                        number(figures.approved),
                        number(figures.returned),
                        number(figures.discarded),
                        Value::Number(figures.hours()),
                        number(figures.errors),
                    ]
                })
                .collect(),
        ),
        By::Person => (
            [&["审核人"], DECIDED.as_slice(), &["校对次数", "发现差错"]].concat(),
            found
                .people
                .iter()
                .map(|(id, figures)| {
                    [
                        vec![text(names.person(*id))],
                        tally(&figures.tally),
                        vec![number(figures.proofreads), number(figures.errors)],
                    ]
                    .concat()
                })
                .collect(),
        ),
        By::Proof => (
            vec!["校次", "差错类别", "发现差错"],
            found
                .proofs
                .iter()
                .flat_map(|(which, proof)| {
                    proof.errors.iter().map(move |(kind, count)| {
                        vec![text(which.label()), text(kind), number(*count)]
                    })
                })
                .collect(),
        ),
    };
    List {
        title: format!("审核统计{by}"),
        headings,
        rows,
    }
}
