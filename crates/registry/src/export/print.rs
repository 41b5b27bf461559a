//! A long table as PDF, set by a process of its own: its memory is its own, and it ends when nobody waits for
//! the pages any more.

use super::Progress;
use std::{
    fs::File,
    io::{BufWriter, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};
use zhendi_kernel::{App, Fault};
use zhendi_office::sheet::{Sheet, typeset_rows};
use zhendi_typeset::write_lines;

/// The end of the other process is looked for so often.
const LOOK: Duration = Duration::from_millis(50);

/// It ended because the machine is not fit for it; what it says is for people (`zhendi typeset`).
const UNFIT: i32 = 2;

/// Writes a sheet of any length as PDF to a file. Blocks: for a thread of its own.
///
/// # Errors
/// When the rows fail, nobody waits any more, or the other process does not do its work.
pub fn long_pdf(
    app: &App,
    mut sheet: Sheet<'_>,
    progress: &Progress,
    out: &File,
) -> Result<(), Fault> {
    let mut command = Command::new(this_program()?);
    command.arg("typeset").env_clear();
    for name in ["HOME", "XDG_DATA_HOME"] {
        // Where a user's fonts lie.
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    if let Some(folder) = &app.config.fonts_folder {
        command.arg("--fonts").arg(folder);
    }
    command
        .stdin(Stdio::piped())
        .stdout(out.try_clone()?)
        .stderr(Stdio::piped());
    let mut other = Other(command.spawn()?);
    let fed = feed(&mut other.0, &mut sheet);
    if progress.is_stopped() {
        return Err(Fault::Refused("导出已取消。".into()));
    }
    match fed {
        Ok(()) => {}
        // It closed its end; why, it says itself.
        Err(Fed::Pipe) => {}
        Err(Fed::Rows(error)) => return Err(Fault::internal(error)),
    }
    other.finish(progress)
}

/// Which end of the pipe failed.
enum Fed {
    Rows(zhendi_office::sheet::BoxError),
    Pipe,
}

impl From<std::io::Error> for Fed {
    fn from(_: std::io::Error) -> Self {
        Self::Pipe
    }
}

fn feed(other: &mut Child, sheet: &mut Sheet<'_>) -> Result<(), Fed> {
    let head = sheet.typeset_head();
    let Some(input) = other.stdin.take() else {
        return Ok(());
    };
    let rows = sheet.body.by_ref().map(|row| {
        let mut one = typeset_rows([row.map_err(Fed::Rows)?]);
        Ok(one[0].take())
    });
    write_lines(&mut BufWriter::new(input), &head, rows)
}

/// The other process. However this one leaves, that one ends.
struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Other {
    /// Waits for its end, as long as anyone waits for this one.
    fn finish(&mut self, progress: &Progress) -> Result<(), Fault> {
        let status = loop {
            if let Some(status) = self.0.try_wait()? {
                break status;
            }
            if progress.is_stopped() {
                return Err(Fault::Refused("导出已取消。".into()));
            }
            sleep(LOOK);
        };
        if status.success() {
            return Ok(());
        }
        let mut said = String::new();
        if let Some(errors) = &mut self.0.stderr {
            errors.take(4096).read_to_string(&mut said)?;
        }
        let said = said.trim().to_owned();
        Err(if status.code() == Some(UNFIT) {
            Fault::Refused(said)
        } else {
            Fault::internal(format!("zhendi typeset ended with {status}: {said}"))
        })
    }
}

/// The program itself, even when its file was replaced by a newer one meanwhile.
fn this_program() -> Result<PathBuf, Fault> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    Ok(std::env::current_exe()?)
}
