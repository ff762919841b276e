//! What was said and done around an interaction, and what the user received.

use super::word;
use crate::Result;
use domain::{InteractionId, Kind, ProjectId, Serve, Timestamp, Verdict};
use serde::Serialize;
use storage::interactions::InteractionRow;
use storage::issues::{self, SessionRow};
use storage::{StoreError, Tx};
use utoipa::ToSchema;

/// Interactions of the session that are shown before the one in question (it included), and after it.
const BEFORE: i64 = 50;
const AFTER: i64 = 10;

/// What the user was to receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Received {
    /// The AI's response, an expert's answer, or the fallback.
    pub serve: Serve,
    /// Its words; null for a fallback in the app's own words.
    pub text: Option<String>,
}

/// One interaction of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionEntry {
    /// The interaction.
    pub interaction_id: InteractionId,
    /// A response, or an intermediate step.
    pub kind: Kind,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// What was asked.
    pub query: String,
    /// What the AI answered, or the step's result.
    pub response: String,
    /// What the user was to receive; null for a step, which no user sees.
    pub received: Option<Received>,
    /// Whether it is the interaction that is shown.
    pub current: bool,
}

/// What the user received of an interaction.
pub(super) fn received(response: &str, verdict: &Verdict) -> Received {
    let text = match verdict.serve {
        Serve::Response => Some(response.to_owned()),
        Serve::ExpertAnswer => verdict.expert_answer.clone(),
        Serve::Fallback => verdict.fallback.clone(),
    };
    Received { serve: verdict.serve, text }
}

/// The session of an interaction in time order; empty when it belongs to none.
pub(super) fn session(
    tx: &mut Tx<'_>,
    project: ProjectId,
    row: &InteractionRow,
) -> Result<Vec<SessionEntry>> {
    let Some(session) = &row.session_id else { return Ok(Vec::new()) };
    let place = (row.occurred_at.into(), row.id.into());
    let rows = issues::session_around(tx, project, session, place, BEFORE, AFTER)?;
    rows.into_iter().map(|entry| shown(entry, row.id.into())).collect()
}

fn shown(row: SessionRow, current: InteractionId) -> Result<SessionEntry> {
    let kind = word("kind", &row.kind)?;
    let verdict: Verdict =
        serde_json::from_str(&row.verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
    let received = (kind == Kind::Response).then(|| received(&row.response, &verdict));
    Ok(SessionEntry {
        current: row.interaction == current,
        interaction_id: row.interaction,
        kind,
        occurred_at: row.occurred_at,
        query: row.query,
        response: row.response,
        received,
    })
}
