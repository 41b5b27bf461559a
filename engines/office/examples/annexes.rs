//! Writes the four annexes, filled in and empty, in every format: `cargo run -p zhendi-office --example annexes -- FOLDER`.

#[path = "../tests/it/made.rs"]
mod made;

use std::{convert::Infallible, error::Error, fs::File, io::BufWriter, path::Path};

use zhendi_office::{
    annex::{AnnexThree, AnnexTwo, Delivery, Head, annex_four, annex_one},
    sheet::Sheet,
    write::{write_docx, write_xls, write_xlsx},
};

/// A file's name, and what makes the sheet: it is written several times.
type Named = (&'static str, fn() -> Sheet<'static>);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("a folder, please")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let filled: [Named; 4] = [
        ("annex1", || made::one(Some(made::proof()))),
        ("annex2", || made::two(Some(made::proof())).sheet()),
        ("annex3", || made::three(Some(made::proof())).sheet()),
        ("annex4", || made::four(Some(made::proof()))),
    ];
    let empty: [Named; 4] = [
        ("empty1", || {
            annex_one(
                &Head::default(),
                &Delivery::default(),
                std::iter::empty::<Result<_, Infallible>>(),
                None,
            )
        }),
        ("empty2", || {
            AnnexTwo {
                head: Head::default(),
                ..made::two(None)
            }
            .sheet()
        }),
        ("empty3", || AnnexThree::default().sheet()),
        ("empty4", || {
            annex_four(
                &Head::default(),
                std::iter::empty::<Result<_, Infallible>>(),
                None,
            )
        }),
    ];
    for (name, sheet) in filled.into_iter().chain(empty) {
        let file =
            |end: &str| File::create(folder.join(format!("{name}.{end}"))).map(BufWriter::new);
        write_xlsx(sheet(), None, &mut file("xlsx")?)?;
        write_xls(sheet(), &mut file("xls")?)?;
        if name.ends_with('3') {
            write_docx(sheet(), &mut file("docx")?)?;
        }
    }
    Ok(())
}
