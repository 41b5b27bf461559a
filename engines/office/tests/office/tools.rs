//! Runs the other programs, each in a folder and with a profile of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use zhendi_office::{Limits, Workbook, open, sheet::Sheet, write};

/// Debian's Python: it has the packages that the tests need.
pub const PYTHON: &str = "/usr/bin/python3";

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A script of this folder.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/office")
        .join(name)
}

/// Runs a command, which must do well, and returns what it says.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; see scripts/install.sh test"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}\n{complained}");
    said
}

/// Has LibreOffice convert files into `folder/to`, all at once.
pub fn convert(folder: &Path, to: &str, files: &[PathBuf]) -> PathBuf {
    let out = folder.join(format!("to-{to}"));
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let mut command = Command::new("soffice");
    command
        .args([&profile, "--headless", "--convert-to", to, "--outdir"])
        .arg(&out)
        .args(files);
    run(&mut command);
    for file in files {
        let made = out.join(file.with_extension(to).file_name().unwrap());
        assert!(
            made.exists(),
            "LibreOffice did not convert {}",
            file.display()
        );
    }
    out
}

/// Writes a sheet in the format that the ending names.
pub fn save(sheet: Sheet<'_>, file: &Path) {
    let mut out = std::fs::File::create(file).unwrap();
    match file.extension().unwrap().to_str().unwrap() {
        "xls" => write::write_xls(sheet, &mut out).unwrap(),
        "xlsx" => write::write_xlsx(sheet, None, &mut out).unwrap(),
        "docx" => write::write_docx(sheet, &mut out).unwrap(),
        other => panic!("{other}"),
    }
}

/// Opens a spreadsheet with the crate's own reader: values and merged areas.
pub fn opened(file: &Path) -> Workbook {
    let bytes = std::fs::read(file).unwrap();
    let mut books = open("表", &bytes, &Limits::default()).unwrap().workbooks;
    assert_eq!(books.len(), 1);
    books.remove(0)
}
