//! Scores that the caller did not send: by the scorer of each enabled evaluation.
//!
//! Rules (`local`) run with the verdict on the processor pool; the LLM is asked before, once for all evaluations that are
//! its own. Nothing is looked at where the caller sent the score, and no verdict waits for the LLM beyond its deadline.

mod llm;
mod local;

pub(super) use local::score as score_by_rules;

/// Whether there is a score that the rules have to give.
pub(super) fn scores_by_rules(request: &Request, evaluations: &[Evaluation]) -> bool {
    lacking(request, evaluations, Scorer::Local).next().is_some()
}

use super::{Moment, Request};
use crate::Engine;
use domain::{Evaluation, Kind, NoScore, NoScoreCode, Scored, Scorer};
use std::collections::BTreeMap;

/// What the scorers said, by evaluation key.
pub(crate) type Scores = BTreeMap<String, Scored>;

impl Engine {
    /// What the LLM says to the evaluations that are its own.
    pub(super) async fn score_by_llm(
        &self,
        request: &Request,
        evaluations: &[Evaluation],
        moment: Moment,
    ) -> Scores {
        let lacking: Vec<&Evaluation> = lacking(request, evaluations, Scorer::Llm).collect();
        if lacking.is_empty() {
            return Scores::new();
        }
        let none = |code, reason: &str| {
            let missing = || Err(NoScore::new(code, reason));
            lacking.iter().map(|evaluation| (evaluation.key.clone(), missing())).collect()
        };
        if request.response.text.trim().is_empty() && !request.response.tool_calls.is_empty() {
            return none(NoScoreCode::NoText, NO_TEXT);
        }
        let Some(llm) = &self.shared.llm else {
            return none(NoScoreCode::LlmNotConfigured, "its scorer is the LLM, and none is configured");
        };
        if moment == Moment::Afterwards {
            return none(NoScoreCode::NotLive, "the LLM is not asked about what is recorded afterwards");
        }
        llm::score(llm, request, &lacking).await
    }
}

const NO_TEXT: &str = "the response only calls tools";

/// The enabled evaluations of this scorer that the caller gave no score for.
fn lacking<'a>(
    request: &'a Request,
    evaluations: &'a [Evaluation],
    scorer: Scorer,
) -> impl Iterator<Item = &'a Evaluation> {
    let judged = request.kind == Kind::Response;
    evaluations.iter().filter(move |evaluation| {
        judged
            && evaluation.enabled
            && evaluation.scorer == scorer
            && !request.scores.contains_key(&evaluation.key)
    })
}
