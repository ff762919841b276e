//! What was not looked at because it applies to others: told to whoever tries a query, so that nothing is a riddle.

use super::{Asked, plain};
use crate::applicability::Asking;
use crate::live::{Remediations, Reviewed};
use domain::{AnswerId, Applicability, RemediationKind, RemediationRef};
use serde::Serialize;
use similarity::answering::NEAR;
use similarity::reviewing::QUERY;
use similarity::{Encoder, normalize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Told at the most.
const TOLD: usize = 10;

/// A remediation of a similar question that was passed over because it applies to others.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutOfScope {
    /// Which one.
    #[serde(flatten)]
    pub remediation: RemediationRef,
    /// The question it is for: a phrasing, or the query that was reviewed.
    pub question: String,
    /// The similarity of the query to that question, -1 to 1.
    pub similarity: f64,
    /// Why it does not apply, in words.
    pub reason: String,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
}

/// The remediations of questions near this one that apply to others, nearest first.
pub(crate) fn passed_over(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
) -> Vec<OutOfScope> {
    let scoped = remediations.answers.values().any(|answer| !answer.applicability.is_everybody())
        || remediations.reviewed.iter().any(|reviewed| !reviewed.applicability.is_everybody());
    if !asked.stands_alone || !scoped {
        return Vec::new();
    }
    let asking = Asking::of(asked.text, asked.metadata);
    let mut found = answers(remediations, encoder, asked, &asking);
    found.extend(reviews(remediations, encoder, asked, &asking));
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.remediation.id.cmp(&b.remediation.id)));
    let mut told: Vec<OutOfScope> = Vec::new();
    for one in found {
        if told.iter().all(|known| known.remediation != one.remediation) {
            told.push(one);
        }
    }
    told.truncate(TOLD);
    told
}

fn answers(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    asking: &Asking<'_>,
) -> Vec<OutOfScope> {
    let index = remediations.index(encoder);
    let of_others = |answer: Uuid, verbatim| !remediations.answer_applies(answer, asking, verbatim);
    let mut near = index.exact(asked.text);
    near.retain(|found| of_others(found.owner, true));
    if !asking.exact_only() {
        let keep = |answer, phrasing| of_others(answer, false) && remediations.is_read(phrasing);
        let found = index.nearest(&encoder.embed(asked.text), TOLD, Some(&keep));
        near.extend(found.into_iter().filter(|found| found.similarity >= NEAR));
    }
    let told = near.into_iter().filter_map(|found| {
        let answer = remediations.answers.get(&AnswerId(found.owner))?;
        Some(OutOfScope {
            remediation: RemediationRef { kind: RemediationKind::Answer, id: found.owner },
            question: found.text.to_owned(),
            similarity: plain(found.similarity),
            reason: answer.applicability.refusal(asking.asker(), false)?,
            applicability: answer.applicability.clone(),
        })
    });
    told.collect()
}

fn reviews(
    remediations: &Remediations,
    encoder: &Encoder,
    asked: &Asked<'_>,
    asking: &Asking<'_>,
) -> Vec<OutOfScope> {
    let form = normalize::exact(asked.text);
    let embedding = (!asking.exact_only()).then(|| encoder.embed(asked.text));
    let similarity = |reviewed: &Reviewed, verbatim: bool| match &embedding {
        _ if verbatim => 1.0,
        Some(embedding) if reviewed.exchanged.is_read() => {
            reviewed.exchanged.query_vector(encoder).embedding().cosine(embedding)
        }
        _ => -1.0,
    };
    let told = remediations.reviewed.iter().filter_map(|reviewed| {
        let verbatim = reviewed.exchanged.is_query(&form);
        let reason = reviewed.applicability.refusal(asking.asker(), verbatim)?;
        let similarity = similarity(reviewed, verbatim);
        (similarity >= QUERY).then(|| OutOfScope {
            remediation: RemediationRef { kind: RemediationKind::Review, id: reviewed.review.0 },
            question: reviewed.exchanged.query.clone(),
            similarity: plain(similarity),
            reason,
            applicability: reviewed.applicability.clone(),
        })
    });
    told.collect()
}
