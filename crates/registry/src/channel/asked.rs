//! What the address line of a list asks for, and the address line again.

use super::{
    FilingState, Holder, RunningState,
    annex_two::{Figure, Line, Span},
    store::{Cursor, Mark, PER_PAGE, Query, Sort},
};
use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::NaiveDate;
use serde::Deserialize;
use zhendi_kernel::{Fault, UnitId};

/// A list's filter as it stands in the address. What cannot be read does not filter.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Words that must all occur in name, address, id, certified body or department.
    pub q: String,
    /// Id of a unit; those below it are included.
    pub unit: String,
    /// Code of a platform.
    pub platform: String,
    /// Filing state: unfiled, in_progress, filed, cancelled.
    pub filing: String,
    /// Running state: planned, live, suspended, migrating, closed.
    pub running: String,
    /// Whose account: unit, person_by_post.
    pub holder: String,
    /// `1`: only those that should have been filed already.
    pub overdue: String,
    /// A row of annex 2: opened, personal, problems, rectified, interactive, reviewed, outsourced.
    pub line: String,
    /// With `line`: a column of annex 2, or `media` for all but websites.
    pub column: String,
    /// `1`: only the unit's own, without those of the units below it.
    pub own: String,
    /// `open`: only those whose yearly re-check is open.
    pub recheck: String,
    /// Ids joined by commas: only these.
    pub ids: String,
    /// name, unit, platform, updated, opened or due.
    pub sort: String,
    /// `desc` for descending.
    pub dir: String,
    /// The page after this mark, as the page before it named it.
    pub after: String,
    /// The page before this mark.
    pub before: String,
    /// From 1; of the API alone.
    pub page: String,
    /// Rows of a page: 25, 50 or 100.
    pub per: String,
}

impl Asked {
    /// The query that it means.
    pub fn query(&self, today: NaiveDate) -> Query {
        let sort = Sort::parse(&self.sort);
        Query {
            unit: self.unit.parse::<UnitId>().ok(),
            platform: (!self.platform.is_empty()).then(|| self.platform.as_str().into()),
            filing: FilingState::parse(&self.filing),
            running: RunningState::parse(&self.running),
            holder: Holder::OPTIONS
                .iter()
                .map(|(code, _)| *code)
                .find(|code| *code == self.holder),
            file_before: (self.overdue == "1").then_some(today),
            figure: self.figure(),
            own: self.own == "1",
            open: false,
            recheck_open: self.recheck == "open",
            ids: (!self.ids.is_empty()).then(|| {
                let ids = self.ids.split(',').take(1000);
                ids.filter_map(|id| id.trim().parse().ok()).collect()
            }),
            // No name is longer; the rest of a pasted page would only cost time.
            text: self.q.chars().filter(|c| *c != '\0').take(200).collect(),
            sort,
            // Unasked, the latest change stands first.
            descending: self.dir == "desc" || (self.sort.is_empty() && self.dir.is_empty()),
            at: match (Mark::parse(&self.after), Mark::parse(&self.before)) {
                (Some(mark), _) => Cursor::After(mark),
                (None, Some(mark)) => Cursor::Before(mark),
                (None, None) => Cursor::First,
            },
            page: self.page.parse().unwrap_or(1),
            per_page: self.per_page(),
        }
    }

    /// The figure of annex 2 whose channels are asked for.
    pub fn figure(&self) -> Option<Figure> {
        Some(Figure {
            line: Line::parse(&self.line)?,
            span: Span::parse(&self.column),
        })
    }

    /// Rows of a page.
    pub fn per_page(&self) -> u64 {
        let asked = self.per.parse().unwrap_or(PER_PAGE[0]);
        if PER_PAGE.contains(&asked) {
            asked
        } else {
            PER_PAGE[0]
        }
    }

    /// What the filter form has no field for but must carry on.
    pub fn unseen(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("line", self.line.as_str()),
            ("column", self.column.as_str()),
            ("own", self.own.as_str()),
            ("ids", self.ids.as_str()),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// Whether anything is filtered.
    pub fn filters(&self) -> bool {
        [
            &self.q,
            &self.unit,
            &self.platform,
            &self.filing,
            &self.running,
            &self.holder,
            &self.overdue,
            &self.line,
            &self.recheck,
            &self.ids,
        ]
        .iter()
        .any(|value| !value.is_empty())
    }

    /// The address of the page that begins at a cursor.
    pub fn leaf(&self, path: &str, at: &Cursor) -> String {
        let base = self.address(path, true);
        let (name, mark) = match at {
            Cursor::First => return base.trim_end_matches(['?', '&']).to_owned(),
            Cursor::After(mark) => ("after", mark),
            Cursor::Before(mark) => ("before", mark),
        };
        let mark = mark.to_string();
        let pair = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(name, &mark)
            .finish();
        format!("{base}{pair}")
    }

    /// The address with this filter and sorting, for `page=`.
    pub fn to_page(&self, path: &str) -> String {
        self.address(path, true)
    }

    /// The address with this filter, for `sort=`.
    pub fn to_sort(&self, path: &str) -> String {
        self.address(path, false)
    }

    fn address(&self, path: &str, sorted: bool) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        };
        add("q", &self.q);
        add("unit", &self.unit);
        add("platform", &self.platform);
        add("filing", &self.filing);
        add("running", &self.running);
        add("holder", &self.holder);
        add("overdue", &self.overdue);
        add("line", &self.line);
        add("column", &self.column);
        add("own", &self.own);
        add("recheck", &self.recheck);
        add("ids", &self.ids);
        add("per", &self.per);
        if sorted {
            add("sort", &self.sort);
            add("dir", &self.dir);
        }
        let pairs = pairs.finish();
        let and = if pairs.is_empty() { "" } else { "&" };
        format!("{path}?{pairs}{and}")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default())
            .map_err(|_| Fault::Malformed("网址中的筛选条件无法识别，请从列表页重新选择。".into()))
    }
}
