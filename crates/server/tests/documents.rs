//! The documents say what is so: dependencies have their rows, requirements name what exists, links lead
//! somewhere. Prose cannot be checked, names can.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of every table row of a document, headings and rules included.
fn rows(document: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(
            inner
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect(),
        )
    };
    document.lines().filter_map(row).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Rows of `docs/dependencies.md` whose first cell is one quoted name: name, version. A name may stand
/// in several tables.
fn listed() -> Vec<(String, String)> {
    let listed = rows(&read("docs/dependencies.md"));
    listed
        .into_iter()
        .filter_map(|cells| {
            let name = cells[0].strip_prefix('`')?.strip_suffix('`')?;
            Some((name.to_owned(), cells[1].clone()))
        })
        .collect()
}

/// The crates that the workspace declares, without its own.
fn crates() -> BTreeSet<String> {
    let manifest = read("Cargo.toml");
    let (_, rest) = manifest.split_once("[workspace.dependencies]").unwrap();
    rest.lines()
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.contains("path ="))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .collect()
}

/// The packages of a `package.json` with their versions, which are exact.
fn packages(path: &str) -> BTreeMap<String, String> {
    let json: serde_json::Value = serde_json::from_str(&read(path)).unwrap();
    ["dependencies", "devDependencies"]
        .iter()
        .filter_map(|group| json[group].as_object())
        .flatten()
        .map(|(name, version)| (name.clone(), version.as_str().unwrap().to_owned()))
        .collect()
}

/// Debian's packages that `scripts/install.sh` asks for.
fn debian() -> BTreeSet<String> {
    read("scripts/install.sh")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("package "))
        .filter_map(|rest| rest.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_dependency_has_its_row_and_every_row_its_dependency() {
    let listed = listed();
    let lock = read("Cargo.lock");
    let mut wrong = vec![];
    let mut known = BTreeSet::new();
    for name in crates() {
        match listed.iter().find(|(row, _)| *row == name) {
            None => wrong.push(format!("{name}: no row")),
            Some((_, version)) => {
                if !lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")) {
                    wrong.push(format!("{name}: {version} is not in Cargo.lock"));
                }
            }
        }
        known.insert(name);
    }
    for path in ["web/package.json", "e2e/package.json"] {
        for (name, version) in packages(path) {
            if !listed.contains(&(name.clone(), version.clone())) {
                wrong.push(format!("{name} {version} of {path}: no row"));
            }
            known.insert(name);
        }
    }
    for name in debian() {
        if !listed.iter().any(|(row, _)| *row == name) {
            wrong.push(format!("{name} of scripts/install.sh: no row"));
        }
        known.insert(name);
    }
    for (name, _) in &listed {
        if !known.contains(name) {
            wrong.push(format!("{name}: a row for what is not used"));
        }
    }
    assert!(known.len() > 60, "only {} dependencies found", known.len());
    assert!(
        wrong.is_empty(),
        "docs/dependencies.md:\n{}",
        wrong.join("\n")
    );
}

/// Whether a text is an id such as `R-ORG-1`.
fn is_requirement(text: &str) -> bool {
    let Some((area, number)) = text
        .strip_prefix("R-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    !area.is_empty()
        && area.bytes().all(|b| b.is_ascii_uppercase())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// Every file of the sources in which requirements are named.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "ts")
        {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = vec![];
    for folder in [
        "crates",
        "engines/office/src",
        "engines/office/tests",
        "e2e/tests",
    ] {
        sources(&root().join(folder), &mut found);
    }
    found
}

#[test]
fn every_requirement_has_one_row_that_names_what_exists() {
    let table: Vec<_> = rows(&read("docs/compliance.md"))
        .into_iter()
        .filter(|cells| is_requirement(&cells[0]))
        .collect();
    assert!(table.len() > 50, "only {} requirements found", table.len());
    let code: String = all_sources()
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut wrong = vec![];
    let mut seen = BTreeSet::new();
    for cells in &table {
        let id = &cells[0];
        if !seen.insert(id.as_str()) {
            wrong.push(format!("{id}: two rows"));
        }
        let state = cells[2].as_str();
        if !["yes", "in part", "not yet"].contains(&state) {
            wrong.push(format!("{id}: state “{state}”"));
        }
        let names: Vec<String> = cells[3..].iter().flat_map(|cell| quoted(cell)).collect();
        if state != "not yet" && !names.iter().any(|name| name.contains("::")) {
            wrong.push(format!("{id}: {state}, but no test is named"));
        }
        for name in names {
            if name.starts_with('/') {
                if !code.contains(&format!("\"{name}\"")) {
                    wrong.push(format!("{id}: no route {name}"));
                }
                continue;
            }
            let (file, test) = match name.split_once("::") {
                Some((file, test)) => (file, Some(test)),
                None => (name.as_str(), None),
            };
            let path = ["", "crates"]
                .map(|base| root().join(base).join(file))
                .into_iter()
                .find(|path| path.exists());
            match (path, test) {
                (None, _) => wrong.push(format!("{id}: no {file}")),
                (Some(path), Some(test)) => {
                    if !fs::read_to_string(path).unwrap().contains(test) {
                        wrong.push(format!("{id}: no test {test} in {file}"));
                    }
                }
                (Some(_), None) => {}
            }
        }
    }
    // What code says that it fulfils is in the table.
    for word in code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        if is_requirement(word) && !seen.contains(word) {
            wrong.push(format!("{word}: named in the code, but has no row"));
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/compliance.md:\n{}",
        wrong.join("\n")
    );
}

/// The targets of a document's links and pictures.
fn links(document: &str) -> impl Iterator<Item = &str> {
    document
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents: Vec<String> = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"]
        .map(str::to_owned)
        .into();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            documents.push(format!("docs/{name}"));
        }
    }
    let mut wrong = vec![];
    for document in &documents {
        let text = read(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        for target in links(&text) {
            let file = target.split('#').next().unwrap();
            if file.is_empty() || target.contains("://") {
                continue;
            }
            if !folder.join(file).exists() {
                wrong.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "dead links:\n{}", wrong.join("\n"));
}
