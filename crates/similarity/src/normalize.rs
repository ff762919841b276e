//! The form in which two texts are the exact same question.

use unicode_normalization::UnicodeNormalization;

const QUOTES: &[char] = &['"', '\'', '“', '”', '„', '‘', '’', '«', '»', '`'];
const ENDS: &[char] = &['?', '!', '.', '…'];

/// NFKC, lower case, white space collapsed, typographic apostrophes made plain, surrounding quotes and the closing
/// `?`, `!` and `.` taken off. Words, numbers and signs within the text stay: two texts of the same form differ in nothing
/// a reader would answer differently.
pub fn exact(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let plain = folded.replace(['’', '‘'], "'");
    let spaced = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = spaced.trim_matches(|c: char| QUOTES.contains(&c) || c.is_whitespace());
    let bare = bare.trim_end_matches(|c: char| ENDS.contains(&c) || QUOTES.contains(&c) || c.is_whitespace());
    if bare.is_empty() { spaced } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_space_quotes_and_closing_marks_do_not_count() {
        for text in
            ["How do I pay?", " how  do i\tPAY ?!", "“How do I pay?”", "'how do I pay.'", "Ｈow do I pay…"]
        {
            assert_eq!(exact(text), "how do i pay", "{text}");
        }
        assert_eq!(exact("I can’t pay"), exact("i can't pay!"));
    }

    #[test]
    fn words_numbers_and_negations_count() {
        for (a, b) in [
            ("Is 2.5 enough?", "Is 25 enough?"),
            ("I can pay", "I can't pay"),
            ("pay 5", "pay -5"),
            ("pay 5 %", "pay 5"),
            ("why pay", "how pay"),
            ("?", "!"),
        ] {
            assert_ne!(exact(a), exact(b));
        }
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(text in any::<String>()) {
            prop_assert_eq!(exact(&exact(&text)), exact(&text));
        }
    }
}
