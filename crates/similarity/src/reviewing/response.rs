//! Is a response the one a review was made on, or does it say the same?

use super::Judgement;
use super::align::{Group, align};
use super::difference::{contrary_openings, differences};
use super::sentence::{SENTENCES, Sentence, sentences};
use crate::embedding::Embedding;
use crate::encoder::Encoder;
use crate::language::detect;
use crate::normalize;
use std::collections::BTreeSet;

/// Least cosine of the responses for a Good review: a response may pass only if it says the same.
pub const GOOD_RESPONSE: f32 = 0.90;
/// Least cosine of the responses for a Bad review: the same mistake in other words, or a part of it.
pub const BAD_RESPONSE: f32 = 0.50;
/// For Good: the largest share of the words of substance of what belongs together that the other side may lack.
const NEW_WORDS: f32 = 0.6;
/// For Good: from this share on, a sentence among them says something more.
const NEW_SENTENCE: f32 = 0.5;
/// Characters by which the language of a response is told.
const LANGUAGE_CHARACTERS: usize = 2_000;

/// A response that was read: what it is about, and what it states sentence by sentence.
#[derive(Clone, Debug)]
pub struct ReadResponse {
    form: String,
    text: String,
    /// None where the model does not read its language.
    meaning: Option<Embedding>,
    sentences: Vec<Sentence>,
    /// Whether these are all its sentences.
    whole: bool,
}

/// Whether a review's response and a new one say the same, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseMatch {
    /// Whether the review applies.
    pub passes: bool,
    /// Their cosine; 1 when they are the exact same text, 0 where the model does not read their language.
    pub similarity: f32,
    /// The least cosine, for this judgement.
    pub threshold: f32,
    /// Why it does not apply, in plain words; empty when it does.
    pub reasons: Vec<String>,
}

impl ReadResponse {
    /// Reads a response. It is embedded here, unless `known` has its embedding (`Encoder::embed_long`) already.
    pub fn read(encoder: &Encoder, text: &str, known: Option<Embedding>) -> Self {
        let beginning: String = text.chars().take(LANGUAGE_CHARACTERS).collect();
        let is_read = detect(&beginning).is_read_by_the_model();
        let (sentences, whole) = sentences(text, SENTENCES);
        Self {
            form: normalize::exact(text),
            text: text.to_owned(),
            meaning: is_read.then(|| known.unwrap_or_else(|| encoder.embed_long(text))),
            sentences,
            whole,
        }
    }

    /// The cosine of two responses; none where the model does not read one of them.
    pub fn similarity(&self, other: &Self) -> Option<f32> {
        self.meaning.as_ref().zip(other.meaning.as_ref()).map(|(one, other)| one.cosine(other))
    }

    /// Whether they are the exact same text.
    pub fn is_same_text(&self, other: &Self) -> bool {
        self.form == other.form
    }
}

/// Compares the response a review was made on with a new one.
///
/// The exact same text passes. Else both must be about the same (cosine), and no statement of the new one may be another
/// than the one it speaks of the same thing with. For Good moreover each has what the other has: nothing left out,
/// nothing added, courtesy apart.
pub fn same_response(judgement: Judgement, reviewed: &ReadResponse, new: &ReadResponse) -> ResponseMatch {
    let threshold = match judgement {
        Judgement::Good => GOOD_RESPONSE,
        Judgement::Bad => BAD_RESPONSE,
    };
    if reviewed.is_same_text(new) {
        return ResponseMatch { passes: true, similarity: 1.0, threshold, reasons: Vec::new() };
    }
    let Some(similarity) = reviewed.similarity(new) else {
        let reasons = vec!["the responses are not the same text, and their language is not read".to_owned()];
        return ResponseMatch { passes: false, similarity: 0.0, threshold, reasons };
    };
    if similarity < threshold {
        let reasons = vec![format!("the responses are {similarity:.3} alike, below {threshold}")];
        return ResponseMatch { passes: false, similarity, threshold, reasons };
    }
    let mut reasons: Vec<String> = contrary_openings(&reviewed.text, &new.text).into_iter().collect();
    let groups = align(&reviewed.sentences, &new.sentences);
    for group in &groups {
        let (before, after) =
            (joined(&reviewed.sentences, &group.reviewed), joined(&new.sentences, &group.new));
        reasons.extend(differences(judgement, &before, &after));
        if judgement == Judgement::Good {
            reasons.extend(other_words(reviewed, new, group));
        }
    }
    if judgement == Judgement::Good {
        reasons.extend(left_over(
            &reviewed.sentences,
            groups.iter().map(|group| &group.reviewed),
            "left out",
        ));
        reasons.extend(left_over(&new.sentences, groups.iter().map(|group| &group.new), "added"));
        if !(reviewed.whole && new.whole) {
            reasons.push("too long to be read as a whole".to_owned());
        }
    } else if groups.is_empty() {
        reasons.push("no sentence says what one of the reviewed response says".to_owned());
    }
    ResponseMatch { passes: reasons.is_empty(), similarity, threshold, reasons }
}

fn joined(sentences: &[Sentence], places: &BTreeSet<usize>) -> String {
    places.iter().map(|&place| sentences[place].text.as_str()).collect::<Vec<_>>().join(" ")
}

fn stems<'a>(sentences: &'a [Sentence], places: &BTreeSet<usize>) -> BTreeSet<&'a str> {
    places.iter().flat_map(|&place| sentences[place].stems.iter().map(String::as_str)).collect()
}

/// Too many words of substance that the other lacks: it says something more, or something else.
fn other_words(reviewed: &ReadResponse, new: &ReadResponse, group: &Group) -> Option<String> {
    let (before, after) = (stems(&reviewed.sentences, &group.reviewed), stems(&new.sentences, &group.new));
    let share = |of: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        of.difference(other).count() as f32 / of.len().max(1) as f32
    };
    let most = share(&before, &after).max(share(&after, &before));
    if most > NEW_WORDS {
        return Some(format!("{:.0} % of the words of a statement are others", most * 100.0));
    }
    // A short sentence shares a word with another one easily.
    let more = |sentences: &[Sentence], places: &BTreeSet<usize>, other: &BTreeSet<&str>| {
        let of = |place: usize| sentences[place].stems.iter().map(String::as_str).collect();
        let new = places.iter().find(|&&place| share(&of(place), other) >= NEW_SENTENCE);
        new.map(|&place| format!("says something else: “{}”", sentences[place].text))
    };
    more(&new.sentences, &group.new, &before).or_else(|| more(&reviewed.sentences, &group.reviewed, &after))
}

/// Sentences with something to say that speak of nothing the other response speaks of.
fn left_over<'a>(
    sentences: &[Sentence],
    grouped: impl Iterator<Item = &'a BTreeSet<usize>>,
    what: &str,
) -> Option<String> {
    let grouped: BTreeSet<usize> = grouped.flatten().copied().collect();
    let mut rest = sentences
        .iter()
        .enumerate()
        .filter(|(place, sentence)| sentence.says_something && !grouped.contains(place));
    rest.next().map(|(_, sentence)| format!("{what}: “{}”", sentence.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static ENCODER: LazyLock<Encoder> = LazyLock::new(Encoder::load);

    fn compare(judgement: Judgement, reviewed: &str, new: &str) -> ResponseMatch {
        let read = |text| ReadResponse::read(&ENCODER, text, None);
        same_response(judgement, &read(reviewed), &read(new))
    }

    /// Many sentences; the last one says until when.
    fn long(last: &str) -> String {
        let parts = [
            "the wheels",
            "the frame",
            "the brakes",
            "the saddle",
            "the chain",
            "the lights",
            "the bell",
            "the rack",
        ];
        let sentences = parts.iter().cycle().take(40).enumerate();
        let rest: Vec<String> =
            sentences.map(|(n, part)| format!("Step {n} is to check {part} with tool number {n}.")).collect();
        format!("{} {last}", rest.join(" "))
    }

    #[test]
    fn a_fact_in_the_last_sentence_of_a_long_response_is_seen() {
        let known = long("You may return it within 90 days.");
        assert!(known.split_whitespace().count() > 300);
        for judgement in [Judgement::Good, Judgement::Bad] {
            assert!(compare(judgement, &known, &long("You may return it within 90 days!")).passes);
            for other in ["You may return it within 30 days.", "You may not return it within 90 days."] {
                let compared = compare(judgement, &known, &long(other));
                assert!(!compared.passes && compared.similarity > 0.99, "{other}: {compared:?}");
            }
        }
    }

    #[test]
    fn a_bad_review_reaches_other_words_parts_and_more_and_a_good_one_does_not() {
        let wrong =
            "You can return any item within 90 days of delivery for a full refund. Open Orders to begin.";
        let same =
            "Any item can be returned within 90 days after delivery for a full refund. Begin in Orders.";
        assert_eq!(compare(Judgement::Bad, wrong, same).reasons, Vec::<String>::new());
        for other in [
            "You can return any item within 90 days of delivery for a full refund.".to_owned(),
            format!("{wrong} Shipping is paid by us."),
        ] {
            assert!(compare(Judgement::Bad, wrong, &other).passes, "{other}");
            assert!(!compare(Judgement::Good, wrong, &other).passes, "{other}");
        }
        let kind = format!("Thanks for asking! {wrong} Let me know if you need anything else.");
        assert_eq!(compare(Judgement::Good, wrong, &kind).reasons, Vec::<String>::new());
        assert!(!compare(Judgement::Bad, wrong, "I'm sorry, I don't know that.").passes);
    }

    #[test]
    fn in_a_language_the_model_lacks_only_the_same_text_is_the_same() {
        let german = "Sie können die Ware innerhalb von 14 Tagen zurückgeben.";
        assert!(
            compare(Judgement::Bad, german, "sie können die Ware innerhalb von 14 Tagen zurückgeben").passes
        );
        let other =
            compare(Judgement::Bad, german, "Sie können die Ware innerhalb von 14 Tagen zurück geben.");
        assert_eq!(other.reasons, ["the responses are not the same text, and their language is not read"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_two_responses_can_be_compared(a in ".{0,120}", b in "[a-cA-C0-9no.,;:!? \n-]{0,200}") {
            let [a, b] = [a, b].map(|text| ReadResponse::read(&ENCODER, &text, None));
            for judgement in [Judgement::Good, Judgement::Bad] {
                let [same, compared, other] = [(&a, &a), (&a, &b), (&b, &b)].map(|(x, y)| same_response(judgement, x, y));
                prop_assert!(same.passes && other.passes);
                prop_assert_eq!(compared.passes, compared.reasons.is_empty());
            }
        }
    }
}
