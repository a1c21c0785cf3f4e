//! Untrusted data as an argument of a program that takes it for an option when it begins with a dash.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::flow::StepKind;
use casemate_python::syntax::{BinaryOp, Collection, Function, Op, ParameterKind, Passing, Value};

use super::argv::{Argv, has_harmful_options, takes_value};
use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::values::held_by;
use crate::rules::{Context, Taint, Verdict};

/// `argument-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ112",
    name: "argument-injection",
    summary: "Untrusted data may be taken for an option of a program",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[88],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("argument_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["argv"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes an argument",
    message: "{call} passes data from outside where the program may take it for an option: {source}",
    missing: "`--` before the value, or a check that it does not begin with `-`",
    remedy: "Put `\"--\"` before the value, or give it a fixed beginning such as `./` or `https://`, or turn down what begins with `-`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // `git("clone", url)`, where the project's own function puts the program before.
    if let Some(wrapped) = Wrapped::of(cx, hit) {
        let at = Some((wrapped.scene.module, wrapped.scene.id, wrapped.call));
        return Verdict { at, ..Verdict::only_if(wrapped.may_be_option()) };
    }
    let Some(argv) = Argv::of(cx, hit, label::OUTSIDE) else { return Verdict::DISMISSED };
    let Some(program) = argv.program().or_else(|| argv.keeper_of_versions()) else { return Verdict::DISMISSED };
    if !has_harmful_options(program) {
        return Verdict::DISMISSED;
    }
    let mut before: Option<&str> = None;
    for (at, &element) in argv.elements.iter().enumerate().skip(1) {
        let word = argv.scene.constant(element);
        if word == Some("--") {
            return Verdict::DISMISSED;
        }
        let is_value = before.is_some_and(|option| takes_value(program, option));
        if argv.is_this(at, hit) && !is_value && !argv.scene.is_clean(element, "argv") && argv.scene.leads(element) {
            return Verdict::default();
        }
        before = word;
    }
    // Appended later: what stands before it is not known.
    Verdict::only_if(argv.is_filled(hit))
}

/// Calls on the way of a hit that are looked at.
const MAX_STEPS: usize = 8;

/// Arguments that a function of the project puts behind the name of a program.
struct Wrapped<'c> {
    scene: Scene<'c>,
    call: Value,
    program: &'c str,
    /// What stands between the program and what is passed.
    before: Vec<&'c str>,
    /// What is passed.
    elements: Vec<Value>,
}

impl<'c> Wrapped<'c> {
    /// The last function on the way of a hit that puts a program before.
    fn of(cx: &'c Context<'_>, hit: &Hit) -> Option<Self> {
        if hit.reach.module == cx.facts.module && hit.reach.function == hit.function {
            return None;
        }
        let trace = cx.trace(hit, label::OUTSIDE);
        trace.iter().rev().filter(|step| step.kind == StepKind::Passed).take(MAX_STEPS).find_map(|step| {
            let scene = Scene::on_the_way(cx, hit, (step.module, step.function), label::OUTSIDE)?;
            let is_it = |(value, op): &(Value, Op)| {
                matches!(op, Op::Call { .. }) && scene.function.span_of(*value) == step.span
            };
            let (call, _) = scene.function.values().find(is_it)?;
            Self::at(cx, scene, call)
        })
    }

    fn at(cx: &'c Context<'_>, scene: Scene<'c>, call: Value) -> Option<Self> {
        let Op::Call { callee, arguments } = scene.function.op(call) else { return None };
        let arguments = scene.function.call_arguments(arguments);
        let facts = cx.all_facts.get(scene.module)?;
        let (home, id, bound) = match facts.fact(scene.id, callee).entity {
            Entity::Function(module, id) => (module, id, 0),
            Entity::Method(module, id) => (module, id, 1),
            _ => return None,
        };
        let (source, function) = cx.function(home, id)?;
        let star = function.parameters.iter().position(|one| one.kind == ParameterKind::Star);
        arguments.iter().enumerate().take_while(|(_, one)| one.passing == Passing::Position).find_map(|(at, one)| {
            let is_star = star.is_some_and(|star| at + bound >= star);
            let parameter = star.filter(|_| is_star).unwrap_or(at + bound);
            let elements: Vec<Value> = if is_star {
                arguments.iter().skip(parameter - bound).map(|one| one.value).collect()
            } else {
                scene.items(one.value)?.to_vec()
            };
            if !elements.iter().any(|&element| scene.carries(element)) {
                return None;
            }
            let (first, between) = placed_behind(function, parameter)?;
            let constant = |value: Value| source.constant_str(function, function.plain(value));
            let program = match constant(first) {
                Some(program) => program,
                // `self.program`, which each class says for itself.
                None => {
                    let Op::Attribute { of, name } = function.op(function.plain(first)) else { return None };
                    if bound == 0 || !matches!(function.op(function.plain(of)), Op::Parameter(0)) {
                        return None;
                    }
                    let class = scene.source.class(scene.function.class?)?;
                    let body = scene.source.function(class.body)?;
                    scene.source.constant_str(body, held_by(scene.source, body, source.symbols.text(name))?)?
                }
            };
            let before = between.into_iter().map(|value| constant(value).unwrap_or_default()).collect();
            Some(Self { scene, call, program, before, elements })
        })
    }

    fn may_be_option(&self) -> bool {
        if !has_harmful_options(self.program) || self.before.contains(&"--") {
            return false;
        }
        let mut before = self.before.last().copied();
        for &element in &self.elements {
            let word = self.scene.constant(element);
            if word == Some("--") {
                return false;
            }
            let is_value = before.is_some_and(|option| takes_value(self.program, option));
            if !is_value && !self.scene.is_clean(element, "argv") && self.scene.leads(element) {
                return true;
            }
            before = word;
        }
        false
    }
}

/// The program and what follows it, where a function puts a parameter behind: `["git", *arguments]`, `[program] + words`.
fn placed_behind(function: &Function, parameter: usize) -> Option<(Value, Vec<Value>)> {
    let is_it = |value: Value| {
        let value = match function.op(function.plain(value)) {
            Op::Spread(of) => of,
            // `list(arguments)`
            Op::Call { arguments, .. } => match function.call_arguments(arguments) {
                [only] => only.value,
                _ => return false,
            },
            _ => value,
        };
        matches!(function.op(function.plain(value)), Op::Parameter(index) if index as usize == parameter)
    };
    let listed = |value: Value| match function.op(function.plain(value)) {
        Op::Build { collection: Collection::List | Collection::Tuple, items } => Some(function.list(items)),
        _ => None,
    };
    function.values().find_map(|(value, op)| match op {
        Op::Build { collection: Collection::List | Collection::Tuple, items } => {
            let items = function.list(items);
            let at = items
                .iter()
                .position(|&item| matches!(function.op(function.plain(item)), Op::Spread(_)) && is_it(item))?;
            let (&first, rest) = items.split_first()?;
            (at > 0).then(|| (first, rest.get(..at - 1).unwrap_or_default().to_vec()))
        }
        Op::Binary { op: BinaryOp::Add, left, right } if is_it(right) && value != right => {
            let (&first, rest) = listed(left)?.split_first()?;
            Some((first, rest.to_vec()))
        }
        _ => None,
    })
}
