//! What an audit leaves for the next one, written down.

use casemate_python::flow::{Facts, Trails};
use casemate_python::names::Program;

use crate::memory::{Answers, Digested, Kept, OfModule, OfText, Remembered, Seen};
use crate::outline::Outline;
use crate::redact::Redactor;
use crate::rules::{Reported, WebIndex};

/// An audit that has begun from the start, when everything is known.
pub(crate) struct Leaving<'r> {
    pub(crate) key: Digested,
    pub(crate) program: &'r Program,
    pub(crate) facts: &'r Facts<'r>,
    pub(crate) trails: Trails,
    pub(crate) outlines: &'r [Outline],
    /// In what state the modules were met.
    pub(crate) seen: &'r [Seen],
    /// What rules said of each module, and on what it rests.
    pub(crate) answered: Vec<Option<(Answers, Vec<Reported>)>>,
    pub(crate) texts: Vec<OfText>,
    pub(crate) web: &'r WebIndex,
    /// A digest of manifests and templates.
    pub(crate) around: Digested,
}

impl Leaving<'_> {
    /// Everything in one piece; nothing if a secret would show.
    pub(crate) fn write(self, redactor: &Redactor) -> Option<Vec<u8>> {
        let Self { key, program, facts, trails, outlines, seen, answered, texts, web, around } = self;
        let flow = facts.left(program, &trails, &|path, bytes| redactor.shows(path, bytes))?;
        let modules = outlines.iter().zip(seen).zip(answered).map(|((outline, &seen), answered)| {
            let answers = answered
                .and_then(|(answers, found)| Some(Answers { found: Kept::of_all(&found, redactor)?, ..answers }));
            OfModule { seen, outline: outline.kept(redactor), answers }
        });
        let modules = modules.collect();
        let texts = texts.into_iter().map(|text| text.masked(redactor)).collect();
        let standings = web.standings();
        // SECURITY: a guard may be written with a secret.
        let is_told = postcard::to_allocvec(&standings).map_or(true, |bytes| redactor.shows("", &bytes));
        let standings = if is_told { Vec::new() } else { standings };
        let mut mentions = program.mentions();
        mentions.retain(|(word, _)| !redactor.shows("", word.as_bytes()));
        let (has_tenants, web) = (web.has_tenants(), web.digest());
        Remembered { key, modules, texts, web, around, has_tenants, standings, mentions }.write(&flow)
    }
}
