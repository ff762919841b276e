//! `import`: recorded traffic from a file.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::builders::{bad, good, unique};
use crate::support::client::Caller;
use crate::support::data::{support_questions, support_questions_file};
use crate::support::{Database, Server, on_both};

on_both! {
    fn a_file_goes_through_the_verdict_and_twice_is_once(server: &Server) {
        let name = unique("imported");
        let file = support_questions_file();
        let lines = support_questions().len();
        let first = import(server, &file, &name);
        assert!(first.status.success(), "{}", stderr(&first));
        assert!(stdout(&first).contains(&format!("{lines} lines read, {lines} stored, 0 already there, 0 refused")), "{}", stdout(&first));
        let again = import(server, &file, &name);
        assert!(stdout(&again).contains(&format!("{lines} lines read, 0 stored, {lines} already there, 0 refused")), "{}", stdout(&again));

        let owner = server.admin();
        let project = project_id(&owner, &name);
        let list = owner.get(&format!("/v1/projects/{project}/interactions?sort=occurred_at&limit=200")).expect(200);
        assert!(list.items().iter().all(|item| item["historical"] == true));
        assert!(list.items().iter().any(|item| item["escalated"] == true && item["issue_id"].is_string()));
    }

    fn a_bad_line_is_named_and_the_others_are_stored(server: &Server) {
        let repeated = good("The same line twice").to_string();
        let mut timed = good("With a time");
        timed["created_at"] = json!("2026-05-01T12:00:00+02:00");
        let mut timed_badly = good("With no time");
        timed_badly["created_at"] = json!("soon");
        let mut mine = good("With an id");
        mine["external_id"] = json!("line-1");
        let mut mine_again = mine.clone();
        mine_again["response"] = json!("Another response");
        let mut scored_badly = bad("Scored too high");
        scored_badly["scores"]["trustworthiness"] = json!(7);
        let lines = [
            repeated.clone(), "{\"query\": ".to_owned(), timed.to_string(), String::new(), timed_badly.to_string(), repeated,
            mine.to_string(), mine_again.to_string(), scored_badly.to_string(), "{\"query\": \"q\", \"respons\": \"r\"}".to_owned(),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, lines.join("\n")).expect("a file");
        let name = unique("imported");
        let done = import(server, &file, &name);
        assert_eq!(done.status.code(), Some(1));
        assert!(stdout(&done).contains("9 lines read, 4 stored, 0 already there, 5 refused"), "{}", stdout(&done));
        let errors = stderr(&done);
        for (line, reason) in [(2, "not JSON"), (5, "/created_at"), (8, "external_id"), (9, "/scores/trustworthiness"), (10, "`external_id`, `created_at`")] {
            let found = errors.lines().any(|error| error.starts_with(&format!("line {line}: ")) && error.contains(reason));
            assert!(found, "line {line}, {reason}: {errors}");
        }
        let owner = server.admin();
        let project = project_id(&owner, &name);
        let since = owner.get(&format!("/v1/projects/{project}/interactions?since=2026-05-01T10:00:00Z&until=2026-05-01T10:00:01Z"));
        assert_eq!(since.expect(200).items().len(), 1);
        let again = import(server, &file, &name);
        assert!(stdout(&again).contains("0 stored, 4 already there, 5 refused"), "{}", stdout(&again));
    }

    fn a_file_may_begin_with_a_byte_order_mark(server: &Server) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lines.jsonl");
        std::fs::write(&file, format!("\u{feff}{}\r\n{}\r\n", good("The first line"), good("The second line"))).expect("a file");
        let name = unique("imported");
        let done = import(server, &file, &name);
        assert!(done.status.success(), "{}", stderr(&done));
        let project = project_id(&server.admin(), &name);
        let said = stdout(&done);
        assert!(said.starts_with(&format!("project \"{name}\" ({project}): 2 lines read, 2 stored")), "{said}");
    }

    fn what_was_exported_is_read_again(server: &Server) {
        let from = server.project();
        let mut mine = bad("Where is my refund?");
        mine["external_id"] = json!("mine");
        mine["metadata"] = json!({ "country": "DE" });
        mine["rewritten_query"] = json!("Where is the refund of order 7?");
        for body in [good("When are you open?"), mine, json!({ "query": "look it up", "response": "…", "kind": "step" })] {
            from.owner.post(&from.at("/validate"), body).expect(200);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("interactions.jsonl");
        let exported = from.owner.get(&from.at("/export")).expect(200).body;
        std::fs::write(&file, &exported).expect("a file");
        let name = unique("imported");
        let done = import(server, &file, &name);
        assert!(stdout(&done).contains("3 lines read, 3 stored"), "{}{}", stdout(&done), stderr(&done));
        assert!(stdout(&import(server, &file, &name)).contains("0 stored, 3 already there"));
        let to = project_id(&server.admin(), &name);
        let again = server.admin().get(&format!("/v1/projects/{to}/export")).expect(200).body;
        let told = |text: &str| -> Vec<Value> {
            let fields = ["kind", "occurred_at", "query", "rewritten_query", "response", "context", "metadata", "scores"];
            let line = |line: &str| -> Value {
                let line: Value = serde_json::from_str(line).expect("JSON");
                let blocked = line["verdict"]["blocked"].clone();
                let told = fields.iter().map(|field| ((*field).to_owned(), line[*field].clone()));
                told.chain([("blocked".to_owned(), blocked)]).collect()
            };
            text.lines().map(line).collect()
        };
        assert_eq!(told(&again), told(&exported));
        assert!(again.contains("\"external_id\":\"mine\""), "{again}");
    }

    fn an_import_runs_beside_a_server_that_records(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let name = project.owner.get(&project.at("")).expect(200).text("/name").to_owned();
        let file = support_questions_file();
        std::thread::scope(|scope| {
            let importing = scope.spawn(|| import(server, &file, &name));
            for number in 0..40 {
                app.post(&project.at("/validate"), bad(&format!("A live question, number {number}"))).expect(200);
            }
            let done = importing.join().expect("the import ends");
            assert!(done.status.success(), "{}", stderr(&done));
        });
        assert_eq!(count(&project.owner, &project.id), 40 + support_questions().len());
        let live = project.owner.get(&project.at("/interactions?external_id=none")).expect(200);
        assert_eq!(live.items().len(), 0);
    }
}

#[test]
fn both_databases_group_an_import_alike() {
    let groups: Vec<Vec<Vec<String>>> = [Database::Sqlite, Database::Postgres]
        .into_iter()
        .map(|database| {
            let server = Server::shared(database);
            let name = unique("grouped");
            let done = import(server, &support_questions_file(), &name);
            assert!(done.status.success(), "{}", stderr(&done));
            grouping(&server.admin(), &name)
        })
        .collect();
    assert!(groups[0].len() > 1);
    assert_eq!(groups[0], groups[1]);
}

/// The questions of each issue, in order.
fn grouping(owner: &Caller, name: &str) -> Vec<Vec<String>> {
    let project = project_id(owner, name);
    let mut issues: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for item in all(owner, &project) {
        if let Some(issue) = item["issue_id"].as_str() {
            let place = format!("{}: {}", item["occurred_at"], item["query_excerpt"]);
            issues.entry(issue.to_owned()).or_default().push(place);
        }
    }
    let mut groups: Vec<Vec<String>> = issues.into_values().collect();
    for group in &mut groups {
        group.sort();
    }
    groups.sort();
    groups
}

fn all(owner: &Caller, project: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = owner.get(&format!("/v1/projects/{project}/interactions?limit=200{cursor}")).expect(200);
        items.extend(page.items().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn count(owner: &Caller, project: &str) -> usize {
    all(owner, project).len()
}

fn import(server: &Server, file: &Path, project: &str) -> Output {
    server.command(&["import", file.to_str().expect("a path in UTF-8"), "--project", project])
}

fn project_id(owner: &Caller, name: &str) -> String {
    let mut cursor = String::new();
    loop {
        let page = owner.get(&format!("/v1/projects?limit=200{cursor}")).expect(200);
        if let Some(found) = page.items().iter().find(|project| project["name"] == name) {
            return found["id"].as_str().expect("an id").to_owned();
        }
        cursor = format!("&cursor={}", page.text("/next_cursor"));
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
