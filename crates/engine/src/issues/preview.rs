//! What other widths would do: the newest occurrences, grouped again from their beginning, with the widths of now and with others.
//!
//! Both times by the workspace alone, so that the difference is the widths' and nobody else's. Nothing is changed by looking.

mod difference;

use crate::answers::quantized;
use crate::{Engine, Error, Result};
use difference::{Difference, Parted};
use domain::{Faults, FieldCode, IssueId, ProjectId};
use serde::Serialize;
use similarity::grouping::{Grouper, Widths};
use similarity::{Embedding, MODEL};
use std::collections::HashMap;
use std::sync::Arc;
use storage::issues::{self, NewestRow};
use storage::vectors::{self, VectorOwner};
use storage::{Tx, interactions};
use utoipa::ToSchema;
use uuid::Uuid;

/// Occurrences that are looked at: at the most, and if nothing is said.
const MOST: u32 = 5000;
const USUAL: u32 = 2000;
/// Examples of each kind.
const EXAMPLES: usize = 20;
/// Issues of one example, or parts of an issue.
const PARTS: usize = 5;

/// Widths to be tried.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct WidthsToTry {
    /// The least similarity at which a question joins an issue; as it is set, if not given.
    pub width: Option<f64>,
    /// The least mean similarity at which two issues are merged; as it is set, if not given.
    pub merge_width: Option<f64>,
    /// How many of the newest occurrences to look at.
    pub occurrences: Option<u32>,
}

/// What other widths would do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WidthPreview {
    /// Occurrences that were grouped again: the newest, in the order in which they came.
    pub occurrences: usize,
    /// Issues they are in now, as experts and the workspace made them.
    pub issues: usize,
    /// Issues the workspace alone would make of them with the widths that are set.
    pub issues_as_set: usize,
    /// Issues it would make of them with the widths that were asked for.
    pub issues_then: usize,
    /// Sets of issues that would be one then, and would not as it is set.
    pub joined: usize,
    /// The largest of these sets, at most 20.
    pub joined_examples: Vec<JoinedExample>,
    /// Issues that would fall into more parts then than as it is set.
    pub parted: usize,
    /// The largest of them, at most 20.
    pub parted_examples: Vec<PartedExample>,
}

/// Issues that would be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JoinedExample {
    /// Occurrences of all of them, among those looked at.
    pub occurrences: usize,
    /// The largest of them, at most 5.
    pub issues: Vec<PreviewIssue>,
}

/// An issue that would be several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartedExample {
    /// The issue.
    pub issue: PreviewIssue,
    /// Its largest parts, at most 5.
    pub parts: Vec<PreviewPart>,
}

/// An issue of an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewIssue {
    /// Its id.
    pub id: IssueId,
    /// The query that stands for it.
    pub query: String,
    /// Its occurrences among those looked at.
    pub occurrences: usize,
}

/// A part of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewPart {
    /// The query of its newest occurrence.
    pub query: String,
    /// How many occurrences it has.
    pub occurrences: usize,
}

/// What is read: occurrences in the order in which they came, with their vectors.
struct Read {
    rows: Vec<NewestRow>,
    vectors: Vec<Embedding>,
}

impl Engine {
    /// What other widths would do to the project's newest occurrences.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a width that is no similarity; [`Error::Overloaded`] while another preview is computed.
    pub async fn width_preview(&self, project: ProjectId, tried: WidthsToTry) -> Result<WidthPreview> {
        check(tried)?;
        let busy = |_| Error::Overloaded { what: "another preview", retry_after: 5 };
        let alone = Arc::clone(&self.shared.previews).try_acquire_owned().map_err(busy)?;
        let live = self.shared.live.project(project).await?;
        let settings = live.config().settings.clone();
        let as_set = Widths { join: settings.grouping_width as f32, merge: settings.merge_width as f32 };
        let then = Widths {
            join: tried.width.map_or(as_set.join, |width| width as f32),
            merge: tried.merge_width.map_or(as_set.merge, |width| width as f32),
        };
        let limit = tried.occurrences.unwrap_or(USUAL);
        let Read { rows, vectors } = self.store().read(move |tx| read(tx, project, limit)).await?;
        let issues: Vec<IssueId> = rows.iter().map(|row| row.issue).collect();
        let compare = move || {
            let _alone = alone;
            let [old, new] = [as_set, then].map(|widths| grouped(&vectors, widths));
            Difference::of(&issues, &old, &new)
        };
        let difference = self.shared.cpu.run(compare).await?;
        self.store().read(move |tx| told(tx, project, &difference, &rows)).await
    }
}

fn check(tried: WidthsToTry) -> Result<()> {
    let mut faults = Faults::new();
    for (pointer, width) in [("/width", tried.width), ("/merge_width", tried.merge_width)] {
        if width.is_some_and(|width| !(-1.0..=1.0).contains(&width)) {
            faults.add(pointer, FieldCode::OutOfRange, "must be a similarity from -1 to 1");
        }
    }
    if tried.occurrences.is_some_and(|count| !(1..=MOST).contains(&count)) {
        faults.add("/occurrences", FieldCode::OutOfRange, format!("must be from 1 to {MOST}"));
    }
    Ok(faults.finish()?)
}

fn read(tx: &mut Tx<'_>, project: ProjectId, limit: u32) -> Result<Read> {
    let mut rows = issues::newest_of_project(tx, project, i64::from(limit))?;
    rows.sort_by_key(|row| (row.joined_at, row.interaction));
    let owners: Vec<Uuid> = rows.iter().map(|row| row.interaction.0).collect();
    let stored = vectors::of_owners(tx, project, VectorOwner::Occurrence, MODEL, &owners)?;
    let mut stored: HashMap<Uuid, Embedding> =
        stored.iter().filter_map(|row| Some((row.owner_id.0, quantized(row)?.embedding()))).collect();
    // What an older version recorded has no vector, and is left out.
    rows.retain(|row| stored.contains_key(&row.interaction.0));
    let vectors = rows.iter().filter_map(|row| stored.remove(&row.interaction.0)).collect();
    Ok(Read { rows, vectors })
}

fn grouped(vectors: &[Embedding], widths: Widths) -> Vec<usize> {
    let mut grouper = Grouper::new(widths);
    for vector in vectors {
        grouper.add(vector);
    }
    grouper.merge();
    grouper.labels()
}

fn told(
    tx: &mut Tx<'_>,
    project: ProjectId,
    difference: &Difference,
    rows: &[NewestRow],
) -> Result<WidthPreview> {
    let issue = |tx: &mut Tx<'_>, id: IssueId, occurrences: usize| -> Result<PreviewIssue> {
        // It may have been merged while this was computed.
        let query = issues::issue(tx, project, id)?.map(|row| row.query).unwrap_or_default();
        Ok(PreviewIssue { id, query, occurrences })
    };
    let mut joined_examples = Vec::new();
    for set in difference.joined.iter().take(EXAMPLES) {
        let occurrences = set.iter().map(|(_, count)| count).sum();
        let issues = set.iter().take(PARTS).map(|(id, count)| issue(tx, *id, *count));
        joined_examples.push(JoinedExample { occurrences, issues: issues.collect::<Result<_>>()? });
    }
    let mut parted_examples = Vec::new();
    for Parted { issue: id, occurrences, parts } in difference.parted.iter().take(EXAMPLES) {
        let parts = parts.iter().take(PARTS).map(|part| {
            let query = asked(tx, project, &rows[part.newest])?;
            Ok(PreviewPart { query, occurrences: part.occurrences })
        });
        let parts = parts.collect::<Result<_>>()?;
        parted_examples.push(PartedExample { issue: issue(tx, *id, *occurrences)?, parts });
    }
    Ok(WidthPreview {
        occurrences: rows.len(),
        issues: difference.issues,
        issues_as_set: difference.old,
        issues_then: difference.new,
        joined: difference.joined.len(),
        joined_examples,
        parted: difference.parted.len(),
        parted_examples,
    })
}

fn asked(tx: &mut Tx<'_>, project: ProjectId, row: &NewestRow) -> Result<String> {
    let texts = interactions::texts(tx, project, &[row.interaction.into()])?.pop();
    Ok(texts.map(|texts| texts.rewritten_query.unwrap_or(texts.query)).unwrap_or_default())
}
