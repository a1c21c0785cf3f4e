//! One record in the OSV schema, read with what matters here.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::affected::{Affected, Event};
use super::severity::{Rating, Scored};
use crate::manifest::PackageName;

/// What matters of a record; a record of the wrong shape is not one.
#[derive(Deserialize)]
struct Written {
    id: String,
    #[serde(default)]
    schema_version: Option<String>,
    #[serde(default)]
    withdrawn: Option<Value>,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    affected: Option<Vec<WrittenAffected>>,
    // What only adornes a finding may have any shape; it is used where it has the right one.
    #[serde(default)]
    severity: Value,
    #[serde(default)]
    references: Value,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct WrittenAffected {
    #[serde(default)]
    package: Option<WrittenPackage>,
    #[serde(default)]
    ranges: Option<Vec<WrittenRange>>,
    #[serde(default)]
    versions: Option<Vec<String>>,
    #[serde(default)]
    severity: Value,
    #[serde(default)]
    ecosystem_specific: Value,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct WrittenPackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct WrittenRange {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<BTreeMap<String, String>>,
}

/// What one database says about the packages of one hole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) aliases: Vec<String>,
    pub(super) summary: String,
    pub(super) url: Option<String>,
    /// What it says of each package of PyPI; of one package several times, if the record does.
    pub(super) packages: Vec<(PackageName, About)>,
}

/// What a record says about one package.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct About {
    pub(super) affected: Affected,
    pub(super) scores: Vec<Scored>,
    pub(super) rating: Option<Rating>,
    pub(super) symbols: Vec<String>,
}

/// A record as it was understood.
#[derive(Debug)]
pub(super) enum Understood {
    /// A record about packages of PyPI.
    Record(Box<Record>),
    /// Its authors took it back.
    Withdrawn,
    /// About packages of other places.
    Elsewhere,
}

/// Longest text of a summary, in characters.
const SUMMARY: usize = 160;

/// Longest id anybody uses, by far.
const LONGEST_ID: usize = 128;

/// Reads a record, or says why it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Understood, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let written: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if !is_id(&written.id) {
        return Err("its id is not one".to_owned());
    }
    // Absent means 1.0.0; what a later major version means is not known.
    if let Some(version) = &written.schema_version
        && version.split('.').next() != Some("1")
    {
        return Err(format!("schema version `{}` is not known", version.escape_debug()));
    }
    if written.withdrawn.as_ref().is_some_and(|when| !when.is_null()) {
        return Ok(Understood::Withdrawn);
    }
    let rating = rating(&written.database_specific);
    let scores = scores(&written.severity);
    let mut packages = Vec::new();
    for affected in written.affected.unwrap_or_default() {
        let Some(package) = &affected.package else { continue };
        if !is_pypi(&package.ecosystem) {
            continue;
        }
        let name = PackageName::parse(&package.name)
            .ok_or_else(|| format!("`{}` is no name of a package", package.name.escape_debug()))?;
        // The schema lets a score stand with the record or with each package.
        let mut scores = scores.clone();
        scores.extend(self::scores(&affected.severity));
        let rating = rating.or_else(|| self::rating(&affected.database_specific));
        let symbols = symbols(&[&affected.ecosystem_specific, &affected.database_specific]);
        packages.push((name, About { affected: versions(affected)?, scores, rating, symbols }));
    }
    if packages.is_empty() {
        return Ok(Understood::Elsewhere);
    }
    // A real record names `GHSA-jf66-3q76-h5p5,`.
    let is_slip = |c: char| c.is_whitespace() || ",;".contains(c);
    let aliases = written.aliases.unwrap_or_default();
    let mut aliases: Vec<String> = aliases.iter().map(|alias| alias.trim_matches(is_slip).to_owned()).collect();
    aliases.retain(|alias| is_id(alias) && *alias != written.id);
    aliases.sort_unstable();
    aliases.dedup();
    Ok(Understood::Record(Box::new(Record {
        summary: summary(written.summary.as_deref(), written.details.as_deref()),
        url: url(&written.id, &written.references),
        id: written.id,
        aliases,
        packages,
    })))
}

fn is_pypi(ecosystem: &str) -> bool {
    // A suffix tells which index it is about; only the public one goes without.
    ecosystem == "PyPI"
}

fn is_id(id: &str) -> bool {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(is_fine)
}

fn versions(affected: WrittenAffected) -> Result<Affected, String> {
    let mut ranges = Vec::new();
    for range in affected.ranges.unwrap_or_default() {
        // GIT ranges are about commits; SEMVER is not the order of this ecosystem.
        if range.kind != "ECOSYSTEM" {
            continue;
        }
        let mut events = Vec::new();
        for event in range.events {
            for (kind, version) in event {
                events.push(match kind.as_str() {
                    "introduced" => Event::Introduced(version),
                    "fixed" => Event::Fixed(version),
                    "last_affected" => Event::LastAffected(version),
                    // `*` is no limit.
                    "limit" if version == "*" => continue,
                    "limit" => Event::Limit(version),
                    _ => return Err(format!("event `{}` is not known", kind.escape_debug())),
                });
            }
        }
        if !events.is_empty() {
            ranges.push(events);
        }
    }
    Ok(Affected { ranges, versions: affected.versions.unwrap_or_default() })
}

fn scores(severity: &Value) -> Vec<Scored> {
    let list = severity.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(|one| Scored::parse(one.get("score")?.as_str()?)).collect()
}

fn rating(specific: &Value) -> Option<Rating> {
    Rating::parse(specific.get("severity")?.as_str()?)
}

/// Names of functions, classes and modules, in the few shapes in which databases give them.
fn symbols(specifics: &[&Value]) -> Vec<String> {
    let mut found = Vec::new();
    for specific in specifics {
        for key in ["affected_functions", "functions", "symbols", "affected_modules", "modules"] {
            found.extend(words(specific.get(key)).map(str::to_owned));
        }
        found.extend(words(specific.get("affects").and_then(|affects| affects.get("functions"))).map(str::to_owned));
        let imports = specific.get("imports").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for import in imports {
            let modules: Vec<&str> = words(import.get("modules")).chain(words(import.get("path"))).collect();
            let names: Vec<&str> = words(import.get("attribute")).chain(words(import.get("symbols"))).collect();
            for module in &modules {
                if names.is_empty() {
                    found.push((*module).to_owned());
                }
                found.extend(names.iter().map(|name| format!("{module}.{name}")));
            }
        }
    }
    let is_name = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
    };
    for symbol in &mut found {
        if let Some(bare) = symbol.strip_suffix("()") {
            *symbol = bare.to_owned();
        }
    }
    found.retain(|symbol| symbol.len() <= 256 && symbol.split('.').all(is_name));
    found.sort_unstable();
    found.dedup();
    found
}

/// A string, or the strings of a list.
fn words(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    value.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}

/// One line: the summary, or how the details begin.
fn summary(summary: Option<&str>, details: Option<&str>) -> String {
    let given = summary.filter(|text| !text.trim().is_empty());
    let text = given.or(details).unwrap_or_default();
    let paragraph = text.split("\n\n").map(str::trim).find(|paragraph| {
        // Details are Markdown, and a heading says nothing.
        !paragraph.is_empty() && (!paragraph.starts_with('#') || paragraph.contains('\n'))
    });
    let mut line = String::new();
    for word in
        paragraph.unwrap_or_default().lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
    {
        if !line.is_empty() {
            line.push(' ');
        }
        // SECURITY: reports go to terminals.
        line.extend(word.chars().filter(|c| !c.is_control()));
        if line.len() > 4 * SUMMARY {
            break;
        }
    }
    if line.chars().count() <= SUMMARY {
        return line;
    }
    // The first sentence, if it is short enough; else as many words as fit.
    let cut: String = line.chars().take(SUMMARY).collect();
    if let Some(end) = cut.rfind(". ") {
        cut.get(..=end).unwrap_or(&cut).to_owned()
    } else {
        format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words))
    }
}

/// Where to read more: the public page of the record, or the advisory it refers to.
fn url(id: &str, references: &Value) -> Option<String> {
    const PUBLIC: [&str; 5] = ["GHSA-", "PYSEC-", "MAL-", "CVE-", "OSV-"];
    if PUBLIC.iter().any(|prefix| id.starts_with(prefix)) {
        return Some(format!("https://osv.dev/vulnerability/{id}"));
    }
    let list = references.as_array()?;
    let of_kind = |kind: Option<&str>| {
        list.iter()
            .filter(|one| kind.is_none() || one.get("type").and_then(Value::as_str) == kind)
            .filter_map(|one| one.get("url")?.as_str())
            .find(|url| is_address(url))
    };
    of_kind(Some("ADVISORY")).or_else(|| of_kind(None)).map(str::to_owned)
}

/// SECURITY: it becomes a link in reports.
fn is_address(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && url.len() <= 2048 && url.chars().all(|c| c.is_ascii_graphic() && !"\"'<>`\\".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: &Value) -> Record {
        match read(value.to_string().as_bytes()) {
            Ok(Understood::Record(record)) => *record,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_is_read_with_everything_that_matters() {
        let record = record(&json!({
            "schema_version": "1.7.3", "id": "GHSA-xxxx-yyyy-zzzz", "modified": "2026-01-01T00:00:00Z",
            "aliases": ["PYSEC-2026-1", "CVE-2026-1,", "PYSEC-2026-1", "no id"], "unknown": {"to": ["us"]},
            "summary": "Shop sells\nwhat it has not", "details": "Long.",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "database_specific": {"severity": "MODERATE"},
            "affected": [
                {"package": {"ecosystem": "npm", "name": "shop"}, "versions": ["9"]},
                {"package": {"ecosystem": "PyPI", "name": "Shop.Core", "purl": "pkg:pypi/shop-core"},
                 "ranges": [{"type": "GIT", "repo": "r", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
                            {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
                 "versions": ["1.0", "1.1"],
                 "ecosystem_specific": {"affected_functions": ["shop.core.sell", "shop.core.Cart.pay()", "not a name"],
                                        "imports": [{"attribute": "buy", "modules": ["shop.core"]}]}},
            ],
        }));

        assert_eq!(record.aliases, ["CVE-2026-1", "PYSEC-2026-1"]);
        assert_eq!(record.summary, "Shop sells what it has not");
        assert_eq!(record.url.as_deref(), Some("https://osv.dev/vulnerability/GHSA-xxxx-yyyy-zzzz"));
        let [(name, about)] = &record.packages[..] else { panic!("{record:?}") };
        assert_eq!(name.as_str(), "shop-core");
        assert_eq!(about.affected.ranges.len(), 1);
        assert_eq!(about.rating, Some(Rating::Medium));
        assert_eq!(about.scores.iter().map(|scored| scored.score).collect::<Vec<_>>(), [9.8]);
        assert_eq!(about.symbols, ["shop.core.Cart.pay", "shop.core.buy", "shop.core.sell"]);
    }

    #[test]
    fn what_is_taken_back_or_about_others_is_no_record() {
        let base = json!({"id": "X-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}}]});
        let mut withdrawn = base.clone();
        withdrawn["withdrawn"] = json!("2026-01-01T00:00:00Z");
        let mut elsewhere = base.clone();
        elsewhere["affected"][0]["package"]["ecosystem"] = json!("Debian:12");

        assert!(matches!(read(withdrawn.to_string().as_bytes()), Ok(Understood::Withdrawn)));
        assert!(matches!(read(elsewhere.to_string().as_bytes()), Ok(Understood::Elsewhere)));
    }

    #[test]
    fn the_wrong_shape_is_told_where_it_matters_and_borne_where_not() {
        let base = json!({"id": "X-1", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}}]});
        let with = |path: &str, value: Value| {
            let mut changed = base.clone();
            *changed.pointer_mut(path).unwrap() = value;
            read(changed.to_string().as_bytes())
        };
        let adorned = |key: &str| {
            let mut changed = base.clone();
            changed[key] = json!(7);
            read(changed.to_string().as_bytes())
        };
        for wrong in [
            with("/id", json!(7)),
            with("/id", json!("two words")),
            with("/affected", json!("all")),
            with("/affected/0/package/name", json!("../..")),
            with("/affected/0", json!({"package": {"ecosystem": "PyPI", "name": "a"}, "versions": [1]})),
            with(
                "/affected/0",
                json!({"package": {"ecosystem": "PyPI", "name": "a"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"mended": "1"}]}]}),
            ),
            read(b"{"),
            read(b"[]"),
            read(b""),
            adorned("aliases"),
            adorned("schema_version"),
        ] {
            assert!(wrong.is_err(), "{wrong:?}");
        }
        for fine in ["severity", "references", "database_specific"] {
            assert!(matches!(adorned(fine), Ok(Understood::Record(_))), "{fine}");
        }
    }

    #[test]
    fn a_summary_is_one_line_of_bounded_length() {
        let long = "word ".repeat(100);
        assert_eq!(summary(None, Some("### Impact\n\nIt  leaks.\nBadly.\n\nMore")), "It leaks. Badly.");
        assert_eq!(summary(Some("  "), Some("### Impact\nIt leaks")), "It leaks");
        assert_eq!(summary(None, Some(&format!("It leaks. {long}"))), "It leaks.");
        assert!(summary(None, Some(&long)).chars().count() <= SUMMARY + 1);
        assert_eq!(summary(Some("a\u{1b}[31mb"), None), "a[31mb");
    }

    #[test]
    fn only_a_web_address_becomes_a_link() {
        let at = |url: &str| self::url("ACME-1", &json!([{"type": "ADVISORY", "url": url}]));
        assert_eq!(at("https://acme.example/1").as_deref(), Some("https://acme.example/1"));
        assert_eq!(at("javascript:alert(1)"), None);
        assert_eq!(at("https://acme.example/\"onclick=x"), None);
    }
}
