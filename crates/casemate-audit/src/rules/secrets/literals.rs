//! Secrets that the syntax of Python gives away: the role that a constant plays.

use std::ops::Range;
use std::sync::LazyLock;

use casemate_python::facts::Entity;
use casemate_python::syntax::{
    Argument, Class, CompareOp, Constant, Function, FunctionId, FunctionKind, Op, Passing, Span, Symbol, Value,
};
use casemate_secrets::{Binding, Bound, Leak, LeakKind, NameKind, Surroundings, commands, judge, scan, secret_name};
use regex::Regex;
use rustc_hash::FxHashMap;

use super::constants::{Rebuilder, Text, base64, hex};
use crate::models::words;
use crate::rules::Context;

/// The secrets that the syntax of the module gives away.
/// Where a secret is written in parts that stand apart, `parts` are all of them.
pub(super) fn find(cx: &Context<'_>, leaks: &mut Vec<Leak>, parts: &mut Vec<Span>) {
    let mut survey = Survey {
        cx,
        surroundings: cx.scope.surroundings(&cx.module.path),
        is_settings: is_settings(cx.scope.within(&cx.module.path)),
        rebuilder: Rebuilder::new(cx.module),
        secret_symbols: FxHashMap::default(),
        leaks,
        parts,
    };
    for (id, function) in cx.module.function_ids() {
        survey.function(id, function);
    }
    survey.comments();
    if !cx.module.problems.is_empty() {
        // What the parser could not understand has no syntax; its lines are read as they stand.
        survey.lines(0..cx.module.text.len());
    }
}

/// A file that holds settings: there a plain word that stands for a password is one.
fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let mut folders = path.split('/').rev().skip(1);
    folders.next().is_some_and(|folder| matches!(folder, "settings" | "config" | "conf"))
        || stem
            .split('_')
            .any(|word| matches!(word, "settings" | "config" | "conf" | "secrets" | "credentials" | "local"))
}

/// A value in a role.
struct Role<'n> {
    /// The name it is bound to.
    name: &'n str,
    binding: Binding,
}

struct Survey<'s, 'a> {
    cx: &'s Context<'a>,
    surroundings: Surroundings,
    is_settings: bool,
    rebuilder: Rebuilder<'a>,
    secret_symbols: FxHashMap<Symbol, Option<NameKind>>,
    leaks: &'s mut Vec<Leak>,
    parts: &'s mut Vec<Span>,
}

/// Bytes of a string in a line that is not understood; what is longer is no password.
const LONGEST_BOUND: usize = 400;

/// Values that may stand for one: the branches of `a or b`, `a if c else b`, and what is in a wrapper.
const MAX_CHOICES: usize = 16;

/// Entries of one display that are looked at.
const MAX_ITEMS: usize = 20_000;

impl<'a> Survey<'_, 'a> {
    fn text_of(&self, symbol: Symbol) -> &'a str {
        self.cx.module.symbols.text(symbol)
    }

    /// Whether a name speaks of a secret; each name is judged once.
    fn speaks(&mut self, symbol: Symbol) -> bool {
        let text = self.text_of(symbol);
        self.secret_symbols.entry(symbol).or_insert_with(|| secret_name(text)).is_some()
    }

    fn function(&mut self, id: FunctionId, function: &'a Function) {
        let class = function.class.and_then(|class| self.cx.module.class(class));
        let is_enumeration =
            function.kind == FunctionKind::ClassBody && class.is_some_and(|class| self.enumerates(class));
        if !is_enumeration {
            for &(symbol, value) in &function.assigned {
                if self.speaks(symbol) && !self.is_literal_type(function, value) {
                    let name = self.text_of(symbol);
                    let is_setting = self.is_settings
                        && matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody)
                        && name.chars().all(|c| !c.is_lowercase());
                    self.bound(id, function, value, &Role { name, binding: firm_if(is_setting) });
                }
            }
        }
        if function.kind == FunctionKind::Def
            && let Some(name) = self.cx.module.symbols.find(&function.name)
            && self.speaks(name)
        {
            for &value in &function.returns {
                self.bound(id, function, value, &Role { name: &function.name, binding: Binding::Open });
            }
        }
        if let Some(parent) = function.parent
            && let Some(around) = self.cx.module.function(parent)
        {
            for parameter in &function.parameters {
                if let Some(default) = parameter.default
                    && self.speaks(parameter.name)
                {
                    let role = Role { name: self.text_of(parameter.name), binding: Binding::Open };
                    self.bound(parent, around, default, &role);
                }
            }
        }
        let mut names: Option<FxHashMap<Value, Symbol>> = None;
        let mut rebuilt: Vec<bool> = Vec::new();
        for (value, op) in function.values() {
            match op {
                Op::StoreAttribute { name, value: stored, .. } | Op::StoreName { name, value: stored }
                    if self.speaks(name) =>
                {
                    let role = Role { name: self.text_of(name), binding: Binding::Open };
                    self.bound(id, function, stored, &role);
                    if PAIRS.contains(&role.name) {
                        self.signs_in(id, function, stored);
                    }
                }
                Op::StoreItem { of, index, value: stored } => {
                    if let Some(name) = self.cx.module.constant_str(function, index) {
                        let is_environment = self.cx.facts.path(id, of).is_some_and(|path| path == "os.environ");
                        self.bound(id, function, stored, &Role { name, binding: firm_if(is_environment) });
                    }
                }
                Op::Build { collection: casemate_python::syntax::Collection::Dict, items } => {
                    self.entries(id, function, function.list(items));
                }
                Op::Compare { op, left, right } => {
                    let is_equality = matches!(op, CompareOp::Eq | CompareOp::NotEq | CompareOp::In | CompareOp::NotIn);
                    if is_equality {
                        let names = names.get_or_insert_with(|| names_of(function));
                        self.compared(id, function, names, left, right);
                        if matches!(op, CompareOp::Eq | CompareOp::NotEq) {
                            self.compared(id, function, names, right, left);
                        }
                    }
                }
                Op::Call { callee, arguments } => {
                    self.call(id, function, callee, function.call_arguments(arguments));
                }
                Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => {
                    let text = self.cx.module.string(text);
                    self.encoded_constant(function, value, text);
                    self.command(function, value, text);
                }
                _ => {}
            }
            if matches!(op, Op::Binary { .. } | Op::Call { .. } | Op::Subscript { .. } | Op::Format(_)) {
                rebuilt.resize(function.ops.len(), false);
                if let Some(mark) = rebuilt.get_mut(value.0 as usize) {
                    *mark = true;
                }
            }
        }
        self.rebuild(function, &rebuilt);
    }

    // --- roles

    /// Judges what a value may be, in its role.
    fn bound(&mut self, _id: FunctionId, function: &'a Function, value: Value, role: &Role<'_>) {
        let mut choices = Vec::new();
        self.choices(function, value, &mut choices, 0);
        for value in choices {
            if let Some(text) = self.rebuilder.text(function, value) {
                self.judge(&text, role);
            }
        }
    }

    /// The values that may stand for this one.
    fn choices(&self, function: &'a Function, value: Value, found: &mut Vec<Value>, depth: u32) {
        if depth > 8 || found.len() >= MAX_CHOICES || value == Value::NONE {
            return;
        }
        match function.op(value) {
            Op::Constant(Constant::Str(_) | Constant::Bytes(_))
            | Op::Binary { .. }
            | Op::Format(_)
            | Op::Subscript { .. }
            | Op::Name(_) => {
                found.push(value);
            }
            Op::Or(list) => {
                for &choice in function.list(list) {
                    self.choices(function, choice, found, depth + 1);
                }
            }
            Op::Choice { yes, no, .. } => {
                self.choices(function, yes, found, depth + 1);
                self.choices(function, no, found, depth + 1);
            }
            Op::Refine { of, .. } | Op::Await(of) => self.choices(function, of, found, depth + 1),
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                let before = found.len();
                for wrapped in wrapped(self.cx, function, callee, arguments) {
                    self.choices(function, wrapped, found, depth + 1);
                }
                if found.len() == before {
                    found.push(value);
                }
            }
            _ => {}
        }
    }

    fn judge(&mut self, text: &Text, role: &Role<'_>) {
        if text.span.start >= text.span.end || text.text.len() > 4096 {
            return;
        }
        let written = self.cx.module.slice(text.span);
        let is_plain = written == text.text;
        // `Authorization: Bearer …`: the scheme is no part of the secret.
        let scheme = ["Bearer ", "Token ", "Basic ", "ApiKey ", "token ", "bearer ", "Bot "]
            .into_iter()
            .find(|scheme| text.text.starts_with(scheme));
        let (value, skipped) = match scheme {
            Some(scheme) if is_plain => (&text.text[scheme.len()..], scheme.len()),
            _ => (text.text.as_str(), 0),
        };
        let bound = Bound { name: role.name, value, binding: role.binding, surroundings: self.surroundings };
        let Some(verdict) = judge(&bound) else { return };
        let start = text.span.start as usize + skipped;
        let rebuilt = (!is_plain).then(|| text.text.clone());
        if text.written.len() > 1 {
            self.parts.extend(&text.written);
        }
        self.leaks.push(Leak {
            span: start..text.span.end as usize,
            kind: verdict.kind,
            detector: verdict.detector,
            what: verdict.what,
            proof: verdict.proof,
            name: role.name.to_owned(),
            decoded: verdict.decoded.or(rebuilt),
        });
    }

    fn entries(&mut self, id: FunctionId, function: &'a Function, items: &[Value]) {
        let module = self.cx.module;
        let key = |pair: &[Value]| pair.first().and_then(|&key| module.constant_str(function, key));
        let pairs = || items.chunks_exact(2).take(MAX_ITEMS);
        let connects = pairs().take(64).filter_map(key).any(is_of_connection);
        for pair in pairs() {
            if let (Some(name), Some(&value)) = (key(pair), pair.get(1)) {
                self.bound(id, function, value, &Role { name, binding: firm_if(connects) });
            }
        }
    }

    /// `one == other`, where `other` may be the secret.
    fn compared(
        &mut self,
        id: FunctionId,
        function: &'a Function,
        names: &FxHashMap<Value, Symbol>,
        one: Value,
        other: Value,
    ) {
        let others: Vec<Value> = match function.op(other) {
            Op::Constant(Constant::Str(_) | Constant::Bytes(_)) => vec![other],
            Op::Build { items, .. } => function.list(items).iter().copied().take(64).collect(),
            Op::Binary { .. } | Op::Call { .. } | Op::Name(_) => vec![other],
            _ => return,
        };
        let Some(name) = self.named(function, names, one, 0) else { return };
        for other in others {
            self.bound(id, function, other, &Role { name, binding: Binding::Open });
        }
    }

    /// What a value is called where it comes from.
    fn named(
        &self,
        function: &'a Function,
        names: &FxHashMap<Value, Symbol>,
        value: Value,
        depth: u32,
    ) -> Option<&'a str> {
        if depth > 8 {
            return None;
        }
        let module = self.cx.module;
        match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => self.named(function, names, of, depth + 1),
            Op::Parameter(index) => {
                function.parameters.get(index as usize).map(|parameter| self.text_of(parameter.name))
            }
            Op::Attribute { name, .. } | Op::Name(name) => Some(self.text_of(name)),
            Op::Subscript { index, .. } => module.constant_str(function, index),
            op => {
                if let Some(&name) = names.get(&value) {
                    return Some(self.text_of(name));
                }
                let Op::Call { callee, arguments } = op else { return None };
                let Op::Attribute { of, name } = function.op(callee) else { return None };
                match (self.text_of(name), function.call_arguments(arguments)) {
                    ("get" | "pop" | "getlist", [key, ..]) => module.constant_str(function, key.value),
                    ("strip" | "lower" | "decode" | "encode" | "text" | "toPlainText" | "get" | "get_text", []) => {
                        self.named(function, names, of, depth + 1)
                    }
                    _ => None,
                }
            }
        }
    }

    // --- calls

    fn call(&mut self, id: FunctionId, function: &'a Function, callee: Value, arguments: &'a [Argument]) {
        let module = self.cx.module;
        let last = match function.op(callee) {
            Op::Attribute { name, .. } | Op::Name(name) => self.text_of(name),
            Op::Import(_) => module.slice(function.span_of(callee)),
            _ => "",
        };
        // Whoever builds a table of names speaks of names.
        let symbols = &module.symbols;
        let connects = || {
            is_of_connecting(last)
                || arguments.iter().any(|argument| {
                    matches!(argument.passing, Passing::Keyword(name) if is_of_connection(symbols.text(name)))
                })
        };
        for argument in arguments {
            if let Passing::Keyword(name) = argument.passing
                && self.speaks(name)
            {
                let role = Role { name: self.text_of(name), binding: firm_if(connects()) };
                self.bound(id, function, argument.value, &role);
            }
        }
        let constant = |at: usize| arguments.get(at).and_then(|argument| module.constant_str(function, argument.value));
        let given = |at: usize| {
            arguments.get(at).filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value)
        };
        match last {
            "setattr" | "__setattr__" | "__setitem__" => {
                let key = if last == "setattr" { 1 } else { 0 };
                if let (Some(name), Some(value)) = (constant(key), given(key + 1)) {
                    self.bound(id, function, value, &Role { name, binding: Binding::Open });
                }
            }
            "setdefault" | "set" | "put" | "setenv" | "putenv" | "set_option" | "add_header" | "set_header"
            | "send_header" => {
                let is_environment = matches!(last, "setenv" | "putenv");
                for at in [0, 1] {
                    if let (Some(name), Some(value)) = (constant(at), given(at + 1)) {
                        self.bound(id, function, value, &Role { name, binding: firm_if(is_environment) });
                    }
                }
            }
            "compare_digest" | "constant_time_compare" | "safe_str_cmp" => {
                if let (Some(one), Some(other)) = (given(0), given(1)) {
                    let names = names_of(function);
                    self.compared(id, function, &names, one, other);
                    self.compared(id, function, &names, other, one);
                }
            }
            // A default that stands for a secret that is not set.
            "get" | "getenv" | "pop" | "str" | "get_secret" | "config" | "env" | "getattr" | "get_config"
            | "get_setting" => {
                let at = usize::from(last == "getattr");
                let default = given(at + 1).or_else(|| self.cx.keyword(arguments, "default"));
                if let (Some(name), Some(value)) = (constant(at), default) {
                    let binding = if last == "getattr" || last == "pop" { Binding::Open } else { Binding::Firm };
                    self.bound(id, function, value, &Role { name, binding });
                }
            }
            // `parser.add_argument("--password", default="…")`, `click.option("--password", default="…")`
            "add_argument" | "option" | "add_option" | "define" => {
                if let Some(default) =
                    self.cx.keyword(arguments, "default").or_else(|| given(1).filter(|_| last == "define"))
                {
                    for at in 0..2 {
                        if let Some(name) = constant(at).filter(|name| last == "define" || name.starts_with('-')) {
                            let name = name.trim_start_matches('-');
                            self.bound(id, function, default, &Role { name, binding: Binding::Open });
                        }
                    }
                }
            }
            _ => {}
        }
        self.positions(id, function, callee, last, arguments);
    }

    /// Arguments by position, where the called function is known.
    fn positions(
        &mut self,
        id: FunctionId,
        function: &'a Function,
        callee: Value,
        last: &str,
        arguments: &'a [Argument],
    ) {
        if !arguments.iter().any(|argument| argument.passing == Passing::Position) {
            return self.pair(id, function, arguments);
        }
        self.pair(id, function, arguments);
        let given = |at: usize| {
            arguments.get(at).filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value)
        };
        if let Some(path) = self.cx.facts.path(id, callee)
            && let Some(&(at, name)) = BY_PATH.get(path)
            && let Some(value) = given(at)
        {
            self.bound(id, function, value, &Role { name, binding: Binding::Firm });
        }
        if let Some(&(count, at, name)) = BY_METHOD.get(last)
            && arguments.len() >= count
            && let Some(value) = given(at)
        {
            self.bound(id, function, value, &Role { name, binding: Binding::Open });
        }
        let (module, target, skipped) = match self.cx.facts.fact(id, callee).entity {
            Entity::Function(module, target) => (module, target, 0),
            Entity::Method(module, target) => (module, target, 1),
            Entity::Class(module, class) => {
                let Some(target) = self.cx.program.module(module).and_then(|module| module.method(class, "__init__"))
                else {
                    return;
                };
                (module, target, 1)
            }
            _ => return,
        };
        let Some((source, target)) = self.cx.function(module, target) else { return };
        for (at, parameter) in target.parameters.iter().skip(skipped).enumerate() {
            let name = source.symbols.text(parameter.name);
            if let Some(value) = given(at)
                && secret_name(name).is_some()
            {
                let name = name.to_owned();
                self.bound(id, function, value, &Role { name: &name, binding: Binding::Open });
            }
        }
    }

    /// `auth=("user", "password")`
    fn pair(&mut self, id: FunctionId, function: &'a Function, arguments: &'a [Argument]) {
        for argument in arguments {
            if let Passing::Keyword(name) = argument.passing
                && PAIRS.contains(&self.text_of(name))
            {
                self.signs_in(id, function, argument.value);
            }
        }
    }

    /// `("user", "password")`
    fn signs_in(&mut self, id: FunctionId, function: &'a Function, value: Value) {
        if let Op::Build { collection: casemate_python::syntax::Collection::Tuple, items } = function.op(value)
            && let [_, password] = function.list(items)
        {
            self.bound(id, function, *password, &Role { name: "password", binding: Binding::Firm });
        }
    }

    /// Whether a string explains something, told from the name it is bound to: `EXAMPLES = """…"""`, `help="…"`.
    fn is_for_people(&self, span: Span) -> bool {
        let before = self.cx.module.text.get(..span.start as usize).unwrap_or_default();
        let before = before.trim_end_matches(['"', '\'', 'r', 'R', 'u', 'f', 'b']);
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == '(');
        let Some(bound) = before.strip_suffix('=') else { return false };
        let bound = bound.trim_end().rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        words(bound).iter().any(|word| {
            matches!(
                word.as_str(),
                "help"
                    | "description"
                    | "epilog"
                    | "usage"
                    | "example"
                    | "examples"
                    | "documentation"
                    | "doc"
                    | "docs"
                    | "comment"
                    | "summary"
                    | "hint"
                    | "note"
                    | "notes"
            )
        })
    }

    /// A text that is handed on as a command line, a statement or the settings of a connection.
    fn command(&mut self, function: &'a Function, value: Value, text: &str) {
        if !(10..=4096).contains(&text.len()) || !text.contains([' ', '=']) {
            return;
        }
        let found = commands(text);
        if found.is_empty() {
            return;
        }
        let Some(written) = self.rebuilder.text(function, value) else { return };
        if self.is_for_people(written.span) {
            return;
        }
        let is_plain = self.cx.module.slice(written.span) == text;
        let start = written.span.start as usize;
        for leak in found {
            let (span, decoded) = if is_plain {
                (start + leak.span.start..start + leak.span.end, leak.decoded)
            } else {
                let secret = text.get(leak.span).map(str::to_owned);
                (start..written.span.end as usize, leak.decoded.or(secret))
            };
            self.leaks.push(Leak { span, decoded, ..leak });
        }
    }

    // --- texts in parts and in code

    /// Texts that are put together or decoded, and turn out to be a secret of known form.
    fn rebuild(&mut self, function: &'a Function, candidates: &[bool]) {
        // What a larger text is made of comes before it, and is not looked at again.
        let mut done: Vec<Span> = Vec::new();
        for at in (0..candidates.len()).rev() {
            if candidates.get(at) != Some(&true) {
                continue;
            }
            let value = Value(u32::try_from(at).unwrap_or(u32::MAX));
            let span = function.span_of(value);
            if done.last().is_some_and(|larger| larger.contains(span)) {
                continue;
            }
            if let Some(text) = self.rebuilder.text(function, value) {
                done.push(span);
                if text.is_rebuilt() {
                    self.formed(&text);
                }
            }
        }
    }

    /// A text constant that is itself the code of another text.
    fn encoded_constant(&mut self, function: &'a Function, value: Value, text: &str) {
        let is_code = text.len() >= 24
            && text.len() <= 8192
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='));
        if !is_code {
            return;
        }
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let decoded = if is_hex { hex(text) } else { base64(text) };
        let decoded =
            decoded.filter(|decoded| decoded.bytes().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()));
        if let (Some(decoded), Some(written)) = (decoded, self.rebuilder.text(function, value)) {
            self.formed(&Text { text: decoded, is_encoded: true, ..written });
        }
    }

    /// Keeps a rebuilt text that has the form of a secret.
    fn formed(&mut self, text: &Text) {
        if text.text.len() < 16 || text.span.start >= text.span.end {
            return;
        }
        let found = scan(&self.cx.module.path, &text.text);
        let found = found
            .into_iter()
            .filter(|leak| matches!(leak.kind, LeakKind::Token | LeakKind::PrivateKey | LeakKind::ConnectionString));
        for leak in found.take(4) {
            self.parts.extend(&text.written);
            let decoded = leak.decoded.clone().or_else(|| text.text.get(leak.span.clone()).map(str::to_owned));
            self.leaks.push(Leak { span: text.span.start as usize..text.span.end as usize, decoded, ..leak });
        }
    }

    // --- what has no syntax

    /// Code that was commented out still gives its secrets away.
    fn comments(&mut self) {
        for comment in &self.cx.module.comments {
            let range = comment.span.start as usize..comment.span.end as usize;
            let text = self.cx.module.text.get(range.clone()).unwrap_or_default();
            if text.contains(['"', '\'']) {
                self.lines(range);
            }
        }
    }

    /// `name = "value"` and `"name": "value"` in lines that are not understood.
    fn lines(&mut self, range: Range<usize>) {
        // Nothing is counted that may be any letter: that takes long to make.
        static BOUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"(?P<name>[A-Za-z_][\w.-]*)["']?\]?\s{0,8}(?::\s{0,8}[\w.]+\s{0,8}=|==|=|:)\s{0,8}[rRbBuU]{0,2}(?:"(?P<double>[^"\n\\]+)"|'(?P<single>[^'\n\\]+)')"#).ok()
        });
        let Some(bound) = BOUND.as_ref() else { return };
        let text = self.cx.module.text.get(range.clone()).unwrap_or_default();
        for captures in bound.captures_iter(text) {
            let value = captures.name("double").or_else(|| captures.name("single"));
            let value = value.filter(|value| value.len() <= LONGEST_BOUND);
            if let (Some(name), Some(value)) = (captures.name("name"), value) {
                let offset = |at: usize| u32::try_from(range.start + at).unwrap_or(u32::MAX);
                let span = Span { start: offset(value.start()), end: offset(value.end()) };
                let found = Text { text: value.as_str().to_owned(), span, parts: 1, ..Text::default() };
                self.judge(&found, &Role { name: name.as_str(), binding: Binding::Open });
            }
        }
    }

    // --- what is no secret

    /// The members of an enumeration are names.
    fn enumerates(&self, class: &Class) -> bool {
        let Some(around) = self.cx.module.function(class.parent) else { return false };
        class.bases.iter().any(|&base| {
            let written = self.cx.module.slice(around.span_of(base));
            let last = written.rsplit('.').next().unwrap_or(written);
            last.ends_with("Enum")
                || last.ends_with("Choices")
                || matches!(last, "Flag" | "IntFlag" | "TypedDict" | "NamedTuple" | "Protocol")
        })
    }

    /// `kind: Literal["password"] = "password"`
    fn is_literal_type(&self, function: &Function, value: Value) -> bool {
        let declared = function.declared.iter().find(|(declared, _)| *declared == value);
        declared.is_some_and(|(_, annotation)| self.cx.module.slice(function.span_of(*annotation)).contains("Literal"))
    }
}

fn firm_if(yes: bool) -> Binding {
    if yes { Binding::Firm } else { Binding::Open }
}

/// The names of values, for those that have one.
fn names_of(function: &Function) -> FxHashMap<Value, Symbol> {
    function.assigned.iter().map(|&(name, value)| (value, name)).collect()
}

/// What a call only wraps: `SecretStr("…")`, `Field(default="…")`, `os.getenv("X", "…")`.
fn wrapped(cx: &Context<'_>, function: &Function, callee: Value, arguments: &[Argument]) -> Vec<Value> {
    let module = cx.module;
    let last = match function.op(callee) {
        Op::Attribute { name, .. } | Op::Name(name) => module.symbols.text(name),
        Op::Import(_) => module.slice(function.span_of(callee)),
        _ => return Vec::new(),
    };
    let first =
        arguments.first().filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value);
    let second =
        arguments.get(1).filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value);
    let default = || cx.keyword(arguments, "default");
    let found = match last {
        "SecretStr" | "SecretBytes" | "Secret" | "CommaSeparatedStrings" => first,
        "Field" | "Option" | "Argument" | "Query" | "Header" | "Form" | "Body" => first.or_else(default),
        "field" | "mapped_column" | "Column" | "attrib" | "ib" | "Factory" => default(),
        "getenv" | "get" | "config" | "env" | "str" if second.is_some() || default().is_some() => {
            second.or_else(default)
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// Names that stand beside a password where something is connected to or signed in to.
fn is_of_connection(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    matches!(
        name.as_str(),
        "host"
            | "hostname"
            | "server"
            | "port"
            | "user"
            | "username"
            | "user_name"
            | "userid"
            | "user_id"
            | "login"
            | "database"
            | "db"
            | "dbname"
            | "engine"
            | "dsn"
            | "url"
            | "base_url"
            | "endpoint"
            | "endpoint_url"
            | "account"
            | "email"
            | "client_id"
            | "aws_access_key_id"
            | "access_key"
            | "access_key_id"
            | "bind_dn"
            | "sid"
            | "service_name"
            | "uid"
            | "driver"
            | "address"
            | "addr"
            | "realm"
            | "smtp_server"
            | "region_name"
    )
}

/// Names of what holds a user and a password.
const PAIRS: [&str; 5] = ["auth", "basic_auth", "http_auth", "proxy_auth", "credentials"];

/// Functions that connect or sign in.
fn is_of_connecting(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "connect",
        "login",
        "log_in",
        "sign_in",
        "authenticate",
        "session",
        "client",
        "redis",
        "engine",
        "credential",
        "create_user",
        "create_superuser",
        "smtp",
        "ftp",
        "imap",
        "ssh",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// [`POSITIONS`] by their paths.
static BY_PATH: LazyLock<FxHashMap<&str, (usize, &str)>> =
    LazyLock::new(|| POSITIONS.iter().map(|&(path, at, name)| (path, (at, name))).collect());

/// [`METHODS`] by their names.
static BY_METHOD: LazyLock<FxHashMap<&str, (usize, usize, &str)>> =
    LazyLock::new(|| METHODS.iter().map(|&(method, count, at, name)| (method, (count, at, name))).collect());

/// Library functions by canonical path: which argument is a secret, and what it is called there.
const POSITIONS: &[(&str, usize, &str)] = &[
    ("requests.auth.HTTPBasicAuth", 1, "password"),
    ("requests.auth.HTTPDigestAuth", 1, "password"),
    ("requests.auth.HTTPProxyAuth", 1, "password"),
    ("requests.HTTPBasicAuth", 1, "password"),
    ("httpx.BasicAuth", 1, "password"),
    ("httpx.DigestAuth", 1, "password"),
    ("aiohttp.BasicAuth", 1, "password"),
    ("requests_ntlm.HttpNtlmAuth", 1, "password"),
    ("smtplib.SMTP().login", 1, "password"),
    ("smtplib.SMTP_SSL().login", 1, "password"),
    ("imaplib.IMAP4().login", 1, "password"),
    ("imaplib.IMAP4_SSL().login", 1, "password"),
    ("poplib.POP3().pass_", 0, "password"),
    ("poplib.POP3_SSL().pass_", 0, "password"),
    ("ftplib.FTP().login", 1, "password"),
    ("ftplib.FTP_TLS().login", 1, "password"),
    ("ftplib.FTP", 2, "password"),
    ("ftplib.FTP_TLS", 2, "password"),
    ("paramiko.SSHClient().connect", 3, "password"),
    ("paramiko.Transport().connect", 2, "password"),
    ("pymysql.connect", 2, "password"),
    ("MySQLdb.connect", 2, "password"),
    ("cx_Oracle.connect", 1, "password"),
    ("oracledb.connect", 1, "password"),
    ("pymssql.connect", 2, "password"),
    ("ldap3.Connection", 2, "password"),
    ("pika.PlainCredentials", 1, "password"),
    ("pika.credentials.PlainCredentials", 1, "password"),
    ("cassandra.auth.PlainTextAuthProvider", 1, "password"),
    ("zipfile.ZipFile().setpassword", 0, "password"),
    ("zipfile.ZipFile().extractall", 2, "password"),
    ("keyring.set_password", 2, "password"),
    ("django.contrib.auth.hashers.make_password", 0, "password"),
    ("werkzeug.security.generate_password_hash", 0, "password"),
    ("netrc.netrc", 2, "password"),
    ("twilio.rest.Client", 1, "auth_token"),
    ("tweepy.OAuthHandler", 1, "consumer_secret"),
    ("tweepy.OAuth1UserHandler", 1, "consumer_secret"),
    ("slack_sdk.WebClient", 0, "token"),
    ("slack.WebClient", 0, "token"),
    ("telegram.Bot", 0, "token"),
    ("telebot.TeleBot", 0, "token"),
    ("github.Github", 0, "access_token"),
    ("sendgrid.SendGridAPIClient", 0, "api_key"),
    ("discord.Client().run", 0, "token"),
    ("stripe.StripeClient", 0, "api_key"),
    ("jwt.encode", 1, "secret_key"),
    ("jwt.decode", 1, "secret_key"),
    ("jose.jwt.encode", 1, "secret_key"),
    ("jose.jwt.decode", 1, "secret_key"),
    ("itsdangerous.Signer", 0, "secret_key"),
    ("itsdangerous.TimestampSigner", 0, "secret_key"),
    ("itsdangerous.URLSafeSerializer", 0, "secret_key"),
    ("itsdangerous.URLSafeTimedSerializer", 0, "secret_key"),
];

/// Methods by name alone, for receivers that are not known: at least so many arguments, and which one is the secret.
const METHODS: &[(&str, usize, usize, &str)] = &[
    ("login", 2, 1, "password"),
    ("simple_bind_s", 2, 1, "password"),
    ("simple_bind", 2, 1, "password"),
    ("set_password", 1, 0, "password"),
    ("check_password", 1, 0, "password"),
    ("create_user", 3, 2, "password"),
    ("create_superuser", 3, 2, "password"),
    ("username_pw_set", 2, 1, "password"),
    ("setpassword", 1, 0, "password"),
];
