//! Reading Python: on threads with stack enough for what the parser allows.

use casemate_python::names::{Program, Text};
use casemate_python::syntax::{self, Module, STACK_BYTES};
use rayon::prelude::*;

use crate::audit::{Problem, Source, SourceSet, Unread, whole_file};
use crate::memory::{Digested, Remembered, Seen, digest};
use crate::notebook::Notebook;

/// Does the work on so many threads, 0 for one a core. `undone` says what else was not done: "analysed".
///
/// # Errors
/// One sentence, when threads could not be started.
pub fn on_threads<T: Send>(threads: usize, undone: &str, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    // SECURITY: nesting is bounded before parsing, but the bound needs more stack than threads usually have.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build();
    let pool = pool.map_err(|error| format!("could not start threads, so nothing was {undone}: {error}"))?;
    Ok(pool.install(work))
}

/// A source as it was met.
pub(crate) enum Met {
    /// In the state in which an earlier audit met it; not read.
    Still(Seen, Unread),
    /// Read, with its state where that is to be kept.
    Read(Vec<u8>, Seen),
}

/// Reads a source, unless it is known to be in a state that is known.
pub(crate) fn meet(
    source: &Source,
    sources: &dyn SourceSet,
    known: Option<&Seen>,
    remembers: bool,
) -> Result<Met, String> {
    let unread = if remembers { sources.unread(source) } else { None };
    let stamp = unread.as_ref().map(|unread| unread.stamp);
    if let Some((known, unread)) = known.filter(|known| known.stamp.is_some() && known.stamp == stamp).zip(unread) {
        return Ok(Met::Still(*known, unread));
    }
    let bytes = sources.read(source)?;
    let text = if remembers { digest([bytes.as_slice()]) } else { Digested::default() };
    Ok(Met::Read(bytes, Seen { text, stamp }))
}

/// The program of these sources and notebooks, parsed when it is asked for; in what state each module was met, by
/// number; and what could not be read. What an earlier audit knows and is as it was is fetched only when it is needed.
pub(crate) fn program(
    python: &[&Source],
    notebooks: &[Notebook],
    sources: &dyn SourceSet,
    known: Option<&Remembered>,
    remembers: bool,
) -> (Program, Vec<Seen>, Vec<Problem>) {
    let met = |source: &&Source| -> Result<(String, Text, Seen), String> {
        let known = known.and_then(|known| known.seen(&source.path));
        let (text, seen) = match meet(source, sources, known, remembers)? {
            Met::Still(seen, unread) => {
                let fetch = move || (unread.read)().ok().filter(|bytes| digest([bytes.as_slice()]) == seen.text);
                (Text::Later(Box::new(fetch)), seen)
            }
            Met::Read(bytes, seen) => (Text::Read(bytes), seen),
        };
        Ok((source.path.clone(), text, seen))
    };
    let (all, problems) = apart(python, "analysed", python.par_iter().map(met).collect());
    let cells = notebooks.iter().map(|notebook| {
        let text = if remembers { digest([notebook.text().as_bytes()]) } else { Digested::default() };
        (notebook.path().to_owned(), Seen { text, stamp: None })
    });
    let mut seen: Vec<(String, Seen)> = cells.collect();
    seen.extend(all.iter().map(|(path, _, seen)| (path.clone(), *seen)));
    seen.sort_by(|(a, _), (b, _)| a.cmp(b));
    let texts = all.into_iter().map(|(path, text, _)| (path, text)).collect();
    let mentions = known.map(|known| known.mentions.iter().cloned().collect()).unwrap_or_default();
    let program = Program::lazily(texts, notebooks.par_iter().map(Notebook::module).collect(), mentions);
    (program, seen.into_iter().map(|(_, seen)| seen).collect(), problems)
}

/// What was had of these sources; what was not becomes problems.
fn apart<T>(python: &[&Source], undone: &str, read: Vec<Result<T, String>>) -> (Vec<T>, Vec<Problem>) {
    let (mut had, mut problems) = (Vec::with_capacity(read.len()), Vec::new());
    for (source, one) in python.iter().zip(read) {
        match one {
            Ok(one) => had.push(one),
            Err(message) => problems.push(Problem {
                place: whole_file(&source.path),
                message: format!("could not be read, so it was not {undone}: {message}"),
            }),
        }
    }
    (had, problems)
}

/// The modules of these sources; those that cannot be read become problems.
pub(crate) fn modules(
    python: &[&Source],
    sources: &dyn SourceSet,
    undone: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Module> {
    let read = |source: &&Source| Ok(syntax::read(&source.path, &sources.read(source)?));
    let (modules, unread) = apart(python, undone, python.par_iter().map(read).collect());
    problems.extend(unread);
    modules
}
