//! What is kept beside a publication: attempts to reach its platform, and files that prove something.

use crate::ids::PublicationId;
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*};
use zhendi_kernel::{
    Fault, PersonId,
    files::{ContentHash, Kind},
};

/// Attempts to reach a platform.
pub(in crate::publication) mod attempt {
    use crate::ids::PublicationId;
    use sea_orm::entity::prelude::*;

    /// One attempt.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_attempt")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub publication_id: PublicationId,
        pub what: String,
        pub started_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub outcome: String,
        #[sea_orm(column_type = "Text")]
        pub detail: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Screenshots and other files that prove where something is, or that it is gone.
pub(in crate::publication) mod proof {
    use crate::ids::PublicationId;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, files::ContentHash};

    /// One file.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication_proof")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub publication_id: PublicationId,
        pub what: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub kind: String,
        pub size: i64,
        pub hash: ContentHash,
        pub uploaded_by: PersonId,
        pub uploaded_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Begins an attempt and says its number.
pub(in crate::publication) async fn begin_attempt(
    tx: &impl ConnectionTrait,
    id: PublicationId,
    what: &str,
    now: DateTimeUtc,
) -> Result<i64, Fault> {
    let row = attempt::ActiveModel {
        id: sea_orm::NotSet,
        publication_id: Set(id),
        what: Set(what.into()),
        started_at: Set(now),
        ended_at: Set(None),
        outcome: Set("running".into()),
        detail: Set(String::new()),
    };
    Ok(row.insert(tx).await?.id)
}

/// Ends an attempt.
pub(in crate::publication) async fn end_attempt(
    tx: &impl ConnectionTrait,
    id: i64,
    outcome: &str,
    detail: &str,
    now: DateTimeUtc,
) -> Result<(), Fault> {
    attempt::Entity::update_many()
        .set(attempt::ActiveModel {
            outcome: Set(outcome.into()),
            detail: Set(detail.into()),
            ended_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(attempt::COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The attempts of a publication, in order.
pub(in crate::publication) async fn attempts(
    db: &impl ConnectionTrait,
    id: PublicationId,
) -> Result<Vec<attempt::Model>, Fault> {
    Ok(attempt::Entity::find()
        .filter(attempt::COLUMN.publication_id.eq(id))
        .order_by_asc(attempt::COLUMN.id)
        .all(db)
        .await?)
}

/// A file to be kept with a publication.
pub(in crate::publication) struct NewProof {
    pub what: &'static str,
    pub name: String,
    pub kind: Kind,
    pub size: usize,
    pub hash: ContentHash,
}

/// Keeps a file with a publication.
pub(in crate::publication) async fn add_proof(
    tx: &impl ConnectionTrait,
    id: PublicationId,
    new: NewProof,
    by: PersonId,
    now: DateTimeUtc,
) -> Result<(), Fault> {
    proof::ActiveModel {
        id: sea_orm::NotSet,
        publication_id: Set(id),
        what: Set(new.what.into()),
        name: Set(new.name),
        kind: Set(new.kind.code().into()),
        size: Set(i64::try_from(new.size).map_err(Fault::internal)?),
        hash: Set(new.hash),
        uploaded_by: Set(by),
        uploaded_at: Set(now),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The files of a publication, in order.
pub(in crate::publication) async fn proofs(
    db: &impl ConnectionTrait,
    id: PublicationId,
) -> Result<Vec<proof::Model>, Fault> {
    Ok(proof::Entity::find()
        .filter(proof::COLUMN.publication_id.eq(id))
        .order_by_asc(proof::COLUMN.id)
        .all(db)
        .await?)
}
