//! Where the cells of a row stand when those above reach down.

use super::{Cell, Row, Style};

/// A position of a row, in columns from 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    pub column: u16,
    pub place: Place,
}

/// What is at a position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    /// A cell begins.
    Cell(Cell),
    /// Under a merged area, which has its left edge here in a row above and is so many columns wide.
    Below(Style, u16),
    /// Under a merged area that begins further left.
    Beside(Style),
}

/// Places rows one after the other.
#[derive(Debug, Default)]
pub(crate) struct Placer {
    /// Areas that reach down: left edge, width, rows to come, style.
    down: Vec<(u16, u16, u16, Style)>,
}

impl Placer {
    /// The positions of the next row from left to right.
    pub fn place(&mut self, row: Row) -> Vec<Placed> {
        let mut placed = Vec::with_capacity(row.cells.len());
        let mut begun = Vec::new();
        let mut column = 0;
        for cell in row.cells {
            self.pass(&mut column, &mut placed);
            let (style, colspan, rowspan) = (cell.style, cell.colspan.max(1), cell.rowspan);
            if rowspan > 1 {
                begun.push((column, colspan, rowspan - 1, style));
            }
            placed.push(Placed {
                column,
                place: Place::Cell(cell),
            });
            beside(column, colspan, style, &mut placed);
            column += colspan;
        }
        self.pass(&mut column, &mut placed);
        self.down.retain_mut(|(_, _, rows, _)| {
            *rows -= 1;
            *rows > 0
        });
        self.down.extend(begun);
        placed
    }

    /// Steps over areas from above.
    fn pass(&self, column: &mut u16, placed: &mut Vec<Placed>) {
        while let Some(&(left, width, _, style)) =
            self.down.iter().find(|(left, ..)| left == column)
        {
            placed.push(Placed {
                column: left,
                place: Place::Below(style, width),
            });
            beside(left, width, style, placed);
            *column += width;
        }
    }
}

fn beside(left: u16, width: u16, style: Style, placed: &mut Vec<Placed>) {
    placed.extend((left + 1..left + width).map(|column| Placed {
        column,
        place: Place::Beside(style),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_make_way_for_those_that_reach_down() {
        let cell = || Cell::new(Style::Body, "x");
        let mut placer = Placer::default();
        let columns = |row: Vec<Placed>| -> Vec<(u16, char)> {
            let kind = |place: &Place| match place {
                Place::Cell(_) => 'c',
                Place::Below(..) => 'v',
                Place::Beside(_) => '>',
            };
            row.iter().map(|p| (p.column, kind(&p.place))).collect()
        };
        let first = Row::new([cell().tall(3), cell().wide(2), cell().wide(2).tall(2)]);
        assert_eq!(
            columns(placer.place(first)),
            [(0, 'c'), (1, 'c'), (2, '>'), (3, 'c'), (4, '>')]
        );
        assert_eq!(
            columns(placer.place(Row::new([cell(), cell()]))),
            [(0, 'v'), (1, 'c'), (2, 'c'), (3, 'v'), (4, '>')]
        );
        assert_eq!(
            columns(placer.place(Row::new([cell()]))),
            [(0, 'v'), (1, 'c')]
        );
        assert_eq!(columns(placer.place(Row::new([cell()]))), [(0, 'c')]);
    }
}
