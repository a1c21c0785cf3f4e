//! The way labelled data took, rebuilt only for what is reported.

use super::found::Facts;
use crate::facts::fact::{Entity, Fact, Hit, Labels, ModuleFacts, Reach};
use crate::names::{ModuleId, Program};
use crate::routes;
use crate::syntax::{BinaryOp, Function, FunctionId, Module, Op, Outcome, Passing, Piece, Span, Symbol, Value};

/// What happens at one stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The data enters as this parameter.
    Parameter(Symbol),
    /// The data enters here.
    Source,
    /// It becomes part of a text.
    Built,
    /// It goes through a call.
    Through,
    /// It is passed to a function of the project, which takes it to the end of the path.
    Passed,
    /// It comes back from a function of the project.
    Returned,
    /// It gets a new name.
    Named(Symbol),
    /// It arrives.
    Sink,
}

/// One stop of labelled data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// The module of the stop.
    pub module: ModuleId,
    /// Its function.
    pub function: FunctionId,
    /// Where it is.
    pub span: Span,
    /// What happens there.
    pub kind: StepKind,
}

/// Functions one in the other that a path is followed through.
const MAX_DEPTH: usize = 12;

/// Things held by what a call is given that are looked at for functions, and how deep they may lie.
const MAX_HELD: usize = 64;
const MAX_HELD_DEPTH: u32 = 3;

/// All that is known, for paths that cross modules.
#[derive(Clone, Copy)]
pub struct Tracer<'t> {
    /// The program.
    pub program: &'t Program,
    /// The facts of all modules.
    pub modules: &'t Facts<'t>,
}

impl<'t> Tracer<'t> {
    fn facts(&self, module: ModuleId) -> Option<&'t ModuleFacts> {
        self.modules.get(module)
    }

    fn function(&self, module: ModuleId, function: FunctionId) -> Option<&'t Function> {
        self.program.module(module)?.function(function)
    }

    /// From the source of `wanted` labels to the end of a hit in a module.
    pub fn trace(&self, module: ModuleId, hit: &Hit, wanted: Labels) -> Vec<TraceStep> {
        let mut steps = Vec::new();
        self.lead_up(module, hit.function, hit.argument, wanted, &mut steps, 0);
        self.lead_down(module, hit.function, (hit.call, hit.argument), &hit.reach, &mut steps, 0);
        steps
    }

    /// The value in which the labels of a hit begin, and the functions of the project it came back from on the way.
    pub fn origin(&self, module: ModuleId, hit: &Hit, wanted: Labels) -> Option<(ModuleId, FunctionId, Value, usize)> {
        let (mut module, mut id, mut value) = (module, hit.function, hit.argument);
        for depth in 0..MAX_DEPTH {
            let (facts, function) = (self.facts(module)?, self.function(module, id)?);
            let first = *walk_back((facts, self.program.module(module)), id, function, value, wanted).last()?;
            match self.handed_out(facts, function, id, first, wanted) {
                Some(inner) => (module, id, value) = inner,
                None => return Some((module, id, first, depth)),
            }
        }
        None
    }

    /// The values that data takes on its way to the end of a hit, each with its function, and whether they can be told
    /// to the end.
    pub fn way(&self, module: ModuleId, hit: &Hit, wanted: Labels) -> (Vec<(ModuleId, FunctionId, Value)>, bool) {
        let mut way = Vec::new();
        self.way_up(module, hit.function, hit.argument, wanted, &mut way, 0);
        let is_whole = self.way_down(module, hit.function, (hit.call, hit.argument), &hit.reach, &mut way, 0);
        (way, is_whole)
    }

    fn way_up(
        &self,
        module: ModuleId,
        id: FunctionId,
        value: Value,
        wanted: Labels,
        way: &mut Vec<(ModuleId, FunctionId, Value)>,
        depth: usize,
    ) {
        let (Some(facts), Some(function)) = (self.facts(module), self.function(module, id)) else { return };
        let back = walk_back((facts, self.program.module(module)), id, function, value, wanted);
        if let Some(&first) = back.last()
            && depth < MAX_DEPTH
            && let Some((home, inner, returned)) = self.handed_out(facts, function, id, first, wanted)
        {
            self.way_up(home, inner, returned, wanted, way, depth + 1);
        }
        way.extend(back.iter().rev().map(|&value| (module, id, value)));
    }

    fn way_down(
        &self,
        module: ModuleId,
        id: FunctionId,
        (call, carried): (Value, Value),
        reach: &Reach,
        way: &mut Vec<(ModuleId, FunctionId, Value)>,
        depth: usize,
    ) -> bool {
        if reach.module == module && reach.function == id && reach.call == call {
            return true;
        }
        let (Some(function), Some(facts)) = (self.function(module, id), self.facts(module)) else { return false };
        let next = if depth < MAX_DEPTH { self.next(facts, id, function, call, reach) } else { None };
        let Some((home, inner)) = next else { return false };
        let (Some(there), Some(body)) = (self.facts(home), self.function(home, inner)) else { return false };
        let is_end = (home, inner) == (reach.module, reach.function);
        let taken = self.taken_as(facts, id, function, (call, carried), (home, inner));
        let onward =
            if is_end { Some((reach.call, reach.argument)) } else { self.onward(there, inner, body, reach, taken) };
        let Some((onward, argument)) = onward else { return false };
        let back = path_from_parameter(there, inner, body, argument, taken);
        way.extend(back.iter().rev().map(|&value| (home, inner, value)));
        self.way_down(home, inner, (onward, argument), reach, way, depth + 1)
    }

    /// The function that a call takes data to on the way to an end.
    fn next(
        &self,
        facts: &ModuleFacts,
        id: FunctionId,
        function: &Function,
        call: Value,
        reach: &Reach,
    ) -> Option<(ModuleId, FunctionId)> {
        let called = self.callees(facts, id, function, call).into_iter().find(|&one| self.leads(one, reach));
        called.or_else(|| {
            let called = self.method_called(facts, id, function, call)?;
            self.methods_towards(facts.module, reach).into_iter().find(|&one| self.is_named(one, called))
        })
    }

    /// Whether a function is where data arrives, or takes it there.
    fn leads(&self, (home, id): (ModuleId, FunctionId), reach: &Reach) -> bool {
        (home, id) == (reach.module, reach.function)
            || self
                .facts(home)
                .and_then(|there| there.summaries.get(id.0 as usize))
                .is_some_and(|summary| summary.reaches.iter().any(|one| one.reach == *reach))
    }

    /// The name of the method that a call runs, whole or its beginning: that of a class further down may stand in for it.
    fn method_called(
        &self,
        facts: &ModuleFacts,
        id: FunctionId,
        function: &Function,
        call: Value,
    ) -> Option<(&'t str, bool)> {
        let Op::Call { callee, .. } = function.op(call) else { return None };
        match facts.fact(id, callee).entity {
            Entity::Method(home, inner) => Some((self.function(home, inner)?.name.as_str(), true)),
            Entity::Instance(..) => Some(("__call__", true)),
            entity @ (Entity::Unknown | Entity::Path(_)) => {
                let module = self.program.module(facts.module)?;
                match function.op(function.bare(callee)) {
                    Op::Attribute { name, .. } if entity == Entity::Unknown => Some((module.symbols.text(name), true)),
                    _ => named_by_start(module, function, callee).map(|(_, start)| (start, false)),
                }
            }
            _ => None,
        }
    }

    /// Methods of this module, and of that in which the way ends, that lead to the end.
    fn methods_towards(&self, module: ModuleId, reach: &Reach) -> Vec<(ModuleId, FunctionId)> {
        let mut homes = vec![reach.module];
        if module != reach.module {
            homes.push(module);
        }
        homes
            .into_iter()
            .filter_map(|home| Some((home, self.program.module(home)?)))
            .flat_map(|(home, source)| {
                source.function_ids().filter(|(_, body)| body.class.is_some()).map(move |(id, _)| (home, id))
            })
            .filter(|&one| self.leads(one, reach))
            .collect()
    }

    fn is_named(&self, (home, id): (ModuleId, FunctionId), (name, is_whole): (&str, bool)) -> bool {
        self.function(home, id).is_some_and(|function| match is_whole {
            true => function.name == name,
            false => function.name.starts_with(name),
        })
    }

    /// The value that a function of the project hands out, where a value is its answer.
    fn handed_out(
        &self,
        facts: &ModuleFacts,
        function: &Function,
        id: FunctionId,
        value: Value,
        wanted: Labels,
    ) -> Option<(ModuleId, FunctionId, Value)> {
        let Op::Call { callee, .. } = function.op(value) else { return None };
        let (Entity::Function(home, inner) | Entity::Method(home, inner)) = facts.fact(id, callee).entity else {
            return None;
        };
        let (there, body) = (self.facts(home)?, self.function(home, inner)?);
        let returned = body.returns.iter().find(|&&value| there.fact(inner, value).labels.meets(wanted))?;
        Some((home, inner, *returned))
    }

    /// The way from where labels begin to a value, callees that hand them out included.
    fn lead_up(
        &self,
        module: ModuleId,
        id: FunctionId,
        value: Value,
        wanted: Labels,
        steps: &mut Vec<TraceStep>,
        depth: usize,
    ) {
        let (Some(facts), Some(function)) = (self.facts(module), self.function(module, id)) else { return };
        let way = walk_back((facts, self.program.module(module)), id, function, value, wanted);
        let here = |span: Span, kind: StepKind| TraceStep { module, function: id, span, kind };
        // What begins with the answer of a function of the project began in there.
        if let Some(&first) = way.last()
            && depth < MAX_DEPTH
            && let Some((home, inner, returned)) = self.handed_out(facts, function, id, first, wanted)
        {
            self.lead_up(home, inner, returned, wanted, steps, depth + 1);
            steps.push(here(function.span_of(first), StepKind::Returned));
        }
        for &value in way.iter().rev() {
            push(function, value, steps, &here);
        }
    }

    /// From a call down to where the data arrives.
    fn lead_down(
        &self,
        module: ModuleId,
        id: FunctionId,
        (call, carried): (Value, Value),
        reach: &Reach,
        steps: &mut Vec<TraceStep>,
        depth: usize,
    ) {
        let Some(function) = self.function(module, id) else { return };
        let here = |span: Span, kind: StepKind| TraceStep { module, function: id, span, kind };
        if reach.module == module && reach.function == id && reach.call == call {
            steps.push(here(function.span_of(call), StepKind::Sink));
            return;
        }
        steps.push(here(function.span_of(call), StepKind::Passed));
        let Some(facts) = self.facts(module) else { return };
        match self.next(facts, id, function, call, reach) {
            Some((home, inner)) if depth < MAX_DEPTH => {
                let (Some(there), Some(body)) = (self.facts(home), self.function(home, inner)) else { return };
                let taken = self.taken_as(facts, id, function, (call, carried), (home, inner));
                let (onward, argument) = if (home, inner) == (reach.module, reach.function) {
                    (reach.call, reach.argument)
                } else {
                    match self.onward(there, inner, body, reach, taken) {
                        Some(found) => found,
                        None => return self.arrive(reach, steps),
                    }
                };
                let inside = |span: Span, kind: StepKind| TraceStep { module: home, function: inner, span, kind };
                for &value in path_from_parameter(there, inner, body, argument, taken).iter().rev() {
                    push(body, value, steps, &inside);
                }
                self.lead_down(home, inner, (onward, argument), reach, steps, depth + 1);
            }
            _ => self.arrive(reach, steps),
        }
    }

    /// The end of a path whose middle cannot be told.
    fn arrive(&self, reach: &Reach, steps: &mut Vec<TraceStep>) {
        if let Some(function) = self.function(reach.module, reach.function) {
            let span = function.span_of(reach.call);
            steps.push(TraceStep { module: reach.module, function: reach.function, span, kind: StepKind::Sink });
        }
    }

    /// The call of a function from which a sink is reached, and what is passed there.
    fn onward(
        &self,
        facts: &ModuleFacts,
        id: FunctionId,
        function: &Function,
        reach: &Reach,
        taken: Option<u32>,
    ) -> Option<(Value, Value)> {
        // A function within this one has what it needs.
        let within = |call: Value| {
            let Op::Call { callee, .. } = function.op(call) else { return None };
            let Entity::Function(home, inner) = facts.fact(id, callee).entity else { return None };
            let is_within =
                home == facts.module && self.function(home, inner).is_some_and(|one| one.parent == Some(id));
            (is_within && self.leads((home, inner), reach)).then_some((call, callee))
        };
        let calls = || function.values().filter(|(_, op)| matches!(op, Op::Call { .. })).map(|(call, _)| call);
        let first = |calls: &[Value]| {
            let handed = |wanted: Option<u32>| {
                calls.iter().find_map(|&call| Some((call, handed_on(facts, id, function, call, wanted)?)))
            };
            taken.and_then(|taken| handed(Some(taken))).or_else(|| handed(None))
        };
        // What is called for certain comes before what only has the name.
        let certain =
            |call: &Value| self.callees(facts, id, function, *call).into_iter().any(|one| self.leads(one, reach));
        let certain = first(&calls().filter(certain).collect::<Vec<_>>());
        certain.or_else(|| calls().find_map(within)).or_else(|| {
            let towards = self.methods_towards(facts.module, reach);
            let named = |call: &Value| {
                let called = self.method_called(facts, id, function, *call);
                called.is_some_and(|called| towards.iter().any(|&one| self.is_named(one, called)))
            };
            first(&calls().filter(named).collect::<Vec<_>>())
        })
    }

    /// The parameter as which a function takes what a call hands to it, if that can be told.
    fn taken_as(
        &self,
        facts: &ModuleFacts,
        id: FunctionId,
        function: &Function,
        (call, carried): (Value, Value),
        (home, inner): (ModuleId, FunctionId),
    ) -> Option<u32> {
        let Op::Call { callee, arguments } = function.op(call) else { return None };
        let taker = self.function(home, inner)?;
        let (source, program) = (self.program.module(facts.module)?, self.program.module(home)?);
        let bound = match facts.fact(id, callee).entity {
            Entity::Function(at, called) if (at, called) == (home, inner) => 0,
            Entity::Method(at, called) if (at, called) == (home, inner) => 1,
            Entity::Class(..) => 1,
            // It is handed on to be run, or one of several.
            _ => return None,
        };
        let arguments = function.call_arguments(arguments);
        let carried = function.bare(carried);
        let at = arguments.iter().position(|argument| function.bare(argument.value) == carried)?;
        let index = match arguments.get(at)?.passing {
            Passing::Position => {
                let plain = arguments.iter().take(at).all(|argument| argument.passing == Passing::Position);
                plain.then_some(at + bound)?
            }
            Passing::Keyword(name) => {
                let name = source.symbols.text(name);
                taker.parameters.iter().position(|parameter| program.symbols.text(parameter.name) == name)?
            }
            _ => return None,
        };
        u32::try_from(index).ok().filter(|&index| (index as usize) < taker.parameters.len())
    }

    /// The functions of the project that a call runs, or hands on to be run.
    fn callees(
        &self,
        facts: &ModuleFacts,
        id: FunctionId,
        function: &Function,
        call: Value,
    ) -> Vec<(ModuleId, FunctionId)> {
        let Op::Call { callee, arguments } = function.op(call) else { return Vec::new() };
        let mut found = Vec::new();
        let object = match function.op(callee) {
            Op::Attribute { of, .. } => Some(of),
            _ => None,
        };
        let passed = function.call_arguments(arguments).iter().map(|argument| argument.value);
        // Libraries run the functions they are given; of objects they want nothing that the project has named.
        let is_of_project = !matches!(facts.fact(id, callee).entity, Entity::Path(_));
        let mut held: Vec<(Fact, u32)> = Vec::new();
        for value in std::iter::once(callee).chain(object).chain(passed) {
            let fact = facts.fact(id, value);
            let is_handed_on = is_of_project && value != callee && Some(value) != object;
            for entity in std::iter::once(fact.entity).chain(facts.lattice.either(fact)) {
                self.runs(entity, is_handed_on, &mut found);
            }
            if is_of_project {
                held.extend(facts.lattice.held_in(fact).map(|inner| (inner, 1)));
            }
        }
        // `task.delay(x)` of a task that is a class.
        if let (Some(of), Op::Attribute { name, .. }) = (object, function.op(callee))
            && self.program.module(facts.module).is_some_and(|m| is_queued(m.symbols.text(name)))
            && let Entity::Instance(home, class) | Entity::Class(home, class) = facts.fact(id, of).entity
        {
            let classes = routes::project_classes(self.program, home, class).into_iter();
            found.extend(
                classes.filter_map(|(home, class)| Some((home, self.program.module(home)?.method(class, "run")?))),
            );
        }
        // What lists, dictionaries and objects hold may be run as well: observers, visitors, commands.
        let mut seen = 0;
        while let Some((fact, depth)) = held.pop() {
            seen += 1;
            if seen > MAX_HELD {
                break;
            }
            for entity in std::iter::once(fact.entity).chain(facts.lattice.either(fact)) {
                self.runs(entity, true, &mut found);
            }
            if depth < MAX_HELD_DEPTH {
                held.extend(facts.lattice.held_in(fact).map(|inner| (inner, depth + 1)));
            }
        }
        found
    }

    /// What is run where something is called; of an object that is handed on, any of its methods.
    fn runs(&self, entity: Entity, is_handed_on: bool, found: &mut Vec<(ModuleId, FunctionId)>) {
        match entity {
            Entity::Function(home, inner) | Entity::Method(home, inner) => found.push((home, inner)),
            Entity::Class(home, class) => {
                let init = self.program.module(home).and_then(|m| m.method(class, "__init__"));
                found.extend(init.map(|init| (home, init)));
            }
            Entity::Instance(home, class) if is_handed_on => {
                for (home, class) in routes::project_classes(self.program, home, class) {
                    let methods = self.program.module(home).and_then(|m| m.class(class)).map(|class| &class.methods);
                    found.extend(methods.into_iter().flatten().map(|&(_, method)| (home, method)));
                }
            }
            _ => {}
        }
    }
}

/// Names of methods that queue a call of what they belong to.
pub(super) fn is_queued(name: &str) -> bool {
    matches!(name, "delay" | "apply_async" | "s" | "si" | "send" | "remote" | "submit" | "map" | "enqueue" | "spawn")
}

/// The argument with which a call hands on what came from the caller, as the wanted parameter if one is.
fn handed_on(
    facts: &ModuleFacts,
    id: FunctionId,
    function: &Function,
    call: Value,
    wanted: Option<u32>,
) -> Option<Value> {
    let Op::Call { arguments, .. } = function.op(call) else { return None };
    let begins = |value: Value| {
        let way = path_from_parameter(facts, id, function, value, wanted);
        matches!(way.last().map(|&first| function.op(first)), Some(Op::Parameter(index)) if Some(index) == wanted)
    };
    let mut passed = function.call_arguments(arguments).iter().map(|argument| argument.value);
    passed.find(|&value| facts.from_caller(id, value) && (wanted.is_none() || begins(value)))
}

/// The object and how the name begins, where a method is looked up by a name that is put together:
/// `getattr(self, "do_" + command)`.
pub(super) fn named_by_start<'m>(module: &'m Module, function: &Function, callee: Value) -> Option<(Value, &'m str)> {
    let Op::Call { callee, arguments } = function.op(function.bare(callee)) else { return None };
    let Op::Name(getter) = function.op(callee) else { return None };
    let [of, name, ..] = function.call_arguments(arguments) else { return None };
    if module.symbols.text(getter) != "getattr" {
        return None;
    }
    let start = match function.op(function.bare(name.value)) {
        Op::Format(list) => match function.format_pieces(list).first()? {
            Piece::Literal(text) => module.string(*text),
            Piece::Hole(_) => return None,
        },
        Op::Binary { op: BinaryOp::Add, left, .. } => module.constant_str(function, left)?,
        Op::Binary { op: BinaryOp::Mod, left, .. } => module.constant_str(function, left)?.split_once("%s")?.0,
        _ => return None,
    };
    // One letter says nothing.
    (start.len() > 1).then_some((of.value, start))
}

fn push(function: &Function, value: Value, steps: &mut Vec<TraceStep>, at: &impl Fn(Span, StepKind) -> TraceStep) {
    let span = match function.op(value) {
        // The key of what is stored may say what it is.
        Op::Refine { test, outcome: Outcome::Done, .. } => function.span_of(test),
        _ => function.span_of(value),
    };
    let kind = match function.op(value) {
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map(|parameter| StepKind::Parameter(parameter.name))
        }
        Op::Format(_) | Op::Binary { .. } | Op::Build { .. } => Some(StepKind::Built),
        Op::Call { .. } => Some(StepKind::Through),
        Op::Attribute { .. }
        | Op::Subscript { .. }
        | Op::Element(_)
        | Op::Item { .. }
        | Op::Enter(_)
        | Op::Name(_)
        | Op::Import(_)
        | Op::Unary(_)
            if steps.is_empty() =>
        {
            Some(StepKind::Source)
        }
        Op::Refine { test, outcome: Outcome::Done, .. } if steps.is_empty() => {
            matches!(function.op(test), Op::StoreItem { .. }).then_some(StepKind::Source)
        }
        _ => None,
    };
    let mut step = kind.map(|kind| at(span, kind));
    if steps.is_empty()
        && let Some(step) = &mut step
        && matches!(step.kind, StepKind::Through | StepKind::Built)
    {
        step.kind = StepKind::Source;
    }
    if let Some(step) = step
        && steps
            .last()
            .is_none_or(|last| last.span != step.span || last.function != step.function || last.module != step.module)
    {
        steps.push(step);
    }
    if let Some(&(name, _)) = function.assigned.iter().find(|(_, assigned)| *assigned == value)
        && !matches!(function.op(value), Op::Parameter(_))
        && let Some(last) = steps.last_mut()
        && last.span == span
        && last.kind == StepKind::Built
    {
        last.kind = StepKind::Named(name);
    }
}

/// Values from the given one back to where a label begins: to where it comes in, if there is a way to that, before what
/// only holds something of the kind.
fn walk_back(
    (facts, module): (&ModuleFacts, Option<&Module>),
    id: FunctionId,
    function: &Function,
    start: Value,
    wanted: Labels,
) -> Vec<Value> {
    let first = walk_first((facts, module), id, function, start, wanted);
    let comes_in = |value: Value| comes_in((facts, module), id, function, value);
    if first.last().is_none_or(|&begin| comes_in(begin)) {
        return first;
    }
    let (mut stack, mut seen) = (vec![vec![start]], vec![start]);
    while let Some(way) = stack.pop() {
        let Some(&last) = way.last() else { continue };
        let carrying: Vec<Value> = operands(function, last)
            .into_iter()
            .filter(|&operand| operand != Value::NONE && facts.fact(id, operand).labels.meets(wanted))
            .collect();
        if carrying.is_empty() && comes_in(last) {
            return way;
        }
        if seen.len() > 512 {
            break;
        }
        for operand in carrying.into_iter().rev().filter(|_| way.len() < 64) {
            if !seen.contains(&operand) {
                seen.push(operand);
                let mut longer = way.clone();
                longer.push(operand);
                stack.push(longer);
            }
        }
    }
    first
}

/// Whether a value that is made from nothing else is a source: an argument, or what a library gives.
fn comes_in(
    (facts, module): (&ModuleFacts, Option<&Module>),
    id: FunctionId,
    function: &Function,
    value: Value,
) -> bool {
    match function.op(value) {
        Op::Parameter(index) => {
            let is_receiver = index == 0
                && function.class.is_some()
                && module
                    .zip(function.parameters.first())
                    .is_some_and(|(module, first)| matches!(module.symbols.text(first.name), "self" | "cls"));
            !is_receiver
        }
        _ => facts.path(id, value).is_some(),
    }
}

/// The same along the first operand that carries the label each time.
fn walk_first(
    (facts, module): (&ModuleFacts, Option<&Module>),
    id: FunctionId,
    function: &Function,
    start: Value,
    wanted: Labels,
) -> Vec<Value> {
    let mut way = vec![start];
    let mut current = start;
    while way.len() < 64 {
        let left: Vec<Value> = operands(function, current)
            .into_iter()
            .filter(|&operand| operand != Value::NONE && !way.contains(&operand))
            .collect();
        let carries = |value: &Value| facts.fact(id, *value).labels.meets(wanted);
        // An object may only hold what is asked for: where it is asked for that very part, or made of it, the way goes on.
        let holds = |value: &Value| match function.op(current) {
            Op::Attribute { of, name } => {
                module.is_some_and(|module| facts.holds_under(facts.fact(id, of), module.symbols.text(name), wanted))
            }
            Op::Call { arguments, .. } => {
                function.call_arguments(arguments).iter().any(|argument| argument.value == *value)
                    && facts.holds(facts.fact(id, *value), wanted, 0)
            }
            Op::Unary(_) | Op::Binary { .. } | Op::Refine { .. } | Op::Phi(_) => {
                facts.holds(facts.fact(id, *value), wanted, 0)
            }
            _ => false,
        };
        let next = left.iter().copied().find(carries).or_else(|| left.iter().copied().find(holds));
        let Some(next) = next else { break };
        way.push(next);
        current = next;
    }
    way
}

/// Values from the given one back to a parameter, along what comes from outside: to the one that took the data where there
/// is a way to it, else to any.
fn path_from_parameter(
    facts: &ModuleFacts,
    id: FunctionId,
    function: &Function,
    end: Value,
    taken: Option<u32>,
) -> Vec<Value> {
    let mut stack = vec![vec![end]];
    let mut seen = vec![end];
    let mut other = None;
    while let Some(way) = stack.pop() {
        let Some(&last) = way.last() else { continue };
        if let Op::Parameter(index) = function.op(last) {
            if taken.is_none_or(|taken| taken == index) {
                return way;
            }
            other.get_or_insert(way);
            continue;
        }
        if seen.len() > 512 {
            break;
        }
        for operand in operands(function, last).into_iter().rev() {
            if operand != Value::NONE && !seen.contains(&operand) && facts.from_caller(id, operand) {
                seen.push(operand);
                let mut longer = way.clone();
                longer.push(operand);
                stack.push(longer);
            }
        }
    }
    other.unwrap_or_else(|| vec![end])
}

/// The values an instruction is made from.
fn operands(function: &Function, value: Value) -> Vec<Value> {
    match function.op(value) {
        Op::Refine { of, test, outcome: Outcome::Done } => match function.op(test) {
            Op::StoreAttribute { value, .. } => vec![value, of],
            Op::StoreItem { value, index, .. } => vec![value, index, of],
            Op::Call { arguments, .. } => {
                let passed = function.call_arguments(arguments).iter().map(|argument| argument.value);
                passed.filter(|passed| *passed != of).chain(std::iter::once(of)).collect()
            }
            _ => vec![of],
        },
        Op::Attribute { of, .. }
        | Op::Not(of)
        | Op::Unary(of)
        | Op::Element(of)
        | Op::Item { of, .. }
        | Op::Spread(of)
        | Op::Await(of)
        | Op::Yield(of)
        | Op::Enter(of)
        | Op::Refine { of, .. }
        | Op::Return(of)
        | Op::Raise(of) => vec![of],
        Op::Subscript { of, index } => vec![of, index],
        Op::Binary { left, right, .. } | Op::Compare { left, right, .. } => vec![left, right],
        Op::Choice { yes, no, .. } => vec![yes, no],
        Op::And(list)
        | Op::Or(list)
        | Op::Phi(list)
        | Op::Slice(list)
        | Op::Caught(list)
        | Op::Build { items: list, .. } => function.list(list).to_vec(),
        Op::Format(list) => function
            .format_pieces(list)
            .iter()
            .filter_map(|piece| match piece {
                Piece::Hole(value) => Some(*value),
                Piece::Literal(_) => None,
            })
            .collect(),
        Op::Call { callee, arguments } => {
            let mut found: Vec<Value> =
                function.call_arguments(arguments).iter().map(|argument| argument.value).collect();
            if let Op::Attribute { of, .. } = function.op(callee) {
                found.push(of);
            }
            found.push(callee);
            found
        }
        Op::StoreAttribute { value, .. } | Op::StoreItem { value, .. } | Op::StoreName { value, .. } => vec![value],
        Op::Parameter(_)
        | Op::Constant(_)
        | Op::Name(_)
        | Op::Import(_)
        | Op::Function(_)
        | Op::Class(_)
        | Op::Opaque => Vec::new(),
    }
}

impl Function {
    /// The values that the instruction of a value is made from.
    pub fn operands_of(&self, value: Value) -> Vec<Value> {
        operands(self, value)
    }
}
