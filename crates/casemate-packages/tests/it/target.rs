//! For which Python and platform a manifest is read.

use casemate_packages::manifest::{Platform, PythonVersion, Target, kind_of, read_for};
use proptest::prelude::*;

use crate::support::{manifest, pins, problems};

fn target(python: &str, platform: &str) -> Target {
    Target { python: PythonVersion::parse(python), platform: Platform::parse(platform) }
}

fn names(path: &str, text: &str, target: &Target) -> Vec<String> {
    pins(&read_for(path, kind_of(path).expect("a manifest"), text, target))
}

const REQUIREMENTS: &str = "\
a==1; python_version < '3.9'
b==1; python_version >= '3.9' and python_version < '3.12'
c==1; python_full_version >= '3.12.4'
d==1; sys_platform == 'win32'
e==1; sys_platform == 'darwin' and python_version >= '3.9'
f==1; os_name == 'posix'
g==1; platform_system != 'Linux'
h==1
i==1; platform_machine == 'x86_64'
";

#[test]
fn without_a_target_all_that_may_apply_anywhere_is_read() {
    assert_eq!(names("requirements.txt", REQUIREMENTS, &Target::default()).len(), 9);
}

#[test]
fn a_target_leaves_out_what_cannot_apply_there() {
    let on = |python, platform| names("requirements.txt", REQUIREMENTS, &target(python, platform)).join(" ");
    assert_eq!(on("3.8", ""), "a 1 d 1 f 1 g 1 h 1 i 1");
    assert_eq!(on("3.10", "linux"), "b 1 f 1 h 1 i 1");
    assert_eq!(on("3.12", "macos"), "c 1 e 1 f 1 g 1 h 1 i 1");
    assert_eq!(on("3.12.1", "windows"), "d 1 g 1 h 1 i 1");
    assert_eq!(on("", "windows"), "a 1 b 1 c 1 d 1 g 1 h 1 i 1");
}

#[test]
fn a_python_that_the_project_does_not_allow_is_told_and_counts() {
    let text = "[project]\nname = \"x\"\nrequires-python = \">=3.10\"\ndependencies = [\"a==1; python_version < '3.9'\", \"b==1\"]\n";
    assert_eq!(pins(&manifest("pyproject.toml", text)), ["b 1"]);
    let read = read_for("pyproject.toml", kind_of("pyproject.toml").expect("is one"), text, &target("3.8", ""));
    assert_eq!(pins(&read), ["a 1", "b 1"]);
    assert_eq!(problems(&read), ["this does not allow Python 3.8, for which its dependencies were read"]);
    assert_eq!(names("pyproject.toml", text, &target("3.11", "")), ["b 1"]);
}

#[test]
fn versions_of_python_are_plain_numbers() {
    for fine in ["3.8", "3.12", "3.12.4", "2.7"] {
        assert_eq!(PythonVersion::parse(fine).expect("is one").to_string(), fine);
    }
    for wrong in ["", "3", "3.12.4.1", "3.x", ">=3.8", "3.12rc1", "1!3.12", "3..12", "99999999999999999999.1"] {
        assert_eq!(PythonVersion::parse(wrong), None, "{wrong}");
    }
}

/// What `pdm sync -G :all` has installed on Linux with Python 3.11, as `pdm list` tells it.
#[test]
fn a_lock_file_holds_for_a_target_what_its_tool_installs_there() {
    let text = include_str!("../fixtures/pdm/pdm.lock");
    let installed = "certifi 2026.10.18, gitpkg 0.3.1, h11 0.14.0, h2 4.3.0, hpack 4.1.0, httpcore 1.0.5, \
                     hyperframe 6.1.0, iniconfig 2.0.0, localpkg 0.1, packaging 26.3, pluggy 1.6.0, pytest 7.4.4, \
                     six 1.17.0, socksio 1.0.0, werkzeug 1.0.1";
    assert_eq!(names("pdm.lock", text, &target("3.11", "linux")).join(", "), installed);
    let windows = names("pdm.lock", text, &target("3.9", "windows")).join(", ");
    for more in ["colorama 0.4.6", "exceptiongroup", "tomli", "typing-extensions"] {
        assert!(windows.contains(more), "{more}: {windows}");
    }
}

proptest! {
    #[test]
    fn a_target_adds_nothing(minor in 6_u8..15, platform in 0_usize..4, bound in 6_u8..15, system in 0_usize..3) {
        let words = ["linux", "darwin", "win32"];
        let text = format!(
            "a==1; python_version < '3.{bound}' or sys_platform == '{}'\nb==1; python_version >= '3.{bound}'\n",
            words[system],
        );
        let platform = Platform::ALL.get(platform).copied();
        let target = Target { python: PythonVersion::parse(&format!("3.{minor}")), platform };
        let read = names("requirements.txt", &text, &target);
        let all = names("requirements.txt", &text, &Target::default());
        prop_assert!(read.iter().all(|one| all.contains(one)));
        // Every Python is on one side of the bound.
        prop_assert_eq!(read.contains(&"b 1".to_owned()), minor >= bound);
        prop_assert!(!read.is_empty());
    }
}
