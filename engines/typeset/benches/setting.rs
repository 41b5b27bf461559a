//! How long documents take and how much memory they leave behind:
//! `cargo bench -p zhendi-typeset`.

use std::time::{Duration, Instant};
use zhendi_office::{annex, sheet::Proof};
use zhendi_typeset::{FontSource, Typesetter};

fn main() {
    let source = FontSource {
        system: true,
        ..FontSource::default()
    };
    let (typesetter, fonts) = timed(|| Typesetter::new(&source).expect("a Chinese font"));
    println!("finding fonts            {fonts:>10.1?}");
    let (_, cold) = timed(|| three(&typesetter, 0));
    println!("annex 3, the first       {cold:>10.1?}");
    let mut times: Vec<Duration> = (1..=200)
        .map(|n| timed(|| three(&typesetter, n)).1)
        .collect();
    times.sort_unstable();
    println!("annex 3, warm, median    {:>10.1?}", times[100]);
    println!("annex 3, warm, 99th      {:>10.1?}", times[197]);
    let before = resident();
    for n in 0..1_000 {
        three(&typesetter, 1_000 + n);
    }
    println!(
        "resident before, after 1,000 more {before} kB, {} kB",
        resident()
    );
    let (pdf, one) = timed(|| {
        let data = ones(1_000).to_typst_data().expect("rows from memory");
        typesetter.sheet(data).expect("set")
    });
    println!(
        "annex 1, 1,000 rows      {one:>10.1?}, {} kB",
        pdf.len() / 1024
    );
    println!("resident afterwards      {} kB", resident());
    let (pdf, long) = timed(|| {
        let mut sheet = ones(20_000);
        let head = sheet.typeset_head();
        let rows = sheet.body.by_ref().map(|row| {
            let row = row.expect("rows from memory");
            Ok(zhendi_office::sheet::typeset_rows([row])[0].take())
        });
        typesetter.long_sheet(head, rows).expect("set")
    });
    println!(
        "annex 1, 20,000 rows     {long:>10.1?}, {} kB",
        pdf.len() / 1024
    );
    println!("most resident            {} kB", status("VmHWM:"));
}

fn three(typesetter: &Typesetter, n: usize) -> Vec<u8> {
    let person = |role: &str| annex::Person {
        name: format!("张{n}"),
        post: role.into(),
        phone: format!("138{n:08}"),
    };
    let form = annex::AnnexThree {
        department: format!("第{n}学院"),
        name: format!("第{n}学院青年之声"),
        address_or_id: format!("gh_{n:012}"),
        unit: format!("第{n}学院"),
        certified_body: "示例大学".into(),
        platform_or_icp: "微信公众号".into(),
        opened_on: "2019年9月".into(),
        followers: n.to_string(),
        posting_frequency: "每周三次".into(),
        filing_kind: "开设".into(),
        leader: person("党委书记"),
        reviewers: vec![person("副书记")],
        operators: vec![person("辅导员"), person("辅导员"), person("学生助理")],
        opinion: "同意备案。".into(),
        proof: Some(proof(n)),
        ..annex::AnnexThree::default()
    };
    let data = form.sheet().to_typst_data().expect("rows from memory");
    typesetter.sheet(data).expect("set")
}

fn ones(count: usize) -> zhendi_office::sheet::Sheet<'static> {
    let rows = (0..count).map(|n| {
        Ok::<_, std::convert::Infallible>(annex::AnnexOneRow {
            name: format!("第{n}学院青年之声"),
            unit: format!("第{n}学院"),
            certified_body: "示例大学".into(),
            kind: "微信公众号".into(),
            problem: "无问题".into(),
            rectified: "-".into(),
            interactive: "是".into(),
            review_system: "是".into(),
            outsourced: "否".into(),
            manager: format!("张{n}"),
            manager_phone: format!("138{n:08}"),
            remark: String::new(),
        })
    });
    let (head, delivery) = (annex::Head::default(), annex::Delivery::default());
    annex::annex_one(&head, &delivery, rows, Some(proof(count)))
}

fn proof(n: usize) -> Proof {
    Proof {
        number: format!("校网备〔2026〕{n}号"),
        hash: format!("{n:064x}"),
        link: format!("https://zhendi.example.edu.cn/filings/{n}"),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

fn resident() -> u64 {
    status("VmRSS:")
}

/// A figure of this process as the system tells it, in kilobytes.
fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
