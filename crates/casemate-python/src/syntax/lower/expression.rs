//! Expressions: one instruction each, operands first.

use ruff_python_ast::{self as ast, Expr};
use ruff_python_parser::parse_expression;
use ruff_text_size::Ranged;

use super::super::ir::*;
use super::super::{Symbol, bound};
use super::{Lowering, Scope};

impl Lowering<'_> {
    pub(super) fn expression(&mut self, node: &Expr) -> Value {
        let span = Span::from(node.range());
        match node {
            Expr::Name(name) => {
                let symbol = self.symbol(&name.id);
                self.load(symbol, span)
            }
            Expr::Attribute(attribute) => {
                let of = self.expression(&attribute.value);
                let name = self.symbol(&attribute.attr);
                self.emit(Op::Attribute { of, name }, span)
            }
            Expr::Call(call) => self.call(call, span),
            Expr::StringLiteral(literal) => {
                let text = self.module.add_string(literal.value.iter().map(ast::StringLiteral::as_str));
                self.emit(Op::Constant(Constant::Str(text)), span)
            }
            Expr::BytesLiteral(literal) => {
                let text: String = literal.value.bytes().map(|byte| byte as char).collect();
                let text = self.module.add_string(std::iter::once(text.as_str()));
                self.emit(Op::Constant(Constant::Bytes(text)), span)
            }
            Expr::NumberLiteral(literal) => {
                let constant = match &literal.value {
                    ast::Number::Int(int) => int.as_i64().map_or(Constant::Number, Constant::Int),
                    _ => Constant::Number,
                };
                self.emit(Op::Constant(constant), span)
            }
            Expr::BooleanLiteral(literal) => self.emit(Op::Constant(Constant::Bool(literal.value)), span),
            Expr::NoneLiteral(_) => self.emit(Op::Constant(Constant::None), span),
            Expr::EllipsisLiteral(_) => self.emit(Op::Constant(Constant::Ellipsis), span),
            Expr::FString(string) => self.format_string(string, span),
            Expr::BinOp(binary) => {
                let left = self.expression(&binary.left);
                let right = self.expression(&binary.right);
                self.emit(Op::Binary { op: Self::operator(binary.op), left, right }, span)
            }
            Expr::UnaryOp(unary) => {
                if let (
                    ast::UnaryOp::USub | ast::UnaryOp::Invert,
                    Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(int), .. }),
                ) = (unary.op, unary.operand.as_ref())
                    && let Some(number) = int.as_i64()
                {
                    let number = if unary.op == ast::UnaryOp::Invert { !number } else { -number };
                    return self.emit(Op::Constant(Constant::Int(number)), span);
                }
                let of = self.expression(&unary.operand);
                match unary.op {
                    ast::UnaryOp::Not => self.emit(Op::Not(of), span),
                    _ => self.emit(Op::Unary(of), span),
                }
            }
            Expr::BoolOp(node) => {
                let holds = node.op == ast::BoolOp::And;
                let before = self.snapshot();
                let mut values = Vec::with_capacity(node.values.len());
                for (at, operand) in node.values.iter().enumerate() {
                    let value = self.expression(operand);
                    values.push(value);
                    if at + 1 < node.values.len() {
                        self.refine(operand, value, holds);
                    }
                }
                self.forget_refinements(&before.values);
                let list = self.list(&values);
                self.emit(if holds { Op::And(list) } else { Op::Or(list) }, span)
            }
            Expr::Compare(compare) => {
                let mut left = self.expression(&compare.left);
                let mut results = Vec::new();
                for (op, right) in compare.ops.iter().zip(&compare.comparators) {
                    let right = self.expression(right);
                    results.push(self.emit(Op::Compare { op: Self::comparison(*op), left, right }, span));
                    left = right;
                }
                if let [one] = results.as_slice() {
                    return *one;
                }
                let list = self.list(&results);
                self.emit(Op::And(list), span)
            }
            Expr::Subscript(subscript) => {
                let of = self.expression(&subscript.value);
                let index = self.expression(&subscript.slice);
                self.emit(Op::Subscript { of, index }, span)
            }
            Expr::List(node) => self.display(Collection::List, &node.elts, span),
            Expr::Tuple(node) => self.display(Collection::Tuple, &node.elts, span),
            Expr::Set(node) => self.display(Collection::Set, &node.elts, span),
            Expr::Dict(node) => {
                let mut items = Vec::with_capacity(node.items.len() * 2);
                for item in &node.items {
                    match &item.key {
                        Some(key) => {
                            let key = self.expression(key);
                            items.push(key);
                        }
                        None => items.push(Value::NONE),
                    }
                    let value = self.expression(&item.value);
                    items.push(value);
                }
                let items = self.list(&items);
                self.emit(Op::Build { collection: Collection::Dict, items }, span)
            }
            Expr::If(choice) => {
                let test = self.expression(&choice.test);
                let before = self.snapshot();
                self.refine(&choice.test, test, true);
                let yes = self.expression(&choice.body);
                self.forget_refinements(&before.values);
                self.refine(&choice.test, test, false);
                let no = self.expression(&choice.orelse);
                self.forget_refinements(&before.values);
                self.emit(Op::Choice { test, yes, no }, span)
            }
            Expr::Named(named) => {
                let value = self.expression(&named.value);
                self.bind(&named.target, value);
                value
            }
            Expr::Lambda(lambda) => {
                let parameters = self.parameters(lambda.parameters.as_deref());
                let mut scope = Scope::new(FunctionKind::Lambda, Some(self.scope.id), None);
                scope.function.qualified.clone_from(&self.scope.function.qualified);
                scope.function.span = span;
                scope.function.name_span = span;
                let id = self.enter_scope(scope);
                self.bind_parameters(parameters);
                let value = self.expression(&lambda.body);
                self.emit(Op::Return(value), span);
                self.scope.function.returns.push(value);
                self.end(value);
                self.scope.reachable = false;
                self.finish_scope(id);
                self.emit(Op::Function(id), span)
            }
            Expr::ListComp(node) => self.comprehension(Collection::List, &[&node.elt], &node.generators, span),
            Expr::SetComp(node) => self.comprehension(Collection::Set, &[&node.elt], &node.generators, span),
            Expr::Generator(node) => self.comprehension(Collection::List, &[&node.elt], &node.generators, span),
            Expr::DictComp(node) => match &node.key {
                Some(key) => self.comprehension(Collection::Dict, &[key, &node.value], &node.generators, span),
                None => self.comprehension(Collection::List, &[&node.value], &node.generators, span),
            },
            Expr::Await(node) => {
                let of = self.expression(&node.value);
                self.emit(Op::Await(of), span)
            }
            Expr::Yield(node) => {
                let of = match &node.value {
                    Some(value) => self.expression(value),
                    None => self.emit(Op::Constant(Constant::None), span),
                };
                self.scope.function.is_generator = true;
                self.scope.function.returns.push(of);
                self.emit(Op::Yield(of), span)
            }
            Expr::YieldFrom(node) => {
                let of = self.expression(&node.value);
                let element = self.emit(Op::Element(of), span);
                self.scope.function.is_generator = true;
                self.scope.function.returns.push(element);
                self.emit(Op::Yield(element), span)
            }
            Expr::Starred(node) => {
                let of = self.expression(&node.value);
                self.emit(Op::Spread(of), span)
            }
            Expr::Slice(node) => {
                let parts = [&node.lower, &node.upper, &node.step]
                    .map(|part| part.as_ref().map_or(Value::NONE, |part| self.expression(part)));
                let parts = self.list(&parts);
                self.emit(Op::Slice(parts), span)
            }
            // A template string keeps text and values apart, so it is not the joined text of an f-string.
            Expr::TString(_) | Expr::IpyEscapeCommand(_) => self.emit(Op::Opaque, span),
        }
    }

    fn display(&mut self, collection: Collection, elements: &[Expr], span: Span) -> Value {
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            let item = self.expression(element);
            items.push(item);
        }
        let items = self.list(&items);
        self.emit(Op::Build { collection, items }, span)
    }

    fn call(&mut self, call: &ast::ExprCall, span: Span) -> Value {
        let callee = self.expression(&call.func);
        let mut arguments: Vec<Argument> =
            Vec::with_capacity(call.arguments.args.len() + call.arguments.keywords.len());
        for argument in &call.arguments.args {
            let (passing, node) = match argument {
                Expr::Starred(starred) => (Passing::Star, starred.value.as_ref()),
                other => (Passing::Position, other),
            };
            let value = self.expression(node);
            arguments.push(Argument { passing, value });
        }
        for keyword in &call.arguments.keywords {
            let value = self.expression(&keyword.value);
            let passing = match &keyword.arg {
                Some(name) => Passing::Keyword(self.symbol(name)),
                None => Passing::DoubleStar,
            };
            arguments.push(Argument { passing, value });
        }
        let table = &mut self.scope.function.arguments;
        let list = List {
            start: u32::try_from(table.len()).unwrap_or(u32::MAX),
            len: u32::try_from(arguments.len()).unwrap_or(0),
        };
        table.extend_from_slice(&arguments);
        let value = self.emit(Op::Call { callee, arguments: list }, span);
        if let Expr::Attribute(attribute) = call.func.as_ref() {
            self.changed(&attribute.value, value, span);
        }
        value
    }

    /// A name whose object may have been changed holds a new value from here on: `name.x = …`, `name.append(…)`.
    fn changed(&mut self, node: &Expr, by: Value, span: Span) {
        let mut node = node;
        // Deeper chains are not followed anyway.
        for _ in 0..6 {
            match node {
                Expr::Attribute(attribute) => node = &attribute.value,
                Expr::Subscript(subscript) => node = &subscript.value,
                // `groups.setdefault(name, []).append(x)` changes the groups.
                Expr::Call(call) => match call.func.as_ref() {
                    Expr::Attribute(attribute) if attribute.attr.as_str() == "setdefault" => node = &attribute.value,
                    // `vars(options).update(…)` changes the options.
                    Expr::Name(name) if &*name.id == "vars" => match &*call.arguments.args {
                        [of] => node = of,
                        _ => return,
                    },
                    _ => return,
                },
                Expr::Name(name) => {
                    let symbol = self.symbol(&name.id);
                    if let Some((_, of)) = self.assigned(symbol)
                        && !matches!(
                            self.scope.function.op(of),
                            Op::Import(_) | Op::Function(_) | Op::Class(_) | Op::Constant(_) | Op::Format(_)
                        )
                    {
                        self.refine_name(symbol, by, Outcome::Done, span);
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// After a call that is a statement of its own, names passed to it may have been checked or changed.
    pub(super) fn after_call(&mut self, node: &Expr, value: Value, span: Span) {
        let node = match node {
            Expr::Await(node) => node.value.as_ref(),
            other => other,
        };
        let Expr::Call(call) = node else { return };
        let value = match self.scope.function.op(value) {
            Op::Await(of) => of,
            _ => value,
        };
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        let names: Vec<&ast::ExprName> =
            call.arguments.args.iter().chain(keywords).filter_map(Expr::as_name_expr).collect();
        for name in names.into_iter().take(8) {
            let symbol = self.symbol(&name.id);
            self.refine_name(symbol, value, Outcome::Done, span);
        }
    }

    fn format_string(&mut self, string: &ast::ExprFString, span: Span) -> Value {
        let mut pieces = Vec::new();
        for part in &string.value {
            match part {
                ast::FStringPart::Literal(literal) => {
                    let text = self.module.add_string(std::iter::once(literal.as_str()));
                    pieces.push(Piece::Literal(text));
                }
                ast::FStringPart::FString(string) => self.format_pieces(&string.elements, &mut pieces),
            }
        }
        let table = &mut self.scope.function.pieces;
        let list = List {
            start: u32::try_from(table.len()).unwrap_or(u32::MAX),
            len: u32::try_from(pieces.len()).unwrap_or(0),
        };
        table.extend_from_slice(&pieces);
        self.emit(Op::Format(list), span)
    }

    fn format_pieces(&mut self, elements: &ast::InterpolatedStringElements, pieces: &mut Vec<Piece>) {
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => {
                    let text = self.module.add_string(std::iter::once(literal.value.as_ref()));
                    pieces.push(Piece::Literal(text));
                }
                ast::InterpolatedStringElement::Interpolation(hole) => {
                    let value = self.expression(&hole.expression);
                    pieces.push(Piece::Hole(value));
                    if let Some(spec) = &hole.format_spec {
                        for element in &spec.elements {
                            if let ast::InterpolatedStringElement::Interpolation(hole) = element {
                                self.expression(&hole.expression);
                            }
                        }
                    }
                }
            }
        }
    }

    fn comprehension(
        &mut self,
        collection: Collection,
        elements: &[&Expr],
        generators: &[ast::Comprehension],
        span: Span,
    ) -> Value {
        let before = self.snapshot();
        for generator in generators {
            let iterable = self.expression(&generator.iter);
            let element = self.emit(Op::Element(iterable), Span::from(generator.target.range()));
            self.bind_comprehension(&generator.target, element);
            for test in &generator.ifs {
                let value = self.expression(test);
                self.refine(test, value, true);
            }
        }
        let mut items = Vec::with_capacity(elements.len());
        for element in elements {
            let item = self.expression(element);
            items.push(item);
        }
        self.forget_refinements(&before.values);
        let items = self.list(&items);
        self.emit(Op::Build { collection, items }, span)
    }

    /// Binds names that live only in the comprehension.
    fn bind_comprehension(&mut self, target: &Expr, value: Value) {
        match target {
            Expr::Name(name) => {
                let symbol = self.symbol(&name.id);
                let slot = self.slot(symbol);
                self.set_slot(slot, value);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for (index, element) in elts.iter().enumerate() {
                    let item = self.emit(
                        Op::Item { of: value, index: u32::try_from(index).unwrap_or(0) },
                        Span::from(element.range()),
                    );
                    self.bind_comprehension(element, item);
                }
            }
            other => self.bind(other, value),
        }
    }

    /// Assigns a value to a target.
    pub(super) fn bind(&mut self, target: &Expr, value: Value) {
        let span = Span::from(target.range());
        match target {
            Expr::Name(name) => {
                let symbol = self.symbol(&name.id);
                self.assign(symbol, value, span);
            }
            Expr::Attribute(attribute) => {
                let of = self.expression(&attribute.value);
                let name = self.symbol(&attribute.attr);
                let store = self.emit(Op::StoreAttribute { of, name, value }, span);
                self.changed(&attribute.value, store, span);
            }
            Expr::Subscript(subscript) => {
                let of = self.expression(&subscript.value);
                let index = self.expression(&subscript.slice);
                let store = self.emit(Op::StoreItem { of, index, value }, span);
                self.changed(&subscript.value, store, span);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                // `a, b = c, d` assigns each its own.
                let parts = match self.scope.function.op(value) {
                    Op::Build { collection: Collection::Tuple | Collection::List, items }
                        if items.len as usize == elts.len() =>
                    {
                        Some(self.scope.function.list(items).to_vec())
                    }
                    _ => None,
                };
                let star = elts.iter().position(Expr::is_starred_expr);
                for (index, element) in elts.iter().enumerate() {
                    // `first, *rest = …`: the rest is a list, and what follows it is counted from the end.
                    if star.is_some_and(|star| star <= index) {
                        let item = self.starred_item(value, index, elts.len(), star == Some(index), element);
                        self.bind(element, item);
                        continue;
                    }
                    let item = match parts.as_ref().and_then(|parts| parts.get(index)) {
                        Some(&part) => part,
                        None => self.emit(
                            Op::Item { of: value, index: u32::try_from(index).unwrap_or(0) },
                            Span::from(element.range()),
                        ),
                    };
                    self.bind(element, item);
                }
            }
            Expr::Starred(starred) => self.bind(&starred.value, value),
            _ => {}
        }
    }

    /// What a target takes from a value whose targets are `count` in all, and one before or here is starred.
    fn starred_item(&mut self, of: Value, index: usize, count: usize, is_star: bool, target: &Expr) -> Value {
        let span = Span::from(target.range());
        let from_start = i64::try_from(index).unwrap_or(0);
        let from_end = from_start - i64::try_from(count).unwrap_or(0);
        let index = if is_star {
            let lower = self.emit(Op::Constant(Constant::Int(from_start)), span);
            let upper = match from_end + 1 {
                0 => Value::NONE,
                end => self.emit(Op::Constant(Constant::Int(end)), span),
            };
            let parts = self.list(&[lower, upper, Value::NONE]);
            self.emit(Op::Slice(parts), span)
        } else {
            self.emit(Op::Constant(Constant::Int(from_end)), span)
        };
        self.emit(Op::Subscript { of, index }, span)
    }

    /// `del of[index]`: what it holds is as after `of.pop(index)`.
    pub(super) fn delete(&mut self, target: &Expr) {
        let value = self.expression(target);
        let (Expr::Subscript(subscript), Op::Subscript { of, index }) = (target, self.scope.function.op(value)) else {
            return;
        };
        if matches!(self.scope.function.op(index), Op::Slice(_)) {
            return;
        }
        let span = Span::from(target.range());
        let name = self.symbol("pop");
        let callee = self.emit(Op::Attribute { of, name }, span);
        let call = self.call_of(callee, index, span);
        self.changed(&subscript.value, call, span);
    }

    /// A call with one argument.
    pub(super) fn call_of(&mut self, callee: Value, argument: Value, span: Span) -> Value {
        let table = &mut self.scope.function.arguments;
        let arguments = List { start: u32::try_from(table.len()).unwrap_or(u32::MAX), len: 1 };
        table.push(Argument { passing: Passing::Position, value: argument });
        self.emit(Op::Call { callee, arguments }, span)
    }

    /// An annotation; one written as a string is read as the expression it holds.
    pub(super) fn annotation(&mut self, node: &Expr) -> Value {
        if let Expr::StringLiteral(literal) = node {
            let text = literal.value.to_str();
            if text.len() <= 200
                && !bound::nests_too_deep(text)
                && let Ok(parsed) = parse_expression(text)
            {
                let first = self.scope.function.ops.len();
                let value = self.expression(parsed.expr());
                // The inner places count from the string's own start; all of it stands where the string does.
                let span = Span::from(node.range());
                for place in self.scope.function.spans.iter_mut().skip(first) {
                    *place = span;
                }
                return value;
            }
        }
        self.expression(node)
    }

    // --- what a test tells about a name

    /// Gives names that `test` speaks about a new value on the branch where it came out as `held`.
    pub(super) fn refine(&mut self, node: &Expr, test: Value, held: bool) {
        let mut names: Vec<Symbol> = Vec::new();
        self.tested_names(node, &mut names, 0);
        let span = Span::from(node.range());
        let outcome = if held { Outcome::Held } else { Outcome::Failed };
        for name in names {
            self.refine_name(name, test, outcome, span);
        }
    }

    pub(super) fn refine_name(&mut self, name: Symbol, test: Value, outcome: Outcome, span: Span) {
        if let Some((slot, of)) = self.assigned(name) {
            let value = self.emit(Op::Refine { of, test, outcome }, span);
            self.set_slot(slot, value);
            if outcome == Outcome::Done {
                self.rename(of, value);
                // What encloses this function or handles its errors may see the change.
                self.scope.function.assigned.push((name, value));
                if let Some(log) = self.scope.tries.last_mut() {
                    log.push((slot, value));
                }
            }
        }
    }

    fn tested_names(&mut self, node: &Expr, names: &mut Vec<Symbol>, depth: u32) {
        // Deeper tests would only be chains of hundreds of operands.
        if depth > 8 || names.len() > 8 {
            return;
        }
        match node {
            Expr::Compare(compare) => {
                for side in std::iter::once(compare.left.as_ref()).chain(&compare.comparators) {
                    self.tested_name(side, names, 0);
                }
            }
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = call.func.as_ref() {
                    self.tested_name(&attribute.value, names, 0);
                }
                for argument in &call.arguments.args {
                    // `any(name == known for known in KNOWN)`
                    if let Expr::Generator(ast::ExprGenerator { elt, .. })
                    | Expr::ListComp(ast::ExprListComp { elt, .. }) = argument
                        && matches!(elt.as_ref(), Expr::Compare(_) | Expr::Call(_))
                    {
                        self.tested_names(elt, names, depth + 1);
                    }
                    // `all(c in ALLOWED for c in name)`
                    let argument = match argument {
                        Expr::Generator(ast::ExprGenerator { generators, .. })
                        | Expr::ListComp(ast::ExprListComp { generators, .. }) => {
                            generators.first().map_or(argument, |generator| &generator.iter)
                        }
                        argument => argument,
                    };
                    self.tested_name(argument, names, 0);
                }
                for keyword in &call.arguments.keywords {
                    self.tested_name(&keyword.value, names, 0);
                }
            }
            // `ok = is_fine(x)`, and then `if ok`.
            Expr::Name(name) => {
                let symbol = self.symbol(&name.id);
                if let Some((_, verdict)) = self.assigned(symbol) {
                    self.judged_names(verdict, names);
                }
            }
            // `not urlsplit(url).netloc`
            Expr::Attribute(_) => self.tested_name(node, names, 0),
            Expr::UnaryOp(unary) => self.tested_names(&unary.operand, names, depth + 1),
            Expr::BoolOp(node) => {
                for operand in &node.values {
                    self.tested_names(operand, names, depth + 1);
                }
            }
            // `set(name) - ALLOWED`
            Expr::BinOp(ast::ExprBinOp { left, op: ast::Operator::Sub, .. }) => self.tested_name(left, names, 0),
            Expr::Named(named) => self.tested_names(&named.value, names, depth + 1),
            Expr::Await(node) => self.tested_names(&node.value, names, depth + 1),
            _ => {}
        }
    }

    /// The names that still hold what an earlier test was about.
    fn judged_names(&self, verdict: Value, names: &mut Vec<Symbol>) {
        let mut about: Vec<Value> = Vec::new();
        let mut tests = vec![verdict];
        while let Some(test) = tests.pop() {
            if about.len() > 8 || tests.len() > 8 {
                return;
            }
            let function = &self.scope.function;
            match function.op(test) {
                Op::Refine { of, outcome: Outcome::Held | Outcome::Failed, .. } | Op::Not(of) => tests.push(of),
                Op::And(list) | Op::Or(list) => tests.extend(function.list(list).iter().filter(|one| **one < test)),
                Op::Compare { left, right, .. } => about.extend([left, right]),
                Op::Call { callee, arguments } => {
                    if let Op::Attribute { of, .. } = function.op(callee) {
                        about.push(of);
                    }
                    about.extend(function.call_arguments(arguments).iter().map(|argument| argument.value));
                }
                _ => {}
            }
        }
        if about.is_empty() {
            return;
        }
        let stripped = |mut value: Value| {
            while let Some(Op::Refine { of, outcome: Outcome::Held | Outcome::Failed, .. }) =
                self.scope.function.ops.get(value.0 as usize)
            {
                value = *of;
            }
            value
        };
        let about: Vec<Value> = about.into_iter().map(stripped).filter(|value| *value != Value::NONE).collect();
        for (&held, &symbol) in self.scope.environment.iter().zip(&self.scope.slot_symbols) {
            if held != Value::NONE && names.len() <= 8 && !names.contains(&symbol) && about.contains(&stripped(held)) {
                names.push(symbol);
            }
        }
    }

    /// The names a part of a test speaks about: `x.lower()`, `str(x)` and `urlsplit(x).netloc` speak about `x` too.
    fn tested_name(&mut self, node: &Expr, names: &mut Vec<Symbol>, depth: u32) {
        if depth > 3 || names.len() > 8 {
            return;
        }
        match node {
            Expr::Name(name) => {
                let symbol = self.symbol(&name.id);
                if !names.contains(&symbol) {
                    names.push(symbol);
                    self.made_from(symbol, names);
                }
            }
            Expr::Call(call) => {
                if let Expr::Attribute(attribute) = call.func.as_ref() {
                    self.tested_name(&attribute.value, names, depth + 1);
                }
                for argument in call.arguments.args.iter().take(4) {
                    self.tested_name(argument, names, depth + 1);
                }
            }
            Expr::Attribute(ast::ExprAttribute { value, .. }) | Expr::Subscript(ast::ExprSubscript { value, .. }) => {
                // The fields of its own object are no news to a method.
                let is_own = value.as_name_expr().is_some_and(|name| {
                    let symbol = self.symbol(&name.id);
                    let held = self.assigned(symbol).map(|(_, value)| self.root(value));
                    held.is_none_or(|held| match self.scope.function.op(held) {
                        Op::Parameter(0) => self.scope.function.class.is_some(),
                        op => matches!(op, Op::Import(_)),
                    })
                });
                if !is_own {
                    self.tested_name(value, names, depth + 1);
                }
            }
            Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) if depth > 0 => {
                for element in elts.iter().take(4) {
                    self.tested_name(element, names, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// Names from which a name was worked out by calls, as long as they hold what they held then.
    fn made_from(&mut self, name: Symbol, names: &mut Vec<Symbol>) {
        let Some((_, value)) = self.assigned(name) else { return };
        // In functions of hundreds of names each test would look through all of them.
        if self.scope.environment.len() > 200 {
            return;
        }
        let mut left = vec![value];
        let mut seen = 0;
        while let Some(value) = left.pop() {
            seen += 1;
            if seen > 12 || names.len() > 8 {
                return;
            }
            let function = &self.scope.function;
            match function.op(value) {
                Op::Refine { of, .. } | Op::Await(of) | Op::Attribute { of, .. } | Op::Subscript { of, .. } => {
                    left.push(of);
                }
                Op::Binary { left: one, right, .. } => left.extend([one, right]),
                Op::Call { callee, arguments } => {
                    left.extend(function.call_arguments(arguments).iter().take(4).map(|argument| argument.value));
                    if let Op::Attribute { of, .. } = function.op(callee) {
                        left.push(of);
                    }
                }
                _ => {}
            }
            let is_held = |held: &Value| *held == value || self.root(*held) == value;
            // What a method belongs to is not what it is asked about.
            let may_be_asked_about = match function.op(value) {
                Op::Parameter(at) => at > 0 || function.class.is_none(),
                Op::Call { .. }
                | Op::Subscript { .. }
                | Op::Attribute { .. }
                | Op::Binary { .. }
                | Op::Element(_)
                | Op::Item { .. }
                | Op::Phi(_) => true,
                _ => false,
            };
            if !may_be_asked_about {
                continue;
            }
            let held = self.scope.environment.iter().zip(&self.scope.slot_symbols).find(|(held, _)| is_held(held));
            if let Some(held) = held.map(|(_, symbol)| *symbol).filter(|held| *held != name && !names.contains(held)) {
                names.push(held);
            }
        }
    }

    /// The value behind what is known of it.
    fn root(&self, mut value: Value) -> Value {
        while let Some(Op::Refine { of, outcome: Outcome::Held | Outcome::Failed, .. }) =
            self.scope.function.ops.get(value.0 as usize)
        {
            value = *of;
        }
        value
    }

    /// Goes back to what names held, keeping names that were bound meanwhile (walrus).
    fn forget_refinements(&mut self, before: &[Value]) {
        if self.scope.environment.len() <= before.len() || before.is_empty() {
            self.restore_names(before);
        } else {
            let added = self.scope.environment[before.len()..].to_vec();
            self.restore_names(before);
            self.scope.environment.extend(added);
        }
    }

    fn restore_names(&mut self, before: &[Value]) {
        // A name that was assigned, not only refined, keeps its new value.
        for (slot, &old) in before.iter().enumerate() {
            let Some(current) = self.scope.environment.get_mut(slot) else { break };
            let mut value = *current;
            while value != old {
                match self.scope.function.ops.get(value.0 as usize) {
                    Some(Op::Refine { of, outcome: Outcome::Held | Outcome::Failed, .. }) => value = *of,
                    _ => break,
                }
            }
            if value == old
                || matches!(self.scope.function.ops.get(value.0 as usize), Some(Op::Element(_) | Op::Item { .. }))
            {
                *current = old;
            }
        }
    }

    pub(super) fn operator(op: ast::Operator) -> BinaryOp {
        match op {
            ast::Operator::Add => BinaryOp::Add,
            ast::Operator::Mod => BinaryOp::Mod,
            ast::Operator::BitOr => BinaryOp::BitOr,
            ast::Operator::Div => BinaryOp::Div,
            ast::Operator::Mult => BinaryOp::Mult,
            ast::Operator::Sub => BinaryOp::Sub,
            ast::Operator::FloorDiv => BinaryOp::FloorDiv,
            ast::Operator::Pow => BinaryOp::Pow,
            ast::Operator::BitAnd => BinaryOp::BitAnd,
            ast::Operator::BitXor => BinaryOp::BitXor,
            ast::Operator::LShift => BinaryOp::LeftShift,
            ast::Operator::RShift => BinaryOp::RightShift,
            ast::Operator::MatMult => BinaryOp::Other,
        }
    }

    fn comparison(op: ast::CmpOp) -> CompareOp {
        match op {
            ast::CmpOp::Eq => CompareOp::Eq,
            ast::CmpOp::NotEq => CompareOp::NotEq,
            ast::CmpOp::In => CompareOp::In,
            ast::CmpOp::NotIn => CompareOp::NotIn,
            ast::CmpOp::Is => CompareOp::Is,
            ast::CmpOp::IsNot => CompareOp::IsNot,
            ast::CmpOp::Lt => CompareOp::Less,
            ast::CmpOp::LtE => CompareOp::LessOrEqual,
            ast::CmpOp::Gt => CompareOp::Greater,
            ast::CmpOp::GtE => CompareOp::GreaterOrEqual,
        }
    }
}
