//! Constants through names: what a value is, found through assignments, imports, fields of classes, and settings.

use casemate_python::facts::{Entity, Fact, Konst, ModuleFacts};
use casemate_python::names::{Definition, ModuleId, Target};
use casemate_python::syntax::{
    Argument, BinaryOp, Collection, Constant, Function, FunctionId, FunctionKind, List, Module, Op, Passing, Span,
    Symbol, Value,
};

use super::Context;
use super::secrets::Rebuilder;

/// SECURITY: names lead to names; honest code needs few of them.
const MAX_DEPTH: u32 = 24;

/// Questions within a question.
const MAX_NESTING: u32 = 4;

/// Steps of the outermost question; those within get fewer.
const MAX_STEPS: u32 = 400;

/// Steps of looking for one entry of a dictionary; looking through 64 operations of a function is one.
const MAX_ENTRY_STEPS: usize = 2000;

/// Ways a value may have come about that are looked at.
const MAX_ORIGINS: usize = 32;

/// A value of any module of the project.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) home: ModuleId,
    pub(crate) module: &'a Module,
    pub(crate) id: FunctionId,
    pub(crate) function: &'a Function,
    pub(crate) value: Value,
}

impl<'a> At<'a> {
    pub(crate) fn op(self) -> Op {
        self.function.op(self.value)
    }

    /// Another value of the same function.
    pub(crate) fn with(self, value: Value) -> Self {
        Self { value, ..self }
    }

    pub(crate) fn span(self) -> Span {
        self.function.span_of(self.value)
    }

    /// As it stands in the source.
    pub(crate) fn written(self) -> &'a str {
        self.module.slice(self.span())
    }

    pub(crate) fn name(self, symbol: Symbol) -> &'a str {
        self.module.symbols.text(symbol)
    }

    pub(crate) fn list(self, list: List) -> &'a [Value] {
        self.function.list(list)
    }

    /// Behind the tests that were made about it.
    pub(crate) fn stripped(self) -> Self {
        self.with(self.function.plain(self.value))
    }

    /// The argument of a call by position or keyword, without a look into `**`.
    pub(crate) fn argument(self, arguments: List, position: usize, keyword: &str) -> Option<Self> {
        let arguments = self.function.call_arguments(arguments);
        let by_keyword = arguments
            .iter()
            .find(|one| matches!(one.passing, Passing::Keyword(name) if self.module.symbols.text(name) == keyword));
        let by_position = || {
            let mut at = 0;
            for one in arguments {
                match one.passing {
                    Passing::Position if at == position => return Some(one),
                    Passing::Position => at += 1,
                    Passing::Star => return None,
                    _ => {}
                }
            }
            None
        };
        by_keyword.or_else(by_position).map(|one| self.with(one.value))
    }
}

impl<'a> Context<'a> {
    /// A value of the module at hand.
    pub(crate) fn at(&self, id: FunctionId, value: Value) -> Option<At<'a>> {
        let module = self.module;
        Some(At { home: self.facts.module, module, id, function: module.function(id)?, value })
    }
}

fn in_function<'a>(cx: &Context<'a>, home: ModuleId, id: FunctionId, value: Value) -> Option<At<'a>> {
    let module = cx.program.module(home)?;
    Some(At { home, module, id, function: module.function(id)?, value })
}

/// The facts of any module.
fn facts_of<'a>(cx: &Context<'a>, home: ModuleId) -> Option<&'a ModuleFacts> {
    if home == cx.facts.module { Some(cx.facts) } else { cx.all_facts.get(home) }
}

/// What is known about a value of any module.
pub(crate) fn fact(cx: &Context<'_>, at: At<'_>) -> Fact {
    facts_of(cx, at.home).map(|facts| facts.fact(at.id, at.value)).unwrap_or_default()
}

/// The canonical path of a value, if it is something of a library.
pub(crate) fn path<'a>(cx: &Context<'a>, at: At<'_>) -> Option<&'a str> {
    facts_of(cx, at.home)?.path(at.id, at.value)
}

/// What a value is of the project.
pub(crate) fn entity(cx: &Context<'_>, at: At<'_>) -> Entity {
    fact(cx, at).entity
}

/// What a name of the module holds in the end.
fn at_module_level(at: At<'_>, symbol: Symbol) -> Option<At<'_>> {
    let body = at.module.functions.first()?;
    let found = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
    let value = body.exit.get(found)?.1;
    let is_later = at.id.0 == 0 && value.0 >= at.value.0;
    (!is_later).then_some(At { id: FunctionId(0), function: body, value, ..at })
}

/// Where a value comes from: through names, imports, fields of classes, and what branches leave open.
pub(crate) fn origins<'a>(cx: &Context<'a>, at: At<'a>) -> Vec<At<'a>> {
    let mut found = Vec::new();
    // SECURITY: the key of a table may come from a table itself, so that one question asks the next.
    let nesting = cx.nesting.get();
    if nesting < MAX_NESTING {
        cx.nesting.set(nesting + 1);
        trace(cx, at, 0, &mut found, &mut { MAX_STEPS >> (2 * nesting) });
        cx.nesting.set(nesting);
    }
    found
}

/// The one place a value comes from, if there is only one.
pub(crate) fn origin<'a>(cx: &Context<'a>, at: At<'a>) -> Option<At<'a>> {
    match origins(cx, at).as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn trace<'a>(cx: &Context<'a>, at: At<'a>, depth: u32, found: &mut Vec<At<'a>>, steps: &mut u32) {
    *steps = steps.saturating_sub(1);
    if depth > MAX_DEPTH || found.len() >= MAX_ORIGINS || *steps == 0 {
        return;
    }
    let depth = depth + 1;
    match at.op() {
        Op::Refine { of, .. } | Op::Await(of) => trace(cx, at.with(of), depth, found, steps),
        Op::Phi(list) | Op::Or(list) => {
            for &choice in at.list(list).iter().filter(|choice| choice.0 < at.value.0) {
                trace(cx, at.with(choice), depth, found, steps);
            }
        }
        Op::Choice { yes, no, .. } => {
            trace(cx, at.with(yes), depth, found, steps);
            trace(cx, at.with(no), depth, found, steps);
        }
        Op::Name(symbol) => {
            let mut around = at.function.parent;
            while let Some((id, scope)) = around.and_then(|id| Some((id, at.module.function(id)?))) {
                if id.0 == 0 {
                    break;
                }
                let held = scope.assigned.iter().filter(|(name, _)| *name == symbol);
                let held: Vec<Value> = held.map(|(_, value)| *value).collect();
                if scope.kind != FunctionKind::ClassBody && !held.is_empty() {
                    for value in held {
                        trace(cx, At { id, function: scope, value, ..at }, depth, found, steps);
                    }
                    return;
                }
                around = scope.parent;
            }
            match at_module_level(at, symbol) {
                Some(held) => trace(cx, held, depth, found, steps),
                None => match starred(cx, at, symbol) {
                    Some(held) => trace(cx, held, depth, found, steps),
                    None => found.push(at),
                },
            }
        }
        Op::Import(import) => {
            let target = at.module.imports.get(import as usize).map(|one| cx.program.import(at.home, one));
            match target.and_then(|target| variable(cx, &target)) {
                Some(held) => trace(cx, held, depth, found, steps),
                None => found.push(at),
            }
        }
        Op::Attribute { of, name } => {
            let held = members(cx, entity(cx, at.with(of)), at.name(name), 0);
            if held.is_empty() {
                found.push(at);
            }
            for one in held {
                trace(cx, one, depth, found, steps);
            }
        }
        Op::Subscript { of, index } => {
            let key = text(cx, at.with(index));
            let of = if steps.checked_sub(100).is_some() { origin(cx, at.with(of)) } else { None };
            let held = match (key, of) {
                (Some(key), Some(of)) if matches!(of.op(), Op::Build { collection: Collection::Dict, .. }) => {
                    match entry(cx, of, &key) {
                        Entry::Given(held) => Some(held),
                        _ => None,
                    }
                }
                _ => None,
            };
            match held {
                Some(held) => trace(cx, held, depth + 4, found, steps),
                None => found.push(at),
            }
        }
        _ => found.push(at),
    }
}

fn starred<'a>(cx: &Context<'a>, at: At<'a>, symbol: Symbol) -> Option<At<'a>> {
    let name = at.name(symbol);
    at.module.star_imports.iter().find_map(|&star| {
        let import = at.module.imports.get(star as usize)?;
        let named = casemate_python::syntax::Import { name: Some(name.to_owned()), ..import.clone() };
        variable(cx, &cx.program.import(at.home, &named))
    })
}

fn variable<'a>(cx: &Context<'a>, target: &Target) -> Option<At<'a>> {
    match target {
        Target::Project(Definition::Variable(home, _, value)) => in_function(cx, *home, FunctionId(0), *value),
        _ => None,
    }
}

/// What a field of a module, class or object may hold.
fn members<'a>(cx: &Context<'a>, entity: Entity, name: &str, depth: u32) -> Vec<At<'a>> {
    match entity {
        Entity::Module(module) => {
            cx.program.member(module, name).and_then(|target| variable(cx, &target)).into_iter().collect()
        }
        Entity::Class(home, id) | Entity::Instance(home, id) => {
            let Some(module) = cx.program.module(home) else { return Vec::new() };
            let (Some(class), Some(symbol)) = (module.class(id), module.symbols.find(name)) else {
                return Vec::new();
            };
            let mut held = Vec::new();
            if let Some(function) = module.function(class.body)
                && let Ok(found) = function.exit.binary_search_by_key(&symbol, |(known, _)| *known)
                && let Some(&(_, value)) = function.exit.get(found)
            {
                held.push(At { home, module, id: class.body, function, value });
            }
            for &(_, method) in &class.methods {
                let Some(function) = module.function(method) else { continue };
                for (_, op) in function.values() {
                    if let Op::StoreAttribute { of, name, value } = op
                        && name == symbol
                        && matches!(function.op(of), Op::Parameter(0))
                    {
                        held.push(At { home, module, id: method, function, value });
                    }
                }
            }
            if held.is_empty() && depth < 4 {
                for &base in &class.bases {
                    if let Some(base) = in_function(cx, home, class.parent, base) {
                        held = members(cx, self::entity(cx, base), name, depth + 1);
                    }
                    if !held.is_empty() {
                        break;
                    }
                }
            }
            held
        }
        _ => Vec::new(),
    }
}

/// The text a value is, if it is a constant.
pub(crate) fn text(cx: &Context<'_>, at: At<'_>) -> Option<String> {
    if let Op::Constant(Constant::Str(text)) = at.op() {
        return Some(at.module.string(text).to_owned());
    }
    let found = text_at_origin(cx, at).or_else(|| {
        // SECURITY: a look-up may be made with what another gives.
        let nesting = cx.nesting.get();
        if nesting >= MAX_NESTING {
            return None;
        }
        cx.nesting.set(nesting + 1);
        let held = looked_up(cx, origin(cx, at).unwrap_or(at)).and_then(|held| text_at_origin(cx, held));
        cx.nesting.set(nesting);
        held
    });
    found.or_else(|| match facts_of(cx, at.home)?.constant(at.id, at.value)? {
        Konst::Text(text) => Some(text.to_string()),
        _ => None,
    })
}

/// `setting("algorithm")`, where the function looks the name up in a table of constants.
fn looked_up<'a>(cx: &Context<'a>, at: At<'a>) -> Option<At<'a>> {
    let Op::Call { callee, arguments } = at.stripped().op() else { return None };
    let Entity::Function(home, id) = entity(cx, at.with(callee)) else { return None };
    let (module, function) = cx.function(home, id)?;
    let &[returned] = function.returns.as_slice() else { return None };
    let inner = At { home, module, id, function, value: returned }.stripped();
    let parameter = |value: Value| match function.op(function.plain(value)) {
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map(|one| (index as usize, module.symbols.text(one.name)))
        }
        _ => None,
    };
    let given =
        |value: Value| parameter(value).and_then(|(index, name)| at.stripped().argument(arguments, index, name));
    let (table, key, default) = match inner.op() {
        Op::Subscript { of, index } => (of, index, None),
        Op::Call { callee, arguments } => {
            let Op::Attribute { of, name } = function.op(callee) else { return None };
            let arguments = function.call_arguments(arguments);
            if module.symbols.text(name) != "get" {
                return None;
            }
            (of, arguments.first()?.value, arguments.get(1).map(|one| one.value))
        }
        _ => return None,
    };
    let key = text(cx, given(key)?)?;
    match entry(cx, origin(cx, inner.with(table))?, &key) {
        Entry::Given(held) => Some(held),
        Entry::Missing => default.and_then(given),
        _ => None,
    }
}

fn text_at_origin(cx: &Context<'_>, at: At<'_>) -> Option<String> {
    let at = origin(cx, at)?;
    match at.op() {
        Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => Some(at.module.string(text).to_owned()),
        Op::Constant(_) => None,
        _ => Rebuilder::new(at.module).text(at.function, at.value).map(|text| text.text),
    }
}

/// Whether a value is this truth value, or the number that stands for it.
pub(crate) fn is_bool(cx: &Context<'_>, at: At<'_>, wanted: bool) -> bool {
    origin(cx, at).is_some_and(|at| match at.op() {
        Op::Constant(Constant::Bool(value)) => value == wanted,
        Op::Constant(Constant::Int(value)) => value == i64::from(wanted),
        _ => false,
    })
}

/// Whether a value is `None`.
pub(crate) fn is_none(cx: &Context<'_>, at: At<'_>) -> bool {
    origin(cx, at).is_some_and(|at| matches!(at.op(), Op::Constant(Constant::None)))
}

/// The number a value is, if it is made of constants; what is read from the environment is its default.
pub(crate) fn number(cx: &Context<'_>, at: At<'_>) -> Option<f64> {
    number_at(cx, at, 0)
}

fn number_at(cx: &Context<'_>, at: At<'_>, depth: u32) -> Option<f64> {
    if depth > 12 {
        return None;
    }
    let depth = depth + 1;
    let at = origin(cx, at)?;
    match at.op() {
        Op::Constant(Constant::Int(value)) => Some(value as f64),
        Op::Constant(Constant::Number) => at.written().replace('_', "").parse().ok(),
        Op::Constant(Constant::Str(text)) => at.module.string(text).trim().replace('_', "").parse().ok(),
        Op::Unary(of) => {
            let value = number_at(cx, at.with(of), depth)?;
            Some(if at.written().starts_with('-') { -value } else { value })
        }
        Op::Binary { op, left, right } => {
            let (l, r) = (number_at(cx, at.with(left), depth)?, number_at(cx, at.with(right), depth)?);
            calculate(op, l, r)
        }
        Op::Call { callee, arguments } => {
            let default = |position: usize| {
                let default = at.argument(arguments, position, "default")?;
                number_at(cx, default, depth)
            };
            match last_name(at.with(callee)) {
                "int" | "float" | "round" | "Decimal" => number_at(cx, at.argument(arguments, 0, "x")?, depth),
                "getenv" | "get" | "config" | "env" | "Env" | "get_env" => default(1),
                "Field" => default(0),
                "total_seconds" => match at.function.op(callee) {
                    Op::Attribute { of, .. } => duration_at(cx, at.with(of), depth),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// What an operator makes of two numbers.
fn calculate(op: BinaryOp, left: f64, right: f64) -> Option<f64> {
    let result = match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mult => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::FloorDiv => (left / right).floor(),
        BinaryOp::Pow => left.powf(right),
        BinaryOp::LeftShift if (0.0..=60.0).contains(&right) => left * right.exp2(),
        _ => return None,
    };
    result.is_finite().then_some(result)
}

/// The seconds that a length of time lasts: `timedelta(…)` and what is made of it.
pub(crate) fn duration(cx: &Context<'_>, at: At<'_>) -> Option<f64> {
    duration_at(cx, at, 0)
}

fn duration_at(cx: &Context<'_>, at: At<'_>, depth: u32) -> Option<f64> {
    if depth > 12 {
        return None;
    }
    let depth = depth + 1;
    let at = origin(cx, at)?;
    match at.op() {
        Op::Binary { op, left, right } => {
            let (l, r) = (at.with(left), at.with(right));
            match op {
                BinaryOp::Mult => match (duration_at(cx, l, depth), duration_at(cx, r, depth)) {
                    (Some(duration), _) => Some(duration * number_at(cx, r, depth)?),
                    (_, Some(duration)) => Some(duration * number_at(cx, l, depth)?),
                    _ => None,
                },
                _ => {
                    let (l, r) = (duration_at(cx, l, depth)?, duration_at(cx, r, depth)?);
                    calculate(op, l, r)
                }
            }
        }
        Op::Call { callee, arguments } => {
            let last = last_name(at.with(callee));
            if matches!(last, "Field" | "get" | "getenv" | "config") {
                let position = usize::from(last != "Field");
                return duration_at(cx, at.argument(arguments, position, "default")?, depth);
            }
            let units: &[(&str, f64, usize)] = match last {
                "timedelta" | "duration" => &[
                    ("days", 86_400.0, 0),
                    ("seconds", 1.0, 1),
                    ("microseconds", 1e-6, 2),
                    ("milliseconds", 1e-3, 3),
                    ("minutes", 60.0, 4),
                    ("hours", 3600.0, 5),
                    ("weeks", 604_800.0, 6),
                ],
                "relativedelta" => &[
                    ("years", 31_536_000.0, 90),
                    ("months", 2_592_000.0, 91),
                    ("weeks", 604_800.0, 92),
                    ("days", 86_400.0, 93),
                    ("hours", 3600.0, 94),
                    ("minutes", 60.0, 95),
                    ("seconds", 1.0, 96),
                ],
                _ => return None,
            };
            let mut whole = 0.0;
            for &(unit, seconds, position) in units {
                if let Some(given) = at.argument(arguments, position, unit) {
                    whole += seconds * number_at(cx, given, depth)?;
                }
            }
            Some(whole)
        }
        _ => None,
    }
}

/// The last name of what is called, as written or imported.
pub(crate) fn last_name(callee: At<'_>) -> &str {
    match callee.op() {
        Op::Attribute { name, .. } | Op::Name(name) => callee.name(name),
        Op::Import(import) => callee
            .module
            .imports
            .get(import as usize)
            .map_or("", |import| import.name.as_deref().unwrap_or(&import.module)),
        Op::Function(id) => callee.module.function(id).map_or("", |function| function.name.as_str()),
        Op::Class(id) => callee.module.class(id).map_or("", |class| class.name.as_str()),
        Op::Refine { of, .. } => last_name(callee.with(of)),
        _ => "",
    }
}

/// The entries of a list, tuple or set.
pub(crate) fn items<'a>(cx: &Context<'a>, at: At<'a>) -> Option<Vec<At<'a>>> {
    let at = origin(cx, at)?;
    match at.op() {
        Op::Build { collection: Collection::List | Collection::Tuple | Collection::Set, items } => {
            let items = at.list(items);
            (items.len() <= 1000).then(|| items.iter().map(|&item| at.with(item)).collect())
        }
        Op::Call { callee, arguments }
            if matches!(last_name(at.with(callee)), "list" | "tuple" | "set" | "frozenset") =>
        {
            items(cx, at.argument(arguments, 0, "iterable")?)
        }
        _ => None,
    }
}

/// What a dictionary holds under a key.
#[derive(Clone, Copy)]
pub(crate) enum Entry<'a> {
    Given(At<'a>),
    Missing,
    Unknown,
}

/// What a dictionary may hold under a key, what is put into it later included.
pub(crate) fn entry<'a>(cx: &Context<'a>, at: At<'a>, key: &str) -> Entry<'a> {
    within_reason(cx, || entry_at(cx, at, key, None, 0))
}

/// The same for a dictionary that is handed to a call, which does not change it.
pub(crate) fn entry_for<'a>(cx: &Context<'a>, at: At<'a>, key: &str, call: Value) -> Entry<'a> {
    within_reason(cx, || entry_at(cx, at, key, Some(call), 0))
}

/// SECURITY: callers hand on what their callers gave them, and each function has to be looked through for what is put in
/// later; one question, with all that come of it, costs no more than so much.
fn within_reason<'a>(cx: &Context<'a>, ask: impl FnOnce() -> Entry<'a>) -> Entry<'a> {
    if cx.entry_steps.get().is_some() {
        return ask();
    }
    cx.entry_steps.set(Some(MAX_ENTRY_STEPS));
    let entry = ask();
    cx.entry_steps.set(None);
    entry
}

fn entry_at<'a>(cx: &Context<'a>, at: At<'a>, key: &str, reader: Option<Value>, depth: u32) -> Entry<'a> {
    let steps = cx.entry_steps.get().unwrap_or_default();
    cx.entry_steps.set(Some(steps.saturating_sub(1 + at.function.ops.len() / 64)));
    if depth > 10 || steps == 0 {
        return Entry::Unknown;
    }
    let at = at.stripped();
    let inner = |one: At<'a>| entry_at(cx, one, key, None, depth + 1);
    let made = match at.op() {
        Op::Build { collection: Collection::Dict, items } => {
            let mut result = Entry::Missing;
            for pair in at.list(items).chunks_exact(2) {
                let (name, value) = (pair[0], at.with(pair[1]));
                if name == Value::NONE {
                    match inner(value) {
                        Entry::Missing => {}
                        other => result = other,
                    }
                } else {
                    match text(cx, at.with(name)) {
                        Some(name) if name == key => result = Entry::Given(value),
                        Some(_) => {}
                        None if matches!(result, Entry::Missing)
                            && !matches!(at.function.op(name), Op::Constant(_)) =>
                        {
                            result = Entry::Unknown;
                        }
                        None => {}
                    }
                }
            }
            result
        }
        Op::Phi(list) => combine(
            at.list(list)
                .iter()
                .filter(|choice| choice.0 < at.value.0)
                .map(|&choice| entry_at(cx, at.with(choice), key, reader, depth + 1)),
        ),
        Op::Choice { yes, no, .. } => combine([inner(at.with(yes)), inner(at.with(no))].into_iter()),
        Op::Or(list) => combine(at.list(list).iter().map(|&one| inner(at.with(one)))),
        Op::Binary { op: BinaryOp::BitOr, left, right } => match (inner(at.with(left)), inner(at.with(right))) {
            (_, Entry::Given(found)) | (Entry::Given(found), _) => Entry::Given(found),
            (Entry::Missing, Entry::Missing) => Entry::Missing,
            _ => Entry::Unknown,
        },
        Op::Call { callee, arguments } => {
            let given = at.function.call_arguments(arguments);
            match (last_name(at.with(callee)), at.function.op(callee)) {
                ("dict", Op::Name(_)) => {
                    let mut result = Entry::Missing;
                    for one in given {
                        match one.passing {
                            Passing::Keyword(name) if at.name(name) == key => {
                                result = Entry::Given(at.with(one.value));
                            }
                            Passing::Keyword(_) => {}
                            Passing::Star => result = Entry::Unknown,
                            _ => match inner(at.with(one.value)) {
                                Entry::Missing => {}
                                other => result = other,
                            },
                        }
                    }
                    result
                }
                ("copy" | "deepcopy", Op::Attribute { of, .. }) if given.is_empty() => inner(at.with(of)),
                ("copy" | "deepcopy", _) if given.len() == 1 => inner(at.with(given[0].value)),
                _ => match entity(cx, at.with(callee)) {
                    Entity::Function(home, id) | Entity::Method(home, id) => match cx.program.module(home) {
                        Some(module) => match module.function(id) {
                            Some(function) if !function.returns.is_empty() => {
                                combine(function.returns.iter().map(|&value| {
                                    entry_at(cx, At { home, module, id, function, value }, key, None, depth + 3)
                                }))
                            }
                            _ => Entry::Unknown,
                        },
                        None => Entry::Unknown,
                    },
                    _ => Entry::Unknown,
                },
            }
        }
        Op::Parameter(index) => {
            let passed = passed_by_callers(cx, at, index as usize);
            let passed = passed.into_iter().map(|(one, call)| entry_at(cx, one, key, call, depth + 1));
            worst(passed)
        }
        Op::Name(_) | Op::Import(_) | Op::Attribute { .. } => match origin(cx, at) {
            Some(found) if found.value != at.value || found.id != at.id || found.home != at.home => inner(found),
            _ => Entry::Unknown,
        },
        _ => Entry::Unknown,
    };
    // What has no name is used where it stands, and nowhere else.
    let is_named =
        !matches!(at.op(), Op::Build { .. }) || at.function.assigned.iter().any(|(_, value)| *value == at.value);
    if !is_named {
        return made;
    }
    match later(cx, at, key, reader, depth) {
        Entry::Missing => made,
        Entry::Unknown if matches!(made, Entry::Given(_)) => made,
        other => other,
    }
}

/// Given in one way is given.
fn combine<'a>(entries: impl Iterator<Item = Entry<'a>>) -> Entry<'a> {
    let mut result = None;
    for one in entries {
        result = Some(match (result, one) {
            (_, Entry::Given(found)) => return Entry::Given(found),
            (None, one) => one,
            (Some(Entry::Missing), Entry::Missing) => Entry::Missing,
            _ => Entry::Unknown,
        });
    }
    result.unwrap_or(Entry::Unknown)
}

/// Forgotten by one caller is forgotten.
fn worst<'a>(entries: impl Iterator<Item = Entry<'a>>) -> Entry<'a> {
    let mut result = Entry::Unknown;
    for one in entries {
        match (one, result) {
            (Entry::Missing, _) => return Entry::Missing,
            (Entry::Given(_), Entry::Unknown) => result = one,
            _ => {}
        }
    }
    result
}

/// What is put under a key after a dictionary was made.
fn later<'a>(cx: &Context<'a>, at: At<'a>, key: &str, reader: Option<Value>, depth: u32) -> Entry<'a> {
    let is_it = |value: Value| at.with(value).stripped().value == at.value;
    let mut result = Entry::Missing;
    for (value, op) in at.function.values() {
        match op {
            Op::StoreItem { of, index, value: stored } if is_it(of) => match text(cx, at.with(index)) {
                Some(name) if name == key => return Entry::Given(at.with(stored)),
                Some(_) => {}
                None => result = Entry::Unknown,
            },
            Op::Call { callee, arguments } if Some(value) != reader => {
                let arguments = at.function.call_arguments(arguments);
                match at.function.op(callee) {
                    Op::Attribute { of, name } if is_it(of) => match at.name(name) {
                        "update" => {
                            for one in arguments {
                                let entry = match one.passing {
                                    Passing::Keyword(name) if at.name(name) == key => Entry::Given(at.with(one.value)),
                                    Passing::Keyword(_) => Entry::Missing,
                                    _ if is_it(one.value) => Entry::Unknown,
                                    _ => entry_at(cx, at.with(one.value), key, None, depth + 4),
                                };
                                match entry {
                                    Entry::Given(_) => return entry,
                                    Entry::Unknown => result = Entry::Unknown,
                                    Entry::Missing => {}
                                }
                            }
                        }
                        "setdefault" => {
                            if let [name, held] = arguments
                                && text(cx, at.with(name.value)).is_some_and(|name| name == key)
                            {
                                return Entry::Given(at.with(held.value));
                            }
                        }
                        _ => {}
                    },
                    _ if arguments.iter().any(|one| is_it(one.value)) => {
                        // What is only read stays as it is; a function of the project may well add to it.
                        let last = last_name(at.with(callee));
                        let reads = matches!(
                            last,
                            "encode"
                                | "dumps"
                                | "print"
                                | "debug"
                                | "info"
                                | "len"
                                | "str"
                                | "dict"
                                | "copy"
                                | "deepcopy"
                                | "sign"
                                | "serialize"
                                | "get"
                                | "isinstance"
                                | "jsonify"
                                | "update"
                                | "urlencode"
                        );
                        if !reads {
                            result = Entry::Unknown;
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    result
}

/// What callers in the module at hand pass for a parameter, each with its call, and its default.
fn passed_by_callers<'a>(cx: &Context<'a>, at: At<'a>, index: usize) -> Vec<(At<'a>, Option<Value>)> {
    let Some(parameter) = at.function.parameters.get(index) else { return Vec::new() };
    if at.home != cx.facts.module {
        return Vec::new();
    }
    let name = at.name(parameter.name);
    let mut found = Vec::new();
    for (id, function, call, callee, arguments) in cx.calls_of(at.id) {
        let bound = usize::from(matches!(cx.facts.fact(id, callee).entity, Entity::Method(..)));
        let passed = passed_as(at.module, arguments, index, name, bound);
        match (passed, parameter.default, at.function.parent) {
            (Some(value), _, _) => found.push((At { id, function, value, ..at }, Some(call))),
            (None, Some(value), Some(parent)) => {
                if let Some(function) = at.module.function(parent) {
                    found.push((At { id: parent, function, value, ..at }, None));
                }
            }
            _ => {}
        }
        if found.len() >= MAX_ORIGINS {
            break;
        }
    }
    found
}

fn passed_as(module: &Module, arguments: &[Argument], index: usize, name: &str, bound: usize) -> Option<Value> {
    let mut position = bound;
    for one in arguments {
        match one.passing {
            Passing::Position if position == index => return Some(one.value),
            Passing::Position => position += 1,
            Passing::Keyword(keyword) if module.symbols.text(keyword) == name => return Some(one.value),
            Passing::Star => return None,
            _ => {}
        }
    }
    None
}

/// The default of a parameter.
pub(crate) fn default_of(at: At<'_>) -> Option<At<'_>> {
    let Op::Parameter(index) = at.op() else { return None };
    let parent = at.function.parent?;
    let function = at.module.function(parent)?;
    let value = at.function.parameters.get(index as usize)?.default?;
    Some(At { id: parent, function, value, ..at })
}
