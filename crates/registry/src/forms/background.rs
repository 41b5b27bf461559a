//! Forms that take longer than anyone waits for.

use super::{
    download::{Asked, named, produce},
    subject::{Annex, file_name},
};
use crate::export::{self, Made, Order, Progress};
use futures::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{Actor, App, Fault, files::Kind};
use zhendi_people::unit;

/// What makes forms in the background.
pub const SOURCE: export::Source = ("form", make);

/// The address that was asked.
#[derive(Serialize, Deserialize)]
struct Ordered {
    file: String,
    asked: Asked,
}

/// Begins the making of a form of many.
///
/// # Errors
/// As [`export::start`].
pub async fn start(
    app: &App,
    actor: &Actor,
    file: String,
    annex: Annex,
    mut asked: Asked,
) -> Result<i64, Fault> {
    // The year of the asking, should it be another when it is made.
    asked.year = asked.year(app).to_string();
    let of = match asked.reach()?.unit {
        Some(id) => unit::names(app.db.read(), [id]).await?.remove(&id),
        None => None,
    };
    let extension = file.rsplit('.').next().unwrap_or_default();
    let order = Order {
        kind: SOURCE.0,
        title: format!(
            "附件{} {}（.{extension}）",
            annex.number(),
            of.unwrap_or_else(|| "全部单位".into())
        ),
        asked: serde_json::to_value(Ordered { file, asked }).map_err(Fault::internal)?,
    };
    export::start(app, actor, order).await
}

fn make(
    app: App,
    actor: Actor,
    asked: serde_json::Value,
    progress: Progress,
) -> BoxFuture<'static, Result<Made, Fault>> {
    async move {
        let Ordered { file, asked } = serde_json::from_value(asked).map_err(Fault::internal)?;
        let (annex, format) = named(&file).ok_or(Fault::NotFound)?;
        let subject = asked.subject(&app, annex)?;
        let (gathered, file) = produce(&app, &actor, subject, format, progress).await?;
        let extension = format.extension();
        Ok(Made {
            name: file_name(annex, &gathered.named, extension),
            kind: Kind::parse(extension).ok_or_else(|| Fault::internal(extension))?,
            file,
        })
    }
    .boxed()
}
