//! Scans that belong to a filing: what they are for, their rows, and what may be done with them.

use super::{
    Filing, SUBJECT, effect,
    rules::{Kind as FilingKind, Stage},
    service,
};
use bytes::Bytes;
use sea_orm::{ConnectionTrait, PaginatorTrait, QueryOrder, Set, entity::prelude::*};
use zhendi_kernel::{
    Actor, App, Fault, FilingId, Permission, PersonId, Tx, audit,
    files::{self, ContentHash, Kind, MAX_UPLOAD},
    work,
};

/// What is taken: scans and photographs of paper.
pub const KINDS: [Kind; 3] = [Kind::Pdf, Kind::Jpeg, Kind::Png];
/// A filing's author adds no more than these.
pub const MOST: u64 = 10;
/// A request holds one file, its form's other fields and their frame.
pub const REQUEST_LIMIT: usize = MAX_UPLOAD + 64 * 1024;

zhendi_kernel::named! {
    /// What a scan is for.
    Purpose {
        Other = "other", "其他附件";
        /// The form with the unit's seal.
        SealedForm = "sealed_form", "盖章登记表";
        /// 公告 of a cancellation.
        ClosingNotice = "closing_notice", "注销公告";
        /// The platform's page that shows the account is gone (R-REG-4).
        PlatformProof = "platform_proof", "平台注销证明";
        /// The receiving unit agrees to take the channel over.
        Consent = "consent", "接收单位同意函";
        /// The paper on which a step was decided (R-REV-11).
        Paper = "paper", "纸质审批件";
        /// What was seen when a cancelled channel was looked at again.
        Recheck = "recheck", "复查截图";
    }
}

impl Purpose {
    /// Those that an author may choose among, for a kind of filing.
    pub fn of_author(kind: FilingKind) -> &'static [Self] {
        match kind {
            FilingKind::Opening => &[Self::Other, Self::SealedForm],
            FilingKind::Change => &[Self::Other, Self::SealedForm, Self::Consent],
            FilingKind::Cancellation => &[
                Self::ClosingNotice,
                Self::PlatformProof,
                Self::SealedForm,
                Self::Other,
            ],
        }
    }

    /// Whether it is evidence that an officer gave, which no author takes away.
    pub fn is_officers(self) -> bool {
        matches!(self, Self::Paper | Self::Recheck)
    }
}

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
    /// Code of a [`Purpose`].
    pub purpose: String,
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

impl Model {
    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        Purpose::parse(&self.purpose).unwrap_or(Purpose::Other)
    }
}

/// Whether a scan of this purpose is there.
///
/// # Errors
/// When the database fails.
pub async fn has(db: &impl ConnectionTrait, id: FilingId, purpose: Purpose) -> Result<bool, Fault> {
    let found = Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .filter(COLUMN.purpose.eq(purpose.code()));
    Ok(found.count(db).await? > 0)
}

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct Scan {
    pub name: String,
    pub bytes: Bytes,
}

/// A scan whose bytes are kept and whose row is not written yet.
pub(super) struct Kept {
    name: String,
    kind: Kind,
    size: i64,
    hash: ContentHash,
}

/// Keeps the bytes of a scan.
///
/// # Errors
/// `Fault::Malformed` and `Fault::TooLarge` for files that are not taken.
pub(super) async fn keep(app: &App, scan: Scan) -> Result<Kept, Fault> {
    let kind = files::accept(&scan.name, &scan.bytes, MAX_UPLOAD, &KINDS)?;
    let size = i64::try_from(scan.bytes.len()).map_err(Fault::internal)?;
    let hash = app.files.put(scan.bytes).await?;
    Ok(Kept {
        name: scan.name,
        kind,
        size,
        hash,
    })
}

/// Writes its row.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert(
    tx: &Tx,
    app: &App,
    id: FilingId,
    by: PersonId,
    kept: Kept,
    purpose: Purpose,
) -> Result<Attachment, Fault> {
    Ok(ActiveModel {
        filing_id: Set(id),
        name: Set(kept.name),
        kind: Set(kept.kind.code().into()),
        size: Set(kept.size),
        hash: Set(kept.hash),
        purpose: Set(purpose.code().into()),
        uploaded_by: Set(by),
        uploaded_at: Set(app.now()),
        ..Default::default()
    }
    .insert(tx)
    .await?)
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
    scan: Scan,
    purpose: Purpose,
) -> Result<(), Fault> {
    let (filing, place) = service::open_for(app, actor, id).await?;
    if !may_add(&filing, actor, &place) {
        return Err(Fault::Forbidden(
            "只有填报人和本单位联络员可以上传附件，已撤回的备案不再收附件。".into(),
        ));
    }
    if !Purpose::of_author(filing.kind).contains(&purpose) {
        return Err(Fault::Malformed("请从列表中选择附件类别。".into()));
    }
    let person = service::person_of(actor)?;
    let kept = keep(app, scan).await?;
    let tx = app.db.begin().await?;
    // Touching the filing lets two uploads take turns, so that they are counted rightly.
    super::store::touch(&tx, id, app.now()).await?;
    let officers = [Purpose::Paper, Purpose::Recheck].map(Purpose::code);
    if Entity::find()
        .filter(COLUMN.filing_id.eq(id))
        .filter(COLUMN.purpose.is_not_in(officers))
        .count(&tx)
        .await?
        >= MOST
    {
        return Err(Fault::Refused(format!(
            "一件备案最多 {MOST} 个附件，请合并后再上传。"
        )));
    }
    let row = insert(&tx, app, id, person, kept, purpose).await?;
    if purpose == Purpose::SealedForm {
        work::close(&tx, app, actor, (SUBJECT, id.0), Some(effect::SEAL)).await?;
    }
    let entry = audit::Entry {
        action: "filing.attached",
        subject: (SUBJECT, id.0),
        unit: Some(filing.unit),
        on_behalf_of: None,
        summary: format!("为备案{}上传{purpose}", filing.lasting_title()),
        detail: serde_json::json!({
            "attachment": row.id, "name": row.name, "hash": row.hash, "size": row.size, "purpose": purpose,
        }),
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
    if found.purpose().is_officers() {
        return Err(Fault::Refused(
            "这是工作人员登记的凭证，填报人不能删除。".into(),
        ));
    }
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
