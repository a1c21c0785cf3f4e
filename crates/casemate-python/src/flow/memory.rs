//! What is kept of a solved program, so that the next run evaluates only what has changed since.
//!
//! Of each module: what it asked others, and everything it told them, wave by wave. A module of which nothing has
//! changed, and nothing that it asked about, would tell the same again; it is not evaluated, not even parsed.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

use super::history::{History, Shares, Tick, Variables, Versions};
use super::tables::ClassKey;
use crate::facts::fact::Entity;
use crate::facts::summary::{Cell, Summary, Told};
use crate::names::{Asked, ModuleId, Program};
use crate::routes::WebFacts;
use crate::syntax::{Module, Symbol};

/// What one module has told, wave by wave.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) summaries: Vec<Versions<Arc<Summary>>>,
    pub(super) variables: Versions<Variables>,
    /// Of an earlier run, what it kept in cells, in the order of [`Record::cells`].
    pub(super) cells: Vec<Vec<Told>>,
}

/// The wave in which all functions are known by nothing.
pub(super) const FIRST: Tick = 1;

/// [`Kept`] as it is written: what is known of every function in the first wave is left out.
#[derive(Serialize, Deserialize)]
struct Packed {
    summaries: Vec<Vec<(Tick, Arc<Summary>)>>,
    variables: Vec<(Tick, Vec<(Symbol, Told)>)>,
    cells: Vec<Vec<Told>>,
}

/// What the numbers of a module meant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Numbers {
    symbols: Vec<String>,
    functions: Vec<u64>,
    classes: Vec<u64>,
    exports: Vec<u64>,
}

/// How what a module exports differs from what it exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exports {
    /// Not at all.
    Same,
    /// By names of its own that nothing had: who found what they asked for finds the same.
    More,
    /// Otherwise.
    Other,
}

impl Numbers {
    fn of(module: &Module) -> Self {
        let number = |text: &str, more: u64| {
            let mut hasher = FxHasher::default();
            (text, more).hash(&mut hasher);
            hasher.finish()
        };
        Self {
            symbols: (0..u32::try_from(module.symbols.len()).unwrap_or(0))
                .map(|at| module.symbols.text(Symbol(at)).to_owned())
                .collect(),
            functions: module.functions.iter().map(|one| number(&one.qualified, one.kind as u64)).collect(),
            classes: module.classes.iter().map(|one| number(&one.name, one.body.0.into())).collect(),
            exports: module.exports().iter().map(|export| export.number).collect(),
        }
    }

    /// Whether functions and classes of the module still have the numbers they had; new ones may have come after them.
    pub(super) fn hold(&self, module: &Module) -> bool {
        let now = Self::of(module);
        now.functions.starts_with(&self.functions) && now.classes.starts_with(&self.classes)
    }

    /// The number that a name has now.
    fn now(&self, symbol: Symbol, module: &Module) -> Symbol {
        let text = self.symbols.get(symbol.0 as usize);
        text.and_then(|text| module.symbols.find(text)).unwrap_or(Symbol(u32::MAX))
    }

    /// The number that a name had.
    pub(super) fn before(&self, symbol: Symbol, module: &Module) -> Option<Symbol> {
        let text = module.symbols.text(symbol);
        let at = self.symbols.iter().position(|known| known == text)?;
        u32::try_from(at).ok().map(Symbol)
    }

    /// The numbers that the names of a module have now, by those they had.
    pub(super) fn renamed(&self, module: &Module) -> FxHashMap<Symbol, Symbol> {
        let known = (0..u32::try_from(self.symbols.len()).unwrap_or(0)).map(Symbol);
        known.map(|symbol| (symbol, self.now(symbol, module))).collect()
    }
}

/// The names of changed modules that have other numbers now, by those they had.
#[derive(Debug, Default)]
pub(super) struct Renamed(pub(super) FxHashMap<ModuleId, FxHashMap<Symbol, Symbol>>);

impl Renamed {
    pub(super) fn symbol(&self, module: ModuleId, symbol: Symbol) -> Symbol {
        let names = self.0.get(&module);
        names.map_or(symbol, |names| names.get(&symbol).copied().unwrap_or(Symbol(u32::MAX)))
    }

    pub(super) fn cell(&self, cell: &mut Cell) {
        if let Cell::Global(module, symbol) = cell {
            *symbol = self.symbol(*module, *symbol);
        }
    }
}

/// What a module told, as it was written.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    module: ModuleId,
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
    renamed: Arc<Renamed>,
    is_broken: Arc<AtomicBool>,
}

impl Stored {
    pub(super) fn unpack(&self) -> Kept {
        let packed = self.bytes.get(self.range.clone()).and_then(|bytes| postcard::from_bytes::<Packed>(bytes).ok());
        let Some(packed) = packed else {
            // The memory is given up as a whole.
            self.is_broken.store(true, Ordering::Relaxed);
            return Kept::default();
        };
        let own = self.renamed.0.get(&self.module);
        let rename = |summary: &mut Arc<Summary>| {
            if !self.renamed.0.is_empty() && (own.is_some() || summary.speaks_of_names()) {
                Arc::make_mut(summary).rename(
                    &|symbol| own.map_or(symbol, |own| own.get(&symbol).copied().unwrap_or(Symbol(u32::MAX))),
                    &|cell| {
                        self.renamed.cell(cell);
                    },
                );
            }
        };
        let nothing = Arc::new(Summary::default());
        let summaries = packed.summaries.into_iter().map(|mut versions| {
            versions.iter_mut().for_each(|(_, summary)| rename(summary));
            if versions.first().is_none_or(|(tick, _)| *tick > FIRST) {
                versions.insert(0, (FIRST, Arc::clone(&nothing)));
            }
            Versions(versions)
        });
        let of_wave = |(tick, names): (Tick, Vec<(Symbol, Told)>)| {
            (tick, names.into_iter().map(|(name, told)| (self.renamed.symbol(self.module, name), told)).collect())
        };
        Kept {
            summaries: summaries.collect(),
            variables: Versions(packed.variables.into_iter().map(of_wave).collect()),
            cells: packed.cells,
        }
    }
}

/// What one module says of itself that others look up in a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    /// Classes it makes from others: those, and its own.
    pub(super) subclasses: Vec<(ClassKey, ClassKey)>,
    /// Names of the module that its functions assign to.
    pub(super) assigned: Vec<Symbol>,
    /// Names under which it keeps something in objects.
    pub(super) stored: Vec<u64>,
    /// Fields whose annotation admits no free text.
    pub(super) safe: Vec<(u32, u64)>,
}

/// What is kept of one module.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// Whether it was left out.
    pub(super) is_idle: bool,
    /// What those see of it who do not call its functions, as a digest.
    pub(super) interface: [u8; 32],
    pub(super) imported: Vec<ModuleId>,
    /// The modules whose source it looked into.
    pub(super) asked: Vec<(u8, u64)>,
    /// The modules that are spoken of in what it told.
    pub(super) named: Vec<(u8, u64)>,
    /// What it asked about others, sorted.
    pub(super) questions: Vec<u64>,
    pub(super) part: Part,
    /// What it kept in which cells from which waves on.
    pub(super) cells: Vec<(Cell, Vec<Tick>)>,
    /// The waves in which it told something new.
    pub(super) waves: Vec<Tick>,
    pub(super) web: WebFacts,
    pub(super) is_cut_short: bool,
    /// Whether what it told is kept; not if it shows a part of a secret. It is evaluated again each time.
    pub(super) is_kept: bool,
    kept: Range<usize>,
    numbers: Range<usize>,
}

/// What is kept of a solved program.
#[derive(Debug)]
pub struct Memory {
    pub(super) records: Vec<Record>,
    bytes: Arc<Vec<u8>>,
    is_broken: Arc<AtomicBool>,
}

/// What is noted of a module while it is evaluated.
#[derive(Debug)]
pub(super) struct Trail {
    pub(super) asked: Vec<(u8, u64)>,
    pub(super) questions: Vec<u64>,
    pub(super) part: Part,
    pub(super) waves: Vec<Tick>,
    pub(super) web: WebFacts,
    pub(super) is_cut_short: bool,
}

/// What is noted of all modules.
#[derive(Debug)]
pub struct Trails(pub(super) FxHashMap<ModuleId, Trail>);

#[derive(Serialize, Deserialize)]
struct Head {
    records: Vec<Record>,
}

impl Memory {
    /// What is written down of a program that has been solved from the start. `shows_secret` is asked of the path of
    /// each module and of what is to be written of it.
    pub(super) fn write(
        program: &Program,
        history: &History,
        Trails(trails): &Trails,
        shows_secret: &(dyn Fn(&str, &[u8]) -> bool + Sync),
    ) -> Option<Vec<u8>> {
        use rayon::prelude::*;
        let mut cells: FxHashMap<ModuleId, Vec<(&Cell, &Versions<Told>)>> = FxHashMap::default();
        for (cell, shares) in &history.cells {
            for share in shares {
                if let Shares::Told(versions) = &share.told {
                    cells.entry(share.module).or_default().push((cell, versions));
                }
            }
        }
        let imported = program.imported();
        let ids: Vec<ModuleId> = program.ids().collect();
        let one = |id: ModuleId| -> Option<(Record, Vec<u8>, Vec<u8>)> {
            let at = id.0 as usize;
            let module = program.module(id)?;
            let mut record = Record {
                is_idle: true,
                interface: module.interface(),
                imported: imported.get(at).cloned().unwrap_or_default(),
                asked: Vec::new(),
                named: Vec::new(),
                questions: Vec::new(),
                part: Part::default(),
                cells: Vec::new(),
                waves: Vec::new(),
                web: WebFacts::default(),
                is_cut_short: false,
                is_kept: true,
                kept: 0..0,
                numbers: 0..0,
            };
            let Some(trail) = trails.get(&id) else { return Some((record, Vec::new(), Vec::new())) };
            let mut held = cells.get(&id).cloned().unwrap_or_default();
            held.sort_by_key(|(cell, _)| *cell);
            let kept = history.modules.get(at)?.kept();
            let named = Asked::default();
            kept.name_modules(&mut |module| named.add(module));
            for (cell, versions) in &held {
                cell.name_modules(&mut |module| named.add(module));
                versions.0.iter().for_each(|(_, told)| told.name_modules(&mut |module| named.add(module)));
            }
            trail.web.name_modules(&mut |module| named.add(module));
            let is_new = |version: &&(Tick, Arc<Summary>)| version.0 > FIRST || *version.1 != Summary::default();
            let packed = Packed {
                summaries: kept.summaries.iter().map(|one| one.0.iter().filter(is_new).cloned().collect()).collect(),
                variables: kept
                    .variables
                    .0
                    .iter()
                    .map(|(tick, names)| {
                        let mut names: Vec<_> = names.iter().map(|(name, told)| (*name, told.clone())).collect();
                        names.sort_by_key(|(name, _)| *name);
                        (*tick, names)
                    })
                    .collect(),
                cells: held
                    .iter()
                    .map(|(_, versions)| versions.0.iter().map(|(_, told)| told.clone()).collect())
                    .collect(),
            };
            record.is_idle = false;
            record.asked.clone_from(&trail.asked);
            record.named = named.words();
            record.questions.clone_from(&trail.questions);
            record.part = trail.part.clone();
            record.cells = held
                .iter()
                .map(|(cell, versions)| ((*cell).clone(), versions.0.iter().map(|(tick, _)| *tick).collect()))
                .collect();
            record.waves.clone_from(&trail.waves);
            record.web = trail.web.clone();
            record.is_cut_short = trail.is_cut_short;
            let mut kept = postcard::to_allocvec(&packed).ok()?;
            let numbers = postcard::to_allocvec(&Numbers::of(module)).ok()?;
            if shows_secret(&module.path, &kept) {
                record.is_kept = false;
                kept.clear();
            }
            // SECURITY: where the names or routes of a module show one, too, nothing is written at all.
            let head = postcard::to_allocvec(&record).ok()?;
            let is_told = shows_secret(&module.path, &head) || shows_secret(&module.path, &numbers);
            (!is_told).then_some((record, kept, numbers))
        };
        let parts: Vec<_> = ids.into_par_iter().map(one).collect::<Option<_>>()?;
        let mut bytes = Vec::new();
        let mut records = Vec::with_capacity(parts.len());
        for (mut record, kept, numbers) in parts {
            record.kept = bytes.len()..bytes.len() + kept.len();
            bytes.extend_from_slice(&kept);
            record.numbers = bytes.len()..bytes.len() + numbers.len();
            bytes.extend_from_slice(&numbers);
            records.push(record);
        }
        let head = postcard::to_allocvec(&Head { records }).ok()?;
        let mut all = u64::try_from(head.len()).ok()?.to_le_bytes().to_vec();
        all.extend_from_slice(&head);
        all.extend_from_slice(&bytes);
        Some(all)
    }

    /// What was written down, read again; nothing if it is not that.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (head, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let head: Head = postcard::from_bytes(head).ok()?;
        let is_there = |id: &ModuleId| (id.0 as usize) < head.records.len();
        if !head.records.iter().flat_map(|record| &record.imported).all(is_there) {
            return None;
        }
        Some(Self { records: head.records, bytes: Arc::new(rest.to_vec()), is_broken: Arc::default() })
    }

    /// How what a module exports differs from what it exported.
    pub fn exports(&self, program: &Program, id: ModuleId) -> Exports {
        let Some((module, numbers)) = program.module(id).zip(self.numbers(id)) else { return Exports::Other };
        let now = module.exports();
        let was = numbers.exports;
        if now.len() == was.len() && now.iter().zip(&was).all(|(now, was)| now.number == *was) {
            return Exports::Same;
        }
        let added = now.iter().filter(|export| was.binary_search(&export.number).is_err());
        let (mut count, mut leads_on) = (0, false);
        added.for_each(|export| (count, leads_on) = (count + 1, leads_on || export.leads_on));
        if now.len() == was.len() + count && !leads_on { Exports::More } else { Exports::Other }
    }

    /// What each module imports of the others, where these have changed since.
    pub fn imported(&self, program: &Program, changed: &[ModuleId]) -> Vec<Vec<ModuleId>> {
        let mut imported: Vec<Vec<ModuleId>> = self.records.iter().map(|record| record.imported.clone()).collect();
        for &id in changed {
            if let Some(own) = imported.get_mut(id.0 as usize) {
                *own = program.imported_by(id);
            }
        }
        imported
    }

    pub(super) fn record(&self, module: ModuleId) -> Option<&Record> {
        self.records.get(module.0 as usize)
    }

    /// Whether something in it could not be read after all; what came of it is worth nothing.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    pub(super) fn stored(&self, module: ModuleId, renamed: &Arc<Renamed>) -> Option<Stored> {
        Some(Stored {
            module,
            bytes: Arc::clone(&self.bytes),
            range: self.records.get(module.0 as usize)?.kept.clone(),
            renamed: Arc::clone(renamed),
            is_broken: Arc::clone(&self.is_broken),
        })
    }

    pub(super) fn numbers(&self, module: ModuleId) -> Option<Numbers> {
        let range = self.records.get(module.0 as usize)?.numbers.clone();
        postcard::from_bytes(self.bytes.get(range)?).ok()
    }
}

impl Kept {
    fn name_modules(&self, name: &mut dyn FnMut(ModuleId)) {
        self.summaries.iter().flat_map(|one| &one.0).for_each(|(_, summary)| summary.name_modules(name));
        self.variables.0.iter().flat_map(|(_, names)| names.values()).for_each(|told| told.name_modules(name));
    }
}

impl Cell {
    fn name_modules(&self, name: &mut dyn FnMut(ModuleId)) {
        match self {
            Self::Field(module, ..) | Self::Global(module, _) => name(*module),
            Self::Library(_) => {}
        }
    }
}

impl Entity {
    /// Tells the module it is of.
    pub(crate) fn name_module(self, name: &mut dyn FnMut(ModuleId)) {
        match self {
            Self::Module(module)
            | Self::Function(module, _)
            | Self::Method(module, _)
            | Self::Class(module, _)
            | Self::Instance(module, _)
            | Self::Super(module, _) => name(module),
            Self::Unknown | Self::Path(_) => {}
        }
    }
}
