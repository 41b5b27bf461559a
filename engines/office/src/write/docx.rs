//! Writes a sheet as `.docx`: rows with borders are a table, the others paragraphs above and below it.

use std::io::{Cursor, Write};

use docx_rs::{
    AlignmentType, Docx, HeightRule, LineSpacing, LineSpacingType, PageMargin, PageOrientationType,
    Paragraph, Pic, RelativeFromHType, RelativeFromVType, Run, RunFonts, Table, TableAlignmentType,
    TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType, VMergeType, WidthType,
};

use super::{WriteError, qr::qr_png};
use crate::sheet::{Cell, Page, Place, Placer, Proof, Row, Sheet, Side, Style, Upright};

/// Side of the QR code on paper, in millimetres.
const QR_SIDE: f64 = 22.0;

/// Writes a sheet as `.docx`, as one fills in a form by hand: annex 3. The file is made in memory.
///
/// # Errors
/// [`WriteError`]: the source of the rows, the output; a link too long for a QR code.
pub fn write_docx(mut sheet: Sheet<'_>, out: &mut impl Write) -> Result<(), WriteError> {
    let (width, height) = (twips(210.0), twips(297.0));
    let (x, y) = (
        twips(sheet.page.margin_x) as i32,
        twips(sheet.page.margin_y) as i32,
    );
    let margin = PageMargin::new()
        .top(y)
        .bottom(y)
        .left(x)
        .right(x)
        .header(y / 2)
        .footer(y / 2);
    let mut document = Docx::new().page_margin(margin);
    if let Some(proof) = &sheet.proof {
        document = document.add_paragraph(code(proof, sheet.page)?);
    }
    document = if sheet.page.landscape {
        document
            .page_size(height as u32, width as u32)
            .page_orient(PageOrientationType::Landscape)
    } else {
        document.page_size(width as u32, height as u32)
    };
    let mut rows = std::mem::take(&mut sheet.head);
    for row in sheet.body.by_ref() {
        rows.push(row.map_err(WriteError::Rows)?);
    }
    rows.append(&mut sheet.foot);

    let mut placer = Placer::default();
    let mut table = Vec::new();
    for row in rows {
        let bordered = row
            .cells
            .first()
            .is_none_or(|cell| cell.style.look().border);
        if bordered {
            table.push(table_row(row, &sheet.columns, &mut placer));
            continue;
        }
        document = finished(document, &mut table, &sheet.columns);
        for cell in row.cells {
            for paragraph in paragraphs(cell) {
                document = document.add_paragraph(paragraph);
            }
        }
    }
    document = finished(document, &mut table, &sheet.columns);
    if let Some(proof) = &sheet.proof {
        document = document.add_paragraph(paragraph(&proof.line(), Style::Proof, false));
    }
    let mut bytes = Cursor::new(Vec::new());
    document
        .pack(&mut bytes)
        .map_err(|error| WriteError::Library(error.to_string()))?;
    out.write_all(bytes.get_ref())?;
    Ok(())
}

/// Adds the table, if it has rows.
fn finished(document: Docx, table: &mut Vec<TableRow>, columns: &[f64]) -> Docx {
    if table.is_empty() {
        return document;
    }
    let grid: Vec<usize> = columns.iter().map(|&column| twips(column)).collect();
    let beside = twips(1.2);
    let table = Table::new(std::mem::take(table))
        .set_grid(grid.clone())
        .width(grid.iter().sum(), WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(0, beside, 0, beside));
    document.add_table(table)
}

fn table_row(row: Row, columns: &[f64], placer: &mut Placer) -> TableRow {
    let height = row.height;
    let width = |from: u16, wide: u16| {
        let columns = columns.iter().skip(from.into()).take(wide.into());
        columns.map(|&column| twips(column)).sum::<usize>()
    };
    let cells = placer.place(row).into_iter().filter_map(|placed| {
        let from = placed.column;
        match placed.place {
            Place::Cell(cell) => {
                let wide = cell.colspan.max(1);
                let mut out = TableCell::new()
                    .width(width(from, wide), WidthType::Dxa)
                    .vertical_align(match cell.style.look().upright {
                        Upright::Top => VAlignType::Top,
                        Upright::Middle => VAlignType::Center,
                    });
                if wide > 1 {
                    out = out.grid_span(wide.into());
                }
                if cell.rowspan > 1 {
                    out = out.vertical_merge(VMergeType::Restart);
                }
                Some(
                    paragraphs(cell)
                        .into_iter()
                        .fold(out, TableCell::add_paragraph),
                )
            }
            Place::Below(_, wide) => {
                let out = TableCell::new()
                    .width(width(from, wide), WidthType::Dxa)
                    .vertical_merge(VMergeType::Continue)
                    .add_paragraph(Paragraph::new());
                Some(if wide > 1 {
                    out.grid_span(wide.into())
                } else {
                    out
                })
            }
            Place::Beside(_) => None,
        }
    });
    let row = TableRow::new(cells.collect()).cant_split();
    match height {
        // A row's height counts in twips.
        Some(points) => row
            .row_height((points * 20.0) as f32)
            .height_rule(HeightRule::AtLeast),
        None => row,
    }
}

/// A cell's lines.
fn paragraphs(cell: Cell) -> Vec<Paragraph> {
    let (style, marked) = (cell.style, cell.marked);
    let shown = cell.shown().to_string();
    shown
        .split('\n')
        .map(|line| paragraph(line, style, marked))
        .collect()
}

fn paragraph(line: &str, style: Style, bold: bool) -> Paragraph {
    let look = style.look();
    let face = look.typeface.name();
    let fonts = RunFonts::new().ascii(face).hi_ansi(face).east_asia(face);
    // Half points.
    let mut run = Run::new().fonts(fonts).size((look.size * 2.0) as usize);
    if bold {
        run = run.bold();
    }
    let room = if style == Style::Title { 160 } else { 40 };
    Paragraph::new()
        .add_run(run.add_text(line))
        .align(match look.side {
            Side::Left => AlignmentType::Left,
            Side::Centre => AlignmentType::Center,
        })
        .line_spacing(
            LineSpacing::new()
                .line_rule(LineSpacingType::Auto)
                .line(240)
                .before(room)
                .after(room),
        )
}

/// The QR code that leads to the record, beside the title in the upper right corner; it takes no line.
fn code(proof: &Proof, page: Page) -> Result<Paragraph, WriteError> {
    let (png, pixels) = qr_png(&proof.link)?;
    // 36,000 to the millimetre.
    let emu = |millimetres: f64| (millimetres * 36_000.0) as i32;
    let side = emu(QR_SIDE);
    let picture = Pic::new_with_dimensions(png, pixels, pixels)
        .size(side as u32, side as u32)
        .floating()
        .overlapping()
        .relative_from_h(RelativeFromHType::Margin)
        .relative_from_v(RelativeFromVType::Margin)
        .offset_x(emu(page.width() - QR_SIDE))
        .offset_y(emu(-4.0));
    let run = Run::new().size(2).add_image(picture);
    let thin = LineSpacing::new()
        .line_rule(LineSpacingType::Exact)
        .line(20);
    Ok(Paragraph::new().add_run(run).line_spacing(thin))
}

/// Millimetres in twentieths of a point.
fn twips(millimetres: f64) -> usize {
    (millimetres / 25.4 * 1440.0).round() as usize
}
