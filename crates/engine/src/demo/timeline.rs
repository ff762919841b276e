//! When everything happens. Deterministic: places, times and scores follow from positions in the files.

use super::content::{Act, Content, Conversation, Everyday, Topic, Wave};
use crate::ValidateInput;
use domain::{Kind, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long before now the story begins, days.
pub(super) const DAYS: f64 = 21.0;
/// The golden ratio's fraction: its multiples, modulo 1, fill the unit interval evenly and never seem regular.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// Something that happens.
pub(super) struct Moment<'a> {
    pub(super) at: Timestamp,
    pub(super) what: What<'a>,
}

/// What happens.
pub(super) enum What<'a> {
    /// A single question, which may belong to a topic.
    Question(Option<&'a str>, Box<ValidateInput>),
    /// A whole conversation.
    Conversation(&'a Conversation),
    /// Somebody does something.
    Act(&'a Act),
}

/// Everything that happens in the three weeks before `now`, in its order.
pub(super) fn moments(content: &Content, now: Timestamp) -> Vec<Moment<'_>> {
    let mut moments: Vec<Moment<'_>> = Vec::new();
    for (index, topic) in content.topics.iter().enumerate() {
        for (wave_index, wave) in topic.waves.iter().enumerate() {
            let seed = 101 * index + 37 * wave_index;
            moments.extend((0..wave.count).map(|n| asked(topic, wave, n, seed + n, now)));
        }
    }
    let everyday = content.everyday.iter().flat_map(|one| std::iter::repeat_n(one, one.asked));
    moments.extend(everyday.enumerate().map(|(seed, one)| known(one, seed, now)));
    moments.extend(content.conversations.iter().map(|conversation| Moment {
        at: days_before(now, conversation.days_ago),
        what: What::Conversation(conversation),
    }));
    moments.extend(
        content
            .acts
            .iter()
            .map(|planned| Moment { at: days_before(now, planned.days_ago), what: What::Act(&planned.act) }),
    );
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// The `n`th question of a wave.
fn asked<'a>(topic: &'a Topic, wave: &'a Wave, n: usize, seed: usize, now: Timestamp) -> Moment<'a> {
    let step = (wave.from - wave.to) / wave.count as f64;
    let at = days_before(now, wave.from - step * (n as f64 + 0.9 * spread(seed)));
    let response = &wave.responses[n % wave.responses.len()];
    let scores = response
        .scores
        .iter()
        .map(|(key, [low, high])| (key.clone(), Some(hundredths(low + (high - low) * spread(seed)))))
        .collect();
    let context = (!topic.context.is_empty()).then(|| topic.context.clone());
    let question = wave.questions[n % wave.questions.len()].clone();
    let input = input(question, json!(response.text), context, scores, metadata(seed), at);
    Moment { at, what: What::Question(Some(&topic.name), Box::new(input)) }
}

/// A question the bot answers well.
fn known(everyday: &Everyday, seed: usize, now: Timestamp) -> Moment<'static> {
    let at = days_before(now, DAYS * (1.0 - spread(seed)).max(0.001));
    let score = |lowest: f64, seed| Some(hundredths(lowest + (0.99 - lowest) * spread(seed)));
    let scores = BTreeMap::from([
        ("trustworthiness".to_owned(), score(0.84, seed + 7)),
        ("response_helpfulness".to_owned(), score(0.82, seed + 3)),
        ("context_sufficiency".to_owned(), score(0.8, seed + 5)),
    ]);
    let context = Some(everyday.context.clone());
    let response = json!(everyday.response);
    let input = input(everyday.query.clone(), response, context, scores, metadata(seed), at);
    Moment { at, what: What::Question(None, Box::new(input)) }
}

/// What the app sends.
pub(super) fn input(
    query: String,
    response: Value,
    context: Option<String>,
    scores: BTreeMap<String, Option<f64>>,
    metadata: Value,
    at: Timestamp,
) -> ValidateInput {
    ValidateInput {
        query,
        response,
        context,
        messages: None,
        tools: None,
        metadata: Some(metadata),
        scores,
        thresholds: BTreeMap::new(),
        rewritten_query: None,
        session_id: None,
        kind: Kind::Response,
        external_id: None,
        occurred_at: Some(at),
        historical: true,
        evaluations: None,
        attempt: None,
        key: None,
        wordless: false,
    }
}

fn metadata(seed: usize) -> Value {
    let pick = |words: &[&'static str], seed: usize| words[seed % words.len()];
    json!({
        "country": pick(&["GB", "NL", "DE", "GB", "IE", "NL", "DK"], seed),
        "channel": pick(&["app", "web", "app", "email", "web"], seed),
        "plan": pick(&["basic", "plus", "none"], seed / 2),
    })
}

pub(super) fn days_before(now: Timestamp, days: f64) -> Timestamp {
    now.minus_seconds((days * 86_400.0) as i64)
}

/// A number in [0, 1) for each seed.
fn spread(seed: usize) -> f64 {
    (seed as f64 * GOLDEN).fract()
}

fn hundredths(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_hundred_moments_lie_in_the_three_weeks_before_now_in_order() {
        let content = Content::load();
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let moments = moments(&content, now);
        assert!((300..600).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted_by_key(|moment| moment.at));
        let begin = days_before(now, DAYS);
        assert!(moments.iter().all(|moment| begin <= moment.at && moment.at < now));
    }

    /// An act that counts a topic's interactions must find them there at its time.
    #[test]
    fn every_act_finds_what_it_is_about() {
        let content = Content::load();
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
        for moment in moments(&content, now) {
            let (topic, needed) = match moment.what {
                What::Question(topic, _) => {
                    *recorded.entry(topic.unwrap_or_default()).or_default() += 1;
                    continue;
                }
                What::Conversation(_) => continue,
                What::Act(act) => match act {
                    Act::Flag { topic, nth, .. } | Act::Thumb { topic, nth, .. } => (topic, nth + 1),
                    Act::Answer { topic, .. }
                    | Act::Pause { topic }
                    | Act::Review { topic, .. }
                    | Act::Dismiss { topic }
                    | Act::Claim { topic } => (topic, 1),
                },
            };
            let so_far = recorded.get(topic.as_str()).copied().unwrap_or(0);
            assert!(so_far >= needed, "{topic}: {so_far} of {needed} on {}", moment.at);
        }
    }
}
