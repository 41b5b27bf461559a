//! Annexes 2 and 3 as they come back, held against the register: nothing of them is stored (R-REG-8). What
//! annex 3 says otherwise can begin a filing.

mod figures;
mod registered;
#[cfg(test)]
mod tests;
mod written;

use super::{report::Compared, take::Options};
use crate::platform::Platforms;
use zhendi_kernel::{Actor, App, Fault, Permission, Tx, UnitId, scope};
use zhendi_office::{AnnexThreeForm, AnnexTwoForm};
use zhendi_people::unit::{self, Unit};

/// What comparisons have in common.
pub struct Comparer<'a> {
    pub tx: &'a Tx,
    pub app: &'a App,
    pub actor: &'a Actor,
    pub options: &'a Options,
    pub platforms: &'a Platforms,
}

impl Comparer<'_> {
    /// Holds every annex 2 and 3 against the register as it is in this transaction.
    ///
    /// # Errors
    /// When the database fails; what cannot be compared is said in its place.
    pub async fn compare(
        &self,
        summaries: &[AnnexTwoForm],
        registrations: &[AnnexThreeForm],
    ) -> Result<Vec<Compared>, Fault> {
        let mut all = vec![];
        for form in summaries {
            all.push(self.summary(form).await?);
        }
        for form in registrations {
            all.push(self.registration(form).await?);
        }
        Ok(all)
    }

    /// The unit that a form names, where the actor may import; else why not.
    async fn unit(&self, named: &str) -> Result<Result<Unit, String>, Fault> {
        let found = match (named, self.options.unit) {
            ("", Some(id)) => unit::find(self.tx, id).await?,
            ("", None) => return Ok(Err("没有填写单位，无法比对。".into())),
            (named, _) => unit::by_name(self.tx, named).await?,
        };
        let Some(found) = found else {
            let nearest = unit::nearest(self.tx, named, 3).await?;
            let near = match nearest.as_slice() {
                [] => String::new(),
                near => format!("最接近的单位：{}。", near.join("、")),
            };
            return Ok(Err(format!("系统中没有单位“{named}”。{near}")));
        };
        let place = scope::place(self.tx, found.id).await?;
        if !self.actor.may(Permission::ImportChannels, &place) {
            return Ok(Err("您不能导入这个单位的表格。".into()));
        }
        if self.is_outside(&place.units) {
            return Ok(Err("不是所选单位，也不在其下级。".into()));
        }
        Ok(Ok(found))
    }

    fn is_outside(&self, above: &[UnitId]) -> bool {
        self.options.unit.is_some_and(|only| !above.contains(&only))
    }
}
