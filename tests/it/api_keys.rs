//! Users' API keys: what they open, what they never do, when they stop.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::unique;
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const KEYS: &str = "/v1/me/api-keys";

on_both! {
    fn a_key_does_what_its_person_does(server: &Server) {
        let project = server.project();
        let (person, user_id) = project.member(server, "viewer");
        let (token, key) = key(server, &person);
        assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
        assert_eq!(key.get("/v1/me").expect(200).id(), user_id);
        key.get(&project.at("/interactions")).expect(200);
        key.get(&project.at("/settings")).expect_problem(403, "forbidden");
        key.get(&server.project().at("/interactions")).expect_problem(404, "not_found");
        let member = project.at(format!("/members/{user_id}"));
        project.owner.put(&member, json!({ "role": "developer" })).send();
        key.get(&project.at("/settings")).expect(200);
        project.owner.delete(&member).expect(204);
        key.get(&project.at("/interactions")).expect_problem(404, "not_found");
    }

    fn the_api_key_counts_first(server: &Server) {
        let (project, other) = (server.project(), server.project());
        let owner = project.owner.post(KEYS, json!({ "name": unique("key") })).expect(201);
        let body = json!({ "name": unique("key"), "scopes": ["read"] });
        let service = other.owner.post(&other.at("/access-keys"), body).expect(201);
        let (ours, theirs) = (owner.text("/token"), service.text("/token"));
        let status = |path: &str, headers: &[(&str, &str)]| {
            let caller = headers.iter().fold(server.anonymous(), |caller, (name, value)| caller.with_header(name, value));
            caller.get(path).send().status
        };
        let (here, bearer) = (project.at("/interactions"), format!("Bearer {theirs}"));
        assert_eq!(status(&here, &[("x-access-key", theirs)]), 404);
        assert_eq!(status(&here, &[("x-access-key", theirs), ("authorization", &bearer), ("x-api-key", ours)]), 200);
        assert_eq!(status(&here, &[("x-access-key", theirs), ("x-api-key", "nobody's")]), 401);
        assert_eq!(status(&here, &[("x-api-key", theirs)]), 401);
        assert_eq!(status(&here, &[("x-api-key", "")]), 401);
        // A token is good in its own header only.
        assert_eq!(status(&here, &[("authorization", &format!("Bearer {ours}"))]), 401);
        assert_eq!(status(&here, &[("x-access-key", ours)]), 401);
    }

    fn a_key_makes_no_sign_in_that_outlasts_it(server: &Server) {
        let (email, password, person) = somebody(server);
        let (_, program) = key(server, &person);
        let id = only(&person)["id"].as_str().expect("an id").to_owned();
        for (method, path) in [("GET", KEYS.to_owned()), ("GET", format!("{KEYS}/{id}")), ("DELETE", format!("{KEYS}/{id}"))] {
            program.call(method, &path).expect_problem(403, "forbidden");
        }
        program.post(KEYS, json!({ "name": "another" })).expect_problem(403, "forbidden");
        let change = json!({ "current_password": password, "new_password": "a new password" });
        program.post("/v1/me/password", change).expect_problem(403, "forbidden");
        server.login(&email, &password).get("/v1/me").expect(200);
        assert_eq!(only(&person)["id"], id);
        server.project().key(server, &["read"]).get(KEYS).expect_problem(403, "forbidden");
    }

    fn a_revoked_key_is_refused_at_once(server: &Server) {
        let (_, _, person) = somebody(server);
        let (token, program) = key(server, &person);
        let (_, other) = key(server, &person);
        program.get("/v1/me").expect(200);
        let id = person.get(KEYS).expect(200).items()[1]["id"].as_str().expect("an id").to_owned();
        let path = format!("{KEYS}/{id}");
        server.user("admin").0.delete(&path).expect_problem(404, "not_found");
        person.delete(&path).expect(204);
        program.get("/v1/me").expect_problem(401, "unauthenticated");
        person.get(&path).expect_problem(404, "not_found");
        person.delete(&path).expect_problem(404, "not_found");
        other.get("/v1/me").expect(200);
        assert!(only(&person)["hint"] != token[39..], "the other one is left");
    }

    fn nothing_of_a_disabled_user_works(server: &Server) {
        let (person, user_id) = server.user("member");
        let (_, program) = key(server, &person);
        let admin = server.admin();
        let set = |disabled: bool| admin.patch(&format!("/v1/users/{user_id}"), json!({ "disabled": disabled })).if_match("*").expect(200);
        set(true);
        program.get("/v1/me").expect_problem(401, "unauthenticated");
        program.get(&server.project().at("/interactions")).expect_problem(401, "unauthenticated");
        program.post("/v1/projects", json!({ "name": unique("project") })).expect_problem(401, "unauthenticated");
        set(false);
        program.get("/v1/me").expect(200);
    }

    fn another_password_leaves_keys_alone(server: &Server) {
        let (email, password, person) = somebody(server);
        let (_, program) = key(server, &person);
        let change = json!({ "current_password": password, "new_password": "a new password" });
        person.post("/v1/me/password", change).expect(200);
        program.get("/v1/me").expect(200);
        let person = server.login(&email, "a new password");
        person.delete(&format!("{KEYS}/{}", only(&person)["id"].as_str().expect("an id"))).expect(204);
        program.get("/v1/me").expect(401);
    }

    fn a_key_expires(server: &Server) {
        let (_, _, person) = somebody(server);
        let body = json!({ "name": "soon", "expires_at": in_seconds(3) });
        let made = person.post(KEYS, body).expect(201);
        let program = program(server, &made);
        program.get("/v1/me").expect(200);
        until(|| program.get("/v1/me").send().status == 401);
        assert_eq!(only(&person)["expires_at"], made.json["expires_at"], "who looks finds what ended");
    }

    fn a_key_is_told_by_its_hint_and_its_last_use(server: &Server) {
        let (_, _, person) = somebody(server);
        let made = person.post(KEYS, json!({ "name": "nightly export", "expires_at": null })).expect(201);
        let location = made.header("location").to_owned();
        let token = made.text("/token");
        let listed = only(&person);
        assert_eq!(listed["hint"], token[39..]);
        assert_eq!((&listed["name"], &listed["last_used_at"], &listed["expires_at"]), (&json!("nightly export"), &Value::Null, &Value::Null));
        assert_eq!(person.get(&location).expect(200).json, listed);
        assert!(listed.get("token").is_none());
        program(server, &made).get("/v1/me").expect(200);
        until(|| only(&person)["last_used_at"].is_string());
    }

    fn what_a_key_must_have(server: &Server) {
        let (_, _, person) = somebody(server);
        let cases = [
            (json!({}), "/name"),
            (json!({ "name": " " }), "/name"),
            (json!({ "name": "x".repeat(1000) }), "/name"),
            (json!({ "name": "x", "expires_at": "2020-01-01T00:00:00Z" }), "/expires_at"),
            (json!({ "name": "x", "expires_at": "tomorrow" }), "/expires_at"),
            (json!({ "name": "x", "scopes": ["read"] }), "/scopes"),
        ];
        for (body, pointer) in cases {
            let refused = person.post(KEYS, body).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{refused}");
        }
        assert_eq!(person.get(KEYS).expect(200).items().len(), 0);
    }

    fn one_has_a_hundred_keys_and_sees_them_in_pages(server: &Server) {
        let (_, _, person) = somebody(server);
        let another = || person.post(KEYS, json!({ "name": unique("key") }));
        let made: Vec<String> = (0..100).map(|_| another().expect(201).id().to_owned()).collect();
        let refused = another().expect_problem(409, "conflict");
        assert_eq!(refused.text("/reason"), "too_many_keys");
        let (mut listed, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = person.get(&format!("{KEYS}?limit=40{cursor}")).expect(200);
            listed.extend(page.items().iter().map(|key| key["id"].as_str().expect("an id").to_owned()));
            let Some(next) = page.json["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert!(listed.iter().eq(made.iter().rev()), "{listed:?} {made:?}");
        person.delete(&format!("{KEYS}/{}", made[7])).expect(204);
        another().expect(201);
    }
}

/// Address, password and session of a new member of the organization.
fn somebody(server: &Server) -> (String, String, Caller) {
    let (email, password) = (format!("{}@example.test", unique("user")), unique("password"));
    let user = json!({ "email": email, "name": "Somebody", "password": password, "role": "member" });
    server.admin().post("/v1/users", user).expect(201);
    let person = server.login(&email, &password);
    (email, password, person)
}

/// A new key of this person: its token, and a program that sends it.
fn key(server: &Server, person: &Caller) -> (String, Caller) {
    let made = person.post(KEYS, json!({ "name": unique("key") })).expect(201);
    (made.text("/token").to_owned(), program(server, &made))
}

fn program(server: &Server, made: &Reply) -> Caller {
    server.anonymous().with_header("x-api-key", made.text("/token"))
}

/// The one key this person has.
fn only(person: &Caller) -> Value {
    let keys = person.get(KEYS).expect(200);
    assert_eq!(keys.items().len(), 1, "{keys}");
    keys.items()[0].clone()
}

/// This many seconds from now, as RFC 3339.
fn in_seconds(seconds: u32) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("+{seconds} seconds"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date runs");
    String::from_utf8(output.stdout).expect("a date").trim().to_owned()
}

fn until(mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_mins(1), "it does not come true");
        std::thread::sleep(Duration::from_millis(50));
    }
}
