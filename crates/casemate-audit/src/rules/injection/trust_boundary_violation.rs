//! Untrusted data that becomes a role, a right or an identity in the session.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Value};

use super::scene::{Scene, hit_at};
use crate::finding::Severity;
use crate::models::label;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `trust-boundary-violation`
pub(crate) static RULE: Rule = Rule {
    id: "INJ134",
    name: "trust-boundary-violation",
    summary: "Untrusted data is stored in the session as if it were known to be true",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[501],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "2.2.2",
    page: include_str!("trust_boundary_violation.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &[],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is stored in the session",
    message: "the session takes for true what comes from outside: {source}",
    missing: "a look-up of the right in the database",
    remedy: "Take rights and identity from the database after the login: `session[\"role\"] = user.role`.",
    judge: None,
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut hits: Vec<Hit> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreItem { of, index, value } = op else { continue };
            let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { continue };
            let Some(key) = scene.constant(index).filter(|_| is_session(&scene, of)) else { continue };
            let decides = decides_rights(key) || (is_identity(key) && !checks_credentials(&scene));
            if decides && scene.carries(value) && !scene.is_clean(value, "session") {
                hits.push(hit_at(cx, id, at, value));
            }
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
}

fn is_session(scene: &Scene<'_>, value: Value) -> bool {
    let path = scene.path(scene.bare(value));
    path == "flask.session"
        || path == "quart.session"
        || path.ends_with("equest.session")
        || path.ends_with("Request().session")
}

fn decides_rights(key: &str) -> bool {
    words(key).iter().any(|word| {
        matches!(
            word.as_str(),
            "role"
                | "roles"
                | "admin"
                | "superuser"
                | "staff"
                | "permission"
                | "permissions"
                | "scope"
                | "scopes"
                | "groups"
                | "tenant"
                | "privileges"
                | "authenticated"
                | "authorized"
                | "verified"
        )
    })
}

fn is_identity(key: &str) -> bool {
    matches!(key, "user_id" | "uid" | "userid" | "account_id" | "member_id" | "logged_in" | "user_email")
}

/// Whether the function calls something that checks a password or a token.
fn checks_credentials(scene: &Scene<'_>) -> bool {
    scene.function.values().any(|(value, op)| {
        matches!(op, Op::Call { .. })
            && words(scene.called(value)).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "check"
                        | "verify"
                        | "authenticate"
                        | "login"
                        | "validate"
                        | "decode"
                        | "verified"
                        | "authorize"
                        | "confirm"
                        | "authorized"
                )
            })
    })
}
