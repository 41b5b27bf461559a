//! Sets the data of a sheet from standard input: `cargo run -p zhendi-typeset --example sheet < sheet.json > sheet.pdf`.

use std::io::{Write, stdin, stdout};
use zhendi_typeset::{FontSource, Typesetter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let typesetter = Typesetter::new(&FontSource {
        system: true,
        ..FontSource::default()
    })?;
    for note in typesetter.notes() {
        eprintln!("{note}");
    }
    let pdf = typesetter.sheet(serde_json::from_reader(stdin().lock())?)?;
    stdout().write_all(&pdf)?;
    Ok(())
}
