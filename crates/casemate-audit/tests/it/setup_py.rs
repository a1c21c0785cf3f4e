//! What a `setup.py` asks for.

use crate::support::audit;

/// `name specifiers groups` of everything read, and what could not be.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let outcome = audit(&[("setup.py", text)]);
    let asked = outcome.manifests.iter().flat_map(|one| &one.dependencies).map(|one| {
        let (name, groups) = (one.name.as_str(), one.groups.join(","));
        format!("{name} {} {groups}", one.specifiers).trim().to_owned()
    });
    (asked.collect(), outcome.problems.iter().map(|problem| problem.message.clone()).collect())
}

#[test]
fn lists_written_out_are_read() {
    let (asked, problems) = read("\
from setuptools import setup

REQUIRES = ['django>=3.2', \"requests==2.19.0\"]

setup(
    name='shop',
    install_requires=REQUIRES + ['flask'],
    extras_require={'dev': ['pytest>7'], ':python_version<\"3\"': ['enum34'], 'win:sys_platform==\"win32\"': ('pywin32',)},
    tests_require=['mock'],
    setup_requires=['wheel'],
)
");
    assert_eq!(problems, [""; 0]);
    assert_eq!(asked, ["django >=3.2", "requests ==2.19.0", "flask", "pytest >7 dev", "pywin32  win", "mock  test"]);
}

#[test]
fn it_does_not_matter_how_setup_is_called() {
    for text in [
        "import setuptools\nsetuptools.setup(install_requires=['a'])\n",
        "from distutils.core import setup\nsetup(install_requires=['a'])\n",
        "import distutils.core\ndistutils.core.setup(install_requires=['a'])\n",
        "from setuptools import *\nsetup(install_requires=['a'])\n",
        "try:\n    from setuptools import setup\nexcept ImportError:\n    from distutils.core import setup\nsetup(install_requires=['a'])\n",
        "from setuptools import setup\ndef main():\n    setup(install_requires=['a'])\nmain()\n",
        "from setuptools import setup\nDEPS = ['a']\ndef main():\n    setup(install_requires=DEPS)\nmain()\n",
        "from setuptools import setup\nsetup(install_requires=\"\"\"\n    a\n    # why\n\"\"\")\n",
    ] {
        assert_eq!(read(text), (vec!["a".to_owned()], vec![]), "{text}");
    }
    assert_eq!(read("def setup(**k): pass\nsetup(install_requires=['a'])\n"), (vec![], vec![]));
}

#[test]
fn what_is_computed_is_told() {
    let told = "put together when `setup.py` runs";
    for (text, asked, argument) in [
        ("setup(install_requires=open('requirements.txt').read().splitlines())", 0, "install_requires"),
        ("setup(install_requires=['a', 'b' + VERSION])", 1, "install_requires"),
        ("r = ['a']\nr.append('b')\nsetup(install_requires=r)", 1, "install_requires"),
        ("e = {'x': ['a']}\ne['all'] = sum(e.values(), [])\nsetup(extras_require=e)", 1, "extras_require"),
        ("setup(extras_require={name(): ['a']})", 0, "extras_require"),
        ("setup(install_requires=[f'a=={V}'])", 0, "install_requires"),
        ("setup(**CONFIG)", 0, "**CONFIG"),
        ("setup(install_requires=DEPS)", 0, "install_requires"),
    ] {
        let (read, problems) = read(&format!("from setuptools import setup\n{text}\n"));
        assert_eq!(read.len(), asked, "{text}: {read:?}");
        let is_told = problems.len() == 1 && problems[0].contains(told) && problems[0].contains(argument);
        assert!(is_told, "{text}: {problems:?}");
    }
    assert_eq!(read("from setuptools import setup\nsetup(name=N, version=V, packages=find())\n"), (vec![], vec![]));
}

#[test]
fn either_branch_counts() {
    let (asked, problems) = read(
        "import sys\nfrom setuptools import setup\nif sys.platform == 'win32':\n    r = ['a', 'b']\nelse:\n    r = ['c']\nsetup(install_requires=r)\n",
    );
    assert_eq!((asked.len(), problems.len()), (3, 0), "{asked:?} {problems:?}");
}

#[test]
fn findings_stand_where_the_package_is_named() {
    let outcome = audit(&[(
        "setup.py",
        "from setuptools import setup\nsetup(\n    install_requires=[\n        'requessts',\n    ],\n)\n",
    )]);
    let found = outcome.findings.iter().find(|finding| finding.rule.name == "typosquat");
    let found = found.unwrap_or_else(|| panic!("{:?}", outcome.findings));
    assert_eq!((found.place.path.as_str(), found.place.start.line, found.place.start.column), ("setup.py", 4, 10));
}

#[test]
fn a_program_that_turns_in_circles_is_left() {
    let mut text = "from setuptools import setup\nr = []\n".to_owned();
    for _ in 0..300 {
        text.push_str("r = r + r\n");
    }
    text.push_str("while x:\n    r = r + ['a']\nsetup(install_requires=r)\n");
    let (asked, _) = read(&text);
    assert!(asked.len() <= 1, "{}", asked.len());
}
