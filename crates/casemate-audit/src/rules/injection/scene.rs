//! A closer look at what arrives at a sink: where it was put together, and where in it the foreign part stands.

use casemate_python::facts::{Entity, Hit, Kinds, Labels, ModuleFacts, Reach, TextPart, text_of};
use casemate_python::names::ModuleId;
use casemate_python::syntax::{
    Argument, BinaryOp, Collection, CompareOp, Constant, Function, FunctionId, Module, Op, Outcome, ParameterKind,
    Passing, Piece, Value,
};

use crate::rules::Context;

/// Steps back from a value; longer ways say nothing that the first ones do not.
const MAX_STEPS: usize = 400;

/// Depth of texts in texts.
const MAX_DEPTH: u32 = 24;

/// A function in which labelled data is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'c> {
    cx: &'c Context<'c>,
    /// Its module.
    pub(crate) module: ModuleId,
    /// The source of the module.
    pub(crate) source: &'c Module,
    /// The function.
    pub(crate) id: FunctionId,
    /// Its instructions.
    pub(crate) function: &'c Function,
    wanted: Labels,
    /// Whether the labels were seen in this very function.
    is_local: bool,
    /// The parameters that the caller gives the data to, a bit each, where the caller is known.
    given: u64,
}

/// A place of the module as a hit, for rules about what is no call.
pub(crate) fn hit_at(cx: &Context<'_>, id: FunctionId, at: Value, argument: Value) -> Hit {
    let module = cx.facts.module;
    Hit {
        function: id,
        call: at,
        argument,
        labels: cx.facts.fact(id, argument).labels,
        reach: Reach { kind: 0, module, function: id, call: at, argument },
    }
}

impl<'c> Scene<'c> {
    /// Where the sink of a hit stands.
    pub(crate) fn of(cx: &'c Context<'_>, hit: &Hit, wanted: Labels) -> Option<Self> {
        let reach = hit.reach;
        let is_local = reach.module == cx.facts.module && reach.function == hit.function;
        let scene = Self::at(cx, (reach.module, reach.function), wanted, is_local)?;
        Some(Self { given: if is_local { u64::MAX } else { scene.given_by(hit) }, ..scene })
    }

    /// The parameters that the call of a hit gives the data to, if it calls the function of the scene itself.
    fn given_by(&self, hit: &Hit) -> u64 {
        let (cx, function) = (self.cx, self.function);
        let Some(caller) = cx.module.function(hit.function) else { return u64::MAX };
        let Op::Call { callee, arguments } = caller.op(hit.call) else { return u64::MAX };
        let shift = match cx.facts.fact(hit.function, callee).entity {
            Entity::Function(home, id) if (home, id) == (self.module, self.id) => 0,
            Entity::Method(home, id) if (home, id) == (self.module, self.id) => 1,
            Entity::Function(home, id) | Entity::Method(home, id) => return self.given_through(home, id),
            _ => return u64::MAX,
        };
        let is_static = function.parent.and_then(|parent| self.source.function(parent)).is_some_and(|around| {
            function.decorators.iter().any(|&one| self.source.slice(around.span_of(one)) == "staticmethod")
        });
        let mut given = 0;
        for (at, argument) in caller.call_arguments(arguments).iter().enumerate() {
            if !cx.facts.fact(hit.function, argument.value).labels.meets(self.wanted) {
                continue;
            }
            let index = match argument.passing {
                Passing::Position => Some(at + if is_static { 0 } else { shift }),
                Passing::Keyword(name) => {
                    let name = cx.module.symbols.text(name);
                    function.parameters.iter().position(|one| self.source.symbols.text(one.name) == name)
                }
                _ => None,
            };
            let Some(index) = index.filter(|&index| index < function.parameters.len().min(63)) else {
                return u64::MAX;
            };
            given |= 1 << index;
        }
        if given == 0 { u64::MAX } else { given }
    }

    /// The same where the function that was called hands on what it was given: what it calls the function of the scene with.
    fn given_through(&self, home: ModuleId, id: FunctionId) -> u64 {
        let Some((facts, (source, between))) = self.cx.all_facts.get(home).zip(self.cx.function(home, id)) else {
            return u64::MAX;
        };
        let mut given = 0;
        for (_, op) in between.values() {
            let Op::Call { callee, arguments } = op else { continue };
            // Methods are given their object before what is written.
            if facts.fact(id, callee).entity != Entity::Function(self.module, self.id) {
                continue;
            }
            for (at, argument) in between.call_arguments(arguments).iter().enumerate() {
                let carries =
                    facts.from_caller(id, argument.value) || facts.fact(id, argument.value).labels.meets(self.wanted);
                let index = match argument.passing {
                    _ if !carries => continue,
                    Passing::Position => Some(at),
                    Passing::Keyword(name) => {
                        let name = source.symbols.text(name);
                        self.function.parameters.iter().position(|one| self.source.symbols.text(one.name) == name)
                    }
                    _ => None,
                };
                let Some(index) = index.filter(|&index| index < self.function.parameters.len().min(63)) else {
                    return u64::MAX;
                };
                given |= 1 << index;
            }
        }
        if given == 0 { u64::MAX } else { given }
    }

    /// Where what arrives was put together, and what it is there: the caller, if the function of the sink only passes it on.
    pub(crate) fn of_text(cx: &'c Context<'_>, hit: &Hit, wanted: Labels) -> Option<(Self, Value)> {
        let scene = Self::of(cx, hit, wanted)?;
        if !scene.is_local && matches!(scene.function.op(scene.bare(hit.reach.argument)), Op::Parameter(_)) {
            let caller = Self::at(cx, (cx.facts.module, hit.function), wanted, true)?;
            return Some((caller, hit.argument));
        }
        Some((scene, hit.reach.argument))
    }

    /// A function of the module of the context.
    pub(crate) fn here(cx: &'c Context<'_>, id: FunctionId, wanted: Labels) -> Option<Self> {
        Self::at(cx, (cx.facts.module, id), wanted, true)
    }

    /// A function that a hit goes through.
    pub(crate) fn on_the_way(
        cx: &'c Context<'_>,
        hit: &Hit,
        place: (ModuleId, FunctionId),
        wanted: Labels,
    ) -> Option<Self> {
        Self::at(cx, place, wanted, place == (cx.facts.module, hit.function))
    }

    fn at(cx: &'c Context<'_>, (module, id): (ModuleId, FunctionId), wanted: Labels, is_local: bool) -> Option<Self> {
        let (source, function) = cx.function(module, id)?;
        Some(Self { cx, module, source, id, function, wanted, is_local, given: u64::MAX })
    }

    /// The function of the project that a call runs.
    pub(crate) fn entered(&self, call: Value) -> Option<Self> {
        let Op::Call { callee, .. } = self.function.op(call) else { return None };
        match self.facts()?.fact(self.id, callee).entity {
            Entity::Function(home, id) | Entity::Method(home, id) => Self::at(self.cx, (home, id), self.wanted, false),
            _ => None,
        }
    }

    /// Whether the labels of a hit were seen in this very function.
    pub(crate) fn is_here(&self, hit: &Hit) -> bool {
        self.is_local && self.id == hit.function
    }

    /// Whether a value is all the keyword arguments that the function was given, its `**kwargs`.
    pub(crate) fn is_keywords(&self, value: Value) -> bool {
        let bare = match self.function.op(self.bare(value)) {
            Op::Spread(of) => self.bare(of),
            _ => self.bare(value),
        };
        match self.function.op(bare) {
            Op::Parameter(index) => self
                .function
                .parameters
                .get(index as usize)
                .is_some_and(|parameter| parameter.kind == ParameterKind::DoubleStar),
            _ => false,
        }
    }

    /// Whether a value was looked up among others that are not its sender's: `if name in fields:`.
    pub(crate) fn is_listed(&self, value: Value) -> bool {
        let made = self.made_from(value);
        self.function.conditions.iter().any(|&(block, test, held)| {
            let tested = match self.function.op(test) {
                Op::Compare { op: CompareOp::In, left, right } if held => Some((left, right)),
                Op::Compare { op: CompareOp::NotIn, left, right } if !held => Some((left, right)),
                _ => None,
            };
            tested.is_some_and(|(left, right)| {
                made.iter().any(|&one| self.bare(one) == self.bare(left) && self.carries(one))
                    && !self.labels(right).meets(self.wanted)
                    && !crate::rules::network::urls::reaches(
                        self.source,
                        self.function,
                        self.function.block_of(value),
                        block,
                    )
            })
        })
    }

    /// A value behind the tests that were made about it.
    pub(crate) fn bare(&self, value: Value) -> Value {
        self.function.plain(value)
    }

    /// Whether the data in question is in a value. In a function that was called it is what the callers passed.
    pub(crate) fn carries(&self, value: Value) -> bool {
        // Numbers and what was checked against a fixed list.
        let Some(facts) = self.facts() else { return false };
        if facts.clean(self.id, value) == Kinds::MAX {
            return false;
        }
        facts.fact(self.id, value).labels.meets(self.wanted)
            || (!self.is_local
                && self.made_from(value).iter().any(|&from| match self.function.op(from) {
                    Op::Parameter(index) => self.given & (1 << index.min(63)) != 0,
                    _ => false,
                }))
    }

    fn facts(&self) -> Option<&'c ModuleFacts> {
        if self.module == self.cx.facts.module {
            return Some(self.cx.facts);
        }
        self.cx.all_facts.get(self.module)
    }

    /// The labels of a value, as far as they are seen here.
    pub(crate) fn labels(&self, value: Value) -> Labels {
        self.facts().map_or(Labels::NONE, |facts| facts.fact(self.id, value).labels)
    }

    /// Whether a value is harmless for a kind of sink.
    pub(crate) fn is_clean(&self, value: Value, kind: &str) -> bool {
        let mask = self.cx.knowledge.kind(kind).map_or(Kinds::MAX, |kind| 1 << kind);
        self.facts().is_some_and(|facts| facts.clean(self.id, value) & mask == mask)
    }

    /// Whether a value is what came from outside and nothing before it: no text of ours begins it.
    pub(crate) fn is_whole(&self, value: Value) -> bool {
        self.is_whole_at(value, 0)
    }

    fn is_whole_at(&self, value: Value, depth: u32) -> bool {
        // On one of the ways is enough.
        let choices = match self.function.op(self.bare(value)) {
            Op::Phi(list) | Op::Or(list) if depth < 6 => self.function.list(list).to_vec(),
            Op::Choice { yes, no, .. } if depth < 6 => vec![yes, no],
            _ => Vec::new(),
        };
        if choices.iter().any(|&one| one.0 < value.0 && self.carries(one)) {
            return choices.iter().any(|&one| one.0 < value.0 && self.carries(one) && self.is_whole_at(one, depth + 1));
        }
        let parts = self.parts(value);
        parts.len() < 2 || parts.first().is_some_and(|part| matches!(part, TextPart::Hole(_)))
    }

    /// Everything a value is made from, itself included.
    pub(crate) fn made_from(&self, value: Value) -> Vec<Value> {
        let mut found = vec![value];
        let mut next = 0;
        while let Some(&one) = found.get(next) {
            next += 1;
            for operand in self.function.operands_of(one) {
                if operand != Value::NONE && found.len() < MAX_STEPS && !found.contains(&operand) {
                    found.push(operand);
                }
            }
        }
        found
    }

    /// What is called: its canonical path, or as it is written.
    pub(crate) fn called(&self, call: Value) -> &'c str {
        match self.function.op(self.bare(call)) {
            Op::Call { callee, .. } => self.path(callee),
            _ => "",
        }
    }

    /// A value by its canonical path, or as it is written.
    pub(crate) fn path(&self, value: Value) -> &'c str {
        let known = self.facts().and_then(|facts| facts.path(self.id, value));
        known.unwrap_or_else(|| self.source.slice(self.function.span_of(value)))
    }

    /// The method of a call by its name, and the object.
    pub(crate) fn method(&self, call: Value) -> Option<(Value, &'c str)> {
        let Op::Call { callee, .. } = self.function.op(self.bare(call)) else { return None };
        match self.function.op(self.bare(callee)) {
            Op::Attribute { of, name } => Some((of, self.source.symbols.text(name))),
            _ => None,
        }
    }

    /// The arguments of a call.
    pub(crate) fn arguments(&self, call: Value) -> &'c [Argument] {
        match self.function.op(self.bare(call)) {
            Op::Call { arguments, .. } => self.function.call_arguments(arguments),
            _ => &[],
        }
    }

    /// The argument passed by this keyword.
    pub(crate) fn keyword(&self, call: Value, name: &str) -> Option<Value> {
        self.arguments(call)
            .iter()
            .find(|one| matches!(one.passing, Passing::Keyword(symbol) if self.source.symbols.text(symbol) == name))
            .map(|one| one.value)
    }

    /// How a value is passed to a call.
    pub(crate) fn passing(&self, call: Value, value: Value) -> Option<Passing> {
        self.arguments(call).iter().find(|one| one.value == value).map(|one| one.passing)
    }

    /// What a value says, if it is a text constant or the name of one.
    pub(crate) fn constant(&self, value: Value) -> Option<&'c str> {
        match self.function.op(self.bare(value)) {
            Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => Some(self.source.string(text)),
            Op::Name(symbol) => {
                let body = self.source.functions.first()?;
                let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                self.source.constant_str(body, body.exit.get(at)?.1)
            }
            _ => None,
        }
    }

    /// Keys and values of a dict display; a `**` entry has no key.
    pub(crate) fn entries(&self, dict: Value) -> Vec<(Option<Value>, Value)> {
        match self.function.op(self.bare(dict)) {
            Op::Build { collection: Collection::Dict, items } => self
                .function
                .list(items)
                .chunks_exact(2)
                .map(|pair| ((pair[0] != Value::NONE).then_some(pair[0]), pair[1]))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a list, tuple or set display.
    pub(crate) fn items(&self, list: Value) -> Option<&'c [Value]> {
        match self.function.op(self.bare(list)) {
            Op::Build { collection, items } if collection != Collection::Dict => Some(self.function.list(items)),
            _ => None,
        }
    }

    /// What a text is made of.
    pub(crate) fn parts(&self, value: Value) -> Vec<TextPart> {
        text_of(self.cx.program, self.module, self.id, value)
    }

    /// A text with `\u{1}` where the data in question is filled in and `\u{2}` where anything else is.
    pub(crate) fn marked(&self, value: Value) -> String {
        let mut text = String::new();
        // `"… {} …".format(x)` and `"… %s …" % x`: what is filled in comes after the template.
        let mut blanks: Vec<std::ops::Range<usize>> = Vec::new();
        let mut shift: isize = 0;
        for part in self.parts(value) {
            match part {
                TextPart::Literal(literal) => {
                    let start = text.len();
                    blanks.extend(blanks_of(&literal).into_iter().map(|blank| blank.start + start..blank.end + start));
                    shift = 0;
                    text.push_str(&literal);
                }
                TextPart::Hole(hole) => {
                    let mark = if self.carries(hole) && !self.is_clean(hole, "sql") { "\u{1}" } else { "\u{2}" };
                    let open = text.ends_with(|c: char| c.is_whitespace() || "'\"`=(,.[/:".contains(c));
                    if blanks.is_empty() || (open && shift == 0) {
                        text.push_str(mark);
                        continue;
                    }
                    let blank = blanks.remove(0);
                    let moved = |at: usize| usize::try_from(at as isize + shift).unwrap_or(0);
                    let (start, end) = (moved(blank.start), moved(blank.end));
                    if end <= text.len() && text.is_char_boundary(start) && text.is_char_boundary(end) {
                        text.replace_range(start..end, mark);
                        shift += 1 - (end - start) as isize;
                    }
                }
            }
        }
        text
    }

    /// Whether the data in question may stand at the very beginning of a text.
    pub(crate) fn leads(&self, value: Value) -> bool {
        self.leads_at(value, 0)
    }

    fn leads_at(&self, value: Value, depth: u32) -> bool {
        if depth > MAX_DEPTH || !self.carries(value) {
            return false;
        }
        let again = |value: Value| self.leads_at(value, depth + 1);
        match self.function.op(value) {
            Op::Refine { of, test, outcome } => {
                !matches!(outcome, Outcome::Held | Outcome::Failed)
                    || (!self.settles_beginning(of, test, outcome == Outcome::Held) && again(of))
            }
            Op::Await(of) | Op::Spread(of) => again(of),
            Op::Format(list) => match self.function.format_pieces(list).first() {
                Some(Piece::Literal(text)) => self.source.string(*text).is_empty(),
                Some(Piece::Hole(hole)) => again(*hole),
                None => false,
            },
            Op::Binary { op: BinaryOp::Mod, left, .. } => match self.constant(left) {
                Some(template) => template.starts_with('%'),
                None => true,
            },
            Op::Binary { left, right, .. } => match self.constant(left) {
                Some("") => again(right),
                Some(_) => false,
                None => again(left),
            },
            Op::Phi(list) | Op::Or(list) | Op::And(list) => {
                self.function.list(list).iter().any(|&one| one.0 < value.0 && again(one))
            }
            Op::Choice { yes, no, .. } => again(yes) || again(no),
            Op::Call { callee, .. } => {
                let arguments = self.arguments(value);
                let first = arguments.first().map(|one| one.value);
                let path = self.path(callee);
                if matches!(path, "os.path.abspath" | "os.path.realpath") {
                    return false;
                }
                if matches!(path, "os.path.join" | "pathlib.Path" | "str" | "os.fspath" | "os.path.normpath") {
                    return first.is_some_and(again);
                }
                match self.method(value) {
                    Some((_, "resolve" | "absolute" | "as_uri" | "as_posix")) => false,
                    Some((of, "format")) => self.constant(of).is_none_or(|template| template.starts_with('{')),
                    Some((of, "strip" | "lower" | "upper" | "rstrip" | "encode" | "decode")) => again(of),
                    _ => true,
                }
            }
            _ => true,
        }
    }

    /// Whether a test shows how a text begins: `not x.startswith("-")`, `x.startswith("https://")`.
    fn settles_beginning(&self, of: Value, test: Value, held: bool) -> bool {
        match self.function.op(test) {
            Op::Not(inner) => self.settles_beginning(of, inner, !held),
            Op::And(list) if held => self.function.list(list).iter().any(|&one| self.settles_beginning(of, one, held)),
            Op::Or(list) if !held => self.function.list(list).iter().any(|&one| self.settles_beginning(of, one, held)),
            Op::Call { .. } => {
                let Some((receiver, "startswith")) = self.method(test) else { return false };
                let Some(first) = self.arguments(test).first() else { return false };
                let starts: Vec<&str> = match self.items(first.value) {
                    Some(items) => items.iter().filter_map(|&item| self.constant(item)).collect(),
                    None => self.constant(first.value).into_iter().collect(),
                };
                self.bare(receiver) == self.bare(of)
                    && !starts.is_empty()
                    && if held {
                        starts.iter().all(|start| !start.is_empty() && !start.starts_with('-'))
                    } else {
                        starts.contains(&"-")
                    }
            }
            _ => false,
        }
    }

    /// Whether a value is an instance of a class of the project whose field is read, and how the field is annotated.
    pub(crate) fn field_type(&self, value: Value) -> Option<&'c str> {
        let value = self.bare(value);
        let Op::Attribute { of, name } = self.function.op(value) else { return None };
        let Entity::Instance(module, class) = self.facts()?.fact(self.id, of).entity else { return None };
        let home = self.cx.program.module(module)?;
        let class = home.class(class)?;
        let wanted = self.source.symbols.text(name);
        let field = class.fields.iter().find(|field| home.symbols.text(field.name) == wanted)?;
        let body = home.function(class.body)?;
        Some(home.slice(body.span_of(field.annotation?)))
    }

    /// Whether a value is an instance of a class of the project.
    pub(crate) fn is_instance(&self, value: Value) -> bool {
        self.module == self.cx.facts.module && matches!(self.cx.facts.fact(self.id, value).entity, Entity::Instance(..))
    }

    /// Whether the module imports one of these packages.
    pub(crate) fn imports(&self, roots: &[&str]) -> bool {
        self.source.imports.iter().any(|import| {
            import.level == 0 && import.module.split('.').next().is_some_and(|root| roots.contains(&root))
        })
    }
}

/// Where a template takes something in.
fn blanks_of(literal: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let bytes = literal.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match (byte, bytes.get(at + 1)) {
            (b'{', Some(b'{')) | (b'%', Some(b'%')) => {
                at += 2;
                continue;
            }
            (b'{', Some(_)) => literal[at..].find('}').map(|length| at + length + 1),
            (b'%', Some(b's' | b'd' | b'r')) => Some(at + 2),
            (b'%', Some(b'(')) => literal[at..].find(')').map(|length| (at + length + 2).min(literal.len())),
            _ => None,
        };
        match end {
            Some(end) if end - at <= 64 && literal.is_char_boundary(end) => {
                found.push(at..end);
                at = end;
            }
            _ => at += 1,
        }
        if found.len() >= 64 {
            break;
        }
    }
    found
}
