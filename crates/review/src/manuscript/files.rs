//! Pictures, videos and attachments of manuscripts: let in with their limits, shown and handed out.

use super::{
    sanitize::file_address,
    service::{held_for_writing, may_write, open_for},
    store,
    terms::{FileRef, FileRole, Rights},
};
use crate::ids::ManuscriptId;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use sea_orm::ConnectionTrait;
use std::ops::RangeInclusive;
use url::Url;
use zhendi_kernel::{
    Actor, App, Fault,
    files::{self, Kind, MAX_UPLOAD},
    text,
};

/// A manuscript has no more pictures than this; long galleries have some hundred.
pub const PICTURES: usize = 300;
/// Nor more videos.
const VIDEOS: usize = 5;
/// Nor more attachments.
const ATTACHMENTS: usize = 30;
/// No picture is larger, which is also the limit of the platforms.
const PICTURE_BYTES: usize = 10 << 20;
/// No picture has more points than this: a long picture is 1,080 × 30,000 of them.
const POINTS: usize = 60_000_000;
/// Nor is one longer.
const LONGEST: usize = 50_000;
/// A request holds one file, its form's other fields and their frame.
pub const REQUEST_LIMIT: usize = MAX_UPLOAD + 64 * 1024;

/// What is an attachment: paper, office files, pictures, packed files.
const PAPERS: [Kind; 17] = [
    Kind::Pdf,
    Kind::Ofd,
    Kind::Docx,
    Kind::Doc,
    Kind::Xlsx,
    Kind::Xls,
    Kind::Pptx,
    Kind::Ppt,
    Kind::Odt,
    Kind::Ods,
    Kind::Csv,
    Kind::Txt,
    Kind::Zip,
    Kind::Jpeg,
    Kind::Png,
    Kind::Gif,
    Kind::Webp,
];

/// A file to be kept.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub role: FileRole,
    pub name: String,
    pub bytes: Bytes,
    pub alt: String,
    pub rights: Option<Rights>,
    pub credit: String,
}

impl FileRole {
    /// What files of the role may be.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Picture => &[Kind::Jpeg, Kind::Png, Kind::Gif, Kind::Webp],
            Self::Video => &[Kind::Mp4],
            Self::Attachment => &PAPERS,
        }
    }

    fn limits(self) -> (usize, usize, &'static str) {
        match self {
            Self::Picture => (PICTURES, PICTURE_BYTES, "张图片"),
            Self::Video => (VIDEOS, MAX_UPLOAD, "段视频"),
            Self::Attachment => (ATTACHMENTS, MAX_UPLOAD, "个附件"),
        }
    }
}

/// Width and height of a picture, read from its head: nothing is unpacked, so a picture that would fill the
/// memory is told by its numbers alone.
///
/// # Errors
/// `Fault::Malformed` with the reason.
pub fn measure(name: &str, bytes: &[u8]) -> Result<(i32, i32), Fault> {
    let size = imagesize::blob_size(bytes).map_err(|_| {
        Fault::Malformed(format!(
            "图片“{name}”已损坏，读不出尺寸，请重新导出后上传。"
        ))
    })?;
    let points = size.width.saturating_mul(size.height);
    if points == 0 {
        return Err(Fault::Malformed(format!("图片“{name}”没有内容。")));
    }
    if points > POINTS || size.width > LONGEST || size.height > LONGEST {
        return Err(Fault::TooLarge(format!(
            "图片“{name}”的尺寸是 {}×{}，过大，请缩小后再上传（不超过 6000 万像素、边长不超过 {LONGEST}）。",
            size.width, size.height
        )));
    }
    let number = |length: usize| i32::try_from(length).map_err(Fault::internal);
    Ok((number(size.width)?, number(size.height)?))
}

/// Keeps a file with a manuscript.
///
/// # Errors
/// `Fault::NotFound`; what [`held_for_writing`] refuses; `Fault::TooLarge` and `Fault::Malformed` with the
/// reason when the file is not of the kind, too large, or one too many.
pub async fn keep(
    app: &App,
    actor: &Actor,
    of: ManuscriptId,
    new: NewFile,
) -> Result<FileRef, Fault> {
    may_add(app, actor, of).await?;
    let (most, limit, counted) = new.role.limits();
    let kind = files::accept(&new.name, &new.bytes, limit, new.role.kinds())?;
    let (width, height) = match new.role {
        FileRole::Picture => measure(&new.name, &new.bytes)?,
        FileRole::Video | FileRole::Attachment => (0, 0),
    };
    let file = FileRef {
        id: 0,
        role: new.role,
        kind,
        size: i64::try_from(new.bytes.len()).map_err(Fault::internal)?,
        width,
        height,
        hash: app.files.put(new.bytes).await?.to_string(),
        alt: text::line(&new.alt, 200).map_err(|error| Fault::Malformed(error.to_string()))?,
        rights: new.rights,
        credit: text::line(&new.credit, 200)
            .map_err(|error| Fault::Malformed(error.to_string()))?,
        name: new.name,
    };
    let tx = app.db.begin().await?;
    let (manuscript, me) = held_for_writing(&tx, actor, of).await?;
    let has = manuscript
        .content
        .files
        .iter()
        .filter(|one| one.role == file.role)
        .count();
    if has >= most {
        return Err(Fault::Refused(format!(
            "一篇稿件最多放 {most} {counted}，“{}”没有保存。",
            file.name
        )));
    }
    let file = store::add_file(&tx, of, file, me, app.now()).await?;
    tx.commit().await?;
    Ok(file)
}

/// Sight and right before anything is kept or fetched for somebody.
async fn may_add(app: &App, actor: &Actor, of: ManuscriptId) -> Result<(), Fault> {
    let db = app.db.read();
    may_write(db, actor, &open_for(db, actor, of).await?).await?;
    Ok(())
}

/// Brings in a picture that a paste or a layout tool left elsewhere: what was reviewed must not change
/// with somebody else's server.
///
/// # Errors
/// As [`keep`]; `Fault::Refused` with the reason when it cannot be fetched.
pub async fn bring_in(
    app: &App,
    actor: &Actor,
    of: ManuscriptId,
    address: &str,
) -> Result<FileRef, Fault> {
    let url = Url::parse(address)
        .map_err(|_| Fault::Malformed("图片的网址不完整，请重新上传这张图片。".into()))?;
    may_add(app, actor, of).await?;
    let answer =
        app.outgoing.get(&url).await.map_err(|error| {
            Fault::Refused(format!("没有取到图片：{error}。请下载后重新上传。"))
        })?;
    if !answer.status.is_success() {
        return Err(Fault::Refused(format!(
            "没有取到图片：对方网站答复 {}。请下载后重新上传。",
            answer.status.as_u16()
        )));
    }
    let ending = match imagesize::image_type(&answer.body) {
        Ok(imagesize::ImageType::Png) => "png",
        Ok(imagesize::ImageType::Gif) => "gif",
        Ok(imagesize::ImageType::Webp) => "webp",
        _ => "jpg",
    };
    let new = NewFile {
        role: FileRole::Picture,
        name: format!("转存图片.{ending}"),
        bytes: answer.body,
        alt: String::new(),
        rights: None,
        credit: url.host_str().unwrap_or_default().to_owned(),
    };
    keep(app, actor, of, new).await
}

/// A file as the pages of its manuscript show it. Others than the writers get what was handed in, not what was put
/// there since.
///
/// # Errors
/// `Fault::NotFound` for who may not see the manuscript or the file; when the store does not serve.
pub async fn serve(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: ManuscriptId,
    file: i64,
    asked: &HeaderMap,
) -> Result<Response, Fault> {
    let manuscript = open_for(db, actor, of).await?;
    let file = store::file_of(db, of, file).await?;
    if !manuscript.is_written_by(actor) && !store::was_handed_in(db, of, file.id).await? {
        return Err(Fault::NotFound);
    }
    show(app, &file, asked).await
}

/// A file's content for who may see it: pictures and videos in their place, everything else as a download.
///
/// # Errors
/// When the store does not serve.
pub async fn show(app: &App, file: &FileRef, asked: &HeaderMap) -> Result<Response, Fault> {
    let bytes = app.files.get(&file.content_hash()?).await?;
    if file.role == FileRole::Attachment {
        return Ok(files::download(&file.name, file.kind, bytes));
    }
    Ok(inline(file.kind, bytes, asked))
}

/// Shown where it stands, but never run: the kinds are pictures and videos, named as such, and the policy
/// lets nothing of it act.
fn inline(kind: Kind, bytes: Bytes, asked: &HeaderMap) -> Response {
    let whole = bytes.len();
    let part = asked
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(|range| wanted(range, whole));
    let mut response = match part {
        Some(part) => {
            let told = format!("bytes {}-{}/{whole}", part.start(), part.end());
            let mut response = Body::from(bytes.slice(part)).into_response();
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            if let Ok(told) = HeaderValue::try_from(told) {
                response.headers_mut().insert(header::CONTENT_RANGE, told);
            }
            response
        }
        None => Body::from(bytes).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind.media_type()),
        (header::ACCEPT_RANGES, "bytes"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
        (header::CACHE_CONTROL, "private, max-age=0, must-revalidate"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The part of a video that a player asks for; anything unusual gets the whole.
fn wanted(range: &str, whole: usize) -> Option<RangeInclusive<usize>> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: usize = from.parse().ok()?;
    let to: usize = match to {
        "" => whole.checked_sub(1)?,
        to => to.parse().ok()?,
    };
    (from <= to && to < whole).then_some(from..=to)
}

/// Takes a file out of the working copy; versions that name it keep it.
///
/// # Errors
/// `Fault::NotFound`; what [`held_for_writing`] refuses.
pub async fn remove(app: &App, actor: &Actor, of: ManuscriptId, file: i64) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    held_for_writing(&tx, actor, of).await?;
    store::file_of(&tx, of, file).await?;
    store::remove_file(&tx, of, file).await?;
    tx.commit().await?;
    Ok(())
}

/// Where the pages find a file.
pub fn address(of: ManuscriptId, file: &FileRef) -> String {
    file_address(of, file.id)
}
