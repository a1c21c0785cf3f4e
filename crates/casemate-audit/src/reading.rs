//! Reading Python: on threads with stack enough for what the parser allows.

use casemate_python::syntax::{self, Module, STACK_BYTES};
use rayon::prelude::*;

use crate::audit::{Problem, Source, SourceSet, whole_file};

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

/// What these sources hold, by their paths; those that cannot be read become problems.
pub(crate) fn sources(
    python: &[&Source],
    sources: &dyn SourceSet,
    undone: &str,
) -> (Vec<(String, Vec<u8>)>, Vec<Problem>) {
    let read: Vec<Result<(String, Vec<u8>), Problem>> = python
        .par_iter()
        .map(|source| match sources.read(source) {
            Ok(bytes) => Ok((source.path.clone(), bytes)),
            Err(message) => Err(Problem {
                place: whole_file(&source.path),
                message: format!("could not be read, so it was not {undone}: {message}"),
            }),
        })
        .collect();
    let (mut had, mut problems) = (Vec::with_capacity(read.len()), Vec::new());
    for one in read {
        match one {
            Ok(one) => had.push(one),
            Err(problem) => problems.push(problem),
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
    let (read, unread) = self::sources(python, sources, undone);
    problems.extend(unread);
    read.par_iter().map(|(path, bytes)| syntax::read(path, bytes)).collect()
}
