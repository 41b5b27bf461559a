//! Says plainly what is missing when the pages' styles and scripts have not been built yet.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
    if !Path::new("../../web/dist/manifest.json").exists() {
        println!("cargo::error=web/dist is missing: run `make web` first");
    }
}
