//! The page of the form.

use super::posted::Extra;
use crate::{
    channel::{CellKind, Holder, WebKind},
    filing::{
        Filing,
        contacts::{Contact, MOST_OPERATORS, MOST_REVIEWERS},
        content::{
            CELLS, CHANGE_CELLS, CLOSING_CELLS, CONTENT_PLANS, FOLLOWERS_PLANS, Wrong, web_cells,
        },
        drafting::Draft,
        record::{self, Record, Said},
        rules::{Kind, Stage},
    },
    platform,
};
use askama::Template;
use askama_web::WebTemplate;
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, Permission, form::Field, web::Shell};
use zhendi_people::{person::Employment, unit};

/// What a cell of a change said in the record.
#[derive(Clone)]
pub(super) struct Mark {
    /// The value that a control has.
    was: String,
    /// The same for people.
    label: String,
    changed: bool,
}

/// One row of 管理相关人员.
struct Row {
    title: String,
    name: Field,
    post: Field,
    phone: Field,
    employment: Field,
    index: usize,
    /// What the record says of the row, by the part's name; none where nothing is compared.
    marks: Option<HashMap<&'static str, Mark>>,
    /// The button that removes it.
    remove: Option<String>,
}

impl Row {
    /// The id of a field: the same name stands in every row.
    fn id(&self, field: &Field) -> String {
        format!("{}_{}", field.name, self.index)
    }

    fn mark(&self, part: &str) -> Option<&Mark> {
        self.marks.as_ref()?.get(part)
    }
}

/// The cells of sites or apps, with the platforms that have them.
struct WebGroup {
    title: &'static str,
    /// Codes of platforms, for the script that shows the right group.
    platforms: String,
    open: bool,
    cells: Vec<WebCell>,
}

impl WebCell {
    fn options(&self) -> &[(&'static str, &'static str)] {
        &self.options
    }
}

struct WebCell {
    field: Field,
    hint: &'static str,
    options: Vec<(&'static str, &'static str)>,
    day: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/form.html")]
pub(super) struct FormPage {
    shell: Shell,
    kind: Kind,
    filing: Option<FilingId>,
    version: i32,
    /// The version of the channel beside whose record a change is written.
    record: Option<i32>,
    action: String,
    /// The channel that it is about, with its name.
    channel: Option<(ChannelId, String)>,
    unit: Field,
    unit_name: String,
    units: Vec<(String, String)>,
    all_units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    employments: Vec<(String, String)>,
    cells: Vec<Field>,
    marks: HashMap<&'static str, Mark>,
    web: Vec<WebGroup>,
    /// What a cancellation says of the channel.
    known: Vec<(&'static str, String)>,
    leader: Row,
    reviewers: Vec<Row>,
    operators: Vec<Row>,
    /// Rows of the record that a change would drop.
    dropped: Vec<String>,
    errors: Vec<(String, String)>,
    returned: Option<String>,
    may_add_reviewer: bool,
    may_add_operator: bool,
}

impl FormPage {
    fn cell(&self, name: &str) -> &Field {
        self.cells
            .iter()
            .find(|field| field.name == name)
            .expect("templates name cells of the form")
    }

    fn mark(&self, name: &str) -> Option<&Mark> {
        self.marks.get(name)
    }

    fn holders(&self) -> [(&'static str, &'static str); 2] {
        Holder::OPTIONS
    }

    fn followers_plans(&self) -> [(&'static str, &'static str); 4] {
        FOLLOWERS_PLANS
    }

    fn content_plans(&self) -> [(&'static str, &'static str); 4] {
        CONTENT_PLANS
    }

    fn heading(&self) -> String {
        match (self.filing.is_some(), self.kind) {
            (true, Kind::Opening) => "修改备案".into(),
            (true, kind) => format!("修改{}备案", kind.label()),
            (false, Kind::Opening) => "新开备案".into(),
            (false, kind) => format!("{}备案", kind.label()),
        }
    }
}

/// What the page is about beside the draft itself.
#[derive(Default)]
pub(super) struct About<'a> {
    pub filing: Option<&'a Filing>,
    /// The present record that a change is compared with.
    pub record: Option<Record>,
    pub extra: Extra,
}

/// Makes fields of what was typed, with what is wrong with each.
struct Fields<'a> {
    wrong: HashMap<&'a str, &'a str>,
    errors: Vec<(String, String)>,
}

impl Fields<'_> {
    fn field(
        &mut self,
        name: &'static str,
        id: &str,
        label: &'static str,
        said: String,
        value: &str,
    ) -> Field {
        let mut field = Field::new(name, label, value);
        if let Some(text) = self.wrong.get(id) {
            field.refuse(text);
            self.errors.push((id.to_owned(), format!("{said}：{text}")));
        }
        field
    }

    fn cell(&mut self, name: &'static str, label: &'static str, value: &str) -> Field {
        self.field(name, name, label, label.into(), value)
    }

    fn row(
        &mut self,
        names: [&'static str; 4],
        index: usize,
        title: String,
        one: &Contact,
        was: Option<Option<&Contact>>,
    ) -> Row {
        let mut part = |i: usize, label: &'static str, value: &str| {
            let id = format!("{}_{index}", names[i]);
            self.field(names[i], &id, label, format!("{title}{label}"), value)
        };
        let marks = was.map(|was| {
            let blank = Contact::default();
            let old = was.unwrap_or(&blank);
            let kind = |code: &str| Employment::parse(code).map_or("", Employment::label);
            [
                ("name", &old.name, old.name.clone(), &one.name),
                ("post", &old.post, old.post.clone(), &one.post),
                ("phone", &old.phone, old.phone.clone(), &one.phone),
                (
                    "employment",
                    &old.employment,
                    kind(&old.employment).into(),
                    &one.employment,
                ),
            ]
            .into_iter()
            .map(|(part, was, label, now)| {
                let mark = Mark {
                    changed: was != now,
                    was: was.clone(),
                    label,
                };
                (part, mark)
            })
            .collect()
        });
        Row {
            name: part(0, "姓名", &one.name),
            post: part(1, "职务", &one.post),
            phone: part(2, "联系电话", &one.phone),
            employment: part(3, "人员类别", &one.employment),
            title,
            index,
            marks,
            remove: None,
        }
    }
}

pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    draft: &Draft,
    about: About<'_>,
    wrongs: &[Wrong],
) -> Result<FormPage, Fault> {
    let db = app.db.read();
    let units = unit::options(db, &actor.filter(Permission::DraftFilings)).await?;
    let unit_name = match draft.unit {
        Some(id) => unit::names(db, [id]).await?.remove(&id).unwrap_or_default(),
        None => String::new(),
    };
    let channel = match draft.channel {
        Some(id) => {
            let channel = crate::channel::store::get(db, id).await?;
            Some((id, channel.facts.name))
        }
        None => None,
    };
    let chosen = match (draft.unit, units.as_slice()) {
        (Some(unit), _) => unit.to_string(),
        // Who files for one unit only need not choose.
        (None, [only]) => only.0.clone(),
        _ => String::new(),
    };
    let mut fields = Fields {
        wrong: HashMap::new(),
        errors: vec![],
    };
    for one in wrongs {
        fields.wrong.insert(&one.field, &one.text);
    }
    if let Some(text) = fields.wrong.get("record") {
        fields.errors.push(("record".into(), (*text).to_owned()));
    }
    let platforms = platform::load(db).await?;
    let unit = fields.cell("unit", "开设部门", &chosen);
    let mut seen = BTreeSet::new();
    let mut cells = vec![];
    let special: &[(&'static str, &'static str, usize)] = match draft.kind {
        Kind::Opening => &[],
        Kind::Change => &CHANGE_CELLS,
        Kind::Cancellation => &CLOSING_CELLS,
    };
    let all = CELLS.iter().chain(special);
    for (name, label, _) in all.filter(|(name, ..)| seen.insert(*name)) {
        cells.push(fields.cell(name, label, draft.content.cell(name)));
    }
    let all_units = if draft.kind == Kind::Change {
        unit::options(db, &zhendi_kernel::ScopeFilter::All).await?
    } else {
        vec![]
    };
    if let Some(stays) = cells
        .iter_mut()
        .find(|field| field.name == "new_unit" && field.value.is_empty())
    {
        stays.value = chosen.clone();
    }

    let mut marks = HashMap::new();
    if let Some(record) = &about.record {
        for (name, _) in record::record_cells() {
            let was = record.content.cell(name);
            let label = match name {
                "platform" => platforms.name(&was.into()).to_owned(),
                "holder" => Holder::parse(was, "").map_or("", |one| one.label()).into(),
                _ => web_cells()
                    .find(|cell| cell.name == name)
                    .map_or_else(|| was.to_owned(), |cell| choice(cell.kind, was)),
            };
            let mark = Mark {
                changed: was != draft.content.cell(name),
                was: was.to_owned(),
                label,
            };
            marks.insert(name, mark);
        }
        let mark = Mark {
            changed: draft.content.goes_to().is_some_and(|to| to != record.unit),
            was: record.unit.to_string(),
            label: unit_name.clone(),
        };
        marks.insert("new_unit", mark);
    }
    let web = [
        (WebKind::Site, "网站信息"),
        (WebKind::App, "APP、小程序信息"),
    ]
    .into_iter()
    .map(|(kind, title)| {
        let codes: Vec<&str> = platforms
            .0
            .iter()
            .filter(|platform| WebKind::of(platform) == Some(kind))
            .map(|platform| platform.code.0.as_str())
            .collect();
        let cells: Vec<WebCell> = kind
            .cells()
            .iter()
            .map(|cell| WebCell {
                field: fields.cell(cell.name, cell.label, draft.content.cell(cell.name)),
                hint: cell.hint,
                options: match cell.kind {
                    CellKind::Choice(options) => options.to_vec(),
                    _ => vec![],
                },
                day: cell.kind == CellKind::Day,
            })
            .collect();
        WebGroup {
            title,
            open: codes.contains(&draft.content.platform.as_str()),
            platforms: codes.join(" "),
            cells,
        }
    })
    .collect();

    let contacts = &draft.contacts;
    let blank = Contact::default();
    let was = about.record.as_ref().map(|record| &record.contacts);
    let said = Said {
        content: draft.content.clone(),
        contacts: contacts.clone(),
    };
    let beside = was.map(|was| record::rows(was, &said.contacts));
    let of_row = |prefix: &str, index: usize| -> Option<Option<&Contact>> {
        let rows = beside.as_ref()?;
        let row = rows
            .iter()
            .find(|row| row.prefix == prefix && row.index == Some(index));
        Some(row.and_then(|row| row.was))
    };
    let dropped = beside
        .iter()
        .flatten()
        .filter_map(|row| match (row.now, row.was) {
            (None, Some(was)) => Some(format!("{} {}", row.duty, was.name)),
            _ => None,
        })
        .collect();
    let leader = fields.row(
        [
            "leader_name",
            "leader_post",
            "leader_phone",
            "leader_employment",
        ],
        0,
        "主管领导".into(),
        &contacts.leader,
        was.map(|was| Some(&was.leader)),
    );
    let rows = |list: &[Contact], least: usize, extra: usize, most: usize| -> Vec<Contact> {
        let count = (list.len() + extra).max(least).min(most.max(list.len()));
        (0..count)
            .map(|i| list.get(i).unwrap_or(&blank).clone())
            .collect()
    };
    let mut reviewers = vec![];
    let list = rows(
        &contacts.reviewers,
        1,
        about.extra.reviewers,
        MOST_REVIEWERS,
    );
    for (i, one) in list.iter().enumerate() {
        let names = [
            "reviewer_name",
            "reviewer_post",
            "reviewer_phone",
            "reviewer_employment",
        ];
        let title = match i {
            0 => "审核人".into(),
            _ => format!("审核人 {}", i + 1),
        };
        let mut row = fields.row(names, i, title, one, of_row("reviewer", i));
        row.remove = (list.len() > 1).then(|| format!("remove_reviewer_{i}"));
        reviewers.push(row);
    }
    let mut operators = vec![];
    let list = rows(
        &contacts.operators,
        3,
        about.extra.operators,
        MOST_OPERATORS,
    );
    for (i, one) in list.iter().enumerate() {
        let names = [
            "operator_name",
            "operator_post",
            "operator_phone",
            "operator_employment",
        ];
        let title = match i {
            0 => "运维工作人员 1（负责人）".into(),
            _ => format!("运维工作人员 {}", i + 1),
        };
        let mut row = fields.row(names, i, title, one, of_row("operator", i));
        let filled = i < contacts.operators.len() && !one.is_blank();
        row.remove = (filled || i > 2).then(|| format!("remove_operator_{i}"));
        operators.push(row);
    }
    let returned = about.filing.and_then(|filing| {
        let last = filing.course.acts.last()?;
        (filing.course.stage == Stage::Returned).then(|| last.opinion.clone())
    });
    let known = match draft.kind {
        Kind::Cancellation => vec![
            ("开设部门", unit_name.clone()),
            (
                "开通平台",
                platforms
                    .name(&draft.content.platform.as_str().into())
                    .to_owned(),
            ),
            ("账号ID/网址", draft.content.address_or_id.clone()),
            ("认证主体", draft.content.certified_body.clone()),
        ],
        _ => vec![],
    };
    Ok(FormPage {
        shell,
        kind: draft.kind,
        filing: about.filing.map(|filing| filing.id),
        version: about.filing.map_or(0, |filing| filing.version),
        record: draft.record,
        action: match about.filing {
            Some(filing) => format!("{}/edit", filing.href()),
            None => "/filings".into(),
        },
        channel,
        unit,
        unit_name,
        units,
        all_units,
        platforms: platforms.options(&draft.content.platform),
        employments: Employment::options(),
        cells,
        marks,
        web,
        known,
        leader,
        may_add_reviewer: reviewers.len() < MOST_REVIEWERS,
        may_add_operator: operators.len() < MOST_OPERATORS,
        reviewers,
        operators,
        dropped,
        errors: fields.errors,
        returned,
    })
}

/// A code of a choice as people read it.
pub(in crate::filing) fn choice(kind: CellKind, value: &str) -> String {
    match kind {
        CellKind::Choice(options) => options
            .iter()
            .find(|(code, _)| *code == value)
            .map_or(value, |(_, label)| label)
            .to_owned(),
        CellKind::Text | CellKind::Day => value.to_owned(),
    }
}
