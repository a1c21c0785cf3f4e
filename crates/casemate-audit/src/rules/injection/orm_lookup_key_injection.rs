//! Untrusted keys that an ORM takes for fields and lookups.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{FunctionId, Op, Passing, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::authorization::mass_assignment::is_validated;
use crate::rules::{Context, Taint, Verdict, evidence};

/// `orm-lookup-key-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ105",
    name: "orm-lookup-key-injection",
    summary: "Untrusted data chooses the fields and lookups of an ORM query",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[89],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("orm_lookup_key_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["orm-keys"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "chooses fields and lookups",
    message: "{call} lets data from outside choose fields and lookups: {source}",
    missing: "a fixed list of fields",
    remedy: "Write the keys in the code and take only values from outside, or check each key against a fixed list.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let (call, value) = (hit.reach.call, hit.reach.argument);
    let names_fields = match scene.method(call) {
        Some((_, method)) => matches!(method, "order_by" | "values" | "values_list" | "only" | "defer" | "distinct"),
        None => false,
    };
    match scene.passing(call, value) {
        Some(Passing::DoubleStar) if scene.is_keywords(value) => Verdict::only_if(hands_on_keys(cx, hit, &scene)),
        Some(Passing::DoubleStar) => {
            let (scene, value) = match Scene::of_text(cx, hit, label::UNTRUSTED) {
                Some(at) if !matches!(scene.function.op(scene.bare(value)), Op::Spread(_)) => at,
                _ => (scene, value),
            };
            Verdict::only_if(chooses_keys(&scene, value, 0))
        }
        // A field to sort by: the attacker sees an order, not the values.
        Some(Passing::Position | Passing::Star) if names_fields => {
            let told = !scene.is_clean(value, "orm-keys") && scene.leads(value);
            Verdict { severity: Some(Severity::Medium), ..Verdict::only_if(told) }
        }
        _ => Verdict::DISMISSED,
    }
}

/// Whether the keyword arguments of a function may be called what somebody outside wants: those that a route brings have
/// the names that its pattern gives them, and those that a caller writes down have the names written there.
pub(super) fn hands_on_keys(cx: &Context<'_>, hit: &Hit, scene: &Scene<'_>) -> bool {
    if scene.is_here(hit) {
        return !(hit.labels & label::UNTRUSTED).without(label::PATH).is_empty();
    }
    let Some(caller) = Scene::here(cx, hit.function, label::UNTRUSTED) else { return true };
    let spreads = |module: ModuleId, id: FunctionId| {
        let Some((facts, (_, function))) = cx.all_facts.get(module).zip(cx.function(module, id)) else {
            return false;
        };
        function.values().any(|(_, op)| match op {
            Op::Call { callee, arguments } => {
                let is_it = matches!(facts.fact(id, callee).entity, Entity::Function(home, inner) | Entity::Method(home, inner) if (home, inner) == (scene.module, scene.id));
                is_it && function.call_arguments(arguments).iter().any(|one| one.passing == Passing::DoubleStar)
            }
            _ => false,
        })
    };
    match caller.passing(hit.call, hit.argument) {
        Some(Passing::Keyword(_)) => false,
        Some(Passing::DoubleStar) if !caller.is_keywords(hit.argument) => chooses_keys(&caller, hit.argument, 0),
        // Through other functions: one of them has to hand on a mapping.
        _ => {
            let tracer = Tracer { program: cx.program, modules: cx.all_facts };
            let (way, _) = tracer.way(cx.facts.module, hit, label::UNTRUSTED);
            way.into_iter().any(|(module, id, _)| spreads(module, id))
        }
    }
}

/// Whether the keys of a mapping come from outside.
fn chooses_keys(scene: &Scene<'_>, mapping: Value, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let bare = scene.bare(mapping);
    if let Op::Spread(of) = scene.function.op(bare) {
        return chooses_keys(scene, of, depth + 1);
    }
    let entries = scene.entries(bare);
    if !entries.is_empty() {
        return entries.iter().any(|&(key, value)| match key {
            Some(key) => {
                scene.carries(key)
                    && !scene.is_clean(key, "orm-keys")
                    && !scene.is_listed(key)
                    && !is_own_name(scene, key, depth)
            }
            None => chooses_keys(scene, value, depth + 1),
        });
    }
    match scene.function.op(bare) {
        // What was put into an empty dictionary later.
        Op::Build { .. } => filled(scene, bare),
        Op::Attribute { name, .. } => {
            !matches!(scene.source.symbols.text(name), "cleaned_data" | "validated_data") && scene.carries(bare)
        }
        Op::Call { .. } => match scene.method(bare) {
            // A model of the project names its fields itself.
            Some((of, "dict" | "model_dump" | "to_dict" | "asdict")) => !scene.is_instance(of) && scene.carries(bare),
            _ if scene.called(bare) == "dict" => scene
                .arguments(bare)
                .iter()
                .any(|one| !matches!(one.passing, Passing::Keyword(_)) && chooses_keys(scene, one.value, depth + 1)),
            // `**self.key_of_url()`
            Some((of, _)) if is_self(scene, of) && scene.arguments(bare).is_empty() => {
                scene.carries(bare)
                    && answers_of(scene, bare).is_none_or(|answers| {
                        answers.iter().any(|(there, value)| chooses_keys(there, *value, depth + 1))
                    })
            }
            _ => scene.carries(bare),
        },
        Op::Parameter(index) if is_validated(scene.source, scene.function, index) => false,
        Op::Phi(list) | Op::Or(list) => {
            scene.function.list(list).iter().any(|&one| one.0 < bare.0 && chooses_keys(scene, one, depth + 1))
        }
        _ => scene.carries(bare) && !scene.is_clean(mapping, "orm-keys") && !scene.is_instance(bare),
    }
}

/// Whether a key is what the class itself says: `self.lookup_field`, `self.get_slug_field()`. Whatever else its object
/// holds, this is written down in the program.
fn is_own_name(scene: &Scene<'_>, key: Value, depth: u32) -> bool {
    let key = scene.bare(key);
    match scene.function.op(key) {
        Op::Attribute { of, name } => {
            is_self(scene, of) && !evidence::is_of_request("request", scene.source.symbols.text(name))
        }
        Op::Call { .. } if depth < 8 && scene.arguments(key).is_empty() => {
            scene.method(key).is_some_and(|(of, name)| {
                let says_name =
                    words(name).last().is_some_and(|last| matches!(last.as_str(), "field" | "kwarg" | "name"));
                is_self(scene, of)
                    && answers_of(scene, key).map_or(says_name, |answers| {
                        answers
                            .iter()
                            .all(|(there, value)| !there.carries(*value) || is_own_name(there, *value, depth + 1))
                    })
            })
        }
        _ => false,
    }
}

fn is_self(scene: &Scene<'_>, value: Value) -> bool {
    scene.function.class.is_some() && matches!(scene.function.op(scene.bare(value)), Op::Parameter(0))
}

/// What the method of the project that is called may answer.
fn answers_of<'c>(scene: &Scene<'c>, call: Value) -> Option<Vec<(Scene<'c>, Value)>> {
    let there = scene.entered(call)?;
    let values = there.function.returns.clone();
    Some(values.into_iter().filter_map(|value| Some((scene.entered(call)?, value))).collect())
}

/// Whether a dictionary is given keys from outside after it was made.
fn filled(scene: &Scene<'_>, dict: Value) -> bool {
    scene.function.values().any(|(value, op)| match op {
        Op::StoreItem { of, index, .. } => {
            scene.bare(of) == dict && scene.carries(index) && !scene.is_clean(index, "orm-keys")
        }
        Op::Call { .. } => {
            matches!(scene.method(value), Some((of, "update")) if scene.bare(of) == dict)
                && scene
                    .arguments(value)
                    .iter()
                    .any(|one| !matches!(one.passing, Passing::Keyword(_)) && chooses_keys(scene, one.value, 4))
        }
        _ => false,
    })
}
