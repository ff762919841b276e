//! What an expert's work says to a query and its response: the review that applies, the answer that fits. Pure.

use crate::live::{Remediations, Reviewed};
use domain::verdict::choose_review;
use domain::{
    AnswerId, AnswerMatch, AnswerMatchState, AnswerOffer, PhrasingId, ReviewCandidate, ReviewVerdict,
    RunnerUp, VetoNote,
};
use similarity::answering::{Decision, Hit, SERVE, Verdict, decide};
use similarity::reviewing::{self, Exchange, Judgement, applies};
use similarity::vetoes::Veto;
use similarity::{Embedding, Encoder, Quantized, normalize};
use uuid::Uuid;

/// A similarity as people and JSON see it: six decimals, so that 0.93 reads 0.93 and not 0.9300000071525574.
pub(crate) fn plain(similarity: f32) -> f64 {
    (f64::from(similarity) * 1e6).round() / 1e6
}

/// What is asked, and what the AI is about to answer.
pub(crate) struct Asked<'a> {
    /// The rewritten query, else the query.
    pub(crate) text: &'a str,
    pub(crate) response: &'a str,
    /// Whether the text can be understood by its own words; if not, nothing is matched by them.
    pub(crate) stands_alone: bool,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    /// The text's, if it was needed.
    pub(crate) embedding: Option<Embedding>,
    pub(crate) review: Option<ReviewCandidate>,
    /// The answer that may be served or is suggested.
    pub(crate) answer: Option<AnswerOffer>,
    /// Every answer near the text, best first, as if nothing were served.
    pub(crate) candidates: Vec<AnswerMatch>,
}

/// Looks for the review and the answer. Embeds only when there is something to compare with.
pub(crate) fn find(remediations: &Remediations, encoder: &Encoder, asked: &Asked<'_>) -> Found {
    if !asked.stands_alone {
        return Found::default();
    }
    let mut found = Found::default();
    let exact = word_for_word(remediations, encoder, asked.text);
    let compare_answers = exact.is_none() && !remediations.phrasings.is_empty();
    if compare_answers || !remediations.reviewed.is_empty() {
        let embedding = encoder.embed(asked.text);
        found.review = review(remediations, encoder, asked, &embedding);
        if compare_answers {
            let decision = decide(remediations.index(encoder), asked.text, &embedding);
            found.candidates = matches(remediations, &decision);
        }
        found.embedding = Some(embedding);
    }
    found.candidates.extend(exact);
    found.answer = found.candidates.first().and_then(|best| offer(remediations, best));
    found
}

/// The answer that has this very question among its phrasings, when no other has.
fn word_for_word(remediations: &Remediations, encoder: &Encoder, text: &str) -> Option<AnswerMatch> {
    let same = remediations.index(encoder).exact(text);
    let first = same.first()?;
    same.iter().all(|other| other.owner == first.owner).then(|| AnswerMatch {
        answer_id: AnswerId(first.owner),
        phrasing_id: PhrasingId(first.key),
        phrasing: first.text.to_owned(),
        state: AnswerMatchState::Served,
        exact: true,
        similarity: 1.0,
        threshold: plain(SERVE),
        margin: None,
        vetoes: Vec::new(),
        reason: "The query is this phrasing, word for word.".to_owned(),
        runner_up: None,
    })
}

fn offer(remediations: &Remediations, best: &AnswerMatch) -> Option<AnswerOffer> {
    let answer = remediations.answers.get(&best.answer_id)?;
    Some(AnswerOffer {
        answer_match: best.clone(),
        text: answer.text.clone(),
        serve_answers: answer.serve_answers,
    })
}

fn matches(remediations: &Remediations, decision: &Decision<Uuid>) -> Vec<AnswerMatch> {
    let near = decision.candidates.iter().filter(|hit| hit.verdict != Verdict::Ignore);
    near.filter_map(|hit| answer_match(remediations, decision, hit)).collect()
}

fn answer_match(
    remediations: &Remediations,
    decision: &Decision<Uuid>,
    hit: &Hit<Uuid>,
) -> Option<AnswerMatch> {
    let text_of = |phrasing: &Uuid| remediations.phrasings.get(phrasing).map(|known| known.text.clone());
    let second = decision.candidates.iter().find(|other| other.owner != hit.owner);
    Some(AnswerMatch {
        answer_id: AnswerId(hit.owner),
        phrasing_id: PhrasingId(hit.phrasing),
        phrasing: text_of(&hit.phrasing)?,
        state: match hit.verdict {
            Verdict::Serve => AnswerMatchState::Served,
            Verdict::Suggest | Verdict::Ignore => AnswerMatchState::Suggested,
        },
        exact: hit.exact,
        similarity: plain(hit.similarity),
        threshold: plain(hit.threshold),
        margin: hit.margin.map(f64::from),
        vetoes: hit.vetoes.iter().map(veto_note).collect(),
        reason: reason(hit, decision.stands_alone),
        runner_up: second.and_then(|other| {
            Some(RunnerUp {
                answer_id: AnswerId(other.owner),
                phrasing: text_of(&other.phrasing)?,
                similarity: plain(other.similarity),
            })
        }),
    })
}

/// An objection as a verdict tells it.
pub(crate) fn veto_note(veto: &Veto) -> VetoNote {
    VetoNote { code: veto.code.as_str().to_owned(), detail: veto.detail.clone() }
}

fn reason(hit: &Hit<Uuid>, stands_alone: bool) -> String {
    let (similarity, threshold) = (hit.similarity, hit.threshold);
    let passes = hit.exact || (similarity >= threshold && hit.vetoes.is_empty());
    match hit.verdict {
        Verdict::Serve if hit.exact => "The query is this phrasing, word for word.".to_owned(),
        Verdict::Serve => {
            format!(
                "The query is {similarity:.3} like this phrasing, at least {threshold} is needed, and nothing speaks against it."
            )
        }
        _ if !stands_alone => "Not served: the query cannot be understood by its own words.".to_owned(),
        _ if passes => "Not served: another answer fits as well; an expert must say which.".to_owned(),
        _ if !hit.vetoes.is_empty() => {
            let objections: Vec<&str> = hit.vetoes.iter().map(|veto| veto.detail.as_str()).collect();
            format!(
                "Not served: near ({similarity:.3}), and a different question: {}.",
                objections.join("; ")
            )
        }
        _ => {
            format!("Not served: the query is {similarity:.3} like this phrasing, and {threshold} is needed.")
        }
    }
}

/// The review that applies: the nearest, then the newest, Bad before Good.
fn review(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    embedding: &Embedding,
) -> Option<ReviewCandidate> {
    let query = Quantized::of(embedding);
    let form = normalize::exact(asked.text);
    let near = |reviewed: &&Reviewed| {
        // A little below the rule's own bar: bytes round.
        reviewed.query_vector(encoder).cosine(&query) >= reviewing::QUERY - 0.01
            || normalize::exact(&reviewed.query) == form
    };
    let near: Vec<&Reviewed> = remediations.reviewed.iter().filter(near).collect();
    if near.is_empty() {
        return None;
    }
    let response = encoder.embed_long(asked.response);
    let new = Exchange {
        query: asked.text,
        query_embedding: embedding,
        response: asked.response,
        response_embedding: &response,
    };
    choose_review(near.into_iter().filter_map(|reviewed| candidate(reviewed, encoder, new)))
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
    compared.applies.then(|| ReviewCandidate {
        review_id: reviewed.review,
        interaction_id: reviewed.interaction,
        verdict: reviewed.verdict,
        explanation: reviewed.explanation.clone(),
        query_similarity: plain(compared.query_similarity),
        response_similarity: plain(compared.response_similarity),
        reviewed_at: reviewed.made_at,
    })
}

/// A review's verdict, in the terms of the rule.
pub(crate) fn judgement(verdict: ReviewVerdict) -> Judgement {
    match verdict {
        ReviewVerdict::Good => Judgement::Good,
        ReviewVerdict::Bad => Judgement::Bad,
    }
}
