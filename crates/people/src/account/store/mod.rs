//! Rows of accounts, sessions, sign-in records and tokens. The only folder of the feature that knows
//! SQL exists.

pub mod accounts;
pub mod records;
pub mod sessions;
pub mod tokens;
