//! The demonstration institution.
use crate::{commands::Failure, program::Program, serve::Greeting};
use zhendi_kernel::config::Config;
pub async fn open(config: Config, _reset: bool) -> Result<(Program, Greeting), Failure> {
    Ok((Program::open(config).await?, Greeting::Plain))
}
