//! What the server does with clients, browsers and caches that are not kind to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Server, on_both};

on_both! {
    fn caches_and_browsers_are_told_what_they_may_not_do(server: &Server) {
        let project = server.project();
        let issues = project.owner.get(&project.at("/issues")).expect(200);
        assert_eq!(issues.header("cache-control"), "private, no-cache", "another caller, or a later role, may not have it");
        let signing_in = server.anonymous().post("/v1/auth/login", json!({ "email": "a@b", "password": "x" })).send();
        assert_eq!(signing_in.header("cache-control"), "no-store");
        let key = project.owner.post(&project.at("/access-keys"), json!({ "name": "k", "scopes": ["read"] })).expect(201);
        assert_eq!(key.header("cache-control"), "no-store", "a secret is kept nowhere");
        for reply in [&issues, &server.anonymous().get("/v1/nothing").expect(404)] {
            assert!(reply.header("content-security-policy").starts_with("default-src 'none';"), "{reply}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
        }
        let documentation = server.anonymous().get("/docs/").expect(200);
        let policy = documentation.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!documentation.body.contains("<script>"), "the policy would not let it run");
    }

    fn a_body_that_does_not_come_ends(server: &Server) {
        let address = server.address().trim_start_matches("http://");
        let mut connection = TcpStream::connect(address).expect("a connection");
        connection.set_read_timeout(Some(Duration::from_secs(50))).expect("a timeout");
        let head = "POST /v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
        connection.write_all(head.as_bytes()).expect("it is sent");
        let since = Instant::now();
        let mut reply = [0; 512];
        let read = connection.read(&mut reply).expect("a reply before the patience of this test ends");
        let reply = String::from_utf8_lossy(&reply[..read]).into_owned();
        assert!(reply.starts_with("HTTP/1.1 400"), "after {:?}: {reply}", since.elapsed());
    }

    fn a_fault_does_not_repeat_all_that_was_sent(server: &Server) {
        let long = "x".repeat(200_000);
        for body in [json!({ "email": "a", "password": "b", &long: 1 }), json!({ "email": [long], "password": "b" })] {
            let refused = server.anonymous().post("/v1/auth/login", body).expect_problem(422, "validation_failed");
            assert!(refused.body.len() < 3_000, "{} bytes", refused.body.len());
        }
        let project = server.project();
        let role = json!({ "user_id": "01890000-0000-7000-8000-000000000000", "role": long });
        let refused = project.owner.post(&project.at("/members"), role).expect_problem(422, "validation_failed");
        assert!(refused.body.len() < 3_000, "{} bytes", refused.body.len());
    }

    fn every_wrong_parameter_is_named(server: &Server) {
        let project = server.project();
        for (parameter, value) in [("seen_since", "1969-01-01T00:00:00Z"), ("seen_until", "soon"), ("assignee", "me"), ("limit", "x")] {
            let list = project.at(format!("/issues?{parameter}={value}"));
            let refused = project.owner.get(&list).expect_problem(400, "invalid_query");
            assert_eq!(refused.text("/errors/0/pointer"), format!("/{parameter}"), "{refused}");
        }
    }
}
