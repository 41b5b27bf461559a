//! The review sheet (审核表/发稿单) as a printed form: one model for PDF, .docx and .xls.

use super::trail::{Trail, TrailDecision, TrailNote, TrailRound};
use crate::course::{ProofRecord, Verdict};
use zhendi_kernel::clock;
use zhendi_office::sheet::{Cell, Page, Proof, Row, Sheet, Style};

/// 环节, 办理人, 时间, 结论, 意见.
const WIDTHS: [f64; 5] = [22.0, 26.0, 30.0, 22.0, 70.0];
const LINE: f64 = 24.0;

/// The sheet of a trail.
pub fn sheet(institution: &str, trail: Trail, proof: Proof) -> Sheet<'static> {
    let columns = WIDTHS.len();
    let title = format!("{institution}网络信息审核发布单");
    let line = format!("编号：{}　　　填报单位：{}", proof.number, trail.unit_name);
    let head = vec![
        Row::new([Cell::new(Style::Title, title).wide(columns)]).high(38.0),
        Row::new([Cell::new(Style::Line, line).wide(columns)]).high(26.0),
    ];
    let mut body = facts(&trail);
    for round in &trail.rounds {
        body.extend(of_round(round));
    }
    body.extend(out(&trail));
    let names = format!("文末署名：{}", trail.names);
    let note = "注：本单由系统按审核记录生成；标明“纸质”的，是在纸质审批件上作出、由工作人员登记的，扫描件存系统。";
    Sheet {
        name: "审核发布单".to_owned(),
        page: Page::PORTRAIT,
        columns: WIDTHS.to_vec(),
        head,
        repeated: 0,
        body: Box::new(body.into_iter().map(Ok)),
        foot: vec![
            Row::new([Cell::new(Style::Note, names).wide(columns)]),
            Row::new([Cell::new(Style::Note, note).wide(columns)]),
        ],
        proof: Some(proof),
    }
}

fn whole(label: &str, text: String) -> Row {
    Row::new([
        Cell::new(Style::Label, label),
        Cell::new(Style::Item, text).wide(WIDTHS.len() - 1),
    ])
    .high(LINE)
}

/// Two labels with their contents: the second content has the two last columns.
fn pair(one: (&str, String), other: (&str, String)) -> Row {
    Row::new([
        Cell::new(Style::Label, one.0),
        Cell::new(Style::Item, one.1).wide(2),
        Cell::new(Style::Label, other.0),
        Cell::new(Style::Item, other.1),
    ])
    .high(LINE)
}

fn facts(trail: &Trail) -> Vec<Row> {
    let major = match &trail.major {
        None => "否".to_owned(),
        Some(why) if why.is_empty() => "是".to_owned(),
        Some(why) => format!("是：{why}"),
    };
    vec![
        whole("标　题", trail.title.clone()),
        pair(
            ("拟稿人", trail.authors.join("、")),
            ("类　别", trail.category.clone()),
        ),
        pair(
            ("来　源", trail.origin.clone()),
            (
                "篇　幅",
                format!("{} 字，图片和附件 {} 个", trail.words, trail.files),
            ),
        ),
        whole("发布阵地", trail.channels.join("、")),
        pair(
            ("重大事项", major),
            ("现　状", trail.stage.label().to_owned()),
        ),
    ]
}

fn band(text: String) -> Row {
    Row::new([Cell::new(Style::Body, text).wide(WIDTHS.len())]).high(LINE)
}

fn headings(labels: [&str; 5]) -> Row {
    Row::new(labels.map(|text| Cell::new(Style::Heading, text))).high(LINE)
}

fn of_round(round: &TrailRound) -> Vec<Row> {
    let small = if round.small {
        "（小改动复核）"
    } else {
        ""
    };
    let note = if round.note.is_empty() {
        String::new()
    } else {
        format!("\n说明：{}", round.note)
    };
    let mut rows = vec![
        band(format!(
            "第 {} 次送审{small}　第 {} 版　{}　{}{note}\n内容校验码：{}",
            round.number,
            round.version,
            round.submitted_by,
            clock::show(&round.at),
            round.content
        )),
        headings(["环　节", "办理人", "时　间", "结　论", "意见和核对情况"]),
    ];
    if round.decisions.is_empty() {
        rows.push(band("尚未办理。".to_owned()));
    }
    rows.extend(round.decisions.iter().map(|one| {
        Row::new([
            Cell::new(Style::BodyCentre, one.level.label()),
            Cell::new(Style::BodyCentre, one.who.clone()),
            Cell::new(Style::BodyCentre, when(one)),
            Cell::new(Style::BodyCentre, verdict(one)),
            Cell::new(Style::Body, said(one)),
        ])
        .high(LINE)
    }));
    if !round.notes.is_empty() {
        let lines: Vec<String> = round.notes.iter().map(note_of).collect();
        rows.push(Row::new([
            Cell::new(Style::BodyCentre, "批　注"),
            Cell::new(Style::Body, lines.join("\n")).wide(WIDTHS.len() - 1),
        ]));
    }
    rows
}

fn note_of(one: &TrailNote) -> String {
    let quote = if one.quote.is_empty() {
        String::new()
    } else {
        format!("“{}”", one.quote)
    };
    let reply = one
        .reply
        .as_ref()
        .map_or(String::new(), |reply| format!("（作者：{reply}）"));
    format!("{}（{}）{quote}：{}{reply}", one.level, one.who, one.note)
}

fn when(one: &TrailDecision) -> String {
    match &one.paper {
        Some(paper) => paper.decided_on.to_string(),
        None => clock::show(&one.at),
    }
}

pub(super) fn verdict(one: &TrailDecision) -> String {
    let paper = if one.paper.is_some() {
        "（纸质）"
    } else {
        ""
    };
    match (one.verdict, one.to) {
        (Verdict::Return, Some(level)) => format!("退回{level}{paper}"),
        (Verdict::Return, None) => format!("退回作者{paper}"),
        (verdict, _) => format!("{verdict}{paper}"),
    }
}

pub(super) fn proofread(proof: &ProofRecord) -> String {
    let found: Vec<String> = proof
        .errors
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(kind, number)| format!("{kind} {number} 处"))
        .collect();
    if found.is_empty() {
        format!("{}：未发现差错", proof.which)
    } else {
        format!("{}：{}", proof.which, found.join("，"))
    }
}

fn said(one: &TrailDecision) -> String {
    let mut lines = vec![one.opinion.clone()];
    for (at, asked) in one.asked.iter().enumerate() {
        let quote = if asked.quote.is_empty() {
            String::new()
        } else {
            format!("“{}”：", asked.quote)
        };
        lines.push(format!("{}. {quote}{}", at + 1, asked.what));
    }
    let points = |ok: bool| -> Vec<&str> {
        one.checklist
            .iter()
            .filter(|point| point.ok == ok)
            .map(|point| point.text.as_str())
            .collect()
    };
    let (ticked, open) = (points(true), points(false));
    if !ticked.is_empty() {
        lines.push(format!("已核对：{}", ticked.join("；")));
    }
    if !open.is_empty() {
        lines.push(format!("未勾选：{}", open.join("；")));
    }
    lines.extend(one.proofread.as_ref().map(proofread));
    if let Some(paper) = &one.paper {
        lines.push(format!(
            "纸质审批件 {}，{} 登记于 {}",
            paper.number,
            paper.recorded_by,
            clock::show(&one.at)
        ));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

fn out(trail: &Trail) -> Vec<Row> {
    if trail.publications.is_empty() {
        return vec![];
    }
    let mut rows = vec![
        band("发布情况".to_owned()),
        headings(["状　态", "发布人", "时　间", "网络阵地", "链接和说明"]),
    ];
    rows.extend(trail.publications.iter().map(|one| {
        let mut notes: Vec<String> = one.link.iter().cloned().collect();
        if one.emergency {
            notes.push("应急发布".into());
        }
        notes.extend(one.withdrawn.iter().map(|why| format!("撤稿：{why}")));
        Row::new([
            Cell::new(Style::BodyCentre, one.state.label()),
            Cell::new(
                Style::BodyCentre,
                one.published_by.clone().unwrap_or_default(),
            ),
            Cell::new(
                Style::BodyCentre,
                one.published_at.as_ref().map_or(String::new(), clock::show),
            ),
            Cell::new(Style::BodyCentre, one.channel.clone()),
            Cell::new(Style::Body, notes.join("\n")),
        ])
        .high(LINE)
    }));
    rows
}
