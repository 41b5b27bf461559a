//! What is written is read back the same.

use std::io::Cursor;

use zhendi_office::{
    AnnexThreeForm, Field, Form, FormKind, Reading,
    annex::{AnnexThree, Item, Part, SUMMARY_ITEMS},
    parse_count,
    sheet::Sheet,
    write::{write_xls, write_xlsx},
};

use crate::{build::forms, made};

/// A sheet in both formats, read back.
fn both(sheet: impl Fn() -> Sheet<'static>) -> [Reading; 2] {
    let mut xls = Vec::new();
    write_xls(sheet(), &mut xls).unwrap();
    let mut xlsx = Cursor::new(Vec::new());
    write_xlsx(sheet(), None, &mut xlsx).unwrap();
    [
        forms("表.xls", &xls).unwrap(),
        forms("表.xlsx", xlsx.get_ref()).unwrap(),
    ]
}

fn texts(form: &Form, fields: &[Field]) -> Vec<Vec<String>> {
    let row = |row: &zhendi_office::FormRow| {
        fields
            .iter()
            .map(|&field| row.text(field).into_owned())
            .collect()
    };
    form.rows.iter().map(row).collect()
}

fn assert_declared(declared: &zhendi_office::Declared) {
    assert_eq!(declared.unit.as_deref(), Some("信息学院"));
    assert_eq!(declared.filled_by.as_deref(), Some("张三"));
    assert_eq!(declared.phone.as_deref(), Some("0691-2130001"));
    assert_eq!(declared.date.unwrap().to_string(), "2026-11-20");
}

#[test]
fn annex_one() {
    for reading in both(|| made::one(Some(made::proof()))) {
        let [form] = &reading.forms[..] else { panic!() };
        assert_eq!(form.kind, FormKind::Annex1);
        assert_declared(&form.declared);
        let written: Vec<Vec<String>> = made::one_rows()
            .into_iter()
            .map(|r| {
                vec![
                    r.name,
                    r.unit,
                    r.certified_body,
                    r.kind,
                    r.problem,
                    r.rectified,
                    r.interactive,
                    r.review_system,
                    r.outsourced,
                    r.manager,
                    r.manager_phone,
                    r.remark,
                ]
            })
            .collect();
        assert_eq!(texts(form, FormKind::Annex1.fields()), written);
        let serials: Vec<&str> = form.rows.iter().map(|row| row.serial.as_str()).collect();
        assert_eq!(serials, ["1", "2", "3", "4"]);
        assert_eq!(form.skipped.notes, 3);
        assert!(reading.summaries.is_empty() && reading.registrations.is_empty());
    }
}

#[test]
fn annex_two() {
    for reading in both(|| made::two(Some(made::proof())).sheet()) {
        assert!(reading.forms.is_empty() && reading.registrations.is_empty());
        let [form] = &reading.summaries[..] else {
            panic!()
        };
        assert_declared(&form.declared);
        let media: Vec<&str> = form
            .media
            .iter()
            .map(|(heading, _)| heading.as_str())
            .collect();
        assert_eq!(media, zhendi_office::annex::MEDIA);
        let written = made::two(None).rows;
        assert_eq!(form.lines.len(), SUMMARY_ITEMS.len());
        for (line, row) in form.lines.iter().zip(written) {
            let count = |cell: &Option<zhendi_office::Cell>| {
                parse_count(&cell.as_ref().unwrap().value).unwrap().unwrap()
            };
            assert_eq!(count(&line.website), row.website);
            assert_eq!(line.media.iter().map(count).collect::<Vec<_>>(), row.media);
            assert_eq!(count(&line.total), row.total);
            let remark = line.remark.as_ref().map(|cell| cell.text().into_owned());
            assert_eq!(remark.unwrap_or_default(), row.remark);
        }
    }
}

/// What annex 3 holds, by item, as it was given for writing.
pub fn written(annex: &AnnexThree) -> Vec<(Item, String)> {
    let mut all = vec![
        (Item::Name, &annex.name),
        (Item::AddressOrId, &annex.address_or_id),
        (Item::Unit, &annex.unit),
        (Item::CertifiedBody, &annex.certified_body),
        (Item::PlatformOrIcp, &annex.platform_or_icp),
        (Item::OpenedOn, &annex.opened_on),
        (Item::Followers, &annex.followers),
        (Item::PostingFrequency, &annex.posting_frequency),
        (Item::ResponsibleDepartment, &annex.responsible_department),
        (Item::FilingKind, &annex.filing_kind),
        (Item::Leader(Part::Name), &annex.leader.name),
        (Item::Leader(Part::Post), &annex.leader.post),
        (Item::Leader(Part::Phone), &annex.leader.phone),
    ];
    for (at, person) in annex.reviewers.iter().enumerate() {
        all.push((Item::Reviewer(at, Part::Name), &person.name));
        all.push((Item::Reviewer(at, Part::Post), &person.post));
        all.push((Item::Reviewer(at, Part::Phone), &person.phone));
    }
    for (at, person) in annex.operators.iter().enumerate() {
        all.push((Item::Operator(at, Part::Name), &person.name));
        all.push((Item::Operator(at, Part::Post), &person.post));
        all.push((Item::Operator(at, Part::Phone), &person.phone));
    }
    all.push((Item::Opinion, &annex.opinion));
    let filled = all.into_iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(item, text)| (item, text.clone())).collect()
}

/// What was read, by item.
pub fn read(form: &AnnexThreeForm) -> Vec<(Item, String)> {
    let cells = form.cells.iter();
    cells
        .map(|(item, cell)| (*item, cell.text().into_owned()))
        .collect()
}

#[test]
fn annex_three() {
    for reading in both(|| made::three(Some(made::proof())).sheet()) {
        assert!(reading.forms.is_empty() && reading.summaries.is_empty());
        let [form] = &reading.registrations[..] else {
            panic!()
        };
        assert_eq!(form.declared.unit.as_deref(), Some("信息学院"));
        assert_eq!(form.declared.date.unwrap().to_string(), "2026-11-20");
        assert_eq!(read(form), written(&made::three(None)));
        assert_eq!(form.marked, made::three(None).changed);
        assert_eq!(form.opinion_date.unwrap().to_string(), "2026-11-21");
        assert_eq!(form.people(), (2, 4));
        assert_eq!(form.reference(Item::Name).as_deref(), Some("C4"));
        assert_eq!(
            form.reference(Item::Operator(3, Part::Phone)).as_deref(),
            Some("E16")
        );
    }
}

#[test]
fn an_empty_annex_three_has_places_and_nothing_in_them() {
    for reading in both(|| AnnexThree::default().sheet()) {
        let [form] = &reading.registrations[..] else {
            panic!()
        };
        assert!(form.cells.is_empty(), "{:?}", form.cells);
        assert!(form.marked.is_empty());
        assert_eq!((form.opinion_date, form.declared.date), (None, None));
        assert_eq!(form.people(), (1, 3));
        // Ten facts, five people of three parts, the opinion.
        assert_eq!(form.places.len(), 10 + 15 + 1);
    }
}

#[test]
fn a_change_to_nothing_is_marked() {
    let annex = || AnnexThree {
        name: "甲".into(),
        followers: String::new(),
        changed: [Item::Followers].into(),
        ..AnnexThree::default()
    };
    for reading in both(|| annex().sheet()) {
        let form = &reading.registrations[0];
        assert_eq!(read(form), [(Item::Name, "甲".to_owned())]);
        assert_eq!(form.marked, [Item::Followers].into());
    }
}

#[test]
fn annex_four() {
    for reading in both(|| made::four(Some(made::proof()))) {
        let [form] = &reading.forms[..] else { panic!() };
        assert_eq!(form.kind, FormKind::Annex4);
        assert_declared(&form.declared);
        let written: Vec<Vec<String>> = made::four_rows()
            .into_iter()
            .map(|r| {
                vec![
                    r.name,
                    r.address_or_id,
                    r.unit,
                    r.certified_body,
                    r.kind,
                    r.opened_on,
                    r.leader,
                    r.reviewer,
                    r.operator,
                    r.operator_phone,
                    r.filing_kind,
                ]
            })
            .collect();
        assert_eq!(texts(form, FormKind::Annex4.fields()), written);
        assert!(reading.summaries.is_empty() && reading.registrations.is_empty());
    }
}

#[test]
fn empty_forms_hold_no_rows() {
    fn empty<T: Send>() -> impl Iterator<Item = Result<T, std::convert::Infallible>> + Send {
        std::iter::empty()
    }
    let (head, delivery) = (Default::default(), Default::default());
    for reading in both(|| zhendi_office::annex::annex_one(&head, &delivery, empty(), None)) {
        assert_eq!(reading.forms[0].kind, FormKind::Annex1);
        assert!(reading.forms[0].rows.is_empty());
        assert_eq!(reading.forms[0].declared, Default::default());
    }
    for reading in both(|| zhendi_office::annex::annex_four(&head, empty(), None)) {
        assert_eq!(reading.forms[0].kind, FormKind::Annex4);
        assert!(reading.forms[0].rows.is_empty());
        assert_eq!(reading.forms[0].declared, Default::default());
    }
}
