//! What somebody has asked for, so that it is known on what their answer depends.

use std::sync::atomic::{AtomicU64, Ordering};

use super::ModuleId;

/// Words of 64 modules each. Of larger programs some modules share a note, so that one is thought to have been asked
/// for where the other was: what depends on it is found out again once too often, never once too seldom.
const WORDS: usize = 128;

/// Modules that have been asked for.
#[derive(Debug)]
pub struct Asked([AtomicU64; WORDS]);

impl Default for Asked {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; WORDS])
    }
}

impl Asked {
    fn place(id: ModuleId) -> (usize, u64) {
        let at = id.0 as usize % (WORDS * 64);
        (at / 64, 1 << (at % 64))
    }

    /// Notes a module.
    pub fn add(&self, id: ModuleId) {
        let (word, bit) = Self::place(id);
        if let Some(word) = self.0.get(word)
            && word.load(Ordering::Relaxed) & bit == 0
        {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Whether a module has been asked for.
    pub fn has(&self, id: ModuleId) -> bool {
        let (word, bit) = Self::place(id);
        self.0.get(word).is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// Notes all that another has.
    pub fn add_all(&self, other: &Self) {
        for (own, more) in self.0.iter().zip(&other.0) {
            let more = more.load(Ordering::Relaxed);
            if more & !own.load(Ordering::Relaxed) != 0 {
                own.fetch_or(more, Ordering::Relaxed);
            }
        }
    }

    /// The notes as numbers: for each word that has any its place, and the word.
    pub fn words(&self) -> Vec<(u8, u64)> {
        let words = self.0.iter().enumerate().map(|(at, word)| (at, word.load(Ordering::Relaxed)));
        words.filter(|(_, word)| *word != 0).map(|(at, word)| (u8::try_from(at).unwrap_or(u8::MAX), word)).collect()
    }

    /// The notes from such numbers.
    pub fn from_words(words: &[(u8, u64)]) -> Self {
        let asked = Self::default();
        for &(at, word) in words {
            if let Some(own) = asked.0.get(usize::from(at)) {
                own.fetch_or(word, Ordering::Relaxed);
            }
        }
        asked
    }

    /// The modules in question among so many. Of more than there are notes some are named that were not asked for.
    pub fn among(&self, count: usize) -> impl Iterator<Item = ModuleId> {
        (0..u32::try_from(count).unwrap_or(u32::MAX)).map(ModuleId).filter(|&id| self.has(id))
    }

    /// Whether any of these modules has been asked for.
    pub fn has_any(&self, ids: &[ModuleId]) -> bool {
        ids.iter().any(|&id| self.has(id))
    }
}
