//! The parser's tree to instructions, in single-assignment form as we go.
//!
//! Python has no `goto`, so no dominance computation is needed: one environment of names is carried along,
//! copied where control splits and merged where it meets.

mod expression;
mod statement;

use ruff_python_ast as ast;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Parsed;
use ruff_text_size::Ranged;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ir::*;
use super::{SourceProblem, Symbol};

/// Copies of names at branches before a module is lowered without regard to control flow.
///
/// SECURITY: branches times names is quadratic in the size of a hostile file.
const MAX_COPIES: usize = 50_000_000;

/// Lowers a parsed module into `module`.
pub(super) fn lower(module: &mut Module, text: &str, parsed: &Parsed<ast::Mod>) {
    let mut line_start = 0_usize;
    let bytes = text.as_bytes();
    for token in parsed.tokens() {
        if token.kind() == TokenKind::Comment {
            let span = Span::from(token.range());
            let start = span.start as usize;
            line_start =
                bytes[line_start..start].iter().rposition(|&b| b == b'\n').map_or(line_start, |at| line_start + at + 1);
            let alone = bytes[line_start..start].iter().all(u8::is_ascii_whitespace);
            module.comments.push(Comment { span, alone });
        }
    }
    let ast::Mod::Module(tree) = parsed.syntax() else { return };
    let mut lowering =
        Lowering { module, scope: Scope::new(FunctionKind::Module, None, None), scopes: Vec::new(), copies: 0 };
    lowering.module.functions.push(lowering.scope.placeholder());
    lowering.scope.function.span = Span::from(tree.range());
    lowering.suite(&tree.body);
    lowering.finish_scope(FunctionId(0));
    if lowering.copies > MAX_COPIES {
        let message =
            "too many branches over too many names; control flow was only approximated in a part of this file".into();
        lowering.module.problems.push(SourceProblem { span: Span::default(), message });
    }
    module.statements.shrink_to_fit();
}

/// What each name holds, by slot, and in which block.
#[derive(Clone, Default)]
struct Environment {
    values: Vec<Value>,
    block: Option<BlockId>,
}

struct Loop {
    breaks: Vec<Environment>,
    continues: Vec<Environment>,
    header: BlockId,
}

/// A function being lowered.
struct Scope {
    id: FunctionId,
    function: Function,
    slots: FxHashMap<Symbol, u32>,
    slot_symbols: Vec<Symbol>,
    environment: Vec<Value>,
    /// Values of names that come from outside, one each.
    outside: FxHashMap<Symbol, Value>,
    declared_global: FxHashSet<Symbol>,
    loops: Vec<Loop>,
    /// Assignments made inside each open `try`, which its handlers may see.
    tries: Vec<Vec<(u32, Value)>>,
    reachable: bool,
    /// Environments at each end of the function, merged into its exit.
    exits: Vec<Environment>,
    fields: Vec<Field>,
    methods: Vec<(Symbol, FunctionId)>,
}

impl Scope {
    fn new(kind: FunctionKind, parent: Option<FunctionId>, class: Option<ClassId>) -> Self {
        Self {
            id: FunctionId(0),
            function: Function {
                kind,
                name: String::new(),
                qualified: String::new(),
                parent,
                class,
                is_async: false,
                parameters: Vec::new(),
                returns_annotation: None,
                decorators: Vec::new(),
                span: Span::default(),
                name_span: Span::default(),
                body: 0,
                ops: Vec::new(),
                spans: Vec::new(),
                statement_of: Vec::new(),
                blocks: vec![0],
                edges: Vec::new(),
                conditions: Vec::new(),
                ends: Vec::new(),
                operands: Vec::new(),
                arguments: Vec::new(),
                pieces: Vec::new(),
                exit: Vec::new(),
                assigned: Vec::new(),
                returns: Vec::new(),
                declared: Vec::new(),
                is_generator: false,
            },
            slots: FxHashMap::default(),
            slot_symbols: Vec::new(),
            environment: Vec::new(),
            outside: FxHashMap::default(),
            declared_global: FxHashSet::default(),
            loops: Vec::new(),
            tries: Vec::new(),
            reachable: true,
            exits: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
        }
    }

    /// Stands in the table while the function itself is being filled.
    fn placeholder(&self) -> Function {
        Self::new(self.function.kind, self.function.parent, self.function.class).function
    }
}

struct Lowering<'m> {
    module: &'m mut Module,
    scope: Scope,
    /// The scopes around the current one.
    scopes: Vec<Scope>,
    copies: usize,
}

impl Lowering<'_> {
    fn symbol(&mut self, name: &str) -> Symbol {
        self.module.symbols.intern(name)
    }

    fn emit(&mut self, op: Op, span: Span) -> Value {
        let function = &mut self.scope.function;
        let value = Value(u32::try_from(function.ops.len()).unwrap_or(u32::MAX));
        function.ops.push(op);
        function.spans.push(span);
        function.statement_of.push(u32::try_from(self.module.statements.len().saturating_sub(1)).unwrap_or(u32::MAX));
        value
    }

    fn list(&mut self, values: &[Value]) -> List {
        let operands = &mut self.scope.function.operands;
        let start = u32::try_from(operands.len()).unwrap_or(u32::MAX);
        operands.extend_from_slice(values);
        List { start, len: u32::try_from(values.len()).unwrap_or(0) }
    }

    /// Begins a statement; the instructions that follow belong to it.
    fn statement(&mut self, start: u32, end: u32) {
        self.module.statements.push(Span { start, end });
    }

    // --- control flow

    fn current_block(&self) -> BlockId {
        BlockId(u32::try_from(self.scope.function.blocks.len() - 1).unwrap_or(u32::MAX))
    }

    /// Starts a block that control reaches from `from`.
    fn block(&mut self, from: &[BlockId]) -> BlockId {
        let function = &mut self.scope.function;
        let first = u32::try_from(function.ops.len()).unwrap_or(u32::MAX);
        function.blocks.push(first);
        let id = BlockId(u32::try_from(function.blocks.len() - 1).unwrap_or(u32::MAX));
        function.edges.extend(from.iter().map(|&from| (from, id)));
        id
    }

    /// Starts a block that control reaches from `from` only where `test` comes out so.
    fn block_if(&mut self, from: BlockId, test: Value, held: bool) -> BlockId {
        let id = self.block(&[from]);
        self.scope.function.conditions.push((id, test, held));
        id
    }

    /// A copy of what the names hold, to go on from twice.
    fn snapshot(&mut self) -> Environment {
        self.copies += self.scope.environment.len();
        if self.copies > MAX_COPIES {
            return Environment::default();
        }
        Environment { values: self.scope.environment.clone(), block: Some(self.current_block()) }
    }

    fn restore(&mut self, environment: Environment) {
        if self.copies <= MAX_COPIES {
            self.scope.environment = environment.values;
        }
    }

    /// Goes on with what the names hold when control comes from any of these.
    fn merge(&mut self, mut environments: Vec<Environment>) {
        if self.copies > MAX_COPIES {
            self.scope.reachable = true;
            return;
        }
        self.scope.reachable = !environments.is_empty();
        let Some(last) = environments.pop() else { return };
        if environments.is_empty() {
            self.scope.environment = last.values;
            return;
        }
        let slots = environments.iter().map(|one| one.values.len()).max().unwrap_or(0).max(last.values.len());
        self.copies += slots * environments.len();
        environments.push(last);
        let mut choices: Vec<Value> = Vec::new();
        let mut blocks: Vec<Value> = Vec::new();
        let mut merged = vec![Value::NONE; slots];
        for (slot, current) in merged.iter_mut().enumerate() {
            choices.clear();
            blocks.clear();
            for environment in &environments {
                let value = environment.values.get(slot).copied().unwrap_or(Value::NONE);
                if value == Value::NONE {
                    continue;
                }
                // The same value by two ways stands twice, for one of them may never be gone.
                if choices.len() < 64 {
                    choices.push(value);
                    blocks.push(environment.block.map_or(Value::NONE, |block| Value(block.0)));
                }
            }
            *current = match choices.as_slice() {
                [] => Value::NONE,
                [one, more @ ..] if more.iter().all(|other| other == one) => *one,
                several => {
                    let function = &mut self.scope.function;
                    let start = u32::try_from(function.operands.len()).unwrap_or(u32::MAX);
                    function.operands.extend_from_slice(several);
                    function.operands.extend_from_slice(&blocks);
                    let list = List { start, len: u32::try_from(several.len()).unwrap_or(0) };
                    let value = Value(u32::try_from(function.ops.len()).unwrap_or(u32::MAX));
                    let span = several.last().map(|&value| function.span_of(value)).unwrap_or_default();
                    let statement = several
                        .last()
                        .and_then(|value| function.statement_of.get(value.0 as usize))
                        .copied()
                        .unwrap_or(0);
                    function.ops.push(Op::Phi(list));
                    function.spans.push(span);
                    function.statement_of.push(statement);
                    value
                }
            };
        }
        self.scope.environment = merged;
    }

    /// Notes that the function is left here.
    fn end(&mut self, value: Value) {
        if !matches!(self.scope.function.kind, FunctionKind::Def | FunctionKind::Lambda) {
            return;
        }
        let names: Vec<Symbol> = self.scope.function.parameters.iter().map(|parameter| parameter.name).collect();
        let held: Vec<Value> =
            names.into_iter().map(|name| self.assigned(name).map_or(Value::NONE, |(_, value)| value)).collect();
        let parameters = self.list(&held);
        let block = self.current_block();
        self.scope.function.ends.push(End { value, parameters, block });
    }

    // --- names

    fn slot(&mut self, name: Symbol) -> u32 {
        if let Some(&slot) = self.scope.slots.get(&name) {
            return slot;
        }
        let slot = u32::try_from(self.scope.slot_symbols.len()).unwrap_or(u32::MAX);
        self.scope.slots.insert(name, slot);
        self.scope.slot_symbols.push(name);
        slot
    }

    fn assign(&mut self, name: Symbol, value: Value, span: Span) {
        if self.scope.declared_global.contains(&name) {
            self.emit(Op::StoreName { name, value }, span);
            return;
        }
        let slot = self.slot(name);
        self.set_slot(slot, value);
        self.scope.function.assigned.push((name, value));
        if let Some(log) = self.scope.tries.last_mut() {
            log.push((slot, value));
        }
    }

    fn set_slot(&mut self, slot: u32, value: Value) {
        let slot = slot as usize;
        if self.scope.environment.len() <= slot {
            self.scope.environment.resize(slot + 1, Value::NONE);
        }
        self.scope.environment[slot] = value;
    }

    /// Other names of an object that has changed hold what it has become, too.
    fn rename(&mut self, of: Value, changed: Value) {
        // SECURITY: a scope of thousands of names and changes would cost their product.
        if self.scope.environment.len() > 256 {
            return;
        }
        for slot in 0..self.scope.environment.len() {
            if self.scope.environment[slot] == of {
                self.scope.environment[slot] = changed;
                if let Some(log) = self.scope.tries.last_mut() {
                    log.push((u32::try_from(slot).unwrap_or(u32::MAX), changed));
                }
            }
        }
    }

    fn assigned(&self, name: Symbol) -> Option<(u32, Value)> {
        let slot = *self.scope.slots.get(&name)?;
        let value = self.scope.environment.get(slot as usize).copied()?;
        (value != Value::NONE).then_some((slot, value))
    }

    fn load(&mut self, name: Symbol, span: Span) -> Value {
        if let Some((_, value)) = self.assigned(name) {
            return value;
        }
        if let Some(&value) = self.scope.outside.get(&name) {
            return value;
        }
        let value = self.emit(Op::Name(name), span);
        self.scope.outside.insert(name, value);
        value
    }

    // --- scopes

    fn enter_scope(&mut self, mut scope: Scope) -> FunctionId {
        let id = FunctionId(u32::try_from(self.module.functions.len()).unwrap_or(u32::MAX));
        self.module.functions.push(scope.placeholder());
        scope.id = id;
        let around = std::mem::replace(&mut self.scope, scope);
        self.scopes.push(around);
        id
    }

    /// Finishes the current scope and goes back to the one around it.
    fn finish_scope(&mut self, id: FunctionId) -> (Vec<Field>, Vec<(Symbol, FunctionId)>) {
        let mut ends = std::mem::take(&mut self.scope.exits);
        if self.scope.reachable {
            self.end(Value::NONE);
            let last = self.snapshot();
            ends.push(last);
        }
        if matches!(self.scope.function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            self.merge(ends);
            let environment = std::mem::take(&mut self.scope.environment);
            let symbols = &self.scope.slot_symbols;
            let function = &self.scope.function;
            let mut exit: Vec<(Symbol, Value)> = symbols
                .iter()
                .copied()
                .zip(environment)
                .filter(|(_, value)| *value != Value::NONE)
                .map(|(symbol, value)| (symbol, function.only_choice(value)))
                .collect();
            exit.sort_unstable_by_key(|(symbol, _)| *symbol);
            self.scope.function.exit = exit;
        }
        let mut finished = match self.scopes.pop() {
            Some(around) => std::mem::replace(&mut self.scope, around),
            None => std::mem::replace(&mut self.scope, Scope::new(FunctionKind::Module, None, None)),
        };
        let function = &mut finished.function;
        function.ops.shrink_to_fit();
        function.spans.shrink_to_fit();
        function.statement_of.shrink_to_fit();
        function.operands.shrink_to_fit();
        if let Some(place) = self.module.functions.get_mut(id.0 as usize) {
            *place = finished.function;
        }
        (finished.fields, finished.methods)
    }
}
