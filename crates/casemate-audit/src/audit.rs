//! One audit: sources in, findings out.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use casemate_packages::advisories::Advisories;
use casemate_packages::manifest::Manifest;
use casemate_python::flow::{self, Models, Options, Solved};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{LineIndex, Module, Span};
use casemate_secrets::Format;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::asking::{Asking, OfModule};
use crate::baseline::Entry;
use crate::changes::Elsewhere;
use crate::finding::{Finding, Place, Position};
use crate::leaving::Leaving;
use crate::memory::{Answers, Digested, Earlier, Memory, Remembered, digest};
use crate::models;
use crate::notebook::Notebook;
use crate::order;
use crate::outline::Outline;
use crate::past::PastSecret;
use crate::reading::{self, on_threads};
use crate::redact::{Hidden, Redactor};
use crate::rule::Persona;
use crate::rules::dependencies::known::Known;
use crate::rules::dependencies::vex_stale::{self, VexDocument};
use crate::rules::test_code::TestCode;
use crate::rules::{self, ManifestText, ProjectContext, Reported, WebIndex};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::suppress::{self, Suppressions};
use crate::texts::{OfTexts, around};

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// Python source.
    Python,
    /// Any other text: configuration, manifests, documents.
    Text,
    /// What an installed package says of itself (`METADATA`): only that is read, for its prose is others' prose.
    Installed,
}

/// One file to audit, by name; its text is fetched when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Path relative to the audited root, with `/` between its parts.
    pub path: String,
    /// What it is read as.
    pub kind: SourceKind,
}

impl Source {
    /// Python source at this path.
    pub fn python(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: SourceKind::Python }
    }

    /// Another text at this path.
    pub fn text(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: SourceKind::Text }
    }

    /// What an installed package says of itself, at this path.
    pub fn installed(path: impl Into<String>) -> Self {
        Self { path: path.into(), kind: SourceKind::Installed }
    }

    /// Whatever the name says.
    pub fn named(path: impl Into<String>) -> Self {
        let path = path.into();
        if Format::of(&path) == Format::Python { Self::python(path) } else { Self::text(path) }
    }
}

/// Where texts come from. The auditor itself never opens a file.
pub trait SourceSet: Sync {
    /// What there is to audit, in any order.
    fn sources(&self) -> &[Source];
    /// Folders that were asked for by name, relative to the root. What lies above them says nothing about what the
    /// files in them are for.
    fn named(&self) -> &[String] {
        &[]
    }
    /// The bytes of one source, or why they could not be had.
    fn read(&self, source: &Source) -> Result<Vec<u8>, String>;
    /// A source that need not be read as long as its stamp is the one it had when it was read before; nothing if that
    /// cannot be told.
    fn unread(&self, _source: &Source) -> Option<Unread> {
        None
    }
}

/// What tells the states of a source from each other: length, times, whatever changes when the bytes do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(pub [u64; 4]);

/// A source that is known to be there.
pub struct Unread {
    /// Taken before the source is read.
    pub stamp: Stamp,
    /// The same as [`SourceSet::read`].
    pub read: Box<dyn Fn() -> Result<Vec<u8>, String> + Send + Sync>,
}

/// Something that kept part of a source from being understood. Never silent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Where; a whole file spans from 1:1 to 1:1.
    pub place: Place,
    /// What happened and what it means for the result.
    pub message: String,
}

/// What an audit came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What to mend first comes first ([`order`]); the same for the same input, whatever the number of threads.
    pub findings: Vec<Finding>,
    /// Findings that a comment or a setting silenced, with the reason given.
    pub suppressed: Vec<(Finding, String)>,
    /// Findings that the baseline knows: they are counted and fail nothing.
    pub baselined: Vec<Finding>,
    /// Entries of the baseline that are found no more.
    pub gone: Vec<Entry>,
    /// Which exceptions of the settings have silenced something.
    pub exceptions_used: Vec<bool>,
    /// What could not be read or analysed.
    pub problems: Vec<Problem>,
    /// Python files looked at.
    pub files: usize,
    /// Lines of Python looked at.
    pub lines: usize,
    /// Other texts looked at.
    pub texts: usize,
    /// Packages looked at, each name and version once.
    pub packages: usize,
    /// What the project declares and locks.
    pub manifests: Vec<Manifest>,
    /// Packages that are asked for and nowhere in exactly one version, so that they cannot be looked up.
    pub unlocked: usize,
    /// How often the program was evaluated until nothing more was learned.
    pub rounds: usize,
    /// What was left out because it touches no changed line; none if nothing was compared.
    pub elsewhere: Option<Elsewhere>,
    /// What no report may show.
    pub redactor: Redactor,
    /// Python files that were not asked about again, because nothing has changed for them since an earlier audit.
    pub remembered: usize,
    /// What is to be kept for the next audit; nothing if what is kept already serves it.
    pub memory: Option<Vec<u8>>,
}

impl Outcome {
    /// Puts everything into its order, after findings were added.
    pub fn arrange(&mut self) {
        order::most_urgent_first(&mut self.findings);
        order::most_urgent_first(&mut self.baselined);
        self.suppressed.sort_by(|(a, _), (b, _)| order::compare(a, b));
        self.gone.sort();
        self.problems.sort();
    }

    /// Gives fingerprints to findings that came from elsewhere, and puts everything into its order.
    pub fn renumber(&mut self) {
        number(self);
        self.arrange();
    }
}

/// An audit about to run.
pub struct Audit<'a> {
    /// What to look for and how to report it.
    pub settings: &'a Settings,
    /// Told the number of files done so far, from any thread.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Told what begins now, in a few words, so that whoever has a clock can say how long each part took.
    pub phase: &'a (dyn Fn(&'static str) + Sync),
    /// What is known about packages; without it no dependency is looked up.
    pub advisories: Option<&'a dyn Advisories>,
    /// What was decided about known holes.
    pub vex: &'a [VexDocument],
    /// Secrets found in the history of the repository, each value once, the oldest first.
    pub past: &'a [PastSecret],
    /// What an earlier audit left, and that this one is to leave something for the next.
    pub memory: Option<Memory<'a>>,
    /// Whether the process ends after this audit. The memory of what it stood on is left to the system then, which
    /// takes it back at once; to take it apart would take as long as some rules.
    pub is_last: bool,
}

impl<'a> Audit<'a> {
    /// An audit that tells nobody how far it is and knows no advisories.
    pub fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            progress: &|_| {},
            phase: &|_| {},
            advisories: None,
            vex: &[],
            past: &[],
            memory: None,
            is_last: false,
        }
    }

    /// Runs every selected rule over all sources.
    pub fn run(&self, sources: &dyn SourceSet) -> Outcome {
        self.run_on(0, sources)
    }

    /// The same on so many threads, 0 for one a core. The outcome does not depend on it.
    pub fn run_on(&self, threads: usize, sources: &dyn SourceSet) -> Outcome {
        on_threads(threads, "analysed", || self.run_here(sources)).unwrap_or_else(|message| Outcome {
            problems: vec![Problem { place: whole_file(""), message }],
            ..Outcome::default()
        })
    }

    fn run_here(&self, sources: &dyn SourceSet) -> Outcome {
        let (outcome, is_moved) = self.attempt(sources, self.memory);
        if !is_moved {
            return outcome;
        }
        // A file that was thought to be as it was has changed while others were looked at.
        self.attempt(sources, self.memory.map(|memory| Memory { earlier: None, ..memory })).0
    }

    /// The outcome, and whether it is worth nothing because a source was other than an earlier audit says.
    fn attempt(&self, sources: &dyn SourceSet, memory: Option<Memory<'_>>) -> (Outcome, bool) {
        (self.phase)("reading and parsing Python");
        let scope = Scope::of(sources.named());
        let mut problems = Vec::new();
        let of_kind = |kind| sources.sources().iter().filter(move |source| source.kind == kind);
        let python: Vec<&Source> = of_kind(SourceKind::Python).collect();
        let texts: Vec<&Source> = of_kind(SourceKind::Text).collect();
        let installed: Vec<&Source> = of_kind(SourceKind::Installed).collect();
        let (notebooks, unread) = self.notebooks(&texts, sources);
        problems.extend(unread);
        let key = memory.map(|memory| self.key(memory, sources)).unwrap_or_default();
        let before = memory.and_then(|memory| Remembered::read(memory, key));
        let known = before.as_ref().map(|(remembered, _)| remembered);
        let (program, seen, unread) = reading::program(&python, &notebooks, sources, known, memory.is_some());
        problems.extend(unread);
        let mut earlier = before.and_then(|(remembered, flow)| Earlier::of(remembered, flow, &program, &seen));
        let ids: Vec<ModuleId> = program.ids().collect();
        if earlier.is_none() {
            ids.par_iter().for_each(|&id| {
                program.module(id);
            });
        }
        (self.phase)("linking modules");
        let lines = Lines::new(program.len());
        let outline = |&id: &ModuleId| match earlier.as_ref().and_then(|earlier| earlier.outline(id)) {
            Some(known) => known.clone(),
            None => Outline::of(&program, &scope, id, &lines),
        };
        let outlines: Vec<Outline> = ids.par_iter().map(outline).collect();
        // What tests do is told to the pedantic alone, so for others their data need not be followed.
        let tests = match self.settings.persona {
            Persona::Default => TestCode::of(&outlines, &scope),
            _ => TestCode::default(),
        };
        let own = (!self.settings.models.is_empty()).then(|| models::with(&self.settings.models));
        problems.extend(own.as_ref().and_then(|own| own.as_ref().err()).map(|message| Problem {
            place: whole_file(""),
            message: format!("the pack of models was not used: {message}"),
        }));
        let knowledge = match &own {
            None if program.is_empty() => models::none(),
            Some(Ok(own)) => own,
            None | Some(Err(_)) => models::builtin(),
        };
        (self.phase)("reading other texts");
        let done = AtomicUsize::new(0);
        let is_done = || (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
        let state = (&scope, earlier.as_ref(), memory.is_some());
        let looked = self.look_at_all(&texts, &installed, sources, state, &is_done);
        let OfTexts { mut reported, mut secrets, mut manifests, templates, comments, problems: more, kept } = looked;
        problems.extend(more);
        problems.extend(self.complete(&mut manifests, &program, sources));
        (self.phase)("looking packages up");
        let known_packages = Known::look_up(&manifests, self.advisories);
        let around = memory.map(|_| around(&manifests, &templates)).unwrap_or_default();
        let has_tenants = outlines.iter().any(|outline| outline.has_tenants && !tests.holds(&outline.path));
        earlier = earlier
            .filter(|earlier| earlier.remembered.around == around && earlier.remembered.has_tenants == has_tenants);
        (self.phase)("following data");
        let now_imported = earlier.as_ref().map(|earlier| earlier.flow.imported(&program, &earlier.changed));
        let idle = tests.idle(&outlines, now_imported.as_deref().unwrap_or_else(|| program.imported()));
        let options = Options { library: self.settings.library, idle: &idle, remembers: memory.is_some() };
        let (solved, earlier) = follow(&program, &knowledge.models, options, earlier);
        let Solved { modules: facts, web, unsettled, cut_short, evaluated, rounds, trails, .. } = solved;
        (self.phase)("asking the rules");
        let web = WebIndex::new(web).with_tenants(has_tenants);
        let all_web = memory.map(|_| web.digest()).unwrap_or_default();
        let is_web_same = earlier.as_ref().is_some_and(|earlier| earlier.remembered.web == all_web);
        let (web, same_standings) = stood_before(web, earlier.as_ref().filter(|_| is_web_same), &program, &evaluated);
        let asking = Asking {
            settings: self.settings,
            program: &program,
            facts: &facts,
            knowledge,
            web: &web,
            lines: &lines,
            scope: &scope,
            packages: &known_packages,
            manifests: &manifests,
            templates: &templates,
            earlier: earlier.as_ref(),
            evaluated: &evaluated,
            is_web_same,
            remembers: memory.is_some(),
            same_standings,
        };
        let ask = |&id: &ModuleId| {
            let path = program.path(id).unwrap_or_default();
            let mut of_module = asking.of_module(id, tests.holds(path));
            is_done();
            let is_cut_short = cut_short.contains(&id) || unsettled.contains(&id);
            of_module.problems.extend(is_cut_short.then(|| Problem {
                place: whole_file(path),
                message: "the analysis took too many steps and was cut short; findings may be missing".to_owned(),
            }));
            of_module
        };
        let mut of_modules: Vec<OfModule> = ids.par_iter().map(ask).collect();

        problems.extend(outlined(&outlines, &notebooks));
        let settle = |mut found: Vec<Reported>| {
            for one in &mut found {
                notebooks.iter().for_each(|notebook| notebook.settle(one));
            }
            found
        };
        let remembered = of_modules.iter().filter(|of_module| of_module.is_remembered).count();
        let mut answered: Vec<Option<(Answers, Vec<Reported>)>> = Vec::new();
        for of_module in &mut of_modules {
            if trails.is_some() {
                let answers = of_module.answers.take();
                answered.push(answers.map(|answers| (answers, of_module.found.clone())));
            }
            reported.extend(settle(std::mem::take(&mut of_module.found)));
            problems.append(&mut of_module.problems);
            secrets.append(&mut of_module.hidden);
        }
        let mut project = ProjectContext::new(&manifests, &program, &outlines, &known_packages);
        project.paths = sources.sources().iter().map(|source| source.path.as_str()).collect();
        project.templates = &templates;
        rules::check_project(&mut project, self.settings);
        reported.extend(settle(project.into_reported()));
        if self.settings.persona == Persona::Default {
            reported.retain(|one| {
                !tests.explain(&one.finding)
                    && !rules::web::csrf_token_missing::is_explained(&one.finding, &templates, &program)
            });
        }
        problems.extend(known_packages.problems.iter().cloned());
        problems.sort();
        (self.phase)("masking, sorting, silencing");
        let past = self.gone(&secrets);
        secrets.extend(past.iter().map(|secret| secret.hidden()));
        let redactor = Redactor::new(secrets);
        let left = match trails {
            Some(trails) => Leaving {
                key,
                program: &program,
                facts: &facts,
                trails,
                outlines: &outlines,
                seen: &seen,
                answered,
                texts: kept,
                web: &web,
                around,
            }
            .write(&redactor),
            None => earlier.as_ref().zip(memory).and_then(|(earlier, memory)| earlier.stamped(memory, &seen, &kept)),
        };
        for one in &mut reported {
            redactor.clean(&mut one.finding);
        }
        for problem in &mut problems {
            redactor.clean_problem(problem);
        }
        if self.settings.wants(&rules::run::analysis_incomplete::RULE) {
            reported.extend(problems.iter().map(rules::run::analysis_incomplete::finding));
        }
        let suppressions = Suppressions::of(&outlines, comments);
        let silenced = self.silence(reported, past, suppressions, &manifests, &known_packages, &redactor);
        let mut outcome = Outcome {
            findings: silenced.findings,
            suppressed: silenced.suppressed,
            baselined: Vec::new(),
            gone: Vec::new(),
            exceptions_used: Vec::new(),
            problems,
            files: program.len(),
            lines: outlines.iter().map(|outline| outline.lines).sum(),
            texts: texts.len(),
            packages: packages(&manifests),
            unlocked: known_packages.unlocked,
            manifests: manifests.into_iter().map(|file| file.manifest).collect(),
            rounds,
            elsewhere: None,
            redactor,
            remembered,
            memory: left,
        };
        number(&mut outcome);
        outcome.except(self.settings);
        outcome.arrange();
        let is_moved = program.is_moved();
        if self.is_last && !is_moved {
            std::mem::forget((facts, outlines, earlier, of_modules));
            std::mem::forget(program);
        }
        (outcome, is_moved)
    }

    /// What remains of what was found, each place once, and what comments and decisions silence.
    fn silence(
        &self,
        mut reported: Vec<Reported>,
        past: Vec<&PastSecret>,
        mut suppressions: Suppressions,
        manifests: &[ManifestText],
        packages: &Known,
        redactor: &Redactor,
    ) -> Silenced {
        sort(&mut reported);
        rules::secrets::one_finding_each(&mut reported);
        // Several ways to one place are one finding; the first in order tells its way.
        reported.dedup_by(|a, b| {
            let (a, b) = (&a.finding, &b.finding);
            a.rule.id == b.rule.id && a.place == b.place && order::about(a) == order::about(b)
        });
        let mut silenced = Vec::new();
        for secret in past {
            let finding = secret.finding.clone();
            match secret.silence.as_ref().filter(|silence| !self.settings.is_past(silence.until)) {
                Some(silence) => silenced.push((finding, silence.reason.clone())),
                None => reported.push(Reported { finding, lines: NO_LINES }),
            }
        }
        let settled = vex_stale::settle(&mut reported, self.vex);
        if self.advisories.is_some() && self.settings.wants(&vex_stale::RULE) {
            reported.extend(vex_stale::check(self.vex, manifests, packages));
        }
        let (mut findings, mut suppressed) = suppressions.apply(reported, self.settings);
        suppressed.extend(settled);
        suppressed.extend(silenced);
        for (finding, reason) in &mut suppressed {
            redactor.clean_text(&finding.place.path, reason);
        }
        if self.settings.wants(&rules::run::suppression_without_reason::RULE) {
            let mut complaints = suppress::findings(&suppressions, self.settings);
            complaints.iter_mut().for_each(|complaint| redactor.clean(complaint));
            findings.extend(complaints);
        }
        findings.retain(|finding| self.settings.min_confidence.is_none_or(|least| finding.confidence >= least));
        Silenced { findings, suppressed }
    }

    /// The secrets of the past that are not among those of today.
    fn gone(&self, today: &[(String, Hidden)]) -> Vec<&'a PastSecret> {
        if !self.settings.wants(&rules::secrets::secret_in_history::RULE) {
            return Vec::new();
        }
        let today: FxHashSet<&str> = today.iter().flat_map(|(_, hidden)| hidden.values()).collect();
        self.past.iter().filter(|secret| !today.contains(secret.value().expose())).collect()
    }

    /// What the outcome depends on besides the sources.
    fn key(&self, memory: Memory<'_>, sources: &dyn SourceSet) -> Digested {
        // Only texts say something of the day, and are looked at again.
        let settings = format!("{:?}", Settings { today: None, ..self.settings.clone() });
        let named = format!("{:?}", sources.named());
        let has_advisories = [u8::from(self.advisories.is_some())];
        digest([memory.tool.as_bytes(), settings.as_bytes(), named.as_bytes(), &has_advisories])
    }
}

/// Follows the data of a program: goes on from an earlier audit where that is possible, else begins at the start, and
/// then the earlier audit is of no more use.
fn follow<'p>(
    program: &'p Program,
    models: &'p Models,
    options: Options<'_>,
    earlier: Option<Earlier>,
) -> (Solved<'p>, Option<Earlier>) {
    // Most of a resumed run waits for one module after another; others are parsed meanwhile that will be wanted.
    let resumed = earlier.as_ref().and_then(|earlier| {
        let resume = || flow::resume(program, models, options, &earlier.flow, &earlier.changed);
        let parse = || earlier.wanted(program).into_iter().for_each(|id| program.parse(id));
        rayon::join(resume, parse).0
    });
    match resumed {
        Some(resumed) => (resumed, earlier),
        None => (flow::solve(program, models, options), None),
    }
}

/// Routes with how they stood in an earlier audit that knew the same, and whether all of them stand so still, where
/// that is known without asking.
fn stood_before(
    web: WebIndex,
    earlier: Option<&Earlier>,
    program: &Program,
    evaluated: &[ModuleId],
) -> (WebIndex, OnceLock<bool>) {
    let same = OnceLock::new();
    let Some(earlier) = earlier else { return (web, same) };
    let stood = earlier.stood(program, evaluated);
    if !stood.is_empty() && stood.iter().all(Option::is_some) {
        let _ = same.set(true);
    }
    (web.with_standings(stood), same)
}

/// What could not be understood of modules, in notebooks at their cells.
fn outlined(outlines: &[Outline], notebooks: &[Notebook]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for outline in outlines {
        let notebook = notebooks.iter().find(|one| one.path() == outline.path);
        for problem in &outline.problems {
            let mut problem = problem.clone();
            notebook.iter().for_each(|notebook| notebook.settle_place(&mut problem.place));
            problems.push(problem);
        }
    }
    problems
}

/// What is told, and what is not, with the reason.
struct Silenced {
    findings: Vec<Finding>,
    suppressed: Vec<(Finding, String)>,
}

/// The lines of what is in no file: no comment there speaks of it.
const NO_LINES: (u32, u32) = (0, 0);

/// How many different packages the manifests name in one version.
fn packages(manifests: &[ManifestText]) -> usize {
    let named = manifests.iter().flat_map(|file| &file.manifest.dependencies);
    let pinned = named.filter_map(|dependency| Some((&dependency.name, dependency.version.as_ref()?)));
    pinned.collect::<std::collections::BTreeSet<_>>().len()
}

fn sort(reported: &mut [Reported]) {
    reported.sort_by(|a, b| order::by_place(&a.finding, &b.finding));
}

/// Gives every finding its fingerprint.
fn number(outcome: &mut Outcome) {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    let all = outcome.findings.iter_mut().chain(outcome.suppressed.iter_mut().map(|(finding, _)| finding));
    let mut all: Vec<&mut Finding> = all.collect();
    all.sort_by(|a, b| order::by_place(a, b));
    for finding in all {
        let mut hash = Sha256::new();
        let ends =
            [finding.path.first(), finding.path.last()].map(|step| step.map_or("", |step| step.snippet.as_str()));
        // A hole in a package stays the same hole when the line asks for another version that has it.
        let told = match finding.dependency() {
            Some(_) => {
                let (package, advisory) = order::about(finding);
                [finding.rule.id, &finding.place.path, "", package, advisory, ""]
            }
            None => [finding.rule.id, &finding.place.path, &finding.function, &finding.statement, ends[0], ends[1]],
        };
        // SECURITY: of a secret only its kind and name; a digest of the value itself would let weak passwords be guessed.
        let secret = finding.secret().map(|secret| [secret.detector, secret.name.as_str()]);
        for part in told.iter().copied().chain(secret.into_iter().flatten()) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let base: [u8; 32] = hash.clone().finalize().into();
        let occurrence = seen.entry(base).or_default();
        hash.update(occurrence.to_le_bytes());
        *occurrence += 1;
        finding.fingerprint = hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    }
}

/// Line tables of the modules, made when one is first needed.
pub(crate) struct Lines {
    tables: Vec<OnceLock<LineIndex>>,
    none: LineIndex,
}

impl Lines {
    pub(crate) fn new(count: usize) -> Self {
        Self { tables: (0..count).map(|_| OnceLock::new()).collect(), none: LineIndex::new("") }
    }

    pub(crate) fn of(&self, id: ModuleId, module: &Module) -> &LineIndex {
        match self.tables.get(id.0 as usize) {
            Some(table) => table.get_or_init(|| LineIndex::new(&module.text)),
            None => &self.none,
        }
    }
}

/// The place of a stretch of a module.
pub(crate) fn place(path: &str, module: &Module, lines: &LineIndex, span: Span) -> Place {
    let position = |offset| {
        let (line, column) = lines.position(&module.text, offset);
        Position { line, column }
    };
    Place { path: path.to_owned(), start: position(span.start), end: position(span.end) }
}

pub(crate) fn whole_file(path: &str) -> Place {
    let start = Position { line: 1, column: 1 };
    Place { path: path.to_owned(), start, end: start }
}
