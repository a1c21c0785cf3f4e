//! What other modules hand to a function or to an object they make.

use casemate_python::facts::{Entity, Hit, Labels, ModuleFacts};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{Function, FunctionId, Op, Passing, Value};

use super::Context;

/// Whether another module hands a function something that `carries` for a parameter that a value of it is made from.
/// Objects are handed what they are made with.
pub(super) fn is_handed<'a>(
    cx: &Context<'a>,
    (home, id): (ModuleId, FunctionId),
    value: Value,
    carries: impl Fn(&'a ModuleFacts, FunctionId, Value) -> bool,
) -> bool {
    let Some((source, function)) = cx.function(home, id) else { return false };
    let parameters = parameters_of(function, value);
    if parameters.is_empty() {
        return false;
    }
    let class = function.class.filter(|_| function.name == "__init__");
    let name = match class {
        Some(class) => source.class(class).map_or("", |class| class.name.as_str()),
        None => function.name.as_str(),
    };
    let bound = u32::from(function.class.is_some());
    cx.program.mentioning(&[name]).filter(|(at, _)| *at != home).any(|(at, module)| {
        let Some(facts) = cx.all_facts.get(at) else { return false };
        module.function_ids().any(|(around, body)| {
            body.values().any(|(_, op)| {
                let Op::Call { callee, arguments } = op else { return false };
                let is_it = match facts.fact(around, callee).entity {
                    Entity::Class(there, one) => there == home && Some(one) == class,
                    Entity::Function(there, one) | Entity::Method(there, one) => (there, one) == (home, id),
                    _ => false,
                };
                is_it
                    && body.call_arguments(arguments).iter().zip(bound..).any(|(argument, position)| {
                        let is_this = match argument.passing {
                            Passing::Position => parameters.contains(&position),
                            Passing::Keyword(keyword) => parameters.iter().any(|&at| {
                                function.parameters.get(at as usize).is_some_and(|parameter| {
                                    source.symbols.text(parameter.name) == module.symbols.text(keyword)
                                })
                            }),
                            _ => false,
                        };
                        is_this && carries(facts, around, argument.value)
                    })
            })
        })
    })
}

/// Whether data is met in methods of one class alone: which of the objects of a class it is that a function far away meets,
/// nobody can say.
pub(super) fn stays_in_object(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    let class = |(home, id): (ModuleId, FunctionId)| Some((home, cx.function(home, id)?.1.class?));
    let own = class((cx.facts.module, hit.function));
    own.is_some() && way.into_iter().all(|(home, id, _)| class((home, id)) == own)
}

/// The parameters that a value is made from, that of the object itself left out.
fn parameters_of(function: &Function, value: Value) -> Vec<u32> {
    let (mut open, mut seen, mut found) = (vec![function.bare(value)], Vec::new(), Vec::new());
    while let Some(value) = open.pop() {
        if value == Value::NONE || seen.contains(&value) || seen.len() > 64 {
            continue;
        }
        seen.push(value);
        match function.op(value) {
            Op::Parameter(0) if function.class.is_some() => {}
            Op::Parameter(index) => found.push(index),
            _ => open.extend(function.operands_of(value)),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
