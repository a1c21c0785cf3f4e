//! Cases and what is done with them.
//!
//! Who acts on a case must be able to read it: a case that the caller may not see is not found, whatever they want with
//! it. Then the policies are asked, then the state table, then whether somebody else was faster.

use std::fmt::Write as _;

use casemate_model::Timestamp;
use casemate_model::access::{Scope, Walls};
use casemate_model::case::{Case, CaseRef, Resolution};
use casemate_store::{StoreError, Tx};
use sha2::{Digest, Sha256};

pub mod add_note;
pub mod apply_action;
pub mod assign_case;
pub mod create_case;
pub mod edit_case;
pub mod list_cases;
pub mod name_readers;
pub mod offered_actions;
pub mod read_case;
pub(crate) mod step;

/// Most labels on a case.
const MOST_TAGS: usize = 20;

/// An accepted risk lasts at most this long.
const LONGEST_ACCEPTANCE: time::Duration = time::Duration::days(366);

/// Whether the tenant wants two pairs of eyes; also when in doubt.
pub(crate) async fn four_eyes(tx: &mut Tx, walls: &impl Walls) -> Result<bool, StoreError> {
    Ok(tx.tenant(walls).await?.is_none_or(|tenant| tenant.four_eyes))
}

/// What the audit trail calls a case.
pub(crate) fn object(reference: CaseRef) -> String {
    format!("case:{reference}")
}

/// SHA-256 of a text that the audit trail must not hold itself.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The resolution as it is stored, or why it will not do.
async fn checked(
    tx: &mut Tx,
    scope: &Scope,
    case: &Case,
    resolution: Resolution,
    now: Timestamp,
) -> Result<Result<Resolution, &'static str>, StoreError> {
    Ok(match resolution {
        Resolution::AcceptedRisk { until } if until <= now => Err("an accepted risk ends in the future"),
        Resolution::AcceptedRisk { until } if until > now + LONGEST_ACCEPTANCE => {
            Err("an accepted risk ends at most a year from now")
        }
        Resolution::AcceptedRisk { until } => {
            // Stores keep microseconds.
            let until = until.replace_nanosecond(until.microsecond() * 1_000).unwrap_or(until);
            Ok(Resolution::AcceptedRisk { until })
        }
        Resolution::Duplicate { of } if of == case.reference => Err("a case is no duplicate of itself"),
        Resolution::Duplicate { of } => match tx.case(scope, of).await? {
            None => Err("the case it duplicates does not exist"),
            // Two cases that point at each other would both count as done, and nobody would work on either.
            Some(other) if other.resolution == Some(Resolution::Duplicate { of: case.reference }) => {
                Err("the case it duplicates is a duplicate of this one")
            }
            Some(_) => Ok(resolution),
        },
        plain => Ok(plain),
    })
}

/// The version that is stored now.
async fn version_now(tx: &mut Tx, scope: &Scope, case: &Case) -> Result<i64, StoreError> {
    Ok(tx.case(scope, case.reference).await?.map_or(case.version, |now| now.version))
}
