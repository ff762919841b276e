//! The list of guidance, and the versions of one.

use super::view::{GuidanceView, views, written_by};
use crate::history::read_actor;
use crate::issues::current;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerStatus, GuidanceId, GuidanceVersionId, InteractionId, IssueId, ProjectId, ReviewId,
    Timestamp, WrittenBy,
};
use serde::Serialize;
use storage::guidance::{self, GuidanceListing};
use utoipa::ToSchema;

/// Which guidance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GuidanceFilter {
    /// In this state.
    pub status: Option<AnswerStatus>,
    /// Linked to this issue.
    pub issue: Option<IssueId>,
    /// Made from this review.
    pub review: Option<ReviewId>,
    /// Made from this interaction.
    pub interaction: Option<InteractionId>,
}

/// One page of the list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct GuidancePage {
    /// The guidance.
    pub items: Vec<GuidanceView>,
    /// The last of it, when more follows.
    pub next: Option<GuidanceId>,
}

/// One version of the advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuidanceVersionView {
    /// Id.
    pub id: GuidanceVersionId,
    /// 1, 2, 3, …
    pub number: i64,
    /// The advice.
    pub text: String,
    /// Whose words it is.
    pub written_by: WrittenBy,
    /// It is the one that is given while the guidance is active.
    pub live: bool,
    /// It is the draft.
    pub draft: bool,
    /// Who made the version; the workspace itself where a model wrote.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
}

impl Engine {
    /// The project's guidance, newest first, after the one of this id. `limit`: items at the most.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn guidance_list(
        &self,
        project: ProjectId,
        filter: GuidanceFilter,
        after: Option<GuidanceId>,
        limit: u32,
    ) -> Result<GuidancePage> {
        let GuidanceFilter { status, issue, review, interaction } = filter;
        let limit_and_one = i64::from(limit) + 1;
        let mut listing = GuidanceListing { status, issue, review, interaction, after, limit: limit_and_one };
        let page = self.store().read(move |tx| {
            listing.issue = current(tx, project, listing.issue)?;
            let mut rows = guidance::list(tx, project, &listing)?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|row| row.id.into());
            Ok::<_, Error>(GuidancePage { items: views(tx, project, rows)?, next })
        });
        page.await
    }

    /// The versions of guidance, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn guidance_versions(
        &self,
        project: ProjectId,
        id: GuidanceId,
    ) -> Result<Vec<GuidanceVersionView>> {
        let read = self.store().read(move |tx| {
            let row = guidance::get(tx, project, id)?.ok_or(Error::NotFound("guidance"))?;
            let versions = guidance::versions(tx, project, id)?.into_iter().map(|version| {
                Ok(GuidanceVersionView {
                    id: version.id.into(),
                    number: version.number,
                    written_by: written_by(&version.written_by)?,
                    live: row.live_version_id == Some(version.id),
                    draft: row.draft_version_id == Some(version.id),
                    text: version.text,
                    created_by: read_actor(&version.created_by)?,
                    created_at: version.created_at.into(),
                })
            });
            versions.collect()
        });
        read.await
    }
}
