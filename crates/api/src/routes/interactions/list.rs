//! The list of interactions.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, get, web};
use domain::list::page_limit;
use domain::metadata::parse_conditions;
use domain::text::{EXTERNAL_ID_BYTES, NAME_BYTES, check_text};
use domain::{Faults, InteractionId, IssueId, Kind, ProblemCode, ReviewVerdict, Serve, Timestamp};
use engine::{InteractionFilter, InteractionInclude, InteractionItem, InteractionListing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::extract::{CanRead, Query};
use crate::problem::Problem;
use crate::reply::page_response;

/// The order of a list of interactions.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub enum InteractionSort {
    /// Newest first.
    #[default]
    #[serde(rename = "-occurred_at")]
    Newest,
    /// Oldest first.
    #[serde(rename = "occurred_at")]
    Oldest,
}

/// Whether an interaction has a review of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reviewed {
    /// Reviewed as good.
    Good,
    /// Reviewed as bad.
    Bad,
    /// Reviewed, either way.
    Any,
    /// Not reviewed.
    None,
}

/// Which interactions, in which order.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Responses, or steps.
    kind: Option<Kind>,
    /// Whether the response was blocked.
    blocked: Option<bool>,
    /// Whether it went to an expert.
    escalated: Option<bool>,
    /// Its own review.
    #[param(inline)]
    reviewed: Option<Reviewed>,
    /// Of this conversation.
    session_id: Option<String>,
    /// With this id of your own.
    external_id: Option<String>,
    /// Occurred at this moment or later.
    since: Option<Timestamp>,
    /// Occurred before this moment.
    until: Option<Timestamp>,
    /// With any of these main problems, separated by commas.
    #[serde(default)]
    problem: Vec<ProblemCode>,
    /// Whose user was to receive this.
    serve: Option<Serve>,
    /// An occurrence of this issue.
    issue_id: Option<IssueId>,
    /// Failing each of these evaluations: their keys, separated by commas.
    #[serde(default)]
    failing: Vec<String>,
    /// With a score for each of these evaluations, and failing none of them: their keys, separated by commas.
    #[serde(default)]
    passing: Vec<String>,
    /// Whether it calls tools.
    calls_tools: Option<bool>,
    /// Calling any of these tools: their names, separated by commas.
    #[serde(default)]
    tools: Vec<String>,
    /// Whose metadata hold what this object of JSON says under each of its keys: `{"plan": "pro"}`, or one of several,
    /// `{"plan": ["pro", "team"]}`. Texts, numbers, truth values; null stands for null and for nothing at all under the key.
    metadata: Option<String>,
    /// With these words in the query, the rewritten query or the response; small and capital letters are alike.
    search: Option<String>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    sort: InteractionSort,
    /// What the items hold beside the narrow fields, separated by commas: `texts`, `scores`, `metadata`.
    #[serde(default)]
    #[param(inline)]
    include: Vec<InteractionInclude>,
    /// Items on the page, 1 to 200; 50 if not given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of interactions.
#[derive(Debug, Serialize, ToSchema)]
pub struct InteractionList {
    /// The interactions, in the order asked for.
    items: Vec<InteractionItem>,
    /// Send it as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
    /// Null, or where this page stopped looking although it is not full: 10,000 interactions were looked at, the last of them
    /// occurred then. `next_cursor` looks on from there.
    stopped_at: Option<Timestamp>,
}

impl Responder for InteractionList {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        page_response(request, self.next_cursor.as_deref()).json(self)
    }
}

impl ListQuery {
    /// What the choice and order of items depend on: a cursor is good for any page size and any `include`.
    fn of_cursor(&self) -> Self {
        Self { include: Vec::new(), limit: None, cursor: None, ..self.clone() }
    }

    fn listing(&self, after: Option<(Timestamp, InteractionId)>) -> Result<InteractionListing, Problem> {
        let mut faults = Faults::new();
        for (pointer, text) in [
            ("/session_id", &self.session_id),
            ("/external_id", &self.external_id),
            ("/search", &self.search),
        ] {
            if let Some(text) = text {
                check_text(pointer, text, EXTERNAL_ID_BYTES, &mut faults);
            }
        }
        for (pointer, names) in
            [("/failing", &self.failing), ("/passing", &self.passing), ("/tools", &self.tools)]
        {
            for name in names {
                check_text(pointer, name, NAME_BYTES, &mut faults);
            }
        }
        let metadata = self.metadata.as_deref().map_or(Ok(Vec::new()), parse_conditions);
        let metadata = faults.take(metadata.map_err(|e| e.under("/metadata")));
        let limit = faults.take(page_limit(self.limit));
        faults.finish().map_err(Problem::query)?;
        let filter = InteractionFilter {
            kind: self.kind,
            blocked: self.blocked,
            escalated: self.escalated,
            reviewed: self.reviewed.map(|reviewed| reviewed != Reviewed::None),
            review: match self.reviewed {
                Some(Reviewed::Good) => Some(ReviewVerdict::Good),
                Some(Reviewed::Bad) => Some(ReviewVerdict::Bad),
                _ => None,
            },
            session_id: self.session_id.clone(),
            external_id: self.external_id.clone(),
            since: self.since,
            until: self.until,
            problems: self.problem.clone(),
            serve: self.serve,
            issue: self.issue_id,
            answered: None,
            fails: false,
            failing: self.failing.clone(),
            passing: self.passing.clone(),
            calls_tools: self.calls_tools,
            tools: self.tools.clone(),
            metadata: metadata.unwrap_or_default(),
            search: self.search.clone().filter(|text| !text.is_empty()),
        };
        Ok(InteractionListing {
            filter,
            oldest_first: matches!(self.sort, InteractionSort::Oldest),
            after,
            limit: i64::from(limit.unwrap_or_default()),
        })
    }
}

/// The interactions of a project.
///
/// Newest first if not asked otherwise, by when they occurred. Items are narrow; `include` adds to them.
///
/// What has no index (texts, metadata, what failed or passed, a tool's name, several conditions at once) is looked for among 10,000
/// interactions a page, so that a page costs the same however much is stored: one that stops there says so in `stopped_at`.
#[utoipa::path(
    operation_id = "list_interactions",
    tag = "runtime",
    params(ListQuery),
    responses((status = 200, description = "A page of interactions.", body = InteractionList)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/interactions")]
pub async fn list(
    can: CanRead,
    Query(query): Query<ListQuery>,
    state: web::Data<AppState>,
) -> Result<InteractionList, Problem> {
    let list = ("interactions", can.project, query.of_cursor());
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let page = state.engine.interactions(can.project, query.listing(after)?, query.include.clone()).await?;
    let next_cursor = page.next.map(|place| state.cursors.seal(&list, &place));
    Ok(InteractionList { items: page.items, next_cursor, stopped_at: page.stopped_at })
}
