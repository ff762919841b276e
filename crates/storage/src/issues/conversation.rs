//! The interactions around one of them: what was said and done in the same session.

use crate::columns::{At, Uid};
use crate::schema::{interaction_texts, interactions};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::prelude::*;
use domain::{InteractionId, ProjectId, Timestamp};

/// One interaction of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Which.
    pub interaction: InteractionId,
    /// `response` or `step`.
    pub kind: String,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// What was asked.
    pub query: String,
    /// What the AI answered, or the step's result.
    pub response: String,
    /// What the user received: `response`, `expert_answer` or `fallback`.
    pub serve: String,
    /// JSON: the verdict, which holds what was served instead of the response.
    pub verdict: String,
}

/// The session up to a moment and interaction (it included) and what came next: at most `before` and `after` of them, in time order.
pub fn session_around(
    tx: &mut Tx<'_>,
    project: ProjectId,
    session: &str,
    place: (Timestamp, InteractionId),
    before: i64,
    after: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    let (at, id) = (At(place.0), Uid::from(place.1));
    let of_session = || {
        interactions::table
            .inner_join(interaction_texts::table)
            .filter(interactions::project_id.eq(Uid::from(project)))
            .filter(interactions::session_id.eq(session))
    };
    let columns = (
        interactions::id,
        interactions::kind,
        interactions::occurred_at,
        interaction_texts::query,
        interaction_texts::response,
        interactions::serve,
        interaction_texts::verdict,
    );
    let up_to = of_session()
        .filter(
            interactions::occurred_at
                .lt(at)
                .or(interactions::occurred_at.eq(at).and(interactions::id.le(id))),
        )
        .order((interactions::occurred_at.desc(), interactions::id.desc()))
        .limit(before)
        .select(columns);
    let next = of_session()
        .filter(
            interactions::occurred_at
                .gt(at)
                .or(interactions::occurred_at.eq(at).and(interactions::id.gt(id))),
        )
        .order((interactions::occurred_at.asc(), interactions::id.asc()))
        .limit(after)
        .select(columns);
    let mut rows: Vec<Columns> = with_conn!(tx, |c| up_to.load(c))?;
    rows.reverse();
    let next: Vec<Columns> = with_conn!(tx, |c| next.load(c))?;
    rows.extend(next);
    Ok(rows.into_iter().map(SessionRow::from).collect())
}

type Columns = (Uid, String, At, String, String, String, String);

impl From<Columns> for SessionRow {
    fn from((id, kind, at, query, response, serve, verdict): Columns) -> Self {
        Self { interaction: id.into(), kind, occurred_at: at.into(), query, response, serve, verdict }
    }
}
