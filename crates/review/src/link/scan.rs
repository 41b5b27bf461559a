//! Links as they stand in sanitised HTML. Pure.

use crate::deciding::Tag;
use std::ops::Range;
use url::Url;

/// No text has more addresses that are looked at; a list of links longer than this is a page of its own.
const MOST: usize = 300;
/// A longer address is not asked.
const LONGEST: usize = 2_000;

/// A link in a text.
pub struct Link {
    /// Bytes of the HTML between its tags.
    pub inner: Range<usize>,
    /// In its normal form.
    pub address: String,
}

/// The links that lead to the web, in the order of the text.
pub fn links(html: &str) -> Vec<Link> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(start) = html[at..].find("<a ").map(|start| at + start) {
        let (tag, length) = Tag::read(&html[start..]);
        let from = start + length;
        let to = html[from..]
            .find("</a>")
            .map_or(html.len(), |end| from + end);
        if let Some(address) = normal(tag.get("href")) {
            found.push(Link {
                inner: from..to,
                address,
            });
        }
        at = from;
    }
    found
}

/// The addresses of a text's links, each once.
pub fn addresses(html: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    for link in links(html) {
        if found.len() < MOST && !found.contains(&link.address) {
            found.push(link.address);
        }
    }
    found
}

/// The address that is asked for a link: its place within the page is for readers only.
pub fn normal(address: &str) -> Option<String> {
    let mut url: Url = address.trim().parse().ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_fragment(None);
    let address = String::from(url);
    (address.len() <= LONGEST).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_where_they_stand() {
        let html = "<p>见<a href=\"https://a.example/x?a=1&amp;b=2#p\" rel=\"noopener\">学校<b>官网</b></a>、\
            <a href=\"mailto:x@a.example\">信箱</a>、<a href=\"/manuscripts/1/files/2\">附件</a>、\
            <a title=\"a > b\" href=\"http://A.example\">又</a>、<a href=\"https://a.example/x?a=1&amp;b=2\">同</a></p>";
        let found: Vec<_> = links(html)
            .into_iter()
            .map(|link| (link.address, &html[link.inner]))
            .collect();
        let long = "https://a.example/x?a=1&b=2".to_owned();
        assert_eq!(
            found,
            [
                (long.clone(), "学校<b>官网</b>"),
                ("http://a.example/".into(), "又"),
                (long.clone(), "同"),
            ]
        );
        assert_eq!(addresses(html), [long, "http://a.example/".into()]);
    }

    #[test]
    fn odd_html_ends_nowhere_wrong() {
        for html in [
            "<a ",
            "<a href=\"https://a.example",
            "<a href=x>",
            "<p><a  ></p>",
            "《<a 〉",
        ] {
            assert_eq!(
                addresses(html).len(),
                usize::from(html.contains("a.example")),
                "{html}"
            );
        }
        let many: String = (0..500)
            .map(|n| format!("<a href=\"https://a.example/{n}\">{n}</a>"))
            .collect();
        assert_eq!(addresses(&many).len(), MOST);
        assert_eq!(
            normal(&format!("https://a.example/{}", "x".repeat(LONGEST))),
            None
        );
    }
}
