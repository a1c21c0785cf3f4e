//! Statements: control flow and bindings.

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

use super::super::ir::*;
use super::{Environment, Loop, Lowering, Scope};

impl Lowering<'_> {
    pub(super) fn suite(&mut self, body: &[Stmt]) {
        for statement in body {
            self.lower_statement(statement);
        }
    }

    /// Marks a compound statement; its own text ends where its body begins.
    fn head(&mut self, range: impl Ranged, end: u32) {
        self.statement(range.start().into(), end);
    }

    fn lower_statement(&mut self, statement: &Stmt) {
        let span = Span::from(statement.range());
        match statement {
            Stmt::FunctionDef(def) => self.function_definition(def),
            Stmt::ClassDef(def) => self.class_definition(def),
            Stmt::If(node) => self.if_statement(node),
            Stmt::While(node) => self.while_statement(node),
            Stmt::For(node) => self.for_statement(node),
            Stmt::With(node) => {
                let end = node.items.last().map_or(span.start, |item| item.end().into());
                self.head(node, end);
                for item in &node.items {
                    let manager = self.expression(&item.context_expr);
                    let entered = self.emit(Op::Enter(manager), Span::from(item.context_expr.range()));
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, entered);
                    }
                }
                self.suite(&node.body);
            }
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Match(node) => self.match_statement(node),
            _ => {
                self.statement(span.start, span.end);
                self.simple_statement(statement, span);
            }
        }
    }

    fn simple_statement(&mut self, statement: &Stmt, span: Span) {
        match statement {
            Stmt::Expr(node) => {
                let value = self.expression(&node.value);
                self.after_call(&node.value, value, span);
                if never_returns(&node.value) {
                    self.end_path(false);
                }
            }
            Stmt::Assign(node) => {
                let value = self.expression(&node.value);
                for target in &node.targets {
                    self.bind(target, value);
                }
            }
            Stmt::AugAssign(node) => {
                let left = self.expression(&node.target);
                let right = self.expression(&node.value);
                let value = self.emit(Op::Binary { op: Self::operator(node.op), left, right }, span);
                self.bind(&node.target, value);
            }
            Stmt::AnnAssign(node) => {
                let annotation = self.annotation(&node.annotation);
                let value = node.value.as_ref().map(|value| self.expression(value));
                if let Some(value) = value {
                    self.bind(&node.target, value);
                }
                if let ast::Expr::Name(name) = node.target.as_ref() {
                    let symbol = self.symbol(&name.id);
                    if self.scope.function.kind == FunctionKind::ClassBody {
                        self.scope.fields.push(Field {
                            name: symbol,
                            annotation: Some(annotation),
                            default: value,
                            span,
                        });
                    } else if value.is_none() {
                        let declared = self.emit(Op::Opaque, span);
                        self.scope.function.declared.push((declared, annotation));
                        if self.assigned(symbol).is_none() {
                            self.assign(symbol, declared, span);
                        }
                    }
                }
                if let Some(value) = value {
                    self.scope.function.declared.push((value, annotation));
                }
            }
            Stmt::Return(node) => {
                let value = match &node.value {
                    Some(value) => self.expression(value),
                    None => self.emit(Op::Constant(Constant::None), span),
                };
                self.emit(Op::Return(value), span);
                // What stands behind another `return` never answers.
                if self.scope.reachable {
                    self.scope.function.returns.push(value);
                    self.end(value);
                }
                self.end_path(true);
            }
            Stmt::Raise(node) => {
                let value = match &node.exc {
                    Some(value) => self.expression(value),
                    None => self.emit(Op::Opaque, span),
                };
                if let Some(cause) = &node.cause {
                    self.expression(cause);
                }
                self.emit(Op::Raise(value), span);
                self.end_path(false);
            }
            Stmt::Assert(node) => {
                let test = self.expression(&node.test);
                if let Some(message) = &node.msg {
                    self.expression(message);
                }
                self.refine(&node.test, test, true);
            }
            Stmt::Import(node) => {
                for alias in &node.names {
                    let dotted = alias.name.as_str();
                    let binds_root = alias.asname.is_none() && dotted.contains('.');
                    let bound = match &alias.asname {
                        Some(name) => name.as_str(),
                        None => dotted.split('.').next().unwrap_or(dotted),
                    };
                    self.import(0, dotted, None, binds_root, bound, Span::from(alias.range()));
                }
            }
            Stmt::ImportFrom(node) => {
                let from = node.module.as_ref().map_or("", |module| module.as_str());
                for alias in &node.names {
                    let name = alias.name.as_str();
                    let bound = alias.asname.as_ref().map_or(name, |name| name.as_str());
                    self.import(node.level, from, Some(name), false, bound, Span::from(alias.range()));
                }
            }
            Stmt::Global(node) => {
                for name in &node.names {
                    let symbol = self.symbol(name);
                    if self.scope.function.kind != FunctionKind::Module {
                        self.scope.declared_global.insert(symbol);
                    }
                }
            }
            Stmt::Nonlocal(node) => {
                for name in &node.names {
                    let symbol = self.symbol(name);
                    self.scope.declared_global.insert(symbol);
                }
            }
            Stmt::Delete(node) => {
                for target in &node.targets {
                    self.delete(target);
                }
            }
            Stmt::Break(_) => {
                if !self.scope.loops.is_empty() {
                    let environment = self.snapshot();
                    if let Some(around) = self.scope.loops.last_mut() {
                        around.breaks.push(environment);
                    }
                }
                self.scope.reachable = false;
            }
            Stmt::Continue(_) => {
                if !self.scope.loops.is_empty() {
                    let environment = self.snapshot();
                    if let Some(around) = self.scope.loops.last_mut() {
                        around.continues.push(environment);
                    }
                }
                self.scope.reachable = false;
            }
            Stmt::TypeAlias(node) => {
                let value = self.expression(&node.value);
                self.bind(&node.name, value);
            }
            _ => {}
        }
    }

    fn end_path(&mut self, returns: bool) {
        if returns && matches!(self.scope.function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            let environment = self.snapshot();
            self.scope.exits.push(environment);
        }
        self.scope.reachable = false;
    }

    fn import(&mut self, level: u32, module: &str, name: Option<&str>, binds_root: bool, bound: &str, span: Span) {
        let index = u32::try_from(self.module.imports.len()).unwrap_or(u32::MAX);
        self.module.imports.push(Import {
            level,
            module: module.to_owned(),
            name: name.map(str::to_owned),
            binds_root,
            span,
        });
        if name == Some("*") {
            self.module.star_imports.push(index);
            return;
        }
        let value = self.emit(Op::Import(index), span);
        let symbol = self.symbol(bound);
        self.assign(symbol, value, span);
    }

    // --- branches

    fn if_statement(&mut self, node: &ast::StmtIf) {
        self.head(node, node.test.end().into());
        let mut ends: Vec<Environment> = Vec::new();
        let mut from = Vec::new();
        let was_reachable = self.scope.reachable;
        let mut test = self.expression(&node.test);
        let mut test_node: &ast::Expr = &node.test;
        let mut body: &[Stmt] = &node.body;
        let mut clauses = node.elif_else_clauses.iter();
        loop {
            let before = self.snapshot();
            let branch = self.current_block();
            self.block_if(branch, test, true);
            self.refine(test_node, test, true);
            self.suite(body);
            if self.scope.reachable {
                let end = self.snapshot();
                ends.push(end);
                from.push(self.current_block());
            }
            self.restore(before);
            self.scope.reachable = was_reachable;
            self.block_if(branch, test, false);
            self.refine(test_node, test, false);
            match clauses.next() {
                Some(ast::ElifElseClause { test: Some(next), body: next_body, range, .. }) => {
                    self.statement(range.start().into(), next.end().into());
                    test = self.expression(next);
                    test_node = next;
                    body = next_body;
                }
                Some(ast::ElifElseClause { test: None, body, .. }) => {
                    self.suite(body);
                    break;
                }
                None => break,
            }
        }
        if self.scope.reachable {
            let end = self.snapshot();
            ends.push(end);
            from.push(self.current_block());
        }
        self.merge(ends);
        self.scope.reachable &= was_reachable;
        self.block(&from);
    }

    /// Lowers a loop body with every name it may change made a [`Op::Phi`] first.
    fn loop_body(&mut self, span: Span, body: impl FnOnce(&mut Self)) -> Loop {
        let entry = self.current_block();
        let header = self.block(&[entry]);
        let before = self.snapshot();
        let mut phis: Vec<(usize, Value)> = Vec::new();
        for (slot, &value) in before.values.iter().enumerate() {
            if value != Value::NONE {
                let phi = self.emit(Op::Phi(List::default()), span);
                phis.push((slot, phi));
                self.scope.environment[slot] = phi;
            }
        }
        self.scope.loops.push(Loop { breaks: Vec::new(), continues: Vec::new(), header });
        body(self);
        let mut finished = self.scope.loops.pop().unwrap_or(Loop { breaks: Vec::new(), continues: Vec::new(), header });
        if self.scope.reachable {
            let end = self.snapshot();
            finished.continues.push(end);
        }
        let last = self.current_block();
        self.scope.function.edges.push((last, header));
        for (slot, phi) in phis {
            let mut choices = vec![before.values.get(slot).copied().unwrap_or(Value::NONE)];
            let mut blocks = vec![Value::NONE];
            for end in &finished.continues {
                let value = end.values.get(slot).copied().unwrap_or(Value::NONE);
                if value == Value::NONE || value == phi {
                    continue;
                }
                let block = end.block.map_or(Value::NONE, |block| Value(block.0));
                match choices.iter().position(|known| *known == value) {
                    // The same value by two ways: one of them may never be gone.
                    Some(at) if blocks[at] != block => blocks[at] = Value::NONE,
                    Some(_) => {}
                    None if choices.len() < 64 => {
                        choices.push(value);
                        blocks.push(block);
                    }
                    None => {}
                }
            }
            let list = self.list(&choices);
            self.list(&blocks);
            if let Some(op) = self.scope.function.ops.get_mut(phi.0 as usize) {
                *op = Op::Phi(list);
            }
        }
        finished
    }

    fn while_statement(&mut self, node: &ast::StmtWhile) {
        self.head(node, node.test.end().into());
        let was_reachable = self.scope.reachable;
        let mut at_header = Environment::default();
        let mut test = Value::NONE;
        let finished = self.loop_body(Span::from(node.test.range()), |this| {
            test = this.expression(&node.test);
            at_header = this.snapshot();
            let header = this.current_block();
            this.block_if(header, test, true);
            this.refine(&node.test, test, true);
            this.suite(&node.body);
        });
        self.leave_loop(finished, at_header, false, was_reachable, |this| {
            this.refine(&node.test, test, false);
            this.suite(&node.orelse);
        });
    }

    fn for_statement(&mut self, node: &ast::StmtFor) {
        self.head(node, node.iter.end().into());
        let was_reachable = self.scope.reachable;
        let iterable = self.expression(&node.iter);
        let mut at_header = Environment::default();
        let finished = self.loop_body(Span::from(node.iter.range()), |this| {
            at_header = this.snapshot();
            let element = this.emit(Op::Element(iterable), Span::from(node.target.range()));
            this.bind(&node.target, element);
            this.suite(&node.body);
        });
        let runs = runs_for_certain(&node.iter);
        self.leave_loop(finished, at_header, runs, was_reachable, |this| this.suite(&node.orelse));
    }

    fn leave_loop(
        &mut self,
        finished: Loop,
        at_header: Environment,
        runs: bool,
        was_reachable: bool,
        orelse: impl FnOnce(&mut Self),
    ) {
        // Names first bound in the body stay known after it; reading them is only wrong when it never ran.
        let header = finished.header;
        let mut ends = finished.continues;
        // What was there before a body that runs at least once is what the body leaves of it.
        if !runs || ends.is_empty() {
            ends.push(at_header);
        }
        self.merge(ends);
        self.scope.reachable = was_reachable;
        self.block(&[header]);
        orelse(self);
        let mut ends = finished.breaks;
        if self.scope.reachable {
            let end = self.snapshot();
            ends.push(end);
        }
        self.merge(ends);
        self.scope.reachable = was_reachable;
        let last = self.current_block();
        self.block(&[header, last]);
    }

    fn try_statement(&mut self, node: &ast::StmtTry) {
        let start: u32 = node.start().into();
        self.statement(start, start + 3);
        let was_reachable = self.scope.reachable;
        let before = self.snapshot();
        let entry = self.current_block();
        self.scope.tries.push(Vec::new());
        self.block(&[entry]);
        let first = self.scope.function.ops.len();
        self.suite(&node.body);
        let raised: Vec<Value> = self.raised_since(first);
        let called: Vec<Value> = if node.handlers.is_empty() { Vec::new() } else { self.called_since(first) };
        let log = self.scope.tries.pop().unwrap_or_default();
        if let Some(around) = self.scope.tries.last_mut() {
            around.extend_from_slice(&log);
        }
        let body_end = self.current_block();
        let mut ends = Vec::new();
        let mut from = Vec::new();
        let body_reaches = self.scope.reachable;
        if body_reaches {
            self.suite(&node.orelse);
        }
        if self.scope.reachable {
            let end = self.snapshot();
            ends.push(end);
            from.push(self.current_block());
        }
        // A handler may see any state between the start of the body and its end.
        let mut interrupted: Vec<Environment> = vec![before];
        if !log.is_empty() && (!node.handlers.is_empty() || !node.finalbody.is_empty()) {
            let mut later = interrupted[0].clone();
            for (slot, value) in log {
                let slot = slot as usize;
                if later.values.len() <= slot {
                    later.values.resize(slot + 1, Value::NONE);
                }
                if later.values[slot] != Value::NONE && interrupted.len() < 8 {
                    interrupted.push(later.clone());
                }
                later.values[slot] = value;
                // Any point of the body: its blocks tell nothing.
                later.block = None;
            }
            interrupted.push(later);
        }
        self.merge(interrupted);
        let at_handlers = self.snapshot();
        for handler in &node.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            self.restore(at_handlers.clone());
            self.scope.reachable = was_reachable;
            self.block(&[entry, body_end]);
            let start: u32 = handler.start().into();
            let end = handler.type_.as_ref().map_or(start + 6, |kind| kind.end().into());
            self.statement(start, end);
            let kind = handler.type_.as_ref().map(|kind| self.expression(kind));
            if let Some(name) = &handler.name {
                let span = Span::from(name.range());
                let caught = match kind {
                    Some(kind) => self.emit(Op::Element(kind), span),
                    None => self.emit(Op::Opaque, span),
                };
                // What the body itself raises says what it was given.
                let caught = if raised.is_empty() && called.is_empty() {
                    caught
                } else {
                    let calls = self.list(&called);
                    let from_calls = self.emit(Op::Caught(calls), span);
                    let choices: Vec<Value> = [caught, from_calls].into_iter().chain(raised.iter().copied()).collect();
                    let choices = self.list(&choices);
                    self.emit(Op::Or(choices), span)
                };
                let symbol = self.symbol(name);
                self.assign(symbol, caught, span);
            }
            self.suite(&handler.body);
            if self.scope.reachable {
                let end = self.snapshot();
                ends.push(end);
                from.push(self.current_block());
            }
        }
        let goes_on = !ends.is_empty();
        if !goes_on {
            // `finally` still runs, on the way out.
            ends.push(at_handlers);
        }
        self.merge(ends);
        self.scope.reachable = true;
        self.block(&from);
        self.suite(&node.finalbody);
        self.scope.reachable &= goes_on && was_reachable;
    }

    /// Exceptions made and raised by the instructions from a place on.
    fn raised_since(&self, first: usize) -> Vec<Value> {
        let ops = self.scope.function.ops.get(first..).unwrap_or_default();
        let raised = ops.iter().filter_map(|op| match *op {
            Op::Raise(of) if matches!(self.scope.function.op(of), Op::Call { .. }) => Some(of),
            _ => None,
        });
        raised.take(4).collect()
    }

    /// Calls among the instructions from a place on, of what may be functions of the project.
    fn called_since(&self, first: usize) -> Vec<Value> {
        let function = &self.scope.function;
        let ops = function.ops.get(first..).unwrap_or_default();
        let calls = ops.iter().zip(first..).filter(|(op, _)| matches!(op, Op::Call { .. }));
        calls.map(|(_, at)| Value(u32::try_from(at).unwrap_or(u32::MAX))).take(16).collect()
    }

    fn match_statement(&mut self, node: &ast::StmtMatch) {
        self.head(node, node.subject.end().into());
        let was_reachable = self.scope.reachable;
        let subject = self.expression(&node.subject);
        let branch = self.current_block();
        let mut ends = Vec::new();
        let mut from = Vec::new();
        let mut exhaustive = false;
        let mut failed: Vec<Value> = Vec::new();
        // All tests are made before any case is entered.
        let tests: Vec<Option<Value>> = node.cases.iter().map(|case| self.match_test(subject, &case.pattern)).collect();
        for (case, test) in node.cases.iter().zip(tests) {
            let before = self.snapshot();
            self.scope.reachable = was_reachable;
            let block = self.block(&[branch]);
            let conditions = &mut self.scope.function.conditions;
            conditions.extend(failed.iter().map(|&earlier| (block, earlier, false)));
            conditions.extend(test.map(|test| (block, test, true)));
            if let (Some(test), None) = (test, &case.guard)
                && failed.len() < 64
            {
                failed.push(test);
            }
            let end = case.guard.as_ref().map_or(case.pattern.end(), |guard| guard.end());
            self.statement(case.start().into(), end.into());
            self.match_subject(&node.subject, subject, &case.pattern, test);
            if let Some(guard) = &case.guard {
                let test = self.expression(guard);
                self.refine(guard, test, true);
            } else if matches!(&case.pattern, ast::Pattern::MatchAs(pattern) if pattern.pattern.is_none()) {
                exhaustive = true;
            }
            self.suite(&case.body);
            if self.scope.reachable {
                let end = self.snapshot();
                ends.push(end);
                from.push(self.current_block());
            }
            self.restore(before);
        }
        if !exhaustive {
            let end = self.snapshot();
            ends.push(end);
            from.push(branch);
        }
        self.merge(ends);
        self.scope.reachable &= was_reachable;
        self.block(&from);
    }

    /// The test that a pattern of constants makes.
    fn match_test(&mut self, subject: Value, pattern: &ast::Pattern) -> Option<Value> {
        let span = Span::from(pattern.range());
        let mut values = Vec::new();
        match pattern {
            ast::Pattern::MatchOr(or) => {
                if !or.patterns.iter().all(|p| matches!(p, ast::Pattern::MatchValue(_))) {
                    return None;
                }
                for pattern in &or.patterns {
                    if let ast::Pattern::MatchValue(value) = pattern {
                        values.push(self.expression(&value.value));
                    }
                }
            }
            ast::Pattern::MatchValue(value) => values.push(self.expression(&value.value)),
            // `case "one" | "two" as chosen`
            ast::Pattern::MatchAs(node) => return self.match_test(subject, node.pattern.as_deref()?),
            _ => return None,
        }
        let items = self.list(&values);
        let known = self.emit(Op::Build { collection: Collection::Tuple, items }, span);
        Some(self.emit(Op::Compare { op: CompareOp::In, left: subject, right: known }, span))
    }

    /// Binds a pattern's names; a subject that is a name and matched a constant is that constant.
    fn match_subject(&mut self, node: &ast::Expr, subject: Value, pattern: &ast::Pattern, test: Option<Value>) {
        let span = Span::from(pattern.range());
        if let (Some(test), ast::Expr::Name(name)) = (test, node) {
            let symbol = self.symbol(&name.id);
            self.refine_name(symbol, test, Outcome::Held, span);
        }
        match test {
            Some(test) if matches!(pattern, ast::Pattern::MatchAs(_)) => {
                let matched = self.emit(Op::Refine { of: subject, test, outcome: Outcome::Held }, span);
                self.bind_pattern(pattern, matched);
            }
            Some(_) => {}
            None => self.bind_pattern(pattern, subject),
        }
    }

    fn bind_pattern(&mut self, pattern: &ast::Pattern, subject: Value) {
        let span = Span::from(pattern.range());
        match pattern {
            ast::Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.bind_pattern(inner, subject);
                }
                if let Some(name) = &node.name {
                    let symbol = self.symbol(name);
                    self.assign(symbol, subject, span);
                }
            }
            ast::Pattern::MatchSequence(node) => {
                for (index, inner) in node.patterns.iter().enumerate() {
                    let item = self.emit(Op::Item { of: subject, index: u32::try_from(index).unwrap_or(0) }, span);
                    self.bind_pattern(inner, item);
                }
            }
            ast::Pattern::MatchMapping(node) => {
                for (key, inner) in node.keys.iter().zip(&node.patterns) {
                    let index = self.expression(key);
                    let item = self.emit(Op::Subscript { of: subject, index }, span);
                    self.bind_pattern(inner, item);
                }
                if let Some(rest) = &node.rest {
                    let symbol = self.symbol(rest);
                    self.assign(symbol, subject, span);
                }
            }
            ast::Pattern::MatchClass(node) => {
                let class = self.expression(&node.cls);
                // `int(number)` binds the whole, which is a number then.
                let whole = match node.cls.as_name_expr().map(|name| name.id.as_str()) {
                    Some("int" | "float" | "bool") => Some(self.call_of(class, subject, span)),
                    Some("str" | "bytes") => Some(subject),
                    _ => None,
                };
                for inner in &node.arguments.patterns {
                    let item = whole.unwrap_or_else(|| self.emit(Op::Element(subject), span));
                    self.bind_pattern(inner, item);
                }
                for keyword in &node.arguments.keywords {
                    let name = self.symbol(&keyword.attr);
                    let item = self.emit(Op::Attribute { of: subject, name }, span);
                    self.bind_pattern(&keyword.pattern, item);
                }
            }
            ast::Pattern::MatchStar(node) => {
                if let Some(name) = &node.name {
                    let symbol = self.symbol(name);
                    let item = self.emit(Op::Element(subject), span);
                    self.assign(symbol, item, span);
                }
            }
            ast::Pattern::MatchOr(node) => {
                for inner in &node.patterns {
                    self.bind_pattern(inner, subject);
                }
            }
            ast::Pattern::MatchValue(_) | ast::Pattern::MatchSingleton(_) => {}
        }
    }

    // --- definitions

    fn function_definition(&mut self, def: &ast::StmtFunctionDef) {
        let span = Span::from(def.range());
        let end = def.returns.as_ref().map_or(def.parameters.end(), |returns| returns.end()).into();
        let start = def.decorator_list.first().map_or(span.start, |decorator| decorator.start().into()).min(span.start);
        self.statement(start, end);
        let head = self.module.statements.len();
        let decorators: Vec<Value> =
            def.decorator_list.iter().map(|decorator| self.expression(&decorator.expression)).collect();
        let parameters = self.parameters(Some(&def.parameters));
        let returns_annotation = def.returns.as_ref().map(|returns| self.annotation(returns));

        let class =
            (self.scope.function.kind == FunctionKind::ClassBody).then_some(self.scope.function.class).flatten();
        let name = def.name.as_str();
        let mut scope = Scope::new(FunctionKind::Def, Some(self.scope.id), class);
        scope.function.name = name.to_owned();
        scope.function.qualified = self.qualified(name);
        scope.function.is_async = def.is_async;
        scope.function.decorators = decorators;
        scope.function.returns_annotation = returns_annotation;
        scope.function.span = Span { start, end: span.end };
        scope.function.name_span = Span::from(def.name.range());
        scope.function.body = def.body.first().map_or(span.end, |first| first.start().into());
        let id = self.enter_scope(scope);
        // What a function within assigns is looked up where it keeps it.
        let mut shared = Vec::new();
        nonlocals(&def.body, false, 0, &mut shared);
        for name in shared {
            let symbol = self.symbol(name);
            self.scope.declared_global.insert(symbol);
        }
        self.bind_parameters(parameters);
        debug_assert!(head <= self.module.statements.len());
        self.suite(&def.body);
        self.finish_scope(id);

        let name_span = Span::from(def.name.range());
        let value = self.emit(Op::Function(id), name_span);
        let symbol = self.symbol(name);
        if class.is_some() {
            self.scope.methods.push((symbol, id));
        }
        self.assign(symbol, value, name_span);
    }

    fn qualified(&self, name: &str) -> String {
        match self.scope.function.qualified.as_str() {
            "" => name.to_owned(),
            around => format!("{around}.{name}"),
        }
    }

    pub(super) fn parameters(&mut self, parameters: Option<&ast::Parameters>) -> Vec<Parameter> {
        let Some(parameters) = parameters else { return Vec::new() };
        let mut lowered = Vec::new();
        let groups =
            [(&parameters.posonlyargs, ParameterKind::PositionOnly), (&parameters.args, ParameterKind::Normal)];
        for (group, kind) in groups {
            for parameter in group {
                let one = self.parameter(&parameter.parameter, kind, parameter.default.as_deref());
                lowered.push(one);
            }
        }
        if let Some(parameter) = &parameters.vararg {
            let one = self.parameter(parameter, ParameterKind::Star, None);
            lowered.push(one);
        }
        for parameter in &parameters.kwonlyargs {
            let one = self.parameter(&parameter.parameter, ParameterKind::KeywordOnly, parameter.default.as_deref());
            lowered.push(one);
        }
        if let Some(parameter) = &parameters.kwarg {
            let one = self.parameter(parameter, ParameterKind::DoubleStar, None);
            lowered.push(one);
        }
        lowered
    }

    fn parameter(&mut self, parameter: &ast::Parameter, kind: ParameterKind, default: Option<&ast::Expr>) -> Parameter {
        let annotation = parameter.annotation.as_ref().map(|annotation| self.annotation(annotation));
        let default = default.map(|default| self.expression(default));
        let name = self.symbol(&parameter.name);
        Parameter { name, kind, annotation, default, span: Span::from(parameter.range()) }
    }

    /// Makes the parameters the first values of the scope just entered.
    pub(super) fn bind_parameters(&mut self, parameters: Vec<Parameter>) {
        for (index, parameter) in parameters.iter().enumerate() {
            let value = self.emit(Op::Parameter(u32::try_from(index).unwrap_or(0)), parameter.span);
            self.assign(parameter.name, value, parameter.span);
        }
        self.scope.function.parameters = parameters;
    }

    fn class_definition(&mut self, def: &ast::StmtClassDef) {
        let span = Span::from(def.range());
        let end = def.arguments.as_ref().map_or(def.name.end(), |arguments| arguments.end()).into();
        let start = def.decorator_list.first().map_or(span.start, |decorator| decorator.start().into()).min(span.start);
        self.statement(start, end);
        let decorators: Vec<Value> =
            def.decorator_list.iter().map(|decorator| self.expression(&decorator.expression)).collect();
        let mut bases = Vec::new();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let base = self.expression(base);
                bases.push(base);
            }
            for keyword in &arguments.keywords {
                self.expression(&keyword.value);
            }
        }
        let class = ClassId(u32::try_from(self.module.classes.len()).unwrap_or(u32::MAX));
        let name = def.name.as_str();
        let name_span = Span::from(def.name.range());
        self.module.classes.push(Class {
            name: name.to_owned(),
            parent: self.scope.id,
            body: FunctionId(0),
            bases,
            decorators,
            fields: Vec::new(),
            methods: Vec::new(),
            name_span,
        });
        let mut scope = Scope::new(FunctionKind::ClassBody, Some(self.scope.id), Some(class));
        scope.function.name = name.to_owned();
        scope.function.qualified = self.qualified(name);
        scope.function.span = span;
        scope.function.name_span = name_span;
        let id = self.enter_scope(scope);
        self.suite(&def.body);
        let (fields, methods) = self.finish_scope(id);
        if let Some(class) = self.module.classes.get_mut(class.0 as usize) {
            class.body = id;
            class.fields = fields;
            class.methods = methods;
        }
        let value = self.emit(Op::Class(class), name_span);
        let symbol = self.symbol(name);
        self.assign(symbol, value, name_span);
    }
}

/// Names that functions within these statements declare `nonlocal`.
fn nonlocals<'a>(body: &'a [Stmt], is_within: bool, depth: u32, names: &mut Vec<&'a str>) {
    if depth > 12 {
        return;
    }
    for statement in body {
        match statement {
            Stmt::Nonlocal(node) if is_within => {
                names.extend(node.names.iter().map(ruff_python_ast::Identifier::as_str));
            }
            Stmt::FunctionDef(def) => nonlocals(&def.body, true, depth + 1, names),
            Stmt::If(node) => {
                nonlocals(&node.body, is_within, depth + 1, names);
                for clause in &node.elif_else_clauses {
                    nonlocals(&clause.body, is_within, depth + 1, names);
                }
            }
            Stmt::For(node) => nonlocals(&node.body, is_within, depth + 1, names),
            Stmt::While(node) => nonlocals(&node.body, is_within, depth + 1, names),
            Stmt::With(node) => nonlocals(&node.body, is_within, depth + 1, names),
            Stmt::Try(node) => {
                nonlocals(&node.body, is_within, depth + 1, names);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    nonlocals(&handler.body, is_within, depth + 1, names);
                }
            }
            _ => {}
        }
    }
}

/// Whether a statement is a call of a function that is known to raise, `abort(404)` or `sys.exit()`.
///
/// By name alone, since names are resolved later; nobody calls anything else so that goes on.
fn never_returns(node: &ast::Expr) -> bool {
    let ast::Expr::Call(call) = node else { return false };
    match call.func.as_ref() {
        ast::Expr::Name(name) => matches!(name.id.as_str(), "abort" | "exit" | "quit"),
        ast::Expr::Attribute(attribute) => match attribute.value.as_ref() {
            ast::Expr::Name(of) => matches!(
                (of.id.as_str(), attribute.attr.as_str()),
                ("sys", "exit")
                    | ("os", "_exit" | "abort")
                    | ("flask" | "quart" | "bottle" | "werkzeug", "abort")
                    | ("pytest", "fail" | "skip")
            ),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a loop over this runs its body at least once: a display with an item in it, `range(3)`.
fn runs_for_certain(over: &ast::Expr) -> bool {
    let has_item = |items: &[ast::Expr]| items.iter().any(|item| !item.is_starred_expr());
    match over {
        ast::Expr::List(node) => has_item(&node.elts),
        ast::Expr::Tuple(node) => has_item(&node.elts),
        ast::Expr::Set(node) => has_item(&node.elts),
        ast::Expr::Dict(node) => node.items.iter().any(|item| item.key.is_some()),
        ast::Expr::StringLiteral(node) => !node.value.is_empty(),
        ast::Expr::Call(call) => {
            let is_range = call.func.as_name_expr().is_some_and(|name| name.id.as_str() == "range");
            let numbers: Option<Vec<i64>> = call
                .arguments
                .args
                .iter()
                .map(|argument| match argument {
                    ast::Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(int), .. }) => {
                        int.as_i64()
                    }
                    _ => None,
                })
                .collect();
            is_range
                && call.arguments.keywords.is_empty()
                && match numbers.as_deref() {
                    Some([end]) => *end > 0,
                    Some([from, end]) => end > from,
                    _ => false,
                }
        }
        _ => false,
    }
}
