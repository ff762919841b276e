//! `import-codex` again, from a service that went on: what comes is what is there by then.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::builders::{Project, unique};
use crate::support::client::Caller;
use crate::support::relay::Relay;
use crate::support::{Server, on_both};

on_both! {
    fn what_changes_after_a_trial_is_moved_as_it_is_by_then(server: Server) {
        let there = There::new(&server);
        let answers: Vec<String> = (0..5).map(|number| there.answer(number)).collect();
        let logs: Vec<String> = (0..5).map(|number| there.log(number)).collect();
        let tried = there.import(&server, &["--dry-run"]);
        assert!(stdout(&tried).contains("answers: 5 read, 5 would be moved"), "{}{}", stdout(&tried), stderr(&tried));

        there.patch(&format!("/expert_answers/{}/pause", answers[0]), Value::Null);
        there.patch(&format!("/expert_answers/{}/edit_expert_answer", answers[1]), json!({ "answer": "Said better." }));
        for gone in &answers[2..4] {
            there.call("DELETE", &format!("/expert_answers/{gone}"));
        }
        (5..8).for_each(|number| drop(there.answer(number)));
        (5..8).for_each(|number| drop(there.log(number)));
        there.review(&logs[1]);

        let moved = there.import(&server, &[]);
        assert!(moved.status.success(), "{}{}", stdout(&moved), stderr(&moved));
        assert!(!stdout(&moved).contains("log is not there"), "{}", stdout(&moved));
        assert_eq!(there.listed(&server.admin()), there.listed(&there.project.owner));
        let here = there.listed(&server.admin());
        assert_eq!((here["expert_answers"].len(), here["query_logs"].len(), here["expert_reviews"].len()), (6, 8, 1));
        assert_eq!(here["expert_answers"][&answers[0]]["status"], "PAUSED");
        assert_eq!(here["expert_answers"][&answers[1]]["answer"], "Said better.");
        assert!(!here["query_logs"][&logs[1]]["expert_review_id"].is_null());
    }

    fn a_log_that_is_reviewed_between_a_fetch_and_its_going_on_is_found(server: Server) {
        let there = There::new(&server);
        // Their words are the same: only the id says which of them is reviewed.
        let logs: Vec<String> = (0..7).map(|_| there.log(0)).collect();
        // The project, its keys and people, evaluations, answers, reviews, and the first logs.
        let relay = Relay::to(there.server.address(), 8);
        let interrupted = there.import_from(relay.address(), &server, &[]);
        let asked = relay.begin_again(1000);
        assert!(stderr(&interrupted).contains("the same command goes on"), "{}", stderr(&interrupted));
        assert!(there.kept("query_logs-000000000").is_file(), "{asked:?}");
        let without = there.import_only(&server);
        assert!(stderr(&without).contains("a fetch that is not done"), "{}", stderr(&without));
        there.review(&logs[1]);
        let moved = there.import_from(relay.address(), &server, &[]);
        assert!(moved.status.success(), "{}{}", stdout(&moved), stderr(&moved));
        let asked = relay.begin_again(0);
        assert!(asked.iter().all(|asked| !asked.contains("query_logs/?sort=created_at&order=asc&limit=4&offset=0")), "it goes on: {asked:?}");
        let here = server.admin();
        assert_eq!(there.listed(&here)["query_logs"].len(), logs.len());
        let review = here.get(&there.project.at("/reviews")).expect(200).items()[0].clone();
        assert_eq!(review["interaction_ids"], json!([logs[1]]));

        // The service is not there any more: what was fetched is not given up for that.
        let gone = there.import_from(relay.address(), &server, &[]);
        assert!(!gone.status.success() && stderr(&gone).contains("no more"), "{}", stderr(&gone));
        let again = there.import_only(&server);
        assert!(stdout(&again).contains("interactions: 7 read, 0 moved, 7 here before"), "{}{}", stdout(&again), stderr(&again));
    }

    fn a_reviewed_log_is_found_by_its_words_where_it_cannot_be_asked_for(server: Server) {
        let there = There::new(&server);
        let logs: Vec<String> = (0..7).map(|number| there.log(number)).collect();
        let relay = Relay::to(there.server.address(), 8);
        there.import_from(relay.address(), &server, &[]);
        assert!(there.kept("query_logs-000000000").is_file());
        relay.begin_again(1000);
        relay.refuse("expert_review_status");
        there.review(&logs[1]);
        let moved = there.import_from(relay.address(), &server, &[]);
        assert!(moved.status.success(), "{}{}", stdout(&moved), stderr(&moved));
        assert_eq!(relay.begin_again(0).iter().filter(|asked| asked.contains("expert_review_status")).count(), 2);
        let review = server.admin().get(&there.project.at("/reviews")).expect(200).items()[0].clone();
        assert_eq!(review["interaction_ids"], json!([logs[1]]));
    }

    fn a_list_that_lost_some_of_what_is_kept_is_begun_anew(server: Server) {
        let there = There::new(&server);
        let logs: Vec<String> = (0..7).map(|number| there.log(number)).collect();
        let relay = Relay::to(there.server.address(), 8);
        there.import_from(relay.address(), &server, &[]);
        relay.begin_again(1000);
        // Two logs more were there when this page came.
        let kept = there.kept("query_logs-000000000");
        let mut page: Value = serde_json::from_slice(&fs::read(&kept).expect("a page")).expect("JSON");
        let items = page["query_logs"].as_array_mut().expect("logs");
        for id in ["5e0f4b7a-0000-4000-8000-000000000001", "5e0f4b7a-0000-4000-8000-000000000002"] {
            let mut gone = items[0].clone();
            gone["id"] = json!(id);
            items.insert(0, gone);
        }
        fs::write(&kept, page.to_string()).expect("a page");
        let moved = there.import_from(relay.address(), &server, &[]);
        assert!(moved.status.success() && stdout(&moved).contains("interactions: 7 read, 7 moved"), "{}{}", stdout(&moved), stderr(&moved));
        let here = there.listed(&server.admin());
        assert!(logs.iter().all(|log| here["query_logs"].contains_key(log)), "none is passed over");
    }

    fn what_changes_after_a_move_comes_or_is_told(server: Server) {
        let there = There::new(&server);
        let answers: Vec<String> = (0..5).map(|number| there.answer(number)).collect();
        let logs: Vec<String> = (0..3).map(|number| there.log(number)).collect();
        let reviews = [there.review(&logs[0]), there.review(&logs[1])];
        let move_again = || {
            let moved = there.import(&server, &[]);
            assert!(moved.status.success(), "{}{}", stdout(&moved), stderr(&moved));
            stdout(&moved)
        };
        move_again();
        let here = server.admin();
        let at_once = move_again();
        assert!(at_once.contains("answers: 5 read, 0 moved, 5 here before, 0 refused") && !at_once.contains("by now"), "{at_once}");

        let edit = |id: &str, words: &str| (format!("/expert_answers/{id}/edit_expert_answer"), json!({ "answer": words }));
        let patch_both = |(path, body): (String, Value), other: Value| {
            there.patch(&path, body);
            here.patch(&there.at(&path), other).expect(200);
        };
        there.patch(&format!("/expert_answers/{}/pause", answers[0]), Value::Null);
        let (path, body) = edit(&answers[1], "Said better there.");
        there.patch(&path, body);
        patch_both(edit(&answers[2], "Said better there."), json!({ "answer": "Said better here." }));
        there.call("DELETE", &format!("/expert_answers/{}", answers[3]));
        there.patch(&format!("/expert_reviews/{}", reviews[0]), json!({ "review_status": "good", "explanation": "It is right." }));
        patch_both((format!("/expert_reviews/{}", reviews[1]), json!({ "explanation": "Said there." })), json!({ "explanation": "Said here." }));
        let metadata = there.at(&format!("/query_logs/{}/metadata", logs[2]));
        there.project.owner.put(&metadata, json!({ "thumbs_up": true })).expect(200);
        let evaluation = json!({ "eval_key": "trustworthiness", "name": "trustworthiness", "threshold": 0.35 });
        there.project.owner.put(&there.at("/evals/trustworthiness"), evaluation).expect(200);

        let said = move_again();
        for told in [
            "answers: 4 read, 0 moved, 4 here before (2 brought up to date), 0 refused".to_owned(),
            "reviews: 2 read, 0 moved, 2 here before (1 brought up to date), 0 refused".to_owned(),
            format!("or their question there: 1 ({})", answers[2]),
            format!("answers that were taken away there, and stay here until somebody deletes them: 1 ({})", answers[3]),
            format!("somebody changed them here: 1 ({})", reviews[1]),
            format!("other metadata there by now, which stay as they are here: 1 ({})", logs[2]),
            "evaluations that are otherwise there by now, and stay as they are here: 1 (trustworthiness)".to_owned(),
        ] {
            assert!(said.contains(&told), "{told}: {said}");
        }
        let of_here = there.listed(&here);
        let words = |id: &str| of_here["expert_answers"][id]["answer"].clone();
        assert_eq!((words(&answers[1]), words(&answers[2])), (json!("Said better there."), json!("Said better here.")));
        assert_eq!(of_here["expert_answers"][&answers[0]]["status"], "PAUSED");
        assert_eq!(of_here["expert_reviews"][&reviews[0]]["review_status"], "good");
        assert_eq!(of_here["expert_reviews"][&reviews[1]]["explanation"], "Said here.");
        // What is asked next is answered so.
        let asked = |number: usize| {
            let body = json!({ "query": format!("What is known about subject {number}?"), "response": "No idea.", "context": "" });
            here.post(&there.at("/validate"), body).expect(200).json["expert_answer"].clone()
        };
        // Another process brought it: the server follows within a second or so.
        let comes_to = |expected: [Value; 3]| {
            let since = Instant::now();
            while [0, 1, 2].map(asked) != expected {
                assert!(since.elapsed() < Duration::from_secs(20), "{:?}", [0, 1, 2].map(asked));
                sleep(Duration::from_millis(100));
            }
        };
        let [better_there, reworded] = ["Said better there.", "Said better here."].map(Value::from);
        comes_to([Value::Null, better_there.clone(), reworded.clone()]);

        // What came is followed on; what stays is told again.
        there.patch(&format!("/expert_answers/{}/unpause", answers[0]), Value::Null);
        let again = move_again();
        assert!(again.contains("4 here before (1 brought up to date)") && again.contains(&answers[2]), "{again}");
        comes_to([json!("Words 0."), better_there, reworded]);
    }
}

/// A project of another server that somebody moves here from, and the folder.
struct There {
    server: &'static Server,
    project: Project,
    home: TempDir,
}

impl There {
    fn new(here: &Server) -> Self {
        let server = Server::shared(here.database());
        let project = server.project();
        let home = tempfile::tempdir().expect("a folder");
        let made = project.owner.post("/v1/me/api-keys", json!({ "name": unique("move") })).expect(201);
        fs::write(home.path().join("key"), made.text("/token")).expect("a file");
        Self { server, project, home }
    }

    fn at(&self, path: &str) -> String {
        format!("/api/projects/{}{path}", self.project.id)
    }

    fn call(&self, method: &str, path: &str) {
        let status = self.project.owner.call(method, &self.at(path)).send().status;
        assert!((200..300).contains(&status), "{method} {path}: {status}");
    }

    fn patch(&self, path: &str, body: Value) {
        let call = self.project.owner.call("PATCH", &self.at(path));
        if body.is_null() { call } else { call.json(body) }.expect(200);
    }

    fn answer(&self, number: usize) -> String {
        let body = json!({ "query": format!("What is known about subject {number}?"), "answer": format!("Words {number}.") });
        self.project.owner.post(&self.at("/expert_answers/"), body).expect(200).id().to_owned()
    }

    fn log(&self, number: usize) -> String {
        let body = json!({ "query": format!("Is part {number} in stock?"), "response": "Perhaps.", "context": "", "eval_scores": { "trustworthiness": 0.9 } });
        self.project.owner.post(&self.at("/validate"), body).expect(200).text("/log_id").to_owned()
    }

    fn review(&self, log: &str) -> String {
        let body =
            json!({ "original_query_log_id": log, "review_status": "bad", "explanation": "Say yes or no." });
        self.project.owner.post(&self.at("/expert_reviews/"), body).expect(200).id().to_owned()
    }

    /// What the wire says of the lists, by id: what belongs to a thing itself.
    fn listed(&self, caller: &Caller) -> BTreeMap<&'static str, BTreeMap<String, Value>> {
        let fields = [
            ("expert_answers", vec!["query", "answer", "draft_answer", "status"]),
            ("expert_reviews", vec!["review_status", "explanation", "query", "evaluated_response"]),
            ("query_logs", vec!["question", "evaluated_response", "expert_review_id", "custom_metadata"]),
        ];
        let of = |list: &str, fields: &[&str]| {
            let page = caller.get(&self.at(&format!("/{list}/?limit=1000"))).expect(200);
            let item = |item: &Value| {
                let said = fields.iter().map(|field| ((*field).to_owned(), item[*field].clone())).collect();
                (item["id"].as_str().expect("an id").to_owned(), Value::Object(said))
            };
            page.list(&format!("/{list}")).iter().map(item).collect()
        };
        fields.iter().map(|(list, fields)| (*list, of(list, fields))).collect()
    }

    fn import(&self, server: &Server, more: &[&str]) -> Output {
        self.import_from(self.server.address(), server, more)
    }

    fn import_from(&self, from: &str, server: &Server, more: &[&str]) -> Output {
        let key = text(&self.home.path().join("key"));
        let from =
            ["--from", from, "--project", &self.project.id, "--api-key-file", &key, "--page-size", "4"];
        self.run(server, &[&from, more].concat())
    }

    fn import_only(&self, server: &Server) -> Output {
        self.run(server, &[])
    }

    fn run(&self, server: &Server, more: &[&str]) -> Output {
        let folder = text(&self.home.path().join("folder"));
        server.command(&[&["import-codex", "--folder", &folder], more].concat())
    }

    /// A file of a fetch that is not done.
    fn kept(&self, name: &str) -> PathBuf {
        self.home.path().join(format!("folder/fetching/{name}.json"))
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
