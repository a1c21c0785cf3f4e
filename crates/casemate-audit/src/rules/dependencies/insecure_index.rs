//! Packages come over a connection anybody on the way can change.

use casemate_packages::manifest::{IndexKind, Origin, without_credentials};

use super::index_options::{is_option_of, options};
use crate::finding::Severity;
use crate::fix::Safety;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{ProjectContext, TextContext};

/// `insecure-index`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1512",
    name: "insecure-index",
    summary: "Packages are fetched without TLS, or without checking who answers",
    severity: Severity::Medium,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[494, 319],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "12.3.1",
    page: include_str!("insecure_index.md"),
};

const REMEDY: &str = "Serve the index over HTTPS with a certificate the machines trust (a private authority goes into pip's `cert` option or `PIP_CERT`), and take the exception out.";

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.manifests {
        let manifest = &file.manifest;
        if manifest.kind == casemate_packages::manifest::ManifestKind::Installed {
            continue;
        }
        let mut found = Vec::new();
        for index in &manifest.indexes {
            let shown = index.shown();
            if index.kind == IndexKind::Trusted && !is_here(&index.value) {
                let message = format!(
                    "the certificate of `{shown}` is not checked, so anybody on the way can answer in its place and send other code"
                );
                found.push((index.span.clone(), message));
            } else if is_plain(&index.value) {
                found.push((
                    index.span.clone(),
                    format!("`{shown}` is asked without TLS, so anybody on the way can send other code"),
                ));
            }
        }
        let is_lock = manifest.kind.is_lock();
        for dependency in manifest.dependencies.iter().chain(&manifest.build_requires) {
            let url = match &dependency.origin {
                Origin::Url(url) | Origin::Repository { url, .. } => url,
                _ => continue,
            };
            // A hash, or the commit a lock holds, shows whether it was changed.
            let is_held = !dependency.hashes.is_empty() || is_lock;
            if !is_held && (is_plain(url) || url.starts_with("git://")) {
                let shown = without_credentials(url);
                found.push((
                    dependency.span.clone(),
                    format!(
                        "`{}` is fetched from `{shown}` without TLS, so anybody on the way can send other code",
                        dependency.written
                    ),
                ));
            }
        }
        for (span, message) in found {
            let fix = plain_scheme(&file.text, &span).map(|scheme| {
                ProjectContext::fix(file, "ask over HTTPS", Safety::Safe, [(scheme, "https".to_owned())])
            });
            let finding = cx.report(&RULE, file, span, message);
            finding.remedy = REMEDY.to_owned();
            finding.fix = fix;
        }
    }
}

/// The same options in scripts, Dockerfiles and settings of pip.
pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    for option in options(cx.path, cx.text) {
        let shown = without_credentials(&option.value);
        let is_trust = is_option_of(&option.name, "trusted-host") || is_option_of(&option.name, "allow-insecure-host");
        let message = if is_trust && !is_here(&option.value) {
            format!(
                "the certificate of `{shown}` is not checked, so anybody on the way can answer in its place and send other code"
            )
        } else if !is_trust && is_plain(&option.value) {
            format!("`{shown}` is asked without TLS, so anybody on the way can send other code")
        } else {
            continue;
        };
        cx.report(&RULE, option.span, message).remedy = REMEDY.to_owned();
    }
}

/// Where `http` stands in an option, if the host is one that serves the same over HTTPS.
fn plain_scheme(text: &str, span: &std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    const SERVE_BOTH: [&str; 5] =
        ["pypi.org", "pypi.python.org", "test.pypi.org", "files.pythonhosted.org", "download.pytorch.org"];
    let mut schemes = text.get(span.clone())?.match_indices("http://");
    let (at, scheme) = schemes.next()?;
    // Of two addresses nobody knows which is meant.
    if schemes.next().is_some() {
        return None;
    }
    let start = span.start + at;
    let host = text.get(start + scheme.len()..)?.split(['/', '"', '\'', ' ', '\n', '\r']).next()?;
    SERVE_BOTH.contains(&host).then_some(start..start + "http".len())
}

/// Whether an address is fetched in the clear from another machine.
fn is_plain(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")) && !is_here(url)
}

/// Whether an address or host is this machine.
fn is_here(url: &str) -> bool {
    let shown = without_credentials(url);
    let host = shown.split("://").last().unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default();
    let name = if host.starts_with('[') {
        host.split(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1" | "host.docker.internal") || name.ends_with(".localhost")
}
