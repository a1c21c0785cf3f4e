//! What the place of a file says about the secrets in it.

/// What a file is for, told from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surroundings {
    /// Runs, or configures what runs.
    Product,
    /// Tests and their fixtures.
    Test,
    /// Examples, templates, documentation, and what others wrote and only lies here.
    Example,
}

/// Folders of tests. A folder counts also as one of several words: `integration-tests`, `test_data`.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "fixture",
    "fixtures",
    "testdata",
    "testutil",
    "testutils",
    "testsuite",
    "testsuites",
    "testcase",
    "testcases",
    "spec",
    "specs",
    "mock",
    "mocks",
    "cassettes",
    "cassette",
    "snapshots",
    "e2e",
    "unittest",
    "unittests",
    "pytest",
    "playwright",
    "cypress",
    "zuul",
    "fuzz",
    "fuzzing",
    "fuzzer",
    "benchmark",
    "benchmarks",
    "bench",
    "stubs",
    "factories",
    "ut",
    "qa",
    "selftest",
    "autotest",
    "devstack",
    "t",
];

/// Folders of examples, documentation and of others' code.
const EXAMPLE_FOLDERS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "doc",
    "docs",
    "documentation",
    "guide",
    "guides",
    "tutorial",
    "tutorials",
    "quickstart",
    "quickstarts",
    "howto",
    "cookbook",
    "template",
    "templates",
    "skeleton",
    "boilerplate",
    "scaffold",
    "vendor",
    "vendored",
    "vendors",
    "third_party",
    "thirdparty",
    "third-party",
    "3rdparty",
    "node_modules",
    "bower_components",
    "_vendor",
    "site-packages",
    "dist-packages",
    "externals",
    "external",
    "contrib",
    "locale",
    "locales",
    "i18n",
    "l10n",
    "translations",
    "lc_messages",
    "manual",
    "man",
    "wiki",
    "website",
    "blog",
    "notebooks",
    "playground",
    "sandbox",
    "api-ref",
    "apidocs",
    "javadoc",
    "cookiecutter",
    "release_notes",
    "releasenotes",
    "changelogs",
    "schemas",
    "schema",
    "openapi",
    "swagger",
];

/// Names of files for people.
const EXAMPLE_NAMES: &[&str] = &[
    "readme",
    "changelog",
    "changes",
    "history",
    "news",
    "contributing",
    "install",
    "installing",
    "authors",
    "security",
    "upgrading",
    "upgrade",
    "migration",
    "faq",
    "howto",
    "usage",
    "todo",
];

/// Endings that make a template of a file: `.env.example`, `settings.py.dist`.
const EXAMPLE_ENDINGS: &[&str] = &[
    "example", "examples", "sample", "template", "tmpl", "tpl", "dist", "default", "defaults", "skel", "stub", "j2",
    "jinja", "jinja2", "erb", "in",
];

/// Extensions of texts for people.
const PROSE: &[&str] = &["md", "markdown", "rst", "adoc", "asciidoc", "mdx", "org", "textile", "pod", "texi"];

/// What the file at this path is for.
pub fn surroundings(path: &str) -> Surroundings {
    let lower = path.replace('\\', "/").to_ascii_lowercase();
    let mut parts = lower.split('/').rev();
    let name = parts.next().unwrap_or_default();
    let folders: Vec<&str> = parts.collect();
    if is_test_name(name) || folders.iter().any(|folder| is_of(folder, TEST_FOLDERS)) {
        Surroundings::Test
    } else if is_example_name(name) || folders.iter().any(|folder| is_example_folder(folder)) {
        Surroundings::Example
    } else {
        Surroundings::Product
    }
}

/// Whether a folder is one of these, or a compound of several words with one of them.
fn is_of(folder: &str, words: &[&str]) -> bool {
    words.contains(&folder) || folder.split(['-', '_', '.', ' ']).any(|word| word.len() > 2 && words.contains(&word))
}

/// The folders whose compounds are no examples: `templates` is where a web application keeps its pages.
fn is_example_folder(folder: &str) -> bool {
    EXAMPLE_FOLDERS.contains(&folder)
        || folder.split(['-', '_', '.', ' ']).any(|word| {
            matches!(
                word,
                "example"
                    | "examples"
                    | "sample"
                    | "samples"
                    | "demo"
                    | "demos"
                    | "docs"
                    | "doc"
                    | "tutorial"
                    | "vendor"
            )
        })
}

fn is_test_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let has_word = stem.split(['-', '_']).any(|word| {
        matches!(
            word,
            "test"
                | "tests"
                | "testing"
                | "unittest"
                | "mock"
                | "mocks"
                | "fixture"
                | "fixtures"
                | "testdata"
                | "dummy"
                | "fake"
        )
    });
    has_word
        || name == "conftest.py"
        || name == "tox.ini"
        || name == "noxfile.py"
        || name.split('.').skip(1).any(|part| matches!(part, "test" | "tests" | "spec" | "mock" | "fixture"))
        || matches!(stem, "testdata" | "testutil" | "testutils" | "testcase")
}

fn is_example_name(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let has_word = name.split(['.', '-', '_']).any(|word| matches!(word, "sample" | "samples" | "tutorial"))
        || name.split('.').skip(1).any(|part| matches!(part, "example" | "examples" | "demo"))
        || (stem != "example"
            && !matches!(extension, "py" | "pyw" | "pyi")
            && name.split(['.', '-', '_']).any(|word| matches!(word, "example" | "examples" | "demo")));
    has_word
        || EXAMPLE_ENDINGS.contains(&extension)
        || PROSE.contains(&extension)
        || EXAMPLE_NAMES.contains(&stem)
        // What a built package says of itself holds its readme.
        || matches!(name, "pkg-info" | "metadata")
}
