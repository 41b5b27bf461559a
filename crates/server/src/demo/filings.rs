//! Filings on their way: each thing done through the service that a page would call, by whoever's turn
//! it is.

use super::{
    channels::{frequency, staff},
    data::{self, PUBLICITY},
    filing_data::{Doing, FILINGS, FilingRow},
    load::Loader,
    people::{phone, row_of_person},
};
use zhendi_kernel::{Actor, Fault, Role, actor::Scope};
use zhendi_people::{
    person::Employment,
    role::{self, NewGrant},
};
use zhendi_registry::{
    channel::store,
    filing::{
        self, Contact, Contacts, Content, Draft, Filing, Kind, Opinion, PaperEntry, Purpose,
        Record, Scan, Step, Verdict,
    },
    settings::Seal,
};

/// A page of a scan: the smallest PDF that a reader opens.
pub(super) const SCAN: &[u8] = b"%PDF-1.4\n\
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

impl Loader<'_> {
    /// Does one thing to one filing.
    pub(super) async fn go_on(&mut self, n: usize, doing: Doing) -> Result<(), Fault> {
        let row = &FILINGS[n];
        let author = self.actor(author_of(row)).await?;
        if let Doing::Draft = doing {
            let draft = self.draft(row, false).await?;
            let filing = passed(filing::begin(self.app, &author, draft).await?)?;
            self.filings.insert(n, filing.id);
            return Ok(());
        }
        let id = *self.filings.get(&n).ok_or(Fault::NotFound)?;
        let filing = self.filing(id).await?;
        let seen = filing.version;
        let turn = filing.course.stage.step().map(|step| whose_turn(row, step));
        match doing {
            Doing::Draft => {}
            Doing::Admin => self.make_admin(&filing).await?,
            Doing::Correct => {
                let draft = self.draft(row, true).await?;
                passed(filing::edit(self.app, &author, id, seen, draft).await?)?;
            }
            Doing::Submit => {
                passed(filing::submit(self.app, &author, id, seen).await?)?;
            }
            Doing::Scan => {
                let scan = scan("登记表（盖章扫描件）.pdf");
                filing::attach(self.app, &author, id, scan, Purpose::SealedForm).await?;
            }
            Doing::Announce => {
                let scan = scan("注销公告.pdf");
                filing::attach(self.app, &author, id, scan, Purpose::ClosingNotice).await?;
            }
            Doing::Prove(note) => {
                let scan = Some(scan("平台注销截图.pdf"));
                passed(filing::prove(self.app, &author, id, seen, note, scan).await?)?;
            }
            Doing::Recheck(gone, note) => {
                let by = self.actor(data::OFFICER).await?;
                passed(filing::recheck(self.app, &by, id, seen, gone, note, None).await?)?;
            }
            Doing::Paper(number, text) => {
                let decider = turn.ok_or_else(|| Fault::internal("nobody's turn"))?;
                let entry = PaperEntry {
                    seen,
                    record: self.record(&filing).await?,
                    decider: Some(self.person(decider)),
                    verdict: Verdict::Agreed,
                    opinion: text.into(),
                    decided_on: self.app.clock.today().to_string(),
                    number: number.into(),
                    scan: Some(scan("纸质审批件.pdf")),
                };
                let by = self.actor(data::SECOND_OFFICER).await?;
                passed(filing::record_paper(self.app, &by, id, entry).await?)?;
            }
            Doing::Withdraw => {
                filing::withdraw(self.app, &author, id, seen).await?;
            }
            Doing::Sign(text) => self.agree(&filing, Step::Signature, turn, text).await?,
            Doing::Check(text) => self.agree(&filing, Step::Check, turn, text).await?,
            Doing::Decide(text) => self.agree(&filing, Step::Decision, turn, text).await?,
            Doing::Back(text) => {
                let by = self.turn(turn).await?;
                let said = opinion(&filing, None, text);
                passed(filing::send_back(self.app, &by, id, said).await?)?;
            }
        }
        Ok(())
    }

    async fn make_admin(&self, filing: &Filing) -> Result<(), Fault> {
        let security = self.actor(data::SECURITY).await?;
        let tx = self.app.db.begin().await?;
        let channel = store::get(&tx, filing.channel.ok_or(Fault::NotFound)?).await?;
        if let Some(operator) = channel.people.operators.first() {
            let new = NewGrant {
                person: *operator,
                role: Role::ChannelAdmin,
                scope: Scope::Channel(channel.id),
                until: None,
            };
            role::grant(&tx, self.app, &security, new).await?;
        }
        tx.commit().await.map_err(Fault::from)
    }

    async fn agree(
        &self,
        filing: &Filing,
        step: Step,
        turn: Option<&str>,
        text: &str,
    ) -> Result<(), Fault> {
        let by = self.turn(turn).await?;
        let said = opinion(filing, self.record(filing).await?, text);
        passed(filing::agree(self.app, &by, filing.id, step, said).await?)?;
        Ok(())
    }

    /// The version of the record that somebody sees beside a change.
    async fn record(&self, filing: &Filing) -> Result<Option<i32>, Fault> {
        match filing.channel.filter(|_| filing.kind == Kind::Change) {
            Some(id) => Ok(Some(store::get(self.app.db.read(), id).await?.version)),
            None => Ok(None),
        }
    }

    async fn turn(&self, name: Option<&str>) -> Result<Actor, Fault> {
        self.actor(name.ok_or_else(|| Fault::internal("nobody's turn"))?)
            .await
    }

    async fn filing(&self, id: zhendi_kernel::FilingId) -> Result<Filing, Fault> {
        filing::find(self.app.db.read(), self.app, id)
            .await?
            .ok_or(Fault::NotFound)
    }

    /// What the author writes; what is corrected says more.
    async fn draft(&self, row: &FilingRow, corrected: bool) -> Result<Draft, Fault> {
        let people = self.contacts(row.unit);
        if row.kind != Kind::Opening {
            return self.draft_upon(row).await;
        }
        let Some((name, id)) = row.opening else {
            let channel = self.channel(&format!("{}/{}", row.unit, row.platform));
            let known = store::get(self.app.db.read(), channel).await?;
            return Ok(Draft {
                kind: Kind::Opening,
                record: None,
                unit: Some(known.facts.unit),
                channel: Some(channel),
                content: Content::from(&known.facts),
                contacts: people,
            });
        };
        let content = Content {
            name: name.into(),
            address_or_id: id.into(),
            certified_body: data::INSTITUTION.into(),
            platform: row.platform.into(),
            posting_frequency: if corrected {
                "每周一、周四各 1 次".into()
            } else {
                frequency(row.platform).into()
            },
            responsible_department: self.name_of(row.unit).into(),
            holder: if row.post.is_empty() {
                "unit"
            } else {
                "person_by_post"
            }
            .into(),
            holder_post: row.post.into(),
            second_reason: row.second.into(),
            ..Content::default()
        };
        Ok(Draft {
            kind: Kind::Opening,
            record: None,
            unit: Some(self.unit(row.unit)),
            channel: None,
            content,
            // What has no id yet has just been begun.
            contacts: if id.is_empty() {
                Contacts::default()
            } else {
                people
            },
        })
    }

    /// A change or a cancellation: the record as it stands, and the cells that say something else.
    async fn draft_upon(&self, row: &FilingRow) -> Result<Draft, Fault> {
        let db = self.app.db.read();
        let id = self.channel(&format!("{}/{}", row.unit, row.platform));
        let channel = store::get(db, id).await?;
        let record = Record::of(db, self.app, &channel).await?;
        let mut content = record.content;
        for (cell, value) in row.cells {
            content.set(cell, (*value).into());
        }
        Ok(Draft {
            kind: row.kind,
            record: Some(record.version),
            unit: Some(record.unit),
            channel: Some(id),
            content,
            contacts: record.contacts,
        })
    }

    fn contacts(&self, unit: &str) -> Contacts {
        let contact = |name: &&str| {
            let (at, row) = row_of_person(name);
            Contact {
                name: row.name.into(),
                post: row.post.into(),
                phone: phone(at),
                employment: row.employment.code().into(),
            }
        };
        // Students run no channel (Notice 3(3)).
        let mut staff = staff(unit);
        staff.retain(|name| row_of_person(name).1.employment != Employment::Student);
        match &staff[..] {
            [leader, reviewer, operators @ ..] => Contacts {
                leader: contact(leader),
                reviewers: vec![contact(reviewer)],
                operators: operators
                    .first()
                    .or(Some(reviewer))
                    .map(contact)
                    .into_iter()
                    .collect(),
            },
            _ => Contacts::default(),
        }
    }

    fn name_of(&self, unit: &str) -> &'static str {
        let row = data::UNITS.iter().find(|row| row.short == unit);
        row.map_or("", |row| row.name)
    }
}

/// Who fills in a unit's forms.
fn author_of(row: &FilingRow) -> &'static str {
    match row.unit {
        PUBLICITY => data::SECOND_OFFICER,
        unit => staff(unit)[1],
    }
}

/// Who has a step of a unit's filing; the publicity department's go by R-ORG-11.
fn whose_turn(row: &FilingRow, step: Step) -> &'static str {
    match (step, row.unit) {
        (Step::Signature, PUBLICITY) => data::DEPUTY,
        (Step::Signature, unit) => row.signer.unwrap_or_else(|| staff(unit)[0]),
        (Step::Check, _) => data::OFFICER,
        (Step::Decision, _) => data::CHIEF,
    }
}

fn opinion(filing: &Filing, record: Option<i32>, text: &str) -> Opinion {
    let ticked = filing::checklist(filing.kind, Seal::BeforeDecision);
    Opinion {
        seen: filing.version,
        record,
        text: text.into(),
        ticked: ticked.iter().map(|item| item.code.into()).collect(),
    }
}

fn scan(name: &str) -> Scan {
    Scan {
        name: name.into(),
        bytes: SCAN.into(),
    }
}

/// The tables are complete: what a form would refuse is a mistake in them.
fn passed<T>(answer: Result<T, Vec<filing::Wrong>>) -> Result<T, Fault> {
    answer.map_err(|wrongs| {
        let said: Vec<String> = wrongs
            .iter()
            .map(|wrong| format!("{}：{}", wrong.field, wrong.text))
            .collect();
        Fault::internal(format!("demonstration data refused: {}", said.join("；")))
    })
}
