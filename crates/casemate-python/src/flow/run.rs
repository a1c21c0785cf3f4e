//! One run over a program: who works when, and what they share.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::Evaluator;
use super::history::{History, Past, Shared, Tick, Versions};
use super::memory::{FIRST, Part, Trail};
use super::order;
use super::tables::{SafeFields, Tables, part};
use crate::facts::fact::ModuleFacts;
use crate::flow::Models;
use crate::names::{ModuleId, Program};
use crate::routes::WebFacts;

/// Rounds before what still changes is left as it is. What is only added to comes to an end by itself; a long way
/// through circles of modules takes some twenty rounds, and the late ones have little to do.
const MAX_ROUNDS: usize = 64;

/// Rounds before what still changes is only added to, so that it comes to an end.
const EXACT_ROUNDS: usize = 4;

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

/// How rounds ended.
pub(super) struct Worked<'v> {
    /// By the numbers of their modules.
    pub(super) evaluators: Vec<Boxed<'v>>,
    pub(super) rounds: usize,
    /// How many functions each round evaluated.
    pub(super) evaluations: Vec<usize>,
    /// Modules at work that were still learning in the last round.
    pub(super) unsettled: Vec<ModuleId>,
    /// Whether nobody told anything new in the last round.
    pub(super) is_settled: bool,
}

/// The modules of a wave, those first that take longest: nobody waits for one that was begun last.
fn largest_first<'w, 'v>(wave: &'w mut [Boxed<'v>]) -> Vec<&'w mut Boxed<'v>> {
    let mut sorted: Vec<&mut Boxed<'v>> = wave.iter_mut().collect();
    sorted.sort_by_cached_key(|evaluator| std::cmp::Reverse(evaluator.size()));
    sorted
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

    /// Lets modules work in rounds until nothing more is learned. `told_at` are the waves in which those tell
    /// something that do not work.
    pub(super) fn work<'v>(
        &mut self,
        waves: &Waves,
        evaluators: Vec<Boxed<'v>>,
        told_at: &FxHashSet<Tick>,
    ) -> Worked<'v> {
        let mut in_waves = waves.sort(evaluators);
        let (mut rounds, mut unsettled, mut evaluations) = (0, Vec::new(), Vec::new());
        let mut is_settled = false;
        while rounds < MAX_ROUNDS && !is_settled {
            unsettled.clear();
            is_settled = true;
            for (at, wave) in in_waves.iter_mut().enumerate() {
                let shared = self.seen(waves, rounds, at);
                largest_first(wave).into_par_iter().with_max_len(1).for_each(|evaluator| {
                    evaluator.round(rounds == 0, &shared);
                });
                let (now, widens) = (shared.now, shared.widens);
                is_settled &= !told_at.contains(&now);
                for evaluator in wave {
                    if self.share(evaluator, now, widens) {
                        unsettled.push(evaluator.id);
                    }
                }
            }
            is_settled &= unsettled.is_empty();
            rounds += 1;
            evaluations.push(in_waves.iter_mut().flatten().map(|evaluator| evaluator.evaluated()).sum());
        }
        unsettled.sort_unstable();
        let mut evaluators: Vec<Boxed<'v>> = in_waves.into_iter().flatten().collect();
        evaluators.sort_unstable_by_key(|evaluator| evaluator.id);
        Worked { evaluators, rounds, evaluations, unsettled, is_settled }
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
    pub(super) fn trail(&mut self, evaluator: &Evaluator<'_>, view: &Program) -> Trail {
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

    /// The facts of one module, evaluated once more: it sees what it saw in each wave.
    pub(super) fn facts(&self, waves: &Waves, rounds: usize, id: ModuleId) -> ModuleFacts {
        let mut evaluator = Evaluator::new(self.program, id, self.models);
        let none = SafeFields::default();
        let (tables, safe_fields, history) = (&self.at_first, &none, &self.history);
        let (library, callers) = (self.library, false);
        evaluator.begin(&Shared { tables, safe_fields, history, widens: false, library, callers, now: FIRST });
        evaluator.variables();
        evaluator.safe_fields(&Shared { safe_fields, ..self.seen(waves, 0, 0) });
        let wave = waves.of.get(id.0 as usize).copied().unwrap_or(0);
        for round in 0..rounds {
            evaluator.round(round == 0, &self.seen(waves, round, wave));
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
