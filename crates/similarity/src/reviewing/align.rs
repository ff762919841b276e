//! Which sentences of two responses speak of the same thing.

use super::sentence::Sentence;
use std::collections::BTreeSet;

/// Least share of the shorter sentence's words of substance that both must have.
const SHARED: f32 = 0.5;

/// Sentences of both responses that speak of the same thing, by their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Of the reviewed response.
    pub reviewed: BTreeSet<usize>,
    /// Of the new one.
    pub new: BTreeSet<usize>,
}

/// Joins each sentence of either response with the one of the other that it shares most with; what is joined through
/// others too is one group, so that a sentence that was cut in two meets both halves.
pub fn align(reviewed: &[Sentence], new: &[Sentence]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, sentence) in new.iter().enumerate() {
        if let Some(best) = nearest(sentence, reviewed) {
            join(&mut groups, best, place);
        }
    }
    for (place, sentence) in reviewed.iter().enumerate() {
        if let Some(best) = nearest(sentence, new) {
            join(&mut groups, place, best);
        }
    }
    groups
}

/// The place of the sentence that shares most words of substance with this one, if it shares enough.
fn nearest(sentence: &Sentence, others: &[Sentence]) -> Option<usize> {
    let mut best: Option<(usize, (f32, f32))> = None;
    for (place, other) in others.iter().enumerate() {
        let shared = sentence.stems.intersection(&other.stems).count() as f32;
        let (shorter, both) = (
            sentence.stems.len().min(other.stems.len()) as f32,
            (sentence.stems.len() + other.stems.len()) as f32,
        );
        let enough = shared >= 1.0 && shared >= SHARED * shorter && (shared >= 2.0 || shorter <= 2.0);
        let score = (shared, shared / both);
        if enough && best.is_none_or(|(_, known)| score > known) {
            best = Some((place, score));
        }
    }
    best.map(|(place, _)| place)
}

fn join(groups: &mut Vec<Group>, reviewed: usize, new: usize) {
    let touching = |group: &Group| group.reviewed.contains(&reviewed) || group.new.contains(&new);
    let mut joined = Group { reviewed: BTreeSet::from([reviewed]), new: BTreeSet::from([new]) };
    groups.retain(|group| {
        if touching(group) {
            joined.reviewed.extend(&group.reviewed);
            joined.new.extend(&group.new);
            return false;
        }
        true
    });
    groups.push(joined);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reviewing::sentence::{SENTENCES, sentences};

    fn aligned(reviewed: &str, new: &str) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut groups: Vec<_> = align(&sentences(reviewed, SENTENCES).0, &sentences(new, SENTENCES).0)
            .into_iter()
            .map(|group| (group.reviewed.into_iter().collect(), group.new.into_iter().collect()))
            .collect();
        groups.sort();
        groups
    }

    #[test]
    fn sentences_meet_in_any_order_and_number() {
        let reviewed =
            "Charge the battery at room temperature. Keep the key in a safe place. Wipe the frame dry.";
        let new =
            "Wipe the frame dry, and keep the key in a safe place. At room temperature, charge the battery.";
        assert_eq!(aligned(reviewed, new), [(vec![0], vec![1]), (vec![1, 2], vec![0])]);
    }

    #[test]
    fn what_has_nothing_in_common_stays_alone() {
        assert_eq!(aligned("Bring your passport.", "The office is closed on Mondays."), []);
    }
}
