//! What is wrong with an issue's responses, in plain words and without numbers.

use serde::{Deserialize, Serialize};

use crate::evaluation::Evaluation;
use crate::guardrail::GuardrailHit;
use crate::verdict::{ReviewVerdict, Verdict};
use crate::words::words;

words! {
    /// A kind of problem.
    ProblemCode {
        /// What the AI said is probably not true.
        Hallucination = "hallucination",
        /// It does not help.
        Unhelpful = "unhelpful",
        /// The context did not hold what was asked for.
        SearchFailure = "search_failure",
        /// The response says what the context does not.
        Ungrounded = "ungrounded",
        /// The question is hard to understand.
        DifficultQuery = "difficult_query",
        /// A deterministic guardrail found something.
        BlockedContent = "blocked_content",
        /// A user, or someone who watched, said so.
        UserReported = "user_reported",
        /// An expert's review says so.
        MarkedBad = "marked_bad",
        /// An evaluation of the project's own failed.
        Other = "other",
    }
}

/// What is wrong, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The kind, for programs.
    pub code: ProblemCode,
    /// The kind, in a few words. For a project's own evaluation or guardrail: its name.
    pub label: String,
}

impl ProblemCode {
    /// The problem that an evaluation's failure means.
    pub fn of_evaluation(key: &str) -> Self {
        match key {
            "trustworthiness" => Self::Hallucination,
            "response_helpfulness" => Self::Unhelpful,
            "context_sufficiency" => Self::SearchFailure,
            "response_groundedness" => Self::Ungrounded,
            "query_ease" => Self::DifficultQuery,
            _ => Self::Other,
        }
    }

    /// The key of the evaluation that it is the failure of: the other way of [`Self::of_evaluation`].
    pub const fn evaluation(self) -> Option<&'static str> {
        match self {
            Self::Hallucination => Some("trustworthiness"),
            Self::Unhelpful => Some("response_helpfulness"),
            Self::SearchFailure => Some("context_sufficiency"),
            Self::Ungrounded => Some("response_groundedness"),
            Self::DifficultQuery => Some("query_ease"),
            Self::BlockedContent | Self::UserReported | Self::MarkedBad | Self::Other => None,
        }
    }

    /// A few words for it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hallucination => "Probably wrong",
            Self::Unhelpful => "Not helpful",
            Self::SearchFailure => "Information not found",
            Self::Ungrounded => "Not in the sources",
            Self::DifficultQuery => "Unclear question",
            Self::BlockedContent => "Blocked content",
            Self::UserReported => "Reported by a user",
            Self::MarkedBad => "Marked bad by an expert",
            Self::Other => "Below the bar",
        }
    }

    /// Why such an interaction came to an expert, in a sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Hallucination => "The AI's response looks untrustworthy: it may be wrong or made up.",
            Self::Unhelpful => "The AI's response does not help with what was asked.",
            Self::SearchFailure => "The documents the AI was given do not hold what was asked for.",
            Self::Ungrounded => "The AI's response says things that the documents it was given do not.",
            Self::DifficultQuery => "The question is hard to understand or to answer as it was asked.",
            Self::BlockedContent => "A guardrail found something that must not be said or asked here.",
            Self::UserReported => "Someone reported this response.",
            Self::MarkedBad => "An expert marked this response, or one much like it, as bad.",
            Self::Other => "The response failed a check of this project.",
        }
    }

    /// This problem with its usual label.
    pub fn problem(self) -> Problem {
        Problem { code: self, label: self.label().to_owned() }
    }
}

/// What is wrong with one interaction: a Bad review or a report says it best; then the guardrail or failing
/// escalating evaluation of the lowest priority number, a guardrail before an evaluation. None if nothing is.
pub fn problem_of(verdict: &Verdict, evaluations: &[Evaluation], flagged: bool) -> Option<Problem> {
    if verdict.reviewed(ReviewVerdict::Bad) {
        return Some(ProblemCode::MarkedBad.problem());
    }
    if flagged {
        return Some(ProblemCode::UserReported.problem());
    }
    let hit = verdict.guardrails.iter().min_by_key(|hit| hit.priority);
    let evaluation = evaluations
        .iter()
        .filter(|evaluation| {
            verdict.evaluations.get(&evaluation.key).is_some_and(|outcome| outcome.failed && outcome.escalate)
        })
        .min_by_key(|evaluation| (evaluation.priority, evaluation.key.as_str()));
    match (hit, evaluation) {
        (Some(hit), Some(evaluation)) if evaluation.priority < hit.priority => {
            Some(of_evaluation(evaluation))
        }
        (Some(hit), _) => Some(of_hit(hit)),
        (None, evaluation) => evaluation.map(of_evaluation),
    }
}

fn of_hit(hit: &GuardrailHit) -> Problem {
    Problem { code: ProblemCode::BlockedContent, label: hit.name.clone() }
}

fn of_evaluation(evaluation: &Evaluation) -> Problem {
    match ProblemCode::of_evaluation(&evaluation.key) {
        ProblemCode::Other => Problem { code: ProblemCode::Other, label: evaluation.name.clone() },
        code => code.problem(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::evaluation::{defaults, judge};
    use crate::id::GuardrailId;

    fn failing(evaluations: &[Evaluation], keys: &[&str]) -> Verdict {
        let mut verdict = Verdict::neutral();
        for evaluation in evaluations {
            let score = if keys.contains(&evaluation.key.as_str()) { 0.0 } else { 1.0 };
            verdict.evaluations.insert(evaluation.key.clone(), judge(evaluation, Some(score), None, None));
        }
        verdict
    }

    fn hit(priority: i64) -> GuardrailHit {
        GuardrailHit {
            guardrail_id: GuardrailId(Uuid::nil()),
            name: "Competitors".to_owned(),
            focus: Vec::new(),
            matches: Vec::new(),
            fallback: None,
            priority,
            overridable: true,
        }
    }

    #[test]
    fn a_problem_knows_its_evaluation() {
        let known = ProblemCode::ALL.iter().filter_map(|code| Some((*code, code.evaluation()?)));
        let known: Vec<(ProblemCode, &str)> = known.collect();
        assert_eq!(known.len(), 5);
        assert!(known.iter().all(|(code, key)| ProblemCode::of_evaluation(key) == *code));
    }

    #[test]
    fn the_first_failing_escalating_evaluation_names_the_problem() {
        let evaluations = defaults();
        let code =
            |keys: &[&str]| problem_of(&failing(&evaluations, keys), &evaluations, false).map(|it| it.code);
        assert_eq!(code(&["response_helpfulness", "trustworthiness"]), Some(ProblemCode::Hallucination));
        assert_eq!(code(&["response_helpfulness", "context_sufficiency"]), Some(ProblemCode::Unhelpful));
        assert_eq!(code(&["context_sufficiency"]), None, "it only reports");
    }

    #[test]
    fn a_guardrail_comes_before_an_evaluation_of_the_same_priority() {
        let evaluations = defaults();
        let mut verdict = failing(&evaluations, &["trustworthiness"]);
        for (priority, code) in [(10, ProblemCode::BlockedContent), (11, ProblemCode::Hallucination)] {
            verdict.guardrails = vec![hit(priority)];
            assert_eq!(problem_of(&verdict, &evaluations, false).unwrap().code, code);
        }
        assert_eq!(problem_of(&verdict, &evaluations, true).unwrap().code, ProblemCode::UserReported);
    }

    #[test]
    fn a_projects_own_evaluation_goes_by_its_name() {
        let own =
            Evaluation { key: "tone".to_owned(), name: "Tone of voice".to_owned(), ..defaults().remove(0) };
        let problem = problem_of(&failing(std::slice::from_ref(&own), &["tone"]), &[own], false).unwrap();
        assert_eq!(problem, Problem { code: ProblemCode::Other, label: "Tone of voice".to_owned() });
    }
}
