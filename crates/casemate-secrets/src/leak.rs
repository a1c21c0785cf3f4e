//! One secret in a text.

use std::collections::BTreeMap;
use std::ops::Range;

/// What kind of secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeakKind {
    /// A credential in the format of its provider.
    Token,
    /// A private key.
    PrivateKey,
    /// User and password in a URL or another connection string.
    ConnectionString,
    /// A password, by the role it plays.
    Password,
    /// A random-looking text bound to a name that speaks of a secret.
    Random,
}

/// How it is known. Ordered from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// It looks random, and its name speaks of a secret.
    Rarity,
    /// It stands where a secret stands.
    Role,
    /// It has a structure that nothing else has.
    Structure,
    /// Its own checksum, or its inner structure decoded, says so.
    Checksum,
}

/// One secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The bytes of the text that must not be shown: the secret alone, without quotes or its name.
    pub span: Range<usize>,
    /// What kind it is.
    pub kind: LeakKind,
    /// Stable name of what recognised it: `github-fine-grained-token`, `password`, `pem-private-key`.
    pub detector: &'static str,
    /// What it is in words that follow "this is a": `GitHub fine-grained personal access token`.
    pub what: String,
    /// How that is known.
    pub proof: Proof,
    /// The name it is bound to, as written (`DB_PASSWORD`), empty if none.
    pub name: String,
    /// The secret itself when the text holds it encoded or in parts; otherwise the span is it.
    pub decoded: Option<String>,
}

/// Sorts by place; of leaks that overlap the better proved one stays, and the longer one of equals.
pub fn settle(leaks: &mut Vec<Leak>) {
    leaks.sort_by(|a, b| {
        (b.proof, b.span.len(), a.span.start, a.detector).cmp(&(a.proof, a.span.len(), b.span.start, b.detector))
    });
    // Where each of the kept begins and ends; they do not overlap, so a neighbour on either side is enough to ask.
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut kept: Vec<Leak> = Vec::with_capacity(leaks.len());
    for leak in leaks.drain(..) {
        let before = taken.range(..leak.span.end).next_back();
        if before.is_none_or(|(_, end)| *end <= leak.span.start) {
            taken.insert(leak.span.start, leak.span.end);
            kept.push(leak);
        }
    }
    kept.sort_by_key(|leak| (leak.span.start, leak.span.end));
    *leaks = kept;
}
