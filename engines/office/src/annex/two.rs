//! Annex 2: 新媒体（网站）基本情况汇总表.

use super::{Delivery, Head, line};
use crate::sheet::{Cell, Page, Proof, Row, Sheet, Style};

/// Headings of the new media's columns as printed in the Notice.
pub const MEDIA: [&str; 6] = [
    "微博",
    "微信",
    "头条号",
    "抖音号",
    "移动客户端",
    "其他政务新媒体",
];

/// What annex 2 counts, from top to bottom.
pub const SUMMARY_ITEMS: [&str; 7] = [
    "单位开设的新媒体（网站）数量（个）",
    "以职务身份开设认证的个人账号（个）",
    "排查出有问题的新媒体（网站）数量（个）",
    "问题已整改的新媒体（网站）数量（个）",
    "具有互动功能的新媒体（网站）数量（个）",
    "已建立内容发布审核制度的新媒体（网站）数量（个）",
    "委托其他单位运营的新媒体（网站）数量（个）",
];

/// The numbers of one line of annex 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnexTwoRow {
    /// 网站
    pub website: u64,
    /// One number for each of [`AnnexTwo::media`].
    pub media: Vec<u64>,
    /// 合计
    pub total: u64,
    /// 备注
    pub remark: String,
}

/// Annex 2 with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnexTwo {
    /// Who filled it in.
    pub head: Head,
    /// 报送方式
    pub delivery: Delivery,
    /// Headings of the new media's columns in order; in the Notice [`MEDIA`].
    pub media: Vec<String>,
    /// The numbers, in the order of [`SUMMARY_ITEMS`].
    pub rows: [AnnexTwoRow; 7],
    /// What a print is checked by.
    pub proof: Option<Proof>,
}

const ITEM_WIDTH: f64 = 107.0;
const REMARK_WIDTH: f64 = 30.0;

impl AnnexTwo {
    /// The printed sheet.
    pub fn sheet(self) -> Sheet<'static> {
        let media = self.media.len();
        let columns = media + 4;
        let declared = [
            line::entry("填报单位（盖章）：", &self.head.unit, 52),
            line::entry("填表人：", &self.head.filled_by, 17),
            line::entry("电话：", &self.head.phone, 45),
            line::day(self.head.date),
        ]
        .concat();
        let number_width =
            (Page::LANDSCAPE.width() - ITEM_WIDTH - REMARK_WIDTH) / (media + 2) as f64;
        let widths = std::iter::once(ITEM_WIDTH)
            .chain(std::iter::repeat_n(number_width, media + 2))
            .chain([REMARK_WIDTH]);
        let heading = |text: &str| Cell::new(Style::Heading, text);
        let mut band = vec![heading("项目").tall(2), heading("网站").tall(2)];
        if media > 0 {
            band.push(heading("新媒体").wide(media));
        }
        band.extend([heading("合计").tall(2), heading("备注").tall(2)]);
        let names = self
            .media
            .iter()
            .map(|name| heading(name))
            .collect::<Vec<_>>();
        let body = SUMMARY_ITEMS
            .into_iter()
            .zip(self.rows)
            .map(move |(item, row)| {
                let numbers = std::iter::once(row.website)
                    .chain(row.media)
                    .chain([row.total]);
                let cells = std::iter::once(Cell::new(Style::Item, item))
                    .chain(numbers.map(|number| Cell::new(Style::Fill, number)))
                    .chain([Cell::new(Style::Body, row.remark)]);
                Ok(Row::new(cells).high(34.0))
            });
        Sheet {
            name: "附件2".to_owned(),
            page: Page::LANDSCAPE,
            columns: widths.collect(),
            head: vec![
                line::tag("附件2", columns),
                line::title("新媒体（网站）基本情况汇总表", columns),
                line::declaration(declared, columns),
                Row::new(band).high(24.0),
                Row::new(names).high(34.0),
            ],
            repeated: 2,
            body: Box::new(body),
            foot: line::delivery(&self.delivery, columns)
                .into_iter()
                .collect(),
            proof: self.proof,
        }
    }
}
