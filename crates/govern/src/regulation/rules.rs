//! The law of regulations (Rule 4(2)1, 4(3)3: who makes them), and their text as chapters and articles. Pure.

use chrono::NaiveDate;
use zhendi_kernel::{Fault, Role, named};

named! {
    /// Where a regulation stands on a day.
    RegulationState {
        /// Its first version is being written.
        Draft = "draft", "草稿";
        /// Issued; its first version takes effect on a later day.
        Upcoming = "upcoming", "尚未施行";
        InForce = "in_force", "现行有效";
        Repealed = "repealed", "已废止";
    }
}

/// Its state on a day.
pub fn state(
    first_effective: Option<NaiveDate>,
    repealed: Option<NaiveDate>,
    today: NaiveDate,
) -> RegulationState {
    match (first_effective, repealed) {
        (None, _) => RegulationState::Draft,
        (_, Some(day)) if day <= today => RegulationState::Repealed,
        (Some(day), _) if day > today => RegulationState::Upcoming,
        _ => RegulationState::InForce,
    }
}

/// Which of the issued versions holds on a day: of those in effect the last that was issued. `issued` holds
/// effect days in the order of issue.
pub fn holding(issued: &[NaiveDate], today: NaiveDate) -> Option<usize> {
    issued.iter().rposition(|day| *day <= today)
}

/// Why something cannot be done; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("没有待发布的版本。")]
    NothingToIssue,
    #[error("正文不能为空，请先写好正文再发布。")]
    NoText,
    #[error("已有一个正在起草的版本，请在那一版上修改。")]
    DraftThere,
    #[error("这项制度已废止，不能再{0}。")]
    Repealed(&'static str),
    #[error("这项制度还没有发布，不能{0}。")]
    NotIssued(&'static str),
    #[error("修订版的施行日期不能早于上一版的施行日期 {0}。")]
    TooEarly(NaiveDate),
    #[error("废止日期不能早于施行日期 {0}。")]
    RepealTooEarly(NaiveDate),
    #[error("不能代替自己。")]
    Itself,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// Who must read a regulation, among the people of the units that it binds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Readers {
    /// Nobody has to; everyone may.
    #[default]
    Nobody,
    /// All who can sign in.
    Everyone,
    /// Those who hold one of these roles.
    Roles(Vec<Role>),
}

/// Stands for everyone in what is stored.
pub const EVERYONE: &str = "*";

impl Readers {
    /// Reads stored codes or the values of a form; a role that this version does not know asks nobody.
    pub fn read<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let codes: Vec<&str> = codes.into_iter().collect();
        if codes.contains(&EVERYONE) {
            return Self::Everyone;
        }
        let roles = Role::ALL.iter().filter(|role| codes.contains(&role.code()));
        let roles: Vec<Role> = roles.copied().collect();
        if roles.is_empty() {
            Self::Nobody
        } else {
            Self::Roles(roles)
        }
    }

    /// The stored form.
    pub fn codes(&self) -> Vec<&'static str> {
        match self {
            Self::Nobody => vec![],
            Self::Everyone => vec![EVERYONE],
            Self::Roles(roles) => roles.iter().map(|role| role.code()).collect(),
        }
    }

    /// For people.
    pub fn label(&self) -> String {
        match self {
            Self::Nobody => "不要求确认阅读".into(),
            Self::Everyone => "适用范围内的全体人员".into(),
            Self::Roles(roles) => {
                let names: Vec<&str> = roles.iter().map(|role| role.label()).collect();
                names.join("、")
            }
        }
    }
}

/// A part of a regulation's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    /// `第三条`, for articles; else empty.
    pub number: String,
    pub text: String,
    /// Where the contents lead to; for headings and articles.
    pub anchor: String,
}

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// 第…章, 第…节.
    Heading,
    /// 第…条.
    Article,
    /// （一）, 1., 一、.
    Item,
    Paragraph,
}

fn is_count(c: char) -> bool {
    "一二三四五六七八九十百零〇0123456789０１２３４５６７８９".contains(c)
}

/// `第…X` at the beginning of a line, X being one of `ends`: the marker and the rest.
fn marker<'a>(line: &'a str, ends: &[char]) -> Option<(&'a str, &'a str)> {
    let counted = line.strip_prefix('第')?.trim_start_matches(is_count);
    let end = counted.chars().next().filter(|c| ends.contains(c))?;
    let at = line.len() - counted.len() + end.len_utf8();
    // `第条` without a number is no marker.
    (counted.len() + '第'.len_utf8() < line.len()).then(|| line.split_at(at))
}

fn is_item(line: &str) -> bool {
    let open = line.strip_prefix(['（', '(']);
    if let Some(rest) = open {
        let after = rest.trim_start_matches(is_count);
        return after.len() < rest.len() && after.starts_with(['）', ')']);
    }
    let line = line.trim_start_matches(['-', ' ']);
    let after = line.trim_start_matches(is_count);
    after.len() < line.len() && after.starts_with(['、', '.', '．'])
}

/// The text in its parts. A first line that only repeats the title is left out.
pub fn blocks(title: &str, text: &str) -> Vec<Block> {
    let mut found = vec![];
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if found.is_empty() && line == title {
            continue;
        }
        let anchor = format!("p{}", found.len() + 1);
        let block = |kind, number: &str, text: &str, anchor| Block {
            kind,
            number: number.into(),
            text: text.trim().into(),
            anchor,
        };
        found.push(if marker(line, &['章', '节', '编']).is_some() {
            block(BlockKind::Heading, "", line, anchor)
        } else if let Some((number, rest)) = marker(line, &['条']) {
            block(BlockKind::Article, number, rest, anchor)
        } else if is_item(line) {
            block(BlockKind::Item, "", line, String::new())
        } else {
            block(BlockKind::Paragraph, "", line, String::new())
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_regulation_takes_effect_and_ends_on_its_days() {
        let (effect, repeal) = (day("2026-03-01"), day("2026-09-01"));
        let at = |today| state(Some(effect), Some(repeal), day(today));
        assert_eq!(state(None, None, day("2026-01-01")), RegulationState::Draft);
        assert_eq!(at("2026-02-28"), RegulationState::Upcoming);
        assert_eq!(at("2026-03-01"), RegulationState::InForce);
        assert_eq!(at("2026-08-31"), RegulationState::InForce);
        assert_eq!(at("2026-09-01"), RegulationState::Repealed);
    }

    #[test]
    fn the_version_that_holds_is_the_last_one_in_effect() {
        let issued = [day("2025-01-01"), day("2026-01-01"), day("2027-01-01")];
        assert_eq!(holding(&issued, day("2024-12-31")), None);
        assert_eq!(holding(&issued, day("2025-06-01")), Some(0));
        assert_eq!(holding(&issued, day("2026-11-20")), Some(1));
        assert_eq!(holding(&issued, day("2027-01-01")), Some(2));
    }

    #[test]
    fn a_text_falls_into_chapters_articles_and_items() {
        let text = "管理办法\n\n第一章 总则\n第一条 为加强管理，制定本办法。\n(一)坚持原则\n1. 贯彻方针\n- 2.做好工作\n一、目的\n第三方不得转借。\n第条没有编号\n（试行）";
        let kinds: Vec<BlockKind> = blocks("管理办法", text).iter().map(|b| b.kind).collect();
        use BlockKind::*;
        assert_eq!(
            kinds,
            [
                Heading, Article, Item, Item, Item, Item, Paragraph, Paragraph, Paragraph
            ]
        );
        let parts = blocks("管理办法", text);
        assert_eq!(parts[1].number, "第一条");
        assert_eq!(parts[1].text, "为加强管理，制定本办法。");
        assert_eq!(parts[1].anchor, "p2");
    }

    #[test]
    fn readers_are_stored_and_read_back() {
        for readers in [
            Readers::Nobody,
            Readers::Everyone,
            Readers::Roles(vec![Role::UnitHead, Role::ChannelAdmin]),
        ] {
            assert_eq!(Readers::read(readers.codes()), readers);
        }
        assert_eq!(Readers::read(["nonsense"]), Readers::Nobody);
    }
}
