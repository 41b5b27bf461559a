//! The web side that all contexts share: routes with their access, the page shell, faults as pages,
//! guards and headers, embedded assets.

pub mod assets;
pub mod body;
mod faults;
mod guards;
mod routes;
mod shell;

pub use faults::{faults, wants_fragment};
pub use guards::{
    ClientIp, client_ip, count_visit, csrf, plain_address, security_headers, visitor_limit,
};
pub use routes::{Access, Route, Routes};
pub use shell::{ActingFor, Flash, NavLink, Shell, cookie, redirect};

use axum::response::{IntoResponse, Response};

/// The page of a template, or the fault of one that cannot be rendered.
pub fn page(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(html) => axum::response::Html(html).into_response(),
        Err(error) => crate::Fault::internal(error).into_response(),
    }
}
