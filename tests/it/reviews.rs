//! Reviews: Bad blocks what is much the same, Good lets it pass, both settle what they cover.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

const QUERY: &str = "How long do I have to return an item?";
const WRONG: &str =
    "You can return any item within 90 days of delivery for a full refund. Open Orders to begin.";
const SAME_MISTAKE: &str =
    "Any item can be returned within 90 days after delivery for a full refund. Begin in Orders.";
const CORRECTED: &str =
    "You can return any item within 30 days of delivery for a full refund. Open Orders to begin.";

const LONG: &str = "Thank you for asking about the battery. It is the most expensive part of the bike. Charge it at room temperature. \
    Use only the charger that came with the bike. Take the battery off before you load the bike onto a car. Never wash it with \
    a pressure washer. Wipe it with a damp cloth. In winter, keep the battery indoors overnight. Store it half full when you \
    do not ride for several weeks. Check the level every two months. Never open the case. The warranty covers {warranty}. \
    If the range drops suddenly, have it tested at a service partner.";

on_both! {
    fn a_bad_review_blocks_what_is_much_the_same_and_lets_a_correction_through(server: &Server) {
        let (project, app) = project(server);
        let first = say(&project, &app, QUERY, WRONG);
        assert_eq!(first["blocked"], false);
        let review = review(&project, &[&first], "bad", "It is 30 days.");
        assert_eq!(review.header("location"), project.at(format!("/reviews/{}", review.id())));
        let issues = project.owner.get(&project.at("/issues?status=addressed")).expect(200);
        assert_eq!((issues.items().len(), &issues.items()[0]["problem"]["code"]), (1, &json!("marked_bad")));

        let again = say(&project, &app, "how long do I have for returning an item", SAME_MISTAKE);
        assert_eq!((&again["blocked"], &again["serve"]), (&json!(true), &json!("fallback")), "{again}");
        assert_eq!(again["applied_review"]["review_id"], review.id());
        assert_eq!(again["applied_review"]["explanation"], "It is 30 days.");
        assert_eq!(say(&project, &app, QUERY, CORRECTED)["blocked"], false);
        assert_eq!(say(&project, &app, "Why was my card declined?", WRONG)["blocked"], false);
        let acted = project.owner.get(&project.at(format!("/reviews/{}", review.id()))).expect(200);
        assert_eq!(acted.json["acted"], 1);
        let list = project.owner.get(&project.at("/remediations")).expect(200);
        assert_eq!((&list.items()[0]["kind"], &list.items()[0]["acted"]), (&json!("review"), &json!(1)));
        let did = project.at(format!("/remediations/{}/matches", review.id()));
        let did = project.owner.get(&did).expect(200);
        assert_eq!(did.items()[0]["interaction_id"], again["interaction_id"]);
        assert_eq!((did.items().len(), did.text("/items/0/state")), (1, "acted"));
    }

    fn a_good_review_lifts_a_block(server: &Server) {
        let (project, app) = project(server);
        let blocked = app.post(&project.at("/validate"), bad(QUERY)).expect(200).json;
        assert_eq!(blocked["blocked"], true);
        review(&project, &[&blocked], "good", "");
        let lifted = app.post(&project.at("/validate"), bad(QUERY)).expect(200).json;
        assert_eq!((&lifted["blocked"], &lifted["escalated"], &lifted["serve"]), (&json!(false), &json!(false), &json!("response")));
        assert_eq!(lifted["evaluations"]["trustworthiness"]["failed"], true, "the flags stay as they were");
        assert_eq!(lifted["applied_review"]["effect"], "lifted");
        let left = project.owner.get(&project.at("/issues?status=unaddressed")).expect(200);
        assert_eq!(left.items().len(), 0, "{left}");
    }

    fn a_review_settles_what_it_covers_and_nothing_else(server: &Server) {
        let (project, app) = project(server);
        let failing = |response: &str| {
            let mut body = bad(QUERY);
            body["response"] = json!(response);
            app.post(&project.at("/validate"), body).expect(200).json
        };
        let reviewed = failing(WRONG);
        failing(SAME_MISTAKE);
        failing("I am only a language model.");
        let review = review(&project, &[&reviewed], "bad", "");
        let issue = project.owner.get(&project.at("/issues")).expect(200).items()[0].clone();
        assert_eq!((&issue["counts"]["occurrences"], &issue["counts"]["open"]), (&json!(3), &json!(1)), "{issue}");
        assert_eq!(review.list("/issues"), [issue["id"].clone()]);
        project.owner.delete(&project.at(format!("/reviews/{}", review.id()))).if_match("*").expect(204);
        let issue = project.owner.get(&project.at("/issues")).expect(200).items()[0].clone();
        assert_eq!(issue["counts"]["open"], 3, "what it had settled is open again");
        assert_eq!(interaction(&project, &reviewed)["reviewed"], Value::Null);
    }

    fn the_newest_of_two_contrary_reviews_wins_and_the_other_is_told(server: &Server) {
        let (project, app) = project(server);
        let first = say(&project, &app, QUERY, WRONG);
        let older = review(&project, &[&first], "good", "");
        let newer = review(&project, &[&first], "bad", "");
        assert_eq!(newer.json["warnings"][0]["remediation"]["id"], older.id());
        assert!(newer.text("/warnings/0/detail").contains("wins"), "{newer}");
        assert_eq!(say(&project, &app, QUERY, WRONG)["blocked"], true);
        assert_eq!(interaction(&project, &first)["reviewed"], "bad");
        project.owner.delete(&project.at(format!("/reviews/{}", newer.id()))).if_match("*").expect(204);
        assert_eq!(say(&project, &app, QUERY, WRONG)["blocked"], false);
        assert_eq!(interaction(&project, &first)["reviewed"], "good");
    }

    fn an_edit_is_a_new_version_and_acts_at_once(server: &Server) {
        let (project, app) = project(server);
        let first = say(&project, &app, QUERY, WRONG);
        let review = review(&project, &[&first], "good", "Fine.");
        let own = project.at(format!("/reviews/{}", review.id()));
        project.owner.patch(&own, json!({ "verdict": "bad" })).expect_problem(428, "precondition_required");
        let edited = project.owner.patch(&own, json!({ "verdict": "bad", "explanation": null })).if_match(review.etag()).expect(200);
        assert_eq!((&edited.json["verdict"], &edited.json["explanation"]), (&json!("bad"), &Value::Null));
        project.owner.patch(&own, json!({ "verdict": "good" })).if_match(review.etag()).expect_problem(412, "precondition_failed");
        assert_eq!(say(&project, &app, QUERY, WRONG)["blocked"], true);
        let versions = project.owner.get(&format!("{own}/versions")).expect(200);
        let told: Vec<&Value> = versions.items().iter().map(|version| &version["verdict"]).collect();
        assert_eq!(told, ["bad", "good"]);
    }

    fn a_fact_in_the_twelfth_sentence_of_a_long_response_is_seen(server: &Server) {
        let (project, app) = project(server);
        let long = |warranty: &str| LONG.replace("{warranty}", warranty);
        let first = say(&project, &app, QUERY, &long("two years or 500 charging cycles"));
        let review = review(&project, &[&first], "bad", "It is three years.");
        assert_eq!(say(&project, &app, QUERY, &long("two years or 500 charging cycles").replace("Use only", "Only use"))["blocked"], true);
        for corrected in ["three years or 500 charging cycles", "two years or 800 charging cycles", "neither accidents nor charging cycles"] {
            let verdict = say(&project, &app, QUERY, &long(corrected));
            assert_eq!(verdict["blocked"], false, "{corrected}: {verdict}");
        }
        let own = project.at(format!("/reviews/{}", review.id()));
        project.owner.patch(&own, json!({ "verdict": "good" })).if_match("*").expect(200);
        let fail = |response: &str| {
            let mut body = bad(QUERY);
            body["response"] = json!(response);
            app.post(&project.at("/validate"), body).expect(200).json
        };
        assert_eq!(fail(&long("two years or 500 charging cycles"))["blocked"], false);
        assert_eq!(fail(&long("two years or 600 charging cycles"))["blocked"], true);
        assert_eq!(fail(&format!("{} Accidents are covered too.", long("two years or 500 charging cycles")))["blocked"], true, "nobody said that this is good");
    }

    fn in_a_language_the_model_lacks_a_review_is_for_the_same_words(server: &Server) {
        let (project, app) = project(server);
        for (query, other, response) in [
            ("Wie lange kann ich Ware zurückgeben?", "Wie lange kann ich Ware umtauschen?", "Sie haben dafür 90 Tage Zeit."),
            ("¿Cuánto tiempo tengo para devolver un artículo?", "¿Cuánto tiempo tengo para cambiar un artículo?", "Tiene 90 días para hacerlo."),
            ("我可以在多长时间内退货？", "我可以在多长时间内换货？", "您可以在九十天内退货。"),
            ("كم لدي من الوقت لإرجاع سلعة؟", "كم لدي من الوقت لاستبدال سلعة؟", "لديك تسعون يومًا لذلك."),
        ] {
            let first = say(&project, &app, query, response);
            assert_eq!(first["language"]["exact_only"], true, "{first}");
            review(&project, &[&first], "bad", "");
            assert_eq!(say(&project, &app, &query.to_lowercase(), response)["blocked"], true, "{query}");
            assert_eq!(say(&project, &app, other, response)["blocked"], false, "{other}");
            assert_eq!(say(&project, &app, query, &response.replace("90", "30").replace("九十", "三十").replace("تسعون", "ثلاثون"))["blocked"], false, "{query}");
        }
    }

    fn only_responses_of_the_project_are_reviewed(server: &Server) {
        let (project, app) = project(server);
        let step = json!({ "query": "", "response": "calling a tool", "kind": "step" });
        let step = app.post(&project.at("/validate"), step).expect(200).json;
        let refused = |ids: Value| {
            let body = json!({ "interaction_ids": ids, "verdict": "bad" });
            let reply = project.owner.post(&project.at("/reviews"), body).expect_problem(422, "validation_failed");
            reply.text("/errors/0/pointer").to_owned()
        };
        assert_eq!(refused(json!([])), "/interaction_ids");
        assert_eq!(refused(json!([step["interaction_id"]])), "/interaction_ids/0");
        assert_eq!(refused(json!(["01890000-0000-7000-8000-000000000000"])), "/interaction_ids/0");
    }
}

fn project(server: &Server) -> (Project, Caller) {
    let project = server.project();
    let app = project.key(server, &["runtime"]);
    (project, app)
}

/// The verdict on a response whose scores are fine.
fn say(project: &Project, app: &Caller, query: &str, response: &str) -> Value {
    let scores = json!({ "trustworthiness": 0.9, "response_helpfulness": 0.9 });
    let body = json!({ "query": query, "response": response, "scores": scores });
    app.post(&project.at("/validate"), body).expect(200).json
}

fn review(project: &Project, interactions: &[&Value], verdict: &str, explanation: &str) -> Reply {
    let ids: Vec<&Value> = interactions.iter().map(|interaction| &interaction["interaction_id"]).collect();
    let body = json!({ "interaction_ids": ids, "verdict": verdict, "explanation": explanation });
    project.owner.post(&project.at("/reviews"), body).expect(201)
}

fn interaction(project: &Project, validated: &Value) -> Value {
    let id = validated["interaction_id"].as_str().expect("an id");
    project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200).json
}
