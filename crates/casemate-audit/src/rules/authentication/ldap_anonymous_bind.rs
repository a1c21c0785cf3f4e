//! A directory that is asked without a password.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Constant, Op, Outcome, Value};

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::{At, is_none, origins, path};
use crate::rules::injection::scene::Scene;
use crate::rules::pattern::{Found, Site, tell};
use crate::rules::{Context, Taint, Verdict};

/// `ldap-anonymous-bind`
pub(crate) static RULE: Rule = Rule {
    id: "AUT422",
    name: "ldap-anonymous-bind",
    summary: "A directory is asked without a password, so it answers to anybody",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[521],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.3.4",
    page: include_str!("ldap_anonymous_bind.md"),
};

/// A password from outside that nobody asked whether it is empty.
pub(crate) static EMPTY: Taint = Taint {
    rule: &RULE,
    sinks: &["ldap-password"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "signs in to the directory",
    message: "{call} takes a password that may be empty: {source}; many directories answer an empty one with a good sign-in as nobody",
    missing: "a test that the password is not empty",
    remedy: "Turn down an empty password before asking the directory.",
    judge: Some(may_be_empty),
};

fn may_be_empty(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let places = [
        (Scene::here(cx, hit.function, label::UNTRUSTED), hit.argument),
        (Scene::of(cx, hit, label::UNTRUSTED), hit.reach.argument),
    ];
    for (scene, argument) in places {
        let Some(scene) = scene else { continue };
        let written = scene.source.slice(scene.function.span_of(scene.bare(argument)));
        // What a form has checked is there; and whoever tests it, or reads it again in a test, has thought of it.
        let is_it = |value: Value| {
            scene.bare(value) == scene.bare(argument)
                || !written.is_empty() && scene.source.slice(scene.function.span_of(value)) == written
        };
        let is_tested = scene.function.values().any(|(_, op)| match op {
            Op::Refine { test, outcome: Outcome::Held | Outcome::Failed, .. } => asks(&scene, test, &is_it, 0),
            Op::Not(of) => asks(&scene, of, &is_it, 0),
            Op::Compare { left, right, .. } => [left, right].iter().any(|&side| asks(&scene, side, &is_it, 0)),
            _ => false,
        }) || scene.function.conditions.iter().any(|(_, test, _)| asks(&scene, *test, &is_it, 0));
        if written.contains("cleaned_data") || written.contains(".data") || is_tested {
            return Verdict::DISMISSED;
        }
    }
    Verdict::default()
}

/// Whether a test is about such a value: itself, its length, or what a method of it says.
fn asks(scene: &Scene<'_>, test: Value, is_it: &dyn Fn(Value) -> bool, depth: u32) -> bool {
    if depth > 6 || is_it(test) {
        return depth <= 6;
    }
    let again = |value: Value| asks(scene, value, is_it, depth + 1);
    match scene.function.op(test) {
        Op::Not(of) | Op::Refine { of, .. } => again(of),
        Op::And(list) | Op::Or(list) => scene.function.list(list).iter().any(|&one| again(one)),
        Op::Compare { left, right, .. } => again(left) || again(right),
        Op::Call { .. } => {
            scene.method(test).is_some_and(|(of, _)| again(of))
                || scene.arguments(test).iter().any(|argument| again(argument.value))
        }
        _ => false,
    }
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(judge(cx, &site));
    }
    tell(cx, &RULE, found);
}

fn judge(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let empty = |at: At<'_>| {
        let origins = origins(cx, at);
        !origins.is_empty()
            && origins
                .iter()
                .all(|at| matches!(at.op(), Op::Constant(Constant::Str(text)) if at.module.string(text).is_empty()))
    };
    let told = || {
        site.found(
            "the directory is asked without a password: it answers to anybody, or takes an empty password for a right one".to_owned(),
            "Sign in with an account of the program's own and a password read at run time, and refuse empty passwords before asking the directory.",
        )
    };
    match site.path {
        "ldap3.Connection" => {
            let kind = site.argument(cx, 5, "authentication");
            // In every case, not only where nobody has set an account.
            let kinds = kind.map(|at| origins(cx, at)).unwrap_or_default();
            if !kinds.is_empty() && kinds.iter().all(|at| path(cx, *at) == Some("ldap3.ANONYMOUS")) {
                return Some(told());
            }
            let password = site.argument(cx, 2, "password");
            if password.is_some_and(empty) {
                return Some(told());
            }
            let user = site.argument(cx, 1, "user");
            let certificate = site.keyword(cx, "sasl_mechanism").is_some();
            let nobody =
                user.is_none_or(|at| is_none(cx, at)) && password.is_none_or(|at| is_none(cx, at)) && kind.is_none();
            // An account without a password is nobody, too.
            let unproven = password.is_none() && kind.is_none() && user.is_some_and(|at| !is_none(cx, at));
            ((nobody || unproven) && !certificate && !site.is_open())
                .then(|| told().severity(Severity::Medium).confidence(Confidence::Medium))
        }
        path if path.starts_with("ldap.initialize().")
            && matches!(site.name(), "simple_bind" | "simple_bind_s" | "bind" | "bind_s") =>
        {
            match site.argument(cx, 1, "cred") {
                Some(password) => (empty(password) || is_none(cx, password)).then(told),
                None => (!site.is_open()).then(|| told().confidence(Confidence::Medium)),
            }
        }
        _ => None,
    }
}
