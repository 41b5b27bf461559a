//! Annex 2: how many channels of which platforms; every figure has its list behind it.

use super::Source;
use crate::{
    channel::{
        annex_two::{Figure, Line, Span},
        store,
    },
    forms::subject::Reach,
    platform::{self, Annex2},
};
use sea_orm::ConnectionTrait;
use zhendi_kernel::Fault;
use zhendi_office::{
    annex::{AnnexTwo, AnnexTwoRow, Delivery, Head},
    sheet::Proof,
};

/// The figures of annex 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By [`Line::ALL`] and [`Annex2::ALL`].
    counts: [[u64; 7]; 7],
    with_websites: bool,
}

/// Counts what a reader may see.
pub async fn read<C: ConnectionTrait>(
    source: &Source<'_, C>,
    reach: Reach,
    with_websites: bool,
) -> Result<Summary, Fault> {
    let platforms = platform::load(source.db).await?;
    let scope = source.reader.channels();
    let counted = store::figures_of_annex_two(source.db, &scope, &reach.query()).await?;
    let mut summary = Summary {
        with_websites,
        ..Summary::default()
    };
    for (code, figures) in counted {
        let column = platforms
            .get(&code)
            .map_or(Annex2::Other, |platform| platform.annex2);
        for (line, figure) in figures.into_iter().enumerate() {
            summary.counts[line][column as usize] += figure;
        }
    }
    Ok(summary)
}

impl Summary {
    /// One figure.
    pub fn count(&self, line: Line, column: Annex2) -> u64 {
        self.counts[line as usize][column as usize]
    }

    /// 合计 of a row: 网站 + 新媒体, or 新媒体 alone where the institution counts so.
    pub fn total(&self, line: Line) -> u64 {
        let all: u64 = self.counts[line as usize].iter().sum();
        if self.with_websites {
            all
        } else {
            all - self.count(line, Annex2::Website)
        }
    }

    /// The list behind a cell, by the printed column: 0 is 网站, the last is 合计.
    pub fn behind(&self, line: Line, at: usize) -> Figure {
        let span = match Annex2::ALL.get(at) {
            Some(column) => Some(Span::One(*column)),
            None if self.with_websites => None,
            None => Some(Span::Media),
        };
        Figure { line, span }
    }

    /// The figures row by row, with their sums.
    pub fn cells(&self) -> Vec<(&'static str, Vec<u64>)> {
        let row = |line: Line| {
            let figures = Annex2::ALL.map(|column| self.count(line, column));
            figures.into_iter().chain([self.total(line)]).collect()
        };
        Line::ALL
            .into_iter()
            .map(|line| (line.label(), row(line)))
            .collect()
    }

    /// The printed form.
    pub fn form(&self, head: Head, delivery: Delivery, proof: Option<Proof>) -> AnnexTwo {
        let media = &Annex2::ALL[1..];
        AnnexTwo {
            head,
            delivery,
            media: media.iter().map(|one| one.label().to_owned()).collect(),
            rows: Line::ALL.map(|line| AnnexTwoRow {
                website: self.count(line, Annex2::Website),
                media: media.iter().map(|one| self.count(line, *one)).collect(),
                total: self.total(line),
                remark: String::new(),
            }),
            proof,
        }
    }
}
