//! Editing answers and their phrasings.

use actix_web::{patch, post, web};
use domain::{AnswerId, IssueId, PhrasingId, ServeAnswers};
use engine::{AnswerEdit, AnswerView, ApplicabilityEdit, PhrasingDecisions};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::extract::{CanAnswer, IfMatch, Json, PathId, not_null, three_state};
use crate::problem::Problem;
use crate::reply::Etagged;

/// What changes about an answer: absent fields stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerPatch {
    /// The question, in better words. It becomes a confirmed phrasing, and the old one no longer serves.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    query: Option<String>,
    /// New words: a draft until they are published.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    answer: Option<String>,
    /// Its own rule for when it is served; null: the project's again.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<ServeAnswers>)]
    serve_answers: Option<Option<ServeAnswers>>,
    /// It is for callers whose metadata holds this; null: for all. Of an active answer it takes effect at once: occurrences it is not for any more are open
    /// again, those it is for now are settled.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<Object>)]
    applies_when: Option<Option<Map<String, Value>>>,
    /// It is for queries in this language; null: in all. Takes effect as `applies_when` does.
    #[serde(default, deserialize_with = "three_state")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    /// Issues it answers as well: their questions are proposed as phrasings.
    add_issues: Option<Vec<IssueId>>,
}

/// What an expert says of an answer's phrasings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhrasingsBody {
    /// The answer responds to these: they serve from now on.
    confirm: Option<Vec<PhrasingId>>,
    /// It does not respond to these: they do not serve.
    reject: Option<Vec<PhrasingId>>,
    /// It responds to these as well.
    add: Option<Vec<String>>,
}

/// Edits an answer.
///
/// New words of an active or paused answer are a draft beside those that are served, until `publish`. Every version is kept.
#[utoipa::path(
    operation_id = "update_answer",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatch),
    request_body = AnswerPatch,
    responses((status = 200, description = "As it is now.", body = AnswerView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[patch("/v1/projects/{project_id}/answers/{answer_id}")]
pub async fn update(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatch,
    Json(patch): Json<AnswerPatch>,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let edit = AnswerEdit {
        query: patch.query,
        answer: patch.answer,
        serve_answers: patch.serve_answers,
        applicability: ApplicabilityEdit { applies_when: patch.applies_when, language: patch.language },
        add_issues: patch.add_issues.unwrap_or_default(),
    };
    let edited = state.engine.edit_answer(can.project, can.actor, id.0, if_match.version(), edit);
    let view = edited.await?;
    Ok(Etagged::live(view.version, view))
}

/// Confirms, rejects and adds phrasings.
///
/// All of it or nothing. Of an active answer it takes effect at once.
#[utoipa::path(
    operation_id = "decide_phrasings",
    tag = "remediations",
    params(("answer_id" = AnswerId, Path, description = "Its id."), IfMatch),
    request_body = PhrasingsBody,
    responses((status = 200, description = "The answer as it is now.", body = AnswerView)),
    extensions(("x-permission" = json!("answer"))),
)]
#[post("/v1/projects/{project_id}/answers/{answer_id}/phrasings")]
pub async fn phrasings(
    can: CanAnswer,
    id: PathId<AnswerId>,
    if_match: IfMatch,
    Json(body): Json<PhrasingsBody>,
    state: web::Data<AppState>,
) -> Result<Etagged<AnswerView>, Problem> {
    let decisions = PhrasingDecisions {
        confirm: body.confirm.unwrap_or_default(),
        reject: body.reject.unwrap_or_default(),
        add: body.add.unwrap_or_default(),
    };
    let decided = state.engine.decide_phrasings(can.project, can.actor, id.0, if_match.version(), decisions);
    let view = decided.await?;
    Ok(Etagged::live(view.version, view))
}
