//! What the name of a function promises: `validate_path`, `is_safe_url`, `redact`.

use super::super::history::Shared;
use super::Evaluator;
use crate::facts::Kinds;
use crate::facts::fact::Fact;
use crate::names::ModuleId;
use crate::syntax::{Argument, Function, FunctionId, Op, Value};

/// What is promised of a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Promise {
    /// Sink kinds for which it is harmless if the function says yes, comes back, or hands it out.
    pub(super) kept: Kinds,
    /// Those for which it is harmless if the function says no.
    pub(super) denied: Kinds,
    /// Those for which what it hands out is as harmful as the first thing it was given.
    pub(super) led: Kinds,
}

/// A function of fewer instructions does not look at what it is given.
const MIN_OPS: usize = 12;

impl<'p> Evaluator<'p> {
    /// What the name of the function promises that is called.
    fn promised(&mut self, name: &str) -> Promise {
        if let Some(&known) = self.promises.get(name) {
            return known;
        }
        let models = self.models;
        let words = (models.words)(name);
        let holds = |list: &[String]| words.iter().any(|word| list.contains(word));
        let mut promise = Promise::default();
        for model in &models.promises {
            if holds(&model.says) && (model.about.is_empty() || holds(&model.about)) && !holds(&model.except) {
                match (model.denies, model.but_first) {
                    (true, _) => promise.denied |= model.clears,
                    (_, true) => promise.led |= model.clears,
                    _ => promise.kept |= model.clears,
                }
            }
        }
        // `is_unsafe_url`, `url_is_private`: what denies does not affirm as well.
        promise.kept &= !promise.denied;
        self.promises.insert(name.to_owned(), promise);
        promise
    }

    /// What a call promises by the name of what is called, where somebody can be trusted to keep it.
    pub(super) fn promise_of(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        shared: &Shared,
    ) -> Promise {
        let module = self.module;
        let name = match function.op(function.bare(callee)) {
            Op::Name(name) | Op::Attribute { name, .. } => Some(module.symbols.text(name)),
            Op::Import(at) => module.imports.get(at as usize).and_then(|import| import.name.as_deref()),
            Op::Function(inner) => module.function(inner).map(|inner| inner.name.as_str()),
            _ => None,
        };
        let Some(name) = name else { return Promise::default() };
        let promise = self.promised(name);
        if promise.kept == 0 && promise.denied == 0 {
            return promise;
        }
        let (targets, _) = self.project_callees(function, facts, callee, shared);
        if targets.iter().all(|&target| self.looks(target)) {
            promise
        } else {
            // What a function only adds to shows in its name, however little it does.
            Promise { led: promise.led, ..Promise::default() }
        }
    }

    /// Whether a function does enough to look at what it is given.
    fn looks(&self, (module, id): (ModuleId, FunctionId)) -> bool {
        self.program
            .module(module)
            .and_then(|module| module.function(id))
            .is_none_or(|function| function.ops.len() >= MIN_OPS)
    }

    /// What is promised of a value that a call was given, by what it answered.
    #[expect(clippy::too_many_arguments, reason = "one question about one call")]
    pub(super) fn promised_by_answer(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        of: Value,
        held: bool,
        shared: &Shared,
    ) -> Kinds {
        let subject = super::guards::tested(function, of);
        if !arguments.iter().any(|argument| super::guards::tested(function, argument.value) == subject) {
            return 0;
        }
        let promise = self.promise_of(function, facts, callee, shared);
        if held { promise.kept } else { promise.denied }
    }
}
