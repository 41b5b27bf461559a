//! Names of platforms as people write them, and their pages.

mod pages;

use super::{Annex2, NamedBy, Platform, Platforms};
use proptest::prelude::*;

fn platform(code: &str, name: &str, aliases: &[&str]) -> Platform {
    Platform {
        code: code.into(),
        name: name.into(),
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
        annex2: Annex2::Other,
        named_by: NamedBy::Account,
        sort: 0,
        retired: false,
        version: 0,
    }
}

fn some() -> Platforms {
    Platforms(vec![
        platform("wechat", "微信公众号", &["微信", "公众号"]),
        platform("bilibili", "哔哩哔哩", &["B站", "bilibili"]),
        platform("wechat_video", "视频号", &["微信视频号"]),
    ])
}

#[test]
fn a_platform_is_known_by_name_alias_and_code_however_written() {
    let all = some();
    let code = |text: &str| all.resolve(text).map(|found| found.code.0.as_str());
    assert_eq!(code("微信公众号"), Some("wechat"));
    assert_eq!(code(" 微 信 "), Some("wechat"));
    assert_eq!(code("ｂ站"), Some("bilibili"));
    assert_eq!(code("BiliBili"), Some("bilibili"));
    assert_eq!(code("wechat_video"), Some("wechat_video"));
    assert_eq!(code("传呼机"), None);
    assert_eq!(code(""), None);
}

#[test]
fn the_nearest_name_stands_first_and_retired_ones_do_not_stand() {
    let mut all = some();
    assert_eq!(all.nearest("微信服务号").first(), Some(&"微信公众号"));
    assert_eq!(all.nearest("b站视频").first(), Some(&"哔哩哔哩"));
    assert_eq!(all.nearest("").len(), 3);
    all.0[0].retired = true;
    assert!(!all.nearest("微信").contains(&"微信公众号"));
    assert!(all.resolve("微信").is_some(), "old sheets name it still");
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,60}") {
        let all = some();
        prop_assert_eq!(all.nearest(&text).len(), 3);
        all.resolve(&text);
    }
}
