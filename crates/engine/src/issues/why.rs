//! Why an interaction is here, in words and without numbers.

use crate::Result;
use domain::{Evaluation, Problem, ProblemCode, ReviewVerdict, Verdict};
use serde::Serialize;
use storage::feedback::FeedbackRow;
use storage::issues::OccurrenceRow;
use utoipa::ToSchema;

/// What brought an interaction to the experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonSource {
    /// A scored evaluation failed.
    Evaluation,
    /// A deterministic guardrail found something.
    Guardrail,
    /// An expert's Bad review of this response, or of one like it.
    Review,
    /// Somebody flagged it, or put a thumb down.
    Person,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reason {
    /// What brought it here.
    pub source: ReasonSource,
    /// Its name: the evaluation's or guardrail's.
    pub name: Option<String>,
    /// What is wrong, in a few words.
    pub problem: Problem,
    /// The same in a sentence.
    pub detail: String,
    /// Whether it kept the response from the user.
    pub blocked: bool,
    /// What a person wrote: a reviewer's explanation, comments with flags and thumbs.
    pub comments: Vec<String>,
}

/// All reasons, what people said first. There is always one.
pub(super) fn reasons(
    verdict: &Verdict,
    evaluations: &[Evaluation],
    feedback: &[FeedbackRow],
    occurrence: Option<&OccurrenceRow>,
) -> Result<Vec<Reason>> {
    let mut reasons: Vec<Reason> = Vec::new();
    reasons.extend(of_review(verdict));
    reasons.extend(of_people(feedback));
    reasons.extend(of_guardrails(verdict));
    reasons.extend(of_evaluations(verdict, evaluations));
    if let Some(occurrence) = occurrence {
        let code: ProblemCode = super::word("problem", &occurrence.problem)?;
        if reasons.iter().all(|reason| reason.problem.code != code) {
            reasons.insert(0, told_by_occurrence(code));
        }
    }
    Ok(reasons)
}

fn of_review(verdict: &Verdict) -> Option<Reason> {
    let review = verdict.applied_review.as_ref().filter(|review| review.verdict == ReviewVerdict::Bad)?;
    Some(Reason {
        blocked: true,
        comments: review.explanation.iter().cloned().collect(),
        ..reason(ReasonSource::Review, ProblemCode::MarkedBad)
    })
}

fn of_people(feedback: &[FeedbackRow]) -> Option<Reason> {
    let against: Vec<&FeedbackRow> = feedback.iter().filter(|row| row.kind != "up").collect();
    let comments = against.iter().filter_map(|row| row.comment.clone()).collect();
    (!against.is_empty())
        .then(|| Reason { comments, ..reason(ReasonSource::Person, ProblemCode::UserReported) })
}

fn of_guardrails(verdict: &Verdict) -> impl Iterator<Item = Reason> {
    verdict.guardrails.iter().map(|hit| {
        let places: Vec<&str> = hit.focus.iter().map(|focus| focus.as_str()).collect();
        Reason {
            name: Some(hit.name.clone()),
            detail: format!(
                "The guardrail “{}” found something in the {}.",
                hit.name,
                places.join(" and the ")
            ),
            blocked: true,
            problem: Problem { code: ProblemCode::BlockedContent, label: hit.name.clone() },
            ..reason(ReasonSource::Guardrail, ProblemCode::BlockedContent)
        }
    })
}

/// The evaluations that failed and escalate or block, lowest priority number first.
fn of_evaluations(verdict: &Verdict, evaluations: &[Evaluation]) -> Vec<Reason> {
    let known = |key: &str| evaluations.iter().find(|evaluation| evaluation.key == key);
    let mut failed: Vec<(i64, Reason)> = verdict
        .evaluations
        .iter()
        .filter(|(_, outcome)| outcome.failed && (outcome.escalate || outcome.guardrail))
        .map(|(key, outcome)| {
            let code = ProblemCode::of_evaluation(key);
            let name = known(key).map_or_else(|| key.clone(), |evaluation| evaluation.name.clone());
            let mut reason = Reason { blocked: outcome.guardrail, ..reason(ReasonSource::Evaluation, code) };
            if code == ProblemCode::Other {
                reason.problem.label.clone_from(&name);
                reason.detail = format!("The response failed the check “{name}”.");
            }
            reason.name = Some(name);
            (known(key).map_or(i64::MAX, |evaluation| evaluation.priority), reason)
        })
        .collect();
    failed.sort_by_key(|(priority, _)| *priority);
    failed.into_iter().map(|(_, reason)| reason).collect()
}

/// A reason that nothing recorded with the interaction tells, such as a review that came later.
fn told_by_occurrence(code: ProblemCode) -> Reason {
    let source = match code {
        ProblemCode::MarkedBad => ReasonSource::Review,
        ProblemCode::UserReported => ReasonSource::Person,
        ProblemCode::BlockedContent => ReasonSource::Guardrail,
        _ => ReasonSource::Evaluation,
    };
    reason(source, code)
}

fn reason(source: ReasonSource, code: ProblemCode) -> Reason {
    let detail = code.why().to_owned();
    Reason { source, name: None, problem: code.problem(), detail, blocked: false, comments: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::evaluation::{defaults, judge};

    #[test]
    fn failing_evaluations_are_told_in_words_and_by_priority() {
        let mut evaluations = defaults();
        evaluations.push(Evaluation {
            key: "tone".into(),
            name: "Tone".into(),
            escalate: true,
            ..evaluations[0].clone()
        });
        let mut verdict = Verdict::neutral();
        for evaluation in &evaluations {
            verdict.evaluations.insert(evaluation.key.clone(), judge(evaluation, Some(0.01), None, None));
        }
        evaluations[1].priority = 1;
        let told = reasons(&verdict, &evaluations, &[], None).unwrap();
        let names: Vec<&str> = told.iter().filter_map(|reason| reason.name.as_deref()).collect();
        assert_eq!(names, ["Response helpfulness", "Tone", "Trustworthiness"]);
        assert!(told.iter().all(|reason| !reason.detail.contains(|c: char| c.is_ascii_digit())));
    }
}
