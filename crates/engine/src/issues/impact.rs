//! An issue's impact with everything it is computed from.

use super::settle::hour_counts;
use super::{found, view::Impact};
use crate::{Engine, Result};
use domain::{ImpactLevel, IssueId, ProjectId, Timestamp, impact};
use serde::Serialize;
use storage::issues;
use utoipa::ToSchema;

/// How the score follows from the hours.
const FORMULA: &str = "score = sum over the hours of (open_severity_milli / 1000) * 2^(-age / half_life_days), where age is the time from \
                       the start of the hour to as_of, in days";

/// What happened to an issue in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssueHour {
    /// When the hour begins.
    pub start: Timestamp,
    /// The same in hours since 1970-01-01T00:00:00Z.
    pub hour: i64,
    /// Occurrences of this hour that are open.
    pub open_count: u32,
    /// The sum of their severities, in thousandths; each is 50 to 1000.
    pub open_severity_milli: u64,
    /// Occurrences of this hour that a remediation caught.
    pub protected_count: u32,
}

/// An issue's impact, so that anyone can compute it again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IssueImpact {
    /// The impact, computed from these hours.
    pub score: f64,
    /// The score in a word.
    pub severity: ImpactLevel,
    /// Days after which an occurrence weighs half.
    pub half_life_days: f64,
    /// The moment of the score.
    pub as_of: Timestamp,
    /// The severity of the open occurrences of the last seven days less that of the seven before.
    pub trend_7d: f64,
    /// How the score follows from the hours.
    pub formula: &'static str,
    /// Every hour in which something happened, oldest first.
    pub hours: Vec<IssueHour>,
}

impl Engine {
    /// The impact of an issue and its hours.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub async fn issue_impact(&self, project: ProjectId, id: IssueId) -> Result<IssueImpact> {
        let as_of = self.as_of(project).await?;
        let (issue, hours) = self
            .store()
            .read(move |tx| -> Result<_> {
                let issue = found(tx, project, id)?;
                let hours = issues::hours(tx, issue.id.into())?;
                Ok((issue, hours))
            })
            .await?;
        let Impact { half_life_days, as_of: now, trend_7d, .. } = as_of.impact(issue.impact_log2, &hours);
        let counts = hour_counts(&hours);
        let score = impact::score(&counts, half_life_days, now);
        let hours = counts
            .into_iter()
            .map(|count| IssueHour {
                start: count.hour.start(),
                hour: count.hour.0,
                open_count: count.open_count,
                open_severity_milli: count.open_severity_milli,
                protected_count: count.protected_count,
            })
            .collect();
        let severity = impact::level(score);
        Ok(IssueImpact { score, severity, half_life_days, as_of: now, trend_7d, formula: FORMULA, hours })
    }
}
