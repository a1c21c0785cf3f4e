//! Protection against forged requests that is switched off.

use casemate_python::syntax::{Argument, Constant, Function, FunctionId, FunctionKind, Op, Span, Value};

use super::configured::{is_for_development, settings};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, called, given, mentions};

/// `csrf-disabled`
pub(crate) static RULE: Rule = Rule {
    id: "WEB606",
    name: "csrf-disabled",
    summary: "Requests that other sites forge are accepted",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[352],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.5.1",
    page: include_str!("csrf_disabled.md"),
};

const REMEDY: &str = "Leave the protection on. A view for other programs takes a token in a header or a signature in place of the cookie, and can then be exempt.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["csrf", "CSRF", "xsrf"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let Some(parent) = function.parent else { continue };
        let Some(around) = cx.module.function(parent) else { continue };
        if function.kind != FunctionKind::Def {
            continue;
        }
        for &decorator in &function.decorators {
            let target = match around.op(decorator) {
                Op::Call { callee, arguments } => {
                    let arguments = around.call_arguments(arguments);
                    // `@method_decorator(csrf_exempt)`
                    match arguments.first() {
                        Some(first) if called(cx.module, around, callee) == "method_decorator" => first.value,
                        _ => callee,
                    }
                }
                _ => decorator,
            };
            // `@key_required` beside it; and what a view does before it is in `dispatch`, or in the class around.
            let beside = function
                .decorators
                .iter()
                .any(|&one| one != decorator && says_who(cx.module.slice(around.span_of(one))));
            let in_class = function.name == "dispatch" && says_who(cx.module.slice(around.span));
            // Whoever forges a request has to know the address: `/feed/<token>/read`.
            let in_path = cx.routes().iter().any(|route| {
                route.handler == id && {
                    let (_, path) = cx.chain(route);
                    path.split('/').any(|part| part.starts_with(['<', '{', '(']) && says_who(part))
                }
            });
            if is_exemption(cx.facts.path(parent, target).unwrap_or_default(), cx.module.slice(around.span_of(target)))
                && !verifies(cx, function)
                && !beside
                && !in_class
                && !in_path
                && !only_reads(cx, id)
            {
                // A name is the import that bound it, which stands elsewhere.
                let span = match around.op(decorator) {
                    Op::Import(_) | Op::Function(_) => Span { start: function.span.start, end: function.name_span.end },
                    _ => around.span_of(decorator),
                };
                found.push(exempted(parent, span));
            }
        }
    }
    for class in &cx.module.classes {
        let Some(around) = cx.module.function(class.parent) else { continue };
        for &decorator in &class.decorators {
            if let Op::Call { callee, arguments } = around.op(decorator)
                && called(cx.module, around, callee) == "method_decorator"
                && let Some(first) = around.call_arguments(arguments).first()
                && is_exemption(
                    cx.facts.path(class.parent, first.value).unwrap_or_default(),
                    cx.module.slice(around.span_of(first.value)),
                )
                && !class
                    .methods
                    .iter()
                    .any(|(_, method)| cx.module.function(*method).is_some_and(|method| verifies(cx, method)))
                // What comes with a token of its own needs none against forgery.
                && !(cx.persona == Persona::Default
                    && cx.module.function(class.body).is_some_and(|body| {
                        let code = cx.module.slice(body.span);
                        let beside = class.decorators.iter().any(|&one| is_for_visitors(cx.module.slice(around.span_of(one))));
                        says_who(code) || says_purpose(&class.name) || !beside && !is_for_visitors(code)
                    }))
            {
                found.push(exempted(class.parent, around.span_of(decorator)));
            }
        }
        // `class Meta: csrf = False` of a form.
        if let Some(body) = cx.module.function(class.body)
            && class.name == "Meta"
            && let Some(value) = crate::rules::values::held_by(cx.module, body, "csrf")
            && matches!(body.op(value), Op::Constant(Constant::Bool(false)))
        {
            found.push(
                Told::new(class.body, body.span_of(value), "the form accepts requests that other sites forge", REMEDY)
                    .severity(Severity::Medium),
            );
        }
    }
    found.extend(tornado(cx));
    for setting in
        settings(cx, |name| matches!(name, "WTF_CSRF_ENABLED" | "WTF_CSRF_CHECK_DEFAULT" | "JWT_COOKIE_CSRF_PROTECT"))
    {
        if setting.value.truth() == Some(false)
            && !is_for_development(cx, setting.class)
            && !is_testing(cx, setting.function, setting.span)
        {
            let message = format!("`{} = False`: forms are accepted whoever made them", setting.name);
            found.push(Told::new(setting.function, setting.span, message, REMEDY));
        }
    }
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        // `csrf.exempt(blueprint)`, `path("…", csrf_exempt(View.as_view()))`
        let is_exempt_call = path.ends_with("CSRFProtect().exempt") || path.ends_with("CsrfProtect().exempt");
        let is_wrapped = is_exemption(path, last) && arguments.len() == 1;
        let is_pyramid = last == "set_default_csrf_options"
            && given(cx, id, arguments, Some(0), "require_csrf").is_false()
            || matches!(last, "view_config" | "add_view")
                && given(cx, id, arguments, None, "require_csrf").is_false()
                && (cx.persona == Persona::Pedantic
                    || !(takes_nothing_forged(cx, id, arguments)
                        || asks_by_itself(cx, function, value)
                        || has_own_protection(cx)))
            || matches!(last, "set_default_csrf_options" | "view_config" | "add_view")
                && given(cx, id, arguments, None, "check_origin").is_false();
        // What is handed in is for others to say: a framework that wraps every view of its own kind.
        let is_passed_on = (is_exempt_call || is_wrapped)
            && arguments.first().is_some_and(|first| {
                matches!(function.op(function.bare(first.value)), Op::Parameter(_) | Op::Phi(_) | Op::Element(_))
                    || cx.facts.from_caller(id, first.value)
            });
        // A framework that adds views of its own kinds, and a view that asks nothing about its visitor.
        let is_of_framework =
            is_pyramid && function.class.is_some() && cx.module.slice(function.span_of(callee)).starts_with("self.");
        let is_idle = is_of_framework || is_wrapped && !wraps_for_visitors(cx, function, arguments);
        if (is_exempt_call || is_wrapped || is_pyramid)
            && (!is_passed_on && !is_idle || cx.persona == Persona::Pedantic)
        {
            let is_graphql = cx.module.slice(function.span_of(value)).contains("GraphQL");
            let told =
                Told::new(id, function.span_of(value), "requests that other sites forge are accepted here", REMEDY);
            found.push(if is_graphql { told } else { told.severity(Severity::Medium).confidence(Confidence::Medium) });
        }
    }
    told::report(cx, &RULE, found);
}

/// `Application(…, xsrf_cookies=False)`, and a handler whose `check_xsrf_cookie` does nothing.
fn tornado(cx: &Context<'_>) -> Vec<Told> {
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let is_application = cx.facts.path(id, callee) == Some("tornado.web.Application");
        if is_application && given(cx, id, arguments, None, "xsrf_cookies").is_false() {
            let span = function.span_of(value);
            found.push(Told::new(id, span, "the application accepts requests that other sites forge", REMEDY));
        }
    }
    for class in &cx.module.classes {
        let method = class.methods.iter().find(|(name, _)| cx.module.symbols.text(*name) == "check_xsrf_cookie");
        let Some(function) = method.and_then(|&(_, id)| cx.module.function(id)) else { continue };
        let does_nothing = !function
            .values()
            .any(|(_, op)| matches!(op, Op::Call { .. } | Op::Raise(_) | Op::Compare { .. } | Op::Name(_)));
        let code = cx.module.function(class.body).map_or("", |body| cx.module.slice(body.span));
        // What only shows something has nothing to forge; a base of others may be anything.
        let has =
            |wanted: &[&str]| class.methods.iter().any(|(name, _)| wanted.contains(&cx.module.symbols.text(*name)));
        let only_shows = has(&["get", "head", "options", "prepare"]) && !has(&["post", "put", "patch", "delete"]);
        if does_nothing
            && !only_shows
            && (cx.persona == Persona::Pedantic || !says_who(code) && !says_purpose(&class.name))
        {
            found.push(exempted(class.body, Span { start: function.span.start, end: function.name_span.end }));
        }
    }
    found
}

/// Whether a view of Pyramid says that it takes requests that only read, or those of scripts, which other sites cannot send.
fn takes_nothing_forged(cx: &Context<'_>, id: FunctionId, arguments: &[Argument]) -> bool {
    let reads = |text: &str| matches!(text, "GET" | "HEAD" | "OPTIONS");
    let by_method = match given(cx, id, arguments, None, "request_method") {
        Given::Value(written) => match written.op() {
            Op::Build { items, .. } => {
                let methods = written.function.list(items);
                !methods.is_empty()
                    && methods.iter().all(|&one| written.module.constant_str(written.function, one).is_some_and(reads))
            }
            _ => written.text().is_some_and(reads),
        },
        _ => false,
    };
    by_method || given(cx, id, arguments, None, "xhr").is_true()
}

/// Whether the view that is decorated so checks the token itself.
fn asks_by_itself(cx: &Context<'_>, around: &Function, decorator: Value) -> bool {
    cx.module.functions.iter().any(|function| {
        function.decorators.contains(&decorator)
            && function
                .parent
                .and_then(|parent| cx.module.function(parent))
                .is_some_and(|parent| std::ptr::eq(parent, around))
            && ["check_csrf_token", "check_csrf_origin", "validate_csrf"]
                .iter()
                .any(|check| cx.module.slice(function.span).contains(check))
    })
}

/// Whether the project has a tween or middleware of its own against forged requests.
fn has_own_protection(cx: &Context<'_>) -> bool {
    cx.any_module(&RULE, &["csrf"], |module| {
        module.functions.iter().any(|function| {
            let words = words(&function.name);
            words.iter().any(|word| word == "csrf")
                && words.iter().any(|word| matches!(word.as_str(), "tween" | "middleware"))
        })
    })
}

/// Whether all routes of a handler take requests that only read: there is nothing to forge.
fn only_reads(cx: &Context<'_>, handler: FunctionId) -> bool {
    let all = cx.routes();
    let mut routes = all.iter().filter(|route| route.handler == handler).peekable();
    routes.peek().is_some()
        && routes.all(|route| {
            !route.methods.is_empty()
                && route.methods.iter().all(|method| matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"))
        })
}

fn exempted(parent: FunctionId, span: Span) -> Told {
    Told::new(
        parent,
        span,
        "the view accepts requests that other sites forge, in the session of whoever visits them",
        REMEDY,
    )
    .severity(Severity::Medium)
    .confidence(Confidence::Medium)
    .missing("a token in a header, or a signature, that takes the place of the cookie")
}

fn is_exemption(path: &str, written: &str) -> bool {
    path == "django.views.decorators.csrf.csrf_exempt"
        || path.ends_with("CSRFProtect().exempt")
        || path.is_empty() && matches!(written, "csrf_exempt" | "csrf.exempt")
}

/// Whether code asks who visits: only what is done in the name of a visitor can be forged. What everybody may do, others
/// need nobody's browser for.
fn is_for_visitors(code: &str) -> bool {
    [
        ".user",
        ".session",
        "session[",
        "login_required",
        "permission_required",
        "user_passes_test",
        "LoginRequired",
        "PermissionRequired",
        "current_user",
        "is_authenticated",
        "COOKIES",
    ]
    .iter()
    .any(|sign| code.contains(sign))
}

/// Whether the view that a call wraps stands here and asks who visits; what stands elsewhere may.
fn wraps_for_visitors(cx: &Context<'_>, function: &Function, arguments: &[Argument]) -> bool {
    let Some(first) = arguments.first() else { return true };
    let written = cx.module.slice(function.span_of(first.value));
    let name = written.split_once(".as_view").map_or(written, |(name, _)| name);
    let class = cx.module.classes.iter().find(|class| class.name == name);
    let view = cx.module.functions.iter().find(|view| view.name == name && view.kind == FunctionKind::Def);
    match (class.and_then(|class| cx.module.function(class.body)), view) {
        (Some(body), _) => {
            let code = cx.module.slice(body.span);
            is_for_visitors(code) && !says_who(code) && !says_purpose(name)
        }
        (None, Some(view)) => is_for_visitors(cx.module.slice(view.span)) && !verifies(cx, view),
        _ => true,
    }
}

/// Whether a function asks for something that only the right caller has.
fn verifies(cx: &Context<'_>, function: &Function) -> bool {
    says_purpose(&function.name) || says_who(cx.module.slice(function.span))
}

/// Whether a view is called like one that other programs and sites send their requests to.
fn says_purpose(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "webhook"
                | "hook"
                | "callback"
                | "notify"
                | "ipn"
                | "health"
                | "healthcheck"
                | "ping"
                | "csp"
                | "report"
                | "sso"
                | "saml"
                | "acs"
                | "slo"
        ) || word.starts_with("acs")
    })
}

/// Whether code speaks of a sign by which the right caller is told, other than the cookie.
fn says_who(code: &str) -> bool {
    const SIGNS: [&str; 17] = [
        "signature",
        "verify",
        "hmac",
        "digest",
        "secret",
        "token",
        "apikey",
        "auth",
        "authenticate",
        "authorization",
        "construct",
        "webhook",
        "callback",
        "ipn",
        "bearer",
        "certificate",
        "jwt",
    ];
    words(code).iter().any(|word| SIGNS.contains(&word.as_str()))
}

fn is_testing(cx: &Context<'_>, id: FunctionId, span: Span) -> bool {
    let before = cx.module.text.get(..span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    // Settings of tests say so in a line of their own; below an `if` it may stand anywhere.
    if id.0 == 0 && !line.starts_with([' ', '\t']) {
        return cx.module.text.lines().any(|line| line.starts_with("TESTING") && line.ends_with("True"));
    }
    cx.module.function(id).is_some_and(|function| {
        words(&function.name).iter().any(|word| matches!(word.as_str(), "test" | "tests" | "testing" | "fixture"))
            || cx.module.slice(function.span).contains("TESTING")
    })
}
