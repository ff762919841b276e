//! What every operation of the Codex wire has in common: both forms of a path, and refusals its clients understand.

use serde_json::json;

use crate::support::builders::unique;
use crate::support::client::Reply;
use crate::support::{Server, on_both};

on_both! {
    fn a_path_has_two_forms_and_neither_redirects(server: &Server) {
        for path in ["/api/health", "/api/health/", "/api/health/db", "/api/health/db/", "/api/health/?x=/"] {
            let reply = server.anonymous().get(path).expect(200);
            assert_eq!(reply.json, json!({ "status": "healthy" }));
            assert_eq!(reply.header("content-type"), "application/json");
        }
        server.anonymous().get("/healthz/").expect_problem(404, "not_found");
    }

    fn what_is_not_there_is_told_in_the_words_of_the_wire(server: &Server) {
        for path in ["/api", "/api/", "/api/nothing", "/api/health//", "/api/projects/x/y/z"] {
            let reply = server.anonymous().get(path).expect(404);
            assert_eq!(reply.json, json!({ "detail": "Not Found" }), "{path}");
            assert_eq!(reply.header("content-type"), "application/json");
        }
        let refused = server.anonymous().delete("/api/health/").expect(405);
        assert_eq!(refused.json, json!({ "detail": "Method Not Allowed" }));
        assert!(refused.header("allow").contains("GET"), "{refused}");
        server.anonymous().get("/apis").expect_problem(404, "not_found");
    }

    fn a_key_tells_its_project(server: &Server) {
        let project = server.project();
        let body = json!({ "name": unique("key"), "scopes": ["runtime"] });
        let created = project.owner.post(&project.at("/access-keys"), body).expect(201);
        let service = server.anonymous().with_header("x-access-key", created.text("/token"));
        for path in ["/api/projects/id_from_access_key", "/api/projects/id_from_access_key/"] {
            assert_eq!(service.get(path).expect(200).json, json!({ "project_id": project.id }));
        }
        project.owner.post(&project.at(format!("/access-keys/{}/revoke", created.id())), json!({})).expect(200);
        told(&service.get("/api/projects/id_from_access_key").expect(401));
        told(&server.anonymous().get("/api/projects/id_from_access_key").expect(401));
        told(&project.owner.get("/api/projects/id_from_access_key").expect(403));
    }
}

/// Insists on a sentence in the shape of the wire.
fn told(refused: &Reply) {
    assert_eq!(refused.header("content-type"), "application/json", "{refused}");
    let body = refused.json.as_object().expect("an object");
    assert!(body.len() == 1 && !refused.text("/detail").is_empty(), "{refused}");
}
