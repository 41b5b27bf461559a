//! What is told of links that lead nowhere.

use super::{Known, Standing, scan, store};
use crate::{
    check::{Draft, Found, FoundKind, Where},
    dictionary::Severity,
};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use url::Url;
use zhendi_kernel::Fault;
use zhendi_textcheck::Text;

/// What is known of a text's links.
///
/// # Errors
/// When the database fails.
pub async fn sought(
    db: &impl ConnectionTrait,
    draft: &Draft,
) -> Result<HashMap<String, Known>, Fault> {
    let mut all = scan::addresses(&draft.html);
    all.extend(
        draft
            .beside
            .iter()
            .filter_map(|(_, address)| scan::normal(address)),
    );
    store::known(db, &all).await
}

/// What is found of a text's links, and of how many it is not known yet.
pub fn findings(
    html: &str,
    beside: &[(&'static str, String)],
    known: &HashMap<String, Known>,
) -> (Vec<Found>, usize) {
    let (mut found, mut waiting) = (vec![], 0);
    let links = scan::links(html);
    let text = Text::html(if links.is_empty() { "" } else { html });
    let characters = |bytes: &str| bytes.chars().count();
    let mut told = |address: &str, place: Where, spots: [std::ops::Range<usize>; 2]| {
        let known = known.get(address).copied().unwrap_or(Known {
            standing: Standing::Waiting,
            status: None,
        });
        waiting += usize::from(known.standing == Standing::Waiting);
        if let Some((rule, severity, message)) = tell(known, address) {
            let [chars, html] = spots;
            found.push(Found {
                kind: FoundKind::Link,
                severity,
                rule: rule.into(),
                place,
                chars,
                html,
                message,
                suggestions: vec![],
                category: None,
                word: None,
            });
        }
    };
    for link in links {
        let plain = text.to_plain(link.inner.clone());
        let place = text.place(plain.clone());
        // A picture that is a link has no words.
        let html = match plain.is_empty() {
            true => {
                let start = characters(&html[..link.inner.start]);
                start..start + characters(&html[link.inner])
            }
            false => place.chars,
        };
        told(&link.address, Where::Text, [text.chars(plain), html]);
    }
    for (name, address) in beside {
        if let Some(address) = scan::normal(address) {
            told(&address, Where::Beside(name), [0..0, 0..0]);
        }
    }
    (found, waiting)
}

/// Rule, severity and words; none of a link that is well, or not known yet.
fn tell(known: Known, address: &str) -> Option<(&'static str, Severity, String)> {
    let url: Url = address.parse().ok()?;
    let host = url.host_str().unwrap_or_default();
    let code = known.status.unwrap_or_default();
    Some(match known.standing {
        Standing::Waiting | Standing::Alive => return None,
        Standing::Gone => (
            "link.gone",
            Severity::Error,
            format!("链接打不开：{host} 回答 {code}，没有这个网页"),
        ),
        Standing::Unusable => (
            "link.unusable",
            Severity::Error,
            "链接里带有用户名或密码，或者网址写法不对，请换成公开的网址".into(),
        ),
        Standing::Inside => (
            "link.inside",
            Severity::Warning,
            format!("链接指向内部地址 {host}，校外读者打不开"),
        ),
        Standing::Failing => (
            "link.failing",
            Severity::Warning,
            format!("链接三次都没能打开：{host} 回答 {code}"),
        ),
        Standing::Refused => (
            "link.refused",
            Severity::Notice,
            format!("{host} 不让程序检查（回答 {code}），请自己打开看一下"),
        ),
        Standing::Silent => (
            "link.silent",
            Severity::Notice,
            format!("三次都没能连上 {host}，请自己打开看一下"),
        ),
    })
}
