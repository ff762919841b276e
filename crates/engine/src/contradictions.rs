//! Remediations that say otherwise: a Good and a Bad review that would apply to the same response, two answers that
//! claim the same question. They are told, never refused; which of two applies is decided as always.
//!
//! Compared is what is in force now, in memory. What is for other callers or another language does not contradict.

use crate::answers::{Meant, tick};
use crate::live::{Remediations, Reviewed};
use crate::matching::judgement;
use domain::{
    AnswerId, Applicability, RemediationKind, RemediationRef, ReviewId, ReviewVerdict, Timestamp, Warning,
    WarningCode,
};
use similarity::language::detect;
use similarity::reviewing::{QUERY, Question, same_query, same_response};
use similarity::{Embedding, Encoder, normalize};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Neighbours of one question that are looked at: an answer has many phrasings, and they stand together.
const NEIGHBOURS: usize = 32;
/// Answers that are compared with one question: each costs milliseconds.
const COMPARED: usize = 3;
/// Least cosine of two questions that may be the same.
const NEAR: f32 = 0.75;
/// Questions of one answer that are looked at, the oldest first.
const QUESTIONS: usize = 20;
/// Interactions of one review that are looked at.
const INTERACTIONS: usize = 100;
/// Warnings told at the most.
const TOLD: usize = 20;

/// An answer as it is, or is about to be.
pub(crate) struct Claim<'a> {
    pub(crate) answer: AnswerId,
    /// Its words: those that are served, those of its draft.
    pub(crate) words: Vec<&'a str>,
    pub(crate) applicability: &'a Applicability,
    /// Its confirmed phrasings.
    pub(crate) questions: Vec<(&'a str, Embedding)>,
}

/// The active answers that answer one of its questions otherwise.
pub(crate) fn of_answer(remediations: &Remediations, encoder: &Encoder, claim: &Claim<'_>) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    let words: Vec<String> = claim.words.iter().map(|words| normalize::exact(words)).collect();
    // Told once for each answer: a search asks it of every phrasing.
    let others = remediations.answers.iter().filter(|(id, answer)| {
        let text = normalize::exact(&answer.text);
        **id != claim.answer
            && words.iter().any(|words| *words != text)
            && !claim.applicability.excludes(&answer.applicability)
    });
    let others: HashSet<Uuid> = others.map(|(id, _)| id.0).collect();
    let contrary = |other: Uuid| others.contains(&other);
    for (question, embedding) in claim.questions.iter().take(QUESTIONS) {
        for (other, phrasing) in claimants(remediations, encoder, (question, embedding), &contrary) {
            if warnings.iter().all(|known| known.remediation.id != other) {
                warnings.push(answered_otherwise(other, question, &phrasing));
            }
        }
    }
    warnings.truncate(TOLD);
    warnings
}

/// The active answers that answer this question otherwise, which an active answer got as a phrasing.
pub(crate) fn of_phrasing(
    remediations: &Remediations,
    encoder: &Encoder,
    answer: AnswerId,
    question: &str,
) -> Vec<Warning> {
    let Some(served) = remediations.answers.get(&answer) else { return Vec::new() };
    let claim = Claim {
        answer,
        words: vec![&served.text],
        applicability: &served.applicability,
        questions: vec![(question, encoder.embed(question))],
    };
    of_answer(remediations, encoder, &claim)
}

/// The other answers with a phrasing that is the same question, and which phrasing.
fn claimants(
    remediations: &Remediations,
    encoder: &Encoder,
    (question, embedding): (&str, &Embedding),
    contrary: &dyn Fn(Uuid) -> bool,
) -> Vec<(Uuid, String)> {
    let index = remediations.index(encoder);
    let exact = index.exact(question).into_iter().filter(|found| contrary(found.owner));
    let mut found: Vec<(Uuid, String)> = exact.map(|same| (same.owner, same.text.to_owned())).collect();
    if !detect(question).is_read_by_the_model() {
        return found;
    }
    let keep = |other, phrasing| contrary(other) && remediations.is_read(phrasing);
    let mut seen: Vec<Uuid> = found.iter().map(|(owner, _)| *owner).collect();
    let mut near = index.nearest(embedding, NEIGHBOURS, Some(&keep));
    near.retain(|near| {
        let first = near.similarity >= NEAR && !seen.contains(&near.owner);
        seen.extend(first.then_some(near.owner));
        first
    });
    for near in near.into_iter().take(COMPARED) {
        let Some(known) = remediations.embedding(encoder, near.key) else { continue };
        let asked = Meant { text: question, embedding };
        if tick(encoder, Meant { text: near.text, embedding: &known }, asked).proposed {
            found.push((near.owner, near.text.to_owned()));
        }
    }
    found
}

fn answered_otherwise(other: Uuid, question: &str, phrasing: &str) -> Warning {
    let asked = if normalize::exact(question) == normalize::exact(phrasing) {
        format!("“{question}”")
    } else {
        format!("“{question}”, there as “{phrasing}”,")
    };
    Warning {
        code: WarningCode::ContradictingAnswer,
        remediation: RemediationRef { kind: RemediationKind::Answer, id: other },
        interaction_id: None,
        detail: format!(
            "another active answer is for the question {asked} and says otherwise: where both fit, neither is served"
        ),
    }
}

/// The reviews that say otherwise of a response this one applies to, or that apply to one it was made on.
pub(crate) fn of_review(remediations: &Remediations, encoder: &Encoder, review: ReviewId) -> Vec<Warning> {
    let reviewed = || remediations.reviewed.iter().map(Arc::as_ref);
    let own = reviewed().filter(|reviewed| reviewed.review == review).take(INTERACTIONS);
    let own: Vec<&Reviewed> = own.collect();
    let Some(first) = own.first() else { return Vec::new() };
    let mut warnings: Vec<Warning> = Vec::new();
    let contrary = |other: &&Reviewed| {
        other.verdict != first.verdict && !other.applicability.excludes(&first.applicability)
    };
    for other in reviewed().filter(contrary) {
        if warnings.len() == TOLD {
            break;
        }
        if warnings.iter().any(|known| known.remediation.id == other.review.0) {
            continue;
        }
        // What was made on the very same interaction is told before what is only alike.
        let same = own.iter().find(|mine| mine.interaction == other.interaction);
        let met = same.or_else(|| own.iter().find(|mine| meet(mine, other, encoder)));
        warnings.extend(met.map(|mine| said_otherwise(mine, other)));
    }
    warnings
}

/// Whether one of two reviews applies to what the other was made on.
fn meet(mine: &Reviewed, other: &Reviewed, encoder: &Encoder) -> bool {
    let verbatim = mine.exchanged.is_query(other.exchanged.form());
    let read = mine.exchanged.is_read() && other.exchanged.is_read();
    let near =
        || mine.exchanged.query_vector(encoder).cosine(other.exchanged.query_vector(encoder)) >= QUERY - 0.01;
    if !(verbatim || read && near()) {
        return false;
    }
    let meanings = [mine, other].map(|one| read.then(|| one.exchanged.query_vector(encoder).embedding()));
    let [a, b] = [(mine, &meanings[0]), (other, &meanings[1])]
        .map(|(one, meaning)| Question { text: &one.exchanged.query, embedding: meaning.as_ref() });
    let applies = |review: &Reviewed, on: (Question<'_>, &Reviewed), from: Question<'_>| {
        let judgement = judgement(review.verdict);
        same_query(judgement, from, on.0).passes
            && same_response(judgement, review.exchanged.response(encoder), on.1.exchanged.response(encoder))
                .passes
    };
    applies(other, (a, mine), b) || applies(mine, (b, other), a)
}

fn said_otherwise(mine: &Reviewed, other: &Reviewed) -> Warning {
    let says = other.verdict.as_str();
    let wins = wins((mine.made_at, mine.review, mine.verdict), (other.made_at, other.review, other.verdict));
    let detail = match (mine.interaction == other.interaction, wins) {
        (true, true) => format!("an older review calls this response {says}; this one is newer and wins"),
        (true, false) => format!("a newer review calls this response {says} and wins over this one"),
        (false, _) => format!(
            "a review calls a response {says} that this one applies to as well; of two that apply, the one made on what is nearest wins"
        ),
    };
    Warning {
        code: WarningCode::ContradictingReview,
        remediation: RemediationRef { kind: RemediationKind::Review, id: other.review.0 },
        interaction_id: Some(other.interaction),
        detail,
    }
}

/// Of two reviews that are equally near: the newer, then the Bad one. As `domain::verdict::choose_review` has it.
fn wins(mine: (Timestamp, ReviewId, ReviewVerdict), other: (Timestamp, ReviewId, ReviewVerdict)) -> bool {
    (mine.0, mine.2, mine.1) > (other.0, other.2, other.1)
}
