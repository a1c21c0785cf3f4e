//! What library functions do to data. Filled in from outside; the analysis gives the kinds no meaning.

use serde::{Deserialize, Serialize};

use super::fact::Labels;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether it holds of all that is given but the first, which stays what it was: `url_join(base, name)`.
    pub but_first: bool,
}
