//! The records as a file, oldest first, page by page: as JSON lines with everything that is needed to
//! check the chain without this program, or as a table for people.

use super::{
    ERASED_NAME, Filter, list,
    store::{self, Model},
};
use crate::{Db, Fault, clock};
use bytes::Bytes;
use futures::{Stream, stream};
use serde_json::json;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object on each line, all fields, hashes in hexadecimal.
    JsonLines,
    /// UTF-8 with a mark at the beginning (Excel needs it), what people read.
    Csv,
}

const PAGE: u64 = 2_000;

/// The records that there are now, in pieces.
pub fn stream(
    db: Db,
    filter: Filter,
    format: Format,
) -> impl Stream<Item = Result<Bytes, Fault>> + Send {
    enum At {
        Beginning,
        After { seq: i64, to: i64 },
        End,
    }
    stream::try_unfold(
        (db, filter, At::Beginning),
        move |(db, filter, at)| async move {
            let (mut piece, after, to) = match at {
                At::Beginning => {
                    let head = store::head(db.read()).await?;
                    let begin = match format {
                        Format::JsonLines => String::new(),
                        Format::Csv => format!("\u{FEFF}{COLUMNS}\r\n"),
                    };
                    (begin, i64::MIN, head.map_or(i64::MAX, |head| head.seq))
                }
                At::After { seq, to } => (String::new(), seq, to),
                At::End => return Ok(None),
            };
            let rows = list::oldest(db.read(), &filter, after, to, PAGE).await?;
            for row in &rows {
                match format {
                    Format::JsonLines => {
                        piece.push_str(&json_line(row));
                        piece.push('\n');
                    }
                    Format::Csv => piece.push_str(&csv_line(row)),
                }
            }
            let at = match rows.last() {
                Some(last) if rows.len() as u64 == PAGE => At::After { seq: last.seq, to },
                _ => At::End,
            };
            Ok(Some((Bytes::from(piece), (db, filter, at))))
        },
    )
}

fn json_line(row: &Model) -> String {
    json!({
        "seq": row.seq,
        "at": store::moment(row.at),
        "actor_id": row.actor_id,
        "actor_name": row.actor_name,
        "on_behalf_of": row.on_behalf_of,
        "address": row.address,
        "action": row.action,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "unit_id": row.unit_id,
        "summary": row.summary,
        // As the text that was hashed, not as JSON within JSON: spaces and order count.
        "detail": row.detail,
        "salt": row.salt.as_ref().map(hex::encode),
        "digest": hex::encode(&row.digest),
        "prev": hex::encode(&row.prev),
        "hash": hex::encode(&row.hash),
    })
    .to_string()
}

const COLUMNS: &str =
    "编号,时间,操作人,代行人编号,地址,操作,对象类别,对象编号,单位编号,说明,详情,摘要";

fn csv_line(row: &Model) -> String {
    let number = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        row.seq.to_string(),
        clock::show(&store::moment(row.at)),
        row.actor_name.clone().unwrap_or_else(|| ERASED_NAME.into()),
        number(row.on_behalf_of),
        text(&row.address),
        row.action.clone(),
        super::words::kind(&row.subject_kind).to_owned(),
        row.subject_id.to_string(),
        number(row.unit_id),
        row.summary.clone(),
        text(&row.detail),
        hex::encode(&row.hash),
    ];
    let mut line = cells.map(|cell| quoted(&cell)).join(",");
    line.push_str("\r\n");
    line
}

/// A cell that a spreadsheet takes as text whatever somebody put into it.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula && cell.parse::<i64>().is_err() {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_never_formulas() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("-3"), "\"-3\"");
        assert_eq!(quoted("说\"好\",\n"), "\"说\"\"好\"\",\n\"");
    }
}
