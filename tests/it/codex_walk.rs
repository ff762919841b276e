//! Every operation of the Codex wire with nonsense: what is refused for good is never answered so that its clients would try again.

use serde_json::{Value, json};

use crate::support::builders::{bad, unique};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

/// Every operation. `{p}` is a project, `{x}` an id of something in it; what ends something stands last.
const OPERATIONS: [(&str, &str); 70] = [
    ("GET", "health"),
    ("GET", "health/db"),
    ("GET", "users/myself"),
    ("GET", "users/myself/api-key"),
    ("POST", "users/myself/api-key/refresh"),
    ("GET", "users/myself/organizations"),
    ("PATCH", "users/activate_account"),
    ("POST", "users/verification/resend"),
    ("GET", "organizations/{x}"),
    ("GET", "organizations/{x}/members"),
    ("GET", "organizations/{x}/permissions"),
    ("GET", "organizations/{x}/billing/usage"),
    ("GET", "projects/id_from_access_key"),
    ("POST", "projects"),
    ("GET", "projects"),
    ("GET", "projects/{p}"),
    ("PUT", "projects/{p}"),
    ("POST", "projects/create-from-template"),
    ("GET", "projects/{p}/export"),
    ("POST", "projects/{p}/notifications"),
    ("GET", "projects/{p}/analytics"),
    ("POST", "projects/{p}/validate"),
    ("POST", "projects/{p}/detect"),
    ("POST", "projects/{p}/access_keys"),
    ("GET", "projects/{p}/access_keys"),
    ("GET", "projects/{p}/access_keys/{x}"),
    ("PUT", "projects/{p}/access_keys/{x}"),
    ("POST", "projects/{p}/access_keys/{x}/revoke"),
    ("POST", "projects/{p}/evals"),
    ("GET", "projects/{p}/evals"),
    ("PUT", "projects/{p}/evals/{x}"),
    ("GET", "projects/{p}/query_logs"),
    ("GET", "projects/{p}/query_logs/groups"),
    ("GET", "projects/{p}/query_logs/logs_by_group"),
    ("GET", "projects/{p}/query_logs/{x}"),
    ("POST", "projects/{p}/query_logs/{x}/user_feedback"),
    ("PUT", "projects/{p}/query_logs/{x}/metadata"),
    ("POST", "projects/{p}/query_logs/{x}/start_remediation"),
    ("POST", "projects/{p}/query_logs/{x}/expert_review"),
    ("POST", "projects/{p}/expert_answers"),
    ("GET", "projects/{p}/expert_answers"),
    ("GET", "projects/{p}/expert_answers/{x}"),
    ("PATCH", "projects/{p}/expert_answers/{x}/edit_expert_answer"),
    ("PATCH", "projects/{p}/expert_answers/{x}/edit_draft_expert_answer"),
    ("PATCH", "projects/{p}/expert_answers/{x}/publish"),
    ("PATCH", "projects/{p}/expert_answers/{x}/pause"),
    ("PATCH", "projects/{p}/expert_answers/{x}/unpause"),
    ("POST", "projects/{p}/expert_reviews"),
    ("GET", "projects/{p}/expert_reviews"),
    ("GET", "projects/{p}/expert_reviews/{x}"),
    ("PATCH", "projects/{p}/expert_reviews/{x}"),
    ("POST", "projects/{p}/remediations"),
    ("GET", "projects/{p}/remediations"),
    ("GET", "projects/{p}/remediations/{x}"),
    ("PATCH", "projects/{p}/remediations/{x}/edit_answer"),
    ("PATCH", "projects/{p}/remediations/{x}/edit_draft_answer"),
    ("PATCH", "projects/{p}/remediations/{x}/publish"),
    ("PATCH", "projects/{p}/remediations/{x}/pause"),
    ("PATCH", "projects/{p}/remediations/{x}/unpause"),
    ("GET", "projects/{p}/remediations/{x}/resolved_logs_count"),
    ("GET", "projects/{p}/remediations/{x}/resolved_logs"),
    ("POST", "projects/{p}/consult"),
    ("GET", "projects/{p}/guidance_remediations/{x}"),
    ("PATCH", "projects/{p}/guidance_remediations/{x}/publish"),
    ("DELETE", "projects/{p}/remediations/{x}"),
    ("DELETE", "projects/{p}/expert_reviews/{x}"),
    ("DELETE", "projects/{p}/expert_answers/{x}"),
    ("DELETE", "projects/{p}/evals/{x}"),
    ("DELETE", "projects/{p}/access_keys/{x}"),
    ("DELETE", "projects/{p}"),
];

/// Bodies that make no sense anywhere, and one that makes no difference.
fn bodies() -> Vec<Vec<u8>> {
    let wrong = json!({
        "name": 7, "query": [], "question": {}, "answer": 3, "draft_answer": [1], "context": 7, "response": [],
        "config": "x", "organization_id": 9, "eval_key": "../x", "criteria": {}, "key": 1, "messages": {},
        "original_query_log_id": "x", "review_status": "fair", "expires_at": "soon", "first_name": 1, "email": [],
    });
    let nul = json!({ "name": "\0", "query": "\0", "question": "\0", "answer": "\0", "draft_answer": "\0", "context": "\0",
        "response": "\0", "key": "\0", "first_name": "\0", "last_name": "\0", "eval_key": "\0", "criteria": "\0",
        "organization_id": "\0", "eval_scores": { "\0": 1 }, "explanation": "\0", "original_query_log_id": "\0" });
    let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
    let numbers = r#"{"threshold": 1e999, "eval_scores": {"trustworthiness": 1e999}, "priority": 99999999999999999999}"#;
    let bodies = ["", "null", "[]", "7", "\"x\"", "{", "{\"a\":}", "\u{feff}{}", &deep, numbers];
    let mut bodies: Vec<Vec<u8>> = bodies.iter().map(|body| body.as_bytes().to_vec()).collect();
    bodies.extend([wrong.to_string().into_bytes(), nul.to_string().into_bytes(), vec![0xff, 0xfe]]);
    bodies
}

const PARAMETERS: [&str; 6] = [
    "",
    "?limit=-1&offset=-1",
    "?limit=many&offset=0.5&order=up&sort=size&status=DONE&review_status=fair&guardrailed=perhaps",
    "?created_at_start=soon&created_at_end=2026-13-45&last_edited_by=%00&start=x&end=-1e99&metadata_filters=%5B",
    "?custom_metadata=%7B&failed_evals=%00&search_text=%00&sort=.eval.&remediation_ids=x&organization_id=x&query=%00",
    "?limit=9223372036854775807&offset=9223372036854775807&%FF=%FF",
];

on_both! {
    fn nonsense_is_refused_for_good(server: &Server) {
        let (owner, _) = server.user("member");
        let created = owner.post("/v1/projects", json!({ "name": unique("project") })).expect(201);
        let project = created.id().to_owned();
        let log = owner.post(&format!("/v1/projects/{project}/validate"), bad("Where is my refund?")).expect(200);
        // The id of something else, of nothing, and what is no id.
        let ids = [log.text("/interaction_id"), "00000000-0000-4000-8000-000000000000", "%00", "x%2Fy"];
        for (method, operation) in OPERATIONS {
            let own = operation.replace("{p}", &project);
            for id in ids.iter().take(if own.contains("{x}") { 4 } else { 1 }) {
                let path = format!("/api/{}", own.replace("{x}", id));
                for (nth, reply) in nonsense(&owner, method, &path).into_iter().enumerate() {
                    refused_for_good(&reply, &format!("{method} {path} {nth}"));
                }
            }
        }
    }

    fn nobody_is_let_in_and_a_key_only_where_it_may(server: &Server) {
        let project = server.project();
        let key = project.key(server, &["runtime", "answers"]);
        for (method, operation) in OPERATIONS.iter().filter(|(_, operation)| !operation.starts_with("health")) {
            let path = operation.replace("{p}", &project.id).replace("{x}", "00000000-0000-4000-8000-000000000000");
            for path in [format!("/api/{path}"), format!("/api/{path}/")] {
                let stranger = server.anonymous().call(method, &path).bytes("application/json", "{}").send();
                // What there is not, such as billing, is not there for anybody.
                assert!([401, 404].contains(&stranger.status), "{stranger}");
                if !path.contains("billing") && there_is(&project.owner, method, &path) {
                    assert_eq!(stranger.status, 401, "{stranger}");
                }
                let refused = key.call(method, &path).bytes("application/json", "{}").send();
                assert_ne!(refused.status, 403, "a key is told to send a user's instead: {refused}");
            }
        }
    }

    fn both_forms_of_a_path_say_the_same(server: &Server) {
        // A member sees no projects that others make meanwhile.
        let (owner, _) = server.user("member");
        let created = owner.post("/v1/projects", json!({ "name": unique("project") })).expect(201);
        let project = created.id();
        let reads = OPERATIONS.iter().filter(|(method, _)| *method == "GET");
        for (_, operation) in reads {
            let path = format!("/api/{}", operation.replace("{p}", project).replace("{x}", project));
            let forms = [path.clone(), format!("{path}/")].map(|path| owner.get(&path).send());
            assert_eq!((forms[0].status, &forms[0].json), (forms[1].status, &forms[1].json), "{}", forms[0]);
            assert_eq!(forms[0].header("content-type"), "application/json", "{}", forms[0]);
            assert!(!(300..400).contains(&forms[0].status), "{}", forms[0]);
        }
    }
}

/// What comes back for all that makes no sense.
fn nonsense(caller: &Caller, method: &str, path: &str) -> Vec<Reply> {
    if method == "GET" {
        return PARAMETERS
            .iter()
            .map(|parameters| caller.get(&format!("{path}{parameters}")).send())
            .collect();
    }
    let body = |body: Vec<u8>| caller.call(method, path).bytes("application/json", body).send();
    bodies().into_iter().map(body).collect()
}

#[track_caller]
fn refused_for_good(reply: &Reply, what: &str) {
    let fine = (200..300).contains(&reply.status);
    // Notifications are not built; the clients are told not to try again.
    let told_so = reply.status == 501 && reply.header("x-should-retry") == "false";
    let refused = (400..500).contains(&reply.status) && ![408, 409, 429].contains(&reply.status);
    assert!(fine || refused || told_so, "{what}: {reply}");
    if reply.status != 204 {
        assert_eq!(reply.header("content-type"), "application/json", "{what}: {reply}");
    }
    if !fine {
        let detail = &reply.json["detail"];
        assert!(detail.is_string() || detail.is_array(), "{what}: {reply}");
        assert!(reply.status != 422 || well_formed(detail), "{what}: {reply}");
    }
}

/// FastAPI's shape.
fn well_formed(detail: &Value) -> bool {
    detail.as_array().is_some_and(|faults| {
        !faults.is_empty()
            && faults.iter().all(|fault| {
                fault["loc"]
                    .as_array()
                    .is_some_and(|loc| ["body", "query"].contains(&loc[0].as_str().unwrap_or("")))
                    && fault["msg"].is_string()
                    && fault["type"].is_string()
            })
    })
}

/// Whether the path has an operation at all: one that has answers `Method Not Allowed` to a method nobody has.
fn there_is(caller: &Caller, method: &str, path: &str) -> bool {
    let other = if method == "HEAD" { "GET" } else { "OPTIONS" };
    caller.call(other, path).send().status == 405
}
