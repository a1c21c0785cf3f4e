//! Which versions of a package a record is about, as the OSV schema says to decide it.

use std::cmp::Ordering;
use std::str::FromStr;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

/// Where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Event {
    /// From this version on; `0` is before every version.
    #[serde(rename = "i")]
    Introduced(String),
    /// Before this version.
    #[serde(rename = "f")]
    Fixed(String),
    /// Up to this version.
    #[serde(rename = "l")]
    LastAffected(String),
    /// Nothing from this version on is said.
    #[serde(rename = "m")]
    Limit(String),
}

impl Event {
    fn written(&self) -> &str {
        match self {
            Self::Introduced(version) | Self::Fixed(version) | Self::LastAffected(version) | Self::Limit(version) => {
                version
            }
        }
    }

    /// `None` sorts before every version: `0`, and what PEP 440 cannot read (as old versions of Python's own tools did,
    /// and as the database that publishes these ranges does).
    fn version(&self) -> Option<Version> {
        let written = self.written();
        if matches!(self, Self::Introduced(_)) && written == "0" { None } else { Version::from_str(written).ok() }
    }
}

/// Versions of one package that a record is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Affected {
    /// Ranges in PEP 440 order; each is read by itself.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) ranges: Vec<Vec<Event>>,
    /// Versions beside the ranges.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) versions: Vec<String>,
}

impl Affected {
    /// Drops what can never match and what the ranges say already; the answers stay the same.
    pub(super) fn compact(mut self) -> Self {
        let ranges = std::mem::take(&mut self.ranges);
        let only_ranges = Self { ranges, versions: Vec::new() }.prepared();
        let mut seen: Vec<(Version, String)> = Vec::new();
        for written in self.versions {
            // What PEP 440 cannot read equals no version that could be asked about.
            if let Ok(version) = Version::from_str(&written)
                && !only_ranges.covers(&version)
            {
                seen.push((version, written));
            }
        }
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        seen.dedup_by(|a, b| a.0 == b.0);
        Self { ranges: only_ranges.into_ranges(), versions: seen.into_iter().map(|(_, written)| written).collect() }
    }

    /// Ready to be asked.
    pub(super) fn prepared(self) -> Prepared {
        let sorted = |events: Vec<Event>| {
            let mut events: Vec<(Option<Version>, Event)> =
                events.into_iter().map(|event| (event.version(), event)).collect();
            // INVARIANT: a stable sort. Where one range ends and the next begins with the same version, the order of
            // the record tells which is meant.
            events.sort_by(|a, b| a.0.cmp(&b.0));
            events
        };
        Prepared {
            ranges: self.ranges.into_iter().map(sorted).collect(),
            versions: self.versions.iter().filter_map(|version| Version::from_str(version).ok()).collect(),
        }
    }
}

/// Versions of one package that a record is about, parsed and in order.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    ranges: Vec<Vec<(Option<Version>, Event)>>,
    versions: Vec<Version>,
}

impl Prepared {
    /// Whether the record is about this version.
    pub(super) fn covers(&self, version: &Version) -> bool {
        let is_listed = self.versions.iter().any(|listed| compare(version, listed) == Ordering::Equal);
        is_listed || self.ranges.iter().any(|events| is_within(events, version))
    }

    /// Versions named as mended that are later than this one.
    pub(super) fn fixed_after<'p>(&'p self, version: &'p Version) -> impl Iterator<Item = &'p Version> {
        let fixed = self.ranges.iter().flatten().filter(|(_, event)| matches!(event, Event::Fixed(_)));
        fixed.filter_map(|(fixed, _)| fixed.as_ref()).filter(move |fixed| *fixed > version)
    }

    fn into_ranges(self) -> Vec<Vec<Event>> {
        self.ranges.into_iter().map(|events| events.into_iter().map(|(_, event)| event).collect()).collect()
    }
}

/// A local build (`2.0.0+cpu`) is the version it was built from, unless the record names local builds itself: PEP 440
/// sorts it after `2.0.0`, and a list or a last affected version would miss it.
fn compare(version: &Version, named: &Version) -> Ordering {
    if version.is_local() && !named.is_local() {
        version.clone().without_local().cmp(named)
    } else {
        version.cmp(named)
    }
}

fn is_within(events: &[(Option<Version>, Event)], version: &Version) -> bool {
    let mut is_affected = false;
    for (at, event) in events {
        let order = at.as_ref().map_or(Ordering::Greater, |at| compare(version, at));
        match event {
            Event::Introduced(_) if order.is_ge() => is_affected = true,
            Event::Fixed(_) | Event::Limit(_) if order.is_ge() => is_affected = false,
            Event::LastAffected(_) if order.is_gt() => is_affected = false,
            _ => {}
        }
    }
    is_affected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v(text: &str) -> Version {
        Version::from_str(text).unwrap()
    }

    fn range(events: &[(&str, &str)]) -> Vec<Event> {
        let event = |(kind, version): &(&str, &str)| {
            let version = (*version).to_owned();
            match *kind {
                "introduced" => Event::Introduced(version),
                "fixed" => Event::Fixed(version),
                "limit" => Event::Limit(version),
                _ => Event::LastAffected(version),
            }
        };
        events.iter().map(event).collect()
    }

    fn of(ranges: &[&[(&str, &str)]], versions: &[&str]) -> Prepared {
        let versions = versions.iter().map(|version| (*version).to_owned()).collect();
        Affected { ranges: ranges.iter().map(|events| range(events)).collect(), versions }.prepared()
    }

    fn covered(affected: &Prepared, versions: &[&str]) -> Vec<bool> {
        versions.iter().map(|version| affected.covers(&v(version))).collect()
    }

    #[test]
    fn a_range_holds_its_first_version_and_not_the_fixed_one() {
        let one = of(&[&[("introduced", "1.0"), ("fixed", "1.2")]], &[]);
        let asked = ["1.0rc1", "1.0", "1.1.9", "1.2.dev0", "1.2rc1", "1.2", "1.2.post1"];
        assert_eq!(covered(&one, &asked), [false, true, true, true, true, false, false]);
    }

    #[test]
    fn zero_is_before_everything_and_the_last_affected_is_affected() {
        let one = of(&[&[("introduced", "0"), ("last_affected", "2.1")]], &[]);
        assert_eq!(covered(&one, &["0.dev0", "0a1", "2.1", "2.1.post1", "3!1"]), [true, true, true, false, false]);
    }

    #[test]
    fn several_lines_in_one_range_and_in_several() {
        let in_one = of(&[&[("introduced", "2.0"), ("fixed", "2.3"), ("introduced", "1.0"), ("fixed", "1.5")]], &[]);
        let in_two = of(&[&[("introduced", "1.0"), ("fixed", "1.5")], &[("introduced", "2.0"), ("fixed", "2.3")]], &[]);
        for one in [in_one, in_two] {
            assert_eq!(covered(&one, &["0.9", "1.4", "1.5", "2.0", "2.3"]), [false, true, false, true, false]);
        }
    }

    #[test]
    fn where_two_events_fall_together_the_record_decides() {
        let joined = [("introduced", "1"), ("fixed", "2"), ("introduced", "2"), ("fixed", "3")];
        assert!(of(&[&joined], &[]).covers(&v("2.0")));
        assert!(!of(&[&[("introduced", "2"), ("fixed", "2")]], &[]).covers(&v("2.0")));
    }

    #[test]
    fn equal_versions_are_equal_however_they_are_written() {
        let one = of(&[], &["1.0-RC.1", "v2", "not a version"]);
        assert_eq!(covered(&one, &["1.0rc1", "2.0.0", "1.0"]), [true, true, false]);
    }

    #[test]
    fn a_local_build_is_the_version_it_was_built_from() {
        let listed = of(&[], &["2.0.0"]);
        let last = of(&[&[("introduced", "0"), ("last_affected", "2.0.0")]], &[]);
        let fixed_locally = of(&[&[("introduced", "0"), ("fixed", "2.0.0+security1")]], &[]);
        assert!(listed.covers(&v("2.0.0+cpu")) && last.covers(&v("2.0.0+cpu")));
        assert!(fixed_locally.covers(&v("2.0.0")) && !fixed_locally.covers(&v("2.0.0+security1")));
    }

    #[test]
    fn an_end_that_cannot_be_read_leaves_the_listed_versions() {
        let one = of(&[&[("introduced", "0"), ("fixed", "0.2.0-n653")]], &["0.1.0"]);
        assert_eq!(covered(&one, &["0.1.0", "0.1.1"]), [true, false]);
    }

    #[test]
    fn a_mend_must_be_later() {
        let one = of(&[&[("introduced", "1"), ("fixed", "1.5")], &[("introduced", "2"), ("fixed", "2.3")]], &[]);
        let at = v("2.1");
        assert_eq!(one.fixed_after(&at).collect::<Vec<_>>(), [&v("2.3")]);
    }

    proptest! {
        #[test]
        fn compacting_changes_no_answer(
            ranges in prop::collection::vec(prop::collection::vec((0u8..4, 0u8..6, 0u8..4), 0..6), 0..3),
            versions in prop::collection::vec((0u8..6, 0u8..4), 0..12),
            asked in (0u8..6, 0u8..4),
        ) {
            let event = |(kind, major, minor): (u8, u8, u8)| {
                let version = format!("{major}.{minor}");
                match kind {
                    0 => Event::Introduced(version),
                    1 => Event::Fixed(version),
                    2 => Event::LastAffected(version),
                    _ => Event::Introduced("0".to_owned()),
                }
            };
            let whole = Affected {
                ranges: ranges.into_iter().map(|events| events.into_iter().map(event).collect()).collect(),
                versions: versions.into_iter().map(|(major, minor)| format!("{major}.{minor}")).collect(),
            };
            let asked = v(&format!("{}.{}", asked.0, asked.1));
            prop_assert_eq!(whole.clone().compact().prepared().covers(&asked), whole.prepared().covers(&asked));
        }
    }
}
