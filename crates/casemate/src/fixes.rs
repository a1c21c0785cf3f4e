//! `--fix`: putting fixes into files.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

use casemate_audit::fix::{Fix, Mended, mend, unified_diff};
use casemate_audit::reading::on_threads;
use casemate_audit::report::text::{counted, printable_line};
use casemate_audit::{Outcome, Safety, Source, SourceSet};

use crate::commands::Failure;
use crate::console;
use crate::discovery::Tree;
use crate::output::OutputFile;

/// What is put in, and how.
#[derive(Clone, Copy, Default, clap::Args)]
#[command(next_help_heading = "Fixes")]
pub(crate) struct FixArgs {
    /// Put the safe fixes of what is found into the files, and report what is left
    #[arg(long, conflicts_with_all = ["write_baseline", "prune_baseline"])]
    pub(crate) fix: bool,
    /// Also fixes that may change what the program does: look at each
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    /// Show what `--fix` would change, as a patch, and change nothing; exit with 1 if there is something
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
}

/// What came of one round.
#[derive(Default)]
pub(crate) struct Round {
    files: Vec<(Source, Mended)>,
    refused: Vec<(String, String)>,
}

impl Round {
    /// How many fixes it puts in.
    pub(crate) fn applied(&self) -> usize {
        self.files.iter().map(|(_, mended)| mended.applied).sum()
    }
}

/// Works out what the files would hold; nothing is written.
pub(crate) fn plan(args: FixArgs, tree: &Tree, outcome: &Outcome) -> Result<Round, Failure> {
    let mut by_path: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
    for finding in &outcome.findings {
        let fix = finding.fix.as_deref().filter(|fix| args.unsafe_fixes || fix.safety == Safety::Safe);
        if let Some(fix) = fix {
            by_path.entry(&finding.place.path).or_default().push(fix);
        }
    }
    let mut round = Round::default();
    if by_path.is_empty() {
        return Ok(round);
    }
    let planned = on_threads(0, "looked at", || {
        let each = by_path.iter().filter_map(|(path, fixes)| {
            let source = tree.sources().iter().find(|source| source.path == *path)?;
            let mended = match tree.read(source) {
                Ok(bytes) => mend(path, &bytes, fixes).map_err(|error| error.to_string()),
                Err(message) => Err(message),
            };
            Some((source.clone(), mended))
        });
        each.collect::<Vec<_>>()
    });
    for (source, mended) in planned.map_err(Failure)? {
        match mended {
            Ok(mended) if mended.applied > 0 => round.files.push((source, mended)),
            Ok(_) => {}
            Err(message) => round.refused.push((source.path, message)),
        }
    }
    Ok(round)
}

/// Writes the files of a round. Each is read once more right before: a file that has changed meanwhile is left alone.
pub(crate) fn write(round: &mut Round, tree: &Tree) -> Result<usize, Failure> {
    let mut applied = 0;
    for (source, mended) in std::mem::take(&mut round.files) {
        let Some(path) = tree.file(&source) else { continue };
        let file = OutputFile::create(path)?;
        let is_as_audited = tree.read(&source).is_ok_and(|bytes| {
            let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            body == mended.before.as_bytes()
        });
        if !is_as_audited {
            round.refused.push((source.path, "it has changed since it was audited".to_owned()));
            continue;
        }
        file.write(|out| out.write_all(&mended.bytes))?;
        applied += mended.applied;
    }
    Ok(applied)
}

/// Says which files were left alone, and why.
pub(crate) fn tell_refused(round: &Round) {
    for (path, message) in &round.refused {
        console::tell(&format!("casemate: {path} was not fixed: {message}"));
    }
}

/// Shows what a round would change.
pub(crate) fn show(round: &Round, outcome: &Outcome) -> Result<(), Failure> {
    let is_terminal = io::stdout().is_terminal();
    console::print(|out| {
        for (source, mended) in &round.files {
            let diff = unified_diff(&source.path, &mended.before, &mended.after);
            for line in diff.split_inclusive('\n') {
                // SECURITY: lines beside a fix may hold secrets, and control sequences for the terminal.
                let line = outcome.redactor.mask(&source.path, line);
                if is_terminal {
                    writeln!(out, "{}", printable_line(line.trim_end_matches('\n')))?;
                } else {
                    out.write_all(line.as_bytes())?;
                }
            }
        }
        Ok(())
    })
    .map_err(|error| Failure(format!("the changes could not be shown: {error}")))?;
    tell_refused(round);
    console::tell(&format!("{} would be applied", counted_fixes(round.applied())));
    Ok(())
}

/// `1 fix`, `2 fixes`.
pub(crate) fn counted_fixes(count: usize) -> String {
    if count == 1 { counted(1, "fix") } else { format!("{}es", counted(count, "fix").trim_end_matches('s')) }
}
