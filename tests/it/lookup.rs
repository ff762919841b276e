//! `lookup` and `try`: the same decisions, nothing recorded.

use serde_json::{Value, json};

use crate::support::builders::bad;
use crate::support::{Server, on_both};

const QUESTION: &str = "How do I freeze my card?";
const ANSWER: &str = "Open Cards, choose the card and press Freeze.";

on_both! {
    fn a_lookup_finds_the_answer_and_records_nothing(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        let look = |body: Value| app.post(&project.at("/lookup"), body).expect(200).json;
        let nothing = look(json!({ "query": QUESTION }));
        assert_eq!((&nothing["answer"], &nothing["match"], &nothing["candidates"]), (&Value::Null, &Value::Null, &json!([])));
        assert_eq!((&nothing["language"]["tag"], &nothing["language"]["exact_only"]), (&json!("en"), &json!(false)));
        let new = json!({ "query": QUESTION, "answer": ANSWER, "publish": true });
        let answer = project.owner.post(&project.at("/answers"), new).expect(201);
        let found = look(json!({ "query": QUESTION, "messages": [], "metadata": { "a": 1 } }));
        assert_eq!(found["answer"], ANSWER);
        assert_eq!(found["match"]["answer_id"], answer.id());
        assert_eq!(found["match"]["exact"], true);
        let other = look(json!({ "query": "How do I unfreeze my card?" }));
        assert_eq!((&other["answer"], &other["match"]["state"]), (&Value::Null, &json!("near")));
        assert_eq!(look(json!({ "query": "And how do I do that?" }))["candidates"], json!([]));
        let rewritten = look(json!({ "query": "And how do I do that?", "rewritten_query": QUESTION }));
        assert_eq!(rewritten["answer"], ANSWER, "{rewritten}");
        assert_eq!(project.owner.get(&project.at("/interactions")).expect(200).items().len(), 0);
        let acted = project.owner.get(&project.at(format!("/answers/{}", answer.id()))).expect(200);
        assert_eq!(acted.json["acted"], 0);
    }

    fn trying_gives_the_explained_verdict_and_records_nothing(server: &Server) {
        let project = server.project();
        let (expert, _) = project.member(server, "expert");
        for (query, words) in [(QUESTION, ANSWER), ("How do I block my card?", "Call us.")] {
            let new = json!({ "query": query, "answer": words, "publish": true });
            expert.post(&project.at("/answers"), new).expect(201);
        }
        let tried = expert.post(&project.at("/try"), json!({ "query": "how can I freeze my card please" })).expect(200);
        assert_eq!(tried.json["serve"], "expert_answer", "{tried}");
        let best = &tried.list("/candidates")[0];
        for explained in ["score", "threshold", "question_score", "phrasing_score", "similarity", "margin", "vetoes", "reason", "runner_up"] {
            assert!(!best[explained].is_null(), "{explained}: {tried}");
        }
        let mut failing = bad("Which currencies can I hold?");
        failing["thresholds"] = json!({ "trustworthiness": 0.1 });
        let failing = expert.post(&project.at("/try"), failing).expect(200);
        assert_eq!((&failing.json["blocked"], &failing.json["escalated"]), (&json!(false), &json!(true)));
        assert_eq!(expert.get(&project.at("/interactions")).expect(200).items().len(), 0);
        assert_eq!(expert.get(&project.at("/issues")).expect(200).items().len(), 0);
    }
}
