//! Every version of every file that is reachable in a repository, each once.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::hashtable::HashSet as IdSet;
use gix::objs::tree::EntryKind;
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::prelude::FindExt;
use rayon::prelude::*;

use crate::repository::{GitError, Repository, first_line, legible};

/// For each thread: versions of one file are kept as differences from each other, so the last ones are wanted again.
const DELTA_CACHE_BYTES: usize = 48 << 20;

/// How many neighbouring versions one thread takes at a time.
const BATCH: usize = 64;

/// Folders nested deeper than this are no work of people.
const DEEPEST: usize = 1024;

/// Problems of one kind beyond this number are only counted.
const MOST_PROBLEMS: usize = 5;

/// Which commits are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// All that branches, tags, stashes, notes and the heads of work trees reach.
    Everything,
    /// What `A..B`, `A..` (up to `HEAD`) or `B` reaches.
    Named(String),
}

/// What is left out.
pub struct Limits<'a> {
    /// Larger versions are counted, not looked at.
    pub largest: u64,
    /// Whether a file, or what is in a folder, is of interest. Of a folder nobody wants nothing is looked at.
    pub wants: &'a (dyn Fn(&str, EntryIs) -> bool + Sync),
}

/// What a path is the path of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryIs {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Commits whose folders have been compared with what was seen before.
    Commits {
        /// So many.
        done: usize,
        /// Of so many.
        total: usize,
    },
    /// Versions that have been looked at.
    Versions {
        /// So many.
        done: usize,
        /// Of so many.
        total: usize,
    },
}

/// One version of one file.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// Path relative to the top of the repository, with `/` between its parts.
    pub path: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// The number of the commit that brought it, the oldest being 0; see [`History::commits`].
    pub commit: usize,
}

/// Who made a commit, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Full id in hex.
    pub id: String,
    /// The author's name.
    pub name: String,
    /// Day of the author's date, where it was for the author: `2024-05-31`.
    pub date: String,
}

/// What was looked at.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Ids of the commits, each after its parents, the oldest first.
    pub commits: Vec<ObjectId>,
    /// Versions looked at.
    pub versions: usize,
    /// Versions left out because they are no text.
    pub binary: usize,
    /// What could not be read, and what that means.
    pub problems: Vec<String>,
}

/// A version to look at.
struct Found {
    id: ObjectId,
    path: u32,
    commit: u32,
}

impl Repository {
    /// Shows every version to `look`, from any thread and in any order, each once: with the path and the commit under
    /// which it came first.
    ///
    /// Runs on the threads of the current pool.
    pub fn history(
        &self,
        range: &Range,
        limits: &Limits<'_>,
        progress: &(dyn Fn(Progress) + Sync),
        look: &(dyn Fn(&Version<'_>) + Sync),
    ) -> Result<History, GitError> {
        let repository = self.handle();
        let mut plan = Plan::new(&repository);
        match range {
            Range::Everything => plan.everything(self)?,
            Range::Named(name) => plan.named(name)?,
        }
        plan.find_versions(limits, progress);
        let Plan { order, mut found, paths, mut problems, .. } = plan;
        let commits: Vec<ObjectId> = order;

        // Versions of one file stand together, the newest first: that is how git packs differences.
        found.sort_unstable_by_key(|version| (version.path, Reverse(version.commit)));
        let handles: Mutex<Vec<gix::Repository>> = Mutex::new(vec![repository]);
        let (done, total) = (AtomicUsize::new(0), found.len());
        let tally = Tally::default();
        found.par_chunks(BATCH).for_each(|batch| {
            let kept = handles.lock().ok().and_then(|mut handles| handles.pop());
            let handle = kept.unwrap_or_else(|| self.handle());
            let mut buffer = Vec::new();
            for version in batch {
                let path = paths.get(version.path as usize).map_or("", String::as_str);
                tally.look_at(&handle, version, path, limits.largest, &mut buffer, look);
            }
            progress(Progress::Versions { done: done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len(), total });
            if let Ok(mut handles) = handles.lock() {
                handles.push(handle);
            }
        });
        let Tally { looked, binary, large, broken } = tally;
        let (large, broken) = (large.into_inner().unwrap_or_default(), broken.into_inner().unwrap_or_default());
        tell_some(&mut problems, large, |path| {
            format!("`{path}`: a version of it is larger than {} MiB and was not looked at", limits.largest >> 20)
        });
        tell_some(&mut problems, broken, |message| message);
        Ok(History { commits, versions: looked.into_inner(), binary: binary.into_inner(), problems })
    }

    /// Who made a commit.
    pub fn author(&self, commit: ObjectId) -> Author {
        let repository = self.inner.to_thread_local();
        let known = repository.find_commit(commit).ok().and_then(|commit| {
            let author = commit.author().ok()?;
            let name = String::from_utf8_lossy(author.name).trim().to_owned();
            let time = author.time().ok()?;
            Some((name, time.format(gix::date::time::format::SHORT).ok()?))
        });
        let (name, date) = known.unwrap_or_default();
        Author { id: commit.to_string(), name, date }
    }

    fn handle(&self) -> gix::Repository {
        let mut repository = self.inner.to_thread_local();
        repository.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_CACHE_BYTES)));
        repository
    }
}

/// What became of the versions.
#[derive(Default)]
struct Tally {
    looked: AtomicUsize,
    binary: AtomicUsize,
    large: Mutex<Vec<String>>,
    broken: Mutex<Vec<String>>,
}

impl Tally {
    fn look_at(
        &self,
        repository: &gix::Repository,
        version: &Found,
        path: &str,
        largest: u64,
        buffer: &mut Vec<u8>,
        look: &(dyn Fn(&Version<'_>) + Sync),
    ) {
        let note = |list: &Mutex<Vec<String>>, message: String| {
            if let Ok(mut list) = list.lock() {
                list.push(message);
            }
        };
        let id = version.id;
        match repository.try_find_header(id) {
            Ok(Some(header)) if header.size() > largest => return note(&self.large, path.to_owned()),
            Ok(Some(_)) => {}
            Ok(None) => {
                return note(&self.broken, format!("`{path}`: its version {id} is missing from the repository"));
            }
            Err(error) => return note(&self.broken, unreadable(path, id, &error)),
        }
        match repository.objects.find_blob(&id, buffer) {
            Ok(blob) if blob.data.contains(&0) => {
                self.binary.fetch_add(1, Ordering::Relaxed);
            }
            Ok(blob) => {
                look(&Version { path, bytes: blob.data, commit: version.commit as usize });
                self.looked.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => note(&self.broken, unreadable(path, id, &error)),
        }
    }
}

fn unreadable(path: &str, id: ObjectId, error: &impl std::fmt::Display) -> String {
    format!("`{path}`: its version {id} cannot be read: {}", first_line(&error.to_string()))
}

/// Tells the first few and how many more there are.
fn tell_some(problems: &mut Vec<String>, mut of_a_kind: Vec<String>, tell: impl Fn(String) -> String) {
    of_a_kind.sort();
    of_a_kind.dedup();
    let more = of_a_kind.len().saturating_sub(MOST_PROBLEMS);
    problems.extend(of_a_kind.into_iter().take(MOST_PROBLEMS).map(tell));
    if more > 0 {
        problems.push(format!("{more} more versions were not looked at for reasons like the one before"));
    }
}

/// One commit on the way.
struct Node {
    id: ObjectId,
    tree: ObjectId,
    seconds: i64,
    parents: Vec<ObjectId>,
}

/// What an object is.
enum Read {
    Commit(Node),
    /// Leads to another object.
    Tag(ObjectId),
    /// A file or a folder.
    Content,
}

/// What is there to look at, found commit by commit.
struct Plan<'r> {
    repository: &'r gix::Repository,
    /// Commits to look at, and the folders and files that were seen.
    nodes: HashMap<ObjectId, Node>,
    /// Parents that lie outside a range.
    edge: Vec<ObjectId>,
    /// Trees and blobs that a reference names without a commit.
    loose: Vec<ObjectId>,
    order: Vec<ObjectId>,
    found: Vec<Found>,
    paths: Vec<String>,
    broken: Vec<String>,
    problems: Vec<String>,
}

impl<'r> Plan<'r> {
    fn new(repository: &'r gix::Repository) -> Self {
        Self {
            repository,
            nodes: HashMap::new(),
            edge: Vec::new(),
            loose: Vec::new(),
            order: Vec::new(),
            found: Vec::new(),
            paths: Vec::new(),
            broken: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Starts from every reference.
    fn everything(&mut self, whole: &Repository) -> Result<(), GitError> {
        let repository = self.repository;
        let cannot = |error: &gix::Error| {
            GitError::Broken(format!("the references cannot be read: {}", first_line(&error.to_string())))
        };
        let mut tips = Vec::new();
        let platform = repository.references().map_err(|error| cannot(&error))?;
        for reference in platform.all().map_err(|error| cannot(&error))? {
            match reference {
                // The name of another reference leads to one that is listed too.
                Ok(reference) => tips.extend(reference.try_id().map(gix::Id::detach)),
                Err(error) => {
                    self.broken.push(format!("a reference cannot be read: {}", first_line(&error.to_string())));
                }
            }
        }
        if let Ok(Some(stash)) = repository.try_find_reference("refs/stash") {
            // Only the last stash has a reference; those before it stand in its log.
            let mut log = stash.log_iter();
            if let Ok(Some(entries)) = log.all() {
                tips.extend(entries.flatten().map(|entry| entry.new_oid()));
            }
        }
        match repository.worktrees_including_main() {
            Ok(trees) => tips.extend(trees.flatten().filter_map(|tree| tree.head_id().ok().map(gix::Id::detach))),
            Err(_) => tips.extend(repository.head_id().ok().map(gix::Id::detach)),
        }
        self.collect(tips, &HashSet::new());
        if whole.is_shallow() {
            self.problems.push(
                "this is a shallow clone, so older commits are not here and were not looked at; \
                 `git fetch --unshallow` brings them"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Starts from what the user named.
    fn named(&mut self, name: &str) -> Result<(), GitError> {
        let (excluded, included) = match name.split_once("..") {
            Some((from, to)) => (Some(from), to.trim_start_matches('.')),
            None => (None, name),
        };
        let resolve = |name: &str| {
            let name = if name.is_empty() { "HEAD" } else { name };
            let parsed = self.repository.rev_parse_single(name).ok();
            let commit = parsed.and_then(|id| id.object().ok()).and_then(|object| object.peel_to_commit().ok());
            commit.map(|commit| commit.id).ok_or_else(|| GitError::NoSuchRevision(name.to_owned()))
        };
        let tip = resolve(included)?;
        let mut outside = HashSet::new();
        if let Some(excluded) = excluded {
            let start = resolve(excluded)?;
            let mut apart = Plan::new(self.repository);
            apart.collect(vec![start], &outside);
            outside.extend(apart.nodes.into_keys());
        }
        self.collect(vec![tip], &outside);
        Ok(())
    }

    /// Every commit that the tips reach, without those outside; in an order in which parents come first, and otherwise
    /// the older one.
    fn collect(&mut self, tips: Vec<ObjectId>, outside: &HashSet<ObjectId>) {
        let shallow: HashSet<ObjectId> = match self.repository.shallow_commits() {
            Ok(Some(commits)) => commits.iter().copied().collect(),
            _ => HashSet::new(),
        };
        let mut todo = tips;
        let mut seen: HashSet<ObjectId> = HashSet::new();
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            if outside.contains(&id) {
                self.edge.push(id);
                continue;
            }
            match self.read_commit(id) {
                Ok(Read::Commit(mut node)) => {
                    if shallow.contains(&id) {
                        node.parents.clear();
                    }
                    todo.extend(node.parents.iter().copied());
                    self.nodes.insert(id, node);
                }
                Ok(Read::Tag(target)) => todo.push(target),
                Ok(Read::Content) => self.loose.push(id),
                Err(message) => self.broken.push(message),
            }
        }
        let mut waiting: HashMap<ObjectId, usize> = HashMap::with_capacity(self.nodes.len());
        let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        for node in self.nodes.values() {
            let inside = node.parents.iter().filter(|parent| self.nodes.contains_key(*parent));
            let mut count = 0;
            for parent in inside {
                children.entry(*parent).or_default().push(node.id);
                count += 1;
            }
            if count == 0 {
                ready.push(Reverse((node.seconds, node.id)));
            } else {
                waiting.insert(node.id, count);
            }
        }
        self.order.reserve(self.nodes.len());
        while let Some(Reverse((_, id))) = ready.pop() {
            self.order.push(id);
            for child in children.remove(&id).unwrap_or_default() {
                if let Some(count) = waiting.get_mut(&child) {
                    *count -= 1;
                    if *count == 0
                        && let Some(node) = self.nodes.get(&child)
                    {
                        ready.push(Reverse((node.seconds, child)));
                    }
                }
            }
        }
    }

    /// What a reference or a commit names.
    fn read_commit(&self, id: ObjectId) -> Result<Read, String> {
        let lost = |id: ObjectId, error: &gix::Error| {
            format!(
                "the object {id} cannot be read, so what it leads to was not looked at: {}",
                first_line(&error.to_string())
            )
        };
        let object = self.repository.find_object(id).map_err(|error| lost(id, &error))?;
        match object.kind {
            gix::objs::Kind::Commit => {
                let commit = object.try_into_commit().map_err(|error| lost(id, &error))?;
                let tree = commit.tree_id().map_err(|error| lost(id, &error))?.detach();
                let seconds = commit.time().map_or(0, |time| time.seconds);
                let parents = commit.parent_ids().map(gix::Id::detach).collect();
                Ok(Read::Commit(Node { id, tree, seconds, parents }))
            }
            gix::objs::Kind::Tag => {
                let target = object.try_into_tag().and_then(|tag| tag.target_id().map(gix::Id::detach));
                target.map(Read::Tag).map_err(|error| lost(id, &error))
            }
            gix::objs::Kind::Tree | gix::objs::Kind::Blob => Ok(Read::Content),
        }
    }

    /// Walks the folders of each commit, the oldest first, and stops wherever it has been before.
    fn find_versions(&mut self, limits: &Limits<'_>, progress: &(dyn Fn(Progress) + Sync)) {
        let mut seen: IdSet<ObjectId> = IdSet::default();
        let mut walker = Walker { plan: self, limits, names: HashMap::new(), buffers: Vec::new() };
        for id in std::mem::take(&mut walker.plan.edge) {
            if let Ok(Read::Commit(node)) = walker.plan.read_commit(id) {
                walker.walk(node.tree, None, &mut seen);
            }
        }
        let order = std::mem::take(&mut walker.plan.order);
        for (number, id) in order.iter().enumerate() {
            if let Some(tree) = walker.plan.nodes.get(id).map(|node| node.tree) {
                walker.walk(tree, Some(u32::try_from(number).unwrap_or(u32::MAX)), &mut seen);
            }
            progress(Progress::Commits { done: number + 1, total: order.len() });
        }
        let last = u32::try_from(order.len().saturating_sub(1)).unwrap_or(u32::MAX);
        for id in std::mem::take(&mut walker.plan.loose) {
            match walker.plan.repository.find_header(id).map(|header| header.kind()) {
                Ok(gix::objs::Kind::Tree) => walker.walk(id, Some(last), &mut seen),
                _ => {
                    if let (true, Some(path)) =
                        (seen.insert(id), walker.number(b"(a file without a name)", EntryIs::File))
                    {
                        walker.plan.found.push(Found { id, path, commit: last });
                    }
                }
            }
        }
        drop(walker);
        self.order = order;
        self.nodes = HashMap::new();
        let broken = std::mem::take(&mut self.broken);
        tell_some(&mut self.problems, broken, |message| message);
    }
}

struct Walker<'p, 'r, 'l> {
    plan: &'p mut Plan<'r>,
    limits: &'l Limits<'l>,
    /// The number of each path, and none for those nobody wants.
    names: HashMap<Vec<u8>, Option<u32>>,
    buffers: Vec<Vec<u8>>,
}

impl Walker<'_, '_, '_> {
    /// Walks a folder; without a commit what it holds is only marked as seen.
    fn walk(&mut self, root: ObjectId, commit: Option<u32>, seen: &mut IdSet<ObjectId>) {
        if !seen.insert(root) || root.is_empty_tree() {
            return;
        }
        let mut todo = vec![(root, Vec::new(), 0)];
        while let Some((id, prefix, depth)) = todo.pop() {
            let mut buffer = self.buffers.pop().unwrap_or_default();
            let tree = self.plan.repository.objects.find_tree_iter(&id, &mut buffer);
            let Ok(tree) = tree else {
                self.plan
                    .broken
                    .push(format!("the folder `{}` as {id} cannot be read and was not looked at", shown(&prefix)));
                continue;
            };
            for entry in tree {
                let Ok(entry) = entry else {
                    self.plan
                        .broken
                        .push(format!("the folder `{}` as {id} is broken and was not read to its end", shown(&prefix)));
                    break;
                };
                let kind = entry.mode.kind();
                // The commit of a submodule is in another repository.
                if kind == EntryKind::Commit || seen.contains(entry.oid) {
                    continue;
                }
                let mut path = Vec::with_capacity(prefix.len() + entry.filename.len() + 1);
                path.extend_from_slice(&prefix);
                path.extend_from_slice(entry.filename);
                let is = if kind == EntryKind::Tree { EntryIs::Folder } else { EntryIs::File };
                let Some(number) = self.number(&path, is) else { continue };
                seen.insert(entry.oid.to_owned());
                if is == EntryIs::Folder {
                    if depth >= DEEPEST {
                        self.plan
                            .broken
                            .push(format!("the folder `{}` is nested too deep and was not looked at", shown(&path)));
                        continue;
                    }
                    path.push(b'/');
                    todo.push((entry.oid.to_owned(), path, depth + 1));
                } else if let Some(commit) = commit {
                    self.plan.found.push(Found { id: entry.oid.to_owned(), path: number, commit });
                }
            }
            self.buffers.push(buffer);
        }
    }

    /// The number of a path; none for one that nobody wants.
    fn number(&mut self, path: &[u8], is: EntryIs) -> Option<u32> {
        if let Some(number) = self.names.get(path) {
            return *number;
        }
        let name = legible(path);
        let number = (self.limits.wants)(&name, is).then(|| {
            self.plan.paths.push(name);
            u32::try_from(self.plan.paths.len() - 1).unwrap_or(u32::MAX)
        });
        self.names.insert(path.to_vec(), number);
        number
    }
}

fn shown(prefix: &[u8]) -> String {
    let name = legible(prefix);
    if name.is_empty() { "/".to_owned() } else { name.trim_end_matches('/').to_owned() }
}
