//! What a constant is used for, where that alone makes it a secret: it signs, it encrypts, it stands in for a secret
//! that is not set.

use casemate_python::facts::Entity;
use casemate_python::names::{Definition, ModuleId, Target};
use casemate_python::syntax::{Argument, Function, FunctionId, Module, Op, Passing, Span, Value};
use casemate_secrets::Surroundings;

use super::constants::{Rebuilder, Text};
use super::telling::{detail, function_at};
use crate::finding::{Confidence, Severity, Step};
use crate::rule::{Persona, Rule};
use crate::rules::Context;

/// A constant that one of the rules about uses tells of.
#[derive(Debug)]
pub(crate) struct SecretUse {
    /// The rule that tells of it.
    pub(crate) rule: &'static Rule,
    /// Where the constant stands.
    pub(crate) module: ModuleId,
    /// Where it stands in the text of its module, without its quotes.
    pub(crate) span: Span,
    /// What it says.
    pub(crate) value: String,
    /// What it is bound to.
    pub(crate) name: String,
    /// What it is, in words that follow "this is a".
    pub(crate) what: &'static str,
    pub(crate) message: String,
    pub(crate) remedy: String,
    pub(crate) confidence: Confidence,
    /// From the constant to its use, if that is elsewhere.
    pub(crate) path: Vec<Step>,
}

/// A constant found at the end of names and imports.
#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) module: ModuleId,
    pub(crate) text: Text,
}

/// The argument that is passed at this position or by this keyword.
pub(crate) fn argument(cx: &Context<'_>, arguments: &[Argument], position: usize, keyword: &str) -> Option<Value> {
    let by_position = arguments.get(position).filter(|argument| {
        arguments.iter().take(position + 1).all(|before| before.passing == Passing::Position)
            && argument.passing == Passing::Position
    });
    by_position.map(|argument| argument.value).or_else(|| cx.keyword(arguments, keyword))
}

/// The constant a value is, found through names, imports, classes of settings, and hashing.
pub(crate) fn constant(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> Option<Reached> {
    at(cx, cx.facts.module, cx.module, Some(id), function, value, 0)
}

fn at(
    cx: &Context<'_>,
    home: ModuleId,
    module: &Module,
    id: Option<FunctionId>,
    function: &Function,
    value: Value,
    depth: u32,
) -> Option<Reached> {
    if depth > 12 {
        return None;
    }
    let depth = depth + 1;
    if let Some(text) = Rebuilder::new(module).text(function, value) {
        return Some(Reached { module: home, text });
    }
    match function.op(value) {
        Op::Refine { of, .. } | Op::Await(of) => at(cx, home, module, id, function, of, depth),
        Op::Name(symbol) => {
            let body = module.functions.first()?;
            let held = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
            let held = body.exit.get(held)?.1;
            (!std::ptr::eq(body, function) || held.0 < value.0)
                .then(|| at(cx, home, module, None, body, held, depth))?
        }
        Op::Import(import) => match cx.program.import(home, module.imports.get(import as usize)?) {
            Target::Project(definition) => variable(cx, definition, depth),
            Target::Library(_) => None,
        },
        Op::Attribute { of, name } => {
            let name = module.symbols.text(name);
            let entity = match id {
                Some(id) if home == cx.facts.module => cx.facts.fact(id, of).entity,
                _ => Entity::Unknown,
            };
            match entity {
                Entity::Module(other) => match cx.program.member(other, name)? {
                    Target::Project(definition) => variable(cx, definition, depth),
                    Target::Library(_) => None,
                },
                Entity::Class(other, class) | Entity::Instance(other, class) => {
                    let source = cx.program.module(other)?;
                    let body = source.function(source.class(class)?.body)?;
                    let symbol = source.symbols.find(name)?;
                    let held = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                    at(cx, other, source, None, body, body.exit.get(held)?.1, depth)
                }
                _ => None,
            }
        }
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            let first = arguments.first().map(|argument| argument.value);
            let last = match function.op(callee) {
                Op::Attribute { of, name } => {
                    let name = module.symbols.text(name);
                    if matches!(
                        name,
                        "encode" | "decode" | "digest" | "hexdigest" | "get_secret_value" | "strip" | "ljust" | "zfill"
                    ) && !is_import(function, of)
                    {
                        return at(cx, home, module, id, function, of, depth);
                    }
                    name
                }
                Op::Name(name) => module.symbols.text(name),
                Op::Import(_) => module.slice(function.span_of(callee)).rsplit('.').next().unwrap_or_default(),
                _ => return None,
            };
            let is_shape = matches!(
                last,
                "SecretStr"
                    | "bytes"
                    | "bytearray"
                    | "str"
                    | "sha256"
                    | "sha1"
                    | "md5"
                    | "sha512"
                    | "sha384"
                    | "b64encode"
                    | "urlsafe_b64encode"
                    | "b32encode"
                    | "b64decode"
                    | "urlsafe_b64decode"
                    | "unhexlify"
                    | "fromhex"
                    | "pad"
                    | "force_bytes"
                    | "force_str"
                    | "to_bytes"
                    | "OctKey"
            );
            at(cx, home, module, id, function, first.filter(|_| is_shape)?, depth)
        }
        Op::Subscript { of, .. } => at(cx, home, module, id, function, of, depth),
        _ => None,
    }
}

fn is_import(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Import(_))
}

fn variable(cx: &Context<'_>, definition: Definition, depth: u32) -> Option<Reached> {
    let Definition::Variable(module, _, value) = definition else { return None };
    let source = cx.program.module(module)?;
    at(cx, module, source, None, source.functions.first()?, value, depth)
}

/// Two steps: where the constant stands, and where it is used.
pub(crate) fn path(cx: &Context<'_>, from: &Reached, to: Span, uses: &str) -> Vec<Step> {
    vec![cx.step(from.module, from.text.span, "a constant".to_owned()), cx.step(cx.facts.module, to, uses.to_owned())]
}

/// A text that stands for a secret in a template that is yet to be filled in.
pub(crate) fn is_template(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["{{", "${", "{%", "%(", "<%"].iter().any(|mark| text.contains(mark))
}

/// Reports what this rule tells of.
pub(crate) fn report(cx: &mut Context<'_>, rule: &'static Rule) {
    let (mine, others) =
        std::mem::take(&mut cx.uses).into_iter().partition::<Vec<_>, _>(|one| std::ptr::eq(one.rule, rule));
    cx.uses = others;
    for one in &mine {
        let Some(source) = cx.program.module(one.module) else { continue };
        let is_product = cx.scope.surroundings(&source.path) == Surroundings::Product;
        if !is_product && cx.persona != Persona::Pedantic {
            continue;
        }
        let function = function_at(source, one.span);
        let finding = cx.report(rule, (one.module, function), one.span, one.message.clone());
        finding.confidence = one.confidence;
        finding.remedy.clone_from(&one.remedy);
        finding.path.clone_from(&one.path);
        finding.detail = detail(one.rule.name, one.what, &one.name, &one.value);
        if !is_product {
            finding.severity = Severity::Low;
        }
    }
    cx.uses.extend(mine);
}
