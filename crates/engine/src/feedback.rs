//! What people say of a response: flags, and thumbs of the AI app's users.

use crate::effects::Effects;
use crate::history::{event, stored_actor};
use crate::{Because, Engine, Error, Result};
use domain::remediation::THUMB_DOWN;
use domain::text::{EXPLANATION_BYTES, check_text};
use domain::{
    Actor, Change, EventKind, Faults, FeedbackId, InteractionId, IssueId, Kind, ProjectId, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::feedback::{self, FeedbackRow};
use storage::{Tx, events, interactions, matches};
use utoipa::ToSchema;

/// A user's thumb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// What became of feedback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedbackView {
    /// The interaction it is about.
    pub interaction_id: InteractionId,
    /// The issue in which an expert finds it; null when nobody needs to look.
    pub issue_id: Option<IssueId>,
}

/// What was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Up,
    Down,
    Flag,
}

impl From<Rating> for Said {
    fn from(rating: Rating) -> Self {
        match rating {
            Rating::Up => Self::Up,
            Rating::Down => Self::Down,
        }
    }
}

impl Said {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flag => "flag",
        }
    }
}

impl Engine {
    /// Brings an interaction to the experts. Saying it again changes nothing, except that another comment is kept too.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Conflict`] for a step, which is never judged; [`Error::Overloaded`].
    pub async fn flag(
        &self,
        project: ProjectId,
        actor: Actor,
        interaction: InteractionId,
        comment: Option<String>,
    ) -> Result<FeedbackView> {
        self.said(project, actor, interaction, Said::Flag, comment).await?;
        let issue = self.open_occurrence(project, interaction, Because::Flag).await?;
        Ok(FeedbackView { interaction_id: interaction, issue_id: Some(issue) })
    }

    /// Keeps a user's thumb. One that is down brings the interaction to the experts where the project's settings say so.
    ///
    /// # Errors
    /// As [`Engine::flag`].
    pub async fn feedback(
        &self,
        project: ProjectId,
        actor: Actor,
        interaction: InteractionId,
        rating: Rating,
        comment: Option<String>,
    ) -> Result<FeedbackView> {
        self.said(project, actor, interaction, rating.into(), comment).await?;
        let opens = self.shared.live.project(project).await?.config().settings.thumbs_down_opens_issue;
        let issue_id = if rating == Rating::Down && opens {
            Some(self.open_occurrence(project, interaction, Because::ThumbsDown).await?)
        } else {
            self.store()
                .read(move |tx| storage::issues::occurrence(tx, project, interaction))
                .await?
                .map(|place| place.issue_id.into())
        };
        Ok(FeedbackView { interaction_id: interaction, issue_id })
    }

    async fn said(
        &self,
        project: ProjectId,
        actor: Actor,
        interaction: InteractionId,
        said: Said,
        comment: Option<String>,
    ) -> Result<()> {
        let comment = comment.filter(|comment| !comment.trim().is_empty());
        let mut faults = Faults::new();
        if let Some(comment) = &comment {
            check_text("/comment", comment, EXPLANATION_BYTES, &mut faults);
        }
        faults.finish()?;
        let now = self.now();
        let row = FeedbackRow {
            id: FeedbackId::new(now, Self::salt()).into(),
            project_id: project.into(),
            interaction_id: interaction.into(),
            kind: said.as_str().to_owned(),
            comment,
            given_by: stored_actor(actor),
            created_at: now.into(),
        };
        self.store().write(move |tx| keep(tx, project, actor, said, &row, now)).await?;
        self.shared.live.refresh(project).await;
        Ok(())
    }
}

fn keep(
    tx: &mut Tx<'_>,
    project: ProjectId,
    actor: Actor,
    said: Said,
    row: &FeedbackRow,
    now: Timestamp,
) -> Result<()> {
    events::lock_head(tx, project)?;
    let id = InteractionId::from(row.interaction_id);
    let (interaction, _) = interactions::get(tx, project, id)?.ok_or(Error::NotFound("interaction"))?;
    if interaction.kind == Kind::Step.as_str() {
        return Err(Error::conflict(
            "interaction_is_a_step",
            "a step is recorded and never judged: flag the response",
        ));
    }
    let earlier = feedback::of_interaction(tx, project, id)?;
    if repeats(row, interaction.thumbs.as_deref(), &earlier) {
        return Ok(());
    }
    feedback::insert(tx, row)?;
    let mut effects = Effects::default();
    let (kind, field) = match said {
        Said::Flag => (EventKind::InteractionFlagged, "flagged_at"),
        Said::Up | Said::Down => (EventKind::FeedbackGiven, "thumbs"),
    };
    let change = match said {
        Said::Flag => {
            feedback::set_flagged(tx, project, id, now)?;
            let before = interaction.flagged_at.map(Timestamp::from);
            Change { field: field.into(), before: json!(before), after: json!(before.unwrap_or(now)) }
        }
        Said::Up | Said::Down => {
            feedback::set_thumbs(tx, project, id, said.as_str())?;
            count_thumb(tx, project, id, (interaction.thumbs.as_deref(), said), &mut effects)?;
            Change { field: field.into(), before: json!(interaction.thumbs), after: json!(said.as_str()) }
        }
    };
    let comment = Change { field: "comment".into(), before: Value::Null, after: json!(row.comment) };
    let happened = event(now, actor, kind, "interaction", id.0, &[change, comment]);
    events::append(tx, project, &[happened])?;
    effects.write(tx)
}

/// A thumb counts for what acted on the interaction, and one that is down makes it risky; the last one stands.
fn count_thumb(
    tx: &mut Tx<'_>,
    project: ProjectId,
    interaction: InteractionId,
    (before, after): (Option<&str>, Said),
    effects: &mut Effects,
) -> Result<()> {
    let down = |thumb: Option<&str>| if thumb == Some(Said::Down.as_str()) { THUMB_DOWN } else { 0.0 };
    let more = down(Some(after.as_str())) - down(before);
    if more != 0.0 {
        matches::add_risk(tx, project, interaction, more)?;
    }
    for remediation in matches::acted_on(tx, project, interaction)? {
        let delta = effects.to(project, remediation);
        for (thumb, count) in [(before, -1), (Some(after.as_str()), 1)] {
            match thumb {
                Some("up") => delta.thumbs_up += count,
                Some("down") => delta.thumbs_down += count,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether the same was said before, and still stands.
fn repeats(row: &FeedbackRow, thumbs: Option<&str>, earlier: &[FeedbackRow]) -> bool {
    let stands = row.kind == Said::Flag.as_str() || thumbs == Some(row.kind.as_str());
    let same = |said: &FeedbackRow| {
        said.kind == row.kind
            && said.given_by == row.given_by
            && (row.comment.is_none() || said.comment == row.comment)
    };
    stands && earlier.iter().any(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, comment: Option<&str>) -> FeedbackRow {
        let id = FeedbackId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        FeedbackRow {
            id: id.into(),
            project_id: id.into(),
            interaction_id: id.into(),
            kind: kind.into(),
            comment: comment.map(str::to_owned),
            given_by: "{}".into(),
            created_at: Timestamp::UNIX_EPOCH.into(),
        }
    }

    #[test]
    fn the_same_again_says_nothing_new() {
        let flagged = [row("flag", Some("wrong price"))];
        assert!(repeats(&row("flag", None), None, &flagged));
        assert!(repeats(&row("flag", Some("wrong price")), None, &flagged));
        assert!(!repeats(&row("flag", Some("and rude")), None, &flagged));
        let thumbs = [row("down", None), row("up", None)];
        assert!(repeats(&row("up", None), Some("up"), &thumbs));
        assert!(!repeats(&row("down", None), Some("up"), &thumbs));
    }
}
