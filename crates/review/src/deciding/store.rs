//! Rows of `review_annotation` and `review_seen`; the only file of the feature that knows SQL exists.

use super::terms::{Annotation, Answer, Reply};
use crate::{
    course::Level,
    ids::{AnnotationId, ManuscriptId, VersionId},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, NotSet, QueryOrder, Set, entity::prelude::*, sea_query::OnConflict,
};
use std::ops::Range;
use zhendi_kernel::{Fault, PersonId, Tx};

mod annotation {
    use super::*;

    /// What someone noted at a place.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_annotation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: AnnotationId,
        pub manuscript_id: ManuscriptId,
        pub content_id: VersionId,
        pub round: i32,
        pub level: i32,
        pub from_sign: Option<i32>,
        pub to_sign: Option<i32>,
        #[sea_orm(column_type = "Text")]
        pub quote: String,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub person_id: PersonId,
        pub on_behalf_of: Option<PersonId>,
        pub made_at: DateTimeUtc,
        pub answer: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub answer_text: String,
        pub answered_by: Option<PersonId>,
        pub answered_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod seen {
    use super::*;

    /// That a person looked at a version.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_seen")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub content_id: VersionId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        pub manuscript_id: ManuscriptId,
        pub number: i32,
        pub first_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

fn place(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn read(row: annotation::Model) -> Result<Annotation, Fault> {
    let sign = |value: i32| usize::try_from(value).map_err(Fault::internal);
    let range = match (row.from_sign, row.to_sign) {
        (Some(from), Some(to)) => Some(Range {
            start: sign(from)?,
            end: sign(to)?,
        }),
        _ => None,
    };
    let reply = match (row.answer, row.answered_by, row.answered_at) {
        (Some(answer), Some(by), Some(at)) => Some(Reply {
            answer: Answer::parse(&answer)
                .ok_or_else(|| Fault::internal(format!("an answer {answer:?}")))?,
            text: row.answer_text,
            by,
            at,
        }),
        _ => None,
    };
    Ok(Annotation {
        id: row.id,
        manuscript: row.manuscript_id,
        content: row.content_id,
        round: row.round,
        level: Level::of_rank(row.level)
            .ok_or_else(|| Fault::internal(format!("a level {}", row.level)))?,
        range,
        quote: row.quote,
        note: row.note,
        by: row.person_id,
        on_behalf_of: row.on_behalf_of,
        at: row.made_at,
        reply,
    })
}

/// What was noted on a version, in the order of the text.
pub async fn of_version(
    db: &impl ConnectionTrait,
    content: VersionId,
) -> Result<Vec<Annotation>, Fault> {
    let rows = annotation::Entity::find()
        .filter(annotation::COLUMN.content_id.eq(content))
        .order_by_asc(annotation::COLUMN.id)
        .all(db)
        .await?;
    let mut all = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    all.sort_by_key(|one| {
        (
            one.range.as_ref().map(|range| (range.start, range.end)),
            one.id,
        )
    });
    Ok(all)
}

/// One of them.
pub async fn find(
    db: &impl ConnectionTrait,
    id: AnnotationId,
) -> Result<Option<Annotation>, Fault> {
    annotation::Entity::find_by_id(id)
        .one(db)
        .await?
        .map(read)
        .transpose()
}

/// The last version before this one that anybody noted something on.
pub async fn noted_before(
    db: &impl ConnectionTrait,
    manuscript: ManuscriptId,
    content: VersionId,
) -> Result<Option<VersionId>, Fault> {
    let found = annotation::Entity::find()
        .filter(annotation::COLUMN.manuscript_id.eq(manuscript))
        .filter(annotation::COLUMN.content_id.lt(content))
        .order_by_desc(annotation::COLUMN.content_id)
        .one(db)
        .await?;
    Ok(found.map(|row| row.content_id))
}

/// Keeps a new one.
pub async fn add(tx: &Tx, new: Annotation) -> Result<AnnotationId, Fault> {
    let row = annotation::ActiveModel {
        id: NotSet,
        manuscript_id: Set(new.manuscript),
        content_id: Set(new.content),
        round: Set(new.round),
        level: Set(new.level.rank()),
        from_sign: Set(new.range.as_ref().map(|range| place(range.start))),
        to_sign: Set(new.range.as_ref().map(|range| place(range.end))),
        quote: Set(new.quote),
        note: Set(new.note),
        person_id: Set(new.by),
        on_behalf_of: Set(new.on_behalf_of),
        made_at: Set(new.at),
        answer: Set(None),
        answer_text: Set(String::new()),
        answered_by: Set(None),
        answered_at: Set(None),
    };
    Ok(row.insert(tx).await?.id)
}

/// Takes one away.
pub async fn remove(tx: &Tx, id: AnnotationId) -> Result<(), Fault> {
    annotation::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Keeps what the author did about one.
pub async fn answer(tx: &Tx, id: AnnotationId, reply: Reply) -> Result<(), Fault> {
    let row = annotation::ActiveModel {
        id: Set(id),
        answer: Set(Some(reply.answer.code().into())),
        answer_text: Set(reply.text),
        answered_by: Set(Some(reply.by)),
        answered_at: Set(Some(reply.at)),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// That a person looks at a version; the first time counts.
pub async fn look(
    tx: &Tx,
    person: PersonId,
    (manuscript, content, number): (ManuscriptId, VersionId, i32),
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    let row = seen::ActiveModel {
        content_id: Set(content),
        person_id: Set(person),
        manuscript_id: Set(manuscript),
        number: Set(number),
        first_at: Set(at),
    };
    let once = OnConflict::columns([seen::Column::ContentId, seen::Column::PersonId])
        .do_nothing()
        .to_owned();
    seen::Entity::insert(row)
        .on_conflict(once)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The versions that a person looked at, with since when; the newest first.
pub async fn seen_by(
    db: &impl ConnectionTrait,
    manuscript: ManuscriptId,
    person: PersonId,
) -> Result<Vec<(VersionId, DateTime<Utc>)>, Fault> {
    let rows = seen::Entity::find()
        .filter(seen::COLUMN.manuscript_id.eq(manuscript))
        .filter(seen::COLUMN.person_id.eq(person))
        .order_by_desc(seen::COLUMN.number)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.content_id, row.first_at))
        .collect())
}
