//! Versions of things as strong entity tags (RFC 9110 section 8.8), so that nobody's change is lost.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::failure::{Code, Failure};
use crate::state::AppState;

/// `"v7"`
pub(crate) fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The version that `If-Match` names, if it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfMatch(Option<i64>);

impl IfMatch {
    /// The version, for changes that may go without.
    pub(crate) fn optional(self) -> Option<i64> {
        self.0
    }

    /// The version, for changes that take it (RFC 6585 section 3).
    pub(crate) fn required(self) -> Result<i64, Failure> {
        self.0.ok_or_else(|| Failure::new(Code::IfMatchNeeded))
    }
}

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        let Some(sent) = only(&parts.headers, &IF_MATCH)? else { return Ok(Self(None)) };
        // `*` would match whatever somebody else has written meanwhile, which is what the header is there to prevent.
        if sent == "*" {
            return Ok(Self(None));
        }
        // A weak or foreign tag never matches (section 13.1.1).
        parse(&sent).map(|version| Self(Some(version))).ok_or_else(|| Failure::new(Code::Stale))
    }
}

fn only(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Failure> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().map(|text| Some(text.trim().to_owned())).map_err(|_| Failure::new(Code::Malformed))
        }
        _ => Err(Failure::new(Code::Malformed)),
    }
}

fn parse(tag: &str) -> Option<i64> {
    let digits = tag.strip_prefix("\"v")?.strip_suffix('"')?;
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if is_plain { digits.parse().ok() } else { None }
}

/// Something with a version: 304 for whoever has it already.
#[derive(Debug)]
pub(crate) struct Versioned<T> {
    pub(crate) version: i64,
    pub(crate) status: StatusCode,
    pub(crate) body: T,
    if_none_match: Option<String>,
}

impl<T: Serialize> Versioned<T> {
    /// After a change.
    pub(crate) fn changed(version: i64, body: T) -> Self {
        Self { version, status: StatusCode::OK, body, if_none_match: None }
    }

    /// After something was made.
    pub(crate) fn created(version: i64, body: T) -> Self {
        Self { status: StatusCode::CREATED, ..Self::changed(version, body) }
    }

    /// After a read.
    pub(crate) fn read(version: i64, body: T, headers: &HeaderMap) -> Self {
        let if_none_match = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { version, status: StatusCode::OK, body, if_none_match }
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let tag = etag(self.version);
        // Weak comparison (section 13.1.2).
        let is_known = self.if_none_match.is_some_and(|known| {
            known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
        });
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (self.status, axum::Json(self.body)).into_response()
        };
        if let Ok(tag) = HeaderValue::try_from(tag) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strong_tags_of_ours_match() {
        assert_eq!(parse(&etag(7)), Some(7));
        for bad in
            ["v7", "\"7\"", "W/\"v7\"", "\"v07\"", "\"v\"", "\"v-1\"", "\"v1\", \"v2\"", "\"v99999999999999999999\""]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
