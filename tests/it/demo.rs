//! The demo: what it prints works, and what it shows tells a story.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::client::Caller;
use crate::support::{Server, on_both};

on_both! {
    fn what_the_demo_prints_works(server: Server) {
        let printed = demo(&server);
        let project = project_path(&printed);
        for (role, login) in logins(&server, &printed) {
            assert_eq!(login.get(&project).expect(200).text("/role"), role);
            assert!(!login.get(&format!("{project}/issues")).expect(200).items().is_empty());
        }
        let bot = server.anonymous().with_bearer(value_of(&printed, "KEY="));
        for path in printed.lines().filter_map(path_of_get) {
            bot.get(&format!("{project}{path}")).expect(200);
        }
        let bodies: Vec<Value> = printed.lines().filter_map(body_of_post).collect();
        let [answered, blocked] = bodies.as_slice() else { panic!("two bodies: {printed}") };
        let verdict = bot.post(&format!("{project}/validate"), answered.clone()).expect(200);
        assert_eq!(verdict.text("/serve"), "expert_answer", "{verdict}");
        assert!(verdict.text("/expert_answer").contains("ferry"), "{verdict}");
        let verdict = bot.post(&format!("{project}/validate"), blocked.clone()).expect(200);
        assert_eq!(verdict.json["blocked"], true, "{verdict}");
        assert_eq!(verdict.text("/serve"), "fallback", "{verdict}");
    }

    fn the_demo_tells_a_story(server: Server) {
        let printed = demo(&server);
        let project = project_path(&printed);
        let (_, expert) = logins(&server, &printed).into_iter().find(|(role, _)| role == "expert").expect("an expert");
        let issues = |filter: &str| expert.get(&format!("{project}/issues{filter}")).expect(200).items().to_vec();

        let waiting = issues("");
        assert!((8..=14).contains(&waiting.len()), "{} issues wait", waiting.len());
        assert!(counted(&waiting[0], "open") > 5, "the first is a big one: {}", waiting[0]);
        assert!(waiting.iter().any(|issue| issue["regressed_at"].is_string()), "one came back");
        assert!(waiting.iter().any(|issue| issue["assignee"].is_object() || issue["assignee"].is_string()));
        let addressed = issues("?status=addressed");
        let protected: i64 = addressed.iter().map(|issue| counted(issue, "protected")).sum();
        assert!(protected >= 10, "{protected} protected");
        assert_eq!(issues("?status=dismissed").len(), 1);

        let listed = |what: &str, field: &str| -> BTreeSet<String> {
            let items = expert.get(&format!("{project}/{what}")).expect(200).items().to_vec();
            items.iter().map(|item| item[field].as_str().expect("a word").to_owned()).collect()
        };
        assert_eq!(listed("answers", "status"), ["active", "draft", "paused"].map(str::to_owned).into());
        assert_eq!(listed("reviews", "verdict"), ["bad", "good"].map(str::to_owned).into());
    }

    fn a_second_demo_changes_nothing(server: Server) {
        let printed = demo(&server);
        let again = server.command(&["demo"]);
        assert_eq!(again.status.code(), Some(1));
        let said = String::from_utf8_lossy(&again.stderr);
        assert!(said.contains("exists already"), "{said}");
        logins(&server, &printed);
        assert_eq!(server.admin().get("/v1/projects").expect(200).items().len(), 1);
    }
}

/// Runs it beside the running server; returns what it printed.
fn demo(server: &Server) -> String {
    let output = server.command(&["demo"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Everybody who can sign in, with their role.
fn logins(server: &Server, printed: &str) -> Vec<(String, Caller)> {
    let people = printed.lines().filter(|line| line.contains("@demo.example"));
    let logins: Vec<(String, Caller)> = people
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [role, email, password] = words.as_slice() else { panic!("role, address, password: {line}") };
            ((*role).to_owned(), server.login(email, password))
        })
        .collect();
    let roles: Vec<&str> = logins.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["owner", "developer", "expert", "viewer"]);
    logins
}

fn value_of<'a>(printed: &'a str, name: &str) -> &'a str {
    let value = printed.lines().find_map(|line| line.strip_prefix(name));
    value.unwrap_or_else(|| panic!("no {name} in {printed}"))
}

/// `/v1/projects/{id}`: the printed address is the configured one, which for a test is port 0.
fn project_path(printed: &str) -> String {
    let address = value_of(printed, "PROJECT=");
    address[address.find("/v1/").expect("a path")..].to_owned()
}

/// The path after `$PROJECT` in a line that only reads.
fn path_of_get(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("curl ")?.split_once("\"$PROJECT")?.1;
    rest.strip_suffix('"')
}

/// The body in a line that sends one.
fn body_of_post(line: &str) -> Option<Value> {
    let quoted = line.trim_start().strip_prefix("-d '")?.rsplit_once('\'')?.0;
    Some(serde_json::from_str(quoted).expect("a body that the shell leaves as it is"))
}

/// One of an issue's counts.
fn counted(issue: &Value, what: &str) -> i64 {
    issue["counts"][what].as_i64().unwrap_or_else(|| panic!("no count of {what}: {issue}"))
}
