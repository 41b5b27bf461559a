//! The figures with their targets, as a table for `docs/performance.md`.

use std::fmt::Write;

/// What a figure is held against.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Only for orientation.
    None,
}

struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    target: Target,
    note: String,
}

/// All of a run.
#[derive(Default)]
pub struct Figures(Vec<Figure>);

impl Figures {
    pub fn add(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        target: Target,
        note: impl Into<String>,
    ) {
        let figure = Figure {
            what: what.into(),
            value,
            unit,
            target,
            note: note.into(),
        };
        eprintln!("{}", figure.row());
        self.0.push(figure);
    }

    /// How many missed their target.
    pub fn missed(&self) -> usize {
        self.0
            .iter()
            .filter(|figure| figure.passes() == Some(false))
            .count()
    }

    pub fn table(&self) -> String {
        let mut table =
            String::from("| what | figure | target | | remarks |\n|---|---:|---:|---|---|\n");
        for figure in &self.0 {
            let _ = writeln!(table, "{}", figure.row());
        }
        table
    }
}

impl Figure {
    fn passes(&self) -> Option<bool> {
        match self.target {
            Target::AtLeast(least) => Some(self.value >= least),
            Target::AtMost(most) => Some(self.value <= most),
            Target::None => None,
        }
    }

    fn row(&self) -> String {
        let target = match self.target {
            Target::AtLeast(least) => format!("≥ {} {}", round(least), self.unit),
            Target::AtMost(most) => format!("≤ {} {}", round(most), self.unit),
            Target::None => String::new(),
        };
        let verdict = match self.passes() {
            Some(true) => "pass",
            Some(false) => "**miss**",
            None => "",
        };
        format!(
            "| {} | {} {} | {} | {verdict} | {} |",
            self.what,
            round(self.value),
            self.unit,
            target.trim(),
            self.note
        )
    }
}

fn round(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => {
            let digits = format!("{value:.0}");
            let mut spaced = String::new();
            for (at, digit) in digits.chars().enumerate() {
                if at > 0 && (digits.len() - at).is_multiple_of(3) {
                    spaced.push(',');
                }
                spaced.push(digit);
            }
            spaced
        }
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
