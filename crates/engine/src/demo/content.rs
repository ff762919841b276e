//! What the demo is made of: the files beside this one, read into types. An invented e-bike shop and its support bot.

use crate::feedback::Rating;
use domain::{Guardrail, ProjectRole, ReviewVerdict, Scope};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Questions that go wrong (or are fixed), one file a topic.
const TOPICS: [&str; 15] = [
    include_str!("topics/battery_flight.json"),
    include_str!("topics/battery_warranty.json"),
    include_str!("topics/brake_recall.json"),
    include_str!("topics/cancel_subscription.json"),
    include_str!("topics/card_number.json"),
    include_str!("topics/cargo_load.json"),
    include_str!("topics/child_seat.json"),
    include_str!("topics/display_error.json"),
    include_str!("topics/island_delivery.json"),
    include_str!("topics/job_applications.json"),
    include_str!("topics/legal_threat.json"),
    include_str!("topics/refund_time.json"),
    include_str!("topics/speed_limit.json"),
    include_str!("topics/stolen_bike.json"),
    include_str!("topics/workshop_booking.json"),
];

/// Everything the demo is made of.
pub(super) struct Content {
    pub(super) project: ProjectPlan,
    pub(super) topics: Vec<Topic>,
    pub(super) everyday: Vec<Everyday>,
    pub(super) conversations: Vec<Conversation>,
    pub(super) acts: Vec<PlannedAct>,
}

/// The project, who works in it, and what to try at the end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectPlan {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) fallback: String,
    pub(super) guardrails: Vec<Guardrail>,
    pub(super) people: Vec<Person>,
    pub(super) access_key: KeyPlan,
    #[serde(rename = "try")]
    pub(super) to_try: ToTry,
}

/// Somebody with a login.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: ProjectRole,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyPlan {
    pub(super) name: String,
    pub(super) scopes: Vec<Scope>,
}

/// Two interactions for the reader to send.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct ToTry {
    pub(super) answered: Example,
    pub(super) blocked: Example,
}

/// What a bot is asked, and what it is about to say.
#[derive(Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The query.
    pub query: String,
    /// The response.
    pub response: String,
}

/// One thing customers ask about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    /// What acts call it.
    pub(super) name: String,
    /// What retrieval finds for it.
    pub(super) context: String,
    pub(super) waves: Vec<Wave>,
}

/// A run of questions, evenly spread over a time, in days before now; questions and responses take turns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wave {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) count: usize,
    pub(super) questions: Vec<String>,
    pub(super) responses: Vec<Scored>,
}

/// What the bot says, with the lowest and the highest score it gets for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scored {
    pub(super) text: String,
    pub(super) scores: BTreeMap<String, [f64; 2]>,
}

/// A question the bot knows the answer to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Everyday {
    pub(super) query: String,
    pub(super) response: String,
    pub(super) context: String,
    /// How often it is asked in the three weeks.
    pub(super) asked: usize,
}

/// A session of several turns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conversation {
    pub(super) session: String,
    pub(super) days_ago: f64,
    pub(super) metadata: Value,
    pub(super) turns: Vec<ConversationTurn>,
}

/// One question in a conversation and how the bot came to its response.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationTurn {
    pub(super) query: String,
    pub(super) rewritten_query: Option<String>,
    #[serde(default)]
    pub(super) steps: Vec<ToolStep>,
    pub(super) response: String,
    pub(super) context: Option<String>,
    pub(super) scores: BTreeMap<String, f64>,
}

/// One tool call of the bot and what came back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolStep {
    pub(super) tool: String,
    pub(super) arguments: Value,
    pub(super) result: Value,
}

/// What somebody does, and when.
#[derive(Deserialize)]
pub(super) struct PlannedAct {
    pub(super) days_ago: f64,
    #[serde(flatten)]
    pub(super) act: Act,
}

/// An act of an expert, a developer or a customer. `nth` counts a topic's interactions so far, from 0.
#[derive(Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Act {
    /// The expert answers what the topic's issues ask.
    Answer { topic: String, query: String, answer: String, phrasings: Vec<String>, publish: bool },
    /// The expert pauses the answer of this topic.
    Pause { topic: String },
    /// The expert reviews the topic's interactions so far.
    Review { topic: String, verdict: ReviewVerdict, explanation: String },
    /// The expert sets the topic's issues aside.
    Dismiss { topic: String },
    /// The expert takes the topic's issue.
    Claim { topic: String },
    /// The developer flags an interaction.
    Flag { topic: String, nth: usize, comment: String },
    /// A customer's thumb, passed on by the bot.
    Thumb { topic: String, nth: usize, rating: Rating, comment: Option<String> },
}

impl Content {
    /// Reads the files.
    pub(super) fn load() -> Self {
        let good = "the demo's files are part of the program, and a test reads them";
        Self {
            project: serde_json::from_str(include_str!("project.json")).expect(good),
            topics: TOPICS.iter().map(|topic| serde_json::from_str(topic).expect(good)).collect(),
            everyday: include_str!("everyday.jsonl")
                .lines()
                .map(|line| serde_json::from_str(line).expect(good))
                .collect(),
            conversations: serde_json::from_str(include_str!("conversations.json")).expect(good),
            acts: serde_json::from_str(include_str!("acts.json")).expect(good),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_and_fit_together() {
        let content = Content::load();
        assert!(content.everyday.len() >= 60);
        for guardrail in &content.project.guardrails {
            guardrail.validate().unwrap();
        }
        for topic in &content.topics {
            assert!(topic.waves.iter().all(|wave| wave.from > wave.to && wave.to > 0.0), "{}", topic.name);
        }
    }
}
