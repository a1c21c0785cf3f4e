//! What modules say of themselves that others look up, put together for all of them.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::memory::Part;
use crate::names::{Definition, ModuleId, Program, Target};
use crate::routes::{Seed, resolve_value};
use crate::syntax::{ClassId, Function, FunctionId, Module, Op, Passing, Symbol, Value};

/// A class of any module.
pub(super) type ClassKey = (ModuleId, ClassId);

/// What is known of all modules before their functions are evaluated.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Parameters that a framework fills in from the request.
    pub(super) seeds: FxHashMap<(ModuleId, FunctionId, usize), Seed>,
    pub(super) subclasses: FxHashMap<ClassKey, Vec<ClassKey>>,
    /// Names of modules that functions assign to or change in place.
    pub(super) assigned_globals: FxHashSet<(ModuleId, Symbol)>,
    /// Names under which something is kept in an object anywhere in the program, as numbers.
    pub(super) stored_names: FxHashSet<u64>,
}

/// Fields whose annotation admits no free text: module, class, number of the name.
pub(super) type SafeFields = FxHashSet<(ModuleId, u32, u64)>;

/// A name as a number. Names that share one are taken for each other: something is thought to be kept under both.
pub(super) fn name_number(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    name.hash(&mut hasher);
    hasher.finish()
}

impl Tables {
    pub(super) fn of(parts: &FxHashMap<ModuleId, Part>) -> Self {
        let mut ids: Vec<ModuleId> = parts.keys().copied().collect();
        ids.sort_unstable();
        let mut tables = Self::default();
        for (id, part) in ids.into_iter().filter_map(|id| Some((id, parts.get(&id)?))) {
            for &(base, own) in &part.subclasses {
                tables.subclasses.entry(base).or_default().push(own);
            }
            tables.assigned_globals.extend(part.assigned.iter().map(|&symbol| (id, symbol)));
            tables.stored_names.extend(&part.stored);
        }
        tables
    }
}

/// What a module says of itself, but for what its fields admit.
pub(super) fn part(program: &Program, id: ModuleId) -> Part {
    Part {
        subclasses: subclasses(program, id),
        assigned: assigned_globals(program, id),
        stored: stored_names(program, id),
        safe: Vec::new(),
    }
}

/// The classes that a module makes from others of the project, directly.
fn subclasses(program: &Program, id: ModuleId) -> Vec<(ClassKey, ClassKey)> {
    let Some(module) = program.module(id) else { return Vec::new() };
    let mut found = Vec::new();
    for (number, class) in module.classes.iter().enumerate() {
        let own = (id, ClassId(u32::try_from(number).unwrap_or(u32::MAX)));
        for &base in &class.bases {
            if let Some(Target::Project(Definition::Class(module, class))) =
                resolve_value(program, id, class.parent, base)
            {
                found.push(((module, class), own));
            }
        }
    }
    found
}

/// Names of a module that its functions assign to or change in place.
fn assigned_globals(program: &Program, id: ModuleId) -> Vec<Symbol> {
    let mut found = FxHashSet::default();
    let Some(module) = program.module(id) else { return Vec::new() };
    for function in module.functions.iter().skip(1) {
        for op in &function.ops {
            match *op {
                Op::StoreName { name, .. } => {
                    found.insert(name);
                }
                Op::StoreItem { of, .. } | Op::StoreAttribute { of, .. } => {
                    if let Op::Name(name) = function.op(of) {
                        found.insert(name);
                    }
                }
                Op::Call { callee, .. } => {
                    if let Some(held) = added_to(module, function, callee)
                        && let Op::Name(name) = function.op(held)
                    {
                        found.insert(name);
                    }
                }
                _ => {}
            }
        }
    }
    let mut found: Vec<Symbol> = found.into_iter().collect();
    found.sort_unstable();
    found
}

/// What a call adds something to, by its method: for `table[name].append(x)` and `table.setdefault(name, []).append(x)`
/// the table.
fn added_to(module: &Module, function: &Function, callee: Value) -> Option<Value> {
    let Op::Attribute { of, name: method } = function.op(callee) else { return None };
    let adds = matches!(
        module.symbols.text(method),
        "append" | "add" | "extend" | "update" | "setdefault" | "insert" | "appendleft" | "put" | "set"
    );
    let mut held = function.bare(of);
    for _ in 0..2 {
        held = match function.op(held) {
            Op::Subscript { of, .. } => function.bare(of),
            Op::Call { callee, .. } => match function.op(function.bare(callee)) {
                Op::Attribute { of, name } if module.symbols.text(name) == "setdefault" => function.bare(of),
                _ => break,
            },
            _ => break,
        };
    }
    adds.then_some(held)
}

/// Names under which functions of a module keep something in objects: attributes, and fields given to constructors.
fn stored_names(program: &Program, id: ModuleId) -> Vec<u64> {
    let Some(module) = program.module(id) else { return Vec::new() };
    let mut found = FxHashSet::default();
    let mut named: Vec<u64> = Vec::new();
    for function in &module.functions {
        for op in &function.ops {
            match *op {
                Op::StoreAttribute { name, .. } => {
                    found.insert(name);
                }
                // `cls.rows[name] = value`, `Table.rows[name] = value`
                Op::StoreItem { of, .. } => {
                    if let Op::Attribute { of: owner, name } = function.op(function.bare(of))
                        && matches!(function.op(function.bare(owner)), Op::Parameter(0) | Op::Name(_) | Op::Import(_))
                    {
                        found.insert(name);
                    }
                }
                Op::Call { callee, arguments } => {
                    // `cls.rows.append(row)`
                    if let Some(held) = added_to(module, function, callee)
                        && let Op::Attribute { of: owner, name } = function.op(held)
                        && matches!(function.op(function.bare(owner)), Op::Parameter(0) | Op::Name(_) | Op::Import(_))
                    {
                        found.insert(name);
                    }
                    if let Op::Name(called) = function.op(callee)
                        && module.symbols.text(called) == "setattr"
                        && let Some(name) = function.call_arguments(arguments).get(1)
                    {
                        named.extend(module.constant_str(function, name.value).map(name_number));
                    }
                    found.extend(function.call_arguments(arguments).iter().filter_map(
                        |argument| match argument.passing {
                            Passing::Keyword(name) => Some(name),
                            _ => None,
                        },
                    ));
                }
                _ => {}
            }
        }
    }
    found.extend(module.classes.iter().flat_map(|class| &class.fields).map(|field| field.name));
    let mut found: Vec<u64> = found.into_iter().map(|symbol| name_number(module.symbols.text(symbol))).collect();
    found.extend(named);
    found.sort_unstable();
    found
}
