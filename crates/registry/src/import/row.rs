//! One row: which unit, which channel, who, and what changes.

use super::{
    draft::{Cells, Draft, Named},
    report::{Change, Problem, Verdict},
    take::Options,
};
use crate::{
    channel::{
        AnnexOne, Channel, ChannelPeople, Content, Facts, FilingState, Holder, NewChannel,
        RunningState, identity,
        identity::Owner,
        register, rules, source, store,
        summary::{self, PaperFiling},
    },
    platform::Platforms,
    settings::Registry,
};
use chrono::{Days, NaiveDate};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, PersonId, Tx, UnitId, scope, text};
use zhendi_office::{Field, Form, FormKind, FormRow};
use zhendi_people::{
    person::{self, NewPerson},
    unit::{self, NewUnit, UnitKind},
};

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
struct KnownUnit {
    id: UnitId,
    name: String,
    short_name: String,
}

/// Carries what rows have in common.
pub struct Importer<'a> {
    tx: &'a Tx,
    app: &'a App,
    actor: &'a Actor,
    options: &'a Options,
    platforms: &'a Platforms,
    settings: &'a Registry,
    root: Option<KnownUnit>,
    /// Folded names that were looked up before.
    units: HashMap<String, KnownUnit>,
    new_units: Vec<String>,
    /// Channels that the present form has named, with the row.
    named: HashMap<ChannelId, u32>,
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
        Ok(Self {
            tx,
            app,
            actor,
            options,
            platforms,
            settings,
            root,
            units: HashMap::new(),
            new_units: vec![],
            named: HashMap::new(),
        })
    }

    /// A new form begins: what it says twice is a mistake, what two forms say is not.
    pub fn begin_form(&mut self) {
        self.named.clear();
    }

    /// The units that were made.
    pub fn into_new_units(self) -> Vec<String> {
        self.new_units
    }

    /// Settles one row: finds or makes its unit, finds or makes its channel.
    pub async fn settle(
        &mut self,
        form: &Form,
        row: &FormRow,
        mut draft: Draft,
    ) -> Result<Settled, Fault> {
        let cells = Cells::new(form, row);
        let offered = (form.file.clone(), form.sheet.clone(), row.row);
        let mut notices = std::mem::take(&mut draft.notices);
        if let Some(address) = &draft.offered_address {
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
            Err(problem) => return Ok(Settled::Refused(problem)),
        };
        let needed = match form.kind {
            // What is filed on paper is the publicity department's to say.
            FormKind::Annex4 => Permission::ManageRegistry,
            _ => Permission::ImportChannels,
        };
        let place = scope::place(self.tx, unit.id).await?;
        if !self.actor.may(needed, &place) {
            let reason = match form.kind {
                FormKind::Annex4 => "备案汇总表由宣传部导入。",
                _ => "您不能导入这个单位的网络阵地。",
            };
            return Ok(Settled::Refused(cells.problem(
                Field::OpeningUnit,
                reason,
                "请交由宣传部或该单位的联络员导入。",
            )));
        }
        let found = match self.find(&unit, &draft).await? {
            Found::Nothing => None,
            Found::Channel(channel) => Some(*channel),
            Found::BeingFiled => {
                return Ok(Settled::Refused(cells.problem(
                    Field::AccountId,
                    "这个账号或网址正在办理备案。",
                    "请等备案办结，或先撤回备案再导入。",
                )));
            }
        };
        if let Some(channel) = &found
            && let Some(first) = self.named.get(&channel.id)
        {
            return Ok(Settled::Refused(cells.problem(
                Field::Name,
                format!("与第 {first} 行的单位、平台和名称（或账号 ID）相同。"),
                "如确有第二个账号，请加一列“账号ID（网址）”填写它的 ID；一个平台开设第二个账号需说明理由，也可在网页上提交开设备案。",
            )));
        }
        let settled = match found {
            Some(channel) => {
                self.update(&cells, unit, channel, draft, notices, row)
                    .await?
            }
            None => self.create(&cells, unit, draft, notices, row).await?,
        };
        Ok(settled)
    }

    async fn unit(
        &mut self,
        form: &Form,
        cells: &Cells<'_>,
        draft: &Draft,
    ) -> Result<Result<KnownUnit, Problem>, Fault> {
        let declared = form.declared.unit.as_deref().unwrap_or_default();
        let name = match (draft.unit.as_str(), self.options.unit) {
            ("", Some(id)) => {
                let unit = unit::find(self.tx, id).await?.ok_or(Fault::NotFound)?;
                unit.name
            }
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
            Some(unit) => unit.clone(),
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

    /// The channel that a row means: by id or address; else, as annexes without ids mean it, by unit,
    /// platform and name. A channel whose other id is known is another one.
    async fn find(&self, unit: &KnownUnit, draft: &Draft) -> Result<Found, Fault> {
        let facts = facts(unit, draft, None);
        for key in identity::keys(&facts, named_by(self.platforms, draft)) {
            match identity::owner_of(self.tx, &key).await? {
                Some(Owner::Channel(id)) => {
                    return Ok(Found::Channel(Box::new(store::get(self.tx, id).await?)));
                }
                Some(Owner::Filing(_)) => return Ok(Found::BeingFiled),
                None => {}
            }
        }
        let same = store::by_name(self.tx, unit.id, &draft.platform, &draft.name).await?;
        let found = same
            .into_iter()
            .find(|one| draft.address_or_id.is_empty() || one.facts.address_or_id.is_empty());
        Ok(found.map_or(Found::Nothing, |channel| Found::Channel(Box::new(channel))))
    }

    async fn create(
        &mut self,
        cells: &Cells<'_>,
        unit: KnownUnit,
        draft: Draft,
        mut notices: Vec<String>,
        row: &FormRow,
    ) -> Result<Settled, Fault> {
        let facts = facts(&unit, &draft, None);
        self.look_at_name(&unit, &facts, &mut notices);
        let others = store::on_platform(self.tx, unit.id, &facts.platform).await?;
        if let Some(first) = others.first() {
            notices.push(format!(
                "该单位在{}上已有“{}”。一个平台原则上只开设一个账号（集约化），请在网络阵地页面补充理由，或合并注销。",
                self.platforms.name(&facts.platform),
                first.facts.name
            ));
        }
        let people = self
            .people(unit.id, &draft, &ChannelPeople::default())
            .await?;
        let (filing, running, filed_source, file_by) = match draft.filing {
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
        let changes = changes(self.platforms, None, &facts, &draft);
        let new = NewChannel {
            facts,
            people,
            filing,
            running,
            file_by,
            filed_source,
            filing_number: None,
            second_account_reason: None,
        };
        let channel = match register(self.tx, self.app, self.actor, new, None).await {
            Ok(channel) => channel,
            Err(Fault::Refused(reason)) => {
                return Ok(Settled::Refused(cells.problem(
                    Field::AccountId,
                    reason,
                    "",
                )));
            }
            Err(fault) => return Err(fault),
        };
        self.named.insert(channel.id, row.row);
        Ok(Settled::Taken {
            verdict: Verdict::New,
            changes,
            notices,
        })
    }

    async fn update(
        &mut self,
        cells: &Cells<'_>,
        unit: KnownUnit,
        before: Channel,
        draft: Draft,
        mut notices: Vec<String>,
        row: &FormRow,
    ) -> Result<Settled, Fault> {
        let id = before.id;
        let own = before.place(self.tx).await?;
        if !self.actor.may(Permission::ImportChannels, &own) {
            return Ok(Settled::Refused(cells.problem(
                Field::AccountId,
                "这个账号或网址登记在其他单位名下。",
                "请核对账号 ID 或网址；如已转交本单位，请联系宣传部。",
            )));
        }
        let mut facts = facts(&unit, &draft, Some(&before.facts));
        let named_by = named_by(self.platforms, &draft);
        if identity::keys(&facts, named_by) == identity::keys(&before.facts, named_by) {
            // The same id or address in another spelling is no change.
            facts.address_or_id.clone_from(&before.facts.address_or_id);
        }
        if facts.name != before.facts.name {
            self.look_at_name(&unit, &facts, &mut notices);
        }
        let mut listed = changes(self.platforms, Some(&before.facts), &facts, &draft);
        let people = self.people(unit.id, &draft, &before.people).await?;
        listed.extend(self.people_changes(&before.people, &people).await?);
        let content = Content {
            facts,
            people,
            second_account_reason: before.second_account_reason.clone(),
        };
        let state = (before.filing, before.running);
        let taken =
            summary::take(self.tx, self.app, self.actor, before, content, draft.filing).await;
        let after = match taken {
            Ok(after) => after,
            Err(Fault::Refused(reason)) => {
                return Ok(Settled::Refused(cells.problem(Field::Name, reason, "")));
            }
            Err(fault) => return Err(fault),
        };
        if state.0 != after.filing {
            listed.push(change("备案状态", state.0.label(), after.filing.label()));
        }
        if state.1 != after.running {
            listed.push(change("运行状态", state.1.label(), after.running.label()));
        }
        self.named.insert(id, row.row);
        Ok(Settled::Taken {
            verdict: if listed.is_empty() {
                Verdict::Same
            } else {
                Verdict::Changed
            },
            changes: listed,
            notices,
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

    /// Persons named by a row take the place of those that the channel has; what it does not name stays.
    async fn people(
        &self,
        unit: UnitId,
        draft: &Draft,
        before: &ChannelPeople,
    ) -> Result<ChannelPeople, Fault> {
        let mut people = before.clone();
        if let Some(leader) = &draft.leader {
            people.leader = Some(self.person(unit, leader, before.leader.as_slice()).await?);
        }
        if !draft.reviewers.is_empty() {
            people.reviewers = self
                .persons(unit, &draft.reviewers, &before.reviewers)
                .await?;
        }
        if !draft.operators.is_empty() {
            let named = self
                .persons(unit, &draft.operators, &before.operators)
                .await?;
            // The annexes name the one in charge; further operators of annex 3 stay behind.
            let others = before.operators.iter().filter(|one| !named.contains(one));
            let kept: Vec<PersonId> = others
                .skip(usize::from(
                    !before
                        .operators
                        .first()
                        .is_none_or(|first| named.contains(first)),
                ))
                .copied()
                .collect();
            people.operators = named;
            people.operators.extend(kept);
        }
        Ok(people)
    }

    async fn persons(
        &self,
        unit: UnitId,
        named: &[Named],
        before: &[PersonId],
    ) -> Result<Vec<PersonId>, Fault> {
        let mut ids = vec![];
        for one in named {
            let id = self.person(unit, one, before).await?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// The person that a row names: one whom the channel has already by this name, else by name and
    /// phone, else the only one of the name in the unit, else a new contact without a sign-in.
    async fn person(
        &self,
        unit: UnitId,
        named: &Named,
        before: &[PersonId],
    ) -> Result<PersonId, Fault> {
        if named.phone.is_none() {
            let known = person::names(self.tx, before.iter().copied()).await?;
            let same = known.iter().find(|(_, name)| **name == named.name);
            if let Some((id, _)) = same {
                return Ok(*id);
            }
        }
        let phone = named.phone.as_deref();
        let found = person::by_name_and_phone(self.tx, self.app, unit, &named.name, phone).await?;
        if let Some(id) = found {
            return Ok(id);
        }
        let new = NewPerson {
            unit,
            name: named.name.clone(),
            employment: None,
            post: String::new(),
            phone: named.phone.clone(),
            mail: None,
            staff_number: None,
        };
        person::create_contact(self.tx, self.app, self.actor, new).await
    }

    async fn people_changes(
        &self,
        before: &ChannelPeople,
        after: &ChannelPeople,
    ) -> Result<Vec<Change>, Fault> {
        let everyone = before.all().into_iter().chain(after.all());
        let names = person::names(self.tx, everyone).await?;
        let shown = |ids: &[PersonId]| {
            let known: Vec<&str> = ids
                .iter()
                .filter_map(|id| names.get(id).map(String::as_str))
                .collect();
            known.join("、")
        };
        let pairs = [
            (
                "主管领导",
                before.leader.as_slice(),
                after.leader.as_slice(),
            ),
            ("审核人", &before.reviewers, &after.reviewers),
            ("运维人员", &before.operators, &after.operators),
        ];
        Ok(pairs
            .into_iter()
            .filter(|(_, before, after)| before != after)
            .map(|(field, before, after)| change(field, shown(before), shown(after)))
            .collect())
    }

    fn catch_up_day(&self) -> NaiveDate {
        let days = Days::new(self.settings.days_to_catch_up.into());
        let today = self.app.clock.today();
        today.checked_add_days(days).unwrap_or(today)
    }
}

enum Found {
    Nothing,
    Channel(Box<Channel>),
    BeingFiled,
}

fn known(unit: unit::Unit) -> KnownUnit {
    KnownUnit {
        id: unit.id,
        name: unit.name,
        short_name: unit.short_name,
    }
}

fn named_by(platforms: &Platforms, draft: &Draft) -> crate::platform::NamedBy {
    platforms
        .get(&draft.platform)
        .map_or(crate::platform::NamedBy::Account, |one| one.named_by)
}

/// The facts after a row: what it says over what was known. Blank cells say nothing.
fn facts(unit: &KnownUnit, draft: &Draft, before: Option<&Facts>) -> Facts {
    let old = before.cloned().unwrap_or_else(|| Facts {
        name: String::new(),
        unit: unit.id,
        platform: draft.platform.clone(),
        address_or_id: String::new(),
        certified_body: String::new(),
        opened_on: None,
        followers: None,
        posting_frequency: String::new(),
        responsible_department: String::new(),
        holder: Holder::Unit,
        icp: None,
        survey: AnnexOne::default(),
        remark: String::new(),
    });
    let said = |new: &str, old: String| if new.is_empty() { old } else { new.to_owned() };
    // The same name in another spelling is no change.
    let name = if text::fold(&draft.name) == text::fold(&old.name) {
        old.name
    } else {
        draft.name.clone()
    };
    Facts {
        name,
        unit: unit.id,
        platform: draft.platform.clone(),
        address_or_id: said(&draft.address_or_id, old.address_or_id),
        certified_body: said(&draft.certified_body, old.certified_body),
        opened_on: draft.opened_on.or(old.opened_on),
        survey: AnnexOne {
            problem: said(&draft.problem, old.survey.problem),
            rectified: draft.rectified.or(old.survey.rectified),
            interactive: draft.interactive.or(old.survey.interactive),
            review_system: draft.review_system.or(old.survey.review_system),
            outsourced: draft.outsourced.or(old.survey.outsourced),
            operator: old.survey.operator,
        },
        remark: said(&draft.remark, old.remark),
        followers: old.followers,
        posting_frequency: old.posting_frequency,
        responsible_department: old.responsible_department,
        holder: old.holder,
        icp: old.icp,
    }
}

fn change(field: &str, before: impl Into<String>, after: impl Into<String>) -> Change {
    Change {
        field: field.into(),
        before: before.into(),
        after: after.into(),
    }
}

/// What differs, field by field; of a new channel everything that is said, its people included.
fn changes(
    platforms: &Platforms,
    before: Option<&Facts>,
    after: &Facts,
    draft: &Draft,
) -> Vec<Change> {
    let yes_no = |answer: Option<bool>| match answer {
        Some(true) => "是".to_owned(),
        Some(false) => "否".to_owned(),
        None => String::new(),
    };
    let shown = |facts: &Facts| -> Vec<(&'static str, String)> {
        vec![
            ("名称", facts.name.clone()),
            ("平台", platforms.name(&facts.platform).to_owned()),
            ("账号 ID（网址）", facts.address_or_id.clone()),
            ("认证主体", facts.certified_body.clone()),
            (
                "开通时间",
                facts
                    .opened_on
                    .map(|date| date.to_string())
                    .unwrap_or_default(),
            ),
            ("问题排查情况", facts.survey.problem.clone()),
            ("是否整改", yes_no(facts.survey.rectified)),
            ("是否具有互动功能", yes_no(facts.survey.interactive)),
            (
                "是否建立内容发布审核制度",
                yes_no(facts.survey.review_system),
            ),
            ("是否委托其他单位运营", yes_no(facts.survey.outsourced)),
            ("备注", facts.remark.clone()),
        ]
    };
    let old = before.map(shown);
    let mut all: Vec<Change> = shown(after)
        .into_iter()
        .enumerate()
        .filter_map(|(i, (field, after))| {
            let before = old.as_ref().map_or("", |old| old[i].1.as_str());
            (before != after).then(|| change(field, before, after))
        })
        .collect();
    if before.is_some_and(|before| before.unit != after.unit) {
        all.push(change("开设单位", "", draft.unit.clone()));
    }
    if before.is_none() {
        let names = |people: &[Named]| {
            let all: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
            all.join("、")
        };
        let people = [
            ("主管领导", names(draft.leader.as_slice())),
            ("审核人", names(&draft.reviewers)),
            ("运维人员", names(&draft.operators)),
        ];
        all.extend(
            people
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(field, names)| change(field, "", names)),
        );
    }
    all
}
