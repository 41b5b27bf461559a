//! What an import would do, row by row; the database is only read.

use super::rows::{Facts, Problem, Reader};
use crate::{
    person::{self, Details, Person},
    role::{self, Candidate, PeopleSettings, Request, Seat},
    unit,
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use zhendi_kernel::{App, Fault, PersonId, Role, UnitId, settings, text};
use zhendi_office::{Field, Form, FormKind, FormRow};

/// How to import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Make units that a file names and nobody knows, under the root, marked to be checked.
    pub create_units: bool,
    /// Take the good rows of a file that has bad ones.
    pub partial: bool,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It makes or changes something.
    Accepted,
    /// Everything is there already.
    Skipped,
    /// Something is wrong with it.
    Refused,
}

/// What an accepted row asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The person that it changes, with the version that was read; none for a new one.
    pub person: Option<(PersonId, i32)>,
    /// None when the unit is to be made.
    pub unit: Option<UnitId>,
    pub facts: Facts,
    /// The roles that the person lacks.
    pub roles: Vec<Role>,
}

/// One row judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlan {
    pub sheet: String,
    /// 1-based row of the sheet.
    pub row: u32,
    pub name: String,
    pub verdict: Verdict,
    pub problems: Vec<Problem>,
    /// Every change in words: what, before, after.
    pub changes: Vec<(String, String, String)>,
    /// What was seen but is not done.
    pub notes: Vec<String>,
    pub wanted: Option<Wanted>,
}

/// One file judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilePlan {
    pub file: String,
    pub rows: Vec<RowPlan>,
    /// Examples, empty rows and notes that were passed over.
    pub passed_over: usize,
}

impl FilePlan {
    /// How many rows have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }

    /// Whether it goes in: whole, or its good rows if that is wanted.
    pub fn is_taken(&self, partial: bool) -> bool {
        partial || self.count(Verdict::Refused) == 0
    }
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub options: Options,
    pub files: Vec<FilePlan>,
    /// Units that would be made.
    pub new_units: Vec<String>,
}

impl Plan {
    /// How many rows of all files have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.files.iter().map(|file| file.count(verdict)).sum()
    }

    /// The rows that [`super::apply`] takes.
    pub fn taken(&self) -> impl Iterator<Item = &Wanted> {
        self.files
            .iter()
            .filter(|file| file.is_taken(self.options.partial))
            .flat_map(|file| file.rows.iter().filter_map(|row| row.wanted.as_ref()))
    }
}

/// Judges every row of the people templates among `forms`.
///
/// # Errors
/// `Fault::Refused` before the first run and when there is no people template; else only when the
/// database fails: what is wrong with a row is said in the plan.
pub async fn plan(
    db: &impl ConnectionTrait,
    app: &App,
    forms: &[Form],
    options: Options,
) -> Result<Plan, Fault> {
    let root = unit::root(db)
        .await?
        .ok_or_else(|| Fault::Refused("系统还没有完成首次设置，请先设置学校名称和三员。".into()))?;
    let mut judge = Judge {
        db,
        app,
        options,
        root: root.id,
        settings: settings::get(db).await?,
        seen: HashMap::new(),
        new_units: BTreeMap::new(),
        new_shorts: HashMap::new(),
    };
    let mut files: Vec<FilePlan> = vec![];
    for form in forms.iter().filter(|form| form.kind == FormKind::People) {
        let mut rows = vec![];
        for row in &form.rows {
            rows.push(judge.row(form, row).await?);
        }
        let skipped = form.skipped;
        let passed_over = skipped.examples + skipped.empty + skipped.notes;
        match files.iter_mut().find(|file| file.file == form.file) {
            Some(file) => {
                file.rows.extend(rows);
                file.passed_over += passed_over;
            }
            None => files.push(FilePlan {
                file: form.file.clone(),
                rows,
                passed_over,
            }),
        }
    }
    if files.is_empty() {
        return Err(Fault::Refused(
            "文件里没有人员模板的标题行，请下载模板，按模板的列标题填写。".into(),
        ));
    }
    let mut plan = Plan {
        options,
        files,
        new_units: vec![],
    };
    let wanted: Vec<String> = plan
        .taken()
        .filter(|wanted| wanted.unit.is_none())
        .map(|wanted| wanted.facts.unit.clone())
        .collect();
    for name in wanted {
        if !plan
            .new_units
            .iter()
            .any(|known| text::fold(known) == text::fold(&name))
        {
            plan.new_units.push(name);
        }
    }
    Ok(plan)
}

struct Judge<'a, C> {
    db: &'a C,
    app: &'a App,
    options: Options,
    root: UnitId,
    settings: PeopleSettings,
    /// Persons met so far, by what tells them apart, with where.
    seen: HashMap<String, String>,
    /// Units to be made, by folded name, with their short names.
    new_units: BTreeMap<String, String>,
    /// Short names to be used, by folded form, with the unit's folded name.
    new_shorts: HashMap<String, String>,
}

impl<C: ConnectionTrait> Judge<'_, C> {
    async fn row(&mut self, form: &Form, row: &FormRow) -> Result<RowPlan, Fault> {
        let mut reader = Reader {
            form,
            row,
            problems: vec![],
        };
        let mut judged = RowPlan {
            sheet: form.sheet.clone(),
            row: row.row,
            name: row.text(Field::PersonName).into_owned(),
            verdict: Verdict::Refused,
            problems: vec![],
            changes: vec![],
            notes: vec![],
            wanted: None,
        };
        if let Some(facts) = reader.facts() {
            let unit = self.unit(&mut reader, &facts, &mut judged.notes).await?;
            self.once(&mut reader, &facts);
            let found = match unit {
                Some(at) => self.person(&mut reader, at, &facts).await?,
                None => None,
            };
            if let Some(unit) = unit {
                let roles = self
                    .roles(&mut reader, unit, found.as_ref(), &facts)
                    .await?;
                if reader.problems.is_empty() {
                    self.compare(&mut judged, unit, found, facts, roles).await?;
                }
            }
        }
        judged.problems = reader.problems;
        Ok(judged)
    }

    /// The unit that a row names: `Some(None)` is one to be made, `None` a refusal.
    async fn unit(
        &mut self,
        reader: &mut Reader<'_>,
        facts: &Facts,
        notes: &mut Vec<String>,
    ) -> Result<Option<Option<UnitId>>, Fault> {
        if let Some(unit) = unit::by_name(self.db, &facts.unit).await? {
            let short = &facts.unit_short;
            if !short.is_empty() && text::fold(short) != text::fold(&unit.short_name) {
                notes.push(format!(
                    "单位简称已登记为“{}”，不随人员导入修改",
                    unit.short_name
                ));
            }
            return Ok(Some(Some(unit.id)));
        }
        if !self.options.create_units {
            let near = unit::nearest(self.db, &facts.unit, 3).await?;
            let suggestion = if near.is_empty() {
                "请先设立该单位，或选择自动新建单位".into()
            } else {
                format!("是否为：{}；也可选择自动新建单位", near.join("、"))
            };
            reader.problem(Field::Unit, "没有这个单位", suggestion);
            return Ok(None);
        }
        let key = text::fold(&facts.unit);
        let short = match (self.new_units.get(&key), facts.unit_short.is_empty()) {
            // The first row of a new unit says its short name for all.
            (Some(short), _) => short.clone(),
            (None, true) => facts.unit.clone(),
            (None, false) => facts.unit_short.clone(),
        };
        let owner = self
            .new_shorts
            .entry(text::fold(&short))
            .or_insert_with(|| key.clone());
        let taken = *owner != key || unit::by_name(self.db, &short).await?.is_some();
        if taken {
            reader.problem(
                Field::UnitShortName,
                format!("简称“{short}”已被其他单位使用"),
                "请换一个全校唯一的简称",
            );
            return Ok(None);
        }
        self.new_units.insert(key, short);
        Ok(Some(None))
    }

    /// Refuses a person who stands twice in what is imported.
    fn once(&mut self, reader: &mut Reader<'_>, facts: &Facts) {
        let here = format!("{}第 {} 行", reader.form.sheet, reader.row.row);
        let (field, key) = match (&facts.staff_number, &facts.phone) {
            (Some(number), _) => (Field::StaffNumber, format!("n{number}")),
            (None, Some(phone)) => (Field::PersonName, format!("p{}{phone}", facts.name)),
            (None, None) => (
                Field::PersonName,
                format!("u{}{}", text::fold(&facts.unit), facts.name),
            ),
        };
        match self.seen.get(&key) {
            Some(before) => {
                let reason = format!("与{before}重复");
                reader.problem(field, reason, "请保留一行；重名的人请填写各自的工号");
            }
            None => {
                self.seen.insert(key, here);
            }
        }
    }

    /// The person that a row is about: by staff number, else name and phone, else name in the unit.
    async fn person(
        &self,
        reader: &mut Reader<'_>,
        unit: Option<UnitId>,
        facts: &Facts,
    ) -> Result<Option<Person>, Fault> {
        let found = find(self.db, self.app, unit, facts).await?;
        if let Some(found) = &found {
            if found.left_at.is_some() {
                reader.problem(Field::StaffNumber, "该工号的人员已离岗", "请核对工号");
            } else if found.name != facts.name {
                reader.problem(
                    Field::PersonName,
                    "该工号已登记在另一人名下",
                    "请核对工号；如已更名，请先在人员页面修改姓名",
                );
            }
        }
        Ok(found)
    }

    /// The roles that the person does not have and may have.
    async fn roles(
        &self,
        reader: &mut Reader<'_>,
        unit: Option<UnitId>,
        found: Option<&Person>,
        facts: &Facts,
    ) -> Result<Vec<Role>, Fault> {
        let now = self.app.now();
        let (mut who, grants) = match found {
            Some(person) => (
                Candidate {
                    id: person.id,
                    employment: facts.employment,
                    left: person.left_at.is_some(),
                    held: role::held(self.db, now, person.id).await?,
                },
                role::of_person(self.db, now, person.id).await?,
            ),
            None => (
                Candidate {
                    id: PersonId(0),
                    employment: facts.employment,
                    left: false,
                    held: vec![],
                },
                vec![],
            ),
        };
        let mut missing = vec![];
        for role in &facts.roles {
            let at = self.seat(*role, unit);
            let has = grants
                .iter()
                .any(|grant| grant.role == *role && grant.unit == at);
            if has {
                continue;
            }
            let seat = if at == Some(self.root) {
                Seat::Institution
            } else {
                Seat::Unit
            };
            if let Err(refusal) = role::may_hold(*role, seat, &who, self.settings.students_may_hold)
            {
                reader.problem(Field::Roles, refusal, "请从该列删去这个角色");
                continue;
            }
            who.held.push(*role);
            let request = Request {
                person: who.id,
                role: *role,
                unit: at,
                channel: None,
            };
            if found.is_none() || !role::requested(self.db, request).await? {
                missing.push(*role);
            }
        }
        Ok(missing)
    }

    fn seat(&self, role: Role, unit: Option<UnitId>) -> Option<UnitId> {
        if role.institution_wide() {
            Some(self.root)
        } else {
            unit
        }
    }

    /// Says what a good row changes.
    async fn compare(
        &self,
        judged: &mut RowPlan,
        unit: Option<UnitId>,
        found: Option<Person>,
        facts: Facts,
        roles: Vec<Role>,
    ) -> Result<(), Fault> {
        let (was, was_unit) = match &found {
            Some(person) => {
                let names = unit::names(self.db, [person.unit]).await?;
                let name = names.get(&person.unit).cloned().unwrap_or_default();
                (person::details(self.app, person)?, name)
            }
            None => (Details::default(), String::new()),
        };
        let mut change = |what: &str, before: &str, after: &str| {
            if !after.is_empty() && before != after {
                judged
                    .changes
                    .push((what.into(), before.into(), after.into()));
            }
        };
        let moved = found
            .as_ref()
            .is_none_or(|person| Some(person.unit) != unit);
        if moved {
            change("单位", &was_unit, &facts.unit);
        }
        let before = found.as_ref();
        change("姓名", before.map_or("", |p| &p.name), &facts.name);
        let employment = before.map_or("", |p| p.employment.label());
        change("用工性质", employment, facts.employment.label());
        change("职务", before.map_or("", |p| &p.post), &facts.post);
        for (what, before, after) in [
            ("工号", &was.staff_number, &facts.staff_number),
            ("手机", &was.phone, &facts.phone),
            ("邮箱", &was.mail, &facts.mail),
        ] {
            let text = |field: &Option<String>| field.clone().unwrap_or_default();
            change(what, &text(before), &text(after));
        }
        for role in &roles {
            change("角色", "", role.label());
        }
        if judged.changes.is_empty() {
            judged.verdict = Verdict::Skipped;
            return Ok(());
        }
        judged.verdict = Verdict::Accepted;
        judged.wanted = Some(Wanted {
            person: found.map(|person| (person.id, person.version)),
            unit,
            facts,
            roles,
        });
        Ok(())
    }
}

/// The person that facts are about.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    unit: Option<UnitId>,
    facts: &Facts,
) -> Result<Option<Person>, Fault> {
    if let Some(number) = &facts.staff_number
        && let Some(found) = person::by_staff_number(db, app, number).await?
    {
        return Ok(Some(found));
    }
    let by_phone = match &facts.phone {
        Some(phone) => {
            person::by_name_and_phone(db, app, UnitId(0), &facts.name, Some(phone)).await?
        }
        None => None,
    };
    let found = match (by_phone, unit) {
        (Some(found), _) => Some(found),
        (None, Some(unit)) => person::by_name_and_phone(db, app, unit, &facts.name, None).await?,
        (None, None) => None,
    };
    let Some(id) = found else { return Ok(None) };
    let Some(found) = person::find(db, id).await? else {
        return Ok(None);
    };
    // A namesake with other numbers is somebody else.
    let known = person::details(app, &found)?;
    let differs = |one: &Option<String>, other: &Option<String>| matches!((one, other), (Some(one), Some(other)) if one != other);
    let other = differs(&known.staff_number, &facts.staff_number)
        || (by_phone.is_none() && differs(&known.phone, &facts.phone));
    Ok((!other).then_some(found))
}
