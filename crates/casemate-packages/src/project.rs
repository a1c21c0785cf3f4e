//! The manifests of a tree taken together: what includes what, which lock belongs to which manifest, who needs whom.

use std::collections::{HashMap, HashSet, VecDeque};

use pep440_rs::Version;

use crate::manifest::{Manifest, ManifestKind, ManifestProblem, Origin, PackageName};

/// The manifests of a tree, by path.
#[derive(Debug)]
pub struct Project<'m> {
    manifests: Vec<&'m Manifest>,
    by_path: HashMap<&'m str, usize>,
}

impl<'m> Project<'m> {
    /// Takes the manifests together.
    pub fn new(manifests: impl IntoIterator<Item = &'m Manifest>) -> Self {
        let manifests: Vec<&Manifest> = manifests.into_iter().collect();
        let by_path = manifests.iter().enumerate().map(|(at, one)| (one.path.as_str(), at)).collect();
        Self { manifests, by_path }
    }

    /// All manifests.
    pub fn manifests(&self) -> &[&'m Manifest] {
        &self.manifests
    }

    /// The manifest at a path.
    pub fn at(&self, path: &str) -> Option<&'m Manifest> {
        self.by_path.get(path).and_then(|&at| self.manifests.get(at)).copied()
    }

    /// The lock files made from a manifest: those in its folder that its tools write, or that of the workspace around it.
    pub fn locks_of(&self, manifest: &Manifest) -> Vec<&'m Manifest> {
        let fits = |lock: &&&'m Manifest| match manifest.kind {
            ManifestKind::Pyproject => {
                matches!(
                    lock.kind,
                    ManifestKind::PoetryLock | ManifestKind::UvLock | ManifestKind::PdmLock | ManifestKind::Pylock
                )
            }
            ManifestKind::Pipfile => lock.kind == ManifestKind::PipfileLock,
            _ => false,
        };
        let own: Vec<&Manifest> =
            self.manifests.iter().filter(|lock| lock.folder() == manifest.folder()).filter(fits).copied().collect();
        if !own.is_empty() || manifest.kind != ManifestKind::Pyproject {
            return own;
        }
        let around = self.manifests.iter().filter(|one| {
            one.kind == ManifestKind::Pyproject
                && one.folder().len() < manifest.folder().len()
                && manifest.folder().starts_with(one.folder())
                && one.members.iter().any(|member| is_member(one.folder(), member, manifest.folder()))
        });
        let around = around.max_by_key(|one| one.folder().len());
        let locks = self.manifests.iter().filter(|lock| lock.kind == ManifestKind::UvLock);
        around
            .into_iter()
            .flat_map(|around| locks.clone().filter(|lock| lock.folder() == around.folder()))
            .copied()
            .collect()
    }

    /// The manifests a lock file was made from.
    pub fn manifests_of(&self, lock: &Manifest) -> Vec<&'m Manifest> {
        let made_from = |one: &&&'m Manifest| {
            matches!(one.kind, ManifestKind::Pyproject | ManifestKind::Pipfile)
                && self.locks_of(one).iter().any(|own| std::ptr::eq(*own, lock) || own.path == lock.path)
        };
        self.manifests.iter().filter(made_from).copied().collect()
    }

    /// Who asks for a package of this file, from what the project itself asks for down to the last one before it; empty if
    /// the project asks for it itself, or if the file does not say.
    pub fn required_by(&self, file: &Manifest, name: &PackageName) -> Vec<PackageName> {
        let mut asking: HashMap<&PackageName, Vec<usize>> = HashMap::new();
        for (at, one) in file.dependencies.iter().enumerate() {
            for needed in &one.requires {
                asking.entry(needed).or_default().push(at);
            }
        }
        let is_start = |at: usize| file.dependencies.get(at).is_some_and(|one| one.is_direct == Some(true));
        if file.dependencies.iter().any(|one| one.name == *name && one.is_direct == Some(true)) {
            return Vec::new();
        }
        // Breadth first and upwards, so that the way told is the shortest.
        let mut from: HashMap<usize, Option<usize>> = HashMap::new();
        let mut open: VecDeque<usize> = VecDeque::new();
        for &at in asking.get(name).into_iter().flatten() {
            from.entry(at).or_insert(None);
            open.push_back(at);
        }
        let mut topmost = None;
        while let Some(at) = open.pop_front() {
            topmost.get_or_insert(at);
            if is_start(at) {
                topmost = Some(at);
                break;
            }
            let Some(one) = file.dependencies.get(at) else { continue };
            for &above in asking.get(&one.name).into_iter().flatten() {
                if let std::collections::hash_map::Entry::Vacant(free) = from.entry(above) {
                    free.insert(Some(at));
                    open.push_back(above);
                }
            }
        }
        let mut way = Vec::new();
        let mut at = topmost;
        while let Some(here) = at {
            way.extend(file.dependencies.get(here).map(|one| one.name.clone()));
            at = from.get(&here).copied().flatten();
        }
        // The project itself stands in some locks as a package like the others.
        way.retain(|one| file.project.as_ref() != Some(one) && one != name);
        way
    }
}

/// Whether a folder is one that a pattern of members names: `packages/*`, `libs/core`.
fn is_member(root: &str, pattern: &str, folder: &str) -> bool {
    let Some(below) = folder.strip_prefix(root) else { return false };
    let below: Vec<&str> = below.trim_end_matches('/').split('/').collect();
    let pattern: Vec<&str> = pattern.trim_start_matches("./").trim_end_matches('/').split('/').collect();
    if pattern.contains(&"**") {
        return true;
    }
    pattern.len() == below.len()
        && pattern.iter().zip(&below).all(|(wanted, part)| match wanted.split_once('*') {
            Some((before, after)) => part.starts_with(before) && part.ends_with(after),
            None => wanted == part,
        })
}

/// Lets the manifests of a tree know of each other: what is only included as a constraint limits and asks for nothing, a
/// constraint that pins a version pins the requirement it is for, and locks learn what the project asks for itself.
pub fn join(manifests: &mut [&mut Manifest]) {
    let by_path: HashMap<String, usize> =
        manifests.iter().enumerate().map(|(at, one)| (one.path.clone(), at)).collect();
    let mut required: HashSet<usize> = HashSet::new();
    let mut limiting: HashSet<usize> = HashSet::new();
    for one in manifests.iter() {
        for include in &one.includes {
            if let Some(&at) = by_path.get(&include.path) {
                if include.is_constraint {
                    limiting.insert(at)
                } else {
                    required.insert(at)
                };
            }
        }
    }
    for &at in limiting.difference(&required) {
        for dependency in manifests.get_mut(at).into_iter().flat_map(|one| &mut one.dependencies) {
            dependency.is_constraint = true;
        }
    }
    pin(manifests, &by_path);
    group(manifests, &by_path);
    installed(manifests);
    let direct: Vec<(usize, Vec<PackageName>)> = {
        let project = Project::new(manifests.iter().map(|one| &**one));
        let locks = manifests.iter().enumerate().filter(|(_, one)| one.kind.is_lock());
        locks
            .filter_map(|(at, lock)| {
                let from = project.manifests_of(lock);
                if from.is_empty() || from.iter().any(|one| one.is_dynamic) {
                    return None;
                }
                let names = from.iter().flat_map(|one| &one.dependencies).filter(|one| !one.is_constraint);
                Some((at, names.map(|one| one.name.clone()).collect()))
            })
            .collect()
    };
    for (at, names) in direct {
        for dependency in manifests.get_mut(at).into_iter().flat_map(|one| &mut one.dependencies) {
            dependency.is_direct.get_or_insert_with(|| names.contains(&dependency.name));
        }
    }
}

/// Requirements without a version take the one their constraints allow.
fn pin(manifests: &mut [&mut Manifest], by_path: &HashMap<String, usize>) {
    for root in 0..manifests.len() {
        let (mut files, mut limits) = (HashSet::new(), HashSet::new());
        let mut open = vec![(root, false)];
        while let Some((at, limits_only)) = open.pop() {
            let set = if limits_only { &mut limits } else { &mut files };
            if !set.insert(at) {
                continue;
            }
            for include in manifests.get(at).into_iter().flat_map(|one| &one.includes) {
                open.extend(by_path.get(&include.path).map(|&at| (at, limits_only || include.is_constraint)));
            }
        }
        if limits.is_empty() {
            continue;
        }
        let limited = limits.iter().filter_map(|&at| manifests.get(at)).flat_map(|one| &one.dependencies);
        let pins: HashMap<PackageName, Version> =
            limited.filter_map(|one| Some((one.name.clone(), one.version.clone()?))).collect();
        for at in files {
            for dependency in manifests.get_mut(at).into_iter().flat_map(|one| &mut one.dependencies) {
                if dependency.version.is_none() && !dependency.is_constraint {
                    dependency.version = pins.get(&dependency.name).cloned();
                }
            }
        }
    }
}

/// Installed packages learn from the files beside them where they came from, and from each other who asks for them.
fn installed(manifests: &mut [&mut Manifest]) {
    let mut from: HashMap<String, (Origin, bool)> = HashMap::new();
    let mut needed: HashSet<(String, PackageName)> = HashSet::new();
    for one in manifests.iter() {
        let Some(environment) = one.environment() else { continue };
        from.extend(one.installed_from.clone().map(|origin| (one.folder().to_owned(), origin)));
        for dependency in &one.dependencies {
            let others = dependency.requires.iter().filter(|name| **name != dependency.name);
            needed.extend(others.map(|name| (environment.to_owned(), name.clone())));
        }
    }
    for one in manifests.iter_mut() {
        let Some(environment) = one.environment().map(str::to_owned) else { continue };
        let came = from.get(one.folder()).cloned();
        for dependency in &mut one.dependencies {
            if let Some((origin, is_editable)) = &came {
                dependency.origin = origin.clone();
                dependency.is_editable = *is_editable;
            }
            dependency.is_direct = Some(!needed.contains(&(environment.clone(), dependency.name.clone())));
        }
    }
}

/// What a file fills a group with belongs to the group.
fn group(manifests: &mut [&mut Manifest], by_path: &HashMap<String, usize>) {
    let mut groups: Vec<(usize, String)> = Vec::new();
    for one in manifests.iter() {
        for include in &one.includes {
            if let (Some(&at), Some(group)) = (by_path.get(&include.path), &include.group) {
                groups.push((at, group.clone()));
            }
        }
    }
    for (at, group) in groups {
        for dependency in manifests.get_mut(at).into_iter().flat_map(|one| &mut one.dependencies) {
            if !dependency.groups.contains(&group) {
                dependency.groups.push(group.clone());
            }
        }
    }
}

/// The problem of an included file that is not there.
pub fn missing(include: &crate::manifest::Include) -> ManifestProblem {
    let shown = crate::manifest::without_credentials(&include.path);
    let message = if include.path.contains("://") {
        format!("`{shown}` lies elsewhere and was not fetched, so what it asks for was not checked")
    } else {
        format!("`{shown}` is not among the audited files, so what it asks for was not checked")
    };
    ManifestProblem { span: include.span.clone(), message }
}
