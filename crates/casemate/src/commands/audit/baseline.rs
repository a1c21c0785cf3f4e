//! The baseline of an audit: which file it is, what it knows, and how it is written.

use std::io;
use std::path::{Path, PathBuf};

use casemate_audit::baseline::{Anchor, Baseline, Entry, KEY_BYTES, MOST_BYTES, Scope};
use casemate_audit::report::text::counted;
use casemate_audit::{Outcome, Topic};

use crate::commands::{Failure, failure};
use crate::console;
use crate::output::OutputFile;
use crate::project::{Project, regular_text};

/// What a baseline is called when nobody says otherwise.
const NAME: &str = ".casemate-baseline.json";

/// Findings that were there before.
#[derive(Default, clap::Args)]
#[command(next_help_heading = "Baseline: findings that were there before are counted and fail nothing")]
pub(crate) struct BaselineArgs {
    /// Compare with this baseline [default: .casemate-baseline.json at the top of the repository, if it is there]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Compare with no baseline
    #[arg(long)]
    no_baseline: bool,
    /// Write what is found into the baseline, and pass
    #[arg(long, conflicts_with_all = ["no_baseline", "prune_baseline"])]
    write_baseline: bool,
    /// Take out of the baseline what is found no more
    #[arg(long, conflicts_with = "no_baseline")]
    prune_baseline: bool,
}

/// A baseline in use.
pub(in crate::commands) struct InUse {
    path: PathBuf,
    /// As reports name it.
    pub(in crate::commands) name: String,
    anchor: Anchor,
    known: Baseline,
    does_write: bool,
    does_prune: bool,
}

impl BaselineArgs {
    /// Finds and reads it, before the audit, so that a wrong one is told at once.
    pub(in crate::commands) fn open(
        &self,
        project: &Project,
        in_settings: Option<PathBuf>,
        is_isolated: bool,
    ) -> Result<Option<InUse>, Failure> {
        let top = project.top();
        let anchor = project.anchor(&top);
        let named = self.baseline.clone().or(if is_isolated { None } else { in_settings });
        let changes = self.write_baseline || self.prune_baseline;
        if self.no_baseline || (is_isolated && named.is_none() && !changes) {
            return Ok(None);
        }
        let path = named.clone().unwrap_or_else(|| top.join(NAME));
        let known = match regular_text(&path, MOST_BYTES) {
            Ok(text) => Baseline::parse(&text).map_err(|error| Failure(format!("`{}`: {error}", path.display())))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.write_baseline => Baseline::empty(key()?),
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() && !changes => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return failure(format!(
                    "the baseline `{}` does not exist; `--write-baseline` writes one",
                    path.display()
                ));
            }
            Err(error) => return failure(format!("the baseline `{}` cannot be read: {error}", path.display())),
        };
        let name = shown(&path, &top);
        let (does_write, does_prune) = (self.write_baseline, self.prune_baseline);
        Ok(Some(InUse { path, name, anchor, known, does_write, does_prune }))
    }
}

impl InUse {
    /// Takes out what is known, and writes the file if that is wanted.
    pub(in crate::commands) fn apply(&self, outcome: &mut Outcome, scope: &Scope<'_>) -> Result<(), Failure> {
        let unseen: Vec<Entry> = self.known.apply(outcome, scope, &self.anchor);
        if self.does_write {
            let new = outcome.findings.len();
            let renewed = self.known.renewed(outcome, unseen, &self.anchor);
            self.write(&renewed)?;
            let (about_the_run, known): (Vec<_>, Vec<_>) =
                outcome.findings.drain(..).partition(|finding| finding.rule.kind.topic() == Topic::Run);
            outcome.findings = about_the_run;
            outcome.baselined.extend(known);
            outcome.gone.clear();
            outcome.arrange();
            let count = counted(renewed.count(), "finding");
            console::tell(&format!("baseline `{}` written: {count}, {new} of them new", self.name));
        } else if self.does_prune {
            let pruned = self.known.pruned(&outcome.gone);
            let gone = self.known.count() - pruned.count();
            outcome.gone.clear();
            self.write(&pruned)?;
            let left = counted(pruned.count(), "finding");
            console::tell(&format!("baseline `{}` written: {gone} gone, {left} left", self.name));
        }
        Ok(())
    }

    fn write(&self, baseline: &Baseline) -> Result<(), Failure> {
        let text = baseline.render();
        OutputFile::create(&self.path)?.write(|out| out.write_all(text.as_bytes())).map(|_| ())
    }
}

/// Chance from the operating system.
fn key() -> Result<[u8; KEY_BYTES], Failure> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| Failure(format!("no random numbers to be had: {error}")))?;
    Ok(key)
}

fn shown(path: &Path, top: &Path) -> String {
    path.strip_prefix(top).unwrap_or(path).display().to_string()
}
