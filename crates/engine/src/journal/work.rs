//! What can be handed to the journal, and what comes back.

use crate::live::LiveProject;
use domain::{
    AccessKeyId, CentroidId, Compared, GroupedBy, GuidanceId, InteractionId, IssueId, ProblemCode, ProjectId,
    RemediationRef, Timestamp, Verdict,
};
use similarity::grouping::Hint;
use similarity::{Embedding, Quantized};
use std::sync::Arc;
use storage::interactions::{InteractionRow, InteractionTextRow};
use storage::matches::MatchRow;

/// One thing to record.
#[derive(Clone)]
pub(crate) enum Work {
    /// A new interaction.
    Record(Box<Recording>),
    /// A recorded interaction becomes an occurrence.
    Occur(Box<Occurring>),
    /// Guidance was given.
    Give(Box<Giving>),
}

/// A new interaction with its verdict.
#[derive(Clone)]
pub(crate) struct Recording {
    pub(crate) project: Arc<LiveProject>,
    pub(crate) row: InteractionRow,
    pub(crate) texts: InteractionTextRow,
    pub(crate) verdict: Verdict,
    /// Its place among the issues, when it is an occurrence.
    pub(crate) placing: Option<Placing>,
    /// What remediations did with it, or nearly did.
    pub(crate) matches: Vec<MatchRow>,
    /// Its caller made the same call before: it is recorded only if that was not.
    pub(crate) again: bool,
    /// The access key it came by, if that is still to be looked at.
    pub(crate) key: Option<AccessKeyId>,
}

/// A recorded interaction that a person brought to the experts.
#[derive(Clone)]
pub(crate) struct Occurring {
    pub(crate) project: Arc<LiveProject>,
    pub(crate) interaction: InteractionId,
    pub(crate) placing: Placing,
}

/// Guidance that is given with a query: it is counted, and the query is not kept.
#[derive(Clone)]
pub(crate) struct Giving {
    pub(crate) project: Arc<LiveProject>,
    pub(crate) guidance: Vec<GuidanceId>,
    pub(crate) at: Timestamp,
}

/// What decides an occurrence's place.
#[derive(Debug, Clone)]
pub(crate) struct Placing {
    /// The text that was matched.
    pub(crate) question: String,
    pub(crate) response_excerpt: String,
    pub(crate) question_digest: [u8; 16],
    pub(crate) response_digest: [u8; 16],
    pub(crate) problem: ProblemCode,
    pub(crate) severity_milli: u32,
    pub(crate) blocked: bool,
    pub(crate) occurred_at: Timestamp,
    /// Of the text it is grouped by.
    pub(crate) embedding: Embedding,
    /// The same as it is stored.
    pub(crate) vector: Quantized,
    /// Which text that is.
    pub(crate) grouped_by: GroupedBy,
    /// How it is compared.
    pub(crate) compared: Compared,
    /// None where the place is not looked for: the centroids may not be loaded.
    pub(crate) hint: Option<Hint<CentroidId>>,
    /// The remediation that caught it.
    pub(crate) caught_by: Option<RemediationRef>,
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    /// Nil where no interaction is concerned.
    pub(crate) interaction: InteractionId,
    /// The verdict it got, the first time when it came again.
    pub(crate) verdict: Verdict,
    /// Its issue, when this made it an occurrence.
    pub(crate) issue: Option<IssueId>,
    /// The same `external_id`, or the same call, had come before.
    pub(crate) repeated: bool,
}

impl Recorded {
    /// What is said of an interaction at first.
    pub(crate) const fn of(interaction: InteractionId, verdict: Verdict) -> Self {
        Self { interaction, verdict, issue: None, repeated: false }
    }
}

impl Work {
    pub(crate) fn project(&self) -> &Arc<LiveProject> {
        match self {
            Self::Record(recording) => &recording.project,
            Self::Occur(occurring) => &occurring.project,
            Self::Give(giving) => &giving.project,
        }
    }

    /// Whether it becomes an occurrence.
    pub(crate) fn places(&self) -> bool {
        match self {
            Self::Record(recording) => recording.placing.is_some(),
            Self::Occur(_) => true,
            Self::Give(_) => false,
        }
    }

    pub(crate) fn project_id(&self) -> ProjectId {
        self.project().id
    }
}
