//! Matches: what remediations did and nearly did, shown side by side; confirmed, rejected, taken back.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::client::{Caller, Reply};
use crate::support::matching::{ask, decide, fail, project, publish};
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const PARAPHRASE: &str = "how can I freeze my card please";
/// Nearer to the paraphrase than to the question.
const LIKE_THE_PARAPHRASE: &str = "how can I freeze my card, please";
const NEAR_MISS: &str = "How do I unfreeze my card?";
const ANSWER: &str = "Open Cards, choose the card and press Freeze.";
const NOBODYS_ID: &str = "01890000-0000-7000-8000-000000000000";

on_both! {
    fn what_was_said_and_what_was_served_stand_side_by_side(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let asked = ask(&project, &app, PARAPHRASE);
        assert_eq!(asked["serve"], "expert_answer", "{asked}");
        project.owner.patch(&at_answer(&project, &answer, ""), json!({ "answer": "Call us." })).if_match("*").expect(200);
        project.owner.post(&at_answer(&project, &answer, "/publish"), json!({})).expect(200);

        let list = matches(&project, "?state=unconfirmed");
        assert_eq!(list.len(), 1);
        let item = &list[0];
        assert_eq!((&item["state"], &item["confirmation"]), (&json!("acted"), &Value::Null));
        assert_eq!(item["remediation"], json!({ "kind": "answer", "id": answer.id() }));
        assert_eq!((&item["query"], &item["response"]), (&json!(PARAPHRASE), &good("")["response"]));
        assert_eq!((&item["answer"]["query"], &item["answer"]["phrasing"]), (&json!(QUESTION), &json!(QUESTION)));
        assert_eq!(item["answer"]["text"], ANSWER, "the version that was live then");
        assert_eq!(item["explanation"]["reason"], asked["answer_match"]["reason"]);
        assert_eq!(item["similarity"], asked["answer_match"]["similarity"]);
        assert_eq!(item["score"], asked["answer_match"]["score"]);
        let over = item["score"].as_f64().unwrap() - item["explanation"]["threshold"].as_f64().unwrap();
        assert!((item["risk"].as_f64().unwrap() + over).abs() < 1e-9, "{item}");
        assert_eq!(item["interaction_id"], asked["interaction_id"]);
        assert_eq!((&item["thumbs"], &item["occurrence"]), (&Value::Null, &Value::Null), "nothing was wrong with it");
        let one = project.owner.get(&project.at(format!("/matches/{}", id(item)))).expect(200);
        assert_eq!(&one.json, item);
    }

    fn a_long_response_is_whole_in_the_single_match(server: &Server) {
        let (project, app) = project(server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let mut long = good(QUESTION);
        long["response"] = json!("Längst bekannt. ".repeat(1000));
        app.post(&project.at("/validate"), long.clone()).expect(200);
        let item = &matches(&project, "")[0];
        assert!(item["response"].as_str().unwrap().chars().count() <= 2000, "{item:.300}");
        let one = project.owner.get(&project.at(format!("/matches/{}", id(item)))).expect(200);
        assert_eq!(one.json["response"], long["response"]);
    }

    fn the_riskiest_comes_first_and_pages_hold_each_once(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        for question in [QUESTION, PARAPHRASE, QUESTION, NEAR_MISS, "Why do you freeze my card?", NEAR_MISS] {
            ask(&project, &app, question);
        }
        let risks = |items: &[Value]| items.iter().map(|item| item["risk"].as_f64().unwrap()).collect::<Vec<_>>();
        for state in ["unconfirmed", "suggested"] {
            let all = matches(&project, &format!("?state={state}"));
            assert_eq!(all.len(), 3, "{state}");
            assert!(risks(&all).is_sorted_by(|a, b| a >= b), "{:?}", risks(&all));
            assert!(risks(&all)[0] > risks(&all)[2], "{:?}", risks(&all));
            assert_eq!(paged(&project, &format!("state={state}")), all);
        }
        assert_eq!(matches(&project, "?state=unconfirmed")[0]["query"], PARAPHRASE, "the others are word for word");
        let newest = matches(&project, "?state=unconfirmed&sort=newest");
        let moments: Vec<&str> = newest.iter().map(|item| item["occurred_at"].as_str().unwrap()).collect();
        assert!(moments.is_sorted_by(|a, b| a >= b), "{moments:?}");
        assert_eq!(paged(&project, "state=unconfirmed&sort=newest"), newest);
        assert_eq!(paged(&project, "sort=risk").len(), 6);
        assert_eq!(paged(&project, "").len(), 6);
        assert_eq!(matches(&project, "?state=acted").len(), 3);
        assert_eq!(matches(&project, &format!("?remediation_id={}&kind=answer", answer.id())).len(), 6);
        assert_eq!(matches(&project, &format!("?remediation_id={NOBODYS_ID}")).len(), 0);
        assert_eq!(matches(&project, "?kind=review").len(), 0);
        let of_one = matches(&project, &format!("?interaction_id={}", newest[0]["interaction_id"].as_str().unwrap()));
        assert_eq!(of_one, newest[..1]);
        let of_answer = project.owner.get(&project.at(format!("/remediations/{}/matches", answer.id()))).expect(200);
        assert_eq!(of_answer.items(), matches(&project, ""));

        let first = project.owner.get(&project.at("/matches?state=unconfirmed&limit=1")).expect(200);
        let cursor = first.text("/next_cursor");
        let elsewhere = project.at(format!("/matches?state=suggested&limit=1&cursor={cursor}"));
        project.owner.get(&elsewhere).expect_problem(400, "invalid_cursor");
        for wrong in ["state=wrong", "sort=-risk", "remediation_id=x", "kind=guide", "interaction_id=1", "colour=red", "limit=0"] {
            project.owner.get(&project.at(format!("/matches?{wrong}"))).expect_problem(400, "invalid_query");
        }
    }

    fn confirming_a_near_miss_serves_it_at_once_and_settles_its_occurrence(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        let before = project.owner.get(&at_answer(&project, &answer, "")).expect(200);
        assert_eq!(fail(&project, &app, NEAR_MISS)["serve"], "fallback");
        assert_eq!(issues(&project), [json!(["unaddressed", 1, 0])]);
        let near = matches(&project, "?state=suggested").remove(0);

        let confirmed = decide(&project, &near, "confirm");
        assert_eq!(confirmed["confirmation"], "confirmed");
        assert!(confirmed["decided_at"].is_string() && confirmed["decided_by"]["type"] == "user", "{confirmed}");
        assert_eq!(decide(&project, &near, "confirm"), confirmed, "once more changes nothing");
        assert_eq!(issues(&project), [json!(["addressed", 0, 0])]);
        let again = fail(&project, &app, "how do I UNFREEZE my card");
        assert_eq!((&again["serve"], &again["answer_match"]["exact"]), (&json!("expert_answer"), &json!(true)));
        let taught = project.owner.get(&at_answer(&project, &answer, "")).expect(200);
        assert_ne!(taught.etag(), before.etag(), "its phrasings changed");
        let phrasing = phrasing(&taught, NEAR_MISS);
        assert_eq!((&phrasing["source"], &phrasing["confirmed"]), (&json!("match"), &json!(true)));
        assert_eq!(matches(&project, "?state=suggested").len(), 0);
        assert_eq!(matches(&project, "?state=confirmed"), [confirmed]);

        let reset = decide(&project, &near, "reset");
        assert_eq!((&reset["confirmation"], &reset["decided_by"]), (&Value::Null, &Value::Null));
        assert_eq!(decide(&project, &near, "reset"), reset);
        assert_eq!(issues(&project), [json!(["unaddressed", 1, 0])], "what it had settled is open again");
        assert_eq!(fail(&project, &app, NEAR_MISS)["answer_match"]["state"], "suggested");
        assert_eq!(matches(&project, "?state=suggested").len(), 2);
    }

    fn rejecting_acts_at_once_and_for_good(server: Server) {
        let mut server = server;
        let (project, app) = project(&server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!(fail(&project, &app, PARAPHRASE)["serve"], "expert_answer");
        let acted = matches(&project, "").remove(0);
        let rejected = decide(&project, &acted, "reject");
        assert_eq!(rejected["confirmation"], "rejected");
        assert_eq!(decide(&project, &acted, "reject"), rejected);

        for question in [PARAPHRASE, "How can I FREEZE my card please?", LIKE_THE_PARAPHRASE] {
            let verdict = fail(&project, &app, question);
            assert_eq!((&verdict["serve"], &verdict["answer_match"]["state"]), (&json!("fallback"), &json!("rejected")), "{verdict}");
            let codes: Vec<&Value> = verdict["answer_match"]["vetoes"].as_array().unwrap().iter().map(|veto| &veto["code"]).collect();
            assert!(codes.contains(&&json!("rejected")), "{verdict}");
            assert!(verdict["answer_match"]["reason"].as_str().unwrap().contains(PARAPHRASE), "{verdict}");
        }
        let lookup = app.post(&project.at("/lookup"), json!({ "query": PARAPHRASE })).expect(200);
        assert_eq!((&lookup.json["answer"], &lookup.json["match"]["state"]), (&Value::Null, &json!("rejected")));
        assert_eq!(fail(&project, &app, QUESTION)["serve"], "expert_answer", "its own question is another one");
        assert_eq!(matches(&project, "?state=suggested").len(), 0, "nobody is asked again");

        let issue = issue_of(&project, &fail(&project, &app, PARAPHRASE));
        let proposed = json!({ "add_issues": [issue] });
        project.owner.patch(&at_answer(&project, &answer, ""), proposed).if_match("*").expect(200);
        assert_eq!(fail(&project, &app, PARAPHRASE)["answer_match"]["state"], "rejected", "proposing it again changes nothing");
        server.kill9();
        server.restart();
        let (owner, app) = (server.admin(), server.anonymous().with_bearer(&token(&server, &project)));
        let project = Project { owner, ..project };
        assert_eq!(fail(&project, &app, PARAPHRASE)["answer_match"]["state"], "rejected");

        assert_eq!(decide(&project, &acted, "confirm")["confirmation"], "confirmed");
        let verdict = fail(&project, &app, PARAPHRASE);
        assert_eq!((&verdict["serve"], &verdict["answer_match"]["exact"]), (&json!("expert_answer"), &json!(true)));
        decide(&project, &acted, "reject");
        assert_eq!(fail(&project, &app, PARAPHRASE)["serve"], "fallback", "a phrasing that was confirmed from it is withdrawn");
    }

    fn an_answers_own_question_can_be_rejected_too(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!(fail(&project, &app, QUESTION)["serve"], "expert_answer");
        let acted = matches(&project, "").remove(0);
        decide(&project, &acted, "reject");
        let verdict = fail(&project, &app, "how do I freeze my card");
        assert_eq!((&verdict["serve"], &verdict["answer_match"]["state"]), (&json!("fallback"), &json!("rejected")));
        assert_eq!(verdict["answer_match"]["answer_id"], answer.id());
        assert_eq!(verdict["answer_match"]["vetoes"][0]["code"], "rejected");
        let tried = project.owner.post(&project.at("/try"), bad(QUESTION)).expect(200);
        assert_eq!(tried.json["candidates"][0]["state"], "rejected", "{tried}");
        assert_eq!(matches(&project, "").len(), 1, "it did nothing");
        decide(&project, &acted, "reset");
        assert_eq!(fail(&project, &app, QUESTION)["serve"], "expert_answer");
    }

    fn taking_back_leaves_the_phrasing_as_it_was(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "phrasings": [PARAPHRASE] }));
        for _ in 0..2 {
            ask(&project, &app, PARAPHRASE);
        }
        let [second, first] = matches(&project, "?sort=newest").try_into().expect("two matches");
        let state = || {
            let answer = project.owner.get(&at_answer(&project, &answer, "")).expect(200);
            let phrasing = phrasing(&answer, PARAPHRASE);
            (phrasing["confirmed"].clone(), phrasing["rejected"].clone(), ask(&project, &app, PARAPHRASE)["serve"] == "expert_answer")
        };
        let (yes, no) = (json!(true), json!(false));
        decide(&project, &first, "reject");
        assert_eq!(state(), (no.clone(), yes.clone(), false));
        decide(&project, &second, "confirm");
        assert_eq!(state(), (yes.clone(), no.clone(), true), "the last word counts");
        decide(&project, &second, "reset");
        assert_eq!(state(), (no.clone(), yes.clone(), false), "the other one is left");
        decide(&project, &first, "reset");
        assert_eq!(state(), (yes.clone(), no.clone(), true), "as the expert wrote it");

        decide(&project, &first, "reject");
        let own = at_answer(&project, &answer, "/phrasings");
        project.owner.post(&own, json!({ "add": [PARAPHRASE] })).if_match("*").expect(200);
        assert_eq!(state(), (yes.clone(), no.clone(), true));
        decide(&project, &first, "reset");
        assert_eq!(state(), (yes, no, true), "what was decided on the phrasing itself stands");
    }

    fn a_rejected_occurrence_gets_an_issue_of_its_own(server: &Server) {
        let (project, app) = project(server);
        fail(&project, &app, QUESTION);
        fail(&project, &app, QUESTION);
        let issue = only_issue(&project);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "issues": [issue] }));
        let caught = fail(&project, &app, PARAPHRASE);
        assert_eq!(issues(&project), [json!(["addressed", 0, 1])]);
        let served = matches(&project, "?state=unconfirmed").remove(0);
        assert_eq!(served["occurrence"], json!({ "issue_id": issue, "state": "protected" }));

        let rejected = reject_to_own(&project, &served);
        let own = rejected["own_issue_id"].as_str().expect("an issue").to_owned();
        assert_eq!(rejected["occurrence"], json!({ "issue_id": own, "state": "open" }));
        assert_eq!(reject_to_own(&project, &served), rejected, "once more changes nothing");
        assert_eq!(decide(&project, &served, "reject"), rejected);
        let mut both = issues(&project);
        both.sort_by_key(Value::to_string);
        assert_eq!(both, [json!(["addressed", 0, 0]), json!(["unaddressed", 1, 0])]);
        let shown = project.owner.get(&project.at(format!("/issues/{own}"))).expect(200);
        assert_eq!((shown.text("/query"), &shown.json["counts"]["occurrences"]), (PARAPHRASE, &json!(1)), "{shown}");
        let moved = &shown.json["interaction"]["placed"]["moved"];
        assert_eq!((&moved["how"], &moved["from"], &moved["by"]["type"]), (&json!("apart"), &json!(issue), &json!("user")), "{shown}");
        let recounted = project.owner.get(&project.at(format!("/issues/{own}/impact"))).expect(200);
        assert!(recounted.json["score"].as_f64().unwrap() > 0.99, "the user got the wrong answer: {recounted}");
        let left = project.owner.get(&project.at(format!("/issues/{issue}/impact"))).expect(200);
        let hours = |field: &str| left.list("/hours").iter().filter_map(|hour| hour[field].as_i64()).sum::<i64>();
        assert_eq!((hours("open_count"), hours("protected_count"), left.json["score"].as_f64()), (0, 0, Some(0.0)));

        let later = fail(&project, &app, PARAPHRASE);
        assert_eq!(issue_of(&project, &later), own, "those who ask it later follow");
        assert_eq!(issue_of(&project, &caught), own);
        decide(&project, &served, "confirm");
        assert_eq!(matches(&project, "?state=confirmed")[0]["occurrence"]["state"], "settled", "it was right after all");
        decide(&project, &served, "reject");
        assert_eq!(matches(&project, "?state=rejected")[0]["occurrence"], json!({ "issue_id": own, "state": "open" }));
    }

    fn a_rejected_question_is_not_suggested_as_a_phrasing(server: &Server) {
        let (project, app) = project(server);
        fail(&project, &app, QUESTION);
        let issue = only_issue(&project);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER, "issues": [issue] }));
        fail(&project, &app, NEAR_MISS);
        let suggested = || {
            let shown = project.owner.get(&project.at(format!("/issues/{issue}"))).expect(200);
            shown.list("/suggested_phrasings").iter().map(|question| question["text"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(suggested(), [NEAR_MISS]);
        let near = matches(&project, "?state=suggested").remove(0);
        decide(&project, &near, "reject");
        assert_eq!(suggested(), Vec::<Value>::new());
        decide(&project, &near, "reset");
        assert_eq!(suggested(), [NEAR_MISS]);
    }

    fn what_was_no_occurrence_becomes_one(server: &Server) {
        let (project, app) = project(server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        assert_eq!(ask(&project, &app, PARAPHRASE)["serve"], "expert_answer");
        assert_eq!(issues(&project), Vec::<Value>::new());
        let rejected = reject_to_own(&project, &matches(&project, "").remove(0));
        assert_eq!(issues(&project), [json!(["unaddressed", 1, 0])]);
        assert_eq!(rejected["own_issue_id"], only_issue(&project));
        assert_eq!(rejected["occurrence"]["state"], "open");
    }

    fn an_occurrence_that_is_open_elsewhere_or_alone_has_its_own_issue(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        fail(&project, &app, NEAR_MISS);
        let issue = only_issue(&project);
        let near = matches(&project, "?state=suggested").remove(0);
        project.owner.patch(&at_answer(&project, &answer, ""), json!({ "add_issues": [issue] })).if_match("*").expect(200);
        assert_eq!(issues(&project), [json!(["addressed", 0, 0])], "linking the issue settled it");
        let rejected = reject_to_own(&project, &near);
        assert_eq!(rejected["own_issue_id"], json!(issue), "it is alone there");
        assert_eq!(issues(&project), [json!(["unaddressed", 1, 0])]);
        let answer = project.owner.get(&at_answer(&project, &answer, "")).expect(200);
        assert_eq!(answer.json["issues"], json!([]), "the answer is not for it");
    }

    fn a_rejected_review_does_not_apply_to_that_again(server: &Server) {
        let (project, app) = project(server);
        let query = "How long do I have to return an item?";
        let wrong = "You can return any item within 90 days of delivery for a full refund. Open Orders to begin.";
        let like_it = "Any item can be returned within 90 days after delivery for a full refund. Begin in Orders.";
        let first = say(&project, &app, query, wrong);
        let body = json!({ "interaction_ids": [first["interaction_id"]], "verdict": "bad", "explanation": "It is 30." });
        let review = project.owner.post(&project.at("/reviews"), body).expect(201);
        let blocked = say(&project, &app, query, like_it);
        assert_eq!(blocked["blocked"], true, "{blocked}");
        let applied = matches(&project, "?state=unconfirmed").remove(0);
        assert_eq!((&applied["remediation"]["id"], &applied["answer"]), (&json!(review.id()), &Value::Null));
        assert_eq!((&applied["review"]["query"], &applied["review"]["response"]), (&json!(query), &json!(wrong)));
        assert_eq!((&applied["review"]["verdict"], &applied["review"]["explanation"]), (&json!("bad"), &json!("It is 30.")));
        assert_eq!((&applied["query"], &applied["response"]), (&json!(query), &json!(like_it)));
        assert!(applied["risk"].as_f64().unwrap() < 0.0, "{applied}");

        let rejected = reject_to_own(&project, &applied);
        assert_eq!((&rejected["occurrence"]["state"], &rejected["occurrence"]["issue_id"]), (&json!("open"), &rejected["own_issue_id"]));
        assert_eq!(say(&project, &app, query, like_it)["blocked"], false);
        assert_eq!(say(&project, &app, query, wrong)["blocked"], true, "it still applies to what was reviewed");
        let shown = || project.owner.get(&project.at(format!("/reviews/{}", review.id()))).expect(200).json;
        assert_eq!(shown()["exceptions"], json!([blocked["interaction_id"]]));
        assert_eq!((&shown()["rejected"], &shown()["acted"]), (&json!(1), &json!(2)));
        decide(&project, &applied, "confirm");
        assert_eq!((&shown()["exceptions"], &shown()["confirmed"], &shown()["rejected"]), (&json!([]), &json!(1), &json!(0)));
        assert_eq!(say(&project, &app, query, like_it)["blocked"], true);
        decide(&project, &applied, "reset");
        assert_eq!(say(&project, &app, query, like_it)["blocked"], true);
    }

    fn shadow_shows_what_would_have_been_served_and_changes_nothing(server: &Server) {
        let (shadowed, app) = project(server);
        let (plain, plain_app) = project(server);
        let settings = shadowed.at("/settings");
        shadowed.owner.patch(&settings, json!({ "serve_answers": "shadow" })).if_match("*").expect(200);
        publish(&shadowed, json!({ "query": QUESTION, "answer": ANSWER }));
        for body in [bad(QUESTION), good(PARAPHRASE)] {
            let verdict = app.post(&shadowed.at("/validate"), body.clone()).expect(200).json;
            let without = plain_app.post(&plain.at("/validate"), body).expect(200).json;
            assert_eq!(verdict["answer_match"]["state"], "shadow");
            for field in ["blocked", "escalated", "serve", "expert_answer", "fallback", "evaluations", "guardrails", "applied_review"] {
                assert_eq!(verdict[field], without[field], "{field}");
            }
        }
        assert_eq!(issues(&shadowed), issues(&plain), "nothing was caught");
        let would = matches(&shadowed, "?state=shadow");
        assert_eq!(would.len(), 2);
        assert!(would.iter().all(|item| item["answer"]["text"] == ANSWER && item["state"] == "shadow"), "{would:?}");
        assert_eq!(matches(&shadowed, "?state=unconfirmed").len(), 2);
        let lookup = app.post(&shadowed.at("/lookup"), json!({ "query": QUESTION })).expect(200);
        assert_eq!(lookup.json["answer"], Value::Null);

        let own = publish(&plain, json!({ "query": QUESTION, "answer": ANSWER, "serve_answers": "shadow" }));
        assert_eq!(ask(&plain, &plain_app, PARAPHRASE)["serve"], "response");
        let would = matches(&plain, "?state=shadow");
        assert_eq!((would.len(), &would[0]["remediation"]["id"], &would[0]["answer"]["text"]), (1, &json!(own.id()), &json!(ANSWER)));
        decide(&plain, &would[0], "reject");
        assert_eq!(matches(&plain, "?state=unconfirmed").len(), 0);
        assert_eq!(matches(&plain, "?state=shadow").len(), 1, "whatever experts said");
        assert_eq!(ask(&plain, &plain_app, PARAPHRASE)["answer_match"]["state"], "rejected");
        assert_eq!(ask(&plain, &plain_app, QUESTION)["answer_match"]["state"], "shadow");
    }

    fn several_are_decided_together_or_not_at_all(server: &Server) {
        let (project, app) = project(server);
        publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        for question in [QUESTION, PARAPHRASE, NEAR_MISS] {
            ask(&project, &app, question);
        }
        let [near, para, own] = matches(&project, "?sort=newest").try_into().expect("three");
        let batch = project.at("/matches/batch");
        let refused = |body: Value| {
            let reply = project.owner.post(&batch, body).expect_problem(422, "validation_failed");
            assert_eq!(matches(&project, "?state=confirmed").len() + matches(&project, "?state=rejected").len(), 0);
            (reply.text("/errors/0/pointer").to_owned(), reply.text("/errors/0/code").to_owned())
        };
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(refused(json!({ "confirm": [own["id"]], "reject": [NOBODYS_ID] })), fault("/reject/0", "unknown"));
        assert_eq!(refused(json!({ "confirm": [own["id"], para["id"]], "reset": [para["id"]] })), fault("/reset/0", "conflict"));
        assert_eq!(refused(json!({ "confirm": ["x"] })), fault("/confirm/0", "bad_format"));
        assert_eq!(refused(json!({ "confirm": vec![NOBODYS_ID; 101] })).1, "too_many");
        let decided = project.owner.post(&batch, json!({ "confirm": [own["id"], para["id"]], "reject": [near["id"]] })).expect(200);
        let said: Vec<_> = decided.items().iter().map(|item| item["confirmation"].as_str().unwrap()).collect();
        assert_eq!(said, ["confirmed", "confirmed", "rejected"]);
        assert_eq!(ask(&project, &app, PARAPHRASE)["answer_match"]["exact"], true);
        assert_eq!(ask(&project, &app, NEAR_MISS)["answer_match"]["state"], "rejected");
        assert_eq!(project.owner.post(&batch, json!({})).expect(200).items().len(), 0);
    }

    fn who_may_not_decide_does_not(server: &Server) {
        let (project, app) = project(server);
        let answer = publish(&project, json!({ "query": QUESTION, "answer": ANSWER }));
        ask(&project, &app, PARAPHRASE);
        let item = matches(&project, "").remove(0);
        let path = |act: &str| project.at(format!("/matches/{}/{act}", id(&item)));
        let (viewer, _) = project.member(server, "viewer");
        let (expert, _) = project.member(server, "expert");
        let reader = project.key(server, &["read"]);
        for who in [&viewer, &reader] {
            assert_eq!(who.get(&project.at("/matches")).expect(200).items().len(), 1);
            for act in ["confirm", "reject", "reset"] {
                who.post(&path(act), json!({})).expect_problem(403, "forbidden");
            }
        }
        app.get(&project.at("/matches")).expect_problem(403, "forbidden");
        app.post(&path("confirm"), json!({})).expect_problem(403, "forbidden");
        let service = project.key(server, &["answers"]);
        assert_eq!(service.call("POST", &path("confirm")).expect(200).json["decided_by"]["type"], "access_key");
        assert_eq!(expert.call("POST", &path("reject")).expect(200).json["decided_by"]["type"], "user", "no body is an empty one");

        let foreign = server.project();
        for act in ["confirm", "reject", "reset"] {
            let elsewhere = foreign.at(format!("/matches/{}/{act}", id(&item)));
            foreign.owner.post(&elsewhere, json!({})).expect_problem(404, "not_found");
            project.owner.post(&project.at(format!("/matches/{NOBODYS_ID}/{act}")), json!({})).expect_problem(404, "not_found");
        }
        let elsewhere = foreign.at(format!("/matches/{}", id(&item)));
        foreign.owner.get(&elsewhere).expect_problem(404, "not_found");
        let batch = foreign.owner.post(&foreign.at("/matches/batch"), json!({ "reject": [item["id"]] }));
        assert_eq!(batch.expect_problem(422, "validation_failed").text("/errors/0/code"), "unknown");
        for wrong in [json!({ "own_issue": "yes" }), json!({ "own_issue": null }), json!({ "own": true }), json!([])] {
            expert.post(&path("reject"), wrong).expect_problem(422, "validation_failed");
        }
        expert.call("POST", &path("reject")).bytes("text/plain", "own_issue").expect_problem(415, "unsupported_media_type");
        expert.call("POST", &path("reject")).bytes("application/json", "{").expect_problem(400, "invalid_json");

        project.owner.delete(&at_answer(&project, &answer, "")).if_match("*").expect(204);
        let gone = project.owner.post(&path("confirm"), json!({})).expect_problem(409, "conflict");
        assert_eq!(gone.text("/reason"), "remediation_deleted");
        assert_eq!(matches(&project, "?state=rejected")[0]["answer"]["deleted"], true);
        project.owner.post(&path("reset"), json!({})).expect(200);
    }
}

/// The token of a new runtime key.
fn token(server: &Server, project: &Project) -> String {
    let body = json!({ "name": "after the restart", "scopes": ["runtime"] });
    let path = project.at("/access-keys");
    server.admin().post(&path, body).expect(201).text("/token").to_owned()
}

fn at_answer(project: &Project, answer: &Reply, below: &str) -> String {
    project.at(format!("/answers/{}{below}", answer.id()))
}

/// The verdict on a response whose scores are fine.
fn say(project: &Project, app: &Caller, query: &str, response: &str) -> Value {
    let scores = json!({ "trustworthiness": 0.9, "response_helpfulness": 0.9 });
    let body = json!({ "query": query, "response": response, "scores": scores });
    app.post(&project.at("/validate"), body).expect(200).json
}

fn matches(project: &Project, filter: &str) -> Vec<Value> {
    project.owner.get(&project.at(format!("/matches{filter}"))).expect(200).items().to_vec()
}

/// The same, one a page.
fn paged(project: &Project, filter: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = project.owner.get(&project.at(format!("/matches?limit=1&{filter}{cursor}"))).expect(200);
        items.extend_from_slice(page.items());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn id(item: &Value) -> &str {
    item["id"].as_str().expect("an id")
}

#[track_caller]
fn reject_to_own(project: &Project, item: &Value) -> Value {
    let path = project.at(format!("/matches/{}/reject", id(item)));
    project.owner.post(&path, json!({ "own_issue": true })).expect(200).json
}

/// Status, open and protected occurrences of every issue.
fn issues(project: &Project) -> Vec<Value> {
    let of = |issue: &Value| json!([issue["status"], issue["counts"]["open"], issue["counts"]["protected"]]);
    project.all("/issues?status=all").iter().map(of).collect()
}

fn only_issue(project: &Project) -> String {
    let all = project.all("/issues?status=all");
    assert_eq!(all.len(), 1, "{all:?}");
    id(&all[0]).to_owned()
}

fn issue_of(project: &Project, verdict: &Value) -> String {
    let path = project.at(format!("/interactions/{}", verdict["interaction_id"].as_str().expect("an id")));
    project.owner.get(&path).expect(200).text("/occurrence/issue_id").to_owned()
}

fn phrasing(answer: &Reply, text: &str) -> Value {
    let found = answer.list("/phrasings").iter().find(|phrasing| phrasing["text"] == text);
    found.unwrap_or_else(|| panic!("no phrasing {text}: {answer}")).clone()
}
