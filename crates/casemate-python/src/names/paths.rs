//! One canonical path per library name, however it was imported: `hashlib.sha256().hexdigest`.
//!
//! `()` stands for the result of a call, so the path of a value also says how it came about; an instance of a
//! class is the result of calling it.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

/// A canonical path, by its number in [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PathId(pub u32);

/// The paths a module speaks of.
#[derive(Debug, Default)]
pub struct Paths {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    members: FxHashMap<(u32, u32), u32>,
    results: FxHashMap<u32, u32>,
    scratch: String,
}

/// Longer paths are chains nobody models; following them would only cost memory.
const MAX_LENGTH: usize = 160;

impl Paths {
    /// The number of a path given as text.
    pub fn intern(&mut self, text: &str) -> PathId {
        let known = self.texts.get_index_of(text);
        let at = known.unwrap_or_else(|| self.texts.insert_full(text.into()).0);
        PathId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The path as text.
    pub fn text(&self, path: PathId) -> &str {
        self.texts.get_index(path.0 as usize).map_or("", |text| text)
    }

    /// `path.name`; `symbol` is the number of `name`, to find it again quickly.
    pub fn member(&mut self, path: PathId, symbol: u32, name: &str) -> Option<PathId> {
        if let Some(&known) = self.members.get(&(path.0, symbol)) {
            return Some(PathId(known));
        }
        let parent = self.texts.get_index(path.0 as usize)?;
        if parent.len() + name.len() > MAX_LENGTH {
            return None;
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        text.push_str(parent);
        text.push('.');
        text.push_str(name);
        let made = self.intern(&text);
        self.scratch = text;
        self.members.insert((path.0, symbol), made.0);
        Some(made)
    }

    /// `path()`.
    pub fn result(&mut self, path: PathId) -> Option<PathId> {
        if let Some(&known) = self.results.get(&path.0) {
            return Some(PathId(known));
        }
        let parent = self.texts.get_index(path.0 as usize)?;
        if parent.len() > MAX_LENGTH {
            return None;
        }
        let text = format!("{parent}()");
        let made = self.intern(&text);
        self.results.insert(path.0, made.0);
        Some(made)
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no path at all.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
