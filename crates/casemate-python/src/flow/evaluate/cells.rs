//! What functions share otherwise than by calls: fields, names of modules, attributes of objects of libraries.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::history::{Shared, Tick};
use super::Evaluator;
use crate::facts::fact::Fact;
use crate::facts::lattice::{Key, KeyName};
use crate::facts::summary::{Cell, Told};
use crate::names::ModuleId;
use crate::syntax::Symbol;

/// The number a module has given to a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CellId(u32);

/// Cells that one function keeps its inputs in; more are not told.
const MAX_STORES: usize = 16;

/// A cell as one module knows it.
struct Known {
    cell: Cell,
    /// What functions of this module keep there.
    own: Option<Fact>,
    /// The step of this module in which that changed.
    changed: u32,
    /// What other modules keep there.
    others: Option<Fact>,
    /// The wave in which that was heard.
    heard: Tick,
}

/// The cells a module has to do with.
#[derive(Default)]
pub(super) struct Cells {
    known: Vec<Known>,
    numbers: FxHashMap<Cell, CellId>,
    /// Fields by the key of their name, to find them again quickly.
    fields: FxHashMap<(ModuleId, u32, Key), CellId>,
}

impl Cells {
    fn number(&mut self, cell: Cell) -> CellId {
        if let Some(&known) = self.numbers.get(&cell) {
            return known;
        }
        let id = CellId(u32::try_from(self.known.len()).unwrap_or(u32::MAX));
        self.known.push(Known { cell: cell.clone(), own: None, changed: 0, others: None, heard: 0 });
        self.numbers.insert(cell, id);
        id
    }

    fn get(&self, id: CellId) -> Option<&Known> {
        self.known.get(id.0 as usize)
    }

    fn get_mut(&mut self, id: CellId) -> Option<&mut Known> {
        self.known.get_mut(id.0 as usize)
    }
}

impl Evaluator<'_> {
    /// The cell of a field of a class of the project.
    pub(super) fn field_cell(&mut self, module: ModuleId, class: u32, key: Key) -> CellId {
        if let Some(&known) = self.cells.fields.get(&(module, class, key)) {
            return known;
        }
        let name = match self.lattice.key_name(key) {
            KeyName::Attribute(name) => Arc::clone(name),
            _ => Arc::from(""),
        };
        let id = self.cells.number(Cell::Field(module, class, name));
        self.cells.fields.insert((module, class, key), id);
        id
    }

    /// The cell of a name of a module.
    pub(super) fn global_cell(&mut self, module: ModuleId, name: Symbol) -> CellId {
        self.cells.number(Cell::Global(module, name))
    }

    /// The cell of an attribute or key of an object of a library, by its path.
    pub(super) fn library_cell(&mut self, path: &str) -> CellId {
        self.cells.number(Cell::Library(Arc::from(path)))
    }

    /// The number of a cell that others speak of.
    pub(super) fn cell_number(&mut self, cell: &Cell) -> CellId {
        self.cells.number(cell.clone())
    }

    /// What the function at hand keeps of its inputs, for callers to say what they are.
    pub(super) fn told_stores(&mut self) -> Vec<(Cell, Told)> {
        let mut told: Vec<(Cell, Told)> = Vec::new();
        for (id, fact) in std::mem::take(&mut self.open_stores) {
            let Some(cell) = self.cells.get(id).map(|known| known.cell.clone()) else { continue };
            told.push((cell, self.tell(fact, 2)));
        }
        told.sort_by(|(a, _), (b, _)| a.cmp(b));
        told
    }

    /// Whether anything is kept under this name in any object.
    pub(super) fn is_stored(&mut self, name: Symbol, shared: &Shared) -> bool {
        let at = name.0 as usize;
        match self.stored.get(at) {
            Some(Some(known)) => *known,
            Some(None) => {
                let is_stored = self.is_name_stored(self.module.symbols.text(name), shared);
                self.stored[at] = Some(is_stored);
                is_stored
            }
            None => true,
        }
    }

    /// Puts what is true whoever calls into a cell that others read.
    pub(super) fn store(&mut self, cell: CellId, fact: Fact) {
        if matches!(self.cells.get(cell), Some(Known { cell: Cell::Global(..) | Cell::Library(_), .. })) {
            self.keep_open(cell, fact);
        }
        self.put(cell, fact);
    }

    /// Puts what another function keeps in a cell there, and notes what is still for a caller to decide.
    pub(super) fn pass_on(&mut self, cell: CellId, fact: Fact) {
        self.keep_open(cell, fact);
        self.put(cell, fact);
    }

    fn put(&mut self, cell: CellId, fact: Fact) {
        let fact = self.without_inputs(fact, 0);
        if fact == Fact::default() {
            return;
        }
        let fact = match self.storing.get(&cell) {
            Some(&known) => self.lattice.join(known, fact),
            None => fact,
        };
        self.storing.insert(cell, fact);
    }

    /// Notes what is put into a cell as far as the caller decides it.
    pub(super) fn keep_open(&mut self, cell: CellId, fact: Fact) {
        if !self.lattice.is_open(fact) {
            return;
        }
        match self.open_stores.iter().position(|(known, _)| *known == cell) {
            Some(at) => self.open_stores[at].1 = self.lattice.join(self.open_stores[at].1, fact),
            None if self.open_stores.len() < MAX_STORES => self.open_stores.push((cell, fact)),
            None => {}
        }
    }

    /// What a cell holds.
    pub(super) fn cell(&mut self, cell: CellId, shared: &Shared) -> Fact {
        self.ask(super::Query::Cell(cell));
        let Some(known) = self.cells.get(cell) else { return Fact::default() };
        if shared.cells_changed() >= known.heard {
            self.hear_cell(cell, shared);
        }
        let Some(known) = self.cells.get(cell) else { return Fact::default() };
        match (known.own, known.others) {
            (Some(own), Some(others)) => self.lattice.join(own, others),
            (own, others) => own.or(others).unwrap_or_default(),
        }
    }

    fn hear_cell(&mut self, cell: CellId, shared: &Shared) {
        let Some(known) = self.cells.get(cell) else { return };
        let mut others = known.others;
        if shared.is_cell_changed(&known.cell, self.id, known.heard) {
            others = None;
            for told in shared.others(&known.cell, self.id) {
                let fact = self.hear(told);
                others = self.join_options(others, Some(fact));
            }
        }
        if let Some(known) = self.cells.get_mut(cell) {
            known.others = others;
            known.heard = shared.now;
        }
    }

    /// The cell with a number.
    pub(super) fn cell_name(&self, cell: CellId) -> Option<&Cell> {
        self.cells.get(cell).map(|known| &known.cell)
    }

    /// What this module itself keeps in a field, if anything.
    pub(super) fn own_field(&self, module: ModuleId, class: u32, key: Key) -> Option<Fact> {
        let &id = self.cells.fields.get(&(module, class, key))?;
        self.cells.get(id)?.own
    }

    /// Whether a cell has changed since a step of this module and a wave of the program.
    pub(super) fn cell_is_stale(&self, cell: CellId, step: u32, tick: Tick, shared: &Shared) -> bool {
        let Some(known) = self.cells.get(cell) else { return false };
        known.changed > step || shared.cells_changed() >= tick && shared.is_cell_changed(&known.cell, self.id, tick)
    }

    /// What the function at hand stored becomes part of what the module keeps.
    pub(super) fn keep_stored(&mut self, shared: &Shared) {
        let mut stored: Vec<(CellId, Fact)> = self.storing.drain().collect();
        stored.sort_by_key(|(cell, _)| *cell);
        for (cell, fact) in stored {
            let own = self.cells.get(cell).and_then(|known| known.own);
            let mut joined = own.map_or(fact, |own| self.lattice.join(own, fact));
            if shared.widens && own != Some(joined) {
                joined = self.widened(joined);
            }
            if own != Some(joined)
                && let Some(known) = self.cells.get_mut(cell)
            {
                known.own = Some(joined);
                known.changed = self.steps;
                self.changed_cells.push(cell);
            }
        }
    }

    /// The cells whose own part has changed since this was last asked, with what they hold now.
    pub(in crate::flow) fn told_cells(&mut self) -> Vec<(Cell, Told)> {
        let mut changed = std::mem::take(&mut self.changed_cells);
        changed.sort_unstable();
        changed.dedup();
        let mut told = Vec::with_capacity(changed.len());
        for cell in changed {
            if let Some((cell, Some(own))) = self.cells.get(cell).map(|known| (known.cell.clone(), known.own)) {
                told.push((cell, self.tell(own, 2)));
            }
        }
        told
    }
}
