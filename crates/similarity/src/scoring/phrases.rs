//! Turns of phrase, found in a sentence with some room between their words.

use crate::words::split;

/// Words that may stand where a phrase has a `*`.
const ROOM: usize = 5;

/// What contractions stand for; any other word that ends in `n't` is its beginning and `not`.
const CONTRACTIONS: [(&str, &str); 18] = [
    ("i'm", "i am"),
    ("im", "i am"),
    ("i've", "i have"),
    ("we're", "we are"),
    ("we've", "we have"),
    ("that's", "that is"),
    ("it's", "it is"),
    ("there's", "there is"),
    ("here's", "here is"),
    ("can't", "can not"),
    ("cant", "can not"),
    ("cannot", "can not"),
    ("won't", "will not"),
    ("dont", "do not"),
    ("doesnt", "does not"),
    ("didnt", "did not"),
    ("isnt", "is not"),
    ("couldnt", "could not"),
];

/// The words of a sentence in lower case, contractions in full.
pub fn in_full(sentence: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in split(sentence) {
        let full = CONTRACTIONS.iter().find(|(short, _)| *short == word).map(|(_, full)| *full);
        match (full, word.strip_suffix("n't")) {
            (Some(full), _) => words.extend(full.split(' ').map(str::to_owned)),
            (None, Some(beginning)) => words.extend([beginning.to_owned(), "not".to_owned()]),
            (None, None) => words.push(word),
        }
    }
    words
}

/// Whether the words hold a phrase: words in a row, `a|b` for either, `*` for up to [`ROOM`] others.
pub fn holds(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    (0..words.len()).any(|at| begins(&words[at..], &phrase))
}

fn begins(words: &[String], phrase: &[&str]) -> bool {
    match phrase {
        [] => true,
        ["*", rest @ ..] => (0..=ROOM.min(words.len())).any(|skipped| begins(&words[skipped..], rest)),
        [first, rest @ ..] => {
            words.first().is_some_and(|word| first.split('|').any(|other| other == word))
                && begins(&words[1..], rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contractions_are_written_out() {
        assert_eq!(
            in_full("I’m sorry, I can't; it wasn't there.").join(" "),
            "i am sorry i can not it was not there"
        );
    }

    #[test]
    fn a_phrase_has_choices_and_room() {
        let holds = |text: &str| holds(&in_full(text), "i do|can not * help|know");
        assert!(holds("Sorry, I don't know.") && holds("I can't really be of help"));
        assert!(
            !holds("You do not know")
                && !holds("I can help")
                && !holds("I do not, after all of this long time, know")
        );
    }
}
