//! Does a response help with what was asked, as far as its own words tell?

use super::saying::{Saying, saying};
use super::{LocalScore, NoLocalScore, is_read};
use crate::answering::stands_alone;
use crate::reviewing::{SENTENCES, Sentence, sentences};

/// Nothing was said at all.
const NOTHING: f32 = 0.02;
/// Only that nothing is said.
const DECLINED: f32 = 0.05;
/// Only somebody else to ask.
const ELSEWHERE: f32 = 0.12;
/// Only a question, to a query that can be understood.
const ASKED_BACK: f32 = 0.3;
/// Only a question, to a query that cannot be understood by itself: the right thing to do.
const ASKED_RIGHTLY: f32 = 0.7;
/// Something was said, beside declining the rest: from here, growing with the share of what was said.
const IN_PART: f32 = 0.35;
/// All of it is about something.
const SAID: f32 = 0.95;

/// Whether a response says something, by rule: 0 for refusals, for not knowing, for sending the user elsewhere, up to 0.95
/// for a response that does none of this. It does not know whether what is said is right, or about what was asked.
///
/// # Errors
/// The language of the response is not read.
pub fn helpfulness(query: &str, response: &str) -> Result<LocalScore, NoLocalScore> {
    if !is_read(response) {
        return Err(NoLocalScore::Unread);
    }
    let (all, _) = sentences(response, SENTENCES);
    let told: Vec<(Saying, &Sentence)> = all.iter().map(|sentence| (saying(sentence), sentence)).collect();
    let first = |what: Saying| {
        told.iter().find(|(saying, _)| *saying == what).map(|(_, sentence)| sentence.text.as_str())
    };
    let long = |what: Saying| -> f32 {
        let of = told.iter().filter(|(saying, _)| *saying == what);
        of.map(|(_, sentence)| sentence.stems.len().max(1) as f32).sum()
    };
    let (declined, elsewhere, asked) =
        (first(Saying::Declines), first(Saying::SendsElsewhere), first(Saying::AsksBack));
    let stated = long(Saying::States);
    let (score, explanation) = match (stated > 0.0, declined, elsewhere, asked) {
        (true, None, _, _) => (SAID, "It says something, and declines nothing.".to_owned()),
        (true, Some(sentence), _, _) => {
            let share = stated / (stated + long(Saying::Declines));
            (
                IN_PART + (SAID - IN_PART) * share,
                format!("It says something, and declines a part: “{sentence}”"),
            )
        }
        (false, Some(sentence), _, _) => (DECLINED, format!("It declines: “{sentence}”")),
        (false, None, Some(sentence), _) => {
            (ELSEWHERE, format!("It only sends the user elsewhere: “{sentence}”"))
        }
        (false, None, None, Some(sentence)) if stands_alone(query) => {
            (ASKED_BACK, format!("It only asks back: “{sentence}”"))
        }
        (false, None, None, Some(sentence)) => {
            (ASKED_RIGHTLY, format!("It asks what an unclear query means: “{sentence}”"))
        }
        (false, None, None, None) if is_courtesy(query) => {
            (SAID, "It answers courtesy with courtesy.".to_owned())
        }
        (false, None, None, None) => (NOTHING, "It says nothing beyond courtesy.".to_owned()),
    };
    Ok(LocalScore { score, explanation })
}

/// Whether a query asks nothing: a greeting, thanks.
fn is_courtesy(query: &str) -> bool {
    let (all, _) = sentences(query, SENTENCES);
    !all.is_empty() && all.iter().all(|sentence| saying(sentence) == Saying::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn courtesy_is_an_answer_to_courtesy_only() {
        let score = |query: &str, response: &str| helpfulness(query, response).expect("it is English").score;
        for query in ["Hello?", "Hello!", "Thank you!"] {
            assert!((score(query, "Hello!") - SAID).abs() < 1e-6, "{query}");
        }
        assert!((score("How do I pay an invoice?", "Hello!") - NOTHING).abs() < 1e-6);
    }
}
