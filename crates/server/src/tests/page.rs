//! Reads forms out of pages: what a browser would offer to send.

/// A form that a page offers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    pub action: String,
    /// Whether it sends files.
    pub files: bool,
    /// Names and what they begin with; of a choice, the first.
    pub fields: Vec<(String, String)>,
}

/// The forms of a page that are posted, once more for each button that sends them elsewhere.
pub fn forms(page: &str) -> Vec<Form> {
    let mut found = vec![];
    for rest in page.split("<form ").skip(1) {
        let Some((tag, rest)) = rest.split_once('>') else {
            continue;
        };
        let Some(inside) = rest.split("</form>").next() else {
            continue;
        };
        if attribute(tag, "method").is_none_or(|method| method != "post") {
            continue;
        }
        let form = Form {
            action: attribute(tag, "action").unwrap_or_default(),
            files: tag.contains("multipart/form-data"),
            fields: fields(inside),
        };
        let own = attribute(tag, "id").map(|id| format!("form=\"{id}\""));
        let buttons = |text: &str, must: &str| -> Vec<Form> {
            let tags = text
                .split("<button")
                .skip(1)
                .filter_map(|rest| rest.split('>').next());
            let actions = tags
                .filter(|tag| tag.contains(must))
                .filter_map(|tag| attribute(tag, "formaction"));
            actions
                .map(|action| Form {
                    action,
                    ..form.clone()
                })
                .collect()
        };
        found.extend(buttons(inside, ""));
        if let Some(own) = own {
            found.extend(buttons(page, &own));
        }
        found.push(form);
    }
    found
}

fn fields(form: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = vec![];
    for (at, _) in form.match_indices('<') {
        let Some(tag) = form[at + 1..].split('>').next() else {
            continue;
        };
        let kind = tag.split_whitespace().next().unwrap_or_default();
        if matches!(kind, "option") {
            // The first choice that is one belongs to the list that was opened last.
            if let Some((_, value)) = found.last_mut().filter(|(_, value)| value.is_empty()) {
                *value = attribute(tag, "value").unwrap_or_default();
            }
        }
        if !matches!(kind, "input" | "select" | "textarea" | "button") {
            continue;
        }
        let Some(name) = attribute(tag, "name").filter(|name| !name.is_empty()) else {
            continue;
        };
        if attribute(tag, "type").is_some_and(|kind| kind == "file") {
            continue;
        }
        if !found.iter().any(|(known, _)| *known == name) {
            found.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    found
}

/// The addresses of ours that a page links to; queries only where a form begins with them.
pub fn links(page: &str) -> Vec<String> {
    page.split("href=\"/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next())
        .map(|path| match path.split_once('?') {
            Some((form, _)) if form.ends_with("/new") => format!("/{path}"),
            Some((path, _)) => format!("/{path}"),
            None => format!("/{path}"),
        })
        .filter(|path| !path.starts_with("/assets/") && !path.starts_with("//"))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\"")).or_else(|| {
        let (before, rest) = tag.split_once(&format!("{name}=\""))?;
        before.is_empty().then_some((before, rest))
    })?;
    let value = rest.split('"').next()?;
    Some(
        value
            .replace("&#34;", "\"")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&"),
    )
}

#[test]
fn forms_are_read_as_a_browser_would() {
    let page = r#"<form method="post" action="/a/1" enctype="multipart/form-data"><input type="hidden" name="version" value="3">
        <select id="x" name="kind"><option value="">请选择</option><option value="b" selected>B</option></select>
        <input type="file" name="file"><textarea name="why"></textarea><button formaction="/a/1/returns">退回</button></form><form method="get" action="/q"><input name="q"></form>"#;
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let expected = Form {
        action: "/a/1".into(),
        files: true,
        fields: vec![pair("version", "3"), pair("kind", "b"), pair("why", "")],
    };
    let back = Form {
        action: "/a/1/returns".into(),
        ..expected.clone()
    };
    assert_eq!(forms(page), [back, expected]);
}
