//! The four annexes filled in, for whoever writes them.

use std::{collections::BTreeSet, convert::Infallible};

use chrono::NaiveDate;
use zhendi_office::{
    annex::{
        AnnexFourMark, AnnexFourRow, AnnexOneRow, AnnexThree, AnnexTwo, AnnexTwoRow, Delivery,
        Head, Item, MEDIA, Part, Person, annex_four, annex_one,
    },
    sheet::{Proof, Sheet},
};

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub fn head() -> Head {
    Head {
        unit: "信息学院".into(),
        filled_by: "张三".into(),
        phone: "0691-2130001".into(),
        date: Some(day(2026, 11, 20)),
    }
}

pub fn delivery() -> Delivery {
    Delivery("报送方式：6月29日上午12:00前，请将附件1-4的电子版文件（.xls格式，文件以单位命名）打包压缩发至宣传部邮箱（xcb@example.edu.cn）。纸质盖章版请送至行政楼613室。邮件标题及内容报送文件命名规则：实时发送日期（YYYYMMDD）+单位简称+新媒体（网站）统计".into())
}

pub fn proof() -> Proof {
    Proof {
        number: "阵地备〔2026〕12号".into(),
        hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        link: "https://zhendi.example.edu.cn/filings/12".into(),
    }
}

pub fn one_rows() -> Vec<AnnexOneRow> {
    let row = |name: &str, kind: &str, problem: &str, phone: &str| AnnexOneRow {
        name: name.into(),
        unit: "信息学院".into(),
        certified_body: "示例职业技术学院".into(),
        kind: kind.into(),
        problem: problem.into(),
        rectified: if problem == "无问题" { "-" } else { "是" }.into(),
        interactive: "是".into(),
        review_system: "是".into(),
        outsourced: "否".into(),
        manager: "李明".into(),
        manager_phone: phone.into(),
        remark: String::new(),
    };
    let mut rows = vec![
        row("信息学院", "微信公众号", "无问题", "13800138001"),
        row("信息学院官网", "网站", "审核机制不健全", "13800138001"),
        row("=1+1 小程序", "其他", "无问题", "+8613800138002"),
        row(
            "信息学院团委学生会新媒体工作室😀𠮷",
            "视频号",
            "无更新",
            "13800138003",
        ),
    ];
    rows[1].remark = "https://xxgc.example.edu.cn/".into();
    rows
}

pub fn one(proof: Option<Proof>) -> Sheet<'static> {
    let rows = one_rows().into_iter().map(Ok::<_, Infallible>);
    annex_one(&head(), &delivery(), rows, proof)
}

pub fn two(proof: Option<Proof>) -> AnnexTwo {
    let line = |at: u64| AnnexTwoRow {
        website: at,
        media: (0..6).map(|column| column * at).collect(),
        total: at + 15 * at,
        remark: if at == 3 {
            "含已停更".into()
        } else {
            String::new()
        },
    };
    AnnexTwo {
        head: head(),
        delivery: delivery(),
        media: MEDIA.map(String::from).to_vec(),
        rows: [7, 1, 3, 2, 6, 5, 0].map(line),
        proof,
    }
}

pub fn three(proof: Option<Proof>) -> AnnexThree {
    let person = |name: &str, post: &str, phone: &str| Person {
        name: name.into(),
        post: post.into(),
        phone: phone.into(),
    };
    AnnexThree {
        department: "信息学院".into(),
        date: Some(day(2026, 11, 20)),
        name: "示例职业技术学院信息学院".into(),
        address_or_id: "https://xxgc.example.edu.cn/index.html".into(),
        unit: "信息学院".into(),
        certified_body: "示例职业技术学院".into(),
        platform_or_icp: "网站 滇ICP备12345678号-1".into(),
        opened_on: "2016年3月".into(),
        followers: "12034".into(),
        posting_frequency: "每周3次".into(),
        responsible_department: "信息学院办公室".into(),
        filing_kind: "变更".into(),
        leader: person("刘洋", "党总支书记", "13800138010"),
        reviewers: vec![
            person("陈静", "办公室主任", "13800138011"),
            person("郑浩", "专职辅导员", "13800138012"),
        ],
        operators: vec![
            person("周涛", "干事", "13800138013"),
            person("吴敏", "干事", "13800138014"),
            person("孙莉", "学生助理", "13800138015"),
            person("钱坤", "学生助理", "13800138016"),
        ],
        opinion: "同意变更。".into(),
        opinion_date: Some(day(2026, 11, 21)),
        changed: BTreeSet::from([Item::Name, Item::Reviewer(1, Part::Phone)]),
        proof,
    }
}

pub fn four_rows() -> Vec<AnnexFourRow> {
    let row = |name: &str, id: &str, kind: &str, opened: &str, filing: &str| AnnexFourRow {
        name: name.into(),
        address_or_id: id.into(),
        unit: "党委宣传部".into(),
        certified_body: "示例职业技术学院".into(),
        kind: kind.into(),
        opened_on: opened.into(),
        leader: "刘洋".into(),
        reviewer: "陈静、郑浩".into(),
        operator: "周涛".into(),
        operator_phone: "13800138010".into(),
        filing_kind: filing.into(),
        marks: BTreeSet::new(),
    };
    let mut rows = vec![
        row(
            "示例职院",
            "gh_example0001",
            "微信公众号",
            "2016-03-01",
            "开设",
        ),
        row(
            "示例职业技术学院官网",
            "https://www.example.edu.cn",
            "网站",
            "2009年9月",
            "开设",
        ),
        row("示例职院", "1234567890", "微博", "2012年5月4日", "变更"),
        row("示例职院校友", "gh_example0009", "微信公众号", "", "注销"),
    ];
    rows[2].marks = BTreeSet::from([AnnexFourMark::Name]);
    rows
}

pub fn four(proof: Option<Proof>) -> Sheet<'static> {
    let rows = four_rows().into_iter().map(Ok::<_, Infallible>);
    annex_four(&head(), rows, proof)
}
