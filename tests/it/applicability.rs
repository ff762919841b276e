//! To whom an answer or a review applies: to callers with certain metadata, to queries in one language. For others it
//! is as good as absent.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good, unique};
use crate::support::client::{Caller, Reply};
use crate::support::{Database, Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
const GERMAN: &str = "Wie kann ich meine Karte sperren?";

on_both! {
    fn an_answer_is_served_to_those_it_is_for(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "applies_when": { "country": ["DE", "AT"], "tenant": "acme", "beta": true, "plan": 2 } }));
        let callers = [
            (json!({ "country": "AT", "tenant": "acme", "beta": true, "plan": 2.0, "user": "u" }), true),
            (json!({ "country": "FR", "tenant": "acme", "beta": true, "plan": 2 }), false),
            (json!({ "country": ["DE"], "tenant": "acme", "beta": true, "plan": 2 }), false),
            (json!({ "country": "DE", "tenant": "acme", "beta": "true", "plan": 2 }), false),
            (json!({ "country": "DE", "tenant": "acme", "beta": true }), false),
            (json!({}), false),
            (Value::Null, false),
        ];
        for (metadata, served) in callers {
            for query in [QUESTION, PARAPHRASE] {
                let verdict = ask(&project, &app, query, &metadata);
                assert_eq!(verdict["serve"] == "expert_answer", served, "{metadata} {query}: {verdict}");
                assert_eq!(verdict["answer_match"].is_null(), !served, "not even suggested: {verdict}");
                let body = json!({ "query": query, "metadata": metadata });
                let looked_up = app.post(&project.at("/lookup"), body).expect(200);
                assert_eq!(looked_up.json["answer"].is_null(), !served, "{looked_up}");
                assert_eq!(looked_up.list("/candidates").is_empty(), !served, "{looked_up}");
            }
        }
        let verdict = ask(&project, &app, QUESTION, &json!({ "country": "DE", "tenant": "acme", "beta": true, "plan": 2 }));
        assert_eq!(verdict["answer_match"]["applies_when"], answer.json["applies_when"], "the verdict shows it");
        assert_eq!(verdict["answer_match"]["language"], Value::Null);
        let list = project.owner.get(&project.at("/answers")).expect(200);
        assert_eq!(list.items()[0]["applies_when"]["country"], json!(["DE", "AT"]));
        let list = project.owner.get(&project.at("/remediations")).expect(200);
        assert_eq!(list.items()[0]["applies_when"]["tenant"], "acme");
    }

    fn one_that_is_for_others_is_no_rival(server: &Server) {
        let (project, app) = project(server);
        let german = write(&project, json!({ "applies_when": { "country": "DE" }, "answer": "In Germany." }));
        write(&project, json!({ "applies_when": { "country": "AT" }, "answer": "In Austria." }));
        for (country, said) in [("DE", json!("In Germany.")), ("AT", json!("In Austria.")), ("FR", Value::Null)] {
            for query in [QUESTION, PARAPHRASE] {
                let verdict = ask(&project, &app, query, &json!({ "country": country }));
                assert_eq!(verdict["expert_answer"], said, "{country} {query}: {verdict}");
                assert_eq!(verdict["answer_match"]["runner_up"], Value::Null);
            }
        }
        let own = path(&project, &german, "");
        project.owner.patch(&own, json!({ "applies_when": null })).if_match("*").expect(200);
        assert_eq!(ask(&project, &app, QUESTION, &json!({ "country": "AT" }))["serve"], "response", "now two fit");
        assert_eq!(ask(&project, &app, QUESTION, &json!({ "country": "FR" }))["expert_answer"], "In Germany.");
    }

    fn trying_tells_what_was_passed_over_and_why(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "applies_when": { "country": "DE" } }));
        let said = app.post(&project.at("/validate"), with(good("Is it free?"), &json!({ "tenant": "acme" }))).expect(200);
        let card = app.post(&project.at("/validate"), with(good("Is the card free?"), &json!({ "tenant": "acme" }))).expect(200);
        let both = [&said.json["interaction_id"], &card.json["interaction_id"]];
        let review = json!({ "interaction_ids": both, "verdict": "bad", "applies_when": { "tenant": "acme" } });
        let review = project.owner.post(&project.at("/reviews"), review).expect(201);
        let attempt = |query: &str, metadata: Value| {
            project.owner.post(&project.at("/try"), with(good(query), &metadata)).expect(200)
        };
        let tried = attempt(PARAPHRASE, json!({ "country": "FR" }));
        assert_eq!((tried.list("/candidates").len(), tried.list("/out_of_scope").len()), (0, 1), "{tried}");
        let passed_over = &tried.json["out_of_scope"][0];
        assert_eq!((&passed_over["kind"], &passed_over["id"]), (&json!("answer"), &json!(answer.id())));
        assert_eq!(passed_over["reason"], "`country` is \"FR\", and \"DE\" is needed");
        assert_eq!(attempt(PARAPHRASE, json!({ "country": "DE" })).list("/out_of_scope").len(), 0);
        assert_eq!(attempt("Which currencies can I hold?", json!({})).list("/out_of_scope").len(), 0);
        let tried = attempt("Is it free?", Value::Null);
        assert_eq!(tried.list("/out_of_scope").len(), 0, "a query that leans on others is not compared: {tried}");
        let tried = project.owner.post(&project.at("/try"), json!({ "query": "Is it free?", "rewritten_query": "Is the card free?" })).expect(200);
        assert_eq!(tried.json["out_of_scope"][0]["id"], review.id(), "{tried}");
        assert_eq!(tried.json["out_of_scope"][0]["reason"], "the metadata has no `tenant`, and \"acme\" is needed");
    }

    fn batches_and_imports_pass_the_metadata(server: &Server) {
        let (project, app) = project(server);
        write(&project, json!({ "applies_when": { "country": "DE" } }));
        let items = [json!({ "country": "DE" }), json!({ "country": "FR" })].map(|metadata| with(good(QUESTION), &metadata));
        app.post(&project.at("/interactions/batch"), json!({ "interactions": items })).expect(200);
        let served = |list: &[Value]| list.iter().filter(|item| item["serve"] == "expert_answer").count();
        assert_eq!(served(&project.all("/interactions")), 1);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lines.jsonl");
        let lines: Vec<String> = items.iter().map(Value::to_string).collect();
        std::fs::write(&file, lines.join("\n")).expect("a file");
        let name = unique("imported-into");
        let named = json!({ "name": name });
        project.owner.patch(&project.at(""), named).if_match("*").expect(200);
        let done = server.command(&["import", "--project", &name, file.to_str().expect("a path")]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!((project.all("/interactions").len(), served(&project.all("/interactions"))), (4, 2));
    }

    fn an_answer_settles_the_occurrences_it_is_for(server: &Server) {
        let (project, app) = project(server);
        for country in ["DE", "AT", "FR"] {
            app.post(&project.at("/validate"), with(bad(QUESTION), &json!({ "country": country }))).expect(200);
        }
        let new = json!({ "issues": [issue(&project)["id"]], "applies_when": { "country": "DE" } });
        let german = write(&project, new);
        assert_eq!(state(&project), json!(["unaddressed", null, 2, true]));
        let change = |answer: &Reply, when: Value| {
            project.owner.patch(&path(&project, answer, ""), json!({ "applies_when": when })).if_match("*").expect(200);
        };
        change(&german, json!({ "country": ["DE", "AT"] }));
        assert_eq!(state(&project), json!(["unaddressed", null, 1, true]));
        change(&german, Value::Null);
        assert_eq!(state(&project), json!(["addressed", "answer", 0, false]));
        change(&german, json!({ "country": "FR" }));
        assert_eq!(state(&project), json!(["unaddressed", null, 2, true]), "it settled more than it is for now");

        let rest = write(&project, json!({ "query": "How do I freeze it?", "issues": [issue(&project)["id"]], "applies_when": { "country": ["DE", "AT", "FR"] } }));
        assert_eq!(state(&project), json!(["addressed", "answer", 0, false]));
        project.owner.post(&path(&project, &german, "/pause"), json!({})).expect(200);
        assert_eq!(state(&project), json!(["addressed", "answer", 0, false]), "the other one is for them too");
        project.owner.post(&path(&project, &german, "/resume"), json!({})).expect(200);
        project.owner.post(&path(&project, &rest, "/pause"), json!({})).expect(200);
        assert_eq!(state(&project), json!(["unaddressed", null, 2, true]));
        project.owner.delete(&path(&project, &german, "")).if_match("*").expect(204);
        assert_eq!(state(&project), json!(["unaddressed", null, 3, true]));
    }

    fn an_issue_needs_an_answer_while_some_have_none(server: &Server) {
        let (project, app) = project(server);
        let mut failing = with(bad(QUESTION), &json!({ "country": "FR" }));
        failing["scores"] = json!({ "trustworthiness": 0.9, "response_helpfulness": 0.1 });
        let said = app.post(&project.at("/validate"), failing).expect(200);
        review(&project, &said, "bad", json!({}));
        assert_eq!(state(&project), json!(["addressed", "review", 0, true]), "it is blocked, and there is nothing better");
        let answer = write(&project, json!({ "issues": [issue(&project)["id"]], "applies_when": { "country": "DE" } }));
        assert_eq!(state(&project), json!(["addressed", "review", 0, true]), "the answer is for others");
        let own = path(&project, &answer, "");
        project.owner.patch(&own, json!({ "applies_when": { "country": ["FR"] } })).if_match("*").expect(200);
        assert_eq!(state(&project)[3], false);
    }

    fn a_review_applies_to_those_it_is_for(server: &Server) {
        let (project, app) = project(server);
        let say = |country: &str| app.post(&project.at("/validate"), with(good(QUESTION), &json!({ "country": country }))).expect(200);
        let fail = |country: &str| app.post(&project.at("/validate"), with(bad("Where is my parcel?"), &json!({ "country": country }))).expect(200);
        let made = review(&project, &say("DE"), "bad", json!({ "applies_when": { "country": "DE" } }));
        let own = project.at(format!("/reviews/{}", made.id()));
        assert_eq!((&say("DE").json["blocked"], &say("AT").json["blocked"]), (&json!(true), &json!(false)));
        let applied = say("DE").json["applied_review"].clone();
        assert_eq!(applied["applies_when"], json!({ "country": "DE" }));
        project.owner.patch(&own, json!({ "applies_when": { "country": "AT" } })).expect_problem(428, "precondition_required");
        let edited = project.owner.patch(&own, json!({ "applies_when": { "country": "AT" } })).if_match(made.etag()).expect(200);
        assert_eq!((&say("DE").json["blocked"], &say("AT").json["blocked"]), (&json!(false), &json!(true)));
        let stale = project.owner.patch(&own, json!({ "applies_when": null })).if_match(made.etag());
        stale.expect_problem(412, "precondition_failed");
        project.owner.patch(&own, json!({ "applies_when": { "country": "AT" } })).if_match(edited.etag()).expect(200);
        let versions = project.owner.get(&format!("{own}/versions")).expect(200);
        let told: Vec<&Value> = versions.items().iter().map(|version| &version["applies_when"]["country"]).collect();
        assert_eq!(told, ["AT", "DE"], "no change is no version");

        let [first, second] = [fail("DE"), fail("AT")];
        let covers = review(&project, &first, "bad", json!({ "applies_when": { "country": "DE" } }));
        let waiting = || {
            let issues = project.all("/issues?status=all");
            let found = issues.iter().find(|issue| issue["query"] == "Where is my parcel?").expect("an issue");
            found["counts"]["open"].clone()
        };
        assert_eq!(waiting(), 1, "the same response to others is not covered");
        let own = project.at(format!("/reviews/{}", covers.id()));
        project.owner.patch(&own, json!({ "applies_when": null })).if_match("*").expect(200);
        assert_eq!(waiting(), 0);
        assert_eq!(second.json["blocked"], true);
        project.owner.patch(&own, json!({ "applies_when": { "country": ["DE", "CH"] } })).if_match("*").expect(200);
        assert_eq!(waiting(), 1);
    }

    fn a_language_is_that_of_the_query(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "query": GERMAN, "phrasings": [QUESTION, "Karte sperren"], "language": "de" }));
        assert_eq!(answer.json["language"], "de");
        let verdict = ask(&project, &app, "wie kann ich meine karte sperren", &Value::Null);
        assert_eq!((&verdict["serve"], &verdict["answer_match"]["language"]), (&json!("expert_answer"), &json!("de")), "{verdict}");
        assert_eq!((&verdict["language"]["tag"], &verdict["language"]["exact_only"]), (&json!("de"), &json!(true)));
        assert_eq!(ask(&project, &app, "Karte sperren?", &Value::Null)["serve"], "expert_answer", "too short to tell, and word for word");
        let english = ask(&project, &app, QUESTION, &Value::Null);
        assert_eq!((&english["serve"], &english["answer_match"]), (&json!("response"), &Value::Null));
        assert_eq!((&english["language"]["tag"], &english["language"]["certain"]), (&json!("en"), &json!(true)));
        let own = path(&project, &answer, "");
        project.owner.patch(&own, json!({ "language": "en" })).if_match("*").expect(200);
        assert_eq!(ask(&project, &app, PARAPHRASE, &Value::Null)["serve"], "expert_answer");
        assert_eq!(ask(&project, &app, GERMAN, &Value::Null)["serve"], "response");
    }

    fn edits_are_conditional_recorded_and_of_a_role(server: &Server) {
        let (project, _) = project(server);
        let answer = write(&project, json!({ "applies_when": { "country": "DE" } }));
        let own = path(&project, &answer, "");
        let edit = json!({ "applies_when": { "country": "AT" }, "language": "de" });
        project.owner.patch(&own, edit.clone()).expect_problem(428, "precondition_required");
        for person in [project.member(server, "viewer").0, project.key(server, &["read"])] {
            person.patch(&own, edit.clone()).if_match("*").expect_problem(403, "forbidden");
            assert_eq!(person.get(&own).expect(200).json["applies_when"], json!({ "country": "DE" }));
        }
        let (expert, _) = project.member(server, "expert");
        let edited = expert.patch(&own, edit.clone()).if_match(answer.etag()).expect(200);
        assert_eq!((&edited.json["applies_when"], &edited.json["language"]), (&edit["applies_when"], &edit["language"]));
        assert_ne!(edited.etag(), answer.etag());
        project.owner.patch(&own, json!({ "language": null })).if_match(answer.etag()).expect_problem(412, "precondition_failed");
        let again = project.owner.patch(&own, json!({ "language": "de", "applies_when": { "country": "AT" } })).if_match(edited.etag()).expect(200);
        assert_eq!(again.etag(), edited.etag(), "no change is no edit");
        let other = server.project();
        other.owner.patch(&other.at(format!("/answers/{}", answer.id())), edit).if_match("*").expect_problem(404, "not_found");
        if server.database() == Database::Postgres {
            let id = answer.id();
            let told = server.query(&format!("SELECT changes FROM events WHERE subject_id = '{id}' AND kind = 'answer.updated'"));
            let told: Value = serde_json::from_str(&told).expect("one event");
            let change = |field: &str| told.as_array().expect("a list").iter().find(|change| change["field"] == field).expect(field).clone();
            assert_eq!(change("applies_when"), json!({ "field": "applies_when", "before": { "country": "DE" }, "after": { "country": "AT" } }));
            assert_eq!(change("language"), json!({ "field": "language", "before": null, "after": "de" }));
        }
    }

    fn what_cannot_be_compared_is_refused_and_changes_nothing(server: &Server) {
        let (project, app) = project(server);
        let answer = write(&project, json!({ "applies_when": { "country": "DE" } }));
        let said = app.post(&project.at("/validate"), good(QUESTION)).expect(200);
        let long: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let fields: serde_json::Map<String, Value> = (0..17).map(|n| (n.to_string(), json!(n))).collect();
        for (field, value, pointer, code) in [
            ("applies_when", json!({ "a": null }), "/applies_when/a", "wrong_type"),
            ("applies_when", json!({ "a": {} }), "/applies_when/a", "wrong_type"),
            ("applies_when", json!({ "a": { "b": 1 } }), "/applies_when/a", "wrong_type"),
            ("applies_when", json!({ "a": [] }), "/applies_when/a", "required"),
            ("applies_when", json!({ "a": ["x", ["y"]] }), "/applies_when/a/1", "wrong_type"),
            ("applies_when", json!({ "a": [1, 1.0] }), "/applies_when/a/1", "duplicate"),
            ("applies_when", json!({ "a": long }), "/applies_when/a", "too_many"),
            ("applies_when", json!(fields), "/applies_when", "too_many"),
            ("applies_when", json!({ "": 1 }), "/applies_when", "required"),
            ("applies_when", json!({ "a\0": 1 }), "/applies_when", "nul_character"),
            ("applies_when", json!({ "a": "\0" }), "/applies_when/a", "nul_character"),
            ("applies_when", json!({ "a": "x".repeat(8200) }), "/applies_when", "too_long"),
            ("applies_when", json!(["a"]), "/applies_when", "wrong_type"),
            ("applies_when", json!("DE"), "/applies_when", "wrong_type"),
            ("language", json!("de-AT"), "/language", "unknown"),
            ("language", json!("DE"), "/language", "unknown"),
            ("language", json!("xx"), "/language", "unknown"),
            ("language", json!(""), "/language", "unknown"),
            ("language", json!(7), "/language", "wrong_type"),
        ] {
            let mut bodies = [
                ("POST", project.at("/answers"), json!({ "query": QUESTION, "answer": "a" })),
                ("POST", project.at("/reviews"), json!({ "interaction_ids": [said.json["interaction_id"]], "verdict": "bad" })),
                ("PATCH", path(&project, &answer, ""), json!({})),
            ];
            for (method, path, body) in &mut bodies {
                body[field] = value.clone();
                let refused = project.owner.call(method, path).if_match("*").json(body.clone()).expect_problem(422, "validation_failed");
                let told = (refused.text("/errors/0/pointer"), refused.text("/errors/0/code"));
                assert_eq!(told, (pointer, code), "{method} {path} {body}: {refused}");
            }
        }
        let now = project.owner.get(&path(&project, &answer, "")).expect(200);
        assert_eq!((now.etag(), &now.json["applies_when"]), (answer.etag(), &json!({ "country": "DE" })));
        assert_eq!((project.all("/answers").len(), project.all("/reviews").len()), (1, 0));
        for metadata in [json!([]), json!("x"), json!({ "a": "\0" }), json!({ "a": "x".repeat(70_000) })] {
            let body = json!({ "query": QUESTION, "metadata": metadata });
            app.post(&project.at("/lookup"), body).expect_problem(422, "validation_failed");
        }
        let everybody = project.owner.patch(&path(&project, &answer, ""), json!({ "applies_when": {} })).if_match("*").expect(200);
        assert_eq!(everybody.json["applies_when"], Value::Null, "no condition is none");
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// A published answer to [`QUESTION`], with these fields of its own.
fn write(project: &Project, own: Value) -> Reply {
    let mut body = json!({ "query": QUESTION, "answer": "Press Freeze.", "publish": true });
    let own = own.as_object().expect("fields").clone();
    body.as_object_mut().expect("an object").extend(own);
    project.owner.post(&project.at("/answers"), body).expect(201)
}

fn review(project: &Project, said: &Reply, verdict: &str, own: Value) -> Reply {
    let mut body = json!({ "interaction_ids": [said.json["interaction_id"]], "verdict": verdict });
    let own = own.as_object().expect("fields").clone();
    body.as_object_mut().expect("an object").extend(own);
    project.owner.post(&project.at("/reviews"), body).expect(201)
}

fn path(project: &Project, answer: &Reply, below: &str) -> String {
    project.at(format!("/answers/{}{below}", answer.id()))
}

fn with(mut interaction: Value, metadata: &Value) -> Value {
    interaction["metadata"] = metadata.clone();
    interaction
}

/// The verdict on a response nothing is wrong with.
fn ask(project: &Project, app: &Caller, query: &str, metadata: &Value) -> Value {
    app.post(&project.at("/validate"), with(good(query), metadata)).expect(200).json
}

fn issue(project: &Project) -> Value {
    let issues = project.all("/issues?status=all");
    assert_eq!(issues.len(), 1, "{issues:?}");
    issues[0].clone()
}

/// Of the only issue: its status, what addressed it, its open occurrences, whether it needs an answer.
fn state(project: &Project) -> Value {
    let issue = issue(project);
    json!([issue["status"], issue["addressed_by"], issue["counts"]["open"], issue["needs_answer"]])
}
