//! The modules of a project and what they import from each other.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use memchr::memmem::Finder;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::source::{Source, Text};

use crate::syntax::{ClassId, FunctionId, Import, Module, Op, Symbol, Value};

/// A module of the program, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModuleId(pub u32);

/// Something a module of the project defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A module.
    Module(ModuleId),
    /// A function.
    Function(ModuleId, FunctionId),
    /// A class.
    Class(ModuleId, ClassId),
    /// Another name at module level, with what it holds in the end.
    Variable(ModuleId, Symbol, Value),
}

/// What an import leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Something of the project.
    Project(Definition),
    /// A library name, by its canonical path.
    Library(String),
}

/// All modules, linked. Each is parsed when it is first asked for, and what is asked for is noted.
///
/// A [`Program::watched`] one is the same program with notes of its own: what somebody has found out with it depends
/// on no other modules than those.
#[derive(Clone)]
pub struct Program {
    linked: Arc<Linked>,
    asked: Arc<Asked>,
    /// Words that were looked for in all modules.
    words: Arc<Mutex<BTreeSet<String>>>,
}

struct Linked {
    /// The modules, sorted by path.
    slots: Vec<Slot>,
    /// Module by its path without `.py`; a package by its folder.
    by_file: FxHashMap<String, u32>,
    /// What each module imports of the others, when it has been asked for.
    imported: OnceLock<Vec<Vec<ModuleId>>>,
    /// Where absolute imports lead, by the folder they stand in: the same are asked for again and again.
    found: RwLock<FxHashMap<String, Homes>>,
    /// The modules in which words stand that were looked for.
    mentions: Mutex<FxHashMap<String, Arc<[ModuleId]>>>,
    /// The same, as it was when the sources that have not been read were read. Others may have changed since.
    formerly: FxHashMap<String, Vec<ModuleId>>,
    /// Whether a source was other than it was thought to be.
    is_moved: AtomicBool,
}

/// What names lead to from one folder.
type Homes = FxHashMap<String, Option<ModuleId>>;

struct Slot {
    path: String,
    source: Source,
    module: OnceLock<Module>,
}

impl Slot {
    fn parsed(module: Module) -> Self {
        Self { path: module.path.clone(), source: Source::default(), module: OnceLock::from(module) }
    }

    fn module(&self, is_moved: &AtomicBool) -> &Module {
        self.module.get_or_init(|| {
            let bytes = self.source.take().unwrap_or_else(|| {
                is_moved.store(true, Ordering::Relaxed);
                Vec::new()
            });
            crate::syntax::read(&self.path, &bytes)
        })
    }

    /// Whether a word stands in the source; not knowing counts as yes.
    fn mentions(&self, word: &Finder<'_>, is_moved: &AtomicBool) -> bool {
        let is_in = |text: &[u8]| std::str::from_utf8(text).map_or(true, |text| word.find(text.as_bytes()).is_some());
        let of_source = if self.module.get().is_none() { self.source.holds(is_in) } else { None };
        of_source.unwrap_or_else(|| word.find(self.module(is_moved).text.as_bytes()).is_some())
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("modules", &self.len()).finish_non_exhaustive()
    }
}

/// Modules that are looked into for one name. Re-exports are short; more is a circle, or many `import *`.
const MAX_HOPS: u32 = 32;

/// Modules of Python 3 that `six.moves` has under the names of Python 2.
const MOVED: &[(&str, &str)] = &[
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("builtins", "builtins"),
    ("cPickle", "pickle"),
    ("cStringIO", "io.StringIO"),
    ("configparser", "configparser"),
    ("email_mime_multipart", "email.mime.multipart"),
    ("email_mime_text", "email.mime.text"),
    ("html_parser", "html.parser"),
    ("http_client", "http.client"),
    ("http_cookiejar", "http.cookiejar"),
    ("http_cookies", "http.cookies"),
    ("input", "input"),
    ("shlex_quote", "shlex.quote"),
    ("socketserver", "socketserver"),
    ("urllib", "urllib"),
    ("xmlrpc_client", "xmlrpc.client"),
    ("xmlrpc_server", "xmlrpc.server"),
];

/// The path by which Python 3 knows what `six` gives out.
fn moved(path: String) -> String {
    let Some(rest) = path.strip_prefix("six.moves.").or_else(|| path.strip_prefix("django.utils.six.moves.")) else {
        return path;
    };
    let (module, inner) = rest.split_once('.').map_or((rest, None), |(module, inner)| (module, Some(inner)));
    match (MOVED.iter().find(|(old, _)| *old == module), inner) {
        (Some((_, new)), Some(inner)) => format!("{new}.{inner}"),
        (Some((_, new)), None) => (*new).to_owned(),
        (None, _) => path,
    }
}

impl Program {
    /// Links modules that have been parsed.
    pub fn link(modules: Vec<Module>) -> Self {
        Self::of(modules.into_iter().map(Slot::parsed).collect(), FxHashMap::default())
    }

    /// Links modules that are parsed when they are asked for, each with its path and source, and some that have been.
    /// `mentions` are the numbers of modules in which words stood when those were read that are fetched later.
    pub fn lazily(
        sources: Vec<(String, Text)>,
        parsed: Vec<Module>,
        mentions: FxHashMap<String, Vec<ModuleId>>,
    ) -> Self {
        let slots = sources.into_iter().map(|(path, text)| Slot { path, source: text.into(), module: OnceLock::new() });
        Self::of(slots.chain(parsed.into_iter().map(Slot::parsed)).collect(), mentions)
    }

    fn of(mut slots: Vec<Slot>, formerly: FxHashMap<String, Vec<ModuleId>>) -> Self {
        slots.sort_by(|a, b| a.path.cmp(&b.path));
        let mut by_file = FxHashMap::default();
        for (number, slot) in slots.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            by_file.insert(file_key(&slot.path).to_owned(), number);
        }
        let linked = Linked {
            slots,
            by_file,
            imported: OnceLock::new(),
            found: RwLock::default(),
            mentions: Mutex::default(),
            formerly,
            is_moved: AtomicBool::new(false),
        };
        Self { linked: Arc::new(linked), asked: Arc::default(), words: Arc::default() }
    }

    /// The same program for somebody else, with notes of their own.
    #[must_use]
    pub fn watched(&self) -> Self {
        Self { linked: Arc::clone(&self.linked), asked: Arc::default(), words: Arc::default() }
    }

    /// The modules that have been asked for.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The words that were looked for in all modules.
    pub fn words(&self) -> Vec<String> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Takes over the notes of somebody whose answer is used.
    pub fn note_all(&self, other: &Self) {
        self.asked.add_all(&other.asked);
        let more = other.words();
        self.words.lock().unwrap_or_else(PoisonError::into_inner).extend(more);
    }

    /// The modules in whose source any of these words stands. The others need not be parsed to be told apart.
    pub fn mentioning<'w>(&'w self, words: &[&str]) -> impl Iterator<Item = (ModuleId, &'w Module)> + use<'w> {
        {
            let mut noted = self.words.lock().unwrap_or_else(PoisonError::into_inner);
            noted.extend(words.iter().map(|&word| word.to_owned()));
        }
        let mut found: Vec<ModuleId> = words.iter().flat_map(|word| self.mentions_of(word).to_vec()).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|id| Some((id, self.module(id)?)))
    }

    /// The modules in whose source a word stands, in order.
    fn mentions_of(&self, word: &str) -> Arc<[ModuleId]> {
        let linked = &*self.linked;
        let known = linked.mentions.lock().unwrap_or_else(PoisonError::into_inner).get(word).cloned();
        known.unwrap_or_else(|| {
            let formerly = linked.formerly.get(word);
            let places = self.ids().zip(&linked.slots);
            let finder = Finder::new(word);
            let stands = |(id, slot): &(ModuleId, &Slot)| match formerly {
                Some(formerly) if slot.source.is_as_it_was() => formerly.binary_search(id).is_ok(),
                _ => slot.mentions(&finder, &linked.is_moved),
            };
            let found: Arc<[ModuleId]> = places.filter(stands).map(|(id, _)| id).collect();
            let mut known = linked.mentions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(word.to_owned()).or_insert(found))
        })
    }

    /// The words that anybody has looked for in all modules, with those in which they stand; for [`Program::lazily`].
    pub fn mentions(&self) -> Vec<(String, Vec<ModuleId>)> {
        let known = self.linked.mentions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = known.iter().map(|(word, found)| (word.clone(), found.to_vec())).collect();
        all.sort();
        all
    }

    /// Whether a source that was fetched late was other than it was thought to be. What has been found out is worth
    /// nothing then.
    pub fn is_moved(&self) -> bool {
        self.linked.is_moved.load(Ordering::Relaxed)
    }

    /// How many modules there are.
    pub fn len(&self) -> usize {
        self.linked.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.linked.slots.is_empty()
    }

    /// A module.
    pub fn module(&self, id: ModuleId) -> Option<&Module> {
        let slot = self.linked.slots.get(id.0 as usize)?;
        self.asked.add(id);
        Some(slot.module(&self.linked.is_moved))
    }

    /// Parses a module that somebody is going to ask for.
    pub fn parse(&self, id: ModuleId) {
        if let Some(slot) = self.linked.slots.get(id.0 as usize) {
            slot.module(&self.linked.is_moved);
        }
    }

    /// The path of a module.
    pub fn path(&self, id: ModuleId) -> Option<&str> {
        self.linked.slots.get(id.0 as usize).map(|slot| slot.path.as_str())
    }

    /// The numbers of all modules.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(ModuleId)
    }

    /// All modules with their ids.
    pub fn module_ids(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.ids().filter_map(|id| Some((id, self.module(id)?)))
    }

    /// All modules.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.module_ids().map(|(_, module)| module)
    }

    /// The modules of the project that each imports, in the order of their numbers.
    pub fn imported(&self) -> &[Vec<ModuleId>] {
        self.linked.imported.get_or_init(|| {
            let ids: Vec<ModuleId> = self.ids().collect();
            ids.par_iter().map(|&id| self.imported_by(id)).collect()
        })
    }

    /// The modules of the project that one imports.
    pub(crate) fn imported_by(&self, id: ModuleId) -> Vec<ModuleId> {
        let Some(module) = self.module(id) else { return Vec::new() };
        let mut found = FxHashSet::default();
        for import in &module.imports {
            if let Target::Project(definition) = self.import(id, import) {
                let (Definition::Module(home)
                | Definition::Function(home, _)
                | Definition::Class(home, _)
                | Definition::Variable(home, _, _)) = definition;
                if home != id {
                    found.insert(home);
                }
            }
        }
        let mut found: Vec<ModuleId> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// What an import of a module leads to.
    pub fn import(&self, importer: ModuleId, import: &Import) -> Target {
        self.import_within(importer, import, &mut { MAX_HOPS })
    }

    fn import_within(&self, importer: ModuleId, import: &Import, hops: &mut u32) -> Target {
        let library = || {
            let mut path = import.module.clone();
            match &import.name {
                Some(name) if path.is_empty() => path.clone_from(name),
                Some(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                None if import.binds_root => path.truncate(path.find('.').unwrap_or(path.len())),
                None => {}
            }
            Target::Library(moved(path))
        };
        let Some(path) = self.path(importer) else { return library() };
        let dotted = if import.binds_root { import.module.split('.').next().unwrap_or("") } else { &import.module };
        let Some(found) = self.find_module(path, import.level, dotted) else {
            // `from . import x` in a folder without `__init__.py`.
            if import.level > 0
                && let Some(name) = &import.name
            {
                let inner = if dotted.is_empty() { name.clone() } else { format!("{dotted}.{name}") };
                if let Some(found) = self.find_module(path, import.level, &inner) {
                    return Target::Project(Definition::Module(found));
                }
            }
            return library();
        };
        match &import.name {
            None => Target::Project(Definition::Module(found)),
            Some(name) => self.member_within(found, name, hops).unwrap_or_else(library),
        }
    }

    /// What `module.name` is.
    pub fn member(&self, module: ModuleId, name: &str) -> Option<Target> {
        self.member_within(module, name, &mut { MAX_HOPS })
    }

    fn member_within(&self, id: ModuleId, name: &str, hops: &mut u32) -> Option<Target> {
        *hops = hops.checked_sub(1)?;
        let module = self.module(id)?;
        let body = module.functions.first()?;
        if let Some(symbol) = module.symbols.find(name)
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(symbol, _)| *symbol)
        {
            let value = body.exit[at].1;
            return Some(match body.op(value) {
                Op::Function(function) => Target::Project(Definition::Function(id, function)),
                Op::Class(class) => Target::Project(Definition::Class(id, class)),
                Op::Import(import) => self.import_within(id, module.imports.get(import as usize)?, hops),
                _ => Target::Project(Definition::Variable(id, symbol, value)),
            });
        }
        // A submodule, or a name that came with `import *`.
        let key = format!("{}/{name}", file_key(&module.path));
        if is_package(&module.path)
            && let Some(&found) = self.linked.by_file.get(key.as_str())
        {
            return Some(Target::Project(Definition::Module(ModuleId(found))));
        }
        for &star in &module.star_imports {
            let import = module.imports.get(star as usize)?;
            if let Some(from) = self.find_module(&module.path, import.level, &import.module)
                && from != id
                && let Some(target) = self.member_within(from, name, hops)
            {
                return Some(target);
            }
        }
        None
    }

    /// The module that `dotted` names for an importer, as Python would find it from any root of the project.
    fn find_module(&self, importer: &str, level: u32, dotted: &str) -> Option<ModuleId> {
        let mut folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        if level > 0 {
            for _ in 1..level {
                folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            }
            return self.file(folder, &dotted.replace('.', "/"));
        }
        let known = self.linked.found.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(&found) = known.get(folder).and_then(|homes| homes.get(dotted)) {
            return found;
        }
        drop(known);
        let found = self.find_above(folder, &dotted.replace('.', "/"));
        let mut known = self.linked.found.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(folder.to_owned()).or_default().insert(dotted.to_owned(), found);
        found
    }

    /// The module at a relative path in a folder or in one of those around it.
    fn find_above(&self, mut folder: &str, relative: &str) -> Option<ModuleId> {
        loop {
            // A folder that is itself a package is no place to import from by a bare name.
            let package = self.linked.by_file.get(folder).is_some_and(|&number| {
                self.linked.slots.get(number as usize).is_some_and(|slot| is_package(&slot.path))
            });
            if !package {
                for root in ["", "src", "lib"] {
                    let base = match (folder, root) {
                        (folder, "") => folder.to_owned(),
                        ("", root) => root.to_owned(),
                        (folder, root) => format!("{folder}/{root}"),
                    };
                    if let Some(found) = self.file(&base, relative) {
                        return Some(found);
                    }
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
    }

    fn file(&self, folder: &str, relative: &str) -> Option<ModuleId> {
        let found = match (folder, relative) {
            (folder, "") => self.linked.by_file.get(folder),
            ("", relative) => self.linked.by_file.get(relative),
            (folder, relative) => self.linked.by_file.get(format!("{folder}/{relative}").as_str()),
        };
        found.map(|&number| ModuleId(number))
    }
}

fn is_package(path: &str) -> bool {
    path == "__init__.py" || path.ends_with("/__init__.py")
}

fn file_key(path: &str) -> &str {
    if path == "__init__.py" {
        return "";
    }
    let stem = path
        .strip_suffix(".py")
        .or_else(|| path.strip_suffix(".pyi"))
        .or_else(|| path.strip_suffix(".pyw"))
        .unwrap_or(path);
    stem.strip_suffix("/__init__").unwrap_or(stem)
}
