//! A match as experts see it: what the AI said and what was served, side by side, and why.

use crate::contradictions::of_phrasing;
use crate::history::read_actor;
use crate::interactions::InteractionOccurrence;
use crate::{Engine, Error, Result};
use domain::{
    Actor, AnswerId, AnswerVersionId, Confirmation, InteractionId, IssueId, MatchId, MatchState, PhrasingId,
    ProjectId, RemediationKind, RemediationRef, ReviewVerdict, Timestamp, Warning, text,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use storage::issues::{OccurrenceRow, occurrences_of};
use storage::matches::{MatchRow, ShownText, shown_texts};
use storage::{StoreError, Tx, answers, matches};
use utoipa::ToSchema;

/// Characters of a response that a list shows; a single match shows all.
const EXCERPT: usize = 2000;
/// Characters that are read to make an excerpt.
const HEAD: i32 = EXCERPT as i32 + 1;

/// One time a remediation acted, or nearly did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MatchItem {
    /// Id.
    pub id: MatchId,
    /// What it did.
    pub state: MatchState,
    /// What an expert said of it; null while none did.
    pub confirmation: Option<Confirmation>,
    /// The answer or review.
    pub remediation: RemediationRef,
    /// The interaction it acted on.
    pub interaction_id: InteractionId,
    /// When the AI answered.
    pub occurred_at: Timestamp,
    /// What the user asked.
    pub query: String,
    /// The query made self-contained by the caller: then that is what was matched.
    pub rewritten_query: Option<String>,
    /// What the AI answered. In lists its beginning, 2,000 characters at the most.
    pub response: String,
    /// The answer that was served, would have been, or nearly was; null for a review.
    pub answer: Option<MatchedAnswer>,
    /// The review that applied; null for an answer.
    pub review: Option<MatchedReview>,
    /// The phrasing that matched; null for a review.
    pub phrasing_id: Option<PhrasingId>,
    /// The similarity that counted, -1 to 1: of query and phrasing, or the lesser of those of queries and responses.
    pub similarity: f64,
    /// The calibrated score of the decision; null where only the similarity counted.
    pub score: Option<f64>,
    /// How much it needs an expert's look, greatest first. Of what acted, or would have: how far what counted lies below what was needed,
    /// so 0 at the threshold and the less the surer it was. Of what was suggested: how far it lies above, so 0 at the threshold and the less
    /// the farther it was; above 0 where only an objection stood in the way. What was served against an objection (`vetoes`) is 1 riskier,
    /// what the user's thumb is down on 2.
    pub risk: f64,
    /// Why, as the verdict told it: similarities, thresholds, margins, vetoes, the reason in words.
    #[schema(value_type = Object)]
    pub explanation: Value,
    /// Who decided.
    pub decided_by: Option<Actor>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// The issue of its own that the interaction got when the match was rejected.
    pub own_issue_id: Option<IssueId>,
    /// The user's last thumb on the interaction: `up` or `down`.
    pub thumbs: Option<String>,
    /// The interaction's place in an issue, if it has one.
    pub occurrence: Option<InteractionOccurrence>,
    /// Of a confirmed match of an answer: the active answers that answer its question otherwise.
    pub warnings: Vec<Warning>,
}

/// The answer of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatchedAnswer {
    /// The question it answers, as it stands now.
    pub query: String,
    /// The phrasing that matched, as it was then.
    pub phrasing: String,
    /// The words that were live then.
    pub text: Option<String>,
    /// Their version.
    pub version_id: Option<AnswerVersionId>,
    /// Whether the answer was deleted since.
    pub deleted: bool,
}

/// The review of a match, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatchedReview {
    /// Good, or bad.
    pub verdict: ReviewVerdict,
    /// Why.
    pub explanation: Option<String>,
    /// The reviewed interaction that is alike.
    pub interaction_id: InteractionId,
    /// Its query.
    pub query: Option<String>,
    /// Its response. In lists its beginning.
    pub response: Option<String>,
}

impl Engine {
    /// One match, with all of its texts.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_match(&self, project: ProjectId, id: MatchId) -> Result<MatchItem> {
        let read = self.store().read(move |tx| {
            let row = matches::get(tx, project, id)?.ok_or(Error::NotFound("match"))?;
            let shown = items(tx, project, vec![row], i32::MAX)?.pop();
            shown.ok_or_else(|| Error::Internal("a match that was read is not shown".to_owned()))
        });
        let mut warned = self.with_warnings(project, vec![read.await?]).await?;
        warned.pop().ok_or(Error::NotFound("match"))
    }

    /// Adds what stands against the phrasings that answers got by these matches.
    pub(super) async fn with_warnings(
        &self,
        project: ProjectId,
        mut items: Vec<MatchItem>,
    ) -> Result<Vec<MatchItem>> {
        let taught = |item: &MatchItem| {
            item.remediation.kind == RemediationKind::Answer
                && item.confirmation == Some(Confirmation::Confirmed)
        };
        if !items.iter().any(taught) {
            return Ok(items);
        }
        let remediations = self.shared.live.project(project).await?.remediations();
        let encoder = Arc::clone(&self.shared.encoder);
        let warned = self.shared.cpu.run(move || {
            for item in items.iter_mut().filter(|item| taught(item)) {
                let question = item.rewritten_query.as_deref().unwrap_or(&item.query);
                let answer = AnswerId(item.remediation.id);
                item.warnings = of_phrasing(&remediations, &encoder, answer, question);
            }
            items
        });
        warned.await
    }

    /// These matches, in the order of their ids, as a list shows them.
    pub(super) async fn matches_by_id(
        &self,
        project: ProjectId,
        ids: Vec<MatchId>,
    ) -> Result<Vec<MatchItem>> {
        let read = self.store().read(move |tx| {
            let rows = matches::by_id(tx, project, &ids)?;
            listed(tx, project, rows)
        });
        self.with_warnings(project, read.await?).await
    }
}

/// Shows matches in a list, in the order given.
pub(super) fn listed(tx: &mut Tx<'_>, project: ProjectId, rows: Vec<MatchRow>) -> Result<Vec<MatchItem>> {
    let mut items = items(tx, project, rows, HEAD)?;
    for item in &mut items {
        item.response = text::excerpt(&item.response, EXCERPT);
        if let Some(response) = item.review.as_mut().and_then(|review| review.response.as_mut()) {
            *response = text::excerpt(response, EXCERPT);
        }
    }
    Ok(items)
}

/// What belongs to matches, read for all of them at once.
struct Beside {
    texts: HashMap<InteractionId, ShownText>,
    occurrences: HashMap<InteractionId, OccurrenceRow>,
    /// Questions, and whether the answer was deleted.
    answers: HashMap<AnswerId, (String, bool)>,
    words: HashMap<AnswerVersionId, String>,
}

fn items(tx: &mut Tx<'_>, project: ProjectId, rows: Vec<MatchRow>, head: i32) -> Result<Vec<MatchItem>> {
    let rows: Vec<(MatchRow, Value)> = rows
        .into_iter()
        .map(|row| {
            let explanation = serde_json::from_str(&row.explanation)
                .map_err(|e| StoreError::unreadable("explanation of a match", e))?;
            Ok((row, explanation))
        })
        .collect::<Result<_>>()?;
    let beside = beside(tx, project, &rows, head)?;
    rows.into_iter().map(|(row, explanation)| item(row, explanation, &beside)).collect()
}

fn beside(tx: &mut Tx<'_>, project: ProjectId, rows: &[(MatchRow, Value)], head: i32) -> Result<Beside> {
    let acted_on: Vec<InteractionId> = rows.iter().map(|(row, _)| row.interaction_id.into()).collect();
    let mut shown = acted_on.clone();
    for (row, explanation) in rows {
        if kind_of(row)? == RemediationKind::Review {
            shown.push(reviewed_interaction(explanation)?);
        }
    }
    let occurrences = occurrences_of(tx, project, &acted_on)?.into_iter();
    let answers_of: Vec<AnswerId> = rows.iter().map(|(row, _)| AnswerId(row.remediation_id.0)).collect();
    let versions: Vec<AnswerVersionId> =
        rows.iter().filter_map(|(row, _)| row.answer_version_id.map(Into::into)).collect();
    Ok(Beside {
        texts: shown_texts(tx, project, &shown, head)?,
        occurrences: occurrences.map(|row| (row.interaction_id.into(), row)).collect(),
        answers: answers::questions(tx, project, &answers_of)?,
        words: answers::words(tx, project, &versions)?.into_iter().collect(),
    })
}

fn item(row: MatchRow, explanation: Value, beside: &Beside) -> Result<MatchItem> {
    let interaction_id = InteractionId::from(row.interaction_id);
    let absent = || StoreError::unreadable("match", format!("interaction {interaction_id} is not there"));
    let texts = beside.texts.get(&interaction_id).ok_or_else(absent)?;
    let kind = kind_of(&row)?;
    let (answer, review) = match kind {
        RemediationKind::Answer => (Some(matched_answer(&row, &explanation, beside)?), None),
        RemediationKind::Review => (None, Some(matched_review(&explanation, beside)?)),
        RemediationKind::Guidance => (None, None),
    };
    let confirmation = row.confirmation.as_deref().map(str::parse).transpose();
    Ok(MatchItem {
        id: row.id.into(),
        state: row.state.parse().map_err(|e| StoreError::unreadable("match state", e))?,
        confirmation: confirmation.map_err(|e| StoreError::unreadable("confirmation", e))?,
        remediation: RemediationRef { kind, id: row.remediation_id.0 },
        interaction_id,
        occurred_at: row.occurred_at.into(),
        query: texts.query.clone(),
        rewritten_query: texts.rewritten_query.clone(),
        response: texts.response.clone(),
        answer,
        review,
        phrasing_id: row.phrasing_id.map(Into::into),
        similarity: row.similarity,
        score: row.score,
        risk: row.risk,
        explanation,
        decided_by: row.decided_by.as_deref().map(read_actor).transpose()?,
        decided_at: row.decided_at.map(Into::into),
        own_issue_id: row.own_issue_id.map(Into::into),
        thumbs: texts.thumbs.clone(),
        occurrence: beside.occurrences.get(&interaction_id).map(place).transpose()?,
        warnings: Vec::new(),
    })
}

fn matched_answer(row: &MatchRow, explanation: &Value, beside: &Beside) -> Result<MatchedAnswer> {
    let id = AnswerId(row.remediation_id.0);
    let absent = || StoreError::unreadable("match", format!("answer {id} is not there"));
    let (query, deleted) = beside.answers.get(&id).ok_or_else(absent)?;
    let version_id = row.answer_version_id.map(AnswerVersionId::from);
    Ok(MatchedAnswer {
        query: query.clone(),
        phrasing: told(explanation, "phrasing")?.to_owned(),
        text: version_id.and_then(|version| beside.words.get(&version).cloned()),
        version_id,
        deleted: *deleted,
    })
}

fn matched_review(explanation: &Value, beside: &Beside) -> Result<MatchedReview> {
    let interaction_id = reviewed_interaction(explanation)?;
    let texts = beside.texts.get(&interaction_id);
    let asked = |texts: &ShownText| texts.rewritten_query.clone().unwrap_or_else(|| texts.query.clone());
    let verdict = told(explanation, "verdict")?.parse();
    Ok(MatchedReview {
        verdict: verdict.map_err(|e| StoreError::unreadable("review verdict", e))?,
        explanation: explanation["explanation"].as_str().map(str::to_owned),
        interaction_id,
        query: texts.map(asked),
        response: texts.map(|texts| texts.response.clone()),
    })
}

fn reviewed_interaction(explanation: &Value) -> Result<InteractionId> {
    let id = told(explanation, "interaction_id")?.parse();
    Ok(id.map_err(|e| StoreError::unreadable("reviewed interaction", e))?)
}

/// A text that every explanation of its kind holds.
fn told<'a>(explanation: &'a Value, field: &str) -> Result<&'a str> {
    let missing = || StoreError::unreadable("explanation of a match", format!("it has no {field}"));
    Ok(explanation[field].as_str().ok_or_else(missing)?)
}

pub(super) fn kind_of(row: &MatchRow) -> Result<RemediationKind> {
    Ok(row.remediation_kind.parse().map_err(|e| StoreError::unreadable("remediation kind", e))?)
}

fn place(row: &OccurrenceRow) -> Result<InteractionOccurrence> {
    let state = row.state.parse().map_err(|e| StoreError::unreadable("occurrence state", e))?;
    Ok(InteractionOccurrence { issue_id: row.issue_id.into(), state })
}
