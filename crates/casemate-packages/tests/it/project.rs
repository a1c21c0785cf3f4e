//! Manifests taken together.

use casemate_packages::manifest::{Manifest, PackageName};
use casemate_packages::project::{Project, join};

use crate::support::manifest;

const LOCK: &str = r#"
[[package]]
name = "flask"
version = "3.0.0"
[package.dependencies]
jinja2 = ">=3"

[[package]]
name = "jinja2"
version = "3.1.0"
[package.dependencies]
markupsafe = ">=2"

[[package]]
name = "markupsafe"
version = "2.1.0"

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "0"
"#;

fn joined(files: &[(&str, &str)]) -> Vec<Manifest> {
    let mut all: Vec<Manifest> = files.iter().map(|(path, text)| manifest(path, text)).collect();
    join(&mut all.iter_mut().collect::<Vec<_>>());
    all
}

#[test]
fn the_way_from_the_project_to_a_package_is_known() {
    let all = joined(&[
        ("web/pyproject.toml", "[project]\nname = \"shop\"\ndependencies = [\"flask\"]\n"),
        ("web/poetry.lock", LOCK),
        ("pyproject.toml", "[project]\nname = \"other\"\n"),
    ]);
    let project = Project::new(&all);
    let name = |name: &str| PackageName::parse(name).unwrap();
    let way = |wanted: &str| -> Vec<String> {
        project.required_by(&all[1], &name(wanted)).iter().map(ToString::to_string).collect()
    };

    assert_eq!(way("markupsafe"), ["flask", "jinja2"]);
    assert_eq!(way("flask"), [""; 0]);
    assert_eq!(
        all[1].dependencies.iter().map(|one| one.is_direct).collect::<Vec<_>>(),
        [Some(true), Some(false), Some(false)]
    );
    assert_eq!(
        project.manifests_of(&all[1]).iter().map(|one| one.path.as_str()).collect::<Vec<_>>(),
        ["web/pyproject.toml"]
    );
}

#[test]
fn a_constraint_pins_what_is_asked_for_and_asks_for_nothing() {
    let all = joined(&[("requirements.txt", "-c limits.txt\nflask\n"), ("limits-requirements.txt", "flask==3.0.0\n")]);
    assert!(all[0].dependencies[0].version.is_none(), "nobody includes that file");

    let all = joined(&[
        ("requirements.txt", "-c pins-requirements.txt\nflask\n"),
        ("pins-requirements.txt", "flask==3.0.0\njinja2==3.1.0\n"),
    ]);
    assert_eq!(all[0].dependencies[0].version.as_ref().unwrap().to_string(), "3.0.0");
    assert!(all[1].dependencies.iter().all(|one| one.is_constraint));
}

#[test]
fn files_that_include_each_other_end() {
    let all = joined(&[
        ("a-requirements.txt", "-r b-requirements.txt\n-c a-requirements.txt\n"),
        ("b-requirements.txt", "-r a-requirements.txt\nflask\n"),
    ]);
    assert_eq!(all[1].dependencies.len(), 1);
}

#[test]
fn members_of_a_workspace_share_its_lock() {
    let all = joined(&[
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"packages/*\"]\n"),
        ("packages/core/pyproject.toml", "[project]\nname = \"core\"\ndependencies = [\"flask\"]\n"),
        (
            "uv.lock",
            "version = 1\n[[package]]\nname = \"flask\"\nversion = \"3\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        ),
    ]);
    let project = Project::new(&all);
    assert_eq!(project.locks_of(&all[1]).len(), 1);
}
