//! What rules ask of the whole project, found out once: if each module asked all others, time would grow with the square.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use casemate_python::names::Program;
use casemate_python::routes::{Role, Route};
use casemate_python::syntax::Module;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::rule::Rule;
use crate::rules::Context;

/// A question by who asks it and what it is about.
type Question = (&'static str, String);

/// An answer, and the program with notes of what was looked at for it.
#[derive(Clone)]
struct Answer {
    is_so: bool,
    seen: Arc<Program>,
}

/// The answers so far, each made when it is first asked for.
#[derive(Default)]
pub(super) struct Whole {
    /// The last names of the modules.
    modules: OnceLock<FxHashSet<String>>,
    /// The names in what routes declare as their body or form.
    bodies: OnceLock<FxHashSet<String>>,
    answers: RwLock<FxHashMap<Question, Answer>>,
}

impl Context<'_> {
    /// Whether any module of the project imports one of these libraries.
    pub(crate) fn project_imports(&self, libraries: &[&str]) -> bool {
        libraries.iter().any(|&library| {
            self.any("imports", library, &[library], |module| {
                let mut imports = module.imports.iter().filter(|import| import.level == 0);
                imports.any(|import| part(import.module.split('.')) == library)
            })
        })
    }

    /// Whether a module or package of the project has this name.
    pub(crate) fn is_own_module(&self, name: &str) -> bool {
        let modules = self.whole().modules.get_or_init(|| {
            let stem = |path: &str| {
                let stem = path.strip_suffix(".py").unwrap_or(path);
                part(stem.strip_suffix("/__init__").unwrap_or(stem).rsplit('/')).to_owned()
            };
            self.program.ids().filter_map(|id| self.program.path(id)).map(stem).collect()
        });
        modules.contains(name)
    }

    /// Whether a class of the project is made of one of this name.
    pub(crate) fn is_base(&self, name: &str) -> bool {
        self.any("bases", name, &[name], |module| {
            module.classes.iter().any(|class| {
                let Some(around) = module.function(class.parent) else { return false };
                let mut bases = class.bases.iter();
                bases.any(|&base| part(module.slice(around.span_of(base)).rsplit('.')) == name)
            })
        })
    }

    /// Whether a route of the project declares its body or form by this name.
    pub(crate) fn is_body(&self, name: &str) -> bool {
        let all = self.all_routes();
        self.whole().bodies.get_or_init(|| bodies(all)).contains(name)
    }

    /// Whether any module of the project has what a rule looks for; asked once for each rule. Only modules in whose
    /// text one of the words stands can have it.
    pub(crate) fn any_module(&self, rule: &'static Rule, words: &[&str], has: impl Fn(&Module) -> bool) -> bool {
        self.any(rule.id, "", words, has)
    }

    fn any(&self, who: &'static str, about: &str, words: &[&str], has: impl Fn(&Module) -> bool) -> bool {
        let answers = &self.whole().answers;
        let question = (who, about.to_owned());
        let known = answers.read().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        let answer = known.unwrap_or_else(|| {
            let searched = self.program.watched();
            let found = searched.mentioning(words).find(|(_, module)| has(module)).map(|(id, _)| id);
            // What has been found depends on where it is alone; that there is nothing depends on all modules.
            let seen = match found {
                Some(id) => {
                    let seen = self.program.watched();
                    seen.asked().add(id);
                    seen
                }
                None => searched,
            };
            let answer = Answer { is_so: found.is_some(), seen: Arc::new(seen) };
            answers.write().unwrap_or_else(PoisonError::into_inner).insert(question, answer.clone());
            answer
        });
        // Whoever relies on the answer has looked at what it was found in.
        self.program.note_all(&answer.seen);
        answer.is_so
    }
}

/// The first of some parts.
fn part<'t>(mut parts: impl Iterator<Item = &'t str>) -> &'t str {
    parts.next().unwrap_or_default()
}

fn bodies(routes: &[Route]) -> FxHashSet<String> {
    let inputs = routes.iter().flat_map(|route| &route.inputs);
    inputs
        .filter(|input| matches!(input.role, Role::Body | Role::Form))
        .flat_map(|input| input.annotation.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .map(str::to_owned)
        .collect()
}
