//! How bad an advisory is: CVSS vectors, or the word of a database.

use std::fmt;
use std::str::FromStr;

use cvss::Cvss;
use serde::{Deserialize, Serialize};

/// The qualitative rating of CVSS. Ordered from `None` to `Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Without effect (0.0).
    None,
    /// Up to 3.9.
    Low,
    /// Up to 6.9.
    Medium,
    /// Up to 8.9.
    High,
    /// From 9.0.
    Critical,
}

impl Rating {
    /// The word CVSS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The rating of a base score; the bands are the same in CVSS 3 and 4 and serve for CVSS 2 too.
    pub fn of(score: f32) -> Self {
        match score {
            score if score >= 9.0 => Self::Critical,
            score if score >= 7.0 => Self::High,
            score if score >= 4.0 => Self::Medium,
            score if score > 0.0 => Self::Low,
            _ => Self::None,
        }
    }

    /// `database_specific.severity`: GitHub says `MODERATE`, others `MEDIUM`.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Some(Self::Critical),
            "high" | "important" => Some(Self::High),
            "moderate" | "medium" => Some(Self::Medium),
            "low" => Some(Self::Low),
            "none" | "negligible" | "unimportant" => Some(Self::None),
            _ => None,
        }
    }
}

impl fmt::Display for Rating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A vector with its base score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scored {
    /// Which standard: 2, 3 (also 3.1) or 4.
    #[serde(rename = "n")]
    pub(super) standard: u8,
    #[serde(rename = "s")]
    pub(super) score: f32,
    #[serde(rename = "v")]
    pub(super) vector: String,
}

impl Scored {
    /// Reads a vector; `None` for what is none.
    pub(super) fn parse(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        // Vectors of CVSS 2 have no prefix of their own.
        let (standard, parsed) = match vector.split_once('/')?.0 {
            "CVSS:4.0" => (4, Cvss::from_str(vector).ok()?),
            "CVSS:3.0" | "CVSS:3.1" => (3, Cvss::from_str(vector).ok()?),
            _ => {
                let bare = vector.trim_start_matches('(').trim_end_matches(')');
                (2, Cvss::CvssV20(cvss::v2::Vector::from_str(bare).ok()?))
            }
        };
        // A metric that is missing counts as harmless to the crate, and to nobody else.
        let required: &[&str] = match standard {
            4 => &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
            3 => &["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
            _ => &["AV", "AC", "Au", "C", "I", "A"],
        };
        let given = |metric: &&str| {
            let mut parts = vector.trim_start_matches('(').split('/');
            parts.any(|part| part.split_once(':').is_some_and(|(name, _)| name == *metric))
        };
        if !required.iter().all(given) {
            return None;
        }
        // One decimal, as the standard writes it.
        let score = (parsed.score() * 10.0).round() / 10.0;
        #[expect(clippy::cast_possible_truncation, reason = "a score from 0.0 to 10.0 with one decimal")]
        let score = score as f32;
        (0.0..=10.0).contains(&score).then(|| Self { standard, score, vector: vector.to_owned() })
    }
}

/// The score to tell: the newest standard that anybody used, and of that the highest.
pub(super) fn newest<'s>(scores: impl Iterator<Item = &'s Scored>) -> Option<&'s Scored> {
    scores.max_by(|a, b| a.standard.cmp(&b.standard).then(a.score.total_cmp(&b.score)).then(b.vector.cmp(&a.vector)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector and score as NIST or FIRST publish them.
    #[test]
    fn published_scores_come_out() {
        for (vector, standard, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 3, 10.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 3, 9.8),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 3, 6.1),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 4, 9.3),
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 2, 10.0),
            ("(AV:N/AC:M/Au:N/C:N/I:P/A:N)", 2, 4.3),
        ] {
            let scored = Scored::parse(vector).unwrap();
            assert_eq!((scored.standard, scored.score), (standard, score), "{vector}");
        }
    }

    #[test]
    fn what_is_no_vector_has_no_score() {
        for text in ["", "7.5", "CVSS:3.1", "CVSS:3.1/AV:X", "CVSS:9.0/AV:N", "HIGH", "CVSS:3.1/AV:N/AC:L"] {
            assert_eq!(Scored::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_newest_standard_wins_then_the_highest_score() {
        let all: Vec<Scored> = [
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
            "AV:N/AC:L/Au:N/C:C/I:C/A:C",
        ]
        .into_iter()
        .map(|vector| Scored::parse(vector).unwrap())
        .collect();
        assert_eq!(newest(all.iter()).map(|scored| scored.standard), Some(4));
    }

    #[test]
    fn ratings_follow_the_bands() {
        let ratings = [0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0].map(Rating::of);
        use Rating::{Critical, High, Low, Medium, None};
        assert_eq!(ratings, [None, Low, Low, Medium, Medium, High, High, Critical]);
    }
}
