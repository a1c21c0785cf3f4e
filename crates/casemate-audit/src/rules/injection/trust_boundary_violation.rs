//! Untrusted data that becomes a role, a right or an identity in the session.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Argument, Collection, FunctionId, Op, Passing, Value};

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
            for (index, value) in stored(cx, id, at, op) {
                let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { continue };
                let tells = |value: Value| scene.carries(value) && !scene.is_clean(value, "session");
                let key = match index {
                    Index::Name(name) => Some(name),
                    Index::Value(index) => scene.constant(index),
                };
                let found = match key {
                    Some(key) => {
                        let decides = decides_rights(key) || (is_identity(key) && !checks_credentials(&scene));
                        (decides && tells(value)).then_some(value)
                    }
                    // Whoever chooses the name chooses among all that the session is asked for.
                    None => match index {
                        Index::Value(index) => {
                            (tells(index) && scene.is_whole(index) && !is_kept(&scene, index)).then_some(index)
                        }
                        Index::Name(_) => None,
                    },
                };
                hits.extend(found.map(|value| hit_at(cx, id, at, value)));
            }
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
}

/// What something is put into a session under.
#[derive(Clone, Copy)]
enum Index<'a> {
    /// What this comes out as.
    Value(Value),
    /// This name.
    Name(&'a str),
}

/// Names and values that an instruction puts into a session: `session[name] = value`, `session.update({name: value})`.
fn stored<'a>(cx: &Context<'a>, id: FunctionId, at: Value, op: Op) -> Vec<(Index<'a>, Value)> {
    let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { return Vec::new() };
    match op {
        Op::StoreItem { of, index, value } if is_session(&scene, of) => vec![(Index::Value(index), value)],
        Op::Call { .. } => {
            let Some((of, name)) = scene.method(at) else { return Vec::new() };
            match (name, scene.arguments(at)) {
                // `session.update(role=role)`
                ("update", given @ [Argument { passing: Passing::Keyword(_), .. }, ..]) if is_session(&scene, of) => {
                    given
                        .iter()
                        .filter_map(|one| match one.passing {
                            Passing::Keyword(name) => Some((Index::Name(cx.module.symbols.text(name)), one.value)),
                            _ => None,
                        })
                        .collect()
                }
                ("update", [given]) if is_session(&scene, of) => match scene.function.op(scene.bare(given.value)) {
                    Op::Build { collection: Collection::Dict, items } => scene
                        .function
                        .list(items)
                        .chunks_exact(2)
                        .filter_map(|pair| match pair {
                            &[key, value] if key != Value::NONE => Some((Index::Value(key), value)),
                            _ => None,
                        })
                        .collect(),
                    _ => Vec::new(),
                },
                ("setdefault" | "__setitem__", [key, value]) if is_session(&scene, of) => {
                    vec![(Index::Value(key.value), value.value)]
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether a name was made elsewhere and kept in the object, where most are given a beginning of their own.
fn is_kept(scene: &Scene<'_>, index: Value) -> bool {
    let Op::Attribute { of, .. } = scene.function.op(scene.bare(index)) else { return false };
    scene.function.class.is_some() && matches!(scene.function.op(scene.bare(of)), Op::Parameter(0))
}

fn is_session(scene: &Scene<'_>, value: Value) -> bool {
    let path = scene.path(scene.bare(value));
    path == "flask.session"
        || path == "quart.session"
        || path.ends_with("equest.session")
        || path.ends_with("Request().session")
        || path == "aiohttp_session.get_session()"
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
    matches!(
        key,
        "user_id"
            | "uid"
            | "userid"
            | "account_id"
            | "member_id"
            | "logged_in"
            | "user_email"
            | "username"
            | "user_name"
    )
}

/// Whether the function calls something that checks a password or a token.
fn checks_credentials(scene: &Scene<'_>) -> bool {
    scene.function.values().any(|(value, op)| {
        let Op::Call { callee, .. } = op else { return false };
        // Of bytes `decode` makes text; of a token it asks for the signature.
        let of = match scene.function.op(callee) {
            Op::Attribute { of, .. } => scene.source.slice(scene.function.span_of(of)).to_ascii_lowercase(),
            _ => String::new(),
        };
        let is_of_token = ["jwt", "jws", "jose", "token", "serializer", "signer", "fernet"];
        words(scene.called(value))
            .iter()
            .filter(|word| *word != "decode" || is_of_token.iter().any(|one| of.ends_with(one)))
            .any(|word| {
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
