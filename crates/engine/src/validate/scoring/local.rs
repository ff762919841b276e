//! Scores by rules, of the evaluations that rules can judge.

use super::{NO_TEXT, Scores, lacking};
use crate::validate::Request;
use domain::{Evaluation, NoScore, NoScoreCode, Score, Scored, ScoredBy, Scorer};
use similarity::scoring::{LocalScore, NoLocalScore, ReadContext, groundedness, helpfulness, sufficiency};

/// What the rules say to the evaluations that are theirs. The context is read once, if any of them looks at it.
pub(in crate::validate) fn score(request: &Request, evaluations: &[Evaluation]) -> Scores {
    let mut context = None;
    let scored = lacking(request, evaluations, Scorer::Local);
    scored.map(|evaluation| (evaluation.key.clone(), said(request, &evaluation.key, &mut context))).collect()
}

fn said(request: &Request, key: &str, context: &mut Option<ReadContext>) -> Scored {
    let response = request.response.text.as_str();
    let only_tools = response.trim().is_empty() && !request.response.tool_calls.is_empty();
    if only_tools && key != "context_sufficiency" {
        return Err(NoScore::new(NoScoreCode::NoText, NO_TEXT));
    }
    let query = request.rewritten_query.as_deref().unwrap_or(&request.query);
    if key == "response_helpfulness" {
        return helpfulness(query, response).map(score_of).map_err(missing);
    }
    let text = request.context.as_deref().ok_or_else(|| missing(NoLocalScore::NoContext))?;
    let context = context.get_or_insert_with(|| ReadContext::read(text));
    let scored = match key {
        "context_sufficiency" => sufficiency(query, context),
        "response_groundedness" => groundedness(query, response, context),
        _ => return Err(NoScore::new(NoScoreCode::NotGiven, "there is no rule for this evaluation")),
    };
    scored.map(score_of).map_err(missing)
}

fn score_of(local: LocalScore) -> Score {
    // Three digits: what comes after them says nothing.
    let value = (f64::from(local.score) * 1000.0).round() / 1000.0;
    Score { value, by: ScoredBy::Local, explanation: local.explanation }
}

fn missing(why: NoLocalScore) -> NoScore {
    let (code, reason) = match why {
        NoLocalScore::Unread => (NoScoreCode::LanguageNotRead, "the rules read English only"),
        NoLocalScore::NoContext => (NoScoreCode::NoContext, "no context came with it"),
        NoLocalScore::NothingStated => {
            (NoScoreCode::NothingStated, "the response states nothing that a context could support")
        }
        NoLocalScore::TooLong => {
            (NoScoreCode::TooLong, "the context, or the response, has more sentences than the rules read")
        }
    };
    NoScore::new(code, reason)
}
