//! Styles, scripts and icons: built by `web/`, embedded in the binary, served under names that carry their hash.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// Logical name ("app.css") to hashed name ("app-1a2b3c4d5e.css").
static MANIFEST: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let file = Dist::get("manifest.json").expect("build.rs requires the manifest");
    serde_json::from_slice(&file.data).expect("web/build.js writes the manifest as a map of names")
});

/// Under a name with its hash the content can never change.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The address of an asset, e.g. `url("app.css")`. A name that the build does not know gives an address that is not found.
pub fn url(logical: &str) -> String {
    format!(
        "/assets/{}",
        MANIFEST.get(logical).map_or(logical, |hashed| hashed)
    )
}

/// The route of the assets: open to everyone, cached for ever.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(content_type) = content_type(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some((encoding, body)) = encoded(&name, accepted(&headers)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = match body {
        Cow::Borrowed(bytes) => bytes.into_response(),
        Cow::Owned(bytes) => bytes.into_response(),
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    out.insert(header::CACHE_CONTROL, FOREVER);
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// Only what the build makes for browsers; the manifest and the compressed copies have no address of their own.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// The encodings that a browser accepts, best first.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = (&'static str, &'static str)> {
    let accepts = |wanted: &str| {
        headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|item| {
                let (name, weight) = item.split_once(';').unwrap_or((item, ""));
                let refused = weight
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|q| q.parse() == Ok(0.0));
                name.trim().eq_ignore_ascii_case(wanted) && !refused
            })
    };
    [("br", ".br"), ("gzip", ".gz")]
        .map(|(encoding, suffix)| accepts(encoding).then_some((encoding, suffix)))
        .into_iter()
        .flatten()
}

type Encoded = (Option<&'static str>, Cow<'static, [u8]>);

fn encoded(
    name: &str,
    mut accepted: impl Iterator<Item = (&'static str, &'static str)>,
) -> Option<Encoded> {
    accepted
        .find_map(|(encoding, suffix)| {
            Some((Some(encoding), Dist::get(&format!("{name}{suffix}"))?.data))
        })
        .or_else(|| Some((None, Dist::get(name)?.data)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt;
    use std::{fs, path::Path as FilePath};
    use tower::ServiceExt;

    async fn ask(path: &str, accept: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = Request::get(path)
            .header(header::ACCEPT_ENCODING, accept)
            .body(Body::empty())
            .expect("a request");
        let response = routes::<()>().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        (parts.status, parts.headers, bytes.to_vec())
    }

    #[tokio::test]
    async fn serves_the_best_encoding_that_is_accepted_and_caches_for_ever() {
        let plain = ask(&url("app.css"), "").await;
        assert_eq!(plain.0, StatusCode::OK);
        assert_eq!(plain.1.get(header::CONTENT_ENCODING), None);
        assert_eq!(plain.1[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert!(
            plain.1[header::CACHE_CONTROL]
                .to_str()
                .expect("text")
                .contains("immutable")
        );

        let brotli = ask(&url("app.css"), "gzip, deflate, br;q=0.9").await;
        assert_eq!(brotli.1[header::CONTENT_ENCODING], "br");
        assert_eq!(brotli.1[header::VARY], "accept-encoding");
        assert!(brotli.2.len() < plain.2.len());

        let gzip = ask(&url("app.js"), "gzip, br;q=0").await;
        assert_eq!(gzip.1[header::CONTENT_ENCODING], "gzip");
        assert_eq!(gzip.2[..2], [0x1f, 0x8b]);
    }

    #[tokio::test]
    async fn anything_else_is_not_found() {
        for path in [
            "/assets/manifest.json",
            "/assets/app.css",
            "/assets/..%2fpackage.json",
            "/assets/none",
            &format!("{}.br", url("app.css")),
        ] {
            assert_eq!(ask(path, "br").await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    /// Every asset and icon that a page of any context names must exist in the build: in templates, beside the
    /// tone of a state, in the menu.
    #[test]
    fn pages_name_only_assets_and_icons_that_exist() {
        let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
        let sprite = Dist::get(&MANIFEST["icons.svg"]).expect("the sprite");
        let sprite = std::str::from_utf8(&sprite.data).expect("text");
        let mut seen = 0;
        for source in sources(&root) {
            let text = fs::read_to_string(&source).expect("a source");
            for name in between(&text, "shell.asset(\"", "\")") {
                assert!(
                    MANIFEST.contains_key(name),
                    "{}: no asset {name:?}",
                    source.display()
                );
                seen += 1;
            }
            for name in icons(&text) {
                assert!(
                    sprite.contains(&format!("id=\"{name}\"")),
                    "{}: icon {name:?} is not in web/icons.txt",
                    source.display()
                );
                seen += 1;
            }
        }
        assert!(seen > 20, "the sources were not found");
    }

    fn icons(text: &str) -> impl Iterator<Item = &str> {
        let tones = ["success", "info", "warning", "danger", "neutral", "accent"];
        let paired = tones
            .map(|tone| format!("\"{tone}\", \""))
            .into_iter()
            .flat_map(|open| between(text, &open, "\"").collect::<Vec<_>>());
        let direct = ["icon(\"", "empty(\"", "icon: \"", "(\"icons.svg\") }}#"]
            .into_iter()
            .flat_map(|open| between(text, open, "\""));
        let menu = between(text, "entry(\"", ")").filter_map(|entry| entry.split('"').nth(4));
        // What an expression of the template completes is not a name yet, and an empty text is none.
        paired.chain(direct).chain(menu).filter(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
    }

    fn sources(folder: &FilePath) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                found.extend(sources(&path));
            } else if path
                .extension()
                .is_some_and(|extension| extension == "html")
            {
                found.push(path);
            }
        }
        found
    }

    fn between<'a>(
        text: &'a str,
        open: &str,
        close: &'static str,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let rest: Vec<_> = text.split(open).skip(1).collect();
        rest.into_iter()
            .filter_map(move |rest| Some(rest.split_once(close)?.0))
    }
}
