//! Dictionaries: what is seen through, what wins, when entries hold.

use std::sync::Arc;

use zhendi_textcheck::{
    Checker, Context, Current, Entry, EntryKind, Kind, Layer, Severity, Text, WordsError,
};

use crate::{checker, context, day, found};

fn hits(checker: &Checker, text: &str) -> Vec<String> {
    let findings = checker.check(&Text::plain(text), &context());
    found(text, &findings).into_iter().map(Into::into).collect()
}

#[test]
fn width_case_traditional_forms_and_what_is_put_between_do_not_matter() {
    let checker = checker(vec![
        Entry::wrong("登陆网站", "登录网站"),
        Entry::wrong("WeChat公众帐号", "微信公众账号"),
        Entry::wrong("１２３热线", "12345热线"),
    ]);
    for text in [
        "登陆网站",
        "登陸網站",
        "登 陆 网 站",
        "登\u{200b}陆\u{200d}网\u{feff}站",
        "登\u{3000}陆\u{a0}网\t站",
        "登\u{fe0f}陆网\u{2060}站",
        "wechat公众帐号",
        "ＷＥＣＨＡＴ公眾帳號",
        "WeChat 公众 帐号",
        "123热线",
        "１２３熱線",
        "𝟭𝟮𝟯热线",
    ] {
        assert_eq!(hits(&checker, &format!("请{text}办理")), [text], "{text}");
    }
}

#[test]
fn no_word_crosses_the_end_of_a_sentence_or_of_a_line() {
    let checker = checker(vec![Entry::wrong("帐号", "账号")]);
    for text in [
        "蚊帐。号召",
        "蚊帐！号召",
        "蚊帐，号召",
        "蚊帐、号召",
        "蚊帐\n号召",
        "蚊帐 。 号召",
        "蚊帐\r\n号召",
        "蚊帐\u{2028}号召",
        "“帐”号",
    ] {
        assert!(hits(&checker, text).is_empty(), "{text}");
    }
    let html = "<p>买了蚊帐</p><p>号召大家</p>";
    assert!(checker.check(&Text::html(html), &context()).is_empty());
}

#[test]
fn letters_and_digits_stand_alone() {
    let checker = checker(vec![
        Entry::new(EntryKind::Avoid, "app"),
        Entry::new(EntryKind::Watch, "4G"),
        Entry::new(EntryKind::Watch, "new media"),
    ]);
    for text in [
        "happy",
        "application",
        "14G",
        "4GB",
        "map price",
        "ap p",
        "newmedia",
    ] {
        assert!(hits(&checker, text).is_empty(), "{text}");
    }
    for (text, hit) in [
        ("下载APP吧", "APP"),
        ("a p p", "a p p"),
        ("（4g）", "4g"),
        ("New  Media center", "New  Media"),
    ] {
        assert_eq!(hits(&checker, text), [hit], "{text}");
    }
}

#[test]
fn allowed_words_shield_what_is_in_them() {
    let entries = vec![
        Entry::wrong("帐号", "账号"),
        Entry::new(EntryKind::Allow, "《帐号管理办法》"),
        Entry::wrong("党委", "院党委"),
    ];
    let checker = checker(entries);
    assert_eq!(hits(&checker, "按《帐号管理办法》管理帐号"), ["帐号"]);
    // What is right has the wrong word in it.
    assert_eq!(hits(&checker, "院党委会议由党委召开"), ["党委"]);
}

#[test]
fn the_longest_wins_but_a_note_hides_no_error() {
    let long = checker(vec![
        Entry::wrong("示范学院", "示范学校"),
        Entry::wrong("职业示范学院", "示范职业学院"),
    ]);
    assert_eq!(hits(&long, "职业示范学院"), ["职业示范学院"]);
    let note = checker(vec![
        Entry::wrong("帐号", "账号"),
        Entry::new(EntryKind::Watch, "注销帐号"),
    ]);
    assert_eq!(hits(&note, "注销帐号"), ["注销帐号", "帐号"]);
}

#[test]
fn the_later_layer_speaks() {
    let institution = Layer::new(
        "本校",
        vec![
            Entry::wrong("信工院", "信息学院"),
            Entry::new(EntryKind::Avoid, "小编"),
        ],
    );
    let unit = Layer::new(
        "信息学院",
        vec![
            Entry::new(EntryKind::Allow, "小编"),
            Entry::new(EntryKind::Watch, "信工院"),
        ],
    );
    let checker = Checker::builder()
        .layer(institution)
        .layer(unit)
        .build()
        .unwrap();
    let findings = checker.check(&Text::plain("信工院小编"), &context());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].kind, Kind::WatchWord);
    let origin = findings[0].origin.as_ref().unwrap();
    assert_eq!((&*origin.layer, origin.entry), ("信息学院", 1));
}

#[test]
fn a_text_is_judged_by_the_facts_of_its_own_day() {
    let checker = checker(vec![
        Entry {
            valid_from: Some(day(2024, 5, 1)),
            ..Entry::wrong("示例职业学校", "示例职业技术学院")
        },
        Entry {
            valid_to: Some(day(2024, 4, 30)),
            ..Entry::wrong("示例职业技术学院", "示例职业学校")
        },
    ]);
    for (date, text, hit) in [
        (day(2024, 4, 30), "示例职业学校", false),
        (day(2024, 5, 1), "示例职业学校", true),
        (day(2024, 4, 30), "示例职业技术学院", true),
        (day(2024, 5, 1), "示例职业技术学院", false),
    ] {
        let findings = checker.check(&Text::plain(text), &Context::on(date));
        assert_eq!(!findings.is_empty(), hit, "{date} {text}");
    }
}

#[test]
fn a_finding_says_what_why_and_where() {
    let checker = checker(vec![Entry {
        category: Some("校名".into()),
        severity: Severity::Warning,
        note: Some("见校发〔2024〕1号".into()),
        ..Entry::wrong("示例职院", "示例职业技术学院")
    }]);
    let text = "我们😀在示例职院。";
    let [finding] = &checker.check(&Text::plain(text), &context())[..] else {
        panic!("one finding");
    };
    assert_eq!(finding.kind, Kind::WrongWord);
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.rule, "word.wrong");
    assert_eq!(&text[finding.bytes.clone()], "示例职院");
    assert_eq!(finding.chars, 4..8);
    assert_eq!(finding.source.bytes, finding.bytes);
    assert_eq!(finding.source.chars, 4..8);
    assert_eq!(finding.suggestions, ["示例职业技术学院"]);
    assert_eq!(finding.category.as_deref(), Some("校名"));
    assert_eq!(
        finding.message,
        "“示例职院”应为“示例职业技术学院”：见校发〔2024〕1号"
    );
}

#[test]
fn words_that_differ_only_by_what_is_folded_are_told_apart_by_the_letter() {
    let checker = checker(vec![
        Entry::wrong("公佈", "公布"),
        Entry::wrong("Wechat", "WeChat"),
    ]);
    assert_eq!(hits(&checker, "公佈和公布"), ["公佈"]);
    assert_eq!(hits(&checker, "WeChat、Wechat"), ["Wechat"]);
}

#[test]
fn entries_without_a_word_are_refused() {
    let compile = |word: String| {
        Checker::builder()
            .layer(Layer::new(
                "本校",
                vec![Entry::wrong("对", "错"), Entry::new(EntryKind::Watch, word)],
            ))
            .build()
            .err()
    };
    let layer: Arc<str> = "本校".into();
    for word in ["", " \u{3000}", "\u{200b}"] {
        let layer = Arc::clone(&layer);
        assert_eq!(
            compile(word.into()),
            Some(WordsError::Empty { layer, entry: 1 })
        );
    }
    assert_eq!(
        compile("字".repeat(201)),
        Some(WordsError::TooLong { layer, entry: 1 })
    );
    assert_eq!(compile("字".repeat(200)), None);
}

#[test]
fn without_dictionaries_nothing_is_found() {
    let checker = Checker::builder().build().unwrap();
    assert!(checker.check(&Text::plain("帐号"), &context()).is_empty());
}

#[test]
fn a_checker_is_exchanged_while_others_check() {
    let current = Current::new(checker(vec![Entry::wrong("帐号", "账号")]));
    let text = "帐号和布署，".repeat(200);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let findings = current.get().check(&Text::plain(&text), &context());
                    // One dictionary or the other, never a mixture.
                    assert_eq!(findings.len(), 200);
                    assert!(
                        findings
                            .windows(2)
                            .all(|two| two[0].message == two[1].message)
                    );
                }
            });
        }
        for round in 0..50 {
            let next = if round % 2 == 0 {
                Entry::wrong("布署", "部署")
            } else {
                Entry::wrong("帐号", "账号")
            };
            current.replace(checker(vec![next]));
        }
    });
}

#[test]
fn rules_are_run_and_their_places_filled_in() {
    let rule: zhendi_textcheck::Rule = Arc::new(|text, context, found| {
        assert_eq!(context.title.as_deref(), Some("标题"));
        for sentence in text.sentences() {
            found.push(zhendi_textcheck::Finding::new(
                Kind::Proofreading,
                Severity::Notice,
                "test.sentence",
                sentence,
                "句",
            ));
        }
    });
    let checker = Checker::builder().rules([rule]).build().unwrap();
    let html = "<p>一<b>二。</b>“三？”四</p>";
    let findings = checker.check(&Text::html(html), &context().titled("标题"));
    let places: Vec<_> = findings
        .iter()
        .map(|finding| (finding.chars.clone(), &html[finding.source.bytes.clone()]))
        .collect();
    assert_eq!(
        places,
        [(0..3, "一<b>二。"), (3..7, "“三？”"), (7..8, "四")]
    );
}
