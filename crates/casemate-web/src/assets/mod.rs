//! Stylesheet, script and icon: part of the binary, served under `/assets/`, fetched from nowhere else.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// One file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: &'static [u8],
    tag: u64,
}

impl Asset {
    const fn new(name: &'static str, media_type: &'static str, body: &'static [u8]) -> Self {
        Self { name, media_type, body, tag: fingerprint(body) }
    }
}

const STYLE: Asset = Asset::new("style.css", "text/css; charset=utf-8", include_bytes!("style.css"));
const SCRIPT: Asset = Asset::new("casemate.js", "text/javascript; charset=utf-8", include_bytes!("casemate.js"));
const ICON: Asset = Asset::new("favicon.svg", "image/svg+xml", include_bytes!("favicon.svg"));
static ASSETS: [&Asset; 3] = [&STYLE, &SCRIPT, &ICON];

/// FNV-1a: says whether a file changed, no more. Nothing rests on it.
#[expect(clippy::indexing_slicing, reason = "a constant function cannot iterate; the bound is in the loop's head")]
const fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut n = 0;
    while n < bytes.len() {
        hash = (hash ^ bytes[n] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        n += 1;
    }
    hash
}

/// What pages write behind the name of a file, so that a new version is fetched and an old one never asked about.
pub(crate) fn version(name: &str) -> String {
    ASSETS.iter().find(|asset| asset.name == name).map_or_else(String::new, |asset| format!("{:016x}", asset.tag))
}

/// Serves one file.
pub(crate) async fn read_asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    // SECURITY: a name is looked up in a fixed list, never on a disk.
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{:016x}\"", asset.tag);
    let is_known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str());
    let mut answer = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { asset.body.into_response() };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}
