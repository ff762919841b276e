//! The settings of a project.

use super::{Act, check_version, note};
use crate::issues::settle::recompute_impacts;
use crate::{Engine, Error, Result};
use domain::{Actor, EventKind, ProjectId, ProjectSettings};
use storage::{Tx, events, settings};
use utoipa::ToSchema;

/// The settings of a project.
#[derive(Debug, Clone, PartialEq, serde::Serialize, ToSchema)]
pub struct SettingsView {
    /// The settings themselves.
    #[serde(flatten)]
    pub settings: ProjectSettings,
    /// The project's version: grows by one with each edit of its settings, name or description.
    pub version: i64,
}

fn stored(tx: &mut Tx<'_>, project: ProjectId) -> Result<SettingsView> {
    let (settings, version) = settings::versioned(tx, project)?.ok_or(Error::NotFound("project"))?;
    Ok(SettingsView { settings, version })
}

impl Engine {
    /// The project's settings.
    pub async fn settings(&self, project: ProjectId) -> Result<SettingsView> {
        self.store().read(move |tx| stored(tx, project)).await
    }

    /// Changes the project's settings. With another half-life the impact of every issue is computed anew.
    ///
    /// # Errors
    /// They are not of the expected version, or would break a rule.
    pub async fn update_settings(
        &self,
        project: ProjectId,
        actor: Actor,
        expected: Option<i64>,
        change: impl Fn(&mut ProjectSettings) + Send + 'static,
    ) -> Result<SettingsView> {
        let now = self.now();
        // For the width there was: a narrower one compares the issues anew.
        self.shared.live.project(project).await?.load_grouping().await?;
        let written = self.store().write(move |tx| -> Result<SettingsView> {
            events::lock_head(tx, project)?;
            let before = stored(tx, project)?;
            check_version(expected, before.version)?;
            let mut after = before.clone();
            change(&mut after.settings);
            after.settings.validate()?;
            if after == before {
                return Ok::<_, Error>(before);
            }
            after.version += 1;
            settings::update(tx, project, &after.settings, after.version, now)?;
            if after.settings.half_life_days.to_bits() != before.settings.half_life_days.to_bits() {
                recompute_impacts(tx, project, after.settings.half_life_days)?;
            }
            let act = Act { kind: EventKind::ProjectUpdated, subject_kind: "project", subject_id: project.0 };
            note(tx, project, (actor, now), &act, Some(&before.settings), Some(&after.settings))?;
            Ok(after)
        });
        let view = written.await?;
        self.shared.live.refresh(project).await;
        // Issues may be close now that were not before.
        self.shared.live.project(project).await?.regrouping.note(1);
        Ok(view)
    }
}
