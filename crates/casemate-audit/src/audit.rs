//! One audit: sources in, findings out.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use casemate_packages::advisories::Advisories;
use casemate_packages::manifest::{self, Manifest, ManifestKind, ManifestProblem};
use casemate_packages::project;
use casemate_python::flow::{self, Options, Solved};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{self, LineIndex, Module, Span};
use casemate_secrets::Format;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::baseline::Entry;
use crate::changes::Elsewhere;
use crate::finding::{Finding, Place, Position};
use crate::memory::{self, Answers, Digested, Earlier, Kept, Memory, OfText, Remembered, Told, digest};
use crate::models;
use crate::notebook::Notebook;
use crate::order;
use crate::outline::Outline;
use crate::past::PastSecret;
use crate::reading::{self, on_threads};
use crate::redact::{Hidden, Redactor};
use crate::rule::Persona;
use crate::rules::dependencies::known::Known;
use crate::rules::dependencies::setup_py;
use crate::rules::dependencies::vex_stale::{self, VexDocument};
use crate::rules::output::templates::Template;
use crate::rules::test_code::TestCode;
use crate::rules::{self, Context, ManifestText, ProjectContext, Reported, TextContext, WebIndex};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::suppress::{self, Suppression, Suppressions};

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
}

/// What a module came to.
#[derive(Default)]
struct OfModule {
    found: Vec<Reported>,
    /// Its secrets by path.
    hidden: Vec<(String, Hidden)>,
    /// What was left out.
    problems: Vec<Problem>,
    /// On what the findings rest, if they may be kept.
    answers: Option<Answers>,
    /// Whether an earlier audit had asked.
    is_remembered: bool,
}

/// Secrets of one file that are told one by one. A file with more of them is data, and the rest is counted.
const MOST_LEAKS: usize = 1000;

/// Says that there are more secrets than are told.
fn more_leaks(path: &str, count: usize) -> Option<Problem> {
    (count > 0).then(|| Problem {
        place: whole_file(path),
        message: format!("{count} more secrets of this file are not told one by one"),
    })
}

/// A text that is not Python, looked at.
#[derive(Default)]
struct Looked {
    reported: Vec<Reported>,
    secrets: Hidden,
    manifest: Option<ManifestText>,
    problems: Vec<Problem>,
    comments: Vec<Suppression>,
    template: Option<Template>,
    digest: Digested,
}

impl Looked {
    /// What is kept of it: nothing of what others look at again, and no secret.
    fn kept(&self, path: &str) -> OfText {
        let is_plain = self.secrets.is_empty() && self.manifest.is_none() && self.template.is_none();
        // Secrets of other files are looked for when all are known.
        let found = if is_plain { Kept::of_all(&self.reported, &Redactor::default()) } else { None };
        let told = found.map(|found| Told { found, comments: self.comments.clone(), problems: self.problems.clone() });
        OfText { path: path.to_owned(), text: self.digest, told }
    }

    /// What an earlier audit found in the same text.
    fn again(told: &Told) -> Option<Self> {
        let reported = Kept::reported_all(&told.found)?;
        let (comments, problems) = (told.comments.clone(), told.problems.clone());
        Some(Self { reported, comments, problems, ..Self::default() })
    }
}

impl<'a> Audit<'a> {
    /// An audit that tells nobody how far it is and knows no advisories.
    pub fn new(settings: &'a Settings) -> Self {
        Self { settings, progress: &|_| {}, phase: &|_| {}, advisories: None, vex: &[], past: &[], memory: None }
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
        (self.phase)("reading and parsing Python");
        let scope = Scope::of(sources.named());
        let mut problems = Vec::new();
        let of_kind = |kind| sources.sources().iter().filter(move |source| source.kind == kind);
        let python: Vec<&Source> = of_kind(SourceKind::Python).collect();
        let texts: Vec<&Source> = of_kind(SourceKind::Text).collect();
        let installed: Vec<&Source> = of_kind(SourceKind::Installed).collect();
        let (mut read, unread) = reading::sources(&python, sources, "analysed");
        problems.extend(unread);
        read.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (notebooks, unread) = self.notebooks(&texts, sources);
        problems.extend(unread);
        // Cells stand in another text than the one they are told of, and installed packages in none.
        let memory = self.memory.filter(|_| notebooks.is_empty() && installed.is_empty());
        let digests: Vec<Digested> = match memory {
            Some(_) => read.par_iter().map(|(_, text)| digest([text.as_slice()])).collect(),
            None => Vec::new(),
        };
        let program = Program::lazily(read, notebooks.par_iter().map(Notebook::module).collect());
        let key = memory.map(|memory| self.key(memory, sources)).unwrap_or_default();
        let mut earlier = memory.and_then(|memory| Earlier::of(memory, key, &program, &digests));
        let ids: Vec<ModuleId> = program.ids().collect();
        if earlier.is_none() {
            ids.par_iter().for_each(|&id| {
                program.module(id);
            });
        }
        (self.phase)("linking modules");
        let lines = Lines::new(program.len());
        let outlines: Vec<Outline> = ids
            .par_iter()
            .map(|&id| match earlier.as_ref().and_then(|earlier| earlier.outline(id)) {
                Some(known) => known.clone(),
                None => Outline::of(&program, &scope, id, &lines),
            })
            .collect();
        let own;
        let knowledge = if self.settings.models.is_empty() {
            if program.is_empty() { models::none() } else { models::builtin() }
        } else {
            match models::with(&self.settings.models) {
                Ok(knowledge) => {
                    own = knowledge;
                    &own
                }
                Err(message) => {
                    let message = format!("the pack of models was not used: {message}");
                    problems.push(Problem { place: whole_file(""), message });
                    models::builtin()
                }
            }
        };
        let models = &knowledge.models;
        (self.phase)("reading other texts");
        let done = AtomicUsize::new(0);
        let mut secrets: Vec<(String, Hidden)> = Vec::new();
        let mut manifests = Vec::new();
        let mut reported: Vec<Reported> = Vec::new();
        let looked: Vec<Looked> = texts
            .par_iter()
            .map(|source| {
                let looked = self.look_again(source, sources, &scope, earlier.as_ref(), memory.is_some());
                (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
                looked
            })
            .collect();
        let mut comments = Vec::new();
        let mut templates: Vec<Template> = Vec::new();
        let mut kept_texts: Vec<OfText> = Vec::new();
        for (source, looked) in texts.iter().zip(looked) {
            if memory.is_some() {
                kept_texts.push(looked.kept(&source.path));
            }
            comments.extend(looked.comments);
            reported.extend(looked.reported);
            manifests.extend(looked.manifest);
            templates.extend(looked.template);
            problems.extend(looked.problems);
            if !looked.secrets.is_empty() {
                secrets.push((source.path.clone(), looked.secrets));
            }
        }
        let described: Vec<Result<ManifestText, Problem>> = installed
            .par_iter()
            .map(|source| {
                let described = self.describe(source, sources);
                (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
                described
            })
            .collect();
        for one in described {
            match one {
                Ok(manifest) => manifests.push(manifest),
                Err(problem) => problems.push(problem),
            }
        }
        let setups = ids.iter().filter(|&&id| program.path(id).is_some_and(|path| path.ends_with("setup.py")));
        let setups = setups.filter_map(|&id| program.module(id));
        manifests.extend(setups.filter_map(|module| setup_py::manifest(module, &self.settings.target)));
        templates.sort_by(|a, b| a.path.cmp(&b.path));
        self.join(&mut manifests, sources);
        for file in &manifests {
            for problem in &file.manifest.problems {
                let place = text_place(&file.manifest.path, &file.text, &file.lines, &problem.span);
                problems.push(Problem { place, message: problem.message.clone() });
            }
        }
        (self.phase)("looking packages up");
        let known_packages = Known::look_up(&manifests, self.advisories);
        let around = memory.map(|_| around(&manifests, &templates)).unwrap_or_default();
        let has_tenants = outlines.iter().any(|outline| outline.has_tenants);
        earlier = earlier
            .filter(|earlier| earlier.remembered.around == around && earlier.remembered.has_tenants == has_tenants);
        (self.phase)("following data");
        // What tests do is told to the pedantic alone, so for others their data need not be followed.
        let tests = match self.settings.persona {
            Persona::Default => TestCode::of(&outlines, &scope),
            _ => TestCode::default(),
        };
        let now_imported = earlier.as_ref().map(|earlier| earlier.flow.imported(&program, &earlier.changed));
        let idle = tests.idle(&outlines, now_imported.as_deref().unwrap_or_else(|| program.imported()));
        let options = Options { library: self.settings.library, idle: &idle, remembers: memory.is_some() };
        let resumed = earlier
            .as_ref()
            .and_then(|earlier| flow::resume(&program, models, options, &earlier.flow, &earlier.changed));
        if resumed.is_none() {
            earlier = None;
        }
        let solved = resumed.unwrap_or_else(|| flow::solve(&program, models, options));
        let Solved { modules: facts, web, unsettled, cut_short, evaluated, rounds, trails, .. } = solved;
        let web = WebIndex::new(web).with_tenants(has_tenants);
        (self.phase)("asking the rules");
        let all_web = memory.map(|_| web.digest()).unwrap_or_default();
        let is_web_same = earlier.as_ref().is_some_and(|earlier| earlier.remembered.web == all_web);
        let mut of_modules: Vec<OfModule> = ids
            .par_iter()
            .map(|&id| {
                let is_test = program.path(id).is_some_and(|path| tests.holds(path));
                let known = earlier.as_ref().and_then(|earlier| {
                    let answers = earlier.answers(id, &program, &evaluated, &web, is_web_same)?;
                    Kept::reported_all(&answers.found).filter(|_| answers.is_test == is_test)
                });
                let mut of_module = match known {
                    Some(found) => OfModule { found, is_remembered: true, ..OfModule::default() },
                    None => {
                        let (program, facts) = (program.watched(), facts.watched());
                        let known = program.module(id).zip(facts.get(id));
                        known.map_or_else(OfModule::default, |(module, own)| {
                            let mut context = Context::new(&program, module, own, &facts, knowledge, &web, &lines);
                            context.scope = &scope;
                            // Of notebooks the whole text is searched, outputs and all.
                            if !context.is_notebook() {
                                rules::secrets::look(&mut context);
                            }
                            let mut problems = Vec::new();
                            problems.extend(more_leaks(&module.path, context.leave_leaks(MOST_LEAKS)));
                            context.holes_used = known_packages.uses(&context);
                            (context.known, context.manifests) = (Some(&known_packages), &manifests);
                            context.templates = &templates;
                            rules::check(&mut context, self.settings, is_test);
                            let (uses_web, uses_holes) = (context.uses_web(), !context.holes_used.is_empty());
                            let (found, hidden) = context.into_parts();
                            let is_kept = memory.is_some() && hidden.is_empty() && !uses_holes && problems.is_empty();
                            let answers = is_kept.then(|| Answers {
                                sources: program.asked().words(),
                                facts: facts.asked().words(),
                                words: program.words(),
                                uses_web,
                                web: web.digest_of(id),
                                is_test,
                                found: Vec::new(),
                            });
                            OfModule { found, hidden, problems, answers, is_remembered: false }
                        })
                    }
                };
                (self.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
                let is_cut_short = cut_short.contains(&id) || unsettled.contains(&id);
                of_module.problems.extend(is_cut_short.then(|| Problem {
                    place: whole_file(program.path(id).unwrap_or_default()),
                    message: "the analysis took too many steps and was cut short; findings may be missing".to_owned(),
                }));
                of_module
            })
            .collect();

        for outline in &outlines {
            let notebook = notebooks.iter().find(|one| one.path() == outline.path);
            for problem in &outline.problems {
                let mut problem = problem.clone();
                notebook.iter().for_each(|notebook| notebook.settle_place(&mut problem.place));
                problems.push(problem);
            }
        }
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
        let left = trails.and_then(|trails| {
            let flow = facts.left(&program, &trails, &|path, bytes| redactor.shows(path, bytes))?;
            let modules = outlines.iter().zip(&digests).zip(answered).map(|((outline, &text), answered)| {
                let answers = answered
                    .and_then(|(answers, found)| Some(Answers { found: Kept::of_all(&found, &redactor)?, ..answers }));
                memory::OfModule { text, outline: outline.kept(&redactor), answers }
            });
            let (modules, texts) =
                (modules.collect(), kept_texts.into_iter().map(|text| text.masked(&redactor)).collect());
            Remembered { key, modules, texts, web: all_web, around, has_tenants }.write(&flow)
        });
        for one in &mut reported {
            redactor.clean(&mut one.finding);
        }
        for problem in &mut problems {
            redactor.clean_problem(problem);
        }
        if self.settings.wants(&rules::run::analysis_incomplete::RULE) {
            reported.extend(problems.iter().map(rules::run::analysis_incomplete::finding));
        }
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
        let mut suppressions = Suppressions::of(&outlines, comments);
        let settled = vex_stale::settle(&mut reported, self.vex);
        if self.advisories.is_some() && self.settings.wants(&vex_stale::RULE) {
            reported.extend(vex_stale::check(self.vex, &manifests, &known_packages));
        }
        let (kept, mut suppressed) = suppressions.apply(reported, self.settings);
        suppressed.extend(settled);
        suppressed.extend(silenced);
        for (finding, reason) in &mut suppressed {
            redactor.clean_text(&finding.place.path, reason);
        }
        let mut outcome = Outcome {
            findings: kept,
            suppressed,
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
        if self.settings.wants(&rules::run::suppression_without_reason::RULE) {
            let mut complaints = suppress::findings(&suppressions, self.settings);
            complaints.iter_mut().for_each(|complaint| outcome.redactor.clean(complaint));
            outcome.findings.extend(complaints);
        }
        outcome.findings.retain(|finding| self.settings.min_confidence.is_none_or(|least| finding.confidence >= least));
        number(&mut outcome);
        outcome.except(self.settings);
        outcome.arrange();
        outcome
    }

    /// The notebooks among the texts, and those whose cells cannot be had.
    fn notebooks(&self, texts: &[&Source], sources: &dyn SourceSet) -> (Vec<Notebook>, Vec<Problem>) {
        let named = texts.par_iter().filter(|source| Format::of(&source.path) == Format::Notebook);
        let read: Vec<Result<Notebook, Problem>> = named
            .filter_map(|source| {
                // One that cannot be read is told where its text is looked at.
                let text = syntax::text(&sources.read(source).ok()?);
                let unread = |message| Problem { place: whole_file(&source.path), message };
                Notebook::read(&source.path, &text).map_err(unread).transpose()
            })
            .collect();
        let (mut notebooks, mut problems) = (Vec::new(), Vec::new());
        for one in read {
            match one {
                Ok(notebook) => notebooks.push(notebook),
                Err(problem) => problems.push(problem),
            }
        }
        (notebooks, problems)
    }

    /// The secrets of the past that are not among those of today.
    fn gone(&self, today: &[(String, Hidden)]) -> Vec<&'a PastSecret> {
        if !self.settings.wants(&rules::secrets::secret_in_history::RULE) {
            return Vec::new();
        }
        let today: FxHashSet<&str> = today.iter().flat_map(|(_, hidden)| hidden.values()).collect();
        self.past.iter().filter(|secret| !today.contains(secret.value().expose())).collect()
    }

    /// Looks at a file that is not text: at its name, and at how it begins.
    fn look_at_store(&self, source: &Source, bytes: &[u8], scope: &Scope) -> Looked {
        let rule = &rules::configuration::env_file_committed::RULE;
        if !rules::configuration::env_file_committed::is_of_interest(&source.path) || !self.settings.wants(rule) {
            return Looked::default();
        }
        let beginning = bytes.get(..bytes.len().min(1 << 20)).unwrap_or_default();
        let text = String::from_utf8_lossy(beginning);
        let lines = LineIndex::new(&text);
        let mut context = TextContext::new(&source.path, &text, &[], &lines);
        context.scope = scope;
        rules::configuration::env_file_committed::check(&mut context);
        Looked { reported: context.into_parts().0, ..Looked::default() }
    }

    /// What the outcome depends on besides the sources.
    fn key(&self, memory: Memory<'_>, sources: &dyn SourceSet) -> Digested {
        let settings = format!("{:?}", self.settings);
        let named = format!("{:?}", sources.named());
        let has_advisories = [u8::from(self.advisories.is_some())];
        digest([memory.tool.as_bytes(), settings.as_bytes(), named.as_bytes(), &has_advisories])
    }

    /// Looks at one text that is not Python, if it is not one that an earlier audit has looked at.
    fn look_again(
        &self,
        source: &Source,
        sources: &dyn SourceSet,
        scope: &Scope,
        earlier: Option<&Earlier>,
        is_kept: bool,
    ) -> Looked {
        let bytes = match sources.read(source) {
            Ok(bytes) => bytes,
            Err(message) => {
                let message = format!("could not be read, so it was not looked at: {message}");
                let problems = vec![Problem { place: whole_file(&source.path), message }];
                return Looked { problems, ..Looked::default() };
            }
        };
        let digest = if is_kept { digest([bytes.as_slice()]) } else { Digested::default() };
        let known = earlier.and_then(|earlier| Looked::again(earlier.told(&source.path, &digest)?));
        Looked { digest, ..known.unwrap_or_else(|| self.look_at(source, &bytes, scope)) }
    }

    /// Looks at one text that is not Python.
    fn look_at(&self, source: &Source, bytes: &[u8], scope: &Scope) -> Looked {
        let problem = |message| vec![Problem { place: whole_file(&source.path), message }];
        let kind = manifest::kind_of(&source.path);
        let (text, broken) = match kind {
            Some(_) => manifest::decode(bytes),
            // Not text; what it holds is not ours to read, but some files should not be here at all.
            None if bytes.contains(&0) => return self.look_at_store(source, bytes, scope),
            None => (syntax::text(bytes), None),
        };
        let lines = LineIndex::new(&text);
        let leaks = casemate_secrets::scan(scope.within(&source.path), &text);
        let told = leaks.get(..MOST_LEAKS).unwrap_or(&leaks);
        let mut context = TextContext::new(&source.path, &text, told, &lines);
        context.scope = scope;
        rules::check_text(&mut context, self.settings);
        let (reported, mut problems) = context.into_parts();
        problems.extend(more_leaks(&source.path, leaks.len() - told.len()));
        let secrets = Hidden::of(&text, &leaks);
        let comments = suppress::in_text(&source.path, Format::of(&source.path), &text);
        let template = Template::new(&source.path, &text);
        let manifest = kind.map(|kind| manifest::read_for(&source.path, kind, &text, &self.settings.target));
        let manifest = manifest.map(|manifest| ManifestText { manifest, text, lines });
        problems.extend(broken.map(problem).into_iter().flatten());
        Looked { reported, secrets, manifest, problems, comments, template, ..Looked::default() }
    }

    /// Reads what an installed package says of itself. Not looked through for secrets: nobody can mend it there.
    fn describe(&self, source: &Source, sources: &dyn SourceSet) -> Result<ManifestText, Problem> {
        let problem = |message| Problem { place: whole_file(&source.path), message };
        let bytes = sources.read(source);
        let bytes =
            bytes.map_err(|why| problem(format!("could not be read, so the package was not checked: {why}")))?;
        let (text, broken) = manifest::decode(&bytes);
        let mut manifest = manifest::read_for(&source.path, ManifestKind::Installed, &text, &self.settings.target);
        // Whose name and version were read needs no more of the file.
        if manifest.dependencies.iter().all(|one| one.version.is_none()) {
            manifest.problems.extend(broken.map(|message| ManifestProblem { span: 0..0, message }));
        }
        let lines = LineIndex::new(&text);
        Ok(ManifestText { manifest, text, lines })
    }

    /// Reads what manifests include, whatever it is called, tells what is not there, and takes them all together.
    fn join(&self, manifests: &mut Vec<ManifestText>, sources: &dyn SourceSet) {
        let mut known: HashSet<String> = manifests.iter().map(|file| file.manifest.path.clone()).collect();
        let mut at = 0;
        while let Some(file) = manifests.get_mut(at) {
            at += 1;
            let mut found = Vec::new();
            for include in &file.manifest.includes {
                if known.contains(&include.path) {
                    continue;
                }
                let source = sources.sources().iter().find(|source| source.path == include.path);
                match source.map(|source| sources.read(source)) {
                    Some(Ok(bytes)) => {
                        known.insert(include.path.clone());
                        let (text, broken) = manifest::decode(&bytes);
                        let mut manifest =
                            manifest::read_for(&include.path, ManifestKind::Requirements, &text, &self.settings.target);
                        manifest.problems.extend(broken.map(|message| ManifestProblem { span: 0..0, message }));
                        let lines = LineIndex::new(&text);
                        found.push(ManifestText { manifest, text, lines });
                    }
                    // What could not be read has been told where it stands.
                    Some(Err(_)) => {}
                    None => file.manifest.problems.push(project::missing(include)),
                }
            }
            manifests.extend(found);
        }
        manifests.sort_by(|a, b| a.manifest.path.cmp(&b.manifest.path));
        let mut all: Vec<&mut Manifest> = manifests.iter_mut().map(|file| &mut file.manifest).collect();
        project::join(&mut all);
    }
}

/// A digest of what any rule may look at besides the modules.
fn around(manifests: &[ManifestText], templates: &[Template]) -> Digested {
    let manifests = manifests.iter().map(|file| format!("{:?}", file.manifest));
    let templates = templates.iter().map(|template| format!("{}\n{}", template.path, template.text));
    let all: Vec<String> = manifests.chain(templates).collect();
    digest(all.iter().map(String::as_bytes))
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

/// The place of a stretch of a text that is not Python.
fn text_place(path: &str, text: &str, lines: &LineIndex, span: &std::ops::Range<usize>) -> Place {
    let position = |offset: usize| {
        let (line, column) = lines.position(text, u32::try_from(offset).unwrap_or(u32::MAX));
        Position { line, column }
    };
    Place { path: path.to_owned(), start: position(span.start), end: position(span.end) }
}

pub(crate) fn whole_file(path: &str) -> Place {
    let start = Position { line: 1, column: 1 };
    Place { path: path.to_owned(), start, end: start }
}
