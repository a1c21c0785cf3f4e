//! Names as small numbers, one table per module.

use rustc_hash::FxHashMap;

/// An interned name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

/// All names of a module.
#[derive(Debug, Default)]
pub struct Symbols {
    numbers: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Symbols {
    /// The number of this name, made if it is new.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&number) = self.numbers.get(text) {
            return Symbol(number);
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        Symbol(number)
    }

    /// The number of this name if the module uses it.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.numbers.get(text).map(|&number| Symbol(number))
    }

    /// The name.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.0 as usize).map_or("", |text| text)
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
