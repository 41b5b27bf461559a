//! Scans that belong to a filing: their rows, and what may be done with them.

use super::{Filing, SUBJECT, effect, rules::Stage, service};
use bytes::Bytes;
use sea_orm::{ConnectionTrait, PaginatorTrait, QueryOrder, Set, entity::prelude::*};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, audit,
    files::{self, ContentHash, Kind, MAX_UPLOAD},
    work,
};

/// What is taken: scans and photographs of paper.
pub const KINDS: [Kind; 3] = [Kind::Pdf, Kind::Jpeg, Kind::Png];
/// A filing has no more than these.
pub const MOST: u64 = 10;
/// A request holds one file, its form's other fields and their frame.
pub const REQUEST_LIMIT: usize = MAX_UPLOAD + 64 * 1024;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing_attachment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub filing_id: FilingId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub kind: String,
    pub size: i64,
    pub hash: ContentHash,
    /// Whether it is the form with the unit's seal.
    pub sealed: bool,
    pub uploaded_by: PersonId,
    pub uploaded_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// An attachment.
pub type Attachment = Model;

/// The attachments of a filing, in the order they came.
///
/// # Errors
/// When the database fails.
pub async fn of_filing(db: &impl ConnectionTrait, id: FilingId) -> Result<Vec<Attachment>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// Whether the sealed form is there.
///
/// # Errors
/// When the database fails.
pub async fn has_seal(db: &impl ConnectionTrait, id: FilingId) -> Result<bool, Fault> {
    let sealed = Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .filter(COLUMN.sealed.eq(true));
    Ok(sealed.count(db).await? > 0)
}

/// Whether the actor may add a scan: the author's side and whoever fills in the unit's forms, as long
/// as the filing is not given up. Additions after the signatures are how a sealed paper comes in; they
/// are on record and take nothing away.
pub fn may_add(filing: &Filing, actor: &Actor, place: &zhendi_kernel::Place) -> bool {
    let author = actor.person().is_some_and(|me| filing.course.is_author(me));
    filing.course.stage != Stage::Withdrawn
        && (author || actor.may(Permission::DraftFilings, place))
}

/// Adds a scan.
///
/// # Errors
/// `Fault::NotFound` for who may not see the filing, `Fault::Forbidden`, `Fault::Refused` when there are
/// enough already, `Fault::Malformed` and `Fault::TooLarge` for files that are not taken.
pub async fn add(
    app: &App,
    actor: &Actor,
    id: FilingId,
    name: &str,
    bytes: Bytes,
    sealed: bool,
) -> Result<(), Fault> {
    let (filing, place) = service::open_for(app, actor, id).await?;
    if !may_add(&filing, actor, &place) {
        return Err(Fault::Forbidden(
            "只有填报人和本单位联络员可以上传附件，已撤回的备案不再收附件。".into(),
        ));
    }
    let person = service::person_of(actor)?;
    let kind = files::accept(name, &bytes, MAX_UPLOAD, &KINDS)?;
    let size = i64::try_from(bytes.len()).map_err(Fault::internal)?;
    let hash = app.files.put(bytes).await?;
    let tx = app.db.begin().await?;
    // Touching the filing lets two uploads take turns, so that they are counted rightly.
    super::store::touch(&tx, id, app.now()).await?;
    if Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .count(&tx)
        .await?
        >= MOST
    {
        return Err(Fault::Refused(format!(
            "一件备案最多 {MOST} 个附件，请合并后再上传。"
        )));
    }
    let row = ActiveModel {
        filing_id: Set(id),
        name: Set(name.into()),
        kind: Set(kind.code().into()),
        size: Set(size),
        hash: Set(hash.clone()),
        sealed: Set(sealed),
        uploaded_by: Set(person),
        uploaded_at: Set(app.now()),
        ..Default::default()
    }
    .insert(&tx)
    .await?;
    if sealed {
        work::close(&tx, app, actor, (SUBJECT, id.0), Some(effect::SEAL)).await?;
    }
    let what = if sealed { "盖章扫描件" } else { "附件" };
    let entry = audit::Entry {
        action: "filing.attached",
        subject: (SUBJECT, id.0),
        unit: Some(filing.unit),
        on_behalf_of: None,
        summary: format!("为备案{}上传{what}", filing.lasting_title()),
        detail: serde_json::json!({ "attachment": row.id, "name": name, "hash": hash, "size": size }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a scan away while the filing is still being written.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` once others have begun to rely on it.
pub async fn remove(app: &App, actor: &Actor, id: FilingId, number: i64) -> Result<(), Fault> {
    let (filing, _) = service::open_for(app, actor, id).await?;
    filing.course.may_edit(service::person_of(actor)?)?;
    let tx = app.db.begin().await?;
    // The draft may be submitted at this moment: whoever comes second is told.
    super::store::claim_version(&tx, &filing).await?;
    let found = Entity::find_by_id(number)
        .filter(COLUMN.filing_id.eq(id))
        .one(&tx)
        .await?
        .ok_or(Fault::NotFound)?;
    Entity::delete_by_id(number).exec(&tx).await?;
    let entry = audit::Entry {
        action: "filing.detached",
        subject: (SUBJECT, id.0),
        unit: Some(filing.unit),
        on_behalf_of: None,
        summary: format!("删除备案{}的一个附件", filing.lasting_title()),
        detail: serde_json::json!({ "attachment": number, "name": found.name, "hash": found.hash }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// An attachment with its content, for download.
///
/// # Errors
/// `Fault::NotFound` for who may not see the filing, and for another filing's attachment.
pub async fn fetch(
    app: &App,
    actor: &Actor,
    id: FilingId,
    number: i64,
) -> Result<(Attachment, Kind, Bytes), Fault> {
    service::open_for(app, actor, id).await?;
    let found = Entity::find_by_id(number)
        .filter(COLUMN.filing_id.eq(id))
        .one(app.db.read())
        .await?
        .ok_or(Fault::NotFound)?;
    let kind = Kind::parse(&found.kind)
        .ok_or_else(|| Fault::internal(format!("attachment {number}: kind {}", found.kind)))?;
    let bytes = app.files.get(&found.hash).await?;
    Ok((found, kind, bytes))
}
