//! Guidance that a language model puts into words of advice.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::builders::{Project, bad};
use crate::support::chat::{Chat, Does};
use crate::support::client::{Caller, Reply};
use crate::support::{Database, Server};

const QUESTION: &str = "How long do I have to return an item?";
const EXPLANATION: &str = "Wrong! Returns take 30 days, not 90.";
const ADVICE: &str =
    "If a customer asks how long they have to return an item, you should say that it is 30 days and not 90.";

struct Setup {
    server: Server,
    chat: Chat,
    project: Project,
    app: Caller,
}

/// A server on each database in turn, with a made-up model.
fn each(always: &Does, test: impl Fn(Setup)) {
    for database in [Database::Sqlite, Database::Postgres] {
        let chat = Chat::start(always.clone());
        let url = chat.url();
        let settings =
            [("EW_LLM_URL", url.as_str()), ("EW_LLM_MODEL", "parrot-1"), ("EW_LLM_TIMEOUT_MS", "20000")];
        let server = Server::start_with(database, &settings);
        let project = server.project();
        let app = project.key(&server, &["runtime"]);
        test(Setup { server, chat, project, app });
    }
}

fn say(words: &str) -> Does {
    Does::Say(words.to_owned())
}

impl Setup {
    /// Guidance made from a failure, given from now on.
    fn made(&self) -> Reply {
        let mut body = bad(QUESTION);
        body["response"] = json!("You have 90 days.");
        body["scores"]["query_ease"] = json!(0.9);
        let asked =
            self.app.post(&self.project.at("/validate"), body).expect(200).text("/interaction_id").to_owned();
        let body = json!({ "explanation": EXPLANATION, "interaction_ids": [asked], "publish": true });
        self.project.owner.post(&self.project.at("/guidance"), body).expect(201)
    }

    fn at(&self, made: &Reply) -> String {
        self.project.at(format!("/guidance/{}", made.id()))
    }

    /// As it is when it waits no more.
    fn settled(&self, made: &Reply) -> Value {
        let since = Instant::now();
        loop {
            let now = self.project.owner.get(&self.at(made)).expect(200).json;
            if now["wording"] != "pending" {
                return now;
            }
            assert!(since.elapsed() < Duration::from_mins(1), "{now}");
            sleep(Duration::from_millis(50));
        }
    }

    fn given(&self) -> Value {
        let told = self.app.post(&self.project.at("/consult"), json!({ "query": QUESTION })).expect(200);
        told.json["guidance"][0]["text"].clone()
    }

    /// What is done in the background is stored first, and given a moment later: within a second.
    #[track_caller]
    fn comes_to_give(&self, advice: &str) {
        let begun = Instant::now();
        while self.given() != advice {
            assert!(begun.elapsed() < Duration::from_secs(5), "{} is given still", self.given());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn the_words_come_a_little_later() {
    each(&Does::SayAfter(Duration::from_millis(1500), format!("\"{ADVICE}\"\n")), |setup| {
        let made = setup.made();
        assert_eq!(
            (made.text("/wording"), made.text("/text"), made.text("/status")),
            ("pending", EXPLANATION, "active")
        );
        assert_eq!(setup.given(), EXPLANATION, "it protects at once");
        let done = setup.settled(&made);
        assert_eq!(
            (&done["wording"], &done["text"], &done["draft"]),
            (&json!("done"), &json!(ADVICE), &Value::Null)
        );
        assert_eq!((&done["explanation"], &done["wording_reason"]), (&json!(EXPLANATION), &Value::Null));
        assert_ne!(done["version"], made.json["version"], "who edits must have seen the new words");
        setup.comes_to_give(ADVICE);
        let versions = setup.project.owner.get(&format!("{}/versions", setup.at(&made))).expect(200);
        let told: Vec<_> =
            versions.items().iter().map(|one| (&one["written_by"], &one["text"], &one["live"])).collect();
        let (yes, no) = (json!(true), json!(false));
        assert_eq!(
            told,
            [(&json!("model"), &json!(ADVICE), &yes), (&json!("expert"), &json!(EXPLANATION), &no)]
        );
        let asked = setup.chat.asked();
        assert_eq!(asked.len(), 1, "once");
        let shown = json!({ "explanation": EXPLANATION, "questions": [QUESTION], "exchanges": [{ "query": QUESTION, "response": "You have 90 days." }] });
        assert_eq!(asked[0].material(), shown);
    });
}

#[test]
fn what_is_no_advice_is_not_taken() {
    each(&say("Sure! Here is the advice."), |setup| {
        for (says, reason) in [
            ("Sure! Here is the advice.", "do not begin with"),
            ("If a customer asks about returns, you should say 45 days.", "45"),
            (
                "If a customer asks about returns, you should say 30 days.\n\nAnything else?",
                "more than one paragraph",
            ),
        ] {
            setup.chat.always(say(says));
            let made = setup.made();
            let settled = setup.settled(&made);
            assert_eq!(
                (&settled["wording"], &settled["text"]),
                (&json!("failed"), &json!(EXPLANATION)),
                "{says}"
            );
            assert!(settled["wording_reason"].as_str().unwrap().contains(reason), "{settled}");
        }
        assert_eq!(setup.given(), EXPLANATION, "the explanation stays as it was written");
    });
}

#[test]
fn a_service_that_fails_is_tried_again_and_given_up() {
    each(&say(ADVICE), |setup| {
        setup.chat.next([Does::Refuse(404, "not now".to_owned())]);
        let made = setup.made();
        assert_eq!(setup.settled(&made)["text"], ADVICE);
        setup.chat.always(Does::Refuse(404, "no such model".to_owned()));
        let made = setup.made();
        let settled = setup.settled(&made);
        assert_eq!((&settled["wording"], &settled["text"]), (&json!("failed"), &json!(EXPLANATION)));
        assert!(!settled["wording_reason"].as_str().unwrap().is_empty());
    });
}

#[test]
fn what_failed_is_tried_again_when_somebody_asks() {
    each(&Does::Refuse(404, "no such model".to_owned()), |setup| {
        let made = setup.made();
        assert_eq!(setup.settled(&made)["wording"], "failed");
        let owner = &setup.project.owner;
        let reword = || owner.call("POST", &format!("{}/reword", setup.at(&made)));
        reword().if_match("\"77\"").expect_problem(412, "precondition_failed");
        setup.chat.always(say(ADVICE));
        let waiting = reword().expect(200);
        assert_eq!((waiting.text("/wording"), &waiting.json["wording_reason"]), ("pending", &Value::Null));
        assert_eq!(setup.settled(&made)["wording"], "done");
        setup.comes_to_give(ADVICE);
        assert_eq!(reword().expect_problem(409, "conflict").text("/reason"), "not_failed");
        setup.chat.always(say("No."));
        let other = setup.made();
        setup.settled(&other);
        owner.patch(&setup.at(&other), json!({ "text": "If asked, say 30." })).if_match("*").expect(200);
        let edited = owner.call("POST", &format!("{}/reword", setup.at(&other)));
        assert_eq!(edited.expect_problem(409, "conflict").text("/reason"), "edited");
    });
}

#[test]
fn an_expert_does_not_wait_for_the_model() {
    each(&Does::SayAfter(Duration::from_secs(2), ADVICE.to_owned()), |setup| {
        let made = setup.made();
        let own = "If somebody asks about returns, say thirty days.";
        let edited =
            setup.project.owner.patch(&setup.at(&made), json!({ "text": own })).if_match("*").expect(200);
        assert_eq!((edited.text("/wording"), edited.text("/draft")), ("none", own));
        setup.project.owner.call("POST", &format!("{}/publish", setup.at(&made))).expect(200);
        sleep(Duration::from_secs(4));
        assert_eq!(setup.given(), own, "the model's words came too late");
        let written = json!({ "explanation": EXPLANATION, "text": own, "phrasings": [QUESTION] });
        let written = setup.project.owner.post(&setup.project.at("/guidance"), written).expect(201);
        assert_eq!((written.text("/wording"), &written.json["wording_reason"]), ("none", &Value::Null));
        assert_eq!(setup.chat.asked().len(), 1);
    });
}

#[test]
fn what_waited_when_the_server_ended_is_done_after_the_next_start() {
    each(&Does::SayAfter(Duration::from_secs(30), ADVICE.to_owned()), |mut setup| {
        let made = setup.made();
        assert_eq!(made.text("/wording"), "pending");
        setup.server.kill9();
        setup.chat.always(say(ADVICE));
        setup.server.restart();
        setup.project.owner = setup.server.admin();
        assert_eq!(setup.settled(&made)["text"], ADVICE);
    });
}
