//! Links of texts (R-REV-4): asked in the background whether they lead anywhere, and found in the text when not.

mod ask;
mod found;
mod scan;
mod store;
#[cfg(test)]
mod tests;

pub use ask::{jobs, want};
pub use found::{findings, sought};
pub use scan::addresses;
pub use store::{Known, known};

use crate::manuscript::Content;
use zhendi_kernel::named;

named! {
    /// What is known of where a link leads. What the server could not find out is no fault of the link.
    Standing {
        /// Not known yet.
        Waiting = "waiting", "正在检查";
        Alive = "alive", "可以打开";
        /// The site says that there is no such page.
        Gone = "gone", "打不开";
        /// The site keeps the program out, and perhaps readers.
        Refused = "refused", "拒绝检查";
        /// The site answers with a fault of its own, again and again.
        Failing = "failing", "网站出错";
        /// No answer, again and again.
        Silent = "silent", "没有应答";
        /// Leads to an address that only the inside reaches.
        Inside = "inside", "内部地址";
        /// Carries a login, or nothing that can be asked.
        Unusable = "unusable", "写法不对";
    }
}

/// The links that stand beside a text, with what they are called.
pub fn beside(content: &Content) -> Vec<(&'static str, String)> {
    [
        ("原文链接", &content.source_link),
        ("排版页面", &content.link),
    ]
    .into_iter()
    .filter(|(_, address)| !address.is_empty())
    .map(|(name, address)| (name, address.clone()))
    .collect()
}

/// Every address of a text and beside it, each once.
pub fn all(content: &Content) -> Vec<String> {
    let mut all = addresses(&content.html);
    for (_, address) in beside(content) {
        if let Some(address) = scan::normal(&address).filter(|one| !all.contains(one)) {
            all.push(address);
        }
    }
    all
}
