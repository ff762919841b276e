//! Whose state events changed.

use super::Read;
use crate::Result;
use crate::models::Model;
use domain::{AnswerId, MatchId, ProjectId, RemediationKind, ReviewId};
use storage::events::EventRow;
use storage::{StoreError, Tx, matches};

/// Above so many of one kind, everything is read anew.
const MOST: usize = 100;

/// Answers and reviews that are not as they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) answers: Vec<AnswerId>,
    pub(super) reviews: Vec<ReviewId>,
    /// What experts said of matches.
    pub(super) judged: bool,
}

impl Read {
    /// Reads what these events changed; none when they changed nothing here.
    pub(crate) fn after(
        tx: &mut Tx<'_>,
        project: ProjectId,
        events: &[EventRow],
        further: Option<&Model>,
    ) -> Result<Option<Self>> {
        let touched = Touched::by(tx, project, events)?;
        if touched == Touched::default() {
            return Ok(None);
        }
        if touched.answers.len() > MOST || touched.reviews.len() > MOST {
            return Self::all(tx, project, further).map(Some);
        }
        Self::these(tx, project, touched, further).map(Some)
    }
}

impl Touched {
    fn by(tx: &mut Tx<'_>, project: ProjectId, events: &[EventRow]) -> Result<Self> {
        let mut touched = Self::default();
        let mut decided: Vec<MatchId> = Vec::new();
        for event in events {
            match event.subject_kind.as_str() {
                "answer" => touched.answers.push(event.subject_id.into()),
                "review" => touched.reviews.push(event.subject_id.into()),
                "match" => decided.push(event.subject_id.into()),
                _ => {}
            }
        }
        touched.judged = !decided.is_empty();
        for row in matches::by_id(tx, project, &decided)? {
            let kind = row.remediation_kind.parse();
            match kind.map_err(|error| StoreError::unreadable("remediation kind", error))? {
                RemediationKind::Answer => touched.answers.push(row.remediation_id.into()),
                RemediationKind::Review => touched.reviews.push(row.remediation_id.into()),
                RemediationKind::Guidance => {}
            }
        }
        touched.answers.sort_unstable();
        touched.answers.dedup();
        touched.reviews.sort_unstable();
        touched.reviews.dedup();
        Ok(touched)
    }
}
