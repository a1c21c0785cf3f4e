//! What is kept of an audit, so that the next one asks its rules only about what has changed since.
//!
//! A module is asked about again when its text has changed, or when anything has changed that its answers rested on:
//! another module it was followed into, what flows between them, words that were looked for in all modules, the routes
//! it serves. What rests on everything (settings, packages, templates, the auditor itself) makes the whole memory worthless
//! when it changes.
//!
//! SECURITY: no secret is kept. Of a file that holds any, and of one whose findings show a part of one, nothing is
//! remembered but that it was there.

use casemate_python::flow;
use casemate_python::names::{Asked, ModuleId, Program};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::Problem;
use crate::finding::{Confidence, Detail, Finding, Place, Severity, Step};
use crate::fix::Fix;
use crate::outline::Outline;
use crate::redact::Redactor;
use crate::rules::{self, Reported, WebIndex};
use crate::suppress::Suppression;

/// A digest of a text.
pub(crate) type Digested = [u8; 32];

/// Whether and how an audit is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Memory<'a> {
    /// What an earlier audit left to be kept, if there is anything.
    pub earlier: Option<&'a [u8]>,
    /// Everything the outcome depends on besides sources and settings: the auditor itself, the advisories.
    pub tool: &'a str,
}

/// What is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    /// What the outcome depends on as a whole.
    pub(crate) key: Digested,
    pub(crate) modules: Vec<OfModule>,
    pub(crate) texts: Vec<OfText>,
    /// All routes.
    pub(crate) web: Digested,
    /// Manifests and templates: any rule may look at them.
    pub(crate) around: Digested,
    pub(crate) has_tenants: bool,
}

/// What is kept of a module.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfModule {
    pub(crate) text: Digested,
    pub(crate) outline: Outline,
    /// What rules said, if that may be kept.
    pub(crate) answers: Option<Answers>,
}

/// What rules said of a module, and on what it rests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answers {
    /// Modules whose source was looked into.
    pub(crate) sources: Vec<(u8, u64)>,
    /// Modules whose facts were looked into.
    pub(crate) facts: Vec<(u8, u64)>,
    /// Words that were looked for in all modules.
    pub(crate) words: Vec<String>,
    /// Whether routes of other modules were looked at.
    pub(crate) uses_web: bool,
    /// The routes that concern the module.
    pub(crate) web: Digested,
    /// Whether it counted as a test.
    pub(crate) is_test: bool,
    pub(crate) found: Vec<Kept>,
}

/// What is kept of a text that is not Python.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfText {
    pub(crate) path: String,
    pub(crate) text: Digested,
    pub(crate) told: Option<Told>,
}

/// What was found in a text, where that may be kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) found: Vec<Kept>,
    pub(crate) comments: Vec<Suppression>,
    pub(crate) problems: Vec<Problem>,
}

impl OfText {
    /// The same without what shows a part of a secret.
    pub(crate) fn masked(self, redactor: &Redactor) -> Self {
        let told = self.told.and_then(|mut told| {
            told.found = Kept::of_all(&Kept::reported_all(&told.found)?, redactor)?;
            told.comments.iter_mut().for_each(|comment| comment.mask(redactor));
            told.problems.iter_mut().for_each(|problem| redactor.clean_problem(problem));
            Some(told)
        });
        Self { told, ..self }
    }
}

/// A finding as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    rule: String,
    severity: Severity,
    confidence: Confidence,
    place: Place,
    function: String,
    message: String,
    path: Vec<Step>,
    missing_guard: Option<String>,
    remedy: String,
    statement: String,
    fix: Option<Box<Fix>>,
    lines: (u32, u32),
}

impl Kept {
    /// A finding to be kept; none of secrets and packages.
    fn of(one: &Reported) -> Option<Self> {
        let finding = &one.finding;
        (finding.detail == Detail::None).then(|| Self {
            rule: finding.rule.id.to_owned(),
            severity: finding.severity,
            confidence: finding.confidence,
            place: finding.place.clone(),
            function: finding.function.clone(),
            message: finding.message.clone(),
            path: finding.path.clone(),
            missing_guard: finding.missing_guard.clone(),
            remedy: finding.remedy.clone(),
            statement: finding.statement.clone(),
            fix: finding.fix.clone(),
            lines: one.lines,
        })
    }

    /// Findings to be kept, if all of them can be and none shows a part of a secret.
    pub(crate) fn of_all(found: &[Reported], redactor: &Redactor) -> Option<Vec<Self>> {
        let mut kept = Vec::with_capacity(found.len());
        for one in found {
            let shown = Self::of(one)?;
            let mut masked = Reported { finding: one.finding.clone(), lines: one.lines };
            redactor.clean(&mut masked.finding);
            if Self::of(&masked)? != shown {
                return None;
            }
            kept.push(shown);
        }
        Some(kept)
    }

    /// The finding again; none if there is no such rule.
    pub(crate) fn reported(&self) -> Option<Reported> {
        let finding = Finding {
            rule: rules::find(&self.rule)?,
            severity: self.severity,
            confidence: self.confidence,
            place: self.place.clone(),
            function: self.function.clone(),
            message: self.message.clone(),
            path: self.path.clone(),
            missing_guard: self.missing_guard.clone(),
            remedy: self.remedy.clone(),
            statement: self.statement.clone(),
            fingerprint: String::new(),
            detail: Detail::None,
            fix: self.fix.clone(),
        };
        Some(Reported { finding, lines: self.lines })
    }

    /// All of them again.
    pub(crate) fn reported_all(kept: &[Self]) -> Option<Vec<Reported>> {
        kept.iter().map(Self::reported).collect()
    }
}

/// A digest of parts, each with its length before it.
pub(crate) fn digest<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Digested {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

impl Remembered {
    /// Everything in one piece, the flow of the program at the end. The first bytes are a digest of the rest.
    pub(crate) fn write(&self, flow: &[u8]) -> Option<Vec<u8>> {
        let own = postcard::to_allocvec(self).ok()?;
        let length = u64::try_from(own.len()).ok()?.to_le_bytes();
        let sum = digest([own.as_slice(), flow]);
        Some([sum.as_slice(), &length, &own, flow].concat())
    }

    /// What was kept, and the flow of the program; nothing if it was kept by another auditor, for other settings or of
    /// other files, or is not whole.
    pub(crate) fn read(bytes: &[u8], key: Digested) -> Option<(Self, flow::Memory)> {
        let (sum, rest) = bytes.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (own, flow) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        if digest([own, flow]) != *sum {
            return None;
        }
        let remembered: Self = postcard::from_bytes(own).ok()?;
        (remembered.key == key).then_some(())?;
        Some((remembered, flow::Memory::read(flow)?))
    }
}

/// An earlier audit of the same files, some of which have changed since.
pub(crate) struct Earlier {
    pub(crate) remembered: Remembered,
    pub(crate) flow: flow::Memory,
    pub(crate) changed: Vec<ModuleId>,
    /// Those of them that look other from outside.
    pub(crate) changed_outside: Vec<ModuleId>,
    /// The places of texts by their paths.
    texts: FxHashMap<String, usize>,
}

impl Earlier {
    /// What an earlier audit left, if it was of the same files and most of them are as they were.
    pub(crate) fn of(memory: Memory<'_>, key: Digested, program: &Program, texts: &[Digested]) -> Option<Self> {
        let (remembered, flow) = Remembered::read(memory.earlier?, key)?;
        let is_same = remembered.modules.len() == program.len()
            && program
                .ids()
                .zip(&remembered.modules)
                .all(|(id, module)| program.path(id) == Some(module.outline.path.as_str()));
        if !is_same {
            return None;
        }
        let pairs = program.ids().zip(remembered.modules.iter().zip(texts));
        let changed: Vec<ModuleId> =
            pairs.filter(|(_, (module, text))| module.text != **text).map(|(id, _)| id).collect();
        if changed.len() > 8 + program.len() / 8 {
            return None;
        }
        let changed_outside = changed.iter().copied().filter(|&id| flow.is_changed_outside(program, id)).collect();
        let texts = remembered.texts.iter().enumerate().map(|(at, text)| (text.path.clone(), at)).collect();
        Some(Self { remembered, flow, changed, changed_outside, texts })
    }

    /// What was found in a text, if it is the same.
    pub(crate) fn told(&self, path: &str, text: &Digested) -> Option<&Told> {
        let at = self.texts.get(path)?;
        self.remembered.texts.get(*at).filter(|known| known.text == *text)?.told.as_ref()
    }

    /// The outline of a module, if it is as it was.
    pub(crate) fn outline(&self, id: ModuleId) -> Option<&Outline> {
        let outline = &self.remembered.modules.get(id.0 as usize)?.outline;
        (!self.changed.contains(&id) && !outline.looks_into(&self.changed_outside)).then_some(outline)
    }

    /// What rules said of a module, if they would say the same now. `evaluated` are the modules whose facts may be
    /// others than they were.
    pub(crate) fn answers(
        &self,
        id: ModuleId,
        program: &Program,
        evaluated: &[ModuleId],
        web: &WebIndex,
        is_web_same: bool,
    ) -> Option<&Answers> {
        if self.changed.contains(&id) || evaluated.contains(&id) {
            return None;
        }
        let answers = self.remembered.modules.get(id.0 as usize)?.answers.as_ref()?;
        let facts = Asked::from_words(&answers.facts);
        let is_touched = Asked::from_words(&answers.sources).has_any(&self.changed)
            || facts.has_any(&self.changed)
            || facts.has_any(evaluated)
            || answers.uses_web && !is_web_same
            || answers.web != web.digest_of(id);
        if is_touched {
            return None;
        }
        let words: Vec<&str> = answers.words.iter().map(String::as_str).collect();
        let says = |&id: &ModuleId| {
            program.module(id).is_none_or(|module| words.iter().any(|word| module.text.contains(word)))
        };
        (!self.changed.iter().any(says)).then_some(answers)
    }
}
