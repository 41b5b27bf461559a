//! Due dates as a calendar to subscribe to (iCalendar, RFC 5545). Calendar programs cannot sign in, so
//! the address itself is the secret: 256 random bits, of which the table keeps only the hash.

use super::{Filter, Item, list};
use crate::{Actor, App, Fault, PersonId, Tx, audit};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Set, entity::prelude::*, sea_query::OnConflict};
use sha2::{Digest, Sha256};

/// A person's feed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    pub token_hash: String,
    pub created_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// When the person's present address was made.
pub(super) async fn made(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let row = Entity::find_by_id(person).one(db).await?;
    Ok(row.map(|row| row.created_at))
}

/// Makes a new address, which ends the old one, and gives its token.
pub(super) async fn make(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    person: PersonId,
) -> Result<String, Fault> {
    let token = app.entropy.token();
    Entity::insert(ActiveModel {
        person_id: Set(person),
        token_hash: Set(hash(&token)),
        created_at: Set(app.now()),
    })
    .on_conflict(
        OnConflict::column(Column::PersonId)
            .update_columns([Column::TokenHash, Column::CreatedAt])
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    record(
        tx,
        app,
        actor,
        person,
        "calendar.made",
        "生成了待办日历地址",
    )
    .await?;
    Ok(token)
}

/// Ends the person's address.
pub(super) async fn revoke(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    person: PersonId,
) -> Result<(), Fault> {
    let gone = Entity::delete_by_id(person).exec(tx).await?;
    if gone.rows_affected > 0 {
        record(
            tx,
            app,
            actor,
            person,
            "calendar.revoked",
            "作废了待办日历地址",
        )
        .await?;
    }
    Ok(())
}

async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    person: PersonId,
    action: &'static str,
    summary: &str,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: ("person", person.0),
        unit: None,
        on_behalf_of: None,
        summary: summary.into(),
        detail: serde_json::json!({}),
    };
    audit::append(tx, app, actor, entry).await
}

/// The calendar behind a token.
///
/// # Errors
/// `Fault::NotFound` when the token opens nothing, or its person may not sign in any more.
pub(super) async fn feed(app: &App, token: &str) -> Result<String, Fault> {
    let row = Entity::find()
        .filter(COLUMN.token_hash.eq(hash(token)))
        .one(app.db.read())
        .await?
        .ok_or(Fault::NotFound)?;
    let actor = app
        .holders
        .actor(app, row.person_id)
        .await?
        .ok_or(Fault::NotFound)?;
    let mut filter = Filter::default();
    let mut items = vec![];
    loop {
        filter.page += 1;
        let some = list::mine(app.db.read(), app.now(), &actor, &filter).await?;
        items.extend(some.rows);
        if some.page == some.pages {
            break;
        }
    }
    Ok(render(&items, app.now(), app.config.public_url.as_ref()))
}

/// The items with a due moment, as a calendar.
fn render(items: &[Item], now: DateTime<Utc>, site: Option<&url::Url>) -> String {
    let moment = |at: &DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let host = site.and_then(|site| site.host_str()).unwrap_or("zhendi");
    let mut text = String::new();
    let mut line = |content: String| fold(&mut text, &content);
    line("BEGIN:VCALENDAR".into());
    line("VERSION:2.0".into());
    line("PRODID:-//Zhendi//Work items//ZH".into());
    line("METHOD:PUBLISH".into());
    line("X-WR-CALNAME:网络阵地待办".into());
    line("REFRESH-INTERVAL;VALUE=DURATION:PT1H".into());
    for item in items {
        let Some(due) = &item.due else { continue };
        line("BEGIN:VEVENT".into());
        line(format!("UID:work-item-{}@{host}", item.id.0));
        line(format!("DTSTAMP:{}", moment(&now)));
        // Without an end: it takes no time, it is the moment until when.
        line(format!("DTSTART:{}", moment(due)));
        line(format!(
            "SUMMARY:{}",
            escape(&format!("截止：{}", item.title))
        ));
        if let Some(link) = site.and_then(|site| site.join(&item.href).ok()) {
            line(format!("URL:{link}"));
        }
        line("TRANSP:TRANSPARENT".into());
        line("END:VEVENT".into());
    }
    line("END:VCALENDAR".into());
    text
}

/// Text as a value (RFC 5545, 3.3.11).
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// A content line of at most 75 bytes, continued on the next as often as needed (RFC 5545, 3.1);
/// characters stay whole.
fn fold(out: &mut String, content: &str) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > 75 {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UnitId, work::WorkId};

    #[test]
    fn long_chinese_lines_are_folded_between_characters() {
        let now = "2026-11-20T06:05:00Z".parse().expect("a moment");
        let item = Item {
            id: WorkId(7),
            kind: "filing.sign".into(),
            subject_kind: "filing".into(),
            subject_id: 3,
            title: format!("签字，甲；乙;丙,丁\\{}", "信".repeat(60)),
            href: "/filings/3".into(),
            unit: UnitId(1),
            channel: None,
            person: None,
            role: None,
            due: Some(now),
            opened: now,
            closed: None,
            overdue: false,
        };
        let site = "https://zhendi.example.edu.cn/"
            .parse()
            .expect("an address");
        let text = render(std::slice::from_ref(&item), now, Some(&site));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(!text.replace("\r\n", "").contains('\n'));
        let unfolded = text.replace("\r\n ", "");
        let lines: Vec<&str> = unfolded.split("\r\n").collect();
        assert!(lines.contains(&"DTSTART:20261120T060500Z"));
        assert!(lines.contains(&"URL:https://zhendi.example.edu.cn/filings/3"));
        let summary = format!(
            "SUMMARY:截止：签字，甲；乙\\;丙\\,丁\\\\{}",
            "信".repeat(60)
        );
        assert!(lines.contains(&summary.as_str()), "{unfolded}");
        let never = Item { due: None, ..item };
        assert!(!render(&[never], now, None).contains("VEVENT"));
    }
}
