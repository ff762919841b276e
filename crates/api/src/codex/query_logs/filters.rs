//! What the lists of logs are narrowed and ordered by.

use domain::list::{Order, Slice};
use domain::metadata::parse_conditions;
use domain::text::{EXTERNAL_ID_BYTES, NAME_BYTES, check_text};
use domain::{Faults, FieldCode, Invalid, IssueId, ProblemCode, ReviewVerdict, Timestamp};
use engine::{GroupFilter, GroupSort, InteractionFilter, InteractionSort};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::codex::body::Moment;
use crate::codex::page;
use crate::problem::Problem;

/// The parameters of the lists of logs.
#[derive(Debug, Clone, Deserialize)]
pub struct Filters {
    created_at_start: Option<Moment>,
    created_at_end: Option<Moment>,
    custom_metadata: Option<String>,
    expert_review_status: Option<ReviewVerdict>,
    #[serde(default)]
    failed_evals: Vec<String>,
    #[serde(default)]
    passed_evals: Vec<String>,
    guardrailed: Option<bool>,
    has_tool_calls: Option<bool>,
    needs_review: Option<bool>,
    #[serde(default)]
    primary_eval_issue: Vec<Issue>,
    search_text: Option<String>,
    #[serde(default)]
    tool_call_names: Vec<String>,
    was_cache_hit: Option<bool>,
    #[serde(default)]
    remediation_ids: Vec<String>,
    limit: Option<i64>,
    offset: Option<i64>,
    order: Option<Order>,
    sort: Option<String>,
}

/// A problem that an evaluation of every project finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Issue {
    Hallucination,
    SearchFailure,
    Unhelpful,
    DifficultQuery,
    Ungrounded,
}

/// The filters as they are told again beside the logs.
#[derive(Debug, Serialize)]
pub struct Told {
    created_at_start: Option<Timestamp>,
    created_at_end: Option<Timestamp>,
    custom_metadata: Option<String>,
    custom_metadata_dict: Option<Value>,
    expert_review_status: Option<ReviewVerdict>,
    failed_evals: Option<Vec<String>>,
    passed_evals: Option<Vec<String>>,
    guardrailed: Option<bool>,
    has_tool_calls: Option<bool>,
    needs_review: Option<bool>,
    primary_eval_issue: Option<Vec<Issue>>,
    search_text: Option<String>,
    tool_call_names: Option<Vec<String>>,
    was_cache_hit: Option<bool>,
}

impl Filters {
    /// Which logs.
    ///
    /// # Errors
    /// A text is too long, or the metadata are no object of JSON.
    pub fn logs(&self) -> Result<InteractionFilter, Problem> {
        let mut faults = Faults::new();
        for (pointer, names) in [
            ("/failed_evals", &self.failed_evals),
            ("/passed_evals", &self.passed_evals),
            ("/tool_call_names", &self.tool_call_names),
        ] {
            for name in names {
                check_text(pointer, name, NAME_BYTES, &mut faults);
            }
        }
        if let Some(text) = &self.search_text {
            check_text("/search_text", text, EXTERNAL_ID_BYTES, &mut faults);
        }
        let metadata = self.custom_metadata.as_deref().map_or(Ok(Vec::new()), parse_conditions);
        let metadata = faults.take(metadata.map_err(|e| e.under("/custom_metadata")));
        faults.finish().map_err(Problem::query)?;
        Ok(InteractionFilter {
            since: self.created_at_start.map(|Moment(at)| at),
            until: self.created_at_end.map(|Moment(at)| just_after(at)),
            metadata: metadata.unwrap_or_default(),
            reviewed: self.expert_review_status.map(|_| true),
            review: self.expert_review_status,
            failing: self.failed_evals.clone(),
            passing: self.passed_evals.clone(),
            blocked: self.guardrailed,
            calls_tools: self.has_tool_calls,
            tools: self.tool_call_names.clone(),
            problems: self.primary_eval_issue.iter().map(|issue| issue.code()).collect(),
            search: self.search_text.clone(),
            answered: self.was_cache_hit,
            ..InteractionFilter::default()
        })
    }

    /// Which groups of logs.
    ///
    /// # Errors
    /// As [`Self::logs`].
    pub fn groups(&self) -> Result<GroupFilter, Problem> {
        // What is not written as an id is nobody's group.
        let issue = |id: &String| IssueId(id.parse().unwrap_or(Uuid::nil()));
        Ok(GroupFilter {
            interactions: self.logs()?,
            unaddressed: self.needs_review,
            issues: self.remediation_ids.iter().map(issue).collect(),
        })
    }

    /// The stretch of the list.
    ///
    /// # Errors
    /// A number is negative.
    pub fn slice(&self) -> Result<Slice, Problem> {
        page::slice(self.limit, self.offset)
    }

    /// The order of logs: the newest first, if not asked otherwise.
    ///
    /// # Errors
    /// There is no such order.
    pub fn log_sort(&self) -> Result<(InteractionSort, Order), Problem> {
        let sort = self.sort.as_deref().unwrap_or("created_at");
        let sort = log_sort(sort).ok_or_else(|| {
            no_order("must be created_at, primary_eval_issue_score, or .eval. with the key of an evaluation")
        })?;
        Ok((sort, self.order.unwrap_or(Order::Descending)))
    }

    /// The order of groups: the greatest impact first, if not asked otherwise. There is no order of one's own, so `custom_rank` is that too.
    ///
    /// # Errors
    /// There is no such order.
    pub fn group_sort(&self) -> Result<(GroupSort, Order), Problem> {
        let sort = match self.sort.as_deref() {
            None | Some("impact_score" | "custom_rank") => Some(GroupSort::Impact),
            Some("total_count") => Some(GroupSort::Interactions),
            Some(other) => log_sort(other).map(GroupSort::Of),
        };
        let sort = sort.ok_or_else(|| {
            no_order(
                "must be impact_score, total_count, custom_rank, created_at, primary_eval_issue_score, or .eval. with the key of an evaluation",
            )
        })?;
        Ok((sort, self.order.unwrap_or(Order::Descending)))
    }

    /// The filters as they came.
    pub fn told(&self) -> Told {
        let some = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
        Told {
            created_at_start: self.created_at_start.map(|Moment(at)| at),
            created_at_end: self.created_at_end.map(|Moment(at)| at),
            custom_metadata: self.custom_metadata.clone(),
            custom_metadata_dict: self
                .custom_metadata
                .as_deref()
                .and_then(|json| serde_json::from_str(json).ok()),
            expert_review_status: self.expert_review_status,
            failed_evals: some(&self.failed_evals),
            passed_evals: some(&self.passed_evals),
            guardrailed: self.guardrailed,
            has_tool_calls: self.has_tool_calls,
            needs_review: self.needs_review,
            primary_eval_issue: Some(self.primary_eval_issue.clone()).filter(|list| !list.is_empty()),
            search_text: self.search_text.clone(),
            tool_call_names: some(&self.tool_call_names),
            was_cache_hit: self.was_cache_hit,
        }
    }
}

impl Issue {
    const fn code(self) -> ProblemCode {
        match self {
            Self::Hallucination => ProblemCode::Hallucination,
            Self::SearchFailure => ProblemCode::SearchFailure,
            Self::Unhelpful => ProblemCode::Unhelpful,
            Self::DifficultQuery => ProblemCode::DifficultQuery,
            Self::Ungrounded => ProblemCode::Ungrounded,
        }
    }
}

fn log_sort(sort: &str) -> Option<InteractionSort> {
    match sort {
        "created_at" => Some(InteractionSort::OccurredAt),
        "primary_eval_issue_score" => Some(InteractionSort::ProblemScore),
        other => {
            let key = other.strip_prefix(".eval.")?;
            let plain = !key.is_empty() && key.len() <= NAME_BYTES && !key.contains('\0');
            plain.then(|| InteractionSort::Score(key.to_owned()))
        }
    }
}

fn no_order(detail: &str) -> Problem {
    Problem::query(Invalid::one("/sort", FieldCode::BadFormat, detail))
}

/// The moment after this one: an end that counts becomes one that does not.
fn just_after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() + 1).unwrap_or(at)
}
