//! The people on a filing's form (annex 3, 管理相关人员), and who may not be among them.

use super::content::Wrongs;
use crate::channel::limits;
use serde::{Deserialize, Serialize};
use zhendi_kernel::text;
use zhendi_people::person::{self, Employment};

/// More rows of people than this no form has.
pub const MOST_OPERATORS: usize = 10;
/// See [`MOST_OPERATORS`].
pub const MOST_REVIEWERS: usize = 5;

/// A person as written on the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingContact)]
pub struct Contact {
    /// 姓名.
    pub name: String,
    /// 职务.
    pub post: String,
    /// 联系电话.
    pub phone: String,
    /// 人员类别: its code.
    pub employment: String,
}

impl Contact {
    /// Whether nothing was written; the kind of employment alone says nothing.
    pub fn is_blank(&self) -> bool {
        self.name.is_empty() && self.post.is_empty() && self.phone.is_empty()
    }

    /// The same person as another row names, with the same post, number and kind.
    pub fn says_as(&self, other: &Self) -> bool {
        let number = |typed: &str| person::phone(typed).ok().flatten();
        let phones = (number(&self.phone), number(&other.phone));
        self.name == other.name
            && self.post == other.post
            && self.employment == other.employment
            && (self.phone == other.phone || (phones.0.is_some() && phones.0 == phones.1))
    }

    /// 人员类别 as declared.
    pub fn employment(&self) -> Option<Employment> {
        Employment::parse(&self.employment)
    }
}

/// 管理相关人员, as written on the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingContacts)]
pub struct Contacts {
    /// 主管领导.
    pub leader: Contact,
    /// 审核人.
    pub reviewers: Vec<Contact>,
    /// 运维工作人员; the first leads.
    pub operators: Vec<Contact>,
}

impl Contacts {
    /// Everyone who is named, with the prefix of their fields, the row and the duty's name.
    pub fn everyone(&self) -> impl Iterator<Item = (&'static str, usize, &'static str, &Contact)> {
        let reviewers = self.reviewers.iter().enumerate();
        let operators = self.operators.iter().enumerate();
        std::iter::once(("leader", 0, "主管领导", &self.leader))
            .chain(reviewers.map(|(row, one)| ("reviewer", row, "审核人", one)))
            .chain(operators.map(|(row, one)| ("operator", row, "运维工作人员", one)))
            .filter(|(.., contact)| !contact.is_blank())
    }

    /// Makes every cell safe to keep and drops rows that were left blank.
    pub fn clean(&mut self, wrongs: &mut Wrongs) {
        let mut tidy = |prefix: &str, row: usize, contact: &mut Contact| {
            for (name, cell, max) in [
                ("name", &mut contact.name, 50),
                ("post", &mut contact.post, limits::NAME),
                ("phone", &mut contact.phone, 30),
                ("employment", &mut contact.employment, 20),
            ] {
                match text::line(cell, max) {
                    Ok(text) => *cell = text,
                    Err(error) => wrongs.add(format!("{prefix}_{name}_{row}"), error),
                }
            }
        };
        tidy("leader", 0, &mut self.leader);
        for (row, one) in self.reviewers.iter_mut().enumerate() {
            tidy("reviewer", row, one);
        }
        for (row, one) in self.operators.iter_mut().enumerate() {
            tidy("operator", row, one);
        }
        for (field, list, most) in [
            ("reviewer_name_0", &mut self.reviewers, MOST_REVIEWERS),
            ("operator_name_0", &mut self.operators, MOST_OPERATORS),
        ] {
            list.retain(|contact| !contact.is_blank());
            if list.len() > most {
                wrongs.add(field, format!("最多填写 {most} 人。"));
            }
        }
    }

    /// Says what is missing (annex 3). Telephone numbers are for the operators, whom others must reach. A
    /// row that must be there is judged like one that was begun: everything is said at once.
    pub fn check(&self, wrongs: &mut Wrongs) {
        let blank = Contact::default();
        let must = [
            self.leader.is_blank().then_some(("leader", "主管领导")),
            self.reviewers.is_empty().then_some(("reviewer", "审核人")),
            self.operators
                .is_empty()
                .then_some(("operator", "运维工作人员")),
        ];
        let must = must
            .into_iter()
            .flatten()
            .map(|(prefix, duty)| (prefix, 0, duty, &blank));
        for (prefix, row, duty, contact) in must.chain(self.everyone()) {
            let of = |name: &str| format!("{prefix}_{name}_{row}");
            let missing = contact.is_blank();
            if contact.name.is_empty() {
                wrongs.add(
                    of("name"),
                    match prefix {
                        "leader" if missing => "请填写主管领导。".into(),
                        "reviewer" if missing => "请至少填写一名审核人。".into(),
                        "operator" if missing => {
                            "请至少填写一名运维工作人员，第一名为负责人。".into()
                        }
                        _ => format!("请填写{duty}姓名。"),
                    },
                );
            }
            if contact.post.is_empty() {
                wrongs.add(of("post"), format!("请填写{duty}职务。"));
            }
            if contact.phone.is_empty() && prefix == "operator" {
                wrongs.add(of("phone"), format!("请填写{duty}联系电话。"));
            }
            if let Err(error) = person::phone(&contact.phone) {
                wrongs.add(of("phone"), error);
            }
            if missing {
                wrongs.add(of("employment"), Unfit::Unknown);
            }
        }
    }
}

/// Why the people named on a form may not run the channel (R-REG-7, Notice 3(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{duty}不能由学生担任，请改由教职工负责。")]
    Student { duty: &'static str },
    #[error(
        "运维管理应由在编在岗人员牵头负责或指导：请把在编在岗人员列为第一名运维工作人员，或填写在编在岗的主管领导。"
    )]
    NobodyOnStaff,
    #[error("请选择人员类别。")]
    Unknown,
}

/// Judges the people named: `employment` holds what each is, by [`Contacts::everyone`]'s order, as the
/// register of persons knows it or else as declared. The Notice asks for staff 在编在岗 who lead
/// (牵头负责, the first operator) *or* guide (指导, the leader in charge): one of the two is enough.
pub fn fitness(
    contacts: &Contacts,
    employment: &[Option<Employment>],
    students_may_hold: bool,
) -> Vec<(String, Unfit)> {
    let mut found = vec![];
    let mut staffed = false;
    for ((prefix, row, duty, _), kind) in contacts.everyone().zip(employment) {
        let field = format!("{prefix}_employment_{row}");
        match kind {
            None | Some(Employment::Unknown) => found.push((field, Unfit::Unknown)),
            Some(Employment::Student) if !students_may_hold => {
                found.push((field, Unfit::Student { duty }));
            }
            Some(Employment::Permanent)
                if prefix == "leader" || (prefix == "operator" && row == 0) =>
            {
                staffed = true;
            }
            Some(_) => {}
        }
    }
    if !staffed && found.is_empty() && !contacts.operators.is_empty() {
        found.push(("operator_employment_0".into(), Unfit::NobodyOnStaff));
    }
    found
}
