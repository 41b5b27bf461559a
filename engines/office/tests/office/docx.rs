//! Annex 3 as `.docx`, read by LibreOffice.

use std::{io::Read, process::Command};

use zhendi_office::annex::AnnexThree;

use crate::{
    made,
    tools::{convert, folder, run, save},
};

#[test]
fn annex_three_fits_one_page_with_all_that_it_says() {
    let folder = folder();
    let (full, empty) = (
        folder.path().join("full.docx"),
        folder.path().join("empty.docx"),
    );
    save(made::three(Some(made::proof())).sheet(), &full);
    save(AnnexThree::default().sheet(), &empty);
    let out = convert(folder.path(), "pdf", &[full.clone(), empty]);
    let text = |name: &str| {
        let said = run(Command::new("pdftotext")
            .arg("-layout")
            .arg(out.join(name))
            .arg("-"));
        assert_eq!(
            said.matches('\u{c}').count(),
            1,
            "{name} takes one page: {said}"
        );
        said.split_whitespace().collect::<String>()
    };
    let said = text("full.pdf");
    for wanted in [
        "附件3",
        "新媒体（网站）备案登记表",
        "填报部门（盖章）：信息学院填表时间：2026年11月20日",
        "审核人",
        "郑浩专职辅导员",
        "13800138012（变",
        "4钱坤学生助理13800138016",
        "主管部门意见：同意变更。",
        "主管单位（盖章）2026年11月21日",
        "内容校验码：9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "https://zhendi.example.edu.cn/filings/12",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in {said}");
    }
    let said = text("empty.pdf");
    assert!(
        said.contains("填表时间：年月日") && said.contains("主管单位（盖章）年月日"),
        "{said}"
    );

    let mut docx = zip::ZipArchive::new(std::fs::File::open(&full).unwrap()).unwrap();
    let part = |docx: &mut zip::ZipArchive<_>, name: &str| {
        let mut bytes = Vec::new();
        docx.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let document = String::from_utf8(part(&mut docx, "word/document.xml")).unwrap();
    assert!(document.contains("仿宋") && document.contains("vMerge"));
    let names: Vec<String> = docx
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let picture = names
        .iter()
        .find(|name| name.ends_with(".png"))
        .expect("a QR code");
    let png = folder.path().join("code.png");
    std::fs::write(&png, part(&mut docx, picture)).unwrap();
    let link = run(Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&png));
    assert_eq!(link.trim(), made::proof().link);
}
