//! What modules have told each other, and when, so that every wave can be seen again.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHasher};

use super::memory::{Kept, Stored};
use super::tables::{ClassKey, SafeFields, Tables};
use crate::facts::summary::{Cell, Summary, Told};
use crate::names::ModuleId;
use crate::syntax::{FunctionId, Symbol};

/// When something changed, counted in waves.
pub(super) type Tick = u32;

/// Something as it was from each wave on in which it changed, the first of them first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Versions<T>(pub(super) Vec<(Tick, T)>);

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Versions<T> {
    /// What a wave sees: what was there before it.
    pub(super) fn seen(&self, now: Tick) -> Option<&(Tick, T)> {
        self.0.iter().rev().find(|(tick, _)| *tick < now)
    }

    pub(super) fn push(&mut self, tick: Tick, value: T) {
        self.0.push((tick, value));
    }
}

/// What a module holds under its names.
pub(super) type Variables = FxHashMap<Symbol, Told>;

/// What one module keeps in a cell.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) module: ModuleId,
    /// The last wave in which that changed: most questions need to know no more.
    last: Tick,
    pub(super) told: Shares,
}

impl Share {
    pub(super) fn new(module: ModuleId, told: Shares) -> Self {
        Self { module, last: told.last(), told }
    }
}

/// What it kept there from wave to wave; of a module of an earlier run only the waves, until it is looked at.
#[derive(Debug)]
pub(super) enum Shares {
    Told(Versions<Told>),
    Stored { waves: Vec<Tick>, number: usize },
}

/// What one module has told.
#[derive(Debug, Default)]
pub(super) struct Past {
    kept: OnceLock<Kept>,
    stored: Option<Stored>,
}

impl Past {
    /// What a module told in an earlier run; it is unpacked when somebody asks.
    pub(super) fn of_earlier(stored: Stored) -> Self {
        Self { kept: OnceLock::new(), stored: Some(stored) }
    }

    pub(super) fn kept(&self) -> &Kept {
        self.kept.get_or_init(|| self.stored.as_ref().map(Stored::unpack).unwrap_or_default())
    }

    fn kept_mut(&mut self) -> Option<&mut Kept> {
        self.kept();
        self.kept.get_mut()
    }
}

/// Everything that was told.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) modules: Vec<Past>,
    pub(super) cells: FxHashMap<Cell, Vec<Share>>,
    /// The waves that changed a cell, in order.
    pub(super) cell_waves: Vec<Tick>,
    /// At which place in its round each module works.
    pub(super) ranks: Vec<u32>,
}

impl History {
    fn rank(&self, module: ModuleId) -> u32 {
        self.ranks.get(module.0 as usize).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn past_mut(&mut self, module: ModuleId) -> Option<&mut Kept> {
        self.modules.get_mut(module.0 as usize).and_then(Past::kept_mut)
    }

    /// Puts what a module keeps in a cell in at its place: as if all had worked in this run.
    pub(super) fn add_share(&mut self, cell: Cell, share: Share) {
        let place = (share.told.first(), self.rank(share.module));
        let ranks = &self.ranks;
        let held = self.cells.entry(cell).or_default();
        let at = held.partition_point(|known| {
            let rank = ranks.get(known.module.0 as usize).copied().unwrap_or(u32::MAX);
            (known.told.first(), rank) <= place
        });
        held.insert(at, share);
    }

    /// Notes what a module keeps in a cell from a wave on.
    pub(super) fn share(&mut self, cell: Cell, module: ModuleId, now: Tick, told: Told) {
        let known = self.cells.get_mut(&cell).and_then(|held| held.iter_mut().find(|share| share.module == module));
        match known {
            Some(share) => {
                share.last = now;
                match &mut share.told {
                    Shares::Told(versions) => versions.push(now, told),
                    kept @ Shares::Stored { .. } => *kept = Shares::Told(Versions(vec![(now, told)])),
                }
            }
            None => self.add_share(cell, Share::new(module, Shares::Told(Versions(vec![(now, told)])))),
        }
        self.note_wave(now);
    }

    /// Notes that a wave changed a cell.
    pub(super) fn note_wave(&mut self, wave: Tick) {
        let at = self.cell_waves.partition_point(|&known| known < wave);
        if self.cell_waves.get(at) != Some(&wave) {
            self.cell_waves.insert(at, wave);
        }
    }
}

impl Shares {
    fn first(&self) -> Tick {
        match self {
            Self::Told(versions) => versions.0.first().map_or(0, |(tick, _)| *tick),
            Self::Stored { waves, .. } => waves.first().copied().unwrap_or(0),
        }
    }

    fn last(&self) -> Tick {
        match self {
            Self::Told(versions) => versions.0.last().map_or(0, |(tick, _)| *tick),
            Self::Stored { waves, .. } => waves.last().copied().unwrap_or(0),
        }
    }

    /// When what a wave sees changed last, and which of the versions it is.
    fn seen(&self, now: Tick) -> Option<(Tick, usize)> {
        match self {
            Self::Told(versions) => {
                let at = versions.0.iter().rposition(|(tick, _)| *tick < now)?;
                Some((versions.0.get(at)?.0, at))
            }
            Self::Stored { waves, .. } => {
                let at = waves.iter().rposition(|tick| *tick < now)?;
                Some((*waves.get(at)?, at))
            }
        }
    }
}

/// What functions know of those of other modules, in the wave at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shared<'h> {
    pub(super) tables: &'h Tables,
    /// None, until they have been found.
    pub(super) safe_fields: &'h SafeFields,
    pub(super) history: &'h History,
    /// Whether summaries and cells may only grow from now on.
    pub(super) widens: bool,
    /// Whether parameters of public functions are chosen by somebody outside.
    pub(super) library: bool,
    /// Whether nothing in the project is called from outside, so that its public functions are all there is to call.
    pub(super) callers: bool,
    /// The wave at hand; the first evaluation of what defines functions is the first.
    pub(super) now: Tick,
}

impl<'h> Shared<'h> {
    fn kept(&self, module: ModuleId) -> Option<&'h Kept> {
        self.history.modules.get(module.0 as usize).map(Past::kept)
    }

    /// The summary of a function.
    pub(super) fn summary(&self, module: ModuleId, function: FunctionId) -> Option<&'h Arc<Summary>> {
        Some(&self.kept(module)?.summaries.get(function.0 as usize)?.seen(self.now)?.1)
    }

    /// When the summary of a function changed last.
    pub(super) fn summary_changed(&self, module: ModuleId, function: FunctionId) -> Option<Tick> {
        Some(self.kept(module)?.summaries.get(function.0 as usize)?.seen(self.now)?.0)
    }

    /// What a module holds under a name in the end.
    pub(super) fn variable(&self, module: ModuleId, name: Symbol) -> Option<&'h Told> {
        self.kept(module)?.variables.seen(self.now)?.1.get(&name)
    }

    /// When what a module holds under its names changed last.
    pub(super) fn variables_changed(&self, module: ModuleId) -> Option<Tick> {
        Some(self.kept(module)?.variables.seen(self.now)?.0)
    }

    /// When any cell changed last.
    pub(super) fn cells_changed(&self) -> Tick {
        let at = self.history.cell_waves.partition_point(|&wave| wave < self.now);
        at.checked_sub(1).and_then(|at| self.history.cell_waves.get(at)).copied().unwrap_or(0)
    }

    /// Whether a module other than this has changed a cell since a wave.
    pub(super) fn is_cell_changed(&self, cell: &Cell, but: ModuleId, since: Tick) -> bool {
        let shares = self.history.cells.get(cell).map_or(&[][..], Vec::as_slice);
        shares
            .iter()
            .filter(|share| share.last >= since && share.module != but)
            .any(|share| share.told.seen(self.now).is_some_and(|(changed, _)| changed >= since))
    }

    /// What all modules but this keep in a cell.
    pub(super) fn others(self, cell: &Cell, but: ModuleId) -> impl Iterator<Item = &'h Told> + use<'h> {
        let shares = self.history.cells.get(cell).map_or(&[][..], Vec::as_slice);
        shares.iter().filter(move |share| share.module != but).filter_map(move |share| {
            let (_, at) = share.told.seen(self.now)?;
            match &share.told {
                Shares::Told(versions) => versions.0.get(at).map(|(_, told)| told),
                Shares::Stored { number, .. } => self.kept(share.module)?.cells.get(*number)?.get(at),
            }
        })
    }
}

/// A question about another module, as a number, to find those again who have asked it.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Question<'q> {
    /// Whether anything is kept under a name.
    Stored(u64),
    /// The classes made from one.
    Subclasses(ClassKey),
    /// Whether functions assign to a name of a module.
    Assigned(ModuleId, Symbol),
    /// Whether a field admits no free text.
    Safe(ModuleId, u32, u64),
    /// The summary of a function.
    Summary(ModuleId, FunctionId),
    /// What a module holds under its names.
    Variables(ModuleId),
    /// What is kept in a cell.
    Cell(&'q Cell),
}

impl Question<'_> {
    pub(super) fn number(self) -> u64 {
        let mut hasher = FxHasher::default();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
