//! What goes out: a version as a platform takes it.

use super::Failure;
use crate::{
    manuscript::{FileRef, FileRole, Layout, Origin, Version},
    publication::Publication,
};
use chrono::{DateTime, Utc};
use zhendi_kernel::{App, files::ContentHash};

/// A version on its way to a platform.
#[derive(Clone, Debug)]
pub struct Post {
    /// Borne by the post at its platform: the same for every version of a manuscript on a channel.
    pub key: String,
    /// Of this publication alone: the same request may come twice.
    pub once: String,
    pub title: String,
    pub hash: ContentHash,
    pub version: Version,
    /// What the platform called it before.
    pub remote_id: Option<String>,
    pub link: Option<String>,
    /// When the first request may have left the house.
    pub since: DateTime<Utc>,
}

impl Post {
    /// The post of a publication.
    pub fn new(publication: &Publication, version: Version) -> Self {
        Self {
            key: publication.key.clone(),
            once: format!("{}-{}", publication.key, publication.id),
            title: version.content.title.clone(),
            hash: version.hash.clone(),
            remote_id: publication.remote_id.clone(),
            link: publication.link.clone(),
            since: publication
                .ordered
                .map_or(publication.created_at, |(_, at)| at),
            version,
        }
    }

    /// The files that go out with it: those its text shows, its cover, and those that hang on it.
    pub fn files(&self) -> &[FileRef] {
        &self.version.content.files
    }

    /// The picture that stands for it: the cover, or the first.
    pub fn cover(&self) -> Option<&FileRef> {
        let content = &self.version.content;
        let chosen = content
            .files
            .iter()
            .find(|file| Some(file.id) == content.cover);
        chosen.or_else(|| {
            content
                .files
                .iter()
                .find(|file| file.role == FileRole::Picture)
        })
    }

    /// A file's bytes.
    pub async fn bytes(&self, app: &App, file: &FileRef) -> Result<bytes::Bytes, Failure> {
        Ok(app.files.get(&file.content_hash()?).await?)
    }

    /// The HTML with the platform's addresses for its files. What the text does not show hangs at its end:
    /// pictures, attachments, where a reprint is from, and the line of names.
    pub fn html(&self, address: impl Fn(&FileRef) -> Option<String>) -> String {
        let content = &self.version.content;
        let (mut html, shown) = readdress(&content.html, &content.files, &address);
        for file in &content.files {
            let is_cover = Some(file.id) == content.cover && content.layout != Layout::Picture;
            if shown.contains(&file.id) || is_cover {
                continue;
            }
            let Some(address) = address(file) else {
                continue;
            };
            let (address, name, alt) = (escape(&address), escape(&file.name), escape(&file.alt));
            html.push_str(&match file.role {
                FileRole::Picture => {
                    format!("<p><img src=\"{address}\" alt=\"{alt}\"></p>")
                }
                FileRole::Video => {
                    format!("<p><video src=\"{address}\" controls></video></p>")
                }
                FileRole::Attachment => {
                    format!("<p>附件：<a href=\"{address}\">{name}</a></p>")
                }
            });
        }
        if content.origin == Origin::Reprint && !content.source.is_empty() {
            let source = escape(&content.source);
            html.push_str(&if content.source_link.is_empty() {
                format!("<p>来源：{source}</p>")
            } else {
                let link = escape(&content.source_link);
                format!("<p>来源：<a href=\"{link}\">{source}</a></p>")
            });
        }
        if !content.names.is_empty() {
            html.push_str(&format!("<p>{}</p>", escape(&content.names)));
        }
        html
    }
}

/// Replaces the addresses of the manuscript's files, and says which files were named.
fn readdress(
    html: &str,
    files: &[FileRef],
    address: &impl Fn(&FileRef) -> Option<String>,
) -> (String, Vec<i64>) {
    const BEGIN: &str = "\"/manuscripts/";
    let (mut out, mut shown, mut rest) = (String::with_capacity(html.len()), vec![], html);
    while let Some(at) = rest.find(BEGIN) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let Some(end) = after.find('"') else {
            rest = after;
            break;
        };
        let named = after[..end]
            .rsplit_once("/files/")
            .and_then(|(_, id)| id.parse::<i64>().ok());
        if let Some(file) = files.iter().find(|file| Some(file.id) == named) {
            shown.push(file.id);
            out.push_str(&escape(&address(file).unwrap_or_default()));
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    (out, shown)
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
