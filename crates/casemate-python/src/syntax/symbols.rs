//! Names as small numbers, one table per module.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

/// An interned name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Symbol(pub u32);

/// All names of a module.
#[derive(Debug, Default)]
pub struct Symbols {
    texts: IndexSet<Box<str>, FxBuildHasher>,
}

impl Symbols {
    /// The number of this name, made if it is new.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let known = self.texts.get_index_of(text);
        let at = known.unwrap_or_else(|| self.texts.insert_full(text.into()).0);
        Symbol(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The number of this name if the module uses it.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.texts.get_index_of(text).map(|at| Symbol(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// The name.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get_index(symbol.0 as usize).map_or("", |text| text)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no name at all.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
