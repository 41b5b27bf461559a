//! The import itself.

use super::{
    compare::Comparer,
    draft::Cells,
    report::{FormReport, Report, RowReport, Verdict},
    row::{Importer, Settled},
};
use crate::{channel::store::counters::fold, platform, settings};
use std::collections::BTreeSet;
use zhendi_kernel::{Actor, App, Fault, Tx, UnitId, settings as stored};
use zhendi_office::{
    AnnexThreeForm, AnnexTwoForm, Form, FormKind, Limits, PassedOver, ReadError, read_forms,
};

/// How to import.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Options {
    /// Rows of other units than this one with those below it are refused; rows that name no unit are its.
    pub unit: Option<UnitId>,
    /// Units that nobody knows are made under the root, to be checked.
    pub create_units: bool,
    /// Take the accepted rows even if others are refused.
    pub partial: bool,
    /// Rows whose offered address is taken, by file, sheet and row.
    pub take_addresses: BTreeSet<(String, String, u32)>,
}

/// The forms of some files.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub forms: Vec<Form>,
    /// Every annex 2: compared, never stored.
    pub summaries: Vec<AnnexTwoForm>,
    /// Every annex 3, likewise.
    pub registrations: Vec<AnnexThreeForm>,
    pub passed_over: Vec<PassedOver>,
}

/// Reads files by name and content. Takes a moment for large ones: not for the threads that serve.
///
/// # Errors
/// The first file that cannot be read, or that holds none of the annexes.
pub fn read(files: &[(String, Vec<u8>)]) -> Result<Source, ReadError> {
    let mut source = Source::default();
    for (name, bytes) in files {
        let reading = read_forms(name, bytes, &Limits::default())?;
        source.passed_over.extend(reading.passed_over);
        source.summaries.extend(reading.summaries);
        source.registrations.extend(reading.registrations);
        for form in reading.forms {
            if form.kind == FormKind::People {
                source.passed_over.push(PassedOver {
                    name: form.file,
                    reason: "这是人员表，请在“人员”页面导入".into(),
                });
            } else {
                source.forms.push(form);
            }
        }
    }
    // Annex 4 says more of a channel (its id, its filing); what it says is there when annex 1 is read.
    source
        .forms
        .sort_by_key(|form| form.kind != FormKind::Annex4);
    Ok(source)
}

/// Takes the forms in. The caller commits when `stored` says so and rolls back otherwise.
///
/// # Errors
/// When the database fails; what is wrong with rows is in the report.
pub async fn take(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    source: &Source,
    options: &Options,
) -> Result<Report, Fault> {
    let platforms = platform::load(tx).await?;
    let settings: settings::Registry = stored::get(tx).await?;
    let mut importer = Importer::new(tx, app, actor, options, &platforms, &settings).await?;
    let mut report = Report {
        passed_over: source
            .passed_over
            .iter()
            .map(|file| format!("{}（{}）", file.name, file.reason))
            .collect(),
        ..Report::default()
    };
    for form in &source.forms {
        let (mut rows, mut drafts) = (vec![], vec![]);
        for (at, row) in form.rows.iter().enumerate() {
            let cells = Cells::new(form, row);
            let mut line = RowReport {
                row: row.row,
                serial: row.serial.clone(),
                name: row.text(zhendi_office::Field::Name).into_owned(),
                verdict: Verdict::Refused,
                problems: vec![],
                changes: vec![],
                notices: vec![],
                offered_address: None,
            };
            match cells.draft(&platforms) {
                Err(problems) => line.problems = problems,
                Ok(draft) => {
                    line.offered_address.clone_from(&draft.offered_address);
                    drafts.push((at, draft));
                }
            }
            rows.push(line);
        }
        for (at, settled) in importer.settle(form, drafts).await? {
            match settled {
                Settled::Refused(problem) => rows[at].problems.push(problem),
                Settled::Taken {
                    verdict,
                    changes,
                    notices,
                } => {
                    rows[at].verdict = verdict;
                    rows[at].changes = changes;
                    rows[at].notices = notices;
                }
            }
        }
        report.forms.push(FormReport {
            file: form.file.clone(),
            sheet: form.sheet.clone(),
            form: form.kind.title().into(),
            rows,
            examples: form.skipped.examples,
            empty: form.skipped.empty,
        });
    }
    report.new_units = importer.into_new_units();
    fold(tx).await?;
    // After the rows: what a zip says in its annex 1 counts for its annex 2.
    let comparer = Comparer {
        tx,
        app,
        actor,
        options,
        platforms: &platforms,
    };
    report.compared = comparer
        .compare(&source.summaries, &source.registrations)
        .await?;
    report.count();
    report.stored = options.partial || !report.has_refusals();
    Ok(report)
}
