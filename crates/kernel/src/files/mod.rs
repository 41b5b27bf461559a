//! Files by the hash of their content, in a folder or in object storage, and how they are let in and out. Which record a file belongs to, its name and kind are kept with that record; a file that
//! no record names (its transaction failed) only takes up room.

mod kind;
mod store;

pub use kind::{Kind, sniff};
pub use store::{Files, Found, bucket};

use crate::Fault;
use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use object_store::path::Path as StorePath;
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// No upload is larger than this. A place may set a lower limit of its own.
pub const MAX_UPLOAD: usize = 20 << 20;

/// SHA-256 of a file's content, as 64 hexadecimal digits.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, sea_orm::DeriveValueType,
)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// Two levels of folders keep each of them small.
    fn path(&self) -> StorePath {
        let hex = &self.0;
        StorePath::from(format!("{}/{}/{hex}", &hex[..2], &hex[2..4]))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("不是文件摘要")]
pub struct NotAHash;

impl FromStr for ContentHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let hex = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if hex {
            Ok(Self(text.into()))
        } else {
            Err(NotAHash)
        }
    }
}

/// Checks an uploaded file: not empty, no more than `limit` bytes, of one of the kinds that this place takes.
///
/// # Errors
/// `Fault::TooLarge` or `Fault::Malformed` with the reason.
pub fn accept(name: &str, bytes: &[u8], limit: usize, kinds: &[Kind]) -> Result<Kind, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Malformed(format!(
            "文件“{name}”是空的，请重新选择。"
        )));
    }
    if bytes.len() > limit {
        let shown = match limit >> 20 {
            0 => format!("{} KB", limit >> 10),
            mb => format!("{mb} MB"),
        };
        return Err(Fault::TooLarge(format!(
            "文件“{name}”超过 {shown}，请压缩后再上传。"
        )));
    }
    let kind = sniff(bytes, name)?;
    if kinds.contains(&kind) {
        return Ok(kind);
    }
    let taken: Vec<&str> = kinds.iter().map(|kind| kind.label()).collect();
    Err(Fault::Malformed(format!(
        "文件“{name}”是{}，这里只收{}。",
        kind.label(),
        taken.join("、")
    )))
}

/// A file as a download. Whatever is in it, the browser neither shows nor runs it on our address.
pub fn download(name: &str, kind: Kind, bytes: impl Into<Body>) -> Response {
    let mut response = attachment(name, kind.media_type(), bytes.into());
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    response
}

fn attachment(name: &str, media_type: &'static str, body: Body) -> Response {
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '_'
            }
        })
        .collect();
    // RFC 8187: the UTF-8 name for browsers of this century, the plain one for the others.
    let disposition = format!(
        "attachment; filename=\"{ascii}\"; filename*=UTF-8''{}",
        percent(name)
    );
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::try_from(disposition).expect("made of plain ASCII letters"),
            ),
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, max-age=0, must-revalidate"),
            ),
        ],
        body,
    )
        .into_response()
}

fn percent(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
