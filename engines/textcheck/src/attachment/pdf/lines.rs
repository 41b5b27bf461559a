//! Characters at their places, put together as lines and paragraphs in the order in which they were drawn.

/// A piece of a page with its place, in units of the page.
pub(super) struct Placed<'a> {
    pub text: &'a str,
    pub at: (f64, f64),
    /// Where the next character would begin.
    pub end: (f64, f64),
    pub size: f64,
}

struct Line {
    text: String,
    start: (f64, f64),
    end: (f64, f64),
    direction: (f64, f64),
    size: f64,
    /// Where the last character began.
    last: (f64, f64),
}

/// The lines of one page.
#[derive(Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    pub fn add(&mut self, placed: Placed<'_>) {
        let advance = (placed.end.0 - placed.at.0, placed.end.1 - placed.at.1);
        let length = advance.0.hypot(advance.1);
        let direction = match length > 0.0 {
            true => (advance.0 / length, advance.1 / length),
            false => (1.0, 0.0),
        };
        if let Some(line) = self.0.last_mut()
            && line.take(&placed, direction)
        {
            return;
        }
        if placed.text.trim().is_empty() {
            return;
        }
        self.0.push(Line {
            text: placed.text.to_owned(),
            start: placed.at,
            end: placed.end,
            direction,
            size: placed.size,
            last: placed.at,
        });
    }

    /// The paragraphs: lines that were only broken at the page's edge are joined again.
    pub fn paragraphs(self) -> Vec<String> {
        let is_level = |line: &Line| line.direction.0 > 0.99;
        let wide = self
            .0
            .iter()
            .filter(|line| is_level(line) && line.text.chars().count() >= 10);
        let right = wide.map(|line| line.end.0).fold(f64::MIN, f64::max);
        let mut paragraphs: Vec<String> = vec![];
        let mut before: Option<Line> = None;
        for line in self.0 {
            let goes_on = before.as_ref().is_some_and(|above| {
                let down = above.start.1 - line.start.1;
                let size = above.size;
                is_level(above)
                    && is_level(&line)
                    && (0.85..1.18).contains(&(line.size / size))
                    && down > 0.8 * size
                    && down < 2.6 * size
                    && above.end.0 > right - 2.2 * size
                    && line.start.0 < above.start.0 + 0.6 * size
                    && !above.text.contains('\t')
            });
            match (goes_on, paragraphs.last_mut()) {
                (true, Some(paragraph)) => {
                    let words = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
                    if words(paragraph.chars().last()) && words(line.text.chars().next()) {
                        paragraph.push(' ');
                    }
                    paragraph.push_str(&line.text);
                }
                _ => paragraphs.push(line.text.clone()),
            }
            before = Some(line);
        }
        for paragraph in &mut paragraphs {
            paragraph.truncate(paragraph.trim_end().len());
        }
        paragraphs.retain(|paragraph| !paragraph.trim().is_empty());
        paragraphs
    }
}

impl Line {
    /// Takes what stands next on this line; whether it does.
    fn take(&mut self, placed: &Placed<'_>, direction: (f64, f64)) -> bool {
        let size = self.size.max(placed.size);
        let turned = self.direction.0 * direction.0 + self.direction.1 * direction.1 < 0.99;
        let from = (placed.at.0 - self.end.0, placed.at.1 - self.end.1);
        let along = from.0 * self.direction.0 + from.1 * self.direction.1;
        let across = (from.1 * self.direction.0 - from.0 * self.direction.1).abs();
        if turned || across > 0.45 * size {
            return false;
        }
        // The same character again at the same place: how some programs draw bold.
        let again = (placed.at.0 - self.last.0).hypot(placed.at.1 - self.last.1);
        if again < 0.12 * size && self.text.ends_with(placed.text) {
            return true;
        }
        if along < -0.5 * size || along > 40.0 * size {
            return false;
        }
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let between = latin(self.text.chars().last()) && latin(placed.text.chars().next());
        let spaced = self.text.ends_with([' ', '\t']) || placed.text.starts_with(' ');
        if along > 2.5 * size {
            self.text.push('\t');
        } else if !spaced && (along > 0.9 * size || between && along > 0.18 * size) {
            self.text.push(' ');
        }
        self.text.push_str(placed.text);
        self.end = placed.end;
        self.last = placed.at;
        true
    }
}
