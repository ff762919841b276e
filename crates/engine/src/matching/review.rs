//! The review that applies to a query and its response.

use super::{Asked, plain};
use crate::applicability::Asking;
use crate::live::{Remediations, Reviewed};
use domain::verdict::choose_review;
use domain::{ReviewCandidate, ReviewVerdict};
use similarity::reviewing::{self, Exchange, Judgement, applies};
use similarity::{Embedding, Encoder, Quantized, normalize};

/// The review that applies: of those for who asks the nearest, then the newest, Bad before Good. `embedding`: the
/// query's; without one only a review of the exact same query and response applies.
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
        let verbatim = normalize::exact(&reviewed.query) == form;
        // A little below the rule's own bar: bytes round.
        let near = |query: &Quantized| {
            reviewed.is_read() && reviewed.query_vector(encoder).cosine(query) >= reviewing::QUERY - 0.01
        };
        (verbatim || query.as_ref().is_some_and(near))
            && reviewed.applicability.applies(asking.asker(), verbatim)
    };
    let near: Vec<&Reviewed> = remediations.reviewed.iter().filter(near).collect();
    if near.is_empty() {
        return None;
    }
    let Some(embedding) = embedding else {
        return choose_review(near.into_iter().filter_map(|reviewed| verbatim(reviewed, asked)));
    };
    let response = encoder.embed_long(asked.response);
    let new = Exchange {
        query: asked.text,
        query_embedding: embedding,
        response: asked.response,
        response_embedding: &response,
    };
    choose_review(near.into_iter().filter_map(|reviewed| candidate(reviewed, encoder, new)))
}

/// A review of the exact same query, if it is of the exact same response too.
fn verbatim(reviewed: &Reviewed, asked: &Asked<'_>) -> Option<ReviewCandidate> {
    let same = normalize::exact(&reviewed.response) == normalize::exact(asked.response);
    same.then(|| applying(reviewed, 1.0, 1.0))
}

fn candidate(reviewed: &Reviewed, encoder: &Encoder, new: Exchange<'_>) -> Option<ReviewCandidate> {
    let query = reviewed.query_vector(encoder).embedding();
    let response = reviewed.response_vector(encoder).embedding();
    let known = Exchange {
        query: &reviewed.query,
        query_embedding: &query,
        response: &reviewed.response,
        response_embedding: &response,
    };
    let compared = applies(judgement(reviewed.verdict), known, new);
    let (query, response) = (compared.query_similarity, compared.response_similarity);
    compared.applies.then(|| applying(reviewed, query, response))
}

fn applying(reviewed: &Reviewed, query_similarity: f32, response_similarity: f32) -> ReviewCandidate {
    ReviewCandidate {
        review_id: reviewed.review,
        interaction_id: reviewed.interaction,
        verdict: reviewed.verdict,
        explanation: reviewed.explanation.clone(),
        query_similarity: plain(query_similarity),
        response_similarity: plain(response_similarity),
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
