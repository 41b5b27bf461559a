//! Bodies of API requests: JSON that fits, or words about what does not.

use crate::Fault;
use axum::{Json, extract::rejection::JsonRejection, http::StatusCode};

/// What came as a body.
pub type Body<T> = Result<Json<T>, JsonRejection>;

/// The value of a body.
///
/// # Errors
/// `Fault::TooLarge`, `Fault::Malformed`.
pub fn read<T>(body: Body<T>) -> Result<T, Fault> {
    match body {
        Ok(Json(value)) => Ok(value),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Fault::TooLarge("请求内容超过了大小限制。".into()))
        }
        Err(error) => Err(Fault::Malformed(format!(
            "请求内容不是所需的 JSON：{}",
            error.body_text()
        ))),
    }
}
