//! Which occurrences are split off: by interaction, by question, or all that came with a merge.

use crate::Result;
use domain::text::{QUERY_BYTES, check_required_text};
use domain::{Faults, FieldCode, InteractionId, Invalid, IssueId, ProjectId, digest};
use similarity::normalize;
use std::collections::BTreeMap;
use storage::issues::{self, IssueRow, OccurrenceRow};
use storage::{Tx, Uid};

/// Interactions named at once.
const INTERACTIONS: usize = 1000;
/// Questions named at once.
const QUESTIONS: usize = 100;
/// Occurrences that are chosen one by one, or counted out of a centroid one by one, in one split. What came with an expert's merge goes back as a
/// whole, however much it is.
pub(super) const ONE_BY_ONE: i64 = 10_000;

/// What is to leave the issue; everything that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitOff {
    /// These interactions.
    pub interactions: Vec<InteractionId>,
    /// Whoever asked one of these, word for word (as the issue shows its questions).
    pub questions: Vec<String>,
    /// What came with the merge of this issue, and what joined that since: it undoes the merge, and the issue is there again under its id.
    pub merged_from: Option<IssueId>,
}

/// What leaves an issue.
pub(super) struct Chosen {
    /// These, in the order of their ids.
    pub(super) rows: Vec<OccurrenceRow>,
    /// All that came with these issues: the one whose merge is undone, then those that were merged into it before.
    pub(super) parts: Vec<IssueId>,
}

impl SplitOff {
    /// Whether anything is named, and not too much.
    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::new();
        if self.interactions.is_empty() && self.questions.is_empty() && self.merged_from.is_none() {
            let detail = "name what leaves the issue: `interactions`, `questions` or `merged_from`";
            faults.add("", FieldCode::Required, detail);
        }
        if self.interactions.len() > INTERACTIONS {
            faults.add("/interactions", FieldCode::TooMany, format!("at most {INTERACTIONS} at once"));
        }
        if self.questions.len() > QUESTIONS {
            faults.add("/questions", FieldCode::TooMany, format!("at most {QUESTIONS} at once"));
        }
        for (index, question) in self.questions.iter().take(QUESTIONS).enumerate() {
            check_required_text(&format!("/questions/{index}"), question, QUERY_BYTES, &mut faults);
        }
        Ok(faults.finish()?)
    }

    /// What is meant in an issue.
    pub(super) fn of(&self, tx: &mut Tx<'_>, project: ProjectId, issue: &IssueRow) -> Result<Chosen> {
        let mut faults = Faults::new();
        let mut found = self.named(tx, project, issue, &mut faults)?;
        found.extend(self.asking(tx, project, issue, &mut faults)?);
        let parts = match self.merged_from {
            Some(from) => issues::parts(tx, project, issue.id.into(), from)?,
            None => Vec::new(),
        };
        if self.merged_from.is_some() && parts.is_empty() {
            faults.add("/merged_from", FieldCode::Unknown, "nothing in this issue came from that one");
        }
        faults.finish()?;
        Ok(Chosen { rows: found.into_values().collect(), parts })
    }

    fn named(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: &IssueRow,
        faults: &mut Faults,
    ) -> Result<BTreeMap<Uid, OccurrenceRow>> {
        let rows = issues::occurrences_of(tx, project, &self.interactions)?;
        let of_issue = by_interaction(rows.into_iter().filter(|row| row.issue_id == issue.id));
        for (index, id) in self.interactions.iter().enumerate() {
            if !of_issue.contains_key(&Uid::from(*id)) {
                let detail = "no occurrence of this issue";
                faults.add(format!("/interactions/{index}"), FieldCode::Unknown, detail);
            }
        }
        Ok(of_issue)
    }

    fn asking(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: &IssueRow,
        faults: &mut Faults,
    ) -> Result<BTreeMap<Uid, OccurrenceRow>> {
        if self.questions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let digest = |text: &String| digest::text_digest(&normalize::exact(text)).to_vec();
        let digests: Vec<Vec<u8>> = self.questions.iter().map(digest).collect();
        let rows = issues::of_questions(tx, project, issue.id.into(), &digests, ONE_BY_ONE + 1)?;
        if rows.len() as i64 > ONE_BY_ONE {
            let detail = format!("more than {ONE_BY_ONE} occurrences ask these: name fewer questions");
            faults.add("/questions", FieldCode::TooMany, detail);
            return Ok(BTreeMap::new());
        }
        for (index, digest) in digests.iter().enumerate() {
            if !rows.iter().any(|row| row.question_digest == *digest) {
                let detail = "nobody in this issue asked that";
                faults.add(format!("/questions/{index}"), FieldCode::Unknown, detail);
            }
        }
        Ok(by_interaction(rows.into_iter()))
    }
}

fn by_interaction(rows: impl Iterator<Item = OccurrenceRow>) -> BTreeMap<Uid, OccurrenceRow> {
    rows.map(|row| (row.interaction_id, row)).collect()
}

/// Whether so many can be counted out of their centroids at once.
pub(super) fn one_by_one(rows: &[OccurrenceRow]) -> Result<()> {
    if rows.len() as i64 <= ONE_BY_ONE {
        return Ok(());
    }
    let detail =
        format!("more than {ONE_BY_ONE} occurrences leave centroids that stay: split off fewer at once");
    Err(Invalid::one("", FieldCode::TooMany, detail).into())
}

/// Whether anything in an issue came with the merge that is undone.
pub(super) fn something_came(came: i64) -> Result<()> {
    if came > 0 {
        return Ok(());
    }
    let detail = "nothing in this issue came from that one";
    Err(Invalid::one("/merged_from", FieldCode::Unknown, detail).into())
}

/// Whether something stays in an issue.
pub(super) fn something_stays(leaving: i64, all: i64) -> Result<()> {
    if leaving < all {
        return Ok(());
    }
    let detail = "that is all there is in the issue: leave something behind";
    Err(Invalid::one("", FieldCode::Conflict, detail).into())
}
