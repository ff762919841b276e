//! Which occurrences are split off: by interaction, by question, or all that came with a merge.

use crate::Result;
use domain::text::{QUERY_BYTES, check_required_text};
use domain::{Faults, FieldCode, InteractionId, IssueId, ProjectId, digest};
use similarity::normalize;
use std::collections::{BTreeMap, HashMap};
use storage::issues::{self, IssueRow, OccurrenceRow};
use storage::{Tx, Uid};

/// Interactions named at once.
const INTERACTIONS: usize = 1000;
/// Questions named at once.
const QUESTIONS: usize = 100;

/// What is to leave the issue; everything that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitOff {
    /// These interactions.
    pub interactions: Vec<InteractionId>,
    /// Whoever asked one of these, word for word (as the issue shows its questions).
    pub questions: Vec<String>,
    /// What came with the merge of this issue, whose id answers with the new issue then: it undoes the merge.
    pub merged_from: Option<IssueId>,
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

    /// The occurrences that are meant, in the order of their ids. Something stays behind.
    pub(super) fn of(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: &IssueRow,
    ) -> Result<Vec<OccurrenceRow>> {
        let mut faults = Faults::new();
        let mut found: BTreeMap<Uid, OccurrenceRow> = BTreeMap::new();
        for row in self.named(tx, project, issue, &mut faults)? {
            found.insert(row.interaction_id, row);
        }
        for row in self.asking(tx, project, issue, &mut faults)? {
            found.insert(row.interaction_id, row);
        }
        if let Some(from) = self.merged_from {
            let came = issues::that_came_from(tx, project, issue.id.into(), from)?;
            if came.is_empty() {
                faults.add("/merged_from", FieldCode::Unknown, "nothing in this issue came from that one");
            }
            found.extend(came.into_iter().map(|row| (row.interaction_id, row)));
        }
        if faults.is_empty() && found.len() as i64 >= issue.occurrences {
            let detail = "that is all there is in the issue: leave something behind";
            faults.add("", FieldCode::Conflict, detail);
        }
        faults.finish()?;
        Ok(found.into_values().collect())
    }

    fn named(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: &IssueRow,
        faults: &mut Faults,
    ) -> Result<Vec<OccurrenceRow>> {
        let rows = issues::occurrences_of(tx, project, &self.interactions)?;
        let mut of_issue: HashMap<Uid, OccurrenceRow> = rows
            .into_iter()
            .filter(|row| row.issue_id == issue.id)
            .map(|row| (row.interaction_id, row))
            .collect();
        for (index, id) in self.interactions.iter().enumerate() {
            if !of_issue.contains_key(&Uid::from(*id)) {
                let detail = "no occurrence of this issue";
                faults.add(format!("/interactions/{index}"), FieldCode::Unknown, detail);
            }
        }
        Ok(of_issue.drain().map(|(_, row)| row).collect())
    }

    fn asking(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: &IssueRow,
        faults: &mut Faults,
    ) -> Result<Vec<OccurrenceRow>> {
        if self.questions.is_empty() {
            return Ok(Vec::new());
        }
        let digest = |text: &String| digest::text_digest(&normalize::exact(text)).to_vec();
        let digests: Vec<Vec<u8>> = self.questions.iter().map(digest).collect();
        let rows = issues::of_questions(tx, project, issue.id.into(), &digests)?;
        for (index, digest) in digests.iter().enumerate() {
            if !rows.iter().any(|row| row.question_digest == *digest) {
                let detail = "nobody in this issue asked that";
                faults.add(format!("/questions/{index}"), FieldCode::Unknown, detail);
            }
        }
        Ok(rows)
    }
}
