//! Annex 4: the filings that came into force in a year.
use super::Source;
use crate::forms::{spool::Spool, subject::Reach};
use sea_orm::ConnectionTrait;
use zhendi_kernel::Fault;
use zhendi_office::annex::AnnexFourRow;

pub async fn fill<C: ConnectionTrait>(
    _source: &Source<'_, C>,
    _reach: Reach,
    _year: i32,
    _spool: &mut Spool,
) -> Result<u64, Fault> {
    Ok(0)
}

pub fn row(_: Vec<String>) -> AnnexFourRow {
    AnnexFourRow::default()
}
