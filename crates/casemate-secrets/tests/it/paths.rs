//! What the place of a file says.

use casemate_secrets::{Format, Surroundings, surroundings};

#[test]
fn tests_and_examples_are_told_from_the_product() {
    for (path, expected) in [
        ("src/settings.py", Surroundings::Product),
        (".env", Surroundings::Product),
        ("app/templates.py", Surroundings::Product),
        ("contest/app.py", Surroundings::Product),
        ("latest/config.yml", Surroundings::Product),
        ("deploy/prod/values.yaml", Surroundings::Product),
        ("attestation/key.json", Surroundings::Product),
        ("tests/settings.py", Surroundings::Test),
        ("src/app/tests.py", Surroundings::Test),
        ("src/test_login.py", Surroundings::Test),
        ("src/login_test.go", Surroundings::Test),
        ("src/login.spec.ts", Surroundings::Test),
        ("integration-tests/compose.yml", Surroundings::Test),
        ("pkg/testdata/key.pem", Surroundings::Test),
        ("conftest.py", Surroundings::Test),
        ("src/__tests__/login.js", Surroundings::Test),
        ("a\\tests\\b.py", Surroundings::Test),
        ("t/unit/security.py", Surroundings::Test),
        ("src/t.py", Surroundings::Product),
        ("PKG-INFO", Surroundings::Example),
        ("x.dist-info/METADATA", Surroundings::Example),
        ("config/metadata.yml", Surroundings::Product),
        (".env.example", Surroundings::Example),
        ("config/settings.py.dist", Surroundings::Example),
        ("config.sample.yml", Surroundings::Example),
        ("nginx.conf.template", Surroundings::Example),
        ("docs/install.md", Surroundings::Example),
        ("README.rst", Surroundings::Example),
        ("examples/app.py", Surroundings::Example),
        ("vendor/github.com/x/y.go", Surroundings::Example),
        ("web/node_modules/x/index.js", Surroundings::Example),
        ("app/locale/de/strings.yml", Surroundings::Example),
        ("third_party/x/config.json", Surroundings::Example),
    ] {
        assert_eq!(surroundings(path), expected, "{path}");
    }
}

#[test]
fn formats_are_told_by_names() {
    for (path, expected) in [
        ("a/.env", Format::Env),
        (".env.production", Format::Env),
        ("prod.env", Format::Env),
        ("a.yml", Format::Yaml),
        ("a.tfstate", Format::Json),
        (".npmrc", Format::Ini),
        (".pypirc", Format::Ini),
        (".my.cnf", Format::Ini),
        (".aws/credentials", Format::Ini),
        ("Dockerfile.prod", Format::Dockerfile),
        ("web.config", Format::Xml),
        ("run.sh", Format::Shell),
        ("Pipfile", Format::Toml),
        ("a.ipynb", Format::Notebook),
        ("a.py", Format::Python),
        ("a.go", Format::Other),
    ] {
        assert_eq!(Format::of(path), expected, "{path}");
    }
}
