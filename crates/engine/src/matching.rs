//! What an expert's work says to a query and its response: the review that applies, the answer that fits. Pure.

mod passed_over;
mod review;

pub use passed_over::OutOfScope;
pub(crate) use passed_over::passed_over;
pub(crate) use review::judgement;

use crate::applicability::Asking;
use crate::live::{Known, Remediations};
use domain::{
    AnswerId, AnswerMatch, AnswerMatchState, AnswerOffer, Applicability, PhrasingId, QueryLanguage,
    ReviewCandidate, RunnerUp, VetoNote,
};
use review::review;
use serde_json::Value;
use similarity::answering::{Bank, Decision, Hit, Verdict, decide};
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

/// Looks for the review and the answer, among those that apply to who asks. Embeds only when something may match by static
/// vectors, and the model reads the language.
pub(crate) fn find(known: &Known, encoder: &Encoder, asked: &Asked<'_>) -> Found {
    let remediations = &known.remediations;
    let asking = Asking::of(asked.text, asked.metadata);
    let mut found = Found { language: Some(asking.language()), ..Found::default() };
    if !asked.stands_alone {
        return found;
    }
    let keep = |answer, phrasing| {
        remediations.answer_applies(answer, &asking, false) && remediations.is_read(phrasing)
    };
    let same = |one, other| remediations.say_the_same(one, other);
    let mut bank = Bank {
        rejected: Some(remediations.rejected(encoder)),
        keep: Some(&keep),
        same: Some(&same),
        ..Bank::new(remediations.index(encoder), &known.traffic, known.thresholds)
    };
    let exact = word_for_word(remediations, bank, asked.text, &asking);
    let (answers_near, reviews_near) =
        if asking.exact_only() { (false, false) } else { remediations.may_match(encoder, asked.text) };
    let none_further = exact.len() == 1 || asking.exact_only() || encoder.verifier().is_none();
    let further = if none_further { Vec::new() } else { known.further(asked.text, keep) };
    bank.further = &further;
    let compare_answers = exact.len() != 1 && (answers_near || !further.is_empty());
    if compare_answers || reviews_near {
        found.embedding = Some(encoder.embed(asked.text));
    }
    found.review = review(remediations, encoder, asked, &asking, found.embedding.as_ref());
    found.candidates = match &found.embedding {
        Some(embedding) if compare_answers => {
            let decision = decide(bank, encoder.verifier(), asked.text, embedding);
            let verified = encoder.verifier().is_some();
            beside(exact, matches(remediations, &decision, verified))
        }
        _ => exact,
    };
    let ruled_out = ruled_out(remediations, bank, asked.text, &asking, &found.candidates);
    found.candidates.extend(ruled_out);
    found.answer = found.candidates.first().and_then(|best| offer(remediations, best));
    found
}

/// The answers that have this very question among their phrasings: one may be served, of several none. Of those that say
/// the same the one that has it for the longest stands for all.
fn word_for_word(
    remediations: &Remediations,
    bank: Bank<'_, Uuid>,
    text: &str,
    asking: &Asking<'_>,
) -> Vec<AnswerMatch> {
    let mut same = bank.index.exact(text);
    same.retain(|found| remediations.answer_applies(found.owner, asking, true));
    let mut owners = Vec::new();
    same.retain(|found| {
        let known = |&owner: &Uuid| owner == found.owner || remediations.say_the_same(owner, found.owner);
        let new = !owners.iter().any(known);
        owners.extend(new.then_some(found.owner));
        new
    });
    let several = same.len() > 1;
    let told = same.iter().map(|found| AnswerMatch {
        answer_id: AnswerId(found.owner),
        phrasing_id: PhrasingId(found.key),
        phrasing: found.text.to_owned(),
        state: if several { AnswerMatchState::Suggested } else { AnswerMatchState::Served },
        exact: true,
        score: 1.0,
        threshold: plain(bank.thresholds.serve),
        question_score: None,
        phrasing_score: 1.0,
        similarity: 1.0,
        margin: several.then_some(0.0),
        traffic_margin: None,
        vetoes: Vec::new(),
        reason: if several { ANOTHER_FITS } else { WORD_FOR_WORD }.to_owned(),
        runner_up: same.iter().find(|other| other.owner != found.owner).map(|other| RunnerUp {
            answer_id: AnswerId(other.owner),
            phrasing: other.text.to_owned(),
            score: Some(1.0),
            similarity: 1.0,
        }),
        applicability: applicability_of(remediations, found.owner),
    });
    told.collect()
}

/// The answers that an expert said do not respond to this very question, and that are not among those found: so that
/// nobody wonders where they are.
fn ruled_out(
    remediations: &Remediations,
    bank: Bank<'_, Uuid>,
    text: &str,
    asking: &Asking<'_>,
    found: &[AnswerMatch],
) -> Vec<AnswerMatch> {
    let mut same = bank.rejected.map(|rejected| rejected.exact(text)).unwrap_or_default();
    same.retain(|rejection| {
        remediations.answer_applies(rejection.owner, asking, true)
            && found.iter().all(|known| known.answer_id.0 != rejection.owner)
    });
    let told = same.iter().map(|rejection| {
        let veto = rejection.veto();
        AnswerMatch {
            answer_id: AnswerId(rejection.owner),
            phrasing_id: PhrasingId(rejection.key),
            phrasing: rejection.text.to_owned(),
            state: AnswerMatchState::Rejected,
            exact: true,
            score: 0.0,
            threshold: plain(bank.thresholds.serve),
            question_score: None,
            phrasing_score: 0.0,
            similarity: 1.0,
            margin: None,
            traffic_margin: None,
            reason: format!("Not served: {}.", veto.detail),
            vetoes: vec![veto_note(&veto)],
            runner_up: None,
            applicability: applicability_of(remediations, rejection.owner),
        }
    });
    told.collect()
}

/// Where several answers have this very question, none of them and no other one is served; what else is near is told.
fn beside(exact: Vec<AnswerMatch>, near: Vec<AnswerMatch>) -> Vec<AnswerMatch> {
    if exact.is_empty() {
        return near;
    }
    let mut all = exact;
    for found in near {
        if all.iter().any(|known| known.answer_id == found.answer_id) {
            continue;
        }
        let served = found.state == AnswerMatchState::Served;
        all.push(if served {
            AnswerMatch { state: AnswerMatchState::Suggested, reason: ANOTHER_FITS.to_owned(), ..found }
        } else {
            found
        });
    }
    all
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

fn matches(remediations: &Remediations, decision: &Decision<Uuid>, verified: bool) -> Vec<AnswerMatch> {
    let told = |hit| answer_match(remediations, decision, hit, verified);
    decision.candidates.iter().filter_map(told).collect()
}

fn answer_match(
    remediations: &Remediations,
    decision: &Decision<Uuid>,
    hit: &Hit<Uuid>,
    verified: bool,
) -> Option<AnswerMatch> {
    let text_of = |phrasing: &Uuid| remediations.phrasings.get(phrasing).map(|known| known.text.clone());
    Some(AnswerMatch {
        answer_id: AnswerId(hit.owner),
        phrasing_id: PhrasingId(hit.phrasing),
        phrasing: text_of(&hit.phrasing)?,
        state: match hit.verdict {
            _ if hit.rejected() => AnswerMatchState::Rejected,
            Verdict::Serve => AnswerMatchState::Served,
            Verdict::Suggest => AnswerMatchState::Suggested,
            Verdict::Ignore => AnswerMatchState::Near,
        },
        exact: hit.exact,
        score: plain(hit.score),
        threshold: plain(hit.threshold),
        question_score: hit.question_score.map(plain),
        phrasing_score: plain(hit.phrasing_score),
        similarity: plain(hit.similarity),
        margin: hit.margin.map(plain),
        traffic_margin: hit.traffic_margin.map(plain),
        vetoes: hit.vetoes.iter().map(veto_note).collect(),
        reason: reason(hit, decision.stands_alone, verified),
        runner_up: hit.runner_up.and_then(|other| {
            let compared = decision.candidates.iter().find(|hit| hit.owner == other.owner);
            Some(RunnerUp {
                answer_id: AnswerId(other.owner),
                phrasing: text_of(&other.phrasing)?,
                score: compared.map(|hit| plain(hit.score)),
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

fn reason(hit: &Hit<Uuid>, stands_alone: bool, verified: bool) -> String {
    let (score, threshold) = (hit.score, hit.threshold);
    match hit.verdict {
        Verdict::Serve if hit.exact => WORD_FOR_WORD.to_owned(),
        Verdict::Serve => {
            format!("The answer is right for the query with a score of {score:.3}; {threshold:.3} is needed.")
        }
        _ if !stands_alone => "Not served: the query cannot be understood by its own words.".to_owned(),
        _ if hit.rejected() => {
            let objections = hit.vetoes.iter().filter(|veto| veto.code == VetoCode::Rejected);
            let objections: Vec<&str> = objections.map(|veto| veto.detail.as_str()).collect();
            format!("Not served: {}.", objections.join("; "))
        }
        _ if hit.exact || score >= threshold => ANOTHER_FITS.to_owned(),
        _ if !verified => format!(
            "Not served: near ({:.3} alike), and without the verifier only the same words are served.",
            hit.similarity
        ),
        _ => {
            let objections: Vec<&str> = hit.vetoes.iter().map(|veto| veto.detail.as_str()).collect();
            let objections = match objections[..] {
                [] => String::new(),
                _ => format!(" What speaks against it: {}.", objections.join("; ")),
            };
            format!(
                "Not served: near ({:.3} alike), with a score of {score:.3}; {threshold:.3} is needed.{objections}",
                hit.similarity
            )
        }
    }
}
