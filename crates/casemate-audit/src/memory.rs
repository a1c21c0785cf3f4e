//! What is kept of an audit, so that the next one asks its rules only about what has changed since.
//!
//! A module is asked about again when its text has changed, or when anything has changed that its answers rested on:
//! another module it was followed into, what flows between them, words that were looked for in all modules, the routes
//! it serves. What rests on everything (settings, packages, templates, the auditor itself) makes the whole memory worthless
//! when it changes.
//!
//! SECURITY: no secret is kept. Of a file that holds any, and of one whose findings show a part of one, nothing is
//! remembered but that it was there.

use casemate_python::flow::{self, Exports};
use casemate_python::names::{Asked, ModuleId, Program};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::{Problem, Stamp};
use crate::finding::{Confidence, Detail, Finding, Place, Severity, Step};
use crate::fix::Fix;
use crate::outline::Outline;
use crate::redact::Redactor;
use crate::rules::context::Stood;
use crate::rules::{self, Reported, WebIndex};
use crate::suppress::Suppression;

/// A digest of a text.
pub(crate) type Digested = [u8; 32];

/// In what state a source was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) text: Digested,
    /// What tells without reading it that it is still the same, if anything does.
    pub(crate) stamp: Option<Stamp>,
}

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
    /// How routes stand, by their numbers; nothing if nobody asked.
    pub(crate) standings: Vec<Stood>,
    /// The words that were looked for in all modules, and in which they stood.
    pub(crate) mentions: Vec<(String, Vec<ModuleId>)>,
}

/// What is kept of a module.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfModule {
    pub(crate) seen: Seen,
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
    /// Whether it was looked at how routes stand.
    pub(crate) uses_standings: bool,
    /// The routes that concern the module.
    pub(crate) web: Digested,
    /// Whether it counted as a test.
    pub(crate) is_test: bool,
    pub(crate) found: Vec<Kept>,
}

/// On what something rests that was found out for all modules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct On {
    pub(crate) sources: Vec<(u8, u64)>,
    pub(crate) facts: Vec<(u8, u64)>,
    pub(crate) words: Vec<String>,
}

/// What is kept of a text that is not Python.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfText {
    pub(crate) path: String,
    pub(crate) seen: Seen,
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

impl<'a> Memory<'a> {
    /// Digest, what the auditor kept, and the flow of the program; nothing if these are not its parts.
    fn parts(self) -> Option<(&'a [u8; 32], &'a [u8], &'a [u8])> {
        let (sum, rest) = self.earlier?.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (own, flow) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        Some((sum, own, flow))
    }
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
    pub(crate) fn read(memory: Memory<'_>, key: Digested) -> Option<(Self, flow::Memory)> {
        let (sum, own, flow) = memory.parts()?;
        if digest([own, flow]) != *sum {
            return None;
        }
        let remembered: Self = postcard::from_bytes(own).ok()?;
        (remembered.key == key).then_some(())?;
        Some((remembered, flow::Memory::read(flow)?))
    }

    /// In what state a module was.
    pub(crate) fn seen(&self, path: &str) -> Option<&Seen> {
        let at = self.modules.binary_search_by(|module| module.outline.path.as_str().cmp(path)).ok()?;
        self.modules.get(at).map(|module| &module.seen)
    }
}

/// So many files may be read in vain each time before new stamps are worth writing.
const WORTH_WRITING: usize = 32;

/// An earlier audit of the same files, some of which have changed since.
pub(crate) struct Earlier {
    pub(crate) remembered: Remembered,
    pub(crate) flow: flow::Memory,
    pub(crate) changed: Vec<ModuleId>,
    /// Those of them that export other names.
    exports: Vec<(ModuleId, Exports)>,
    /// The places of texts by their paths.
    texts: FxHashMap<String, usize>,
}

impl Earlier {
    /// What an earlier audit left, if it was of the same files and most of them are as they were.
    pub(crate) fn of(remembered: Remembered, flow: flow::Memory, program: &Program, seen: &[Seen]) -> Option<Self> {
        let is_same = remembered.modules.len() == program.len()
            && program
                .ids()
                .zip(&remembered.modules)
                .all(|(id, module)| program.path(id) == Some(module.outline.path.as_str()));
        if !is_same {
            return None;
        }
        let pairs = program.ids().zip(remembered.modules.iter().zip(seen));
        let changed: Vec<ModuleId> =
            pairs.filter(|(_, (module, seen))| module.seen.text != seen.text).map(|(id, _)| id).collect();
        if changed.len() > 8 + program.len() / 8 {
            return None;
        }
        let exports = changed.iter().map(|&id| (id, flow.exports(program, id)));
        let exports = exports.filter(|(_, exports)| *exports != Exports::Same).collect();
        let texts = remembered.texts.iter().enumerate().map(|(at, text)| (text.path.clone(), at)).collect();
        Some(Self { remembered, flow, changed, exports, texts })
    }

    /// What is kept of a text.
    pub(crate) fn text(&self, path: &str) -> Option<&OfText> {
        self.remembered.texts.get(*self.texts.get(path)?)
    }

    /// The same with stamps of today, where many files that have not changed have new ones: after a checkout, say.
    pub(crate) fn stamped(&self, memory: Memory<'_>, seen: &[Seen], texts: &[OfText]) -> Option<Vec<u8>> {
        let is_same = |before: &Seen, now: &Seen| before.text == now.text && now.stamp.is_some() && before != now;
        let of_modules = self.remembered.modules.iter().zip(seen).filter(|(module, now)| is_same(&module.seen, now));
        let others = texts.iter().filter(|text| {
            self.text(&text.path).is_some_and(|known| known.told.is_some() && is_same(&known.seen, &text.seen))
        });
        if of_modules.count() + others.count() <= WORTH_WRITING {
            return None;
        }
        let (_, own, flow) = memory.parts()?;
        let mut remembered: Remembered = postcard::from_bytes(own).ok()?;
        for (module, now) in remembered.modules.iter_mut().zip(seen) {
            if is_same(&module.seen, now) {
                module.seen = *now;
            }
        }
        let now: FxHashMap<&str, &Seen> = texts.iter().map(|text| (text.path.as_str(), &text.seen)).collect();
        for text in &mut remembered.texts {
            if let Some(now) = now.get(text.path.as_str()).filter(|now| is_same(&text.seen, now)) {
                text.seen = **now;
            }
        }
        remembered.write(flow)
    }

    /// The outline of a module, if it is as it was.
    pub(crate) fn outline(&self, id: ModuleId) -> Option<&Outline> {
        let outline = &self.remembered.modules.get(id.0 as usize)?.outline;
        let is_other = self.changed.contains(&id) || !self.exports.is_empty() && outline.rests_on(&self.exports);
        (!is_other).then_some(outline)
    }

    /// The modules that will be looked into, as far as that can be told from what has changed: the rules that were asked
    /// about something changed are asked again, and they look where they looked.
    pub(crate) fn wanted(&self, program: &Program) -> Vec<ModuleId> {
        let wanted = Asked::default();
        for (id, module) in program.ids().zip(&self.remembered.modules) {
            let Some(answers) = &module.answers else {
                wanted.add(id);
                continue;
            };
            if self.changed.contains(&id) || self.touches(&answers.sources, &answers.facts, &[], program, &[]) {
                wanted.add_all(&Asked::from_words(&answers.sources));
            }
        }
        wanted.among(program.len()).collect()
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
        let is_touched = self.touches(&answers.sources, &answers.facts, &answers.words, program, evaluated)
            || answers.uses_web && !is_web_same
            || answers.web != web.digest_of(id);
        (!is_touched).then_some(answers)
    }

    /// How routes stood, as far as nothing has changed for them. Only where all routes are the same do their numbers
    /// say which is which.
    pub(crate) fn stood(&self, program: &Program, evaluated: &[ModuleId]) -> Vec<Option<Stood>> {
        let stood = self.remembered.standings.iter().map(|(standing, on)| {
            let is_touched = self.touches(&on.sources, &on.facts, &on.words, program, evaluated);
            (!is_touched).then(|| (standing.clone(), on.clone()))
        });
        stood.collect()
    }

    /// Whether what was found out of these sources, facts and words may be otherwise now.
    pub(crate) fn touches(
        &self,
        sources: &[(u8, u64)],
        facts: &[(u8, u64)],
        words: &[String],
        program: &Program,
        evaluated: &[ModuleId],
    ) -> bool {
        let facts = Asked::from_words(facts);
        if Asked::from_words(sources).has_any(&self.changed) || facts.has_any(&self.changed) || facts.has_any(evaluated)
        {
            return true;
        }
        let says = |&id: &ModuleId| {
            program.module(id).is_none_or(|module| words.iter().any(|word| module.text.contains(word.as_str())))
        };
        self.changed.iter().any(says)
    }
}
