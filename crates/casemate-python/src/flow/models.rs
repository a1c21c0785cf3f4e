//! What library functions do to data. Filled in from outside; the analysis gives the kinds no meaning.

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::Labels;

/// Kinds of sinks, a bit each.
pub type Kinds = u128;

/// Which argument of a call: by position, by keyword, or either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentAt {
    /// Position, from 0, not counting the receiver.
    pub position: Option<usize>,
    /// Keyword.
    pub keyword: Option<String>,
    /// The object a method is called on.
    pub receiver: bool,
    /// Every argument.
    pub any: bool,
}

/// What an argument must be for a sink to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This truth value.
    Bool(bool),
    /// This number.
    Int(i64),
    /// This text.
    Text(String),
    /// One of these things of a library.
    Path(Vec<String>),
    /// Given, or not given.
    Given(bool),
}

/// A condition on an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The argument.
    pub argument: ArgumentAt,
    /// What it must be.
    pub expected: Expected,
}

/// A place where certain data must not arrive.
#[derive(Clone, Debug)]
pub struct SinkModel {
    /// The kind of place, a number below 128.
    pub kind: u8,
    /// The argument that arrives there.
    pub argument: ArgumentAt,
    /// It is a sink only if all of these may hold.
    pub when: Vec<Condition>,
    /// It is no sink if one of these certainly holds.
    pub unless: Vec<Condition>,
}

/// Which outcome of a guard shows that a value is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It says yes.
    Yes,
    /// It says no.
    No,
    /// It comes back at all; otherwise it raises.
    Returns,
    /// What it gives is equal to something of the program's own, or that is among what it gives.
    Equal,
}

/// A function that tells harmless values from others.
#[derive(Clone, Debug)]
pub struct GuardModel {
    /// The value it is asked about.
    pub tested: ArgumentAt,
    /// What it has to say.
    pub holds: Holds,
    /// Sink kinds for which the value is harmless then.
    pub clears: Kinds,
    /// Labels one of which the value must carry for the guard to count; none for any.
    pub needs: Labels,
    /// Whether it speaks of what the value was made from as well: of the name that was joined to a folder.
    pub through: bool,
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
    pub cleans: Kinds,
    /// Whether the receiver takes on the labels of the arguments.
    pub fills_receiver: bool,
}

/// What functions promise whose names say so: `validate_path`, `is_safe_url`, `redact`.
#[derive(Clone, Debug)]
pub struct PromiseModel {
    /// Words one of which the name has to hold.
    pub says: Vec<String>,
    /// Words of which the name has to hold one as well; none for any name.
    pub about: Vec<String>,
    /// Words by which it speaks of something else.
    pub except: Vec<String>,
    /// Sink kinds for which a value is harmless then.
    pub clears: Kinds,
    /// Whether it is the answer no that shows it: `is_private_host`.
    pub denies: bool,
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
    /// Guards by canonical path.
    pub guards: FxHashMap<String, Vec<GuardModel>>,
    /// Guards by the name of a method, for receivers of unknown type.
    pub method_guards: FxHashMap<String, Vec<GuardModel>>,
    /// Types whose values cannot carry text an attacker chose, by canonical path.
    pub safe_types: FxHashSet<String>,
    /// Labels that the name of a parameter, attribute or key gives.
    pub by_name: fn(&str) -> Labels,
    /// Labels that an input of a route carries.
    pub by_role: fn(crate::routes::Role) -> Labels,
    /// Labels that what is taken out of a labelled object carries too.
    pub through_objects: Labels,
    /// Labels of parameters of public functions, where the project is a library.
    pub library: Labels,
    /// Sink kinds for which a value is harmless that is one of those the program itself has a list of.
    pub listed: Kinds,
    /// Labels of what may be compared with as if it were the program's own: the host that was asked.
    pub peers: Labels,
    /// Sink kinds for which that comparison counts: who sends the request also says which host was asked.
    pub peered: Kinds,
    /// What it shows of a value that something read from it is one of a few, by the canonical path of what is read.
    pub derived_guards: FxHashMap<String, Kinds>,
    /// What the names of functions promise.
    pub promises: Vec<PromiseModel>,
    /// The words of a name, in lower case.
    pub words: fn(&str) -> Vec<String>,
}
