//! What rules ask of the whole project, found out once: if each module asked all others, time would grow with the square.

use std::sync::{OnceLock, PoisonError, RwLock};

use casemate_python::routes::{Role, Route};
use casemate_python::syntax::Module;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::rule::Rule;
use crate::rules::Context;

/// The answers so far, each made when it is first asked for.
#[derive(Default)]
pub(super) struct Whole {
    /// The first names of what absolute imports name: `django` of `django.db`.
    imported: OnceLock<FxHashSet<String>>,
    /// The last names of the modules.
    modules: OnceLock<FxHashSet<String>>,
    /// The last names of the classes that others are made of.
    bases: OnceLock<FxHashSet<String>>,
    /// The names in what routes declare as their body or form.
    bodies: OnceLock<FxHashSet<String>>,
    /// Whether any module has what a rule looks for.
    answers: RwLock<FxHashMap<&'static str, bool>>,
}

impl Context<'_> {
    /// Whether any module of the project imports one of these libraries.
    pub(crate) fn project_imports(&self, libraries: &[&str]) -> bool {
        let imported = self.whole().imported.get_or_init(|| {
            let imports = self.program.modules.iter().flat_map(|module| &module.imports);
            imports.filter(|import| import.level == 0).map(|import| part(import.module.split('.'))).collect()
        });
        libraries.iter().any(|library| imported.contains(*library))
    }

    /// Whether a module or package of the project has this name.
    pub(crate) fn is_own_module(&self, name: &str) -> bool {
        let modules = self.whole().modules.get_or_init(|| {
            let stem = |path: &str| {
                let stem = path.strip_suffix(".py").unwrap_or(path);
                part(stem.strip_suffix("/__init__").unwrap_or(stem).rsplit('/'))
            };
            self.program.modules.iter().map(|module| stem(&module.path)).collect()
        });
        modules.contains(name)
    }

    /// Whether a class of the project is made of one of this name.
    pub(crate) fn is_base(&self, name: &str) -> bool {
        let bases = self.whole().bases.get_or_init(|| {
            let mut bases = FxHashSet::default();
            for module in &self.program.modules {
                for class in &module.classes {
                    let Some(around) = module.function(class.parent) else { continue };
                    bases.extend(class.bases.iter().map(|&base| part(module.slice(around.span_of(base)).rsplit('.'))));
                }
            }
            bases
        });
        bases.contains(name)
    }

    /// Whether a route of the project declares its body or form by this name.
    pub(crate) fn is_body(&self, name: &str) -> bool {
        let bodies = self.whole().bodies.get_or_init(|| bodies(self.all_routes()));
        bodies.contains(name)
    }

    /// Whether any module of the project has what a rule looks for; asked once for each rule.
    pub(crate) fn any_module(&self, rule: &'static Rule, has: impl Fn(&Module) -> bool) -> bool {
        let answers = &self.whole().answers;
        if let Some(&known) = answers.read().unwrap_or_else(PoisonError::into_inner).get(rule.id) {
            return known;
        }
        let found = self.program.modules.iter().any(has);
        answers.write().unwrap_or_else(PoisonError::into_inner).insert(rule.id, found);
        found
    }
}

/// The first of some parts.
fn part<'t>(mut parts: impl Iterator<Item = &'t str>) -> String {
    parts.next().unwrap_or_default().to_owned()
}

fn bodies(routes: &[Route]) -> FxHashSet<String> {
    let inputs = routes.iter().flat_map(|route| &route.inputs);
    inputs
        .filter(|input| matches!(input.role, Role::Body | Role::Form))
        .flat_map(|input| input.annotation.split(|c: char| !(c.is_alphanumeric() || c == '_')))
        .map(str::to_owned)
        .collect()
}
