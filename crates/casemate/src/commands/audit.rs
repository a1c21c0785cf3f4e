//! `casemate audit`: find the security holes in Python code.

pub(super) mod baseline;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use casemate_audit::baseline::Scope;
use casemate_audit::report::text::counted;
use casemate_audit::report::{Report, github, gitlab, html, json, junit, markdown, sarif, text};
use casemate_audit::settings::{Layer, parse_confidence, parse_gate, parse_persona, parse_platform, parse_python};
use casemate_audit::{Advisories, Audit, Confidence, Gate, Memory, Outcome, Persona, SourceSet};
use casemate_packages::advisories::Index;
use casemate_packages::manifest::{Platform, PythonVersion};

use super::advisories::lookup::AdvisoryArgs;
use super::{Exit, Failure};
use crate::cache::{self, CacheArgs};
use crate::console::{self, Colour};
use crate::discovery::Tree;
use crate::environment::Environment;
use crate::fixes::{self, FixArgs};
use crate::history;
use crate::output::OutputFile;
use crate::project::{self, Files, Project};
use crate::since::Since;
use crate::verify::{self, Endpoint, parse_endpoint};

/// Find the security holes in Python code
///
/// Audits Python files, or the Python files in folders: what git would track, without virtual environments,
/// `node_modules`, caches and build output. Links are not followed. A file named on the command line is always audited.
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Files and folders to audit [default: the current folder, or with --installed none]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Audit the packages of a virtual environment or a site-packages folder, too [default: the active environment]
    #[arg(long, value_name = "FOLDER", num_args = 0..=1)]
    installed: Option<Option<PathBuf>>,
    /// How to tell what was found
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write the report to this file, which appears whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show counts per rule and where the time went instead of each finding (text only)
    #[arg(long)]
    statistics: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    /// Exit with 3 when something could not be read or analysed
    #[arg(long)]
    strict: bool,
    /// Name of this report among the reports of a project, for code hosts and the tracker
    #[arg(long, default_value = "audit", value_name = "NAME", value_parser = parse_category)]
    category: String,
    /// Also look for secrets in old versions of all files: in the whole git history, or in a range such as `main..`
    #[arg(long, value_name = "RANGE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    history: Option<String>,
    /// Ask the providers of found tokens whether they are alive: sends each token to its provider, once
    #[arg(long)]
    verify: bool,
    /// Ask another address for one kind of token, such as your own server: `github-personal-token=https://…`; also
    /// [verify] endpoints of a file named with --config
    #[arg(long, value_name = "ID=URL", requires = "verify", value_parser = parse_endpoint)]
    verify_endpoint: Vec<Endpoint>,
    /// Report only what touches lines changed since this commit: `HEAD`, `main`, or `main...` for where this branch left it
    #[arg(long, value_name = "REV", conflicts_with_all = ["write_baseline", "prune_baseline"])]
    diff: Option<String>,
    #[command(flatten)]
    fixes: FixArgs,
    #[command(flatten)]
    baseline: baseline::BaselineArgs,
    #[command(flatten)]
    advisories: AdvisoryArgs,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Settings that can also stand in `casemate.toml`.
#[derive(clap::Args)]
#[command(next_help_heading = "Settings (also in casemate.toml and [tool.casemate] of pyproject.toml)")]
pub(crate) struct SettingsArgs {
    /// Who reads the report: default, or pedantic for what merely looks suspicious [default: default]
    #[arg(long, value_name = "PERSONA", value_parser = parse_persona, hide_possible_values = true)]
    persona: Option<Persona>,
    /// Exit with 1 for a finding at least this severe: critical, high, medium, low, info, none; with `,fixable` or
    /// `,reachable` dependencies only count if an upgrade mends them, or if they may be in reach [default: low]
    #[arg(long, value_name = "GATE", value_parser = parse_gate)]
    fail_on: Option<Gate>,
    /// Run only these rules: ids, names or groups such as INJ
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Option<Vec<String>>,
    /// Do not run these rules: ids, names or groups
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Option<Vec<String>>,
    /// Leave out findings the auditor is less sure of: low, medium, high [default: low]
    #[arg(long, value_name = "CONFIDENCE", value_parser = parse_confidence)]
    min_confidence: Option<Confidence>,
    /// Leave out these paths, written as in .gitignore
    #[arg(long, value_name = "GLOB")]
    exclude: Option<Vec<String>>,
    /// Also use this pack of models, a TOML file that says what a library or framework does with data
    #[arg(long, value_name = "FILE")]
    models: Option<Vec<String>>,
    /// The project is a library: what callers pass to its public functions may come from an attacker
    #[arg(long)]
    library: bool,
    /// The Python whose dependencies count, such as 3.12 [default: any that the project allows]
    #[arg(long, value_name = "VERSION", value_parser = python)]
    python: Option<Chosen<PythonVersion>>,
    /// The platform whose dependencies count: linux, macos, windows [default: any]
    #[arg(long, value_name = "NAME", value_parser = platform)]
    platform: Option<Chosen<Platform>>,
    /// Read this settings file, and no other; only such a file may say where --verify asks
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,
    /// Read no settings file
    #[arg(long)]
    isolated: bool,
}

/// One that was chosen, or any.
#[derive(Clone, Debug)]
struct Chosen<T>(Option<T>);

fn python(word: &str) -> Result<Chosen<PythonVersion>, String> {
    parse_python(word).map(Chosen)
}

fn platform(word: &str) -> Result<Chosen<Platform>, String> {
    parse_platform(word).map(Chosen)
}

fn parse_category(name: &str) -> Result<String, String> {
    let is_fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if is_fine { Ok(name.to_owned()) } else { Err("use letters, digits, `-`, `_` and `.`".to_owned()) }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs; the shape is in docs/reports.md.
    Json,
    /// SARIF 2.1.0, for code hosts, editors and `casemate submit`.
    Sarif,
    /// One page for a browser, with everything in it.
    Html,
    /// For a comment on a change, or a summary of a job.
    Markdown,
    /// JUnit XML, for services that show tests.
    Junit,
    /// Commands by which GitHub shows findings at their lines.
    Github,
    /// Code quality report for GitLab.
    Gitlab,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing found at or above the gate
  1  findings at or above the gate (--fail-on, low unless set)
  2  could not run: a path or a setting is wrong, or --verify reached no provider
  3  something could not be read or analysed, or packages were not looked up, and --strict was given

Examples:
  casemate audit .
  casemate audit src tests/conftest.py --fail-on high
  casemate audit . --select INJ,password-weak-hash
  casemate audit . --format sarif --output report.sarif --fail-on none
  casemate audit --installed .venv";

impl SettingsArgs {
    /// What the command line says.
    pub(crate) fn layer(&self) -> Layer {
        Layer {
            persona: self.persona,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            min_confidence: self.min_confidence,
            fail_on: self.fail_on,
            exclude: self.exclude.clone(),
            models: self.models.as_ref().map(|files| files.iter().map(|file| (file.clone(), String::new())).collect()),
            library: self.library.then_some(true),
            python: self.python.clone().map(|chosen| chosen.0),
            platform: self.platform.clone().map(|chosen| chosen.0),
            ..Layer::default()
        }
    }

    /// The settings files, unless nobody wants them.
    pub(crate) fn files(&self, project: &Project) -> Result<Files, Failure> {
        match &self.config {
            Some(file) => Files::named(file),
            None if self.isolated => Ok(Files::default()),
            None => Files::find(project),
        }
    }

    /// Whether no settings file counts.
    pub(super) fn is_isolated(&self) -> bool {
        self.isolated
    }

    /// Whether a report made with these options says less than one made without.
    fn narrows(&self) -> bool {
        self.select.is_some()
            || self.ignore.is_some()
            || self.min_confidence.is_some()
            || self.exclude.is_some()
            || self.python.is_some()
            || self.platform.is_some()
    }
}

/// Fixes that wait for others are put in after so many rounds, or never.
const MOST_ROUNDS: usize = 10;

/// How long each part of an audit takes.
#[derive(Default)]
struct Clock(Mutex<Phases>);

/// Phases that are over with what they took, and the one that runs since when.
type Phases = (Vec<(&'static str, Duration)>, Option<(&'static str, Instant)>);

impl Clock {
    fn begin(&self, phase: &'static str) {
        self.end();
        if let Ok(mut clock) = self.0.lock() {
            clock.1 = Some((phase, Instant::now()));
        }
    }

    fn end(&self) {
        if let Ok(mut clock) = self.0.lock()
            && let Some((phase, began)) = clock.1.take()
        {
            let took = began.elapsed();
            match clock.0.iter_mut().find(|(known, _)| *known == phase) {
                Some((_, known)) => *known += took,
                None => clock.0.push((phase, took)),
            }
        }
    }

    fn phases(&self) -> Vec<(&'static str, Duration)> {
        self.0.lock().map(|clock| clock.0.clone()).unwrap_or_default()
    }
}

/// Audits and reports.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let started = Instant::now();
    // SECURITY: with an environment alone the settings are those of the folder one stands in. In the environment any
    // package could put some, which would silence what is known against it.
    let is_environment_alone = args.paths.is_empty() && args.installed.is_some();
    let here = [PathBuf::from(".")];
    let mut project = Project::locate(if args.paths.is_empty() { here.as_slice() } else { args.paths.as_slice() })?;
    let files = args.settings.files(&project)?;
    let endpoints = if args.verify { verify::endpoints(&args.verify_endpoint, &files)? } else { Vec::new() };
    let in_force = project::settings(&project, files, args.settings.layer())?;
    let settings = &in_force.resolved.settings;
    let baseline = args.baseline.open(&project, in_force.baseline.clone(), args.settings.isolated)?;
    let lookup = args.advisories.open()?;
    let decisions = args.advisories.decisions(&project.root)?;
    let documents = args.advisories.documents()?;
    let file = args.output.as_deref().map(OutputFile::create).transpose()?;

    let is_whole_project = project.is_whole() && !is_environment_alone;
    if is_environment_alone {
        project.paths.clear();
        project.names.clear();
    }
    let find_environment =
        || args.installed.as_ref().map(|named| Environment::find(named.as_deref(), &project.root)).transpose();
    let mut names = project.names.clone();
    names.extend(find_environment()?.map(|environment| environment.name));
    let since = args.diff.as_deref().map(|revision| Since::open(&project, revision)).transpose()?;
    let past = args.history.as_deref().map(|range| history::search(&project, &in_force.excluded, range));
    let past = past.transpose()?.unwrap_or_default();
    let index = lookup.index.as_ref().map(|index| index as &dyn Advisories);
    let cache = args.cache.open(&project.root, &project.paths, settings);
    let provenance = lookup.index.as_ref().map(Index::provenance);
    let tool = cache::tool(provenance);
    let memory = cache.as_ref().map(|cache| Memory { earlier: cache.earlier(), tool: &tool });
    let narrows = args.settings.narrows();
    let clock = Clock::default();
    let look = || -> Result<(Tree, Outcome), Failure> {
        clock.begin("finding files");
        let mut tree = Tree::find(&project.root, &project.paths, &in_force.excluded);
        if let Some(environment) = find_environment()? {
            tree = tree.with(environment);
        }
        let total = SourceSet::sources(&tree).len();
        let phase = |name| clock.begin(name);
        let mut outcome = console::with_progress(total, |progress| {
            let audit = Audit::new(settings);
            Audit {
                progress,
                phase: &phase,
                advisories: index,
                vex: &decisions,
                past: &past.secrets,
                memory,
                is_last: !args.fixes.fix,
                ..audit
            }
            .run(&tree)
        });
        if let Some(cache) = &cache {
            clock.begin("remembering");
            cache.keep(outcome.memory.take().as_deref());
        }
        outcome.problems.append(&mut tree.problems);
        outcome.problems.extend(past.problems.iter().cloned());
        let scope = Scope {
            settings,
            paths: SourceSet::sources(&tree).iter().map(|source| source.path.as_str()).collect(),
            is_whole: !narrows && is_whole_project,
            has_advisories: outcome.packages > 0 && lookup.told().is_some(),
            // Of a range little can be said to be gone.
            has_history: args.history.as_deref() == Some(""),
        };
        outcome.except(settings);
        outcome.tell_idle_exceptions(settings, &scope);
        outcome.renumber();
        if let Some(baseline) = &baseline {
            baseline.apply(&mut outcome, &scope)?;
        }
        if let Some(since) = &since {
            clock.begin("comparing lines");
            since.narrow(&tree, &mut outcome)?;
        }
        clock.end();
        Ok((tree, outcome))
    };
    let (mut tree, mut outcome) = look()?;
    if args.fixes.fix {
        let mut total = 0;
        // A fix may wait for another one to be put in first.
        for _ in 0..MOST_ROUNDS {
            let mut round = fixes::plan(args.fixes, &tree, &outcome)?;
            if args.fixes.dry_run {
                fixes::show(&round, &outcome)?;
                return Ok(if round.applied() > 0 { Exit::Findings } else { Exit::Clean });
            }
            let applied = fixes::write(&mut round, &tree)?;
            total += applied;
            if applied == 0 {
                fixes::tell_refused(&round);
                break;
            }
            (tree, outcome) = look()?;
        }
        console::tell(&format!("{} applied", fixes::counted_fixes(total)));
    }
    // What packages were looked up in, by its date; told in every report.
    let advisories = (outcome.packages > 0).then(|| lookup.told()).flatten();
    let has_not_looked = outcome.packages > 0 && advisories.is_none();
    if args.verify {
        verify::verify(&mut outcome, &endpoints)?;
    }

    // A report of a few files, or of a few rules, says nothing about what it does not name.
    let is_whole = project.paths.iter().all(|path| path.is_dir()) && !narrows && args.diff.is_none();
    let report = Report {
        outcome: &outcome,
        sources: &tree,
        settings,
        paths: &names,
        category: &args.category,
        // A report that has looked no package up must not close what an earlier one found.
        is_complete: is_whole && outcome.problems.is_empty() && !has_not_looked,
        advisories: advisories.as_deref(),
        baseline: baseline.as_ref().map(|baseline| baseline.name.as_str()),
    };
    documents.write(&report)?;
    let look = text::Look {
        is_coloured: if file.is_some() { args.color == Colour::Always } else { args.color.is_wanted() },
        width: console::width(),
        wraps: args.output.is_none() && io::stdout().is_terminal(),
        prefix: &project.prefix,
        statistics_only: args.statistics,
        took: Some(started.elapsed()),
        phases: &clock.phases(),
    };
    let write = |out: &mut dyn Write| match args.format {
        Format::Text => text::write(&report, &look, out),
        Format::Json => json::write(&report, out),
        Format::Sarif => sarif::write(&report, out),
        Format::Html => html::write(&report, out),
        Format::Markdown => markdown::write(&report, out),
        Format::Junit => junit::write(&report, out),
        Format::Github => github::write(&report, out),
        Format::Gitlab => gitlab::write(&report, out),
    };
    match file {
        None => console::print(write).map_err(|error| not_written(&error))?,
        Some(file) => {
            let name = file.write(write)?;
            console::tell(&format!("{} written to {}", counted(outcome.findings.len(), "finding"), name.display()));
        }
    }
    let is_incomplete = !outcome.problems.is_empty() || has_not_looked && args.advisories.is_wanted();
    Ok(if args.strict && is_incomplete {
        Exit::Incomplete
    } else if report.failing() > 0 {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn not_written(error: &io::Error) -> Failure {
    Failure(format!("the report could not be written: {error}"))
}
