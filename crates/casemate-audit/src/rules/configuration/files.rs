//! What a configuration file is, told from its name and what stands in it.

use casemate_secrets::Format;

use super::yaml::{Node, Value};
use crate::rules::TextContext;

/// Ends of names that begin like a Dockerfile's and are source code or prose.
const NOT_DOCKERFILE: [&str; 24] = [
    "rs", "go", "md", "rst", "ts", "tsx", "js", "java", "rb", "txt", "html", "lua", "vim", "c", "h", "cc", "cpp", "kt",
    "swift", "php", "snap", "svg", "lock", "log",
];

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether this is a Dockerfile or Containerfile. Tells when one could not be read to its end.
pub(super) fn is_dockerfile(cx: &mut TextContext<'_>) -> bool {
    let name = cx.name().to_ascii_lowercase();
    let extension = extension(&name);
    let is_one =
        (cx.format == Format::Dockerfile || name.starts_with("dockerfile-") || name.starts_with("dockerfile_"))
            && !NOT_DOCKERFILE.contains(&extension);
    if !is_one || cx.text.trim().is_empty() {
        return false;
    }
    let certainly = matches!(name.as_str(), "dockerfile" | "containerfile") && !cx.text.contains("{%");
    if certainly && let Some((line, message)) = cx.dockerfile().problem.clone() {
        let at = cx.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        cx.problem(
            at,
            format!("the Dockerfile could not be read from here on, so the rest was not looked at: {message}"),
        );
    }
    true
}

fn is_yaml(cx: &TextContext<'_>) -> bool {
    cx.format == Format::Yaml
}

/// Tells that a file which must be YAML is not.
fn tell(cx: &mut TextContext<'_>, what: &str) {
    if let Some((at, message)) = cx.yaml().problem.clone() {
        cx.problem(at, format!("the {what} is not valid YAML from here on, so the rest was not looked at: {message}"));
    }
}

/// Whether this is a compose file: so called, or with services that have an image.
pub(super) fn is_compose(cx: &mut TextContext<'_>) -> bool {
    if !is_yaml(cx) || !cx.text.contains("services") {
        return false;
    }
    let name = cx.name().to_ascii_lowercase();
    let yaml = cx.yaml();
    let services = yaml.documents.first().and_then(|root| root.get("services")).map_or(&[][..], Node::entries);
    let is_one = services.iter().any(|(_, service)| service.get("image").is_some() || service.get("build").is_some())
        && yaml.documents.first().is_some_and(|root| root.get("jobs").is_none() && root.get("pool").is_none());
    if name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-") {
        if !cx.text.contains("{{") && !cx.text.contains("{%") {
            tell(cx, "compose file");
        }
        return is_one || !services.is_empty();
    }
    is_one
}

/// Whether this is a workflow of GitHub or what follows its form.
pub(super) fn is_workflow(cx: &mut TextContext<'_>) -> bool {
    let is_one = is_yaml(cx)
        && [".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/"]
            .iter()
            .any(|folder| cx.path.starts_with(folder) || cx.path.contains(&format!("/{folder}")));
    if is_one {
        tell(cx, "workflow");
    }
    is_one
}

/// Whether this is an action made of steps.
pub(super) fn is_action(cx: &mut TextContext<'_>) -> bool {
    is_yaml(cx)
        && matches!(cx.name(), "action.yml" | "action.yaml")
        && cx.yaml().documents.first().is_some_and(|root| root.get("runs").is_some())
}

/// Whether this configures GitLab's pipelines.
pub(super) fn is_gitlab(cx: &mut TextContext<'_>) -> bool {
    let is_one = is_yaml(cx) && (cx.name().ends_with(".gitlab-ci.yml") || cx.path.contains(".gitlab/ci/"));
    if is_one {
        tell(cx, "pipeline");
    }
    is_one
}

/// The Kubernetes objects of a file, those inside lists too.
pub(super) fn kubernetes<'y>(documents: &'y [Node]) -> Vec<&'y Node> {
    let mut objects: Vec<&'y Node> = Vec::new();
    for document in documents {
        if document.get("kind").is_some_and(|kind| kind.says("List")) {
            objects.extend(document.get("items").map_or(&[][..], Node::items));
        } else if document.get("apiVersion").is_some() && document.get("kind").is_some() {
            objects.push(document);
        }
    }
    objects
}

/// Whether a file is for developing or testing and not for what runs.
pub(super) fn is_for_development(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    if casemate_secrets::surroundings(path) != casemate_secrets::Surroundings::Product {
        return true;
    }
    lower.split(['/', '.', '-', '_']).any(|word| {
        matches!(
            word,
            "dev"
                | "devel"
                | "develop"
                | "development"
                | "devcontainer"
                | "local"
                | "test"
                | "tests"
                | "testing"
                | "e2e"
                | "ci"
                | "debug"
                | "example"
                | "examples"
                | "sample"
                | "samples"
                | "demo"
                | "override"
                | "bench"
                | "benchmark"
                | "benchmarks"
                | "integration"
                | "fixtures"
                | "docs"
                | "tutorial"
                | "tutorials"
                | "fuzz"
                | "fuzzing"
                | "playground"
                | "sandbox"
                | "lint"
                | "build"
                | "builder"
                | "circleci"
                | "github"
                | "gitpod"
                | "vscode"
        )
    })
}

/// The entries of what may be a mapping or a list of `key=value`: a name, its value and where it stands.
pub(super) fn settings(node: &Node) -> Vec<(&str, &str, std::ops::Range<usize>)> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .filter_map(|(key, value)| {
                Some((key.text()?, value.text().unwrap_or_default(), key.span.start..value.span.end))
            })
            .collect(),
        Value::List(items) => items
            .iter()
            .filter_map(|item| {
                let (name, value) = item.text()?.split_once('=').unwrap_or((item.text()?, ""));
                Some((name, value, item.span.clone()))
            })
            .collect(),
        Value::Scalar(_) => Vec::new(),
    }
}
