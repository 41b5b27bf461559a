//! Annex 3 beside the channel's record: what it says otherwise, and the filing that would say so.

use super::{
    super::report::{Compared, Difference, Prepared},
    Comparer,
    written::{self, Written},
};
use crate::{
    channel::{
        AnnexOne, Channel, Facts, FilingState, Holder, WebFacts,
        identity::{self, Owner},
        store,
    },
    filing::{Contact, Contacts, Content, Kind, Record},
    forms,
    platform::{NamedBy, PlatformCode},
};
use zhendi_kernel::{Fault, text};
use zhendi_office::{
    AnnexThreeForm,
    annex::{Item, Part},
};
use zhendi_people::unit::{self, Unit};

impl Comparer<'_> {
    pub(super) async fn registration(&self, form: &AnnexThreeForm) -> Result<Compared, Fault> {
        let written = written::read(form, self.platforms);
        let mut compared = Compared {
            file: form.file.clone(),
            sheet: form.sheet.clone(),
            form: "附件3 新媒体（网站）备案登记表".into(),
            of: written.content.name.clone(),
            ..Compared::default()
        };
        let unit = match self.unit(&written.unit).await? {
            Ok(unit) => unit,
            Err(why) => {
                compared.problem = Some(why);
                return Ok(compared);
            }
        };
        match self.find(&unit, &written.content).await? {
            Found::BeingFiled => {
                compared.problem = Some("这个账号或网址正在办理备案，请以备案表为准。".into());
            }
            Found::Nothing => self.unknown(form, written, unit, &mut compared),
            Found::Channel(channel) => {
                self.known(form, written, unit, *channel, &mut compared)
                    .await?;
            }
        }
        Ok(compared)
    }

    /// By id or address, else by unit, platform and name; the declared unit may be the one that it goes to.
    async fn find(&self, unit: &Unit, content: &Content) -> Result<Found, Fault> {
        let code = PlatformCode(content.platform.clone());
        let named_by = self
            .platforms
            .get(&code)
            .map_or(NamedBy::Account, |one| one.named_by);
        let facts = Facts {
            name: content.name.clone(),
            unit: unit.id,
            platform: code.clone(),
            address_or_id: content.address_or_id.clone(),
            certified_body: String::new(),
            opened_on: None,
            followers: None,
            posting_frequency: String::new(),
            responsible_department: String::new(),
            holder: Holder::Unit,
            icp: None,
            web: WebFacts::default(),
            survey: AnnexOne::default(),
            remark: String::new(),
        };
        for key in identity::keys(&facts, named_by) {
            match identity::owner_of(self.tx, &key).await? {
                Some(Owner::Channel(id)) => {
                    return Ok(Found::Channel(Box::new(store::get(self.tx, id).await?)));
                }
                Some(Owner::Filing(_)) => return Ok(Found::BeingFiled),
                None => {}
            }
        }
        let same = store::by_name(self.tx, unit.id, &code, &content.name).await?;
        Ok(match <[Channel; 1]>::try_from(same) {
            Ok([one]) => Found::Channel(Box::new(one)),
            Err(_) => Found::Nothing,
        })
    }

    fn unknown(
        &self,
        form: &AnnexThreeForm,
        written: Written,
        unit: Unit,
        compared: &mut Compared,
    ) {
        if written.content.name.is_empty() {
            compared.problem = Some("没有填写名称，无法比对。".into());
            return;
        }
        compared.unknown = true;
        let blank = Record {
            version: 0,
            unit: unit.id,
            content: Content::default(),
            contacts: Contacts::default(),
            people: Default::default(),
        };
        compared.differences = self.differences(form, &written, &blank);
        let mut content = written.content;
        content.holder = "unit".into();
        compared.draft = Some(Prepared {
            kind: Kind::Opening,
            channel: None,
            unit: Some(unit.id),
            record: None,
            content,
            contacts: written.contacts,
        });
    }

    async fn known(
        &self,
        form: &AnnexThreeForm,
        written: Written,
        unit: Unit,
        channel: Channel,
        compared: &mut Compared,
    ) -> Result<(), Fault> {
        compared.of.clone_from(&channel.facts.name);
        compared.href = Some(format!("/channels/{}", channel.id));
        let record = Record::of(self.tx, self.app, &channel).await?;
        compared.differences = self.differences(form, &written, &record);
        if unit.id != channel.facts.unit {
            let before = unit::find(self.tx, channel.facts.unit).await?;
            compared.differences.push(Difference {
                field: Item::Unit.label().into(),
                cell: form.reference(Item::Unit),
                registered: before.map(|unit| unit.name).unwrap_or_default(),
                written: unit.name.clone(),
            });
        }
        let kind = match (channel.filing, written.kind) {
            (FilingState::Unfiled, _) => Kind::Opening,
            (FilingState::Filed, Some(Kind::Cancellation)) => Kind::Cancellation,
            (FilingState::Filed, _) if !compared.differences.is_empty() => Kind::Change,
            _ => return Ok(()),
        };
        let mut content = over(&record.content, &written.content);
        if unit.id != channel.facts.unit && kind == Kind::Change {
            content.new_unit = unit.id.to_string();
        }
        compared.draft = Some(Prepared {
            kind,
            channel: Some(channel.id),
            unit: Some(channel.facts.unit),
            record: (kind == Kind::Change).then_some(record.version),
            content,
            contacts: people_over(&record.contacts, &written.contacts),
        });
        Ok(())
    }

    /// The cells that say something else than the record.
    fn differences(
        &self,
        form: &AnnexThreeForm,
        written: &Written,
        record: &Record,
    ) -> Vec<Difference> {
        let mut all = vec![];
        let mut one = |item: Item, field: String, registered: String, written: String| {
            if !written.is_empty() && text::fold(&written) != text::fold(&registered) {
                all.push(Difference {
                    field,
                    cell: form.reference(item),
                    registered,
                    written,
                });
            }
        };
        let printed = |content: &Content| {
            let code = PlatformCode(content.platform.clone());
            match self.platforms.get(&code) {
                Some(platform) => forms::platform_or_icp(platform, &content.icp),
                None => content.platform.clone(),
            }
        };
        let (was, now) = (&record.content, &written.content);
        let said = over(was, now);
        for (item, registered, written) in [
            (Item::Name, was.name.clone(), now.name.clone()),
            (
                Item::AddressOrId,
                was.address_or_id.clone(),
                now.address_or_id.clone(),
            ),
            (
                Item::CertifiedBody,
                was.certified_body.clone(),
                now.certified_body.clone(),
            ),
            (Item::PlatformOrIcp, printed(was), printed(&said)),
            (Item::OpenedOn, was.opened_on.clone(), now.opened_on.clone()),
            (
                Item::Followers,
                was.followers.clone(),
                now.followers.clone(),
            ),
            (
                Item::PostingFrequency,
                was.posting_frequency.clone(),
                now.posting_frequency.clone(),
            ),
            (
                Item::ResponsibleDepartment,
                was.responsible_department.clone(),
                now.responsible_department.clone(),
            ),
        ] {
            one(item, item.label().into(), registered, written);
        }
        let none = Contact::default();
        let mut row =
            |item: &dyn Fn(Part) -> Item, number: Option<usize>, was: &Contact, now: &Contact| {
                for part in Part::ALL {
                    let of = |contact: &Contact| match part {
                        Part::Name => contact.name.clone(),
                        Part::Post => contact.post.clone(),
                        Part::Phone => contact.phone.clone(),
                    };
                    let number = number.map(|n| format!(" {n}")).unwrap_or_default();
                    let field = format!("{}{number} · {}", item(part).label(), part.label());
                    one(item(part), field, of(was), of(now));
                }
            };
        let (was, now) = (&record.contacts, &written.contacts);
        row(&Item::Leader, None, &was.leader, &now.leader);
        for (at, contact) in now.reviewers.iter().enumerate() {
            let before = was.reviewers.get(at).unwrap_or(&none);
            row(
                &|part| Item::Reviewer(at, part),
                Some(at + 1),
                before,
                contact,
            );
        }
        for (at, contact) in now.operators.iter().enumerate() {
            let before = was.operators.get(at).unwrap_or(&none);
            row(
                &|part| Item::Operator(at, part),
                Some(at + 1),
                before,
                contact,
            );
        }
        all
    }
}

enum Found {
    Nothing,
    Channel(Box<Channel>),
    BeingFiled,
}

/// The record's cells with what is written over them.
fn over(record: &Content, written: &Content) -> Content {
    let said = |new: &str, old: &str| if new.is_empty() { old } else { new }.to_owned();
    Content {
        name: said(&written.name, &record.name),
        address_or_id: said(&written.address_or_id, &record.address_or_id),
        certified_body: said(&written.certified_body, &record.certified_body),
        platform: said(&written.platform, &record.platform),
        icp: said(&written.icp, &record.icp),
        opened_on: said(&written.opened_on, &record.opened_on),
        followers: said(&written.followers, &record.followers),
        posting_frequency: said(&written.posting_frequency, &record.posting_frequency),
        responsible_department: said(
            &written.responsible_department,
            &record.responsible_department,
        ),
        ..record.clone()
    }
}

fn people_over(record: &Contacts, written: &Contacts) -> Contacts {
    let everyone: Vec<&Contact> = std::iter::once(&record.leader)
        .chain(&record.reviewers)
        .chain(&record.operators)
        .collect();
    // 人员类别 has no cell in annex 3: of a person whom the register knows it stays.
    let one = |was: Option<&Contact>, now: &Contact| {
        let blank = Contact::default();
        let was = was.unwrap_or(&blank);
        let said = |new: &str, old: &str| if new.is_empty() { old } else { new }.to_owned();
        let name = said(&now.name, &was.name);
        let known = everyone.iter().find(|known| known.name == name);
        Contact {
            post: said(&now.post, &was.post),
            phone: said(&now.phone, &was.phone),
            employment: known
                .map(|known| known.employment.clone())
                .unwrap_or_default(),
            name,
        }
    };
    let rows = |was: &[Contact], now: &[Contact]| {
        (0..was.len().max(now.len()))
            .map(|at| one(was.get(at), now.get(at).unwrap_or(&Contact::default())))
            .collect()
    };
    Contacts {
        leader: one(Some(&record.leader), &written.leader),
        reviewers: rows(&record.reviewers, &written.reviewers),
        operators: rows(&record.operators, &written.operators),
    }
}
