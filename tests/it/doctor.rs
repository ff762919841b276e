//! `expert-workspace doctor`: what differs from what is stored is told, and set right.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::Caller;
use crate::support::{Server, on_both};

/// Questions that have nothing to do with each other.
const QUESTIONS: [&str; 4] = [
    "How long does a refund take?",
    "Can I take my bike on the train?",
    "Where do I change my password?",
    "Is the shop open on Sundays?",
];

/// A project in which everything that the doctor recounts has happened.
struct Story {
    project: Project,
    /// The issues of [`QUESTIONS`], but the last, which became part of the one before it.
    issues: Vec<String>,
    /// An interaction that is open in the second issue and stands for nothing else.
    open: String,
    /// An interaction with a thumb, a flag and a review.
    judged: String,
}

fn tell_story(server: &Server) -> Story {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    let mut issues = Vec::new();
    for question in QUESTIONS {
        let earlier = (1..=3).map(|day| {
            let mut body = bad(question);
            body["created_at"] = json!(format!("2026-01-0{day}T10:00:00Z"));
            body
        });
        let earlier = json!({ "interactions": earlier.collect::<Vec<_>>() });
        app.post(&project.at("/interactions/batch"), earlier).expect(200);
        let told = record(&app, &project, &bad(question));
        issues.push(issue_of(&project, &told));
    }
    let open = record(&app, &project, &bad(QUESTIONS[1]));
    let answer =
        json!({ "query": QUESTIONS[0], "answer": "Five days.", "issues": [issues[0]], "publish": true });
    project.owner.post(&project.at("/answers"), answer).expect(201);
    let answered = record(&app, &project, &bad(QUESTIONS[0]));
    app.post(&project.at(format!("/interactions/{answered}/feedback")), json!({ "rating": "up" }))
        .expect(200);
    let merged = json!({ "issues": [issues[3]] });
    project.owner.post(&project.at(format!("/issues/{}/merge", issues[2])), merged).if_match("*").expect(200);
    issues.pop();
    let judged = record(&app, &project, &good("What does the premium plan cost?"));
    let at = |act: &str| project.at(format!("/interactions/{judged}/{act}"));
    app.post(&at("feedback"), json!({ "rating": "down" })).expect(200);
    project.owner.post(&at("flag"), json!({})).expect(200);
    let review =
        json!({ "interaction_ids": [judged], "verdict": "bad", "explanation": "It names no price." });
    project.owner.post(&project.at("/reviews"), review).expect(201);
    Story { project, issues, open, judged }
}

fn record(app: &Caller, project: &Project, body: &Value) -> String {
    app.post(&project.at("/validate"), body.clone()).expect(200).text("/interaction_id").to_owned()
}

fn issue_of(project: &Project, interaction: &str) -> String {
    let shown = project.owner.get(&project.at(format!("/interactions/{interaction}"))).expect(200);
    shown.text("/occurrence/issue_id").to_owned()
}

/// What the API shows of what is derived.
fn shown(story: &Story) -> Vec<Value> {
    let Project { owner, .. } = &story.project;
    let issues = story.issues.iter().map(|id| {
        let issue = owner.get(&story.project.at(format!("/issues/{id}"))).expect(200).json;
        let impact = owner.get(&story.project.at(format!("/issues/{id}/impact"))).expect(200).json;
        json!([
            issue["counts"],
            issue["status"],
            issue["first_seen_at"],
            issue["last_seen_at"],
            impact["hours"]
        ])
    });
    let remediations = owner.get(&story.project.at("/remediations")).expect(200);
    issues.chain(remediations.items().iter().map(|one| one["effect"].clone())).collect()
}

on_both! {
    fn what_differs_is_told_and_set_right(server: Server) {
        let story = tell_story(&server);
        server.insist_on_health();
        let before = shown(&story);
        let id = |id: &str| server.literal(id);
        let [first, second, third] = [0, 1, 2].map(|place: usize| id(&story.issues[place]));
        let damages = [
            format!("UPDATE issues SET occurrences = 41, open_occurrences = 42, protected_occurrences = 43, blocked_occurrences = 44, uncaught = 45 WHERE id = {first}"),
            format!("UPDATE issues SET status = 'addressed', impact_log2 = 3.5, needs_answer = (1 = 0), last_seen_at = first_seen_at WHERE id = {second}"),
            format!("UPDATE issues SET first_seen_at = last_seen_at, last_seen_at = first_seen_at, needs_answer = NOT needs_answer WHERE id = {third}"),
            format!("UPDATE issue_hours SET open_count = open_count - 7, open_severity_milli = 1, protected_count = 9 WHERE issue_id = {first}"),
            format!("DELETE FROM issue_hours WHERE issue_id = {second}"),
            format!("UPDATE issue_centroids SET members = members + 1 WHERE issue_id = {first}"),
            format!("UPDATE issue_centroids SET vector = (SELECT c.vector FROM issue_centroids c WHERE c.issue_id = {first}) WHERE issue_id = {second}"),
            format!("DELETE FROM issue_centroids WHERE issue_id = {third}"),
            format!("DELETE FROM vectors WHERE owner_kind <> 'occurrence' OR owner_id IN (SELECT interaction_id FROM occurrences WHERE issue_id = {first})"),
            "UPDATE remediation_effects SET acted = 41, suggested = 42, shadow = 43, confirmed = 44, rejected = 45, thumbs_up = 46, thumbs_down = 47, last_acted_at = NULL".to_owned(),
            "UPDATE project_heads SET event_seq = event_seq - 1".to_owned(),
            format!("UPDATE interactions SET thumbs = 'up', flagged_at = NULL, reviewed = 'good' WHERE id = {}", id(&story.judged)),
            format!("DELETE FROM occurrences WHERE interaction_id = {}", id(&story.open)),
            format!("UPDATE issue_redirects SET issue_id = {first}"),
        ];
        for damage in &damages {
            server.query(damage);
        }
        let examined = server.doctor(&[]);
        assert_eq!(examined.code, Some(1), "{:?}", examined.kinds());
        let told: BTreeSet<String> = examined.kinds().into_iter().collect();
        for expected in REPAIRABLE {
            assert!(told.contains(&format!("{expected}/found")), "{expected} is missing in {told:#?}");
        }
        assert_eq!(server.doctor(&[]).kinds(), examined.kinds(), "looking changes nothing");
        let repaired = server.doctor(&["--repair"]);
        assert_eq!(repaired.code, Some(0), "{:#?}", repaired.kinds());
        let told: BTreeSet<String> = repaired.kinds().into_iter().collect();
        for expected in REPAIRABLE {
            assert!(told.contains(&format!("{expected}/repaired")), "{expected} is missing in {told:#?}");
        }
        server.insist_on_health();
        assert_eq!(server.doctor(&["--repair"]).summary["repaired"], 0, "there is nothing left to repair");
        assert_eq!(shown(&story), before);
        assert_eq!(issue_of(&story.project, &story.open), story.issues[1], "it is where it was");
    }

    fn what_is_lost_is_told_and_left(server: Server) {
        let story = tell_story(&server);
        let project = server.literal(&story.project.id);
        let nobody = server.literal("00000000-0000-7000-8000-000000000000");
        let protected = "state = 'protected' AND caught_by_kind = 'answer'";
        server.query(&format!("UPDATE occurrences SET caught_by_id = {nobody} WHERE {protected}"));
        server.query(&format!("DELETE FROM events WHERE project_id = {project} AND seq = 2"));
        for arguments in [&[] as &[&str], &["--repair"]] {
            let examined = server.doctor(arguments);
            assert_eq!(examined.code, Some(1), "{:?}", examined.kinds());
            assert_eq!(examined.kinds(), ["occurrence/caught_by_id/lost", "project/events/lost"]);
        }
    }

    fn one_project_is_examined_by_itself(server: Server) {
        let (here, there) = (tell_story(&server), tell_story(&server));
        server.query(&format!("UPDATE issues SET occurrences = 41 WHERE project_id = {}", server.literal(&there.project.id)));
        let examined = server.doctor(&["--project", &here.project.id]);
        assert_eq!((examined.code, examined.differences.len()), (Some(0), 0));
        let examined = server.doctor(&["--repair", "--project", &there.project.id]);
        assert_eq!((examined.code, examined.kinds()), (Some(0), vec!["issue/occurrences/repaired".to_owned()]));
        let history = there.project.owner.get(&there.project.at(format!("/issues/{}", there.issues[0]))).expect(200);
        let newest = &history.list("/history")[0];
        assert_eq!((newest["kind"].as_str(), &newest["actor"]["type"]), (Some("issue.repaired"), &json!("system")), "{newest}");
        let output = server.command(&["doctor", "--project", "00000000-0000-7000-8000-000000000000"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("no project has the id"));
    }

    fn it_is_told_in_words(server: Server) {
        let story = tell_story(&server);
        let healthy = server.command(&["doctor"]);
        let said = String::from_utf8_lossy(&healthy.stdout).into_owned();
        assert!(healthy.status.success() && said.contains("4 issues") && said.ends_with("nothing differs\n"), "{said}");
        server.query(&format!("UPDATE issues SET occurrences = 41 WHERE id = {}", server.literal(&story.issues[1])));
        let said = String::from_utf8_lossy(&server.command(&["doctor"]).stdout).into_owned();
        let line = format!("project {}: issue {}: occurrences is 41, recounted 5\n", story.project.id, story.issues[1]);
        assert!(said.starts_with(&line), "{said}");
        assert!(said.ends_with("1 differences: 1 to repair (--repair), 0 repaired, 0 lost\n"), "{said}");
    }
}

/// What the damages do, and a recount undoes.
const REPAIRABLE: [&str; 32] = [
    "answer/acted",
    "answer/confirmed",
    "answer/last_acted_at",
    "answer/rejected",
    "answer/shadow",
    "answer/suggested",
    "answer/thumbs_down",
    "answer/thumbs_up",
    "centroid/members",
    "centroid/vector",
    "interaction/flagged_at",
    "interaction/issue",
    "interaction/reviewed",
    "interaction/thumbs",
    "issue/blocked_occurrences",
    "issue/centroids",
    "issue/first_seen_at",
    "issue/hours",
    "issue/impact_log2",
    "issue/last_seen_at",
    "issue/needs_answer",
    "issue/occurrences",
    "issue/open_occurrences",
    "issue/protected_occurrences",
    "issue/status",
    "issue/uncaught",
    "merged issue/issue_id",
    "occurrence/vector",
    "phrasing/vector",
    "project/event_seq",
    "reviewed_query/vector",
    "reviewed_response/vector",
];
