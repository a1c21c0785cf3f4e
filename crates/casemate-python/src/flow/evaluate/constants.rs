//! Constants: what tests and sums of them come out as.

use std::sync::Arc;

use super::{Evaluator, fact_of};
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Konst, KonstId};
use crate::syntax::{BinaryOp, CompareOp, Constant, Function, Op, Piece, Value};

/// Longer texts are not put together.
const MAX_TEXT: usize = 4096;

impl Evaluator<'_> {
    fn konst_of(&self, fact: Fact) -> Option<&Konst> {
        self.lattice.konst(fact.konst)
    }

    /// What two constants come to.
    pub(super) fn calculate(&mut self, op: BinaryOp, left: Fact, right: Fact) -> KonstId {
        let result = match (self.konst_of(left), self.konst_of(right)) {
            (Some(Konst::Int(a)), Some(Konst::Int(b))) => {
                let (a, b) = (*a, *b);
                match op {
                    BinaryOp::Add => a.checked_add(b),
                    BinaryOp::Sub => a.checked_sub(b),
                    BinaryOp::Mult => a.checked_mul(b),
                    // Python rounds down; a fraction is no whole number.
                    BinaryOp::FloorDiv if b > 0 => Some(a.div_euclid(b)),
                    BinaryOp::Div if b != 0 && a % b == 0 => a.checked_div(b),
                    BinaryOp::Div if b > 0 => return self.lattice.intern_konst(Konst::Ratio(a, b)),
                    BinaryOp::Mod if b > 0 => Some(a.rem_euclid(b)),
                    BinaryOp::BitAnd => Some(a & b),
                    BinaryOp::BitOr => Some(a | b),
                    BinaryOp::BitXor => Some(a ^ b),
                    // What is shifted out to the left is no number of ours any more.
                    BinaryOp::LeftShift => u32::try_from(b)
                        .ok()
                        .and_then(|b| a.checked_shl(b).filter(|made| made.checked_shr(b) == Some(a))),
                    BinaryOp::RightShift => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)),
                    BinaryOp::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
                    _ => None,
                }
                .map(Konst::Int)
            }
            (Some(Konst::Ratio(..)), Some(Konst::Int(_) | Konst::Ratio(..)))
            | (Some(Konst::Int(_)), Some(Konst::Ratio(..))) => {
                let ratio = |konst: Option<&Konst>| match konst {
                    Some(Konst::Int(whole)) => Some((*whole, 1)),
                    Some(Konst::Ratio(over, under)) => Some((*over, *under)),
                    _ => None,
                };
                let sum = |a: (i64, i64), b: (i64, i64), sign: i64| {
                    let over = a.0.checked_mul(b.1)?.checked_add(b.0.checked_mul(a.1)?.checked_mul(sign)?)?;
                    Some(Konst::Ratio(over, a.1.checked_mul(b.1)?))
                };
                match (op, ratio(self.konst_of(left)), ratio(self.konst_of(right))) {
                    (BinaryOp::Add, Some(a), Some(b)) => sum(a, b, 1),
                    (BinaryOp::Sub, Some(a), Some(b)) => sum(a, b, -1),
                    (BinaryOp::Mult, Some(a), Some(b)) => {
                        a.0.checked_mul(b.0).zip(a.1.checked_mul(b.1)).map(|(over, under)| Konst::Ratio(over, under))
                    }
                    _ => None,
                }
            }
            (Some(Konst::Text(a)), Some(Konst::Text(b))) if op == BinaryOp::Add && a.len() + b.len() <= MAX_TEXT => {
                Some(Konst::Text(Arc::from(format!("{a}{b}"))))
            }
            _ => None,
        };
        result.map_or(KonstId::default(), |konst| self.lattice.intern_konst(konst))
    }

    /// The text of an f-string, if all of it is known.
    pub(super) fn format_constant(&mut self, pieces: &[Piece], facts: &[Fact]) -> KonstId {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(self.module.string(*literal)),
                Piece::Hole(value) => match self.konst_of(fact_of(facts, *value)) {
                    Some(Konst::Text(inner)) => text.push_str(inner),
                    Some(Konst::Int(number)) => text.push_str(&number.to_string()),
                    _ => return KonstId::default(),
                },
            }
            if text.len() > MAX_TEXT {
                return KonstId::default();
            }
        }
        self.lattice.intern_konst(Konst::Text(Arc::from(text)))
    }

    /// How a test comes out, if that can be said from the function alone. What a module or a caller sets is a switch,
    /// and may stand otherwise tomorrow.
    pub(super) fn outcome(&self, function: &Function, facts: &[Fact], test: Value, depth: u32) -> Option<bool> {
        if depth > 8 {
            return None;
        }
        match function.op(test) {
            Op::Constant(Constant::Number | Constant::Ellipsis) => Some(true),
            Op::Constant(_) => self.konst_of(fact_of(facts, test)).map(Konst::truth),
            Op::Not(of) => self.outcome(function, facts, of, depth + 1).map(|truth| !truth),
            Op::And(list) => {
                let mut all = Some(true);
                for &one in function.list(list) {
                    match self.outcome(function, facts, one, depth + 1) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Op::Or(list) => {
                let mut none = Some(false);
                for &one in function.list(list) {
                    match self.outcome(function, facts, one, depth + 1) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => none = None,
                    }
                }
                none
            }
            Op::Compare { op, left, right } => {
                if !self.is_local(function, facts, left, 0) || !self.is_local(function, facts, right, 0) {
                    return None;
                }
                self.compare(function, facts, op, left, right)
            }
            Op::Binary { .. } | Op::Phi(_) | Op::Subscript { .. } | Op::Call { .. }
                if self.is_local(function, facts, test, 0) =>
            {
                self.konst_of(fact_of(facts, test)).map(Konst::truth)
            }
            _ => None,
        }
    }

    fn compare(&self, function: &Function, facts: &[Fact], op: CompareOp, left: Value, right: Value) -> Option<bool> {
        let a = self.konst_of(fact_of(facts, left))?;
        if matches!(op, CompareOp::In | CompareOp::NotIn) {
            let found = match (function.op(right), self.konst_of(fact_of(facts, right))) {
                (Op::Build { items, .. }, _) => {
                    let mut all_known = true;
                    let mut found = false;
                    for &item in function.list(items) {
                        match self.konst_of(fact_of(facts, item)) {
                            Some(one) => found |= one == a,
                            None => all_known = false,
                        }
                    }
                    if !found && !all_known {
                        return None;
                    }
                    found
                }
                (_, Some(Konst::Text(text))) => match a {
                    Konst::Text(part) => text.contains(&**part),
                    _ => return None,
                },
                _ => return None,
            };
            return Some(found == (op == CompareOp::In));
        }
        let b = self.konst_of(fact_of(facts, right))?;
        match op {
            // Fractions are not kept in lowest terms.
            CompareOp::Eq | CompareOp::Is | CompareOp::NotEq | CompareOp::IsNot
                if matches!(a, Konst::Ratio(..)) || matches!(b, Konst::Ratio(..)) =>
            {
                None
            }
            CompareOp::Eq | CompareOp::Is => Some(a == b),
            CompareOp::NotEq | CompareOp::IsNot => Some(a != b),
            _ => {
                let order = match (a, b) {
                    (Konst::Int(a), Konst::Int(b)) => a.cmp(b),
                    (Konst::Ratio(over, under), Konst::Int(b)) => {
                        i128::from(*over).cmp(&(i128::from(*b) * i128::from(*under)))
                    }
                    (Konst::Int(a), Konst::Ratio(over, under)) => {
                        (i128::from(*a) * i128::from(*under)).cmp(&i128::from(*over))
                    }
                    (Konst::Ratio(a, below), Konst::Ratio(b, under)) => {
                        (i128::from(*a) * i128::from(*under)).cmp(&(i128::from(*b) * i128::from(*below)))
                    }
                    (Konst::Text(a), Konst::Text(b)) => a.cmp(b),
                    _ => return None,
                };
                Some(match op {
                    CompareOp::Less => order.is_lt(),
                    CompareOp::LessOrEqual => order.is_le(),
                    CompareOp::Greater => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }

    /// Whether a value is made of constants written in the function itself.
    fn is_local(&self, function: &Function, facts: &[Fact], value: Value, depth: u32) -> bool {
        depth < 12
            && match function.op(value) {
                Op::Constant(_) => true,
                // A number of the module is part of a sum; none and one are switches.
                Op::Name(name) => {
                    is_builtin(self.module.symbols.text(name))
                        || matches!(self.konst_of(fact_of(facts, value)), Some(Konst::Int(number)) if number.unsigned_abs() > 1)
                }
                Op::Import(_) | Op::Parameter(_) | Op::Attribute { .. } => false,
                // `len("abc")`, `"abc".upper()`: what comes out is a constant only for functions of the language.
                Op::Call { callee, arguments } => {
                    // What a function of the project answers that is asked nothing.
                    if function.call_arguments(arguments).is_empty()
                        && matches!(fact_of(facts, callee).entity, Entity::Function(..))
                    {
                        return true;
                    }
                    let of_the_language = match function.op(callee) {
                        Op::Name(name) => is_builtin(self.module.symbols.text(name)),
                        Op::Attribute { of, .. } => self.is_local(function, facts, of, depth + 1),
                        _ => false,
                    };
                    of_the_language
                        && function
                            .call_arguments(arguments)
                            .iter()
                            .all(|argument| self.is_local(function, facts, argument.value, depth + 1))
                }
                _ => function
                    .operands_of(value)
                    .into_iter()
                    .filter(|one| *one != Value::NONE && one.0 < value.0)
                    .all(|one| self.is_local(function, facts, one, depth + 1)),
            }
    }
}

/// Whether a value of any module is made of constants only; `items` bounds how many are looked at.
pub(super) fn is_constant(function: &Function, value: Value, items: &mut u32) -> bool {
    let Some(left) = items.checked_sub(1) else { return false };
    *items = left;
    match function.op(value) {
        Op::Constant(_) => true,
        Op::Build { items: list, .. } => {
            function.list(list).iter().all(|&item| item == Value::NONE || is_constant(function, item, items))
        }
        Op::Binary { left, right, .. } => is_constant(function, left, items) && is_constant(function, right, items),
        Op::Call { arguments, .. } => {
            // `frozenset({…})`, `tuple([…])`
            match function.call_arguments(arguments) {
                [only] => is_constant(function, only.value, items),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether a name is one of the language itself.
pub(in crate::flow) fn is_builtin(name: &str) -> bool {
    const BUILTINS: &[&str] = &[
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "bool",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "compile",
        "complex",
        "delattr",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "exec",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "hex",
        "id",
        "input",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "memoryview",
        "min",
        "next",
        "object",
        "oct",
        "open",
        "ord",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    ];
    BUILTINS.binary_search(&name).is_ok() || name == "__import__"
}
