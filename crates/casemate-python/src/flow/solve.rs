//! All functions of a program, until nothing more is learned.
//!
//! Modules work in waves, imported ones first, those of a wave side by side; what they found out is shared after
//! every wave. From the second round on only those functions are evaluated again that have asked about something
//! that has changed since. What a wave sees does not depend on the number of threads, and so neither does the result.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::Evaluator;
use super::order;
use crate::facts::fact::ModuleFacts;
use crate::facts::summary::{Cell, Summary, Told};
use crate::flow::Models;
use crate::names::{Definition, ModuleId, Program, Target};
use crate::routes::{Seed, WebFacts, resolve_value};
use crate::syntax::{ClassId, FunctionId, Op, Passing, Symbol};

/// Rounds before what still changes is left as it is. What is only added to comes to an end by itself; a long way
/// through circles of modules takes some twenty rounds, and the late ones have little to do.
const MAX_ROUNDS: usize = 64;

/// Rounds before what still changes is only added to, so that it comes to an end.
const EXACT_ROUNDS: usize = 4;

/// A class of any module.
type ClassKey = (ModuleId, ClassId);

/// When something changed, counted in waves.
pub(super) type Tick = u32;

/// What one module keeps in a cell.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) module: ModuleId,
    pub(super) told: Told,
    pub(super) changed: Tick,
}

/// What functions know of those of other modules.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) summaries: Vec<Vec<Arc<Summary>>>,
    pub(super) summary_changed: Vec<Vec<Tick>>,
    pub(super) variables: Vec<FxHashMap<Symbol, Told>>,
    pub(super) variables_changed: Vec<Tick>,
    pub(super) cells: FxHashMap<Cell, Vec<Share>>,
    /// Parameters that a framework fills in from the request.
    pub(super) seeds: FxHashMap<(ModuleId, FunctionId, usize), Seed>,
    pub(super) subclasses: FxHashMap<ClassKey, Vec<ClassKey>>,
    /// Names of modules that functions assign to or change in place.
    pub(super) assigned_globals: FxHashSet<(ModuleId, Symbol)>,
    /// Names under which something is kept in an object anywhere in the program.
    pub(super) stored_names: FxHashSet<Arc<str>>,
    /// Fields whose annotation admits no free text.
    pub(super) safe_fields: FxHashSet<(ModuleId, u32, Arc<str>)>,
    /// Whether summaries and cells may only grow from now on.
    pub(super) widens: bool,
    /// Whether parameters of public functions are chosen by somebody outside.
    pub(super) library: bool,
    /// Whether nothing in the project is called from outside, so that its public functions are all there is to call.
    pub(super) callers: bool,
    /// The wave at hand; the first evaluation of what defines functions is the first.
    pub(super) now: Tick,
    /// The last wave that changed a cell.
    pub(super) cells_changed: Tick,
}

/// Everything that was found out about a program.
#[derive(Debug)]
pub struct Solved {
    /// Module by module.
    pub modules: Vec<ModuleFacts>,
    /// Routes, applications and what stands guard.
    pub web: WebFacts,
    /// How many rounds it took.
    pub rounds: usize,
    /// How many functions each round evaluated.
    pub evaluations: Vec<usize>,
    /// Modules that were still changing when the last round was over.
    pub unsettled: Vec<ModuleId>,
}

/// What is wanted of the analysis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The project is a library: who calls its public functions may be an attacker.
    pub library: bool,
    /// Modules that are left out, as if nothing were known of what they do. No other may import them.
    pub idle: &'a [ModuleId],
}

/// Evaluates a whole program.
pub fn solve(program: &Program, models: &Models, options: Options<'_>) -> Solved {
    let idle: FxHashSet<ModuleId> = options.idle.iter().copied().collect();
    let ids: Vec<ModuleId> = program.module_ids().map(|(id, _)| id).filter(|id| !idle.contains(id)).collect();
    let mut shared = Shared { library: options.library, now: 1, ..Shared::default() };
    shared.subclasses = subclasses(program, &ids);
    shared.assigned_globals = ids.par_iter().flat_map_iter(|&id| assigned_globals(program, id)).collect();
    shared.stored_names = ids.par_iter().flat_map_iter(|&id| stored_names(program, id)).collect();
    let mut evaluators: Vec<Box<Evaluator<'_>>> = ids
        .par_iter()
        .map(|&id| {
            let mut evaluator = Box::new(Evaluator::new(program, id, models));
            evaluator.begin(&shared);
            evaluator
        })
        .collect();
    shared.share_everything(program, &mut evaluators);
    shared.callers = !options.library && !evaluators.iter().any(|evaluator| evaluator.web.is_called());
    shared.safe_fields = {
        let shared = &shared;
        evaluators.par_iter_mut().flat_map_iter(|evaluator| evaluator.safe_fields(shared)).collect()
    };
    let mut waves = in_waves(program, evaluators);
    let mut rounds = 0;
    let mut unsettled = Vec::new();
    let mut evaluations = Vec::new();
    while rounds < MAX_ROUNDS {
        let first = rounds == 0;
        shared.widens = rounds >= EXACT_ROUNDS;
        rounds += 1;
        unsettled.clear();
        for wave in &mut waves {
            shared.now += 1;
            wave.par_iter_mut().for_each(|evaluator| evaluator.round(first, &shared));
            for evaluator in wave {
                if shared.share(evaluator) {
                    unsettled.push(evaluator.id);
                }
            }
        }
        evaluations.push(waves.iter_mut().flatten().map(|evaluator| evaluator.evaluated()).sum());
        if unsettled.is_empty() {
            break;
        }
    }
    unsettled.sort_unstable();
    let evaluators: Vec<Box<Evaluator<'_>>> = waves.into_iter().flatten().collect();
    let mut web = WebFacts::default();
    let mut in_order: Vec<&Evaluator<'_>> = evaluators.iter().map(|evaluator| &**evaluator).collect();
    in_order.sort_unstable_by_key(|evaluator| evaluator.id);
    in_order.iter().for_each(|evaluator| web.add(&evaluator.web));
    let mut modules: Vec<ModuleFacts> = evaluators.into_par_iter().map(|evaluator| evaluator.finished()).collect();
    modules.extend(idle.into_iter().map(ModuleFacts::unknown));
    modules.sort_unstable_by_key(|facts| facts.module);
    Solved { modules, web, rounds, evaluations, unsettled }
}

fn in_waves<'p>(program: &Program, evaluators: Vec<Box<Evaluator<'p>>>) -> Vec<Vec<Box<Evaluator<'p>>>> {
    let mut left: FxHashMap<ModuleId, Box<Evaluator<'p>>> =
        evaluators.into_iter().map(|evaluator| (evaluator.id, evaluator)).collect();
    let waves = order::waves(program).into_iter();
    waves.map(|wave| wave.into_iter().filter_map(|id| left.remove(&id)).collect()).collect()
}

impl Shared {
    fn share_everything(&mut self, program: &Program, evaluators: &mut [Box<Evaluator<'_>>]) {
        let count = program.modules.len();
        (self.summaries, self.variables) = (vec![Vec::new(); count], vec![FxHashMap::default(); count]);
        let told: Vec<_> = evaluators.par_iter_mut().map(|evaluator| evaluator.variables()).collect();
        for (evaluator, variables) in evaluators.iter().zip(told) {
            let at = evaluator.id.0 as usize;
            self.summaries[at].clone_from(&evaluator.summaries);
            self.variables[at] = variables;
        }
        self.summary_changed = self.summaries.iter().map(|known| vec![self.now; known.len()]).collect();
        self.variables_changed =
            self.variables.iter().map(|known| if known.is_empty() { 0 } else { self.now }).collect();
        for evaluator in evaluators.iter() {
            for (module, function, index, seed) in evaluator.web.all_seeds() {
                let known = self.seeds.entry((module, function, index)).or_insert(seed);
                *known = (*known).max(seed);
            }
        }
    }

    /// Takes over what a module learned in this wave, and says whether there was anything.
    fn share(&mut self, evaluator: &mut Evaluator<'_>) -> bool {
        let at = evaluator.id.0 as usize;
        let summaries = evaluator.changed_summaries();
        for &function in &summaries {
            let number = function.0 as usize;
            if let (Some(known), Some(changed)) = (
                self.summaries.get_mut(at).and_then(|known| known.get_mut(number)),
                self.summary_changed.get_mut(at).and_then(|changed| changed.get_mut(number)),
            ) {
                known.clone_from(&evaluator.summaries[number]);
                *changed = self.now;
            }
        }
        let cells = evaluator.told_cells();
        let learned = !summaries.is_empty() || !cells.is_empty();
        for (cell, told) in cells {
            let held = self.cells.entry(cell).or_default();
            let share = Share { module: evaluator.id, told, changed: self.now };
            match held.iter_mut().find(|share| share.module == evaluator.id) {
                Some(known) => *known = share,
                None => held.push(share),
            }
            self.cells_changed = self.now;
        }
        if evaluator.body_is_fresh()
            && let Some(known) = self.variables.get_mut(at)
        {
            let mut variables = evaluator.variables();
            if self.widens {
                for (name, before) in known.iter() {
                    let now = variables.entry(*name).or_default();
                    if now != before {
                        let mut sum = before.clone();
                        sum.widen(now);
                        *now = sum;
                    }
                }
            }
            if *known != variables {
                *known = variables;
                self.variables_changed[at] = self.now;
                return true;
            }
        }
        learned
    }
}

/// The classes of the project that are made from each, the direct ones.
fn subclasses(program: &Program, ids: &[ModuleId]) -> FxHashMap<ClassKey, Vec<ClassKey>> {
    let mut found: FxHashMap<ClassKey, Vec<ClassKey>> = FxHashMap::default();
    for (id, module) in ids.iter().filter_map(|&id| Some((id, program.module(id)?))) {
        for (number, class) in module.classes.iter().enumerate() {
            let own = (id, ClassId(u32::try_from(number).unwrap_or(u32::MAX)));
            for &base in &class.bases {
                if let Some(Target::Project(Definition::Class(module, class))) =
                    resolve_value(program, id, class.parent, base)
                {
                    found.entry((module, class)).or_default().push(own);
                }
            }
        }
    }
    found
}

/// Names of a module that its functions assign to or change in place.
fn assigned_globals(program: &Program, id: ModuleId) -> Vec<(ModuleId, Symbol)> {
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
                    if let Op::Attribute { of, name: method } = function.op(callee)
                        && let Op::Name(name) = function.op(of)
                        && matches!(
                            module.symbols.text(method),
                            "append"
                                | "add"
                                | "extend"
                                | "update"
                                | "setdefault"
                                | "insert"
                                | "appendleft"
                                | "put"
                                | "set"
                        )
                    {
                        found.insert(name);
                    }
                }
                _ => {}
            }
        }
    }
    found.into_iter().map(|symbol| (id, symbol)).collect()
}

/// Names under which functions of a module keep something in objects: attributes, and fields given to constructors.
fn stored_names(program: &Program, id: ModuleId) -> Vec<Arc<str>> {
    let Some(module) = program.module(id) else { return Vec::new() };
    let mut found = FxHashSet::default();
    for function in &module.functions {
        for op in &function.ops {
            match *op {
                Op::StoreAttribute { name, .. } => {
                    found.insert(name);
                }
                Op::Call { arguments, .. } => {
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
    found.into_iter().map(|symbol| Arc::from(module.symbols.text(symbol))).collect()
}
