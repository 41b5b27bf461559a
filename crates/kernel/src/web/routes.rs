//! Routes with their access. A route cannot be declared without saying who may come: default deny is
//! a matter of types, and the list of all routes is what the permission matrix is checked against.

use crate::{Actor, App, Fault, Permission};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::Method,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};

/// Who may come to a route at all. Handlers still check the place of what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone, signed in or not.
    Public,
    /// Every signed-in person: one's own things.
    SignedIn,
    /// Those who hold the permission somewhere.
    Needs(Permission),
}

/// One declared route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
}

/// A context's routes.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    list: Vec<Route>,
}

/// Forms of pages hold much text at most; uploads say their own limit.
const FORM_LIMIT: usize = 8 * 1024 * 1024;

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page or a download.
    pub fn get<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Method::GET, path, access, get(handler))
    }

    /// A form's target.
    pub fn post<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        let handler = post(handler).layer(DefaultBodyLimit::max(FORM_LIMIT));
        self.add(Method::POST, path, access, handler)
    }

    /// Replaces a resource (API).
    pub fn put<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Method::PUT, path, access, put(handler))
    }

    /// Removes a resource (API).
    pub fn delete<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Method::DELETE, path, access, delete(handler))
    }

    /// The target of a form with files, `limit` bytes in all.
    pub fn upload<H: Handler<T, App>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        limit: usize,
        handler: H,
    ) -> Self {
        let handler = post(handler).layer(DefaultBodyLimit::max(limit));
        self.add(Method::POST, path, access, handler)
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: MethodRouter<App>,
    ) -> Self {
        self.list.push(Route {
            method,
            path,
            access,
        });
        let guarded = handler.layer(from_fn(move |request, next| guard(access, request, next)));
        self.router = self.router.route(path, guarded);
        self
    }

    /// These and those.
    pub fn merge(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self.router = self.router.merge(other.router);
        self
    }

    /// What was declared.
    pub fn list(&self) -> &[Route] {
        &self.list
    }

    /// The router, with a page for addresses that lead nowhere.
    pub fn into_router(self) -> Router<App> {
        self.router
            .fallback(|| async { Fault::NotFound })
            .method_not_allowed_fallback(|| async { Fault::NotFound })
    }
}

async fn guard(access: Access, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>();
    let refusal = match (access, actor) {
        (Access::Public, _) => None,
        (_, None) => Some(Fault::Anonymous),
        (Access::SignedIn, Some(_)) => None,
        (Access::Needs(permission), Some(actor)) if actor.may_somewhere(permission) => None,
        (Access::Needs(permission), Some(_)) => Some(Fault::Forbidden(format!(
            "您没有“{}”的权限。",
            permission.label()
        ))),
    };
    match refusal {
        None => next.run(request).await,
        Some(fault) => fault.into_response(),
    }
}
