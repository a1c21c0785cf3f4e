//! The review of a web application: every endpoint with the questions a security review asks of it, and a draft of the threat model.

mod endpoint;
pub mod json;
pub mod markdown;
pub mod text;
mod threats;

use casemate_python::flow::{self, Options, Solved};
use casemate_python::names::{ModuleId, Program};
use rayon::prelude::*;

pub use endpoint::{Answer, Endpoint, Question, State};
pub use threats::{Section, ThreatModel};

use crate::audit::{Lines, Problem, SourceKind, SourceSet, whole_file};
use crate::models;
use crate::reading::{self, on_threads};
use crate::redact::{Hidden, Redactor};
use crate::rules::{Context, WebIndex};

/// What a review came to.
#[derive(Debug, Default)]
pub struct Review {
    /// Every endpoint, by file and place.
    pub endpoints: Vec<Endpoint>,
    /// The threat model as far as the code tells it.
    pub threats: ThreatModel,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// Python files looked at.
    pub files: usize,
}

/// Reviews a project.
pub fn review(sources: &dyn SourceSet) -> Review {
    on_threads(0, "reviewed", || review_here(sources)).unwrap_or_else(|message| Review {
        problems: vec![Problem { place: whole_file(""), message }],
        ..Review::default()
    })
}

fn review_here(sources: &dyn SourceSet) -> Review {
    let python: Vec<_> = sources.sources().iter().filter(|source| source.kind == SourceKind::Python).collect();
    let mut problems = Vec::new();
    let modules = reading::modules(&python, sources, "reviewed", &mut problems);
    let program = Program::link(modules);
    let knowledge = models::builtin();
    let Solved { modules: solved, web, unsettled, .. } = flow::solve(&program, &knowledge.models, Options::default());
    let web = WebIndex::new(web);
    let lines = Lines::new(program.len());
    for (id, module) in program.module_ids() {
        for problem in &module.problems {
            let place = crate::audit::place(&module.path, module, lines.of(id, module), problem.span);
            problems.push(Problem { place, message: problem.message.clone() });
        }
        if unsettled.contains(&id) || solved.get(id).is_some_and(|facts| facts.cut_short) {
            let message = "the analysis took too many steps and was cut short; answers may be missing".to_owned();
            problems.push(Problem { place: whole_file(&module.path), message });
        }
    }
    let tests = endpoint::Tests::of(&program);
    let ids: Vec<ModuleId> = program.module_ids().map(|(id, _)| id).collect();
    type OfModule = (Vec<Endpoint>, Vec<(String, Hidden)>);
    let found: Vec<OfModule> = ids
        .par_iter()
        .filter_map(|&id| {
            let (module, facts) = (program.module(id)?, solved.get(id)?);
            let mut context = Context::new(&program, module, facts, &solved, knowledge, &web, &lines);
            let endpoints = endpoint::endpoints(&context, &tests);
            if endpoints.is_empty() {
                return None;
            }
            // What is quoted may hold a secret.
            crate::rules::secrets::look(&mut context);
            Some((endpoints, context.into_parts().1))
        })
        .collect();
    let mut endpoints = Vec::new();
    let mut hidden = Vec::new();
    for (of_module, secrets) in found {
        endpoints.extend(of_module);
        hidden.extend(secrets);
    }
    let redactor = Redactor::new(hidden);
    for endpoint in &mut endpoints {
        let path = endpoint.place.path.clone();
        for answer in &mut endpoint.answers {
            redactor.clean_text(&path, &mut answer.text);
        }
        for guard in &mut endpoint.guards {
            redactor.clean_text(&path, guard);
        }
    }
    endpoints.sort_by(|a, b| (&a.place, &a.path, &a.methods).cmp(&(&b.place, &b.path, &b.methods)));
    problems.sort();
    let threats = threats::draft(&endpoints);
    Review { endpoints, threats, problems, files: program.len() }
}
