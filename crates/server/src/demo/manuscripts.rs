//! Manuscripts on their way: each thing done through the service that a page would call, by whoever's turn it is.

use super::{
    data,
    filings::SCAN,
    load::Loader,
    manuscript_data::{Act, EMERGENCY, MANUSCRIPTS, ManuscriptRow},
};
use zhendi_kernel::{Actor, ChannelId, Fault};
use zhendi_review::{
    course::{self, Asked, Checked, Course, Deed, ProofRecord, Said, Submitting, Target, Verdict},
    deciding::{self, Answer, Spot},
    ids::ManuscriptId,
    manuscript::{self, Draft, Origin, Save, Saved},
    paper,
    publication::{self, TakeDown, Upload, emergency},
};

/// A screenshot: the smallest picture that a reader opens.
const SCREENSHOT: &[u8] = include_bytes!("texts/screenshot.png");

impl Loader<'_> {
    /// The publicity head names who may publish in an emergency.
    pub(super) async fn name_emergency(&mut self) -> Result<(), Fault> {
        let chief = self.actor(data::CHIEF).await?;
        for name in EMERGENCY {
            emergency::name(self.app, &chief, self.person(name), None).await?;
        }
        Ok(())
    }

    /// Does one thing to one manuscript.
    pub(super) async fn write_on(&mut self, n: usize, act: Act) -> Result<(), Fault> {
        let row = &MANUSCRIPTS[n];
        let app = self.app;
        let author = self.actor(row.author).await?;
        if let Act::Write = act {
            let draft = self.draft_of(row, false);
            let made = manuscript::begin(app, &author, self.unit(row.unit), draft).await?;
            self.manuscripts.insert(n, made.id);
            return Ok(());
        }
        let id = *self.manuscripts.get(&n).ok_or(Fault::NotFound)?;
        match act {
            Act::Write => {}
            Act::Submit(note) => {
                let submitting = Submitting {
                    note: note.into(),
                    ..Submitting::default()
                };
                course::submit(app, &author, id, submitting).await?;
            }
            Act::Revise => self.revise(row, id, &author).await?,
            Act::Recall(why) => {
                let seen = self.course_of(id).await?.version;
                course::recall(app, &author, id, seen, why).await?;
            }
            Act::Emergency(reason) => {
                let channels: Vec<ChannelId> =
                    row.channels.iter().map(|key| self.channel(key)).collect();
                let out = emergency::publish(app, &author, id, &channels, reason).await?;
                out.map_err(|wrongs| Fault::internal(format!("{wrongs:?}")))?;
            }
            Act::Publish(link) => self.publish(row, id, link).await?,
            Act::Withdraw(reason, note) => self.take_down(row, id, reason, note).await?,
            _ => self.decide_on(row, id, act).await?,
        }
        Ok(())
    }

    async fn course_of(&self, id: ManuscriptId) -> Result<Course, Fault> {
        course::of(self.app.db.read(), id)
            .await?
            .ok_or(Fault::NotFound)
    }

    /// What is done by whose turn it is.
    async fn decide_on(
        &self,
        row: &ManuscriptRow,
        id: ManuscriptId,
        act: Act,
    ) -> Result<(), Fault> {
        let (app, now) = (self.app, self.course_of(id).await?);
        let (seen, content) = (now.version, now.content().0);
        let turn = usize::try_from(now.level.rank() - 1).map_err(Fault::internal)?;
        let name = *row
            .reviewers
            .get(turn)
            .ok_or_else(|| Fault::internal("nobody's turn"))?;
        let by = self.actor(name).await?;
        let deed = match act {
            Act::Take => {
                course::take(app, &by, id, seen).await?;
                return Ok(());
            }
            Act::Major(why) => {
                course::mark_major(app, &by, id, seen, true, why).await?;
                return Ok(());
            }
            Act::Paper(number, opinion) => {
                let officer = self.actor(data::OFFICER).await?;
                let entry = paper::Entry {
                    seen,
                    decider: self.person(name),
                    verdict: Verdict::Approve,
                    opinion: opinion.into(),
                    decided_on: app.clock.today(),
                    number: number.into(),
                    scan: paper::Scan {
                        name: "纸质审批件.pdf".into(),
                        bytes: SCAN.into(),
                    },
                };
                paper::record(app, &officer, id, entry).await?;
                return Ok(());
            }
            Act::Pass(opinion, errors) => Deed::Approve(said(&now, opinion, errors)),
            Act::Again => Deed::Reapprove("同意改动".into()),
            Act::Discard(why) => Deed::Discard(why.into()),
            Act::Back(opinion, points) => {
                for (quote, what) in points {
                    let spot = Spot::Words(0..0, (*quote).into());
                    deciding::annotate(app, &by, id, content, spot, what).await?;
                }
                let asked = points.iter().map(|(quote, what)| Asked {
                    what: (*what).into(),
                    quote: (*quote).into(),
                    range: None,
                });
                let said = Said {
                    opinion: opinion.into(),
                    asked: asked.collect(),
                    ..Said::default()
                };
                Deed::Return(Target::Author, said)
            }
            _ => return Err(Fault::internal("no deed of a level")),
        };
        let opened = course::open_for(app, &by, id).await?;
        let seen = opened.0.version;
        course::decide(app, &by, opened, seen, deed).await?;
        Ok(())
    }

    /// Answers what was asked and saves the changed text.
    async fn revise(&self, row: &ManuscriptRow, id: ManuscriptId, by: &Actor) -> Result<(), Fault> {
        let app = self.app;
        let now = self.course_of(id).await?;
        if now.stage == course::Stage::Returned {
            let asked = deciding::annotations(app.db.read(), now.content().0).await?;
            let answers = asked
                .iter()
                .map(|one| (one.id, Answer::Done, String::new()))
                .collect();
            deciding::reply(app, by, id, answers).await?;
        }
        let before = manuscript::load(app.db.read(), id).await?;
        let draft = self.draft_of(row, true);
        match manuscript::save(app, by, id, Save::Over(before.revision), draft).await? {
            Saved::Done(_) => Ok(()),
            Saved::Conflict { .. } => Err(Fault::Stale),
        }
    }

    /// By hand, on the main channel: the link and a screenshot.
    async fn publish(
        &self,
        row: &ManuscriptRow,
        id: ManuscriptId,
        link: &str,
    ) -> Result<(), Fault> {
        let main = self.channel(row.channels[0]);
        let waiting = publication::of(self.app.db.read(), id).await?;
        let one = waiting
            .iter()
            .find(|one| one.channel == main)
            .ok_or(Fault::NotFound)?;
        let by = self.actor(row.reviewers[0]).await?;
        let shot = Some(screenshot());
        publication::confirm(self.app, &by, one.id, one.version, link, shot)
            .await?
            .map_err(|wrongs| Fault::internal(format!("{wrongs:?}")))?;
        Ok(())
    }

    async fn take_down(
        &self,
        row: &ManuscriptRow,
        id: ManuscriptId,
        reason: &str,
        note: &str,
    ) -> Result<(), Fault> {
        let all = publication::of(self.app.db.read(), id).await?;
        let one = all.first().ok_or(Fault::NotFound)?;
        let by = self.actor(row.reviewers[0]).await?;
        let said = TakeDown {
            reason: reason.into(),
            note: note.into(),
            proof: Some(screenshot()),
        };
        publication::withdraw(self.app, &by, one.id, one.version, said)
            .await?
            .map_err(|wrongs| Fault::internal(format!("{wrongs:?}")))?;
        Ok(())
    }

    fn draft_of(&self, row: &ManuscriptRow, revised: bool) -> Draft {
        let mut html = String::new();
        for paragraph in row.text {
            let mut text = (*paragraph).to_owned();
            if revised {
                for (from, to) in row.changes {
                    text = text.replace(from, to);
                }
            }
            match text.strip_prefix("# ") {
                Some(heading) => html += &format!("<h2>{heading}</h2>"),
                None => html += &format!("<p>{text}</p>"),
            }
        }
        let (source, source_link, source_title) = row.source.unwrap_or_default();
        Draft {
            html,
            channels: row.channels.iter().map(|key| self.channel(key)).collect(),
            category: row.category.into(),
            origin: match row.source {
                Some(_) => Origin::Reprint,
                None => Origin::Original,
            },
            source: source.into(),
            source_link: source_link.into(),
            source_title: source_title.into(),
            ..Draft::titled(row.title)
        }
    }
}

fn screenshot() -> Upload {
    Upload {
        name: "发布截图.png".into(),
        bytes: SCREENSHOT.into(),
    }
}

/// Agreement at the level that has it: every point ticked, its proofread done.
fn said(now: &Course, opinion: &str, errors: &[(&str, u32)]) -> Said {
    let rung = now.law.rung(now.level);
    let checklist = rung.map_or(&[][..], |rung| &rung.checklist);
    Said {
        opinion: opinion.into(),
        checklist: checklist
            .iter()
            .map(|point| Checked {
                text: point.text.clone(),
                required: point.required,
                ok: true,
            })
            .collect(),
        proofread: rung
            .and_then(|rung| rung.proofread)
            .map(|which| ProofRecord {
                which,
                errors: errors
                    .iter()
                    .map(|(kind, number)| ((*kind).to_owned(), *number))
                    .collect(),
            }),
        asked: vec![],
    }
}
