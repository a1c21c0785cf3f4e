//! Text as it was put together: what is written, and what is filled in.

use super::fact::ModuleFacts;
use crate::names::ModuleId;
use crate::names::Program;
use crate::syntax::{BinaryOp, Constant, Function, FunctionId, Module, Op, Piece, Value};

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// As written.
    Literal(String),
    /// A value filled in.
    Hole(Value),
}

/// More parts than this are not told apart.
const MAX_PARTS: usize = 256;

/// SECURITY: `b = a + a; c = b + b; …` doubles with every line.
const MAX_STEPS: u32 = 4096;

impl ModuleFacts {
    /// The text a value is made of, as far as the function itself shows it.
    pub fn text_of(&self, program: &Program, function: FunctionId, value: Value) -> Vec<TextPart> {
        text_of(program, self.module, function, value)
    }
}

/// The text a value of any module is made of, as far as its function itself shows it.
pub fn text_of(program: &Program, module: ModuleId, function: FunctionId, value: Value) -> Vec<TextPart> {
    let mut parts = Vec::new();
    if let Some(module) = program.module(module)
        && let Some(function) = module.function(function)
    {
        collect(module, function, value, &mut parts, &mut { MAX_STEPS }, 0);
    }
    parts
}

fn collect(module: &Module, function: &Function, value: Value, parts: &mut Vec<TextPart>, steps: &mut u32, depth: u32) {
    if parts.len() >= MAX_PARTS || depth > 64 || *steps == 0 {
        return;
    }
    *steps -= 1;
    match function.op(value) {
        Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => {
            parts.push(TextPart::Literal(module.string(text).to_owned()));
        }
        Op::Format(list) => {
            for piece in function.format_pieces(list) {
                match piece {
                    Piece::Literal(text) => parts.push(TextPart::Literal(module.string(*text).to_owned())),
                    Piece::Hole(value) => collect(module, function, *value, parts, steps, depth + 1),
                }
            }
        }
        Op::Binary { op: BinaryOp::Add, left, right } => {
            collect(module, function, left, parts, steps, depth + 1);
            collect(module, function, right, parts, steps, depth + 1);
        }
        Op::Binary { op: BinaryOp::Mod, left, right } => {
            if !is_only_hole(module, function, left) {
                collect(module, function, left, parts, steps, depth + 1);
            }
            match function.op(right) {
                Op::Build { items, .. } => {
                    for &item in function.list(items) {
                        collect(module, function, item, parts, steps, depth + 1);
                    }
                }
                _ => collect(module, function, right, parts, steps, depth + 1),
            }
        }
        Op::Refine { of, .. } | Op::Await(of) => collect(module, function, of, parts, steps, depth + 1),
        Op::Phi(list) | Op::Or(list) => {
            for &choice in function.list(list) {
                if choice.0 < value.0 {
                    collect(module, function, choice, parts, steps, depth + 1);
                }
            }
        }
        Op::Choice { yes, no, .. } => {
            collect(module, function, yes, parts, steps, depth + 1);
            collect(module, function, no, parts, steps, depth + 1);
        }
        Op::Call { callee, arguments } => {
            let Op::Attribute { of, name } = function.op(callee) else {
                // A number of a text is no text any more.
                if matches!(function.op(callee), Op::Name(name) if matches!(module.symbols.text(name), "int" | "float" | "len"))
                {
                    parts.push(TextPart::Hole(value));
                    return;
                }
                // `text("…")`, `str(…)`: what is inside is what is said.
                if let [only] = function.call_arguments(arguments) {
                    collect(module, function, only.value, parts, steps, depth + 1);
                } else {
                    parts.push(TextPart::Hole(value));
                }
                return;
            };
            match module.symbols.text(name) {
                "format" | "join" | "strip" | "encode" | "lstrip" | "rstrip" | "replace" => {
                    if !is_only_hole(module, function, of) {
                        collect(module, function, of, parts, steps, depth + 1);
                    }
                    for argument in function.call_arguments(arguments) {
                        match function.op(argument.value) {
                            Op::Build { items, .. } => {
                                for &item in function.list(items) {
                                    collect(module, function, item, parts, steps, depth + 1);
                                }
                            }
                            _ => collect(module, function, argument.value, parts, steps, depth + 1),
                        }
                    }
                }
                "text" | "SQL" | "dedent" => {
                    for argument in function.call_arguments(arguments) {
                        collect(module, function, argument.value, parts, steps, depth + 1);
                    }
                }
                _ => parts.push(TextPart::Hole(value)),
            }
        }
        Op::Name(symbol) => {
            // A module constant, if that is what the name holds in the end.
            let held = module.functions.first().and_then(|body| {
                let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                Some((body, body.exit[at].1))
            });
            match held {
                Some((body, held)) if matches!(body.op(held), Op::Constant(Constant::Str(_))) => {
                    collect(module, body, held, parts, steps, depth + 1);
                }
                _ => parts.push(TextPart::Hole(value)),
            }
        }
        _ => parts.push(TextPart::Hole(value)),
    }
}

/// Whether a text is nothing but the place of what is filled in: `"%s"`, `"{name}"`.
fn is_only_hole(module: &Module, function: &Function, value: Value) -> bool {
    let Op::Constant(Constant::Str(text)) = function.op(function.bare(value)) else { return false };
    let text = module.string(text);
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    text == "%s" || name.is_some_and(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}
