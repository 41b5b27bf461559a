//! How often this disk can be waited for.

use crate::Stop;
use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// Appends of 4 kB, each followed by an fsync, in a second.
pub fn fsyncs(folder: &Path) -> Result<f64, Stop> {
    let mut file = tempfile::tempfile_in(folder)?;
    let (page, began, mut count) = ([0x5a; 4_096], Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(3) {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
