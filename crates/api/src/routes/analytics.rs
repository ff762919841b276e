//! What happened in a project, in numbers.

use actix_web::{get, web};
use domain::metadata::parse_conditions;
use domain::{Faults, FieldCode, Timestamp, UtcOffset};
use engine::analytics::{Analytics, AnalyticsQuestion};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::extract::{CanRead, Json, Query};
use crate::problem::Problem;

/// What else to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// Days.
    Day,
}

/// Of which time, and of which interactions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnalyticsQuery {
    /// Occurred at this moment or later; from the beginning if not given.
    since: Option<Timestamp>,
    /// Occurred before this moment, which is not before `since`; to the end if not given.
    until: Option<Timestamp>,
    /// Whose metadata hold what this object of JSON says, as for the list of interactions. Issues and experts are not narrowed by it.
    metadata: Option<String>,
    /// `day`: also day by day. Needs `since`; 366 days at the most. Until now, if `until` is not given.
    #[param(inline)]
    by: Option<By>,
    /// How many minutes the clock that days go by is ahead of UTC, -840 to 840; 0 if not given. Only with `by`.
    utc_offset: Option<i32>,
}

impl AnalyticsQuery {
    fn question(&self) -> Result<AnalyticsQuestion, Problem> {
        let mut faults = Faults::new();
        let metadata = self.metadata.as_deref().map_or(Ok(Vec::new()), parse_conditions);
        let metadata = faults.take(metadata.map_err(|e| e.under("/metadata"))).unwrap_or_default();
        let clock = UtcOffset::from_minutes(self.utc_offset.unwrap_or(0));
        if clock.is_none() {
            let detail = format!("must be from -{0} to {0}", UtcOffset::MOST_MINUTES);
            faults.add("/utc_offset", FieldCode::OutOfRange, detail);
        }
        if self.utc_offset.is_some() && self.by.is_none() {
            faults.add("/utc_offset", FieldCode::Conflict, "makes no difference without by=day");
        }
        faults.finish().map_err(Problem::query)?;
        let days = self.by.and(clock);
        Ok(AnalyticsQuestion { since: self.since, until: self.until, metadata, days })
    }
}

/// A project in numbers.
///
/// Counted from what is stored when it is asked, from one state of it.
#[utoipa::path(
    operation_id = "get_analytics",
    tag = "insight",
    params(AnalyticsQuery),
    responses((status = 200, description = "The numbers.", body = Analytics)),
    extensions(("x-permission" = json!("read"))),
)]
#[get("/v1/projects/{project_id}/analytics")]
pub async fn analytics(
    can: CanRead,
    Query(query): Query<AnalyticsQuery>,
    state: web::Data<AppState>,
) -> Result<Json<Analytics>, Problem> {
    let told = state.engine.analytics(can.project, query.question()?).await;
    Ok(Json(told.map_err(Problem::of_query)?))
}
