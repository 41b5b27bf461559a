//! `zhendi check`: proofreads files as a compiler does, without database and configuration.

use super::{End, Failure};
use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{ErrorKind, Read, Write, stdin, stdout},
    path::{Path, PathBuf},
};
use zhendi_kernel::Clock;
use zhendi_review::{
    check::FoundKind,
    dictionary::{Severity, read_list},
};
use zhendi_textcheck::{
    Checker, Context, Finding, Layer,
    attachment::{Contents, Limits, Part, read},
    builtin, personal,
    personal::Pattern,
    proofreading, secrecy,
};

/// 检查文件中的错别字、校对问题、个人信息和涉密标志
#[derive(Args)]
pub struct CheckArgs {
    /// 要检查的文件（txt、html、docx、xlsx、xls、pdf、odt、csv、zip 等）；- 为标准输入
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// 以 JSON 输出
    #[arg(long, conflicts_with = "sarif")]
    json: bool,
    /// 以 SARIF 2.1.0 输出，供代码平台和编辑器读取
    #[arg(long)]
    sarif: bool,
    /// 另加的词库（Excel 或 CSV，与网页上导入的格式相同），可写多次
    #[arg(long, value_name = "FILE")]
    dictionary: Vec<PathBuf>,
    /// 工号、学号的规则，# 为数字，@ 为字母，例如 2026######；可写多次
    #[arg(long, value_name = "FORM")]
    number: Vec<String>,
    /// 按哪一天的事实判断（人名、职务、机构名称），默认今天
    #[arg(long, value_name = "DATE")]
    date: Option<NaiveDate>,
}

/// A finding with its place, as it is printed.
#[derive(Serialize)]
struct Placed {
    file: String,
    /// Where in the file: a page, a worksheet, the comments.
    section: String,
    /// Whether who opens the file does not see it.
    hidden: bool,
    /// From 1; of a spreadsheet, the row and the column of the cell.
    line: usize,
    column: usize,
    kind: FoundKind,
    severity: Severity,
    rule: &'static str,
    message: String,
    suggestions: Vec<String>,
    /// The words that were found.
    words: String,
    /// Where it stands, in words: `工作表“名单” B2（隐藏列）`.
    whereabouts: String,
}

/// What could not be read.
#[derive(Serialize)]
struct Unread {
    file: String,
    reason: String,
}

impl CheckArgs {
    /// Checks all files, prints what was found.
    pub fn run(self) -> Result<End, Failure> {
        let checker = self.checker()?;
        let date = self.date.unwrap_or_else(|| Clock::system().today());
        let context = Context::on(date);
        let mut placed = vec![];
        let mut unread = vec![];
        for path in &self.files {
            let name = path.display().to_string();
            let contents = contents(path, &name)?;
            for part in &contents.parts {
                collect(&checker, &context, part, &mut placed);
            }
            unread.extend(contents.unread.into_iter().map(|one| Unread {
                file: one.file,
                reason: one.reason,
            }));
        }
        let printed = match (self.json, self.sarif) {
            (true, _) => print_json(&placed, &unread),
            (_, true) => print_json_value(&sarif(&placed, &unread)),
            _ => print_lines(&placed, &unread),
        };
        match printed {
            // Who reads no further (`| head`) has what they wanted.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
        Ok(match placed.is_empty() {
            true => End::Done,
            false => End::Findings,
        })
    }

    fn checker(&self) -> Result<Checker, Failure> {
        let mut builder = Checker::builder().layer(builtin::miswritings());
        for path in &self.dictionary {
            let name = path.display().to_string();
            let bytes = std::fs::read(path)
                .map_err(|error| Failure::Usage(format!("无法读取词库 {name}：{error}")))?;
            let lines = read_list(&name, &bytes)
                .map_err(|error| Failure::Usage(format!("词库 {name}：{error}")))?;
            let mut entries = vec![];
            for line in lines {
                match line.said {
                    Ok(said) => entries.push(said.for_engine()),
                    Err(reason) => eprintln!("{name}:{}: {reason}", line.row),
                }
            }
            builder = builder.layer(Layer::new(name, entries));
        }
        let mut forms = vec![];
        for form in &self.number {
            let pattern = Pattern::new(form).map_err(|_| {
                Failure::Usage(format!("“{form}”不是工号、学号的规则，例如 2026######。"))
            })?;
            forms.push(pattern);
        }
        builder
            .rules(proofreading::rules())
            .rules(personal::rules(forms))
            .rules(secrecy::rules())
            .build()
            .map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn contents(path: &Path, name: &str) -> Result<Contents, Failure> {
    let limits = Limits::default();
    let mut bytes = vec![];
    let most = limits.file_bytes + 1;
    let read_all =
        |source: &mut dyn Read, bytes: &mut Vec<u8>| source.take(most).read_to_end(bytes);
    let done = match path.as_os_str() == "-" {
        true => read_all(&mut stdin().lock(), &mut bytes),
        false => std::fs::File::open(path).and_then(|mut file| read_all(&mut file, &mut bytes)),
    };
    done.map_err(|error| Failure::Usage(format!("无法读取 {name}：{error}")))?;
    Ok(read(name, &bytes, &limits))
}

/// Checks one text of a file.
fn collect(checker: &Checker, context: &Context, part: &Part, into: &mut Vec<Placed>) {
    let text = part.text();
    let mut lines = Lines::new(text.source());
    for finding in checker.check(&text, context) {
        let (line, column) = match part.cell(&text, &finding.bytes) {
            Some((row, column)) => (row as usize + 1, column as usize + 1),
            None => lines.place(finding.source.bytes.start),
        };
        let whereabouts = part.whereabouts(&text, &finding.bytes);
        let words = text.as_str()[finding.bytes.clone()].to_owned();
        let Finding {
            kind,
            severity,
            rule,
            message,
            suggestions,
            ..
        } = finding;
        into.push(Placed {
            file: part.file.clone(),
            section: part.section.clone(),
            hidden: part.hidden,
            line,
            column,
            kind: kind.into(),
            severity: severity.into(),
            rule,
            message: message.into_owned(),
            suggestions,
            words,
            whereabouts,
        });
    }
}

/// Lines and columns of a text, from 1, counted on from the last place that was asked for.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    start: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            start: 0,
        }
    }

    fn place(&mut self, byte: usize) -> (usize, usize) {
        if byte < self.at {
            *self = Self::new(self.text);
        }
        for (offset, _) in self.text[self.at..byte].match_indices('\n') {
            self.line += 1;
            self.start = self.at + offset + 1;
        }
        self.at = byte;
        (self.line, 1 + self.text[self.start..byte].chars().count())
    }
}

fn print_lines(placed: &[Placed], unread: &[Unread]) -> std::io::Result<()> {
    let mut out = stdout().lock();
    for found in placed {
        write!(
            out,
            "{}:{}:{}: {}: {}",
            found.file, found.line, found.column, found.kind, found.message
        )?;
        if !found.suggestions.is_empty() {
            let shown = found.suggestions.iter().map(|words| match words.as_str() {
                "" => "（删去）",
                words => words,
            });
            write!(out, " → {}", shown.collect::<Vec<_>>().join("、"))?;
        }
        match found.section.as_str() {
            "" => writeln!(out)?,
            _ => writeln!(out, "（{}）", found.whereabouts)?,
        }
    }
    out.flush()?;
    for one in unread {
        eprintln!("{}: {}", one.file, one.reason);
    }
    if !placed.is_empty() {
        eprintln!("共 {} 处。", placed.len());
    }
    Ok(())
}

fn print_json(placed: &[Placed], unread: &[Unread]) -> std::io::Result<()> {
    print_json_value(&json!({ "findings": placed, "unread": unread }))
}

fn print_json_value(value: &Value) -> std::io::Result<()> {
    let mut out = stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)
}

/// The Static Analysis Results Interchange Format, version 2.1.0 (OASIS).
fn sarif(placed: &[Placed], unread: &[Unread]) -> Value {
    let rules: BTreeMap<&str, &str> = placed
        .iter()
        .map(|found| (found.rule, found.kind.label()))
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, label)| json!({ "id": id, "shortDescription": { "text": label } }))
        .collect();
    let results: Vec<Value> = placed
        .iter()
        .map(|found| {
            let level = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Notice => "note",
            };
            json!({
                "ruleId": found.rule,
                "level": level,
                "message": { "text": found.message },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(&found.file) },
                        "region": { "startLine": found.line, "startColumn": found.column, "snippet": { "text": found.words } },
                    },
                    "logicalLocations": [{ "name": found.whereabouts }],
                }],
                "properties": { "kind": found.kind, "suggestions": found.suggestions, "hidden": found.hidden },
            })
        })
        .collect();
    let notes: Vec<Value> = unread
        .iter()
        .map(|one| {
            json!({
                "level": "note",
                "message": { "text": one.reason },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&one.file) } } }],
            })
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "zhendi", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    })
}

/// A path as a relative reference: everything but plain letters is written as its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{Lines, uri};

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let mut lines = Lines::new("第一行\n第二行，错\n");
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place("第一行\n第二".len()), (2, 3));
        assert_eq!(lines.place("第一".len()), (1, 3));
    }

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("材料/a b.txt"), "%E6%9D%90%E6%96%99/a%20b.txt");
    }
}
