//! The official numbers of sites and apps, read as people type them and kept in one spelling: ICP 备案号,
//! 公安联网备案号, domains. A refusal says what was probably meant. Pure.

use super::WebKind;
use zhendi_kernel::text;

/// The provinces: the character that numbers begin with, and their code of GB/T 2260.
const PROVINCES: [(char, &str); 31] = [
    ('京', "11"),
    ('津', "12"),
    ('冀', "13"),
    ('晋', "14"),
    ('蒙', "15"),
    ('辽', "21"),
    ('吉', "22"),
    ('黑', "23"),
    ('沪', "31"),
    ('苏', "32"),
    ('浙', "33"),
    ('皖', "34"),
    ('闽', "35"),
    ('赣', "36"),
    ('鲁', "37"),
    ('豫', "41"),
    ('鄂', "42"),
    ('湘', "43"),
    ('粤', "44"),
    ('桂', "45"),
    ('琼', "46"),
    ('渝', "50"),
    ('川', "51"),
    ('贵', "52"),
    ('云', "53"),
    ('藏', "54"),
    ('陕', "61"),
    ('甘', "62"),
    ('青', "63"),
    ('宁', "64"),
    ('新', "65"),
];

fn province_of(code: &str) -> Option<char> {
    let known = PROVINCES.iter().find(|(_, its)| code.starts_with(its));
    known.map(|(sign, _)| *sign)
}

fn is_province(sign: char) -> bool {
    PROVINCES.iter().any(|(known, _)| *known == sign)
}

/// Full-width signs as the plain ones, without spaces, capitals; the label before a colon falls away.
fn plain(raw: &str) -> String {
    let folded = text::fold(raw).to_uppercase();
    let number = folded.rsplit(':').next().unwrap_or_default();
    number
        .chars()
        .map(|c| match c {
            '—' | '–' | '−' | '﹣' | '_' => '-',
            '號' => '号',
            '備' => '备',
            other => other,
        })
        .filter(|c| !matches!(c, '(' | ')' | '【' | '】' | '[' | ']' | '“' | '”'))
        .collect()
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// An ICP number: 省简称 + ICP备 or ICP证 + 8 to 10 digits (6 and more for the older 证) + 号, then `-n` for
/// a site and `-nA` for an app. Empty is none.
///
/// # Errors
/// What is wrong with it, with a proposal where one can be made.
pub fn icp(raw: &str, kind: Option<WebKind>) -> Result<Option<String>, String> {
    let typed = plain(raw);
    if typed.is_empty() {
        return Ok(None);
    }
    let example = match kind {
        Some(WebKind::App) => "粤ICP备2021000000号-1A",
        _ => "粤ICP备2021000000号-1",
    };
    let wrong = |why: &str| Err(format!("{why}，正确的样子如“{example}”。"));
    let mut chars = typed.chars();
    let Some(sign) = chars.next().filter(|c| is_province(*c)) else {
        return wrong("ICP 备案号应以省份简称开头");
    };
    let rest = chars.as_str();
    let (word, rest) = match (rest.strip_prefix("ICP备"), rest.strip_prefix("ICP证")) {
        (Some(rest), _) => ("备", rest),
        (_, Some(rest)) => ("证", rest),
        _ => return wrong("省份简称后应为“ICP备”或“ICP证”"),
    };
    // Licences of the newer kind begin with their class.
    let (class, rest) = match rest.strip_prefix("B2-") {
        Some(rest) if word == "证" => ("B2-", rest),
        _ => ("", rest),
    };
    let (number, rest) = digits(rest);
    let least = if word == "证" { 6 } else { 8 };
    if !(least..=10).contains(&number.len()) {
        return Err(format!(
            "“ICP{word}”后应为 {least} 至 10 位数字，现有 {} 位。",
            number.len()
        ));
    }
    let head = format!("{sign}ICP{word}{class}{number}号");
    let (tail, has_sign) = match rest.strip_prefix('号') {
        Some(tail) => (tail, true),
        None => (rest, false),
    };
    let Some(tail) = suffix(tail) else {
        return wrong("“号”后面应为短横加序号");
    };
    let whole = format!("{head}{tail}");
    if !has_sign {
        return Err(format!("少了“号”字，是否应为“{whole}”？"));
    }
    let is_app = tail.ends_with(|c: char| c.is_ascii_alphabetic());
    match kind {
        Some(WebKind::Site) if is_app => Err(format!(
            "序号带字母的是应用的备案号，网站是否应为“{}”？",
            whole.trim_end_matches(|c: char| c.is_ascii_alphabetic())
        )),
        Some(WebKind::App) if !tail.is_empty() && !is_app => {
            Err(format!("应用的备案号序号后带字母，是否应为“{whole}A”？"))
        }
        _ => Ok(Some(whole)),
    }
}

/// `-n`, `-nA` (app), `-nX` (mini-program), `-nK` (quick app), or nothing.
fn suffix(tail: &str) -> Option<&str> {
    if tail.is_empty() {
        return Some("");
    }
    let (number, letter) = digits(tail.strip_prefix('-')?);
    let fits = (1..=4).contains(&number.len()) && matches!(letter, "" | "A" | "X" | "K");
    fits.then_some(tail)
}

/// A 公安联网备案号: 省简称 + 公网安备 + 14 digits, which begin with the province's code, + 号. Empty is none.
///
/// # Errors
/// What is wrong with it, with a proposal where one can be made.
pub fn police(raw: &str) -> Result<String, String> {
    let typed = plain(raw);
    if typed.is_empty() {
        return Ok(typed);
    }
    const EXAMPLE: &str = "正确的样子如“粤公网安备44010602000000号”。";
    let (sign, rest) = match typed.split_once("公网安备") {
        Some((sign, rest)) => (sign, rest),
        None => ("", typed.as_str()),
    };
    let (number, tail) = digits(rest);
    if number.is_empty() || !matches!(tail, "" | "号") {
        return Err(format!("公安联网备案号的格式不对，{EXAMPLE}"));
    }
    if number.len() != 14 {
        return Err(format!(
            "公安联网备案号应有 14 位数字，现有 {} 位，{EXAMPLE}",
            number.len()
        ));
    }
    let Some(province) = province_of(number) else {
        return Err(format!("数字的前两位不是省份代码，{EXAMPLE}"));
    };
    let whole = format!("{province}公网安备{number}号");
    if format!("{sign}公网安备{number}{tail}") == whole {
        Ok(whole)
    } else {
        Err(format!("是否应为“{whole}”？"))
    }
}

/// A domain in the spelling of the wire (Chinese ones in Punycode). The scheme and path of a pasted
/// address fall away. Empty is none.
///
/// # Errors
/// What is no domain.
pub fn domain(raw: &str) -> Result<String, String> {
    let folded = text::fold(raw);
    if folded.is_empty() {
        return Ok(folded);
    }
    const WRONG: &str = "请填写域名，例如 www.example.edu.cn，中文域名也可以。";
    let bare = match folded.split_once("://") {
        Some((_, rest)) => rest,
        None => &folded,
    };
    // What people type for a dot.
    let bare = bare.replace('。', ".");
    let url = url::Url::parse(&format!("http://{}", bare.trim_matches('/')))
        .map_err(|_| WRONG.to_owned())?;
    let host = match url.host() {
        Some(url::Host::Domain(host)) => host.trim_end_matches('.').to_owned(),
        Some(_) => return Err("请填写域名，不要填 IP 地址。".into()),
        None => return Err(WRONG.into()),
    };
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = host.split('.').collect();
    let ends_in_digits = labels
        .last()
        .is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    if labels.len() < 2 || host.len() > 253 || ends_in_digits || !labels.iter().all(|l| fits(l)) {
        return Err(WRONG.into());
    }
    Ok(host)
}

/// A domain as people read it: Punycode as what it stands for.
pub fn domain_shown(host: &str) -> String {
    if !host.contains("xn--") {
        return host.to_owned();
    }
    let (shown, valid) = idna::domain_to_unicode(host);
    if valid.is_ok() {
        shown
    } else {
        host.to_owned()
    }
}

/// An app's package name, such as `cn.edu.example.campus`. Empty is none.
///
/// # Errors
/// What is no package name.
pub fn package(raw: &str) -> Result<String, String> {
    let typed = raw.trim();
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let fits = typed.len() <= 200 && typed.contains('.') && typed.split('.').all(part);
    if typed.is_empty() || fits {
        Ok(typed.to_owned())
    } else {
        Err("包名由点分开的字母、数字组成，例如 cn.edu.example.campus。".into())
    }
}

/// The link of an app's page in a store. Empty is none.
///
/// # Errors
/// What is no link.
pub fn link(raw: &str) -> Result<String, String> {
    let typed = text::line(raw, 500).map_err(|e| e.to_string())?;
    if typed.is_empty() {
        return Ok(typed);
    }
    let parsed = url::Url::parse(&typed).ok();
    match parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Some(_) => Ok(typed),
        None if !typed.contains("://") && url::Url::parse(&format!("https://{typed}")).is_ok() => {
            Err(format!("请填写完整链接，是否应为“https://{typed}”？"))
        }
        None => Err("请填写完整链接，以 https:// 开头。".into()),
    }
}

/// A number whose spelling no public norm fixes: letters, digits, Chinese and plain marks, no spaces.
/// Empty is none.
///
/// # Errors
/// Other marks, no digit at all, and more than 60 characters.
pub fn loose(raw: &str) -> Result<String, String> {
    let typed = plain(raw);
    let fits = typed.chars().count() <= 60
        && typed.contains(|c: char| c.is_ascii_digit())
        && typed
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '〔' | '〕'));
    if typed.is_empty() || fits {
        Ok(typed)
    } else {
        Err("编号只含文字、字母、数字和短横，不超过 60 个字。".into())
    }
}
