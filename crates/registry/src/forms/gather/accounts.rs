//! Annex 1: every account and site that is not closed, in the order of the institution's tree.

use super::Source;
use crate::{
    channel::{
        annex_two::NO_PROBLEM,
        store::{self, Model},
    },
    forms::{reader::Phones, spool::Spool, subject::Reach},
    platform::{self, Platforms},
};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault, PersonId, UnitId, text};
use zhendi_office::annex::AnnexOneRow;
use zhendi_people::{person, unit};

/// The cells of a row, from 账号（网站）名称 to 备注.
type Cells = [String; 12];

/// Rows read at a time.
const AT_ONCE: u64 = 500;

/// Reads the rows; says how many telephone numbers stand there in full.
pub async fn fill<C: ConnectionTrait>(
    source: &Source<'_, C>,
    reach: Reach,
    spool: &mut Spool,
) -> Result<u64, Fault> {
    let db = source.db;
    let (scope, query) = (source.reader.channels(), reach.query());
    let tree = unit::all(db).await?;
    let order: HashMap<UnitId, usize> = tree.iter().map(|unit| unit.id).zip(0..).collect();
    let names = tree.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let writer = Writer {
        names,
        platforms: platform::load(db).await?,
        phones: source.reader.phones(db).await?,
    };
    let mut counts: Vec<(UnitId, i64)> = store::counts_of_units(db, &scope, &query)
        .await?
        .into_iter()
        .collect();
    counts.sort_by_key(|(unit, _)| order.get(unit));
    let (mut numbers, mut left) = (0, source.most);
    // Of a preview no page holds more units than it shows: its rows are the first of the whole form.
    let at_once = AT_ONCE.min(left);
    for units in packed(&counts, at_once) {
        let mut after = ChannelId(0);
        while left > 0 {
            let mut rows = store::page_of_units(db, &scope, &query, &units, after, at_once).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            rows.sort_by_key(|row| (order.get(&row.unit_id), row.id));
            rows.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= rows.len() as u64;
            numbers += writer.write(source, rows, spool).await?;
        }
    }
    Ok(numbers)
}

/// Units in their order, put together so that one page holds several small ones; a large one stands alone
/// and is read page by page.
fn packed(counts: &[(UnitId, i64)], at_once: u64) -> Vec<Vec<UnitId>> {
    let mut packs: Vec<(u64, Vec<UnitId>)> = vec![];
    for (unit, count) in counts {
        let count = count.unsigned_abs();
        match packs.last_mut() {
            Some((sum, pack)) if *sum + count <= at_once => {
                *sum += count;
                pack.push(*unit);
            }
            _ => packs.push((count, vec![*unit])),
        }
    }
    packs.into_iter().map(|(_, pack)| pack).collect()
}

struct Writer {
    names: HashMap<UnitId, String>,
    platforms: Platforms,
    phones: Phones,
}

impl Writer {
    async fn write<C: ConnectionTrait>(
        &self,
        source: &Source<'_, C>,
        rows: Vec<Model>,
        spool: &mut Spool,
    ) -> Result<u64, Fault> {
        let ids: Vec<ChannelId> = rows.iter().map(|row| row.id).collect();
        let people = store::people_of(source.db, &ids).await?;
        // 账号负责人 is the one in charge, the first operator.
        let managers: HashMap<ChannelId, PersonId> = people
            .into_iter()
            .filter_map(|(channel, people)| Some((channel, *people.operators.first()?)))
            .collect();
        let asked: Vec<PersonId> = managers.values().copied().collect();
        let cards = person::cards(source.db, source.app, &asked).await?;
        let mut numbers = 0;
        for row in rows {
            let card = managers.get(&row.id).and_then(|person| cards.get(person));
            let (name, mut phone) = card.map_or_else(Default::default, |card| {
                (card.name.clone(), card.phone.clone())
            });
            if self.phones.in_full(row.unit_id, Some(row.id)) {
                numbers += u64::from(!phone.is_empty());
            } else if !phone.is_empty() {
                phone = text::mask_phone(&phone);
            }
            spool.push(&self.cells(row, name, phone))?;
        }
        Ok(numbers)
    }

    fn cells(&self, row: Model, manager: String, phone: String) -> Cells {
        let survey = row.survey;
        let yes_no = |answer: Option<bool>| match answer {
            Some(true) => "是",
            Some(false) => "否",
            None => "",
        };
        let nothing_found =
            !survey.problem.is_empty() && NO_PROBLEM.contains(&survey.problem.trim());
        let rectified = match survey.rectified {
            // As in the Notice's first example: where nothing was found there is nothing to rectify.
            None if nothing_found => "-",
            answer => yes_no(answer),
        };
        [
            row.name,
            self.names.get(&row.unit_id).cloned().unwrap_or_default(),
            row.certified_body,
            self.platforms.name(&row.platform).to_owned(),
            survey.problem,
            rectified.into(),
            yes_no(survey.interactive).into(),
            yes_no(survey.review_system).into(),
            yes_no(survey.outsourced).into(),
            manager,
            phone,
            row.remark,
        ]
    }
}

/// The cells as a row of the form.
pub fn row(cells: Cells) -> AnnexOneRow {
    let [
        name,
        unit,
        certified_body,
        kind,
        problem,
        rectified,
        interactive,
        review_system,
        outsourced,
        manager,
        manager_phone,
        remark,
    ] = cells;
    AnnexOneRow {
        name,
        unit,
        certified_body,
        kind,
        problem,
        rectified,
        interactive,
        review_system,
        outsourced,
        manager,
        manager_phone,
        remark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_units_share_a_page_and_large_ones_have_theirs() {
        let counts = [(1, 200), (2, 250), (3, 100), (4, 9000), (5, 1)];
        let counts = counts.map(|(unit, count)| (UnitId(unit), count));
        let packs: Vec<Vec<i64>> = packed(&counts, 500)
            .into_iter()
            .map(|pack| pack.into_iter().map(|unit| unit.0).collect())
            .collect();
        assert_eq!(packs, [vec![1, 2], vec![3], vec![4], vec![5]]);
    }
}
