//! Does an expert's review of one interaction apply to another? Query first, then response.

use crate::embedding::Embedding;
use crate::normalize;
use crate::vetoes::{Veto, VetoCode, numbers, vetoes};
use crate::words::{is_negation, split};
use std::collections::BTreeSet;

/// Least cosine of the queries. Looser than serving an answer, because the response must match too, and a Bad review
/// should reach paraphrases.
pub const QUERY: f32 = 0.85;
/// Least cosine of the responses for a Good review: a response may pass only if it says the same.
pub const GOOD_RESPONSE: f32 = 0.95;
/// Least cosine of the responses for a Bad review: the same mistake in other words.
pub const BAD_RESPONSE: f32 = 0.80;

/// An expert's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The response was right.
    Good,
    /// The response was wrong.
    Bad,
}

/// A query and a response, with their embeddings: the query's by `Encoder::embed`, the response's by
/// `Encoder::embed_long`.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// What was asked.
    pub query: &'a str,
    /// The query's embedding.
    pub query_embedding: &'a Embedding,
    /// What the AI said.
    pub response: &'a str,
    /// The response's embedding.
    pub response_embedding: &'a Embedding,
}

/// Whether a review applies, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewMatch {
    /// Whether it applies.
    pub applies: bool,
    /// Cosine of the queries.
    pub query_similarity: f32,
    /// Least cosine of the queries.
    pub query_threshold: f32,
    /// Cosine of the responses.
    pub response_similarity: f32,
    /// Least cosine of the responses, for this judgement.
    pub response_threshold: f32,
    /// Objections against the queries being the same question.
    pub vetoes: Vec<Veto>,
    /// Why it does not apply, in plain words; empty when it does.
    pub reasons: Vec<String>,
}

/// Decides whether a review of `reviewed` applies to `new`.
///
/// The queries must be the exact same text, or near and without a number, negation, order or question-word objection.
/// A swapped word is no objection for Bad, only for Good: blocking once too often asks an expert, letting through once
/// too often harms a user. Then the responses must be the exact same text, or near, with equal numbers and negations,
/// and for Good equal names. So a corrected response to the same query passes a Bad review by.
pub fn applies(judgement: Judgement, reviewed: Exchange<'_>, new: Exchange<'_>) -> ReviewMatch {
    let query_similarity = reviewed.query_embedding.cosine(new.query_embedding);
    let response_similarity = reviewed.response_embedding.cosine(new.response_embedding);
    let response_threshold = match judgement {
        Judgement::Good => GOOD_RESPONSE,
        Judgement::Bad => BAD_RESPONSE,
    };
    let same_query = normalize::exact(reviewed.query) == normalize::exact(new.query);
    let vetoes = if same_query { Vec::new() } else { objections(judgement, new.query, reviewed.query) };
    let mut reasons = Vec::new();
    if !same_query && query_similarity < QUERY {
        reasons.push(format!("the queries are {query_similarity:.3} alike, below {QUERY}"));
    }
    reasons.extend(vetoes.iter().map(|veto| format!("the queries differ: {}", veto.detail)));
    if normalize::exact(reviewed.response) != normalize::exact(new.response) {
        if response_similarity < response_threshold {
            reasons.push(format!(
                "the responses are {response_similarity:.3} alike, below {response_threshold}"
            ));
        }
        reasons.extend(differences(judgement, reviewed.response, new.response));
    }
    ReviewMatch {
        applies: reasons.is_empty(),
        query_similarity,
        query_threshold: QUERY,
        response_similarity,
        response_threshold,
        vetoes,
        reasons,
    }
}

fn objections(judgement: Judgement, question: &str, phrasing: &str) -> Vec<Veto> {
    let mut found = vetoes(question, phrasing);
    found.retain(|veto| judgement == Judgement::Good || veto.code != VetoCode::SwappedWord);
    found
}

/// What a reader would call another response although the vectors are near.
fn differences(judgement: Judgement, reviewed: &str, new: &str) -> Vec<String> {
    let mut found = Vec::new();
    if numbers(reviewed) != numbers(new) {
        found.push("the responses give other numbers or dates".to_owned());
    }
    let negations = |text: &str| split(text).iter().filter(|word| is_negation(word)).count();
    if negations(reviewed) != negations(new) {
        found.push("one response denies what the other states".to_owned());
    }
    if judgement == Judgement::Good && names(reviewed) != names(new) {
        found.push("the responses name other things".to_owned());
    }
    found
}

/// The words written with a capital inside a sentence, in lower case.
fn names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut starts = true;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !starts && bare.starts_with(char::is_uppercase) && bare != "I" {
            found.insert(bare.to_lowercase());
        }
        starts = word.ends_with(['.', '!', '?', ':']);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoder;
    use std::sync::LazyLock;

    static ENCODER: LazyLock<Encoder> = LazyLock::new(Encoder::load);
    const QUESTION: &str = "How long do I have to return an item?";
    const WRONG: &str =
        "You can return any item within 90 days of delivery for a full refund. Open Orders to begin.";

    fn compare(judgement: Judgement, reviewed: (&str, &str), new: (&str, &str)) -> ReviewMatch {
        let embed = |(query, response): (&str, &str)| (ENCODER.embed(query), ENCODER.embed_long(response));
        let (a, b) = (embed(reviewed), embed(new));
        let exchange = |(query, response), (q, r)| Exchange {
            query,
            query_embedding: q,
            response,
            response_embedding: r,
        };
        applies(judgement, exchange(reviewed, (&a.0, &a.1)), exchange(new, (&b.0, &b.1)))
    }

    #[test]
    fn a_bad_review_blocks_a_paraphrase_and_lets_the_correction_through() {
        let reviewed = (QUESTION, WRONG);
        let near = (
            "how long do I have for returning an item",
            "Any item can be returned within 90 days after delivery for a full refund. Begin in Orders.",
        );
        assert_eq!(compare(Judgement::Bad, reviewed, near).reasons, Vec::<String>::new());
        let corrected = (QUESTION, "You can return any item within 30 days of delivery for a full refund.");
        assert_eq!(
            compare(Judgement::Bad, reviewed, corrected).reasons,
            ["the responses give other numbers or dates"]
        );
        let denied = (QUESTION, "You cannot return any item within 90 days of delivery for a full refund.");
        assert!(!compare(Judgement::Bad, reviewed, denied).applies);
    }

    #[test]
    fn a_good_review_covers_the_same_response_only() {
        let reviewed = (QUESTION, "Contact Anna in the Berlin office within 30 days.");
        assert!(compare(Judgement::Good, reviewed, reviewed).applies);
        let other_name = (QUESTION, "Contact Anna in the Munich office within 30 days.");
        assert!(!compare(Judgement::Good, reviewed, other_name).applies);
        let other_query = ("How do I close my account?", reviewed.1);
        assert!(!compare(Judgement::Good, reviewed, other_query).applies);
    }

    #[test]
    fn another_question_or_another_response_is_left_alone() {
        let reviewed = (QUESTION, WRONG);
        assert!(!compare(Judgement::Bad, reviewed, ("Why was my card declined?", WRONG)).applies);
        assert!(!compare(Judgement::Bad, reviewed, (QUESTION, "I'm sorry, I don't know that.")).applies);
    }

    #[test]
    fn names_are_capitals_inside_a_sentence() {
        assert_eq!(
            names("Ask Anna. She is in Berlin, I think."),
            BTreeSet::from(["anna".into(), "berlin".into()])
        );
    }
}
