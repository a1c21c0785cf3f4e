//! All functions of a program, until nothing more is learned.
//!
//! Modules work in waves, imported ones first, those of a wave side by side; what they found out is shared after
//! every wave. From the second round on only those functions are evaluated again that have asked about something
//! that has changed since. What a wave sees does not depend on the number of threads, and so neither does the result.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::found::{Facts, slots};
use super::memory::Trails;
use super::run::{Run, Waves, Worked};
use crate::facts::fact::ModuleFacts;
use crate::flow::Models;
use crate::names::{ModuleId, Program};
use crate::routes::WebFacts;

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
    let Worked { evaluators, rounds, evaluations, unsettled, .. } = run.work(&waves, evaluators, &FxHashSet::default());
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
    let modules = Facts::new(modules, run, waves, rounds);
    Solved { modules, web, rounds, evaluations, unsettled, cut_short, evaluated: ids, trails }
}
