//! From a gathered form to a file: on a thread of its own, into a file without a name, few at a time.

use super::{
    gather::Gathered,
    prints::proof,
    subject::{Annex, Format},
};
use crate::export::{Progress, long_pdf};
use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Handle, sync::Semaphore};
use zhendi_kernel::{App, Fault};
use zhendi_office::{
    sheet::Sheet,
    write::{WriteError, write_docx, write_xls, write_xlsx},
};
use zhendi_typeset::{FontSource, NoChineseFont, TypesetError, Typesetter};

/// Files that are made at the same time; each takes a processor while it is made.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Rows of a PDF that is made while its reader waits, some seconds; longer ones are made in the background.
pub const PDF_ROWS: u64 = 2_000;

/// The same for spreadsheets, which are written much faster.
const SPREADSHEET_ROWS: u64 = 30_000;

/// Rows of a PDF that is set in this process. A longer one takes memory, and a process of its own gives it back.
const OWN_PROCESS_ROWS: u64 = 300;

/// So many rows a reader waits for.
pub fn waited_for(format: Format) -> u64 {
    match format {
        Format::Pdf => PDF_ROWS,
        Format::Xls | Format::Xlsx | Format::Docx => SPREADSHEET_ROWS,
    }
}

/// Why a form did not become a file.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("没有可填报的内容：{0}")]
    Nothing(&'static str),
    #[error("附件{0}没有 .{1} 格式。")]
    NoSuchFormat(i32, &'static str),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(
        "服务器上没有中文字体，无法生成 PDF。请系统管理员安装中文字体（如 fonts-noto-cjk），或在配置 fonts.folder 中指定字体文件夹；也可先导出 .xlsx。"
    )]
    NoFont(#[from] NoChineseFont),
    #[error(transparent)]
    Typeset(#[from] TypesetError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RenderError> for Fault {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Fault(fault) => fault,
            RenderError::Write(WriteError::Io(error)) => error.into(),
            RenderError::Write(WriteError::Rows(error)) => {
                match error.downcast::<std::io::Error>() {
                    Ok(error) => (*error).into(),
                    Err(error) => Self::Internal(error),
                }
            }
            RenderError::Write(WriteError::Library(why)) => Self::internal(why),
            RenderError::Typeset(error) => Self::internal(error),
            refused => Self::Refused(refused.to_string()),
        }
    }
}

static MADE: OnceLock<Typesetter> = OnceLock::new();

/// How long the fonts stay in memory after the last print.
const REST_AFTER: Duration = Duration::from_secs(60);

/// The typesetter, made at its first use: looking for fonts takes a while, and who never prints needs none.
fn typesetter(app: &App) -> Result<Typesetter, NoChineseFont> {
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let source = FontSource {
        folder: app.config.fonts_folder.clone(),
        system: true,
    };
    // A machine that got fonts later is asked again: only success is kept.
    let made = Typesetter::new(&source)?;
    Ok(MADE.get_or_init(|| made).clone())
}

/// Lets the typesetter rest when nothing was printed for a while. Called where something was.
fn rest_later() {
    static PRINTED: AtomicU64 = AtomicU64::new(0);
    let number = PRINTED.fetch_add(1, Ordering::Relaxed) + 1;
    let Ok(runtime) = Handle::try_current() else {
        return; // a command ends anyway
    };
    runtime.spawn(async move {
        tokio::time::sleep(REST_AFTER).await;
        if PRINTED.load(Ordering::Relaxed) == number
            && let Some(made) = MADE.get()
        {
            made.rest();
        }
    });
}

/// Makes the file of a form whose reader waits, few at a time.
///
/// # Errors
/// As [`write`]; `Fault::TooMany` when too many are being made.
pub async fn render(
    app: &App,
    gathered: Gathered,
    format: Format,
) -> Result<(Gathered, File), Fault> {
    let turn = tokio::time::timeout(PATIENCE, AT_ONCE.acquire())
        .await
        .map_err(|_| Fault::TooMany(10))?
        .map_err(Fault::internal)?;
    let progress = Progress::default();
    // Who closes the page does not wait any more, and nothing is made for them.
    let waiting = progress.waiting();
    let made = write(app, gathered, format, progress).await;
    drop((turn, waiting));
    made
}

/// Makes the file of a form. It has no name and is gone when it is closed.
///
/// # Errors
/// [`RenderError`] in words for the page; when nobody waits for it any more.
pub async fn write(
    app: &App,
    gathered: Gathered,
    format: Format,
    progress: Progress,
) -> Result<(Gathered, File), Fault> {
    check(&gathered, format)?;
    progress.expect(gathered.rows);
    let app = app.clone();
    let made = tokio::task::spawn_blocking(move || {
        let mut gathered = gathered;
        let file = make(&app, &mut gathered, format, &progress)?;
        Ok::<_, RenderError>((gathered, file))
    });
    Ok(made.await.map_err(Fault::internal)??)
}

/// What is refused before anything is written.
fn check(gathered: &Gathered, format: Format) -> Result<(), RenderError> {
    let annex = gathered.subject.annex();
    if !annex.formats().contains(&format) {
        return Err(RenderError::NoSuchFormat(
            annex.number(),
            format.extension(),
        ));
    }
    if gathered.is_empty() {
        return Err(RenderError::Nothing(match annex {
            Annex::Four => "这一年没有生效的备案。",
            _ => "所选范围内没有在用的网络阵地。",
        }));
    }
    Ok(())
}

fn make(
    app: &App,
    gathered: &mut Gathered,
    format: Format,
    progress: &Progress,
) -> Result<File, RenderError> {
    let folder = app.config.data.as_path();
    let proof = proof(app, gathered);
    let rows = gathered.rows;
    let mut file = tempfile::tempfile_in(folder).map_err(Fault::from)?;
    let mut sheet = gathered.sheet(Some(proof))?;
    sheet.body = Box::new(sheet.body.map(|row| {
        progress.row()?;
        row
    }));
    if format == Format::Pdf && rows > OWN_PROCESS_ROWS {
        long_pdf(app, sheet, progress, &file)?;
        file.rewind().map_err(Fault::from)?;
        return Ok(file);
    }
    let mut out = BufWriter::new(&mut file);
    put(app, sheet, format, &mut out)?;
    out.flush().map_err(Fault::from)?;
    drop(out);
    file.rewind().map_err(Fault::from)?;
    Ok(file)
}

fn put(
    app: &App,
    sheet: Sheet<'_>,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<(), RenderError> {
    match format {
        Format::Xlsx => write_xlsx(sheet, Some(&app.config.data), out)?,
        Format::Xls => write_xls(sheet, out)?,
        Format::Docx => write_docx(sheet, out)?,
        Format::Pdf => {
            let data = sheet.to_typst_data().map_err(WriteError::Rows)?;
            let pdf = typesetter(app)?.sheet(data)?;
            rest_later();
            out.write_all(&pdf).map_err(Fault::from)?;
        }
    }
    Ok(())
}

/// Makes the file of a sheet of a few pages, for contexts above this one; few at a time, as forms are.
///
/// # Errors
/// [`RenderError`] in words for the page; `Fault::TooMany` when too many are being made.
pub async fn sheet_file(
    app: &App,
    sheet: Sheet<'static>,
    format: Format,
) -> Result<Vec<u8>, Fault> {
    let turn = tokio::time::timeout(PATIENCE, AT_ONCE.acquire())
        .await
        .map_err(|_| Fault::TooMany(10))?
        .map_err(Fault::internal)?;
    let app = app.clone();
    let made = tokio::task::spawn_blocking(move || {
        let mut out = vec![];
        put(&app, sheet, format, &mut out)?;
        Ok::<_, RenderError>(out)
    });
    let made = made.await.map_err(Fault::internal)??;
    drop(turn);
    Ok(made)
}
