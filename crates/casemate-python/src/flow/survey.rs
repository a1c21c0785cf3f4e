//! What modules need to know about each other.

use rustc_hash::FxHashMap;

use super::facts::{Labels, Portable, Summary};
use crate::names::ModuleId;
use crate::routes::{Seed, WebFacts};
use crate::syntax::{FunctionId, Symbol};

/// What the other modules need to know about one, found out by looking at it alone.
#[derive(Debug, Default)]
pub struct Survey {
    /// Function by function.
    pub summaries: Vec<Summary>,
    /// What names of the module hold, by name.
    pub variables: FxHashMap<Symbol, (Portable, Labels)>,
    /// Routes, applications and routers.
    pub web: WebFacts,
}

/// The surveys of all modules.
#[derive(Debug, Default)]
pub struct Surveys {
    all: Vec<Survey>,
    /// Parameters that a framework fills in, by the module of their function; a route may be declared in another.
    seeds: FxHashMap<ModuleId, Vec<(FunctionId, usize, Seed)>>,
}

impl Surveys {
    /// The surveys of all modules, in the order of their ids.
    pub fn new(all: Vec<Survey>) -> Self {
        let mut seeds: FxHashMap<ModuleId, Vec<(FunctionId, usize, Seed)>> = FxHashMap::default();
        for survey in &all {
            for (module, function, index, seed) in survey.web.all_seeds() {
                seeds.entry(module).or_default().push((function, index, seed));
            }
        }
        for of_module in seeds.values_mut() {
            of_module.sort_by_key(|&(function, index, (role, safe))| (function, index, role, safe));
        }
        Self { all, seeds }
    }

    /// The survey of a module.
    pub fn of(&self, module: ModuleId) -> Option<&Survey> {
        self.all.get(module.0 as usize)
    }

    /// What the web says in all modules.
    pub fn web(&self) -> WebFacts {
        WebFacts::merged(self.all.iter().map(|survey| &survey.web))
    }

    pub(crate) fn seeds_of(&self, module: ModuleId) -> &[(FunctionId, usize, Seed)] {
        self.seeds.get(&module).map_or(&[], Vec::as_slice)
    }
}
