//! Counters instead of counting: how many channels each unit has, by itself and with all below it. Kept by
//! the database in the transaction of the change, whoever makes it.
//!
//! On SQLite a row stands for its keys and is changed in place: there is one writer. On PostgreSQL each
//! change adds rows and a job folds them: rows changed in place would let writers wait for each other.
//! A reader sums either way.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Unit 0 stands for the whole institution.
const SQLITE: &str = "
CREATE TABLE channel_tally (
    unit_id bigint NOT NULL, platform varchar NOT NULL, holder_kind varchar NOT NULL,
    filing_state varchar NOT NULL, running_state varchar NOT NULL,
    own bigint NOT NULL, total bigint NOT NULL,
    PRIMARY KEY (unit_id, platform, holder_kind, filing_state, running_state)
) WITHOUT ROWID;
CREATE TABLE channel_due (
    unit_id bigint NOT NULL, file_by date NOT NULL, filing_state varchar NOT NULL,
    own bigint NOT NULL, total bigint NOT NULL,
    PRIMARY KEY (unit_id, file_by, filing_state)
) WITHOUT ROWID;
";

const POSTGRES: &str = "
CREATE TABLE channel_tally (
    unit_id bigint NOT NULL, platform varchar NOT NULL, holder_kind varchar NOT NULL,
    filing_state varchar NOT NULL, running_state varchar NOT NULL,
    own bigint NOT NULL, total bigint NOT NULL
);
CREATE INDEX channel_tally_unit ON channel_tally (unit_id);
CREATE TABLE channel_due (
    unit_id bigint NOT NULL, file_by date NOT NULL, filing_state varchar NOT NULL,
    own bigint NOT NULL, total bigint NOT NULL
);
CREATE INDEX channel_due_unit ON channel_due (unit_id, file_by);
";

/// The units that a channel counts for: its own, those above, and all.
const ABOVE: &str = "(SELECT ancestor_id, depth FROM unit_ancestor WHERE unit_id = {row}.unit_id
    UNION ALL SELECT 0, 1) AS above";

const COUNT: &str = "
INSERT INTO channel_tally (unit_id, platform, holder_kind, filing_state, running_state, own, total)
SELECT above.ancestor_id, {row}.platform, {row}.holder_kind, {row}.filing_state, {row}.running_state,
    CASE WHEN above.depth = 0 THEN {n} ELSE 0 END, {n}
FROM {above} WHERE 1 = 1 {upsert};
INSERT INTO channel_due (unit_id, file_by, filing_state, own, total)
SELECT above.ancestor_id, {row}.file_by, {row}.filing_state,
    CASE WHEN above.depth = 0 THEN {n} ELSE 0 END, {n}
FROM {above} WHERE {row}.file_by IS NOT NULL {upsert};
";

/// A unit with what is below it comes under another, or leaves it.
const MOVE: &str = "
INSERT INTO channel_tally (unit_id, platform, holder_kind, filing_state, running_state, own, total)
SELECT {row}.ancestor_id, platform, holder_kind, filing_state, running_state, 0, {n} * sum(own)
FROM channel_tally WHERE unit_id = {row}.unit_id
GROUP BY platform, holder_kind, filing_state, running_state HAVING sum(own) <> 0 {upsert};
INSERT INTO channel_due (unit_id, file_by, filing_state, own, total)
SELECT {row}.ancestor_id, file_by, filing_state, 0, {n} * sum(own)
FROM channel_due WHERE unit_id = {row}.unit_id
GROUP BY file_by, filing_state HAVING sum(own) <> 0 {upsert};
";

/// Everything anew, from the channels themselves.
const FILL: &str = "
INSERT INTO channel_tally (unit_id, platform, holder_kind, filing_state, running_state, own, total)
SELECT above.ancestor_id, c.platform, c.holder_kind, c.filing_state, c.running_state,
    sum(CASE WHEN above.depth = 0 THEN 1 ELSE 0 END), count(*)
FROM channel AS c JOIN (
    SELECT unit_id, ancestor_id, depth FROM unit_ancestor
    UNION ALL SELECT DISTINCT unit_id, 0, 1 FROM channel
) AS above ON above.unit_id = c.unit_id GROUP BY 1, 2, 3, 4, 5;
INSERT INTO channel_due (unit_id, file_by, filing_state, own, total)
SELECT above.ancestor_id, c.file_by, c.filing_state,
    sum(CASE WHEN above.depth = 0 THEN 1 ELSE 0 END), count(*)
FROM channel AS c JOIN (
    SELECT unit_id, ancestor_id, depth FROM unit_ancestor
    UNION ALL SELECT DISTINCT unit_id, 0, 1 FROM channel
) AS above ON above.unit_id = c.unit_id WHERE c.file_by IS NOT NULL GROUP BY 1, 2, 3;
";

const WATCHED: [&str; 6] = [
    "unit_id",
    "platform",
    "holder_kind",
    "filing_state",
    "running_state",
    "file_by",
];

const UPSERT: &str =
    "ON CONFLICT DO UPDATE SET own = own + excluded.own, total = total + excluded.total";

fn of(template: &str, row: &str, n: i32, upsert: &str) -> String {
    template
        .replace("{above}", ABOVE)
        .replace("{row}", row)
        .replace("{n}", &n.to_string())
        .replace("{upsert}", upsert)
}

fn on_sqlite() -> String {
    let (gone, come) = (of(COUNT, "OLD", -1, UPSERT), of(COUNT, "NEW", 1, UPSERT));
    let differs = WATCHED.map(|column| format!("OLD.{column} IS NOT NEW.{column}"));
    format!(
        "CREATE TRIGGER channel_comes AFTER INSERT ON channel BEGIN {come} END;
         CREATE TRIGGER channel_goes AFTER DELETE ON channel BEGIN {gone} END;
         CREATE TRIGGER channel_changes AFTER UPDATE OF {} ON channel WHEN {} BEGIN {gone} {come} END;
         CREATE TRIGGER unit_comes_under AFTER INSERT ON unit_ancestor
             WHEN NEW.depth > 0 BEGIN {} END;
         CREATE TRIGGER unit_leaves AFTER DELETE ON unit_ancestor
             WHEN OLD.depth > 0 BEGIN {} END;",
        WATCHED.join(", "),
        differs.join(" OR "),
        of(MOVE, "NEW", 1, UPSERT),
        of(MOVE, "OLD", -1, UPSERT),
    )
}

fn on_postgres() -> String {
    let (gone, come) = (of(COUNT, "OLD", -1, ""), of(COUNT, "NEW", 1, ""));
    let differs = WATCHED.map(|column| format!("OLD.{column} IS DISTINCT FROM NEW.{column}"));
    format!(
        "CREATE OR REPLACE FUNCTION count_channel() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF TG_OP <> 'INSERT' THEN {gone} END IF;
             IF TG_OP <> 'DELETE' THEN {come} END IF;
             RETURN NULL;
         END $$;
         CREATE OR REPLACE FUNCTION count_unit() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF TG_OP = 'INSERT' THEN {} ELSE {} END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER channel_comes_or_goes AFTER INSERT OR DELETE ON channel
             FOR EACH ROW EXECUTE FUNCTION count_channel();
         CREATE TRIGGER channel_changes AFTER UPDATE ON channel
             FOR EACH ROW WHEN ({}) EXECUTE FUNCTION count_channel();
         CREATE TRIGGER unit_comes_under AFTER INSERT ON unit_ancestor
             FOR EACH ROW WHEN (NEW.depth > 0) EXECUTE FUNCTION count_unit();
         CREATE TRIGGER unit_leaves AFTER DELETE ON unit_ancestor
             FOR EACH ROW WHEN (OLD.depth > 0) EXECUTE FUNCTION count_unit();",
        of(MOVE, "NEW", 1, ""),
        of(MOVE, "OLD", -1, ""),
        differs.join(" OR "),
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (tables, triggers) = match manager.get_database_backend() {
            DbBackend::Postgres => (POSTGRES, on_postgres()),
            _ => (SQLITE, on_sqlite()),
        };
        db.execute_unprepared(tables).await?;
        db.execute_unprepared(FILL).await?;
        db.execute_unprepared(&triggers).await?;
        zhendi_kernel::known::watch(manager, "platform").await?;
        // One for each order of the list. That of the usual order holds what lists are filtered by, so
        // that rows which are not wanted are passed over without being read.
        db.execute_unprepared("DROP INDEX channel_updated").await?;
        for (name, columns) in [
            (
                "channel_latest",
                "updated_at, id, unit_id, platform, filing_state, running_state, holder_kind, file_by",
            ),
            ("channel_of_unit", "unit_id, id"),
            ("channel_on_platform", "platform, updated_at, id"),
            ("channel_in_state", "filing_state, updated_at, id"),
            ("channel_by_platform", "platform, id"),
            ("channel_opened", "opened_on, id"),
            ("channel_file_by", "file_by, id"),
        ] {
            let sql = format!("CREATE INDEX {name} ON channel ({columns})");
            db.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
