//! The rules that follow data: labelled data arrives at a sink that a pack of models names.
//!
//! Such a rule is a [`Taint`]: which data, which sinks, and what to say. Whatever more it has to judge is its `judge`.

use casemate_python::facts::{Hit, Labels};
use casemate_python::names::ModuleId;
use casemate_python::syntax::{FunctionId, Op, Value};

use super::context::{Context, short};
use super::{caller, evidence};
use crate::finding::{Confidence, Finding, Severity};
use crate::models::label;
use crate::rule::{Persona, Rule};

/// A rule of kind T.
pub(crate) struct Taint {
    /// Who it is.
    pub(crate) rule: &'static Rule,
    /// Sink kinds by the names that packs use.
    pub(crate) sinks: &'static [&'static str],
    /// Which data must not arrive there.
    pub(crate) from: Labels,
    /// Data that does not count where it carries these labels too.
    pub(crate) without: Labels,
    /// What happens at the end of the path, `is run as a command`.
    pub(crate) arrives: &'static str,
    /// The finding in a sentence; `{call}` is what is called, `{source}` says where the data comes from.
    pub(crate) message: &'static str,
    /// The guard that was looked for.
    pub(crate) missing: &'static str,
    /// How to mend it.
    pub(crate) remedy: &'static str,
    /// What more there is to look at.
    pub(crate) judge: Option<fn(&Context<'_>, &Hit) -> Verdict>,
}

/// What a closer look at a hit came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    /// It is nothing.
    pub(crate) dismissed: bool,
    /// Another severity than the rule's.
    pub(crate) severity: Option<Severity>,
    /// Another confidence than high.
    pub(crate) confidence: Option<Confidence>,
    /// Another way to mend it than the rule's.
    pub(crate) remedy: Option<&'static str>,
    /// Another call than the one that takes it in the end, where that one takes what many hand on.
    pub(crate) at: Option<(ModuleId, FunctionId, Value)>,
}

impl Verdict {
    /// It is nothing.
    pub(crate) const DISMISSED: Self =
        Self { dismissed: true, severity: None, confidence: None, remedy: None, at: None };

    /// It is something only if this holds.
    pub(crate) fn only_if(holds: bool) -> Self {
        Self { dismissed: !holds, ..Self::default() }
    }
}

impl Taint {
    /// Looks at every hit of the module.
    pub(crate) fn check(&self, cx: &mut Context<'_>) {
        let kinds: Vec<u8> = self.sinks.iter().filter_map(|name| cx.knowledge.kind(name)).collect();
        let facts = cx.facts;
        for hit in &facts.hits {
            if !kinds.contains(&hit.reach.kind) || hit.labels.meets(self.without) {
                continue;
            }
            let from = match hit.labels.meets(self.from) {
                true => self.from,
                false if caller::counts(cx, self.rule, hit) => label::CALLER,
                false => continue,
            };
            let mut verdict = self.judge.map_or(Verdict::default(), |judge| judge(cx, hit));
            if from == label::CALLER {
                verdict.confidence = Some(Confidence::Medium);
                // Nobody sees here what the application lets through.
                verdict.severity =
                    Some(if self.rule.severity == Severity::Critical { Severity::High } else { Severity::Medium });
            }
            if verdict.dismissed {
                continue;
            }
            if evidence::is_thin(cx, hit, from) {
                if cx.persona == Persona::Default {
                    continue;
                }
                verdict.confidence = Some(Confidence::Low);
            }
            self.report_from(cx, hit, verdict, from);
        }
    }

    /// Reports a hit as the verdict has it.
    pub(crate) fn report<'c>(&self, cx: &'c mut Context<'_>, hit: &Hit, verdict: Verdict) -> Option<&'c mut Finding> {
        self.report_from(cx, hit, verdict, self.from)
    }

    fn report_from<'c>(
        &self,
        cx: &'c mut Context<'_>,
        hit: &Hit,
        verdict: Verdict,
        from: Labels,
    ) -> Option<&'c mut Finding> {
        let reach = hit.reach;
        let (home, id, call) = verdict.at.unwrap_or((reach.module, reach.function, reach.call));
        let (module, function) = cx.function(home, id)?;
        let span = function.span_of(call);
        let called = match function.op(call) {
            Op::Call { callee, .. } => short(module.slice(function.span_of(callee))),
            _ => short(module.slice(span)),
        };
        let path = cx.path(hit, from, self.arrives);
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let message = self.message.replace("{call}", &format!("`{called}`")).replace("{source}", &source);
        let finding = cx.report(self.rule, (home, id), span, message);
        finding.path = path;
        finding.severity = verdict.severity.unwrap_or(finding.severity);
        finding.confidence = verdict.confidence.unwrap_or(Confidence::High);
        finding.missing_guard = (!self.missing.is_empty()).then(|| self.missing.to_owned());
        finding.remedy = verdict.remedy.unwrap_or(self.remedy).to_owned();
        Some(finding)
    }
}
