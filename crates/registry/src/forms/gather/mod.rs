//! The content of a form, read from the database for a reader and hashed as it comes.

mod accounts;
mod register;
mod summary;
mod yearly;

pub use register::platform_or_icp;
pub use summary::Summary;

use super::{
    reader::Reader,
    spool::{Lines, Spool},
    subject::{Annex, Reach, Subject},
    survey::Survey,
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{Actor, App, Fault, UnitId};
use zhendi_office::{
    annex::{AnnexThree, Delivery, Head, annex_four, annex_one},
    sheet::{Proof, Sheet},
};
use zhendi_people::{person, unit};

/// A form with everything that stands in it.
pub struct Gathered {
    pub subject: Subject,
    pub head: Head,
    delivery: Delivery,
    /// The unit that the form is of; none for forms of everything that its reader may see.
    pub unit: Option<UnitId>,
    /// What files are named by: the unit's short name, or the channel's name.
    pub named: String,
    /// Document number, where there is one.
    pub number: String,
    /// SHA-256 of the rows in hex.
    pub hash: String,
    /// Rows of the table; of annex 3 always 1.
    pub rows: u64,
    /// How many telephone numbers stand in it in full.
    pub numbers: u64,
    body: Body,
}

enum Body {
    One(Lines),
    Two(Box<Summary>),
    Three(Box<AnnexThree>),
    Four(Lines),
}

/// Who prints, as the form's head names them.
#[derive(Clone, Debug, Default)]
pub struct Printer {
    pub name: String,
    pub phone: String,
}

impl Printer {
    /// The signed-in person with their own number; for the program whom the settings name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(app: &App, actor: &Actor) -> Result<Self, Fault> {
        let Some(id) = actor.person() else {
            let survey: Survey = app.setting().await?;
            return Ok(Self {
                name: survey.filled_by,
                phone: survey.phone,
            });
        };
        let mut cards = person::cards(app.db.read(), app, &[id]).await?;
        Ok(cards.remove(&id).map_or_else(
            || Self {
                name: actor.name().to_owned(),
                phone: String::new(),
            },
            |card| Self {
                name: card.name,
                phone: card.phone,
            },
        ))
    }
}

/// What a form is gathered from.
pub(super) struct Source<'a, C> {
    pub db: &'a C,
    pub app: &'a App,
    pub reader: &'a Reader,
    /// Stop after so many rows: a preview.
    pub most: u64,
}

/// Gathers a form. Whether the reader may see the unit, the channel or the filing at all is the caller's to
/// ask; lists hold only what they may see.
///
/// # Errors
/// `Fault::NotFound`; when the database or the disk fails.
pub async fn gather(
    app: &App,
    actor: &Actor,
    reader: &Reader,
    printer: &Printer,
    subject: Subject,
    most: u64,
) -> Result<Gathered, Fault> {
    // One moment of the data, however long it takes.
    let db = app.db.snapshot().await?;
    let source = Source {
        db: &db,
        app,
        reader,
        most,
    };
    let gathered = match subject {
        Subject::Filing(id) => {
            source.registered(subject, register::of_filing(app, actor, id).await?)
        }
        other => source.gather(printer, other).await,
    };
    db.rollback().await?;
    gathered
}

/// The figures of annex 2 as an actor may see them, in the caller's transaction.
///
/// # Errors
/// When the database fails.
pub async fn figures(
    db: &impl ConnectionTrait,
    app: &App,
    actor: &Actor,
    reach: Reach,
) -> Result<Summary, Fault> {
    let survey: Survey = app.setting().await?;
    let source = Source {
        db,
        app,
        reader: &Reader::of(actor),
        most: 0,
    };
    summary::read(&source, reach, survey.total_with_websites).await
}

impl<C: ConnectionTrait> Source<'_, C> {
    async fn gather(&self, printer: &Printer, subject: Subject) -> Result<Gathered, Fault> {
        let survey: Survey = self.app.setting().await?;
        let today = self.app.clock.today();
        match subject {
            Subject::Accounts(reach) => {
                let of = self.heading(reach).await?;
                let mut spool = self.spool(&(Annex::One.number(), &of.name))?;
                let numbers = accounts::fill(self, reach, &mut spool).await?;
                let (hash, lines) = spool.finish()?;
                Ok(Gathered {
                    rows: lines.rows,
                    body: Body::One(lines),
                    ..of.form(subject, printer, today, survey, hash, numbers)
                })
            }
            Subject::Summary(reach) => {
                let of = self.heading(reach).await?;
                let summary = summary::read(self, reach, survey.total_with_websites).await?;
                let mut spool = self.spool(&(Annex::Two.number(), &of.name))?;
                for row in summary.cells() {
                    spool.push(&row)?;
                }
                let (hash, lines) = spool.finish()?;
                Ok(Gathered {
                    rows: lines.rows,
                    body: Body::Two(Box::new(summary)),
                    ..of.form(subject, printer, today, survey, hash, 0)
                })
            }
            Subject::Year(reach, year) => {
                let of = self.heading(reach).await?;
                let mut spool = self.spool(&(Annex::Four.number(), &of.name, year))?;
                let numbers = yearly::fill(self, reach, year, &mut spool).await?;
                let (hash, lines) = spool.finish()?;
                Ok(Gathered {
                    rows: lines.rows,
                    body: Body::Four(lines),
                    ..of.form(subject, printer, today, survey, hash, numbers)
                })
            }
            Subject::Channel(id) => {
                let read = register::of_channel(self, id, today).await?;
                self.registered(subject, read)
            }
            // A filing is shown by its own rules, see `gather`.
            Subject::Filing(_) => Err(Fault::NotFound),
        }
    }

    fn spool(&self, heading: &impl serde::Serialize) -> Result<Spool, Fault> {
        Spool::new(&self.app.config.data, heading)
    }

    fn registered(&self, subject: Subject, read: register::Read) -> Result<Gathered, Fault> {
        let mut spool = self.spool(&(Annex::Three.number(), &read.number))?;
        spool.push(&register::cells(&read.form))?;
        let (hash, lines) = spool.finish()?;
        Ok(Gathered {
            subject,
            head: Head::default(),
            delivery: Delivery::default(),
            unit: Some(read.unit),
            named: read.form.name.clone(),
            number: read.number,
            hash: read.hash.unwrap_or(hash),
            rows: lines.rows,
            numbers: read.numbers,
            body: Body::Three(Box::new(read.form)),
        })
    }

    /// The unit in a form's head.
    async fn heading(&self, reach: Reach) -> Result<Heading, Fault> {
        let unit = reach.unit.or_else(|| self.reader.top());
        let found = match unit {
            Some(id) => unit::find(self.db, id).await?,
            None => unit::root(self.db).await?,
        };
        let found = found.ok_or(Fault::NotFound)?;
        Ok(Heading {
            unit,
            short: match found.short_name.as_str() {
                "" => found.name.clone(),
                short => short.to_owned(),
            },
            name: found.name,
        })
    }
}

struct Heading {
    unit: Option<UnitId>,
    name: String,
    short: String,
}

impl Heading {
    /// A form of the unit, without its rows.
    fn form(
        self,
        subject: Subject,
        printer: &Printer,
        today: NaiveDate,
        survey: Survey,
        hash: String,
        numbers: u64,
    ) -> Gathered {
        Gathered {
            subject,
            head: Head {
                unit: self.name,
                filled_by: printer.name.clone(),
                phone: printer.phone.clone(),
                date: Some(today),
            },
            delivery: survey.delivery(),
            unit: self.unit,
            named: self.short,
            number: String::new(),
            hash,
            rows: 0,
            numbers,
            body: Body::Two(Box::default()),
        }
    }
}

impl Gathered {
    /// The figures of annex 2.
    pub fn summary(&self) -> Option<&Summary> {
        match &self.body {
            Body::Two(summary) => Some(summary),
            _ => None,
        }
    }

    /// Whether there is nothing to report. Annex 2 always has its figures: noughts are an answer.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The printed sheet.
    ///
    /// # Errors
    /// When the rows cannot be read again.
    pub fn sheet(&mut self, proof: Option<Proof>) -> Result<Sheet<'_>, Fault> {
        Ok(match &mut self.body {
            Body::One(lines) => {
                let rows = lines.read()?.map(|row| row.map(accounts::row));
                annex_one(&self.head, &self.delivery, rows, proof)
            }
            Body::Two(summary) => summary
                .form(self.head.clone(), self.delivery.clone(), proof)
                .sheet(),
            Body::Three(form) => AnnexThree {
                proof,
                ..form.as_ref().clone()
            }
            .sheet(),
            Body::Four(lines) => {
                let rows = lines.read()?.map(|row| row.map(yearly::row));
                annex_four(&self.head, rows, proof)
            }
        })
    }
}
