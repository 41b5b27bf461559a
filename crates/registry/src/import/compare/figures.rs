//! Annex 2 beside what the register counts.

use super::{
    super::report::{Compared, Difference},
    Comparer,
};
use crate::{
    channel::annex_two::Line,
    forms::{self, Reach},
    platform::Annex2,
};
use zhendi_kernel::Fault;
use zhendi_office::{AnnexTwoForm, Cell, column_letters, fold, parse_count};

impl Comparer<'_> {
    pub(super) async fn summary(&self, form: &AnnexTwoForm) -> Result<Compared, Fault> {
        let mut compared = Compared {
            file: form.file.clone(),
            sheet: form.sheet.clone(),
            form: "附件2 新媒体（网站）基本情况汇总表".into(),
            ..Compared::default()
        };
        let named = form.declared.unit.as_deref().unwrap_or_default();
        compared.of = named.to_owned();
        let unit = match self.unit(named).await? {
            Ok(unit) => unit,
            Err(why) => {
                compared.problem = Some(why);
                return Ok(compared);
            }
        };
        let reach = Reach {
            unit: Some(unit.id),
            own: false,
        };
        let ours = forms::figures(self.tx, self.app, self.actor, reach).await?;
        compared.href = Some(format!("/forms?annex=2&unit={}", unit.id));
        compared.of = unit.name;
        for line in &form.lines {
            let Some(of) = Line::ALL.get(line.item).copied() else {
                continue;
            };
            let mut one = |label: &str, column: Option<u32>, cell: Option<&Cell>, ours: u64| {
                let Some(cell) = cell else { return };
                if parse_count(&cell.value) == Ok(Some(ours)) {
                    return;
                }
                let text = cell.text();
                if text.is_empty() {
                    return;
                }
                compared.differences.push(Difference {
                    field: format!("{} · {label}", of.label()),
                    cell: column.map(|column| format!("{}{}", column_letters(column), line.row)),
                    registered: ours.to_string(),
                    written: text.into_owned(),
                });
            };
            one(
                "网站",
                form.website,
                line.website.as_ref(),
                ours.count(of, Annex2::Website),
            );
            for ((heading, column), cell) in form.media.iter().zip(&line.media) {
                let known = Annex2::ALL
                    .into_iter()
                    .find(|one| fold(one.label()) == fold(heading));
                if let Some(known) = known {
                    one(heading, Some(*column), cell.as_ref(), ours.count(of, known));
                }
            }
            one("合计", form.total, line.total.as_ref(), ours.total(of));
            if let Some(cell) = &line.remark {
                compared.differences.push(Difference {
                    field: format!("{} · 备注", of.label()),
                    cell: form
                        .remark
                        .map(|column| format!("{}{}", column_letters(column), line.row)),
                    registered: String::new(),
                    written: cell.text().into_owned(),
                });
            }
        }
        Ok(compared)
    }
}
