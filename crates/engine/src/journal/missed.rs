//! What remediations missed: open occurrences that came to their issues while they were in force.

use crate::Result;
use crate::effects::Effects;
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

/// Counts them for the remediations in force of the issues they joined. One that acted on the interaction did not miss it.
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
    for one in joined {
        let acted = if one.recorded { matches::acted_on(tx, project, one.interaction)? } else { Vec::new() };
        for (issue, remediation) in &in_force {
            if *issue == one.issue && !acted.contains(remediation) {
                effects.to(project, *remediation).missed += 1;
            }
        }
    }
    Ok(())
}
