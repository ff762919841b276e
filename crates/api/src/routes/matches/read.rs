//! Reading matches.

use actix_web::{get, web};
use domain::list::page_limit;
use domain::{InteractionId, MatchId, RemediationKind};
use engine::{MatchFilter, MatchItem, MatchShow, MatchSort};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::AppState;
use crate::extract::{CanRead, Json, PathId, Query};
use crate::paging::of_a_page;
use crate::problem::Problem;
use crate::reply::Page;

/// The order of a list of matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchOrder {
    /// What needs an expert's look most first: by `risk`, greatest first.
    Risk,
    /// What occurred last first.
    Newest,
}

/// Which matches, in which order.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MatchQuery {
    /// By what they did and what an expert said of them; every match if not given. `unconfirmed`: it acted, or would have in shadow, and no
    /// expert has decided. `suggested`: it nearly acted, and no expert has decided. The others whatever else is so.
    #[param(inline)]
    state: Option<MatchShow>,
    /// Of this answer or review.
    remediation_id: Option<Uuid>,
    /// Of answers, or of reviews.
    kind: Option<RemediationKind>,
    /// On this interaction.
    interaction_id: Option<InteractionId>,
    /// The order; if not given, `risk` for `unconfirmed` and `suggested`, else `newest`.
    #[param(inline)]
    sort: Option<MatchOrder>,
    /// Items on the page, 1 to 200; 50 if not given.
    #[serde(skip_serializing_if = "of_a_page")]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "of_a_page")]
    cursor: Option<String>,
}

/// The matches of a project.
///
/// What the AI said and what was served stand side by side, with why. What waits for an expert's word comes riskiest first.
#[utoipa::path(
    operation_id = "list_matches",
    tag = "remediations",
    params(MatchQuery),
    responses((status = 200, description = "A page of matches.", body = Page<MatchItem>)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/matches")]
pub async fn list(
    can: CanRead,
    Query(query): Query<MatchQuery>,
    state: web::Data<AppState>,
) -> Result<Page<MatchItem>, Problem> {
    let list = ("matches", can.project, &query);
    let limit = page_limit(query.limit).map_err(Problem::query)?;
    let after = state.cursors.open(&list, query.cursor.as_deref())?;
    let filter = MatchFilter {
        show: query.state,
        remediation: query.remediation_id,
        kind: query.kind,
        interaction: query.interaction_id,
    };
    let sort = query.sort.map(|order| match order {
        MatchOrder::Risk => MatchSort::Risk,
        MatchOrder::Newest => MatchSort::OccurredAt,
    });
    let page = state.engine.matches(can.project, filter, sort, after, limit).await?;
    let next_cursor = page.next.map(|place| state.cursors.seal(&list, &place));
    Ok(Page { items: page.items, next_cursor })
}

/// One match, with all of its texts.
#[utoipa::path(
    operation_id = "get_match",
    tag = "remediations",
    params(("match_id" = MatchId, Path, description = "Its id.")),
    responses((status = 200, description = "The match.", body = MatchItem)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/matches/{match_id}")]
pub async fn get_one(
    can: CanRead,
    id: PathId<MatchId>,
    state: web::Data<AppState>,
) -> Result<Json<MatchItem>, Problem> {
    Ok(Json(state.engine.get_match(can.project, id.0).await?))
}
