//! What manifests and lock files say beside names and versions.

use casemate_packages::manifest::{IndexKind, Origin};

use crate::judged::fixtures;
use crate::support::{manifest, pin, problems};

#[test]
fn what_only_an_extra_or_a_group_brings_is_marked() {
    for (path, _) in fixtures() {
        let path = path.to_str().unwrap();
        if !(path.contains("uv.lock") || path.contains("poetry.lock")) {
            continue;
        }
        let read = manifest(path, &std::fs::read_to_string(path).unwrap());
        let groups = |name: &str| -> Vec<String> {
            read.dependencies.iter().find(|one| one.name.as_str() == name).unwrap().groups.clone()
        };
        assert_eq!(groups("httpx"), [""; 0], "{path}");
        assert_eq!(groups("iniconfig"), ["test"], "{path}");
        assert_eq!(groups("diskcache"), ["cache"], "{path}");
        assert!(
            read.dependencies.iter().all(|one| !one.hashes.is_empty() || matches!(one.origin, Origin::Local(_))),
            "{path}"
        );
    }
}

#[test]
fn what_no_supported_python_takes_is_left_out() {
    let text = "[project]\nname = \"x\"\nrequires-python = \">=3.11\"\ndependencies = [\"tomli; python_version < '3.11'\", \"a; sys_platform == 'win32'\", \"b; sys_platform == 'win32' and sys_platform == 'linux'\"]\n";
    let read = manifest("pyproject.toml", text);
    assert_eq!(read.dependencies.iter().map(pin).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn poetry_says_versions_in_its_own_way() {
    let text = "[tool.poetry.dependencies]\npython = \"^3.10\"\na = \"^1.2.3\"\nb = \"^0.2.3\"\nc = \"~1.2\"\nd = \"1.2.*\"\ne = \"1.2.3\"\nf = \">=1.0 <2.0\"\ng = \"^1 || ^2\"\nh = \"*\"\ni = { git = \"https://example.com/i.git\", tag = \"v1\" }\n";
    let read = manifest("pyproject.toml", text);
    assert_eq!(problems(&read), [""; 0]);
    let told: Vec<String> = read.dependencies.iter().map(|one| one.specifiers.to_string()).collect();
    assert_eq!(told, [">=1.2.3, <2", ">=0.2.3, <0.3", ">=1.2, <1.3", "==1.2.*", "==1.2.3", ">=1.0, <2.0", "", "", ""]);
    assert_eq!(read.requires_python.unwrap().to_string(), ">=3.10, <4");
    assert_eq!(read.dependencies[4].version.as_ref().unwrap().to_string(), "1.2.3");
}

#[test]
fn conda_has_names_of_its_own() {
    let text = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n  - numpy=1.26.4=py312_0\n  - conda-forge::gdal>=3\n  - pip\n  - pip:\n      - requests==2.32.0\n      - -r more.txt\n";
    let read = manifest("env/environment.yml", text);
    assert_eq!(problems(&read), [""; 0]);
    let told: Vec<String> = read.dependencies.iter().map(|one| format!("{} {}", pin(one), one.is_public())).collect();
    assert_eq!(told, ["numpy 1.26.4 false", "gdal false", "pip false", "requests 2.32.0 true"]);
    assert_eq!(read.includes[0].path, "env/more.txt");
    assert_eq!(&text[read.dependencies[3].span.clone()], "requests");
}

#[test]
fn an_installed_distribution_is_its_own_only_dependency() {
    let read = manifest(
        "lib/site-packages/Jinja2-3.1.4.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: Jinja2\nVersion: 3.1.4\nRequires-Python: >=3.7\nRequires-Dist: MarkupSafe >=2.0\nRequires-Dist: Babel >=2.7 ; extra == 'i18n'\n\nRequires-Dist: not-this\n",
    );
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.dependencies.iter().map(pin).collect::<Vec<_>>(), ["jinja2 3.1.4"]);
    assert_eq!(read.dependencies[0].requires.iter().map(ToString::to_string).collect::<Vec<_>>(), ["markupsafe"]);
}

#[test]
fn groups_include_each_other() {
    let text = "[dependency-groups]\ntest = [\"pytest\"]\nlint = [\"ruff\", {include-group = \"lint\"}]\ndev = [{include-group = \"test\"}, {include-group = \"lint\"}, \"ipython\"]\n";
    let read = manifest("pyproject.toml", text);
    let told: Vec<String> = read.dependencies.iter().map(|one| format!("{} {:?}", one.name, one.groups)).collect();
    assert_eq!(told, ["pytest [\"test\", \"dev\"]", "ruff [\"lint\", \"dev\"]", "ipython [\"dev\"]"]);
}

#[test]
fn sources_of_uv_say_where_from() {
    let text = "[project]\nname = \"x\"\ndependencies = [\"a\", \"b\", \"c\"]\n[tool.uv]\nindex-strategy = \"unsafe-best-match\"\n[tool.uv.sources]\na = { git = \"https://example.com/a\", branch = \"main\" }\nb = { index = \"own\" }\nc = { workspace = true }\n[[tool.uv.index]]\nname = \"own\"\nurl = \"https://example.com/simple\"\nexplicit = true\n";
    let read = manifest("pyproject.toml", text);
    assert!(
        matches!(&read.dependencies[0].origin, Origin::Repository { revision: Some(branch), is_commit: false, .. } if branch == "main")
    );
    assert_eq!(read.dependencies[1].origin, Origin::Index(Some("own".to_owned())));
    assert!(matches!(read.dependencies[2].origin, Origin::Local(_)));
    let mut kinds: Vec<IndexKind> = read.indexes.iter().map(|index| index.kind).collect();
    kinds.sort();
    assert_eq!(kinds, [IndexKind::Explicit, IndexKind::Strategy]);
}

#[test]
fn setup_cfg_is_read_as_setuptools_reads_it() {
    let text = "[metadata]\nname = thing\n[options]\npython_requires = >=3.8\ninstall_requires =\n    flask>=2  # web\n    requests; python_version > '3'\n[options.extras_require]\ntest = pytest; tox\n";
    let read = manifest("setup.cfg", text);
    assert_eq!(problems(&read), [""; 0]);
    let told: Vec<String> = read.dependencies.iter().map(|one| format!("{} {:?}", one.name, one.groups)).collect();
    assert_eq!(told, ["flask []", "requests []", "pytest [\"test\"]", "tox [\"test\"]"]);
}

#[test]
fn a_package_without_a_name_is_told_in_every_lock_file() {
    for (path, table) in
        [("poetry.lock", "package"), ("pdm.lock", "package"), ("uv.lock", "package"), ("pylock.toml", "packages")]
    {
        let read = manifest(path, &format!("[[{table}]]\nversion = \"1.0\"\n"));

        assert!(
            problems(&read).contains(&"a package without a name; it was not read"),
            "{path}: {:?}",
            problems(&read)
        );
    }
}
