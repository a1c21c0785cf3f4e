//! What somebody has already decided about known holes: VEX documents, OpenVEX or CycloneDX.

use std::ops::Range;
use std::str::FromStr;

use pep440_rs::Version;
use serde_json::Value;

use crate::manifest::PackageName;

/// What a statement says of a hole in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The hole does no harm here, for a reason.
    NotAffected,
    /// It is no hole, or not in this package.
    FalsePositive,
    /// It was mended here, though the version does not show it.
    Fixed,
    /// It does harm.
    Affected,
    /// Nobody knows yet.
    UnderInvestigation,
}

impl Status {
    /// The word of OpenVEX; `false_positive` is CycloneDX's own.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::FalsePositive => "false_positive",
            Self::Fixed => "fixed",
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// Whether there is nothing left to do.
    pub fn settles(self) -> bool {
        matches!(self, Self::NotAffected | Self::FalsePositive | Self::Fixed)
    }
}

/// A package a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Which package of PyPI.
    pub name: PackageName,
    /// In which version; any, if it does not say.
    pub version: Option<Version>,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The ids of the hole.
    pub ids: Vec<String>,
    /// The packages it is about; empty if it is about the project as a whole.
    pub products: Vec<Product>,
    /// What was decided.
    pub status: Status,
    /// The word for why, `vulnerable_code_not_in_execute_path`.
    pub justification: Option<String>,
    /// Why, in a sentence.
    pub reason: Option<String>,
    /// Bytes of the file that name the hole.
    pub span: Range<usize>,
}

impl Statement {
    /// Whether it is about this hole of this package.
    pub fn is_about<'i>(&self, mut ids: impl Iterator<Item = &'i str>, name: &str, version: &str) -> bool {
        let is_package = self.products.is_empty()
            || self.products.iter().any(|product| {
                let is_version = |wanted: &Version| Version::from_str(version).is_ok_and(|version| version == *wanted);
                product.name.as_str() == name && product.version.as_ref().is_none_or(is_version)
            });
        is_package && ids.any(|id| self.ids.iter().any(|known| known == id))
    }

    /// Whether it says why; OpenVEX demands it of `not_affected`.
    pub fn is_justified(&self) -> bool {
        self.status != Status::NotAffected || self.justification.is_some() || self.reason.is_some()
    }

    /// The decision in words: `not_affected, inline_mitigations_already_exist: the proxy refuses such requests`.
    pub fn told(&self) -> String {
        let mut told = self.status.as_str().to_owned();
        if let Some(justification) = &self.justification {
            told.push_str(", ");
            told.push_str(justification);
        }
        if let Some(reason) = &self.reason {
            told.push_str(": ");
            told.push_str(reason);
        }
        told
    }
}

/// Reads a document, or says why it is none. One statement that cannot be understood makes the document unusable: who
/// decided something must not be misunderstood.
pub fn read(text: &str) -> Result<Vec<Statement>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let mut statements = if document["bomFormat"] == "CycloneDX" {
        cyclonedx(&document)?
    } else if document["@context"].as_str().is_some_and(|context| context.starts_with("https://openvex.dev/ns")) {
        openvex(&document)?
    } else {
        return Err("it is neither OpenVEX nor CycloneDX".to_owned());
    };
    let mut from = 0;
    for statement in &mut statements {
        let Some(id) = statement.ids.first() else { continue };
        // The reader of JSON tells no places; the ids stand in the file in the order of the statements.
        let written = Value::from(id.as_str()).to_string();
        let found = text.get(from..).and_then(|rest| rest.find(&written)).map(|at| at + from);
        if let Some(at) = found.or_else(|| text.find(id.as_str())) {
            statement.span = at..at + written.len().min(text.len() - at);
            from = statement.span.end;
        }
    }
    Ok(statements)
}

fn openvex(document: &Value) -> Result<Vec<Statement>, String> {
    let statements = document["statements"].as_array().ok_or("it has no list of statements")?;
    let mut read = Vec::new();
    for (at, one) in statements.iter().enumerate() {
        let wrong = |what: &str| format!("statement {}: {what}", at + 1);
        let vulnerability = &one["vulnerability"];
        let mut ids: Vec<String> = Vec::new();
        // Before version 0.2 the vulnerability was its name alone; `@id` may be an address that ends with the id.
        let address = vulnerability["@id"].as_str().map(|id| id.rsplit('/').next().unwrap_or(id));
        let aliases = vulnerability["aliases"].as_array().map_or(&[][..], Vec::as_slice);
        for id in [vulnerability.as_str(), vulnerability["name"].as_str(), address].into_iter().flatten() {
            push(&mut ids, id);
        }
        for alias in aliases.iter().filter_map(Value::as_str) {
            push(&mut ids, alias);
        }
        if ids.is_empty() {
            return Err(wrong("it names no vulnerability"));
        }
        let status = match one["status"].as_str() {
            Some("not_affected") => Status::NotAffected,
            Some("fixed") => Status::Fixed,
            Some("affected") => Status::Affected,
            Some("under_investigation") => Status::UnderInvestigation,
            _ => return Err(wrong("it has no status that OpenVEX knows")),
        };
        let mut products = Vec::new();
        for product in one["products"].as_array().map_or(&[][..], Vec::as_slice) {
            // A product that is a whole program says in its parts which package is meant.
            let parts = product["subcomponents"].as_array().map_or(&[][..], Vec::as_slice);
            let named: Vec<&Value> = if parts.is_empty() { vec![product] } else { parts.iter().collect() };
            for part in named {
                let urls = [part.as_str(), part["identifiers"]["purl"].as_str(), part["@id"].as_str()];
                products.push(urls.into_iter().flatten().find_map(package));
            }
        }
        read.push(Statement {
            ids,
            products: all_or_none(products)
                .map_err(|()| wrong("one of its products is not of PyPI, and another is"))?,
            status,
            justification: words(&one["justification"]),
            reason: words(&one["impact_statement"]).or_else(|| words(&one["status_notes"])),
            span: 0..0,
        });
    }
    Ok(read)
}

fn cyclonedx(document: &Value) -> Result<Vec<Statement>, String> {
    let list = |value: &Value| value.as_array().map_or_else(Vec::new, Clone::clone);
    let components = list(&document["components"]);
    let component = |reference: &str| {
        components.iter().find(|one| one["bom-ref"].as_str() == Some(reference)).and_then(|one| one["purl"].as_str())
    };
    let mut read = Vec::new();
    for (at, one) in list(&document["vulnerabilities"]).iter().enumerate() {
        let wrong = |what: &str| format!("vulnerability {}: {what}", at + 1);
        let mut ids = Vec::new();
        push(&mut ids, one["id"].as_str().ok_or_else(|| wrong("it has no id"))?);
        for reference in list(&one["references"]) {
            push(&mut ids, reference["id"].as_str().unwrap_or_default());
        }
        let analysis = &one["analysis"];
        let status = match analysis["state"].as_str() {
            Some("not_affected") => Status::NotAffected,
            Some("false_positive") => Status::FalsePositive,
            Some("resolved" | "resolved_with_pedigree") => Status::Fixed,
            Some("exploitable") => Status::Affected,
            Some("in_triage") => Status::UnderInvestigation,
            // Nothing was decided.
            None => continue,
            Some(_) => return Err(wrong("it has no state that CycloneDX knows")),
        };
        let mut products = Vec::new();
        for affected in list(&one["affects"]) {
            let reference = affected["ref"].as_str().unwrap_or_default();
            // `urn:cdx:…/1#pkg:pypi/x@1` refers into another document.
            let inner = reference.rsplit_once('#').map_or(reference, |(_, inner)| inner);
            products.push(component(inner).and_then(package).or_else(|| package(inner)));
        }
        read.push(Statement {
            ids,
            products: all_or_none(products)
                .map_err(|()| wrong("one of its products is not of PyPI, and another is"))?,
            status,
            justification: words(&analysis["justification"]),
            reason: words(&analysis["detail"]),
            span: 0..0,
        });
    }
    Ok(read)
}

/// Products that are all packages, or none of which is one: then it is about the program as a whole.
fn all_or_none(products: Vec<Option<Product>>) -> Result<Vec<Product>, ()> {
    let count = products.len();
    let known: Vec<Product> = products.into_iter().flatten().collect();
    if known.is_empty() || known.len() == count { Ok(known) } else { Err(()) }
}

fn push(ids: &mut Vec<String>, id: &str) {
    let id = id.trim();
    if !id.is_empty() && !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

/// A sentence of one line.
fn words(value: &Value) -> Option<String> {
    let text = value.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text.chars().filter(|c| !c.is_control()).collect::<String>()).filter(|text| !text.is_empty())
}

/// `pkg:pypi/django@4.2?x=y`, as its specification says to read it.
fn package(purl: &str) -> Option<Product> {
    let rest = purl.strip_prefix("pkg:")?.trim_start_matches('/');
    let (kind, rest) = rest.split_once('/')?;
    if !kind.eq_ignore_ascii_case("pypi") {
        return None;
    }
    let rest = rest.split(['?', '#']).next()?;
    let (name, version) = match rest.rsplit_once('@') {
        Some((name, version)) => (name, Some(Version::from_str(&decoded(version)?).ok()?)),
        None => (rest, None),
    };
    Some(Product { name: PackageName::parse(&decoded(name)?)?, version })
}

/// Percent-encoding taken away.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(document: &Value) -> Statement {
        let mut statements = read(&document.to_string()).unwrap();
        assert_eq!(statements.len(), 1);
        statements.remove(0)
    }

    fn open(statement: &Value) -> Value {
        json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "a", "timestamp": "t", "version": 1,
               "statements": [statement]})
    }

    #[test]
    fn a_statement_of_openvex_is_read() {
        let statement = one(&open(&json!({
            "vulnerability": {"@id": "https://nvd.example/CVE-2026-1", "name": "CVE-2026-1", "aliases": ["GHSA-1"]},
            "products": [{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "pkg:pypi/Shop.Core@1.0%2Blocal?x=y"}]}],
            "status": "not_affected", "justification": "vulnerable_code_not_present",
            "impact_statement": "The search\nis switched off.",
        })));

        assert_eq!(statement.ids, ["CVE-2026-1", "GHSA-1"]);
        assert_eq!(statement.told(), "not_affected, vulnerable_code_not_present: The search is switched off.");
        assert!(statement.is_about(["GHSA-1"].into_iter(), "shop-core", "1.0+local"));
        assert!(!statement.is_about(["GHSA-1"].into_iter(), "shop-core", "1.0"));
        assert!(!statement.is_about(["GHSA-2"].into_iter(), "shop-core", "1.0+local"));
        assert!(!statement.is_about(["GHSA-1"].into_iter(), "other", "1.0+local"));
    }

    #[test]
    fn a_statement_about_the_whole_program_is_about_every_package() {
        let statement =
            one(&open(&json!({"vulnerability": "CVE-2026-1", "products": ["pkg:oci/shop"], "status": "fixed"})));
        assert!(statement.is_about(["CVE-2026-1"].into_iter(), "shop", "1") && statement.status.settles());
    }

    #[test]
    fn a_vulnerability_of_cyclonedx_is_read() {
        let document = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [{"type": "library", "name": "shop", "bom-ref": "7", "purl": "pkg:pypi/shop@1.0"}],
            "vulnerabilities": [
                {"id": "CVE-2026-1", "references": [{"id": "GHSA-1", "source": {}}], "affects": [{"ref": "7"}],
                 "analysis": {"state": "false_positive", "detail": "Another shop."}},
                {"id": "CVE-2026-2", "affects": [{"ref": "7"}]},
            ],
        });
        let statement = one(&document);
        assert_eq!((statement.status, statement.ids.len()), (Status::FalsePositive, 2));
        assert!(statement.is_about(["GHSA-1"].into_iter(), "shop", "1.0.0"));
        assert!(!statement.is_about(["GHSA-1"].into_iter(), "shop", "1.1"));
    }

    #[test]
    fn what_cannot_be_understood_is_an_error() {
        for wrong in [
            json!([]),
            json!({"@context": "https://openvex.dev/ns"}),
            json!({"statements": []}),
            open(&json!({"vulnerability": {}, "status": "fixed"})),
            open(&json!({"vulnerability": "CVE-1", "status": "fine"})),
            open(&json!({"vulnerability": "CVE-1", "status": "fixed", "products": ["pkg:pypi/a", "pkg:npm/b"]})),
            json!({"bomFormat": "CycloneDX", "vulnerabilities": [{"id": "CVE-1", "analysis": {"state": "gone"}}]}),
        ] {
            assert!(read(&wrong.to_string()).is_err(), "{wrong}");
        }
        assert!(read("{").is_err() && read("").is_err());
    }

    #[test]
    fn a_statement_stands_where_it_names_the_hole() {
        let text = open(&json!({"vulnerability": "CVE-2026-1", "status": "fixed"})).to_string();
        let statement = &read(&text).unwrap()[0];
        assert_eq!(&text[statement.span.clone()], "\"CVE-2026-1\"");
    }
}
