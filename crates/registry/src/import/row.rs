//! The rows of a form: which unit, which channel, who, and what changes. What is known under their words
//! is asked for all of them at once, and what is new is written at once.

use super::{
    draft::{Cells, Draft},
    known::{Found, Known},
    report::{Change, Problem, Verdict},
    said::{change, changes, facts},
    take::Options,
    who::Asked,
};
use crate::{
    channel::{
        Channel, ChannelPeople, Content, Facts, FilingState, NewChannel, RunningState,
        identity::{self, Key},
        register_all, rules, source, store,
        summary::{self, PaperFiling},
    },
    platform::{NamedBy, Platforms},
    settings::Registry,
};
use chrono::{Days, NaiveDate};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, Tx, UnitId, scope, text};
use zhendi_office::{Field, Form, FormKind};
use zhendi_people::unit::{self, NewUnit, UnitKind};

/// What became of a row whose cells could be read.
pub enum Settled {
    Refused(Problem),
    Taken {
        verdict: Verdict,
        changes: Vec<Change>,
        notices: Vec<String>,
    },
}

/// A unit as rows name it.
#[derive(Clone)]
pub struct KnownUnit {
    pub id: UnitId,
    name: String,
    short_name: String,
}

/// A row whose unit is known and may be imported for.
pub struct Placed<'f> {
    /// Which of the form's rows it is.
    pub at: usize,
    cells: Cells<'f>,
    pub unit: KnownUnit,
    pub draft: Draft,
    notices: Vec<String>,
    /// Those of a channel of which nothing else is known.
    pub facts: Facts,
    pub keys: Vec<Key>,
}

/// Carries what rows have in common.
pub struct Importer<'a> {
    pub(super) tx: &'a Tx,
    pub(super) app: &'a App,
    pub(super) actor: &'a Actor,
    options: &'a Options,
    platforms: &'a Platforms,
    settings: &'a Registry,
    root: Option<KnownUnit>,
    /// The unit to which the import is confined, by name.
    only: Option<String>,
    /// Folded names that were looked up before.
    units: HashMap<String, KnownUnit>,
    new_units: Vec<String>,
    /// What the actor may do where.
    allowed: HashMap<(Permission, UnitId), bool>,
}

impl<'a> Importer<'a> {
    pub async fn new(
        tx: &'a Tx,
        app: &'a App,
        actor: &'a Actor,
        options: &'a Options,
        platforms: &'a Platforms,
        settings: &'a Registry,
    ) -> Result<Self, Fault> {
        let root = unit::root(tx).await?.map(known);
        let only = match options.unit {
            Some(id) => Some(unit::find(tx, id).await?.ok_or(Fault::NotFound)?.name),
            None => None,
        };
        Ok(Self {
            tx,
            app,
            actor,
            options,
            platforms,
            settings,
            root,
            only,
            units: HashMap::new(),
            new_units: vec![],
            allowed: HashMap::new(),
        })
    }

    /// The units that were made.
    pub fn into_new_units(self) -> Vec<String> {
        self.new_units
    }

    /// Settles rows of a form, each named by its place there: finds or makes its unit, finds or makes its
    /// channel. What a form says twice is a mistake; what two forms say is not.
    pub async fn settle(
        &mut self,
        form: &Form,
        drafts: Vec<(usize, Draft)>,
    ) -> Result<Vec<(usize, Settled)>, Fault> {
        let mut settled = vec![];
        let mut placed = vec![];
        for (at, draft) in drafts {
            match self.place(form, at, draft).await? {
                Ok(row) => placed.push(row),
                Err(problem) => settled.push((at, Settled::Refused(problem))),
            }
        }
        let mut known = Known::of(self.tx, form, &placed).await?;
        let (mut new, mut old) = (vec![], vec![]);
        for (nth, mut row) in placed.into_iter().enumerate() {
            match known.find(nth, &row) {
                Found::Nothing => {
                    if let Some(first) = known.add(&row) {
                        row.notices.push(format!(
                            "该单位在{}上已有“{first}”。一个平台原则上只开设一个账号（集约化），请在网络阵地页面补充理由，或合并注销。",
                            self.platforms.name(&row.facts.platform),
                        ));
                    }
                    new.push(row);
                }
                Found::Channel(id) => old.push((row, id)),
                Found::Row(first) => {
                    let problem = row.cells.problem(
                        Field::Name,
                        format!("与第 {first} 行的单位、平台和名称（或账号 ID）相同。"),
                        "如确有第二个账号，请加一列“账号ID（网址）”填写它的 ID；一个平台开设第二个账号需说明理由，也可在网页上提交开设备案。",
                    );
                    settled.push((row.at, Settled::Refused(problem)));
                }
                Found::BeingFiled => {
                    let problem = row.cells.problem(
                        Field::AccountId,
                        "这个账号或网址正在办理备案。",
                        "请等备案办结，或先撤回备案再导入。",
                    );
                    settled.push((row.at, Settled::Refused(problem)));
                }
            }
        }
        // Boxed: deep futures of a caller as deep would not fit a thread's stack in unoptimised builds.
        Box::pin(self.create(new, &mut settled)).await?;
        Box::pin(self.update(old, &mut settled)).await?;
        Ok(settled)
    }

    /// Finds the row's unit and asks whether the actor may import for it.
    async fn place<'f>(
        &mut self,
        form: &'f Form,
        at: usize,
        mut draft: Draft,
    ) -> Result<Result<Placed<'f>, Problem>, Fault> {
        let row = &form.rows[at];
        let cells = Cells::new(form, row);
        let mut notices = std::mem::take(&mut draft.notices);
        if let Some(address) = &draft.offered_address {
            let offered = (form.file.clone(), form.sheet.clone(), row.row);
            if self.options.take_addresses.contains(&offered) {
                draft.address_or_id.clone_from(address);
            } else {
                notices.push(format!(
                    "备注中有网址 {address}，可作为该网站的网址；没有自动采用。"
                ));
            }
        }
        let unit = match self.unit(form, &cells, &draft).await? {
            Ok(unit) => unit,
            Err(problem) => return Ok(Err(problem)),
        };
        let needed = match form.kind {
            // What is filed on paper is the publicity department's to say.
            FormKind::Annex4 => Permission::ManageRegistry,
            _ => Permission::ImportChannels,
        };
        if !self.may(needed, unit.id).await? {
            let reason = match form.kind {
                FormKind::Annex4 => "备案汇总表由宣传部导入。",
                _ => "您不能导入这个单位的网络阵地。",
            };
            return Ok(Err(cells.problem(
                Field::OpeningUnit,
                reason,
                "请交由宣传部或该单位的联络员导入。",
            )));
        }
        let facts = facts(unit.id, &draft, None);
        let keys = identity::keys(&facts, named_by(self.platforms, &draft));
        Ok(Ok(Placed {
            at,
            cells,
            unit,
            draft,
            notices,
            facts,
            keys,
        }))
    }

    async fn unit(
        &mut self,
        form: &Form,
        cells: &Cells<'_>,
        draft: &Draft,
    ) -> Result<Result<KnownUnit, Problem>, Fault> {
        let declared = form.declared.unit.as_deref().unwrap_or_default();
        let name = match (draft.unit.as_str(), &self.only) {
            ("", Some(only)) => only.clone(),
            ("", None) => text::line(declared, 200).unwrap_or_default(),
            (named, _) => named.to_owned(),
        };
        let refuse = |reason: &str, suggestion: String| {
            Ok(Err(cells.problem(Field::OpeningUnit, reason, suggestion)))
        };
        if name.is_empty() {
            return refuse(
                "没有填写。",
                "请填写开设单位，或在表头填写填报单位。".into(),
            );
        }
        let key = text::fold(&name);
        let unit = match self.units.get(&key) {
            Some(unit) => return Ok(Ok(unit.clone())),
            None => match unit::by_name(self.tx, &name).await? {
                Some(unit) => known(unit),
                None if self.options.create_units => {
                    match self.create_unit(&name, &draft.certified_body).await? {
                        Some(unit) => unit,
                        None => {
                            return refuse(
                                "还没有任何单位，也没有填写认证主体，无法确定学校名称。",
                                "请填写认证主体，或先在系统中建立学校。".into(),
                            );
                        }
                    }
                }
                None => {
                    let nearest = unit::nearest(self.tx, &name, 3).await?;
                    return refuse(
                        "系统中没有这个单位。",
                        if nearest.is_empty() {
                            "请先建立该单位，或选择“自动新建单位”。".into()
                        } else {
                            format!(
                                "最接近的单位：{}。如是新单位，请先建立，或选择“自动新建单位”。",
                                nearest.join("、")
                            )
                        },
                    );
                }
            },
        };
        if let Some(only) = self.options.unit {
            let place = scope::place(self.tx, unit.id).await?;
            if !place.units.contains(&only) {
                return refuse(
                    "不是所选单位，也不在其下级。",
                    "请分单位导入，或不限定单位。".into(),
                );
            }
        }
        self.units.insert(key, unit.clone());
        Ok(Ok(unit))
    }

    async fn create_unit(
        &mut self,
        name: &str,
        certified_body: &str,
    ) -> Result<Option<KnownUnit>, Fault> {
        let make = |parent: Option<UnitId>, name: &str, kind| NewUnit {
            parent,
            name: name.into(),
            short_name: String::new(),
            kind,
            to_check: true,
        };
        if self.root.is_none() {
            if certified_body.is_empty() {
                return Ok(None);
            }
            let new = make(None, certified_body, UnitKind::School);
            let root = unit::create(self.tx, self.app, self.actor, new).await?;
            self.new_units.push(root.name.clone());
            let root = known(root);
            self.units.insert(text::fold(&root.name), root.clone());
            self.root = Some(root);
            if let Some(root) = self.units.get(&text::fold(name)) {
                return Ok(Some(root.clone()));
            }
        }
        let parent = self.root.as_ref().map(|root| root.id);
        let new = make(parent, name, UnitKind::Other);
        let unit = unit::create(self.tx, self.app, self.actor, new).await?;
        self.new_units.push(unit.name.clone());
        Ok(Some(known(unit)))
    }

    /// Whether the actor may do something at a unit; asked once for each.
    async fn may(&mut self, needed: Permission, unit: UnitId) -> Result<bool, Fault> {
        if let Some(may) = self.allowed.get(&(needed, unit)) {
            return Ok(*may);
        }
        let place = scope::place(self.tx, unit).await?;
        let may = self.actor.may(needed, &place);
        self.allowed.insert((needed, unit), may);
        Ok(may)
    }

    /// Puts new channels into the register.
    async fn create(
        &mut self,
        rows: Vec<Placed<'_>>,
        settled: &mut Vec<(usize, Settled)>,
    ) -> Result<(), Fault> {
        let nobody = ChannelPeople::default();
        let asked: Vec<Asked<'_>> = rows.iter().map(|row| row.asked(&nobody)).collect();
        let people = self.people(&asked).await?;
        let mut new = Vec::with_capacity(rows.len());
        for (mut row, people) in rows.into_iter().zip(people) {
            self.look_at_name(&row.unit, &row.facts, &mut row.notices);
            let (filing, running, filed_source, file_by) = match row.draft.filing {
                None => (
                    FilingState::Unfiled,
                    RunningState::Live,
                    None,
                    Some(self.catch_up_day()),
                ),
                Some(PaperFiling::Opening | PaperFiling::Change) => (
                    FilingState::Filed,
                    RunningState::Live,
                    Some(source::IMPORTED.into()),
                    None,
                ),
                Some(PaperFiling::Cancellation) => (
                    FilingState::Cancelled,
                    RunningState::Closed,
                    Some(source::IMPORTED.into()),
                    None,
                ),
            };
            let taken = Settled::Taken {
                verdict: Verdict::New,
                changes: changes(self.platforms, None, &row.facts, &row.draft),
                notices: row.notices,
            };
            settled.push((row.at, taken));
            new.push(NewChannel {
                facts: row.facts,
                people,
                filing,
                running,
                file_by,
                filed_source,
                filing_number: None,
                second_account_reason: None,
            });
        }
        register_all(self.tx, self.app, self.actor, new).await?;
        Ok(())
    }

    /// Takes what rows say of channels that are there.
    async fn update(
        &mut self,
        rows: Vec<(Placed<'_>, ChannelId)>,
        settled: &mut Vec<(usize, Settled)>,
    ) -> Result<(), Fault> {
        let ids: Vec<ChannelId> = rows.iter().map(|(_, id)| *id).collect();
        let mut channels = store::of_ids(self.tx, &ids).await?;
        let mut known = vec![];
        for (row, id) in rows {
            let channel = channels.remove(&id).ok_or(Fault::NotFound)?;
            let own = channel.place(self.tx).await?;
            if self.actor.may(Permission::ImportChannels, &own) {
                known.push((row, channel));
                continue;
            }
            let problem = row.cells.problem(
                Field::AccountId,
                "这个账号或网址登记在其他单位名下。",
                "请核对账号 ID 或网址；如已转交本单位，请联系宣传部。",
            );
            settled.push((row.at, Settled::Refused(problem)));
        }
        let asked: Vec<Asked<'_>> = known
            .iter()
            .map(|(row, channel)| row.asked(&channel.people))
            .collect();
        let people = self.people(&asked).await?;
        for ((row, channel), people) in known.into_iter().zip(people) {
            settled.push((row.at, self.change(row, channel, people).await?));
        }
        Ok(())
    }

    async fn change(
        &self,
        mut row: Placed<'_>,
        before: Channel,
        people: ChannelPeople,
    ) -> Result<Settled, Fault> {
        let mut facts = facts(row.unit.id, &row.draft, Some(&before.facts));
        let named_by = named_by(self.platforms, &row.draft);
        if identity::keys(&facts, named_by) == identity::keys(&before.facts, named_by) {
            // The same id or address in another spelling is no change.
            facts.address_or_id.clone_from(&before.facts.address_or_id);
        }
        if facts.name != before.facts.name {
            self.look_at_name(&row.unit, &facts, &mut row.notices);
        }
        let mut listed = changes(self.platforms, Some(&before.facts), &facts, &row.draft);
        listed.extend(self.people_changes(&before.people, &people).await?);
        let content = Content {
            facts,
            people,
            second_account_reason: before.second_account_reason.clone(),
        };
        let state = (before.filing, before.running);
        let filing = row.draft.filing;
        let taken = summary::take(self.tx, self.app, self.actor, before, content, filing).await;
        let after = match taken {
            Ok(after) => after,
            Err(Fault::Refused(reason)) => {
                return Ok(Settled::Refused(row.cells.problem(Field::Name, reason, "")));
            }
            Err(fault) => return Err(fault),
        };
        if state.0 != after.filing {
            listed.push(change("备案状态", state.0.label(), after.filing.label()));
        }
        if state.1 != after.running {
            listed.push(change("运行状态", state.1.label(), after.running.label()));
        }
        Ok(Settled::Taken {
            verdict: if listed.is_empty() {
                Verdict::Same
            } else {
                Verdict::Changed
            },
            changes: listed,
            notices: row.notices,
        })
    }

    fn look_at_name(&self, unit: &KnownUnit, facts: &Facts, notices: &mut Vec<String>) {
        let root = self.root.as_ref();
        let mut own = vec![unit.name.as_str(), unit.short_name.as_str()];
        if let Some(root) = root {
            own.extend([root.name.as_str(), root.short_name.as_str()]);
        }
        let words = &self.settings.misleading_words;
        for finding in rules::name_findings(&facts.name, &own, words) {
            notices.push(format!("{}：{}", finding.problem, finding.advice));
        }
    }

    fn catch_up_day(&self) -> NaiveDate {
        let days = Days::new(self.settings.days_to_catch_up.into());
        let today = self.app.clock.today();
        today.checked_add_days(days).unwrap_or(today)
    }
}

impl Placed<'_> {
    fn asked<'r>(&'r self, before: &'r ChannelPeople) -> Asked<'r> {
        Asked {
            unit: self.unit.id,
            draft: &self.draft,
            before,
        }
    }
}

fn known(unit: unit::Unit) -> KnownUnit {
    KnownUnit {
        id: unit.id,
        name: unit.name,
        short_name: unit.short_name,
    }
}

fn named_by(platforms: &Platforms, draft: &Draft) -> NamedBy {
    platforms
        .get(&draft.platform)
        .map_or(NamedBy::Account, |one| one.named_by)
}
