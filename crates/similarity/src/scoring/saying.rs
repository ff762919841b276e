//! What a sentence of a response does: state something, decline to, send the user elsewhere, ask back.

use super::phrases::{holds, in_full};
use crate::reviewing::Sentence;

/// What one sentence does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// Says something about the matter.
    States,
    /// Says that it does not say it.
    Declines,
    /// Names somebody else to ask, and nothing more.
    SendsElsewhere,
    /// Asks the user something.
    AsksBack,
    /// Courtesy.
    Nothing,
}

/// Not knowing, not being able to help, not finding it in the sources.
const DECLINING: [&str; 20] = [
    "i do|did not know",
    "i am not sure|certain",
    "i do|did not * have|find|see * information|details|access|data|knowledge|answer|answers|record|records|enough|specifics",
    "i have|found|see no * information|details|idea|data|knowledge|record|records|way|answer",
    "i can|could|would|may|will not * help|assist|answer|find|provide|say|tell|give|comment|access|locate|determine|confirm|see|respond|comply|share|advise|discuss",
    "we can|could not * help|assist|answer",
    "i am|was not able * to",
    "i am|was unable * to",
    "unable to help|assist|answer|find|provide|locate|determine|say",
    "not something * i",
    "outside|beyond * what|scope|knowledge|abilities|expertise",
    "not * information|details available|about|regarding|on",
    "there is|are|was no * information|details|data|mention|answer",
    "no * information|details is|are|was|were|could * available|provided|found|given",
    "context|document|documents|information|text|source|sources|pages|page|article|articles|material|materials|passage * do|does|did not * contain|mention|include|say|state|provide|specify|cover|tell|answer|address",
    "is|are|was|were not * mentioned|stated|specified|provided|covered|included|described * context|document|documents|information|text|source|sources|pages|materials",
    "i am only|just * help|assist|answer",
    "i can only|just * help|assist|answer",
    "as an ai",
    "not * enough|sufficient information|details|context",
];

/// Somebody else to ask, with nothing that the user asked for.
const ELSEWHERE: [&str; 3] = [
    "contact|call|reach|email|ask|consult|visit|check|see|refer|speak|talk|write|message * support|service|team|website|site|webpage|desk|reception|doctor|professional|expert|specialist|provider|representative|agent|advisor|staff|documentation|manual|homepage",
    "support|service|services|team|website|office|desk|reception * can|will|would|could|may * tell|help|assist|answer|advise",
    "find|read|learn * on|at|in * website|site|homepage|page|documentation",
];

/// What a sentence does. English, by rule.
pub fn saying(sentence: &Sentence) -> Saying {
    let words = in_full(&sentence.text);
    let holds = |phrases: &[&str]| phrases.iter().any(|phrase| holds(&words, phrase));
    if holds(&DECLINING) {
        Saying::Declines
    } else if holds(&ELSEWHERE) {
        Saying::SendsElsewhere
    } else if !sentence.says_something {
        Saying::Nothing
    } else if sentence.text.trim_end().ends_with('?') {
        Saying::AsksBack
    } else {
        Saying::States
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reviewing::sentences;

    fn first(text: &str) -> Saying {
        saying(&sentences(text, usize::MAX).0[0])
    }

    #[test]
    fn refusals_and_not_knowing_decline() {
        for text in [
            "I'm sorry, but I cannot help with that.",
            "I don't have any information about lockers.",
            "There's no information on that.",
            "The documents do not say how long it takes.",
            "I am not able to answer questions about prices.",
            "As an AI, I have no opinion.",
            "Sorry, I couldn't find anything about it.",
        ] {
            assert_eq!(first(text), Saying::Declines, "{text}");
        }
    }

    #[test]
    fn a_no_with_its_cause_states() {
        for text in [
            "No, parcels cannot be sent back after a month.",
            "Sorry, dogs are not allowed.",
            "You can't pay in cash.",
            "We do not deliver to islands.",
            "Call 112 and wait beside the car.",
        ] {
            assert_eq!(first(text), Saying::States, "{text}");
        }
    }

    #[test]
    fn questions_courtesy_and_other_people_are_told_apart() {
        assert_eq!(first("Which model do you have?"), Saying::AsksBack);
        assert_eq!(first("Let me know if you need anything else!"), Saying::Nothing);
        assert_eq!(first("Please contact our support team."), Saying::SendsElsewhere);
        assert_eq!(first("You can read more about this on our website."), Saying::SendsElsewhere);
    }
}
