//! A login that may be tried as often as anybody likes.

use casemate_python::routes::{Framework, Role, Route};
use casemate_python::syntax::{Constant, Op};

use super::guards::{body_limits_rate, limits_rate};
use super::{is_login, route_words};
use crate::finding::{Confidence, Severity};
use crate::models::{is_password, label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `login-no-rate-limit`
pub(crate) static RULE: Rule = Rule {
    id: "AUT408",
    name: "login-no-rate-limit",
    summary: "A login accepts any number of attempts",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[307],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.3.1",
    page: include_str!("login_no_rate_limit.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    for route in cx.routes() {
        let (guards, path) = cx.chain(route);
        let (path_words, handler_words) = route_words(cx, route, &path);
        let recovers =
            |words: &[String]| words.iter().any(|word| matches!(word.as_str(), "otp" | "totp" | "mfa" | "2fa"));
        if !(is_login(&path_words, &handler_words) || recovers(&path_words)) || !takes_credentials(cx, route) {
            continue;
        }
        // Who comes with the link of a mail has the right to choose a password.
        if cx.persona == Persona::Default
            && route
                .inputs
                .iter()
                .any(|input| input.role == Role::Path && words(&input.name).iter().any(|word| word == "token"))
        {
            continue;
        }
        // A form that is only shown is no attempt.
        if !route.methods.is_empty()
            && route.methods.iter().all(|method| matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"))
            && !declares_password(route)
        {
            continue;
        }
        let limited = guards.iter().any(|guard| limits_rate(cx, guard))
            || body_limits_rate(cx, route.module, route.handler)
            || project_limits(cx);
        if limited {
            continue;
        }
        let Some((_, handler)) = cx.function(route.module, route.handler) else { continue };
        let finding = cx.report(
            &RULE,
            (route.module, route.handler),
            handler.name_span,
            format!("`{path}` checks a password and nothing limits how often: every password of a list can be tried"),
        );
        finding.confidence = Confidence::Medium;
        finding.missing_guard =
            Some("a limiter on the handler, its dependencies, its router or the application (slowapi, fastapi-limiter, flask-limiter, django-axes or one of your own)".to_owned());
        finding.remedy = match route.framework {
            Framework::Flask => "Put `@limiter.limit(\"5 per minute\")` of Flask-Limiter on it, counted by account as well as by address.".to_owned(),
            Framework::Django => "Install django-axes, or put `@ratelimit(key=\"ip\", rate=\"5/m\", block=True)` of django-ratelimit on it.".to_owned(),
            _ => "Put `@limiter.limit(\"5/minute\")` of slowapi on it, counted by account as well as by address.".to_owned(),
        };
    }
}

/// Whether the handler or one of its inputs takes a password or a one-time code.
fn takes_credentials(cx: &Context<'_>, route: &Route) -> bool {
    if declares_password(route) {
        return true;
    }
    let Some((source, function)) = cx.function(route.module, route.handler) else { return false };
    function.values().any(|(value, op)| match op {
        Op::Constant(Constant::Str(text)) => is_credential(source.string(text)),
        Op::Attribute { name, .. } => {
            is_credential(source.symbols.text(name))
                && cx.facts.fact(route.handler, value).labels.meets(label::UNTRUSTED)
        }
        _ => false,
    })
}

fn declares_password(route: &Route) -> bool {
    route.inputs.iter().any(|input| {
        !matches!(input.role, Role::Dependency | Role::Request | Role::Path)
            && (is_credential(&input.name)
                || input.fields.iter().any(|field| is_credential(field))
                || input.annotation.contains("OAuth2PasswordRequestForm"))
    }) || route.inputs.iter().any(|input| input.annotation.contains("OAuth2PasswordRequestForm"))
}

fn is_credential(name: &str) -> bool {
    is_password(name) || matches!(words(name).last().map(String::as_str), Some("otp" | "totp" | "pin"))
}

/// Whether something limits all routes without being attached to any: a middleware in Django's settings.
fn project_limits(cx: &Context<'_>) -> bool {
    cx.any_module(
        &RULE,
        &["axes", "django_ratelimit", "defender", "rate_limit", "ratelimit", "RateLimit", "throttle", "Throttl"],
        |module| {
            let is_own = module
                .functions
                .iter()
                .map(|function| &function.name)
                .chain(module.classes.iter().map(|class| &class.name))
                .any(|name| {
                    let words = words(name);
                    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
                    (has(&["rate"]) && has(&["limit", "limiter", "limiting"])
                        || has(&["ratelimit", "throttle", "throttling"]))
                        && has(&["tween", "middleware"])
                });
            is_own
                || module.path.ends_with("settings.py")
                    && ["axes", "django_ratelimit", "defender"].iter().any(|name| {
                        module.text.contains(&format!("\"{name}")) || module.text.contains(&format!("'{name}"))
                    })
        },
    )
}
