//! Forms: who sent them (CWE-352), how large they are, what they hold.
//!
//! A form is taken when three things agree: the browser says that it comes from a page of ours, the session cookie is
//! there, and the hidden field `csrf` is the one that only pages of this session know.

use axum::body::Bytes;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_TYPE, ORIGIN, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, Method};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::failure::{Code, Failure};
use crate::session::{Visitor, cookie, cookie_header};
use crate::settings::WebSettings;
use crate::state::AppState;

/// Name of the hidden field.
pub const CSRF_FIELD: &str = "csrf";
/// Name of the header that programs in the browser send instead.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Name of the cookie that stands in for a session on the pages before sign-in.
pub const GUEST_COOKIE: &str = "__Host-guest";
/// Largest file a person uploads.
pub const UPLOAD_MOST_BYTES: usize = 20 * 1024 * 1024;

/// A form of a signed-in person; `T` holds its fields without `csrf`.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        must_be_from_us(&parts.headers, &state.settings)?;
        fields(Request::from_parts(parts, body), state, &visitor.csrf).await.map(Self)
    }
}

/// A form of somebody who is not signed in: sign-in, set-up, invitation, reset.
#[derive(Clone, Copy, Debug)]
pub struct Guest<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Guest<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        must_be_from_us(request.headers(), &state.settings)?;
        let token = cookie(request.headers(), GUEST_COOKIE).ok_or_else(forged)?;
        let expected = guest_csrf(token.expose_secret());
        fields(request, state, &expected).await.map(Self)
    }
}

/// What forms on pages before sign-in must carry in the hidden field `csrf`.
#[derive(Clone, Debug)]
pub struct GuestToken {
    /// The value of the field.
    pub csrf: String,
}

impl FromRequestParts<AppState> for GuestToken {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure::new(Code::Internal))
    }
}

/// Sees to it that a browser has a guest cookie, and pages know the token that goes with it.
pub(crate) async fn greet(State(_): State<AppState>, mut request: Request, next: Next) -> Result<Response, Failure> {
    let known = cookie(request.headers(), GUEST_COOKIE).filter(|token| token.expose_secret().len() == 43);
    let (token, is_new) = match known {
        Some(token) => (token.expose_secret().to_owned(), false),
        None => (random_token()?, true),
    };
    request.extensions_mut().insert(GuestToken { csrf: guest_csrf(&token) });
    let is_get = request.method() == Method::GET;
    let mut response = next.run(request).await;
    if is_new && is_get {
        response.headers_mut().append(SET_COOKIE, cookie_header(GUEST_COOKIE, &token));
    }
    Ok(response)
}

/// 256 random bits as text.
fn random_token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Failure::new(Code::Internal))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The field's value is derived from the cookie, so that a page does not give the cookie away.
fn guest_csrf(token: &str) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(b"casemate/guest-csrf/v1\0");
    context.update(token.as_bytes());
    URL_SAFE_NO_PAD.encode(context.finish())
}

/// A report uploaded by a signed-in person, with the other fields of its form. The field `csrf` must come first, so
/// that nothing is taken in for a stranger.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The file.
    pub file: Vec<u8>,
    /// The other fields, by name.
    pub fields: std::collections::BTreeMap<String, String>,
}

impl FromRequest<AppState> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        const FIELDS_MOST: usize = 16;
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        must_be_from_us(&parts.headers, &state.settings)?;
        let mut form = Multipart::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(|_| Failure::new(Code::MediaType))?;
        let mut proved = false;
        let mut file = None;
        let mut fields = std::collections::BTreeMap::new();
        while let Some(mut field) = form.next_field().await.map_err(|error| of_multipart(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == CSRF_FIELD {
                let sent = text(&mut field).await?;
                proved = is_same(&sent, &visitor.csrf);
            }
            if !proved {
                return Err(forged());
            }
            let is_file = field.file_name().is_some();
            if is_file && file.is_none() {
                file = Some(bytes(&mut field, UPLOAD_MOST_BYTES).await?);
            } else if !is_file && name != CSRF_FIELD && fields.len() < FIELDS_MOST && !fields.contains_key(&name) {
                fields.insert(name, text(&mut field).await?);
            } else if name != CSRF_FIELD {
                return Err(Failure::new(Code::Malformed));
            }
        }
        let file = file.ok_or_else(|| Failure::field("file", "choose a file"))?;
        Ok(Self { file, fields })
    }
}

async fn text(field: &mut Field<'_>) -> Result<String, Failure> {
    String::from_utf8(bytes(field, 4 * 1024).await?).map_err(|_| Failure::new(Code::Malformed))
}

async fn bytes(field: &mut Field<'_>, most: usize) -> Result<Vec<u8>, Failure> {
    let mut all = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| of_multipart(&error))? {
        if all.len() + chunk.len() > most {
            return Err(Failure::new(Code::TooLarge));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

fn of_multipart(error: &axum::extract::multipart::MultipartError) -> Failure {
    crate::failure::of_status(error.status())
}

fn forged() -> Failure {
    Failure::new(Code::Forged)
}

/// Reads the form if it carries the expected token.
async fn fields<T: DeserializeOwned>(request: Request, state: &AppState, expected: &str) -> Result<T, Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Failure::new(Code::MediaType));
    }
    let body =
        Bytes::from_request(request, state).await.map_err(|rejection| crate::failure::of_status(rejection.status()))?;
    let mut sent = Vec::new();
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(&body) {
        if name == CSRF_FIELD {
            sent.push(value);
        } else {
            rest.append_pair(&name, &value);
        }
    }
    match sent.as_slice() {
        [token] if is_same(token, expected) => {}
        _ => return Err(forged()),
    }
    serde_html_form::from_str(&rest.finish()).map_err(|_| Failure::new(Code::Malformed))
}

/// Compares in constant time (CWE-208).
pub(crate) fn is_same(sent: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(sent.as_bytes().ct_eq(expected.as_bytes()))
}

/// Whether the browser says that a page of ours sent this.
pub(crate) fn must_be_from_us(headers: &HeaderMap, settings: &WebSettings) -> Result<(), Failure> {
    let header = |name: &str| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    let mut sites = header("sec-fetch-site");
    let mut origins = header(ORIGIN.as_str());
    let (site, origin) = (sites.next(), origins.next());
    if sites.next().is_some() || origins.next().is_some() {
        return Err(forged());
    }
    // SECURITY: under `Referrer-Policy: no-referrer` browsers send `Origin: null` even to ourselves; then, and only
    // then, Sec-Fetch-Site decides alone. Without either header nothing is taken.
    let is_ours = match (site, origin) {
        (Some(site), Some("null") | None) => site == "same-origin",
        (Some(site), Some(origin)) => site == "same-origin" && settings.is_our_origin(origin),
        (None, Some(origin)) => settings.is_our_origin(origin),
        (None, None) => false,
    };
    if is_ours { Ok(()) } else { Err(forged()) }
}
