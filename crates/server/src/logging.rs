//! Log lines: text for people or JSON for collectors. No personal data: request lines carry the
//! route, never the query or a name.

use tracing::Level;
use tracing_subscriber::{EnvFilter, prelude::*};
use zhendi_kernel::config::{Config, LogFormat};

/// Starts logging. A second call, as in tests, changes nothing.
pub fn start(config: &Config) {
    let level = config.log.level;
    // Libraries say at their lower levels what they read: texts of manuscripts, queries, headers.
    let others = Ord::min(level, Level::WARN);
    let filter = EnvFilter::new(format!("{others},zhendi={level},tower_http={level}"));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Fails only when logging was started before, which serves as well.
    let _ = match config.log.format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
}
