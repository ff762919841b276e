//! What fails around the server: its disk, its database, its clients. What it acknowledged is there, it says what it cannot do now, and it goes on by
//! itself when the fault is over.

mod clients;
mod database;
mod disk;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;

/// A body under a name; every third fails.
fn body(name: &str, number: usize) -> Value {
    let mut body = if number.is_multiple_of(3) { bad("Is it there?") } else { good("Is it there?") };
    body["external_id"] = json!(name);
    body
}

/// Insists that each of these was recorded once, and nothing twice.
#[track_caller]
fn insist_on(project: &Project, acknowledged: &[String]) {
    let items = project.all("/interactions");
    let mut names: Vec<&str> =
        items.iter().map(|item| item["external_id"].as_str().expect("a name")).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before, "nothing is there twice");
    for name in acknowledged {
        assert!(names.binary_search(&name.as_str()).is_ok(), "{name} was acknowledged and is gone");
    }
}

/// Insists that a reply sends its caller away for so many seconds at the most.
#[track_caller]
fn insist_on_coming_again(reply: &Reply) {
    let seconds: u32 =
        reply.header("retry-after").parse().unwrap_or_else(|_| panic!("no Retry-After: {reply}"));
    assert!((1..=60).contains(&seconds), "{reply}");
}
