//! Records of several databases that mean the same hole, joined.
//!
//! Two records of one package mean the same if one names the other, or both name a third, as `aliases`; whatever joins
//! is joined on. `related` and `upstream` are followed nowhere: they say "see also", and a hole that is reported under
//! the name of another is reported wrongly.

use std::collections::HashMap;

/// Groups of things that share a name, in the order of their first members; `names` gives all names of each.
pub(super) fn groups<'n, N>(names: impl Iterator<Item = N>) -> Vec<Vec<usize>>
where
    N: Iterator<Item = &'n str>,
{
    let mut parents: Vec<usize> = Vec::new();
    let mut owners: HashMap<&'n str, usize> = HashMap::new();
    for (at, names) in names.enumerate() {
        parents.push(at);
        for name in names {
            match owners.get(name) {
                Some(&owner) => {
                    let (a, b) = (root(&mut parents, owner), root(&mut parents, at));
                    if let Some(parent) = parents.get_mut(a.max(b)) {
                        *parent = a.min(b);
                    }
                }
                None => {
                    owners.insert(name, at);
                }
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for at in 0..parents.len() {
        let root = root(&mut parents, at);
        if let Some(group) = groups.get_mut(root) {
            group.push(at);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while let Some(&parent) = parents.get(at) {
        if parent == at {
            break;
        }
        // Halves the path, so that long chains stay cheap.
        let above = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(at) {
            *slot = above;
        }
        at = above;
    }
    at
}

/// Which of the names of one hole to show: CVE, then GHSA, then PYSEC, then `MAL-`, then any; of equals the first.
pub(super) fn rank(id: &str) -> (usize, &str) {
    const ORDER: [&str; 4] = ["CVE-", "GHSA-", "PYSEC-", "MAL-"];
    (ORDER.iter().position(|prefix| id.starts_with(prefix)).unwrap_or(ORDER.len()), id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(names: &[&[&str]]) -> Vec<Vec<usize>> {
        groups(names.iter().map(|names| names.iter().copied()))
    }

    #[test]
    fn what_shares_a_name_is_one_through_any_number_of_steps() {
        assert_eq!(grouped(&[&["a", "x"], &["b", "y"], &["c", "x"]]), [vec![0, 2], vec![1]]);
        assert_eq!(grouped(&[&["a", "x"], &["b", "y"], &["c", "x", "y"]]), [vec![0, 1, 2]]);
        assert_eq!(grouped(&[&["a"], &["b"], &["c", "b"], &["a", "c"]]), [vec![0, 1, 2, 3]]);
        assert!(grouped(&[]).is_empty());
    }

    #[test]
    fn the_best_known_name_is_shown() {
        let mut ids = ["ACME-1", "MAL-2024-1", "PYSEC-2024-2", "GHSA-x", "CVE-2024-2", "CVE-2024-1"];
        ids.sort_by_key(|id| rank(id));
        assert_eq!(ids, ["CVE-2024-1", "CVE-2024-2", "GHSA-x", "PYSEC-2024-2", "MAL-2024-1", "ACME-1"]);
    }
}
