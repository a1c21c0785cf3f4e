//! Reads all Python below a folder and evaluates it as one program, with no models: how long each part takes.
//!
//! `cargo run --release -p casemate-python --example solve -- FOLDER`

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for developers")]

use std::path::Path;
use std::time::Instant;

use casemate_python::facts::Labels;
use casemate_python::flow::Models;
use casemate_python::flow::{Options, solve};
use casemate_python::names::Program;
use casemate_python::syntax::read;
use rayon::prelude::*;

fn collect(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("which folder?");
        return;
    };
    let mut paths = Vec::new();
    collect(Path::new(&folder), &mut paths);
    paths.sort();
    let begun = Instant::now();
    let modules: Vec<_> = paths
        .par_iter()
        .filter_map(|path| Some(read(path.strip_prefix(&folder).ok()?.to_str()?, &std::fs::read(path).ok()?)))
        .collect();
    let lines: usize = modules.iter().map(|module| module.text.lines().count()).sum();
    let ops: usize = modules.iter().flat_map(|module| &module.functions).map(|function| function.ops.len()).sum();
    println!("{} files, {lines} lines, {ops} instructions, read in {:?}", modules.len(), begun.elapsed());
    let begun = Instant::now();
    let program = Program::link(modules);
    println!("linked in {:?}", begun.elapsed());
    let models = Models {
        aliases: Default::default(),
        sources: Default::default(),
        calls: Default::default(),
        methods: Default::default(),
        guards: Default::default(),
        method_guards: Default::default(),
        safe_types: Default::default(),
        by_name: |_| Labels::NONE,
        by_role: |_| Labels::kind(0),
        through_objects: Labels::kind(0),
        library: Labels::NONE,
        callers: Labels::NONE,
        listed: 0,
        peers: Labels::NONE,
        peered: 0,
        derived_guards: Default::default(),
        without: Vec::new(),
        members: Default::default(),
        forms: Default::default(),
        promises: Vec::new(),
        words: |name| name.split('_').map(str::to_owned).collect(),
        described: std::sync::OnceLock::new(),
    };
    let begun = Instant::now();
    let solved = solve(&program, &models, Options::default());
    println!("solved in {:?}, {} rounds, {:?} evaluations", begun.elapsed(), solved.rounds, solved.evaluations);
}
