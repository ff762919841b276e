//! `kill -9` at any moment, while everybody writes: what was acknowledged is there once, in its place, and nothing derived differs.
//!
//! A few rounds here; many with `EW_CRASH_ROUNDS=100 scripts/test.sh -p tests crash::`. A round that failed is had again with the seed it printed.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::builders::{Project, bad, good};
use crate::support::chance::Chance;
use crate::support::client::{Call, Caller, Reply};
use crate::support::{Database, Server};

/// Questions that have nothing to do with each other: each is an issue of its own.
const QUESTIONS: [&str; 8] = [
    "How long does a refund take?",
    "Can I take my bike on the train?",
    "Where do I change my password?",
    "Is the shop open on Sundays?",
    "Which battery fits the remote control?",
    "How do I cook rice without a pot?",
    "Who won the chess tournament in 1972?",
    "What does a flu vaccination cost?",
];

/// Those who send one interaction after another.
const SENDERS: u64 = 4;

/// What the server said it has done.
#[derive(Default)]
struct Acknowledged {
    /// The caller's id of each interaction, the server's, and the question it fails on.
    interactions: Vec<(String, String, Option<usize>)>,
    /// Thumbs, by interaction.
    thumbs: HashMap<String, &'static str>,
    /// Flagged interactions, and their issues.
    flags: Vec<(String, String)>,
    answers: Vec<String>,
    /// Reviews and the interactions they were made on.
    reviews: Vec<(String, String)>,
}

#[test]
fn a_kill_loses_nothing_on_sqlite() {
    a_kill_loses_nothing(Database::Sqlite, 3);
}

#[test]
fn a_kill_loses_nothing_on_postgres() {
    a_kill_loses_nothing(Database::Postgres, 2);
}

fn a_kill_loses_nothing(database: Database, few: u64) {
    let rounds = std::env::var("EW_CRASH_ROUNDS")
        .map_or(few, |rounds| rounds.parse().expect("EW_CRASH_ROUNDS is a number"));
    let mut server = Server::start(database);
    let _log = server.log_on_failure();
    let mut chance = Chance::seeded_by("EW_CRASH_SEED");
    for round in 1..=rounds {
        let project = server.project();
        let acknowledged = write_until_killed(&mut server, &project, &mut chance);
        server.restart();
        let project = Project { owner: server.admin(), ..project };
        println!("round {round}: {} interactions were acknowledged", acknowledged.interactions.len());
        verify(&project, &acknowledged);
        server.insist_on_health();
    }
}

/// One who writes: what they may do next, and what they do.
struct Writer<'a> {
    app: Caller,
    project: &'a Project,
    chance: Chance,
    acknowledged: &'a Mutex<Acknowledged>,
    killed: &'a AtomicBool,
}

fn write_until_killed(server: &mut Server, project: &Project, chance: &mut Chance) -> Acknowledged {
    let app = project.key(server, &["runtime", "answers", "read"]);
    let (acknowledged, killed) = (Mutex::default(), AtomicBool::new(false));
    let alive = Duration::from_millis(150 + chance.below(1200));
    std::thread::scope(|scope| {
        let mut start = |act: Act, name: u64| {
            let (app, chance) = (app.clone(), chance.part());
            let mut writer = Writer { app, project, chance, acknowledged: &acknowledged, killed: &killed };
            scope.spawn(move || while writer.act(act, name).is_some() {});
        };
        for name in 0..SENDERS {
            start(Act::Validate, name);
        }
        start(Act::Batch, SENDERS);
        start(Act::Judge, SENDERS + 1);
        start(Act::Answer, SENDERS + 2);
        start(Act::Review, SENDERS + 3);
        std::thread::sleep(alive);
        killed.store(true, Ordering::SeqCst);
        server.kill9();
    });
    acknowledged.into_inner().expect("what was acknowledged")
}

/// What a writer does over and over.
#[derive(Clone, Copy)]
enum Act {
    Validate,
    Batch,
    Judge,
    Answer,
    Review,
}

impl Writer<'_> {
    fn act(&mut self, act: Act, name: u64) -> Option<()> {
        match act {
            Act::Validate => self.validate(name),
            Act::Batch => self.batch(name),
            Act::Judge => self.judge(name),
            Act::Answer => self.answer(name),
            Act::Review => self.review(name),
        }
    }

    /// The reply, if there is one; none when the server is gone.
    #[track_caller]
    fn reply(&self, call: Call, status: u16) -> Option<Reply> {
        match call.try_send() {
            Ok(reply) => Some(reply.expect(status)),
            Err(_) if self.killed.load(Ordering::SeqCst) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// An interaction under a name of its own; every second fails on one of the questions.
    fn interaction(&mut self, name: u64) -> (String, Value, Option<usize>) {
        let which = self.chance.below(2 * QUESTIONS.len() as u64) as usize;
        let failing = (which < QUESTIONS.len()).then_some(which);
        let mut body = failing.map_or_else(|| good("Where are my settings?"), |which| bad(QUESTIONS[which]));
        let external_id = format!("{name}-{}", self.chance.below(u64::MAX));
        body["external_id"] = json!(external_id);
        (external_id, body, failing)
    }

    fn validate(&mut self, name: u64) -> Option<()> {
        let (external_id, body, failing) = self.interaction(name);
        let reply = self.reply(self.app.post(&self.project.at("/validate"), body), 200)?;
        let id = reply.text("/interaction_id").to_owned();
        self.acknowledged.lock().unwrap().interactions.push((external_id, id, failing));
        Some(())
    }

    fn batch(&mut self, name: u64) -> Option<()> {
        let sent: Vec<_> = (0..5).map(|_| self.interaction(name)).collect();
        let bodies: Vec<&Value> = sent.iter().map(|(_, body, _)| body).collect();
        let body = json!({ "interactions": bodies });
        let reply = self.reply(self.app.post(&self.project.at("/interactions/batch"), body), 200)?;
        let mut acknowledged = self.acknowledged.lock().unwrap();
        for ((external_id, _, failing), item) in sent.into_iter().zip(reply.items()) {
            let id = item["interaction_id"].as_str().unwrap_or_else(|| panic!("{item}")).to_owned();
            acknowledged.interactions.push((external_id, id, failing));
        }
        Some(())
    }

    /// One of the interactions that are there; none yet: waits a moment.
    fn any(&mut self, failing: bool) -> Option<String> {
        let chosen = {
            let acknowledged = self.acknowledged.lock().unwrap();
            let mut some = acknowledged.interactions.iter().filter(|(.., which)| which.is_some() == failing);
            let place = self.chance.below(acknowledged.interactions.len().max(1) as u64) as usize;
            some.clone().nth(place).or_else(|| some.next()).map(|(_, id, _)| id.clone())
        };
        if chosen.is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        chosen
    }

    /// Gone on, with nothing done.
    fn waits(&self) -> Option<()> {
        (!self.killed.load(Ordering::SeqCst)).then_some(())
    }

    /// A thumb or a flag.
    fn judge(&mut self, _: u64) -> Option<()> {
        let failing = self.chance.below(2) == 0;
        let Some(id) = self.any(failing) else { return self.waits() };
        let known = self.acknowledged.lock().unwrap().thumbs.contains_key(&id);
        if known {
            let call = self.app.post(&self.project.at(format!("/interactions/{id}/flag")), json!({}));
            let issue = self.reply(call, 200)?.text("/issue_id").to_owned();
            self.acknowledged.lock().unwrap().flags.push((id, issue));
            return Some(());
        }
        let rating = if self.chance.below(2) == 0 { "up" } else { "down" };
        let path = self.project.at(format!("/interactions/{id}/feedback"));
        self.reply(self.app.post(&path, json!({ "rating": rating })), 200)?;
        self.acknowledged.lock().unwrap().thumbs.insert(id, rating);
        Some(())
    }

    /// An answer to one of the questions, at once in force.
    fn answer(&mut self, _: u64) -> Option<()> {
        let Some(failed) = self.any(true) else { return self.waits() };
        let shown = self.reply(self.app.get(&self.project.at(format!("/interactions/{failed}"))), 200)?;
        let query = shown.text("/query").to_owned();
        let body = json!({ "query": query, "answer": "Ask at the desk.", "issues": [shown.text("/occurrence/issue_id")], "publish": true });
        let reply = self.reply(self.app.post(&self.project.at("/answers"), body), 201)?;
        self.acknowledged.lock().unwrap().answers.push(reply.id().to_owned());
        std::thread::sleep(Duration::from_millis(self.chance.below(60)));
        Some(())
    }

    /// A Bad review of a response nothing seemed wrong with, or of one that failed.
    fn review(&mut self, _: u64) -> Option<()> {
        let failing = self.chance.below(2) == 0;
        let Some(id) = self.any(failing) else { return self.waits() };
        let body = json!({ "interaction_ids": [id], "verdict": "bad", "explanation": "It says nothing." });
        let reply = self.reply(self.app.post(&self.project.at("/reviews"), body), 201)?;
        self.acknowledged.lock().unwrap().reviews.push((reply.id().to_owned(), id));
        std::thread::sleep(Duration::from_millis(self.chance.below(60)));
        Some(())
    }
}

fn verify(project: &Project, acknowledged: &Acknowledged) {
    let stored = project.all("/interactions");
    let by_id: HashMap<&str, &Value> =
        stored.iter().map(|item| (item["id"].as_str().expect("an id"), item)).collect();
    let names: HashSet<&str> =
        stored.iter().map(|item| item["external_id"].as_str().expect("a name")).collect();
    assert_eq!((by_id.len(), names.len()), (stored.len(), stored.len()), "nothing is there twice");
    let mut issues: HashMap<usize, &str> = HashMap::new();
    for (external_id, id, failing) in &acknowledged.interactions {
        let item =
            by_id.get(id.as_str()).unwrap_or_else(|| panic!("{external_id} was acknowledged and is gone"));
        assert_eq!(item["external_id"], external_id.as_str());
        let Some(question) = failing else { continue };
        let issue = item["issue_id"].as_str().unwrap_or_else(|| panic!("{item} has no issue"));
        assert_eq!(*issues.entry(*question).or_insert(issue), issue, "{item} is with those of its question");
    }
    let distinct: HashSet<&&str> = issues.values().collect();
    assert_eq!(distinct.len(), issues.len(), "each question has an issue of its own");
    for (id, rating) in &acknowledged.thumbs {
        assert_eq!(by_id[id.as_str()]["thumbs"], *rating, "{id}");
    }
    for (id, issue) in &acknowledged.flags {
        let item = by_id[id.as_str()];
        assert!(item["flagged_at"].is_string(), "{item}");
        let now = project.owner.get(&project.at(format!("/issues/{issue}"))).expect(200);
        assert_eq!(item["issue_id"], now.id(), "it is where it was said to be");
    }
    for id in &acknowledged.answers {
        let answer = project.owner.get(&project.at(format!("/answers/{id}"))).expect(200);
        assert_eq!(answer.text("/status"), "active");
    }
    for (id, interaction) in &acknowledged.reviews {
        project.owner.get(&project.at(format!("/reviews/{id}"))).expect(200);
        assert_eq!(by_id[interaction.as_str()]["reviewed"], "bad");
    }
}
