//! What a `setup.py` asks for: the arguments it gives to `setup`, where they are written out.

use casemate_packages::manifest::{Literal, SetupCall, Target, read_setup};
use casemate_python::syntax::{
    Argument, BinaryOp, Collection, Constant, Function, FunctionId, LineIndex, Module, Op, Passing, Value,
};
use rustc_hash::FxHashSet;

use crate::rules::ManifestText;

/// Values that are followed to find out what one argument holds.
const MOST_STEPS: usize = 20_000;
/// How deep they may lie.
const MOST_DEEP: usize = 50;

/// Tools whose `setup` takes what that of setuptools takes.
const TOOLS: [&str; 6] =
    ["setuptools", "distutils.core", "setuptools_rust", "numpy.distutils.core", "skbuild", "cx_Freeze"];

/// What changes a list or a dictionary after it was made.
const CHANGES: [&str; 8] = ["append", "extend", "insert", "remove", "update", "setdefault", "pop", "clear"];

/// The manifest that a module is, if it is a `setup.py` that calls `setup`.
pub(crate) fn manifest(module: &Module, target: &Target) -> Option<ManifestText> {
    if module.path.rsplit('/').next() != Some("setup.py") {
        return None;
    }
    let mut call = SetupCall::default();
    let mut is_called = false;
    for (id, function) in module.function_ids() {
        for (value, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            if !is_setup(module, function, callee) {
                continue;
            }
            is_called = true;
            for argument in function.call_arguments(arguments) {
                take(module, id, function, *argument, value, &mut call);
            }
        }
    }
    let read = is_called.then(|| read_setup(&module.path, &module.text, &call, target))?;
    let lines = LineIndex::new(&module.text);
    Some(ManifestText { manifest: read, text: module.text.clone(), lines })
}

fn is_setup(module: &Module, function: &Function, callee: Value) -> bool {
    let is_tool = |name: &str| TOOLS.contains(&name);
    let import = |at: u32| module.imports.get(at as usize);
    let named = |op: Op| match op {
        Op::Import(at) => {
            import(at).is_some_and(|import| import.name.as_deref() == Some("setup") && is_tool(&import.module))
        }
        Op::Attribute { of, name } => {
            let root = match function.op(of) {
                Op::Import(at) => import(at).map(|import| import.module.as_str()),
                Op::Attribute { .. } => Some(module.slice(function.span_of(of))),
                Op::Name(name) => Some(module.symbols.text(name)),
                _ => None,
            };
            module.symbols.text(name) == "setup" && root.is_some_and(is_tool)
        }
        // Of an enclosing scope, or from `import *`.
        Op::Name(name) => {
            module.symbols.text(name) == "setup"
                && module
                    .imports
                    .iter()
                    .any(|one| is_tool(&one.module) && matches!(one.name.as_deref(), Some("setup" | "*")))
        }
        _ => false,
    };
    match function.op(callee) {
        Op::Phi(list) => function.list(list).iter().any(|&value| named(function.op(value))),
        op => named(op),
    }
}

/// One argument of the call.
fn take(module: &Module, id: FunctionId, function: &Function, argument: Argument, at: Value, call: &mut SetupCall) {
    let span = |value: Value| {
        let span = function.span_of(value);
        span.start as usize..span.end as usize
    };
    let name = match argument.passing {
        Passing::Keyword(name) => module.symbols.text(name),
        // `setup(**config)`
        Passing::DoubleStar => {
            call.computed.push((
                format!("**{}", module.slice(function.span_of(argument.value))),
                span(at).start..span(argument.value).end,
            ));
            return;
        }
        Passing::Position | Passing::Star => return,
    };
    let mut literals = Literals { module, seen: FxHashSet::default(), is_whole: true };
    match name {
        "name" => call.name = literals.strings(id, argument.value, 0).pop(),
        "python_requires" => {
            call.python_requires = literals.strings(id, argument.value, 0).pop();
        }
        "install_requires" => call.install_requires.extend(literals.strings(id, argument.value, 0)),
        "setup_requires" => call.setup_requires.extend(literals.strings(id, argument.value, 0)),
        "tests_require" => {
            let found = literals.strings(id, argument.value, 0);
            call.extras_require.extend(found.into_iter().map(|one| ("test".to_owned(), one)));
        }
        "extras_require" => call.extras_require.extend(literals.entries(id, argument.value, 0)),
        _ => return,
    }
    // A name or a range of Pythons that is put together leaves no dependency unread.
    if !literals.is_whole && !matches!(name, "name" | "python_requires") {
        call.computed.push((name.to_owned(), span(argument.value)));
    }
}

/// The strings a value holds.
struct Literals<'m> {
    module: &'m Module,
    seen: FxHashSet<(u32, u32)>,
    /// Whether nothing of the value is only known when the program runs.
    is_whole: bool,
}

impl<'m> Literals<'m> {
    /// The value where it is made, and the function it is made in; `None`, and not whole, if it is not known, or known
    /// already.
    fn made(&mut self, id: FunctionId, value: Value, depth: usize) -> Option<(&'m Function, Op)> {
        let function = self.module.function(id)?;
        if depth > MOST_DEEP || self.seen.len() > MOST_STEPS {
            self.is_whole = false;
            return None;
        }
        if !self.seen.insert((id.0, value.0)) {
            return None;
        }
        self.is_whole &= !is_changed(self.module, function, value);
        Some((function, function.op(value)))
    }

    /// What a name of an enclosing scope holds: that of the module, if it is assigned once.
    fn global(&self, name: casemate_python::syntax::Symbol) -> Option<Value> {
        let body = self.module.function(FunctionId(0))?;
        let mut all = body.assigned.iter().filter(|(known, _)| *known == name);
        let (_, value) = all.next()?;
        all.next().is_none().then_some(*value)
    }

    /// The strings of a string, a list, a sum of lists, or of whichever of several it may be.
    fn strings(&mut self, id: FunctionId, value: Value, depth: usize) -> Vec<Literal> {
        let Some((function, op)) = self.made(id, value, depth) else { return Vec::new() };
        let deeper = depth + 1;
        let all = |literals: &mut Self, values: &[Value]| -> Vec<Literal> {
            values.iter().flat_map(|&one| literals.strings(id, one, deeper)).collect()
        };
        match op {
            Op::Constant(Constant::Str(text)) => {
                let span = function.span_of(value);
                let text = self.module.string(text).to_owned();
                vec![Literal { text, span: span.start as usize..span.end as usize }]
            }
            Op::Constant(Constant::None) => Vec::new(),
            Op::Build { collection: Collection::List | Collection::Tuple | Collection::Set, items } => {
                all(self, function.list(items))
            }
            Op::Phi(list) => all(self, function.list(list)),
            Op::Choice { yes, no, .. } => all(self, &[yes, no]),
            Op::Binary { op: BinaryOp::Add, left, right } if !is_text(function, left) && !is_text(function, right) => {
                all(self, &[left, right])
            }
            Op::Spread(of) | Op::Refine { of, .. } => all(self, &[of]),
            Op::Name(name) => match self.global(name) {
                Some(value) => self.strings(FunctionId(0), value, deeper),
                None => self.unknown(),
            },
            _ => self.unknown(),
        }
    }

    /// The extras of a dictionary, with the strings of each.
    fn entries(&mut self, id: FunctionId, value: Value, depth: usize) -> Vec<(String, Literal)> {
        let Some((function, op)) = self.made(id, value, depth) else { return Vec::new() };
        let deeper = depth + 1;
        match op {
            Op::Constant(Constant::None) => Vec::new(),
            Op::Build { collection: Collection::Dict, items } => {
                let mut entries = Vec::new();
                for pair in function.list(items).chunks_exact(2) {
                    let [key, value] = pair else { continue };
                    if *key == Value::NONE {
                        entries.extend(self.entries(id, *value, deeper));
                        continue;
                    }
                    let Some(extra) = self.module.constant_str(function, *key) else {
                        self.is_whole = false;
                        continue;
                    };
                    let found = self.strings(id, *value, deeper);
                    entries.extend(found.into_iter().map(|one| (extra.to_owned(), one)));
                }
                entries
            }
            Op::Phi(list) => function.list(list).iter().flat_map(|&one| self.entries(id, one, deeper)).collect(),
            Op::Refine { of, .. } => self.entries(id, of, deeper),
            Op::Name(name) => match self.global(name) {
                Some(value) => self.entries(FunctionId(0), value, deeper),
                None => {
                    self.is_whole = false;
                    Vec::new()
                }
            },
            _ => {
                self.is_whole = false;
                Vec::new()
            }
        }
    }

    fn unknown(&mut self) -> Vec<Literal> {
        self.is_whole = false;
        Vec::new()
    }
}

fn is_text(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::Str(_)) | Op::Format(_))
}

/// Whether something puts more into a list or dictionary, or takes something out of it.
fn is_changed(module: &Module, function: &Function, value: Value) -> bool {
    if !matches!(function.op(value), Op::Build { .. } | Op::Phi(_)) {
        return false;
    }
    // A change of what has been changed before is one too.
    function.values().any(|(_, op)| match op {
        Op::Attribute { of, name } => function.bare(of) == value && CHANGES.contains(&module.symbols.text(name)),
        Op::StoreItem { of, .. } => function.bare(of) == value,
        _ => false,
    })
}
