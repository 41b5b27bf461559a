//! Draws a page without drawing: follows its operations as far as they place characters.

use std::{collections::HashMap, rc::Rc};

use lopdf::{Dictionary, Document, Object, ObjectId, content::Content};

use super::{
    font::Font,
    guard::DRAWING_BYTES,
    lines::{Lines, Placed},
};
use crate::attachment::limits::{Budget, Problem};

/// Forms inside forms.
const DEPTH: usize = 8;
/// States that are saved at once.
const SAVED: usize = 256;
/// Fonts that are kept at once; the pages of a document share theirs.
const FONTS: usize = 64;

/// The fonts that were read so far.
pub(super) type Fonts<'d> = HashMap<ObjectId, Rc<Font<'d>>>;

/// A transformation as PDF writes it: `[a b c d e f]`.
#[derive(Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const SAME: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First this, then that.
    fn then(self, that: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, that.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn of(operands: &[Object]) -> Option<Self> {
        let mut numbers = [0.0; 6];
        for (number, operand) in numbers.iter_mut().zip(operands.get(..6)?) {
            *number = f64::from(operand.as_float().ok()?);
        }
        Some(Self(numbers))
    }
}

#[derive(Clone)]
struct State<'d> {
    base: Matrix,
    font: Option<Rc<Font<'d>>>,
    size: f64,
    between: f64,
    between_words: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

/// What a page holds.
pub(super) struct Drawn {
    pub paragraphs: Vec<String>,
    /// Characters of which the file does not say what they are.
    pub unknown: usize,
    pub pictures: bool,
}

/// One page being drawn.
pub(super) struct Page<'d, 'f> {
    document: &'d Document,
    fonts: &'f mut Fonts<'d>,
    lines: Lines,
    unknown: usize,
    pictures: bool,
    bytes: usize,
}

impl<'d, 'f> Page<'d, 'f> {
    pub fn new(document: &'d Document, fonts: &'f mut Fonts<'d>) -> Self {
        Self {
            document,
            fonts,
            lines: Lines::default(),
            unknown: 0,
            pictures: false,
            bytes: 0,
        }
    }

    pub fn finish(self) -> Drawn {
        Drawn {
            paragraphs: self.lines.paragraphs(),
            unknown: self.unknown,
            pictures: self.pictures,
        }
    }

    pub fn draw(&mut self, id: ObjectId, budget: &mut Budget<'_>) -> Result<(), Problem> {
        let content = self
            .document
            .get_page_content_with_limit(id, DRAWING_BYTES)
            .map_err(|_| Problem::TooManySteps)?;
        let mut resources = vec![];
        if let Ok((own, above)) = self.document.get_page_resources(id) {
            resources.extend(own);
            resources.extend(
                above
                    .iter()
                    .filter_map(|id| self.document.get_dictionary(*id).ok()),
            );
        }
        self.operations(&content, &resources, Matrix::SAME, 0, budget)
    }

    /// A named resource.
    fn resource(
        &self,
        resources: &[&'d Dictionary],
        kind: &[u8],
        name: &[u8],
    ) -> Option<(Option<ObjectId>, &'d Object)> {
        resources.iter().find_map(|resources| {
            let listed = resources
                .get_deref(kind, self.document)
                .ok()?
                .as_dict()
                .ok()?;
            self.document.dereference(listed.get(name).ok()?).ok()
        })
    }

    fn font(&mut self, resources: &[&'d Dictionary], name: &[u8]) -> Option<Rc<Font<'d>>> {
        let (id, object) = self.resource(resources, b"Font", name)?;
        if let Some(font) = id.and_then(|id| self.fonts.get(&id)) {
            return Some(Rc::clone(font));
        }
        let font = Rc::new(Font::read(object.as_dict().ok()?, self.document));
        if self.fonts.len() >= FONTS {
            self.fonts.clear();
        }
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&font));
        }
        Some(font)
    }

    fn operations(
        &mut self,
        content: &[u8],
        resources: &[&'d Dictionary],
        base: Matrix,
        depth: usize,
        budget: &mut Budget<'_>,
    ) -> Result<(), Problem> {
        // A form that is drawn again and again is unpacked each time.
        self.bytes += content.len();
        if self.bytes > 8 * DRAWING_BYTES {
            return Err(Problem::TooManySteps);
        }
        let mut state = State {
            base,
            font: None,
            size: 1.0,
            between: 0.0,
            between_words: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        let mut saved: Vec<State<'d>> = vec![];
        let (mut text, mut line) = (Matrix::SAME, Matrix::SAME);
        for operation in Content::decode_iter(content) {
            budget.step()?;
            // What comes after an operation that cannot be read cannot be read either.
            let Ok(operation) = operation else { break };
            let operands = operation.operands.as_slice();
            let number = |index: usize| {
                let operand = operands
                    .get(index)
                    .and_then(|operand| operand.as_float().ok());
                operand.map_or(0.0, f64::from)
            };
            match operation.operator.as_str() {
                "q" if saved.len() < SAVED => saved.push(state.clone()),
                "Q" => {
                    if let Some(before) = saved.pop() {
                        state = before;
                    }
                }
                "cm" => {
                    if let Some(matrix) = Matrix::of(operands) {
                        state.base = matrix.then(state.base);
                    }
                }
                "BT" => (text, line) = (Matrix::SAME, Matrix::SAME),
                "Tf" => {
                    let name = operands.first().and_then(|name| name.as_name().ok());
                    state.font = name.and_then(|name| self.font(resources, name));
                    state.size = number(1);
                }
                "Tc" => state.between = number(0),
                "Tw" => state.between_words = number(0),
                "Tz" => state.stretch = number(0) / 100.0,
                "TL" => state.leading = number(0),
                "Ts" => state.rise = number(0),
                "Td" | "TD" => {
                    if operation.operator == "TD" {
                        state.leading = -number(1);
                    }
                    line = Matrix::shift(number(0), number(1)).then(line);
                    text = line;
                }
                "Tm" => {
                    if let Some(matrix) = Matrix::of(operands) {
                        (text, line) = (matrix, matrix);
                    }
                }
                "T*" => {
                    line = Matrix::shift(0.0, -state.leading).then(line);
                    text = line;
                }
                "Tj" => self.show(operands.first(), &state, &mut text, budget)?,
                "'" | "\"" => {
                    if operation.operator == "\"" {
                        state.between_words = number(0);
                        state.between = number(1);
                    }
                    line = Matrix::shift(0.0, -state.leading).then(line);
                    text = line;
                    self.show(operands.last(), &state, &mut text, budget)?;
                }
                "TJ" => {
                    for piece in operands
                        .first()
                        .and_then(|o| o.as_array().ok())
                        .into_iter()
                        .flatten()
                    {
                        match piece.as_float() {
                            Ok(back) => {
                                let step = -f64::from(back) / 1000.0 * state.size;
                                let vertical = state.font.as_ref().is_some_and(|f| f.vertical);
                                let shift = match vertical {
                                    true => Matrix::shift(0.0, step),
                                    false => Matrix::shift(step * state.stretch, 0.0),
                                };
                                text = shift.then(text);
                            }
                            Err(_) => self.show(Some(piece), &state, &mut text, budget)?,
                        }
                    }
                }
                "BI" => self.pictures = true,
                "Do" => {
                    if let Some(name) = operands.first().and_then(|name| name.as_name().ok()) {
                        self.object(name, resources, state.base, depth, budget)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A picture or a form.
    fn object(
        &mut self,
        name: &[u8],
        resources: &[&'d Dictionary],
        base: Matrix,
        depth: usize,
        budget: &mut Budget<'_>,
    ) -> Result<(), Problem> {
        let found = self.resource(resources, b"XObject", name);
        let Some(stream) = found.and_then(|(_, object)| object.as_stream().ok()) else {
            return Ok(());
        };
        let kind = stream
            .dict
            .get_deref(b"Subtype", self.document)
            .and_then(Object::as_name);
        if kind.is_ok_and(|kind| kind == b"Image") {
            self.pictures = true;
            return Ok(());
        }
        if depth >= DEPTH {
            return Ok(());
        }
        let content = stream
            .get_plain_content_with_limit(DRAWING_BYTES)
            .map_err(|_| Problem::TooManySteps)?;
        let matrix = stream
            .dict
            .get_deref(b"Matrix", self.document)
            .and_then(Object::as_array);
        let matrix = matrix
            .ok()
            .and_then(|matrix| Matrix::of(matrix))
            .unwrap_or(Matrix::SAME);
        let own = stream
            .dict
            .get_deref(b"Resources", self.document)
            .and_then(Object::as_dict);
        // A form without resources of its own uses those of the page.
        let mut of_form: Vec<&Dictionary> = own.into_iter().collect();
        of_form.extend(resources.iter().take(4));
        self.operations(&content, &of_form, matrix.then(base), depth + 1, budget)
    }

    /// Shows a string.
    fn show(
        &mut self,
        string: Option<&Object>,
        state: &State<'d>,
        text: &mut Matrix,
        budget: &mut Budget<'_>,
    ) -> Result<(), Problem> {
        let Some(bytes) = string.and_then(|string| string.as_str().ok()) else {
            return Ok(());
        };
        let Some(font) = &state.font else {
            return Ok(());
        };
        let mut stopped = Ok(());
        font.glyphs(bytes, |glyph| {
            if stopped.is_err() {
                return;
            }
            stopped = budget.step();
            let space = if glyph.is_space {
                state.between_words
            } else {
                0.0
            };
            let step = match font.vertical {
                true => Matrix::shift(0.0, -state.size + state.between + space),
                false => {
                    let wide = glyph.width / 1000.0 * state.size + state.between + space;
                    Matrix::shift(wide * state.stretch, 0.0)
                }
            };
            let here = text.then(state.base);
            *text = step.then(*text);
            let there = text.then(state.base);
            let (at, end) = (here.point(0.0, state.rise), there.point(0.0, state.rise));
            let top = here.point(0.0, state.rise + state.size);
            let size = (top.0 - at.0).hypot(top.1 - at.1);
            match glyph.text {
                // Typesetters put invisible places to break a line into numbers and addresses.
                Some(words) if size.is_finite() && size > 0.0 => self.lines.add(Placed {
                    text: words.trim_matches(['\u{200B}', '\u{AD}']),
                    at,
                    end,
                    size,
                }),
                Some(_) => {}
                None => self.unknown += 1,
            }
        });
        stopped
    }
}
