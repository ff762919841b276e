//! A stretch of the interactions, each with everything that is known of it, and how many there are.

use super::InteractionView;
use crate::issues::{AsOf, IssueItem, items_of};
use crate::{Engine, Result};
use domain::list::{Order, Slice, Sliced};
use domain::{InteractionId, IssueId, ProjectId};
use std::collections::HashMap;
use storage::interactions::{self, GroupFilter, GroupSort, InteractionFilter, InteractionSort};

/// The interactions of one issue, together.
#[derive(Debug, Clone, PartialEq)]
pub struct IssueInteractions {
    /// The issue.
    pub issue: IssueItem,
    /// The interaction that stands for it.
    pub interaction: InteractionView,
    /// How many of the interactions asked for are in it.
    pub count: i64,
    /// Whether any of them went to the experts.
    pub any_escalated: bool,
}

impl Engine {
    /// A stretch of the project's interactions, and how many there are.
    ///
    /// # Errors
    /// The store fails.
    pub async fn interaction_slice(
        &self,
        project: ProjectId,
        filter: InteractionFilter,
        (sort, order): (InteractionSort, Order),
        slice: Slice,
    ) -> Result<Sliced<InteractionView>> {
        self.store()
            .read(move |tx| {
                let found = interactions::slice(tx, project, &filter, (&sort, order), slice)?;
                let items = InteractionView::read_all(tx, project, &found.items)?;
                Ok(Sliced { items, total: found.total })
            })
            .await
    }

    /// A stretch of the issues that the project's interactions belong to, and how many issues there are.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is no such project.
    pub async fn interactions_by_issue(
        &self,
        project: ProjectId,
        filter: GroupFilter,
        (sort, order): (GroupSort, Order),
        slice: Slice,
    ) -> Result<Sliced<IssueInteractions>> {
        let as_of: AsOf = self.as_of(project).await?;
        self.store()
            .read(move |tx| {
                let found = interactions::groups(tx, project, &filter, (&sort, order), slice)?;
                let ids: Vec<IssueId> = found.items.iter().map(|group| group.issue).collect();
                let mut issues = items_of(tx, project, &ids, as_of)?;
                let stand_for: Vec<InteractionId> = issues.values().map(|(_, stands)| *stands).collect();
                let views = InteractionView::read_all(tx, project, &stand_for)?;
                let mut views: HashMap<InteractionId, InteractionView> =
                    views.into_iter().map(|view| (view.id, view)).collect();
                let together = found.items.into_iter().filter_map(|group| {
                    let (issue, stands) = issues.remove(&group.issue)?;
                    let interaction = views.remove(&stands)?;
                    let (count, any_escalated) = (group.interactions, group.any_escalated);
                    Some(IssueInteractions { issue, interaction, count, any_escalated })
                });
                Ok(Sliced { items: together.collect(), total: found.total })
            })
            .await
    }
}
