//! A language the embedding model does not read: its texts are matched and grouped word for word, by nothing else.

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::client::{Caller, Reply};
use crate::support::{Server, on_both};

/// The language; a question; the same as others write it; other words that mean the same.
const UNREAD: [(&str, &str, &str, &str); 10] = [
    ("ja", "荷物はどこですか？", "「荷物はどこですか。」", "私の荷物はどこにありますか？"),
    ("zh", "我的包裹在哪里？", "我的包裹在哪里", "请问我的包裹现在在哪里？"),
    ("ko", "제 소포는 어디에 있나요?", "제  소포는 어디에 있나요", "제 소포가 어디 있나요?"),
    ("ru", "Где моя посылка?", "ГДЕ МОЯ ПОСЫЛКА", "Где сейчас моя посылка?"),
    ("ar", "أين طردي؟", "أين طردي", "أين هو طردي الآن؟"),
    ("hi", "मेरा पार्सल कहाँ है?", "मेरा पार्सल कहाँ है।", "मेरा पार्सल अभी कहाँ है?"),
    ("el", "Πού είναι το δέμα μου;", "πού είναι το δέμα μου", "Πού βρίσκεται το δέμα μου;"),
    ("th", "พัสดุของฉันอยู่ที่ไหน", "พัสดุของฉันอยู่ที่ไหน?", "ตอนนี้พัสดุของฉันอยู่ที่ไหน"),
    ("de", "Wo ist mein Paket?", "wo ist mein paket", "Wo ist mein Paket gerade?"),
    ("fr", "Où est mon colis ?", "« où est mon colis »", "Où est mon colis maintenant ?"),
];

const ENGLISH: [&str; 2] = ["Where is my parcel?", "Where's my parcel now?"];

on_both! {
    fn what_the_model_does_not_read_is_grouped_word_for_word(server: &Server) {
        let project = server.project();
        for (tag, asked, again, other) in UNREAD {
            let first = fail(&project, asked);
            assert_eq!((&first.json["language"]["tag"], &first.json["language"]["exact_only"]), (&json!(tag), &json!(true)), "{first}");
            let [first, again, other] = [first, fail(&project, again), fail(&project, other)].map(|said| placed(&project, &said));
            assert_eq!(first.issue, again.issue, "{tag}");
            assert_ne!(first.issue, other.issue, "{tag}: nearness means nothing here");
            let told = |placed: &Value| json!([placed["origin"], placed["compared"], placed["similarity"], placed["width"]]);
            assert_eq!(told(&first.why), json!(["opened", "word_for_word", null, 1.0]), "{tag}");
            assert_eq!(told(&again.why), json!(["joined", "word_for_word", 1.0, 1.0]), "{tag}");
            assert_eq!(told(&other.why), json!(["opened", "word_for_word", null, 1.0]), "{tag}");
            let screen = project.owner.get(&project.at(format!("/issues/{}", first.issue))).expect(200);
            assert_eq!(screen.json["interaction"]["placed"]["compared"], "word_for_word", "{screen}");
        }
        assert_eq!(project.all("/issues").len(), 2 * UNREAD.len());
        let [first, other] = ENGLISH.map(|asked| placed(&project, &fail(&project, asked)));
        assert_eq!((&first.issue, &other.why["compared"]), (&other.issue, &json!("meaning")), "what it reads is compared by meaning");
        assert!(other.why["similarity"].as_f64() < Some(1.0), "{}", other.why);
    }

    fn no_width_is_wide_enough_for_another_text(server: &Server) {
        let project = server.project();
        let settings = project.owner.patch(&project.at("/settings"), json!({ "grouping_width": -1.0 })).if_match("*").expect(200);
        assert_eq!(settings.json["grouping_width"], -1.0);
        let english = placed(&project, &fail(&project, ENGLISH[0]));
        for (tag, asked, again, other) in UNREAD {
            let [first, again, other] = [asked, again, other].map(|query| placed(&project, &fail(&project, query)).issue);
            assert!(first == again && first != other && first != english.issue, "{tag}");
        }
        let far = placed(&project, &fail(&project, "Can dogs eat chocolate cake?"));
        assert_eq!(far.issue, english.issue, "so wide, all that is read is one issue");
    }

    fn experts_merge_and_split_such_issues_and_what_comes_follows(server: &Server) {
        let project = server.project();
        let (_, japanese, japanese_again, japanese_other) = UNREAD[0];
        let (_, russian, russian_again, _) = UNREAD[3];
        let at = |query: &str| placed(&project, &fail(&project, query)).issue;
        let (english, a, b, c) = (at(ENGLISH[0]), at(japanese), at(japanese_other), at(russian));
        let merge = json!({ "issues": [a, b, c] });
        project.owner.post(&project.at(format!("/issues/{english}/merge")), merge).if_match("*").expect(200);
        for query in [japanese_again, japanese_other, russian_again, ENGLISH[1]] {
            assert_eq!(at(query), english, "{query}");
        }
        let split = json!({ "questions": [japanese, japanese_other, russian] });
        let split = project.owner.post(&project.at(format!("/issues/{english}/split")), split).if_match("*").expect(201);
        let new = split.text("/split_off/id").to_owned();
        assert_eq!(split.json["split_off"]["counts"]["occurrences"], 6, "{split}");
        for query in [japanese, japanese_other, russian_again] {
            assert_eq!(at(query), new, "{query}");
        }
        for query in ENGLISH {
            assert_eq!(at(query), english, "{query}");
        }
    }

    fn a_follow_up_is_grouped_with_the_turn_before_word_for_word(server: &Server) {
        let project = server.project();
        let (_, russian, ..) = UNREAD[3];
        let issue = placed(&project, &fail(&project, russian)).issue;
        let mut follow_up = bad("And that one?");
        follow_up["messages"] = json!([{ "role": "user", "content": russian }]);
        let said = project.owner.post(&project.at("/validate"), follow_up).expect(200);
        let there = placed(&project, &said);
        assert_eq!(there.issue, issue);
        assert_eq!((&there.why["grouped_by"], &there.why["compared"]), (&json!("preceding_turn"), &json!("word_for_word")));
    }

    fn an_answer_is_served_and_proposed_word_for_word(server: &Server) {
        let project = server.project();
        let app = project.key(server, &["runtime"]);
        for (tag, asked, again, other) in UNREAD {
            let [issue, elsewhere] = [asked, other].map(|query| placed(&project, &fail(&project, query)).issue);
            let new = json!({ "query": asked, "answer": format!("It is on its way ({tag})."), "issues": [issue], "publish": true });
            let answer = project.owner.post(&project.at("/answers"), new).expect(201);
            assert_eq!((answer.list("/phrasings").len(), answer.list("/reach/candidates").len()), (1, 0), "{answer}");
            assert_eq!(serve(&app, &project, again), json!(["expert_answer", "served"]), "{tag}");
            assert_eq!(serve(&app, &project, other), json!(["fallback", null]), "{tag}: not even suggested");
            let status = |id: &str| project.owner.get(&project.at(format!("/issues/{id}"))).expect(200).text("/status").to_owned();
            assert_eq!((status(&issue), status(&elsewhere)), ("addressed".to_owned(), "unaddressed".to_owned()), "{tag}");
        }
        assert_eq!(serve(&app, &project, ENGLISH[0]), json!(["fallback", null]));
    }
}

/// Where an occurrence is, and why.
struct Placed {
    issue: String,
    why: Value,
}

fn fail(project: &Project, query: &str) -> Reply {
    project.owner.post(&project.at("/validate"), bad(query)).expect(200)
}

fn placed(project: &Project, said: &Reply) -> Placed {
    let id = said.text("/interaction_id");
    let shown = project.owner.get(&project.at(format!("/interactions/{id}"))).expect(200);
    let issue = shown.text("/occurrence/issue_id").to_owned();
    let all = project.all(&format!("/issues/{issue}/interactions"));
    let own = all
        .iter()
        .find(|occurrence| occurrence["interaction_id"] == id)
        .unwrap_or_else(|| panic!("{id} in {all:?}"));
    Placed { issue, why: own["placed"].clone() }
}

fn serve(app: &Caller, project: &Project, query: &str) -> Value {
    let verdict = app.post(&project.at("/validate"), bad(query)).expect(200).json;
    json!([verdict["serve"], verdict["answer_match"]["state"]])
}
