//! What a manuscript is made of, as types.

use crate::ids::{ManuscriptId, VersionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{
    Actor, ChannelId, PersonId, UnitId,
    files::{ContentHash, Kind},
    named,
};

named! {
    /// How the content is laid out.
    Layout {
        /// Written in the editor.
        Rich = "rich", "图文稿";
        /// Styled HTML of a layout tool, shown in a sandboxed frame (R-REV-11).
        Framed = "framed", "排版稿";
        /// A link to the layout tool, or a long picture, with the text beside it.
        Picture = "picture", "长图或链接稿";
    }
}

named! {
    /// Where the text comes from (R-REV-1).
    Origin {
        Original = "original", "原创";
        Reprint = "reprint", "转载";
    }
}

named! {
    /// What a file is for.
    FileRole {
        Picture = "picture", "图片";
        Video = "video", "视频";
        Attachment = "attachment", "附件";
    }
}

named! {
    /// By what right a picture or video is used (R-REV-1).
    Rights {
        Own = "own", "本单位拍摄或制作";
        Licensed = "licensed", "已获授权";
        Free = "free", "可免费使用";
        Source = "source", "随转载文章，已注明来源";
    }
}

/// A manuscript: its working copy and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manuscript {
    pub id: ManuscriptId,
    /// Counts the saves of the working copy; a save names the one it began with.
    pub revision: i64,
    pub unit: UnitId,
    /// The real author.
    pub author: PersonId,
    /// For whom the author acts.
    pub author_for: Option<PersonId>,
    /// Who writes with the author; none of them may review it.
    pub coauthors: Vec<PersonId>,
    pub content: Content,
    /// The latest version; none while it was never handed in.
    pub version: Option<VersionId>,
    pub copied_from: Option<ManuscriptId>,
    pub created_at: DateTime<Utc>,
    pub saved_at: DateTime<Utc>,
    pub saved_by: PersonId,
}

impl Manuscript {
    /// Everyone who may review none of its levels: author, co-authors, and for whom the author acts.
    pub fn writers(&self) -> Vec<PersonId> {
        let mut all = vec![self.author];
        all.extend(self.author_for);
        all.extend(&self.coauthors);
        all
    }

    /// Whether the person writes it.
    pub fn is_of(&self, person: PersonId) -> bool {
        self.author == person || self.coauthors.contains(&person)
    }

    /// Whether the actor is one of its writers: only these see its working copy.
    pub fn is_written_by(&self, actor: &Actor) -> bool {
        actor.person().is_some_and(|me| self.is_of(me))
    }

    /// The channel that decides on the workflow.
    pub fn main_channel(&self) -> Option<ChannelId> {
        self.content.channels.first().copied()
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/manuscripts/{}", self.id)
    }

    /// What people call it.
    pub fn called(&self) -> &str {
        match self.content.title.as_str() {
            "" => "（无标题）",
            title => title,
        }
    }
}

/// What a manuscript says: of the working copy, and of each version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub title: String,
    /// Sanitised; pictures and attachments are named by `/manuscripts/{id}/files/{file}`.
    pub html: String,
    pub layout: Layout,
    /// The link of a layout tool; empty for others.
    pub link: String,
    /// The first is the main channel.
    pub channels: Vec<ChannelId>,
    /// The files that belong to it, in the order of their upload.
    pub files: Vec<FileRef>,
    pub category: String,
    pub origin: Origin,
    /// 来源 of a reprint.
    pub source: String,
    pub source_link: String,
    /// The title in the source, for the comparison (R-REV-1).
    pub source_title: String,
    /// 作者/编辑/审核, at the end of a post.
    pub names: String,
    /// The file that is the cover.
    pub cover: Option<i64>,
}

/// A file of a manuscript. Its content never changes; what is said of it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileRef {
    pub id: i64,
    pub role: FileRole,
    pub name: String,
    pub kind: Kind,
    pub size: i64,
    /// In pixels; 0 for what is no picture.
    pub width: i32,
    pub height: i32,
    /// SHA-256 of the content, in hexadecimal digits.
    pub hash: String,
    /// What a picture shows, for those who do not see it.
    pub alt: String,
    pub rights: Option<Rights>,
    /// Who took it, or where it is from.
    pub credit: String,
}

impl FileRef {
    /// Where it is kept.
    ///
    /// # Errors
    /// When the stored text is no hash.
    pub fn content_hash(&self) -> Result<ContentHash, zhendi_kernel::Fault> {
        self.hash.parse().map_err(zhendi_kernel::Fault::internal)
    }
}

/// A version: what was handed in, never changed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    pub manuscript: ManuscriptId,
    /// From 1.
    pub number: i32,
    /// SHA-256 over canonical text, media, attachments, title and channels.
    pub hash: ContentHash,
    pub content: Content,
    /// The plain text of the HTML as [`crate::manuscript::plain`] makes it; anchors count its characters.
    pub text: String,
    /// Characters as Chinese writers count them.
    pub words: i32,
    pub made_by: PersonId,
    pub made_at: DateTime<Utc>,
}

impl Version {
    /// The channel that decided on the workflow.
    pub fn main_channel(&self) -> Option<ChannelId> {
        self.content.channels.first().copied()
    }

    /// The address of the sandboxed frame that shows it as it was laid out.
    pub fn frame(&self) -> String {
        format!("/manuscripts/versions/{}/frame", self.id)
    }
}
