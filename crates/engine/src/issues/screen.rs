//! One issue with all that an expert needs on one screen.

use super::conversation::{Received, SessionEntry, received, session};
use super::likeness::{Compared, Likeness, ProposedQuestion};
use super::placed::{Placed, placed};
use super::view::{AsOf, IssueInclude, IssueItem, items};
use super::why::{Reason, reasons};
use super::{found, word};
use crate::history::read_actor;
use crate::interactions::json_column;
use crate::{Engine, Error, Result};
use domain::issue::allowed_actions;
use domain::{
    Actor, AnswerId, AnswerMatch, Change, EvaluationOutcome, EventKind, InteractionId, IssueAction, IssueId,
    OccurrenceState, Permission, ProjectId, RemediationKind, Timestamp, Turn, Verdict, chat,
};
use serde::Serialize;
use similarity::answering::stands_alone;
use std::collections::BTreeMap;
use storage::events::{self, EventRow};
use storage::interactions::{self, InteractionRow, InteractionTextRow};
use storage::issues::{self, Distinct, IssueRow};
use storage::{StoreError, Tx, feedback, phrasings};
use utoipa::ToSchema;

/// Different questions that are compared with the issue's own; the best of them are shown.
const COMPARED: i64 = 100;
/// Different responses that are shown.
const RESPONSES: i64 = 20;
/// Events that are shown.
const HISTORY: i64 = 50;

/// An issue as an expert works on it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IssueScreen {
    /// The issue.
    #[serde(flatten)]
    pub issue: IssueItem,
    /// The worst open occurrence; when none is open, the one that stands for the issue.
    pub interaction: ShownInteraction,
    /// Why it is here, in words: what people said, then guardrails, then evaluations.
    pub why: Vec<Reason>,
    /// The session it belongs to, steps included, in time order; empty when it belongs to none.
    pub conversation: Vec<SessionEntry>,
    /// The conversation before it, as it came with it.
    pub messages: Vec<Turn>,
    /// Different questions of the issue, at most 20: those that look like the issue's own, its `query` (`proposed`), first, then the most
    /// frequent.
    pub questions: Vec<ProposedQuestion>,
    /// The different responses of the issue, most frequent first, at most 20.
    pub responses: Vec<DistinctText>,
    /// Answers near the question of `interaction` (its `rewritten_query`, else its `query`), nearest first: perhaps one of them only needs
    /// another phrasing. `state` and `reason` tell what would become of that question now. Empty when it cannot be understood by its own words.
    pub similar_answers: Vec<AnswerMatch>,
    /// What was asked, and not caught, since the issue was addressed: phrasings its answer may need, compared with the issue's own question
    /// like `questions`. Empty for an issue that was not.
    pub suggested_phrasings: Vec<ProposedQuestion>,
    /// What happened to the issue, and to those that are part of it now, newest first, at most 50.
    pub history: Vec<HistoryEntry>,
    /// What the caller may do with it now.
    pub allowed_actions: Vec<IssueAction>,
}

/// The interaction by which an issue is shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ShownInteraction {
    /// Its id.
    pub id: InteractionId,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller.
    pub rewritten_query: Option<String>,
    /// What the AI said.
    pub response: String,
    /// What the user was to receive.
    pub received: Received,
    /// Whether the response was not to reach the user.
    pub blocked: bool,
    /// The documents the AI was given.
    pub context: Option<String>,
    /// Its place in the issue; null when it is gone from it.
    pub state: Option<OccurrenceState>,
    /// Why it is in this issue; null when it is gone from it.
    pub placed: Option<Placed>,
    /// With `include=scores`: what each evaluation said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<BTreeMap<String, EvaluationOutcome>>,
}

/// One of the different texts of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DistinctText {
    /// The text, as it occurred last.
    pub text: String,
    /// How often it occurred.
    pub count: i64,
    /// When it occurred last.
    pub last_seen_at: Timestamp,
    /// The interaction in which that was.
    pub interaction_id: InteractionId,
}

/// Something that happened to an issue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// Its place in the project's event log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// To which issue: this one, or one that is part of it now.
    pub issue_id: IssueId,
    /// What.
    pub kind: EventKind,
    /// Changed fields, before and after.
    pub changes: Vec<Change>,
}

/// What is read in one look at the store.
struct Read {
    issue: IssueItem,
    row: InteractionRow,
    texts: InteractionTextRow,
    verdict: Verdict,
    state: Option<OccurrenceState>,
    placed: Option<Placed>,
    why: Vec<Reason>,
    conversation: Vec<SessionEntry>,
    questions: Vec<Distinct>,
    responses: Vec<Distinct>,
    suggested: Vec<Distinct>,
    history: Vec<HistoryEntry>,
}

impl Engine {
    /// One issue. The id of a merged issue shows its survivor.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn issue(
        &self,
        project: ProjectId,
        id: IssueId,
        include: Vec<IssueInclude>,
        permissions: &[Permission],
    ) -> Result<IssueScreen> {
        let as_of = self.as_of(project).await?;
        let evaluations = self.shared.live.project(project).await?.config().evaluations.clone();
        let wanted = include.clone();
        let mut read = self
            .store()
            .read(move |tx| -> Result<Read> {
                let row = found(tx, project, id)?;
                Read::of(tx, project, row, &wanted, as_of, &evaluations)
            })
            .await?;
        let likeness = self
            .likeness(
                project,
                Compared {
                    own: read.issue.query.clone(),
                    stands_alone: read.texts.rewritten_query.is_some() || stands_alone(&read.texts.query),
                    shown: read.texts.rewritten_query.as_ref().unwrap_or(&read.texts.query).clone(),
                    response: read.texts.response.clone(),
                    metadata: json_column("metadata", read.texts.metadata.as_ref())?,
                    questions: std::mem::take(&mut read.questions),
                    suggested: std::mem::take(&mut read.suggested),
                },
            )
            .await?;
        let with_scores = include.contains(&IssueInclude::Scores);
        Ok(read.screen(likeness, with_scores, permissions))
    }
}

impl Read {
    fn of(
        tx: &mut Tx<'_>,
        project: ProjectId,
        issue: IssueRow,
        include: &[IssueInclude],
        as_of: AsOf,
        evaluations: &[domain::Evaluation],
    ) -> Result<Self> {
        let id: IssueId = issue.id.into();
        let worst = issues::worst_open(tx, project, id)?;
        let shown: InteractionId =
            worst.as_ref().map_or(issue.interaction_id, |worst| worst.interaction_id).into();
        let (row, texts) = interactions::get(tx, project, shown)?.ok_or(Error::NotFound("interaction"))?;
        let occurrence = match worst {
            Some(worst) => Some(worst),
            None => issues::occurrence(tx, project, shown)?.filter(|place| place.issue_id == issue.id),
        };
        let verdict: Verdict =
            serde_json::from_str(&texts.verdict).map_err(|e| StoreError::unreadable("verdict", e))?;
        let said = feedback::of_interaction(tx, project, shown)?;
        let suggested = if issue.addressed_at.is_some() {
            let open = issues::distinct_questions(tx, project, id, Some(OccurrenceState::Open), COMPARED)?;
            not_rejected(tx, project, id, open)?
        } else {
            Vec::new()
        };
        let state = occurrence.as_ref().map(|place| word("occurrence state", &place.state)).transpose()?;
        let mut shown = items(tx, project, vec![issue], include, as_of)?;
        Ok(Self {
            why: reasons(&verdict, evaluations, &said, occurrence.as_ref())?,
            conversation: session(tx, project, &row)?,
            questions: issues::distinct_questions(tx, project, id, None, COMPARED)?,
            responses: issues::distinct_responses(tx, project, id, RESPONSES)?,
            suggested,
            history: history(events::of_issue(tx, project, id, HISTORY)?)?,
            issue: shown.pop().ok_or(Error::NotFound("issue"))?,
            row,
            texts,
            verdict,
            state,
            placed: occurrence.as_ref().map(placed).transpose()?,
        })
    }

    fn screen(self, likeness: Likeness, with_scores: bool, permissions: &[Permission]) -> IssueScreen {
        let Self { issue, row, texts, verdict, state, placed, why, conversation, responses, history, .. } =
            self;
        let messages = texts.messages.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let messages = messages.and_then(|messages| chat::parse_messages(&messages).ok()).unwrap_or_default();
        let allowed_actions = possible(allowed_actions(issue.status, permissions));
        IssueScreen {
            issue,
            interaction: ShownInteraction {
                id: row.id.into(),
                occurred_at: row.occurred_at.into(),
                received: received(&texts.response, &verdict),
                query: texts.query,
                rewritten_query: texts.rewritten_query,
                response: texts.response,
                blocked: row.blocked,
                context: texts.context,
                state,
                placed,
                evaluations: with_scores.then_some(verdict.evaluations),
            },
            why,
            conversation,
            messages,
            questions: likeness.questions,
            responses: responses.into_iter().map(DistinctText::from).collect(),
            similar_answers: likeness.similar_answers,
            suggested_phrasings: likeness.suggested,
            history,
            allowed_actions,
        }
    }
}

/// The questions that no expert has rejected for an answer of the issue.
fn not_rejected(
    tx: &mut Tx<'_>,
    project: ProjectId,
    issue: IssueId,
    mut questions: Vec<Distinct>,
) -> Result<Vec<Distinct>> {
    let linked = issues::linked_to(tx, project, &[issue.into()])?;
    let answers = linked.iter().filter(|link| link.kind == RemediationKind::Answer);
    let answers: Vec<AnswerId> = answers.map(|link| AnswerId(link.id)).collect();
    let phrasings = phrasings::of_answers(tx, project, &answers)?;
    let rejected = |digest: &[u8]| {
        phrasings.iter().any(|phrasing| phrasing.rejected_at.is_some() && phrasing.text_digest == digest)
    };
    questions.retain(|question| !rejected(&question.digest));
    Ok(questions)
}

/// Without the actions that have no operation yet.
fn possible(mut actions: Vec<IssueAction>) -> Vec<IssueAction> {
    actions.retain(|action| *action != IssueAction::Claim);
    actions
}

fn history(rows: Vec<EventRow>) -> Result<Vec<HistoryEntry>> {
    rows.into_iter()
        .map(|row| {
            Ok(HistoryEntry {
                seq: row.seq,
                at: row.at.into(),
                actor: read_actor(&row.actor)?,
                issue_id: IssueId(row.subject_id.0),
                kind: word("event kind", &row.kind)?,
                changes: serde_json::from_str(&row.changes)
                    .map_err(|e| StoreError::unreadable("changes", e))?,
            })
        })
        .collect()
}

impl From<Distinct> for DistinctText {
    fn from(distinct: Distinct) -> Self {
        let Distinct { digest: _, text, count, interaction, last_seen_at } = distinct;
        Self { text, count, last_seen_at, interaction_id: interaction }
    }
}
