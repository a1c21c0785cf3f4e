//! What lock files have in common: which packages come in only by a group or an extra, and whether all that is needed is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::reader::{Reader, shorten};
use super::table::{Table, Text};
use super::{Dependency, PackageName};

impl Reader<'_> {
    /// The package that an entry of a lock file is about, with its name where it stands; a problem, and none, if the
    /// entry does not say.
    pub(super) fn package<'a>(&mut self, entry: &'a Table<'_>, span: Range<usize>) -> Option<(Text<'a>, Dependency)> {
        let Some(name) = self.string(entry, "name") else {
            self.problem(span, "a package without a name; it was not read");
            return None;
        };
        let Some(parsed) = PackageName::parse(name.value) else {
            self.problem(name.span, format!("no package can be called `{}`; it was not read", shorten(name.value)));
            return None;
        };
        let dependency = Dependency::new(parsed, name.value, name.span.clone());
        Some((name, dependency))
    }
}

/// A package of the lock with what it needs; numbers stand for packages, extras for those it is needed with.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) needs: Vec<Need>,
    pub(super) by_extra: BTreeMap<String, Vec<Need>>,
}

/// That one package needs another.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) name: PackageName,
    pub(super) version: Option<String>,
    pub(super) extras: Vec<String>,
    pub(super) span: Range<usize>,
    /// Whether a lock may leave it out: it depends on an environment the lock was perhaps not made for.
    pub(super) is_conditional: bool,
}

/// Follows needs from their roots: for each package the groups it is reached by, where `None` is the project itself.
pub(super) fn reached(
    nodes: &[Node],
    roots: &[(Option<String>, Vec<Need>)],
    find: impl Fn(&Need) -> Vec<usize>,
) -> Vec<BTreeSet<Option<String>>> {
    let mut by: Vec<BTreeSet<Option<String>>> = vec![BTreeSet::new(); nodes.len()];
    for (group, needs) in roots {
        let mut seen: HashSet<(usize, String)> = HashSet::new();
        let mut open: Vec<(usize, String)> = Vec::new();
        let mut enter = |need: &Need, open: &mut Vec<(usize, String)>| {
            for at in find(need) {
                for extra in std::iter::once("").chain(need.extras.iter().map(String::as_str)) {
                    if seen.insert((at, extra.to_owned())) {
                        open.push((at, extra.to_owned()));
                    }
                }
            }
        };
        for need in needs {
            enter(need, &mut open);
        }
        while let Some((at, extra)) = open.pop() {
            let Some(node) = nodes.get(at) else { continue };
            if let Some(by) = by.get_mut(at) {
                by.insert(group.clone());
            }
            let needs = if extra.is_empty() { Some(&node.needs) } else { node.by_extra.get(&extra) };
            for need in needs.into_iter().flatten() {
                enter(need, &mut open);
            }
        }
    }
    by
}

/// Groups of a package: none if the project itself reaches it.
pub(super) fn groups(by: &BTreeSet<Option<String>>) -> Vec<String> {
    if by.contains(&None) { Vec::new() } else { by.iter().flatten().cloned().collect() }
}

/// Tells packages that others need and the file has no entry for: the usual mark of a file that was cut off.
pub(super) fn tell_missing(reader: &mut Reader<'_>, nodes: &[Node], names: &HashSet<PackageName>) {
    let mut told = HashSet::new();
    for need in nodes.iter().flat_map(|node| node.needs.iter().chain(node.by_extra.values().flatten())) {
        if need.is_conditional || names.contains(&need.name) || !told.insert(need.name.clone()) {
            continue;
        }
        let message = format!(
            "`{}` is needed, but the lock file has no entry for it, so it was not checked; is the file cut off?",
            need.name
        );
        reader.problem(need.span.clone(), message);
    }
}

/// Tells a lock file that locks nothing.
pub(super) fn tell_empty(reader: &mut Reader<'_>) {
    if reader.manifest.dependencies.is_empty() && reader.manifest.problems.is_empty() {
        let end = reader.text.len().min(1);
        reader.problem(0..end, "no package is locked here; if the project has dependencies, lock them again");
    }
}

/// Entries of the same package and version are one.
pub(super) fn join_same(dependencies: Vec<Dependency>) -> Vec<Dependency> {
    let mut at: HashMap<(PackageName, Option<pep440_rs::Version>), usize> = HashMap::new();
    let mut joined: Vec<Dependency> = Vec::with_capacity(dependencies.len());
    for one in dependencies {
        let key = (one.name.clone(), one.version.clone());
        match at.get(&key).and_then(|&at| joined.get_mut(at)) {
            Some(known) => {
                // What comes in without a group for one entry does so for both.
                if known.groups.is_empty() || one.groups.is_empty() {
                    known.groups.clear();
                } else {
                    known.groups.extend(
                        one.groups.into_iter().filter(|group| !known.groups.contains(group)).collect::<Vec<_>>(),
                    );
                }
                known
                    .requires
                    .extend(one.requires.into_iter().filter(|name| !known.requires.contains(name)).collect::<Vec<_>>());
                known
                    .hashes
                    .extend(one.hashes.into_iter().filter(|hash| !known.hashes.contains(hash)).collect::<Vec<_>>());
                known.extras.extend(one.extras);
                known.marker.or(one.marker);
            }
            None => {
                at.insert(key, joined.len());
                joined.push(one);
            }
        }
    }
    joined
}
