//! What a value is as far as the code itself says: constants through names, imports, classes and tests.

use casemate_packages::manifest::Dependency;
use casemate_packages::{Version, VersionSpecifiers};
use casemate_python::facts::{Entity, Konst};
use casemate_python::names::{Definition, ModuleId, Program, Target};
use casemate_python::syntax::{
    Argument, BinaryOp, Collection, CompareOp, Constant, Function, FunctionId, Import, Module, Op, Passing, Symbol,
    Value,
};

use super::{Context, ManifestText};
use crate::models::label;

/// Names, imports and wrappers that are followed for one value.
const MAX_HOPS: u32 = 16;

/// Entries of one list or table that are looked at.
const MAX_ENTRIES: usize = 512;

/// A value where it is written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) program: &'a Program,
    pub(crate) home: ModuleId,
    pub(crate) module: &'a Module,
    pub(crate) function: &'a Function,
    pub(crate) value: Value,
}

/// What is passed to a call at some place.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    /// This.
    Value(Written<'a>),
    /// What comes out of a function or table of the project, and is this whichever way it is called.
    Bool(bool),
    /// Nothing.
    Nothing,
    /// It cannot be said: `*args` or `**options` may hold it.
    Unknown,
}

impl<'a> Given<'a> {
    /// Whether it is certainly `True` or the like.
    pub(crate) fn is_true(self) -> bool {
        matches!(self, Self::Bool(true)) || matches!(self, Self::Value(written) if written.truth() == Some(true))
    }

    /// Whether it is certainly `False` or the like.
    pub(crate) fn is_false(self) -> bool {
        matches!(self, Self::Bool(false)) || matches!(self, Self::Value(written) if written.truth() == Some(false))
    }

    /// Whether nothing is passed.
    pub(crate) fn is_nothing(self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The text that is passed.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Value(written) => written.text(),
            _ => None,
        }
    }
}

/// The value of a function of the module at hand, followed to where it is written.
pub(crate) fn written<'a>(cx: &Context<'a>, id: FunctionId, value: Value) -> Option<Written<'a>> {
    let function = cx.module.function(id)?;
    let mut value = value;
    // What only the analysis knows: an attribute of a module or class of the project.
    for _ in 0..MAX_HOPS {
        match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => value = of,
            Op::Attribute { of, name } => {
                let name = cx.module.symbols.text(name);
                match cx.facts.fact(id, of).entity {
                    Entity::Module(module) => {
                        return Written::named(cx.program, module, name).map(Written::followed);
                    }
                    Entity::Class(module, class) | Entity::Instance(module, class) => {
                        let source = cx.program.module(module)?;
                        let body = source.function(source.class(class)?.body)?;
                        let held = held_by(source, body, name)?;
                        let found =
                            Written { program: cx.program, home: module, module: source, function: body, value: held };
                        return Some(found.followed());
                    }
                    _ => break,
                }
            }
            _ => break,
        }
    }
    let found = Written { program: cx.program, home: cx.facts.module, module: cx.module, function, value };
    Some(found.followed())
}

/// What is passed, by where it is written or by what the analysis makes of it.
fn passed<'a>(cx: &Context<'a>, id: FunctionId, value: Value) -> Given<'a> {
    match written(cx, id, value) {
        Some(written) if written.truth().is_none() => match cx.facts.constant(id, value) {
            Some(Konst::Bool(truth)) => Given::Bool(*truth),
            _ => Given::Value(written),
        },
        Some(written) => Given::Value(written),
        None => Given::Unknown,
    }
}

/// What a call is given at this position or by this keyword, seen through `**{…}` of constants.
pub(crate) fn given<'a>(
    cx: &Context<'a>,
    id: FunctionId,
    arguments: &[Argument],
    position: Option<usize>,
    keyword: &str,
) -> Given<'a> {
    let mut at = 0;
    let mut is_open = false;
    for argument in arguments {
        match argument.passing {
            Passing::Position => {
                if position == Some(at) {
                    return passed(cx, id, argument.value);
                }
                at += 1;
            }
            Passing::Keyword(name) if !keyword.is_empty() && cx.module.symbols.text(name) == keyword => {
                return passed(cx, id, argument.value);
            }
            Passing::Keyword(_) => {}
            Passing::Star => is_open |= position.is_some(),
            Passing::DoubleStar => match written(cx, id, argument.value).and_then(Written::entries) {
                Some(entries) => {
                    if let Some((_, value)) = entries.into_iter().rev().find(|(name, _)| name == keyword) {
                        return Given::Value(value);
                    }
                }
                None => is_open = true,
            },
        }
    }
    if is_open { Given::Unknown } else { Given::Nothing }
}

/// What a call of any module is given at this position or by this keyword; `call` is where the call is written.
pub(crate) fn given_at<'a>(call: Written<'a>, arguments: &[Argument], position: usize, keyword: &str) -> Given<'a> {
    let by_keyword = arguments.iter().find(
        |argument| matches!(argument.passing, Passing::Keyword(name) if call.module.symbols.text(name) == keyword),
    );
    let by_position = arguments.get(position).filter(|argument| argument.passing == Passing::Position);
    match by_keyword.or(by_position) {
        Some(argument) => Given::Value(call.at(argument.value)),
        None if arguments.iter().any(|one| matches!(one.passing, Passing::Star | Passing::DoubleStar)) => {
            Given::Unknown
        }
        None => Given::Nothing,
    }
}

/// What a scope holds under a name in the end.
pub(crate) fn held_by(module: &Module, scope: &Function, name: &str) -> Option<Value> {
    let symbol = module.symbols.find(name)?;
    held(scope, symbol)
}

fn held(scope: &Function, symbol: Symbol) -> Option<Value> {
    let at = scope.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
    scope.exit.get(at).map(|(_, value)| *value)
}

impl<'a> Written<'a> {
    /// What a name of a module holds, also one that came with `import *`.
    pub(crate) fn named(program: &'a Program, module: ModuleId, name: &str) -> Option<Self> {
        match program.member(module, name)? {
            Target::Project(Definition::Variable(home, _, value)) => {
                let module = program.module(home)?;
                Some(Self { program, home, module, function: module.functions.first()?, value })
            }
            _ => None,
        }
    }

    /// The same value at the place where it is written.
    pub(crate) fn followed(self) -> Self {
        let mut at = self;
        for _ in 0..MAX_HOPS {
            match at.step() {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    fn step(self) -> Option<Self> {
        match self.op() {
            Op::Refine { of, .. } | Op::Await(of) => Some(Self { value: of, ..self }),
            Op::Name(symbol) => {
                let body = self.module.functions.first()?;
                if let Some(value) = held(body, symbol)
                    && (!std::ptr::eq(body, self.function) || value.0 < self.value.0)
                {
                    return Some(Self { function: body, value, ..self });
                }
                // A name that came with `import *`.
                let name = self.module.symbols.text(symbol);
                self.module.star_imports.iter().rev().find_map(|&star| {
                    let import = self.module.imports.get(star as usize)?;
                    let import = Import { name: Some(name.to_owned()), ..import.clone() };
                    self.imported(&import)
                })
            }
            Op::Import(import) => self.imported(self.module.imports.get(import as usize)?),
            _ => None,
        }
    }

    fn imported(self, import: &Import) -> Option<Self> {
        match self.program.import(self.home, import) {
            Target::Project(Definition::Variable(home, _, value)) if home != self.home => {
                let module = self.program.module(home)?;
                Some(Self { home, module, function: module.functions.first()?, value, ..self })
            }
            _ => None,
        }
    }

    /// The instruction that makes it.
    pub(crate) fn op(self) -> Op {
        self.function.op(self.value)
    }

    /// Another value of the same function, followed.
    pub(crate) fn at(self, value: Value) -> Self {
        Self { value, ..self }.followed()
    }

    /// The code as written.
    pub(crate) fn code(self) -> &'a str {
        self.module.slice(self.function.span_of(self.value))
    }

    /// The text it is.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.module.constant_str(self.function, self.value)
    }

    /// The number it is.
    pub(crate) fn number(self) -> Option<i64> {
        match self.op() {
            Op::Constant(Constant::Int(number)) => Some(number),
            _ => None,
        }
    }

    /// Whether it counts as true, if it is a constant.
    pub(crate) fn truth(self) -> Option<bool> {
        match self.op() {
            Op::Constant(Constant::Bool(value)) => Some(value),
            Op::Constant(Constant::None) => Some(false),
            Op::Constant(Constant::Int(number)) => Some(number != 0),
            Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => Some(!self.module.string(text).is_empty()),
            Op::Build { items, .. } => Some(items.len > 0),
            Op::Not(of) => self.at(of).truth().map(|value| !value),
            _ => None,
        }
    }

    /// What a parameter is unless its callers say otherwise.
    pub(crate) fn unless_told(self) -> Self {
        let Op::Parameter(index) = self.op() else { return self };
        let default = self.function.parameters.get(index as usize).and_then(|parameter| parameter.default);
        let around = self.function.parent.and_then(|parent| self.module.function(parent));
        match default.zip(around) {
            Some((value, function)) => Self { function, value, ..self }.followed(),
            None => self,
        }
    }

    /// Whether it is `None`.
    pub(crate) fn is_none(self) -> bool {
        matches!(self.op(), Op::Constant(Constant::None))
    }

    /// The items of a list, tuple or set, if all of them are known.
    pub(crate) fn items(self) -> Option<Vec<Self>> {
        let mut found = Vec::new();
        self.collect(&mut found, 0).then_some(found)
    }

    fn collect(self, found: &mut Vec<Self>, depth: u32) -> bool {
        if depth > MAX_HOPS || found.len() > MAX_ENTRIES {
            return false;
        }
        match self.op() {
            Op::Build { collection: Collection::List | Collection::Tuple | Collection::Set, items } => {
                self.function.list(items).iter().all(|&item| match self.function.op(item) {
                    Op::Spread(of) => self.at(of).collect(found, depth + 1),
                    _ => {
                        found.push(self.at(item));
                        true
                    }
                })
            }
            Op::Binary { op: BinaryOp::Add, left, right } => {
                self.at(left).collect(found, depth + 1) && self.at(right).collect(found, depth + 1)
            }
            Op::Call { callee, arguments } => match (self.function.op(callee), self.function.call_arguments(arguments))
            {
                (Op::Name(name), [only])
                    if matches!(self.module.symbols.text(name), "list" | "tuple" | "set" | "frozenset") =>
                {
                    self.at(only.value).collect(found, depth + 1)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The entries of a table by their constant keys, if all of them are known.
    pub(crate) fn entries(self) -> Option<Vec<(String, Self)>> {
        let mut found = Vec::new();
        self.collect_entries(&mut found, 0).then_some(found)
    }

    fn collect_entries(self, found: &mut Vec<(String, Self)>, depth: u32) -> bool {
        if depth > MAX_HOPS || found.len() > MAX_ENTRIES {
            return false;
        }
        match self.op() {
            Op::Build { collection: Collection::Dict, items } => {
                self.function.list(items).chunks_exact(2).all(|pair| match *pair {
                    [Value::NONE, spread] => {
                        let spread = match self.function.op(spread) {
                            Op::Spread(of) => of,
                            _ => spread,
                        };
                        self.at(spread).collect_entries(found, depth + 1)
                    }
                    [key, value] => match self.at(key).text() {
                        Some(key) => {
                            found.push((key.to_owned(), self.at(value)));
                            true
                        }
                        None => false,
                    },
                    _ => true,
                })
            }
            Op::Call { callee, arguments } => {
                let is_dict =
                    matches!(self.function.op(callee), Op::Name(name) if self.module.symbols.text(name) == "dict");
                is_dict
                    && self.function.call_arguments(arguments).iter().all(|argument| match argument.passing {
                        Passing::Keyword(name) => {
                            found.push((self.module.symbols.text(name).to_owned(), self.at(argument.value)));
                            true
                        }
                        _ => false,
                    })
            }
            _ => false,
        }
    }
}

/// The last part of what a call calls, as written: `save` of `form.file.save(…)`.
pub(crate) fn called<'a>(module: &'a Module, function: &Function, callee: Value) -> &'a str {
    match function.op(callee) {
        Op::Attribute { name, .. } | Op::Name(name) => module.symbols.text(name),
        Op::Import(import) => {
            let import = module.imports.get(import as usize);
            import.map_or("", |import| import.name.as_deref().unwrap_or(&import.module))
        }
        _ => "",
    }
}

/// Whether the project certainly runs with this version of a package or a newer one.
pub(crate) fn has_at_least(manifests: &[ManifestText], package: &str, release: [u64; 2]) -> bool {
    let mut is_named = false;
    for file in manifests {
        for dependency in file.manifest.dependencies.iter().filter(|one| one.name.as_str() == package) {
            is_named = true;
            if !starts_at(dependency, release) {
                return false;
            }
        }
    }
    is_named
}

fn starts_at(dependency: &Dependency, release: [u64; 2]) -> bool {
    match &dependency.version {
        Some(version) => *version >= Version::new(release),
        None => excludes_below(&dependency.specifiers, release),
    }
}

/// Whether specifiers leave out everything below a release, as far as releases with ordinary numbers go.
fn excludes_below(specifiers: &VersionSpecifiers, [major, minor]: [u64; 2]) -> bool {
    let below = (0..=major).flat_map(|first| {
        let end = if first == major { minor } else { 40 };
        (0..end).map(move |second| (first, second))
    });
    !specifiers.is_empty()
        && !below.into_iter().any(|(first, second)| {
            [0, 1, 9].into_iter().any(|patch| specifiers.contains(&Version::new([first, second, patch])))
        })
}

/// Whether the project says that it runs only on this Python or newer ones.
pub(crate) fn python_at_least(manifests: &[ManifestText], release: [u64; 2]) -> bool {
    let mut told = manifests.iter().filter_map(|file| file.manifest.requires_python.as_ref()).peekable();
    told.peek().is_some() && told.all(|specifiers| excludes_below(specifiers, release))
}

/// Whether a comparison is one of size.
pub(crate) fn is_order(op: CompareOp) -> bool {
    matches!(op, CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual)
}

/// Whether the module uses one of these names at all; most modules do not, and need no closer look.
pub(crate) fn speaks_of(cx: &Context<'_>, names: &[&str]) -> bool {
    names.iter().any(|name| {
        cx.module.symbols.find(name).is_some()
            || cx.module.imports.iter().any(|import| import.name.as_deref() == Some(*name))
    })
}

/// Whether the text of the module holds one of these.
pub(crate) fn mentions(cx: &Context<'_>, parts: &[&str]) -> bool {
    parts.iter().any(|part| cx.module.text.contains(part))
}

/// Whether anything a caller sends can be seen in the module.
pub(crate) fn hears_callers(cx: &Context<'_>) -> bool {
    !cx.fed_routes().is_empty() || cx.facts.values.iter().flatten().any(|fact| fact.labels.meets(label::UNTRUSTED))
}
