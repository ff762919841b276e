//! The review that applies to a query and its response.

use super::{Asked, plain};
use crate::applicability::Asking;
use crate::live::{Exchanged, Remediations, Reviewed};
use domain::verdict::choose_review;
use domain::{ReviewCandidate, ReviewVerdict};
use similarity::reviewing::{
    Judgement, QUERY, Question, ReadResponse, ResponseMatch, same_query, same_response,
};
use similarity::{Embedding, Encoder, normalize};
use std::cell::LazyCell;

/// Similarities that differ by no more are the same: stored vectors are rounded to bytes.
const ROUNDING: f64 = 1e-3;

/// The review that applies: of those for who asks the nearest, then the newest, Bad before Good. `embedding`: the
/// query's; without one only a review of the exact same query applies. A review yields to its exceptions.
pub(super) fn review(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    asking: &Asking<'_>,
    embedding: Option<&Embedding>,
) -> Option<ReviewCandidate> {
    let survivors = of_this_query(remediations, encoder, asked, asking, embedding);
    let new = LazyCell::new(|| ReadResponse::read(encoder, asked.response, None));
    compared(remediations, encoder, survivors, (Question { text: asked.text, embedding }, &new))
}

/// The reviews made on this query, with how near it is.
fn of_this_query<'a>(
    remediations: &'a Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    asking: &Asking<'_>,
    embedding: Option<&Embedding>,
) -> Vec<(&'a Reviewed, f32)> {
    let new = Question { text: asked.text, embedding };
    let verbatim = remediations.reviewed_verbatim(&normalize::exact(asked.text));
    let is_read = |place: &usize| remediations.reviewed[*place].exchanged.is_read();
    let near = embedding.map(|embedding| remediations.reviewed_queries(encoder).near(embedding));
    let mut places: Vec<usize> = near.unwrap_or_default().into_iter().filter(is_read).collect();
    places.extend(verbatim);
    places.sort_unstable();
    places.dedup();
    let survives = |place: usize| {
        let reviewed: &Reviewed = &remediations.reviewed[place];
        let made_on = &reviewed.exchanged;
        let verbatim = verbatim.binary_search(&place).is_ok();
        let applies = reviewed.applicability.applies(asking.asker(), verbatim);
        let known = embedding.map(|_| made_on.query_vector(encoder).embedding());
        let known = Question { text: &made_on.query, embedding: known.as_ref() };
        let query = applies.then(|| same_query(judgement(reviewed.verdict), known, new))?;
        query.passes.then_some((reviewed, query.similarity))
    };
    places.into_iter().filter_map(survives).collect()
}

/// Of these reviews the one whose response is much the same. The new response is read only if there is a review to
/// compare it with. What is compared costs; so the nearest comes first, and what cannot be nearer than one that applies
/// is not compared.
fn compared<'a, F: FnOnce() -> ReadResponse>(
    remediations: &Remediations,
    encoder: &Encoder,
    survivors: Vec<(&'a Reviewed, f32)>,
    (asked, new): (Question<'_>, &LazyCell<ReadResponse, F>),
) -> Option<ReviewCandidate> {
    let within = |(reviewed, query_similarity): (&'a Reviewed, f32)| {
        let said = reviewed.exchanged.response(encoder);
        (reviewed, query_similarity, plain(query_similarity.min(nearest_possible(said, new))))
    };
    let mut survivors: Vec<_> = survivors.into_iter().map(within).collect();
    survivors.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut fits: Vec<ReviewCandidate> = Vec::new();
    let excepted = |candidate: &ReviewCandidate, fits: &[ReviewCandidate]| {
        let same = |other: &&ReviewCandidate| other.review_id == candidate.review_id;
        let nearest = fits.iter().filter(same).map(nearness).fold(nearness(candidate), f64::max);
        let exceptions = remediations.exceptions(candidate.review_id);
        exceptions.iter().any(|exception| is_excepted(exception, encoder, (asked, new), nearest))
    };
    let mut applies_from = f64::NEG_INFINITY;
    for (reviewed, query_similarity, possible) in survivors {
        if possible < applies_from {
            break;
        }
        let said = reviewed.exchanged.response(encoder);
        let response = same_response(judgement(reviewed.verdict), said, new);
        if response.passes {
            let candidate = applying(reviewed, query_similarity, &response);
            if !excepted(&candidate, &fits) {
                applies_from = applies_from.max(nearness(&candidate));
            }
            fits.push(candidate);
        }
    }
    choose_review(fits.iter().filter(|candidate| !excepted(candidate, &fits)).cloned())
}

/// As near as two responses can be said to be.
fn nearest_possible(said: &ReadResponse, new: &ReadResponse) -> f32 {
    if said.is_same_text(new) { 1.0 } else { said.similarity(new).unwrap_or(0.0) }
}

fn nearness(candidate: &ReviewCandidate) -> f64 {
    candidate.query_similarity.min(candidate.response_similarity)
}

/// Whether a review that fits by a pair that is `nearest` near yields to one of its exceptions: the very same query and
/// response, or a pair that is at least as near.
fn is_excepted(
    exception: &Exchanged,
    encoder: &Encoder,
    (asked, new): (Question<'_>, &ReadResponse),
    nearest: f64,
) -> bool {
    let known = exception.response(encoder);
    if exception.is_query(&normalize::exact(asked.text)) && known.is_same_text(new) {
        return true;
    }
    let Some((query, response)) = asked.embedding.zip(known.similarity(new)).filter(|_| exception.is_read())
    else {
        return false;
    };
    let query = exception.query_vector(encoder).embedding().cosine(query);
    f64::from(query.min(response)) + ROUNDING >= nearest
}

/// A review that applies, with similarities and what was needed of them.
fn applying(reviewed: &Reviewed, query_similarity: f32, response: &ResponseMatch) -> ReviewCandidate {
    ReviewCandidate {
        review_id: reviewed.review,
        interaction_id: reviewed.interaction,
        verdict: reviewed.verdict,
        explanation: reviewed.explanation.clone(),
        query_similarity: plain(query_similarity),
        response_similarity: plain(response.similarity),
        query_threshold: plain(QUERY),
        response_threshold: plain(response.threshold),
        reviewed_at: reviewed.made_at,
        applicability: reviewed.applicability.clone(),
    }
}

/// A review's verdict, in the terms of the rule.
pub(crate) fn judgement(verdict: ReviewVerdict) -> Judgement {
    match verdict {
        ReviewVerdict::Good => Judgement::Good,
        ReviewVerdict::Bad => Judgement::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::Arc;

    const QUERY: &str = "How long do I have to return an item?";
    const WRONG: &str = "You can return any item within 90 days of delivery. Open Orders to begin.";

    /// The verdict that applies, and how often the response was read.
    fn found(query: &str, response: &str) -> (Option<ReviewVerdict>, u32) {
        let encoder = Encoder::load();
        let made = Reviewed::made_on(QUERY, WRONG, ReviewVerdict::Bad);
        let mut remediations = Remediations::default();
        remediations.reviewed.push(Arc::new(made));
        let asked = Asked { text: query, response, stands_alone: true, metadata: None };
        let (asking, embedding) = (Asking::of(query, None), encoder.embed(query));
        let survivors = of_this_query(&remediations, &encoder, &asked, &asking, Some(&embedding));
        let reads = Cell::new(0);
        let new = LazyCell::new(|| {
            reads.set(reads.get() + 1);
            ReadResponse::read(&encoder, response, None)
        });
        let question = Question { text: query, embedding: Some(&embedding) };
        let applied = compared(&remediations, &encoder, survivors, (question, &new));
        (applied.map(|review| review.verdict), reads.get())
    }

    #[test]
    fn the_nearest_applies_and_of_equals_the_bad_one() {
        use ReviewVerdict::{Bad, Good};
        let encoder = Encoder::load();
        let other_words = "Any item can be returned within 90 days after delivery. Begin in Orders.";
        let applying = |made: &[(&str, ReviewVerdict)]| {
            let mut remediations = Remediations::default();
            let made = made.iter().map(|&(response, verdict)| Reviewed::made_on(QUERY, response, verdict));
            remediations.reviewed.extend(made.map(Arc::new));
            let asked = Asked { text: QUERY, response: WRONG, stands_alone: true, metadata: None };
            let (asking, embedding) = (Asking::of(QUERY, None), encoder.embed(QUERY));
            review(&remediations, &encoder, &asked, &asking, Some(&embedding)).map(|review| review.verdict)
        };
        assert_eq!(applying(&[(other_words, Bad)]), Some(Bad));
        assert_eq!(applying(&[(other_words, Bad), (WRONG, Good)]), Some(Good));
        assert_eq!(applying(&[(WRONG, Good), (other_words, Bad)]), Some(Good));
        assert_eq!(applying(&[(WRONG, Bad), (WRONG, Good), (other_words, Bad)]), Some(Bad));
        assert_eq!(applying(&[(other_words, Good), (WRONG, Good), (WRONG, Bad)]), Some(Bad));
    }

    #[test]
    fn a_response_is_read_only_when_a_review_was_made_on_this_query() {
        for other in [
            "Why was my card declined?",
            "Is it 90 days or 30 days to return an item?",
            "Where do I return an item?",
        ] {
            assert_eq!(found(other, WRONG), (None, 0), "{other}");
        }
        assert_eq!(found("how long do I have for returning an item", WRONG), (Some(ReviewVerdict::Bad), 1));
        let corrected = WRONG.replace("90", "30");
        assert_eq!(found(QUERY, &corrected), (None, 1));
    }
}
