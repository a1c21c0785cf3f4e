//! What is known of each module in the end.

use std::sync::{Arc, OnceLock};

use super::memory::{Memory, Trails};
use super::run::{Run, Waves};
use crate::facts::fact::ModuleFacts;
use crate::names::{Asked, ModuleId, Program};

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
    /// What is needed to evaluate a module once more as it was evaluated.
    run: Run<'p>,
    waves: Waves,
    rounds: usize,
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("modules", &self.held.modules.len()).finish_non_exhaustive()
    }
}

impl<'p> Facts<'p> {
    pub(super) fn new(modules: Vec<OnceLock<ModuleFacts>>, run: Run<'p>, waves: Waves, rounds: usize) -> Self {
        Self { held: Arc::new(Held { modules, run, waves, rounds }), asked: Arc::default() }
    }

    /// Those of a module.
    pub fn get(&self, id: ModuleId) -> Option<&ModuleFacts> {
        self.asked.add(id);
        let Held { modules, run, waves, rounds } = &*self.held;
        Some(modules.get(id.0 as usize)?.get_or_init(|| run.facts(waves, *rounds, id)))
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
        Memory::write(program, &self.held.run.history, trails, shows_secret)
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
