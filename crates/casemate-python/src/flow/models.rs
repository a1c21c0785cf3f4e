//! What library functions do to data. Filled in from outside; the analysis gives the kinds no meaning.

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::Labels;

/// Which argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentAt {
    /// Position, from 0, not counting the receiver.
    pub position: Option<usize>,
    /// Keyword.
    pub keyword: Option<String>,
}

/// A place where certain data must not arrive.
#[derive(Clone, Debug)]
pub struct SinkModel {
    /// The kind of place, a number below 32.
    pub kind: u8,
    /// The argument that arrives there.
    pub argument: ArgumentAt,
}

/// What a call does.
#[derive(Clone, Debug, Default)]
pub struct CallModel {
    /// Where its arguments go.
    pub sinks: Vec<SinkModel>,
    /// Labels of its result.
    pub returns: Labels,
    /// Whether the result carries the labels of arguments and receiver.
    pub passes: bool,
    /// Labels the result gets when an argument or the receiver carries others.
    pub transforms: Vec<(Labels, Labels)>,
    /// Sink kinds, as bits, for which the result is harmless.
    pub cleans: u32,
    /// Whether the receiver takes on the labels of the arguments.
    pub fills_receiver: bool,
}

/// All that is known about libraries.
#[derive(Debug)]
pub struct Models {
    /// Other canonical paths for the same thing: `sqlite3.connect()` is a `dbapi.Connection()`.
    pub aliases: FxHashMap<String, String>,
    /// Labels that reading a path gives.
    pub sources: FxHashMap<String, Labels>,
    /// Functions by canonical path.
    pub calls: FxHashMap<String, CallModel>,
    /// Methods by name, for receivers of unknown type.
    pub methods: FxHashMap<String, CallModel>,
    /// Types whose values cannot carry text an attacker chose, by canonical path.
    pub safe_types: FxHashSet<String>,
    /// Labels that the name of a parameter, attribute or key gives.
    pub by_name: fn(&str) -> Labels,
    /// Labels that an input of a route carries.
    pub by_role: fn(crate::routes::Role) -> Labels,
    /// Labels that what is taken out of a labelled object carries too.
    pub through_objects: Labels,
}
