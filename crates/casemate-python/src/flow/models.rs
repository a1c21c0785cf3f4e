//! All that is known of libraries, filled in from outside; the analysis gives the kinds no meaning.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{CallModel, GuardModel, Kinds, Labels, PromiseModel};
use crate::routes::Role;

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
    pub by_role: fn(Role) -> Labels,
    /// Labels that what is taken out of a labelled object carries too.
    pub through_objects: Labels,
    /// Labels of parameters of public functions, where the project is a library.
    pub library: Labels,
    /// Labels of parameters of public functions, where nothing calls them from outside and nobody said that it is a library.
    pub callers: Labels,
    /// Sink kinds for which a value is harmless that is one of those the program itself has a list of.
    pub listed: Kinds,
    /// Labels of what may be compared with as if it were the program's own: the host that was asked.
    pub peers: Labels,
    /// Sink kinds for which that comparison counts: who sends the request also says which host was asked.
    pub peered: Kinds,
    /// What it shows of a value that something read from it is one of a few, by the canonical path of what is read.
    pub derived_guards: FxHashMap<String, Kinds>,
    /// Characters that a sink kind cannot do without: text that has none of them is harmless there.
    pub without: Vec<(String, Kinds)>,
    /// Sink kinds for which it is harmless to be one of those that a library lists, by the canonical path of the list.
    pub members: FxHashMap<String, Kinds>,
    /// What an instance of a library's form keeps its data under, by canonical path, with the name under which the
    /// models know what one field lets through: `cleaned` of `django.forms.CharField().cleaned`.
    pub forms: FxHashMap<String, String>,
    /// What the names of functions promise.
    pub promises: Vec<PromiseModel>,
    /// The words of a name, in lower case.
    pub words: fn(&str) -> Vec<String>,
    /// Every path that something is said about, or about what is read from there; made when it is first asked for.
    pub described: OnceLock<FxHashSet<String>>,
}

impl Models {
    /// Whether something is said about a path, or about what is read from there.
    pub(super) fn describes(&self, path: &str) -> bool {
        let all = self.described.get_or_init(|| {
            let paths = self.calls.keys().chain(self.sources.keys()).chain(self.aliases.keys());
            let beginnings = |path: &String| {
                let ends = path.match_indices(['.', '(']).map(|(at, _)| at).chain([path.len()]);
                ends.filter_map(|end| path.get(..end)).map(str::to_owned).collect::<Vec<_>>()
            };
            paths.flat_map(beginnings).collect()
        });
        all.contains(path)
    }

    /// The sink kinds for which text is harmless that does not hold this.
    pub(super) fn without_text(&self, text: &str) -> Kinds {
        self.without.iter().filter(|(character, _)| character == text).fold(0, |mask, (_, kinds)| mask | kinds)
    }
}
