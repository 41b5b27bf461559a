//! What a password must be (Rule 9(2).2): at least 8 characters, letters, digits and special
//! characters, not easily guessed. Pure: the same check serves pages, commands and tests.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

/// Longer ones are refused rather than cut.
const MAX_LENGTH: usize = 128;

/// A password that falls to so many guesses (as a power of ten) is too common. Eight random
/// characters stand at 8; a word with a year and a mark at about 6.
const GUESSES_LOG10: f64 = 7.0;

/// So many characters that follow each other on the keyboard, in the alphabet or in a row are a run.
const RUN: usize = 4;

/// What others know of the person and may therefore try.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub login: String,
    pub name: String,
    pub phone: String,
    pub staff_number: String,
    pub mail: String,
    /// The institution's name and short name.
    pub institution: Vec<String>,
}

/// Why a password was refused; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("至少 {0} 个字符")]
    TooShort(usize),
    #[error("最多 {MAX_LENGTH} 个字符")]
    TooLong,
    #[error("要有字母")]
    NoLetter,
    #[error("要有数字")]
    NoDigit,
    #[error("要有特殊符号（如 ! @ # % &）")]
    NoSpecial,
    #[error("不能有看不见的控制字符")]
    Control,
    #[error("不能含有您的{0}")]
    Personal(&'static str),
    #[error("不能含有 8 位日期（如生日 19900101）")]
    Date,
    #[error("不能有 {RUN} 个以上连续的字符（如 1234、abcd、qwer、1qaz）")]
    Run,
    #[error("不能有 3 个以上相同的字符连用，也不能由同一段重复而成")]
    Repeated,
    #[error("不能用常见密码的样式（如 password、admin、woaini、5201314）")]
    Common,
    #[error("太容易被猜到，请加长或换用不相关的词")]
    Guessable,
}

/// Checks a password.
///
/// # Errors
/// Everything that is wrong with it, in the order that helps most.
pub fn check(password: &str, known: &Known, min_length: usize) -> Result<(), Vec<Weakness>> {
    let password: String = password.nfkc().collect();
    let chars: Vec<char> = password.chars().collect();
    let mut found = vec![];
    let mut refuse_if = |wrong: bool, weakness: Weakness| {
        if wrong {
            found.push(weakness);
        }
    };
    refuse_if(chars.len() < min_length, Weakness::TooShort(min_length));
    refuse_if(chars.len() > MAX_LENGTH, Weakness::TooLong);
    refuse_if(!chars.iter().any(|c| c.is_alphabetic()), Weakness::NoLetter);
    refuse_if(!chars.iter().any(|c| c.is_numeric()), Weakness::NoDigit);
    refuse_if(!chars.iter().any(|c| is_special(*c)), Weakness::NoSpecial);
    refuse_if(chars.iter().any(|c| c.is_control()), Weakness::Control);
    if chars.len() > MAX_LENGTH {
        // Nothing below is worth the work.
        return Err(found);
    }

    let lower = password.to_lowercase();
    for (what, terms) in known.terms() {
        refuse_if(
            terms.iter().any(|term| lower.contains(term.as_str())),
            Weakness::Personal(what),
        );
    }
    refuse_if(has_date(&chars), Weakness::Date);
    refuse_if(has_run(&lower), Weakness::Run);
    refuse_if(is_repeated(&lower), Weakness::Repeated);
    let common = is_common(&lower);
    refuse_if(common, Weakness::Common);
    if found.is_empty() {
        let terms: Vec<String> = known
            .terms()
            .into_iter()
            .flat_map(|(_, terms)| terms)
            .collect();
        let inputs: Vec<&str> = terms.iter().map(String::as_str).collect();
        if zxcvbn::zxcvbn(&password, &inputs).guesses_log10() < GUESSES_LOG10 {
            found.push(Weakness::Guessable);
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// All weaknesses as one sentence.
pub fn sentence(weaknesses: &[Weakness]) -> String {
    let all: Vec<String> = weaknesses.iter().map(ToString::to_string).collect();
    format!("{}。", all.join("；"))
}

fn is_special(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

impl Known {
    /// The texts that a password must not contain, with what they are.
    fn terms(&self) -> Vec<(&'static str, Vec<String>)> {
        let mail = self.mail.split('@').next().unwrap_or_default();
        vec![
            (
                "登录名",
                vec![term(&self.login)].into_iter().flatten().collect(),
            ),
            ("姓名", words(&self.name)),
            ("手机号", parts(&self.phone)),
            (
                "工号",
                vec![term(&self.staff_number)]
                    .into_iter()
                    .flatten()
                    .collect(),
            ),
            ("邮箱名", vec![term(mail)].into_iter().flatten().collect()),
            (
                "单位名称",
                self.institution
                    .iter()
                    .flat_map(|name| words(name))
                    .collect(),
            ),
        ]
    }
}

/// A text that is long enough to give something away: three characters, or two of Chinese.
fn term(text: &str) -> Option<String> {
    let folded = zhendi_kernel::text::fold(text);
    let enough = if folded.is_ascii() { 3 } else { 2 };
    (folded.chars().count() >= enough).then_some(folded)
}

/// A name as a whole and, where it has spaces, each word of it.
fn words(name: &str) -> Vec<String> {
    std::iter::once(name)
        .chain(name.split_whitespace())
        .filter_map(term)
        .collect()
}

/// Every six digits in a row of a number.
fn parts(number: &str) -> Vec<String> {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits.windows(6).map(|six| six.iter().collect()).collect()
}

/// Whether eight digits in a row are a day that someone alive may have been born on, or a day to come.
fn has_date(chars: &[char]) -> bool {
    chars.windows(8).any(|eight| {
        let text: String = eight.iter().collect();
        text.bytes().all(|b| b.is_ascii_digit())
            && NaiveDate::parse_from_str(&text, "%Y%m%d")
                .is_ok_and(|date| (1900..2100).contains(&date.year()))
    })
}

/// The keyboard, by rows and by slanting columns, as fingers run over it.
const KEYS: [&str; 14] = [
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "0p;/",
];

/// The key on which a character stands, without shift.
fn key(c: char) -> char {
    const SHIFTED: &str = "~!@#$%^&*()_+{}|:\"<>?";
    const PLAIN: &str = "`1234567890-=[]\\;',./";
    SHIFTED
        .chars()
        .zip(PLAIN.chars())
        .find(|(shifted, _)| *shifted == c)
        .map_or(c, |(_, plain)| plain)
}

fn has_run(lower: &str) -> bool {
    let keys: Vec<char> = lower.chars().map(key).collect();
    keys.windows(RUN).any(|run| {
        let forward: String = run.iter().collect();
        let backward: String = run.iter().rev().collect();
        let on_keyboard = KEYS
            .iter()
            .any(|row| row.contains(&forward) || row.contains(&backward));
        let steps = |step: i64| {
            run.iter().all(char::is_ascii_alphanumeric)
                && run
                    .windows(2)
                    .all(|two| i64::from(u32::from(two[1])) - i64::from(u32::from(two[0])) == step)
        };
        on_keyboard || steps(1) || steps(-1)
    })
}

/// Three of a kind in a row, or one piece again and again.
fn is_repeated(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let triple = chars
        .windows(3)
        .any(|three| three[0] == three[1] && three[1] == three[2]);
    let again = (1..=chars.len() / 2)
        .any(|piece| (piece..chars.len()).all(|i| chars[i] == chars[i - piece]));
    triple || again
}

/// Words that stand at the beginning of lists of stolen Chinese and English passwords.
const COMMON: [&str; 30] = [
    "password",
    "passwd",
    "admin",
    "administrator",
    "root",
    "letmein",
    "welcome",
    "iloveyou",
    "woaini",
    "woaiwo",
    "5201314",
    "1314520",
    "520520",
    "1314521",
    "147258",
    "159357",
    "789456",
    "112233",
    "test",
    "guest",
    "login",
    "master",
    "monkey",
    "dragon",
    "zhongguo",
    "beijing",
    "xuexiao",
    "xueyuan",
    "mima",
    "huawei",
];

/// Whether a common password is in it, also one written with digits and marks for letters.
fn is_common(lower: &str) -> bool {
    let plain: String = lower
        .chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            other => other,
        })
        .collect();
    COMMON
        .iter()
        .any(|word| lower.contains(word) || plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> Known {
        Known {
            login: "zhangjg".into(),
            name: "张建国".into(),
            phone: "13912345678".into(),
            staff_number: "20080317".into(),
            mail: "jianguo.z@example.edu.cn".into(),
            institution: vec!["江东信息职业学院 JDXY".into(), "江信院".into()],
        }
    }

    fn refused(password: &str) -> Vec<Weakness> {
        check(password, &known(), 8).expect_err(password)
    }

    #[test]
    fn good_passwords_pass() {
        for good in [
            "K7#mPq2x",
            "晨跑五圈操场*9k",
            "Correct-Horse-9-Battery",
            "v9!Lampen&Tee",
            "Ｋ７＃ｍＰｑ２ｘ",
            "gu4n-Hai#tch",
        ] {
            assert_eq!(check(good, &known(), 8), Ok(()), "{good}");
        }
    }

    #[test]
    fn each_requirement_has_its_words() {
        use Weakness::*;
        assert!(refused("K7#mPq2").contains(&TooShort(8)));
        assert!(refused("73#91!64").contains(&NoLetter));
        assert!(refused("Kv#mPq&x").contains(&NoDigit));
        assert!(refused("K7vmPq2x").contains(&NoSpecial));
        assert!(refused("K7#mPq2x\0").contains(&Control));
        assert!(refused(&"K7#m".repeat(40)).contains(&TooLong));
        assert!(refused("x#ZhangJG7!").contains(&Personal("登录名")));
        assert!(refused("张建国k#7mPq").contains(&Personal("姓名")));
        assert!(refused("kq#912345!m").contains(&Personal("手机号")));
        assert!(refused("kq#20080317!m").contains(&Personal("工号")));
        assert!(refused("7#Jianguo.Z!k").contains(&Personal("邮箱名")));
        assert!(refused("Jdxy#7kq!m2").contains(&Personal("单位名称")));
        assert!(refused("kq#19861203!m").contains(&Date));
        assert!(refused("km#7Qwer!x2").contains(&Run));
        assert!(refused("1qaz@WSX7km").contains(&Run));
        assert!(refused("km#7!@#$x2v").contains(&Run));
        assert!(refused("km#dcba7!x").contains(&Run));
        assert!(refused("kmAAa#7!x2").contains(&Repeated));
        assert!(refused("Ab7!Ab7!Ab7!").contains(&Repeated));
        for common in ["P@ssw0rd#71", "Adm1n#7391!", "woaini#7391K", "Km#5201314x"] {
            assert!(refused(common).contains(&Common), "{common}");
        }
    }

    #[test]
    fn what_only_looks_strong_is_guessable() {
        for weak in ["Summer24!", "Spring#19", "Football1!", "Michael#7"] {
            assert_eq!(refused(weak), [Weakness::Guessable], "{weak}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        assert_eq!(
            sentence(&refused("abc")),
            "至少 8 个字符；要有数字；要有特殊符号（如 ! @ # % &）。"
        );
    }

    proptest! {
        #[test]
        fn what_passes_keeps_the_rule(password in ".{0,40}") {
            if check(&password, &known(), 8).is_ok() {
                let normal: Vec<char> = password.nfkc().collect();
                prop_assert!(normal.len() >= 8);
                prop_assert!(normal.iter().any(|c| c.is_alphabetic()));
                prop_assert!(normal.iter().any(|c| c.is_numeric()));
                prop_assert!(normal.iter().any(|c| is_special(*c)));
            }
        }

        #[test]
        fn one_s_own_data_never_pass(before in "[a-zA-Z#%0-9]{0,10}", after in "[a-zA-Z#%0-9]{0,10}", which in 0..5usize) {
            let known = known();
            let own = [&known.login, &known.name, &known.phone, &known.staff_number, &known.institution[1]][which];
            let password = format!("{before}{own}{after}");
            let found = check(&password, &known, 8).unwrap_err();
            prop_assert!(found.iter().any(|w| matches!(w, Weakness::Personal(_))), "{password}: {found:?}");
        }

        #[test]
        fn eight_random_characters_of_all_kinds_mostly_pass(
            random in "[a-km-z]{3}[!#%&*+]{1}[A-HJ-Z]{2}[2-9]{2}[?=~;:]{1}[a-z]{2}"
        ) {
            // Randomness may happen upon a run or a word; it must then be said as such.
            if let Err(found) = check(&random, &Known::default(), 8) {
                prop_assert!(found.iter().all(|w| matches!(w, Weakness::Run | Weakness::Repeated | Weakness::Common)), "{random}: {found:?}");
            }
        }
    }
}
