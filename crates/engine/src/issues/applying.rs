//! Which occurrences a remediation applies to: those whose caller and language are as it asks for.

use crate::Result;
use crate::answers::applicability_of;
use crate::applicability::Asking;
use crate::interactions::json_column;
use domain::{
    AnswerId, Applicability, GuidanceId, InteractionId, IssueId, ProjectId, RemediationKind, RemediationRef,
    ReviewId,
};
use std::collections::{HashMap, HashSet};
use storage::answers::AnswerRow;
use storage::issues::{self, OccurrenceRow};
use storage::{Tx, answers, guidance, interactions, phrasings, reviews};

/// Occurrences whose texts are in memory at once.
const AT_ONCE: usize = 200;

/// To which occurrences a remediation applies.
pub(crate) struct Applying {
    to: Applicability,
    /// Digests of the questions it is for: a question that is one of them is in its language.
    verbatim: HashSet<Vec<u8>>,
}

impl Applying {
    /// `verbatim`: digests of the questions it is for.
    pub(crate) const fn new(to: Applicability, verbatim: HashSet<Vec<u8>>) -> Self {
        Self { to, verbatim }
    }

    /// As an answer's row says.
    pub(crate) fn of(tx: &mut Tx<'_>, project: ProjectId, row: &AnswerRow) -> Result<Self> {
        let to = applicability_of(row)?;
        let mut verbatim = HashSet::new();
        if to.language.is_some() {
            let rows = phrasings::of_answers(tx, project, &[row.id.into()])?;
            let confirmed = rows.into_iter().filter(|row| row.confirmed_at.is_some());
            verbatim.extend(confirmed.map(|row| row.text_digest));
        }
        Ok(Self { to, verbatim })
    }

    /// As the row of an answer, a review or guidance says; to everybody, where it was deleted.
    pub(crate) fn of_remediation(
        tx: &mut Tx<'_>,
        project: ProjectId,
        remediation: RemediationRef,
    ) -> Result<Self> {
        let answer = answers::get(tx, project, AnswerId(remediation.id))?;
        if let Some(row) = answer.filter(|_| remediation.kind == RemediationKind::Answer) {
            return Self::of(tx, project, &row);
        }
        if remediation.kind == RemediationKind::Guidance {
            let row = guidance::get(tx, project, GuidanceId(remediation.id))?;
            let to = row.as_ref().map(crate::guidance::applicability_of).transpose()?;
            return Ok(Self::new(to.unwrap_or_default(), HashSet::new()));
        }
        let review = reviews::get(tx, project, ReviewId(remediation.id))?;
        let to = review.as_ref().map(crate::reviews::applicability_of).transpose()?;
        Ok(Self::new(to.unwrap_or_default(), HashSet::new()))
    }

    /// The active answers that are linked to an issue, oldest first.
    pub(crate) fn linked_to(
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: IssueId,
    ) -> Result<Vec<(AnswerId, Self)>> {
        let rows = issues::active_answers(tx, project, issue)?;
        rows.iter().map(|row| Ok((row.id.into(), Self::of(tx, project, row)?))).collect()
    }

    /// Whether it applies to all of them.
    pub(crate) const fn is_to_everybody(&self) -> bool {
        self.to.is_everybody()
    }

    /// Those it applies to, and the others; each in their order.
    pub(crate) fn split(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        occurrences: Vec<OccurrenceRow>,
    ) -> Result<(Vec<OccurrenceRow>, Vec<OccurrenceRow>)> {
        if self.is_to_everybody() {
            return Ok((occurrences, Vec::new()));
        }
        let mut applying = HashSet::new();
        for some in occurrences.chunks(AT_ONCE) {
            applying.extend(self.applying(tx, project, some)?);
        }
        Ok(occurrences.into_iter().partition(|row| applying.contains(&row.interaction_id.into())))
    }

    fn applying(
        &self,
        tx: &mut Tx<'_>,
        project: ProjectId,
        occurrences: &[OccurrenceRow],
    ) -> Result<Vec<InteractionId>> {
        let digests: HashMap<InteractionId, &[u8]> = occurrences
            .iter()
            .map(|row| (row.interaction_id.into(), row.question_digest.as_slice()))
            .collect();
        let ids: Vec<InteractionId> = digests.keys().copied().collect();
        let mut applying = Vec::new();
        for asked in interactions::asked(tx, project, &ids)? {
            let metadata = json_column("metadata", asked.metadata.as_ref())?;
            let asking = Asking::of(&asked.question, metadata.as_ref());
            let digest = digests.get(&asked.interaction_id).copied();
            let verbatim = digest.is_some_and(|digest| self.verbatim.contains(digest));
            if self.to.applies(asking.asker(), verbatim) {
                applying.push(asked.interaction_id);
            }
        }
        Ok(applying)
    }
}
