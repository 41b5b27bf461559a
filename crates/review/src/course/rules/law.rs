//! A workflow as data: the levels with who acts, until when, what they must check; and the defaults of the Rule.

use super::{Level, Proofread, Seat};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zhendi_kernel::PersonId;

/// A point of a level's checklist (R-REV-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReviewCheckPoint)]
pub struct Point {
    pub text: String,
    /// Without it nobody approves.
    pub required: bool,
}

/// One level of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReviewRung)]
pub struct Rung {
    pub level: Level,
    pub seat: Seat,
    /// Only these of the seat; empty is everyone who holds it.
    pub persons: Vec<PersonId>,
    /// Working hours that the level has.
    pub hours: u16,
    pub checklist: Vec<Point>,
    /// The proofread (校对) that is done at this level.
    pub proofread: Option<Proofread>,
}

/// The law of a workflow: what one of its versions says.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    sea_orm::FromJsonQueryResult,
    utoipa::ToSchema,
)]
#[schema(as = ReviewLaw)]
pub struct Law {
    /// In order; the leader's level counts for major matters alone.
    pub levels: Vec<Rung>,
    /// Whether an author who is the channel's admin may take the first level of their own text.
    pub author_may_take_first: bool,
    /// Where a text that changed after a decision starts again.
    pub restart: Level,
    /// Characters that a small correction may change; 0 for none.
    pub correction_limit: u16,
    /// Days that an approval is good for.
    pub valid_days: u16,
    /// Working hours for which someone may take a manuscript for themselves.
    pub hold_hours: u16,
    /// Categories that are major matters always.
    pub always_major: Vec<String>,
}

const PROOF: [&str; 3] = [
    "文字、标点无错漏",
    "人名、职务、单位名称、日期和数字准确",
    "图片、链接、附件能打开且与内容相符",
];

fn points(required: &[&str], wished: &[&str]) -> Vec<Point> {
    let point = |required| {
        move |text: &&str| Point {
            text: (*text).to_owned(),
            required,
        }
    };
    required
        .iter()
        .map(point(true))
        .chain(wished.iter().map(point(false)))
        .collect()
}

impl Law {
    /// The Rule's own: three reviews and three proofreads, and the leader in charge for major matters
    /// (Rule 6(1), Notice 2).
    pub fn of_the_rule() -> Self {
        let rung = |level, seat, hours, checklist, proofread| Rung {
            level,
            seat,
            persons: vec![],
            hours,
            checklist,
            proofread,
        };
        Self {
            levels: vec![
                rung(
                    Level::One,
                    Seat::ChannelAdmin,
                    8,
                    points(
                        &[
                            "内容真实、准确、及时",
                            "来源合法，图片和转载有授权",
                            "不含个人信息和涉密内容",
                            PROOF[0],
                        ],
                        &[PROOF[2]],
                    ),
                    Some(Proofread::First),
                ),
                rung(
                    Level::Two,
                    Seat::UnitHead,
                    8,
                    points(
                        &[
                            "内容真实、合法，符合本单位工作实际",
                            "不涉密、不涉敏感信息",
                            PROOF[1],
                        ],
                        &[],
                    ),
                    Some(Proofread::Second),
                ),
                rung(
                    Level::Three,
                    Seat::PublicityHead,
                    8,
                    points(
                        &[
                            "政治方向和舆论导向正确",
                            "符合法律法规和政策",
                            "符合保密规定",
                            "表述规范、文字无误",
                        ],
                        &[],
                    ),
                    Some(Proofread::Third),
                ),
                rung(
                    Level::Leader,
                    Seat::PortfolioLeader,
                    16,
                    points(&["重大事项，同意对外发布"], &[]),
                    None,
                ),
            ],
            author_may_take_first: false,
            restart: Level::One,
            correction_limit: 10,
            valid_days: 30,
            hold_hours: 4,
            always_major: ["重大决策", "重要活动", "重要事件"]
                .map(String::from)
                .into(),
        }
    }

    /// A level as the law has it.
    pub fn rung(&self, level: Level) -> Option<&Rung> {
        self.levels.iter().find(|rung| rung.level == level)
    }

    /// Who sits at each level of a manuscript, frozen when it is submitted.
    pub fn route(&self) -> Route {
        let post = |rung: &Rung| {
            (
                rung.level,
                Post {
                    seat: rung.seat,
                    persons: rung.persons.clone(),
                },
            )
        };
        Route(self.levels.iter().map(post).collect())
    }
}

/// Who acts at a level of one manuscript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    pub seat: Seat,
    /// Only these of the seat; empty is everyone who holds it.
    pub persons: Vec<PersonId>,
}

/// Who acts at each level of one manuscript.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult,
)]
pub struct Route(pub BTreeMap<Level, Post>);

/// How the publicity department's own channels get distinct people (R-ORG-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnChannels {
    /// The deputy head stands at level 2.
    DeputyReviews,
    /// The head stands at level 2, the leader in charge at level 3.
    LeaderDecides,
}

impl Route {
    /// The seats at its levels.
    pub fn seats(&self) -> Vec<Seat> {
        self.0.values().map(|post| post.seat).collect()
    }

    /// The same for the publicity department's own channels, whose head would sit at two levels.
    pub fn of_publicity(mut self, choice: OwnChannels) -> Self {
        let both = |route: &Self| {
            let at = |level| route.0.get(&level).map(|post| post.seat);
            at(Level::Two) == Some(Seat::UnitHead) && at(Level::Three) == Some(Seat::PublicityHead)
        };
        if !both(&self) {
            return self;
        }
        let mut sit = |level, seat| {
            self.0.insert(
                level,
                Post {
                    seat,
                    persons: vec![],
                },
            )
        };
        match choice {
            OwnChannels::DeputyReviews => {
                sit(Level::Two, Seat::PublicityDeputy);
            }
            OwnChannels::LeaderDecides => {
                sit(Level::Two, Seat::PublicityHead);
                sit(Level::Three, Seat::PortfolioLeader);
                // The leader has decided at level 3 already.
                self.0.remove(&Level::Leader);
            }
        }
        self
    }
}
