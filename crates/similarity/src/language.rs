//! Which language a text is in, as far as can be told, and whether the embedding model reads it.
//!
//! Questions are short, and n-gram statistics are a lottery on three words. So what is asked first is whether the text is
//! English, by its small words and by whether the model's vocabulary knows the others; statistics only name what is not.
//! A text stays English unless there is more against that than for it.

mod function_words;
mod tags;
mod weigh;

use tags::{KNOWN, lang_of, tag_of};
use weigh::{Weight, weigh};
use whatlang::{Detector, Script};

/// The language the built-in model reads.
pub const MODEL_LANGUAGE: &str = "en";
/// The tag of a language that cannot be named.
pub const UNDETERMINED: &str = "und";

/// How a language was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// By the script the text is written in; its name.
    Script(String),
    /// By these small words.
    Words(Vec<String>),
    /// By the frequency of groups of letters: no word is English.
    Letters,
    /// The model knows none of the words.
    UnknownWords,
    /// There is too little to tell: it is taken for the model's language.
    Nothing,
}

/// A language, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// Its primary BCP-47 tag.
    pub tag: &'static str,
    /// Whether it could be told.
    pub certain: bool,
    /// By what.
    pub evidence: Evidence,
}

impl Detected {
    /// Whether the built-in model reads the text; if not, its vectors mean nothing.
    pub fn is_read_by_the_model(&self) -> bool {
        self.tag == MODEL_LANGUAGE
    }

    /// The evidence in a sentence.
    pub fn reason(&self) -> String {
        match &self.evidence {
            Evidence::Script(script) => format!("It is written in {script} script."),
            Evidence::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
                format!("Its small words are those of `{}`: {}.", self.tag, words.join(", "))
            }
            Evidence::Letters => {
                "Too many of its words are not English; the frequency of its letters names the language."
                    .to_owned()
            }
            Evidence::UnknownWords => "None of its words is known to the model.".to_owned(),
            Evidence::Nothing => format!("There is too little to tell: it is taken for `{}`.", self.tag),
        }
    }

    fn nothing() -> Self {
        Self { tag: MODEL_LANGUAGE, certain: false, evidence: Evidence::Nothing }
    }
}

/// Whether texts in the language of this primary tag can be told.
pub fn is_known(tag: &str) -> bool {
    lang_of(tag).is_some()
}

/// The tags of all languages that can be told, in alphabetical order.
pub fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(tag, _)| *tag)
}

/// Tells the language of a text. The same text is always the same language.
pub fn detect(text: &str) -> Detected {
    match foreign_script(text) {
        Some(script) => by_script(text, script),
        None => by_words(text),
    }
}

/// The script of the text, if it is another than Latin.
fn foreign_script(text: &str) -> Option<Script> {
    let (mut latin, mut other) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        match c {
            'a'..='z'
            | 'A'..='Z'
            | '\u{c0}'..='\u{24f}'
            | '\u{1e00}'..='\u{1eff}'
            | '\u{ff21}'..='\u{ff5a}' => latin += 1,
            // One character is a syllable or a word.
            '\u{e00}'..='\u{eff}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{3040}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}' => other += 2,
            _ => other += 1,
        }
    }
    if other <= latin {
        return None;
    }
    whatlang::detect_script(&text.chars().filter(|c| !c.is_ascii()).collect::<String>())
}

fn by_script(text: &str, script: Script) -> Detected {
    let own: String = text.chars().filter(|c| !c.is_ascii_alphabetic()).collect();
    let by_words = weigh(text).foreign.filter(|found| found.weight >= 1.0);
    let named = by_words.map(|found| found.tag);
    let tag = named.or_else(|| by_letters_of_script(&own, script)).or_else(|| {
        let info = whatlang::detect(&own)?;
        (info.script() == script).then(|| tag_of(info.lang()))
    });
    Detected {
        tag: tag.unwrap_or(UNDETERMINED),
        certain: true,
        evidence: Evidence::Script(script.name().to_owned()),
    }
}

/// The letters that one language of a script has and its neighbours do not.
fn by_letters_of_script(text: &str, script: Script) -> Option<&'static str> {
    let has = |letters: &str| text.chars().any(|c| letters.contains(c));
    match script {
        Script::Arabic if has("ٹڈڑےںھ") => Some("ur"),
        Script::Arabic if has("پچژگ") => Some("fa"),
        Script::Arabic => Some("ar"),
        Script::Cyrillic if has("іїєґІЇЄҐ") && !has("ўЎы") => Some("uk"),
        Script::Cyrillic if has("ўЎі") => Some("be"),
        Script::Cyrillic if has("ыэёЫЭЁ") => Some("ru"),
        Script::Devanagari => Some("hi"),
        _ => None,
    }
}

fn by_words(text: &str) -> Detected {
    let Weight { english, unknown, words, foreign } = weigh(text);
    let small = foreign.as_ref().map_or(0.0, |found| found.weight);
    if let Some(found) = foreign
        && found.weight >= 1.0
        && found.weight + unknown.min(found.weight) > english
    {
        let tag =
            if found.rivals.is_empty() { found.tag } else { nearest_of(text, found.tag, &found.rivals) };
        return Detected { tag, certain: true, evidence: Evidence::Words(found.words) };
    }
    if english >= 1.0 && english >= small + unknown {
        return Detected { tag: MODEL_LANGUAGE, certain: true, evidence: Evidence::Words(words) };
    }
    if unknown >= MANY_UNKNOWN && unknown > english {
        return by_statistics(text);
    }
    if english == 0.0 && unknown >= TWO_UNKNOWN {
        return Detected { tag: UNDETERMINED, certain: false, evidence: Evidence::UnknownWords };
    }
    Detected::nothing()
}

/// From this weight on, words the model does not know speak against English by themselves: four of them.
const MANY_UNKNOWN: f32 = 1.4;
/// Two words the model does not know.
const TWO_UNKNOWN: f32 = 0.7;

/// Of languages whose small words are in the text equally often, the one its letters are most like.
fn nearest_of(text: &str, first: &'static str, rivals: &[&'static str]) -> &'static str {
    let tied = std::iter::once(first).chain(rivals.iter().copied()).filter_map(lang_of).collect();
    let found = Detector::with_allowlist(tied).detect_lang(text).map(tag_of);
    found.filter(|tag| *tag == first || rivals.contains(tag)).unwrap_or(first)
}

fn by_statistics(text: &str) -> Detected {
    let info = whatlang::detect(text).filter(|info| tag_of(info.lang()) != MODEL_LANGUAGE);
    match info {
        Some(info) => {
            let (tag, certain) = (tag_of(info.lang()), info.is_reliable());
            Detected { tag: if certain { tag } else { UNDETERMINED }, certain, evidence: Evidence::Letters }
        }
        None => Detected { tag: UNDETERMINED, certain: false, evidence: Evidence::UnknownWords },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sentences() -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = include_str!("../tests/data/languages.tsv").lines();
        lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
    }

    #[test]
    fn english_stays_english_with_slips_slang_and_foreign_names() {
        for (_, text) in sentences().filter(|(tag, _)| *tag == "en") {
            let found = detect(text);
            assert!(found.is_read_by_the_model(), "{text}: {found:?}");
        }
    }

    #[test]
    fn nearly_every_other_language_is_kept_from_the_model() {
        let others: Vec<_> = sentences().filter(|(tag, _)| *tag != "en").collect();
        let missed: Vec<_> = others.iter().filter(|(_, text)| detect(text).is_read_by_the_model()).collect();
        assert!(missed.len() * 20 <= others.len(), "{missed:?}");
        let named = others.iter().filter(|(tag, text)| detect(text).tag == *tag).count();
        assert!(named * 20 >= others.len() * 18, "{named} of {}", others.len());
    }

    #[test]
    fn where_there_is_nothing_to_tell_it_is_taken_for_english() {
        for text in ["", " ", "?!", "42", "😀 👍", "E-17", "\u{200b}", "ok", "reset"] {
            let found = detect(text);
            assert!(found.is_read_by_the_model(), "{text}: {found:?}");
        }
    }

    #[test]
    fn words_that_no_model_knows_are_of_no_language() {
        let found = detect("Kontoauszug herunterladen");
        assert_eq!(
            (found.tag, found.certain, found.evidence.clone()),
            ("und", false, Evidence::UnknownWords)
        );
        assert!(!found.is_read_by_the_model());
    }

    #[test]
    fn the_evidence_is_told() {
        assert_eq!(
            detect("Wo ist mein Paket?").reason(),
            "Its small words are those of `de`: “wo”, “ist”, “mein”."
        );
        assert_eq!(detect("Где моя посылка?").reason(), "It is written in Cyrillic script.");
    }

    #[test]
    fn known_tags_are_in_order_and_can_be_tags() {
        let tags: Vec<_> = known().collect();
        assert!(
            tags.is_sorted()
                && tags.iter().all(|tag| tag.len() == 2 && tag.bytes().all(|byte| byte.is_ascii_lowercase()))
        );
        assert!(is_known("de") && !is_known("xx") && !is_known(UNDETERMINED));
    }

    proptest! {
        #[test]
        fn any_text_has_one_language(text in any::<String>()) {
            prop_assert_eq!(detect(&text), detect(&text));
        }

        #[test]
        fn any_mix_of_scripts_has_one_language(text in "[a-zäéжяあ中한ابहก '’0-9?]{0,40}") {
            prop_assert_eq!(detect(&text), detect(&text));
        }
    }
}
