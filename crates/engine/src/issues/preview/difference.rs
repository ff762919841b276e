//! How two groupings of the same occurrences differ. Pure.

use domain::IssueId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How two groupings of the same occurrences differ, seen from the issues they are in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Issues there are.
    pub(super) issues: usize,
    /// Groups of the one grouping.
    pub(super) old: usize,
    /// Groups of the other.
    pub(super) new: usize,
    /// Issues that become one, the largest first.
    pub(super) joined: Vec<IssueSet>,
    /// Issues that become several, the largest first.
    pub(super) parted: Vec<Parted>,
}

/// Issues and how many occurrences each has, the largest first.
pub(super) type IssueSet = Vec<(IssueId, usize)>;

/// An issue that falls apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parted {
    pub(super) issue: IssueId,
    pub(super) occurrences: usize,
    /// The largest first.
    pub(super) parts: Vec<Part>,
}

/// A part of an issue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The place of its newest occurrence.
    pub(super) newest: usize,
    pub(super) occurrences: usize,
}

/// Of each issue the places of its occurrences.
type Places = BTreeMap<IssueId, Vec<usize>>;

impl Difference {
    /// `issues`, `old` and `new`: of each occurrence, in the order in which they came.
    pub(super) fn of(issues: &[IssueId], old: &[usize], new: &[usize]) -> Self {
        let mut of_issue: Places = BTreeMap::new();
        for (at, issue) in issues.iter().enumerate() {
            of_issue.entry(*issue).or_default().push(at);
        }
        let distinct = |labels: &[usize]| labels.iter().collect::<BTreeSet<_>>().len();
        Self {
            issues: of_issue.len(),
            old: distinct(old),
            new: distinct(new),
            joined: joined(&of_issue, old, new),
            parted: parted(&of_issue, old, new),
        }
    }
}

/// Of each label the places that have it, the most frequent label first.
fn parts(places: &[usize], labels: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &at in places {
        parts.entry(labels[at]).or_default().push(at);
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_by_key(|(label, places)| (Reverse(places.len()), *label));
    parts
}

/// Sets of issues of which most occurrences are in one new group, but in several old ones.
fn joined(of_issue: &Places, old: &[usize], new: &[usize]) -> Vec<IssueSet> {
    let mut sets: BTreeMap<usize, IssueSet> = BTreeMap::new();
    let mut olds: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (issue, places) in of_issue {
        let [was, is] = [old, new].map(|labels| parts(places, labels)[0].0);
        olds.entry(is).or_default().insert(was);
        sets.entry(is).or_default().push((*issue, places.len()));
    }
    let several = sets.into_iter().filter(|(is, _)| olds[is].len() > 1);
    let mut joined: Vec<IssueSet> = several.map(|(_, issues)| issues).collect();
    for set in &mut joined {
        set.sort_by_key(|(id, count)| (Reverse(*count), *id));
    }
    joined.sort_by_key(|set| (Reverse(set.iter().map(|(_, count)| count).sum::<usize>()), set[0].0));
    joined
}

/// Issues that are in more new groups than old ones.
fn parted(of_issue: &Places, old: &[usize], new: &[usize]) -> Vec<Parted> {
    let mut parted = Vec::new();
    for (issue, places) in of_issue {
        let is = parts(places, new);
        if is.len() > parts(places, old).len() {
            let part = |(_, places): &(usize, Vec<usize>)| {
                Some(Part { newest: *places.last()?, occurrences: places.len() })
            };
            let parts = is.iter().filter_map(part).collect();
            parted.push(Parted { issue: *issue, occurrences: places.len(), parts });
        }
    }
    parted.sort_by_key(|one| (Reverse(one.occurrences), one.issue));
    parted
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_what_the_widths_change_is_told() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|n| IssueId(Uuid::from_u128(n)));
        let issues = [a, a, b, c, c, d, d, d];
        // As it is set: a and b are one already, d is two already. Then: c comes to them, d falls into three.
        let old = [0, 0, 0, 1, 1, 2, 2, 3];
        let new = [0, 0, 0, 0, 0, 2, 4, 3];
        let difference = Difference::of(&issues, &old, &new);
        assert_eq!((difference.issues, difference.old, difference.new), (4, 4, 4));
        assert_eq!(difference.joined, [[(a, 2), (c, 2), (b, 1)]]);
        let parts = [5, 7, 6].map(|newest| Part { newest, occurrences: 1 }).into();
        assert_eq!(difference.parted, [Parted { issue: d, occurrences: 3, parts }]);
        let same = Difference::of(&issues, &old, &old);
        assert_eq!((same.joined, same.parted), (vec![], vec![]));
    }
}
