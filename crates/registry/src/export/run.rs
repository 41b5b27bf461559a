//! Making the files, one at a time in each process, under the eyes of whoever may cancel.

use super::store::{self, Model, SILENT_SECONDS};
use futures::future::BoxFuture;
use std::{
    fs::File,
    io::{Read, Seek},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::sleep};
use zhendi_kernel::{
    Actor, App, Fault, PersonId,
    files::Kind,
    jobs::JobError,
    notify::{self, Notice},
};

/// A finished file.
#[derive(Debug)]
pub struct Made {
    /// Under which it is saved.
    pub name: String,
    pub kind: Kind,
    /// At its beginning. It should have no name on the disk: then it is gone whatever happens.
    pub file: File,
}

/// Makes a file for an actor with the roles now in force.
pub type Make =
    fn(App, Actor, serde_json::Value, Progress) -> BoxFuture<'static, Result<Made, Fault>>;

/// A kind of export and what makes it.
pub type Source = (&'static str, Make);

/// How far the making is, and whether it goes on. Whoever makes asks [`Progress::row`] with each row.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Steps>);

#[derive(Debug, Default)]
struct Steps {
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// So many rows there will be.
    pub fn expect(&self, total: u64) {
        self.0.total.store(total, Relaxed);
    }

    /// One row more is written.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn row(&self) -> std::io::Result<()> {
        self.0.done.fetch_add(1, Relaxed);
        if self.is_stopped() {
            return Err(std::io::Error::other("the export was cancelled"));
        }
        Ok(())
    }

    /// Until this is dropped, somebody waits.
    pub fn waiting(&self) -> Waiting {
        Waiting(self.clone())
    }

    /// Whether nobody waits for it any more.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Relaxed)
    }

    fn steps(&self) -> (u64, u64) {
        (self.0.done.load(Relaxed), self.0.total.load(Relaxed))
    }
}

/// While this is held somebody waits. Whoever makes the file on another thread learns that it is over, however
/// it came to be over.
#[derive(Debug)]
pub struct Waiting(Progress);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.stopped.store(true, Relaxed);
    }
}

/// Files larger than this are not kept.
const LARGEST: u64 = 256 << 20;

/// Bytes of one piece in the database.
const PIECE: usize = 512 << 10;

/// Says so often how far it is.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Makes whatever waits. One at a time: a file takes a processor and much memory, and other jobs need hands.
pub(super) async fn run(app: App, sources: &'static [Source]) -> Result<(), JobError> {
    static TURN: Semaphore = Semaphore::const_new(1);
    loop {
        let Ok(turn) = TURN.try_acquire() else {
            // Whoever has the turn looks once more after giving it back, and sees what made us come.
            return Ok(());
        };
        while let Some(row) = store::take(&app).await? {
            one(&app, row, sources).await?;
        }
        drop(turn);
        if !store::is_one_waiting(app.db.read()).await? && !is_one_lost(&app).await? {
            return Ok(());
        }
    }
}

/// Whether someone who seemed to be at work is not: this process was stopped on the way and began anew.
async fn is_one_lost(app: &App) -> Result<bool, Fault> {
    let before = store::running(app.db.read()).await?;
    if before.is_empty() {
        return Ok(false);
    }
    let silence = u64::try_from(SILENT_SECONDS).unwrap_or(0) + 1;
    sleep(Duration::from_secs(silence)).await;
    let after = store::running(app.db.read()).await?;
    Ok(before.iter().any(|seen| after.contains(seen)))
}

async fn one(app: &App, row: Model, sources: &[Source]) -> Result<(), Fault> {
    let progress = Progress::default();
    let made = {
        let _waiting = progress.waiting();
        tokio::select! {
            made = make(app, &row, sources, progress.clone()) => made,
            () = watch(app, &row, &progress) => return Ok(()),
        }
    };
    let kept = match made {
        Ok(made) => keep(app, &row, made).await,
        Err(fault) => Err(fault),
    };
    match kept {
        Ok(()) => Ok(()),
        Err(fault) => {
            tracing::warn!(export = row.id, error = %fault, "an export failed");
            let reason = match &fault {
                Fault::NotFound => "所选内容已不在您的管理范围内。".to_owned(),
                other => other.to_string(),
            };
            let tx = app.db.begin().await?;
            if store::fail(&tx, app, &row, &reason).await? {
                tell(
                    &tx,
                    app,
                    row.person_id,
                    format!("导出没有完成：{}", row.title),
                )
                .await?;
            }
            tx.commit().await?;
            Ok(())
        }
    }
}

/// Who asked may have left, or lost roles, since: the roles now in force count.
async fn make(
    app: &App,
    row: &Model,
    sources: &[Source],
    progress: Progress,
) -> Result<Made, Fault> {
    let source = sources.iter().find(|(kind, _)| *kind == row.kind);
    let (_, make) = source
        .ok_or_else(|| Fault::internal(format!("no source for exports of kind {}", row.kind)))?;
    let actor = app.holders.actor(app, row.person_id).await?;
    let actor = actor.ok_or_else(|| Fault::Refused("申请人的账号已停用。".into()))?;
    make(app.clone(), actor, row.asked.clone(), progress).await
}

/// Says again and again how far it is. Returns when the export was cancelled or is another's.
async fn watch(app: &App, row: &Model, progress: &Progress) {
    loop {
        sleep(HEARTBEAT).await;
        let (done, total) = progress.steps();
        match store::note(app, row, done, total).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(fault) => tracing::warn!(error = %fault, "progress of an export was not noted"),
        }
    }
}

async fn keep(app: &App, row: &Model, made: Made) -> Result<(), Fault> {
    let mut file = made.file;
    let bytes = file.metadata()?.len();
    if bytes > LARGEST {
        return Err(Fault::Refused(
            "文件超过 256 MB，请分单位导出，或改用 .xlsx 格式。".into(),
        ));
    }
    file.rewind()?;
    let (mut at, mut read) = (0, 0);
    while read < bytes {
        let piece;
        (piece, file) = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE);
            let mut file = file;
            Read::by_ref(&mut file)
                .take(PIECE as u64)
                .read_to_end(&mut piece)?;
            Ok::<_, std::io::Error>((piece, file))
        })
        .await
        .map_err(Fault::internal)??;
        read += piece.len() as u64;
        store::add_part(app, row, at, &piece).await?;
        at += 1;
    }
    let tx = app.db.begin().await?;
    if store::ready(&tx, app, row, &made.name, made.kind, bytes).await? {
        tell(
            &tx,
            app,
            row.person_id,
            format!("可以下载了：{}", row.title),
        )
        .await?;
    } else {
        store::forget_parts(&tx, row.id).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn tell(
    tx: &zhendi_kernel::Tx,
    app: &App,
    person: PersonId,
    title: String,
) -> Result<(), Fault> {
    let href = "/exports".into();
    notify::tell(tx, app, &[person], Notice { title, href }).await
}
