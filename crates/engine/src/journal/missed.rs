//! What remediations missed: open occurrences that came to their issues while they were in force.

use crate::Result;
use crate::effects::Effects;
use crate::issues::applying::Applying;
use domain::{InteractionId, IssueId, ProjectId};
use std::collections::BTreeSet;
use storage::{Tx, issues, matches};

/// An open occurrence that joined an issue that was there before.
pub(super) struct Joined {
    pub(super) interaction: InteractionId,
    pub(super) issue: IssueId,
    /// It was recorded earlier, so a remediation may have acted on it.
    pub(super) recorded: bool,
}

/// Counts them for the remediations in force of the issues they joined, as far as these are for who asked. One that acted
/// on the interaction did not miss it.
pub(super) fn count_missed(
    tx: &mut Tx<'_>,
    project: ProjectId,
    joined: &[Joined],
    effects: &mut Effects,
) -> Result<()> {
    if joined.is_empty() {
        return Ok(());
    }
    let issues: BTreeSet<IssueId> = joined.iter().map(|one| one.issue).collect();
    let in_force = issues::in_force(tx, project, &Vec::from_iter(issues))?;
    if in_force.is_empty() {
        return Ok(());
    }
    let interactions: Vec<InteractionId> = joined.iter().map(|one| one.interaction).collect();
    let rows = issues::occurrences_of(tx, project, &interactions)?;
    for (issue, remediation) in in_force {
        let here = rows.iter().filter(|row| IssueId::from(row.issue_id) == issue).cloned().collect();
        let (theirs, _) = Applying::of_remediation(tx, project, remediation)?.split(tx, project, here)?;
        for row in theirs {
            let interaction = InteractionId::from(row.interaction_id);
            let recorded = joined.iter().any(|one| one.interaction == interaction && one.recorded);
            if !recorded || !matches::acted_on(tx, project, interaction)?.contains(&remediation.id) {
                effects.to(project, remediation.id).missed += 1;
            }
        }
    }
    Ok(())
}
