//! The catalogue: one rule one file, each with the page that explains and tests it.

pub(crate) mod authentication;
pub(crate) mod authorization;
mod beginning;
mod between;
mod caller;
pub(crate) mod configuration;
mod constant;
pub(crate) mod context;
pub(crate) mod cryptography;
pub(crate) mod dependencies;
pub(crate) mod deserialization;
pub(crate) mod django;
pub(crate) mod evidence;
pub(crate) mod files;
mod handed;
pub(crate) mod injection;
mod layout;
pub(crate) mod llm;
pub(crate) mod logging;
pub(crate) mod network;
pub(crate) mod output;
mod pattern;
mod project;
pub(crate) mod run;
pub(crate) mod secrets;
mod suspicion;
mod taint;
pub(crate) mod test_code;
mod text;
pub(crate) mod tokens;
mod told;
pub(crate) mod validation;
mod values;
pub(crate) mod web;
mod whole;

pub(crate) use context::{Context, Reported, WebIndex, fold, statement_at};
pub(crate) use project::{ManifestText, ProjectContext};
pub(crate) use taint::{Taint, Verdict};
pub(crate) use text::TextContext;
pub(crate) use text::report as report_text;

use crate::rule::{Kind, Rule};
use crate::settings::Settings;

/// What a rule asks, and of what.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// Asked of each Python module.
    Module(fn(&mut Context<'_>)),
    /// Data that must not arrive somewhere.
    Taint(&'static Taint),
    /// Asked of each text that is not Python.
    Text(fn(&mut TextContext<'_>)),
    /// Asked once, of the project as a whole.
    Project(fn(&mut ProjectContext<'_>)),
}

/// A rule with its questions; rules about the run itself have none here.
type Entry = (&'static Rule, &'static [Check]);

/// Every group, by the ids of its rules.
const GROUPS: &[&[Entry]] = &[
    authentication::ENTRIES,
    authorization::ENTRIES,
    configuration::ENTRIES,
    run::ENTRIES,
    configuration::LATER,
    cryptography::ENTRIES,
    dependencies::ENTRIES,
    deserialization::ENTRIES,
    django::ENTRIES,
    files::ENTRIES,
    injection::ENTRIES,
    tokens::ENTRIES,
    llm::ENTRIES,
    logging::ENTRIES,
    network::ENTRIES,
    secrets::ENTRIES,
    validation::ENTRIES,
    web::ENTRIES,
    output::ENTRIES,
];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

/// Every rule, by id.
pub static ALL: &[&Rule] = {
    const FLAT: [&Rule; COUNT] = {
        let mut flat: [&Rule; COUNT] = [&run::analysis_incomplete::RULE; COUNT];
        let (mut at, mut group) = (0, 0);
        while group < GROUPS.len() {
            let mut entry = 0;
            while entry < GROUPS[group].len() {
                flat[at] = GROUPS[group][entry].0;
                at += 1;
                entry += 1;
            }
            group += 1;
        }
        flat
    };
    &FLAT
};

/// The rule with this id or name.
pub fn find(id_or_name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name)
}

fn wanted(settings: &Settings) -> impl Iterator<Item = Check> {
    let rules = GROUPS.iter().flat_map(|group| group.iter()).filter(|(rule, _)| settings.wants(rule));
    rules.flat_map(|(_, checks)| checks.iter().copied())
}

/// Asks every wanted rule about the module of the context.
pub(crate) fn check(context: &mut Context<'_>, settings: &Settings, is_test: bool) {
    context.persona = settings.persona;
    let is_notebook = context.is_notebook();
    let is_text = |check: &Check| matches!(check, Check::Text(_));
    let rules = GROUPS.iter().flat_map(|group| group.iter()).filter(|(rule, _)| settings.wants(rule));
    let rules = rules.filter(|(rule, _)| !is_test || test_code::is_told_of_tests(rule));
    // What is asked of the text of a notebook is not asked of its cells again.
    let rules = rules.filter(|(rule, checks)| !is_notebook || rule.kind != Kind::Secret && !checks.iter().any(is_text));
    for check in rules.flat_map(|(_, checks)| checks.iter().copied()) {
        match check {
            Check::Module(ask) => ask(context),
            Check::Taint(taint) => taint.check(context),
            Check::Text(_) | Check::Project(_) => {}
        }
    }
}

/// Asks every wanted rule about the text of the context.
pub(crate) fn check_text(context: &mut TextContext<'_>, settings: &Settings) {
    context.today = settings.today;
    context.persona = settings.persona;
    for check in wanted(settings) {
        if let Check::Text(ask) = check {
            ask(context);
        }
    }
}

/// Asks every wanted rule about the project of the context.
pub(crate) fn check_project(context: &mut ProjectContext<'_>, settings: &Settings) {
    (context.persona, context.today) = (settings.persona, settings.today);
    for check in wanted(settings) {
        if let Check::Project(ask) = check {
            ask(context);
        }
    }
}
