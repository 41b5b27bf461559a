//! The archive that a unit sends in: annexes 1 to 4 as .xls, each named by the unit, in one .zip named as the
//! Notice asks (R-REG-8).

use super::{
    download::{allow, attachment},
    gather::{Gathered, Printer, gather},
    prints,
    reader::Reader,
    render::render,
    subject::{Annex, Format, Reach, Subject, file_name, plain},
};
use crate::channel::store;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::Datelike;
use std::{
    fs::File,
    io::{Seek, Write},
};
use zhendi_kernel::{Actor, App, ChannelId, Fault, UnitId, audit};
use zhendi_people::unit;
use zip::{ZipWriter, write::SimpleFileOptions};

/// More forms of single channels than this no unit sends by mail.
const MOST: u64 = 500;

/// The archive of a unit.
pub struct Archive {
    /// `20210629信息学院新媒体（网站）统计.zip`.
    pub name: String,
    pub file: File,
    /// How many files it holds.
    pub files: usize,
}

/// What a unit's archive of today is called: 实时发送日期（YYYYMMDD）+单位简称+新媒体（网站）统计, where + joins.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` for a unit without a short name; when the database fails.
pub async fn archive_name(app: &App, unit: UnitId) -> Result<String, Fault> {
    let unit = unit::find(app.db.read(), unit).await?;
    name_of(app, &unit.ok_or(Fault::NotFound)?)
}

fn name_of(app: &App, unit: &unit::Unit) -> Result<String, Fault> {
    if unit.short_name.trim().is_empty() {
        return Err(Fault::Refused(format!(
            "“{}”还没有简称，压缩包要按单位简称命名。请系统管理员先在“单位”页面补上简称。",
            unit.name
        )));
    }
    let today = app.clock.today().format("%Y%m%d");
    let short = plain(&unit.short_name);
    Ok(format!("{today}{short}新媒体（网站）统计.zip"))
}

/// Makes the archive of a unit with all below it.
///
/// # Errors
/// `Fault::NotFound` for a unit that the actor may not see; `Fault::Refused` for one without a short name,
/// without channels or with too many; when the database or the disk fails.
pub async fn archive(app: &App, actor: &Actor, unit: UnitId) -> Result<Archive, Fault> {
    let reach = Reach {
        unit: Some(unit),
        own: false,
    };
    allow(app, actor, Subject::Accounts(reach)).await?;
    let db = app.db.read();
    let unit = unit::find(db, unit).await?.ok_or(Fault::NotFound)?;
    let name = name_of(app, &unit)?;
    let reader = Reader::of(actor);
    let scope = reader.channels();
    let channels =
        store::page_of_export(db, &scope, &reach.query(), ChannelId(0), MOST + 1).await?;
    if channels.is_empty() {
        return Err(Fault::Refused(format!(
            "“{}”没有在用的网络阵地，没有可填报的内容。",
            unit.name
        )));
    }
    if channels.len() as u64 > MOST {
        return Err(Fault::Refused(format!(
            "“{}”及其下级的网络阵地超过 {MOST} 个，请分单位生成压缩包。",
            unit.name
        )));
    }
    let short = plain(&unit.short_name);
    let today = app.clock.today();
    let mut wanted = vec![
        (Subject::Accounts(reach), short.clone()),
        (Subject::Summary(reach), short.clone()),
    ];
    for (channel, at) in channels.iter().zip(1..) {
        let name = format!("{short}-{at:02}-{}", channel.name);
        wanted.push((Subject::Channel(channel.id), name));
    }
    wanted.push((Subject::Year(reach, today.year()), short.clone()));

    let printer = Printer::of(app, actor).await?;
    let mut zip = ZipWriter::new(tempfile::tempfile_in(&app.config.data)?);
    let mut made: Vec<Gathered> = vec![];
    for (subject, name) in wanted {
        let gathered = gather(app, actor, &reader, &printer, subject, u64::MAX).await?;
        if gathered.is_empty() {
            continue;
        }
        let (gathered, file) = render(app, gathered, Format::Xls).await?;
        let name = file_name(subject.annex(), &name, "xls");
        zip = tokio::task::spawn_blocking(move || add(zip, name, file))
            .await
            .map_err(Fault::internal)??;
        made.push(gathered);
    }
    let mut file = zip.finish().map_err(failed)?;
    file.flush()?;
    file.rewind()?;
    record(app, actor, &reader, &made, unit.id).await?;
    Ok(Archive {
        name,
        file,
        files: made.len(),
    })
}

fn add(mut zip: ZipWriter<File>, name: String, mut file: File) -> Result<ZipWriter<File>, Fault> {
    zip.start_file(name, SimpleFileOptions::default())
        .map_err(failed)?;
    std::io::copy(&mut file, &mut zip)?;
    Ok(zip)
}

fn failed(error: zip::result::ZipError) -> Fault {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        other => Fault::internal(other),
    }
}

/// Every file is a print of its own; the record has one entry for all.
async fn record(
    app: &App,
    actor: &Actor,
    reader: &Reader,
    made: &[Gathered],
    unit: UnitId,
) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    for gathered in made {
        prints::keep(&tx, app, actor, reader, gathered, Format::Xls).await?;
    }
    let numbers: u64 = made.iter().map(|one| one.numbers).sum();
    let registers = made
        .iter()
        .filter(|one| one.subject.annex() == Annex::Three)
        .count();
    let entry = audit::Entry {
        action: "form.archived",
        subject: ("unit", unit.0),
        unit: Some(unit),
        on_behalf_of: None,
        summary: format!(
            "生成填报压缩包：{} 个文件（登记表 {registers} 份），含完整电话号码 {numbers} 个",
            made.len()
        ),
        detail: serde_json::json!({ "hashes": made.iter().map(|one| &one.hash).collect::<Vec<_>>() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await.map_err(Fault::from)
}

/// GET /forms/survey.zip
pub async fn survey(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<super::download::Asked>,
) -> Result<Response, Fault> {
    let unit = asked.reach()?.unit.ok_or_else(|| {
        Fault::Refused("请先选择单位：压缩包按一个单位生成，以该单位简称命名。".into())
    })?;
    let made = archive(&app, &actor, unit).await?;
    attachment(made.file, &made.name, "application/zip")
}
