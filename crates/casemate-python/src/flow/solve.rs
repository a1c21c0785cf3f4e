//! All functions of a program, until nothing more is learned.
//!
//! Modules work in waves, imported ones first, those of a wave side by side; what they found out is shared after
//! every wave. From the second round on only those functions are evaluated again that have asked about something
//! that has changed since. What a wave sees does not depend on the number of threads, and so neither does the result.

use std::collections::hash_map::Entry;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::Evaluator;
use super::history::{ClassKey, History, Past, SafeFields, Shared, Tables, Tick, Versions, name_number};
use super::memory::{FIRST, Memory, Part, Trail, Trails};
use super::order;
use crate::facts::fact::ModuleFacts;
use crate::flow::Models;
use crate::names::{Asked, Definition, ModuleId, Program, Target};
use crate::routes::{WebFacts, resolve_value};
use crate::syntax::{ClassId, Op, Passing, Symbol};

/// Rounds before what still changes is left as it is. What is only added to comes to an end by itself; a long way
/// through circles of modules takes some twenty rounds, and the late ones have little to do.
pub(super) const MAX_ROUNDS: usize = 64;

/// Rounds before what still changes is only added to, so that it comes to an end.
const EXACT_ROUNDS: usize = 4;

/// What is wanted of the analysis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// The project is a library: who calls its public functions may be an attacker.
    pub library: bool,
    /// Modules that are left out, as if nothing were known of what they do. No other may import them.
    pub idle: &'a [ModuleId],
    /// Whether the run is to be remembered.
    pub remembers: bool,
}

/// The facts of all modules. Those of a module that an earlier run has evaluated are found again when somebody asks.
///
/// A [`Facts::watched`] one is the same with notes of its own of who was asked about.
#[derive(Clone)]
pub struct Facts<'p> {
    held: Arc<Held<'p>>,
    asked: Arc<Asked>,
}

struct Held<'p> {
    modules: Vec<OnceLock<ModuleFacts>>,
    again: Again<'p>,
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("modules", &self.held.modules.len()).finish_non_exhaustive()
    }
}

impl<'p> Facts<'p> {
    pub(super) fn new(modules: Vec<OnceLock<ModuleFacts>>, again: Again<'p>) -> Self {
        Self { held: Arc::new(Held { modules, again }), asked: Arc::default() }
    }

    /// Those of a module.
    pub fn get(&self, id: ModuleId) -> Option<&ModuleFacts> {
        self.asked.add(id);
        Some(self.held.modules.get(id.0 as usize)?.get_or_init(|| self.held.again.facts(id)))
    }

    /// Those of all modules.
    pub fn all(&self) -> impl Iterator<Item = &ModuleFacts> {
        (0..u32::try_from(self.held.modules.len()).unwrap_or(u32::MAX)).filter_map(|at| self.get(ModuleId(at)))
    }

    /// What is to be kept for the next run. `shows_secret` is asked of the path of a module and of what would be kept
    /// of it.
    pub fn left(
        &self,
        program: &Program,
        trails: &Trails,
        shows_secret: &(dyn Fn(&str, &[u8]) -> bool + Sync),
    ) -> Option<Vec<u8>> {
        Memory::write(program, &self.held.again.run.history, trails, shows_secret)
    }

    /// The same for somebody else, with notes of their own.
    #[must_use]
    pub fn watched(&self) -> Self {
        Self { held: Arc::clone(&self.held), asked: Arc::default() }
    }

    /// The modules that have been asked about.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }
}

/// Everything that was found out about a program.
#[derive(Debug)]
pub struct Solved<'p> {
    /// Module by module.
    pub modules: Facts<'p>,
    /// Routes, applications and what stands guard.
    pub web: WebFacts,
    /// How many rounds it took.
    pub rounds: usize,
    /// How many functions each round evaluated.
    pub evaluations: Vec<usize>,
    /// Modules that were still changing when the last round was over.
    pub unsettled: Vec<ModuleId>,
    /// Modules whose analysis ran out of steps, so that something may be missing.
    pub cut_short: Vec<ModuleId>,
    /// The modules that were evaluated; the others came from memory.
    pub evaluated: Vec<ModuleId>,
    /// What the next run needs to know, if it was wanted and this one began at the start.
    pub trails: Option<Trails>,
}

/// Evaluates a whole program.
pub fn solve<'p>(program: &'p Program, models: &'p Models, options: Options<'_>) -> Solved<'p> {
    let idle: FxHashSet<ModuleId> = options.idle.iter().copied().collect();
    let ids: Vec<ModuleId> = program.ids().filter(|id| !idle.contains(id)).collect();
    let waves = Waves::of(program, &ids);
    let views: Vec<Program> = ids.iter().map(|_| program.watched()).collect();
    let mut run = Run::new(program, models, options.library, &waves);
    let mut evaluators = run.begin(&views, &ids);
    run.settle(&waves, &mut evaluators, std::iter::empty());
    let mut in_waves = waves.sort(evaluators);
    let (mut rounds, mut unsettled, mut evaluations) = (0, Vec::new(), Vec::new());
    while rounds < MAX_ROUNDS {
        unsettled.clear();
        for (at, wave) in in_waves.iter_mut().enumerate() {
            let shared = run.seen(&waves, rounds, at);
            wave.par_iter_mut().for_each(|evaluator| evaluator.round(rounds == 0, &shared));
            let (now, widens) = (shared.now, shared.widens);
            for evaluator in wave {
                if run.share(evaluator, now, widens) {
                    unsettled.push(evaluator.id);
                }
            }
        }
        rounds += 1;
        evaluations.push(in_waves.iter_mut().flatten().map(|evaluator| evaluator.evaluated()).sum());
        if unsettled.is_empty() {
            break;
        }
    }
    unsettled.sort_unstable();
    let mut evaluators: Vec<Box<Evaluator<'_>>> = in_waves.into_iter().flatten().collect();
    evaluators.sort_unstable_by_key(|evaluator| evaluator.id);
    let mut web = WebFacts::default();
    evaluators.iter().for_each(|evaluator| web.add(&evaluator.web));
    // Of what did not come to an end, a part cannot be repeated.
    let trails = (options.remembers && unsettled.is_empty()).then(|| {
        let trails = evaluators.iter().zip(&views);
        Trails(trails.map(|(evaluator, view)| (evaluator.id, run.trail(evaluator, view))).collect())
    });
    let found: Vec<ModuleFacts> = evaluators.into_par_iter().map(|evaluator| evaluator.finished()).collect();
    let cut_short = found.iter().filter(|facts| facts.cut_short).map(|facts| facts.module).collect();
    let modules = slots(program, found.into_iter().chain(idle.into_iter().map(ModuleFacts::unknown)));
    let modules = Facts::new(modules, run.again(waves, rounds));
    Solved { modules, web, rounds, evaluations, unsettled, cut_short, evaluated: ids, trails }
}

/// Facts at the places of their modules.
pub(super) fn slots(program: &Program, found: impl Iterator<Item = ModuleFacts>) -> Vec<OnceLock<ModuleFacts>> {
    let mut slots: Vec<OnceLock<ModuleFacts>> = program.ids().map(|_| OnceLock::new()).collect();
    for facts in found {
        if let Some(slot) = slots.get_mut(facts.module.0 as usize) {
            *slot = OnceLock::from(facts);
        }
    }
    slots
}

/// An evaluator is large, and moves from one list to another.
type Boxed<'p> = Box<Evaluator<'p>>;

/// Which modules work in which wave of a round.
#[derive(Debug)]
pub(super) struct Waves {
    /// The modules of each.
    pub(super) modules: Vec<Vec<ModuleId>>,
    /// The wave of each module.
    pub(super) of: Vec<usize>,
}

impl Waves {
    /// Those of a program, as far as its modules are not left out.
    pub(super) fn of(program: &Program, ids: &[ModuleId]) -> Self {
        Self::among(order::waves(program.imported()), program.len(), ids)
    }

    pub(super) fn among(mut waves: Vec<Vec<ModuleId>>, count: usize, ids: &[ModuleId]) -> Self {
        let mut is_wanted = vec![false; count];
        for id in ids {
            if let Some(wanted) = is_wanted.get_mut(id.0 as usize) {
                *wanted = true;
            }
        }
        let mut of = vec![0; count];
        for (at, wave) in waves.iter_mut().enumerate() {
            wave.retain(|id| is_wanted.get(id.0 as usize) == Some(&true));
            for id in wave.iter() {
                if let Some(own) = of.get_mut(id.0 as usize) {
                    *own = at;
                }
            }
        }
        Self { modules: waves, of }
    }

    /// The place of each module in a round.
    fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![u32::MAX; self.of.len()];
        for (rank, id) in self.modules.iter().flatten().enumerate() {
            if let Some(own) = ranks.get_mut(id.0 as usize) {
                *own = u32::try_from(rank).unwrap_or(u32::MAX);
            }
        }
        ranks
    }

    /// The number of a wave of a round.
    pub(super) fn tick(&self, round: usize, wave: usize) -> Tick {
        // What defines functions is evaluated first of all.
        Tick::try_from(2 + round * self.modules.len() + wave).unwrap_or(Tick::MAX)
    }

    /// Evaluators by waves.
    pub(super) fn sort<'p>(&self, evaluators: Vec<Boxed<'p>>) -> Vec<Vec<Boxed<'p>>> {
        let mut left: FxHashMap<ModuleId, Box<Evaluator<'p>>> =
            evaluators.into_iter().map(|evaluator| (evaluator.id, evaluator)).collect();
        self.modules.iter().map(|wave| wave.iter().filter_map(|id| left.remove(id)).collect()).collect()
    }
}

/// A program that is being evaluated.
pub(super) struct Run<'p> {
    program: &'p Program,
    models: &'p Models,
    library: bool,
    /// Whether nothing in the project is called from outside, so that its public functions are all there is to call.
    pub(super) callers: bool,
    /// What is in force before anything is evaluated.
    at_first: Tables,
    tables: Tables,
    safe_fields: SafeFields,
    pub(super) history: History,
    /// The waves in which modules told something new.
    told: FxHashMap<ModuleId, Vec<Tick>>,
    pub(super) parts: FxHashMap<ModuleId, Part>,
}

impl<'p> Run<'p> {
    pub(super) fn new(program: &'p Program, models: &'p Models, library: bool, waves: &Waves) -> Self {
        let history = History {
            modules: program.ids().map(|_| Past::default()).collect(),
            ranks: waves.ranks(),
            ..History::default()
        };
        Self {
            program,
            models,
            library,
            callers: false,
            at_first: Tables::default(),
            tables: Tables::default(),
            safe_fields: SafeFields::default(),
            history,
            told: FxHashMap::default(),
            parts: FxHashMap::default(),
        }
    }

    /// What is known in a wave of a round.
    pub(super) fn seen(&self, waves: &Waves, round: usize, wave: usize) -> Shared<'_> {
        Shared {
            tables: &self.tables,
            safe_fields: &self.safe_fields,
            history: &self.history,
            widens: round >= EXACT_ROUNDS,
            library: self.library,
            callers: self.callers,
            now: waves.tick(round, wave),
        }
    }

    /// Evaluates what defines functions and classes; `parts` has what modules of an earlier run say of themselves.
    pub(super) fn begin<'v>(&mut self, views: &'v [Program], ids: &[ModuleId]) -> Vec<Boxed<'v>>
    where
        'p: 'v,
    {
        let parts: Vec<(ModuleId, Part)> = views.par_iter().zip(ids).map(|(view, &id)| (id, part(view, id))).collect();
        self.parts.extend(parts);
        self.at_first = Tables::of(&self.parts);
        let models = self.models;
        let shared = Shared {
            tables: &self.at_first,
            safe_fields: &SafeFields::default(),
            history: &self.history,
            widens: false,
            library: self.library,
            callers: false,
            now: FIRST,
        };
        let begun = views.par_iter().zip(ids).map(|(view, &id)| {
            let mut evaluator = Box::new(Evaluator::new(view, id, models));
            evaluator.begin(&shared);
            let variables = evaluator.variables();
            (evaluator, variables)
        });
        let begun: Vec<_> = begun.collect();
        let mut evaluators = Vec::with_capacity(begun.len());
        for (evaluator, variables) in begun {
            if let Some(kept) = self.history.past_mut(evaluator.id) {
                kept.summaries =
                    evaluator.summaries.iter().map(|known| Versions(vec![(FIRST, Arc::clone(known))])).collect();
                if !variables.is_empty() {
                    kept.variables.push(FIRST, variables);
                }
            }
            evaluators.push(evaluator);
        }
        evaluators
    }

    /// Finds out what is in force from now on; `earlier` are the routes of modules that are not evaluated.
    pub(super) fn settle<'w>(
        &mut self,
        waves: &Waves,
        evaluators: &mut [Box<Evaluator<'_>>],
        earlier: impl Iterator<Item = &'w WebFacts>,
    ) {
        self.tables = Tables::of(&self.parts);
        let mut is_called = false;
        let mut add = |web: &WebFacts| {
            is_called |= web.is_called();
            for (module, function, index, seed) in web.all_seeds() {
                match self.tables.seeds.entry((module, function, index)) {
                    Entry::Occupied(mut known) => {
                        if known.get() < seed {
                            known.insert(seed.clone());
                        }
                    }
                    Entry::Vacant(place) => {
                        place.insert(seed.clone());
                    }
                }
            }
        };
        earlier.for_each(&mut add);
        evaluators.iter().for_each(|evaluator| add(&evaluator.web));
        self.callers = !self.library && !is_called;
        let shared = Shared { safe_fields: &SafeFields::default(), ..self.seen(waves, 0, 0) };
        let safe: Vec<(ModuleId, Vec<(u32, u64)>)> =
            evaluators.par_iter_mut().map(|evaluator| (evaluator.id, evaluator.safe_fields(&shared))).collect();
        for (id, safe) in safe {
            if let Some(part) = self.parts.get_mut(&id) {
                part.safe = safe;
            }
        }
        let of_part = |(id, part): (&ModuleId, &Part)| -> Vec<_> {
            part.safe.iter().map(|&(class, name)| (*id, class, name)).collect()
        };
        self.safe_fields = self.parts.iter().flat_map(of_part).collect();
    }

    /// Takes over what a module learned in a wave, and says whether there was anything.
    pub(super) fn share(&mut self, evaluator: &mut Evaluator<'_>, now: Tick, widens: bool) -> bool {
        let id = evaluator.id;
        let changed = evaluator.changed_summaries();
        let cells = evaluator.told_cells();
        let fresh = evaluator.body_is_fresh().then(|| evaluator.variables());
        let mut learned = !changed.is_empty() || !cells.is_empty();
        if let Some(kept) = self.history.past_mut(id) {
            for function in changed {
                let number = function.0 as usize;
                if let (Some(known), Some(now_known)) =
                    (kept.summaries.get_mut(number), evaluator.summaries.get(number))
                {
                    // A function evaluated more than once in a wave counts as it was left.
                    known.0.retain(|(tick, _)| *tick != now);
                    known.push(now, Arc::clone(now_known));
                }
            }
            if let Some(mut variables) = fresh {
                let known = kept.variables.0.last().map(|(_, known)| known);
                if widens {
                    for (name, before) in known.into_iter().flatten() {
                        let now = variables.entry(*name).or_default();
                        if now != before {
                            let mut sum = before.clone();
                            sum.widen(now);
                            *now = sum;
                        }
                    }
                }
                if known.map_or(!variables.is_empty(), |known| *known != variables) {
                    kept.variables.push(now, variables);
                    learned = true;
                }
            }
        }
        for (cell, told) in cells {
            self.history.share(cell, id, now, told);
        }
        if learned {
            self.told.entry(id).or_default().push(now);
        }
        learned
    }

    /// What is noted of a module that has been evaluated.
    fn trail(&mut self, evaluator: &Evaluator<'_>, view: &Program) -> Trail {
        let id = evaluator.id;
        // What it imports was looked up as well.
        view.imported_by(id);
        Trail {
            asked: view.asked().words(),
            questions: evaluator.questions(),
            part: self.parts.remove(&id).unwrap_or_default(),
            waves: self.told.remove(&id).unwrap_or_default(),
            web: evaluator.web.clone(),
            is_cut_short: evaluator.is_cut_short(),
        }
    }

    /// Whatever is needed to evaluate a module once more as it was evaluated.
    pub(super) fn again(self, waves: Waves, rounds: usize) -> Again<'p> {
        Again { run: self, waves, rounds }
    }
}

/// A program that has been evaluated, to evaluate modules of it again, one by one.
pub(super) struct Again<'p> {
    run: Run<'p>,
    waves: Waves,
    rounds: usize,
}

impl Again<'_> {
    /// The facts of one module: it sees what it saw in each wave.
    fn facts(&self, id: ModuleId) -> ModuleFacts {
        let run = &self.run;
        let mut evaluator = Evaluator::new(run.program, id, run.models);
        let none = SafeFields::default();
        let (tables, safe_fields, history) = (&run.at_first, &none, &run.history);
        let (library, callers) = (run.library, false);
        evaluator.begin(&Shared { tables, safe_fields, history, widens: false, library, callers, now: FIRST });
        evaluator.variables();
        evaluator.safe_fields(&Shared { safe_fields, ..run.seen(&self.waves, 0, 0) });
        let wave = self.waves.of.get(id.0 as usize).copied().unwrap_or(0);
        for round in 0..self.rounds {
            evaluator.round(round == 0, &run.seen(&self.waves, round, wave));
            // What it tells is known; telling it puts its numbers into order.
            evaluator.changed_summaries();
            evaluator.told_cells();
            if evaluator.body_is_fresh() {
                evaluator.variables();
            }
        }
        evaluator.finished()
    }
}

impl Tables {
    fn of(parts: &FxHashMap<ModuleId, Part>) -> Self {
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

fn part(program: &Program, id: ModuleId) -> Part {
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
    let mut found: Vec<Symbol> = found.into_iter().collect();
    found.sort_unstable();
    found
}

/// Names under which functions of a module keep something in objects: attributes, and fields given to constructors.
fn stored_names(program: &Program, id: ModuleId) -> Vec<u64> {
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
    let mut found: Vec<u64> = found.into_iter().map(|symbol| name_number(module.symbols.text(symbol))).collect();
    found.sort_unstable();
    found
}
