//! Which backups are kept: the last of each of the latest days, weeks and months on which one was made, and
//! in any case the last good one. What the program did not make itself is not touched.

use super::{Run, State, store};
use crate::{Trouble, archive::Place, settings::BackupSettings};
use chrono::Datelike;
use std::collections::BTreeSet;
use zhendi_kernel::{App, clock};

/// Year and number of the day, week or month that a date lies in.
type Period = fn(chrono::NaiveDate) -> (i32, u32);

/// The ids of those to delete, of a list that begins with the newest.
pub fn superfluous(kept: &[Run], settings: &BackupSettings) -> Vec<i64> {
    let mut stay: BTreeSet<i64> = kept
        .iter()
        .find(|run| run.state == State::Good)
        .map(|run| run.id)
        .into_iter()
        .collect();
    let day = |run: &Run| clock::local(run.begun_at).date_naive();
    let periods: [(u32, Period); 3] = [
        (settings.keep_daily, |day| (day.year(), day.ordinal())),
        (settings.keep_weekly, |day| {
            (day.iso_week().year(), day.iso_week().week())
        }),
        (settings.keep_monthly, |day| (day.year(), day.month())),
    ];
    for (count, period_of) in periods {
        let mut seen = BTreeSet::new();
        // Good ones stand for their period before flawed ones do.
        let good = kept.iter().filter(|run| run.state == State::Good);
        let flawed = kept.iter().filter(|run| run.state != State::Good);
        let mut chosen: Vec<_> = good
            .chain(flawed)
            .filter(|run| seen.insert(period_of(day(run))))
            .collect();
        chosen.sort_by_key(|run| std::cmp::Reverse(run.id));
        stay.extend(chosen.iter().take(count as usize).map(|run| run.id));
    }
    kept.iter()
        .map(|run| run.id)
        .filter(|id| !stay.contains(id))
        .collect()
}

/// Deletes what need not be kept, and says how many backups it were. A file that is not the size of the
/// backup that was written there is somebody else's and stays.
///
/// # Errors
/// When the database or the place fails.
pub async fn apply(app: &App, settings: &BackupSettings) -> Result<usize, Trouble> {
    let kept = store::kept(app.db.read()).await?;
    let mut deleted = 0;
    for id in superfluous(&kept, settings) {
        let Some(run) = kept.iter().find(|run| run.id == id) else {
            continue;
        };
        let Some(place) = &run.place else { continue };
        let place: Place = place.parse()?;
        let there = place.size(&app.config).await?;
        let written = run.size.and_then(|size| u64::try_from(size).ok());
        if there.is_some() && there == written {
            place.delete(&app.config).await?;
            deleted += 1;
        }
        store::forget(app, id).await?;
    }
    Ok(deleted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn run(id: i64, state: State, days_ago: i64) -> Run {
        let today: chrono::DateTime<chrono::Utc> =
            "2026-11-20T04:00:00Z".parse().expect("a moment");
        Run {
            id,
            kind: super::super::Kind::Backup,
            state,
            automatic: true,
            begun_at: today - TimeDelta::days(days_ago),
            ended_at: None,
            done: 0,
            total: 0,
            place: None,
            size: None,
            sha256: None,
            said: String::new(),
            findings: serde_json::json!([]),
            detail: serde_json::json!({}),
            deleted_at: None,
        }
    }

    #[test]
    fn days_weeks_and_months_are_kept_and_the_last_good_one_always() {
        let settings = BackupSettings {
            keep_daily: 3,
            keep_weekly: 2,
            keep_monthly: 2,
            ..BackupSettings::default()
        };
        let kept: Vec<_> = (0..60)
            .map(|ago| run(100 - ago, State::Good, ago))
            .collect();
        let gone = superfluous(&kept, &settings);
        let stay: Vec<i64> = kept
            .iter()
            .map(|r| r.id)
            .filter(|id| !gone.contains(id))
            .collect();
        // Today and two days before; last Sunday (the 15th); the last day of October.
        assert_eq!(stay, [100, 99, 98, 95, 80]);

        let nothing = BackupSettings {
            keep_daily: 0,
            keep_weekly: 0,
            keep_monthly: 0,
            ..settings.clone()
        };
        let kept = [
            run(9, State::Flawed, 0),
            run(8, State::Good, 40),
            run(7, State::Good, 41),
        ];
        assert_eq!(superfluous(&kept, &nothing), [9, 7]);
        // A flawed one does not take a good one's place.
        let same_day = [run(9, State::Flawed, 0), run(8, State::Good, 0)];
        assert_eq!(superfluous(&same_day, &settings), [9]);
    }
}
