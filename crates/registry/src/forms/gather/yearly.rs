//! Annex 4: the filings that came into force in a year, in that order.

use super::Source;
use crate::{
    filing::{self, Decided, InForce},
    forms::{
        reader::{Phones, Reader},
        spool::Spool,
        subject::Reach,
    },
    platform::{self, PlatformCode, Platforms},
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, ops::Range};
use zhendi_kernel::{Fault, UnitId, clock, text};
use zhendi_office::annex::{AnnexFourMark as Mark, AnnexFourRow};
use zhendi_people::unit;

/// Rows read at a time.
const AT_ONCE: u64 = 500;

/// The cells of a row, from 账号名称 to 备案类型, and those that are marked.
#[derive(Serialize, Deserialize)]
pub struct Cells([String; 11], Vec<String>);

/// Reads the rows; says how many telephone numbers stand there in full.
pub async fn fill<C: ConnectionTrait>(
    source: &Source<'_, C>,
    reach: Reach,
    year: i32,
    spool: &mut Spool,
) -> Result<u64, Fault> {
    let db = source.db;
    let wanted = in_year(source.reader, reach, year)?;
    let writer = Writer {
        platforms: platform::load(db).await?,
        phones: source.reader.phones(db).await?,
    };
    let (mut numbers, mut left, mut after) = (0, source.most, None);
    while left > 0 {
        let page = filing::in_force(db, source.app, &wanted, after, AT_ONCE.min(left)).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.after);
        left -= page.len() as u64;
        let units = unit::names(db, page.iter().map(|one| one.unit)).await?;
        for one in page {
            let (cells, number) = writer.cells(one, &units);
            numbers += number;
            spool.push(&cells)?;
        }
    }
    Ok(numbers)
}

/// The filings of a year that a reader may see.
///
/// # Errors
/// `Fault::NotFound` for what is no year.
pub fn in_year(reader: &Reader, reach: Reach, year: i32) -> Result<InForce, Fault> {
    Ok(InForce {
        scope: reader.filings(),
        unit: reach.unit,
        own: reach.own,
        within: whole(year)?,
    })
}

/// A year of the institution's calendar.
fn whole(year: i32) -> Result<Range<chrono::DateTime<chrono::Utc>>, Fault> {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).ok_or(Fault::NotFound);
    Ok(clock::start_of(first(year)?)..clock::start_of(first(year + 1)?))
}

struct Writer {
    platforms: Platforms,
    phones: Phones,
}

impl Writer {
    fn cells(&self, one: Decided, units: &HashMap<UnitId, String>) -> (Cells, u64) {
        let content = one.content;
        let leads = one
            .contacts
            .operators
            .into_iter()
            .next()
            .unwrap_or_default();
        let reviewers: Vec<String> = one
            .contacts
            .reviewers
            .into_iter()
            .map(|reviewer| reviewer.name)
            .collect();
        let in_full = self.phones.in_full(one.unit, one.channel);
        let number = u64::from(in_full && !leads.phone.is_empty());
        let phone = if in_full || leads.phone.is_empty() {
            leads.phone
        } else {
            text::mask_phone(&leads.phone)
        };
        let code = PlatformCode(content.platform);
        let cells = [
            content.name,
            content.address_or_id,
            units.get(&one.unit).cloned().unwrap_or_default(),
            content.certified_body,
            self.platforms.name(&code).to_owned(),
            content.opened_on,
            one.contacts.leader.name,
            reviewers.join("、"),
            leads.name,
            phone,
            one.kind.label().to_owned(),
        ];
        (Cells(cells, one.changed.into_iter().collect()), number)
    }
}

/// The cells as a row of the form.
pub fn row(Cells(cells, changed): Cells) -> AnnexFourRow {
    let [
        name,
        address_or_id,
        unit,
        certified_body,
        kind,
        opened_on,
        leader,
        reviewer,
        operator,
        operator_phone,
        filing_kind,
    ] = cells;
    AnnexFourRow {
        name,
        address_or_id,
        unit,
        certified_body,
        kind,
        opened_on,
        leader,
        reviewer,
        operator,
        operator_phone,
        filing_kind,
        marks: changed.iter().filter_map(|cell| mark(cell)).collect(),
    }
}

/// The cell of annex 4 that a changed cell of a filing marks, if annex 4 has one for it.
fn mark(cell: &str) -> Option<Mark> {
    Some(match cell {
        "name" => Mark::Name,
        "address_or_id" => Mark::AddressOrId,
        "new_unit" => Mark::Unit,
        "certified_body" => Mark::CertifiedBody,
        "platform" => Mark::Kind,
        "opened_on" => Mark::OpenedOn,
        "leader_name_0" => Mark::Leader,
        "operator_name_0" | "operators" => Mark::Operator,
        "operator_phone_0" => Mark::OperatorPhone,
        other if other == "reviewers" || other.starts_with("reviewer_name_") => Mark::Reviewer,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_the_institutions() {
        let year = whole(2026).unwrap();
        assert_eq!(year.start.to_rfc3339(), "2025-12-31T16:00:00+00:00");
        assert_eq!(year.end.to_rfc3339(), "2026-12-31T16:00:00+00:00");
    }

    #[test]
    fn annex_four_marks_what_it_has_a_cell_for() {
        assert_eq!(mark("operator_phone_0"), Some(Mark::OperatorPhone));
        assert_eq!(mark("reviewer_name_3"), Some(Mark::Reviewer));
        assert_eq!(mark("operator_phone_1"), None);
        assert_eq!(mark("followers"), None);
    }
}
