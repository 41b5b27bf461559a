//! What a writer's form says: read field by field, what cannot be kept stays beside its reason.

use super::{
    service::{Draft, Said},
    terms::{Layout, Manuscript, Origin, Rights},
};
use crate::manuscript::sanitize;
use zhendi_kernel::{
    ChannelId, PersonId,
    form::{Errors, Field, Posted, errors},
    text,
};

/// A title is no longer than this; platforms take less.
const TITLE: usize = 200;
const LINE: usize = 500;

/// The fields as the page shows them.
pub(super) struct Form {
    pub title: Field,
    pub html: Field,
    /// The field holds plain lines, not HTML.
    pub typed: bool,
    pub layout: Field,
    pub link: Field,
    pub main: Field,
    pub others: Vec<ChannelId>,
    pub category: Field,
    pub origin: Field,
    pub source: Field,
    pub source_link: Field,
    pub source_title: Field,
    pub names: Field,
    pub coauthors: Field,
    pub cover: Field,
    pub said: Vec<Said>,
    pub errors: Errors,
}

impl Form {
    /// What is kept.
    pub fn of(manuscript: &Manuscript, coauthors: String) -> Self {
        let content = &manuscript.content;
        let shown = match content.layout {
            Layout::Framed => content.html.clone(),
            Layout::Rich | Layout::Picture => sanitize::to_typed(&content.html),
        };
        let main = manuscript.main_channel();
        Self {
            title: Field::new("title", "标题", content.title.as_str()),
            typed: shown != content.html || content.html.is_empty(),
            html: Field::new("html", "正文", shown),
            layout: Field::new("layout", "版式", content.layout.code()),
            link: Field::new("link", "排版页面链接", content.link.as_str()),
            main: Field::new(
                "main",
                "主要阵地",
                main.map(|id| id.to_string()).unwrap_or_default(),
            ),
            others: content.channels.iter().skip(1).copied().collect(),
            category: Field::new("category", "类别", content.category.as_str()),
            origin: Field::new("origin", "来源性质", content.origin.code()),
            source: Field::new("source", "来源", content.source.as_str()),
            source_link: Field::new("source_link", "原文链接", content.source_link.as_str()),
            source_title: Field::new("source_title", "原文标题", content.source_title.as_str()),
            names: Field::new("names", "署名", content.names.as_str()),
            coauthors: Field::new("coauthors", "共同拟稿人", coauthors),
            cover: Field::new(
                "cover",
                "封面",
                content.cover.map(|id| id.to_string()).unwrap_or_default(),
            ),
            said: vec![],
            errors: vec![],
        }
    }

    /// What was typed.
    pub fn posted(posted: &Posted, files: &[i64]) -> Self {
        let said = files
            .iter()
            .filter(|id| {
                posted
                    .0
                    .iter()
                    .any(|(name, _)| *name == format!("alt-{id}"))
            })
            .map(|id| Said {
                file: *id,
                alt: posted.get(&format!("alt-{id}")).to_owned(),
                rights: Rights::parse(posted.get(&format!("rights-{id}"))),
                credit: posted.get(&format!("credit-{id}")).to_owned(),
            })
            .collect();
        Self {
            title: posted.field("title", "标题"),
            html: posted.field("html", "正文"),
            typed: sanitize::is_typed(posted.get("html")),
            layout: posted.field("layout", "版式"),
            link: posted.field("link", "排版页面链接"),
            main: posted.field("main", "主要阵地"),
            others: posted
                .all("other")
                .filter_map(|id| id.parse().ok())
                .map(ChannelId)
                .collect(),
            category: posted.field("category", "类别"),
            origin: posted.field("origin", "来源性质"),
            source: posted.field("source", "来源"),
            source_link: posted.field("source_link", "原文链接"),
            source_title: posted.field("source_title", "原文标题"),
            names: posted.field("names", "署名"),
            coauthors: posted.field("coauthors", "共同拟稿人"),
            cover: posted.field("cover", "封面"),
            said,
            errors: vec![],
        }
    }

    /// What it says, if all of it can be kept. Half a manuscript can: what is missing is told when it is
    /// handed in. `people` finds a person by name, `categories` are those to choose from, `channels` those
    /// that are offered.
    pub fn draft(
        &mut self,
        categories: &[String],
        channels: &[ChannelId],
        people: impl Fn(&str) -> Result<PersonId, String>,
    ) -> Option<Draft> {
        let title = self.title.check(|raw| text::line(raw, TITLE));
        let layout = self.layout.check(|raw| match raw {
            "" => Ok(Layout::Rich),
            raw => Layout::parse(raw).ok_or("请选择版式。"),
        });
        let origin = self.origin.check(|raw| match raw {
            "" => Ok(Origin::Original),
            raw => Origin::parse(raw).ok_or("请选择原创或转载。"),
        });
        let link = self.link.check(web_address);
        let source_link = self.source_link.check(web_address);
        let source = self.source.check(|raw| text::line(raw, LINE));
        let source_title = self.source_title.check(|raw| text::line(raw, TITLE));
        let names = self.names.check(|raw| text::line(raw, LINE));
        let category = self.category.check(|raw| match raw {
            "" => Ok(String::new()),
            raw if categories.iter().any(|one| one == raw) => Ok(raw.to_owned()),
            _ => Err("请在列出的类别中选择。"),
        });
        let main = self.main.check(|raw| match raw {
            "" => Ok(None),
            raw => raw
                .parse()
                .map(|id| Some(ChannelId(id)))
                .ok()
                .filter(|id| id.is_none_or(|id| channels.contains(&id)))
                .ok_or("请在列出的网络阵地中选择。"),
        });
        let coauthors = self.coauthors.check(|raw| {
            raw.split(['、', '，', ',', ' ', '\u{3000}', '；', ';'])
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(&people)
                .collect::<Result<Vec<_>, _>>()
        });
        for said in &mut self.said {
            let line = |raw: &str| {
                text::line(raw, 200).unwrap_or_else(|_| raw.chars().take(200).collect())
            };
            (said.alt, said.credit) = (line(&said.alt), line(&said.credit));
        }
        self.errors = errors([
            &self.title,
            &self.layout,
            &self.link,
            &self.main,
            &self.category,
            &self.origin,
            &self.source,
            &self.source_link,
            &self.source_title,
            &self.names,
            &self.coauthors,
        ]);
        if !self.errors.is_empty() {
            return None;
        }
        let layout = layout?;
        let html = match layout {
            Layout::Framed => self.html.value.clone(),
            Layout::Rich | Layout::Picture => sanitize::from_typed(&self.html.value),
        };
        let others = self.others.iter().filter(|id| channels.contains(id));
        Some(Draft {
            title: title?,
            html,
            layout,
            link: link?,
            channels: main?.into_iter().chain(others.copied()).collect(),
            category: category?,
            origin: origin?,
            source: source?,
            source_link: source_link?,
            source_title: source_title?,
            names: names?,
            cover: self.cover.value.parse().ok(),
            coauthors: coauthors?,
            said: self.said.clone(),
        })
    }
}

/// An address of the web, or nothing.
fn web_address(raw: &str) -> Result<String, String> {
    let raw = text::line(raw, 1000).map_err(|error| error.to_string())?;
    if raw.is_empty() {
        return Ok(raw);
    }
    match url::Url::parse(&raw) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(raw),
        _ => Err("请填写以 http:// 或 https:// 开头的完整网址。".into()),
    }
}
