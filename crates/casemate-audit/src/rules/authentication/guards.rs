//! What counts as a guard before a route.

use casemate_python::names::ModuleId;
use casemate_python::routes::{Guard, Route};
use casemate_python::syntax::{Constant, FunctionId, Op};

use crate::models::words;
use crate::rules::Context;

/// The words of a route's path and of its handler's name.
pub(crate) fn route_words(cx: &Context<'_>, route: &Route, path: &str) -> (Vec<String>, Vec<String>) {
    let handler =
        cx.function(route.module, route.handler).map(|(_, function)| words(&function.name)).unwrap_or_default();
    let path = path
        .split(['/', '.'])
        .filter(|part| !part.starts_with('{') && !part.starts_with('<'))
        .flat_map(words)
        .collect();
    (path, handler)
}

/// Whether a route is where credentials are exchanged for a session or token.
pub(crate) fn is_login(path: &[String], handler: &[String]) -> bool {
    let says = |words: &[String]| {
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "login" | "signin" | "logon" | "authenticate" | "token" | "auth" | "session" | "sessions"
            )
        }) || words.windows(2).any(|pair| matches!([pair[0].as_str(), pair[1].as_str()], ["sign" | "log", "in"]))
    };
    let ends = |words: &[String]| words.iter().any(|word| matches!(word.as_str(), "logout" | "revoke" | "signout"));
    (says(path) || says(handler)) && !ends(path) && !ends(handler)
}

/// Whether a function of any module turns callers away: raises or aborts with 401 or 403, or redirects to a login.
pub(crate) fn turns_away(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    function.values().any(|(value, op)| match op {
        Op::Call { callee, arguments } => {
            let name = match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => source.symbols.text(name),
                Op::Import(import) => {
                    source.imports.get(import as usize).and_then(|import| import.name.as_deref()).unwrap_or("")
                }
                _ => "",
            };
            let denies = function.call_arguments(arguments).iter().any(|argument| match function.op(argument.value) {
                Op::Constant(Constant::Int(code)) => matches!(code, 401 | 403),
                Op::Attribute { name, .. } => {
                    let name = source.symbols.text(name);
                    name.contains("401") || name.contains("403") || matches!(name, "UNAUTHORIZED" | "FORBIDDEN")
                }
                _ => false,
            });
            let words = words(name);
            denies
                || words
                    .iter()
                    .any(|word| matches!(word.as_str(), "unauthorized" | "forbidden" | "denied" | "unauthenticated"))
                || (words.iter().any(|word| word == "redirect")
                    && function
                        .call_arguments(arguments)
                        .iter()
                        .any(|argument| source.slice(function.span_of(argument.value)).contains("login")))
        }
        Op::Raise(of) => {
            let written = source.slice(function.span_of(of)).to_lowercase();
            ["forbidden", "unauthor", "permission", "denied", "credential", "authentic"]
                .iter()
                .any(|word| written.contains(word))
        }
        Op::Return(_) => {
            // `return "…", 403`
            let _ = value;
            match function.op(value) {
                Op::Return(of) => match function.op(of) {
                    Op::Build { items, .. } => function
                        .list(items)
                        .iter()
                        .any(|&item| matches!(function.op(item), Op::Constant(Constant::Int(401 | 403)))),
                    _ => false,
                },
                _ => false,
            }
        }
        _ => false,
    })
}

/// Names of calls in a function, down to the last part.
pub(crate) fn called_words(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> Vec<Vec<String>> {
    let Some((source, function)) = cx.function(module, id) else { return Vec::new() };
    function
        .values()
        .filter_map(|(_, op)| match op {
            Op::Call { callee, .. } => Some(words(source.slice(function.span_of(callee)))),
            _ => None,
        })
        .collect()
}

/// Whether words speak of who somebody is or what somebody may do.
pub(crate) fn speaks_of_access(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "auth"
                | "authenticate"
                | "authenticated"
                | "authorize"
                | "authorized"
                | "authorization"
                | "authentication"
                | "login"
                | "logged"
                | "permission"
                | "permissions"
                | "perm"
                | "perms"
                | "role"
                | "roles"
                | "admin"
                | "superuser"
                | "staff"
                | "protected"
                | "protect"
                | "secure"
                | "secured"
                | "guard"
                | "jwt"
                | "oauth2"
                | "bearer"
                | "identity"
                | "principal"
                | "acl"
                | "policy"
                | "allowed"
                | "allow"
                | "access"
                | "privilege"
                | "privileges"
                | "scope"
                | "scopes"
                | "user"
                | "token"
                | "apikey"
                | "session"
                | "signed"
                | "verify"
                | "require"
                | "requires"
                | "required"
                | "owner"
                | "basic"
                | "claims"
                | "credentials"
                | "security"
                | "can"
                | "enforce"
                | "rbac"
                | "abac"
                | "sso"
                | "oidc"
                | "saml"
                | "ensure"
                | "restricted"
                | "internal"
        )
    })
}

/// Whether words speak of what somebody may do, not only of who somebody is.
pub(crate) fn speaks_of_role(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "permission"
                | "permissions"
                | "perm"
                | "perms"
                | "role"
                | "roles"
                | "admin"
                | "administrator"
                | "superuser"
                | "staff"
                | "authorize"
                | "authorized"
                | "authorization"
                | "scope"
                | "scopes"
                | "privilege"
                | "privileges"
                | "policy"
                | "can"
                | "may"
                | "allowed"
                | "acl"
                | "rbac"
                | "abac"
                | "access"
                | "manager"
                | "operator"
                | "root"
                | "owner"
                | "enforce"
                | "key"
                | "apikey"
                | "secret"
                | "level"
                | "group"
                | "groups"
                | "basic"
                | "internal"
        )
    })
}

/// Whether a guard lets some callers pass and others not, as far as its name and code show.
pub(crate) fn checks_access(cx: &Context<'_>, guard: &Guard) -> bool {
    let last = guard.name.rsplit('.').next().unwrap_or(&guard.name);
    if last == "AllowAny" {
        return false;
    }
    let name = words(last);
    if speaks_of_access(&name) || guard.name.starts_with("fastapi.security.") {
        return true;
    }
    guard.function.is_some_and(|(module, id)| turns_away(cx, module, id))
}

/// Whether a guard looks at roles, as far as its name and code show.
pub(crate) fn checks_role(cx: &Context<'_>, guard: &Guard) -> bool {
    if speaks_of_role(&words(&guard.written)) || speaks_of_role(&words(&guard.name)) {
        return true;
    }
    let Some((module, id)) = guard.function else {
        // What cannot be seen may well look at roles, unless it only says who is calling.
        return !guard.name.starts_with("fastapi.security.");
    };
    let Some((source, function)) = cx.function(module, id) else { return true };
    speaks_of_role(&words(source.slice(function.span)))
}

/// Whether a guard limits how often somebody may try.
pub(crate) fn limits_rate(cx: &Context<'_>, guard: &Guard) -> bool {
    let says = |words: &[String]| {
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "limit"
                    | "limiter"
                    | "ratelimit"
                    | "rate"
                    | "throttle"
                    | "throttled"
                    | "throttling"
                    | "axes"
                    | "slowapi"
                    | "lockout"
                    | "bruteforce"
                    | "limits"
                    | "ratelimiter"
                    | "attempts"
            )
        })
    };
    if says(&words(&guard.name)) || says(&words(&guard.written)) {
        return true;
    }
    guard.function.is_some_and(|(module, id)| called_words(cx, module, id).iter().any(|words| says(words)))
}

/// Whether a function itself counts attempts or asks a limiter.
pub(crate) fn body_limits_rate(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    function.values().any(|(_, op)| {
        let name = match op {
            Op::Attribute { name, .. } | Op::Name(name) => source.symbols.text(name),
            Op::Constant(Constant::Int(429)) => return true,
            _ => return false,
        };
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "limiter"
                    | "ratelimit"
                    | "throttle"
                    | "attempts"
                    | "attempt"
                    | "lockout"
                    | "locked"
                    | "failures"
                    | "bruteforce"
                    | "throttled"
                    | "captcha"
                    | "recaptcha"
                    | "ratelimiter"
                    | "ratelimited"
            )
        }) || words(name).windows(2).any(|pair| pair[0] == "rate" && pair[1].starts_with("limit"))
    })
}
