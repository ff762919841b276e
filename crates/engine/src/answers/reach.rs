//! How many questions an answer can be expected to catch, and what would help.

use super::tick::{Meant, Tick, tick};
use super::view::PhrasingView;
use domain::{IssueId, PhrasingId, digest};
use serde::Serialize;
use similarity::answering::stands_alone;
use similarity::{Embedding, Encoder, normalize};
use std::collections::HashMap;
use storage::issues::Distinct;
use storage::phrasings::PhrasingRow;
use utoipa::ToSchema;

/// From here on an answer reaches about three times as many questions as with one phrasing (`docs`: measured, recall at
/// 95 % precision .12, .39, .35, .57, .61 with 1, 3, 5, 10, 20 phrasings).
const ENOUGH: usize = 3;
/// Questions that the verifier compares with the answer's own for one look at it, the nearest: at most so many phrasings,
/// and so many questions that were asked.
pub(super) const CLOSELY: usize = 100;
/// Candidates told at the most.
const CANDIDATES: usize = 20;
/// A past question less similar than this to the answer's own is not worth an expert's look.
const NEAR: f64 = 0.70;

/// How many questions an answer can be expected to catch, and what would help.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Reach {
    /// Phrasings that serve.
    pub confirmed: usize,
    /// Phrasings an answer should have.
    pub recommended: usize,
    /// Whether there are that many.
    pub enough: bool,
    /// The same in words, with what to do next.
    pub says: String,
    /// Past questions that may be further phrasings: the ticked ones first, then those asked most.
    pub candidates: Vec<ReachCandidate>,
}

/// A past question that may be a further phrasing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReachCandidate {
    /// The proposed phrasing it is, to be confirmed by this id; null: to be added by its text.
    pub phrasing_id: Option<PhrasingId>,
    /// The question.
    pub text: String,
    /// How often it was asked among the project's failures.
    pub asked: i64,
    /// The issue it was asked in.
    pub issue_id: Option<IssueId>,
    /// How it compares with the answer's own question.
    #[serde(flatten)]
    pub tick: Tick,
}

/// Looks at an answer's phrasings and at what was asked. `rows` and `phrasings` are the same ones in the same order.
pub(super) fn reach(
    encoder: &Encoder,
    own: Meant<'_>,
    rows: &[PhrasingRow],
    phrasings: &[PhrasingView],
    asked: &[(IssueId, Distinct)],
) -> Reach {
    let counts: HashMap<&[u8], i64> = asked.iter().map(|(_, q)| (q.digest.as_slice(), q.count)).collect();
    let proposed = rows.iter().zip(phrasings).filter(|(_, view)| !view.confirmed && !view.rejected);
    let proposed = proposed.map(|(row, view)| ReachCandidate {
        phrasing_id: Some(view.id),
        text: view.text.clone(),
        asked: counts.get(row.text_digest.as_slice()).copied().unwrap_or(0),
        issue_id: view.issue_id,
        tick: view.tick.clone(),
    });
    let new = asked.iter().filter(|(_, question)| is_new(&question.text, rows));
    let mut others: Vec<(&(IssueId, Distinct), Embedding)> =
        new.map(|one| (one, encoder.embed(&one.1.text))).collect();
    others.sort_by(|(_, a), (_, b)| b.cosine(own.embedding).total_cmp(&a.cosine(own.embedding)));
    others.truncate(CLOSELY);
    let others = others.iter().map(|((issue, question), embedding)| ReachCandidate {
        phrasing_id: None,
        text: question.text.clone(),
        asked: question.count,
        issue_id: Some(*issue),
        tick: tick(encoder, own, Meant { text: &question.text, embedding }),
    });
    let near = others.filter(|candidate| candidate.tick.similarity >= NEAR);
    let mut candidates: Vec<ReachCandidate> = proposed.chain(near).collect();
    candidates.sort_by(|a, b| {
        (b.tick.proposed, b.asked)
            .cmp(&(a.tick.proposed, a.asked))
            .then(b.tick.similarity.total_cmp(&a.tick.similarity))
            .then(a.text.cmp(&b.text))
    });
    candidates.truncate(CANDIDATES);
    let confirmed = phrasings.iter().filter(|phrasing| phrasing.confirmed).count();
    Reach {
        confirmed,
        recommended: ENOUGH,
        enough: confirmed >= ENOUGH,
        says: says(confirmed, &candidates),
        candidates,
    }
}

/// Whether a past question can become a phrasing: it says something by itself, and none is the same.
fn is_new(question: &str, rows: &[PhrasingRow]) -> bool {
    let digest = phrasing_digest(question);
    stands_alone(question) && rows.iter().all(|row| row.text_digest != digest)
}

/// What makes two phrasings of one answer the same: their exact form.
pub(crate) fn phrasing_digest(text: &str) -> Vec<u8> {
    digest::text_digest(&normalize::exact(text)).to_vec()
}

fn says(confirmed: usize, candidates: &[ReachCandidate]) -> String {
    let has = match confirmed {
        0 => "It has no confirmed phrasing, so it is never served.".to_owned(),
        1 => "It has one confirmed phrasing: only that question and near copies of it are answered. With three or \
              more phrasings, about three times as many questions are."
            .to_owned(),
        n if n < ENOUGH => {
            format!("It has {n} confirmed phrasings; with {ENOUGH} or more it answers more questions.")
        }
        n => format!("It has {n} confirmed phrasings."),
    };
    match next(confirmed, candidates) {
        Some(next) => format!("{has} {next}"),
        None => has,
    }
}

/// What the expert can do to have more questions answered.
fn next(confirmed: usize, candidates: &[ReachCandidate]) -> Option<String> {
    let (one, found) = match candidates.len() {
        0 if confirmed >= ENOUGH => return None,
        0 => {
            return Some(
                "Nobody has asked anything else like it yet: add phrasings in your own words.".to_owned(),
            );
        }
        1 => (true, "1 similar question".to_owned()),
        n => (false, format!("{n} similar questions")),
    };
    let are = if one { "is" } else { "are" };
    let were = if one { "was" } else { "were" };
    let asked: i64 = candidates.iter().map(|candidate| candidate.asked).sum();
    let found = match asked {
        0 => format!("{found} {are} proposed"),
        1 => format!("{found} {were} asked before, once"),
        n if one => format!("{found} {were} asked before, {n} times"),
        n => format!("{found} {were} asked before, {n} times in all"),
    };
    let ticked = candidates.iter().filter(|candidate| candidate.tick.proposed).count();
    let todo = match (ticked, candidates.len()) {
        (0, 1) => "It may mean something else: confirm it only if this answer is right for it.",
        (0, _) => "They may mean something else: confirm only those that this answer is right for.",
        (1, 1) => "It seems to mean the same: confirm it if this answer is right for it.",
        (2, 2) => "Both seem to mean the same: confirm those that this answer is right for.",
        (1, _) => {
            "One of them seems to mean the same: confirm it, and any other that this answer is right for."
        }
        (n, all) if n == all => {
            "All of them seem to mean the same: confirm those that this answer is right for."
        }
        (n, _) => {
            return Some(format!(
                "{found}. {n} of them seem to mean the same: confirm those that this answer is right for."
            ));
        }
    };
    Some(format!("{found}. {todo}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(proposed: bool, asked: i64) -> ReachCandidate {
        ReachCandidate {
            phrasing_id: None,
            text: "How do I pay?".to_owned(),
            asked,
            issue_id: None,
            tick: Tick { proposed, score: Some(0.9), similarity: 0.9, vetoes: Vec::new() },
        }
    }

    #[test]
    fn one_phrasing_is_too_few_and_it_says_what_to_do() {
        let said = says(1, &[candidate(true, 7), candidate(false, 2)]);
        assert!(said.starts_with("It has one confirmed phrasing: only that question"), "{said}");
        assert!(
            said.contains("2 similar questions were asked before, 9 times in all. One of them"),
            "{said}"
        );
        assert!(says(1, &[]).contains("in your own words"));
        assert_eq!(says(4, &[]), "It has 4 confirmed phrasings.");
        assert!(says(0, &[]).contains("never served"));
    }

    #[test]
    fn it_reads_well_for_none_one_and_many() {
        let next = |candidates: &[ReachCandidate]| next(2, candidates).unwrap();
        for (candidates, said) in [
            (vec![], "Nobody has asked anything else like it yet: add phrasings in your own words."),
            (
                vec![candidate(true, 0)],
                "1 similar question is proposed. It seems to mean the same: confirm it if this answer is right for it.",
            ),
            (
                vec![candidate(true, 1)],
                "1 similar question was asked before, once. It seems to mean the same: confirm it if this answer is right for it.",
            ),
            (
                vec![candidate(false, 3)],
                "1 similar question was asked before, 3 times. It may mean something else: confirm it only if this answer is right for it.",
            ),
            (
                vec![candidate(true, 2), candidate(true, 2)],
                "2 similar questions were asked before, 4 times in all. Both seem to mean the same: confirm those that this answer is right for.",
            ),
            (
                vec![candidate(false, 2), candidate(false, 2)],
                "2 similar questions were asked before, 4 times in all. They may mean something else: confirm only those that this answer is right for.",
            ),
            (
                vec![candidate(true, 0), candidate(true, 0), candidate(false, 0)],
                "3 similar questions are proposed. 2 of them seem to mean the same: confirm those that this answer is right for.",
            ),
            (
                vec![candidate(true, 1), candidate(true, 1), candidate(true, 1)],
                "3 similar questions were asked before, 3 times in all. All of them seem to mean the same: confirm those that this answer is right for.",
            ),
        ] {
            assert_eq!(next(&candidates), said);
        }
        assert_eq!(super::next(ENOUGH, &[]), None);
    }
}
