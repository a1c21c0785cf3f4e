//! Everything that is audited and is not Python: read, looked at, and what it declares joined.

use std::collections::HashSet;

use casemate_packages::manifest::{self, Manifest, ManifestKind, ManifestProblem};
use casemate_packages::project;
use casemate_python::names::Program;
use casemate_python::syntax::{self, LineIndex};
use casemate_secrets::Format;
use rayon::prelude::*;

use crate::audit::{Audit, Problem, Source, SourceSet, whole_file};
use crate::finding::{Place, Position};
use crate::memory::{Digested, Earlier, Kept, OfText, Seen, Told, digest};
use crate::notebook::Notebook;
use crate::reading::{Met, meet};
use crate::redact::{Hidden, Redactor};
use crate::rules::dependencies::setup_py;
use crate::rules::output::templates::Template;
use crate::rules::{self, ManifestText, Reported, TextContext};
use crate::scope::Scope;
use crate::suppress::{self, Suppression};

/// Secrets of one file that are told one by one. A file with more of them is data, and the rest is counted.
pub(super) const MOST_LEAKS: usize = 1000;

/// Says that there are more secrets than are told.
pub(super) fn more_leaks(path: &str, count: usize) -> Option<Problem> {
    (count > 0).then(|| Problem {
        place: whole_file(path),
        message: format!("{count} more secrets of this file are not told one by one"),
    })
}

/// A text that is not Python, looked at.
#[derive(Default)]
struct Looked {
    pub(super) reported: Vec<Reported>,
    pub(super) secrets: Hidden,
    pub(super) manifest: Option<ManifestText>,
    pub(super) problems: Vec<Problem>,
    pub(super) comments: Vec<Suppression>,
    pub(super) template: Option<Template>,
    pub(super) seen: Seen,
    /// Whether it is true only today.
    pub(super) is_of_today: bool,
}

impl Looked {
    /// What is kept of it: nothing of what others look at again, and no secret.
    pub(super) fn kept(&self, path: &str) -> OfText {
        let is_plain =
            self.secrets.is_empty() && self.manifest.is_none() && self.template.is_none() && !self.is_of_today;
        // Secrets of other files are looked for when all are known.
        let found = if is_plain { Kept::of_all(&self.reported, &Redactor::default()) } else { None };
        let told = found.map(|found| Told { found, comments: self.comments.clone(), problems: self.problems.clone() });
        OfText { path: path.to_owned(), seen: self.seen, told }
    }

    /// What an earlier audit found in the same text.
    pub(super) fn again(told: &Told) -> Option<Self> {
        let reported = Kept::reported_all(&told.found)?;
        let (comments, problems) = (told.comments.clone(), told.problems.clone());
        Some(Self { reported, comments, problems, ..Self::default() })
    }
}

/// What everything that is not Python came to.
#[derive(Default)]
pub(super) struct OfTexts {
    pub(super) reported: Vec<Reported>,
    /// Secrets by path.
    pub(super) secrets: Vec<(String, Hidden)>,
    pub(super) manifests: Vec<ManifestText>,
    /// By path.
    pub(super) templates: Vec<Template>,
    pub(super) comments: Vec<Suppression>,
    pub(super) problems: Vec<Problem>,
    /// What is to be kept of each text.
    pub(super) kept: Vec<OfText>,
}

impl Audit<'_> {
    /// Looks at all texts and at what installed packages say of themselves. `is_done` is told of each.
    pub(super) fn look_at_all(
        &self,
        texts: &[&Source],
        installed: &[&Source],
        sources: &dyn SourceSet,
        (scope, earlier, remembers): (&Scope, Option<&Earlier>, bool),
        is_done: &(dyn Fn() + Sync),
    ) -> OfTexts {
        let looked = texts.par_iter().map(|source| {
            let looked = self.look_again(source, sources, scope, earlier, remembers);
            is_done();
            looked
        });
        let looked: Vec<Looked> = looked.collect();
        let mut all = OfTexts::default();
        for (source, looked) in texts.iter().zip(looked) {
            if remembers {
                all.kept.push(looked.kept(&source.path));
            }
            all.comments.extend(looked.comments);
            all.reported.extend(looked.reported);
            all.manifests.extend(looked.manifest);
            all.templates.extend(looked.template);
            all.problems.extend(looked.problems);
            if !looked.secrets.is_empty() {
                all.secrets.push((source.path.clone(), looked.secrets));
            }
        }
        all.templates.sort_by(|a, b| a.path.cmp(&b.path));
        let described = installed.par_iter().map(|source| {
            let described = self.describe(source, sources);
            is_done();
            described
        });
        for one in described.collect::<Vec<_>>() {
            match one {
                Ok(manifest) => all.manifests.push(manifest),
                Err(problem) => all.problems.push(problem),
            }
        }
        all
    }

    /// Adds what `setup.py` declares and what manifests include, and tells what could not be understood of them all.
    pub(super) fn complete(
        &self,
        manifests: &mut Vec<ManifestText>,
        program: &Program,
        sources: &dyn SourceSet,
    ) -> Vec<Problem> {
        let setups = program.ids().filter(|&id| program.path(id).is_some_and(|path| path.ends_with("setup.py")));
        let setups = setups.filter_map(|id| program.module(id));
        manifests.extend(setups.filter_map(|module| setup_py::manifest(module, &self.settings.target)));
        self.join(manifests, sources);
        let mut problems = Vec::new();
        for file in manifests {
            for problem in &file.manifest.problems {
                let place = text_place(&file.manifest.path, &file.text, &file.lines, &problem.span);
                problems.push(Problem { place, message: problem.message.clone() });
            }
        }
        problems
    }

    /// The notebooks among the texts, and those whose cells cannot be had.
    pub(super) fn notebooks(&self, texts: &[&Source], sources: &dyn SourceSet) -> (Vec<Notebook>, Vec<Problem>) {
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

    /// Looks at one text that is not Python, if it is not one that an earlier audit has looked at.
    fn look_again(
        &self,
        source: &Source,
        sources: &dyn SourceSet,
        scope: &Scope,
        earlier: Option<&Earlier>,
        is_kept: bool,
    ) -> Looked {
        let known = earlier.and_then(|earlier| earlier.text(&source.path));
        let known = known.and_then(|known| Some(Looked { seen: known.seen, ..Looked::again(known.told.as_ref()?)? }));
        let (bytes, seen) = match meet(source, sources, known.as_ref().map(|known| &known.seen), is_kept) {
            Ok(Met::Still(..)) => return known.unwrap_or_default(),
            Ok(Met::Read(bytes, seen)) => (bytes, seen),
            Err(message) => {
                let message = format!("could not be read, so it was not looked at: {message}");
                let problems = vec![Problem { place: whole_file(&source.path), message }];
                return Looked { problems, ..Looked::default() };
            }
        };
        let known = known.filter(|known| known.seen.text == seen.text);
        Looked { seen, ..known.unwrap_or_else(|| self.look_at(source, &bytes, scope)) }
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
        let is_of_today = context.uses_today();
        let (reported, mut problems) = context.into_parts();
        problems.extend(more_leaks(&source.path, leaks.len() - told.len()));
        let secrets = Hidden::of(&text, &leaks);
        let comments = suppress::in_text(&source.path, Format::of(&source.path), &text);
        let template = Template::new(&source.path, &text);
        let manifest = kind.map(|kind| manifest::read_for(&source.path, kind, &text, &self.settings.target));
        let manifest = manifest.map(|manifest| ManifestText { manifest, text, lines });
        problems.extend(broken.map(problem).into_iter().flatten());
        Looked { reported, secrets, manifest, problems, comments, template, is_of_today, ..Looked::default() }
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
pub(super) fn around(manifests: &[ManifestText], templates: &[Template]) -> Digested {
    let manifests = manifests.iter().map(|file| format!("{:?}", file.manifest));
    let templates = templates.iter().map(|template| format!("{}\n{}", template.path, template.text));
    let all: Vec<String> = manifests.chain(templates).collect();
    digest(all.iter().map(String::as_bytes))
}

/// The place of a stretch of a text that is not Python.
fn text_place(path: &str, text: &str, lines: &LineIndex, span: &std::ops::Range<usize>) -> Place {
    let position = |offset: usize| {
        let (line, column) = lines.position(text, u32::try_from(offset).unwrap_or(u32::MAX));
        Position { line, column }
    };
    Place { path: path.to_owned(), start: position(span.start), end: position(span.end) }
}
