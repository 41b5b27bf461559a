//! Annex 1: 新媒体（网站）基本情况统计表.

use super::{Delivery, Head, line};
use crate::sheet::{BoxError, Cell, Page, Proof, Row, Sheet, Style};

/// One account or site in annex 1. 是/否 and 手机号 are text as in the Notice; 序号 is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnexOneRow {
    /// 账号（网站）名称
    pub name: String,
    /// 开设单位
    pub unit: String,
    /// 认证主体
    pub certified_body: String,
    /// 类型
    pub kind: String,
    /// 问题排查情况
    pub problem: String,
    /// 是否整改
    pub rectified: String,
    /// 是否具有互动功能
    pub interactive: String,
    /// 是否建立内容发布审核制度
    pub review_system: String,
    /// 是否委托其他单位运营
    pub outsourced: String,
    /// 账号负责人姓名
    pub manager: String,
    /// 账号负责人手机号
    pub manager_phone: String,
    /// 备注
    pub remark: String,
}

/// Headings as printed, with their widths in millimetres.
const COLUMNS: [(&str, f64); 13] = [
    ("序号", 10.0),
    ("账号（网站）名称", 38.0),
    ("开设单位", 27.0),
    ("认证主体", 29.0),
    ("类型", 20.0),
    ("问题排查情况", 23.0),
    ("是否整改", 12.0),
    ("是否具有互动功能", 15.0),
    ("是否建立内容发布审核制度", 18.0),
    ("是否委托其他单位运营", 16.0),
    ("账号负责人姓名", 17.0),
    ("账号负责人手机号", 27.0),
    ("备注", 21.0),
];

/// Annex 1 of one unit, or of many one below the other.
pub fn annex_one<'a, E: Into<BoxError>>(
    head: &Head,
    delivery: &Delivery,
    rows: impl Iterator<Item = Result<AnnexOneRow, E>> + Send + 'a,
    proof: Option<Proof>,
) -> Sheet<'a> {
    let columns = COLUMNS.len();
    let declared = [
        line::entry("填报单位（盖章）：", &head.unit, 52),
        line::entry("填表人：", &head.filled_by, 17),
        line::entry("电话：", &head.phone, 45),
        line::day(head.date),
    ]
    .concat();
    let body = rows
        .enumerate()
        .map(|(at, row)| Ok(one_row(at as u64 + 1, row.map_err(Into::into)?)));
    let mut foot = vec![line::note(
        "注：同一单位开设的多个新媒体（网站）账号，以及同一名称开设在不同平台的账号，应依次登记，各占一行。",
        columns,
    )];
    foot.extend(line::delivery(delivery, columns));
    Sheet {
        name: "附件1".to_owned(),
        page: Page::LANDSCAPE,
        columns: COLUMNS.map(|(_, width)| width).to_vec(),
        head: vec![
            line::tag("附件1", columns),
            line::title("新媒体（网站）基本情况统计表", columns),
            line::declaration(declared, columns),
            Row::new(COLUMNS.map(|(heading, _)| Cell::new(Style::Heading, heading))),
        ],
        repeated: 1,
        body: Box::new(line::at_least_some(body, columns)),
        foot,
        proof,
    }
}

fn one_row(number: u64, row: AnnexOneRow) -> Row {
    let left = |text| Cell::new(Style::Body, text);
    let centre = |text| Cell::new(Style::BodyCentre, text);
    Row::new([
        Cell::new(Style::BodyCentre, number),
        left(row.name),
        left(row.unit),
        left(row.certified_body),
        centre(row.kind),
        left(row.problem),
        centre(row.rectified),
        centre(row.interactive),
        centre(row.review_system),
        centre(row.outsourced),
        centre(row.manager),
        centre(row.manager_phone),
        left(row.remark),
    ])
    .high(line::ROW)
}
