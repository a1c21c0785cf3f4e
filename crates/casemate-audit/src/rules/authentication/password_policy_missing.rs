//! Passwords of any kind are accepted.

use casemate_python::syntax::{CompareOp, Constant, FunctionKind, Op};

use crate::finding::{Confidence, Severity};
use crate::models::{is_password, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, Entry, entry, items, last_name, number, origins, text};
use crate::rules::django::settings::names_no_application;
use crate::rules::pattern::{Found, Site, tell};

/// `password-policy-missing`
pub(crate) static RULE: Rule = Rule {
    id: "AUT413",
    name: "password-policy-missing",
    summary: "Passwords that are too short are accepted, or long ones refused",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[521],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.2.1",
    page: include_str!("password_policy_missing.md"),
};

const REMEDY: &str = "Ask for 8 characters at the least (15 where there is no second factor), accept 64 and more, and refuse the most common ones.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    settings(cx, &mut found);
    fields(cx, &mut found);
    for &site in cx.sites() {
        found.extend(empty(cx, &site).or_else(|| unvalidated(cx, &site)));
    }
    lengths(cx, &mut found);
    tell(cx, &RULE, found);
}

fn too_short(at: At<'_>, least: f64) -> Option<Found> {
    (0.0..8.0).contains(&least).then(|| {
        Found::new(at, format!("passwords of {least} characters are accepted: all of them can be tried"), REMEDY)
    })
}

fn too_low(at: At<'_>, most: f64) -> Option<Found> {
    (1.0..64.0).contains(&most).then(|| {
        Found::new(
            at,
            format!(
                "passwords of more than {most} characters are refused, so phrases and what managers make do not fit"
            ),
            REMEDY,
        )
        .severity(Severity::Low)
        .confidence(Confidence::Medium)
    })
}

/// `AUTH_PASSWORD_VALIDATORS`, and settings of libraries.
fn settings(cx: &Context<'_>, found: &mut Vec<Found>) {
    let mut all: Vec<(&str, At<'_>)> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            for &(symbol, value) in &function.assigned {
                all.extend(cx.at(id, value).map(|at| (cx.module.symbols.text(symbol), at)));
            }
        }
        for (_, op) in function.values() {
            if let Op::StoreItem { index, value, .. } = op
                && let (Some(name), Some(at)) = (cx.module.constant_str(function, index), cx.at(id, value))
            {
                all.push((name, at));
            }
        }
    }
    for (name, at) in all {
        match name {
            "AUTH_PASSWORD_VALIDATORS" => {
                let Some(validators) = items(cx, at) else { continue };
                if validators.is_empty() && !names_no_application(cx.module) {
                    let mut one = Found::new(at, "Django is told to accept every password".to_owned(), REMEDY);
                    one.span = at.span();
                    found.push(one);
                }
                for validator in validators {
                    let is_length = matches!(entry(cx, validator, "NAME"), Entry::Given(held) if text(cx, held).is_some_and(|name| name.ends_with("MinimumLengthValidator")));
                    if is_length
                        && let Entry::Given(options) = entry(cx, validator, "OPTIONS")
                        && let Entry::Given(least) = entry(cx, options, "min_length")
                        && let Some(count) = number(cx, least)
                    {
                        found.extend(too_short(least, count));
                    }
                }
            }
            "SECURITY_PASSWORD_LENGTH_MIN"
            | "ACCOUNT_PASSWORD_MIN_LENGTH"
            | "USER_PASSWORD_MIN_LENGTH"
            | "PASSWORD_MIN_LENGTH"
            | "MIN_PASSWORD_LENGTH" => {
                if let Some(count) = number(cx, at) {
                    found.extend(too_short(at, count));
                }
            }
            _ => {}
        }
    }
}

/// Fields of forms and models: `password: str = Field(min_length=4)`, `PasswordField(validators=[Length(min=4)])`.
fn fields(cx: &Context<'_>, found: &mut Vec<Found>) {
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::ClassBody {
            continue;
        }
        if takes_sign_in(&function.name) {
            continue;
        }
        for &(symbol, value) in &function.assigned {
            let name = cx.module.symbols.text(symbol);
            if !is_password(name) {
                continue;
            }
            let Some(at) = cx.at(id, value) else { continue };
            bounds(cx, at, found, 0);
        }
    }
}

/// Whether a form or model is what people sign in with: it has to take what was accepted once.
fn takes_sign_in(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "login"
                | "signin"
                | "signon"
                | "credentials"
                | "credential"
                | "authenticate"
                | "authentication"
                | "session"
        )
    }) || words.windows(2).any(|pair| matches!([pair[0].as_str(), pair[1].as_str()], ["sign" | "log", "in" | "on"]))
}

fn bounds(cx: &Context<'_>, at: At<'_>, found: &mut Vec<Found>, depth: u32) {
    let Op::Call { callee, arguments } = at.op() else { return };
    if depth > 3 {
        return;
    }
    let last = last_name(at.with(callee));
    let (least, most) = match last {
        "Field" | "CharField" | "String" | "constr" | "Query" | "Form" | "Body" => ("min_length", "max_length"),
        "Length" => ("min", "max"),
        "PasswordField" | "StringField" => {
            for keyword in ["validators", "validate"] {
                if let Some(validators) = at.argument(arguments, 1, keyword) {
                    for one in items(cx, validators).unwrap_or_else(|| vec![validators]) {
                        bounds(cx, one, found, depth + 1);
                    }
                }
            }
            return;
        }
        _ => return,
    };
    if last == "String" {
        if let Some(validate) = at.argument(arguments, 90, "validate") {
            bounds(cx, validate, found, depth + 1);
        }
        return;
    }
    if let Some(given) = at.argument(arguments, 90, least)
        && let Some(count) = number(cx, given)
    {
        found.extend(too_short(given, count));
    }
    if let Some(given) = at.argument(arguments, 91, most)
        && let Some(count) = number(cx, given)
        && last != "CharField"
    {
        found.extend(too_low(given, count));
    }
}

/// `user.set_password(password)` where nobody asks the validators; only who asks for suspicions is told.
fn unvalidated(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let is_asked = || {
        let text = if site.at.id.0 == 0 { &cx.module.text } else { cx.module.slice(site.at.function.span) };
        [
            "validate_password",
            "password_validation",
            "cleaned_data",
            "SetPasswordForm",
            "make_random_password",
            "validated_data",
        ]
        .iter()
        .any(|name| text.contains(name))
    };
    if cx.persona != Persona::Pedantic || site.name() != "set_password" || !cx.imports_any(&["django"]) {
        return None;
    }
    let given = site.position(0)?;
    if !crate::rules::suspicion::is_dynamic(cx, given) && text(cx, given).is_some() || is_asked() {
        return None;
    }
    let message = "the password is set without being put to the validators of the project".to_owned();
    let remedy = "Call `validate_password(password, user)` of `django.contrib.auth.password_validation` before it.";
    Some(site.found(message, remedy).suspicion())
}

/// `user.set_password("")`
fn empty(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    if site.name() != "set_password" {
        return None;
    }
    let given = site.position(0)?;
    let is_empty = origins(cx, given)
        .into_iter()
        .any(|at| matches!(at.op(), Op::Constant(Constant::Str(text)) if at.module.string(text).is_empty()));
    is_empty.then(|| {
        site.found(
            "an account gets the empty password, which opens it for whoever leaves the field empty".to_owned(),
            "For an account without a password use `user.set_unusable_password()`.",
        )
        .severity(Severity::High)
    })
}

/// `if len(password) < 6:`
fn lengths(cx: &Context<'_>, found: &mut Vec<Found>) {
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Compare { op: CompareOp::Less, left, right } = op else { continue };
            let Some(at) = cx.at(id, value) else { continue };
            let Op::Call { callee, arguments } = function.op(left) else { continue };
            let Some(only) = at.argument(arguments, 0, "obj") else { continue };
            let measures = last_name(at.with(callee)) == "len" && is_password(named(only));
            if measures
                && let Some(count) = number(cx, at.with(right))
                && count > 1.0
            {
                found.extend(too_short(at, count));
            }
        }
    }
}

fn named<'a>(at: At<'a>) -> &'a str {
    let at = at.stripped();
    match at.op() {
        Op::Parameter(index) => at.function.parameters.get(index as usize).map_or("", |one| at.name(one.name)),
        Op::Attribute { name, .. } | Op::Name(name) => at.name(name),
        Op::Subscript { index, .. } => at.module.constant_str(at.function, index).unwrap_or(""),
        _ => at.function.assigned.iter().find(|(_, value)| *value == at.value).map_or("", |(name, _)| at.name(*name)),
    }
}
