//! What a manuscript must have before it may be handed in (R-REV-1).

use super::{
    sanitize,
    terms::{Content, FileRole, Layout, Origin},
};
use zhendi_kernel::Fault;

/// Something that is missing; the words are for the author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    #[error("请填写标题。")]
    Title,
    #[error("正文还是空的。")]
    Text,
    #[error("请填写排版页面的链接，或上传长图。")]
    Layout,
    #[error("请选择要发布的网络阵地。")]
    Channel,
    #[error("请选择类别。")]
    Category,
    #[error("转载稿请写明来源。")]
    Source,
    #[error("转载稿请填写原文链接。")]
    SourceLink,
    #[error("转载稿请填写原文标题，以便比对。")]
    SourceTitle,
    #[error("图片“{0}”还没有替代文字（写明图中内容）。")]
    Alt(String),
    #[error("“{0}”还没有注明版权情况。")]
    Rights(String),
    #[error("还有 {0} 张图片在其他网站上，请转存到本系统或删除：别处的图片可能在审核后被换掉。")]
    Outside(usize),
}

/// What is missing, in the order of the page.
pub fn lacks(content: &Content, text: &str) -> Vec<Lack> {
    let mut found = vec![];
    let mut need = |there: bool, lack: Lack| {
        if !there {
            found.push(lack);
        }
    };
    let has_picture = content
        .files
        .iter()
        .any(|file| file.role == FileRole::Picture);
    need(!content.title.is_empty(), Lack::Title);
    need(!text.trim().is_empty(), Lack::Text);
    need(
        content.layout != Layout::Picture || !content.link.is_empty() || has_picture,
        Lack::Layout,
    );
    need(!content.channels.is_empty(), Lack::Channel);
    need(!content.category.is_empty(), Lack::Category);
    if content.origin == Origin::Reprint {
        need(!content.source.is_empty(), Lack::Source);
        need(!content.source_link.is_empty(), Lack::SourceLink);
        need(!content.source_title.is_empty(), Lack::SourceTitle);
    }
    let outside = sanitize::outside(&content.html).len();
    need(outside == 0, Lack::Outside(outside));
    for file in &content.files {
        let name = || file.name.clone();
        if file.role == FileRole::Picture {
            need(!file.alt.is_empty(), Lack::Alt(name()));
        }
        if file.role != FileRole::Attachment {
            need(file.rights.is_some(), Lack::Rights(name()));
        }
    }
    found
}

/// Refuses what is not complete, with everything that is missing.
///
/// # Errors
/// `Fault::Refused`.
pub fn complete(content: &Content, text: &str) -> Result<(), Fault> {
    let lacks = lacks(content, text);
    if lacks.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    Err(Fault::Refused(format!(
        "稿件还不能提交审核：{}",
        words.join("")
    )))
}
