//! A call of a function of the project: its summary in the numbers of this module, and what is given for its inputs.

use std::sync::Arc;

use super::super::history::Shared;
use super::Evaluator;
use super::cells::CellId;
use crate::facts::Kinds;
use crate::facts::fact::Fact;
use crate::facts::lattice::{InputId, Key, KeyName, Root};
use crate::facts::summary::Summary;
use crate::names::ModuleId;
use crate::syntax::{Argument, Function, FunctionId, Value};

/// What is passed, and the value it is read from.
pub(super) type Passed = (Fact, Option<Value>);

/// A summary in the numbers of this module; inputs stand for what a call gives.
pub(super) struct Local {
    pub(super) summary: Arc<Summary>,
    pub(super) returns: Fact,
    /// What is returned on each of [`Summary::ways`], in the same order.
    pub(super) ways: Vec<Fact>,
    pub(super) raised: Fact,
    pub(super) changes: Vec<(InputId, Fact)>,
    pub(super) stores: Vec<(CellId, Fact)>,
    pub(super) calls: Vec<(InputId, Vec<Fact>)>,
    /// The inputs of [`Summary::reaches`], in the same order.
    pub(super) reaches: Vec<InputId>,
}

/// A call, and what is given for inputs, as far as somebody asked.
pub(super) struct Site<'a> {
    pub(super) function: &'a Function,
    pub(super) facts: &'a [Fact],
    pub(super) arguments: &'a [Argument],
    pub(super) target: (ModuleId, FunctionId),
    pub(super) receiver: Option<Value>,
    /// What is called: a closure keeps what it has captured.
    pub(super) callee: Fact,
    pub(super) local: Arc<Local>,
    /// Parameters that are one of several constants once the call has come back.
    pub(super) picked: Vec<usize>,
    shared: &'a Shared<'a>,
    passed: Vec<(u16, Option<Passed>)>,
    given: Vec<(InputId, Option<Passed>)>,
}

impl<'a> Site<'a> {
    pub(super) fn new(
        function: &'a Function,
        facts: &'a [Fact],
        arguments: &'a [Argument],
        target: (ModuleId, FunctionId),
        receiver: Option<Value>,
        (local, shared): (&Arc<Local>, &'a Shared<'a>),
    ) -> Self {
        let (callee, local) = (Fact::default(), Arc::clone(local));
        let (passed, given) = (Vec::new(), Vec::new());
        let picked = Vec::new();
        Self { function, facts, arguments, target, receiver, callee, local, picked, shared, passed, given }
    }
}

impl Evaluator<'_> {
    /// The summary of a function, in the numbers of this module.
    pub(super) fn local(&mut self, module: ModuleId, function: FunctionId, shared: &Shared) -> Option<Arc<Local>> {
        let summary = self.ask_summary(module, function, shared)?;
        if let Some(known) = self.locals.get(&(module, function))
            && Arc::ptr_eq(&known.summary, &summary)
        {
            return Some(Arc::clone(known));
        }
        let local = Arc::new(Local {
            returns: self.hear(&summary.returns),
            ways: summary.ways.iter().map(|way| self.hear(&way.returns)).collect(),
            raised: self.hear(&summary.raised),
            changes: summary.changes.iter().map(|(input, told)| (self.hear_input(input), self.hear(told))).collect(),
            stores: summary.stores.iter().map(|(cell, told)| (self.cell_number(cell), self.hear(told))).collect(),
            calls: summary
                .calls
                .iter()
                .map(|(input, given)| {
                    let given = given.iter().map(|told| self.hear(told)).collect();
                    (self.hear_input(input), given)
                })
                .collect(),
            reaches: summary.reaches.iter().map(|reach| self.hear_input(&reach.input)).collect(),
            summary,
        });
        self.locals.insert((module, function), Arc::clone(&local));
        Some(local)
    }

    /// What is passed for a parameter.
    pub(super) fn passed(&mut self, site: &mut Site<'_>, parameter: u16) -> Option<Passed> {
        if let Some((_, known)) = site.passed.iter().find(|(known, _)| *known == parameter) {
            return *known;
        }
        let (module, function) = site.target;
        let passed =
            self.passed_for(site.facts, site.arguments, module, function, usize::from(parameter), site.receiver);
        let passed = match passed {
            Some((fact, value)) if site.picked.contains(&usize::from(parameter)) => {
                let taint = self.lattice.cleaned(fact.taint, Kinds::MAX);
                Some((self.lattice.fact_with(Fact { input: None, ..fact }, taint), value))
            }
            passed => passed,
        };
        site.passed.push((parameter, passed));
        passed
    }

    /// What is given for an input.
    pub(super) fn given(&mut self, site: &mut Site<'_>, input: InputId) -> Option<Passed> {
        if let Some((_, known)) = site.given.iter().find(|(known, _)| *known == input) {
            return *known;
        }
        let (root, keys) = self.lattice.input_parts(input);
        let keys = keys.to_vec();
        if let Some((&Key::ANSWER, before)) = keys.split_last() {
            // SECURITY: a function that is given its own answer is asked once.
            site.given.push((input, None));
            let asked = self.lattice.input(root, before.to_vec());
            let (local, shared) = (Arc::clone(&site.local), site.shared);
            // The object whose method is asked.
            let object = before.split_last().and_then(|(_, outer)| {
                let outer = self.lattice.input(root, outer.to_vec());
                self.given(site, outer).map(|(object, _)| object)
            });
            let given = self.given(site, asked).map(|(passed, value)| {
                let fill: &mut dyn FnMut(&mut Self, Fact) -> Fact = &mut |this, fact| this.filled_at(fact, site);
                (self.answer_of(passed, object, asked, (&local, shared), fill), value)
            });
            if let Some((_, known)) = site.given.iter_mut().find(|(known, _)| *known == input) {
                *known = given;
            }
            return given;
        }
        let keys = self.keys_given(site, &keys);
        let whole = self.given_whole(site, root);
        let given = whole.map(|(fact, value)| (self.walk_given(fact, &keys, Some(site.shared)), value));
        site.given.push((input, given));
        given
    }

    /// Keys of an input, where those that the function was given are what this call gives for them.
    pub(super) fn keys_given(&mut self, site: &mut Site<'_>, keys: &[Key]) -> Vec<Key> {
        let mut keys = keys.to_vec();
        for key in &mut keys {
            if let KeyName::Given(parameter) = *self.lattice.key_name(*key) {
                let passed = self.passed(site, parameter).map(|(fact, _)| fact).unwrap_or_default();
                *key = self.given_key(passed);
            } else if let KeyName::GivenName(parameter) = *self.lattice.key_name(*key) {
                let passed = self.passed(site, parameter).map(|(fact, _)| fact).unwrap_or_default();
                *key = match self.given_name(passed) {
                    Key::ANY => Key::SOME,
                    known => known,
                };
            }
        }
        keys
    }

    /// What is given for the whole of an input of which only a part may be used.
    pub(super) fn given_whole(&mut self, site: &mut Site<'_>, root: Root) -> Option<Passed> {
        match root {
            Root::Parameter(index) => self.passed(site, index),
            Root::Captured(symbol) => {
                let (module, function) = site.target;
                let home = self.program.module(module)?;
                let parent = home.function(function)?.parent;
                if module != self.id || parent != Some(self.current) {
                    let key = self.closure_key(home.symbols.text(crate::syntax::Symbol(symbol)));
                    return self.lattice.field(site.callee, key).map(|fact| (fact, None));
                }
                let facts = site.facts;
                let symbol = crate::syntax::Symbol(symbol);
                let held: Vec<Value> = super::language::held_by_closure(site.function, symbol, function);
                // What a function further out holds, the function at hand has captured itself.
                if held.is_empty() {
                    return Some((self.name(site.function, symbol, site.shared), None));
                }
                let last = held.last().copied();
                Some((self.join_all(held.into_iter().map(|value| super::fact_of(facts, value))), last))
            }
        }
    }

    /// A fact of a summary, with inputs replaced by what this call gives for them.
    pub(super) fn filled_at(&mut self, fact: Fact, site: &mut Site<'_>) -> Fact {
        self.filled(fact, &mut |this, input| this.given(site, input).map(|(fact, _)| fact))
    }
}
