//! A stretch of the list of reviews, in one of several orders, with the exchange each was first made on and what it dealt with.

use super::view::{applicability_of, read_verdict, said};
use crate::history::{read_actor, stored_actor};
use crate::{Engine, Error, Result};
use domain::list::{Order, Slice, Sliced};
use domain::{Actor, Applicability, InteractionId, ProjectId, ReviewId, ReviewVerdict, Timestamp};
use std::collections::HashMap;
use storage::answers::Between;
use storage::reviews::{self, ReviewRow};
use storage::{Tx, interactions, issues};

pub use storage::reviews::ReviewSort;

/// Which reviews; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewSearch {
    /// That say any of this; whatever, when empty.
    pub verdicts: Vec<ReviewVerdict>,
    /// When they were made.
    pub created: Between,
    /// When a person last changed them.
    pub updated: Between,
    /// Who last changed what they say.
    pub updated_by: Option<Actor>,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewItem {
    /// Id.
    pub id: ReviewId,
    /// What the expert said.
    pub verdict: ReviewVerdict,
    /// Why; none when nothing was said.
    pub explanation: Option<String>,
    /// To whom it applies.
    pub applicability: Applicability,
    /// The interactions that were reviewed, the oldest first.
    pub interaction_ids: Vec<InteractionId>,
    /// What was asked in the first of them.
    pub query: String,
    /// What was answered there.
    pub response: String,
    /// How many occurrences it settled or protected, as it is now.
    pub dealt_with: i64,
    /// Who last changed what it says.
    pub updated_by: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

impl Engine {
    /// A stretch of the project's reviews, counted from the beginning of the list.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn search_reviews(
        &self,
        project: ProjectId,
        search: ReviewSearch,
        in_order: (ReviewSort, Order),
        slice: Slice,
    ) -> Result<Sliced<ReviewItem>> {
        let ReviewSearch { verdicts, created, updated, updated_by } = search;
        let updated_by = updated_by.map(stored_actor);
        let search = reviews::ReviewSearch { verdicts, created, updated, updated_by };
        let read = self.store().read(move |tx| {
            let found = reviews::search(tx, project, &search, in_order, slice)?;
            Ok::<_, Error>(Sliced { items: items(tx, project, found.items)?, total: found.total })
        });
        read.await
    }

    /// A review as the list shows it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn review_item(&self, project: ProjectId, id: ReviewId) -> Result<ReviewItem> {
        let read = self.store().read(move |tx| {
            let row = reviews::get(tx, project, id)?.ok_or(Error::NotFound("review"))?;
            items(tx, project, vec![row])?.pop().ok_or(Error::NotFound("review"))
        });
        read.await
    }
}

/// Reviews as the list shows them, in their order.
pub(crate) fn items(tx: &mut Tx<'_>, project: ProjectId, rows: Vec<ReviewRow>) -> Result<Vec<ReviewItem>> {
    let ids: Vec<ReviewId> = rows.iter().map(|row| row.id.into()).collect();
    let mut made_on: HashMap<ReviewId, Vec<InteractionId>> = HashMap::new();
    for (review, interaction) in reviews::interactions_of(tx, project, &ids)? {
        made_on.entry(review).or_default().push(interaction);
    }
    let firsts: Vec<InteractionId> = made_on.values().filter_map(|all| all.first().copied()).collect();
    let texts = interactions::texts(tx, project, &firsts)?.into_iter();
    let texts: HashMap<InteractionId, (String, String)> = texts
        .map(|row| (row.interaction_id.into(), (row.rewritten_query.unwrap_or(row.query), row.response)))
        .collect();
    let editors: HashMap<_, _> = reviews::last_editors(tx, project, &rows)?.into_iter().collect();
    let counts = issues::count_dealt_with(tx, project, &ids.iter().map(|id| id.0).collect::<Vec<_>>())?;
    let item = |row: ReviewRow| {
        let id = ReviewId::from(row.id);
        let interaction_ids = made_on.remove(&id).unwrap_or_default();
        let first = interaction_ids.first().and_then(|first| texts.get(first)).cloned();
        let (query, response) = first.unwrap_or_default();
        Ok(ReviewItem {
            id,
            verdict: read_verdict(&row.verdict)?,
            applicability: applicability_of(&row)?,
            interaction_ids,
            query,
            response,
            dealt_with: counts.get(&id.0).copied().unwrap_or(0),
            updated_by: read_actor(editors.get(&row.id).unwrap_or(&row.created_by))?,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            explanation: said(row.explanation),
        })
    };
    rows.into_iter().map(item).collect()
}
