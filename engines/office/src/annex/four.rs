//! Annex 4: 新媒体（网站）备案汇总表.

use std::collections::BTreeSet;

use super::{Head, line};
use crate::sheet::{BoxError, Cell, Page, Proof, Row, Sheet, Style};

/// A cell of annex 4 that can be marked as changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnnexFourMark {
    /// 账号（网站/APP）名称
    Name,
    /// 账号ID（网址）
    AddressOrId,
    /// 开设部门
    Unit,
    /// 认证主体
    CertifiedBody,
    /// 类型
    Kind,
    /// 开通时间
    OpenedOn,
    /// 主管领导
    Leader,
    /// 审核人
    Reviewer,
    /// 运维负责人
    Operator,
    /// 运维负责人联系电话
    OperatorPhone,
}

/// One filing in annex 4; 序号 is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnexFourRow {
    /// 账号（网站/APP）名称
    pub name: String,
    /// 账号ID（网址）
    pub address_or_id: String,
    /// 开设部门
    pub unit: String,
    /// 认证主体
    pub certified_body: String,
    /// 类型
    pub kind: String,
    /// 开通时间, as far as it is known
    pub opened_on: String,
    /// 主管领导
    pub leader: String,
    /// 审核人
    pub reviewer: String,
    /// 运维负责人
    pub operator: String,
    /// 运维负责人联系电话
    pub operator_phone: String,
    /// 备案类型: 开设, 变更 or 注销
    pub filing_kind: String,
    /// Cells marked as changed.
    pub marks: BTreeSet<AnnexFourMark>,
}

/// Headings as printed, with their widths in millimetres.
const COLUMNS: [(&str, f64); 12] = [
    ("序号", 10.0),
    ("账号（网站/APP）名称", 40.0),
    ("账号ID（网址）", 42.0),
    ("开设部门", 25.0),
    ("认证主体", 30.0),
    ("类型", 19.0),
    ("开通时间", 22.0),
    ("主管领导", 15.0),
    ("审核人", 15.0),
    ("运维负责人", 16.0),
    ("运维负责人联系电话", 26.0),
    ("备案类型", 13.0),
];

/// Annex 4: a year's filings.
pub fn annex_four<'a, E: Into<BoxError>>(
    head: &Head,
    rows: impl Iterator<Item = Result<AnnexFourRow, E>> + Send + 'a,
    proof: Option<Proof>,
) -> Sheet<'a> {
    let columns = COLUMNS.len();
    let declared = [
        line::entry("填报部门（盖章）：", &head.unit, 46),
        line::entry("填表人：", &head.filled_by, 17),
        line::entry("联系电话：", &head.phone, 36),
        format!("填表时间：{}", line::day(head.date)),
    ]
    .concat();
    let body = rows
        .enumerate()
        .map(|(at, row)| Ok(one_row(at as u64 + 1, row.map_err(Into::into)?)));
    Sheet {
        name: "附件4".to_owned(),
        page: Page::LANDSCAPE,
        columns: COLUMNS.map(|(_, width)| width).to_vec(),
        head: vec![
            line::tag("附件4", columns),
            line::title("新媒体（网站）备案汇总表", columns),
            Row::new(COLUMNS.map(|(heading, _)| Cell::new(Style::Heading, heading))),
        ],
        repeated: 1,
        body: Box::new(line::at_least_some(body, columns)),
        foot: vec![
            line::declaration(declared, columns),
            line::note(
                "注：备案类型包括开设、变更、注销，变更项需在相应栏内标记。每年度末将本年度备案情况统计汇总。",
                columns,
            ),
        ],
        proof,
    }
}

fn one_row(number: u64, row: AnnexFourRow) -> Row {
    use AnnexFourMark as M;
    let cell = |style, text: String, mark| Cell::new(style, text).marked(row.marks.contains(&mark));
    Row::new([
        Cell::new(Style::BodyCentre, number),
        cell(Style::Body, row.name, M::Name),
        cell(Style::Body, row.address_or_id, M::AddressOrId),
        cell(Style::Body, row.unit, M::Unit),
        cell(Style::Body, row.certified_body, M::CertifiedBody),
        cell(Style::BodyCentre, row.kind, M::Kind),
        cell(Style::BodyCentre, row.opened_on, M::OpenedOn),
        cell(Style::BodyCentre, row.leader, M::Leader),
        cell(Style::BodyCentre, row.reviewer, M::Reviewer),
        cell(Style::BodyCentre, row.operator, M::Operator),
        cell(Style::BodyCentre, row.operator_phone, M::OperatorPhone),
        Cell::new(Style::BodyCentre, row.filing_kind),
    ])
    .high(line::ROW)
}
