//! The rows themselves, and how they become a [`Channel`].

use crate::{
    PartialDate,
    channel::{
        AnnexOne, Channel, ChannelPeople, Facts, FilingState, Holder, RunningState, WebFacts,
    },
    platform::PlatformCode,
};
use sea_orm::entity::prelude::*;
use zhendi_kernel::{ChannelId, Fault, UnitId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ChannelId,
    pub version: i32,
    pub name: String,
    pub unit_id: UnitId,
    pub platform: PlatformCode,
    pub address_or_id: String,
    pub certified_body: String,
    pub opened_on: Option<String>,
    pub followers: Option<i64>,
    pub posting_frequency: String,
    pub responsible_department: String,
    pub holder_kind: String,
    pub holder_post: String,
    pub icp: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub web: WebFacts,
    /// 等保级别, and the day from which the time until the next 测评 counts.
    pub mlps_level: Option<i32>,
    pub mlps_since: Option<Date>,
    #[sea_orm(column_type = "JsonBinary")]
    pub survey: AnnexOne,
    pub remark: String,
    pub filing_state: String,
    pub running_state: String,
    pub file_by: Option<Date>,
    pub filed_source: Option<String>,
    pub filing_number: Option<String>,
    pub second_account_reason: Option<String>,
    /// The record that this one was merged into.
    pub merged_into: Option<ChannelId>,
    /// The name as similar ones are found by it; empty until it has been made.
    pub name_key: String,
    /// What the search compares with.
    pub haystack: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The channel with its people.
    pub(super) fn into_channel(self, people: ChannelPeople) -> Result<Channel, Fault> {
        let unknown = |what: &str| Fault::internal(format!("channel {}: {what}", self.id));
        Ok(Channel {
            id: self.id,
            version: self.version,
            filing: FilingState::parse(&self.filing_state)
                .ok_or_else(|| unknown("filing_state"))?,
            running: RunningState::parse(&self.running_state)
                .ok_or_else(|| unknown("running_state"))?,
            facts: Facts {
                holder: Holder::parse(&self.holder_kind, &self.holder_post)
                    .ok_or_else(|| unknown("holder_kind"))?,
                opened_on: opened_on(self.opened_on.as_deref())
                    .map_err(|()| unknown("opened_on"))?,
                name: self.name,
                unit: self.unit_id,
                platform: self.platform,
                address_or_id: self.address_or_id,
                certified_body: self.certified_body,
                followers: self.followers,
                posting_frequency: self.posting_frequency,
                responsible_department: self.responsible_department,
                icp: self.icp,
                web: self.web,
                survey: self.survey,
                remark: self.remark,
            },
            people,
            file_by: self.file_by,
            filed_source: self.filed_source,
            filing_number: self.filing_number,
            second_account_reason: self.second_account_reason,
            merged_into: self.merged_into,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn opened_on(text: Option<&str>) -> Result<Option<PartialDate>, ()> {
    text.map(str::parse).transpose().map_err(|_| ())
}

/// Who does what on a channel.
pub mod person {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{ChannelId, PersonId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channel_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub channel_id: ChannelId,
        /// `leader`, `reviewer` or `operator`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub duty: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}
