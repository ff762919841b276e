//! The form in which two texts are the exact same question.

use unicode_normalization::UnicodeNormalization;

const QUOTES: &[char] =
    &['"', '\'', '“', '”', '„', '‘', '’', '‚', '«', '»', '‹', '›', '「', '」', '『', '』', '`'];
/// Open a question or an exclamation in Spanish.
const OPENS: &[char] = &['¿', '¡'];
/// Close a sentence; the Greek question mark is a semicolon.
const ENDS: &[char] = &['?', '!', '.', '…', ';', '。', '؟', '۔', '।', '॥', '։', '።', '፧'];

/// NFKC, lower case, white space collapsed, typographic apostrophes made plain, surrounding quotes and the marks that
/// open or close a sentence taken off. Words, numbers and signs within the text stay: two texts of the same form differ in
/// nothing a reader would answer differently.
pub fn exact(text: &str) -> String {
    if text.is_ascii() {
        return bare(&text.to_ascii_lowercase());
    }
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    // The last letter of a word in capitals does not say that it is the last.
    bare(&folded.replace(['’', '‘'], "'").replace('ς', "σ"))
}

/// White space collapsed, the marks around taken off.
fn bare(plain: &str) -> String {
    let spaced = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let around = |marks: &[char], c: char| marks.contains(&c) || QUOTES.contains(&c) || c.is_whitespace();
    let bare = spaced.trim_start_matches(|c| around(OPENS, c)).trim_end_matches(|c| around(ENDS, c));
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
    fn marks_of_other_languages_do_not_count_either() {
        for (a, b) in [
            ("¿Dónde está mi paquete?", "dónde está mi paquete"),
            ("返品できますか？", "「返品できますか。」"),
            ("أين طردي؟", "أين طردي"),
            ("मेरा पार्सल कहाँ है।", "मेरा पार्सल कहाँ है?"),
            ("Πού είναι ο φάκελος;", "ΠΟΎ ΕΊΝΑΙ Ο ΦΆΚΕΛΟΣ"),
        ] {
            assert_eq!(exact(a), exact(b));
        }
        assert_ne!(exact("返品できますか"), exact("返品できません"));
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
        fn what_is_ascii_has_the_form_that_it_has_among_others(text in "[ -~\t\n\x0b\x1c]*") {
            let among_ascii = exact(&format!("x{text}x"));
            let inside = among_ascii.strip_prefix('x').and_then(|rest| rest.strip_suffix('x'));
            prop_assert_eq!(Some(exact(&format!("å{text}å"))), inside.map(|inside| format!("å{inside}å")));
        }

        #[test]
        fn the_form_of_a_form_is_itself(text in any::<String>()) {
            prop_assert_eq!(exact(&exact(&text)), exact(&text));
        }
    }
}
