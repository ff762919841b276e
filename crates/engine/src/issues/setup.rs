//! What an empty list of issues says: what is missing, and what to do next.

use crate::Result;
use domain::ProjectId;
use serde::Serialize;
use storage::{Tx, issues};
use utoipa::ToSchema;

/// How many of the newest responses are looked at.
const LOOKED_AT: i64 = 1000;

/// Why there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Setup {
    /// Responses recorded; counting stops at 1,000.
    pub interactions: i64,
    /// Of these, those that came with scores.
    pub scored: i64,
    /// What to do next, in words.
    pub next_step: String,
}

/// Looks for the reason. `unfiltered`: the list was asked for without a filter.
pub(super) fn setup(tx: &mut Tx<'_>, project: ProjectId, unfiltered: bool) -> Result<Setup> {
    let (interactions, scored) = issues::count_scored(tx, project, LOOKED_AT)?;
    let any_issue = issues::any_issue(tx, project)?;
    Ok(Setup {
        interactions,
        scored,
        next_step: next_step(interactions, scored, any_issue, unfiltered).to_owned(),
    })
}

fn next_step(interactions: i64, scored: i64, any_issue: bool, unfiltered: bool) -> &'static str {
    match (interactions, scored, any_issue, unfiltered) {
        (0, ..) => {
            "Nothing is recorded yet. Send what the AI app is about to answer to POST validate, with its scores, or load past \
             interactions with `expert-workspace import`."
        }
        (_, _, true, true) => {
            "Every issue is addressed, dismissed or snoozed: nothing waits for an expert. `status=all` lists them all."
        }
        (_, _, true, false) => "No issue fits this filter. `status=all` alone lists them all.",
        (_, 0, false, _) => {
            "Interactions come without scores, so no evaluation can fail. Send `scores` with them, add a guardrail that needs none, \
             or flag a response."
        }
        (_, _, false, _) => {
            "No response has failed an evaluation that escalates. If that is a surprise, look at the thresholds of the evaluations, \
             and at whether the scores come under the evaluations' keys."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_own_next_step() {
        let texts = [
            next_step(0, 0, false, true),
            next_step(5, 0, false, true),
            next_step(5, 5, false, true),
            next_step(5, 5, true, true),
            next_step(5, 5, true, false),
        ];
        for (i, text) in texts.iter().enumerate() {
            assert_eq!(texts.iter().position(|other| other == text), Some(i));
        }
    }
}
