//! What an expert's work says to a query and its response: the review that applies, the answer that fits. Pure.

mod passed_over;
mod review;

pub use passed_over::OutOfScope;
pub(crate) use passed_over::passed_over;
pub(crate) use review::judgement;

use crate::applicability::Asking;
use crate::live::Remediations;
use domain::{
    AnswerId, AnswerMatch, AnswerMatchState, AnswerOffer, Applicability, PhrasingId, QueryLanguage,
    ReviewCandidate, RunnerUp, VetoNote,
};
use review::review;
use serde_json::Value;
use similarity::answering::{Decision, Hit, SERVE, Verdict, decide};
use similarity::vetoes::{Veto, VetoCode};
use similarity::{Embedding, Encoder};
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
    /// What the caller says of themselves.
    pub(crate) metadata: Option<&'a Value>,
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
    /// The text's.
    pub(crate) language: Option<QueryLanguage>,
}

/// Looks for the review and the answer, among those that apply to who asks. Embeds only when there is something to
/// compare with, and the model reads the language.
pub(crate) fn find(remediations: &Remediations, encoder: &Encoder, asked: &Asked<'_>) -> Found {
    let asking = Asking::of(asked.text, asked.metadata);
    let mut found = Found { language: Some(asking.language()), ..Found::default() };
    if !asked.stands_alone {
        return found;
    }
    let exact = word_for_word(remediations, encoder, asked.text, &asking);
    let compare_answers = exact.len() != 1 && !asking.exact_only() && !remediations.phrasings.is_empty();
    let compare_reviews = !asking.exact_only() && !remediations.reviewed.is_empty();
    if compare_answers || compare_reviews {
        found.embedding = Some(encoder.embed(asked.text));
    }
    found.review = review(remediations, encoder, asked, &asking, found.embedding.as_ref());
    found.candidates = match &found.embedding {
        Some(embedding) if compare_answers => {
            let keep = |answer, phrasing| {
                remediations.answer_applies(answer, &asking, false) && remediations.is_read(phrasing)
            };
            let (index, rejected) = (remediations.index(encoder), remediations.rejected(encoder));
            matches(remediations, &decide(index, rejected, asked.text, embedding, Some(&keep)))
        }
        _ => exact,
    };
    found.answer = found.candidates.first().and_then(|best| offer(remediations, best));
    found
}

/// The answers that have this very question among their phrasings: one may be served, of several none.
fn word_for_word(
    remediations: &Remediations,
    encoder: &Encoder,
    text: &str,
    asking: &Asking<'_>,
) -> Vec<AnswerMatch> {
    let mut same = remediations.index(encoder).exact(text);
    same.retain(|found| remediations.answer_applies(found.owner, asking, true));
    let mut owners = Vec::new();
    same.retain(|found| {
        !owners.contains(&found.owner) && {
            owners.push(found.owner);
            true
        }
    });
    let several = same.len() > 1;
    let told = same.iter().map(|found| AnswerMatch {
        answer_id: AnswerId(found.owner),
        phrasing_id: PhrasingId(found.key),
        phrasing: found.text.to_owned(),
        state: if several { AnswerMatchState::Suggested } else { AnswerMatchState::Served },
        exact: true,
        similarity: 1.0,
        threshold: plain(SERVE),
        margin: several.then_some(0.0),
        vetoes: Vec::new(),
        reason: if several { ANOTHER_FITS } else { WORD_FOR_WORD }.to_owned(),
        runner_up: same.iter().find(|other| other.owner != found.owner).map(|other| RunnerUp {
            answer_id: AnswerId(other.owner),
            phrasing: other.text.to_owned(),
            similarity: 1.0,
        }),
        applicability: applicability_of(remediations, found.owner),
    });
    told.collect()
}

const WORD_FOR_WORD: &str = "The query is this phrasing, word for word.";
const ANOTHER_FITS: &str = "Not served: another answer fits as well; an expert must say which.";

fn applicability_of(remediations: &Remediations, answer: Uuid) -> Applicability {
    let answer = remediations.answers.get(&AnswerId(answer));
    answer.map(|answer| answer.applicability.clone()).unwrap_or_default()
}

fn offer(remediations: &Remediations, best: &AnswerMatch) -> Option<AnswerOffer> {
    let answer = remediations.answers.get(&best.answer_id)?;
    Some(AnswerOffer {
        answer_match: best.clone(),
        version: answer.version,
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
            _ if hit.rejected() => AnswerMatchState::Rejected,
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
        applicability: applicability_of(remediations, hit.owner),
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
        Verdict::Serve if hit.exact => WORD_FOR_WORD.to_owned(),
        Verdict::Serve => {
            format!(
                "The query is {similarity:.3} like this phrasing, at least {threshold} is needed, and nothing speaks against it."
            )
        }
        _ if !stands_alone => "Not served: the query cannot be understood by its own words.".to_owned(),
        _ if passes => ANOTHER_FITS.to_owned(),
        _ if hit.rejected() => {
            let objections = hit.vetoes.iter().filter(|veto| veto.code == VetoCode::Rejected);
            let objections: Vec<&str> = objections.map(|veto| veto.detail.as_str()).collect();
            format!("Not served: {}.", objections.join("; "))
        }
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
