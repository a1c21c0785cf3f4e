//! What a `setup.py` passes to `setup`, as far as it stands there word for word.

use std::ops::Range;

use super::pyproject::requires_python;
use super::reader::Reader;
use super::table::Text;
use super::{Manifest, ManifestKind, PackageName, Target};

/// A string of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What it holds.
    pub text: String,
    /// Bytes of the file it is written in, quotes included.
    pub span: Range<usize>,
}

/// The arguments of a call of `setup`, found by who can read programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetupCall {
    /// `name`
    pub name: Option<Literal>,
    /// `python_requires`
    pub python_requires: Option<Literal>,
    /// `install_requires`
    pub install_requires: Vec<Literal>,
    /// `setup_requires`
    pub setup_requires: Vec<Literal>,
    /// `extras_require`, and `tests_require` as the extra `test`.
    pub extras_require: Vec<(String, Literal)>,
    /// Arguments about dependencies whose value is only known when the program runs.
    pub computed: Vec<(String, Range<usize>)>,
}

/// Reads the arguments of a call.
pub fn read_setup(path: &str, text: &str, call: &SetupCall, target: &Target) -> Manifest {
    let mut reader = Reader::new(text, Manifest::new(path, ManifestKind::SetupPy), target);
    reader.manifest.project = call.name.as_ref().and_then(|name| PackageName::parse(&name.text));
    if let Some(wanted) = &call.python_requires {
        requires_python(&mut reader, Text { value: &wanted.text, span: wanted.span.clone() });
    }
    for (argument, span) in &call.computed {
        reader.manifest.is_dynamic = true;
        let message = format!(
            "`{argument}` is put together when `setup.py` runs, so what it asks for was not (or not all) checked"
        );
        reader.problem(span.clone(), message);
    }
    for literal in &call.install_requires {
        declared(&mut reader, literal, None, false);
    }
    for literal in &call.setup_requires {
        declared(&mut reader, literal, None, true);
    }
    for (extra, literal) in &call.extras_require {
        // `extra:marker`, and `:marker` for what runs, as setuptools writes it.
        let (extra, marker) = extra.split_once(':').unwrap_or((extra, ""));
        let mut with_marker = literal.clone();
        if !marker.trim().is_empty() && !literal.text.contains(';') {
            with_marker.text = format!("{} ; {marker}", literal.text);
        }
        declared(&mut reader, &with_marker, Some(extra).filter(|extra| !extra.is_empty()), false);
    }
    reader.finish()
}

/// One string, which may hold several requirements, each in a line of its own.
fn declared(reader: &mut Reader<'_>, literal: &Literal, group: Option<&str>, is_build: bool) {
    for line in literal.text.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // Where the string is written with escapes the place is that of the whole.
        let span = reader.within(&literal.span, line).unwrap_or(literal.span.clone());
        let Some(mut dependency) = reader.requirement(line, span) else { continue };
        dependency.is_direct = Some(true);
        if is_build {
            reader.manifest.build_requires.push(dependency);
        } else {
            dependency.groups.extend(group.map(str::to_owned));
            reader.manifest.dependencies.push(dependency);
        }
    }
}
