//! All functions of a program, until nothing more is learned.
//!
//! Modules work side by side, each on its own functions with callees first; what they found out is shared after
//! every round, and in the next only those functions are evaluated again that have asked about something that has
//! changed. What a round sees does not depend on the number of threads, and so neither does the result.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::Evaluator;
use super::facts::ModuleFacts;
use super::models::Models;
use super::summary::{Asked, Cell, Summary, Told};
use crate::names::{Definition, ModuleId, Program, Target};
use crate::routes::{Seed, WebFacts, resolve_value};
use crate::syntax::{ClassId, FunctionId, Op, Symbol};

/// Rounds before what still changes is left as it is.
const MAX_ROUNDS: usize = 12;

/// A class of any module.
type ClassKey = (ModuleId, ClassId);

/// What functions know of those of other modules.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) summaries: Vec<Vec<Arc<Summary>>>,
    pub(super) variables: Vec<FxHashMap<Symbol, Told>>,
    pub(super) cells: FxHashMap<Cell, Vec<(ModuleId, Told)>>,
    /// Whether anything at all is kept in objects of libraries.
    pub(super) library_cells: bool,
    /// Parameters that a framework fills in from the request.
    pub(super) seeds: FxHashMap<(ModuleId, FunctionId, usize), Seed>,
    pub(super) subclasses: FxHashMap<ClassKey, Vec<ClassKey>>,
    /// Names of modules that functions assign to or change in place.
    pub(super) assigned_globals: FxHashSet<(ModuleId, Symbol)>,
    /// Fields whose annotation admits no free text.
    pub(super) safe_fields: FxHashSet<(ModuleId, u32, Arc<str>)>,
    /// Whether parameters of public functions are chosen by somebody outside.
    pub(super) library: bool,
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
    /// Modules that were still changing when the last round was over.
    pub unsettled: Vec<ModuleId>,
}

/// What is wanted of the analysis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The project is a library: who calls its public functions may be an attacker.
    pub library: bool,
}

/// Evaluates a whole program.
pub fn solve(program: &Program, models: &Models, options: Options) -> Solved {
    let ids: Vec<ModuleId> = program.module_ids().map(|(id, _)| id).collect();
    let mut shared = Shared { library: options.library, ..Shared::default() };
    shared.subclasses = subclasses(program);
    shared.assigned_globals = ids.par_iter().flat_map_iter(|&id| assigned_globals(program, id)).collect();
    let mut evaluators: Vec<Evaluator<'_>> = ids
        .par_iter()
        .map(|&id| {
            let mut evaluator = Evaluator::new(program, id, models);
            evaluator.begin(&shared);
            evaluator
        })
        .collect();
    shared.share_everything(&mut evaluators);
    shared.safe_fields = {
        let shared = &shared;
        evaluators.par_iter_mut().flat_map_iter(|evaluator| evaluator.safe_fields(shared)).collect()
    };
    let mut changed: FxHashSet<Asked> = FxHashSet::default();
    let mut rounds = 0;
    let mut unsettled = Vec::new();
    while rounds < MAX_ROUNDS {
        let first = rounds == 0;
        rounds += 1;
        let news: Vec<Vec<Asked>> =
            evaluators.par_iter_mut().map(|evaluator| evaluator.round(first, &changed, &shared)).collect();
        changed = shared.share(&mut evaluators, &news);
        if changed.is_empty() {
            unsettled.clear();
            break;
        }
        unsettled = ids.iter().zip(&news).filter(|(_, news)| !news.is_empty()).map(|(&id, _)| id).collect();
    }
    let mut web = WebFacts::default();
    evaluators.iter().for_each(|evaluator| web.add(&evaluator.web));
    let modules = evaluators.into_iter().map(Evaluator::finished).collect();
    Solved { modules, web, rounds, unsettled }
}

impl Shared {
    fn share_everything(&mut self, evaluators: &mut [Evaluator<'_>]) {
        self.summaries = evaluators.iter().map(|evaluator| evaluator.summaries.clone()).collect();
        self.variables = evaluators.par_iter_mut().map(Evaluator::variables).collect();
        for evaluator in evaluators.iter() {
            for (module, function, index, seed) in evaluator.web.all_seeds() {
                let known = self.seeds.entry((module, function, index)).or_insert(seed);
                *known = (*known).max(seed);
            }
        }
    }

    /// Takes over what was learned in a round, and says what others may want to know again.
    fn share(&mut self, evaluators: &mut [Evaluator<'_>], news: &[Vec<Asked>]) -> FxHashSet<Asked> {
        let mut changed: FxHashSet<Asked> = news.iter().flatten().cloned().collect();
        for (at, (evaluator, news)) in evaluators.iter_mut().zip(news).enumerate() {
            if news.is_empty() && !self.variables.is_empty() && !evaluator.is_fresh() {
                continue;
            }
            if let Some(known) = self.summaries.get_mut(at) {
                known.clone_from(&evaluator.summaries);
            }
            let variables = evaluator.variables();
            if let Some(known) = self.variables.get_mut(at)
                && *known != variables
            {
                *known = variables;
                changed.insert(Asked::Variables(evaluator.id));
            }
            for (cell, told) in evaluator.cells() {
                self.library_cells |= matches!(cell, Cell::Library(_));
                let held = self.cells.entry(cell).or_default();
                match held.iter_mut().find(|(module, _)| *module == evaluator.id) {
                    Some((_, known)) => *known = told,
                    None => held.push((evaluator.id, told)),
                }
            }
        }
        changed
    }
}

/// The classes of the project that are made from each, the direct ones.
fn subclasses(program: &Program) -> FxHashMap<ClassKey, Vec<ClassKey>> {
    let mut found: FxHashMap<ClassKey, Vec<ClassKey>> = FxHashMap::default();
    for (id, module) in program.module_ids() {
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
                            "append" | "add" | "extend" | "update" | "setdefault" | "insert" | "appendleft" | "put"
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
