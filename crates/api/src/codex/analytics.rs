//! `analytics`: a project in numbers.

use std::collections::BTreeMap;

use actix_web::web::{Data, ServiceConfig, resource};
use domain::metadata::{MetadataCondition, parse_conditions};
use domain::{ProblemCode, Timestamp, UserId};
use engine::analytics::{Analytics as Told, AnalyticsQuestion, ExpertWork, MetadataField};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::callers::Caller;
use super::query::Parameters;
use crate::app::AppState;
use crate::extract::{CanRead, Json};
use crate::problem::Problem;

/// The operations.
pub fn table(routes: &mut ServiceConfig) {
    routes.service(resource("/projects/{project_id}/analytics").get(analytics));
}

/// Of which time, in seconds since 1970, and of which logs.
#[derive(Debug, Deserialize)]
struct AnalyticsQuery {
    start: Option<f64>,
    end: Option<f64>,
    metadata_filters: Option<String>,
}

/// A project in numbers.
#[derive(Debug, Serialize)]
struct Analytics {
    answers_published: AnswersPublished,
    bad_responses: BadResponses,
    queries: Queries,
    metadata_fields: Vec<MetadataKey>,
}

#[derive(Debug, Serialize)]
struct AnswersPublished {
    answers_by_author: Vec<Author>,
}

#[derive(Debug, Serialize)]
struct Author {
    answers_published: i64,
    email: String,
    name: String,
    user_id: UserId,
}

/// Logs with `is_bad_response`, by their main problem.
#[derive(Debug, Serialize)]
struct BadResponses {
    responses_by_type: BTreeMap<ProblemCode, BadResponsesOfType>,
    total: i64,
}

/// `num_prevented`: their users received something else.
#[derive(Debug, Serialize)]
struct BadResponsesOfType {
    num_prevented: i64,
    total: i64,
}

#[derive(Debug, Serialize)]
struct Queries {
    total: i64,
}

/// A key of the metadata; null among the values: logs without it.
#[derive(Debug, Serialize)]
struct MetadataKey {
    field_type: &'static str,
    key: String,
    values: Option<Vec<Option<String>>>,
}

impl AnalyticsQuery {
    fn question(&self) -> Result<AnalyticsQuestion, Problem> {
        let conditions = self.metadata_filters.as_deref().map_or(Ok(Vec::new()), parse_conditions);
        let conditions = conditions.map_err(|e| Problem::query(e.under("/metadata_filters")))?;
        let since = self.start.map(nearest);
        // An end counts here; one before the start leaves nothing.
        let until =
            self.end.map(|end| if end < 0.0 { Timestamp::UNIX_EPOCH } else { just_after(nearest(end)) });
        let until = until.map(|until| since.map_or(until, |since| until.max(since)));
        let metadata = conditions.into_iter().map(as_told).collect();
        Ok(AnalyticsQuestion { since, until, metadata, days: None })
    }
}

/// Values are told as texts: a text that reads like a number or a truth value means that, too.
fn as_told(mut condition: MetadataCondition) -> MetadataCondition {
    let read = |text: &Value| serde_json::from_str(text.as_str()?).ok();
    let meant = condition
        .values
        .iter()
        .filter_map(read)
        .filter(|value: &Value| value.is_number() || value.is_boolean());
    let meant: Vec<Value> = meant.collect();
    condition.values.extend(meant);
    condition
}

/// The moment, or the nearest that there is here.
fn nearest(seconds: f64) -> Timestamp {
    let otherwise = if seconds > 0.0 { Timestamp::last() } else { Timestamp::UNIX_EPOCH };
    Timestamp::from_epoch_seconds(seconds).unwrap_or(otherwise)
}

fn just_after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros() + 1).unwrap_or(at)
}

impl Analytics {
    fn of(told: Told, fields: Vec<MetadataField>) -> Self {
        let of_type = |problem: &engine::analytics::ProblemCounts| {
            let bad =
                BadResponsesOfType { num_prevented: problem.bad - problem.bad_served, total: problem.bad };
            (problem.problem, bad)
        };
        let published = told.experts.into_iter().filter(|expert| expert.answers > 0);
        Self {
            answers_published: AnswersPublished { answers_by_author: published.map(Author::of).collect() },
            bad_responses: BadResponses {
                responses_by_type: told.problems.iter().map(of_type).collect(),
                total: told.interactions.bad,
            },
            queries: Queries { total: told.interactions.responses },
            metadata_fields: fields.into_iter().map(MetadataKey::of).collect(),
        }
    }
}

impl Author {
    fn of(expert: ExpertWork) -> Self {
        let ExpertWork { user_id, name, email, answers, .. } = expert;
        Self { answers_published: answers, email, name, user_id }
    }
}

impl MetadataKey {
    fn of(field: MetadataField) -> Self {
        let values = field.values.map(|values| {
            let none = field.absent.then_some(None);
            values.into_iter().map(Some).chain(none).collect()
        });
        let field_type = if values.is_some() { "select" } else { "input" };
        Self { field_type, key: field.key, values }
    }
}

async fn analytics(
    can: Caller<CanRead>,
    Parameters(query): Parameters<AnalyticsQuery>,
    state: Data<AppState>,
) -> Result<Json<Analytics>, Problem> {
    let question = query.question()?;
    // What can be filtered by is of the same time, and not narrowed by what is filtered by now.
    let of_time = AnalyticsQuestion { metadata: Vec::new(), ..question.clone() };
    let told = state.engine.analytics(can.project, question).await?;
    let fields = state.engine.metadata_fields(can.project, of_time).await?;
    Ok(Json(Analytics::of(told, fields)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn question(start: Option<f64>, end: Option<f64>, metadata: Option<&str>) -> AnalyticsQuestion {
        AnalyticsQuery { start, end, metadata_filters: metadata.map(Into::into) }.question().unwrap()
    }

    #[test]
    fn both_ends_count_and_any_number_is_a_moment() {
        let micros = |start, end| {
            let AnalyticsQuestion { since, until, .. } = question(Some(start), Some(end), None);
            (since.unwrap().as_micros(), until.unwrap().as_micros())
        };
        assert_eq!(micros(1.0, 2.5), (1_000_000, 2_500_001));
        assert_eq!(micros(9.0, 2.0), (9_000_000, 9_000_000), "nothing is then");
        assert_eq!(micros(-5.0, -1.0), (0, 0));
        assert_eq!(micros(f64::NAN, f64::INFINITY).0, 0);
        assert_eq!(question(None, None, None), AnalyticsQuestion::default());
    }

    #[test]
    fn a_text_means_the_number_it_reads_like() {
        let metadata = question(None, None, Some(r#"{"plan": ["7", "pro", null]}"#)).metadata;
        assert_eq!(metadata[0].values, [json!("7"), json!("pro"), json!(null), json!(7)]);
        let wrong = AnalyticsQuery { start: None, end: None, metadata_filters: Some("[".into()) };
        assert!(wrong.question().is_err());
    }
}
