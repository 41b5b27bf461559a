//! Stories of publishing on both databases, platforms that misbehave, a real WordPress, pages and API.

mod emergency;
mod feed;
mod platform;
mod story;
mod wechat;
mod wordpress;

use super::{Approver, NewApproval, Publication, State};
use crate::{
    connector::{self, NewConnection, Way},
    ids::{ManuscriptId, PublicationId},
    manuscript::{self, Draft, FileRole, NewFile, Rights, Save, Saved},
    testing::{School, TEXT, content, setup},
};
use bytes::Bytes;
use zhendi_kernel::{ChannelId, PersonId, testing::Setup};

/// A red dot.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, 0x49, 0x44, 0x41, 0x54, 8,
    0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, 0x49, 0x45,
    0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// May speak to doubles on this machine.
fn open_setup() -> Setup {
    Setup {
        configure: |config| {
            let own = "127.0.0.0/8".parse().unwrap();
            config.outgoing.allowed_networks.push(own);
            config.public_url = Some("https://zhendi.example.edu.cn".parse().unwrap());
        },
        ..setup()
    }
}

fn upload() -> super::Upload {
    super::Upload {
        name: "截图.png".into(),
        bytes: Bytes::from_static(PNG),
    }
}

impl School {
    /// What the last level does: the manuscript as it stands is approved for its channel.
    async fn approve_now(&self, id: ManuscriptId, valid_days: Option<u16>) -> Publication {
        let author = self.acting(self.author).await;
        let tx = self.db.begin().await.unwrap();
        let version = manuscript::freeze(&tx, &self.app, id, &author)
            .await
            .unwrap();
        let levels = [(1, self.deputy), (2, self.head), (3, self.chief)];
        let new = NewApproval {
            manuscript: id,
            unit: self.college,
            version: version.id,
            title: version.content.title.clone(),
            hash: version.hash.clone(),
            channels: version.content.channels.clone(),
            approvers: levels
                .into_iter()
                .map(|(level, person)| Approver {
                    level,
                    person,
                    on_behalf_of: None,
                    at: self.now(),
                })
                .collect(),
            valid_days,
        };
        let chief = self.acting(self.chief).await;
        super::grant(&tx, &self.app, &chief, new).await.unwrap();
        tx.commit().await.unwrap();
        let all = super::of(self.db.read(), id).await.unwrap();
        all.into_iter().next().unwrap()
    }

    /// A draft with a picture in its text, which is its cover.
    pub async fn draft_with_picture(&self, title: &str, html: &str) -> ManuscriptId {
        let id = self.draft(title, html).await;
        let author = self.acting(self.author).await;
        let new = NewFile {
            role: FileRole::Picture,
            name: "演练.png".into(),
            bytes: Bytes::from_static(PNG),
            alt: "演练现场".into(),
            rights: Some(Rights::Own),
            credit: "新闻中心".into(),
        };
        let file = manuscript::keep_file(&self.app, &author, id, new)
            .await
            .unwrap();
        let shown = manuscript::file_address(id, file.id);
        let draft = Draft {
            html: format!("{html}<p><img src=\"{shown}\" alt=\"演练现场\"></p>"),
            cover: Some(file.id),
            ..content(self.channel, title, "")
        };
        let before = manuscript::load(self.db.read(), id).await.unwrap();
        let how = Save::Over(before.revision);
        let saved = manuscript::save(&self.app, &author, id, how, draft)
            .await
            .unwrap();
        assert!(!matches!(saved, Saved::Conflict { .. }));
        id
    }

    /// A manuscript that all levels approved.
    async fn approved(&self, title: &str) -> Publication {
        let id = self.draft(title, TEXT).await;
        self.approve_now(id, None).await
    }

    async fn publication(&self, id: PublicationId) -> Publication {
        super::find(self.db.read(), id).await.unwrap().unwrap()
    }

    async fn state(&self, id: PublicationId) -> State {
        self.publication(id).await.state
    }

    async fn connect(
        &self,
        channel: ChannelId,
        way: Way,
        address: &str,
        account: &str,
        secret: &str,
    ) {
        let before = connector::of_channel(self.db.read(), &self.app, channel)
            .await
            .unwrap();
        let new = NewConnection {
            way,
            address: address.into(),
            account: account.into(),
            secret: Some(secret.into()),
            expires_on: None,
        };
        let tx = self.db.begin().await.unwrap();
        let seen = before.map_or(0, |one| one.version);
        connector::save(&tx, &self.app, channel, seen, new, self.admin)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// The channel's admin orders it now.
    async fn order(&self, one: &Publication) -> Publication {
        let admin = self.acting(self.admin).await;
        super::order(&self.app, &admin, one.id, one.version, None)
            .await
            .unwrap()
    }

    async fn work_at(&self, one: &Publication) -> Vec<String> {
        let subject = (super::SUBJECT, one.id.0);
        let open = zhendi_kernel::work::of_subject(self.db.read(), self.now(), subject).await;
        open.unwrap().into_iter().map(|item| item.kind).collect()
    }

    async fn confirm(&self, who: PersonId, one: &Publication, link: &str) -> Publication {
        let actor = self.acting(who).await;
        let seen = self.publication(one.id).await.version;
        super::confirm(&self.app, &actor, one.id, seen, link, Some(upload()))
            .await
            .unwrap()
            .unwrap()
    }
}
