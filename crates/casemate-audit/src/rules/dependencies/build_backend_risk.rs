//! What runs while the project is built and installed, before anybody has looked.

use casemate_packages::manifest::Origin;
use casemate_python::facts::Entity;
use casemate_python::syntax::{Constant, Op};

use super::deployment::file_name;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, ProjectContext};

/// `build-backend-risk`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1513",
    name: "build-backend-risk",
    summary: "Building or installing the project fetches or runs what nobody has fixed",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[829],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("build_backend_risk.md"),
};

/// Build requirements without a version; almost everybody writes them so, and only pedants want to know.
pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    if cx.persona < Persona::Pedantic {
        return;
    }
    for file in cx.manifests {
        let open: Vec<_> = file
            .manifest
            .build_requires
            .iter()
            .filter(|one| one.specifiers.is_empty() && matches!(one.origin, Origin::Index(_)))
            .collect();
        let Some(first) = open.first() else { continue };
        let names = super::deployment::listed(open.iter().map(|one| one.written.as_str()));
        let message = format!(
            "{names} may be any version when the project is built, and runs with the rights of whoever builds it"
        );
        let finding = cx.report(&RULE, file, first.span.clone(), message);
        finding.severity = Severity::Info;
        finding.remedy = "Give bounds the build was tried with (`setuptools>=77,<81`), and build releases with a constraints file (`PIP_CONSTRAINT`, `tool.uv.build-constraint-dependencies`).".to_owned();
    }
}

/// `setup.py` that goes to the network or runs a shell.
pub(crate) fn check_module(cx: &mut Context<'_>) {
    if file_name(&cx.module.path) != "setup.py" {
        return;
    }
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, value, callee, arguments) in calls {
        let path = match cx.facts.fact(id, callee).entity {
            Entity::Path(_) => cx.facts.path(id, callee).unwrap_or_default(),
            _ => continue,
        };
        let in_shell = || {
            cx.keyword(arguments, "shell")
                .is_some_and(|value| matches!(function.op(value), Op::Constant(Constant::Bool(true))))
        };
        let what = if is_network(path) {
            "goes to the network"
        } else if matches!(path, "os.system" | "os.popen" | "subprocess.getoutput" | "subprocess.getstatusoutput")
            || path.starts_with("subprocess.") && in_shell()
        {
            "runs a shell command"
        } else {
            continue;
        };
        let message = format!("`setup.py` {what} (`{path}`) while the project is built or installed");
        let finding = cx.report(&RULE, (cx.facts.module, id), function.span_of(value), message);
        finding.confidence = Confidence::Medium;
        finding.remedy = "Declare the project in `pyproject.toml`, put what must be fetched into the source archive with a hash, and compile through the build backend.".to_owned();
    }
}

fn is_network(path: &str) -> bool {
    matches!(
        path,
        "urllib.request.urlopen"
            | "urllib.request.urlretrieve"
            | "urllib.urlopen"
            | "urllib.urlretrieve"
            | "urllib2.urlopen"
            | "requests.get"
            | "requests.post"
            | "requests.request"
            | "httpx.get"
            | "httpx.post"
            | "socket.socket"
            | "socket.create_connection"
            | "http.client.HTTPSConnection"
            | "http.client.HTTPConnection"
            | "wget.download"
    )
}
