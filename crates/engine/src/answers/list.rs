//! The list of answers, and the versions of one.

use super::view::{applicability_of, serve_answers_of, status_of};
use crate::effects::Effect;
use crate::history::read_actor;
use crate::issues::current;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, AnswerStatus, AnswerVersionId, Applicability, IssueId, ProjectId, ServeAnswers,
    Timestamp,
};
use serde::Serialize;
use std::collections::HashMap;
use storage::answers::{AnswerListing, AnswerRow, AnswerVersionRow};
use storage::phrasings::PhrasingRow;
use storage::{Tx, Uid, answers, issues, phrasings};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerFilter {
    /// In this state.
    pub status: Option<AnswerStatus>,
    /// Linked to this issue.
    pub issue: Option<IssueId>,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerItem {
    /// Id.
    pub id: AnswerId,
    /// Where it is in its life.
    pub status: AnswerStatus,
    /// The question it answers.
    pub query: String,
    /// The words that are served while it is active; null before it was first published.
    pub answer: Option<String>,
    /// Newer words that are not published; null when there are none.
    pub draft: Option<String>,
    /// Phrasings that serve.
    pub confirmed_phrasings: usize,
    /// Phrasings that wait for an expert.
    pub proposed_phrasings: usize,
    /// The issues it is linked to.
    pub issues: Vec<IssueId>,
    /// Its own rule for when it is served; null: the project's.
    pub serve_answers: Option<ServeAnswers>,
    /// To whom it applies.
    #[serde(flatten)]
    pub applicability: Applicability,
    /// What it did.
    #[serde(flatten)]
    pub effect: Effect,
    /// Who wrote it.
    pub created_by: Actor,
    /// For `If-Match`.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
    /// Who that was.
    pub updated_by: Actor,
    /// When the words that are served were written; null before it was first published.
    pub answered_at: Option<Timestamp>,
    /// Who wrote them.
    pub answered_by: Option<Actor>,
    /// Failures that it settled, or acted on, as it is now: without those that their users reported all the same, and those that an expert
    /// said it is not meant for.
    pub dealt_with: i64,
}

/// One page of the list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerPage {
    /// The answers.
    pub items: Vec<AnswerItem>,
    /// The last of them, when more follow.
    pub next: Option<AnswerId>,
}

/// One version of an answer's words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerVersionView {
    /// Id.
    pub id: AnswerVersionId,
    /// 1, 2, 3, …
    pub number: i64,
    /// The words.
    pub answer: String,
    /// It is the one that is served while the answer is active.
    pub live: bool,
    /// It is the draft.
    pub draft: bool,
    /// Who wrote it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
}

impl Engine {
    /// The project's answers, newest first, after the one of this id. `limit`: items at the most.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub async fn answers(
        &self,
        project: ProjectId,
        filter: AnswerFilter,
        after: Option<AnswerId>,
        limit: u32,
    ) -> Result<AnswerPage> {
        let AnswerFilter { status, issue } = filter;
        let mut listing = AnswerListing { status, issue, after, limit: i64::from(limit) + 1 };
        let page = self.store().read(move |tx| {
            listing.issue = current(tx, project, listing.issue)?;
            let mut rows = answers::list(tx, project, &listing)?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|row| row.id.into());
            Ok::<_, Error>(AnswerPage { items: items(tx, project, &rows)?, next })
        });
        page.await
    }

    /// The versions of an answer's words, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn answer_versions(&self, project: ProjectId, id: AnswerId) -> Result<Vec<AnswerVersionView>> {
        let read = self.store().read(move |tx| {
            let row = answers::get(tx, project, id)?.ok_or(Error::NotFound("answer"))?;
            let versions = answers::versions(tx, project, id)?.into_iter().map(|version| {
                Ok(AnswerVersionView {
                    id: version.id.into(),
                    number: version.number,
                    live: row.live_version_id == Some(version.id),
                    draft: row.draft_version_id == Some(version.id),
                    answer: version.answer,
                    created_by: read_actor(&version.created_by)?,
                    created_at: version.created_at.into(),
                })
            });
            versions.collect()
        });
        read.await
    }
}

/// The lines of the list for these answers.
pub(super) fn items(tx: &mut Tx<'_>, project: ProjectId, rows: &[AnswerRow]) -> Result<Vec<AnswerItem>> {
    let ids: Vec<AnswerId> = rows.iter().map(|row| row.id.into()).collect();
    let versions = rows.iter().flat_map(|row| [row.live_version_id, row.draft_version_id]).flatten();
    let versions: Vec<AnswerVersionId> = versions.map(Into::into).collect();
    let versions = answers::versions_of_ids(tx, project, &versions)?;
    let uuids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let beside = Beside {
        versions: versions.into_iter().map(|version| (version.id, version)).collect(),
        phrasings: phrasings::of_answers(tx, project, &ids)?,
        effects: Effect::of_all(tx, project, uuids.iter().copied())?,
        dealt_with: issues::count_dealt_with(tx, project, &uuids)?,
    };
    rows.iter().map(|row| item(tx, project, row, &beside)).collect()
}

/// What belongs to the answers of a list.
struct Beside {
    versions: HashMap<Uid, AnswerVersionRow>,
    phrasings: Vec<PhrasingRow>,
    effects: HashMap<Uuid, Effect>,
    dealt_with: HashMap<Uuid, i64>,
}

fn item(tx: &mut Tx<'_>, project: ProjectId, row: &AnswerRow, beside: &Beside) -> Result<AnswerItem> {
    let version = |id: Option<Uid>| id.and_then(|id| beside.versions.get(&id));
    let (live, draft) = (version(row.live_version_id), version(row.draft_version_id));
    let own = || beside.phrasings.iter().filter(|phrasing| phrasing.answer_id == row.id);
    let waits = |phrasing: &&PhrasingRow| phrasing.confirmed_at.is_none() && phrasing.rejected_at.is_none();
    Ok(AnswerItem {
        id: row.id.into(),
        status: status_of(row)?,
        query: row.query.clone(),
        answer: live.map(|version| version.answer.clone()),
        draft: draft.map(|version| version.answer.clone()),
        confirmed_phrasings: own().filter(|phrasing| phrasing.confirmed_at.is_some()).count(),
        proposed_phrasings: own().filter(waits).count(),
        issues: issues::issues_of_remediation(tx, project, row.id.0)?,
        serve_answers: serve_answers_of(row)?,
        applicability: applicability_of(row)?,
        effect: beside.effects.get(&row.id.0).copied().unwrap_or_default(),
        created_by: read_actor(&row.created_by)?,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        updated_by: read_actor(&row.updated_by)?,
        answered_at: live.map(|version| version.created_at.into()),
        answered_by: live.map(|version| read_actor(&version.created_by)).transpose()?,
        dealt_with: beside.dealt_with.get(&row.id.0).copied().unwrap_or_default(),
    })
}
