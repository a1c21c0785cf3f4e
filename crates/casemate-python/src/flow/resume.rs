//! A program of which little has changed since it was solved.
//!
//! The rounds are gone through again as they were. Only modules of which something is different are evaluated: those
//! that were edited, and those that asked about something that comes out differently now, in any wave. All others tell
//! what they told. So the outcome is the one that a run from the start would have, not merely one like it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Models;
use super::evaluate::Evaluator;
use super::found::{Facts, slots};
use super::history::{Past, Question, Share, Shares, Tick};
use super::memory::{Kept, Memory, Numbers, Part, Record, Renamed};
use super::order;
use super::run::{Run, Waves, Worked};
use super::solve::{Options, Solved};
use crate::facts::fact::ModuleFacts;
use crate::facts::summary::{Cell, Told};
use crate::names::{Asked, ModuleId, Program};
use crate::routes::WebFacts;

/// How often more modules may turn out to be touched before it is quicker to begin anew.
const MAX_ATTEMPTS: usize = 12;

/// Of so many modules one may be evaluated; with more it is quicker to begin anew.
const WORTHWHILE: usize = 4;

/// Evaluates what is touched by changes of some modules. The program has the modules it had, by the same paths.
///
/// Nothing if it has to be solved from the start: too much is touched, or something was moved that all depends on.
pub fn resume<'p>(
    program: &'p Program,
    models: &'p Models,
    options: Options<'_>,
    memory: &Memory,
    changed: &[ModuleId],
) -> Option<Solved<'p>> {
    if memory.records.len() != program.len() {
        return None;
    }
    let idle: FxHashSet<ModuleId> = options.idle.iter().copied().collect();
    if program.ids().any(|id| memory.record(id).is_none_or(|record| record.is_idle != idle.contains(&id))) {
        return None;
    }
    let resumed = Resumed::new(program, models, options, memory, changed, idle)?;
    let mut touched = resumed.touched_at_first();
    for _ in 0..MAX_ATTEMPTS {
        if touched.len() > 8 + program.len() / WORTHWHILE || memory.is_broken() {
            return None;
        }
        match resumed.attempt(&touched)? {
            Attempt::Solved(solved) => return Some(*solved).filter(|_| !memory.is_broken()),
            Attempt::Touches(more) => touched.extend(more),
        }
    }
    None
}

/// What a module keeps in cells, from which waves on.
type CellsTold<'k> = FxHashMap<&'k Cell, Vec<(Tick, &'k Told)>>;

enum Attempt<'p> {
    Solved(Box<Solved<'p>>),
    /// More modules have to be evaluated.
    Touches(Vec<ModuleId>),
}

struct Resumed<'r, 'p> {
    program: &'p Program,
    models: &'p Models,
    library: bool,
    memory: &'r Memory,
    changed: &'r [ModuleId],
    idle: FxHashSet<ModuleId>,
    /// All modules that take part.
    ids: Vec<ModuleId>,
    numbers: FxHashMap<ModuleId, Numbers>,
    renamed: Arc<Renamed>,
}

impl<'r, 'p> Resumed<'r, 'p> {
    fn new(
        program: &'p Program,
        models: &'p Models,
        options: Options<'_>,
        memory: &'r Memory,
        changed: &'r [ModuleId],
        idle: FxHashSet<ModuleId>,
    ) -> Option<Self> {
        let mut numbers = FxHashMap::default();
        let mut renamed = Renamed::default();
        for &id in changed.iter().filter(|id| !idle.contains(id)) {
            let before = memory.numbers(id)?;
            renamed.0.insert(id, before.renamed(program.module(id)?));
            numbers.insert(id, before);
        }
        let ids = program.ids().filter(|id| !idle.contains(id)).collect();
        let (library, renamed) = (options.library, Arc::new(renamed));
        Some(Self { program, models, library, memory, changed, idle, ids, numbers, renamed })
    }

    fn records(&self) -> impl Iterator<Item = (ModuleId, &'r Record)> {
        self.ids.iter().filter_map(|&id| Some((id, self.memory.record(id)?)))
    }

    /// What was edited, and who depends on more of it than what it tells.
    fn touched_at_first(&self) -> BTreeSet<ModuleId> {
        let mut touched: BTreeSet<ModuleId> = self.changed.iter().copied().collect();
        for &id in self.changed {
            let (Some(module), Some(record)) = (self.program.module(id), self.memory.record(id)) else { continue };
            let is_other_outside = module.interface() != record.interface;
            // Functions that have other numbers now are spoken of by the wrong ones.
            let is_renumbered = self.numbers.get(&id).is_some_and(|numbers| !numbers.hold(module));
            for (other, record) in self.records() {
                let mut is_touched = is_other_outside && Asked::from_words(&record.asked).has(id);
                is_touched |= is_renumbered && Asked::from_words(&record.named).has(id);
                record.web.name_modules(&mut |named| is_touched |= named == id);
                if is_touched {
                    touched.insert(other);
                }
            }
        }
        touched.retain(|id| !self.idle.contains(id));
        touched
    }

    /// The waves, if they are what they were.
    fn waves(&self, touched: &BTreeSet<ModuleId>) -> Option<Waves> {
        let before: Vec<Vec<ModuleId>> = self.memory.records.iter().map(|record| record.imported.clone()).collect();
        let mut now = before.clone();
        for &id in touched.iter().chain(self.changed) {
            *now.get_mut(id.0 as usize)? = self.program.imported_by(id);
        }
        let waves = order::waves(&before);
        (now == before || order::waves(&now) == waves).then(|| Waves::among(waves, self.program.len(), &self.ids))
    }

    /// Goes through all rounds with these modules at work.
    fn attempt(&self, touched: &BTreeSet<ModuleId>) -> Option<Attempt<'p>> {
        let waves = self.waves(touched)?;
        let mut run = Run::new(self.program, self.models, self.library, &waves);
        let mut told_at: FxHashSet<Tick> = FxHashSet::default();
        // Of some nothing is kept; they work, and tell what they told.
        let unkept = self.records().filter(|(_, record)| !record.is_kept).map(|(id, _)| id);
        let at_work: BTreeSet<ModuleId> = touched.iter().copied().chain(unkept).collect();
        for (id, record) in self.records().filter(|(id, _)| !at_work.contains(id)) {
            *run.history.modules.get_mut(id.0 as usize)? = Past::of_earlier(self.memory.stored(id, &self.renamed)?);
            run.parts.insert(id, record.part.clone());
            told_at.extend(&record.waves);
            for (number, (cell, waves)) in record.cells.iter().enumerate() {
                let mut cell = cell.clone();
                self.renamed.cell(&mut cell);
                waves.iter().for_each(|&wave| run.history.note_wave(wave));
                run.history.add_share(cell, Share::new(id, Shares::Stored { waves: waves.clone(), number }));
            }
        }
        let ids: Vec<ModuleId> = at_work.iter().copied().collect();
        let views: Vec<Program> = ids.iter().map(|_| self.program.watched()).collect();
        let mut evaluators = run.begin(&views, &ids);
        let earlier = self.records().filter(|(id, _)| !at_work.contains(id)).map(|(_, record)| &record.web);
        run.settle(&waves, &mut evaluators, earlier);
        let more = self.touched_by_tables(touched, &run, &evaluators);
        if !more.is_empty() {
            return Some(Attempt::Touches(more));
        }

        let Worked { evaluators, rounds, evaluations, is_settled, .. } = run.work(&waves, evaluators, &told_at);
        if !is_settled {
            // Who is still changing is for a whole run to say.
            return None;
        }
        let more = self.touched_by_what_is_told(touched, &run)?;
        if !more.is_empty() {
            return Some(Attempt::Touches(more));
        }

        let evaluators: FxHashMap<ModuleId, Box<Evaluator<'_>>> =
            evaluators.into_iter().map(|evaluator| (evaluator.id, evaluator)).collect();
        let mut web = WebFacts::default();
        for (id, record) in self.records() {
            web.add(evaluators.get(&id).map_or(&record.web, |evaluator| &evaluator.web));
        }
        let earlier = self.records().filter(|(id, record)| record.is_cut_short && !at_work.contains(id));
        let mut cut_short: Vec<ModuleId> = earlier.map(|(id, _)| id).collect();
        let found: Vec<ModuleFacts> = evaluators.into_values().map(|evaluator| evaluator.finished()).collect();
        cut_short.extend(found.iter().filter(|facts| facts.cut_short).map(|facts| facts.module));
        cut_short.sort_unstable();
        let idle = self.idle.iter().map(|&id| ModuleFacts::unknown(id));
        let modules = Facts::new(slots(self.program, found.into_iter().chain(idle)), run, waves, rounds);
        Some(Attempt::Solved(Box::new(Solved {
            modules,
            web,
            rounds,
            evaluations,
            unsettled: Vec::new(),
            cut_short,
            evaluated: touched.iter().copied().collect(),
            trails: None,
        })))
    }

    /// The modules at rest that looked something up which is answered differently now.
    fn touched_by_tables(
        &self,
        touched: &BTreeSet<ModuleId>,
        run: &Run<'_>,
        evaluators: &[Box<Evaluator<'_>>],
    ) -> Vec<ModuleId> {
        let mut asked: FxHashSet<u64> = FxHashSet::default();
        let nothing = Part::default();
        let kept_elsewhere = {
            let others = self.records().filter(|(id, _)| !touched.contains(id));
            others.flat_map(|(_, record)| record.part.stored.iter().copied()).collect::<FxHashSet<u64>>()
        };
        let names =
            |of: &dyn Fn(ModuleId) -> Vec<u64>| -> FxHashSet<u64> { touched.iter().flat_map(|&id| of(id)).collect() };
        let before = names(&|id| self.memory.record(id).map(|record| record.part.stored.clone()).unwrap_or_default());
        let now = names(&|id| run.parts.get(&id).map(|part| part.stored.clone()).unwrap_or_default());
        let differing = before.symmetric_difference(&now).filter(|name| !kept_elsewhere.contains(name));
        asked.extend(differing.map(|&name| Question::Stored(name).number()));
        for &id in touched {
            let before = self.memory.record(id).map_or(&nothing, |record| &record.part);
            let now = run.parts.get(&id).unwrap_or(&nothing);
            let pairs = |part: &Part| part.subclasses.iter().copied().collect::<FxHashSet<_>>();
            let (old, new) = (pairs(before), pairs(now));
            asked.extend(old.symmetric_difference(&new).map(|&(base, _)| Question::Subclasses(base).number()));
            if before.subclasses != now.subclasses {
                // In another order they are other subclasses, for only so many are looked at.
                asked.extend(before.subclasses.iter().map(|&(base, _)| Question::Subclasses(base).number()));
            }
            let assigned: FxHashSet<_> =
                before.assigned.iter().map(|&symbol| (self.renamed.symbol(id, symbol), symbol)).collect();
            let is_now: FxHashSet<_> = now.assigned.iter().copied().collect();
            let was: FxHashSet<_> = assigned.iter().map(|(now, _)| *now).collect();
            let gone = assigned.iter().filter(|(symbol, _)| !is_now.contains(symbol)).map(|&(_, before)| before);
            let come =
                is_now.iter().filter(|symbol| !was.contains(symbol)).filter_map(|&symbol| self.before(id, symbol));
            asked.extend(gone.chain(come).map(|symbol| Question::Assigned(id, symbol).number()));
            let safe = |part: &Part| part.safe.iter().copied().collect::<FxHashSet<_>>();
            let (old, new) = (safe(before), safe(now));
            asked.extend(old.symmetric_difference(&new).map(|&(class, name)| Question::Safe(id, class, name).number()));
        }
        let mut more = self.who_asked(touched, &asked);
        // Parameters that a framework fills in are known to their own module.
        let mut seeds = [FxHashSet::default(), FxHashSet::default()];
        for &id in touched {
            if let Some(record) = self.memory.record(id) {
                seeds[0].extend(record.web.all_seeds().filter(|(module, ..)| *module != id));
            }
        }
        for evaluator in evaluators.iter().filter(|evaluator| touched.contains(&evaluator.id)) {
            seeds[1].extend(evaluator.web.all_seeds().filter(|(module, ..)| *module != evaluator.id));
        }
        let [before, now] = &seeds;
        more.extend(before.symmetric_difference(now).map(|(module, ..)| *module).filter(|id| !touched.contains(id)));
        // Whether public functions are all there is to call concerns every module.
        let was_called = self.records().any(|(_, record)| record.web.is_called());
        if run.callers != (!self.library && !was_called) {
            more.extend(self.ids.iter().copied().filter(|id| !touched.contains(id)));
        }
        more
    }

    /// The modules at rest that asked about something that is told differently now.
    fn touched_by_what_is_told(&self, touched: &BTreeSet<ModuleId>, run: &Run<'_>) -> Option<Vec<ModuleId>> {
        let mut asked: FxHashSet<u64> = FxHashSet::default();
        let mut cells: FxHashMap<ModuleId, CellsTold<'_>> = FxHashMap::default();
        for (cell, shares) in &run.history.cells {
            for share in shares.iter().filter(|share| touched.contains(&share.module)) {
                if let Shares::Told(versions) = &share.told {
                    let told = versions.0.iter().map(|(tick, told)| (*tick, told)).collect();
                    cells.entry(share.module).or_default().insert(cell, told);
                }
            }
        }
        let nothing = FxHashMap::default();
        for &id in touched {
            let record = self.memory.record(id)?;
            if !record.is_kept {
                let functions = 0..u32::try_from(self.program.module(id)?.functions.len()).ok()?;
                asked.extend(functions.map(|at| Question::Summary(id, crate::syntax::FunctionId(at)).number()));
                asked.insert(Question::Variables(id).number());
                asked.extend(record.cells.iter().map(|(cell, _)| Question::Cell(cell).number()));
                asked.extend(cells.get(&id).unwrap_or(&nothing).keys().map(|cell| self.question_before(cell)));
                continue;
            }
            let before = self.memory.stored(id, &self.renamed)?.unpack();
            let now = run.history.modules.get(id.0 as usize)?.kept();
            let count = u32::try_from(before.summaries.len()).ok()?;
            for function in (0..count).map(crate::syntax::FunctionId) {
                let at = function.0 as usize;
                if before.summaries.get(at) != now.summaries.get(at) {
                    asked.insert(Question::Summary(id, function).number());
                }
            }
            if before.variables != now.variables {
                asked.insert(Question::Variables(id).number());
            }
            let now = cells.get(&id).unwrap_or(&nothing);
            let was = self.cells_before(record, &before);
            for (cell, told) in &was {
                if now.get(cell) != Some(told) {
                    asked.insert(self.question_before(cell));
                }
            }
            for cell in now.keys().filter(|cell| !was.contains_key(**cell)) {
                asked.insert(self.question_before(cell));
            }
        }
        Some(self.who_asked(touched, &asked))
    }

    fn cells_before<'k>(&self, record: &Record, before: &'k Kept) -> FxHashMap<Cell, Vec<(Tick, &'k Told)>> {
        let cells = record.cells.iter().zip(&before.cells);
        let named = cells.map(|((cell, waves), told)| {
            let mut cell = cell.clone();
            self.renamed.cell(&mut cell);
            (cell, waves.iter().copied().zip(told).collect())
        });
        named.collect()
    }

    /// The number of the question about a cell by the name it had.
    fn question_before(&self, cell: &Cell) -> u64 {
        match cell {
            Cell::Global(module, symbol) => {
                let symbol = self.before(*module, *symbol).unwrap_or(*symbol);
                Question::Cell(&Cell::Global(*module, symbol)).number()
            }
            cell => Question::Cell(cell).number(),
        }
    }

    /// The number that a name of a module had.
    fn before(&self, module: ModuleId, symbol: crate::syntax::Symbol) -> Option<crate::syntax::Symbol> {
        match self.numbers.get(&module) {
            Some(numbers) => numbers.before(symbol, self.program.module(module)?),
            None => Some(symbol),
        }
    }

    fn who_asked(&self, touched: &BTreeSet<ModuleId>, asked: &FxHashSet<u64>) -> Vec<ModuleId> {
        if asked.is_empty() {
            return Vec::new();
        }
        let at_rest = self.records().filter(|(id, _)| !touched.contains(id));
        at_rest
            .filter(|(_, record)| record.questions.iter().any(|question| asked.contains(question)))
            .map(|(id, _)| id)
            .collect()
    }
}
