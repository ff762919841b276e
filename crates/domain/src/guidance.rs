//! Guidance: what an expert explained, as advice to the AI. How it comes to its words.

use crate::words::words;

words! {
    /// Whether a language model words the advice.
    Wording {
        /// Nobody asked for it, or no model is configured: the words are an expert's.
        None = "none",
        /// It is under way; until it is done the words are the expert's.
        Pending = "pending",
        /// The model's words are a version of it.
        Done = "done",
        /// It did not work out: the words stay the expert's.
        Failed = "failed",
    }
}

words! {
    /// Whose words a version of guidance is.
    WrittenBy {
        /// An expert's.
        Expert = "expert",
        /// A model's, made from what an expert explained.
        Model = "model",
    }
}

/// How advice begins: with the situation it is for.
const OPENING: &str = "If ";
/// Bytes of advice from a model at the most: more is an essay, and it goes into every prompt it applies to.
pub const ADVICE_BYTES: usize = 2_000;
/// Bytes between the opening and the end at the least: "If so, do." tells nothing.
const SHORTEST: usize = 20;

/// Why a model's words are not advice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdvice {
    /// It does not say for which situation it is.
    #[error("the model's words do not begin with \"If \"")]
    NoCondition,
    /// It is more than one paragraph.
    #[error("the model wrote more than one paragraph")]
    Paragraphs,
    /// It is too short to say anything.
    #[error("the model's words are too few to be advice")]
    TooShort,
    /// It is longer than [`ADVICE_BYTES`].
    #[error("the model wrote more than {ADVICE_BYTES} bytes")]
    TooLong,
    /// It has a number that is not in what it was made from: it would advise something else.
    #[error("the model's words have the number {0}, which the expert did not give")]
    StrangeNumber(String),
    /// It holds a NUL, which PostgreSQL refuses.
    #[error("the model's words hold a NUL character")]
    Nul,
}

/// A model's words, if they are advice: one paragraph that begins with the situation it is for. White space and quotation marks around
/// them are taken away, line breaks within them become spaces. `made_from`: the texts that its numbers must be in.
pub fn advice(words: &str, made_from: &[&str]) -> Result<String, NotAdvice> {
    let words = unquoted(words.trim());
    if words.is_empty() {
        return Err(NotAdvice::TooShort);
    }
    if words.contains('\0') {
        return Err(NotAdvice::Nul);
    }
    let lines: Vec<&str> = words.lines().map(str::trim).collect();
    if lines.iter().any(|line| line.is_empty()) {
        return Err(NotAdvice::Paragraphs);
    }
    let words = lines.join(" ");
    let known = |number: &&str| made_from.iter().any(|text| numbers(text).any(|other| other == *number));
    if let Some(strange) = numbers(&words).find(|number| !known(number)) {
        return Err(NotAdvice::StrangeNumber(strange.to_owned()));
    }
    match words.strip_prefix(OPENING) {
        None => Err(NotAdvice::NoCondition),
        Some(_) if words.len() > ADVICE_BYTES => Err(NotAdvice::TooLong),
        Some(rest) if rest.len() < SHORTEST => Err(NotAdvice::TooShort),
        Some(_) => Ok(words),
    }
}

/// The runs of digits in a text.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty())
}

/// Without the one pair of quotation marks around all of it.
fn unquoted(words: &str) -> &str {
    [('"', '"'), ('“', '”'), ('\'', '\'')]
        .into_iter()
        .find_map(|(open, close)| words.strip_prefix(open)?.strip_suffix(close))
        .map_or(words, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVICE: &str = "If a customer asks about returns, say that they have 30 days.";
    const MADE_FROM: [&str; 2] = ["Returns: 30 days, not 90!", "how long?"];

    fn advice(words: &str) -> Result<String, NotAdvice> {
        super::advice(words, &MADE_FROM)
    }

    #[test]
    fn advice_is_one_paragraph_that_begins_with_its_situation() {
        assert_eq!(advice(ADVICE).as_deref(), Ok(ADVICE));
        assert_eq!(advice(&format!("\n \"{ADVICE}\"  ")).as_deref(), Ok(ADVICE));
        let broken = "If a customer asks about returns,\n  say that they have 30 days.";
        assert_eq!(advice(broken).as_deref(), Ok(ADVICE), "a line break is no paragraph");
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (words, reason) in [
            ("", NotAdvice::TooShort),
            ("If so, do.", NotAdvice::TooShort),
            ("Sure! If a customer asks about returns, say 30 days.", NotAdvice::NoCondition),
            ("Iffy questions about returns need 30 days.", NotAdvice::NoCondition),
            ("If a customer asks about returns, say 30 days.\n\nI hope this helps.", NotAdvice::Paragraphs),
            ("If a customer asks about returns, say 45 days.", NotAdvice::StrangeNumber("45".into())),
            ("If a customer asks about re\0turns, say 30 days.", NotAdvice::Nul),
        ] {
            assert_eq!(advice(words), Err(reason), "{words}");
        }
        assert_eq!(advice(&format!("If {}", "a ".repeat(ADVICE_BYTES))), Err(NotAdvice::TooLong));
    }
}
