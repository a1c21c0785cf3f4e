//! Calls with their arguments looked up, and the constants that values are.

use casemate_python::names::{Definition, ModuleId, Target};
use casemate_python::syntax::{
    Argument, Collection, Constant, Function, FunctionId, FunctionKind, Module, Op, Passing, Span, Value,
};

use crate::finding::{Confidence, Finding};
use crate::rule::Rule;
use crate::rules::Context;

/// A value of any module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) module: ModuleId,
    pub(crate) function: FunctionId,
    pub(crate) value: Value,
}

/// One call of the module.
#[derive(Clone, Copy)]
pub(crate) struct Call<'c> {
    pub(crate) id: FunctionId,
    pub(crate) function: &'c Function,
    pub(crate) value: Value,
    pub(crate) callee: Value,
    pub(crate) arguments: &'c [Argument],
    /// The canonical path, empty if what is called is not of a library.
    pub(crate) path: &'c str,
    /// The last name as written.
    pub(crate) name: &'c str,
    home: ModuleId,
}

/// Names that stand for other names; more would be a circle.
const MAX_HOPS: usize = 16;

/// Every call of the module.
pub(crate) fn calls<'c>(cx: &Context<'c>) -> Vec<Call<'c>> {
    cx.calls()
        .map(|(id, function, value, callee, arguments)| call(cx, id, function, value, callee, arguments))
        .collect()
}

/// The call that makes a value, if one does.
pub(crate) fn call_at<'c>(cx: &Context<'c>, id: FunctionId, value: Value) -> Option<Call<'c>> {
    let function = cx.module.function(id)?;
    match function.op(value) {
        Op::Call { callee, arguments } => {
            Some(call(cx, id, function, value, callee, function.call_arguments(arguments)))
        }
        _ => None,
    }
}

fn call<'c>(
    cx: &Context<'c>,
    id: FunctionId,
    function: &'c Function,
    value: Value,
    callee: Value,
    arguments: &'c [Argument],
) -> Call<'c> {
    let facts = cx.facts;
    let path = facts.path(id, callee).unwrap_or("");
    // `from pysnmp.hlapi import CommunityData as Community`: what a library calls it counts.
    let name = match function.op(function.bare(callee)) {
        Op::Name(_) if !path.is_empty() => path.rsplit('.').next().unwrap_or_default(),
        _ => name_of(cx.module, function, callee),
    };
    Call { id, function, value, callee, arguments, path, name, home: facts.module }
}

/// The last name of what is called, as written.
pub(crate) fn name_of<'m>(module: &'m Module, function: &Function, callee: Value) -> &'m str {
    match function.op(callee) {
        Op::Attribute { name, .. } | Op::Name(name) => module.symbols.text(name),
        Op::Import(import) => module
            .imports
            .get(import as usize)
            .and_then(|import| import.name.as_deref().or_else(|| import.module.rsplit('.').next()))
            .unwrap_or(""),
        Op::Refine { of, .. } => name_of(module, function, of),
        _ => "",
    }
}

impl<'c> Call<'c> {
    /// The object a method is called on.
    pub(crate) fn receiver(&self) -> Option<Value> {
        match self.function.op(self.callee) {
            Op::Attribute { of, .. } => Some(of),
            _ => None,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.function.span_of(self.value)
    }

    pub(crate) fn at(&self, value: Value) -> At {
        At { module: self.home, function: self.id, value }
    }

    /// The argument at this position.
    pub(crate) fn position(&self, position: usize) -> Option<At> {
        let before_star = self.arguments.iter().take_while(|argument| argument.passing != Passing::Star);
        let mut plain = before_star.filter(|argument| argument.passing == Passing::Position);
        plain.nth(position).map(|argument| self.at(argument.value))
    }

    /// The argument passed by this keyword, itself or in a dictionary of options.
    pub(crate) fn keyword(&self, cx: &Context<'c>, name: &str) -> Option<At> {
        if let Some(value) = cx.keyword(self.arguments, name) {
            return Some(self.at(value));
        }
        let open = self.arguments.iter().filter(|argument| argument.passing == Passing::DoubleStar);
        open.into_iter().find_map(|argument| entry(cx, settled(cx, self.at(argument.value)), name))
    }

    /// The argument by position or keyword.
    pub(crate) fn argument(&self, cx: &Context<'c>, position: usize, name: &str) -> Option<At> {
        self.position(position).or_else(|| self.keyword(cx, name))
    }

    /// Whether arguments are passed that cannot be seen.
    pub(crate) fn is_open(&self, cx: &Context<'c>) -> bool {
        self.arguments.iter().any(|argument| match argument.passing {
            Passing::Star => true,
            Passing::DoubleStar => {
                let at = settled(cx, self.at(argument.value));
                !matches!(op(cx, at), Op::Build { collection: Collection::Dict, .. })
            }
            _ => false,
        })
    }
}

/// The instruction of a value of any module.
pub(crate) fn op(cx: &Context<'_>, at: At) -> Op {
    cx.function(at.module, at.function).map_or(Op::Opaque, |(_, function)| function.op(at.value))
}

/// What a dictionary display or `dict(…)` holds under a key.
pub(crate) fn entry(cx: &Context<'_>, of: At, key: &str) -> Option<At> {
    let (module, function) = cx.function(of.module, of.function)?;
    match function.op(of.value) {
        Op::Build { collection: Collection::Dict, items } => {
            let items = function.list(items);
            let pair = items
                .chunks_exact(2)
                .rev()
                .find(|pair| matches!(pair, [one, _] if module.constant_str(function, *one) == Some(key)))?;
            Some(At { value: *pair.get(1)?, ..of })
        }
        Op::Call { callee, arguments } if name_of(module, function, callee) == "dict" => {
            let given = function.call_arguments(arguments).iter();
            let mut named = given
                .filter(|one| matches!(one.passing, Passing::Keyword(symbol) if module.symbols.text(symbol) == key));
            named.next().map(|argument| At { value: argument.value, ..of })
        }
        _ => None,
    }
}

/// The entries of a dictionary display with constant keys.
pub(crate) fn entries<'c>(cx: &Context<'c>, of: At) -> Vec<(&'c str, At)> {
    let Some((module, function)) = in_program(cx, of) else { return Vec::new() };
    let Op::Build { collection: Collection::Dict, items } = function.op(of.value) else { return Vec::new() };
    let pairs = function.list(items).chunks_exact(2);
    pairs
        .filter_map(|pair| match pair {
            [key, value] => Some((module.constant_str(function, *key)?, At { value: *value, ..of })),
            _ => None,
        })
        .collect()
}

/// The items of a display of any kind, constants or not.
pub(crate) fn items(cx: &Context<'_>, of: At) -> Vec<At> {
    let of = settled(cx, of);
    let Some((_, function)) = cx.function(of.module, of.function) else { return Vec::new() };
    match function.op(of.value) {
        Op::Build { items, .. } => {
            function.list(items).iter().filter(|item| **item != Value::NONE).map(|&value| At { value, ..of }).collect()
        }
        _ => Vec::new(),
    }
}

fn in_program<'c>(cx: &Context<'c>, at: At) -> Option<(&'c Module, &'c Function)> {
    let program = cx.program;
    let module = program.module(at.module)?;
    Some((module, module.function(at.function)?))
}

/// What a value is in the end, seen through names, imports and tests.
pub(crate) fn settled(cx: &Context<'_>, at: At) -> At {
    let mut at = at;
    for _ in 0..MAX_HOPS {
        match next(cx, at) {
            Some(next) if next != at => at = next,
            _ => break,
        }
    }
    at
}

fn next(cx: &Context<'_>, at: At) -> Option<At> {
    let (module, function) = in_program(cx, at)?;
    match function.op(at.value) {
        Op::Refine { of, .. } | Op::Await(of) | Op::Spread(of) | Op::Enter(of) => Some(At { value: of, ..at }),
        Op::Name(symbol) => {
            let mut around = function.parent;
            while let Some(id) = around {
                let scope = module.function(id)?;
                if id.0 != 0 && scope.kind != FunctionKind::ClassBody {
                    let mut given = scope.assigned.iter().filter(|(name, _)| *name == symbol);
                    if let Some(&(_, value)) = given.next() {
                        // A name that is given twice may be either.
                        return given.next().is_none().then_some(At { function: id, value, ..at });
                    }
                }
                around = scope.parent;
            }
            exit(module, symbol).filter(|_| !assigned_often(module, symbol)).map(|value| At {
                function: FunctionId(0),
                value,
                ..at
            })
        }
        Op::Import(import) => match cx.program.import(at.module, module.imports.get(import as usize)?) {
            Target::Project(Definition::Variable(module, _, value)) => {
                Some(At { module, function: FunctionId(0), value })
            }
            _ => None,
        },
        Op::Attribute { of, name } => {
            let name = module.symbols.text(name);
            let holder = settled(cx, At { value: of, ..at });
            let (home, around) = in_program(cx, holder)?;
            match around.op(holder.value) {
                Op::Import(import) => match cx.program.import(holder.module, home.imports.get(import as usize)?) {
                    Target::Project(Definition::Module(inner)) => match cx.program.member(inner, name)? {
                        Target::Project(Definition::Variable(module, _, value)) => {
                            Some(At { module, function: FunctionId(0), value })
                        }
                        _ => None,
                    },
                    Target::Project(Definition::Class(inner, class)) => {
                        let home = cx.program.module(inner)?;
                        let body = home.class(class)?.body;
                        let value = held(home, body, name)?;
                        Some(At { module: inner, function: body, value })
                    }
                    _ => None,
                },
                Op::Class(class) => {
                    let body = home.class(class)?.body;
                    let value = held(home, body, name)?;
                    Some(At { module: holder.module, function: body, value })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn exit(module: &Module, symbol: casemate_python::syntax::Symbol) -> Option<Value> {
    let body = module.functions.first()?;
    let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
    body.exit.get(at).map(|(_, value)| *value)
}

fn assigned_often(module: &Module, symbol: casemate_python::syntax::Symbol) -> bool {
    module.functions.first().is_some_and(|body| body.assigned.iter().filter(|(name, _)| *name == symbol).count() > 1)
}

fn held(module: &Module, body: FunctionId, name: &str) -> Option<Value> {
    let symbol = module.symbols.find(name)?;
    let body = module.function(body)?;
    let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
    body.exit.get(at).map(|(_, value)| *value)
}

/// The constant a value is.
pub(crate) fn constant(cx: &Context<'_>, at: At) -> Option<Constant> {
    match op(cx, settled(cx, at)) {
        Op::Constant(constant) => Some(constant),
        _ => None,
    }
}

/// The text a value is, if it is a constant.
pub(crate) fn text<'c>(cx: &Context<'c>, at: At) -> Option<&'c str> {
    let at = settled(cx, at);
    let (module, function) = in_program(cx, at)?;
    match function.op(at.value) {
        Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => Some(module.string(text)),
        _ => None,
    }
}

/// Whether a value is `False`, `None` or zero for certain.
pub(crate) fn is_off(cx: &Context<'_>, at: At) -> bool {
    matches!(constant(cx, at), Some(Constant::Bool(false) | Constant::None | Constant::Int(0)))
}

/// Whether a value is `False` or zero for certain.
pub(crate) fn is_false(cx: &Context<'_>, at: At) -> bool {
    matches!(constant(cx, at), Some(Constant::Bool(false) | Constant::Int(0)))
}

/// Whether a value is `True` or not zero for certain.
pub(crate) fn is_true(cx: &Context<'_>, at: At) -> bool {
    match constant(cx, at) {
        Some(Constant::Bool(value)) => value,
        Some(Constant::Int(number)) => number != 0,
        _ => false,
    }
}

/// Whether a value is `None` for certain.
pub(crate) fn is_none(cx: &Context<'_>, at: At) -> bool {
    matches!(constant(cx, at), Some(Constant::None))
}

/// The canonical path of a value of this module; of another, its name as written.
pub(crate) fn path_of<'c>(cx: &Context<'c>, at: At) -> &'c str {
    let facts = cx.facts;
    if at.module == facts.module
        && let Some(path) = facts.path(at.function, at.value)
    {
        return path;
    }
    let at = settled(cx, at);
    if at.module == facts.module {
        return facts.path(at.function, at.value).unwrap_or("");
    }
    in_program(cx, at).map_or("", |(module, function)| module.slice(function.span_of(at.value)))
}

/// A value as it is written.
pub(crate) fn written<'c>(cx: &Context<'c>, at: At) -> &'c str {
    in_program(cx, at).map_or("", |(module, function)| module.slice(function.span_of(at.value)))
}

/// Whether a module imports one of these packages.
pub(crate) fn imports(module: &Module, roots: &[&str]) -> bool {
    module
        .imports
        .iter()
        .any(|import| import.level == 0 && import.module.split('.').next().is_some_and(|root| roots.contains(&root)))
}

/// Packages whose use says that a module serves the web.
pub(crate) const WEB: &[&str] = &[
    "flask",
    "quart",
    "django",
    "rest_framework",
    "fastapi",
    "starlette",
    "aiohttp",
    "tornado",
    "bottle",
    "pyramid",
    "sanic",
    "litestar",
    "falcon",
    "werkzeug",
    "cherrypy",
    "webob",
    "responder",
    "blacksheep",
];

/// Reports a finding of a pattern.
pub(crate) fn tell<'x>(
    cx: &'x mut Context<'_>,
    rule: &'static Rule,
    id: FunctionId,
    span: Span,
    message: String,
    remedy: &str,
    confidence: Confidence,
) -> &'x mut Finding {
    let home = cx.facts.module;
    let finding = cx.report(rule, (home, id), span, message);
    finding.remedy = remedy.to_owned();
    finding.confidence = confidence;
    finding
}
