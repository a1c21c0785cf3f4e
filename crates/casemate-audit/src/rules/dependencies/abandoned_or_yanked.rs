//! A package that its own maintainers have given up.

use crate::finding::{DependencyDetail, Detail, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

use super::known::all;

/// `abandoned-or-yanked`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1509",
    name: "abandoned-or-yanked",
    summary: "A package is used that its maintainers have given up",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1104],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.1",
    page: include_str!("abandoned_or_yanked.md"),
};

/// Packages whose maintainers say themselves, on the project's page, that nothing more is to be expected of them, and
/// what they name instead. Silence for years alone puts no package here.
const GIVEN_UP: [(&str, &str); 36] = [
    ("adal", "msal"),
    ("aioredis", "redis"),
    ("asyncio", "the standard library"),
    ("boto", "boto3"),
    ("composio-core", "composio"),
    ("daytona-sdk", "daytona"),
    ("distribute", "setuptools"),
    ("erppeek", "odooly"),
    ("fake-factory", "faker"),
    ("fireblocks-sdk", "fireblocks"),
    ("google-cloud", "the google-cloud-… package of the service"),
    ("hijri-converter", "hijridate"),
    ("jaeger-client", "opentelemetry-sdk"),
    ("mandrill", "mailchimp-transactional"),
    ("msgpack-python", "msgpack"),
    ("neptune-fetcher", "neptune-query"),
    ("nose", "pytest, nose2 or unittest"),
    ("oauth2client", "google-auth"),
    ("opencensus", "opentelemetry-sdk"),
    ("opentracing", "opentelemetry-api"),
    ("pandas-profiling", "ydata-profiling"),
    ("pathlib", "the standard library"),
    ("pep8", "pycodestyle"),
    ("pinecone-client", "pinecone"),
    ("pycrypto", "cryptography or pycryptodome"),
    ("pypdf2", "pypdf"),
    ("pysnmp-lextudio", "pysnmp"),
    ("raven", "sentry-sdk"),
    ("recommonmark", "myst-parser"),
    ("roman-numerals-py", "roman-numerals"),
    ("sklearn", "scikit-learn"),
    ("slackclient", "slack-sdk"),
    ("sqlglotrs", "sqlglotc"),
    ("tensorflow-gpu", "tensorflow"),
    ("typed-ast", "the standard library"),
    ("vastai-sdk", "vastai"),
];

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.manifests {
        let mut told = Vec::new();
        for dependency in all(file).filter(|one| one.is_public() && !one.is_constraint) {
            let name = dependency.name.as_str();
            let Ok(at) = GIVEN_UP.binary_search_by_key(&name, |(package, _)| package) else { continue };
            let Some((_, instead)) = GIVEN_UP.get(at) else { continue };
            if told.contains(&name) {
                continue;
            }
            told.push(name);
            let finding = cx.report(
                &RULE,
                file,
                dependency.span.clone(),
                format!("`{name}` has been given up by its own maintainers: new holes in it will not be mended"),
            );
            finding.remedy = format!("Use {instead}, which they name instead.");
            finding.detail = Detail::Dependency(Box::new(DependencyDetail {
                package: name.to_owned(),
                version: dependency.version.as_ref().map(ToString::to_string).unwrap_or_default(),
                ..DependencyDetail::default()
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GIVEN_UP;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(GIVEN_UP.is_sorted_by(|a, b| a.0 < b.0));
    }
}
