//! The preview of widths: what another width would do, while nothing is changed.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Reply;
use crate::support::{Server, on_both};

/// Two questions asked in three ways each, and one that has nothing to do with them.
const PASSWORD: [&str; 3] =
    ["How do I reset my password?", "How can I reset my password?", "I want to reset my password"];
const MUSEUM: [&str; 3] = [
    "What time does the museum open on Sunday?",
    "At what time does the museum open on Sunday?",
    "When does the museum open on Sundays?",
];
const CAKE: &str = "Can dogs eat chocolate cake?";

on_both! {
    fn a_narrower_width_parts_and_a_wider_one_joins(server: &Server) {
        let project = asked(server);
        let before = state(&project);
        assert_eq!(project.all("/issues").len(), 3);

        let narrower = preview(&project, json!({ "width": 0.9999, "merge_width": 1 }));
        assert_eq!((&narrower.json["occurrences"], &narrower.json["issues"]), (&json!(7), &json!(3)));
        assert_eq!((&narrower.json["issues_as_set"], &narrower.json["issues_then"]), (&json!(3), &json!(7)), "{narrower}");
        assert_eq!((&narrower.json["joined"], &narrower.json["parted"]), (&json!(0), &json!(2)));
        let parted = narrower.list("/parted_examples");
        let mut shown: Vec<&str> = parted.iter().flat_map(|one| one["parts"].as_array().unwrap()).map(|part| part["query"].as_str().unwrap()).collect();
        shown.sort_unstable();
        let mut all = [PASSWORD, MUSEUM].concat();
        all.sort_unstable();
        assert_eq!(shown, all, "{narrower}");
        assert!(parted.iter().all(|one| one["issue"]["occurrences"] == 3));

        let wider = preview(&project, json!({ "width": -1 }));
        assert_eq!((&wider.json["issues_then"], &wider.json["joined"], &wider.json["parted"]), (&json!(1), &json!(1), &json!(0)), "{wider}");
        let joined = &wider.list("/joined_examples")[0];
        assert_eq!((&joined["occurrences"], joined["issues"].as_array().map(Vec::len)), (&json!(7), Some(3)));

        let newest = preview(&project, json!({ "width": -1, "occurrences": 2 }));
        assert_eq!((&newest.json["occurrences"], &newest.json["issues"]), (&json!(2), &json!(2)), "{newest}");
        let same = preview(&project, json!({}));
        assert_eq!((&same.json["issues_then"], &same.json["joined"], &same.json["parted"]), (&json!(3), &json!(0), &json!(0)));
        assert_eq!(state(&project), before, "looking changes nothing");
    }

    fn what_is_shown_happens(server: &Server) {
        let project = asked(server);
        let width = json!({ "grouping_width": 0.9999, "merge_width": 1 });
        let shown = preview(&project, json!({ "width": 0.9999, "merge_width": 1 }));
        let again = server.project();
        again.owner.patch(&again.at("/settings"), width).if_match("*").expect(200);
        for question in order() {
            again.owner.post(&again.at("/validate"), bad(question)).expect(200);
        }
        assert_eq!(shown.json["issues_then"], again.all("/issues").len());
    }

    fn bad_widths_are_refused(server: &Server) {
        let project = server.project();
        project.owner.post(&project.at("/validate"), good("Is all well?")).expect(200);
        let none = preview(&project, json!({ "width": 0.3 }));
        assert_eq!((&none.json["occurrences"], &none.json["issues_then"], &none.json["joined_examples"]), (&json!(0), &json!(0), &json!([])));
        let path = project.at("/issues/width-preview");
        for (body, pointer) in [
            (json!({ "width": 1.1 }), "/width"), (json!({ "merge_width": -2 }), "/merge_width"), (json!({ "occurrences": 0 }), "/occurrences"),
            (json!({ "occurrences": 5001 }), "/occurrences"), (json!({ "width": null }), "/width"), (json!({ "grouping_width": 0.5 }), "/grouping_width"),
        ] {
            let refused = project.owner.post(&path, body).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{refused}");
        }
        let (expert, _) = project.member(server, "expert");
        expert.post(&path, json!({})).expect_problem(403, "forbidden");
    }
}

/// The questions as they come: now this one, now that one.
fn order() -> impl Iterator<Item = &'static str> {
    PASSWORD.into_iter().zip(MUSEUM).flat_map(|(one, other)| [one, other]).chain([CAKE])
}

/// A project that was asked them, with widths at which the ways to ask a question are one issue.
fn asked(server: &Server) -> Project {
    let project = server.project();
    let widths = json!({ "grouping_width": 0.4, "merge_width": 0.4 });
    project.owner.patch(&project.at("/settings"), widths).if_match("*").expect(200);
    for question in order() {
        project.owner.post(&project.at("/validate"), bad(question)).expect(200);
    }
    project
}

/// A server computes one preview at a time: another test's is waited for, as the reply says.
fn preview(project: &Project, widths: Value) -> Reply {
    loop {
        let reply = project.owner.post(&project.at("/issues/width-preview"), widths.clone()).send();
        if reply.status != 503 {
            return reply.expect(200);
        }
        assert!(reply.header("retry-after").parse::<u32>().is_ok());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// What must not change.
fn state(project: &Project) -> Vec<(Value, Value, Value)> {
    let issues = project.all("/issues?status=all");
    issues.iter().map(|one| (one["id"].clone(), one["version"].clone(), one["counts"].clone())).collect()
}
