//! Signing in under attack.

use std::thread::scope;

use serde_json::{Value, json};

use crate::support::builders::unique;
use crate::support::client::Reply;
use crate::support::{Server, on_both};

/// Wrong passwords before signing in waits, as `auth/login` says.
const ATTEMPTS: usize = 10;

on_both! {
    fn guesses_sent_at_once_are_counted_too(server: &Server) {
        let (email, password) = person(server);
        let right = || login(server, &json!({ "email": email, "password": password }));
        right().expect(200);
        let guess = |number: usize| login(server, &json!({ "email": email, "password": format!("guess {number}") }));
        let told = scope(|scope| {
            let guesses: Vec<_> = (0..40).map(|number| scope.spawn(move || guess(number))).collect();
            let replies = guesses.into_iter().map(|guess| guess.join().expect("a reply"));
            replies.filter(|reply| reply.status == 401).count()
        });
        // Two workers may each count the tenth.
        assert!(told <= ATTEMPTS + 2, "{told} guesses were told that they are wrong");
        let waits = right().expect_problem(429, "too_many_requests");
        let seconds: u32 = waits.header("retry-after").parse().expect("seconds");
        assert!((1..=300).contains(&seconds), "{waits}");
    }

    fn an_address_nobody_can_have_is_a_wrong_one(server: &Server) {
        let long = "a".repeat(100_000);
        for email in ["a\0@example.test", "", "@", &long, &format!("{long}@example.test")] {
            let refused = login(server, &json!({ "email": email, "password": "x" }));
            refused.expect_problem(401, "unauthenticated");
        }
        let (email, _) = person(server);
        let refused = login(server, &json!({ "email": email, "password": long }));
        refused.expect_problem(401, "unauthenticated");
    }
}

fn person(server: &Server) -> (String, String) {
    let (email, password) = (format!("{}@example.test", unique("user")), unique("password"));
    let user = json!({ "email": email, "name": "Somebody", "password": password, "role": "member" });
    server.admin().post("/v1/users", user).expect(201);
    (email, password)
}

fn login(server: &Server, credentials: &Value) -> Reply {
    server.anonymous().post("/v1/auth/login", credentials.clone()).send()
}
