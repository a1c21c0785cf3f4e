//! One requirement as PEP 508 has it, and where addresses lead.

use std::convert::Infallible;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};
use pep508_rs::{MarkerTree, Pep508Url, Requirement, VersionOrUrl};

use super::markers;
use super::reader::{Reader, shorten};
use super::{Dependency, Origin, PackageName};

/// An address as written: nothing is expanded from the environment, nothing is looked up on disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RawUrl(pub(super) String);

impl fmt::Display for RawUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pep508Url for RawUrl {
    type Err = Infallible;

    fn parse_url(url: &str, _working_dir: Option<&Path>) -> Result<Self, Self::Err> {
        Ok(Self(url.to_owned()))
    }
}

/// Longer requirements are not written by anybody.
const MAX_LENGTH: usize = 16 * 1024;

impl Reader<'_> {
    /// Reads a requirement that stands at `span`; a problem, and none, if it is not one.
    pub(super) fn requirement(&mut self, written: &str, span: Range<usize>) -> Option<Dependency> {
        let told = |reader: &mut Self, why: &str| {
            let message = format!("`{}` is not a requirement: {why}; it was not read", shorten(written));
            reader.problem(span.clone(), message);
            None
        };
        if written.len() > MAX_LENGTH {
            return told(self, "it is too long");
        }
        // A marker that cannot be worked out within bounds is taken off; the rest still counts.
        let (head, marker) = match written.split_once(';') {
            Some((head, marker)) if markers::is_too_long(marker) => (head, Some(marker)),
            _ => (written, None),
        };
        if markers::is_too_long(head) && head.len() > 4096 {
            return told(self, "it is too long");
        }
        // SECURITY: the parser points at errors by bytes and panics within a character; PEP 508 is ASCII but for comments.
        if let Some(foreign) = written.chars().find(|c| !c.is_ascii()) {
            return told(self, &format!("`{}` has no place in it", foreign.escape_unicode()));
        }
        // SECURITY: the parser panics at such a name, `reasons. And so on` in a text that is called requirements.txt.
        if has_open_name(head) {
            return told(self, "a name must end with a letter or a digit");
        }
        let parsed = match head.trim().parse::<Requirement<RawUrl>>() {
            Ok(parsed) => parsed,
            Err(error) => {
                let why = error.message.to_string();
                return told(self, why.lines().next().unwrap_or_default().trim_end_matches('.'));
            }
        };
        let shown = head.trim_start().split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).next();
        let shown = shown.unwrap_or_default().to_owned();
        let Some(name) = PackageName::parse(parsed.name.as_ref()) else {
            return told(self, "no package can be called so");
        };
        let name_span = self.within(&span, &shown).unwrap_or(span.clone());
        let mut dependency = Dependency::new(name, &shown, name_span);
        dependency.extras = parsed.extras.iter().map(ToString::to_string).collect();
        dependency.marker = if marker.is_some() { MarkerTree::TRUE } else { parsed.marker };
        dependency.groups = markers::extras(&dependency.marker, written);
        match parsed.version_or_url {
            None => {}
            Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
                dependency.version = exact(&specifiers);
                dependency.specifiers = specifiers;
                let after = dependency.span.end..span.end;
                let rest = self.text.get(after.clone()).unwrap_or_default();
                if let Some(from) = rest.find(['=', '<', '>', '~', '!']) {
                    let rest = rest.get(from..).unwrap_or_default();
                    let rest = rest.split([';', '#', ')', '"', '\'', '\n', '\\']).next().unwrap_or_default().trim_end();
                    dependency.version_span = Some(after.start + from..after.start + from + rest.len());
                }
            }
            Some(VersionOrUrl::Url(url)) => place(&mut dependency, &url.0),
        }
        Some(dependency)
    }
}

/// The one version that satisfies the specifiers, where there is only one.
pub(super) fn exact(specifiers: &VersionSpecifiers) -> Option<Version> {
    specifiers
        .iter()
        .find(|one| matches!(one.operator(), Operator::Equal | Operator::ExactEqual))
        .map(|one| one.version().clone())
}

/// `==version`.
pub(super) fn pinned(version: &Version) -> VersionSpecifiers {
    VersionSpecifiers::from(VersionSpecifier::equals_version(version.clone()))
}

/// Takes origin, hashes and version from an address.
pub(super) fn place(dependency: &mut Dependency, url: &str) {
    dependency.origin = origin(url);
    dependency.hashes.extend(fragment_hash(url));
    if dependency.version.is_none()
        && let Some((_, Some(version))) = file_name(url).and_then(archive_name)
    {
        dependency.specifiers = pinned(&version);
        dependency.version = Some(version);
    }
}

/// The index of this address; the public one is the default.
pub(super) fn index(url: &str) -> Origin {
    let bare = url.trim_end_matches('/');
    let is_public = matches!(bare, "https://pypi.org/simple" | "https://pypi.python.org/simple" | "pypi");
    Origin::Index((!is_public).then(|| url.to_owned()))
}

/// Where an address leads.
pub(super) fn origin(url: &str) -> Origin {
    let bare = url.split('#').next().unwrap_or(url).trim();
    let kind = bare.split("://").next().unwrap_or_default().to_ascii_lowercase();
    if let Some((vcs, _)) = kind.split_once('+')
        && matches!(vcs, "git" | "hg" | "svn" | "bzr")
    {
        let address = bare.get(vcs.len() + 1..).unwrap_or_default();
        return repository(address, None);
    }
    match kind.as_str() {
        "git" | "ssh" => repository(bare, None),
        "http" | "https" | "ftp" => Origin::Url(bare.to_owned()),
        "file" => Origin::Local(bare.to_owned()),
        _ if bare.starts_with("git@") => repository(bare, None),
        _ if bare.starts_with("file:") || !bare.contains("://") => Origin::Local(bare.to_owned()),
        _ => Origin::Url(bare.to_owned()),
    }
}

/// A repository; the revision stands behind the last `@` of the path if it is not given.
pub(super) fn repository(url: &str, revision: Option<&str>) -> Origin {
    // SECURITY: a password before the host ends with `@` too, and must not be torn from the user's name.
    let (host, ends): (usize, &[char]) = url.find("://").map_or((0, &['/', ':']), |at| (at + 3, &['/']));
    let path = url.get(host..).and_then(|rest| rest.find(ends)).map_or(url.len(), |at| host + at);
    let (url, written) = match url.rfind('@') {
        Some(at) if at > path => (url.get(..at).unwrap_or(url), url.get(at + 1..)),
        _ => (url, None),
    };
    let revision = revision.or(written).filter(|revision| !revision.is_empty()).map(str::to_owned);
    let is_commit = revision.as_deref().is_some_and(is_commit);
    Origin::Repository { url: url.to_owned(), revision, is_commit }
}

/// A whole commit id: 40 or 64 hex digits.
pub(super) fn is_commit(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `#sha256=…` of an address.
fn fragment_hash(url: &str) -> Option<String> {
    let (_, fragment) = url.split_once('#')?;
    fragment.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        is_hash(name, value).then(|| format!("{name}:{value}"))
    })
}

/// Whether it is a digest of this kind, whole.
pub(super) fn is_hash(kind: &str, digits: &str) -> bool {
    let length = match kind {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        "sha1" => 40,
        "md5" => 32,
        "sha224" => 56,
        "blake2b" => 128,
        "blake2s" => 64,
        _ => return false,
    };
    digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `egg=name` or `subdirectory=…` of an address.
pub(super) fn egg(url: &str) -> Option<&str> {
    let (_, fragment) = url.split_once('#')?;
    fragment.split('&').find_map(|part| part.strip_prefix("egg="))
}

/// The last part of the path of an address.
pub(super) fn file_name(url: &str) -> Option<&str> {
    let bare = url.split(['#', '?']).next()?;
    bare.trim_end_matches('/').rsplit(['/', '\\']).next().filter(|name| !name.is_empty())
}

/// Endings of files that pip takes for packages.
pub(super) const ARCHIVES: [&str; 7] = [".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar"];

/// Name and version that a wheel or source archive carries in its name.
pub(super) fn archive_name(file: &str) -> Option<(&str, Option<Version>)> {
    let ending = ARCHIVES.iter().find(|ending| file.ends_with(**ending))?;
    let stem = file.strip_suffix(ending)?;
    if *ending == ".whl" {
        let mut parts = stem.split('-');
        let name = parts.next()?;
        return Some((name, parts.next().and_then(|version| version.parse().ok())));
    }
    let (name, version) = stem.rsplit_once('-')?;
    Some((name, Some(version.parse().ok()?)))
}

/// Whether the name of a requirement, or one of its extras, ends in a sign that may only stand inside of one.
fn has_open_name(head: &str) -> bool {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_open = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
        text.get(..end).is_some_and(|name| name.ends_with(['.', '-', '_']))
    };
    let extras = head.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(extras, _)| extras);
    is_open(head) || extras.split(',').any(is_open)
}
