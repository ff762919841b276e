//! Matches of answers that experts decided on, with what was asked.

use crate::columns::Uid;
use crate::schema::{interaction_texts, matches};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{ProjectId, RemediationKind};

/// A decided match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedRow {
    /// `acted`, `suggested` or `shadow`.
    pub state: String,
    /// `confirmed` or `rejected`.
    pub confirmation: String,
    /// JSON: `domain::AnswerMatch`, as the verdict told it.
    pub explanation: String,
    /// What was matched: the rewritten query, else the query.
    pub asked: String,
}

/// The newest decided matches of a project's answers, newest first.
pub fn decided(tx: &mut Tx<'_>, project: ProjectId, limit: i64) -> Result<Vec<DecidedRow>, StoreError> {
    let query = matches::table
        .inner_join(
            interaction_texts::table.on(interaction_texts::interaction_id.eq(matches::interaction_id)),
        )
        .filter(matches::project_id.eq(Uid::from(project)))
        .filter(matches::remediation_kind.eq(RemediationKind::Answer.as_str()))
        .filter(matches::confirmation.is_not_null())
        .order((matches::occurred_at.desc(), matches::id.desc()))
        .limit(limit)
        .select((
            matches::state,
            matches::confirmation.assume_not_null(),
            matches::explanation,
            interaction_texts::rewritten_query,
            interaction_texts::query,
        ));
    let rows: Vec<(String, String, String, Option<String>, String)> = with_conn!(tx, |c| query.load(c))?;
    let row = |(state, confirmation, explanation, rewritten, asked): (_, _, _, Option<String>, _)| {
        DecidedRow { state, confirmation, explanation, asked: rewritten.unwrap_or(asked) }
    };
    Ok(rows.into_iter().map(row).collect())
}
