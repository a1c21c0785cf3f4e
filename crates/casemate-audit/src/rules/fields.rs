//! What the attributes of an object hold: of an object that was made with data, only those attributes carry it that it was
//! put into.

use casemate_python::facts::{Entity, KeyName, Labels};
use casemate_python::names::ModuleId;
use casemate_python::routes::project_classes;
use casemate_python::syntax::{ClassId, Function, FunctionId, Module, Op, Value};

use super::evidence::is_of_request;
use super::{Context, handed};

/// How many functions hand it on before it is put away.
const MAX_STEPS: u32 = 4;

/// Whether an object that carries such data is asked for something else than what holds it.
pub(super) fn is_elsewhere(cx: &Context<'_>, labels: Labels, (home, id): (ModuleId, FunctionId), asked: Value) -> bool {
    let (Some(facts), Some((source, function))) = (cx.all_facts.get(home), cx.function(home, id)) else { return false };
    let Op::Attribute { of, name } = function.op(function.bare(asked)) else { return false };
    let name = source.symbols.text(name);
    let object = facts.fact(id, of);
    // What an error says of itself.
    let is_error = is_caught(source, function, function.bare(of)) && !matches!(name, "args" | "message" | "msg");
    let holder = match object.entity {
        Entity::Instance(at, class) => Some((at, class)),
        _ if is_self(function, of) => function.class.map(|class| (home, class)),
        _ => None,
    };
    let is_known = facts.part(object, &KeyName::Attribute(name.into())).is_some_and(|part| part.labels.meets(labels));
    !is_known
        && !is_of_request("request", name)
        && !matches!(facts.fact(id, asked).entity, Entity::Function(..) | Entity::Method(..))
        && (is_error || holder.is_some_and(|holder| !may_hold(cx, labels, holder, name)))
}

/// Whether a value is the error of `except Refused as error`.
fn is_caught(source: &Module, function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Element(_)) && {
        let before = source.text.get(..function.span_of(value).start as usize).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        line.starts_with("except") && line.ends_with(" as")
    }
}

/// Whether such data may be in an attribute of objects of a class of the project: it is put there, or nobody sees what is.
fn may_hold(cx: &Context<'_>, labels: Labels, (home, class): (ModuleId, ClassId), name: &str) -> bool {
    let made_from = project_classes(cx.program, home, class);
    if made_from.iter().any(|&owner| declares(cx, owner, name) || fills_itself(cx, owner)) {
        return true;
    }
    let mut is_stored = false;
    for (at, source) in cx.program.mentioning(&[name]) {
        let (Some(facts), Some(symbol)) = (cx.all_facts.get(at), source.symbols.find(name)) else { continue };
        for (id, function) in source.function_ids() {
            for (_, op) in function.values() {
                let Op::StoreAttribute { of, name: to, value } = op else { continue };
                if to != symbol || is_of_another(cx, (at, function), of, (home, class), &made_from) {
                    continue;
                }
                let is_own = is_self(function, of);
                is_stored |= is_own;
                if facts.fact(id, value).labels.meets(labels)
                    || is_own && is_handed(cx, labels, (at, id), value, MAX_STEPS)
                {
                    return true;
                }
            }
        }
    }
    !is_stored
}

fn is_self(function: &Function, of: Value) -> bool {
    function.class.is_some() && matches!(function.op(function.bare(of)), Op::Parameter(0))
}

/// Whether what an attribute is put on is an object of a class that has nothing to do with this one.
fn is_of_another(
    cx: &Context<'_>,
    (at, function): (ModuleId, &Function),
    of: Value,
    wanted: (ModuleId, ClassId),
    made_from: &[(ModuleId, ClassId)],
) -> bool {
    is_self(function, of)
        && function.class.is_some_and(|class| {
            !made_from.contains(&(at, class)) && !project_classes(cx.program, at, class).contains(&wanted)
        })
}

/// Whether a class names an attribute among its fields or works it out: then it is filled where its objects are made.
fn declares(cx: &Context<'_>, (module, class): (ModuleId, ClassId), name: &str) -> bool {
    cx.program.module(module).is_some_and(|source| {
        source.method(class, name).is_some()
            || source.class(class).is_some_and(|class| {
                class.fields.iter().any(|field| source.symbols.text(field.name) == name)
            })
    })
}

/// Whether objects of a class put whatever they are given under its own name: `setattr(self, name, value)`.
fn fills_itself(cx: &Context<'_>, (module, class): (ModuleId, ClassId)) -> bool {
    cx.program.module(module).is_some_and(|source| {
        let body = source.class(class).and_then(|class| source.function(class.body));
        body.is_some_and(|body| {
            let code = source.slice(body.span);
            code.contains("setattr(self") || code.contains("self.__dict__")
        })
    })
}

/// Whether somebody hands a function such data for what it puts away.
fn is_handed(cx: &Context<'_>, labels: Labels, place: (ModuleId, FunctionId), value: Value, steps: u32) -> bool {
    let Some((_, function)) = cx.function(place.0, place.1) else { return false };
    let class = function.class.map(|class| (place.0, class));
    let Some(makers) = class.map_or(Some(Vec::new()), |class| makers_of(cx, class)) else { return true };
    let makers = if makers.is_empty() { class.into_iter().collect() } else { makers };
    handed::is_handed_anywhere(cx, place, value, &makers, |facts, at, argument| {
        facts.fact(at, argument).labels.meets(labels)
            || steps > 0 && is_handed(cx, labels, (facts.module, at), argument, steps - 1)
    })
}

/// The classes whose objects are made as those of a class are, itself among them; none if one of them makes its own in
/// another way: then nobody sees what they are handed.
fn makers_of(cx: &Context<'_>, (home, class): (ModuleId, ClassId)) -> Option<Vec<(ModuleId, ClassId)>> {
    let name = cx.program.module(home)?.class(class)?.name.as_str();
    let mut found = vec![(home, class)];
    for (at, source) in cx.program.mentioning(&[name]) {
        for below in (0..source.classes.len()).filter_map(|place| Some(ClassId(u32::try_from(place).ok()?))) {
            if (at, below) == (home, class) || !project_classes(cx.program, at, below).contains(&(home, class)) {
                continue;
            }
            if source.method(below, "__init__").is_some_and(|made| {
                source.function(made).is_some_and(|made| made.class == Some(below))
            }) {
                return None;
            }
            found.push((at, below));
        }
    }
    Some(found)
}
