//! The outermost layer of every request: its id, its log line, its headers, and no failure without a problem.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError};
use tracing::Instrument;

use crate::code::Code;
use crate::codex;
use crate::problem::Problem;
use crate::protection::protect;

/// The header that names a request.
pub const REQUEST_ID: &str = "x-request-id";

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Wraps the whole app.
pub async fn around<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    let codex = codex::is_under(request.path());
    if codex {
        codex::trim_slash(&mut request);
    }
    if method == Method::HEAD {
        // Routed as a GET; the connection leaves the body out.
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id);
    let outcome = caught(next.call(request).instrument(span.clone())).await;
    let _entered = span.enter();
    let result = match outcome {
        Ok(Ok(response)) => Ok(finished(response, &method, &id, codex)),
        Ok(Err(error)) => Err(of_error(&error)),
        Err(Panicked) => Err(Problem::internal("a handler panicked; the panic is in the log above")),
    };
    let done = Done { method: &method, started };
    match result {
        Ok((response, cause)) => {
            done.log(response.status(), Some(&response), cause.as_deref());
            Ok(response)
        }
        Err(problem) => {
            done.log(problem.code().status(), None, problem.chain().as_deref());
            let problem = problem.with_request_id(&id);
            Err(if codex { codex::Refused(problem).into() } else { problem.into() })
        }
    }
}

/// The caller's id if it is sane (at most 128 characters that a URN may hold), else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let theirs = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane = |id: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/@=+,;!*".contains(&byte);
        (1..=128).contains(&id.len()) && id.bytes().all(allowed)
    };
    theirs.filter(sane).map_or_else(new_id, str::to_owned)
}

#[expect(
    clippy::disallowed_methods,
    reason = "names a request in the log; nothing is decided by it or stored under it"
)]
fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A handler panicked.
struct Panicked;

/// The future's output, or that it panicked: the connection and the server live on.
async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let poll = || future.as_mut().poll(context);
        match std::panic::catch_unwind(AssertUnwindSafe(poll)) {
            Ok(poll) => poll.map(Ok),
            Err(_) => std::task::Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

/// The response with its headers, as a problem if it is a failure without a body of ours, in the shape of `/api` where that is `codex`;
/// and the cause of a failure.
fn finished<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    method: &Method,
    id: &str,
    codex: bool,
) -> (ServiceResponse<BoxBody>, Option<String>) {
    let problem = response.response().error().map(of_error).or_else(|| of_bare(&response));
    let cause = problem.as_ref().and_then(Problem::chain);
    let mut response = match problem {
        Some(problem) if codex => {
            response.into_response(codex::Refused(problem.with_request_id(id)).error_response())
        }
        Some(problem) => response.into_response(problem.response(Some(id))),
        None => response.map_into_boxed_body(),
    };
    let path = response.request().path().to_owned();
    let headers = response.headers_mut();
    let id = header::HeaderValue::from_str(id).expect("a request id is plain ASCII");
    headers.insert(header::HeaderName::from_static(REQUEST_ID), id);
    protect(method, &path, headers);
    (response, cause)
}

/// The problem an error is: its own, or one for its status.
fn of_error(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    match error.as_response_error().status_code() {
        status if status.is_server_error() => Problem::internal(error.to_string()),
        status => Problem::new(Code::of_status(status), error.to_string()),
    }
}

/// A failure the framework answered without a body.
fn of_bare<B: MessageBody>(response: &ServiceResponse<B>) -> Option<Problem> {
    let status = response.status();
    let bare = !response.headers().contains_key(header::CONTENT_TYPE);
    let failed = status.is_client_error() || status.is_server_error();
    (failed && bare).then(|| {
        let code = Code::of_status(status);
        let problem = Problem::new(code, code.meaning());
        let allow = response.headers().get(header::ALLOW).and_then(|methods| methods.to_str().ok());
        allow.map_or_else(|| problem.clone(), |methods| problem.clone().with_allow(methods.to_owned()))
    })
}

/// What the log line of a request needs.
struct Done<'a> {
    method: &'a Method,
    started: Instant,
}

impl Done<'_> {
    /// One line a request. Probes are of interest only to those who ask for them.
    fn log(&self, status: StatusCode, response: Option<&ServiceResponse<BoxBody>>, cause: Option<&str>) {
        let method = self.method;
        let ms = self.started.elapsed().as_secs_f64() * 1000.0;
        let request = response.map(ServiceResponse::request);
        let route = request
            .and_then(actix_web::HttpRequest::match_pattern)
            .unwrap_or_else(|| "(no route)".to_owned());
        let project = request.and_then(|request| request.match_info().get("project_id"));
        let status = status.as_u16();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    method = %method, route, status, ms, project, cause,
                    "{method} {route} answered {status} in {ms:.1} ms"
                )
            };
        }
        match status {
            500.. => line!(error),
            _ if ["/healthz", "/readyz"].contains(&route.as_str()) => line!(debug),
            _ => line!(info),
        }
    }
}
