//! The law by itself, stories on both databases, and pages through the real router.

mod law;
mod pages;
mod story;

use super::{About, Forwarding, New, answer, close, forward};
use crate::{
    ids::ManuscriptId,
    testing::{School, person, unit_below},
};
use zhendi_kernel::{Fault, PersonId, Role, UnitId, actor::Scope, work};

pub const BAD: &str = "<p>加群即可购买代考服务，联系电话见海报。</p><p>请同学们相互转告。</p>";
pub const QUOTE: &str = "购买代考服务";

impl School {
    /// A further department with its head.
    pub async fn department(&self, name: &str, head: &str) -> (UnitId, PersonId) {
        let unit = unit_below(&self.app, Some(self.root), name).await;
        let role = Some((Role::UnitHead, Scope::Unit(unit)));
        (unit, person(&self.app, unit, head, role).await)
    }

    /// Somebody forwards a manuscript to departments.
    pub async fn forward(
        &self,
        who: PersonId,
        id: ManuscriptId,
        units: &[UnitId],
    ) -> Result<Forwarding, Fault> {
        let actor = self.acting(who).await;
        let new = New {
            kind: "illegal".into(),
            units: units.to_vec(),
            why: "正文里有代考广告。".into(),
            quote: QUOTE.into(),
        };
        let made = Box::pin(forward(&self.app, &actor, About::Manuscript(id), new)).await?;
        Ok(made.expect("nothing is wrong with what was typed"))
    }

    pub async fn reply(
        &self,
        who: PersonId,
        one: &Forwarding,
        unit: UnitId,
    ) -> Result<Forwarding, Fault> {
        let actor = self.acting(who).await;
        let said = "已联系发布人删除，并约谈。";
        let (app, seen) = (&self.app, one.version);
        let done = Box::pin(answer(app, &actor, one.id, seen, unit, "handled", said)).await?;
        Ok(done.expect("nothing is wrong with what was typed"))
    }

    pub async fn end(&self, who: PersonId, one: &Forwarding) -> Result<Forwarding, Fault> {
        let actor = self.acting(who).await;
        let said = "情况属实，已处置。";
        let done = Box::pin(close(
            &self.app,
            &actor,
            one.id,
            one.version,
            "confirmed",
            said,
        ))
        .await?;
        Ok(done.expect("nothing is wrong with what was typed"))
    }

    /// The kinds of open work of somebody, with their titles.
    pub async fn duties(&self, who: PersonId) -> Vec<(String, String)> {
        let actor = self.acting(who).await;
        let listing = work::mine(self.db.read(), self.now(), &actor, &work::Filter::default())
            .await
            .unwrap();
        listing
            .rows
            .into_iter()
            .map(|item| (item.kind, item.title))
            .collect()
    }
}
