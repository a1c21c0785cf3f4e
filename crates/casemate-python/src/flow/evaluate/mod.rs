//! Evaluates the functions of one module, callees first, with what is known of all others.

mod call;
mod cells;
mod choices;
mod constants;
mod contents;
mod finish;
mod forms;
mod guards;
mod language;
mod library;
mod members;
mod methods;
mod parts;
mod promises;
mod site;
mod telling;
mod types;

use std::cell::{Cell as StdCell, RefCell};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::history::{Question, Shared, Tick};
use super::tables::name_number;
use crate::facts::fact::{Entity, Fact, Hit, Labels, ModuleFacts};
use crate::facts::lattice::{Atom, InputId, Key, KeyName, Konst, KonstId, Lattice, Origin, Root, TaintId};
use crate::facts::summary::{InputReach, Summary, Told};
use crate::facts::{CallModel, Kinds};
use crate::flow::Models;
use crate::names::{Definition, ModuleId, PathId, Paths, Program};
use crate::routes::{self, WebFacts};
use crate::syntax::{
    BinaryOp, ClassId, Constant, Function, FunctionId, FunctionKind, Module, Op, Outcome, Piece, Symbol, Text, Value,
};

use cells::CellId;
pub(super) use constants::is_builtin;

/// SECURITY: steps of one module for questions that branch (unions of unions, bases of bases); honest code needs few.
const MAX_STEPS: u32 = 20_000_000;

/// Sweeps over a module before what changed in it has to wait for the next round.
const MAX_SWEEPS: usize = 3;

/// Passes over a function whose loops feed back into earlier values.
const MAX_PASSES: usize = 6;

/// What a path means to the models.
#[derive(Clone, Copy, Default)]
struct PathInfo<'m> {
    known: bool,
    alias: Option<PathId>,
    source: Labels,
    call: Option<&'m CallModel>,
    safe_type: bool,
    /// What the language or its library makes of a call.
    language: Option<language::Known>,
}

/// What a name means to the models.
#[derive(Clone, Copy, Default)]
struct NameInfo<'m> {
    known: bool,
    labels: Labels,
    method: Option<&'m CallModel>,
}

/// What a function may have asked about others, and that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Query {
    /// The summary of a function.
    Summary(ModuleId, FunctionId),
    /// What another module holds under its names in the end.
    Variables(ModuleId),
    /// What a function around, or the module itself, holds under its names.
    Names(FunctionId),
    /// A cell.
    Cell(CellId),
    /// Fields that admit no free text.
    SafeFields,
}

/// What an import leads to, in the numbers of this module.
#[derive(Clone, Copy)]
enum ImportTo {
    Project(Definition),
    Library(PathId),
}

/// Results whose names say what they are meant to be, by value.
type Named = Arc<[(Value, Labels)]>;

/// Methods that the language itself calls.
#[derive(Clone, Copy)]
enum Dunder {
    Init,
    Call,
    Enter,
    GetItem,
    GetAttr,
    Iter,
    Str,
    Repr,
    Format,
    Next,
}

/// A change of an input that the function at hand makes.
type Change = (InputId, Fact);

/// One module at work. It lives through all rounds, for facts are told by its numbers.
pub(super) struct Evaluator<'p> {
    program: &'p Program,
    pub(super) id: ModuleId,
    module: &'p Module,
    models: &'p Models,
    paths: Paths,
    path_info: Vec<PathInfo<'p>>,
    name_info: Vec<NameInfo<'p>>,
    promises: FxHashMap<String, promises::Promise>,
    named: Vec<Option<Named>>,
    /// Text constants by their number in the module.
    text_konsts: FxHashMap<Text, KonstId>,
    /// What imports lead to, as far as it was asked.
    imports: Vec<Option<ImportTo>>,
    attribute_keys: FxHashMap<Symbol, Key>,
    /// Whether anything is kept under a name in any object; asked for once.
    stored: Vec<Option<bool>>,
    dunders: [Key; 10],
    methods: FxHashMap<(ModuleId, ClassId, Key), members::Method>,
    /// Members of classes as the evaluation at hand found them.
    members: FxHashMap<(ModuleId, ClassId, Key, bool), Fact>,
    /// The methods of classes that check their fields, by these.
    validators: FxHashMap<(ModuleId, ClassId), forms::Validators>,
    lattice: Lattice,
    values: Vec<Arc<Vec<Fact>>>,
    dead: Vec<Vec<bool>>,
    pub(super) summaries: Vec<Arc<Summary>>,
    hits: Vec<Vec<Hit>>,
    /// Summaries of called functions in the numbers of this module.
    locals: FxHashMap<(ModuleId, FunctionId), Arc<site::Local>>,
    cells: cells::Cells,
    /// What each function has asked about others.
    asked: Vec<Box<[Query]>>,
    /// What functions have asked before they were evaluated again.
    formerly_asked: FxHashSet<Query>,
    /// What was looked up in tables of the whole program, as numbers.
    looked_up: RefCell<FxHashSet<u64>>,
    /// The wave in which each function was evaluated.
    evaluated_at: Vec<Tick>,
    /// The step of this module in which each function was evaluated.
    step_of: Vec<u32>,
    /// The last steps in which summaries and names of this module changed.
    summary_changed: Vec<u32>,
    names_changed: Vec<u32>,
    /// Steps so far, two an evaluation: what it changes comes after it.
    steps: u32,
    /// What has changed since it was last shared.
    changed_summaries: Vec<FunctionId>,
    changed_cells: Vec<CellId>,
    body_is_fresh: bool,
    pub(super) web: WebFacts,
    count: usize,
    /// The functions in the order of their evaluation.
    order: Vec<FunctionId>,
    /// What every function of this module that defines others has been evaluated for first.
    defining: Vec<FunctionId>,
    /// Steps left for questions that branch.
    fuel: StdCell<u32>,
    // --- of the function at hand
    current: FunctionId,
    /// Whether ways back of loops have not been gone yet.
    is_first_pass: bool,
    asking: FxHashSet<Query>,
    last_asked: Option<Query>,
    storing: FxHashMap<CellId, Fact>,
    changes: Vec<Change>,
    open_stores: Vec<(CellId, Fact)>,
    calls: Vec<(InputId, Vec<Fact>)>,
    /// How many functions that were passed in are being called inside one another.
    passed_inside: u32,
}

impl<'p> Evaluator<'p> {
    pub(super) fn new(program: &'p Program, id: ModuleId, models: &'p Models) -> Self {
        static EMPTY: std::sync::OnceLock<Module> = std::sync::OnceLock::new();
        let module = program.module(id).unwrap_or_else(|| EMPTY.get_or_init(|| crate::syntax::read("", b"")));
        let functions = module.functions.len();
        let nothing = Arc::new(Summary::default());
        let mut lattice = Lattice::default();
        Self {
            program,
            id,
            module,
            models,
            paths: Paths::default(),
            path_info: Vec::new(),
            name_info: vec![NameInfo::default(); module.symbols.len()],
            promises: FxHashMap::default(),
            named: vec![None; functions],
            text_konsts: FxHashMap::default(),
            imports: vec![None; module.imports.len()],
            attribute_keys: FxHashMap::default(),
            stored: vec![None; module.symbols.len()],
            dunders: [
                "__init__",
                "__call__",
                "__enter__",
                "__getitem__",
                "__getattr__",
                "__iter__",
                "__str__",
                "__repr__",
                "__format__",
                "__next__",
            ]
            .map(|name| lattice.key(KeyName::Attribute(Arc::from(name)))),
            methods: FxHashMap::default(),
            members: FxHashMap::default(),
            validators: FxHashMap::default(),
            lattice,
            values: vec![Arc::default(); functions],
            dead: vec![Vec::new(); functions],
            summaries: vec![nothing; functions],
            hits: vec![Vec::new(); functions],
            locals: FxHashMap::default(),
            cells: cells::Cells::default(),
            asked: vec![Box::default(); functions],
            formerly_asked: FxHashSet::default(),
            looked_up: RefCell::default(),
            evaluated_at: vec![0; functions],
            step_of: vec![0; functions],
            summary_changed: vec![0; functions],
            names_changed: vec![0; functions],
            steps: 0,
            changed_summaries: Vec::new(),
            changed_cells: Vec::new(),
            body_is_fresh: false,
            web: WebFacts::default(),
            count: 0,
            order: Vec::new(),
            defining: Vec::new(),
            fuel: StdCell::new(MAX_STEPS),
            current: FunctionId(0),
            is_first_pass: true,
            asking: FxHashSet::default(),
            last_asked: None,
            storing: FxHashMap::default(),
            changes: Vec::new(),
            open_stores: Vec::new(),
            calls: Vec::new(),
            passed_inside: 0,
        }
    }

    /// How long its source is, which says how long it takes.
    pub(super) fn size(&self) -> usize {
        self.module.text.len()
    }

    /// How many functions have been evaluated since this was last asked.
    pub(super) fn evaluated(&mut self) -> usize {
        std::mem::take(&mut self.count)
    }

    /// The functions whose summaries have changed since this was last asked.
    pub(super) fn changed_summaries(&mut self) -> Vec<FunctionId> {
        std::mem::take(&mut self.changed_summaries)
    }

    /// Whether the body of the module was evaluated since its variables were last told.
    pub(super) fn body_is_fresh(&self) -> bool {
        self.body_is_fresh
    }

    /// Evaluates what defines functions and classes, and finds the routes of the module.
    pub(super) fn begin(&mut self, shared: &Shared) {
        self.order = self.callees_first();
        for number in 0..self.module.functions.len() {
            let function = &self.module.functions[number];
            let defines = function.ops.iter().any(|op| matches!(op, Op::Function(_) | Op::Class(_)));
            if defines || number == 0 || function.kind == FunctionKind::ClassBody {
                self.defining.push(function_id(number));
            }
        }
        for id in self.defining.clone() {
            self.evaluate(id, shared);
        }
        self.find_routes();
    }

    /// Finds the routes again, with what is known by now.
    pub(super) fn find_routes(&mut self) {
        let facts = ModuleFacts {
            module: self.id,
            values: unshared(std::mem::take(&mut self.values)),
            paths: std::mem::take(&mut self.paths),
            hits: Vec::new(),
            summaries: Vec::new(),
            dead: Vec::new(),
            cut_short: false,
            lattice: std::mem::take(&mut self.lattice),
        };
        self.web = routes::collect(self.program, self.module, &facts);
        self.values = facts.values.into_iter().map(Arc::new).collect();
        self.paths = facts.paths;
        self.lattice = facts.lattice;
    }

    /// Evaluates those functions that have asked about something that has changed since; all of them the first time.
    pub(super) fn round(&mut self, first: bool, shared: &Shared) {
        if first {
            // What defines others comes first, for only now is it known what other modules hold.
            for at in 0..self.defining.len() {
                let id = self.defining[at];
                if !self.is_body(id) || self.is_stale(id, shared) {
                    self.evaluate(id, shared);
                }
            }
            for at in 0..self.order.len() {
                let id = self.order[at];
                let is_known = self.evaluated_at[id.0 as usize] == shared.now || self.is_body(id);
                if !is_known || self.is_stale(id, shared) {
                    self.evaluate(id, shared);
                }
            }
        }
        // What functions of a module learn from each other needs no waiting for other modules.
        for _ in 0..MAX_SWEEPS {
            let before = self.count;
            for at in 0..self.order.len() {
                let id = self.order[at];
                if self.is_stale(id, shared) {
                    self.evaluate(id, shared);
                }
            }
            if self.count == before {
                break;
            }
        }
    }

    fn is_body(&self, id: FunctionId) -> bool {
        self.module
            .function(id)
            .is_some_and(|function| matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody))
    }

    /// Whether something has changed that a function asked about when it was evaluated.
    fn is_stale(&self, id: FunctionId, shared: &Shared) -> bool {
        let number = id.0 as usize;
        let (tick, step) = (self.evaluated_at[number], self.step_of[number]);
        self.asked[number].iter().any(|asked| match *asked {
            Query::Summary(module, function) if module == self.id => {
                self.summary_changed.get(function.0 as usize).is_some_and(|&changed| changed > step)
            }
            Query::Summary(module, function) => {
                shared.summary_changed(module, function).is_some_and(|changed| changed >= tick)
            }
            Query::Variables(module) => shared.variables_changed(module).is_some_and(|changed| changed >= tick),
            Query::Names(function) => {
                self.names_changed.get(function.0 as usize).is_some_and(|&changed| changed > step)
            }
            Query::Cell(cell) => self.cell_is_stale(cell, step, tick, shared),
            Query::SafeFields => tick <= 1,
        })
    }

    /// Notes that the function at hand depends on something that may change.
    fn ask(&mut self, query: Query) {
        if self.last_asked != Some(query) {
            self.asking.insert(query);
            self.last_asked = Some(query);
        }
    }

    /// What the names of the module hold in the end.
    pub(super) fn variables(&mut self) -> FxHashMap<Symbol, Told> {
        self.body_is_fresh = false;
        let module = self.module;
        let Some(body) = module.functions.first() else { return FxHashMap::default() };
        let facts = Arc::clone(&self.values[0]);
        let mut told = FxHashMap::default();
        for &(symbol, value) in &body.exit {
            if let Some(&fact) = facts.get(value.0 as usize) {
                let one = self.tell(fact, 1);
                if !one.is_empty() {
                    told.insert(symbol, one);
                }
            }
        }
        told
    }

    /// Everything that was found out.
    pub(super) fn finished(mut self) -> ModuleFacts {
        self.lattice.rest();
        let mut hits: Vec<Hit> = self.hits.into_iter().flatten().collect();
        hits.sort_by_key(|hit| {
            (hit.function, hit.call, hit.argument, hit.reach.module, hit.reach.function, hit.reach.call)
        });
        ModuleFacts {
            module: self.id,
            values: unshared(self.values),
            paths: self.paths,
            hits,
            summaries: self.summaries,
            dead: self.dead,
            cut_short: self.fuel.get() == 0,
            lattice: self.lattice,
        }
    }

    /// Whether it ran out of steps.
    pub(super) fn is_cut_short(&self) -> bool {
        self.fuel.get() == 0
    }

    /// What was asked about other modules, as numbers, sorted.
    pub(super) fn questions(&self) -> Vec<u64> {
        let mut numbers: FxHashSet<u64> = self.looked_up.borrow().clone();
        for query in self.asked.iter().flatten().chain(&self.formerly_asked) {
            match *query {
                Query::Summary(module, function) if module != self.id => {
                    numbers.insert(Question::Summary(module, function).number());
                }
                Query::Variables(module) => {
                    numbers.insert(Question::Variables(module).number());
                }
                Query::Cell(cell) => {
                    numbers.extend(self.cell_name(cell).map(|cell| Question::Cell(cell).number()));
                }
                Query::Summary(..) | Query::Names(_) | Query::SafeFields => {}
            }
        }
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers
    }

    // --- tables of the whole program

    /// Whether something is kept under a name in any object.
    fn is_name_stored(&self, name: &str, shared: &Shared) -> bool {
        let name = name_number(name);
        self.looked_up.borrow_mut().insert(Question::Stored(name).number());
        shared.tables.stored_names.contains(&name)
    }

    /// Whether functions of a module assign to one of its names.
    fn is_assigned(&self, module: ModuleId, name: Symbol, shared: &Shared) -> bool {
        if module != self.id {
            self.looked_up.borrow_mut().insert(Question::Assigned(module, name).number());
        }
        shared.tables.assigned_globals.contains(&(module, name))
    }

    /// Whether the annotation of a field of any module admits no free text.
    fn is_field_safe(&mut self, class: (ModuleId, ClassId), name: &str, shared: &Shared) -> bool {
        self.ask(Query::SafeFields);
        let name = name_number(name);
        if class.0 != self.id {
            self.looked_up.borrow_mut().insert(Question::Safe(class.0, class.1.0, name).number());
        }
        shared.safe_fields.contains(&(class.0, class.1.0, name))
    }

    /// The classes that are made from one, directly.
    fn subclasses<'h>(&self, class: (ModuleId, ClassId), shared: &Shared<'h>) -> &'h [(ModuleId, ClassId)] {
        self.looked_up.borrow_mut().insert(Question::Subclasses(class).number());
        shared.tables.subclasses.get(&class).map_or(&[][..], Vec::as_slice)
    }

    /// Takes a step of a question that branches; `false` when there are none left.
    fn step(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    // --- order

    /// Functions with those they call before them; a circle is entered anywhere.
    fn callees_first(&self) -> Vec<FunctionId> {
        let count = self.module.functions.len();
        let exits = self.module.exits(FunctionId(0));
        let mut order = Vec::with_capacity(count);
        let mut state = vec![0_u8; count];
        let mut stack: Vec<(usize, usize)> = Vec::new();
        let callees: Vec<Vec<usize>> =
            self.module.functions.iter().map(|function| self.callees(function, &exits)).collect();
        for root in 0..count {
            if state[root] != 0 {
                continue;
            }
            state[root] = 1;
            stack.push((root, 0));
            while let Some((number, next)) = stack.pop() {
                if let Some(&callee) = callees[number].get(next) {
                    stack.push((number, next + 1));
                    if callee < count && state[callee] == 0 {
                        state[callee] = 1;
                        stack.push((callee, 0));
                    }
                } else {
                    order.push(function_id(number));
                }
            }
        }
        order
    }

    fn callees(&self, function: &Function, exits: &FxHashMap<Symbol, Value>) -> Vec<usize> {
        let mut found = Vec::new();
        let body = self.module.functions.first();
        for op in &function.ops {
            match *op {
                Op::Name(symbol) => {
                    if let (Some(&value), Some(body)) = (exits.get(&symbol), body) {
                        match body.op(value) {
                            Op::Function(id) => found.push(id.0 as usize),
                            Op::Class(class) => {
                                if let Some(init) = self.module.method(class, "__init__") {
                                    found.push(init.0 as usize);
                                }
                            }
                            _ => {}
                        }
                    }
                }
                Op::Function(id) => found.push(id.0 as usize),
                Op::Class(class) => found.extend(self.module.class(class).map(|class| class.body.0 as usize)),
                Op::Attribute { of, name } if matches!(function.op(of), Op::Parameter(0)) => {
                    if let Some(class) = function.class.and_then(|class| self.module.class(class)) {
                        found.extend(
                            class.methods.iter().filter(|(method, _)| *method == name).map(|(_, id)| id.0 as usize),
                        );
                    }
                }
                _ => {}
            }
        }
        found
    }

    // --- knowledge about paths and names

    fn info(&mut self, path: PathId) -> PathInfo<'p> {
        let at = path.0 as usize;
        if self.path_info.len() <= at {
            self.path_info.resize(self.paths.len().max(at + 1), PathInfo::default());
        }
        if !self.path_info[at].known {
            let models = self.models;
            let text = self.paths.text(path);
            let alias = models.aliases.get(text);
            let info = PathInfo {
                known: true,
                alias: None,
                source: models.sources.get(text).copied().unwrap_or_default(),
                call: models.calls.get(text),
                safe_type: models.safe_types.contains(text),
                language: language::known(text),
            };
            let alias = alias.map(|alias| self.paths.intern(alias));
            if self.path_info.len() < self.paths.len() {
                self.path_info.resize(self.paths.len(), PathInfo::default());
            }
            self.path_info[at] = PathInfo { alias, ..info };
        }
        self.path_info[at]
    }

    fn known_path(&mut self, path: PathId) -> Entity {
        match self.info(path).alias {
            Some(alias) => Entity::Path(alias),
            None => Entity::Path(path),
        }
    }

    fn name_info(&mut self, symbol: Symbol) -> NameInfo<'p> {
        let at = symbol.0 as usize;
        let Some(info) = self.name_info.get(at).copied() else { return NameInfo::default() };
        if info.known {
            return info;
        }
        let text = self.module.symbols.text(symbol);
        let info = NameInfo { known: true, labels: (self.models.by_name)(text), method: self.models.methods.get(text) };
        self.name_info[at] = info;
        info
    }

    fn member_path(&mut self, path: PathId, symbol: Symbol) -> Entity {
        let name = self.module.symbols.text(symbol);
        match self.paths.member(path, symbol.0, name) {
            Some(path) => self.known_path(path),
            None => Entity::Unknown,
        }
    }

    fn result_path(&mut self, path: PathId) -> Entity {
        match self.paths.result(path) {
            Some(path) => self.known_path(path),
            None => Entity::Unknown,
        }
    }

    /// The labels that reading a path gives, put onto a fact.
    fn sourced(&mut self, fact: Fact) -> Fact {
        let Entity::Path(path) = fact.entity else { return fact };
        let labels = self.info(path).source;
        self.with_labels(fact, labels)
    }

    /// What is stored under a key is what the key calls it: a secret under `Authorization`. Where it comes from, a key
    /// does not tell.
    pub(super) fn named_by_key(&mut self, key: Key, stored: Fact) -> Fact {
        let labels = match self.lattice.key_name(key) {
            KeyName::Item(name) if !stored.constant => (self.models.by_name)(name),
            _ => return stored,
        };
        self.with_labels(stored, labels.without(self.models.through_objects))
    }

    fn with_labels(&mut self, fact: Fact, labels: Labels) -> Fact {
        if labels.is_empty() {
            return fact;
        }
        let more = self.lattice.kinds(labels, 0);
        let taint = self.lattice.join_taint(fact.taint, more);
        self.lattice.fact_with(Fact { constant: false, ..fact }, taint)
    }

    /// The name of a method that the language itself calls.
    fn dunder(&self, which: Dunder) -> Key {
        self.dunders[which as usize]
    }

    fn attribute_key(&mut self, name: Symbol) -> Key {
        if let Some(&key) = self.attribute_keys.get(&name) {
            return key;
        }
        let key = self.lattice.key(KeyName::Attribute(Arc::from(self.module.symbols.text(name))));
        self.attribute_keys.insert(name, key);
        key
    }

    // --- one function

    fn evaluate(&mut self, id: FunctionId, shared: &Shared) {
        let module = self.module;
        let Some(function) = module.function(id) else { return };
        self.current = id;
        self.count += 1;
        self.steps += 1;
        self.step_of[id.0 as usize] = self.steps;
        self.evaluated_at[id.0 as usize] = shared.now;
        let named = self.named(id, function);
        self.asking.clear();
        self.last_asked = None;
        self.members.clear();
        let mut facts = vec![Fact::default(); function.ops.len()];
        let mut dead: Vec<bool> = Vec::new();
        let has_closures =
            function.kind == FunctionKind::Def && function.ops.iter().any(|op| matches!(op, Op::Function(_)));
        let has_loops = function.ops.iter().enumerate().any(|(at, op)| {
            matches!(op, Op::Phi(list) if function.list(*list).iter().any(|value| value.0 as usize > at && *value != Value::NONE))
        });
        for pass in 0..MAX_PASSES {
            let mut again = pass == 0 && has_loops;
            self.is_first_pass = pass == 0;
            self.storing.clear();
            self.changes.clear();
            self.open_stores.clear();
            self.calls.clear();
            let mut block = 0;
            let mut next = function.blocks.get(1).copied().unwrap_or(u32::MAX);
            for at in 0..function.ops.len() {
                while at >= next as usize {
                    block += 1;
                    next = function.blocks.get(block + 1).copied().unwrap_or(u32::MAX);
                }
                // A name of the module is looked up once, where it is first met, and stands for all later uses.
                if dead.get(block).copied().unwrap_or(false) && !matches!(function.ops[at], Op::Phi(_) | Op::Name(_)) {
                    facts[at] = Fact::default();
                    continue;
                }
                let value = Value(u32::try_from(at).unwrap_or(u32::MAX));
                let mut fact = self.op(id, function, &facts, value, function.ops[at], &dead, shared);
                // The name a result is given says what it is meant to be.
                if !fact.constant
                    && let Ok(place) = named.binary_search_by_key(&value, |(value, _)| *value)
                {
                    fact = self.with_labels(fact, named[place].1);
                }
                if has_closures && matches!(function.ops[at], Op::Build { .. } | Op::Call { .. }) {
                    fact = self.filled_by_closures(id, function, value, fact, shared);
                }
                if pass > 1 && matches!(function.ops[at], Op::Phi(_)) && fact != facts[at] && pass + 2 >= MAX_PASSES {
                    // Numbers that count and lists that grow would go on for ever.
                    fact = self.widened(fact);
                }
                again |= pass > 0 && fact != facts[at];
                facts[at] = fact;
            }
            for &(value, annotation) in &function.declared {
                let (entity, _) = self.type_of(function, &facts, annotation, 0, shared);
                if let Some(fact) = facts.get_mut(value.0 as usize)
                    && fact.entity == Entity::Unknown
                    && entity != Entity::Unknown
                {
                    fact.entity = entity;
                    again |= pass == 0;
                }
            }
            let now = self.dead_blocks(function, &facts);
            again |= now != dead;
            dead = now;
            if !again {
                break;
            }
        }
        let number = id.0 as usize;
        let before = Arc::clone(&self.summaries[number]);
        self.finish(id, function, &facts, &dead, shared);
        self.steps += 1;
        if !Arc::ptr_eq(&before, &self.summaries[number]) {
            self.summary_changed[number] = self.steps;
            self.changed_summaries.push(id);
        }
        let names = &self.values[number];
        if function.assigned.iter().any(|&(_, value)| fact_of(names, value) != fact_of(&facts, value)) {
            self.names_changed[number] = self.steps;
        }
        self.body_is_fresh |= number == 0;
        self.dead[number] = dead;
        let asked = self.asking.drain().collect();
        self.formerly_asked.extend(std::mem::replace(&mut self.asked[number], asked));
        self.keep_stored(shared);
        self.values[number] = Arc::new(facts);
    }

    fn widened(&mut self, fact: Fact) -> Fact {
        let taint = self.lattice.deep(fact);
        self.lattice
            .fact_with(Fact { shape: Default::default(), konst: Default::default(), constant: false, ..fact }, taint)
    }

    /// Blocks that are never entered, because a test of constants never comes out so.
    fn dead_blocks(&mut self, function: &Function, facts: &[Fact]) -> Vec<bool> {
        let mut dead: Vec<bool> = Vec::new();
        for &(block, test, held) in &function.conditions {
            if self.outcome(function, facts, test, 0) == Some(!held) {
                dead.resize(function.blocks.len(), false);
                dead[block.0 as usize] = true;
            }
        }
        if dead.is_empty() {
            return dead;
        }
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); function.blocks.len()];
        for (from, to) in &function.edges {
            if from < to
                && let Some(known) = before.get_mut(to.0 as usize)
            {
                known.push(from.0 as usize);
            }
        }
        for block in 1..before.len() {
            let from = &before[block];
            if !from.is_empty() && from.iter().all(|&from| dead[from]) {
                dead[block] = true;
            }
        }
        dead
    }

    // --- one instruction

    #[expect(clippy::too_many_arguments, reason = "the state of one pass over one function")]
    fn op(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        value: Value,
        op: Op,
        dead: &[bool],
        shared: &Shared,
    ) -> Fact {
        match op {
            Op::Parameter(index) => self.parameter(id, function, index as usize, shared),
            Op::Constant(constant) => self.constant(constant),
            Op::Name(symbol) => self.name(function, symbol, shared),
            Op::Import(index) => match self.import_to(index) {
                Some(ImportTo::Project(definition)) => self.definition(definition, shared),
                Some(ImportTo::Library(path)) => self.library(path),
                None => Fact::default(),
            },
            Op::Function(id) => {
                let made = Fact { entity: Entity::Function(self.id, id), ..Fact::default() };
                let decorators = self.module.function(id).map_or(&[][..], |inner| &inner.decorators);
                self.kept_by_decorators(function, facts, (value, made), decorators, shared);
                made
            }
            Op::Class(id) => {
                let made = Fact { entity: Entity::Class(self.id, id), ..Fact::default() };
                let decorators = self.module.class(id).map_or(&[][..], |class| &class.decorators);
                self.kept_by_decorators(function, facts, (value, made), decorators, shared);
                self.kept_by_bases(function, facts, (value, made), id, shared);
                made
            }
            Op::Attribute { of, name } => self.attribute(facts, of, name, shared),
            Op::Subscript { of, index } => self.subscript(function, facts, of, index, shared),
            Op::Call { callee, arguments } => self.call(function, facts, callee, arguments, shared),
            Op::Format(list) => {
                let pieces = function.format_pieces(list);
                let holes: Vec<Fact> = pieces
                    .iter()
                    .filter_map(|piece| match piece {
                        Piece::Hole(value) => Some(fact_of(facts, *value)),
                        Piece::Literal(_) => None,
                    })
                    .map(|fact| {
                        let said = self.special(fact, Dunder::Format, &[], shared);
                        said.or_else(|| self.as_text(fact, shared)).unwrap_or(fact)
                    })
                    .collect();
                let mut fact = self.text_of_all(&holes);
                fact.konst = self.format_constant(pieces, facts);
                fact
            }
            Op::Binary { op, left, right } => {
                let (left, right) = (fact_of(facts, left), fact_of(facts, right));
                let fact = self.operated(op, left, right, shared).unwrap_or_else(|| self.binary(op, left, right));
                let fact = match op {
                    BinaryOp::Mod if right.taint != TaintId::default() || right.shape != Default::default() => {
                        self.percent(left, right, shared).map_or(fact, |made| Fact { konst: fact.konst, ..made })
                    }
                    _ => fact,
                };
                self.clean_of_operator(op, left, right, fact)
            }
            Op::Not(_) | Op::Compare { .. } => match self.outcome(function, facts, value, 0) {
                Some(truth) => {
                    let konst = self.lattice.intern_konst(Konst::Bool(truth));
                    Fact { konst, constant: true, ..Fact::default() }
                }
                None => Fact::default(),
            },
            Op::Unary(of) => {
                let of = fact_of(facts, of);
                let made = ["__invert__", "__neg__", "__pos__"]
                    .into_iter()
                    .find_map(|name| self.operator(of, name, &[], shared));
                made.unwrap_or(Fact { constant: of.constant, ..Fact::default() })
            }
            Op::And(list) | Op::Or(list) => {
                // What is decided before one of them is asked for is never that one.
                let ends = matches!(op, Op::Or(_));
                let all = function.list(list);
                let outcomes: Vec<Option<bool>> =
                    all.iter().map(|&one| self.outcome(function, facts, one, 0)).collect();
                let reached = outcomes.iter().position(|outcome| *outcome == Some(ends)).map_or(all.len(), |at| at + 1);
                let last = reached.saturating_sub(1);
                let choices: Vec<Fact> = (0..reached)
                    .filter(|&at| at == last || outcomes[at].is_none())
                    .map(|at| {
                        let fact = fact_of(facts, all[at]);
                        // What ends `a and b` before its end is empty: nothing of anybody is in it.
                        if ends || at == last {
                            fact
                        } else {
                            Fact { labels: Labels::NONE, taint: TaintId::default(), input: None, ..fact }
                        }
                    })
                    .collect();
                self.join_choices(choices)
            }
            Op::Phi(list) => {
                // What is not evaluated yet (the way back of a loop) says nothing yet.
                let alive = |from: Value| !dead.get(from.0 as usize).copied().unwrap_or(false);
                let choices: Vec<Fact> = function
                    .list(list)
                    .iter()
                    .zip(function.phi_blocks(list))
                    .filter(|(choice, from)| **choice != value && **choice != Value::NONE && alive(**from))
                    .filter(|(choice, _)| !self.is_first_pass || choice.0 < value.0)
                    .map(|(&choice, _)| fact_of(facts, choice))
                    .collect();
                self.join_choices(choices)
            }
            Op::Choice { test, yes, no } => match self.outcome(function, facts, test, 0) {
                Some(true) => fact_of(facts, yes),
                Some(false) => fact_of(facts, no),
                None => self.join_choices(vec![fact_of(facts, yes), fact_of(facts, no)]),
            },
            Op::Build { collection, items } => self.build(function, facts, collection, items),
            Op::Item { of, index: 0 } if self.counts(function, facts, of) => Fact::default(),
            Op::Element(of) => self.element(function, facts, of, shared),
            Op::Item { of, index } => {
                let key = self.lattice.key(KeyName::Index(i64::from(index)));
                let whole = fact_of(facts, of);
                let fact = self.lattice.read(whole, key, self.models.through_objects);
                match whole.entity {
                    Entity::Path(_) => self.part(whole, &index.to_string(), fact),
                    _ => fact,
                }
            }
            Op::Spread(of) | Op::Await(of) => fact_of(facts, of),
            Op::Enter(of) => self.enter(facts, of, shared),
            Op::Caught(list) => self.caught(function, facts, list, shared),
            Op::Yield(_) | Op::Return(_) | Op::Raise(_) | Op::Slice(_) | Op::Opaque => Fact::default(),
            Op::Refine { of, test, outcome: Outcome::Done } => self.after(function, facts, of, test, shared),
            Op::Refine { of, test, outcome } => {
                let fact = fact_of(facts, of);
                let held = outcome == Outcome::Held;
                if fact.taint == TaintId::default() {
                    return match fact.entity {
                        Entity::Unknown if self.lattice.shape(fact.shape).is_none() => fact,
                        _ => self.with_tested_parts(function, facts, of, test, held, fact, shared),
                    };
                }
                let clean = self.clears(function, facts, of, test, held, 0, shared);
                if clean == 0 {
                    return self.with_tested_parts(function, facts, of, test, held, fact, shared);
                }
                let taint = self.lattice.cleaned(fact.taint, clean);
                self.lattice.fact_with(fact, taint)
            }
            Op::StoreAttribute { of, name, value: stored } => {
                let key = self.attribute_key(name);
                if let Some(setter) = self.setter_of(fact_of(facts, of), name) {
                    self.set_in_calls(fact_of(facts, of), setter, fact_of(facts, stored), shared);
                    return Fact::default();
                }
                self.store_attribute(fact_of(facts, of), key, name, fact_of(facts, stored));
                self.store_in_name(function, of, key, fact_of(facts, stored));
                Fact::default()
            }
            Op::StoreItem { of, index, value: stored } => {
                let key = self.key_of(facts, index);
                let stored = self.named_by_key(key, fact_of(facts, stored));
                // Under which key, the caller says.
                let noted = if key == Key::ANY { self.given_key(fact_of(facts, index)) } else { key };
                self.note_change(fact_of(facts, of), noted, stored);
                self.store_item(fact_of(facts, of), key, stored);
                self.store_in_name(function, of, key, stored);
                self.store_in_class(function, facts, of, key, stored);
                Fact::default()
            }
            Op::StoreName { name, value: stored } => {
                let cell = self.global_cell(self.id, name);
                self.store(cell, fact_of(facts, stored));
                Fact::default()
            }
        }
    }

    /// Results of a function whose names say what they are meant to be.
    fn named(&mut self, id: FunctionId, function: &Function) -> Named {
        if let Some(Some(known)) = self.named.get(id.0 as usize) {
            return Arc::clone(known);
        }
        let mut named: Vec<(Value, Labels)> = Vec::new();
        // The last name of a value counts.
        for &(name, value) in function.assigned.iter().rev() {
            let labels = self.name_info(name).labels;
            let is_result =
                matches!(function.op(value), Op::Call { .. } | Op::Await(_) | Op::Item { .. } | Op::Element(_));
            if is_result && !named.iter().any(|(known, _)| *known == value) {
                named.push((value, labels));
            }
        }
        named.retain(|(_, labels)| !labels.is_empty());
        named.sort_unstable_by_key(|(value, _)| *value);
        let named: Named = named.into();
        self.named[id.0 as usize] = Some(Arc::clone(&named));
        named
    }

    fn join_all(&mut self, facts: impl Iterator<Item = Fact>) -> Fact {
        let mut joined: Option<Fact> = None;
        for fact in facts {
            joined = Some(joined.map_or(fact, |known| self.lattice.join(known, fact)));
        }
        joined.unwrap_or_default()
    }

    /// What values contribute to text they become a part of.
    fn text_of_all(&mut self, facts: &[Fact]) -> Fact {
        let mut taint = TaintId::default();
        let mut constant = true;
        for &fact in facts {
            let deep = self.lattice.deep(fact);
            taint = self.lattice.join_taint(taint, deep);
            constant &= fact.constant;
        }
        self.lattice.fact_with(Fact { constant, ..Fact::default() }, taint)
    }

    /// What `__add__` and its like of an object of the project make of two values.
    fn operated(&mut self, op: BinaryOp, left: Fact, right: Fact, shared: &Shared) -> Option<Fact> {
        let (name, turned, placed) = match op {
            BinaryOp::Add => ("__add__", "__radd__", "__iadd__"),
            BinaryOp::Mod => ("__mod__", "__rmod__", "__imod__"),
            BinaryOp::Sub => ("__sub__", "__rsub__", "__isub__"),
            BinaryOp::Mult => ("__mul__", "__rmul__", "__imul__"),
            BinaryOp::Div => ("__truediv__", "__rtruediv__", "__itruediv__"),
            BinaryOp::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__"),
            BinaryOp::Pow => ("__pow__", "__rpow__", "__ipow__"),
            BinaryOp::BitAnd => ("__and__", "__rand__", "__iand__"),
            BinaryOp::BitOr => ("__or__", "__ror__", "__ior__"),
            BinaryOp::BitXor => ("__xor__", "__rxor__", "__ixor__"),
            BinaryOp::LeftShift => ("__lshift__", "__rlshift__", "__ilshift__"),
            BinaryOp::RightShift => ("__rshift__", "__rrshift__", "__irshift__"),
            BinaryOp::Other => ("__matmul__", "__rmatmul__", "__imatmul__"),
        };
        self.operator(left, name, &[right], shared)
            .or_else(|| self.operator(left, placed, &[right], shared))
            .or_else(|| self.operator(right, turned, &[left], shared))
    }

    /// `Markup("<b>%s</b>") % x`: an object of a library may make harmless what it takes in.
    fn clean_of_operator(&mut self, op: BinaryOp, left: Fact, right: Fact, made: Fact) -> Fact {
        let (Entity::Path(path), true) = (left.entity, right.taint != TaintId::default()) else { return made };
        let name = match op {
            BinaryOp::Add => "__add__",
            BinaryOp::Mod => "__mod__",
            _ => return made,
        };
        let text = format!("{}.{name}", self.paths.text(path));
        let Some(model) = self.models.calls.get(text.as_str()) else { return made };
        let deep = self.lattice.deep(right);
        let taint = self.lattice.cleaned(deep, model.cleans);
        let taint = self.lattice.join_taint(left.taint, taint);
        self.lattice.fact_with(Fact { entity: left.entity, ..made }, taint)
    }

    fn binary(&mut self, op: BinaryOp, left: Fact, right: Fact) -> Fact {
        let konst = self.calculate(op, left, right);
        match op {
            BinaryOp::Add | BinaryOp::Mod | BinaryOp::Mult | BinaryOp::Div | BinaryOp::BitOr => {
                if matches!(op, BinaryOp::Add | BinaryOp::BitOr)
                    && (self.lattice.shape(left.shape).is_some() || self.lattice.shape(right.shape).is_some())
                {
                    return self.put_together(op, left, right);
                }
                let fact = self.text_of_all(&[left, right]);
                // `base_dir / name` keeps its type.
                let entity = if op == BinaryOp::Div { left.entity } else { Entity::Unknown };
                Fact { konst, entity, ..fact }
            }
            BinaryOp::Sub
            | BinaryOp::FloorDiv
            | BinaryOp::Pow
            | BinaryOp::BitAnd
            | BinaryOp::BitXor
            | BinaryOp::LeftShift
            | BinaryOp::RightShift
            | BinaryOp::Other => Fact { constant: left.constant && right.constant, konst, ..Fact::default() },
        }
    }

    /// Whether a value is a pair of `enumerate`, whose first item is a number.
    fn counts(&self, function: &Function, facts: &[Fact], pair: Value) -> bool {
        let Op::Element(of) = function.op(pair) else { return false };
        let Op::Call { callee, .. } = function.op(of) else { return false };
        matches!(fact_of(facts, callee).entity, Entity::Path(path) if self.paths.text(path) == "enumerate")
    }

    fn constant(&mut self, constant: Constant) -> Fact {
        let konst = match constant {
            Constant::None => Konst::None,
            Constant::Bool(value) => Konst::Bool(value),
            Constant::Int(value) => Konst::Int(value),
            Constant::Str(number) | Constant::Bytes(number) => {
                if let Some(&konst) = self.text_konsts.get(&number) {
                    return Fact { constant: true, konst, ..Fact::default() };
                }
                let text = self.module.string(number);
                // Long texts are no keys and no answers.
                if text.len() > 512 {
                    return Fact { constant: true, ..Fact::default() };
                }
                let konst = self.lattice.intern_konst(Konst::Text(Arc::from(text)));
                self.text_konsts.insert(number, konst);
                return Fact { constant: true, konst, ..Fact::default() };
            }
            Constant::Ellipsis | Constant::Number => return Fact { constant: true, ..Fact::default() },
        };
        Fact { constant: true, konst: self.lattice.intern_konst(konst), ..Fact::default() }
    }

    /// What is true of a value whoever calls the function.
    fn without_inputs(&mut self, fact: Fact, depth: u32) -> Fact {
        let own: Vec<Atom> = self
            .lattice
            .atoms(fact.taint)
            .iter()
            .filter(|atom| matches!(atom.origin, Origin::Kind(_)))
            .copied()
            .collect();
        let taint = self.lattice.set(own);
        let shape = match self.lattice.shape(fact.shape).cloned() {
            Some(mut shape) if depth < 4 => {
                for (_, inner) in &mut shape.fields {
                    *inner = self.without_inputs(*inner, depth + 1);
                }
                shape.rest = shape.rest.map(|inner| self.without_inputs(inner, depth + 1));
                self.lattice.intern_shape(shape)
            }
            _ => Default::default(),
        };
        self.lattice.fact_with(Fact { shape, input: None, ..fact }, taint)
    }

    /// Notes that an input of the function gets something under a key.
    fn note_change(&mut self, of: Fact, key: Key, stored: Fact) {
        if let Some(input) = of.input
            && self.changes.len() < 64
        {
            let input = self.lattice.within(input, key);
            if !self.changes.contains(&(input, stored)) {
                self.changes.push((input, stored));
            }
        }
    }

    fn ask_summary(&mut self, module: ModuleId, function: FunctionId, shared: &Shared) -> Option<Arc<Summary>> {
        self.ask(Query::Summary(module, function));
        if module == self.id {
            return self.summaries.get(function.0 as usize).cloned();
        }
        shared.summary(module, function).cloned()
    }
}

fn unshared(values: Vec<Arc<Vec<Fact>>>) -> Vec<Vec<Fact>> {
    values.into_iter().map(Arc::unwrap_or_clone).collect()
}

fn function_id(number: usize) -> FunctionId {
    FunctionId(u32::try_from(number).unwrap_or(u32::MAX))
}

fn fact_of(facts: &[Fact], value: Value) -> Fact {
    facts.get(value.0 as usize).copied().unwrap_or_default()
}

/// All sink kinds or none.
fn all(yes: bool) -> Kinds {
    if yes { Kinds::MAX } else { 0 }
}

/// A parameter as an input.
fn parameter_root(index: usize) -> Root {
    Root::Parameter(u16::try_from(index).unwrap_or(u16::MAX))
}

/// Places an input is followed to; more of the same say nothing new.
const MAX_REACHES: usize = 64;

fn add_reach(reaches: &mut Vec<InputReach>, reach: InputReach) {
    if reaches.len() < MAX_REACHES && !reaches.contains(&reach) {
        reaches.push(reach);
    }
}
