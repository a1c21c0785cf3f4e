//! Cookies that a module sets, and what protects them.

use casemate_python::facts::Konst;
use casemate_python::syntax::{BinaryOp, Constant, Function, FunctionId, Module, Op, Span, Value};

use crate::models::words;
use crate::rule::Persona;
use crate::rules::Context;
use crate::rules::values::{Given, called, given};

/// A cookie that is set.
pub(super) struct Cookie<'a> {
    pub(super) function: FunctionId,
    pub(super) span: Span,
    /// Its name, where it is a constant.
    pub(super) name: Option<&'a str>,
    pub(super) secure: Given<'a>,
    pub(super) http_only: Given<'a>,
    pub(super) same_site: Given<'a>,
    /// What the framework does where nothing is said about other sites.
    pub(super) is_lax_by_default: bool,
}

/// Words for how somebody likes to see pages.
const TASTE: &[&str] = &["theme", "lang", "language", "locale", "color", "colour", "mode", "consent", "banner"];

/// Whether the name of a cookie speaks of taste, or has another of these words.
pub(crate) fn says_taste(name: &str, others: &[&str]) -> bool {
    words(name).iter().any(|word| TASTE.contains(&word.as_str()) || others.contains(&word.as_str()))
}

impl Cookie<'_> {
    /// Whether it says who is signed in.
    pub(super) fn is_sensitive(&self) -> bool {
        self.name.is_some_and(is_sensitive)
    }

    /// Whether it only says how somebody likes to see pages.
    pub(super) fn is_trifle(&self) -> bool {
        let others = ["timezone", "tz", "sidebar", "layout", "csrf", "xsrf", "csrftoken"];
        self.name.is_some_and(|name| says_taste(name, &others))
    }

    /// Its name for a message.
    pub(super) fn shown(&self) -> String {
        self.name.map_or_else(|| "the cookie".to_owned(), |name| format!("the cookie `{name}`"))
    }
}

/// Whether a cookie of this name says who is signed in.
pub(super) fn is_sensitive(name: &str) -> bool {
    let is_readable_by_design = words(name).iter().any(|word| matches!(word.as_str(), "csrf" | "xsrf" | "csrftoken"));
    !is_readable_by_design
        && words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "session"
                    | "sessionid"
                    | "sid"
                    | "sess"
                    | "auth"
                    | "token"
                    | "jwt"
                    | "access"
                    | "refresh"
                    | "remember"
                    | "login"
                    | "identity"
                    | "credential"
                    | "credentials"
                    | "password"
                    | "apikey"
                    | "user"
                    | "userid"
                    | "username"
                    | "admin"
                    | "secret"
                    | "bearer"
            )
        })
}

/// Cookies that are written out in a header: `headers["Set-Cookie"] = "session=…; HttpOnly"`.
pub(super) fn written_out<'a>(cx: &Context<'a>) -> Vec<Cookie<'a>> {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let (name, value) = match op {
                Op::StoreItem { index, value, .. } => (index, value),
                Op::Call { callee, arguments } => match function.call_arguments(arguments) {
                    [name, value]
                        if matches!(
                            called(cx.module, function, callee),
                            "add" | "set" | "append" | "set_header" | "add_header"
                        ) =>
                    {
                        (name.value, value.value)
                    }
                    _ => continue,
                },
                _ => continue,
            };
            let is_header = matches!(cx.facts.constant(id, name), Some(Konst::Text(name)) if name.eq_ignore_ascii_case("set-cookie"));
            let value = function.plain(value);
            let is_text = match function.op(value) {
                Op::Constant(Constant::Str(_)) | Op::Format(_) => true,
                Op::Binary { op, .. } => matches!(op, BinaryOp::Add | BinaryOp::Mod),
                _ => false,
            };
            if !is_header || !is_text {
                continue;
            }
            let text = cx.module.slice(function.span_of(value));
            let words: Vec<String> =
                text.split([';', '"', '\'']).map(|word| word.trim().to_ascii_lowercase()).collect();
            let says = |word: &str| words.iter().any(|one| one == word);
            let has = |yes: bool| if yes { Given::Bool(true) } else { Given::Nothing };
            let start = text
                .trim_start_matches(|letter: char| letter.is_ascii_alphabetic())
                .trim_start_matches(['"', '\'', '(']);
            let is_over = words.iter().any(|word| word == "max-age=0" || word.starts_with("expires=thu, 01 jan 1970"));
            let Some((name, _)) = start.split_once('=').filter(|_| !is_over) else { continue };
            let is_name =
                !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter));
            found.push(Cookie {
                function: id,
                span: function.span_of(at),
                name: is_name.then_some(name),
                secure: has(says("secure")),
                http_only: has(says("httponly")),
                same_site: has(words.iter().any(|word| word.starts_with("samesite"))),
                is_lax_by_default: false,
            });
        }
    }
    found
}

/// Every cookie that the module sets.
pub(super) fn set<'a>(cx: &Context<'a>) -> Vec<Cookie<'a>> {
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let last = called(cx.module, function, callee);
        if !matches!(last, "set_cookie" | "set_signed_cookie" | "set_secure_cookie") {
            continue;
        }
        let Op::Attribute { of, .. } = function.op(callee) else { continue };
        // `client.set_cookie` of a test, `self.set_cookie` of a handler. What a loop goes on with is written all over it.
        let made = function.plain(of);
        let asked = if matches!(function.op(made), Op::Phi(_)) { of } else { made };
        let receiver = match function.op(asked) {
            Op::Phi(_) => cx.module.slice(function.span_of(callee)).split('.').next().unwrap_or_default(),
            _ => cx.module.slice(function.span_of(asked)),
        };
        if ["client", "session", "driver", "browser"].iter().any(|word| receiver.contains(word)) {
            continue;
        }
        let name = match given(cx, id, arguments, Some(0), "key") {
            Given::Nothing => given(cx, id, arguments, None, "name").text(),
            given => given.text(),
        };
        let is_empty = match given(cx, id, arguments, Some(1), "value") {
            Given::Value(written) => written.is_none() || written.text() == Some(""),
            _ => false,
        };
        // A second after the epoch is long ago.
        let is_over = ["max_age", "expires"].iter().any(|word| {
            matches!(given(cx, id, arguments, None, word), Given::Value(written)
                if written.number().is_some_and(|number| number <= i64::from(*word == "expires")))
        });
        // What says yes or no lets nobody in.
        let is_answer = cx.persona == Persona::Default
            && matches!(given(cx, id, arguments, Some(1), "value"), Given::Value(written) if is_word(written.module, written.function, written.value));
        if is_empty || is_over || is_answer {
            continue;
        }
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let imports = |root: &str| cx.module.imports.iter().any(|import| import.module.split('.').next() == Some(root));
        let is_lax_by_default = path.starts_with("starlette.")
            || path.starts_with("fastapi.")
            || imports("fastapi")
            || imports("starlette");
        found.push(Cookie {
            function: id,
            span: function.span_of(value),
            name,
            secure: given(cx, id, arguments, Some(6), "secure"),
            http_only: given(cx, id, arguments, Some(7), "httponly"),
            same_site: given(cx, id, arguments, Some(8), "samesite"),
            is_lax_by_default,
        });
    }
    found
}

/// Words without which a module neither sets cookies nor makes what keeps one.
pub(super) const SIGNS: &[&str] =
    &["set_cookie", "set_signed_cookie", "set_secure_cookie", "pyramid", "webob", "aiohttp_session", "litestar"];

/// What makes a cookie for sessions or sign-ins and is told how it is protected: its path, the keywords for
/// `Secure` and `HttpOnly`, and whether `HttpOnly` is set where nothing is said.
const KEEPERS: &[(&str, &str, &str, bool)] = &[
    ("pyramid.session.SignedCookieSessionFactory", "secure", "httponly", false),
    ("pyramid.session.BaseCookieSessionFactory", "secure", "httponly", false),
    ("pyramid.session.UnencryptedCookieSessionFactoryConfig", "cookie_secure", "cookie_httponly", false),
    ("pyramid.authentication.AuthTktAuthenticationPolicy", "secure", "http_only", false),
    ("pyramid.authentication.AuthTktCookieHelper", "secure", "http_only", false),
    ("webob.cookies.CookieProfile", "secure", "httponly", false),
    ("webob.cookies.SignedCookieProfile", "secure", "httponly", false),
    ("aiohttp_session.SimpleCookieStorage", "secure", "httponly", true),
    ("aiohttp_session.cookie_storage.EncryptedCookieStorage", "secure", "httponly", true),
    ("aiohttp_session.nacl_storage.NaClCookieStorage", "secure", "httponly", true),
    ("aiohttp_session.redis_storage.RedisStorage", "secure", "httponly", true),
    ("litestar.middleware.session.client_side.CookieBackendConfig", "secure", "httponly", true),
    ("litestar.middleware.session.server_side.ServerSideSessionConfig", "secure", "httponly", true),
];

/// Cookies of sessions that something made here keeps: `SignedCookieSessionFactory(secret, secure=True)`.
pub(super) fn kept<'a>(cx: &Context<'a>) -> Vec<Cookie<'a>> {
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let Some(path) = cx.facts.path(id, callee) else { continue };
        let Some(&(_, secure, http_only, is_closed)) = KEEPERS.iter().find(|keeper| keeper.0 == path) else { continue };
        let told = |keyword: &str, is_on: bool| match given(cx, id, arguments, None, keyword) {
            Given::Nothing if is_on => Given::Bool(true),
            given => given,
        };
        found.push(Cookie {
            function: id,
            span: function.span_of(value),
            name: Some("session"),
            secure: told(secure, false),
            http_only: told(http_only, is_closed),
            same_site: told("samesite", true),
            is_lax_by_default: true,
        });
    }
    found
}

/// Whether a value only says yes or no: `"true" if x else "false"`.
fn is_word(module: &Module, function: &Function, value: Value) -> bool {
    match function.op(function.bare(value)) {
        Op::Constant(Constant::Bool(_) | Constant::Int(_)) => true,
        Op::Constant(Constant::Str(text)) => {
            matches!(module.string(text), "true" | "false" | "True" | "False" | "1" | "0" | "yes" | "no" | "on" | "off")
        }
        Op::Choice { yes, no, .. } => is_word(module, function, yes) && is_word(module, function, no),
        _ => false,
    }
}
