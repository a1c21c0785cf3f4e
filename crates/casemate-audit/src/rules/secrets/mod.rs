//! Secrets in the text.

use casemate_secrets::Leak;

use super::{Context, Entry, Reported};

pub(crate) mod secret_in_history;

pub(crate) const ENTRIES: &[Entry] = &[];

/// Every secret of a Python module: those of its text, and those that the syntax gives away.
pub(crate) fn leaks_of(context: &Context<'_>) -> Vec<Leak> {
    casemate_secrets::scan(&context.module.path, &context.module.text)
}

/// Which rule tells of a secret that several found, the first first: what a secret is says more than what it is for,
/// and what it is for says more than the file it stands in.
const PRECEDENCE: [&str; 13] = [
    "SEC1001", "SEC1002", "SEC1011", "SEC1009", "SEC1005", "JWT504", "CRY906", "WEB615", "AUT427", "SEC1007",
    "SEC1008", "SEC1003", "SEC1004",
];

/// One secret is one finding: of several at one place, in order, the rule that says the most stays.
pub(crate) fn one_finding_each(reported: &mut Vec<Reported>) {
    let rank = |one: &Reported| PRECEDENCE.iter().position(|id| *id == one.finding.rule.id);
    let is_secret = |one: &Reported| one.finding.secret().is_some_and(|secret| secret.commit.is_none());
    let mut kept: Vec<Reported> = Vec::with_capacity(reported.len());
    for one in reported.drain(..) {
        let before = kept.iter_mut().rev().take_while(|other| {
            other.finding.place.path == one.finding.place.path && other.finding.place.end > one.finding.place.start
        });
        let same = before.into_iter().find(|other| is_secret(other) && is_secret(&one));
        match same {
            Some(other) => {
                if rank(&one).unwrap_or(PRECEDENCE.len()) < rank(other).unwrap_or(PRECEDENCE.len()) {
                    *other = one;
                }
            }
            None => kept.push(one),
        }
    }
    *reported = kept;
}
