//! An issue as it is shown: in a list, and at the head of its own screen.

use super::settle::hour_counts;
use super::word;
use crate::Result;
use domain::{
    AddressedBy, ImpactLevel, InteractionId, IssueId, Problem, ProblemCode, ProjectId, RemediationKind,
    Status, Timestamp, UserId, impact,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use storage::issues::{HourRow, IssueRow, LinkedRow};
use storage::{StoreError, Tx, Uid, effects, interactions, issues};
use utoipa::ToSchema;
use uuid::Uuid;

/// Hours of history that a trend looks at: two weeks.
const TREND_HOURS: i64 = 2 * 7 * 24;

/// What issues hold only when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssueInclude {
    /// The scores of the interaction that stands for the issue.
    Scores,
    /// That interaction's metadata.
    Metadata,
}

/// How often an issue occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueCounts {
    /// Occurrences of any state.
    pub occurrences: i64,
    /// Of these, open: nobody has dealt with them.
    pub open: i64,
    /// Of these, caught by a remediation when they happened.
    pub protected: i64,
}

/// How much an issue hurts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Impact {
    /// The sum of the severities of the open occurrences, each halved with every half-life of age: 1 is one failure of the
    /// greatest severity, this moment.
    pub score: f64,
    /// The score in a word.
    pub severity: ImpactLevel,
    /// Days after which an occurrence weighs half.
    pub half_life_days: f64,
    /// The moment of the score.
    pub as_of: Timestamp,
    /// The severity of the open occurrences of the last seven days less that of the seven before: positive when it gets worse.
    pub trend_7d: f64,
}

/// A remediation of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueRemediation {
    /// An answer, a review, or guidance.
    pub kind: RemediationKind,
    /// Its id.
    pub id: Uuid,
    /// An answer's question, a review's explanation, the advice of guidance.
    pub text: String,
    /// An answer's or guidance's status (`draft`, `active`, `paused`), a review's verdict (`good`, `bad`).
    pub state: String,
    /// Whether it does nothing for now.
    pub paused: bool,
    /// How often it acted.
    pub acted: i64,
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IssueItem {
    /// Its id.
    pub id: IssueId,
    /// The query that stands for it.
    pub query: String,
    /// How the response to it begins.
    pub response_excerpt: String,
    /// What is wrong, in words.
    pub problem: Problem,
    /// Whether it waits for an expert.
    pub status: Status,
    /// What addressed it; null while it is not addressed.
    pub addressed_by: Option<AddressedBy>,
    /// When it was addressed last.
    pub addressed_at: Option<Timestamp>,
    /// When it came back after it was addressed; null once it is addressed again.
    pub regressed_at: Option<Timestamp>,
    /// How often it occurred.
    pub counts: IssueCounts,
    /// How much it hurts.
    pub impact: Impact,
    /// Whether users are blocked and no answer says better.
    pub needs_answer: bool,
    /// Its first occurrence.
    pub first_seen_at: Timestamp,
    /// Its last occurrence.
    pub last_seen_at: Timestamp,
    /// Whose work it is: a user's id.
    pub assignee: Option<UserId>,
    /// Out of the default view until then.
    pub snoozed_until: Option<Timestamp>,
    /// What experts did about it, oldest first.
    pub remediations: Vec<IssueRemediation>,
    /// Grows by one with each edit; send it in `If-Match`.
    pub version: i64,
    /// With `include=scores`: the scores of the interaction that stands for it, by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<Value>,
    /// With `include=metadata`: that interaction's metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// What impacts are computed with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsOf {
    pub(super) now: Timestamp,
    pub(super) half_life_days: f64,
}

impl AsOf {
    pub(super) fn impact(self, log2: f64, hours: &[HourRow]) -> Impact {
        let score = impact::score_at(log2, self.half_life_days, self.now);
        Impact {
            score,
            severity: impact::level(score),
            half_life_days: self.half_life_days,
            as_of: self.now,
            trend_7d: impact::trend_7d(&hour_counts(hours), self.now),
        }
    }
}

/// Shows these issues, each with the interaction that stands for it.
pub(crate) fn items_of(
    tx: &mut Tx<'_>,
    project: ProjectId,
    ids: &[IssueId],
    as_of: AsOf,
) -> Result<HashMap<IssueId, (IssueItem, InteractionId)>> {
    let rows = issues::these(tx, project, ids)?;
    let stand_for: Vec<InteractionId> = rows.iter().map(|row| row.interaction_id.into()).collect();
    let items = items(tx, project, rows, &[], as_of)?;
    Ok(items.into_iter().zip(stand_for).map(|(item, stands)| (item.id, (item, stands))).collect())
}

/// Shows issues, in the order given.
pub(super) fn items(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: Vec<IssueRow>,
    include: &[IssueInclude],
    as_of: AsOf,
) -> Result<Vec<IssueItem>> {
    let ids: Vec<Uid> = rows.iter().map(|row| row.id).collect();
    let mut hours: HashMap<Uid, Vec<HourRow>> = HashMap::new();
    for hour in issues::hours_since(tx, project, &ids, as_of.now.hour().0 - TREND_HOURS)? {
        hours.entry(hour.issue_id).or_default().push(hour);
    }
    let mut linked: HashMap<IssueId, Vec<IssueRemediation>> = HashMap::new();
    let links = issues::linked_to(tx, project, &ids)?;
    let effects = effects::of(tx, project, &links.iter().map(|link| link.id).collect::<Vec<_>>())?;
    for link in links {
        let acted = effects.get(&link.id).map_or(0, |effect| effect.acted);
        linked.entry(link.issue).or_default().push(IssueRemediation::of(link, acted));
    }
    let mut extras = extras(tx, project, &rows, include)?;
    rows.into_iter()
        .map(|row| {
            let hours = hours.remove(&row.id).unwrap_or_default();
            let linked = linked.remove(&row.id.into()).unwrap_or_default();
            let (scores, metadata) = extras.remove(&row.interaction_id).unwrap_or_default();
            let impact = as_of.impact(row.impact_log2, &hours);
            Ok(IssueItem { scores, metadata, ..item(row, impact, linked)? })
        })
        .collect()
}

fn item(row: IssueRow, impact: Impact, remediations: Vec<IssueRemediation>) -> Result<IssueItem> {
    let problem: ProblemCode = word("problem", &row.problem)?;
    Ok(IssueItem {
        id: row.id.into(),
        query: row.query,
        response_excerpt: row.response_excerpt,
        problem: problem.problem(),
        status: word("issue status", &row.status)?,
        addressed_by: row.addressed_by.as_deref().map(|by| word("addressed_by", by)).transpose()?,
        addressed_at: row.addressed_at.map(Into::into),
        regressed_at: row.regressed_at.map(Into::into),
        counts: IssueCounts {
            occurrences: row.occurrences,
            open: row.open_occurrences,
            protected: row.protected_occurrences,
        },
        impact,
        needs_answer: row.needs_answer,
        first_seen_at: row.first_seen_at.into(),
        last_seen_at: row.last_seen_at.into(),
        assignee: row.assignee_id.map(Into::into),
        snoozed_until: row.snoozed_until.map(Into::into),
        remediations,
        version: row.version,
        scores: None,
        metadata: None,
    })
}

impl IssueRemediation {
    fn of(row: LinkedRow, acted: i64) -> Self {
        let LinkedRow { issue: _, kind, id, text, state, paused } = row;
        Self { kind, id, text, state, paused, acted }
    }
}

/// Scores and metadata of the interactions that stand for the issues, as far as asked.
type Extras = HashMap<Uid, (Option<Value>, Option<Value>)>;

fn extras(
    tx: &mut Tx<'_>,
    project: ProjectId,
    rows: &[IssueRow],
    include: &[IssueInclude],
) -> Result<Extras> {
    if include.is_empty() {
        return Ok(Extras::new());
    }
    let ids: Vec<_> = rows.iter().map(|row| row.interaction_id.into()).collect();
    let mut extras = Extras::new();
    for texts in interactions::texts(tx, project, &ids)? {
        let wanted = |what: IssueInclude, json: Option<&String>| {
            json.filter(|_| include.contains(&what)).map(|json| parse(json)).transpose()
        };
        let scores = wanted(IssueInclude::Scores, texts.scores.as_ref())?;
        let metadata = wanted(IssueInclude::Metadata, texts.metadata.as_ref())?;
        extras.insert(texts.interaction_id, (scores, metadata));
    }
    Ok(extras)
}

fn parse(json: &str) -> Result<Value> {
    Ok(serde_json::from_str(json).map_err(|e| StoreError::unreadable("interaction", e))?)
}
