//! How a request failed, as told to whoever sent it: problem details (RFC 9457) to programs, a page to people.
//!
//! A handler returns a [`Failure`]; [`crate::middleware::edge`] renders it, because only there is known who reads it.

mod from_use_cases;

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;

use crate::pages::failure::FailurePage;

macro_rules! codes {
    ($($name:ident = $status:ident, $word:literal, $title:literal, $explanation:literal;)*) => {
        /// The stable codes of failures: programs branch on them, `/problems/{code}` explains them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The status that goes with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The word programs branch on.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it is, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)* }
            }
        }
    };
}

codes! {
    Malformed = BAD_REQUEST, "malformed_request", "Malformed request",
        "The request could not be read: broken JSON, a header that makes no sense, a form with the same field twice.";
    SignInNeeded = UNAUTHORIZED, "authentication_required", "Who is asking?",
        "Send an access token in the Authorization header (Bearer), or sign in. Tokens come from /oauth/token.";
    BadToken = UNAUTHORIZED, "invalid_token", "Invalid token",
        "The access token is malformed, expired, revoked or not for this service. Get a new one from /oauth/token.";
    Denied = FORBIDDEN, "not_allowed", "Not allowed",
        "Your role or your token's scopes do not allow this.";
    ConfirmationNeeded = FORBIDDEN, "confirmation_required", "Confirm who you are",
        "Allowed, but only a few minutes after giving the password. Confirm it on the page /confirm.";
    Forged = FORBIDDEN, "csrf_failed", "This form is too old or not ours",
        "A change made with a session cookie needs the session's CSRF token and must come from a page of this server. Reload the page and try again.";
    NotFound = NOT_FOUND, "not_found", "Not found",
        "There is no such thing, or none that you may know of.";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "This address does not take that method; the Allow header says which it takes.";
    NotAcceptable = NOT_ACCEPTABLE, "not_acceptable", "Not acceptable",
        "The API answers in JSON; the Accept header rules that out.";
    Conflict = CONFLICT, "conflict", "Not possible now",
        "What was asked does not fit the state things are in: a step the case cannot take from here, a name that is taken.";
    Stale = PRECONDITION_FAILED, "stale", "Changed by somebody else",
        "The thing was changed since you read it, so If-Match no longer fits. Read it again and repeat your change.";
    TooLarge = PAYLOAD_TOO_LARGE, "too_large", "Too large",
        "The body is larger than this address takes.";
    MediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type",
        "The Content-Type is not what this address takes: application/json for the API, a form for pages.";
    Misdirected = MISDIRECTED_REQUEST, "misdirected", "Not this host",
        "The Host header does not name this server. Operators set the name with --base-url.";
    Invalid = UNPROCESSABLE_ENTITY, "invalid", "Invalid input",
        "The request was understood, but a field does not hold what it must; `errors` says which and why.";
    IfMatchNeeded = PRECONDITION_REQUIRED, "if_match_required", "If-Match needed",
        "Changing this takes an If-Match header with the ETag of what you read, so that nobody's change is lost.";
    SlowDown = TOO_MANY_REQUESTS, "slow_down", "Too many requests",
        "Wait as many seconds as Retry-After says. RateLimit and RateLimit-Policy tell what is left before it comes to this.";
    Internal = INTERNAL_SERVER_ERROR, "internal_error", "Unexpected error",
        "Something went wrong on our side. It is logged under the request id.";
    Busy = SERVICE_UNAVAILABLE, "busy", "Busy",
        "Too much is going on, or the request took too long. Try again after as many seconds as Retry-After says.";
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldFault {
    /// Name of the field, of the query parameter or of the header; empty when it is about the whole.
    #[schema(example = "title")]
    pub field: String,
    /// What it must be.
    #[schema(example = "must be at most 200 characters long")]
    pub message: String,
}

/// How a request failed.
#[derive(Clone, Debug)]
pub struct Failure(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    fields: Vec<FieldFault>,
    retry_after_secs: Option<u64>,
}

impl Failure {
    /// With the code's own explanation as message.
    pub fn new(code: Code) -> Self {
        let message = if code == Code::Internal { "Unexpected error" } else { code.explanation() };
        Self(Box::new(Inner { code, message: Cow::Borrowed(message), fields: Vec::new(), retry_after_secs: None }))
    }

    /// With a message of its own. It is shown to the caller: no secrets, no inner workings.
    pub fn saying(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let mut failure = Self::new(code);
        failure.0.message = message.into();
        failure
    }

    /// One field does not hold what it must.
    pub fn field(field: &str, message: impl std::fmt::Display) -> Self {
        Self::fields(vec![FieldFault { field: field.to_owned(), message: message.to_string() }])
    }

    /// Fields do not hold what they must.
    pub fn fields(fields: Vec<FieldFault>) -> Self {
        let mut failure = Self::saying(Code::Invalid, "some fields do not hold what they must");
        failure.0.fields = fields;
        failure
    }

    /// Too many requests; another is heard in so many seconds.
    pub fn slow_down(retry_after_secs: u64) -> Self {
        let mut failure =
            Self::saying(Code::SlowDown, format!("too many attempts; try again in {retry_after_secs} seconds"));
        failure.0.retry_after_secs = Some(retry_after_secs);
        failure
    }

    /// Too much is going on.
    pub fn busy() -> Self {
        let mut failure = Self::new(Code::Busy);
        failure.0.retry_after_secs = Some(2);
        failure
    }

    /// What programs branch on.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What is said.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Seconds until another attempt is heard, if it was one too many.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.0.retry_after_secs
    }

    /// What is wrong with which field, for showing it beside the field.
    pub fn field_faults(&self) -> &[FieldFault] {
        &self.0.fields
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Problem details (RFC 9457), with the fields `error`, `message` and `request_id` that all our errors have.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "https://casemate.example.org/problems/invalid")]
    type_uri: String,
    /// What it is, in a few words.
    #[schema(example = "Invalid input")]
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// A stable code to branch on.
    #[schema(example = "invalid")]
    error: String,
    /// What happened, for people.
    #[schema(example = "some fields do not hold what they must")]
    message: String,
    /// The id under which the request is logged.
    #[schema(example = "01980000-0000-7000-8000-000000000000")]
    request_id: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldFault>,
}

/// What rendering a failure takes to know about the request.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path_and_query: &'a str,
    pub(crate) base_url: &'a str,
    pub(crate) request_id: &'a str,
}

/// Whether a program reads what this path answers.
pub(crate) fn is_for_programs(path: &str) -> bool {
    ["/api/", "/oauth/", "/.well-known/"].iter().any(|start| path.starts_with(start))
        || matches!(path, "/api" | "/healthz" | "/readyz")
}

/// Gives the failure its words. Headers that the answer had already are kept.
pub(crate) fn render(failure: &Failure, reader: &Reader<'_>, had: &HeaderMap) -> Response {
    let path = reader.path_and_query.split('?').next().unwrap_or("/");
    let programs = is_for_programs(path);
    let code = failure.code();
    let mut response = match code {
        Code::SignInNeeded if !programs => see_other(&sign_in_path(reader, path)),
        Code::ConfirmationNeeded if !programs => see_other(&format!("/confirm?next={}", encoded(&back(reader, path)))),
        _ if programs => problem(failure, reader),
        _ => page(failure, reader),
    };
    let headers = response.headers_mut();
    for (name, value) in had.iter().filter(|(name, _)| **name != CONTENT_TYPE && **name != CONTENT_LENGTH) {
        headers.append(name, value.clone());
    }
    if let Some(secs) = failure.0.retry_after_secs {
        headers.insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    if programs && code.status() == StatusCode::UNAUTHORIZED && !headers.contains_key(WWW_AUTHENTICATE) {
        // RFC 6750 section 3.1: no error code when no credentials were sent.
        let challenge = match code {
            Code::BadToken => r#"Bearer realm="casemate", error="invalid_token""#,
            _ => r#"Bearer realm="casemate""#,
        };
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

fn problem(failure: &Failure, reader: &Reader<'_>) -> Response {
    let code = failure.code();
    let problem = Problem {
        type_uri: format!("{}/problems/{}", reader.base_url, code.as_str()),
        title: code.title().to_owned(),
        status: code.status().as_u16(),
        error: code.as_str().to_owned(),
        message: failure.message().to_owned(),
        request_id: reader.request_id.to_owned(),
        errors: failure.0.fields.clone(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    (code.status(), [(CONTENT_TYPE, "application/problem+json")], body).into_response()
}

fn page(failure: &Failure, reader: &Reader<'_>) -> Response {
    let code = failure.code();
    let html = crate::pages::failure::page(&FailurePage {
        status: code.status().as_u16(),
        title: code.title(),
        message: failure.message(),
        fields: failure.field_faults(),
        request_id: reader.request_id,
    });
    (code.status(), [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to), (CACHE_CONTROL, "no-store")]).into_response()
}

fn sign_in_path(reader: &Reader<'_>, path: &str) -> String {
    if path == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encoded(&back(reader, path))) }
}

/// Where to come back to: the same page, or for a form the page it is on, which has the same first segment.
fn back(reader: &Reader<'_>, path: &str) -> String {
    if reader.method == Method::GET || reader.method == Method::HEAD {
        return reader.path_and_query.to_owned();
    }
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    format!("/{first}")
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The failure that a bare status means: what axum and tower answer without asking us.
pub(crate) fn of_status(status: StatusCode) -> Failure {
    let code = Code::ALL.iter().copied().find(|code| code.status() == status);
    match code {
        Some(Code::SignInNeeded) => Failure::new(Code::SignInNeeded),
        Some(Code::Denied) => Failure::new(Code::Denied),
        Some(Code::Busy) => Failure::busy(),
        Some(code) => Failure::new(code),
        None if status == StatusCode::REQUEST_TIMEOUT => Failure::busy(),
        None if status.is_client_error() => Failure::new(Code::Malformed),
        None => Failure::new(Code::Internal),
    }
}
