//! What the rules say of each module: asked now, or as they said before.

use std::sync::OnceLock;

use casemate_python::flow::Facts;
use casemate_python::names::{ModuleId, Program};

use crate::audit::{Lines, Problem};
use crate::memory::{Answers, Earlier, Kept};
use crate::models::Knowledge;
use crate::redact::Hidden;
use crate::rules::dependencies::known::Known;
use crate::rules::output::templates::Template;
use crate::rules::{self, Context, ManifestText, Reported, WebIndex};
use crate::scope::Scope;
use crate::settings::Settings;
use crate::texts::{MOST_LEAKS, more_leaks};

/// What a module came to.
#[derive(Default)]
pub(crate) struct OfModule {
    pub(crate) found: Vec<Reported>,
    /// Its secrets by path.
    pub(crate) hidden: Vec<(String, Hidden)>,
    /// What was left out.
    pub(crate) problems: Vec<Problem>,
    /// On what the findings rest, if they may be kept.
    pub(crate) answers: Option<Answers>,
    /// Whether an earlier audit had asked.
    pub(crate) is_remembered: bool,
}

/// Everything rules may look at.
pub(crate) struct Asking<'r> {
    pub(crate) settings: &'r Settings,
    pub(crate) program: &'r Program,
    pub(crate) facts: &'r Facts<'r>,
    pub(crate) knowledge: &'r Knowledge,
    pub(crate) web: &'r WebIndex,
    pub(crate) lines: &'r Lines,
    pub(crate) scope: &'r Scope,
    pub(crate) packages: &'r Known,
    pub(crate) manifests: &'r [ManifestText],
    pub(crate) templates: &'r [Template],
    /// An earlier audit of the same files.
    pub(crate) earlier: Option<&'r Earlier>,
    /// The modules whose facts may be others than they were then.
    pub(crate) evaluated: &'r [ModuleId],
    /// Whether all routes are the same, wherever they are written.
    pub(crate) is_web_same: bool,
    /// Whether answers are to be kept for the next audit.
    pub(crate) remembers: bool,
    /// Whether all routes stand as they stood, when somebody has asked.
    pub(crate) same_standings: OnceLock<bool>,
}

impl Asking<'_> {
    /// What the rules say of a module.
    pub(crate) fn of_module(&self, id: ModuleId, is_test: bool) -> OfModule {
        match self.said(id, is_test) {
            Some(found) => OfModule { found, is_remembered: true, ..OfModule::default() },
            None => self.ask(id, is_test),
        }
    }

    /// What they said before, if they would say the same now.
    fn said(&self, id: ModuleId, is_test: bool) -> Option<Vec<Reported>> {
        let earlier = self.earlier?;
        let answers = earlier.answers(id, self.program, self.evaluated, self.web, self.is_web_same)?;
        if answers.is_test != is_test || answers.uses_standings && !self.are_standings_same(earlier) {
            return None;
        }
        Kept::reported_all(&answers.found)
    }

    /// Whether all routes stand as they stood: most edits change nothing about it.
    fn are_standings_same(&self, earlier: &Earlier) -> bool {
        *self.same_standings.get_or_init(|| {
            let home = self.web.first_home();
            let home = home.and_then(|id| self.program.module(id).zip(self.facts.get(id)));
            home.is_some_and(|(module, own)| {
                let (program, facts) = (self.program, self.facts);
                let mut context = Context::new(program, module, own, facts, self.knowledge, self.web, self.lines);
                context.persona = self.settings.persona;
                self.fill(&mut context);
                let before = earlier.remembered.standings.iter().map(|(standing, _)| standing);
                context.standings().iter().eq(before)
            })
        })
    }

    /// Asks every rule, and notes what it looks at.
    fn ask(&self, id: ModuleId, is_test: bool) -> OfModule {
        let (program, facts) = (self.program.watched(), self.facts.watched());
        let Some((module, own)) = program.module(id).zip(facts.get(id)) else { return OfModule::default() };
        let mut context = Context::new(&program, module, own, &facts, self.knowledge, self.web, self.lines);
        context.scope = self.scope;
        // Of notebooks the whole text is searched, outputs and all.
        if !context.is_notebook() {
            rules::secrets::look(&mut context);
        }
        let left_out = more_leaks(&module.path, context.leave_leaks(MOST_LEAKS));
        let problems: Vec<Problem> = left_out.into_iter().collect();
        context.holes_used = self.packages.uses(&context);
        self.fill(&mut context);
        rules::check(&mut context, self.settings, is_test);
        let uses_holes = !context.holes_used.is_empty();
        let (uses_web, uses_standings) = (context.uses_web(), context.uses_standings());
        let (found, hidden) = context.into_parts();
        let is_kept = self.remembers && hidden.is_empty() && !uses_holes && problems.is_empty();
        let answers = is_kept.then(|| Answers {
            sources: program.asked().words(),
            facts: facts.asked().words(),
            words: program.words(),
            uses_web,
            uses_standings,
            web: self.web.digest_of(id),
            is_test,
            found: Vec::new(),
        });
        OfModule { found, hidden, problems, answers, is_remembered: false }
    }

    /// What a context knows besides the program.
    fn fill<'c>(&'c self, context: &mut Context<'c>) {
        (context.scope, context.templates) = (self.scope, self.templates);
        (context.known, context.manifests) = (Some(self.packages), self.manifests);
    }
}
