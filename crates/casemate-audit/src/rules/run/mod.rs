//! About the run itself.

pub(crate) mod analysis_incomplete;
pub(crate) mod suppression_without_reason;
