//! Guidance: what an expert explained, given to the AI with the queries it is for.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUESTION: &str = "How long do I have to return an item?";
const PARAPHRASE: &str = "how many days do I have to return something I bought";
const OTHER: &str = "Can I pay by credit card?";
const EXPLANATION: &str = "Returns take 30 days, not 90. Say so, and name the exceptions.";

on_both! {
    fn an_explanation_becomes_advice_for_questions_like_it(server: &Server) {
        let (project, app) = project(server);
        let asked = failing(&app, &project, QUESTION);
        let body = json!({ "explanation": EXPLANATION, "interaction_ids": [asked], "phrasings": ["Is there a deadline for returns?", QUESTION] });
        let draft = project.owner.post(&project.at("/guidance"), body).expect(201);
        assert_eq!((draft.text("/status"), draft.text("/draft"), &draft.json["text"]), ("draft", EXPLANATION, &Value::Null));
        assert_eq!((draft.text("/wording"), draft.text("/wording_reason")), ("none", "No language model is configured."));
        let questions: Vec<&str> = draft.list("/phrasings").iter().map(|one| one["text"].as_str().unwrap()).collect();
        assert_eq!(questions, [QUESTION, "Is there a deadline for returns?"], "the same question is there once");
        assert_eq!((&draft.json["interaction_ids"], &draft.json["phrasings"][0]["interaction_id"]), (&json!([asked]), &json!(asked)));
        assert_eq!(draft.json["issues"], json!([project.all("/issues")[0]["id"]]));
        assert_eq!(given(&app, &project, QUESTION), [] as [String; 0], "a draft is not given");

        step(&project, &draft, "publish").expect(200);
        for query in [QUESTION, "how long do I have, to return an item", PARAPHRASE] {
            assert_eq!(given(&app, &project, query), [EXPLANATION], "{query}");
        }
        assert_eq!(given(&app, &project, OTHER), [] as [String; 0]);
        let explained = consult(&app, &project, json!({ "query": QUESTION }));
        let exact = &explained["guidance"][0];
        assert_eq!((&exact["id"], &exact["exact"], &exact["similarity"]), (&draft.json["id"], &json!(true), &json!(1.0)));
        assert_eq!((&exact["phrasing"], &exact["threshold"]), (&json!(QUESTION), &json!(0.6)));
        let near = consult(&app, &project, json!({ "query": PARAPHRASE }))["guidance"][0].clone();
        assert!(near["exact"] == false && (0.6..1.0).contains(&near["similarity"].as_f64().unwrap()), "{near}");
        assert_eq!(project.all("/interactions").len(), 1, "a consultation is no interaction");
    }

    fn it_lives_as_an_answer_does(server: &Server) {
        let (project, app) = project(server);
        let made = advise(&project, json!({ "explanation": "First.", "phrasings": [QUESTION] }));
        assert_eq!(refused(&project, &made, "publish"), "nothing_to_publish");
        assert_eq!(refused(&project, &made, "resume"), "not_paused");
        step(&project, &made, "pause").expect(200);
        assert_eq!(given(&app, &project, QUESTION), [] as [String; 0]);
        assert_eq!(refused(&project, &made, "pause"), "not_active");
        assert_eq!(refused(&project, &made, "publish"), "resume_instead");
        step(&project, &made, "resume").expect(200);
        assert_eq!(given(&app, &project, QUESTION), ["First."]);

        let at = project.at(format!("/guidance/{}", made.id()));
        let stale = made.etag().to_owned();
        project.owner.patch(&at, json!({ "text": "Second." })).expect_problem(428, "precondition_required");
        project.owner.patch(&at, json!({ "text": "Second." })).if_match(&stale).expect_problem(412, "precondition_failed");
        let edited = edit(&project, &made, json!({ "text": "Second." }));
        assert_eq!((edited.text("/text"), edited.text("/draft")), ("First.", "Second."));
        assert_eq!(given(&app, &project, QUESTION), ["First."], "a draft waits");
        step(&project, &made, "publish").expect(200);
        assert_eq!(given(&app, &project, QUESTION), ["Second."]);
        let versions = project.owner.get(&format!("{at}/versions")).expect(200);
        let told = |version: &Value| (version["number"].clone(), version["text"].clone(), version["live"].clone(), version["written_by"].clone());
        let told: Vec<_> = versions.items().iter().map(told).collect();
        assert_eq!(told, [
            (json!(2), json!("Second."), json!(true), json!("expert")), (json!(1), json!("First."), json!(false), json!("expert")),
        ]);
        let unchanged = edit(&project, &made, json!({ "text": "Second." }));
        assert_eq!((&unchanged.json["draft"], &unchanged.json["version"]), (&Value::Null, &project.owner.get(&at).expect(200).json["version"]));

        let current = project.owner.get(&at).expect(200);
        project.owner.delete(&at).expect_problem(428, "precondition_required");
        project.owner.delete(&at).if_match(current.etag()).expect(204);
        project.owner.get(&at).expect_problem(404, "not_found");
        assert_eq!(given(&app, &project, QUESTION), [] as [String; 0]);
    }

    fn its_questions_and_its_callers_change_at_once(server: &Server) {
        let (project, app) = project(server);
        let made = advise(&project, json!({ "explanation": "Thirty days.", "phrasings": [QUESTION] }));
        let added = edit(&project, &made, json!({ "add_phrasings": [OTHER, OTHER] }));
        assert_eq!(added.list("/phrasings").len(), 2);
        assert_eq!(given(&app, &project, OTHER), ["Thirty days."]);
        let first = added.text("/phrasings/0/id").to_owned();
        edit(&project, &made, json!({ "remove_phrasings": [first] }));
        assert_eq!(given(&app, &project, QUESTION), [] as [String; 0]);
        let last = project.owner.get(&project.at(format!("/guidance/{}", made.id()))).expect(200);
        let at = project.at(format!("/guidance/{}", made.id()));
        let all = json!({ "remove_phrasings": [last.text("/phrasings/0/id")] });
        let refused = project.owner.patch(&at, all).if_match("*").expect_problem(422, "validation_failed");
        assert_eq!(refused.text("/errors/0/pointer"), "/remove_phrasings");
        project.owner.patch(&at, json!({ "remove_phrasings": [first] })).if_match("*").expect_problem(422, "validation_failed");

        edit(&project, &made, json!({ "applies_when": { "country": ["NO", "SE"] } }));
        let from = |country: &str| consult(&app, &project, json!({ "query": OTHER, "metadata": { "country": country } }))["guidance"].clone();
        assert_eq!(given(&app, &project, OTHER), [] as [String; 0]);
        assert_eq!((from("NO").as_array().unwrap().len(), from("DK").as_array().unwrap().len()), (1, 0));
        edit(&project, &made, json!({ "applies_when": null, "language": "de" }));
        assert_eq!(given(&app, &project, "can I pay by a credit card please"), [] as [String; 0], "English is not German");
    }

    fn the_nearest_comes_first_and_five_at_the_most(server: &Server) {
        let (project, app) = project(server);
        let questions = [
            "How long do I have to return an item?", "How many days do I have to return an item?", "How long may I take to return an item?",
            "How much time do I have to return an item?", "Within how many days can I return an item?", "What is the time limit to return an item?",
        ];
        for (number, question) in questions.iter().enumerate() {
            advise(&project, json!({ "explanation": format!("Advice {number}."), "phrasings": [question] }));
        }
        let found = consult(&app, &project, json!({ "query": questions[3] }));
        let found = found["guidance"].as_array().unwrap();
        assert_eq!((found.len(), &found[0]["text"]), (5, &json!("Advice 3.")));
        let similarities: Vec<f64> = found.iter().map(|one| one["similarity"].as_f64().unwrap()).collect();
        assert!(similarities.is_sorted_by(|a, b| a >= b), "{similarities:?}");

        set(&project, json!({ "guidance_similarity": 1.0 }));
        assert_eq!(given(&app, &project, questions[3]), ["Advice 3."], "the very words always match");
        set(&project, json!({ "guidance_similarity": -1.0 }));
        assert_eq!(given(&app, &project, OTHER).len(), 5);
        let too_much = project.owner.patch(&project.at("/settings"), json!({ "guidance_similarity": 1.1 })).if_match("*");
        assert_eq!(too_much.expect_problem(422, "validation_failed").text("/errors/0/pointer"), "/guidance_similarity");
    }

    fn the_same_advice_is_given_once(server: &Server) {
        let (project, app) = project(server);
        for explanation in [EXPLANATION, "Something else.", EXPLANATION] {
            advise(&project, json!({ "explanation": explanation, "phrasings": [QUESTION] }));
        }
        let mut texts = given(&app, &project, QUESTION);
        texts.sort_unstable();
        let mut expected = [EXPLANATION, "Something else."];
        expected.sort_unstable();
        assert_eq!(texts, expected);
        let path = format!("/api/projects/{}/consult", project.id);
        let wire = project.owner.post(&path, json!({ "query": QUESTION })).expect(200);
        assert_eq!(wire.list("/guidance").len(), 2, "{wire}");
        let read = server.admin().get(&project.at("/guidance")).expect(200);
        let acted: i64 = read.items().iter().map(|item| item["acted"].as_i64().unwrap()).sum();
        assert_eq!(acted, 4, "what is not given does not count: {read}");
    }

    fn a_follow_up_is_advised_by_what_was_asked_before(server: &Server) {
        let (project, app) = project(server);
        advise(&project, json!({ "explanation": EXPLANATION, "phrasings": [QUESTION] }));
        let messages = json!([{ "role": "user", "content": QUESTION }, { "role": "assistant", "content": "90 days." }]);
        let follow_up = consult(&app, &project, json!({ "query": "and what about that?", "messages": messages }));
        assert_eq!((&follow_up["matched_text"], &follow_up["guidance"][0]["text"]), (&json!(QUESTION), &json!(EXPLANATION)));
        let alone = consult(&app, &project, json!({ "query": "and what about that?" }));
        assert_eq!((&alone["matched_text"], &alone["guidance"]), (&Value::Null, &json!([])));
        let rewritten = consult(&app, &project, json!({ "query": "and what about that?", "rewritten_query": QUESTION }));
        assert_eq!(rewritten["guidance"][0]["exact"], true);

        // Made from a follow-up, it is for what the follow-up is about.
        let mut body = bad("and is that sure?");
        body["messages"] = json!([{ "role": "user", "content": OTHER }, { "role": "assistant", "content": "Yes." }]);
        let asked = app.post(&project.at("/validate"), body).expect(200).text("/interaction_id").to_owned();
        let made = advise(&project, json!({ "explanation": "Name the cards.", "interaction_ids": [asked] }));
        assert_eq!(made.text("/phrasings/0/text"), OTHER);
    }

    fn what_is_given_is_counted_before_the_reply(server: &Server) {
        let (project, app) = project(server);
        let asked = failing(&app, &project, QUESTION);
        let made = advise(&project, json!({ "explanation": EXPLANATION, "interaction_ids": [asked] }));
        let (callers, each) = (4, 5);
        let together = Barrier::new(callers);
        std::thread::scope(|scope| {
            for _ in 0..callers {
                scope.spawn(|| {
                    together.wait();
                    for _ in 0..each {
                        assert_eq!(given(&app, &project, QUESTION).len(), 1);
                    }
                });
            }
        });
        given(&app, &project, OTHER);
        project.owner.post(&project.at("/try"), bad(QUESTION)).expect(200);
        let shown = project.owner.get(&project.at(format!("/guidance/{}", made.id()))).expect(200);
        assert_eq!((&shown.json["acted"], &shown.json["missed"]), (&json!(callers * each), &json!(0)));
        assert!(shown.text("/last_acted_at") >= shown.text("/created_at"), "{shown}");
        assert_eq!(shown.json["version"], made.json["version"], "counters are no edits");
        failing(&app, &project, QUESTION);
        let item = project.all("/remediations").into_iter().find(|item| item["id"] == made.json["id"]).expect("it is listed");
        assert_eq!((&item["kind"], &item["status"], &item["text"]), (&json!("guidance"), &json!("active"), &json!(EXPLANATION)));
        assert_eq!((&item["acted"], &item["missed"]), (&json!(callers * each), &json!(1)), "it fails all the same");
        let issue = project.owner.get(&project.at("/issues")).expect(200);
        let linked = &issue.items()[0]["remediations"][0];
        assert_eq!((&linked["kind"], &linked["text"], &linked["acted"]), (&json!("guidance"), &json!(EXPLANATION), &json!(callers * each)));
        let matches = project.owner.get(&project.at(format!("/remediations/{}/matches", made.id()))).expect(200);
        assert_eq!(matches.items().len(), 0);
    }

    fn a_bad_review_may_ask_for_guidance(server: &Server) {
        let (project, app) = project(server);
        let asked = failing(&app, &project, QUESTION);
        let review = json!({ "interaction_ids": [asked], "verdict": "bad", "explanation": EXPLANATION, "generate_guidance": true, "applies_when": { "country": "NO" } });
        let review = project.owner.post(&project.at("/reviews"), review).expect(201);
        let id = review.text("/guidance_id");
        let made = project.owner.get(&project.at(format!("/guidance/{id}"))).expect(200);
        assert_eq!((made.text("/status"), made.text("/text"), made.text("/review_id")), ("active", EXPLANATION, review.id()));
        assert_eq!((&made.json["applies_when"], &made.json["interaction_ids"]), (&json!({ "country": "NO" }), &json!([asked])));
        let of_interaction = project.owner.get(&project.at(format!("/interactions/{asked}"))).expect(200);
        assert_eq!(of_interaction.json["guidance_id"], id);
        let told = consult(&app, &project, json!({ "query": PARAPHRASE, "metadata": { "country": "NO" } }));
        assert_eq!(told["guidance"][0]["id"], id);
        for filter in [format!("review_id={}", review.id()), format!("interaction_id={asked}"), "status=active".to_owned()] {
            assert_eq!(project.all(&format!("/guidance?{filter}")).len(), 1, "{filter}");
        }
        assert_eq!(project.all("/guidance?status=paused").len(), 0);

        for (body, pointer) in [
            (json!({ "interaction_ids": [asked], "verdict": "good", "explanation": "Fine.", "generate_guidance": true }), "/generate_guidance"),
            (json!({ "interaction_ids": [asked], "verdict": "bad", "generate_guidance": true }), "/explanation"),
            (json!({ "interaction_ids": [asked], "verdict": "bad", "explanation": " ", "generate_guidance": true }), "/explanation"),
        ] {
            let refused = project.owner.post(&project.at("/reviews"), body).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer);
        }
        assert_eq!(project.all("/reviews").len(), 1, "what is refused changes nothing");
        let plain = json!({ "interaction_ids": [asked], "verdict": "bad", "explanation": "Wrong." });
        let plain = project.owner.post(&project.at("/reviews"), plain).expect(201);
        assert_eq!(plain.json["guidance_id"], Value::Null);
        let later = json!({ "review_id": plain.id() });
        let later = project.owner.post(&project.at("/guidance"), later).expect(201);
        assert_eq!((later.text("/draft"), later.text("/phrasings/0/text")), ("Wrong.", QUESTION));
    }

    fn what_cannot_be_made_is_refused_by_name(server: &Server) {
        let (project, app) = project(server);
        let mut step = good("");
        step["kind"] = json!("step");
        let step = app.post(&project.at("/validate"), step).expect(200).text("/interaction_id").to_owned();
        let nobodys = "01890000-0000-7000-8000-000000000000";
        for (body, pointer) in [
            (json!({ "phrasings": [QUESTION] }), "/explanation"),
            (json!({ "explanation": " ", "phrasings": [QUESTION] }), "/explanation"),
            (json!({ "explanation": EXPLANATION }), "/phrasings"),
            (json!({ "explanation": EXPLANATION, "phrasings": [""] }), "/phrasings/0"),
            (json!({ "explanation": EXPLANATION, "phrasings": [QUESTION], "text": "" }), "/text"),
            (json!({ "explanation": EXPLANATION, "interaction_ids": [nobodys] }), "/interaction_ids/0"),
            (json!({ "explanation": EXPLANATION, "interaction_ids": [step] }), "/interaction_ids/0"),
            (json!({ "explanation": EXPLANATION, "review_id": nobodys }), "/review_id"),
            (json!({ "explanation": EXPLANATION, "phrasings": [QUESTION], "language": "xx" }), "/language"),
        ] {
            let refused = project.owner.post(&project.at("/guidance"), body.clone()).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{body}");
        }
        assert_eq!(project.all("/guidance").len(), 0);
        for (body, pointer) in [
            (json!({ "query": " " }), "/query"), (json!({ "query": QUESTION, "messages": {} }), "/messages"),
            (json!({ "query": QUESTION, "metadata": [] }), "/metadata"),
        ] {
            let refused = app.post(&project.at("/consult"), body).expect_problem(422, "validation_failed");
            assert_eq!(refused.text("/errors/0/pointer"), pointer);
        }
    }

    fn it_is_one_project_s_own(server: &Server) {
        let ((ours, app), (theirs, other)) = (project(server), project(server));
        let made = advise(&ours, json!({ "explanation": EXPLANATION, "phrasings": [QUESTION] }));
        assert_eq!(given(&other, &theirs, QUESTION), [] as [String; 0]);
        theirs.owner.get(&theirs.at(format!("/guidance/{}", made.id()))).expect_problem(404, "not_found");
        theirs.owner.delete(&theirs.at(format!("/guidance/{}", made.id()))).if_match("*").expect_problem(404, "not_found");
        let asked = failing(&app, &ours, QUESTION);
        let foreign = json!({ "explanation": EXPLANATION, "interaction_ids": [asked] });
        theirs.owner.post(&theirs.at("/guidance"), foreign).expect_problem(422, "validation_failed");
        let (viewer, _) = ours.member(server, "viewer");
        viewer.get(&ours.at("/guidance")).expect(200);
        viewer.post(&ours.at("/guidance"), json!({})).expect_problem(403, "forbidden");
        viewer.post(&ours.at("/consult"), json!({ "query": QUESTION })).expect_problem(403, "forbidden");
    }

    fn the_list_is_paged_newest_first(server: &Server) {
        let (project, _) = project(server);
        let made: Vec<String> = (0..3)
            .map(|number| advise(&project, json!({ "explanation": format!("Advice {number}."), "phrasings": [QUESTION] })).id().to_owned())
            .collect();
        let first = project.owner.get(&project.at("/guidance?limit=2")).expect(200);
        let second = project.owner.get(&project.at(format!("/guidance?limit=2&cursor={}", first.text("/next_cursor")))).expect(200);
        let ids: Vec<&str> = first.items().iter().chain(second.items()).map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, made.iter().rev().collect::<Vec<_>>());
        assert_eq!(second.json["next_cursor"], Value::Null);
    }

    fn it_is_there_after_a_restart(server: Server) {
        let mut server = server;
        let (project, app) = project(&server);
        let made = advise(&project, json!({ "explanation": EXPLANATION, "phrasings": [QUESTION] }));
        assert_eq!(given(&app, &project, QUESTION), [EXPLANATION]);
        server.kill9();
        server.restart();
        let project = Project { id: project.id, owner: server.admin() };
        assert_eq!(given(&project.owner, &project, PARAPHRASE), [EXPLANATION]);
        let shown = project.owner.get(&project.at(format!("/guidance/{}", made.id()))).expect(200);
        assert_eq!(shown.json["acted"], 2);
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// A recorded failure; its id.
fn failing(app: &Caller, project: &Project, query: &str) -> String {
    app.post(&project.at("/validate"), bad(query)).expect(200).text("/interaction_id").to_owned()
}

/// Guidance that is given from now on.
fn advise(project: &Project, mut body: Value) -> Reply {
    body["publish"] = json!(true);
    let made = project.owner.post(&project.at("/guidance"), body).expect(201);
    assert_eq!(made.text("/status"), "active");
    made
}

fn step(project: &Project, made: &Reply, step: &str) -> crate::support::client::Call {
    project.owner.call("POST", &project.at(format!("/guidance/{}/{step}", made.id())))
}

/// Why a step is refused.
fn refused(project: &Project, made: &Reply, to: &str) -> String {
    step(project, made, to).expect_problem(409, "conflict").text("/reason").to_owned()
}

fn edit(project: &Project, made: &Reply, body: Value) -> Reply {
    project.owner.patch(&project.at(format!("/guidance/{}", made.id())), body).if_match("*").expect(200)
}

fn set(project: &Project, body: Value) {
    project.owner.patch(&project.at("/settings"), body).if_match("*").expect(200);
}

fn consult(app: &Caller, project: &Project, body: Value) -> Value {
    app.post(&project.at("/consult"), body).expect(200).json
}

/// The advice that is given with a query.
fn given(app: &Caller, project: &Project, query: &str) -> Vec<String> {
    let told = consult(app, project, json!({ "query": query }));
    told["guidance"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}
