//! A text as the words that matter when two questions are compared.

use crate::hash::Fast;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

/// The words of a list, to be looked up.
type Words = LazyLock<HashSet<&'static str, BuildHasherDefault<Fast>>>;

/// Words that carry no subject: articles, pronouns, auxiliaries, prepositions, question words, politeness.
const STOP: &str = " a an the is are was were be been being am do does did done doing have has had having i you he she \
    it we they me my mine your yours our ours us their them his her its this that these those of to in on at for from \
    by with as into onto and or but if then so than too very can could will would should shall may might must need \
    needs needed want wants wanted wish like get gets getting got there here just also again still already now please \
    pls plz thanks thank hi hello hey dear kindly sorry help know tell say let see about how what when where who whom \
    whose which why some any im ive id ill its whats hows wheres theres thats dont cant doesnt didnt isnt wasnt havent \
    hasnt wont s t m ve d ll re able possible currently right really actually exactly anyway ok okay well go going love most least ";

/// Words that turn a statement around; also anything ending in `n't`.
const NEGATIONS: &str = " no not non never none nor neither cannot cant dont doesnt didnt isnt arent wasnt werent wont \
    wouldnt shouldnt couldnt havent hasnt hadnt without unable nothing nobody nowhere aint impossible ";

static STOP_WORDS: Words = LazyLock::new(|| STOP.split_whitespace().collect());
static NEGATION_WORDS: Words = LazyLock::new(|| NEGATIONS.split_whitespace().collect());

/// The words of a text in lower case.
pub fn split(text: &str) -> Vec<String> {
    written(text).iter().map(|word| word.to_lowercase()).collect()
}

/// The words of a text as they were written: letters, digits, apostrophes within (`can't`), points and commas within
/// numbers.
pub fn written(text: &str) -> Vec<String> {
    let plain = text.replace(['’', '‘'], "'");
    let characters: Vec<char> = plain.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map_or(' ', |at| characters[at]);
        let after = characters.get(at + 1).copied().unwrap_or(' ');
        let joins = (c == '\'' && before.is_alphabetic() && after.is_alphabetic())
            || (matches!(c, '.' | ',') && before.is_ascii_digit() && after.is_ascii_digit());
        if c.is_alphanumeric() || joins {
            word.push(c);
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if matches!(c, '$' | '€' | '£' | '%' | '¥') {
                words.push(c.to_string());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a word is in a list written with a space around each word.
pub fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|other| other == word)
}

/// Whether a word carries no subject.
pub fn is_stop(word: &str) -> bool {
    STOP_WORDS.contains(word) || word.split_once('\'').is_some_and(|(stem, _)| STOP_WORDS.contains(stem))
}

/// Whether a word negates.
pub fn is_negation(word: &str) -> bool {
    word.ends_with("n't") || NEGATION_WORDS.contains(word)
}

/// The words that carry the subject, as stems, in order; negations are not among them.
pub fn content(text: &str) -> Vec<String> {
    content_as_written(text).into_iter().map(|(stem, _)| stem).collect()
}

/// The same stems, each with its word as it was written.
pub fn content_as_written(text: &str) -> Vec<(String, String)> {
    let words = written(text).into_iter().map(|word| (word.to_lowercase(), word));
    let kept = words.filter(|(lower, _)| !is_stop(lower) && !is_negation(lower));
    kept.map(|(lower, word)| (stem(&lower).to_owned(), word)).collect()
}

/// Takes an English ending off, so that `cards`, `charged` and `charging` meet `card` and `charg`.
pub fn stem(word: &str) -> &str {
    let word = word.strip_suffix("'s").unwrap_or(word);
    for ending in ["ings", "ing", "ies", "ied", "ed", "es", "s", "e", "y"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
            && !(ending == "s" && rest.ends_with('s'))
        {
            return undouble(rest);
        }
    }
    word
}

/// `stopp` to `stop`, as before `-ing` and `-ed`.
fn undouble(stem: &str) -> &str {
    let mut ends = stem.chars().rev();
    match (ends.next(), ends.next()) {
        (Some(last), Some(before)) if last == before && "bdgmnprt".contains(last) && stem.len() > 3 => {
            &stem[..stem.len() - last.len_utf8()]
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_apostrophes_and_decimals() {
        assert_eq!(split("Can’t I pay $2.50, or 1,000?"), ["can't", "i", "pay", "$", "2.50", "or", "1,000"]);
        assert_eq!(split("top-up 'now'"), ["top", "up", "now"]);
    }

    #[test]
    fn a_word_can_be_told_as_it_was_written() {
        assert_eq!(written("Is my VISA’s PIN 1,000?"), ["Is", "my", "VISA's", "PIN", "1,000"]);
        let content = content_as_written("Which Warranties cover batteries?");
        let content: Vec<_> = content.iter().map(|(stem, word)| (stem.as_str(), word.as_str())).collect();
        assert_eq!(content, [("warrant", "Warranties"), ("cover", "cover"), ("batter", "batteries")]);
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for words in
            [["cards", "card"], ["charged", "charging"], ["stopped", "stops"], ["verify", "verified"]]
        {
            assert_eq!(stem(words[0]), stem(words[1]));
        }
        assert_ne!(stem("pass"), stem("pas"));
    }

    #[test]
    fn content_leaves_politeness_and_question_words_out() {
        assert_eq!(content("Hi, could you please tell me why my card isn't working?"), ["card", "work"]);
    }
}
