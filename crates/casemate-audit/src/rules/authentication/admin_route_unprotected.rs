//! A route for administrators that nobody guards.

use casemate_python::routes::{Framework, GuardKind, Route};
use casemate_python::syntax::Op;

use super::guards::{called_words, checks_access, checks_role, speaks_of_access, speaks_of_role, turns_away};
use super::route_words;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `admin-route-unprotected`
pub(crate) static RULE: Rule = Rule {
    id: "AUT402",
    name: "admin-route-unprotected",
    summary: "A route for administrators is open to everybody",
    severity: Severity::Critical,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.4.2",
    page: include_str!("admin_route_unprotected.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    for route in cx.routes() {
        let (guards, path) = cx.chain(route);
        let Some(severity) = is_for_administrators(cx, route, &path) else { continue };
        let (any, role) = (
            guards.iter().any(|guard| guard.kind != GuardKind::Middleware && checks_access(cx, guard))
                || guards
                    .iter()
                    .any(|guard| guard.kind == GuardKind::Middleware && speaks_of_access(&words(&guard.name)))
                || guards.iter().any(|guard| {
                    guard.kind == GuardKind::Middleware
                        && guard.function.is_some_and(|(module, id)| turns_away(cx, module, id))
                }),
            guards.iter().any(|guard| checks_role(cx, guard) && checks_access(cx, guard)),
        );
        let inside = checks_inside(cx, route);
        if role || inside.1 || (any && inside.0) {
            continue;
        }
        if inside.0 && turns_away(cx, route.module, route.handler) {
            continue;
        }
        let Some((source, handler)) = cx.function(route.module, route.handler) else { continue };
        let todo = source
            .comments
            .iter()
            .find(|comment| handler.span.contains(comment.span) && is_promise(source.slice(comment.span)));
        let said = todo.map(|comment| source.slice(comment.span).trim_start_matches('#').trim().to_owned());
        let mut message = if any {
            format!("`{path}` asks who is calling, but not whether they are an administrator")
        } else {
            format!("`{path}` is for administrators and answers anybody")
        };
        if let Some(said) = &said {
            message.push_str(&format!("; where the check should be stands `{said}`"));
        }
        let finding = cx.report(&RULE, (route.module, route.handler), cx.handler_span(route), message);
        finding.severity = if any { severity.min(Severity::High) } else { severity };
        finding.confidence = if any { Confidence::Medium } else { Confidence::High };
        finding.missing_guard = Some(
            match route.framework {
                Framework::FastApi | Framework::Starlette => "a dependency of the handler, its router or the application that turns callers away, or a check in the handler",
                Framework::Flask => "a decorator, a `before_request` of the application or blueprint, or a check in the handler",
                Framework::Django => "a decorator, mixin or permission class of the view, or a check in it",
                _ => "a decorator or middleware, or a check in the handler",
            }
            .to_owned(),
        );
        finding.remedy = match route.framework {
            Framework::FastApi | Framework::Starlette => {
                "Add a dependency that verifies the caller's token and role and raises 403 otherwise, best on the whole router: `APIRouter(prefix=\"/admin\", dependencies=[Depends(require_admin)])`.".to_owned()
            }
            Framework::Flask => "Put a decorator that requires the role on the view, or a `before_request` that aborts with 403 on the whole blueprint.".to_owned(),
            Framework::Django => "Decorate the view with `@user_passes_test(lambda user: user.is_staff)` or `@permission_required(…)`.".to_owned(),
            _ => "Check the caller's role in a decorator or middleware that holds for all routes under this path, and answer 403 otherwise.".to_owned(),
        };
    }
}

/// How bad it would be if everybody could call this; `None` if it is not for administrators.
pub(crate) fn is_for_administrators(cx: &Context<'_>, route: &Route, path: &str) -> Option<Severity> {
    let (path_words, handler) = route_words(cx, route, path);
    let public = |words: &[String]| {
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "login"
                    | "logout"
                    | "signin"
                    | "static"
                    | "health"
                    | "healthz"
                    | "favicon"
                    | "assets"
                    | "jsi18n"
                    | "sprite"
                    | "password"
                    | "callback"
            )
        })
    };
    if public(&path_words) || public(&handler) || route.methods == ["OPTIONS"] {
        return None;
    }
    let segments: Vec<&str> = path.split('/').collect();
    let has = |names: &[&str]| segments.iter().any(|segment| names.contains(segment));
    if has(&["admin", "administrator", "administration", "superuser", "backoffice"])
        || path_words.first().is_some_and(|word| word == "admin")
    {
        Some(Severity::Critical)
    } else if has(&["internal", "_internal", "management", "actuator", "debug", "_debug"]) {
        Some(Severity::High)
    } else {
        None
    }
}

/// Whether the handler itself asks who is calling, and whether it asks for their role.
fn checks_inside(cx: &Context<'_>, route: &Route) -> (bool, bool) {
    let calls = called_words(cx, route.module, route.handler);
    let verbs = |words: &[String]| {
        words.iter().any(|word| {
            matches!(
                word.as_str(),
                "require"
                    | "requires"
                    | "check"
                    | "ensure"
                    | "verify"
                    | "authorize"
                    | "authenticate"
                    | "assert"
                    | "has"
                    | "is"
                    | "can"
                    | "must"
                    | "validate"
                    | "get"
                    | "current"
                    | "enforce"
                    | "decode"
                    | "login"
                    | "may"
            )
        })
    };
    let asks = calls.iter().any(|words| verbs(words) && speaks_of_access(words));
    let asks_role = calls.iter().any(|words| verbs(words) && speaks_of_role(words));
    let Some((source, function)) = cx.function(route.module, route.handler) else { return (asks, asks_role) };
    let mut looks = false;
    for (_, op) in function.values() {
        if let Op::Attribute { name, .. } = op {
            let words = words(source.symbols.text(name));
            looks |= words.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "role" | "roles" | "superuser" | "staff" | "permissions" | "scopes" | "admin" | "perms" | "groups"
                )
            });
        }
    }
    let compares_secret = turns_away(cx, route.module, route.handler);
    (asks || looks || compares_secret, asks_role || looks || compares_secret)
}

/// Whether a comment says that the check is still to come.
fn is_promise(comment: &str) -> bool {
    let upper = comment.to_uppercase();
    ["TODO", "FIXME", "XXX", "HACK", "TBD"].iter().any(|word| upper.contains(word))
        && [
            "verify",
            "auth",
            "check",
            "token",
            "permission",
            "login",
            "role",
            "admin",
            "protect",
            "secure",
            "guard",
            "access",
            "restrict",
        ]
        .iter()
        .any(|word| comment.to_lowercase().contains(word))
}
