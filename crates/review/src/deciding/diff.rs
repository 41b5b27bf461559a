//! What changed between two versions of a manuscript: its text, and everything else that is approved with it.

use super::{
    compared::{self, Part},
    difference::{self, Amount, Change},
    document::Document,
};
use crate::manuscript::{Content, FileRef, Version};
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault};

/// The differences between two versions.
#[derive(Clone, Debug)]
pub struct Diff {
    pub old: Document,
    pub new: Document,
    pub changes: Vec<Change>,
    pub amount: Amount,
    /// What else changed: what it is called, and how it reads with what came and went marked, as HTML.
    pub facts: Vec<Fact>,
    /// The text and all that is said of it are the same, but not how it is laid out.
    pub layout_only: bool,
}

/// Something beside the text that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: &'static str,
    pub html: String,
}

impl Diff {
    /// Whether a reader would find nothing changed.
    pub fn is_none(&self) -> bool {
        self.amount.is_none() && self.facts.is_empty() && !self.layout_only
    }

    /// How much was changed, in words.
    pub fn summary(&self) -> String {
        let mut all = vec![];
        if self.amount.added > 0 {
            all.push(format!("新增 {} 字", self.amount.added));
        }
        if self.amount.removed > 0 {
            all.push(format!("删去 {} 字", self.amount.removed));
        }
        let moved = self
            .changes
            .iter()
            .filter(|change| matches!(change, Change::MovedHere { .. }))
            .count();
        if moved > 0 {
            all.push(format!("移动 {moved} 段"));
        }
        if self.amount.other > moved {
            all.push("格式、链接或图片说明有改动".into());
        }
        if !self.facts.is_empty() {
            let labels: Vec<&str> = self.facts.iter().map(|fact| fact.label).collect();
            all.push(format!("{}有改动", labels.join("、")));
        }
        if self.layout_only {
            all.push("文字没有变化，版式有改动".into());
        }
        if all.is_empty() {
            "没有变化".into()
        } else {
            all.join("，")
        }
    }

    /// The text's differences as HTML.
    pub fn parts(&self) -> Vec<Part> {
        compared::differences(&self.old, &self.new, &self.changes)
    }
}

/// The differences between two versions of a manuscript. `channels` gives the names of channels.
pub fn differences(old: &Version, new: &Version, channels: &HashMap<ChannelId, String>) -> Diff {
    between(&old.content, &new.content, channels)
}

/// The same between two contents.
pub fn between(old: &Content, new: &Content, channels: &HashMap<ChannelId, String>) -> Diff {
    let (before, after) = (Document::read(&old.html), Document::read(&new.html));
    let changes = difference::compare(&before, &after);
    let amount = difference::amount(&before, &after, &changes);
    let facts = facts(old, new, channels);
    Diff {
        layout_only: old.html != new.html && amount.is_none(),
        old: before,
        new: after,
        changes,
        amount,
        facts,
    }
}

fn facts(old: &Content, new: &Content, channels: &HashMap<ChannelId, String>) -> Vec<Fact> {
    let mut facts = vec![];
    let mut line = |label, old: &str, new: &str| {
        if old != new {
            facts.push(Fact {
                label,
                html: compared::line(old, new),
            });
        }
    };
    line("标题", &old.title, &new.title);
    let called = |content: &Content| -> Vec<String> {
        let name = |channel: &ChannelId| {
            channels
                .get(channel)
                .cloned()
                .unwrap_or_else(|| format!("网络阵地 {channel}"))
        };
        content.channels.iter().map(name).collect()
    };
    line("类别", &old.category, &new.category);
    line("来源性质", old.origin.label(), new.origin.label());
    line("来源", &old.source, &new.source);
    line("原文链接", &old.source_link, &new.source_link);
    line("原文标题", &old.source_title, &new.source_title);
    line("署名", &old.names, &new.names);
    line("版式", old.layout.label(), new.layout.label());
    line("排版链接", &old.link, &new.link);
    let cover = |content: &Content| {
        let file = content
            .files
            .iter()
            .find(|file| Some(file.id) == content.cover);
        file.map(described).unwrap_or_else(|| "（无）".into())
    };
    line("封面", &cover(old), &cover(new));
    if old.channels != new.channels {
        facts.push(Fact {
            label: "发布渠道",
            html: list(&called(old), &called(new)),
        });
    }
    // Files are what is in them; what is said of them is a part of what is approved.
    let files =
        |content: &Content| -> Vec<String> { content.files.iter().map(described).collect() };
    if files(old) != files(new) || hashes(old) != hashes(new) {
        let html = if files(old) == files(new) {
            let changed = new
                .files
                .iter()
                .zip(&old.files)
                .filter(|(new, old)| new.hash != old.hash);
            let names: Vec<String> = changed.map(|(new, _)| new.name.clone()).collect();
            compared::line("", &format!("内容已更换：{}", names.join("、")))
        } else {
            list(&files(old), &files(new))
        };
        facts.push(Fact {
            label: "图片和附件",
            html,
        });
    }
    facts
}

fn hashes(content: &Content) -> Vec<&str> {
    content
        .files
        .iter()
        .map(|file| file.hash.as_str())
        .collect()
}

/// A file with all that is said of it.
fn described(file: &FileRef) -> String {
    let mut words = format!("{}“{}”", file.role.label(), file.name);
    for (label, value) in [
        ("替代文字", file.alt.as_str()),
        ("版权", file.rights.map_or("", |rights| rights.label())),
        ("署名", &file.credit),
    ] {
        if !value.is_empty() {
            words.push_str(&format!("，{label}：{value}"));
        }
    }
    words
}

/// Two lists, line by line.
fn list(old: &[String], new: &[String]) -> String {
    let mut lines = vec![];
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, old, new) {
        let (tag, from, to) = op.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            lines.extend(new[to].iter().map(|line| compared::line(line, line)));
        } else {
            lines.extend(old[from].iter().map(|line| compared::line(line, "")));
            lines.extend(new[to].iter().map(|line| compared::line("", line)));
        }
    }
    lines.join("<br>")
}

/// The two, compared where other requests need not wait for it.
///
/// # Errors
/// When the comparison itself fails.
pub async fn compare(
    old: Content,
    new: Content,
    channels: HashMap<ChannelId, String>,
) -> Result<Diff, Fault> {
    tokio::task::spawn_blocking(move || between(&old, &new, &channels))
        .await
        .map_err(Fault::internal)
}
