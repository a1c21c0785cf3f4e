//! A model of a request that keeps fields nobody declared.

use casemate_python::facts::Entity;
use casemate_python::syntax::{Function, FunctionId, FunctionKind, Op, Passing};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::columns;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, held_by};

/// `overly-permissive-model`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1212",
    name: "overly-permissive-model",
    summary: "A model at the door accepts what it does not know",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[915],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.3.3",
    page: include_str!("overly_permissive_model.md"),
};

const EXTRA: &str = "Refuse what is not declared (`model_config = ConfigDict(extra=\"forbid\")`), or leave the default, which drops it.";
const ALL: &str = "List the fields that callers may set: `fields = [\"name\", \"mail\"]`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (_, definition) in super::models::of_requests(cx) {
        let Some(body) = cx.module.function(definition.body) else { continue };
        if let Some(config) = held_by(cx.module, body, "model_config")
            && let Some(span) = allows_extra(cx, body, config)
        {
            found.push(Told::new(
                definition.body,
                span,
                "fields that nobody declared are kept, and go wherever the model goes",
                EXTRA,
            ));
        }
        // `class Config: extra = "allow"`
        for inner in cx.module.classes.iter().filter(|inner| inner.parent == definition.body && inner.name == "Config")
        {
            if let Some(scope) = cx.module.function(inner.body)
                && let Some(value) = held_by(cx.module, scope, "extra")
                && (cx.module.constant_str(scope, value) == Some("allow")
                    || cx.module.slice(scope.span_of(value)).ends_with("Extra.allow"))
            {
                found.push(Told::new(
                    inner.body,
                    scope.span_of(value),
                    "fields that nobody declared are kept, and go wherever the model goes",
                    EXTRA,
                ));
            }
        }
    }
    // Serializers and forms of Django that take all fields of a model.
    for class in &cx.module.classes {
        let Some(scope) = cx.module.function(class.body).filter(|_| class.name == "Meta") else { continue };
        let Some(around) = cx.module.function(class.parent).filter(|around| around.kind == FunctionKind::ClassBody)
        else {
            continue;
        };
        let outer = around.class.and_then(|outer| cx.module.class(outer));
        let is_input = outer.is_some_and(|outer| {
            let home = cx.module.function(outer.parent);
            outer.bases.iter().any(|&base| {
                home.is_some_and(|home| {
                    let written = cx.module.slice(home.span_of(base));
                    matches!(
                        written.rsplit('.').next(),
                        Some("ModelSerializer" | "ModelForm" | "HyperlinkedModelSerializer")
                    )
                })
            })
        });
        if let Some(value) = held_by(cx.module, scope, "fields")
            && is_input
            && (cx.module.constant_str(scope, value) == Some("__all__"))
            && held_by(cx.module, scope, "read_only_fields").is_none()
            && !is_for_staff(&cx.module.path)
            && (cx.persona == Persona::Pedantic || decides(cx, class.body, scope))
        {
            found.push(
                Told::new(
                    class.body,
                    scope.span_of(value),
                    "callers may set every field of the model, also those added later",
                    ALL,
                )
                .confidence(Confidence::Medium),
            );
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether the model has a field that callers must not set for themselves: rights, a password, money, or that something was
/// looked through. Models that are not at hand are asked for their names.
fn decides(cx: &Context<'_>, meta: FunctionId, scope: &Function) -> bool {
    let Some(model) = held_by(cx.module, scope, "model") else { return false };
    let Entity::Class(home, class) = cx.facts.fact(meta, model).entity else {
        let written = cx.module.slice(scope.span_of(model));
        let name = written.rsplit('.').next().unwrap_or(written);
        return words(name).iter().any(|word| {
            matches!(word.as_str(), "user" | "account" | "profile" | "member" | "membership" | "role" | "employee")
        }) || written.contains("get_user_model");
    };
    let is_user = casemate_python::routes::library_bases(cx.program, home, class)
        .iter()
        .any(|base| base.starts_with("django.contrib.auth"));
    is_user
        || columns(cx, (home, class)).iter().any(|column| {
            matches!(
                column.as_str(),
                "is_staff"
                    | "is_superuser"
                    | "is_admin"
                    | "admin"
                    | "role"
                    | "roles"
                    | "permissions"
                    | "user_permissions"
                    | "password"
                    | "balance"
                    | "credit"
                    | "credits"
                    | "is_paid"
                    | "paid"
                    | "is_verified"
                    | "verified"
                    | "is_approved"
                    | "approved"
            )
        })
}

/// Whether a module is of the pages of an administrator, who may set every field.
fn is_for_staff(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "admin" | "admin.py" | "admins" | "admin_forms.py"))
}

fn allows_extra(
    cx: &Context<'_>,
    body: &Function,
    config: casemate_python::syntax::Value,
) -> Option<casemate_python::syntax::Span> {
    match body.op(config) {
        Op::Call { callee, arguments }
            if matches!(called(cx.module, body, callee), "ConfigDict" | "SettingsConfigDict" | "dict") =>
        {
            body.call_arguments(arguments).iter().find_map(|argument| match argument.passing {
                Passing::Keyword(name)
                    if cx.module.symbols.text(name) == "extra"
                        && cx.module.constant_str(body, argument.value) == Some("allow") =>
                {
                    Some(body.span_of(argument.value))
                }
                _ => None,
            })
        }
        Op::Build { items, .. } => body.list(items).chunks_exact(2).find_map(|pair| match *pair {
            [key, value]
                if cx.module.constant_str(body, key) == Some("extra")
                    && cx.module.constant_str(body, value) == Some("allow") =>
            {
                Some(body.span_of(value))
            }
            _ => None,
        }),
        _ => None,
    }
}
