//! How names are bound to values in a file, told from its path.

use crate::format::Format;
use crate::path::Surroundings;
use crate::roles::judge::Binding;

/// How names are bound to values in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `NAME=value` to the end of the line.
    Env,
    /// `name: value`.
    Yaml,
    /// `"name": "value"`.
    Json,
    /// `name = value` to the end of the line, also `name: value` and `name value`.
    Ini,
    /// `name = "value"`.
    Quoted,
    /// Elements and attributes.
    Xml,
    /// Commands, and `NAME=value`.
    Shell,
    /// `ENV NAME=value`, and commands.
    Dockerfile,
    /// `machine … login … password …`.
    Netrc,
    /// `host:port:database:user:password`.
    Pgpass,
    /// A notebook: texts inside JSON.
    Notebook,
    /// A programming language: values stand in quotes.
    Source,
    /// Pages and stylesheets.
    Markup,
    /// Texts for people.
    Prose,
}

/// What is known of a file before its text is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// How names are bound to values.
    pub(super) dialect: Dialect,
    /// How sure it is that a binding of a setting is one.
    pub(super) binding: Binding,
    /// What the file is for.
    pub(super) surroundings: Surroundings,
}

/// Names of files that hold digests, translations or data and never a setting.
const NEVER: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "composer.lock",
    "cargo.lock",
    "gemfile.lock",
    "poetry.lock",
    "pdm.lock",
    "uv.lock",
    "pipfile.lock",
    "pylock.toml",
    "go.sum",
    "flake.lock",
    "mix.lock",
    "pubspec.lock",
    "packages.lock.json",
    "project.assets.json",
    "bun.lock",
    "deno.lock",
    "conda-lock.yml",
    "license",
    "licence",
    "copying",
    "license.txt",
    "license.md",
    "notice",
    "authors",
    "requirements.txt",
    "manifest.json.sha",
    "checksums.txt",
    "sha256sums",
    ".secrets.baseline",
    "record",
    "chart.lock",
    "podfile.lock",
    "package.resolved",
];

/// Endings of names of such files.
const NEVER_ENDINGS: &[&str] = &[
    ".po",
    ".pot",
    ".mo",
    ".xlf",
    ".xliff",
    ".arb",
    ".strings",
    ".stringsdict",
    ".resx",
    ".svg",
    ".csv",
    ".tsv",
    ".min.js",
    ".min.css",
    ".map",
    ".snap",
    ".ambr",
    ".css",
    ".scss",
    ".sass",
    ".less",
    ".lock",
    ".sum",
    ".sha256",
    ".sha512",
    ".md5",
    ".sig",
    ".asc",
    ".pub",
    ".crt",
    ".cer",
    ".geojson",
    ".parquet",
    ".bib",
    ".tex",
    ".ts.snap",
    ".1",
    ".3",
    ".5",
    ".8",
    ".patch.sha",
    ".ftl",
    ".lang",
    ".qm",
    ".gmo",
    ".dic",
    ".aff",
    ".fea",
    ".pdb",
    ".obj",
    ".dot",
    ".puml",
];

/// What is known of the file at this path, `None` if its names mean nothing.
pub(super) fn read(path: &str, format: Format, surroundings: Surroundings) -> Option<Reading> {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    if NEVER.contains(&name) || NEVER_ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let stem = [
        "sample", "example", "template", "tmpl", "tpl", "dist", "j2", "jinja", "jinja2", "erb", "in", "bak", "old",
        "orig", "default", "dev", "prod", "local", "default", "save",
    ]
    .iter()
    .find_map(|ending| name.strip_suffix(ending).and_then(|rest| rest.strip_suffix('.')))
    .unwrap_or(name);
    let extension = stem.rsplit_once('.').map_or("", |(_, extension)| extension);
    let format = if stem == name { format } else { Format::of(stem) };
    let dialect = match format {
        Format::Python => return None,
        Format::Notebook => Dialect::Notebook,
        Format::Env => Dialect::Env,
        Format::Yaml => Dialect::Yaml,
        Format::Toml => Dialect::Quoted,
        Format::Json => Dialect::Json,
        Format::Ini => Dialect::Ini,
        Format::Xml => Dialect::Xml,
        Format::Dockerfile => Dialect::Dockerfile,
        Format::Shell => Dialect::Shell,
        Format::Other => match (stem, extension) {
            (".netrc" | "_netrc", _) | (_, "netrc") => Dialect::Netrc,
            (".pgpass" | "pgpass.conf", _) | (_, "pgpass") => Dialect::Pgpass,
            (
                ".bashrc" | ".zshrc" | ".profile" | ".bash_profile" | ".bash_history" | ".zsh_history"
                | ".bash_aliases" | "makefile" | "jenkinsfile" | "vagrantfile" | "procfile",
                _,
            )
            | (_, "bat" | "cmd" | "ps1" | "psm1" | "fish" | "mk" | "history" | "service") => Dialect::Shell,
            (_, "tf" | "tfvars" | "hcl" | "nomad") => Dialect::Quoted,
            (
                _,
                "html" | "htm" | "xhtml" | "vue" | "svelte" | "jsp" | "aspx" | "cshtml" | "jinja" | "j2" | "twig"
                | "mustache" | "hbs" | "ejs" | "haml" | "pug" | "tmpl" | "phtml",
            ) => Dialect::Markup,
            (
                _,
                "md" | "markdown" | "rst" | "txt" | "adoc" | "asciidoc" | "org" | "textile" | "pod" | "texi" | "log"
                | "eml" | "" | "diff" | "patch" | "news" | "changes" | "rtf" | "mdx" | "http" | "rest",
            ) => Dialect::Prose,
            _ => Dialect::Source,
        },
    };
    let binding = match dialect {
        Dialect::Prose | Dialect::Markup => Binding::Loose,
        _ if is_translation(&lower, name) => Binding::Loose,
        Dialect::Json if !is_settings(name) => Binding::Open,
        Dialect::Source | Dialect::Notebook => Binding::Open,
        _ => Binding::Firm,
    };
    // Services that live as long as a run of checks have passwords that everybody may know.
    let is_check = [
        ".github/",
        ".circleci/",
        ".gitlab-ci",
        ".travis.yml",
        ".drone.yml",
        "azure-pipelines",
        "bitbucket-pipelines",
        "appveyor.yml",
        ".zuul.yaml",
        "zuul.d/",
        ".woodpecker",
        ".buildkite/",
    ]
    .iter()
    .any(|part| lower.contains(part));
    let surroundings =
        if is_check && surroundings == Surroundings::Product { Surroundings::Test } else { surroundings };
    Some(Reading { dialect, binding, surroundings })
}

/// Whether a JSON file of this name holds settings rather than data.
fn is_settings(name: &str) -> bool {
    [
        "settings",
        "config",
        "secret",
        "credential",
        "creds",
        "tfvars",
        "tfstate",
        "env",
        "dockercfg",
        "launch",
        "service_account",
        "serviceaccount",
        "service-account",
        "firebase",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether the file translates what people read.
fn is_translation(path: &str, name: &str) -> bool {
    let is_folder = path.split('/').rev().skip(1).any(|part| {
        matches!(
            part,
            "locale"
                | "locales"
                | "i18n"
                | "l10n"
                | "lang"
                | "langs"
                | "languages"
                | "language"
                | "translations"
                | "translation"
                | "_locales"
                | "nls"
                | "intl"
                | "messages"
                | "localization"
                | "lc_messages"
        )
    });
    is_folder
        || [
            "messages",
            "strings",
            "translation",
            "locale",
            "lang",
            "localstrings",
            "resources_",
            "i18n",
            "validationmessages",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        || name.starts_with("devise.")
}
