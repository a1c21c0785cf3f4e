//! Untrusted data that names an attribute which is then called or set.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::syntax::{Function, Op, Value};

use super::class_pollution;
use super::orm_lookup_key_injection::hands_on_keys;
use super::scene::{Scene, hit_at};
use crate::finding::Severity;
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::authorization::mass_assignment::is_validated;
use crate::rules::network::calls::name_of;
use crate::rules::network::urls;
use crate::rules::pattern::{Found, tell};
use crate::rules::suspicion::is_dynamic;
use crate::rules::{Context, Taint, Verdict, evidence};

/// `reflective-call`
pub(crate) static RULE: Rule = Rule {
    id: "INJ118",
    name: "reflective-call",
    summary: "Untrusted data names the function that is called or the attribute that is set",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[470],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("reflective_call.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["attribute-name"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names what is called or set",
    message: "{call} calls or sets what data from outside names: {source}",
    missing: "a fixed list of names",
    remedy: "Look the function up in a dictionary that you wrote, or check the name against a fixed list.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let (call, name) = (hit.reach.call, hit.reach.argument);
    if evidence::is_answer(cx, hit, label::UNTRUSTED) || is_declared(&scene, name) {
        return Verdict::DISMISSED;
    }
    if !scene.leads(name) || class_pollution::is_merge(&scene, name) {
        return Verdict::DISMISSED;
    }
    if scene.called(call) == "setattr" && refuses_underscores(cx, &scene, name) {
        return Verdict::DISMISSED;
    }
    // `def update(row, **fields)`: those that a caller writes down have the names written there.
    if scene.made_from(name).iter().any(|&from| scene.is_keywords(from)) && !hands_on_keys(cx, hit, &scene) {
        return Verdict::DISMISSED;
    }
    if is_allowed(&scene, call, name) {
        return Verdict::DISMISSED;
    }
    Verdict::only_if(scene.called(call) != "getattr" || is_called(&scene, call) && !is_kind_tested(&scene, call))
}

/// Whether names that begin with underscores, which lead to classes and globals, are turned down: here, or by a function
/// of the project that is called with the name.
fn refuses_underscores(cx: &Context<'_>, scene: &Scene<'_>, name: Value) -> bool {
    let raises = |function: &Function| function.values().any(|(_, op)| matches!(op, Op::Raise(_)));
    let is_name = |value: Value| scene.bare(value) == scene.bare(name);
    scene.function.values().any(|(value, op)| {
        let Op::Call { callee, .. } = op else { return false };
        if let Some((of, "startswith")) = scene.method(value) {
            return is_name(of)
                && raises(scene.function)
                && scene
                    .arguments(value)
                    .first()
                    .and_then(|first| scene.constant(first.value))
                    .is_some_and(|start| start.starts_with('_'));
        }
        let Some(facts) = cx.all_facts.get(scene.module) else { return false };
        let (Entity::Function(home, id) | Entity::Method(home, id)) = facts.fact(scene.id, callee).entity else {
            return false;
        };
        scene.arguments(value).iter().any(|argument| is_name(argument.value))
            && cx.function(home, id).is_some_and(|(source, function)| {
                raises(function)
                    && function.values().any(|(_, op)| {
                        let Op::Call { callee, arguments } = op else { return false };
                        name_of(source, function, callee) == "startswith"
                            && function
                                .call_arguments(arguments)
                                .first()
                                .and_then(|first| source.constant_str(function, first.value))
                                .is_some_and(|start| start.starts_with('_'))
                    })
            })
    })
}

/// Whether a name is one of those that a class of the program declares: the keys of what a model dumps, the fields of
/// a form.
fn is_declared(scene: &Scene<'_>, name: Value) -> bool {
    let mut todo = vec![name];
    let mut seen: Vec<Value> = Vec::new();
    while let Some(value) = todo.pop() {
        if value == Value::NONE || seen.len() > 64 || seen.contains(&value) {
            continue;
        }
        seen.push(value);
        match scene.function.op(value) {
            Op::Call { callee, .. } => {
                if matches!(
                    name_of(scene.source, scene.function, callee),
                    "model_dump" | "asdict" | "fields" | "_asdict"
                ) {
                    return true;
                }
                todo.push(callee);
                todo.extend(scene.arguments(value).iter().map(|argument| argument.value));
            }
            Op::Attribute { of, name } => {
                if matches!(
                    scene.source.symbols.text(name),
                    "cleaned_data" | "fields" | "__fields__" | "model_fields" | "validated_data" | "changed_data"
                ) {
                    return true;
                }
                todo.push(of);
            }
            Op::Parameter(index) if is_validated(scene.source, scene.function, index) => return true,
            Op::Refine { of, .. } => todo.push(of),
            Op::Item { of, .. } | Op::Element(of) => todo.push(of),
            Op::Phi(list) => todo.extend(scene.function.list(list).iter().filter(|one| one.0 < value.0)),
            _ => {}
        }
    }
    false
}

/// Whether the function asks of what it was given that it is a subclass of something: `issubclass(found, Plugin)`.
fn is_kind_tested(scene: &Scene<'_>, value: Value) -> bool {
    scene.function.values().any(|(test, op)| {
        let Op::Call { callee, .. } = op else { return false };
        scene.path(callee) == "issubclass"
            && scene.arguments(test).first().is_some_and(|subject| is_it(scene, subject.value, value, 0))
    })
}

/// Whether the name was put to a function that says what is allowed, and the call is on the side where it is: `if not
/// api.is_allowed(name): return`.
fn is_allowed(scene: &Scene<'_>, call: Value, name: Value) -> bool {
    let block = scene.function.block_of(call);
    scene.function.conditions.iter().any(|&(of, test, held)| {
        let (test, held) = match scene.function.op(scene.bare(test)) {
            Op::Not(inner) => (scene.bare(inner), !held),
            _ => (scene.bare(test), held),
        };
        held && !urls::reaches(scene.source, scene.function, block, of)
            && matches!(scene.function.op(test), Op::Call { .. })
            && scene.arguments(test).iter().any(|argument| scene.bare(argument.value) == scene.bare(name))
            && words(scene.called(test).rsplit('.').next().unwrap_or_default())
                .iter()
                .chain(words(scene.method(test).map_or("", |(_, name)| name)).iter())
                .any(|word| {
                    matches!(
                        word.as_str(),
                        "allowed"
                            | "authorized"
                            | "permitted"
                            | "valid"
                            | "known"
                            | "public"
                            | "exposed"
                            | "registered"
                            | "supported"
                            | "may"
                            | "can"
                    )
                })
    })
}

/// Whether a value is called in its function.
fn is_called(scene: &Scene<'_>, value: Value) -> bool {
    scene.function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => is_it(scene, callee, value, 0),
        _ => false,
    })
}

fn is_it(scene: &Scene<'_>, one: Value, wanted: Value, depth: u32) -> bool {
    let one = scene.bare(one);
    one == wanted
        || match scene.function.op(one) {
            Op::Phi(list) | Op::Or(list) if depth < 8 => scene
                .function
                .list(list)
                .iter()
                .any(|&choice| choice.0 < one.0 && is_it(scene, choice, wanted, depth + 1)),
            Op::Choice { yes, no, .. } if depth < 8 => {
                is_it(scene, yes, wanted, depth + 1) || is_it(scene, no, wanted, depth + 1)
            }
            _ => false,
        }
}

/// `globals()[name]()`, `globals().get(name)()`, `function.__globals__[name]()`
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut hits: Vec<Hit> = Vec::new();
    let mut found = Vec::new();
    let speaks = ["globals", "locals", "vars", "__globals__"].iter().any(|name| cx.module.symbols.find(name).is_some());
    for (id, function) in cx.module.function_ids().filter(|_| speaks) {
        for (at, op) in function.values() {
            if !matches!(op, Op::Subscript { .. } | Op::Call { .. }) {
                continue;
            }
            let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { continue };
            let (of, index) = match op {
                Op::Subscript { of, index } => (of, index),
                _ => match (scene.method(at), scene.arguments(at).first()) {
                    (Some((of, "get")), Some(first)) => (of, first.value),
                    _ => continue,
                },
            };
            let is_scope = matches!(scene.called(of), "globals" | "locals" | "vars")
                || matches!(function.op(function.bare(of)), Op::Attribute { name, .. } if cx.module.symbols.text(name) == "__globals__");
            if !is_scope || !is_called(&scene, at) {
                continue;
            }
            if !scene.is_clean(index, "attribute-name") && scene.leads(index) {
                hits.push(hit_at(cx, id, at, index));
            } else if cx.persona == Persona::Pedantic
                && cx.at(id, index).is_some_and(|name| is_dynamic(cx, name))
                && let Some(place) = cx.at(id, at)
            {
                let filled = Context::written(cx.module, function, index);
                let message = format!("what is called is what `{filled}` names, which is not a constant");
                found.push(
                    Found::new(place, message, TAINT.remedy).severity(Severity::Low).suspicion().missing(TAINT.missing),
                );
            }
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
    tell(cx, &RULE, found);
}
