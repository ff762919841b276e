//! A stretch of the list of answers, in one of several orders; single ones as the list shows them; and what they dealt with.

use super::list::{AnswerItem, items};
use crate::history::stored_actor;
use crate::{Engine, Error, InteractionView, Result};
use domain::list::{Order, Slice, Sliced};
use domain::{Actor, AnswerId, ProjectId};
use storage::{answers, issues};

pub use storage::answers::{AnswerSort, AnswerState, Between};

/// Which answers; every field that is set narrows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerSearch {
    /// In any of these states; in whichever, when empty.
    pub states: Vec<AnswerState>,
    /// When they were written.
    pub created: Between,
    /// When a person last changed them.
    pub updated: Between,
    /// Who last changed them.
    pub updated_by: Option<Actor>,
}

impl Engine {
    /// A stretch of the project's answers, counted from the beginning of the list.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn search_answers(
        &self,
        project: ProjectId,
        search: AnswerSearch,
        in_order: (AnswerSort, Order),
        slice: Slice,
    ) -> Result<Sliced<AnswerItem>> {
        let AnswerSearch { states, created, updated, updated_by } = search;
        let updated_by = updated_by.map(stored_actor);
        let search = answers::AnswerSearch { states, created, updated, updated_by };
        let read = self.store().read(move |tx| {
            let found = answers::search(tx, project, &search, in_order, slice)?;
            Ok::<_, Error>(Sliced { items: items(tx, project, &found.items)?, total: found.total })
        });
        read.await
    }

    /// An answer as the list shows it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn answer_item(&self, project: ProjectId, id: AnswerId) -> Result<AnswerItem> {
        let read = self.store().read(move |tx| {
            let row = answers::get(tx, project, id)?.ok_or(Error::NotFound("answer"))?;
            items(tx, project, &[row])?.pop().ok_or(Error::NotFound("answer"))
        });
        read.await
    }

    /// The failures that a remediation settled or acted on, as it is now, newest first, at most `limit`.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn dealt_with(
        &self,
        project: ProjectId,
        remediation: uuid::Uuid,
        limit: i64,
    ) -> Result<Vec<InteractionView>> {
        let read = self.store().read(move |tx| {
            let ids = issues::dealt_with(tx, project, remediation, limit)?;
            InteractionView::read_all(tx, project, &ids)
        });
        read.await
    }
}
