//! Interactions: what was said of them, and whether they are where they belong.

use super::{Rows, stretch};
use crate::columns::{At, Uid};
use crate::schema::{feedback, interactions, occurrences, review_interactions, reviews};
use crate::tx::with_conn;
use crate::{StoreError, Tx};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::Kind;

/// An interaction of which something was said, by its own row and by the feedback that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which.
    pub interaction_id: Uid,
    /// Whose.
    pub project_id: Uid,
    /// Its own row: the last thumb.
    pub thumbs: Option<String>,
    /// Its own row: when it was first flagged.
    pub flagged_at: Option<At>,
    /// By the feedback: the last thumb.
    pub last_thumb: Option<String>,
    /// By the feedback: whether it was flagged, and when first.
    pub first_flag: Option<At>,
    /// Its own row: what its review says.
    pub reviewed: Option<String>,
    /// What reviews of it say that are not deleted, the newest first.
    pub reviews: Vec<String>,
}

/// Interactions of a stretch that have a thumb, a flag, a review or feedback.
pub fn said(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<Said>, StoreError> {
    type Row = (Uid, Uid, Option<String>, Option<At>, Option<String>);
    let feedback_of = feedback::table.filter(feedback::interaction_id.eq(interactions::id));
    let reviews_of =
        review_interactions::table.filter(review_interactions::interaction_id.eq(interactions::id));
    let noted = interactions::thumbs
        .is_not_null()
        .or(interactions::flagged_at.is_not_null())
        .or(interactions::reviewed.is_not_null());
    let found: Vec<Row> = with_conn!(tx, |c| stretch!(
        interactions::table.filter(noted.or(exists(feedback_of)).or(exists(reviews_of))).select((
            interactions::id,
            interactions::project_id,
            interactions::thumbs,
            interactions::flagged_at,
            interactions::reviewed
        )),
        interactions::id,
        interactions::project_id,
        rows
    )
    .load(c))?;
    let ids: Vec<Uid> = found.iter().map(|row| row.0).collect();
    let kept = feedback_on(tx, &ids)?;
    let reviewed = reviews_on(tx, &ids)?;
    let told = |(interaction_id, project_id, thumbs, flagged_at, reviewed_as): Row| {
        let mine = || kept.iter().filter(|(id, ..)| *id == interaction_id);
        let verdicts = reviewed.iter().filter(|(id, _)| *id == interaction_id);
        Said {
            interaction_id,
            project_id,
            thumbs,
            flagged_at,
            last_thumb: mine().rfind(|(_, kind, _)| kind != "flag").map(|(_, kind, _)| kind.clone()),
            first_flag: mine().find(|(_, kind, _)| kind == "flag").map(|(.., at)| *at),
            reviewed: reviewed_as,
            reviews: verdicts.map(|(_, verdict)| verdict.clone()).collect(),
        }
    };
    Ok(found.into_iter().map(told).collect())
}

/// What was said of these interactions, oldest first: `up`, `down` or `flag`.
fn feedback_on(tx: &mut Tx<'_>, interactions: &[Uid]) -> Result<Vec<(Uid, String, At)>, StoreError> {
    let query = feedback::table
        .filter(feedback::interaction_id.eq_any(interactions))
        .order((feedback::created_at.asc(), feedback::id.asc()))
        .select((feedback::interaction_id, feedback::kind, feedback::created_at));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// What reviews of these interactions say that are not deleted, newest first.
fn reviews_on(tx: &mut Tx<'_>, interactions: &[Uid]) -> Result<Vec<(Uid, String)>, StoreError> {
    let query = review_interactions::table
        .inner_join(reviews::table)
        .filter(review_interactions::interaction_id.eq_any(interactions))
        .filter(reviews::deleted_at.is_null())
        .order((reviews::updated_at.desc(), reviews::id.desc()))
        .select((review_interactions::interaction_id, reviews::verdict));
    Ok(with_conn!(tx, |c| query.load(c))?)
}

/// Writes on an interaction what its feedback and its newest review say.
pub fn set_said(tx: &mut Tx<'_>, said: &Said) -> Result<(), StoreError> {
    let row = interactions::table.filter(interactions::id.eq(said.interaction_id));
    let now = (
        interactions::thumbs.eq(said.last_thumb.as_deref()),
        interactions::flagged_at.eq(said.first_flag),
        interactions::reviewed.eq(said.reviews.first()),
    );
    with_conn!(tx, |c| diesel::update(row).set(now).execute(c))?;
    Ok(())
}

/// An escalated response that is no occurrence, and whose it is.
pub type Unplaced = (Uid, Uid);

/// Escalated responses of a stretch that are no occurrences: their ids, their projects. What a remediation caught that has no issue is none.
pub fn unplaced(tx: &mut Tx<'_>, rows: Rows) -> Result<Vec<Unplaced>, StoreError> {
    let place = occurrences::table.filter(occurrences::interaction_id.eq(interactions::id));
    Ok(with_conn!(tx, |c| stretch!(
        interactions::table
            .filter(interactions::escalated.eq(true).and(interactions::kind.eq(Kind::Response.as_str())))
            .filter(interactions::answer_id.is_null().and(interactions::review_id.is_null()))
            .filter(not(exists(place)))
            .select((interactions::id, interactions::project_id)),
        interactions::id,
        interactions::project_id,
        rows
    )
    .load(c))?)
}
