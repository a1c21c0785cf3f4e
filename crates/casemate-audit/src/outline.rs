//! What the whole project is asked of each module, found out once: it outlives the run in which it was.

use casemate_python::flow::Exports;
use casemate_python::names::{Asked, ModuleId, Program, Target};
use casemate_python::syntax::{Import, LineIndex, Module, Span};
use casemate_secrets::Format;
use serde::{Deserialize, Serialize};

use crate::audit::{Lines, Problem, place};
use crate::redact::Redactor;
use crate::rules::authorization::acts;
use crate::rules::configuration::backdoor_pattern;
use crate::rules::test_code;
use crate::scope::Scope;
use crate::suppress::{self, Suppression};

/// A module in outline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) path: String,
    /// Whether it tests something, or helps to.
    pub(crate) is_test: bool,
    /// Whether it may hold what disguised code is made of.
    pub(crate) may_hide: bool,
    /// Whether a class of it may have a column that says to which tenant an object belongs.
    pub(crate) has_tenants: bool,
    pub(crate) lines: usize,
    /// What could not be understood.
    pub(crate) problems: Vec<Problem>,
    /// Comments that silence findings.
    pub(crate) suppressions: Vec<Suppression>,
    pub(crate) imports: Vec<Imported>,
    /// The modules that were looked into to find out what is imported.
    asked: Vec<(u8, u64)>,
    /// Those of them that were looked into for names that they have not.
    asked_in_vain: Vec<(u8, u64)>,
}

/// An import in outline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Imported {
    /// The first name of what is imported.
    pub(crate) root: String,
    /// Whether it begins with no dot.
    pub(crate) is_absolute: bool,
    /// Whether it leads to a library, as far as the project itself has nothing of that name.
    pub(crate) is_library: bool,
    /// Whether it imports every name.
    pub(crate) is_star: bool,
    /// Whether it stands at the top of the module, not in a `try`, a condition or a function.
    pub(crate) is_unconditional: bool,
    pub(crate) span: Span,
}

impl Outline {
    /// That of a module.
    pub(crate) fn of(program: &Program, scope: &Scope, id: ModuleId, lines: &Lines) -> Self {
        let watched = program.watched();
        let Some(module) = watched.module(id) else {
            return Self {
                path: program.path(id).unwrap_or_default().to_owned(),
                is_test: false,
                may_hide: false,
                has_tenants: false,
                lines: 0,
                problems: Vec::new(),
                suppressions: Vec::new(),
                imports: Vec::new(),
                asked: Vec::new(),
                asked_in_vain: Vec::new(),
            };
        };
        let index = lines.of(id, module);
        // Those of notebooks are met in their texts.
        let speaks = Format::of(&module.path) != Format::Notebook && suppress::speaks(&module.text);
        let in_vain = Asked::default();
        let imports = module.imports.iter().enumerate().map(|(at, import)| {
            let one = program.watched();
            let is_library = import.level == 0 && matches!(one.import(id, import), Target::Library(_));
            watched.note_all(&one);
            if is_library {
                in_vain.add_all(one.asked());
            }
            let is_star = import.name.as_deref() == Some("*")
                || u32::try_from(at).is_ok_and(|at| module.star_imports.contains(&at));
            Imported {
                root: import.module.split('.').next().unwrap_or_default().to_owned(),
                is_absolute: import.level == 0,
                is_library,
                is_star,
                is_unconditional: is_unconditional(module, import),
                span: import.span,
            }
        });
        let problem = |problem: &casemate_python::syntax::SourceProblem| Problem {
            place: place(&module.path, module, index, problem.span),
            message: problem.message.clone(),
        };
        let imports = imports.collect();
        Self {
            path: module.path.clone(),
            is_test: test_code::is_test(module, scope),
            may_hide: backdoor_pattern::may_hide(module),
            has_tenants: acts::may_have_tenants(module),
            lines: LineIndex::count(index, &module.text),
            problems: module.problems.iter().map(problem).collect(),
            suppressions: if speaks { suppress::in_module(module, index) } else { Vec::new() },
            imports,
            asked: watched.asked().words(),
            asked_in_vain: in_vain.words(),
        }
    }

    /// Those of all modules.
    #[cfg(test)]
    pub(crate) fn of_all(program: &Program, scope: &Scope, lines: &Lines) -> Vec<Self> {
        program.ids().map(|id| Self::of(program, scope, id, lines)).collect()
    }

    /// As it is kept. SECURITY: comments may quote a secret.
    pub(crate) fn kept(&self, redactor: &Redactor) -> Self {
        let mut kept = self.clone();
        kept.problems.iter_mut().for_each(|problem| redactor.clean_problem(problem));
        kept.suppressions.iter_mut().for_each(|suppression| suppression.mask(redactor));
        kept
    }

    /// Whether it would be another now that some modules export other names than they did.
    pub(crate) fn rests_on(&self, changed: &[(ModuleId, Exports)]) -> bool {
        let (asked, in_vain) = (Asked::from_words(&self.asked), Asked::from_words(&self.asked_in_vain));
        changed.iter().any(|&(id, exports)| match exports {
            Exports::Same => false,
            Exports::More => in_vain.has(id),
            Exports::Other => asked.has(id),
        })
    }
}

/// Whether the import stands at the top of the module, not in a `try`, a condition or a function.
fn is_unconditional(module: &Module, import: &Import) -> bool {
    let before = module.text.get(..import.span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    !line.starts_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use casemate_python::syntax::read;

    use super::*;
    use crate::scope::WHOLE;

    #[test]
    fn who_asked_in_vain_waits_for_new_names() {
        let files = [
            ("finds.py", "from texts import have\n"),
            ("misses.py", "from texts import have, more\n"),
            ("texts.py", "have = 1\n"),
        ];
        let program =
            Program::link(files.iter().map(|(path, text)| read(path, text.as_bytes())).collect::<Vec<Module>>());
        let outlines = Outline::of_all(&program, &WHOLE, &Lines::new(program.len()));
        let texts = ModuleId(2);
        let rests =
            |exports| -> Vec<bool> { outlines.iter().map(|outline| outline.rests_on(&[(texts, exports)])).collect() };
        assert_eq!(rests(Exports::Same), [false, false, false]);
        assert_eq!(rests(Exports::More), [false, true, false]);
        assert_eq!(rests(Exports::Other), [true, true, true]);
    }
}
