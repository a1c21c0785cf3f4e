//! Our own representation of a module: functions of three-address instructions in single-assignment form.
//!
//! Every instruction makes one value, so a value is the number of its instruction. Names that are assigned in
//! a function have become values; where branches meet, [`Op::Phi`] chooses. A branch that tests a name gives it a
//! new value on each side ([`Op::Refine`]), so a check that returns early is visible in the value itself.

use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{SourceProblem, Symbol, Symbols};

/// A stretch of the text in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl From<TextRange> for Span {
    fn from(range: TextRange) -> Self {
        Self { start: range.start().into(), end: range.end().into() }
    }
}

impl Span {
    /// Whether the other stretch lies inside this one.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// The result of an instruction, by its number within the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Value(pub u32);

impl Value {
    /// No value: a name that nothing has been assigned to yet.
    pub const NONE: Self = Self(u32::MAX);
}

/// A function of the module; 0 is the module's own body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId(pub u32);

/// A class of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassId(pub u32);

/// A string or bytes constant, by its number in the module's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text(pub u32);

/// A basic block of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u32);

/// A run of entries in one of a function's side tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// First entry.
    pub start: u32,
    /// Number of entries.
    pub len: u32,
}

impl List {
    /// The entries as a range of indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// A constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Constant {
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `True` or `False`
    Bool(bool),
    /// An integer that fits; a larger one is [`Constant::Number`].
    Int(i64),
    /// Any other number.
    Number,
    /// Text.
    Str(Text),
    /// Bytes, kept as text with one character a byte.
    Bytes(Text),
}

/// Arithmetic and bit operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `%`
    Mod,
    /// `|`
    BitOr,
    /// `/`
    Div,
    /// `*`
    Mult,
    /// `-`
    Sub,
    /// `//`
    FloorDiv,
    /// `**`
    Pow,
    /// `&`
    BitAnd,
    /// `^`
    BitXor,
    /// `<<`
    LeftShift,
    /// `>>`
    RightShift,
    /// Anything else.
    Other,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is known about a value that has been looked at or worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A test of it held.
    Held,
    /// A test of it did not hold.
    Failed,
    /// A store into it, or a call of its methods or with it, has come back.
    Done,
}

/// How a function is left.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// What it returns; [`Value::NONE`] where it comes to its last line.
    pub value: Value,
    /// What its parameters hold by then, in [`Function::operands`].
    pub parameters: List,
    /// In which block.
    pub block: BlockId,
}

/// What a display builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// `[…]`
    List,
    /// `(…)`
    Tuple,
    /// `{…}`
    Set,
    /// `{k: v}`: keys and values in turn; a `**` entry has [`Value::NONE`] for its key.
    Dict,
}

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// The parameter with this index.
    Parameter(u32),
    /// A constant.
    Constant(Constant),
    /// A name of an enclosing scope, a global or a builtin.
    Name(Symbol),
    /// What an import statement binds, by its index in [`Module::imports`].
    Import(u32),
    /// A function defined here, or a lambda.
    Function(FunctionId),
    /// A class defined here.
    Class(ClassId),
    /// `of.name`
    Attribute {
        /// The object.
        of: Value,
        /// The attribute.
        name: Symbol,
    },
    /// `of[index]`
    Subscript {
        /// The object.
        of: Value,
        /// The index.
        index: Value,
    },
    /// `callee(arguments…)`, arguments in [`Function::arguments`].
    Call {
        /// What is called.
        callee: Value,
        /// With what.
        arguments: List,
    },
    /// An f-string, in [`Function::pieces`].
    Format(List),
    /// `left op right`
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The left side.
        left: Value,
        /// The right side.
        right: Value,
    },
    /// `not of`
    Not(Value),
    /// `-of`, `+of`, `~of`
    Unary(Value),
    /// `left op right`; a chain becomes an [`Op::And`].
    Compare {
        /// The operator.
        op: CompareOp,
        /// The left side.
        left: Value,
        /// The right side.
        right: Value,
    },
    /// `a and b`, operands in [`Function::operands`].
    And(List),
    /// `a or b`.
    Or(List),
    /// `a if test else b`.
    Choice {
        /// The test.
        test: Value,
        /// The value when the test holds.
        yes: Value,
        /// The value when it does not.
        no: Value,
    },
    /// A display, entries in [`Function::operands`].
    Build {
        /// Its kind.
        collection: Collection,
        /// Its entries.
        items: List,
    },
    /// An element of an iterable.
    Element(Value),
    /// The item a tuple assignment takes from a value.
    Item {
        /// The value taken apart.
        of: Value,
        /// The position, from 0.
        index: u32,
    },
    /// `*of` or `**of` in a display or call.
    Spread(Value),
    /// `await of`
    Await(Value),
    /// `yield of`
    Yield(Value),
    /// What `with of as …` binds.
    Enter(Value),
    /// One of several values, where branches meet; in [`Function::operands`], and after them the blocks they come from.
    Phi(List),
    /// The same value, of which more is known now, or which has been changed in place.
    Refine {
        /// The value before.
        of: Value,
        /// The test, the store or the call.
        test: Value,
        /// How it came out.
        outcome: Outcome,
    },
    /// `of.name = value`
    StoreAttribute {
        /// The object.
        of: Value,
        /// The attribute.
        name: Symbol,
        /// What is stored.
        value: Value,
    },
    /// `of[index] = value`
    StoreItem {
        /// The object.
        of: Value,
        /// The index.
        index: Value,
        /// What is stored.
        value: Value,
    },
    /// Assignment to a name declared `global` or `nonlocal`.
    StoreName {
        /// The name.
        name: Symbol,
        /// What is stored.
        value: Value,
    },
    /// `return of`
    Return(Value),
    /// `raise of`
    Raise(Value),
    /// `a:b:c` as an index; its three parts in [`Function::operands`], `Value::NONE` for those that are left out.
    Slice(List),
    /// What the calls in the body of a `try` raise, in [`Function::operands`].
    Caught(List),
    /// Something whose value we do not follow.
    Opaque,
}

/// How an argument is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// By position.
    Position,
    /// By keyword.
    Keyword(Symbol),
    /// `*args`
    Star,
    /// `**kwargs`
    DoubleStar,
}

/// One argument of a call.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// How it is passed.
    pub passing: Passing,
    /// What is passed.
    pub value: Value,
}

/// One part of an f-string.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// Text as written.
    Literal(Text),
    /// A value put in.
    Hole(Value),
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By position only.
    PositionOnly,
    /// By position or keyword.
    Normal,
    /// By keyword only.
    KeywordOnly,
    /// `*args`
    Star,
    /// `**kwargs`
    DoubleStar,
}

/// A parameter. Annotation and default are values of the function that encloses this one.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Symbol,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// Its annotation.
    pub annotation: Option<Value>,
    /// Its default.
    pub default: Option<Value>,
    /// Where it stands.
    pub span: Span,
}

/// What a function body belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// The module itself.
    Module,
    /// The body of a class.
    ClassBody,
    /// `def`
    Def,
    /// `lambda`
    Lambda,
}

/// A function, or the body of a module or class.
#[derive(Debug)]
pub struct Function {
    /// What it is.
    pub kind: FunctionKind,
    /// Its name, empty for a module or lambda.
    pub name: String,
    /// Its name with those of the classes and functions around it, `Repo.find`.
    pub qualified: String,
    /// The function that encloses it.
    pub parent: Option<FunctionId>,
    /// The class it is a method of, or whose body it is.
    pub class: Option<ClassId>,
    /// Whether it is `async`.
    pub is_async: bool,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What its return annotation says, a value of the enclosing function.
    pub returns_annotation: Option<Value>,
    /// Its decorators, values of the enclosing function, the outermost first.
    pub decorators: Vec<Value>,
    /// From the first decorator to the end of the body.
    pub span: Span,
    /// Its name as written.
    pub name_span: Span,
    /// Where what it does begins, behind its name, parameters and annotations.
    pub body: u32,
    /// The instructions.
    pub ops: Vec<Op>,
    /// Where each instruction stands in the text.
    pub spans: Vec<Span>,
    /// The statement of each instruction, an index into [`Module::statements`].
    pub statement_of: Vec<u32>,
    /// First instruction of each basic block.
    pub blocks: Vec<u32>,
    /// Control flow between blocks.
    pub edges: Vec<(BlockId, BlockId)>,
    /// Tests that must have come out so where a block begins, sorted by block.
    pub conditions: Vec<(BlockId, Value, bool)>,
    /// How it is left, each place once.
    pub ends: Vec<End>,
    /// Side table of [`Op::Phi`], [`Op::Build`], [`Op::And`] and [`Op::Or`].
    pub operands: Vec<Value>,
    /// Side table of [`Op::Call`].
    pub arguments: Vec<Argument>,
    /// Side table of [`Op::Format`].
    pub pieces: Vec<Piece>,
    /// What each assigned name holds in the end, sorted by name.
    pub exit: Vec<(Symbol, Value)>,
    /// Every assignment to a name of this scope, in order; closures read them all.
    pub assigned: Vec<(Symbol, Value)>,
    /// Returned values.
    pub returns: Vec<Value>,
    /// Values with what their annotation says, `x: T = …`.
    pub declared: Vec<(Value, Value)>,
    /// Whether the body yields.
    pub is_generator: bool,
}

impl Function {
    /// The instruction that makes a value.
    pub fn op(&self, value: Value) -> Op {
        self.ops.get(value.0 as usize).copied().unwrap_or(Op::Opaque)
    }

    /// The value behind what has been learned of it: tests that were made, changes that were noted.
    pub fn bare(&self, mut value: Value) -> Value {
        while let Op::Refine { of, .. } = self.op(value) {
            value = of;
        }
        value
    }

    /// The same behind `await`, too.
    pub fn plain(&self, mut value: Value) -> Value {
        while let Op::Refine { of, .. } | Op::Await(of) = self.op(value) {
            value = of;
        }
        value
    }

    /// Where a value is made.
    pub fn span_of(&self, value: Value) -> Span {
        self.spans.get(value.0 as usize).copied().unwrap_or_default()
    }

    /// The one value behind an [`Op::Phi`] all of whose ways bring the same: a loop joins every name that stands before it,
    /// also those it leaves alone.
    pub fn only_choice(&self, value: Value) -> Value {
        if !matches!(self.op(value), Op::Phi(_)) {
            return value;
        }
        let mut seen = vec![value];
        let mut only: Option<Value> = None;
        let mut at = 0;
        while let Some(&one) = seen.get(at) {
            at += 1;
            match self.op(one) {
                Op::Phi(list) if seen.len() < 64 => {
                    for &choice in self.list(list) {
                        if choice != Value::NONE && !seen.contains(&choice) {
                            seen.push(choice);
                        }
                    }
                }
                Op::Refine { of, outcome: Outcome::Held | Outcome::Failed, .. } => {
                    if !seen.contains(&of) {
                        seen.push(of);
                    }
                }
                Op::Phi(_) => return value,
                _ if only.is_none() => only = Some(one),
                _ => return value,
            }
        }
        only.unwrap_or(value)
    }

    /// The values a run of operands holds.
    pub fn list(&self, list: List) -> &[Value] {
        self.operands.get(list.range()).unwrap_or_default()
    }

    /// The blocks from which the values of an [`Op::Phi`] come; none for one that comes from several.
    pub fn phi_blocks(&self, list: List) -> &[Value] {
        let start = (list.start + list.len) as usize;
        self.operands.get(start..start + list.len as usize).unwrap_or_default()
    }

    /// The block a value is made in.
    pub fn block_of(&self, value: Value) -> BlockId {
        let after = self.blocks.partition_point(|&first| first <= value.0);
        BlockId(u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The blocks that control enters only through this one.
    pub(crate) fn only_through(&self, block: BlockId) -> Vec<bool> {
        let mut behind = vec![false; self.blocks.len()];
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.blocks.len()];
        for (from, to) in &self.edges {
            if from < to
                && let Some(known) = before.get_mut(to.0 as usize)
            {
                known.push(from.0 as usize);
            }
        }
        for (at, from) in before.iter().enumerate() {
            behind[at] = at == block.0 as usize || (!from.is_empty() && from.iter().all(|&from| behind[from]));
        }
        behind
    }

    /// The arguments of a call.
    pub fn call_arguments(&self, list: List) -> &[Argument] {
        self.arguments.get(list.range()).unwrap_or_default()
    }

    /// The parts of an f-string.
    pub fn format_pieces(&self, list: List) -> &[Piece] {
        self.pieces.get(list.range()).unwrap_or_default()
    }

    /// All values, in order.
    pub fn values(&self) -> impl Iterator<Item = (Value, Op)> + '_ {
        self.ops.iter().enumerate().map(|(at, &op)| (Value(u32::try_from(at).unwrap_or(u32::MAX)), op))
    }

    /// The parameter called so, and its index.
    pub fn parameter(&self, name: Symbol) -> Option<(usize, &Parameter)> {
        self.parameters.iter().enumerate().find(|(_, parameter)| parameter.name == name)
    }
}

/// A field a class declares in its body.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: Symbol,
    /// Its annotation, a value of the class body.
    pub annotation: Option<Value>,
    /// What it is assigned, a value of the class body.
    pub default: Option<Value>,
    /// Where it stands.
    pub span: Span,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// The function that encloses it.
    pub parent: FunctionId,
    /// Its body.
    pub body: FunctionId,
    /// Its bases, values of the enclosing function.
    pub bases: Vec<Value>,
    /// Its decorators, values of the enclosing function.
    pub decorators: Vec<Value>,
    /// Fields declared in the body, in order.
    pub fields: Vec<Field>,
    /// Methods by name.
    pub methods: Vec<(Symbol, FunctionId)>,
    /// Where its name stands.
    pub name_span: Span,
}

/// One name an import statement binds.
#[derive(Clone, Debug)]
pub struct Import {
    /// Leading dots.
    pub level: u32,
    /// The dotted module, empty for `from . import x`.
    pub module: String,
    /// The imported name for `from … import name`; `*` for all.
    pub name: Option<String>,
    /// Whether `import a.b` binds `a` only.
    pub binds_root: bool,
    /// Where it stands.
    pub span: Span,
}

/// A comment.
#[derive(Clone, Copy, Debug)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Whether nothing else stands on its line.
    pub alone: bool,
}

/// A module as it was understood.
#[derive(Debug)]
pub struct Module {
    /// Path relative to the root, with `/` between its parts.
    pub path: String,
    /// The decoded text.
    pub text: String,
    /// All names.
    pub symbols: Symbols,
    /// All functions; the first is the module's body.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All imported names.
    pub imports: Vec<Import>,
    /// Those of them that import every name (`*`).
    pub star_imports: Vec<u32>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// Each simple statement, and the head of each compound one, in order of their start.
    pub statements: Vec<Span>,
    /// What could not be understood.
    pub problems: Vec<SourceProblem>,
    strings: String,
    string_ends: Vec<u32>,
}

impl Module {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: String::new(),
            symbols: Symbols::default(),
            functions: Vec::new(),
            classes: Vec::new(),
            imports: Vec::new(),
            star_imports: Vec::new(),
            comments: Vec::new(),
            statements: Vec::new(),
            problems: Vec::new(),
            strings: String::new(),
            string_ends: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, span: Span, message: String) {
        self.problems.push(SourceProblem { span, message });
    }

    pub(super) fn add_string<'p>(&mut self, parts: impl Iterator<Item = &'p str>) -> Text {
        for part in parts {
            self.strings.push_str(part);
        }
        let number = u32::try_from(self.string_ends.len()).unwrap_or(u32::MAX);
        self.string_ends.push(u32::try_from(self.strings.len()).unwrap_or(u32::MAX));
        Text(number)
    }

    /// A string constant.
    pub fn string(&self, text: Text) -> &str {
        let number = text.0 as usize;
        let end = self.string_ends.get(number).copied().unwrap_or(0) as usize;
        let start = if number == 0 { 0 } else { self.string_ends.get(number - 1).copied().unwrap_or(0) as usize };
        self.strings.get(start..end).unwrap_or("")
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(id.0 as usize)
    }

    /// A class.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.get(id.0 as usize)
    }

    /// All functions with their ids.
    pub fn function_ids(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions.iter().enumerate().map(|(at, f)| (FunctionId(u32::try_from(at).unwrap_or(u32::MAX)), f))
    }

    /// The source text of a stretch.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The string a value is, if it is a string constant.
    pub fn constant_str(&self, function: &Function, value: Value) -> Option<&str> {
        match function.op(value) {
            Op::Constant(Constant::Str(text)) => Some(self.string(text)),
            _ => None,
        }
    }

    /// Methods by name, last definition first.
    pub fn method(&self, class: ClassId, name: &str) -> Option<FunctionId> {
        let symbol = self.symbols.find(name)?;
        self.class(class)?.methods.iter().rev().find(|(method, _)| *method == symbol).map(|(_, id)| *id)
    }

    /// Names and functions by symbol, for quick look-up.
    pub(crate) fn exits(&self, function: FunctionId) -> FxHashMap<Symbol, Value> {
        self.function(function).map(|f| f.exit.iter().copied().collect()).unwrap_or_default()
    }
}
