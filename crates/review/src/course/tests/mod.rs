//! The law, stories on both databases, pages and API through the real router.

mod beside;
mod law;
mod pages;
mod property;
mod story;
mod ways;

use super::{
    Course, Deed,
    queue::{self, Query, View},
};
use crate::{
    ids::ManuscriptId,
    testing::{School, agreed},
};
use zhendi_kernel::{
    Fault, PersonId,
    jobs::{self, NewJob},
    work,
};

impl School {
    pub async fn approve(&self, who: PersonId, id: ManuscriptId) -> Result<Course, Fault> {
        let said = agreed(&self.course(id).await, &[("文字", 1)]);
        self.deed(who, id, Deed::Approve(said)).await
    }

    /// All three levels agree.
    pub async fn approve_all(&self, id: ManuscriptId) -> Course {
        self.approve(self.admin, id).await.unwrap();
        self.approve(self.head, id).await.unwrap();
        self.approve(self.chief, id).await.unwrap()
    }

    pub async fn queue_of(&self, who: PersonId, view: View) -> Vec<ManuscriptId> {
        let actor = self.acting(who).await;
        let query = Query {
            view,
            ..Query::default()
        };
        let leaf = queue::leaf(self.db.read(), &actor, &query, self.now())
            .await
            .unwrap();
        leaf.rows.into_iter().map(|row| row.manuscript_id).collect()
    }

    /// The moment of something that is done every so often.
    async fn tick(&self, kind: &'static str) {
        let tx = self.db.begin().await.unwrap();
        jobs::enqueue(&tx, &self.app, NewJob::new(kind, serde_json::json!({})))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.run_jobs().await;
    }

    pub async fn work_of(&self, who: PersonId) -> Vec<String> {
        let actor = self.acting(who).await;
        let listing = work::mine(self.db.read(), self.now(), &actor, &work::Filter::default())
            .await
            .unwrap();
        listing.rows.into_iter().map(|item| item.title).collect()
    }
}

fn words(fault: &Fault) -> String {
    fault.to_string()
}
