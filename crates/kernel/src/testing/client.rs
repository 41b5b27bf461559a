//! A client that speaks to the router like a browser: keeps cookies, sends forms, follows nothing.

use crate::Actor;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex};
use tower::ServiceExt;

/// One visitor.
pub struct Client {
    router: Router,
    actor: Option<Actor>,
    cookies: Mutex<BTreeMap<String, String>>,
    headers: Vec<(HeaderName, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text()))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The same, if it is of this status.
    ///
    /// # Panics
    /// When it is of another; the body says why.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

impl Client {
    /// A client of a router; with an actor, every request is theirs.
    pub fn new(router: Router, actor: Option<Actor>) -> Self {
        Self {
            router,
            actor,
            cookies: Mutex::default(),
            headers: vec![],
        }
    }

    /// Sends a header with every request.
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Fetches a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = "application/x-www-form-urlencoded";
        self.send(Method::POST, path, Some(kind), form.into()).await
    }

    /// Sends JSON.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let kind = "application/json";
        self.send(method, path, Some(kind), body.to_string().into())
            .await
    }

    /// Sends a form with files: field, file name, content.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        const LINE: &str = "zhendi-test-boundary";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!(
                    "--{LINE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        for (field, name, content) in files {
            body.extend_from_slice(
                format!("--{LINE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{LINE}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={LINE}");
        self.send(Method::POST, path, Some(&kind), body.into())
            .await
    }

    /// Sends any request.
    ///
    /// # Panics
    /// When the request cannot be built; the router itself never fails.
    pub async fn send(&self, method: Method, path: &str, kind: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let jar: Vec<String> = self
            .cookies
            .lock()
            .expect("the cookies")
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !jar.is_empty() {
            request = request
                .header(header::COOKIE, jar.join("; "))
                .header("sec-fetch-site", "same-origin");
        }
        let mut request = request.body(body).expect("a request");
        if let Some(actor) = &self.actor {
            request.extensions_mut().insert(actor.clone());
        }
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let bytes = body
            .collect()
            .await
            .expect("a whole body")
            .to_bytes()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut jar = self.cookies.lock().expect("the cookies");
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("a cookie is text");
            let (pair, rest) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if rest.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.into(), value.into());
            }
        }
    }

    /// The value of a cookie that the client holds.
    ///
    /// # Panics
    /// Never in practice: the lock is not poisoned.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("the cookies").get(name).cloned()
    }
}
