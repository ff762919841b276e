//! The shapes of refusals and failures, through the real layers.

use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{Responder, get, post};
use engine::{Engine, EngineOptions, SystemClock};
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::extract::{IfMatch, Json, PathId, Query};
use crate::problem::Problem;
use crate::reply::{Etagged, NoContent};

/// A server's state on an empty database, which goes with it.
struct Server {
    state: web::Data<AppState>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}/test.db", folder.path().display());
        let engine = Engine::start(EngineOptions {
            database: database.parse().unwrap(),
            connections: 1,
            cpu_threads: 1,
            queue_capacity: 1,
            live_memory: 1 << 20,
            model: engine::ModelChoice::BuiltIn,
            verifier: true,
            llm: None,
            secret_key: [0; 32],
            issuer: "http://localhost".to_owned(),
            clock: Arc::new(SystemClock),
        });
        let state = AppState {
            engine: engine.await.unwrap(),
            cursors: Cursors::new(&[0; 32]),
            contract: Contract::new(),
            max_body_bytes: 64,
        };
        Self { state: web::Data::new(state), _folder: folder }
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only parsed")]
struct Filter {
    limit: Option<u32>,
}

#[utoipa::path(responses((status = 204)))]
#[post("/test/notes/{note_id}")]
async fn edit(_: PathId<domain::IssueId>, _: IfMatch, Json(note): Json<Note>) -> Result<NoContent, Problem> {
    if note.text == "bomb" {
        Err(Problem::internal(std::io::Error::other("secret cause")))
    } else {
        Ok(NoContent)
    }
}

#[utoipa::path(responses((status = 200)))]
#[get("/test/notes")]
async fn list(_: Query<Filter>) -> impl Responder {
    Etagged::new(3, ["a", "b"])
}

#[utoipa::path(responses((status = 200)))]
#[get("/test/panic")]
async fn panics() -> NoContent {
    panic!("a bug")
}

/// What came back: status, headers by name, body.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["instance"], format!("urn:request:{}", self.header("x-request-id")));
        problem
    }
}

impl Server {
    async fn send(&self, request: TestRequest) -> Reply {
        let app = app(self.state.clone()).configure(|routes| {
            let mut routes = ServiceConfig::new(routes);
            routes.service(edit).service(list).service(panics);
        });
        let service = init_service(app).await;
        let response = match actix_web::dev::Service::call(&service, request.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let status = response.status().as_u16();
        let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = to_bytes(response.into_body()).await.ok().unwrap();
        Reply { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

const NOTE: &str = "/test/notes/01890000-0000-7000-8000-000000000000";

fn edit_with(content_type: &'static str, body: &'static str) -> TestRequest {
    let request = TestRequest::post().uri(NOTE).insert_header(("if-match", "\"1\""));
    request.insert_header(("content-type", content_type)).set_payload(body)
}

#[actix_web::test]
async fn refusals_have_their_status_and_code() {
    let server = Server::start().await;
    let json = "application/json";
    let without_type = TestRequest::post().uri(NOTE).insert_header(("if-match", "*")).set_payload("{}");
    let gzip = edit_with(json, "{}").insert_header(("content-encoding", "gzip"));
    let cases = [
        (get("/nowhere"), 404, "not_found"),
        (get("/v1/nowhere"), 404, "not_found"),
        (get("/healthz/"), 404, "not_found"),
        (TestRequest::post().uri("/test/notes/x"), 404, "not_found"),
        (TestRequest::delete().uri("/healthz"), 405, "method_not_allowed"),
        (TestRequest::post().uri(NOTE), 428, "precondition_required"),
        (TestRequest::post().uri(NOTE).insert_header(("if-match", "W/\"1\"")), 400, "invalid_header"),
        (without_type, 415, "unsupported_media_type"),
        (gzip, 415, "unsupported_media_type"),
        (edit_with("text/plain", "{}"), 415, "unsupported_media_type"),
        (edit_with("application/json; charset=utf-8", r#"{"text": 1}"#), 422, "validation_failed"),
        (edit_with(json, r#"{"text": "a", "more": 1}"#), 422, "validation_failed"),
        (edit_with(json, r#"{"text": "a""#), 400, "invalid_json"),
        (edit_with(json, ""), 400, "invalid_json"),
        (
            edit_with(json, r#"{"text": "a body that is longer than the limit that was set for it"}"#),
            413,
            "payload_too_large",
        ),
        (edit_with(json, r#"{"text": "bomb"}"#), 500, "internal"),
        (get("/test/notes?limit=x"), 400, "invalid_query"),
        (get("/test/notes?lim=1"), 400, "invalid_query"),
        (get("/test/panic"), 500, "internal"),
        (get("/problems/nothing"), 404, "not_found"),
    ];
    for (request, status, code) in cases {
        let reply = server.send(request).await;
        assert_eq!(
            (reply.status, reply.problem()["code"].as_str().unwrap()),
            (status, code),
            "{}",
            reply.body
        );
        assert!(!reply.body.contains("secret cause") && !reply.body.contains("a bug"), "{}", reply.body);
    }
}

#[actix_web::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::start().await;
    let reply = server.send(TestRequest::default().method(Method::PATCH).uri("/readyz")).await;
    assert_eq!(reply.header("allow"), "GET");
}

#[actix_web::test]
async fn faults_of_a_body_have_places() {
    let server = Server::start().await;
    let reply = server.send(edit_with("application/json", r#"{"text": "a", "more": 1}"#)).await;
    assert_eq!(reply.problem()["errors"][0]["pointer"], "/more");
    assert_eq!(reply.problem()["errors"][0]["code"], "unknown");
}

#[actix_web::test]
async fn what_is_right_passes() {
    let server = Server::start().await;
    assert_eq!(server.send(edit_with("application/json", r#"{"text": "a"}"#)).await.status, 204);
    let reply = server.send(get("/test/notes?limit=3")).await;
    assert_eq!((reply.status, reply.header("etag"), reply.body.as_str()), (200, "\"3\"", r#"["a","b"]"#));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(server.send(get("/test/notes").insert_header(("if-none-match", "\"3\""))).await.status, 304);
    assert_eq!(server.send(TestRequest::default().method(Method::HEAD).uri("/healthz")).await.status, 200);
}

#[actix_web::test]
async fn a_request_id_is_kept_if_sane() {
    let server = Server::start().await;
    let id = |id: &str| server.send(get("/healthz").insert_header(("x-request-id", id)));
    assert_eq!(id("Root=1-abc:2/3").await.header("x-request-id"), "Root=1-abc:2/3");
    for odd in ["", "a b", "a\"b", "\u{e9}", &"a".repeat(129)] {
        assert_eq!(id(odd).await.header("x-request-id").len(), 36, "{odd}");
    }
}

#[actix_web::test]
async fn what_the_server_says_about_itself() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz", "/openapi.json", "/docs/", "/docs/index.html", "/problems/not_found"]
    {
        assert_eq!(server.send(get(path)).await.status, 200, "{path}");
    }
    assert_eq!(server.send(get("/docs")).await.header("location"), "/docs/");
}
