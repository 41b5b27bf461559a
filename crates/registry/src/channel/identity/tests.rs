//! One spelling for every address and id.

use super::{keys, keys_of_pasted};
use crate::{
    channel::Facts,
    platform::{Annex2, NamedBy, Platform, Platforms},
    testing::facts,
};
use proptest::prelude::*;
use zhendi_kernel::UnitId;

fn key(facts: &Facts, named_by: NamedBy) -> String {
    keys(facts, named_by)[0].as_str().to_owned()
}

fn site(address: &str) -> String {
    key(
        &facts(UnitId(7), "website", "官网", address),
        NamedBy::Address,
    )
}

fn account(id: &str) -> String {
    key(
        &facts(UnitId(7), "weibo", "信工 Weibo", id),
        NamedBy::Account,
    )
}

#[test]
fn one_site_has_one_key_however_it_is_written() {
    for same in [
        "http://www.example.edu.cn",
        "https://www.example.edu.cn/",
        "HTTPS://WWW.Example.EDU.CN",
        "www.example.edu.cn",
        "www.example.edu.cn/index.html",
        "http://www.example.edu.cn:80/Index.HTM",
        "https://www.example.edu.cn:443/#top",
        "http://someone:secret@www.example.edu.cn/",
        "ｈｔｔｐ：／／ｗｗｗ．ｅｘａｍｐｌｅ．ｅｄｕ．ｃｎ",
        " http://www.example.edu.cn。",
        "http://www.example.edu.cn./",
        "《www.example.edu.cn》",
    ] {
        assert_eq!(site(same), "site:www.example.edu.cn", "{same}");
    }
}

#[test]
fn what_is_another_site_has_another_key() {
    assert_eq!(site("lib.example.edu.cn"), "site:lib.example.edu.cn");
    assert_eq!(site("example.edu.cn"), "site:example.edu.cn");
    assert_eq!(
        site("www.example.edu.cn:8080"),
        "site:www.example.edu.cn:8080"
    );
    assert_eq!(
        site("www.example.edu.cn/xgx/"),
        "site:www.example.edu.cn/xgx"
    );
    assert_eq!(site("a.cn/list.jsp?id=5"), "site:a.cn/list.jsp?id=5");
    assert_eq!(site("10.1.2.3"), "site:10.1.2.3");
    assert_eq!(site("http://[2001:db8::1]/a"), "site:[2001:db8::1]/a");
}

#[test]
fn a_chinese_host_and_its_ascii_form_are_one() {
    assert_eq!(
        site("http://江海大学.中国"),
        site("http://xn--pss25cn80a95a.xn--fiqs8s/")
    );
    assert!(site("江海大学.中国").starts_with("site:xn--"));
}

#[test]
fn an_account_is_told_by_its_id() {
    for same in [
        "XinGong_01",
        " xingong_01 ",
        "@xingong_01",
        "ＸｉｎＧｏｎｇ＿０１",
        "xin gong_01",
    ] {
        assert_eq!(account(same), "account:weibo:xingong_01", "{same}");
    }
    assert_eq!(account("https://weibo.com/u/123/"), "site:weibo.com/u/123");
}

#[test]
fn without_either_it_is_the_unit_with_platform_and_name() {
    for none in ["", "无", " - ", "暂无", "/"] {
        assert_eq!(account(none), "name:7:weibo:信工weibo", "{none}");
        assert_eq!(site(none), "name:7:website:官网", "{none}");
    }
}

fn platforms() -> Platforms {
    Platforms(vec![Platform {
        code: "weibo".into(),
        name: "微博".into(),
        aliases: vec![],
        annex2: Annex2::Weibo,
        named_by: NamedBy::Account,
        sort: 0,
        retired: false,
        version: 0,
    }])
}

#[test]
fn a_pasted_link_finds_the_site_that_it_lies_in() {
    let found: Vec<String> =
        keys_of_pasted("https://lib.a.edu.cn/info/1001/2.htm?x=1", &platforms())
            .iter()
            .map(|key| key.as_str().to_owned())
            .collect();
    assert_eq!(
        found,
        [
            "site:lib.a.edu.cn/info/1001/2.htm?x=1",
            "site:lib.a.edu.cn/info/1001/2.htm",
            "site:lib.a.edu.cn/info/1001",
            "site:lib.a.edu.cn/info",
            "site:lib.a.edu.cn",
        ]
    );
    let id: Vec<String> = keys_of_pasted(" @XinGong ", &platforms())
        .iter()
        .map(|key| key.as_str().to_owned())
        .collect();
    assert_eq!(id, ["account:weibo:xingong"]);
    assert!(keys_of_pasted("  ", &platforms()).is_empty());
}

proptest! {
    #[test]
    fn any_text_has_a_key_and_never_that_of_another_kind(text in ".{0,120}") {
        let one = site(&text);
        prop_assert!(one.starts_with("site:") || one.starts_with("account:") || one.starts_with("name:"));
        prop_assert!(!one.contains(char::is_whitespace));
        prop_assert!(keys_of_pasted(&text, &platforms()).len() <= 12);
    }

    #[test]
    fn scheme_case_port_slash_and_index_make_no_difference(
        host in "[a-z]{1,8}\\.[a-z]{2,6}",
        path in "(/[a-z0-9]{1,6}){0,3}",
        https in any::<bool>(),
        large in any::<bool>(),
        tail in prop::sample::select(&["", "/", "/index.html", "/index.jsp", "#part"][..]),
    ) {
        let plain = site(&format!("{host}{path}"));
        let scheme = if https { "https" } else { "http" };
        let port = if https { ":443" } else { ":80" };
        let mut dressed = format!("{scheme}://{host}{port}{path}{tail}");
        if large {
            dressed = dressed.to_uppercase();
        }
        prop_assert_eq!(site(&dressed), plain.clone());
        // What a key was made of makes it again.
        prop_assert_eq!(site(plain.trim_start_matches("site:")), plain.clone());
    }
}
