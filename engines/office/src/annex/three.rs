//! Annex 3: 新媒体（网站）备案登记表.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Item, Part, line};
use crate::sheet::{Cell, Page, Proof, Row, Sheet, Style};

/// A person of annex 3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// 姓名
    pub name: String,
    /// 职务
    pub post: String,
    /// 联系电话
    pub phone: String,
}

/// Annex 3 of one channel. What does not concern it stays empty (Notice: 不涉及的栏目可空白).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnexThree {
    /// 填报部门
    pub department: String,
    /// 填表时间
    pub date: Option<NaiveDate>,
    /// 账号/网站/APP名称
    pub name: String,
    /// 账号ID/网址
    pub address_or_id: String,
    /// 开设部门
    pub unit: String,
    /// 认证主体
    pub certified_body: String,
    /// 开通平台/网站ICP
    pub platform_or_icp: String,
    /// 开通时间, as far as it is known
    pub opened_on: String,
    /// 粉丝量（关注数）
    pub followers: String,
    /// 发布频次
    pub posting_frequency: String,
    /// 责任部门
    pub responsible_department: String,
    /// 备案类型: 开设, 变更 or 注销
    pub filing_kind: String,
    /// 主管领导
    pub leader: Person,
    /// 审核人; one row each, at least one
    pub reviewers: Vec<Person>,
    /// 运维工作人员; one row each, at least three
    pub operators: Vec<Person>,
    /// 主管部门意见
    pub opinion: String,
    /// The day beside 主管单位（盖章）.
    pub opinion_date: Option<NaiveDate>,
    /// Cells marked as changed.
    pub changed: BTreeSet<Item>,
    /// What a print is checked by.
    pub proof: Option<Proof>,
}

/// Two for the labels on the left, so that operators have their number beside 运维工作人员; then name, post, phone.
const WIDTHS: [f64; 5] = [24.0, 14.0, 46.0, 38.0, 48.0];
const LINE: f64 = 32.0;
/// Rows for operators printed in the Notice.
const OPERATORS: usize = 3;

impl AnnexThree {
    /// The printed sheet.
    pub fn sheet(self) -> Sheet<'static> {
        let columns = WIDTHS.len();
        let declared = [
            line::entry("填报部门（盖章）：", &self.department, 46),
            line::entry("填表时间：", &line::day(self.date), 0),
        ]
        .concat();
        let mut body: Vec<Row> = Item::FACTS
            .chunks(2)
            .map(|pair| {
                Row::new(
                    pair.iter()
                        .enumerate()
                        .flat_map(|(at, &item)| self.fact(at, item)),
                )
                .high(LINE)
            })
            .collect();
        let mut people = vec![Cell::new(Style::Label, "管理相关人员").wide(2)];
        people.extend(["姓  名", "职  务", "联系电话"].map(|text| Cell::new(Style::Label, text)));
        body.push(Row::new(people).high(LINE));
        body.push(self.person(
            vec![Cell::new(Style::Label, "主管领导").wide(2)],
            &self.leader,
            Item::Leader,
        ));
        let none = Person::default();
        let reviewers = self.reviewers.len().max(1);
        for at in 0..reviewers {
            let mut label = Vec::new();
            if at == 0 {
                label.push(Cell::new(Style::Label, "审核人").wide(2).tall(reviewers));
            }
            let person = self.reviewers.get(at).unwrap_or(&none);
            body.push(self.person(label, person, |part| Item::Reviewer(at, part)));
        }
        let operators = self.operators.len().max(OPERATORS);
        for at in 0..operators {
            let mut label = Vec::new();
            if at == 0 {
                label.push(Cell::new(Style::Label, "运维\n工作\n人员").tall(operators));
            }
            label.push(Cell::new(Style::Label, at as u64 + 1));
            let person = self.operators.get(at).unwrap_or(&none);
            body.push(self.person(label, person, |part| Item::Operator(at, part)));
        }
        // The seal stands at the lower right; a longer opinion moves it down.
        let above = 5_usize
            .saturating_sub(self.opinion.matches('\n').count())
            .max(1);
        let opinion = format!(
            "主管部门意见：\n{}{}{}主管单位（盖章）  {}",
            self.opinion,
            "\n".repeat(above),
            "　".repeat(16),
            line::day(self.opinion_date)
        );
        let opinion = Cell::new(Style::Opinion, opinion).wide(columns);
        body.push(Row::new([opinion]).high(130.0));
        Sheet {
            name: "附件3".to_owned(),
            page: Page::PORTRAIT,
            columns: WIDTHS.to_vec(),
            head: vec![
                line::tag("附件3", columns),
                line::title("新媒体（网站）备案登记表", columns),
                line::declaration(declared, columns),
            ],
            repeated: 0,
            body: Box::new(body.into_iter().map(Ok)),
            foot: vec![line::note(
                "注：备案类型包括开设、变更、注销，变更项需在相应栏内标记；不涉及的栏目可空白。",
                columns,
            )],
            proof: self.proof,
        }
    }

    /// Label and content: the left pair of a row takes three columns, the right one two.
    fn fact(&self, at: usize, item: Item) -> [Cell; 2] {
        let content = match item {
            Item::Name => &self.name,
            Item::AddressOrId => &self.address_or_id,
            Item::Unit => &self.unit,
            Item::CertifiedBody => &self.certified_body,
            Item::PlatformOrIcp => &self.platform_or_icp,
            Item::OpenedOn => &self.opened_on,
            Item::Followers => &self.followers,
            Item::PostingFrequency => &self.posting_frequency,
            Item::ResponsibleDepartment => &self.responsible_department,
            Item::FilingKind => &self.filing_kind,
            // People and the opinion have rows of their own.
            Item::Leader(_) | Item::Reviewer(..) | Item::Operator(..) | Item::Opinion => {
                &self.opinion
            }
        };
        let label = Cell::new(Style::Label, item.label()).wide(if at == 0 { 2 } else { 1 });
        let content = Cell::new(Style::Fill, content.as_str());
        [label, content.marked(self.changed.contains(&item))]
    }

    fn person(&self, mut cells: Vec<Cell>, person: &Person, item: impl Fn(Part) -> Item) -> Row {
        cells.extend(Part::ALL.map(|part| {
            let text = match part {
                Part::Name => &person.name,
                Part::Post => &person.post,
                Part::Phone => &person.phone,
            };
            Cell::new(Style::Fill, text.as_str()).marked(self.changed.contains(&item(part)))
        }));
        Row::new(cells).high(LINE)
    }
}
