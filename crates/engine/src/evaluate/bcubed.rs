//! B-cubed: how well groups fit the truth, seen from each item (Bagga and Baldwin, 1998).

use super::intervals::rounded;
use serde::Serialize;
use std::collections::HashMap;
use std::hash::Hash;

/// Averages over items, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BCubed {
    /// Of the items in an item's group, the share of its class: are groups pure?
    pub precision: f64,
    /// Of the items of an item's class, the share in its group: are classes kept together?
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl BCubed {
    /// Of items given as (group, class). None without items.
    pub(super) fn of<G: Eq + Hash, C: Eq + Hash>(items: impl IntoIterator<Item = (G, C)>) -> Option<Self> {
        let mut shared: HashMap<(G, C), f64> = HashMap::new();
        for item in items {
            *shared.entry(item).or_default() += 1.0;
        }
        let (mut groups, mut classes): (HashMap<&G, f64>, HashMap<&C, f64>) = Default::default();
        let mut total = 0.0;
        for ((group, class), count) in &shared {
            *groups.entry(group).or_default() += count;
            *classes.entry(class).or_default() += count;
            total += count;
        }
        if shared.is_empty() {
            return None;
        }
        let mean = |of: &dyn Fn(&G, &C) -> f64| {
            // Summed in a fixed order, whatever the map's: equal data give equal digits.
            let mut parts: Vec<f64> = shared.iter().map(|((g, c), count)| count * count / of(g, c)).collect();
            parts.sort_unstable_by(f64::total_cmp);
            parts.iter().sum::<f64>() / total
        };
        let precision = mean(&|group, _| groups[group]);
        let recall = mean(&|_, class| classes[class]);
        let f1 = 2.0 * precision * recall / (precision + recall);
        Some(Self { precision: rounded(precision), recall: rounded(recall), f1: rounded(f1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &[(u8, char)]) -> BCubed {
        BCubed::of(items.iter().copied()).unwrap()
    }

    #[test]
    fn perfect_groups_have_ones() {
        let perfect = of(&[(0, 'a'), (0, 'a'), (7, 'b')]);
        assert_eq!(perfect, BCubed { precision: 1.0, recall: 1.0, f1: 1.0 });
    }

    #[test]
    fn one_group_is_complete_and_impure_and_singles_are_the_reverse() {
        let one = of(&[(0, 'a'), (0, 'a'), (0, 'b'), (0, 'b')]);
        assert_eq!((one.precision, one.recall), (0.5, 1.0));
        let singles = of(&[(0, 'a'), (1, 'a'), (2, 'b'), (3, 'b')]);
        assert_eq!((singles.precision, singles.recall), (1.0, 0.5));
    }

    #[test]
    fn a_mixture_by_hand() {
        // Group 0: a a b; group 1: b. Precision: (2/3 + 2/3 + 1/3 + 1) / 4; recall: (1 + 1 + 1/2 + 1/2) / 4.
        let mixture = of(&[(0, 'a'), (0, 'a'), (0, 'b'), (1, 'b')]);
        assert_eq!((mixture.precision, mixture.recall), (0.666_667, 0.75));
        assert!((mixture.f1 - 0.705_882).abs() < 1e-9);
    }

    #[test]
    fn of_nothing_there_is_none() {
        assert_eq!(BCubed::of(Vec::<(u8, u8)>::new()), None);
    }
}
