//! What of a URL is chosen from outside, and whether somebody looked at it before.

use casemate_python::facts::{Entity, Hit, TextPart, text_of};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{BlockId, CompareOp, Constant, Function, FunctionId, Module, Op, Outcome, Value};
use rustc_hash::FxHashSet;

use super::calls::name_of;
use crate::models::label;
use crate::rules::Context;

/// How much of a URL is chosen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// The host, or the whole of it.
    Host,
    /// What comes after a host or base that the code gives.
    Rest,
    /// What comes after the slash that begins a path: another slash makes a host of it.
    AfterSlash,
}

/// What of the URL of a hit is chosen from outside.
pub(crate) fn chosen(cx: &Context<'_>, hit: &Hit) -> Chosen {
    let reach = hit.reach;
    let there = judge(cx, reach.module, reach.function, reach.argument);
    if there != Chosen::Host {
        return there;
    }
    if reach.function == hit.function && reach.module == cx.facts.module {
        return between(cx, hit);
    }
    match judge(cx, cx.facts.module, hit.function, hit.argument) {
        Chosen::Host => between(cx, hit),
        here => here,
    }
}

/// What is chosen of a URL that a function on the way puts together, between the one where the data is seen and the one
/// it arrives in: `fetch(base + "/files/" + name)` in a helper.
fn between(cx: &Context<'_>, hit: &Hit) -> Chosen {
    let labels = hit.labels & label::UNTRUSTED;
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    let is_on_way = |home: ModuleId, id: FunctionId, value: Value| way.contains(&(home, id, value));
    for &(home, id, value) in &way {
        let Some((_, function)) = cx.function(home, id) else { continue };
        if !matches!(function.op(value), Op::Format(_) | Op::Binary { .. }) {
            continue;
        }
        let mut before = String::new();
        for part in text_of(cx.program, home, id, value) {
            match part {
                TextPart::Literal(text) => before.push_str(&text),
                TextPart::Hole(hole)
                    if is_on_way(home, id, hole) || behind_hole(function, hole).any(|one| is_on_way(home, id, one)) =>
                {
                    match after(&before) {
                        Chosen::Host => break,
                        rest => return rest,
                    }
                }
                TextPart::Hole(_) => before.push(OURS),
            }
        }
    }
    Chosen::Host
}

/// What a piece of a text is made of, one step back: the argument of `quote(name)`, the object of `name.strip()`.
fn behind_hole(function: &Function, hole: Value) -> impl Iterator<Item = Value> {
    let hole = function.bare(hole);
    let from: Vec<Value> = match function.op(hole) {
        Op::Call { callee, arguments } => {
            let of = match function.op(callee) {
                Op::Attribute { of, .. } => Some(of),
                _ => None,
            };
            of.into_iter().chain(function.call_arguments(arguments).iter().map(|argument| argument.value)).collect()
        }
        _ => Vec::new(),
    };
    std::iter::once(hole).chain(from)
}

/// Stands for a piece that the code itself gives.
const OURS: char = '\u{1}';

fn judge(cx: &Context<'_>, module: ModuleId, function: FunctionId, value: Value) -> Chosen {
    let ways = ways(cx, module, function, value);
    if let [_, _, ..] = ways.as_slice() {
        let chosen = ways.into_iter().filter(|&way| is_chosen(cx, module, function, way));
        let all: Vec<Chosen> = chosen.map(|way| judge_one(cx, module, function, way)).collect();
        let worst = |wanted: Chosen| all.contains(&wanted).then_some(wanted);
        return worst(Chosen::Host)
            .or_else(|| worst(Chosen::AfterSlash))
            .or_else(|| worst(Chosen::Rest))
            .unwrap_or(Chosen::Host);
    }
    judge_one(cx, module, function, value)
}

/// What a value may be by the branch that was taken: `url = "/"` or `url = request.args["next"]`.
fn ways(cx: &Context<'_>, module: ModuleId, id: FunctionId, value: Value) -> Vec<Value> {
    let Some((_, function)) = cx.function(module, id) else { return Vec::new() };
    let mut found: Vec<Value> = Vec::new();
    // SECURITY: choices of choices meet again, and every way to one of them would be gone separately.
    let mut seen: FxHashSet<Value> = FxHashSet::default();
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        if !seen.insert(value) {
            continue;
        }
        match function.op(function.plain(value)) {
            Op::Phi(list) | Op::Or(list) if found.len() < 8 => {
                left.extend(function.list(list).iter().copied().filter(|one| *one != Value::NONE && one.0 < value.0));
            }
            Op::Choice { yes, no, .. } if found.len() < 8 => left.extend([yes, no]),
            _ => found.push(value),
        }
    }
    found
}

fn judge_one(cx: &Context<'_>, module: ModuleId, function: FunctionId, value: Value) -> Chosen {
    if let Some(made) = made_by(cx, module, function, value) {
        return made;
    }
    if let Some(first) = put_before(cx, module, function, value) {
        return if is_chosen(cx, module, function, first) { judge(cx, module, function, first) } else { Chosen::Rest };
    }
    let mut before = String::new();
    for part in text_of(cx.program, module, function, value) {
        match part {
            TextPart::Literal(text) => before.push_str(&text),
            TextPart::Hole(hole) if is_chosen(cx, module, function, hole) => return after(&before),
            TextPart::Hole(_) => before.push(OURS),
        }
    }
    Chosen::Host
}

/// What a URL begins with that is made by adding to it: `url_concat(base, {"next": next})`, `url_path_join(base, name)`.
fn put_before(cx: &Context<'_>, module: ModuleId, id: FunctionId, value: Value) -> Option<Value> {
    let (source, function) = cx.function(module, id)?;
    let value = function.bare(value);
    let Op::Call { callee, arguments } = function.op(value) else { return None };
    let first = function.call_arguments(arguments).first()?.value;
    let adds = matches!(name_of(source, function, callee), "url_concat" | "url_path_join");
    (adds && first.0 < value.0).then_some(first)
}

/// What is chosen of a URL that a function of the project puts together, where every way says the same.
fn made_by(cx: &Context<'_>, module: ModuleId, id: FunctionId, value: Value) -> Option<Chosen> {
    if module != cx.facts.module {
        return None;
    }
    let function = cx.module.function(id)?;
    let Op::Call { callee, .. } = function.op(function.bare(value)) else { return None };
    let (Entity::Function(home, inner) | Entity::Method(home, inner)) = cx.facts.fact(id, callee).entity else {
        return None;
    };
    let (_, called) = cx.function(home, inner)?;
    let mut ways = called.returns.iter().filter_map(|&one| {
        let parts = text_of(cx.program, home, inner, one);
        // A value that is only passed on says nothing of its own.
        let literal = |part: &TextPart| match part {
            TextPart::Literal(text) => Some(text.clone()),
            TextPart::Hole(_) => None,
        };
        let before: String = parts.iter().map_while(literal).collect();
        (!before.is_empty() && parts.iter().any(|part| literal(part).is_none())).then(|| after(&before))
    });
    let first = ways.next()?;
    (first != Chosen::Host && ways.all(|one| one == first) && called.returns.len() == 1).then_some(first)
}

/// Whether a piece of a text comes from outside, or may.
fn is_chosen(cx: &Context<'_>, module: ModuleId, function: FunctionId, hole: Value) -> bool {
    if module == cx.facts.module {
        let labels = cx.facts.fact(function, hole).labels;
        return labels.meets(label::UNTRUSTED)
            || cx.facts.from_caller(function, hole) && !is_ours(cx, module, function, hole);
    }
    !is_ours(cx, module, function, hole)
}

/// Settings and attributes of the object itself are ours.
fn is_ours(cx: &Context<'_>, module: ModuleId, id: FunctionId, value: Value) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    let mut value = value;
    for _ in 0..8 {
        match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => value = of,
            Op::Attribute { of, .. } | Op::Subscript { of, .. } => value = of,
            Op::Call { callee, .. }
                if matches!(
                    name_of(source, function, callee),
                    "get_absolute_url" | "url_for" | "reverse" | "build_absolute_uri" | "get_url"
                ) =>
            {
                return true;
            }
            Op::Call { callee, .. } => value = callee,
            Op::Name(_) | Op::Import(_) | Op::Constant(_) => return true,
            Op::Parameter(0) => {
                return function
                    .parameters
                    .first()
                    .is_some_and(|parameter| matches!(source.symbols.text(parameter.name), "self" | "cls"));
            }
            _ => return false,
        }
    }
    false
}

/// What is left to choose after this beginning.
fn after(before: &str) -> Chosen {
    let before = before.trim_start();
    if before.is_empty() {
        return Chosen::Host;
    }
    if let Some(at) = before.find("://") {
        let rest = before.get(at + 3..).unwrap_or_default();
        let ends = rest.find(['/', '?', '#']);
        return match ends {
            Some(0) | None if !rest.ends_with(OURS) => Chosen::Host,
            _ => Chosen::Rest,
        };
    }
    if before.starts_with("//") || before.starts_with("/\\") {
        let rest = before.get(2..).unwrap_or_default();
        return if rest.contains(['/', '?', '#']) { Chosen::Rest } else { Chosen::Host };
    }
    if before == "/" {
        return Chosen::AfterSlash;
    }
    // `http:` and the like, or a base that is set elsewhere.
    if before.starts_with([OURS, '/', '?', '#', '.']) || before.contains(['/', '?', '#']) {
        Chosen::Rest
    } else if before.ends_with(':') {
        Chosen::Host
    } else {
        Chosen::Rest
    }
}

/// What a check of a URL is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Worth {
    /// It can be passed by.
    Weak,
    /// The host is the one that was asked: a browser cannot be made to send another, whoever asks directly can.
    Asked,
    /// The host is one of those that were allowed.
    Strong,
}

/// What the checks that stand before the end of a hit are worth, in the function where the data is seen and in the one
/// it arrives in.
pub(crate) fn checked(cx: &Context<'_>, hit: &Hit) -> Option<Worth> {
    let home = cx.facts.module;
    let here = checked_in(cx, home, hit.function, hit.call, hit.argument);
    let reach = hit.reach;
    let there = (reach.module != home || reach.function != hit.function)
        .then(|| checked_in(cx, reach.module, reach.function, reach.call, reach.argument))
        .flatten();
    here.max(there)
}

/// Branches that are looked at in one function.
const MAX_BRANCHES: usize = 64;

fn checked_in(cx: &Context<'_>, module: ModuleId, id: FunctionId, call: Value, argument: Value) -> Option<Worth> {
    let (source, function) = cx.function(module, id)?;
    let about = behind(source, function, argument);
    let place = function.block_of(call);
    let mut best = None;
    for branch in branches(function).into_iter().take(MAX_BRANCHES) {
        let Some(worth) = worth(source, function, branch.test, branch.held, &about, 0) else { continue };
        if Some(worth) > best && !reaches(source, function, place, branch.block) {
            best = Some(worth);
        }
    }
    // `url if is_ok(url) else "/"`
    for (value, op) in function.values() {
        if let Op::Refine { of, test, outcome: outcome @ (Outcome::Held | Outcome::Failed) } = op
            && behind_contains(source, function, argument, value)
            && let Some(worth) =
                worth(source, function, test, outcome == Outcome::Held, &behind(source, function, of), 0)
        {
            best = best.max(Some(worth));
        }
    }
    best
}

fn behind_contains(module: &Module, function: &Function, argument: Value, wanted: Value) -> bool {
    wanted.0 <= argument.0 && behind(module, function, argument).contains(&wanted)
}

/// A test that must have come out so where a block begins.
pub(crate) struct Branch {
    pub(crate) test: Value,
    held: bool,
    pub(crate) block: BlockId,
}

/// Tests that the function branches on.
pub(crate) fn branches(function: &Function) -> Vec<Branch> {
    function.conditions.iter().map(|&(block, test, held)| Branch { test, held, block }).collect()
}

/// Whether a block can be reached from the entry past another, and not past a call that does not come back.
pub(crate) fn reaches(module: &Module, function: &Function, wanted: BlockId, past: BlockId) -> bool {
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    let mut todo = vec![BlockId(0)];
    while let Some(block) = todo.pop() {
        if block == past {
            continue;
        }
        if block == wanted {
            return true;
        }
        if !seen.insert(block.0) || leaves(module, function, block) {
            continue;
        }
        todo.extend(function.edges.iter().filter(|&&edge| edge.0 == block).map(|(_, to)| *to));
    }
    false
}

/// Whether a block ends in `abort(…)` and the like.
fn leaves(module: &Module, function: &Function, block: BlockId) -> bool {
    let number = block.0 as usize;
    let Some(&start) = function.blocks.get(number) else { return false };
    let end = function.blocks.get(number + 1).copied().unwrap_or(u32::try_from(function.ops.len()).unwrap_or(u32::MAX));
    (start..end).any(|at| match function.op(Value(at)) {
        Op::Call { callee, .. } => matches!(name_of(module, function, callee), "abort" | "exit" | "_exit"),
        _ => false,
    })
}

/// Values that a value is made from, itself included; constants and names of the module are nobody's.
pub(crate) fn behind(module: &Module, function: &Function, value: Value) -> FxHashSet<Value> {
    let mut seen: FxHashSet<Value> = FxHashSet::default();
    let mut todo = vec![value];
    while let Some(value) = todo.pop() {
        if value == Value::NONE || seen.len() > 512 || !telling(module, function, value) || !seen.insert(value) {
            continue;
        }
        match function.op(value) {
            // What a test says is not what the value is made from.
            Op::Refine { of, .. } => todo.push(of),
            _ => todo.extend(function.operands_of(value)),
        }
    }
    seen
}

fn telling(module: &Module, function: &Function, value: Value) -> bool {
    match function.op(value) {
        Op::Constant(_) | Op::Name(_) | Op::Import(_) | Op::Function(_) | Op::Class(_) => false,
        Op::Parameter(index) => function.parameters.get(index as usize).is_some_and(|parameter| {
            !matches!(module.symbols.text(parameter.name), "self" | "cls" | "request" | "req" | "info" | "context")
        }),
        _ => true,
    }
}

/// What a test that came out as `held` is worth for what stands behind a URL.
pub(crate) fn worth(
    module: &Module,
    function: &Function,
    test: Value,
    held: bool,
    about: &FxHashSet<Value>,
    depth: u32,
) -> Option<Worth> {
    if depth > 8 {
        return None;
    }
    let is_about = |value: Value| speaks_of(module, function, value, about);
    match function.op(test) {
        Op::Refine { of, .. } => worth(module, function, of, held, about, depth + 1),
        Op::Not(of) => worth(module, function, of, !held, about, depth + 1),
        Op::And(list) if held => {
            function.list(list).iter().filter_map(|&one| worth(module, function, one, held, about, depth + 1)).max()
        }
        Op::Or(list) if !held => {
            function.list(list).iter().filter_map(|&one| worth(module, function, one, held, about, depth + 1)).max()
        }
        // One of several has to hold: as strong as the weakest, if each says something.
        Op::Or(list) | Op::And(list) => {
            let each: Option<Vec<Worth>> =
                function.list(list).iter().map(|&one| worth(module, function, one, held, about, depth + 1)).collect();
            each.and_then(|each| each.into_iter().min())
        }
        Op::Compare { op, left, right } => compared(module, function, op, left, right, held, about),
        // `not parsed.netloc`, `address.is_private`
        Op::Attribute { name, .. } if is_about(test) => match module.symbols.text(name) {
            "netloc" | "hostname" | "host" | "is_absolute" if !held => Some(Worth::Strong),
            "is_private" | "is_loopback" | "is_reserved" | "is_link_local" | "is_multicast" if !held => {
                Some(Worth::Strong)
            }
            "is_global" if held => Some(Worth::Strong),
            _ => None,
        },
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            let first = arguments.first().map(|argument| argument.value);
            let receiver = match function.op(callee) {
                Op::Attribute { of, .. } => Some(of),
                _ => None,
            };
            let name = name_of(module, function, callee);
            match name {
                "startswith" | "endswith" if held => {
                    let receiver = receiver.filter(|&receiver| is_about(receiver))?;
                    let on_host = of_host(module, function, receiver);
                    let texts = texts(module, function, first?);
                    if texts.is_empty() {
                        return None;
                    }
                    let good = |text: &&str| match (name, on_host) {
                        ("startswith", false) => ends_host(text),
                        ("endswith", true) => text.starts_with('.'),
                        _ => false,
                    };
                    Some(if texts.iter().all(good) { Worth::Strong } else { Worth::Weak })
                }
                "match" | "fullmatch" | "search" if held => {
                    let (pattern, tested) = match arguments {
                        [pattern, tested, ..] => (texts(module, function, pattern.value), tested.value),
                        [tested] => (compiled(module, function, receiver?), tested.value),
                        [] => return None,
                    };
                    if !is_about(tested) {
                        return None;
                    }
                    let pattern = *pattern.first()?;
                    let on_host = of_host(module, function, tested);
                    Some(if holds_host(pattern, name, on_host) { Worth::Strong } else { Worth::Weak })
                }
                "any" if held => {
                    let mentions = arguments.iter().any(|argument| is_about(argument.value));
                    mentions.then_some(Worth::Weak)
                }
                "url_has_allowed_host_and_scheme" | "is_safe_url"
                    if held && arguments.iter().any(|a| is_about(a.value)) =>
                {
                    Some(Worth::Strong)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn compared(
    module: &Module,
    function: &Function,
    op: CompareOp,
    left: Value,
    right: Value,
    held: bool,
    about: &FxHashSet<Value>,
) -> Option<Worth> {
    let is_about = |value: Value| speaks_of(module, function, value, about);
    let positive = match op {
        CompareOp::In | CompareOp::Eq => held,
        CompareOp::NotIn | CompareOp::NotEq => !held,
        _ => return None,
    };
    let (tested, with) = if is_about(left) { (left, right) } else { (right, left) };
    if !is_about(tested) || is_about(with) {
        return None;
    }
    match op {
        // `"example.com" in url`
        CompareOp::In | CompareOp::NotIn if tested == right => {
            (positive && is_text(function, with)).then_some(Worth::Weak)
        }
        CompareOp::In | CompareOp::NotIn => {
            if is_text(function, with) {
                return None;
            }
            if of_scheme(module, function, tested) || mere_part(module, function, tested) {
                return None;
            }
            // Names that are shut out leave others in: another spelling of the same address.
            if positive {
                Some(against(module, function, with))
            } else {
                of_host(module, function, tested).then_some(Worth::Weak)
            }
        }
        _ if of_scheme(module, function, tested) || mere_part(module, function, tested) => {
            // `scheme == "" ` with `netloc == ""` is asked in pairs; the other half counts.
            None
        }
        _ => {
            let with_nothing = matches!(function.op(with), Op::Constant(Constant::None));
            (positive && !with_nothing).then(|| against(module, function, with))
        }
    }
}

/// What a comparison with a value is worth: with the host that was asked, or with what is the program's own.
fn against(module: &Module, function: &Function, with: Value) -> Worth {
    // SECURITY: the `Host` of a request is chosen by whoever sends it.
    let asked = behind(module, function, with).into_iter().any(|value| match function.op(value) {
        Op::Attribute { name, .. } => {
            matches!(module.symbols.text(name), "host" | "host_url" | "url_root" | "base_url" | "netloc" | "hostname")
                && module.slice(function.span_of(value)).contains("request.")
        }
        Op::Call { callee, .. } => name_of(module, function, callee) == "get_host",
        Op::Subscript { index, .. } => {
            module.constant_str(function, index).is_some_and(|key| matches!(key, "Host" | "host" | "HTTP_HOST"))
        }
        _ => false,
    });
    if asked { Worth::Asked } else { Worth::Strong }
}

/// Whether a value is the scheme of a URL, of which nothing follows for the host.
fn of_scheme(module: &Module, function: &Function, value: Value) -> bool {
    match function.op(function.bare(value)) {
        Op::Attribute { name, .. } => matches!(module.symbols.text(name), "scheme" | "path" | "query" | "port"),
        _ => false,
    }
}

/// `url[0]`, `len(url)`: a part too small to say anything.
fn mere_part(module: &Module, function: &Function, value: Value) -> bool {
    match function.op(function.bare(value)) {
        Op::Subscript { of, .. } => !of_host(module, function, value) && !is_parsed(module, function, of),
        Op::Call { callee, .. } => matches!(name_of(module, function, callee), "len" | "count" | "find" | "index"),
        _ => false,
    }
}

fn is_parsed(module: &Module, function: &Function, value: Value) -> bool {
    match function.op(function.bare(value)) {
        Op::Call { callee, .. } => matches!(name_of(module, function, callee), "urlparse" | "urlsplit" | "parse_url"),
        _ => false,
    }
}

/// Whether a value speaks of one of these: it is made from it by parsing, taking parts and changing form.
fn speaks_of(module: &Module, function: &Function, value: Value, about: &FxHashSet<Value>) -> bool {
    behind(module, function, value)
        .iter()
        .any(|one| about.contains(one) || is_read_again(module, function, *one, about))
}

/// Whether a request is read for the same thing: `ok(request.GET.get("next"))`, `redirect(request.GET.get("next"))`.
fn is_read_again(module: &Module, function: &Function, value: Value, about: &FxHashSet<Value>) -> bool {
    let is_read = |value: Value| match function.op(value) {
        Op::Subscript { .. } => true,
        Op::Call { callee, .. } => {
            matches!(name_of(module, function, callee), "get" | "get_argument" | "get_query_argument" | "getlist")
        }
        _ => false,
    };
    if !is_read(value) {
        return false;
    }
    let written = module.slice(function.span_of(value));
    let of_request = ["request.", "req.", "args", "GET", "POST", "params"].iter().any(|part| written.contains(part));
    of_request && about.iter().any(|&one| is_read(one) && module.slice(function.span_of(one)) == written)
}

/// Whether a value is the host of a URL, not its text.
pub(crate) fn of_host(module: &Module, function: &Function, value: Value) -> bool {
    let mut value = value;
    for _ in 0..8 {
        match function.op(value) {
            Op::Refine { of, .. } => value = of,
            Op::Attribute { name, .. } => {
                return matches!(module.symbols.text(name), "netloc" | "hostname" | "host" | "domain");
            }
            Op::Subscript { of, .. } => return is_parsed(module, function, of),
            Op::Call { callee, arguments } => match function.op(callee) {
                Op::Attribute { of, name } => {
                    if matches!(module.symbols.text(name), "get_host" | "host") {
                        return true;
                    }
                    value = of;
                }
                _ => match function.call_arguments(arguments).first() {
                    Some(first) => value = first.value,
                    None => return false,
                },
            },
            Op::Or(list) | Op::Phi(list) => match function.list(list).first() {
                Some(&first) if first.0 < value.0 => value = first,
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

fn is_text(function: &Function, value: Value) -> bool {
    matches!(function.op(function.bare(value)), Op::Constant(Constant::Str(_) | Constant::Bytes(_)))
}

/// The constant texts a value is, one or several, through names of the module.
pub(crate) fn texts<'m>(module: &'m Module, function: &Function, value: Value) -> Vec<&'m str> {
    match function.op(function.bare(value)) {
        Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => vec![module.string(text)],
        Op::Build { items, .. } => {
            function.list(items).iter().filter_map(|&item| module.constant_str(function, item)).collect()
        }
        Op::Name(symbol) => {
            let Some(body) = module.functions.first() else { return Vec::new() };
            let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name) else { return Vec::new() };
            match body.exit.get(at) {
                Some(&(_, held)) if !matches!(body.op(held), Op::Name(_)) => texts(module, body, held),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The pattern behind `re.compile(…)`.
fn compiled<'m>(module: &'m Module, function: &Function, value: Value) -> Vec<&'m str> {
    let of_call = |function: &Function, value: Value| match function.op(value) {
        Op::Call { callee, arguments } if name_of(module, function, callee) == "compile" => {
            function.call_arguments(arguments).first().map(|first| first.value)
        }
        _ => None,
    };
    let value = function.bare(value);
    if let Some(pattern) = of_call(function, value) {
        return texts(module, function, pattern);
    }
    if let Op::Name(symbol) = function.op(value)
        && let Some(body) = module.functions.first()
        && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
        && let Some(&(_, held)) = body.exit.get(at)
        && let Some(pattern) = of_call(body, held)
    {
        return texts(module, body, pattern);
    }
    Vec::new()
}

/// Whether a beginning of a URL ends its host: `https://example.com/`.
pub(crate) fn ends_host(text: &str) -> bool {
    match text.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?', '#']).is_some_and(|at| at > 0),
        // A path of our own, where another slash would make a host of it.
        None => text.len() > 1 && text.starts_with('/') && !text.starts_with("//"),
    }
}

/// Whether a pattern says all about the host of a URL.
pub(crate) fn holds_host(pattern: &str, how: &str, on_host: bool) -> bool {
    let begins = how == "fullmatch" || how == "match" || pattern.starts_with('^') || pattern.starts_with("\\A");
    let ends = how == "fullmatch" || pattern.ends_with('$') || pattern.ends_with("\\Z") || pattern.ends_with("\\z");
    if !begins || pattern.contains(".*.") || pattern.starts_with(".*") || pattern.starts_with("^.*") {
        return false;
    }
    // A dot that is not escaped stands for any character.
    let mut escaped = false;
    let mut in_class = false;
    let chars: Vec<char> = pattern.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '.' if !in_class => {
                let next = chars.get(at + 1);
                let before = at.checked_sub(1).and_then(|at| chars.get(at));
                let is_letter = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
                if is_letter(next) && is_letter(before) {
                    return false;
                }
            }
            _ => {}
        }
    }
    if on_host {
        return ends;
    }
    // After the host a slash, or the end.
    match pattern.split_once("://") {
        Some((_, rest)) => ends && !rest.contains(".*") || rest.trim_start_matches('(').contains('/'),
        None => ends && !pattern.contains(".*") && !pattern.contains(".+"),
    }
}
