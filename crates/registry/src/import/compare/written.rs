//! What an annex 3 says, as the cells of a filing. Pure.

use crate::{
    filing::{Contact, Contacts, Content, Kind},
    platform::{Annex2, Platforms},
};
use zhendi_kernel::text;
use zhendi_office::{
    AnnexThreeForm, FilingKind,
    annex::{Item, Part},
    parse_count, parse_filing_kind, parse_partial_date, parse_phone,
};

/// What stands in the form, in the writing of the register; blank cells say nothing.
pub struct Written {
    pub content: Content,
    pub contacts: Contacts,
    /// 开设部门.
    pub unit: String,
    /// 备案类型, where it is one.
    pub kind: Option<Kind>,
}

/// Reads a form.
pub fn read(form: &AnnexThreeForm, platforms: &Platforms) -> Written {
    let line = |item| {
        let typed = form.text(item);
        text::line(&typed, 500).unwrap_or(typed)
    };
    let (platform, icp) = platform_or_icp(&line(Item::PlatformOrIcp), platforms);
    let value = |item| form.cells.get(&item).map(|cell| &cell.value);
    let opened_on = match value(Item::OpenedOn).map(parse_partial_date) {
        Some(Ok(Some(date))) => date.to_string(),
        _ => line(Item::OpenedOn),
    };
    let followers = match value(Item::Followers).map(parse_count) {
        Some(Ok(Some(count))) => count.to_string(),
        _ => line(Item::Followers),
    };
    let person = |item: &dyn Fn(Part) -> Item| {
        let phone = line(item(Part::Phone));
        Contact {
            name: line(item(Part::Name)),
            post: line(item(Part::Post)),
            phone: match parse_phone(&phone) {
                Ok(Some(number)) => number.to_string(),
                _ => phone,
            },
            employment: String::new(),
        }
    };
    let (reviewers, operators) = form.people();
    Written {
        unit: match line(Item::Unit) {
            unit if unit.is_empty() => form.declared.unit.clone().unwrap_or_default(),
            unit => unit,
        },
        kind: match parse_filing_kind(&form.text(Item::FilingKind)) {
            Ok(Some(FilingKind::Opening)) => Some(Kind::Opening),
            Ok(Some(FilingKind::Change)) => Some(Kind::Change),
            Ok(Some(FilingKind::Cancellation)) => Some(Kind::Cancellation),
            _ => None,
        },
        content: Content {
            name: line(Item::Name),
            address_or_id: line(Item::AddressOrId),
            certified_body: line(Item::CertifiedBody),
            platform,
            icp,
            opened_on,
            followers,
            posting_frequency: line(Item::PostingFrequency),
            responsible_department: line(Item::ResponsibleDepartment),
            ..Content::default()
        },
        contacts: Contacts {
            leader: person(&Item::Leader),
            reviewers: (0..reviewers)
                .map(|at| person(&|part| Item::Reviewer(at, part)))
                .collect(),
            operators: (0..operators)
                .map(|at| person(&|part| Item::Operator(at, part)))
                .collect(),
        },
    }
}

/// 开通平台/网站ICP: a platform by any of its names, or the ICP number of a website, or both.
fn platform_or_icp(typed: &str, platforms: &Platforms) -> (String, String) {
    if let Some(platform) = platforms.resolve(typed) {
        return (platform.code.0.clone(), String::new());
    }
    if !typed.to_uppercase().contains("ICP") {
        return (typed.to_owned(), String::new());
    }
    let website = || {
        let site = platforms.0.iter().find(|one| one.annex2 == Annex2::Website);
        site.map(|one| one.code.0.clone()).unwrap_or_default()
    };
    for (at, c) in typed.char_indices() {
        let (before, after) = (&typed[..at], &typed[at..]);
        let named =
            before.trim_end_matches(|c: char| c.is_whitespace() || "/／、，,（(".contains(c));
        if !named.is_empty()
            && (c.is_whitespace() || "/／、，,（(".contains(c))
            && let Some(platform) = platforms.resolve(named)
        {
            let icp =
                after.trim_matches(|c: char| c.is_whitespace() || "/／、，,（()）".contains(c));
            return (platform.code.0.clone(), icp.to_owned());
        }
    }
    (website(), typed.to_owned())
}
