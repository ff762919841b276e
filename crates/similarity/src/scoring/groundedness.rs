//! Does the context support what a response states?

use super::context::Place;
use super::saying::{Saying, saying};
use super::{LocalScore, NoLocalScore, ReadContext, halved_at, is_read};
use crate::reviewing::{SENTENCES, Sentence, contraries, sentences};
use crate::vetoes::numbers;
use crate::words::listed;
use std::collections::BTreeSet;

/// Places of the context that a statement is compared with.
const PLACES: usize = 3;
/// A response with more statements is not judged.
const STATEMENTS: usize = 100;
/// A statement with fewer words of substance is read together with the query it replies to.
const SHORT: usize = 4;
/// What a number costs that the place does not have.
const OTHER_NUMBER: f32 = 0.5;
/// What each sign that the place says the contrary costs.
const CONTRARY: f32 = 0.15;
/// The weight of the weakest statement; the rest is the mean's.
const WEAKEST: f32 = 0.7;
/// Stems of words that only agree.
const YES: &str = "yes yeah yep";
/// What divides the supported responses of the development half best from the others.
const MIDDLE: f32 = 0.58;

/// How far the context supports all that a response states, 0 to 1: mostly its weakest statement. A statement is supported
/// by the place of the context that has its words, comes near to it, has its numbers, and does not say the contrary.
///
/// # Errors
/// The response states nothing; a language is not read; the context or the response is too long.
pub fn groundedness(query: &str, response: &str, context: &ReadContext) -> Result<LocalScore, NoLocalScore> {
    if !is_read(response) {
        return Err(NoLocalScore::Unread);
    }
    context.check()?;
    let stated = statements(response);
    if stated.is_empty() {
        return Err(NoLocalScore::NothingStated);
    }
    if context.is_empty() {
        return Ok(LocalScore { score: 0.0, explanation: "The context is empty.".to_owned() });
    }
    if stated.len() > STATEMENTS {
        return Err(NoLocalScore::TooLong);
    }
    let asked = sentences(query, SENTENCES).0;
    let supports: Vec<Support> =
        stated.iter().map(|statement| support(query, &asked, statement, context)).collect();
    let mean = supports.iter().map(|support| support.worth).sum::<f32>() / supports.len() as f32;
    let weakest = supports.iter().min_by(|a, b| a.worth.total_cmp(&b.worth));
    let weakest = weakest.ok_or(NoLocalScore::NothingStated)?;
    let score = halved_at(MIDDLE, WEAKEST * weakest.worth + (1.0 - WEAKEST) * mean);
    Ok(LocalScore { score, explanation: weakest.explanation.clone() })
}

/// The sentences that state something; those that say no more than yes or no only where there are no others.
fn statements(response: &str) -> Vec<Sentence> {
    let mut stated = sentences(response, SENTENCES).0;
    stated.retain(|sentence| saying(sentence) == Saying::States);
    let more = |sentence: &Sentence| sentence.stems.iter().any(|stem| !listed(YES, stem));
    if stated.iter().any(more) {
        stated.retain(more);
    }
    stated
}

/// A statement without the yes or no that it begins with: that replies to the query, and the context replies to nothing.
fn without_opening(statement: &str) -> &str {
    let rest = statement.split_once([',', ':', '.', '!']);
    rest.filter(|(opening, _)| listed("yes no yeah nope", &opening.trim().to_lowercase()))
        .map_or(statement, |(_, rest)| rest)
}

struct Support {
    worth: f32,
    explanation: String,
}

fn support(query: &str, asked: &[Sentence], statement: &Sentence, context: &ReadContext) -> Support {
    let (mut stems, mut text) = (statement.stems.clone(), statement.text.clone());
    if stems.len() < SHORT {
        stems.extend(asked.iter().flat_map(|sentence| sentence.stems.iter().cloned()));
        text = format!("{query} {text}");
    }
    let places = context.places(&text, &stems, PLACES);
    let supports = places.iter().map(|place| supported_by(statement, place));
    supports.max_by(|a, b| a.worth.total_cmp(&b.worth)).unwrap_or_else(|| Support {
        worth: 0.0,
        explanation: format!("Nothing in the context speaks of “{}”", statement.text),
    })
}

fn supported_by(statement: &Sentence, place: &Place) -> Support {
    let known = numbers(&place.text);
    let others: BTreeSet<String> = numbers(&statement.text).difference(&known).cloned().collect();
    let contraries = contraries(&place.text, without_opening(&statement.text));
    let mut signs: Vec<String> =
        (!others.is_empty()).then(|| format!("not there: {}", listing(&others))).into_iter().collect();
    let worth =
        place.worth - CONTRARY * contraries.len() as f32 - if others.is_empty() { 0.0 } else { OTHER_NUMBER };
    signs.extend(contraries);
    let beside = format!("Least supported: “{}”; nearest in the context: “{}”", statement.text, place.text);
    let explanation = if signs.is_empty() { beside } else { format!("{beside}; {}", signs.join("; ")) };
    Support { worth, explanation }
}

fn listing(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
