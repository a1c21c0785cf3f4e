//! All that reads what others wrote, from bytes to reports. The fuzzer asks it with anything, the tests of the auditor
//! with mutants of examples.

use std::io;

use casemate_audit::baseline::Baseline;
use casemate_audit::report::{Report, github, gitlab, html, json, junit, markdown, sarif, sbom, text, vex};
use casemate_audit::{Advisories, Audit, Outcome, Persona, Settings, Source, SourceSet, VexDocument};
use casemate_packages::Version;
use casemate_packages::advisories::{Collection, Index, Provenance, build};
use casemate_packages::manifest::PackageName;

/// Names of files that are read in ways of their own.
pub const NAMES: &[&str] = &[
    "app.py",
    "notebook.ipynb",
    "settings.yaml",
    "docker-compose.yml",
    "Dockerfile",
    ".env",
    ".github/workflows/ci.yml",
    "main.tf",
    "nginx.conf",
    "deploy.sh",
    "config.json",
    "pom.xml",
    "setup.ini",
    "notes.md",
    "templates/page.html",
    "static/app.js",
    "k8s/deployment.yaml",
    ".gitlab-ci.yml",
    ".pypirc",
    "pip.conf",
    "schema.sql",
];

/// Names of files that say what a project depends on.
pub const MANIFESTS: &[&str] = &[
    "requirements.txt",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    "pyproject.toml",
    "Pipfile",
    "setup.cfg",
    "setup.py",
    "environment.yml",
    "a-1.dist-info/METADATA",
];

/// Files in memory.
#[derive(Debug)]
pub struct Files {
    sources: Vec<Source>,
    bytes: Vec<Vec<u8>>,
}

impl Files {
    /// Files by name.
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        Self {
            sources: files.iter().map(|(path, _)| Source::named(*path)).collect(),
            bytes: files.iter().map(|(_, bytes)| bytes.to_vec()).collect(),
        }
    }
}

impl SourceSet for Files {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let at = self.sources.iter().position(|known| known == source).ok_or("no such file")?;
        self.bytes.get(at).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

/// Audits files with every rule, and tells what was found in every form.
pub fn survive(files: &[(&str, &[u8])], advisories: Option<&dyn Advisories>) -> Outcome {
    let settings = Settings { persona: Persona::Pedantic, today: Some((2026, 11, 22)), ..Settings::default() };
    let sources = Files::new(files);
    let outcome = Audit { advisories, ..Audit::new(&settings) }.run_on(1, &sources);
    tell(&outcome, &sources, &settings);
    // What Python cannot be read with a NUL in it is told.
    if files.iter().any(|(path, bytes)| path.ends_with(".py") && bytes.contains(&0)) {
        assert!(!outcome.problems.is_empty(), "nothing was told of a file that is no text");
    }
    outcome
}

/// Writes every report; those for programs are read back.
fn tell(outcome: &Outcome, sources: &dyn SourceSet, settings: &Settings) {
    let report = Report {
        outcome,
        sources,
        settings,
        paths: &[],
        category: "audit",
        is_complete: outcome.problems.is_empty(),
        advisories: None,
        baseline: None,
    };
    let look = text::Look {
        is_coloured: true,
        width: 80,
        wraps: true,
        prefix: "",
        statistics_only: false,
        took: None,
        phases: &[],
    };
    let written = |write: &dyn Fn(&mut dyn io::Write) -> io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).expect("memory takes all that is written");
        String::from_utf8(out).expect("reports are text")
    };
    written(&|out| text::write(&report, &look, out));
    written(&|out| html::write(&report, out));
    written(&|out| markdown::write(&report, out));
    written(&|out| junit::write(&report, out));
    written(&|out| github::write(&report, out));
    for json in [
        written(&|out| json::write(&report, out)),
        written(&|out| sarif::write(&report, out)),
        written(&|out| gitlab::write(&report, out)),
        written(&|out| sbom::write(&report, None, out)),
        written(&|out| vex::write(&report, "2026-11-22T00:00:00Z", out)),
    ] {
        serde_json::from_str::<serde_json::Value>(&json).expect("what programs read is JSON");
    }
}

/// Reads a record of advisories, builds an index of it and looks up whatever it names; then takes the bytes for an index.
pub fn look_up(bytes: &[u8]) {
    let mut collection = Collection::new();
    collection.add("record.json", bytes);
    let index = build(collection, Provenance::default()).expect("an index is made of what was understood");
    let index = Index::open(index).expect("our own index opens");
    index.verify().expect("our own index is whole");
    let named = serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_default();
    for name in named["affected"].as_array().into_iter().flatten().filter_map(|one| one["package"]["name"].as_str()) {
        let Some(name) = PackageName::parse(name) else { continue };
        for version in ["0", "1.0", "2.3.4rc1", "1!2026.1.post3.dev4+local"] {
            let version: Version = version.parse().expect("is a version");
            index.about(&name, &version).expect("a whole index answers");
        }
    }
    if let Ok(index) = Index::open(bytes)
        && let Some(name) = PackageName::parse("requests")
    {
        let _ = index.verify();
        let _ = index.about(&name, &Version::new([1, 0]));
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = VexDocument::read("vex.json", &text);
    let _ = Baseline::parse(&text);
}

/// Looks for secrets, and that each stands where it is said to.
pub fn search(path: &str, text: &str) {
    for leak in casemate_secrets::scan(path, text) {
        assert!(text.get(leak.span.clone()).is_some_and(|secret| !secret.is_empty()), "{leak:?}");
    }
}

/// The name that the first byte stands for, and the rest.
pub fn named<'d>(names: &[&'static str], data: &'d [u8]) -> Option<(&'static str, &'d [u8])> {
    let (first, rest) = data.split_first()?;
    Some((names.get(usize::from(*first) % names.len())?, rest))
}

/// The files of the examples on a page of a rule: of each block those it begins with or after a line `# --- path`.
pub fn examples(page: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks: Vec<Vec<(String, String)>> = Vec::new();
    let mut is_open = false;
    for line in page.lines() {
        let fence = line.strip_prefix("```");
        match (is_open, fence) {
            (true, Some(_)) => is_open = false,
            (false, Some(what)) => {
                let path = what.split_once(' ').map_or("app.py", |(_, path)| path.trim());
                is_open = what.starts_with("python") || what.contains(' ');
                if is_open {
                    blocks.push(vec![(path.to_owned(), String::new())]);
                }
            }
            (true, None) => {
                let Some(files) = blocks.last_mut() else { continue };
                if let Some(path) = line.strip_prefix("# --- ") {
                    files.push((path.trim().to_owned(), String::new()));
                } else if let Some((_, text)) = files.last_mut() {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            (false, None) => {}
        }
    }
    blocks
}
