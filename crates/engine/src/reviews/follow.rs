//! A review that was brought before: what it says elsewhere by now is taken over, unless somebody changed it here.

use super::change::ReviewEdit;
use super::past::PastReview;
use crate::moving::{Brought, brought};
use crate::{Engine, Error, Result};
use domain::ProjectId;
use storage::reviews::ReviewRow;
use storage::{At, Tx, events, reviews};

impl Engine {
    /// Takes over what changed elsewhere of a review that is here.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn follow_review(&self, project: ProjectId, past: PastReview) -> Result<Brought> {
        let (id, there) = (past.id, past.clone());
        let compared = self.store().read(move |tx| match reviews::get(tx, project, id)? {
            Some(row) => Ok::<_, Error>((row.version, compare(tx, project, &row, &there)?)),
            // What was deleted here stays so.
            None => Ok((0, Brought::Before)),
        });
        let (version, compared) = compared.await?;
        if compared != Brought::Changed {
            return Ok(compared);
        }
        let edit = ReviewEdit {
            verdict: Some(past.verdict),
            explanation: Some(past.explanation),
            ..ReviewEdit::default()
        };
        match self.edit_review(project, past.updated.by, id, Some(version), edit).await {
            Ok(_) => {}
            Err(Error::Stale { .. }) => return Ok(Brought::Kept),
            Err(error) => return brought(Err(error)),
        }
        let dated = self.store().write(move |tx| {
            let mut row = reviews::for_update(tx, project, id)?.ok_or(Error::NotFound("review"))?;
            row.updated_at = At(past.updated.at);
            Ok::<_, Error>(reviews::update(tx, &row)?)
        });
        dated.await?;
        Ok(Brought::Changed)
    }
}

/// What becomes of a review that is here. Whoever changes one here leaves an event of that moment; bringing it leaves the date of there.
fn compare(tx: &mut Tx<'_>, project: ProjectId, row: &ReviewRow, there: &PastReview) -> Result<Brought> {
    let explanation = there.explanation.as_deref().unwrap_or_default();
    if row.verdict == there.verdict.as_str() && row.explanation == explanation {
        return Ok(Brought::Before);
    }
    let changed_here = events::happened_at(tx, project, row.id.0, row.updated_at.into())?;
    Ok(if changed_here { Brought::Kept } else { Brought::Changed })
}
