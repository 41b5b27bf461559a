//! HTML that attackers, programs and accidents send: nothing of it acts, and what is too much is told.

use super::super::{
    Layout,
    canonical::{plain, words},
    sanitize::{clean, clean_now, describe, from_typed, outside, to_typed},
};
use crate::ids::ManuscriptId;
use zhendi_kernel::Fault;

const OF: ManuscriptId = ManuscriptId(7);
/// Written for this project after the well-known families: tags, handlers, addresses, styles, foreign content,
/// parsers that disagree.
const FORMS: &str = include_str!("xss.txt");

/// Every tag of HTML that the parser wrote, with its attributes.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = vec![];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let mut within = false;
        let end = rest[at..]
            .find(|c| {
                within ^= c == '"';
                c == '>' && !within
            })
            .map_or(rest.len(), |end| at + end);
        let tag = &rest[at + 1..end];
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut read = vec![];
        while let Some((key, value)) = attributes.split_once("=\"") {
            let (value, next) = value.split_once('"').expect("a closed value");
            read.push((key.trim().to_lowercase(), value.to_lowercase()));
            attributes = next;
        }
        found.push((name.to_lowercase(), read));
        rest = &rest[std::cmp::min(end + 1, rest.len())..];
    }
    found
}

/// What in sanitised HTML could act, load, send or cover the page.
fn acts(html: &str) -> Option<String> {
    for (name, attributes) in tags(html) {
        let bare = name.trim_start_matches('/');
        let odd = [
            "script", "style", "svg", "math", "iframe", "frame", "object", "embed", "applet",
            "form", "input", "button", "select", "textarea", "link", "meta", "base", "template",
            "noscript", "title", "audio", "source", "track", "marquee", "bgsound", "body", "html",
            "dialog", "details", "slot",
        ];
        if odd.contains(&bare)
            || bare.contains('-')
            || bare.contains(':')
            || bare.starts_with(['!', '?'])
        {
            return Some(format!("<{name}>"));
        }
        for (key, value) in attributes {
            let address = value.replace("&amp;", "&");
            let safe = match key.as_str() {
                "href" => {
                    ["http://", "https://", "mailto:", "tel:"]
                        .iter()
                        .any(|one| address.starts_with(one))
                        || address.starts_with("/manuscripts/7/files/")
                }
                "src" if bare == "video" => address.starts_with("/manuscripts/7/files/"),
                "src" => {
                    address.starts_with("/manuscripts/7/files/")
                        || address.starts_with("https://")
                        || address.starts_with("http://")
                }
                "style" => ![
                    "url(&quot;javascript",
                    "url(&quot;data",
                    "expression",
                    "binding",
                    "behavior",
                    "position",
                    "z-index",
                    "@import",
                    "animation",
                    "image-set",
                    "inset",
                    "\\",
                ]
                .iter()
                .any(|one| value.contains(one)),
                "class" => value.split(' ').all(|one| one.starts_with("text-")),
                "alt" | "title" | "rel" | "width" | "height" | "colspan" | "rowspan" | "scope"
                | "start" | "type" | "controls" | "align" | "valign" | "bgcolor" | "color"
                | "size" | "face" | "border" | "cellpadding" | "cellspacing" | "span" => true,
                _ => false,
            };
            if !safe {
                return Some(format!("<{name} {key}=\"{value}\">"));
            }
        }
    }
    None
}

#[test]
fn no_known_form_of_script_acts() {
    let forms: Vec<&str> = FORMS.lines().filter(|line| !line.is_empty()).collect();
    assert!(forms.len() >= 100, "only {} forms", forms.len());
    for layout in Layout::ALL {
        for form in &forms {
            for wrapped in [
                (*form).to_owned(),
                format!("<p>前{form}后</p>"),
                format!("<table><tr><td>{form}</td></tr></table>"),
                format!("<blockquote><ul><li>{form}"),
            ] {
                let cleaned = clean_now(OF, *layout, &wrapped).unwrap();
                if let Some(what) = acts(&cleaned) {
                    panic!("{layout}: {wrapped}\nbecame {cleaned}\nwhich holds {what}");
                }
                // What one pass leaves, another leaves as it is: nothing is put together by cleaning.
                let again = clean_now(OF, *layout, &cleaned).unwrap();
                assert_eq!(again, cleaned, "{layout}: {wrapped}");
            }
        }
        // All of them in one text, where one can hide behind the other.
        let cleaned = clean_now(OF, *layout, &forms.join("\n")).unwrap();
        assert_eq!(acts(&cleaned), None);
    }
}

#[test]
fn what_the_test_looks_for_is_found() {
    for bad in [
        "<script>x</script>",
        "<p onclick=\"x\">a</p>",
        "<a href=\"javascript:x\">a</a>",
        "<img src=\"data:x\">",
        "<div style=\"position:fixed\">a</div>",
        "<p class=\"modal\">a</p>",
    ] {
        assert!(acts(bad).is_some(), "{bad}");
    }
}

#[test]
fn what_writers_and_layout_tools_write_stays() {
    let kept = |layout, html: &str| clean_now(OF, layout, html).unwrap();
    let rich = "<h2>一、安排</h2><p class=\"text-center\">甲<strong>乙</strong><em>丙</em><u>丁</u></p>\
        <ul><li><p>一</p></li></ul><blockquote><p>引</p></blockquote>\
        <table><tbody><tr><th colspan=\"2\">标题</th></tr><tr><td rowspan=\"1\">甲</td></tr></tbody></table>\
        <p><img src=\"/manuscripts/7/files/3\" alt=\"会场\"></p><video src=\"/manuscripts/7/files/4\" controls=\"\"></video>";
    assert_eq!(kept(Layout::Rich, rich), rich);
    assert_eq!(
        kept(
            Layout::Rich,
            "<p style=\"color:red\">甲<span lang=EN-US>乙</span><o:p></o:p></p>"
        ),
        "<p>甲乙</p>"
    );
    let styled = kept(
        Layout::Framed,
        "<section style=\"margin:0 auto;background-color:#fff;box-sizing:border-box;transform:rotate(3deg)\" \
         data-tools=\"135编辑器\"><span style=\"font-size:16px;letter-spacing:1.5px\">甲</span></section>",
    );
    for part in [
        "<section",
        "margin:0 auto",
        "transform:rotate(3deg)",
        "letter-spacing:1.5px",
        "甲",
    ] {
        assert!(styled.contains(part), "{part} is not in {styled}");
    }
    assert!(!styled.contains("data-tools"));
    assert_eq!(
        kept(
            Layout::Rich,
            "<p><a href=\"https://x.example/?a=1&b=2\" target=_blank>甲</a></p>"
        ),
        "<p><a href=\"https://x.example/?a=1&amp;b=2\" rel=\"noopener noreferrer\">甲</a></p>"
    );
}

#[test]
fn pictures_elsewhere_are_kept_and_told() {
    let html = clean_now(
        OF,
        Layout::Framed,
        "<p><img src=\"https://mmbiz.example/a?x=1&y=2\"><img src='https://mmbiz.example/a?x=1&y=2'>\
         <img src=\"/manuscripts/7/files/1\"></p>\
         <section style=\"background-image:url(https://statics.example/b.png)\">甲</section>",
    )
    .unwrap();
    assert_eq!(
        outside(&html),
        [
            "https://mmbiz.example/a?x=1&y=2",
            "https://statics.example/b.png"
        ]
    );
    assert!(outside("<p>src=\"https://x\"</p>").is_empty());
}

#[test]
fn pictures_bear_what_is_said_of_their_files() {
    let file = super::files::picture_of("“会场” <大> & \"小\"");
    let html = clean_now(
        OF,
        Layout::Rich,
        "<p><img src=/manuscripts/7/files/3 alt='a>b'><img src=/manuscripts/7/files/9 alt=x></p>",
    )
    .unwrap();
    let described = describe(&html, OF, &[file]);
    assert_eq!(
        described,
        "<p><img src=\"/manuscripts/7/files/3\" alt=\"“会场” &lt;大&gt; &amp; &quot;小&quot;\">\
         <img src=\"/manuscripts/7/files/9\" alt=\"x\"></p>"
    );
    assert_eq!(clean_now(OF, Layout::Rich, &described).unwrap(), described);
    // What a layout tool says of a picture stays.
    let styled = "<p><img style=\"width:50%\" src=\"/manuscripts/7/files/3\"></p>";
    let described = describe(styled, OF, &[super::files::picture_of("校门")]);
    assert_eq!(
        described,
        "<p><img style=\"width:50%\" src=\"/manuscripts/7/files/3\" alt=\"校门\"></p>"
    );
}

#[tokio::test]
async fn too_much_is_told_and_not_kept() {
    // Ten megabytes pasted at once.
    let paste = "<p>学院举办开学典礼，全体新生参加。</p>".repeat((10 << 20) / 54);
    let refused = clean(OF, Layout::Rich, paste).await;
    assert!(
        matches!(&refused, Err(Fault::TooLarge(why)) if why.contains("MB")),
        "{refused:?}"
    );
    // The same with all its bulk in what does not stay.
    let bulk = format!("<p>甲</p><!--{}-->", "x".repeat(10 << 20));
    assert_eq!(clean(OF, Layout::Rich, bulk).await.unwrap(), "<p>甲</p>");
    let more = "x".repeat((12 << 20) + 1);
    assert!(matches!(
        clean(OF, Layout::Rich, more).await,
        Err(Fault::TooLarge(_))
    ));
    // Elements within elements within elements.
    for deep in [
        "<div>".repeat(100_000),
        "<b><i>".repeat(50_000),
        "<div></x>".repeat(50_000),
        format!(
            "{}{}",
            "<section>".repeat(5_000),
            "</section>".repeat(5_000)
        ),
    ] {
        let refused = clean(OF, Layout::Framed, deep).await;
        assert!(matches!(refused, Err(Fault::Malformed(_))));
    }
    // Many paragraphs that nobody closed are no depth.
    let flat = "<p>甲<br>".repeat(3_000);
    assert!(clean(OF, Layout::Rich, flat).await.is_ok());
}

#[test]
fn typed_text_goes_to_html_and_back() {
    let typed = "第一段 <重要>\n第二段 & 其他";
    let html = clean_now(OF, Layout::Rich, &from_typed(typed)).unwrap();
    assert_eq!(html, "<p>第一段 &lt;重要&gt;</p><p>第二段 &amp; 其他</p>");
    assert_eq!(to_typed(&html), typed);
    assert_eq!(to_typed("<p>甲</p><h2>乙</h2>"), "<p>甲</p><h2>乙</h2>");
    assert_eq!(from_typed("<p>甲</p>"), "<p>甲</p>");
}

#[test]
fn words_are_counted_as_chinese_writers_do() {
    assert_eq!(words("学院举办 2026 年 open day 活动。"), 11);
    assert_eq!(words(""), 0);
    assert_eq!(words(&plain("<p>第一段</p><p>第二段</p>")), 6);
}
