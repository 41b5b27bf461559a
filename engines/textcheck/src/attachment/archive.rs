//! Archives of files, nested as deep as the limits let them.

use super::{Reading, limits::Problem, package::Package};

/// Reads every file of an archive; what cannot be read is said and the next one is read.
pub(super) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    mut package: Package<'_>,
    depth: usize,
) -> Result<(), Problem> {
    if depth >= reading.budget.limits.depth {
        return Err(Problem::TooDeep);
    }
    for index in 0..package.len() {
        let inner = package.name(index);
        if is_junk(inner) {
            continue;
        }
        let at = format!("{name}/{inner}");
        let done = package
            .part(index, &mut reading.budget)
            .and_then(|bytes| reading.file(&at, &bytes, depth + 1));
        match done {
            Ok(()) => {}
            // Nothing more fits: one word for all that follow.
            Err(
                problem @ (Problem::TooMuchText | Problem::TooManyCells | Problem::TooManyEntries),
            ) => return Err(problem),
            Err(problem) => reading.unread(&at, problem),
        }
    }
    Ok(())
}

/// Folders, and what macOS, Windows and open Office programs leave in archives.
fn is_junk(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.split('/').any(|folder| folder == "__MACOSX")
        || file.starts_with("._")
        || file.starts_with("~$")
        || file.starts_with(".~lock.")
        || matches!(
            file.to_ascii_lowercase().as_str(),
            "" | ".ds_store" | "thumbs.db" | "desktop.ini"
        )
}
