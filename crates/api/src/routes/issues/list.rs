//! The list of issues.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, get, web};
use domain::list::page_limit;
use domain::{ProblemCode, Status, Timestamp, UserId};
use engine::issues::{IssueFilter, IssueInclude, IssueItem, IssuePlace, IssueQuery, IssueSort, Setup};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::extract::{CanRead, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::page_response;

/// A status, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusChoice {
    /// Open occurrences remain.
    Unaddressed,
    /// None do, or too few came since to say that it is back.
    Addressed,
    /// Set aside by hand.
    Dismissed,
    /// Every issue, snoozed ones too.
    All,
}

/// The order of a list of issues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum IssueOrder {
    /// What hurts most first.
    #[default]
    #[serde(rename = "-impact")]
    ImpactDescending,
    /// What hurts least first.
    #[serde(rename = "impact")]
    ImpactAscending,
    /// What was seen last first.
    #[serde(rename = "-last_seen")]
    LastSeenDescending,
    /// What was not seen for longest first.
    #[serde(rename = "last_seen")]
    LastSeenAscending,
    /// What occurred most first.
    #[serde(rename = "-occurrences")]
    OccurrencesDescending,
    /// What occurred least first.
    #[serde(rename = "occurrences")]
    OccurrencesAscending,
}

/// Which issues, in which order.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Of any of these statuses, separated by commas; `all` for every one. If not given: `unaddressed`, and with `needs_answer=true`
    /// `addressed` too.
    #[serde(default)]
    #[param(inline)]
    status: Vec<StatusChoice>,
    /// With any of these problems, separated by commas.
    #[serde(default)]
    problem: Vec<ProblemCode>,
    /// Last seen at this moment or later.
    seen_since: Option<Timestamp>,
    /// Last seen before this moment.
    seen_until: Option<Timestamp>,
    /// Whether users are blocked and no answer says better. True without a `status`: every unaddressed or addressed issue that needs an
    /// answer, snoozed ones too; the summary's `needs_answer` is their number.
    needs_answer: Option<bool>,
    /// Whose work it is: a user's id.
    assignee: Option<UserId>,
    /// True: those that are snoozed now, too. They are left out otherwise, except with `status=all`, or with
    /// `needs_answer=true` and no `status`.
    #[serde(default)]
    snoozed: bool,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    sort: IssueOrder,
    /// What the items hold beside, separated by commas: `scores`, `metadata`, both of the interaction that stands for the issue.
    #[serde(default, skip_serializing_if = "of_a_page")]
    #[param(inline)]
    include: Vec<IssueInclude>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// A page of issues.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueList {
    /// The issues, in the order asked for.
    items: Vec<IssueItem>,
    /// Send it as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
    /// Why there is nothing to show, and what to do; null unless the whole list is empty.
    setup: Option<Setup>,
}

impl Responder for IssueList {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        page_response(request, self.next_cursor.as_deref()).json(self)
    }
}

impl ListQuery {
    fn filter(&self) -> IssueFilter {
        let all = self.status.contains(&StatusChoice::All);
        IssueFilter {
            statuses: if all { Status::ALL.to_vec() } else { self.statuses() },
            problems: self.problem.clone(),
            seen_since: self.seen_since,
            seen_until: self.seen_until,
            needs_answer: self.needs_answer,
            assignee: self.assignee,
            snoozed: self.snoozed || all,
        }
    }

    fn statuses(&self) -> Vec<Status> {
        let chosen = |status: &Status| {
            let choice = match status {
                Status::Unaddressed => StatusChoice::Unaddressed,
                Status::Addressed => StatusChoice::Addressed,
                Status::Dismissed => StatusChoice::Dismissed,
            };
            self.status.contains(&choice)
        };
        Status::ALL.iter().copied().filter(chosen).collect()
    }

    fn issue_query(&self, after: Option<IssuePlace>) -> Result<IssueQuery, Problem> {
        let (sort, descending) = match self.sort {
            IssueOrder::ImpactDescending => (IssueSort::Impact, true),
            IssueOrder::ImpactAscending => (IssueSort::Impact, false),
            IssueOrder::LastSeenDescending => (IssueSort::LastSeen, true),
            IssueOrder::LastSeenAscending => (IssueSort::LastSeen, false),
            IssueOrder::OccurrencesDescending => (IssueSort::Occurrences, true),
            IssueOrder::OccurrencesAscending => (IssueSort::Occurrences, false),
        };
        Ok(IssueQuery {
            filter: self.filter(),
            sort,
            descending,
            include: self.include.clone(),
            after,
            limit: page_limit(self.limit).map_err(Problem::query)?,
        })
    }
}

/// The issues of a project.
///
/// Without parameters it is the workspace: unaddressed issues that are not snoozed, highest impact first. A cursor stands for a place in
/// the order: issues that move while one pages, because something happened to them, may be seen twice or not at all; the others are seen once.
#[utoipa::path(
    operation_id = "list_issues",
    tag = "issues",
    params(ListQuery),
    responses((status = 200, description = "A page of issues.", body = IssueList)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/issues")]
pub async fn list(
    can: CanRead,
    Query(query): Query<ListQuery>,
    state: web::Data<AppState>,
) -> Result<IssueList, Problem> {
    let list = ("issues", can.project, &query);
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let page = state.engine.issues(can.project, query.issue_query(after)?).await?;
    let next_cursor = page.next.map(|place| state.cursors.seal(&list, &place));
    Ok(IssueList { items: page.items, next_cursor, setup: page.setup })
}
