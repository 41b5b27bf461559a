//! The sandboxed frame in which styled content is shown (R-REV-11): a document of its own, with a policy of its own.
//! Nothing in it can run, send or load anything but the manuscript's own pictures and videos.

use super::terms::{Content, FileRole, Layout};
use crate::ids::ManuscriptId;
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

/// The frame shares our origin so that the page around it can fit its height, and because a frame without
/// one gets no pictures; without `allow-scripts` nothing in it can make use of that.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
     sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

const STYLE: &str = "html{background:#fff;color:#1f2328}body{margin:0 auto;padding:16px;max-width:720px;\
    font:16px/1.8 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;\
    overflow-wrap:anywhere;overflow-x:hidden}img,video{max-width:100%;height:auto}\
    table{border-collapse:collapse;max-width:100%}blockquote{margin:1em 0;padding-left:1em;\
    border-left:3px solid #d0d4da}.text-center{text-align:center}.text-end{text-align:right}\
    .text-indent{text-indent:2em}";
/// Tables of the editor have lines, and its headings the sizes they have there; layout tools say their own.
const LINES: &str = "td,th{border:1px solid #c8ccd2;padding:6px 10px;vertical-align:top}th{background:#f2f3f5}\
     h2{font-size:1.25em}h3{font-size:1.125em}h4{font-size:1em}";

/// The content as a document for the frame.
pub fn document(of: ManuscriptId, content: &Content) -> Response {
    respond(page(of, content))
}

/// The same for who may see this content and nothing else of the manuscript: its files are found below another
/// address.
pub fn entrusted(of: ManuscriptId, content: &Content, files: &str) -> Response {
    let mut page = page(of, content);
    for file in &content.files {
        let own = super::file_address(of, file.id);
        for (before, after) in [("src=\"", "\""), ("url(&quot;", "&quot;)")] {
            let there = format!("{before}{files}/{}{after}", file.id);
            page = page.replace(&format!("{before}{own}{after}"), &there);
        }
    }
    respond(page)
}

fn page(of: ManuscriptId, content: &Content) -> String {
    let lines = if content.layout == Layout::Framed {
        ""
    } else {
        LINES
    };
    let mut body = String::new();
    if content.layout == Layout::Picture {
        for file in content
            .files
            .iter()
            .filter(|file| file.role == FileRole::Picture)
        {
            // Names and alternative texts are people's: they are escaped like any text.
            let alt = file
                .alt
                .replace('&', "&amp;")
                .replace('"', "&quot;")
                .replace('<', "&lt;");
            body.push_str(&format!(
                "<p><img src=\"{}\" alt=\"{alt}\"></p>",
                super::file_address(of, file.id)
            ));
        }
    }
    body.push_str(&content.html);
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>正文</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><base target=\"_blank\">\
         <style>{STYLE}{lines}</style></head><body>{body}</body></html>"
    )
}

fn respond(page: String) -> Response {
    let mut response = Html(page).into_response();
    let headers = response.headers_mut();
    let frame_options = HeaderName::from_static("x-frame-options");
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(frame_options, HeaderValue::from_static("SAMEORIGIN"));
    response
}
