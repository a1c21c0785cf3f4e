//! Bodies, queries and paths on their way to types: nothing unknown, nothing twice, nothing deep, nothing said back.

use std::collections::HashSet;
use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::failure::{Code, Failure, FieldFault, of_status};
use crate::state::AppState;

/// Deepest nesting of a JSON body. What we take is three deep.
const DEPTH_MOST: usize = 16;

/// Collects what is wrong with fields, so that all of it is told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldFault>);

impl Faults {
    /// The value, or its fault is noted. Messages must not hold what was sent.
    pub(crate) fn take<T>(&mut self, field: &str, parsed: Result<T, impl fmt::Display>) -> Option<T> {
        parsed.map_err(|fault| self.note(field, fault)).ok()
    }

    /// The same for a field that may be missing.
    pub(crate) fn take_some<T, E: fmt::Display>(
        &mut self,
        field: &str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        text.and_then(|text| self.take(field, parse(text)))
    }

    /// The same for each of many.
    pub(crate) fn take_all<T, E: fmt::Display>(
        &mut self,
        field: &str,
        texts: &[String],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        const MOST: usize = 100;
        if texts.len() > MOST {
            self.note(field, format!("must be at most {MOST}"));
            return Vec::new();
        }
        texts.iter().filter_map(|text| self.take(field, parse(text))).collect()
    }

    /// Something is wrong with a field.
    pub(crate) fn note(&mut self, field: &str, message: impl fmt::Display) {
        self.0.push(FieldFault { field: field.to_owned(), message: message.to_string() });
    }

    /// Whether all was well.
    pub(crate) fn none(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::fields(self.0)) }
    }

    /// What was taken, if all was well.
    pub(crate) fn given<T>(self, taken: Option<T>) -> Result<T, Failure> {
        match taken {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Failure::fields(self.0)),
        }
    }
}

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        if !is_media_type(request.headers(), &["application/json"]) {
            return Err(Failure::new(Code::MediaType));
        }
        let body = bytes(request, state).await?;
        read_json(&body).map(Self)
    }
}

/// A scan report as sent.
#[derive(Clone, Debug)]
pub(crate) struct Report(pub(crate) Vec<u8>);

impl FromRequest<AppState> for Report {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        if !is_media_type(request.headers(), &["application/sarif+json", "application/json"]) {
            return Err(Failure::new(Code::MediaType));
        }
        bytes(request, state).await.map(|body| Self(body.to_vec()))
    }
}

async fn bytes(request: Request, state: &AppState) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|rejection| of_status(rejection.status()))
}

/// One `Content-Type`, one of these, in UTF-8, uncompressed.
fn is_media_type(headers: &HeaderMap, wanted: &[&str]) -> bool {
    let mut sent = headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (sent.next().and_then(|kind| kind.to_str().ok()), sent.next()) else { return false };
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    wanted.iter().any(|wanted| kind.trim().eq_ignore_ascii_case(wanted))
        && matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
        && !headers.contains_key(http::header::CONTENT_ENCODING)
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    if depth(body) > DEPTH_MOST {
        return Err(Failure::saying(Code::Malformed, "the JSON is nested too deep"));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            Failure::fields(vec![unfit(&place, &cause.to_string())])
        } else {
            Failure::saying(Code::Malformed, "the body is not JSON")
        }
    })?;
    reader.end().map_err(|_| Failure::saying(Code::Malformed, "something follows the JSON"))?;
    Ok(value)
}

/// How deep the brackets go, those in strings left out.
fn depth(body: &[u8]) -> usize {
    let (mut open, mut most, mut in_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                open += 1;
                most = most.max(open);
            }
            b']' | b'}' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// SECURITY: serde's messages quote what was sent, which may be a secret; only what was expected is said back.
fn unfit(place: &str, message: &str) -> FieldFault {
    let expected = || {
        let (_, wanted) = message.split_once(", expected ")?;
        let wanted = wanted.split(" at line ").next().unwrap_or(wanted);
        Some(match wanted {
            "u16" | "i64" => "a whole number".to_owned(),
            "a sequence" => "a list".to_owned(),
            "a boolean" => "true or false".to_owned(),
            other if other.starts_with("struct ") => "an object".to_owned(),
            other => other.to_owned(),
        })
    };
    let quoted = |start: &str| {
        let (_, rest) = message.split_once(start)?;
        rest.split('`').next().map(str::to_owned)
    };
    if message.starts_with("missing field `") {
        let field = quoted("missing field `").unwrap_or_default();
        return FieldFault { field, message: "is needed".to_owned() };
    }
    if message.starts_with("duplicate field `") {
        let field = quoted("duplicate field `").unwrap_or_default();
        return FieldFault { field, message: "must be there once".to_owned() };
    }
    if message.starts_with("unknown field `") {
        let known = expected().map(|known| format!("a field nobody knows; known: {known}"));
        return FieldFault { field: String::new(), message: known.unwrap_or_else(|| "no fields are known".to_owned()) };
    }
    let is_ours = place.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.[]".contains(&b));
    FieldFault {
        field: if is_ours && place != "." { place.to_owned() } else { String::new() },
        message: expected()
            .map_or_else(|| "does not hold what it must".to_owned(), |wanted| format!("must be {wanted}")),
    }
}

/// The query of the address: known parameters only; those that hold one value, once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        // An empty value is no value: forms send all their fields.
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            pairs.append_pair(&name, &value);
        }
        serde_html_form::from_str(&pairs.finish())
            .map(Self)
            .map_err(|error: serde_html_form::de::Error| Failure::fields(vec![unfit("", &error.to_string())]))
    }
}

/// A query without any parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoQuery;

impl FromRequestParts<AppState> for NoQuery {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        if parts.uri.query().is_none_or(str::is_empty) {
            return Ok(Self);
        }
        Err(Failure::fields(vec![FieldFault { field: String::new(), message: "no parameters are known".to_owned() }]))
    }
}

/// The one thing named in the path. What is not of its form is not there: 404.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<T>(pub(crate) T);

impl<T: std::str::FromStr + Send> FromRequestParts<AppState> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let text: Result<axum::extract::Path<String>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        let axum::extract::Path(text) = text.map_err(|_| Failure::new(Code::NotFound))?;
        text.parse().map(Self).map_err(|_| Failure::new(Code::NotFound))
    }
}

/// Distinct values, in the order given.
pub(crate) fn distinct<T: Clone + Eq + std::hash::Hash>(values: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        title: String,
        #[serde(default)]
        count: u16,
    }

    fn fault(body: &str) -> (Code, Vec<(String, String)>) {
        let failure = read_json::<Sample>(body.as_bytes()).map(drop).unwrap_err();
        assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
        let faults = failure.field_faults().iter().map(|f| (f.field.clone(), f.message.clone())).collect();
        (failure.code(), faults)
    }

    // ASVS 16.5.1: what was sent is not said back
    #[test]
    fn what_is_wrong_is_told_without_saying_it_back() {
        let pair = |field: &str, message: &str| (Code::Invalid, vec![(field.to_owned(), message.to_owned())]);
        assert_eq!(fault("{}"), pair("title", "is needed"));
        assert_eq!(fault(r#"{"title":"canary","title":"canary"}"#), pair("title", "must be there once"));
        assert_eq!(fault(r#"{"canary":1}"#), pair("", "a field nobody knows; known: `title` or `count`"));
        assert_eq!(fault(r#"{"title":"a","count":"canary"}"#), pair("count", "must be a whole number"));
        assert_eq!(fault(r#"{"title":["canary"]}"#), pair("title", "must be a string"));
        assert_eq!(fault(r#""canary""#), pair("", "must be an object"));
    }

    // ASVS 1.5.2, 1.5.3: broken, deep, doubled and trailing JSON is refused
    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        for bad in ["", "{", "{\"title\":\"a\"} canary", "\u{feff}{}", "NaN", &deep, "{\"title\":\"\\ud800\"}"] {
            assert_eq!(fault(bad).0, Code::Malformed, "{bad:.40}");
        }
    }

    #[test]
    fn brackets_in_strings_are_not_depth() {
        assert_eq!(depth(br#"{"a":"[[[[\"[[[","b":[1]}"#), 2);
    }
}
