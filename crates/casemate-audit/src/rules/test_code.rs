//! What of a project is its tests: told from what the files say, not from where they lie alone.

use casemate_python::names::ModuleId;
use casemate_python::syntax::Module;
use rustc_hash::FxHashSet;

use crate::finding::Finding;
use crate::outline::Outline;
use crate::rule::{Kind, Rule};
use crate::scope::Scope;

/// Folders that hold tests, if something in them is one.
const FOLDERS: &[&str] =
    &["test", "tests", "testing", "testsuite", "t", "_tests", "unittests", "integration_tests", "unit_tests", "e2e"];

/// Folders that show how the rest is used, where there is a rest.
const EXAMPLES: &[&str] = &[
    "examples",
    "example",
    "docs",
    "docs_src",
    "doc",
    "samples",
    "sample",
    "tutorials",
    "demos",
    "demo",
    "benchmarks",
    "benchmark",
    "bench",
    "fuzz",
    "fuzzing",
    "playground",
];

/// Folders of code that others wrote and mend.
const OTHERS: &[&str] = &[
    "vendor",
    "vendored",
    "vendors",
    "_vendor",
    "_vendored",
    "third_party",
    "thirdparty",
    "third-party",
    "3rdparty",
    "extern",
    "externals",
];

/// Folders in which a project tries itself out, by names that mean nothing else; however their words are joined.
const TRIALS: &[&str] = &[
    "testproj",
    "testproject",
    "testapp",
    "testapps",
    "testsite",
    "testbed",
    "endtoendtests",
    "e2etests",
    "functionaltests",
    "integrationtests",
    "acceptancetests",
    "browsertests",
    "systemtests",
    "loadtests",
    "testutils",
    "testhelpers",
];

/// What tests import.
const LIBRARIES: &[&str] = &[
    "pytest",
    "unittest",
    "unittest2",
    "nose",
    "py.test",
    "hypothesis",
    "testtools",
    "asynctest",
    "django.test",
    "rest_framework.test",
    "flask_testing",
    "tornado.testing",
    "twisted.trial",
    "aiohttp.test_utils",
    "aiohttp.pytest_plugin",
    "absl.testing",
    "mock",
    "faker",
    "factory",
];

/// The tests of a project.
#[derive(Debug, Default)]
pub(crate) struct TestCode {
    folders: FxHashSet<String>,
    files: FxHashSet<String>,
    /// Folders that are packages: what is called `examples` in one belongs to it.
    packages: FxHashSet<String>,
    scope: Scope,
}

impl TestCode {
    /// Looks for them in a program.
    pub(crate) fn of(outlines: &[Outline], scope: &Scope) -> Self {
        let mut found = Self { scope: scope.clone(), ..Self::default() };
        for module in outlines {
            if !module.is_test {
                if let Some(package) = module.path.strip_suffix("/__init__.py")
                    && !package.split('/').any(|folder| EXAMPLES.contains(&folder) || is_trial(folder))
                {
                    found.packages.insert(package.to_owned());
                }
                continue;
            }
            match folder(&module.path, scope) {
                // What lies beside tests is made for them.
                Some(folder) => {
                    found.folders.insert(folder.to_owned());
                }
                None => {
                    found.files.insert(module.path.clone());
                }
            }
        }
        found
    }

    /// The modules of tests whose data need not be followed: nothing else imports them, and they hide nothing.
    pub(crate) fn idle(&self, outlines: &[Outline], imported: &[Vec<ModuleId>]) -> Vec<ModuleId> {
        if self.folders.is_empty() && self.files.is_empty() {
            return Vec::new();
        }
        let mut needed = vec![false; outlines.len()];
        let modules = || (0..).map(ModuleId).zip(outlines);
        let mut left: Vec<ModuleId> =
            modules().filter(|(_, module)| !self.holds(&module.path) || module.may_hide).map(|(id, _)| id).collect();
        while let Some(id) = left.pop() {
            let Some(is_needed) = needed.get_mut(id.0 as usize) else { continue };
            if !std::mem::replace(is_needed, true) {
                left.extend(imported.get(id.0 as usize).into_iter().flatten());
            }
        }
        modules().map(|(id, _)| id).filter(|id| needed.get(id.0 as usize) == Some(&false)).collect()
    }

    /// Whether a file belongs to the tests.
    pub(crate) fn holds(&self, path: &str) -> bool {
        self.files.contains(path)
            || !self.folders.is_empty()
                && path
                    .match_indices('/')
                    .any(|(at, _)| path.get(..at).is_some_and(|folder| self.folders.contains(folder)))
    }

    /// Whether a file shows how the program is used, and is no part of it.
    fn shows(&self, path: &str) -> bool {
        let above = path.len() - self.scope.within(path).len();
        !self.packages.is_empty()
            && path.match_indices('/').filter(|&(at, _)| at >= above).any(|(at, _)| {
                let folder = path.get(..at).unwrap_or_default();
                let (around, name) = folder.rsplit_once('/').unwrap_or(("", folder));
                is_trial(name) || EXAMPLES.contains(&name) && !self.packages.contains(around)
            })
    }

    /// Whether others wrote a file, which only lies here.
    fn is_of_others(&self, path: &str) -> bool {
        self.scope.within(path).split('/').rev().skip(1).any(|folder| OTHERS.contains(&folder))
    }

    /// Whether a finding is about what tests do, or an example beside the program, which no attacker
    /// reaches, or a weakness of code that is mended elsewhere. Secrets
    /// open the same doors wherever they are written, and what tests install is installed; only fixtures install
    /// nothing.
    pub(crate) fn explain(&self, finding: &Finding) -> bool {
        let path = finding.place.path.as_str();
        match finding.rule.kind {
            Kind::Secret | Kind::Run => false,
            Kind::Dependency => {
                self.holds(path)
                    && path.split('/').any(|folder| matches!(folder, "fixture" | "fixtures" | "testdata" | "data"))
            }
            Kind::Taint | Kind::Pattern | Kind::Program | Kind::Configuration => {
                !is_told_of_tests(finding.rule)
                    && (self.holds(path)
                        || self.shows(path)
                        || finding.rule.kind == Kind::Pattern && self.is_of_others(path)
                        || finding.path.first().is_some_and(|step| self.holds(&step.place.path)))
            }
        }
    }
}

/// Whether a folder is called after trials: `testproj`, `end_to_end_tests`, `test-project`, `app_unittest_utils`; or after
/// what it is an example of, `example_plugin`.
fn is_trial(folder: &str) -> bool {
    let joined = folder.replace(['_', '-'], "");
    TRIALS.contains(&joined.as_str()) || joined.ends_with("unittestutils") || folder.starts_with("example_")
}

/// Whether a rule speaks of tests, too. Disguised code is looked for everywhere.
pub(crate) fn is_told_of_tests(rule: &Rule) -> bool {
    match rule.kind {
        Kind::Secret | Kind::Run | Kind::Dependency => true,
        Kind::Taint | Kind::Pattern | Kind::Program | Kind::Configuration => {
            matches!(rule.name, "trojan-source" | "backdoor-pattern")
        }
    }
}

/// The outermost folder of tests a file lies in.
fn folder<'p>(path: &'p str, scope: &Scope) -> Option<&'p str> {
    let above = path.len() - scope.within(path).len();
    path.match_indices('/').filter(|&(end, _)| end >= above).find_map(|(end, _)| {
        let upto = path.get(..end)?;
        let name = upto.rsplit('/').next().unwrap_or(upto);
        FOLDERS.contains(&name).then_some(upto)
    })
}

/// Whether a module tests something, or helps to.
pub(crate) fn is_test(module: &Module, scope: &Scope) -> bool {
    let name = module.path.rsplit('/').next().unwrap_or(&module.path);
    if name == "conftest.py" {
        return true;
    }
    let stem = name.strip_suffix(".py").unwrap_or(name);
    let is_named = stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || matches!(
            stem,
            "test" | "tests" | "testlib" | "testing" | "testutil" | "testutils" | "testcase" | "testcases"
        );
    // Whoever imports these writes the steps of tests, wherever they lie.
    const STEPS: &[&str] = &["behave", "pytest_bdd", "lettuce", "aloe", "radish"];
    let libraries = match is_named || folder(&module.path, scope).is_some() {
        true => LIBRARIES,
        false => STEPS,
    };
    module.imports.iter().any(|import| {
        import.level == 0
            && libraries.iter().any(|library| {
                let full = match &import.name {
                    Some(name) => format!("{}.{name}", import.module),
                    None => import.module.clone(),
                };
                full == *library || full.strip_prefix(library).is_some_and(|rest| rest.starts_with('.'))
            })
    })
}

#[cfg(test)]
mod tests {
    use casemate_python::names::Program;
    use casemate_python::syntax::read;

    use super::*;
    use crate::audit::Lines;
    use crate::scope::WHOLE;

    fn outlines(program: &Program, scope: &Scope) -> Vec<Outline> {
        Outline::of_all(program, scope, &Lines::new(program.len()))
    }

    fn tests_of(files: &[(&str, &str)]) -> TestCode {
        let program = Program::link(files.iter().map(|(path, text)| read(path, text.as_bytes())).collect());
        TestCode::of(&outlines(&program, &WHOLE), &WHOLE)
    }

    #[test]
    fn examples_are_told_by_the_package_beside_them() {
        let beside = tests_of(&[("lib/__init__.py", "x = 1\n"), ("examples/app.py", "import flask\n")]);
        assert!(beside.shows("examples/app.py") && !beside.shows("lib/examples.py"));
        assert!(!beside.shows("lib/examples/run.py"), "a part of the package");
        let asked = Program::link(
            [("lib/__init__.py", "x = 1\n"), ("examples/app.py", "import flask\n"), ("lib/_vendor/six.py", "")]
                .iter()
                .map(|(path, text)| read(path, text.as_bytes()))
                .collect(),
        );
        let asked = {
            let scope = Scope::of(&["lib".to_owned(), "examples".to_owned()]);
            TestCode::of(&outlines(&asked, &scope), &scope)
        };
        assert!(!asked.shows("examples/app.py"), "asked for by name");
        assert!(asked.is_of_others("lib/_vendor/six.py") && !asked.is_of_others("lib/vendor.py"));
        // Trials of a project lie beside it, too.
        let tried =
            tests_of(&[("lib/__init__.py", "x = 1\n"), ("testproj/__init__.py", ""), ("end_to_end_tests/run.py", "")]);
        assert!(tried.shows("testproj/views.py") && tried.shows("end_to_end_tests/run.py"));
        assert!(tried.shows("lib/test_utils/app.py") && tried.shows("lib/example_form/plugin.py"));
        assert!(tried.shows("lib/app_unittest_utils/mock.py") && !tried.shows("lib/example/plugin.py"));
        assert!(!tried.shows("lib/testproj.py") && !tried.shows("testcode/app.py"));
        // Somebody audits the examples themselves.
        let alone = tests_of(&[("app/main.py", "x = 1\n"), ("examples/app.py", "import flask\n")]);
        assert!(!alone.shows("examples/app.py"));
    }

    #[test]
    fn tests_are_told_by_what_they_import() {
        let tests = tests_of(&[
            ("app/views.py", "import flask\n"),
            ("app/tests/test_views.py", "import pytest\n"),
            ("app/tests/server.py", "import flask\n"),
            ("app/util_test.py", "from unittest import mock\n"),
            ("app/test_helpers.py", "import flask\n"),
            ("cases/test/one.py", "import flask\n"),
            ("unit/conftest.py", "import flask\n"),
            ("features/steps/forms.py", "from behave import when\n"),
        ]);
        for path in [
            "features/steps/forms.py",
            "app/tests/test_views.py",
            "app/tests/server.py",
            "app/tests/templates/x.html",
            "app/util_test.py",
        ] {
            assert!(tests.holds(path), "{path}");
        }
        // A file is no test for its name alone, nor for its folder.
        for path in ["app/views.py", "app/test_helpers.py", "cases/test/one.py", "app/testsuite.py"] {
            assert!(!tests.holds(path), "{path}");
        }
    }

    #[test]
    fn tests_are_idle_unless_somebody_needs_them() {
        let program = Program::link(
            [
                ("app/views.py", "from tests.shared import helper\n"),
                ("tests/hidden.py", "exec(x)\n"),
                ("tests/more.py", "x = 1\n"),
                ("tests/shared.py", "from tests.more import x\ndef helper(): pass\n"),
                ("tests/test_views.py", "import pytest\nfrom app import views\n"),
            ]
            .iter()
            .map(|(path, text)| read(path, text.as_bytes()))
            .collect(),
        );
        let outlines = outlines(&program, &WHOLE);
        let idle = TestCode::of(&outlines, &WHOLE).idle(&outlines, program.imported());
        let paths: Vec<&str> = idle.iter().filter_map(|&id| Some(program.module(id)?.path.as_str())).collect();
        assert_eq!(paths, ["tests/test_views.py"]);
        assert_eq!(TestCode::default().idle(&outlines, program.imported()), []);
    }
}
