//! How each route stands: who is kept out before it, and by what.

use casemate_python::names::ModuleId;
use casemate_python::routes::{Guard, GuardKind, Role, Route};
use casemate_python::syntax::{FunctionId, Op};

use serde::{Deserialize, Serialize};

use super::acts;
use crate::models::words;
use crate::rules::Context;
use crate::rules::authentication::guards::turns_away;

/// What stands before a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// Everything that runs before it.
    pub(crate) guards: Vec<Guard>,
    /// Its path with the prefixes of its routers.
    pub(crate) path: String,
    /// The guard that asks who is calling, as written.
    pub(crate) guarded_by: Option<String>,
    /// Whether the handler itself asks who is calling.
    pub(crate) asks_inside: bool,
}

impl Standing {
    /// Whether anything asks who is calling.
    pub(crate) fn is_protected(&self) -> bool {
        self.guarded_by.is_some() || self.asks_inside
    }
}

/// How a route stands.
pub(crate) fn of_one(cx: &Context<'_>, route: &Route) -> Standing {
    let (guards, path) = cx.chain(route);
    let guarded_by = guards.iter().find(|guard| authenticates(cx, guard)).map(|guard| guard.written.clone());
    let asks_inside = asks_inside(cx, route);
    Standing { guards, path, guarded_by, asks_inside }
}

/// Whether a name speaks of finding out who somebody is, or of what they may do.
fn says_identity(name: &str) -> bool {
    let words = words(name);
    let has_role = words.iter().any(|word| is_role(word));
    let is_excused = words.iter().any(|word| {
        word == "any" && !has_role && !words.iter().any(|word| word == "authenticated" || word == "permission")
            || matches!(
                word.as_str(),
                "csrf" | "exempt" | "anonymous" | "unauthenticated" | "cache" | "cors" | "optional" | "cross"
            )
    });
    if is_excused || words.first().is_some_and(|word| word == "no" || word == "public") {
        return false;
    }
    has_role
        || words.iter().any(|word| {
            matches!(
                word.as_str(),
                "auth"
                    | "authenticate"
                    | "authenticated"
                    | "authenticator"
                    | "authentication"
                    | "authorize"
                    | "authorized"
                    | "authorization"
                    | "login"
                    | "logged"
                    | "permission"
                    | "permissions"
                    | "perm"
                    | "perms"
                    | "role"
                    | "roles"
                    | "admin"
                    | "admins"
                    | "superuser"
                    | "staff"
                    | "jwt"
                    | "oauth2"
                    | "oauth"
                    | "bearer"
                    | "identity"
                    | "principal"
                    | "apikey"
                    | "credentials"
                    | "security"
                    | "user"
                    | "token"
                    | "protected"
                    | "protect"
                    | "scope"
                    | "scopes"
                    | "acl"
                    | "rbac"
                    | "owner"
                    | "member"
                    | "membership"
                    | "access"
                    | "sso"
                    | "oidc"
                    | "saml"
                    | "tenant"
                    | "signature"
                    | "signed"
                    | "policy"
                    | "restricted"
                    | "account"
                    | "claims"
                    | "viewer"
                    | "editor"
                    | "subject"
            )
        })
        || words.windows(2).any(|pair| {
            matches!([pair[0].as_str(), pair[1].as_str()], ["api", "key"] | ["http", "basic"] | ["basic", "auth"])
        })
}

/// Whether a word is what people are called who may do more than others: `@manager_required`.
fn is_role(word: &str) -> bool {
    matches!(
        word,
        "admin"
            | "admins"
            | "administrator"
            | "superuser"
            | "staff"
            | "manager"
            | "moderator"
            | "supervisor"
            | "operator"
            | "organizer"
            | "organiser"
            | "teacher"
            | "trainer"
            | "instructor"
            | "employee"
            | "superadmin"
    )
}

/// Whether something is there to check rights, by its name.
fn says_checker(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "permission" | "permissions" | "auth" | "authz" | "acl"))
}

/// Whether a guard asks who is calling.
pub(crate) fn authenticates(cx: &Context<'_>, guard: &Guard) -> bool {
    let last = guard.name.rsplit('.').next().unwrap_or(&guard.name);
    if guard.name.starts_with("fastapi.security.") {
        return !guard.written.contains("auto_error=False");
    }
    // `@permission_checker.require("add")`
    let of = guard.written.split('(').next().and_then(|name| name.rsplit_once('.')).map_or("", |(of, _)| of);
    let says = says_identity(last)
        || guard.kind == GuardKind::Decorator && !of.is_empty() && says_checker(of)
        || (guard.function.is_none() && says_identity(&guard.written));
    match guard.kind {
        // The class that finds out who calls lets everybody pass.
        GuardKind::Middleware => {
            (says && !guard.name.starts_with("starlette.middleware.authentication"))
                || guard.function.is_some_and(|(module, id)| turns_away(cx, module, id))
        }
        GuardKind::Class | GuardKind::Before => {
            let own_method = matches!(last, "dispatch" | "prepare" | "initial" | "check_permissions" | "test_func");
            (says && !own_method) || guard.function.is_some_and(|(module, id)| turns_away(cx, module, id))
        }
        GuardKind::Decorator | GuardKind::Dependency | GuardKind::Inherited => {
            says || guard.function.is_some_and(|(module, id)| turns_away(cx, module, id))
        }
    }
}

/// Whether a guard looks at more than who is calling: at a role, a permission, an owner.
pub(crate) fn authorizes(guard: &Guard) -> bool {
    let says = |name: &str| {
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "permission"
                    | "permissions"
                    | "perm"
                    | "perms"
                    | "role"
                    | "roles"
                    | "admin"
                    | "admins"
                    | "superuser"
                    | "staff"
                    | "owner"
                    | "scope"
                    | "scopes"
                    | "policy"
                    | "acl"
                    | "rbac"
                    | "tenant"
                    | "member"
                    | "membership"
                    | "author"
                    | "authorize"
                    | "authorized"
                    | "authorization"
                    | "access"
                    | "can"
                    | "has"
            )
        })
    };
    let last = guard.name.rsplit('.').next().unwrap_or(&guard.name);
    // What every class of REST framework has is no sign.
    if matches!(
        last,
        "check_permissions"
            | "get_permissions"
            | "initial"
            | "IsAuthenticated"
            | "AllowAny"
            | "IsAuthenticatedOrReadOnly"
    ) {
        return false;
    }
    let names_role = |name: &str| words(name).iter().any(|word| is_role(word));
    says(last) || says(&guard.written) || guard.kind == GuardKind::Decorator && names_role(last)
}

/// Whether the handler, or a function of the project it calls, asks who is calling.
fn asks_inside(cx: &Context<'_>, route: &Route) -> bool {
    if route.inputs.iter().any(|input| input.role == Role::Dependency && says_identity(&input.name)) {
        return true;
    }
    let mut functions = vec![(route.module, route.handler)];
    functions.extend(acts::called(cx, route.module, route.handler));
    functions
        .into_iter()
        .enumerate()
        .any(|(at, (module, id))| turns_away(cx, module, id) || (at == 0 && knows_caller(cx, module, id)))
}

/// Whether a function looks at who is calling: at `request.user`, at a session's user, at a token.
fn knows_caller(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    if acts::callers(source, function).iter().any(|is| *is) {
        return true;
    }
    function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => {
            let name = source.slice(function.span_of(callee));
            let words = words(name.rsplit('.').next().unwrap_or(name));
            let asks = words.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "require"
                        | "requires"
                        | "check"
                        | "ensure"
                        | "verify"
                        | "authorize"
                        | "authenticate"
                        | "enforce"
                        | "must"
                        | "has"
                        | "is"
                        | "assert"
                        | "validate"
                        | "get"
                        | "decode"
                        | "login"
                        | "load"
                        | "current"
                )
            });
            asks && says_identity(name.rsplit('.').next().unwrap_or(name)) && !words.iter().any(|word| word == "create")
        }
        _ => false,
    })
}

/// Whether a route is meant for people who have not signed in.
pub(crate) fn is_public(cx: &Context<'_>, route: &Route, path: &str) -> bool {
    let handler =
        cx.function(route.module, route.handler).map(|(_, function)| function.name.as_str()).unwrap_or_default();
    let class = route
        .view
        .and_then(|(module, class)| cx.program.module(module)?.class(class))
        .map(|class| class.name.as_str())
        .unwrap_or_default();
    let fixed = path.split('/').filter(|part| !part.starts_with(['{', '<', '(', ':'])).collect::<Vec<_>>().join("/");
    let all = [words(&fixed), words(handler), words(class)].concat();
    all.iter().any(|word| {
        matches!(
            word.as_str(),
            "login"
                | "logout"
                | "signin"
                | "signup"
                | "signout"
                | "register"
                | "registration"
                | "auth"
                | "oauth"
                | "oauth2"
                | "token"
                | "tokens"
                | "refresh"
                | "password"
                | "reset"
                | "forgot"
                | "recover"
                | "recovery"
                | "health"
                | "healthz"
                | "healthcheck"
                | "ready"
                | "readyz"
                | "live"
                | "livez"
                | "ping"
                | "status"
                | "version"
                | "static"
                | "assets"
                | "favicon"
                | "robots"
                | "sitemap"
                | "docs"
                | "openapi"
                | "swagger"
                | "redoc"
                | "public"
                | "callback"
                | "webhook"
                | "webhooks"
                | "hook"
                | "hooks"
                | "contact"
                | "subscribe"
                | "unsubscribe"
                | "newsletter"
                | "confirm"
                | "activate"
                | "activation"
                | "verify"
                | "verification"
                | "captcha"
                | "csrf"
                | "metrics"
                | "index"
                | "home"
                | "landing"
                | "about"
                | "terms"
                | "privacy"
                | "setup"
                | "install"
                | "demo"
                | "example"
                | "search"
                | "share"
                | "shared"
                | "invite"
                | "invitation"
                | "invitations"
                | "feedback"
                | "report"
                | "slack"
                | "stripe"
                | "paypal"
                | "telegram"
                | "error"
                | "errors"
                | "i18n"
                | "jsi18n"
                | "sprite"
                | "icons"
                | "locale"
                | "language"
                | "theme"
        )
    }) || all
        .windows(2)
        .any(|pair| matches!([pair[0].as_str(), pair[1].as_str()], ["sign" | "log", "in" | "up" | "out"]))
        || path == "/"
}

/// Whether a route answers to a method that is made for changing things.
pub(crate) fn may_change(route: &Route) -> bool {
    route.methods.iter().any(|method| matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"))
}

/// Whether code stands where no caller comes: tests, examples, migrations.
pub(crate) fn is_aside(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(
            part,
            "tests"
                | "test"
                | "testing"
                | "examples"
                | "example"
                | "migrations"
                | "docs"
                | "docs_src"
                | "benchmarks"
                | "demo"
                | "samples"
                | "tutorial"
        ) || part.starts_with("test_")
            || part.ends_with("_test.py")
            || part == "conftest.py"
    })
}
