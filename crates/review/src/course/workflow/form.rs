//! The form of a workflow: what was typed, and what it says.

use super::service::lawful;
use crate::course::rules::{Law, Level, Point, Proofread, Rung, Seat};
use zhendi_kernel::{
    PersonId,
    form::{Errors, Field, Posted},
    text,
};

/// One level of the form.
pub struct RungForm {
    pub level: Level,
    pub on: bool,
    pub seat: Field,
    pub persons: Vec<PersonId>,
    pub hours: Field,
    pub checklist: Field,
    pub proofread: Field,
}

/// The whole form.
pub struct Form {
    pub rungs: Vec<RungForm>,
    pub author_may_take_first: Field,
    pub restart: Field,
    pub correction_limit: Field,
    pub valid_days: Field,
    pub hold_hours: Field,
    pub always_major: Field,
    /// What is wrong with the whole.
    pub wrong: Option<String>,
}

/// Names of a level's fields, which must live as long as the program.
fn names(level: Level) -> [&'static str; 4] {
    match level {
        Level::One => [
            "seat_first",
            "hours_first",
            "checklist_first",
            "proofread_first",
        ],
        Level::Two => [
            "seat_second",
            "hours_second",
            "checklist_second",
            "proofread_second",
        ],
        Level::Three => [
            "seat_third",
            "hours_third",
            "checklist_third",
            "proofread_third",
        ],
        Level::Leader => [
            "seat_leader",
            "hours_leader",
            "checklist_leader",
            "proofread_leader",
        ],
    }
}

/// Required points begin with this.
const MUST: char = '*';

impl Form {
    /// What a law says.
    pub fn of(law: &Law) -> Self {
        let rule = Law::of_the_rule();
        let rungs = Level::ALL
            .iter()
            .map(|level| {
                let has = law.rung(*level);
                let rung = has
                    .or_else(|| rule.rung(*level))
                    .expect("the Rule has all levels");
                let checklist: Vec<String> = rung
                    .checklist
                    .iter()
                    .map(|point| match point.required {
                        true => format!("{MUST}{}", point.text),
                        false => point.text.clone(),
                    })
                    .collect();
                let [seat, hours, points, proofread] = names(*level);
                RungForm {
                    level: *level,
                    on: has.is_some(),
                    seat: Field::new(seat, "由谁办理", rung.seat.code()),
                    persons: rung.persons.clone(),
                    hours: Field::new(hours, "时限（工作小时）", rung.hours.to_string()),
                    checklist: Field::new(points, "检查清单", checklist.join("\n")),
                    proofread: Field::new(
                        proofread,
                        "校对",
                        rung.proofread.map_or("", Proofread::code),
                    ),
                }
            })
            .collect();
        let first = if law.author_may_take_first { "on" } else { "" };
        Self {
            rungs,
            author_may_take_first: Field::new("author_may_take_first", "作者初审", first),
            restart: Field::new("restart", "修改后从哪一级重审", law.restart.code()),
            correction_limit: Field::new(
                "correction_limit",
                "小改动的字数上限",
                law.correction_limit.to_string(),
            ),
            valid_days: Field::new("valid_days", "授权有效期（天）", law.valid_days.to_string()),
            hold_hours: Field::new(
                "hold_hours",
                "领取时限（工作小时）",
                law.hold_hours.to_string(),
            ),
            always_major: Field::new(
                "always_major",
                "一律作为重大事项的类别",
                law.always_major.join("\n"),
            ),
            wrong: None,
        }
    }

    /// What was posted.
    pub fn posted(posted: &Posted) -> Self {
        let mut form = Self::of(&Law::of_the_rule());
        for rung in &mut form.rungs {
            let code = rung.level.code();
            rung.on = posted.ticked(&format!("on_{code}"));
            let persons = format!("persons_{code}");
            rung.persons = posted
                .all(&persons)
                .filter_map(|id| id.parse().ok())
                .collect();
            for field in [
                &mut rung.seat,
                &mut rung.hours,
                &mut rung.checklist,
                &mut rung.proofread,
            ] {
                field.value = posted.get(field.name).to_owned();
            }
        }
        for field in [
            &mut form.author_may_take_first,
            &mut form.restart,
            &mut form.correction_limit,
            &mut form.valid_days,
            &mut form.hold_hours,
            &mut form.always_major,
        ] {
            field.value = posted.get(field.name).to_owned();
        }
        form
    }

    /// The law that was typed; none when something is wrong, which then stands on its field.
    pub fn law(&mut self) -> Option<Law> {
        let number = |raw: &str| raw.trim().parse::<u16>().map_err(|_| "请填数字。");
        let restart = self
            .restart
            .check(|raw| Level::parse(raw).ok_or("请选择。"));
        let correction_limit = self.correction_limit.check(number);
        let valid_days = self.valid_days.check(number);
        let hold_hours = self.hold_hours.check(number);
        let always_major = self.always_major.check(|raw| words(raw, 50));
        let mut levels = vec![];
        for rung in self.rungs.iter_mut().filter(|rung| rung.on) {
            let seat = rung.seat.check(|raw| Seat::parse(raw).ok_or("请选择。"));
            let hours = rung.hours.check(number);
            let checklist = rung.checklist.check(|raw| words(raw, 30));
            let proofread = rung
                .proofread
                .check(|raw| match (raw, Proofread::parse(raw)) {
                    ("", _) => Ok(None),
                    (_, Some(which)) => Ok(Some(which)),
                    _ => Err("请选择。"),
                });
            let point = |line: String| {
                let (required, text) = match line.strip_prefix([MUST, '＊']) {
                    Some(text) => (true, text.trim().to_owned()),
                    None => (false, line),
                };
                Point { text, required }
            };
            levels.push(Some(Rung {
                level: rung.level,
                seat: seat?,
                persons: rung.persons.clone(),
                hours: hours?,
                checklist: checklist?
                    .into_iter()
                    .map(point)
                    .filter(|one| !one.text.is_empty())
                    .collect(),
                proofread: proofread?,
            }));
        }
        let law = Law {
            levels: levels.into_iter().collect::<Option<_>>()?,
            author_may_take_first: !self.author_may_take_first.value.is_empty(),
            restart: restart?,
            correction_limit: correction_limit?,
            valid_days: valid_days?,
            hold_hours: hold_hours?,
            always_major: always_major?,
        };
        match lawful(&law) {
            Ok(()) => Some(law),
            Err(wrong) => {
                self.wrong = Some(wrong.to_string());
                None
            }
        }
    }

    /// What is wrong, for the top of the form.
    pub fn errors(&self) -> Errors {
        let fields = self
            .rungs
            .iter()
            .flat_map(|rung| [&rung.seat, &rung.hours, &rung.checklist, &rung.proofread])
            .chain([
                &self.restart,
                &self.correction_limit,
                &self.valid_days,
                &self.hold_hours,
                &self.always_major,
            ]);
        let mut found = zhendi_kernel::form::errors(fields);
        found.extend(self.wrong.iter().map(|wrong| ("restart", wrong.clone())));
        found
    }
}

/// Lines, each once, no more than so many.
fn words(raw: &str, most: usize) -> Result<Vec<String>, String> {
    let raw = text::lines(raw, 3_000).map_err(|error| error.to_string())?;
    let mut found: Vec<String> = vec![];
    for line in raw.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !found.iter().any(|one| one == line) {
            found.push(line.to_owned());
        }
    }
    if found.len() > most {
        return Err(format!("不能超过 {most} 行。"));
    }
    Ok(found)
}
