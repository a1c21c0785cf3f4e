//! Signing out that the server does not notice.

use casemate_python::syntax::Op;

use super::route_words;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::{acts_near, called};
use crate::rules::authorization::standing::is_aside;

/// `logout-leaves-token`
pub(crate) static RULE: Rule = Rule {
    id: "AUT419",
    name: "logout-leaves-token",
    summary: "Signing out leaves the token valid",
    severity: Severity::Low,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[613],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "7.4.1",
    page: include_str!("logout_leaves_token.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    // Only a token that is valid by itself outlives its cookie.
    const TOKENS: &[&str] =
        &["jwt", "jose", "authlib", "flask_jwt_extended", "rest_framework_simplejwt", "fastapi_jwt_auth"];
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let (path, handler) = route_words(cx, route, &standing.path);
        let says = |words: &[String]| {
            words.iter().any(|word| matches!(word.as_str(), "logout" | "signout"))
                || words.windows(2).any(|pair| matches!([pair[0].as_str(), pair[1].as_str()], ["log" | "sign", "out"]))
        };
        if !(says(&path) || says(&handler)) || !cx.project_imports(TOKENS) {
            continue;
        }
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let mut functions = vec![(route.module, route.handler)];
        functions.extend(called(cx, route.module, route.handler));
        let ends = functions.iter().any(|&(module, id)| {
            let Some((source, function)) = cx.function(module, id) else { return false };
            words(source.slice(function.span)).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "blacklist"
                        | "blocklist"
                        | "denylist"
                        | "revoke"
                        | "revoked"
                        | "invalidate"
                        | "invalidated"
                        | "clear"
                        | "pop"
                        | "flush"
                        | "setex"
                        | "expire"
                        | "destroy"
                        | "remove"
                        | "redis"
                        | "jti"
                        | "version"
                        | "purge"
                        | "redirect"
                )
            })
        });
        let clears_cookie = function.values().any(|(_, op)| {
            matches!(op, Op::Call { callee, .. } if {
                let name = source.slice(function.span_of(callee));
                name.ends_with("delete_cookie") || name.ends_with("unset_jwt_cookies") || name.ends_with("clear_cookie")
            })
        });
        let is_clear = clears_cookie;
        if ends
            || !acts_near(cx, route.module, route.handler).is_empty()
            || (!is_clear && cx.persona == Persona::Default)
        {
            continue;
        }
        let span = cx.handler_span(route);
        let message = "signing out only removes the token from the browser: a copy of it stays valid".to_owned();
        let finding = cx.report(&RULE, (route.module, route.handler), span, message);
        finding.confidence = if is_clear { Confidence::Medium } else { Confidence::Low };
        finding.missing_guard = Some("a list of revoked tokens, or a session on the server that ends".to_owned());
        finding.remedy = "Store the token's `jti` until it expires and refuse it, or raise a version number of the account that tokens carry.".to_owned();
    }
}
