//! Prints the forms of the files named on the command line as JSON, or why there are none.

use std::path::Path;

use zhendi_office::{Limits, read_forms};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let name = Path::new(&path)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        match read_forms(&name, &bytes, &Limits::default()) {
            Ok(reading) => println!("{}", serde_json::to_string_pretty(&reading)?),
            Err(error) => println!("{path}: {error}"),
        }
    }
    Ok(())
}
