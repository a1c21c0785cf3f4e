//! Every dependency looked up once, for all rules that ask what is known about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

use casemate_packages::advisories::{Advisories, Advisory, Rating};
use casemate_packages::manifest::{Dependency, ManifestKind, PackageName};
use casemate_packages::modules::modules_of;
use casemate_packages::{Version, advisories};
use casemate_python::names::Target;
use casemate_python::syntax::{FunctionId, Span};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::audit::Problem;
use crate::finding::{DependencyDetail, Place, Position, Severity};
use crate::outline::Outline;
use crate::rules::{Context, ManifestText};

/// A dependency of one version with something known against it.
#[derive(Debug)]
pub(crate) struct Hole {
    /// Number of the manifest it stands in.
    pub(crate) file: usize,
    /// Number of the dependency in that manifest, of those that run and then those that build.
    dependency: usize,
    pub(crate) version: Version,
    pub(crate) advisory: Advisory,
    /// Whether the project's own code uses what is affected.
    is_used: AtomicBool,
}

/// Something affected, used by the project's own code.
pub(crate) struct Use {
    /// Number of the hole.
    pub(crate) hole: usize,
    pub(crate) function: FunctionId,
    pub(crate) span: Span,
    /// What is used, as the advisory calls it.
    pub(crate) symbol: String,
    /// Whether the code calls it by exactly that name, and not by another that leads there.
    pub(crate) is_exact: bool,
}

/// What is known about all dependencies.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) holes: Vec<Hole>,
    /// Files whose dependencies could not be looked up.
    pub(crate) problems: Vec<Problem>,
    /// Packages that are asked for and nowhere in exactly one version.
    pub(crate) unlocked: usize,
    /// By the name that an import begins with: numbers of holes whose advisories name what is affected.
    named: FxHashMap<String, Vec<usize>>,
}

impl Known {
    /// Looks up every dependency that has exactly one version.
    pub(crate) fn look_up(manifests: &[ManifestText], advisories: Option<&dyn Advisories>) -> Self {
        let mut known = Self::default();
        let mut pinned: FxHashSet<&PackageName> = FxHashSet::default();
        let mut loose: FxHashSet<&PackageName> = FxHashSet::default();
        for file in manifests {
            for dependency in all(file).filter(|dependency| dependency.is_public() && !dependency.is_constraint) {
                let named = if dependency.version.is_some() { &mut pinned } else { &mut loose };
                named.insert(&dependency.name);
            }
        }
        let limited = manifests.iter().flat_map(all).filter(|one| one.is_constraint && one.version.is_some());
        let limited: FxHashSet<&PackageName> = limited.map(|one| &one.name).collect();
        known.unlocked = loose.iter().filter(|name| !pinned.contains(*name) && !limited.contains(*name)).count();
        let Some(advisories) = advisories else { return known };

        let mut asked: FxHashMap<(&PackageName, &Version), Vec<Advisory>> = FxHashMap::default();
        for (file_at, file) in manifests.iter().enumerate() {
            let mut told: BTreeSet<(&PackageName, &Version)> = BTreeSet::new();
            for (at, dependency) in all(file).enumerate() {
                let Some(version) = &dependency.version else { continue };
                // A constraint is installed only if somebody asks for the package and leaves its version open.
                let is_asked = !dependency.is_constraint
                    || (loose.contains(&dependency.name) && !pinned.contains(&dependency.name));
                if !dependency.is_public() || !is_asked || !told.insert((&dependency.name, version)) {
                    continue;
                }
                let found = match asked.get(&(&dependency.name, version)) {
                    Some(found) => found,
                    None => match advisories.about(&dependency.name, version) {
                        Ok(found) => asked.entry((&dependency.name, version)).or_insert(found),
                        Err(error) => {
                            known.problems.push(not_looked_up(file, &error));
                            break;
                        }
                    },
                };
                for advisory in found {
                    known.holes.push(Hole {
                        file: file_at,
                        dependency: at,
                        version: version.clone(),
                        advisory: advisory.clone(),
                        is_used: AtomicBool::new(false),
                    });
                }
            }
        }
        for (at, hole) in known.holes.iter().enumerate() {
            let roots: BTreeSet<&str> =
                hole.advisory.symbols.iter().filter_map(|symbol| symbol.split('.').next()).collect();
            for root in roots {
                known.named.entry(root.to_owned()).or_default().push(at);
            }
        }
        known
    }

    /// The dependency that has the hole, with its file.
    pub(crate) fn dependency<'m>(
        &self,
        manifests: &'m [ManifestText],
        hole: &Hole,
    ) -> Option<(&'m ManifestText, &'m Dependency)> {
        let file = manifests.get(hole.file)?;
        Some((file, all(file).nth(hole.dependency)?))
    }

    /// Where a module uses what an advisory says is affected: the first place for each.
    pub(crate) fn uses(&self, context: &Context<'_>) -> Vec<Use> {
        let mut uses: Vec<Use> = Vec::new();
        if self.named.is_empty() {
            return uses;
        }
        let mut seen: FxHashSet<(usize, String)> = FxHashSet::default();
        let mut note = |path: &str, function: FunctionId, span: Span, uses: &mut Vec<Use>| {
            let root = path.split(['.', '(']).next().unwrap_or_default();
            for &hole in self.named.get(root).map_or(&[][..], Vec::as_slice) {
                let Some(one) = self.holes.get(hole) else { continue };
                for symbol in &one.advisory.symbols {
                    let Some(is_exact) = leads_to(path, symbol) else { continue };
                    one.is_used.store(true, Ordering::Relaxed);
                    if seen.insert((hole, symbol.clone())) {
                        uses.push(Use { hole, function, span, symbol: symbol.clone(), is_exact });
                    }
                }
            }
        };
        // Calls first: they say more than the import that made them possible.
        for (id, function, _, callee, _) in context.calls() {
            if let Some(path) = context.facts.path(id, callee) {
                note(path, id, function.span_of(callee), &mut uses);
            }
        }
        for import in &context.module.imports {
            if let Target::Library(path) = context.program.import(context.facts.module, import) {
                note(&path, FunctionId(0), import.span, &mut uses);
            }
        }
        uses
    }

    /// What a finding about this hole tells.
    pub(crate) fn detail(
        &self,
        manifests: &[ManifestText],
        hole: &Hole,
        surroundings: &Surroundings,
    ) -> DependencyDetail {
        let Advisory { score, vector, fixed, url, .. } = &hole.advisory;
        let package = self.dependency(manifests, hole).map(|(_, dependency)| &dependency.name);
        DependencyDetail {
            summary: hole.advisory.summary.trim_end_matches('.').to_owned(),
            is_rated: hole.advisory.rating.is_some(),
            package: package.map(|name| name.as_str().to_owned()).unwrap_or_default(),
            version: hole.version.to_string(),
            advisories: hole.advisory.ids().map(str::to_owned).collect(),
            fixed: fixed.iter().map(ToString::to_string).collect(),
            score: *score,
            vector: vector.clone(),
            required_by: package.map(|name| surroundings.required_by(hole.file, name)).unwrap_or_default(),
            is_reachable: package.and_then(|name| self.is_reachable(hole, name, surroundings)),
            is_unused: false,
            url: url.clone(),
        }
    }

    /// Only an advisory that names what is affected can be told apart from a use of the rest of the package; and only
    /// of a package that nobody but the project itself uses is it known who could use it.
    fn is_reachable(&self, hole: &Hole, name: &PackageName, surroundings: &Surroundings) -> Option<bool> {
        if hole.advisory.symbols.is_empty() {
            return None;
        }
        if hole.is_used.load(Ordering::Relaxed) {
            return Some(true);
        }
        let roots = hole.advisory.symbols.iter().filter_map(|symbol| symbol.split('.').next());
        let is_seen = roots.clone().any(|root| surroundings.imported.contains(root));
        let is_star = roots.clone().any(|root| surroundings.starred.contains(root));
        (is_seen && !is_star && surroundings.is_direct_alone(hole.file, name)).then_some(false)
    }
}

/// What runs and what builds.
pub(crate) fn all(file: &ManifestText) -> impl Iterator<Item = &Dependency> {
    file.manifest.dependencies.iter().chain(&file.manifest.build_requires)
}

fn not_looked_up(file: &ManifestText, error: &advisories::IndexError) -> Problem {
    let start = Position { line: 1, column: 1 };
    Problem {
        place: Place { path: file.manifest.path.clone(), start, end: start },
        message: format!("its packages were not looked up: the index of advisories cannot be used, {error}"),
    }
}

/// Whether a path of the code leads to a symbol: the same name, something inside it, or the name under which a package
/// passes it on (`requests.Session` is `requests.sessions.Session`). `Some(true)` if it is the name itself.
fn leads_to(path: &str, symbol: &str) -> Option<bool> {
    let plain = path.replace("()", "");
    if plain == symbol || plain.strip_prefix(symbol).is_some_and(|rest| rest.starts_with('.')) {
        return Some(true);
    }
    let (written, meant): (Vec<&str>, Vec<&str>) = (plain.split('.').collect(), symbol.split('.').collect());
    if written.len() < 2 || written.first() != meant.first() || written.last() != meant.last() {
        return None;
    }
    let mut rest = meant.iter();
    written.iter().all(|part| rest.any(|other| other == part)).then_some(false)
}

/// How bad: by what the databases say; of what nobody has rated the worst must be expected.
pub(crate) fn severity(advisory: &Advisory) -> Severity {
    match advisory.rating {
        Some(Rating::Critical) => Severity::Critical,
        Some(Rating::High) | None => Severity::High,
        Some(Rating::Medium) => Severity::Medium,
        Some(Rating::Low) => Severity::Low,
        Some(Rating::None) => Severity::Info,
    }
}

/// Who asks for what, and what the code imports.
#[derive(Default)]
pub(crate) struct Surroundings {
    /// Who requires a package, and which packages the project itself asks for: in each manifest, and in all of an
    /// environment together.
    graphs: Vec<Graph>,
    /// For each manifest, which of the graphs.
    files: Vec<usize>,
    /// Names that imports begin with.
    imported: FxHashSet<String>,
    /// Those of them that come with `import *`.
    starred: FxHashSet<String>,
    has_code: bool,
}

#[derive(Default)]
struct Graph {
    parents: BTreeMap<PackageName, BTreeSet<PackageName>>,
    direct: BTreeSet<PackageName>,
}

impl Surroundings {
    pub(crate) fn of(manifests: &[ManifestText], outlines: &[Outline]) -> Self {
        let mut imported = FxHashSet::default();
        let mut starred = FxHashSet::default();
        for import in outlines.iter().flat_map(|outline| &outline.imports) {
            if import.is_library {
                imported.insert(import.root.clone());
            }
            if import.is_star {
                starred.insert(import.root.clone());
            }
        }
        let (mut graphs, mut files) = (Vec::new(), Vec::with_capacity(manifests.len()));
        let mut environments: FxHashMap<&str, usize> = FxHashMap::default();
        for file in manifests {
            let at = match file.manifest.environment() {
                Some(environment) => *environments.entry(environment).or_insert(graphs.len()),
                None => graphs.len(),
            };
            if at == graphs.len() {
                graphs.push(Graph::default());
            }
            if let Some(graph) = graphs.get_mut(at) {
                graph.add(file);
            }
            files.push(at);
        }
        Self { graphs, files, imported, starred, has_code: !outlines.is_empty() }
    }

    /// From the project down to who asks for the package; empty when the project asks for it itself.
    fn required_by(&self, file: usize, name: &PackageName) -> Vec<String> {
        self.graph(file).map(|graph| graph.way_to(name)).unwrap_or_default()
    }

    fn is_direct_alone(&self, file: usize, name: &PackageName) -> bool {
        self.graph(file).is_some_and(|graph| !graph.parents.contains_key(name))
    }

    fn graph(&self, file: usize) -> Option<&Graph> {
        self.files.get(file).and_then(|&at| self.graphs.get(at))
    }

    /// Whether some code is there and none of it imports the package, under any name it is likely to have.
    pub(crate) fn is_unused(&self, name: &PackageName) -> bool {
        self.has_code && !likely_modules_of(name).iter().any(|module| self.imported.contains(module.as_str()))
    }
}

impl Graph {
    fn add(&mut self, file: &ManifestText) {
        for dependency in &file.manifest.dependencies {
            for required in &dependency.requires {
                self.parents.entry(required.clone()).or_default().insert(dependency.name.clone());
            }
            if dependency.is_direct == Some(true) {
                self.direct.insert(dependency.name.clone());
            }
        }
    }

    /// The shortest way, and of those the first by name.
    fn way_to(&self, name: &PackageName) -> Vec<String> {
        let mut below: BTreeMap<&PackageName, &PackageName> = BTreeMap::new();
        let mut queue = VecDeque::from([name]);
        while let Some(at) = queue.pop_front() {
            let parents = self.parents.get(at);
            if self.direct.contains(at) || parents.is_none() {
                let (mut way, mut at) = (Vec::new(), at);
                while at != name {
                    way.push(at.as_str().to_owned());
                    let Some(next) = below.get(at) else { break };
                    at = next;
                }
                return way;
            }
            for parent in parents.into_iter().flatten() {
                if parent != name && !below.contains_key(parent) {
                    below.insert(parent, at);
                    queue.push_back(parent);
                }
            }
        }
        Vec::new()
    }
}

/// Names under which a package is imported: those that are known, and those that its name suggests.
fn likely_modules_of(name: &PackageName) -> Vec<String> {
    let own = name.as_str().replace('-', "_");
    let mut names = modules_of(name);
    // `flask-cors` is `flask_cors`, `Jinja2` is `jinja2`, `zope-interface` is `zope.interface`.
    names.extend(own.split('_').next().filter(|first| *first != "python").map(str::to_owned));
    names.extend(own.strip_prefix("python_").map(str::to_owned));
    names.extend(own.strip_prefix("py").map(str::to_owned));
    names
}

/// What to type to get another version, in the tool that owns the file.
pub(crate) fn upgrade(kind: ManifestKind, dependency: &Dependency, to: &Version) -> String {
    let name = &dependency.written;
    let is_direct = dependency.is_direct == Some(true);
    match kind {
        ManifestKind::Requirements => format!("Write `{name}=={to}` and install again."),
        ManifestKind::Pyproject | ManifestKind::SetupCfg | ManifestKind::SetupPy => {
            format!("Ask for `{name}>={to}` and lock again.")
        }
        ManifestKind::Pipfile => format!("Run `pipenv upgrade \"{name}>={to}\"`."),
        ManifestKind::PipfileLock => format!("Run `pipenv upgrade \"{name}>={to}\"`."),
        ManifestKind::PoetryLock if is_direct => format!("Run `poetry add \"{name}>={to}\"`."),
        ManifestKind::PoetryLock => format!("Run `poetry update {name}`, which must come to {to} or later."),
        ManifestKind::UvLock => format!("Run `uv lock --upgrade-package \"{name}>={to}\"`."),
        ManifestKind::PdmLock => format!("Run `pdm update --unconstrained {name}`, which must come to {to} or later."),
        ManifestKind::Pylock => format!("Lock again with `{name}>={to}`."),
        ManifestKind::Conda => format!("Ask for `{name}>={to}` and create the environment again."),
        ManifestKind::Installed => format!("Run `pip install \"{name}>={to}\"`."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_found_under_its_own_name_and_those_that_lead_there() {
        assert_eq!(leads_to("yaml.load", "yaml.load"), Some(true));
        assert_eq!(leads_to("requests.sessions.Session().send", "requests.sessions.Session.send"), Some(true));
        assert_eq!(leads_to("requests.Session().send", "requests.sessions.Session.send"), Some(false));
        assert_eq!(leads_to("shop.core.sell", "shop.core"), Some(true));
        for other in ["yaml.safe_load", "yaml", "json.load", "yaml.loads"] {
            assert_eq!(leads_to(other, "yaml.load"), None, "{other}");
        }
        assert_eq!(leads_to("shop.corex", "shop.core"), None);
    }
}
