//! Every refusal and failure, in one shape: `application/problem+json` (RFC 9457).

use std::sync::Arc;

mod from_engine;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use domain::{FieldError, Invalid};
use serde::Serialize;

use crate::code::Code;

/// The content type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What a server's fault says to its caller; the cause stays in the log.
const INTERNAL_DETAIL: &str = "the server failed; its log has the cause under this request id";

/// Seconds after which to come back, where nobody knows better.
const RETRY_AFTER: u32 = 1;

/// The error type of every handler and extractor.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    reason: Option<&'static str>,
    retry_after: Option<u32>,
    allow: Option<String>,
    request_id: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    /// A problem with this code; `detail` is a sentence for people and holds nothing secret.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            reason: None,
            retry_after: None,
            allow: None,
            request_id: None,
            source: None,
        }))
    }

    /// 404; `what` as in "no such issue".
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("no such {what}"))
    }

    /// 500. The caller learns nothing of the cause; the log gets all of it.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut problem = Self::new(Code::Internal, INTERNAL_DETAIL);
        problem.0.source = Some(Arc::from(cause.into()));
        problem
    }

    /// 400 for a query parameter that breaks a rule.
    pub fn query(invalid: Invalid) -> Self {
        Self::new(Code::InvalidQuery, invalid.to_string()).with_errors(invalid.errors)
    }

    /// With the faults of single fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// With what exactly was in the way, where the code alone does not say: stable, snake_case.
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.0.reason = Some(reason);
        self
    }

    /// With the seconds after which another try makes sense.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// With the methods the path has (405).
    #[must_use]
    pub fn with_allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// With the request it answers.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.0.request_id = Some(id.to_owned());
        self
    }

    /// With what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What went wrong, in a sentence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The faults of single fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The request it answers.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The cause and its causes in one line, for the log.
    pub fn chain(&self) -> Option<String> {
        let mut next: Option<&dyn std::error::Error> = Some(self.0.source.as_deref()?);
        let mut chain = Vec::new();
        while let Some(error) = next {
            chain.push(error.to_string());
            next = error.source();
        }
        Some(chain.join(": "))
    }

    /// The reply to the request with this id.
    pub fn response(&self, request_id: Option<&str>) -> HttpResponse {
        let mut response = self.head(self.0.code.status(), request_id);
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        response.json(self.body(request_id))
    }

    /// A reply of this status with the headers the problem needs, and no body yet.
    pub(crate) fn head(&self, status: StatusCode, request_id: Option<&str>) -> HttpResponseBuilder {
        let code = self.0.code;
        let mut response = HttpResponseBuilder::new(status);
        if code == Code::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if matches!(code, Code::Overloaded | Code::StorageFull | Code::Timeout | Code::TooManyRequests) {
            let seconds = self.0.retry_after.unwrap_or(RETRY_AFTER);
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(methods) = &self.0.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        if let Some(id) = request_id {
            response.insert_header((crate::boundary::REQUEST_ID, id));
        }
        response
    }

    /// As it stands inside a larger reply, for one item of many.
    pub fn json(&self, request_id: Option<&str>) -> serde_json::Value {
        serde_json::json!(self.body(request_id))
    }

    fn body(&self, request_id: Option<&str>) -> Body<'_> {
        let code = self.0.code;
        Body {
            r#type: format!("/problems/{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: &self.0.detail,
            code: code.as_str(),
            reason: self.0.reason,
            instance: request_id.map(|id| format!("urn:request:{id}")),
            errors: &self.0.errors,
        }
    }
}

/// As it is sent. Its schema stands in `openapi.rs`.
#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.response(self.0.request_id.as_deref())
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::new(Code::ValidationFailed, invalid.to_string()).with_errors(invalid.errors)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use domain::FieldCode;
    use serde_json::{Value, json};

    use super::*;

    async fn body(response: HttpResponse) -> Value {
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
    }

    #[actix_web::test]
    async fn every_code_renders() {
        for code in Code::ALL {
            let response = Problem::new(*code, "a detail").response(Some("r-1"));
            assert_eq!(response.status(), code.status());
            let headers = response.headers().clone();
            assert_eq!(headers.get("content-type").unwrap(), MEDIA_TYPE);
            assert_eq!(headers.contains_key("www-authenticate"), code.status() == 401);
            assert_eq!(
                headers.contains_key("retry-after"),
                [429, 503, 507].contains(&code.status().as_u16())
            );
            let expected = json!({
                "type": format!("/problems/{}", code.as_str()),
                "title": code.title(),
                "status": code.status().as_u16(),
                "detail": "a detail",
                "code": code.as_str(),
                "instance": "urn:request:r-1",
            });
            assert_eq!(body(response).await, expected);
        }
    }

    #[actix_web::test]
    async fn faults_are_listed_with_their_places() {
        let problem = Problem::from(Invalid::one("/name", FieldCode::Required, "is needed"));
        assert_eq!(problem.status_code(), 422);
        let listed = json!([{ "pointer": "/name", "code": "required", "detail": "is needed" }]);
        assert_eq!(body(problem.error_response()).await["errors"], listed);
    }

    #[actix_web::test]
    async fn a_cause_is_logged_and_not_told() {
        let cause = std::io::Error::other("disk sda1 is full");
        let problem = Problem::internal(cause);
        assert_eq!(problem.chain().unwrap(), "disk sda1 is full");
        assert!(!body(problem.error_response()).await.to_string().contains("sda1"));
    }
}
