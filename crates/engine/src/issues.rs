//! Issues: what experts work on.

pub(crate) mod applying;
mod background;
mod conversation;
mod edit;
mod impact;
pub(crate) mod leave;
mod likeness;
mod list;
mod merge;
mod occurrences;
mod placed;
mod preview;
mod redirected;
pub(crate) mod reopen;
mod screen;
pub(crate) mod settle;
#[cfg(test)]
mod settle_tests;
mod setup;
mod split;
pub(crate) mod state;
mod view;
mod why;

pub(crate) use background::merge_in_background;
pub use conversation::{Received, SessionEntry};
pub use edit::IssueEdit;
pub use impact::{IssueHour, IssueImpact};
pub use likeness::ProposedQuestion;
pub use list::{
    IssueFilter, IssuePage, IssuePlace, IssueQuery, IssueSort, IssueSummary, ProblemCount, StatusCount,
};
pub use occurrences::{IssueInteraction, IssueInteractionPage, SettledByView};
pub use placed::{Move, Placed};
pub use preview::{JoinedExample, PartedExample, PreviewIssue, PreviewPart, WidthPreview, WidthsToTry};
pub use screen::{DistinctText, HistoryEntry, IssueScreen, ShownInteraction};
pub use setup::Setup;
pub(crate) use split::again;
pub use split::{IssueSplit, SplitOff};
pub(crate) use view::{AsOf, items_of};
pub use view::{Impact, IssueCounts, IssueInclude, IssueItem, IssueRemediation};
pub use why::{Reason, ReasonSource};

use crate::Result;
use domain::{IssueId, ProjectId};
use redirected::at_the_end;
use storage::issues::{self, IssueRow};
use storage::{StoreError, Tx};

/// The issue, or the one it was merged into.
fn found(tx: &mut Tx<'_>, project: ProjectId, id: IssueId) -> Result<IssueRow> {
    at_the_end(
        tx,
        id,
        |tx, id| Ok(issues::issue(tx, project, id)?),
        |tx, id| Ok(issues::redirect(tx, project, id)?),
    )
}

/// The id under which an issue is stored: its own, or its survivor's where it was merged.
fn stored_id(tx: &mut Tx<'_>, project: ProjectId, id: IssueId) -> Result<IssueId> {
    Ok(found(tx, project, id)?.id.into())
}

/// The id under which an issue is stored, of one that may not be there: an old id is its survivor's.
pub(crate) fn current(tx: &mut Tx<'_>, project: ProjectId, id: Option<IssueId>) -> Result<Option<IssueId>> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(issues::redirect(tx, project, id)?.unwrap_or(id)))
}

/// Reads a column that holds one of a set of words.
pub(crate) fn word<T: std::str::FromStr<Err: std::fmt::Display>>(
    what: &'static str,
    word: &str,
) -> Result<T> {
    Ok(word.parse().map_err(|e| StoreError::unreadable(what, e))?)
}
