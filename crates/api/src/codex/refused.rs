//! Refusals as this wire tells them: `{"detail": …}`.
//!
//! Its clients try again after 408, 409, 429 and 5xx, whatever the reason. So what will not change by itself is never one of these: a
//! conflict is a 400.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use domain::FieldError;
use serde_json::{Value, json};

use crate::code::Code;
use crate::problem::Problem;
use crate::reply::NoContent;

/// A problem in the shape of this wire.
#[derive(Debug)]
pub struct Refused(pub Problem);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        status(self.0.code())
    }

    fn error_response(&self) -> HttpResponse {
        let Self(problem) = self;
        problem.head(self.status_code(), problem.request_id()).json(json!({ "detail": detail(problem) }))
    }
}

/// For every path that is not in the table.
pub async fn nothing_here() -> Result<NoContent, Problem> {
    Err(Problem::new(Code::NotFound, "Not Found"))
}

/// The problem with the fields it names called as this wire calls them: each pair is the beginning of a JSON pointer, and what stands
/// there instead.
#[must_use]
pub fn in_words_of_the_wire(problem: Problem, names: &[(&str, &str)]) -> Problem {
    let renamed = |error: &FieldError| {
        let mut error = error.clone();
        let renamed = names.iter().find_map(|(ours, theirs)| {
            let rest = error.pointer.strip_prefix(ours)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{theirs}{rest}"))
        });
        error.pointer = renamed.unwrap_or(error.pointer);
        error
    };
    let errors = problem.errors().iter().map(renamed).collect();
    problem.with_errors(errors)
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::InvalidJson | Code::InvalidQuery => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Conflict | Code::PreconditionFailed | Code::PreconditionRequired | Code::ExternalIdReused => {
            StatusCode::BAD_REQUEST
        }
        other => other.status(),
    }
}

/// A sentence; or, where the input was at fault, each fault with its place.
fn detail(problem: &Problem) -> Value {
    match problem.code() {
        Code::MethodNotAllowed => json!("Method Not Allowed"),
        Code::InvalidQuery => faults(problem, "query"),
        Code::InvalidJson | Code::ValidationFailed => faults(problem, "body"),
        _ => json!(problem.detail()),
    }
}

fn faults(problem: &Problem, place: &str) -> Value {
    if problem.errors().is_empty() {
        return json!([{ "loc": [place], "msg": problem.detail(), "type": problem.code().as_str() }]);
    }
    let fault = |error: &FieldError| json!({ "loc": location(place, &error.pointer), "msg": error.detail, "type": error.code });
    problem.errors().iter().map(fault).collect()
}

/// A JSON pointer as the list of its steps, numbers for indices.
fn location(place: &str, pointer: &str) -> Vec<Value> {
    let steps = pointer.split('/').skip(1).map(|step| {
        let index = step.parse::<u32>().ok().map(Value::from);
        index.unwrap_or_else(|| json!(step.replace("~1", "/").replace("~0", "~")))
    });
    std::iter::once(json!(place)).chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use domain::{FieldCode, Invalid};

    use super::*;

    async fn told(problem: Problem) -> (u16, Value) {
        let response = Refused(problem).error_response();
        assert_eq!(response.headers().get("content-type").unwrap(), "application/json");
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap())
    }

    #[actix_web::test]
    async fn a_permanent_problem_is_never_tried_again() {
        let passing =
            [Code::Overloaded, Code::StorageFull, Code::Timeout, Code::TooManyRequests, Code::Internal];
        for code in Code::ALL.iter().filter(|code| !passing.contains(code)) {
            let (status, _) = told(Problem::new(*code, "why")).await;
            assert!((400..500).contains(&status) && ![408, 409, 429].contains(&status), "{code:?}: {status}");
        }
        let response = Refused(Problem::new(Code::Overloaded, "full").with_retry_after(7)).error_response();
        assert_eq!(response.status().as_u16(), 503);
        assert_eq!(response.headers().get("retry-after").unwrap(), "7");
    }

    #[actix_web::test]
    async fn a_sentence_or_the_faults() {
        let plain = told(Problem::not_found("project")).await;
        assert_eq!(plain, (404, json!({ "detail": "no such project" })));
        let invalid = Invalid::one("/evals/2/a~1b", FieldCode::Required, "is needed");
        let detail = json!([{ "loc": ["body", "evals", 2, "a/b"], "msg": "is needed", "type": "required" }]);
        assert_eq!(told(invalid.into()).await, (422, json!({ "detail": detail })));
        let query = Problem::query(Invalid::one("/limit", FieldCode::BadFormat, "must be a whole number"));
        assert_eq!(told(query).await.1["detail"][0]["loc"], json!(["query", "limit"]));
        let (status, body) = told(Problem::new(Code::InvalidJson, "line 1")).await;
        assert_eq!((status, &body["detail"][0]["loc"]), (422, &json!(["body"])));
    }

    #[test]
    fn fields_are_named_as_they_were_sent() {
        let invalid = |pointer: &str| Problem::from(Invalid::one(pointer, FieldCode::OutOfRange, "no"));
        let named = |pointer: &str| {
            in_words_of_the_wire(invalid(pointer), &[("/scores", "/eval_scores")]).errors()[0].pointer.clone()
        };
        assert_eq!(named("/scores/trust"), "/eval_scores/trust");
        assert_eq!(named("/scores"), "/eval_scores");
        assert_eq!(named("/scores_of"), "/scores_of");
    }
}
