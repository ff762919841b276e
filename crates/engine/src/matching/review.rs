//! The review that applies to a query and its response.

use super::{Asked, plain};
use crate::applicability::Asking;
use crate::live::{Exchanged, Remediations, Reviewed};
use domain::verdict::choose_review;
use domain::{ReviewCandidate, ReviewVerdict};
use similarity::reviewing::{self, Exchange, Judgement, applies};
use similarity::{Embedding, Encoder, Quantized, normalize};

/// Similarities that differ by no more are the same: stored vectors are rounded to bytes.
const ROUNDING: f64 = 1e-3;

/// The review that applies: of those for who asks the nearest, then the newest, Bad before Good. `embedding`: the
/// query's; without one only a review of the exact same query and response applies. A review yields to its exceptions.
pub(super) fn review(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    asking: &Asking<'_>,
    embedding: Option<&Embedding>,
) -> Option<ReviewCandidate> {
    let form = normalize::exact(asked.text);
    let query = embedding.map(Quantized::of);
    let near = |reviewed: &&Reviewed| {
        let known = &reviewed.exchanged;
        let verbatim = normalize::exact(&known.query) == form;
        // A little below the rule's own bar: bytes round.
        let near = |query: &Quantized| {
            known.is_read() && known.query_vector(encoder).cosine(query) >= reviewing::QUERY - 0.01
        };
        (verbatim || query.as_ref().is_some_and(near))
            && reviewed.applicability.applies(asking.asker(), verbatim)
    };
    let near: Vec<&Reviewed> = remediations.reviewed.iter().filter(near).collect();
    if near.is_empty() {
        return None;
    }
    let Some(embedding) = embedding else {
        let fits = near.into_iter().filter_map(|reviewed| verbatim(reviewed, asked));
        let excepted = |candidate: &ReviewCandidate| {
            let exceptions = remediations.exceptions(candidate.review_id);
            exceptions.iter().any(|exception| is_verbatim(exception, asked.text, asked.response))
        };
        return choose_review(fits.filter(|candidate| !excepted(candidate)));
    };
    let response = encoder.embed_long(asked.response);
    let new = Exchange {
        query: asked.text,
        query_embedding: embedding,
        response: asked.response,
        response_embedding: &response,
    };
    let fits = near.into_iter().filter_map(|reviewed| candidate(reviewed, encoder, new));
    let fits: Vec<ReviewCandidate> = fits.collect();
    let excepted = |candidate: &ReviewCandidate| {
        let same = |other: &&ReviewCandidate| other.review_id == candidate.review_id;
        let nearest = fits.iter().filter(same).map(nearness).fold(f64::NEG_INFINITY, f64::max);
        let exceptions = remediations.exceptions(candidate.review_id);
        exceptions.iter().any(|exception| is_excepted(exception, encoder, new, nearest))
    };
    choose_review(fits.iter().filter(|candidate| !excepted(candidate)).cloned())
}

fn nearness(candidate: &ReviewCandidate) -> f64 {
    candidate.query_similarity.min(candidate.response_similarity)
}

/// Whether a review that fits by a pair that is `nearest` near yields to one of its exceptions: the very same query and
/// response, or a pair that is at least as near.
fn is_excepted(exception: &Exchanged, encoder: &Encoder, new: Exchange<'_>, nearest: f64) -> bool {
    if is_verbatim(exception, new.query, new.response) {
        return true;
    }
    if !exception.is_read() {
        return false;
    }
    let query = exception.query_vector(encoder).embedding().cosine(new.query_embedding);
    let response = exception.response_vector(encoder).embedding().cosine(new.response_embedding);
    f64::from(query.min(response)) + ROUNDING >= nearest
}

fn is_verbatim(exchanged: &Exchanged, query: &str, response: &str) -> bool {
    let same = |known: &str, other: &str| normalize::exact(known) == normalize::exact(other);
    same(&exchanged.query, query) && same(&exchanged.response, response)
}

/// A review of the exact same query, if it is of the exact same response too.
fn verbatim(reviewed: &Reviewed, asked: &Asked<'_>) -> Option<ReviewCandidate> {
    let same = is_verbatim(&reviewed.exchanged, asked.text, asked.response);
    let needed = match reviewed.verdict {
        ReviewVerdict::Good => reviewing::GOOD_RESPONSE,
        ReviewVerdict::Bad => reviewing::BAD_RESPONSE,
    };
    same.then(|| applying(reviewed, (1.0, reviewing::QUERY), (1.0, needed)))
}

fn candidate(reviewed: &Reviewed, encoder: &Encoder, new: Exchange<'_>) -> Option<ReviewCandidate> {
    let query = reviewed.exchanged.query_vector(encoder).embedding();
    let response = reviewed.exchanged.response_vector(encoder).embedding();
    let known = Exchange {
        query: &reviewed.exchanged.query,
        query_embedding: &query,
        response: &reviewed.exchanged.response,
        response_embedding: &response,
    };
    let compared = applies(judgement(reviewed.verdict), known, new);
    let query = (compared.query_similarity, compared.query_threshold);
    let response = (compared.response_similarity, compared.response_threshold);
    compared.applies.then(|| applying(reviewed, query, response))
}

/// A review that applies, with similarities and what was needed of them: of the queries, of the responses.
fn applying(reviewed: &Reviewed, query: (f32, f32), response: (f32, f32)) -> ReviewCandidate {
    ReviewCandidate {
        review_id: reviewed.review,
        interaction_id: reviewed.interaction,
        verdict: reviewed.verdict,
        explanation: reviewed.explanation.clone(),
        query_similarity: plain(query.0),
        response_similarity: plain(response.0),
        query_threshold: plain(query.1),
        response_threshold: plain(response.1),
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
