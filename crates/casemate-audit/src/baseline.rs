//! Findings that were there before: a file that says which, without saying any secret.

use serde::{Deserialize, Serialize};

/// One kind of finding at one place that was there when the baseline was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the folder that the baseline speaks of, with `/` between its parts.
    pub path: String,
    /// Id of the rule.
    pub rule: String,
    /// How many such findings there are.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}
