//! `casemate hook run`: audit what the index holds, and stop the commit if it brings something to mend.

use std::collections::HashMap;

use casemate_audit::baseline::Scope;
use casemate_audit::report::text::counted;
use casemate_audit::report::{Report, text};
use casemate_audit::{Audit, Finding, Kind, Outcome, Place, Position, Problem, Settings, Source, SourceSet, rules};
use casemate_git::{Change, Repository};

use super::super::audit::SettingsArgs;
use super::super::audit::baseline::BaselineArgs;
use super::super::{Exit, Failure, failure};
use crate::console::{self, Colour};
use crate::discovery;
use crate::project::{self, InForce, Project};

/// Audit what is staged, and fail if the commit would bring in something to mend
///
/// Reads the index, not the files: exactly what the commit would hold. Told is what the last commit did not have.
/// Secrets, local patterns and configuration are looked for; what needs the whole program is left to `casemate audit`.
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    settings: SettingsArgs,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing new at or above the gate
  1  the commit would bring in findings at or above the gate
  2  could not run: no repository, or a setting is wrong

`git commit --no-verify` commits without asking.";

/// Audits what is staged.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let repository = super::repository()?;
    let Some(top) = repository.work_tree().map(std::path::Path::to_path_buf) else {
        return failure("this repository is bare, so nothing is staged in it");
    };
    let staged = repository.staged().map_err(|error| super::told(&error))?;
    if staged.changes.is_empty() {
        return Ok(Exit::Clean);
    }
    let project = Project::locate(&[top])?;
    let files = args.settings.files(&project)?;
    let in_force = project::settings(&project, files, args.settings.layer())?;
    let settings = quick(&in_force.resolved.settings);

    let is_audited = |change: &Change| is_audited(&project, &in_force, &change.path);
    let after = Texts::of(&repository, &staged.changes, is_audited, |change| change.after);
    let mut outcome = after.audit(&settings);
    outcome.findings.retain(|finding| finding.rule.kind != Kind::Run);
    if !outcome.findings.is_empty() {
        let baseline =
            BaselineArgs::default().open(&project, in_force.baseline.clone(), args.settings.is_isolated())?;
        let paths = after.sources.iter().map(|source| source.path.as_str()).collect();
        let (is_whole, has_advisories, has_history) = (false, false, false);
        let scope = Scope { settings: &settings, paths, is_whole, has_advisories, has_history };
        outcome.except(&settings);
        outcome.renumber();
        if let Some(baseline) = baseline {
            baseline.apply(&mut outcome, &scope)?;
        }
    }
    if !outcome.findings.is_empty() {
        forget_what_was_there(&mut outcome, &repository, &staged.changes, &settings);
    }

    let report = Report {
        outcome: &outcome,
        sources: &after,
        settings: &settings,
        paths: &project.names,
        category: "hook",
        is_complete: false,
        advisories: None,
        baseline: None,
    };
    let failing = report.failing();
    for problem in &outcome.problems {
        console::tell(&format!("casemate: {}: {}", problem.place.path, problem.message));
    }
    if failing == 0 {
        if !outcome.findings.is_empty() {
            let found = counted(outcome.findings.len(), "new finding");
            console::tell(&format!("casemate: {found} below the gate; `casemate audit` shows what there is"));
        }
        return Ok(Exit::Clean);
    }
    let look = text::Look {
        is_coloured: args.color.is_wanted(),
        width: console::width(),
        wraps: std::io::IsTerminal::is_terminal(&std::io::stdout()),
        prefix: "",
        statistics_only: false,
        took: None,
        phases: &[],
    };
    console::print(|out| {
        text::write_findings(&report, &look, out)?;
        out.write_all(advice(&outcome, failing).as_bytes())
    })
    .map_err(|error| Failure(format!("the report could not be written: {error}")))?;
    Ok(Exit::Findings)
}

/// What to do now, for somebody who wanted to commit.
fn advice(outcome: &Outcome, failing: usize) -> String {
    let has_secret = outcome.findings.iter().any(|finding| finding.rule.kind == Kind::Secret);
    let rule = outcome.findings.first().map_or("RULE", |finding| finding.rule.name);
    let mend = if has_secret {
        "take the secret out (read it from the environment or a vault), `git add`, commit again"
    } else {
        "change the lines shown, `git add`, commit again"
    };
    let what = if failing == 1 { "this".to_owned() } else { format!("these {failing} findings") };
    format!(
        "casemate stopped the commit: what is staged brings in {what}.\n\
         \x20 mend it      {mend}\n\
         \x20 silence it   `# casemate: ignore[{rule}] -- why it does not matter here`, on the line or above it\n\
         \x20 accept it    `casemate audit --write-baseline`, and commit the baseline\n\
         \x20 skip this    `git commit --no-verify`\n"
    )
}

/// What can be judged by a single file, and quickly.
fn quick(settings: &Settings) -> Settings {
    let mut quick = settings.clone();
    let others =
        rules::ALL.iter().filter(|rule| !matches!(rule.kind, Kind::Secret | Kind::Pattern | Kind::Configuration));
    quick.ignore.extend(others.map(|rule| rule.id.to_owned()));
    quick
}

/// Whether `casemate audit` would look at a file, too.
fn is_audited(project: &Project, in_force: &InForce, path: &str) -> bool {
    let file = project.root.join(path);
    let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(&project.root));
    let is_excluded = |path: &std::path::Path, is_folder| in_force.excluded.matched(path, is_folder).is_ignore();
    discovery::is_of_interest(&file, false)
        && !is_excluded(&file, false)
        && folders
            .take_while(|folder| *folder != project.root)
            .all(|folder| discovery::is_of_interest(folder, true) && !is_excluded(folder, true))
}

/// What makes a finding the same finding, wherever it stands: also after a file was renamed.
type Likeness = (&'static str, String, String, Option<String>);

fn likeness(finding: &Finding) -> Likeness {
    let secret = finding.secret().map(|secret| secret.value.expose().to_owned());
    (finding.rule.id, finding.function.clone(), finding.statement.clone(), secret)
}

/// Takes out what the last commit had in the files that change. In a merge, also what the other side had.
fn forget_what_was_there(outcome: &mut Outcome, repository: &Repository, changes: &[Change], settings: &Settings) {
    let sides = changes.iter().map(|change| change.before.len()).max().unwrap_or(0);
    let mut known: HashMap<Likeness, usize> = HashMap::new();
    for side in 0..sides {
        let before = Texts::of(repository, changes, |_| true, |change| change.before.get(side).copied());
        let was = before.audit(settings);
        let mut counts: HashMap<Likeness, usize> = HashMap::new();
        for finding in was.findings.iter().chain(was.suppressed.iter().map(|(finding, _)| finding)) {
            *counts.entry(likeness(finding)).or_default() += 1;
        }
        for (like, count) in counts {
            let known = known.entry(like).or_default();
            *known = (*known).max(count);
        }
    }
    outcome.findings.retain(|finding| match known.get_mut(&likeness(finding)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
}

/// Files in memory.
#[derive(Default)]
struct Texts {
    sources: Vec<Source>,
    bytes: Vec<Vec<u8>>,
    problems: Vec<Problem>,
}

impl Texts {
    /// One state of the files that change.
    fn of(
        repository: &Repository,
        changes: &[Change],
        is_wanted: impl Fn(&Change) -> bool,
        state: impl Fn(&Change) -> Option<casemate_git::ContentId>,
    ) -> Self {
        let mut texts = Self::default();
        let mut found = Vec::new();
        for change in changes.iter().filter(|change| is_wanted(change)) {
            let Some(id) = state(change) else { continue };
            let mut problem = |message: String| {
                let start = Position { line: 1, column: 1 };
                let place = Place { path: change.path.clone(), start, end: start };
                texts.problems.push(Problem { place, message });
            };
            match repository.content(id, discovery::LARGEST_TEXT) {
                Ok(Some(bytes)) => {
                    let is_script = !change.path.rsplit('/').next().unwrap_or_default().contains('.')
                        && discovery::names_python(bytes.get(..128).unwrap_or(&bytes));
                    let source = if is_script { Source::python(&change.path) } else { Source::named(&change.path) };
                    found.push((source, bytes));
                }
                Ok(None) => {
                    problem(format!("is larger than {} MiB and was not looked at", discovery::LARGEST_TEXT >> 20));
                }
                Err(error) => problem(format!("was not looked at: {error}")),
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        (texts.sources, texts.bytes) = found.into_iter().unzip();
        texts
    }

    fn audit(&self, settings: &Settings) -> Outcome {
        // Starting threads takes longer than reading a few files.
        let threads = if self.sources.len() <= 8 { 1 } else { 0 };
        let mut outcome = Audit::new(settings).run_on(threads, self);
        outcome.problems.extend(self.problems.iter().cloned());
        outcome
    }
}

impl SourceSet for Texts {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let at = self.sources.binary_search(source).map_err(|_| "it is not staged".to_owned())?;
        self.bytes.get(at).cloned().ok_or_else(|| "it is not staged".to_owned())
    }
}
