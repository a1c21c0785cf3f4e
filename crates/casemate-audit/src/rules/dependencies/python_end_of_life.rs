//! Python itself gets no security fixes any more.

use std::ops::Range;

use casemate_packages::Version;
use casemate_packages::manifest::ManifestKind;

use super::deployment::file_name;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{ProjectContext, TextContext};

/// `python-end-of-life`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1514",
    name: "python-end-of-life",
    summary: "The program runs on a Python that gets no security fixes any more",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1104],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.1",
    page: include_str!("python_end_of_life.md"),
};

/// Last day of security fixes, from the release schedules (PEP 373, 537, 569, 596, 619, 664, 693, 719, 745).
const ENDS: [(u64, u64, (i32, u8, u8)); 13] = [
    (2, 7, (2020, 1, 1)),
    (3, 3, (2017, 9, 29)),
    (3, 4, (2019, 3, 18)),
    (3, 5, (2020, 9, 30)),
    (3, 6, (2021, 12, 23)),
    (3, 7, (2023, 6, 27)),
    (3, 8, (2024, 10, 7)),
    (3, 9, (2025, 10, 31)),
    (3, 10, (2026, 10, 31)),
    (3, 11, (2027, 10, 31)),
    (3, 12, (2028, 10, 31)),
    (3, 13, (2029, 10, 31)),
    (3, 14, (2030, 10, 31)),
];

/// The day security fixes ended, if they have.
fn ended(major: u64, minor: u64, today: Option<(i32, u8, u8)>) -> Option<(i32, u8, u8)> {
    // Without a calendar only what had ended when this was written counts.
    let today = today.unwrap_or((2026, 11, 1));
    if major == 2 || (major == 3 && minor < 3) {
        return Some((2020, 1, 1));
    }
    ENDS.iter().find(|(x, y, end)| (*x, *y) == (major, minor) && *end < today).map(|(.., end)| *end)
}

fn message(what: &str, major: u64, minor: u64, (year, month, day): (i32, u8, u8)) -> String {
    format!(
        "{what} Python {major}.{minor}, whose security fixes ended on {year}-{month:02}-{day:02}: holes found since stay open"
    )
}

const REMEDY: &str =
    "Move to a Python that is still mended, 3.12 or newer at best, and let CI run the tests on it first.";

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.manifests {
        let manifest = &file.manifest;
        let (Some(wanted), Some(span)) = (&manifest.requires_python, &manifest.requires_python_span) else { continue };
        if manifest.kind.is_lock() || manifest.kind == ManifestKind::Installed || wanted.is_empty() {
            continue;
        }
        // Whether any Python that is still mended will do; those to come count as well.
        let allows = |minor: u64| (0..40).any(|patch| wanted.contains(&Version::new([3, minor, patch])));
        let allowed: Vec<u64> = (0..40).filter(|&minor| allows(minor)).collect();
        let Some(&newest) = allowed.last() else { continue };
        let Some(end) = ended(3, newest, cx.today) else { continue };
        let text = message("the newest Python this allows is", 3, newest, end);
        let finding = cx.report(&RULE, file, span.clone(), text);
        finding.remedy = REMEDY.to_owned();
    }
}

/// Dockerfiles, `.python-version` and `runtime.txt`.
pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let name = file_name(cx.path).to_ascii_lowercase();
    let mut found: Vec<(Range<usize>, u64, u64, &str)> = Vec::new();
    let is_recipe = name.contains("dockerfile") || name == "containerfile";
    if !is_recipe && !matches!(name.as_str(), ".python-version" | "runtime.txt" | ".tool-versions") {
        return;
    }
    let mut at = 0;
    for line in cx.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        let version = if is_recipe {
            let mut words = bare.split_whitespace();
            let is_from = words.next().is_some_and(|word| word.eq_ignore_ascii_case("from"));
            let image = words.find(|word| !word.starts_with("--"));
            image.filter(|_| is_from).and_then(image_version)
        } else if name == ".tool-versions" {
            bare.strip_prefix("python ").and_then(minor_of)
        } else {
            minor_of(bare.strip_prefix("python-").unwrap_or(bare))
        };
        let Some((major, minor)) = version else { continue };
        let from = start + line.find(bare).unwrap_or(0);
        let what = if is_recipe { "the image has" } else { "the program runs on" };
        found.push((from..from + bare.len(), major, minor, what));
        // Of the versions pyenv may choose from, the first is the one that runs.
        if !is_recipe {
            break;
        }
    }
    for (span, major, minor, what) in found {
        let Some(end) = ended(major, minor, cx.today()) else { continue };
        let finding = cx.report(&RULE, span, message(what, major, minor, end));
        finding.confidence = Confidence::High;
        finding.remedy = REMEDY.to_owned();
    }
}

/// `python:3.8-slim`, `docker.io/library/python:3.8`, `public.ecr.aws/lambda/python:3.8`.
fn image_version(image: &str) -> Option<(u64, u64)> {
    let (name, tag) = image.split_once('@').map_or(image, |(name, _)| name).rsplit_once(':')?;
    let last = name.rsplit('/').next()?;
    if last == "python" {
        return minor_of(tag);
    }
    let rest = last.strip_prefix("python")?;
    minor_of(rest.trim_start_matches('-'))
}

/// `3.8`, `3.8.10-slim`.
fn minor_of(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor: String = parts.next()?.chars().take_while(char::is_ascii_digit).collect();
    Some((major, minor.parse().ok()?))
}
