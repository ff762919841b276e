//! Questions, made of [`crate::words`]: the same number makes the same question on every machine, two numbers make two.

use crate::words::{AROUND, FORMS, NOUNS, RELATIONS, VERBS, list};

/// Ways to ask that an answer's question and its phrasings use; the others are its users'.
pub const PHRASINGS: usize = 6;

/// Consecutive numbers are this far apart, so that neighbours have no word in common. A prime greater than every list is long has no
/// divisor in common with their product, so no two numbers below that make the same question.
const STRIDE: u128 = (1 << 61) - 1;

/// Makes questions.
pub struct Texts {
    nouns: Vec<&'static str>,
    verbs: Vec<&'static str>,
    relations: Vec<&'static str>,
    length: Length,
}

/// How long questions are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// A dozen words, as people ask: the training questions of BANKING77 have 12 on average, those of CLINC150 8.
    AsAsked,
    /// Two dozen: enough to make a hundred thousand questions that have little in common.
    Long,
}

impl Texts {
    /// Questions of this length.
    pub fn new(length: Length) -> Self {
        let [nouns, verbs, relations] = [NOUNS, VERBS, RELATIONS].map(list);
        Self { nouns, verbs, relations, length }
    }

    /// What question `number` is about.
    pub fn task(&self, number: u64) -> String {
        const ONE: &[&str] = &[""];
        let nouns = &self.nouns[..];
        let fourth = if self.length == Length::Long { nouns } else { ONE };
        let lists = [nouns, nouns, nouns, fourth, &self.verbs, &self.relations];
        let all: u128 = lists.iter().map(|words| words.len() as u128).product();
        let mut rest = u128::from(number) * STRIDE % all;
        let [first, second, third, fourth, verb, relation] = lists.map(|words| {
            let word = words[(rest % words.len() as u128) as usize];
            rest /= words.len() as u128;
            word
        });
        match self.length {
            Length::AsAsked => format!("{verb} the {first} and {second} {relation} {third}"),
            Length::Long => format!("{verb} the {first} and the {second} {relation} {third} and a {fourth}"),
        }
    }

    /// Question `number`, asked in one of the ways of [`FORMS`], of which there are always enough.
    pub fn question(&self, number: u64, form: usize) -> String {
        FORMS[form % FORMS.len()].replace('#', &self.task(number))
    }

    /// Question `number` as one of its users asks it: in another way than its phrasings, with other words around it for each `variant` below 32.
    pub fn asked_by_a_user(&self, number: u64, variant: u64) -> String {
        let ways = (FORMS.len() - PHRASINGS) as u64;
        let around = AROUND[(variant / ways) as usize % AROUND.len()];
        around.replace('#', &self.question(number, PHRASINGS + (variant % ways) as usize))
    }

    /// A response to question `number`, of about 300 characters.
    pub fn response(&self, number: u64) -> String {
        let task = self.task(number);
        format!(
            "To {task}, begin with the form on our website and choose the day that suits you. We confirm it within {} hours. On the \
             day itself somebody calls you half an hour before. Nothing has to be paid in advance; what it costs stands in the \
             confirmation, and you can cancel until the evening before.",
            number % 47 + 2
        )
    }

    /// What the AI was given to answer question `number`, of about 500 characters.
    pub fn context(&self, number: u64) -> String {
        format!(
            "{} Appointments are confirmed within {} hours and can be cancelled until the evening before. Prices stand in the \
             confirmation. Advance payment is never asked for. Our people call thirty minutes before they arrive. What customers of \
             branch {} say of it is collected once a quarter and published. Accessibility: all branches have lifts, and the forms can be \
             read by screen readers in nine languages. Complaints go to the branch first and then to the ombudsman.",
            self.response(number),
            number % 47 + 2,
            number % 211
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn two_numbers_never_make_the_same_question() {
        for length in [Length::AsAsked, Length::Long] {
            let texts = Texts::new(length);
            let distinct: HashSet<String> = (0..200_000).map(|number| texts.task(number)).collect();
            assert_eq!(distinct.len(), 200_000);
        }
        for words in [NOUNS, VERBS, RELATIONS].map(list) {
            assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len(), "{words:?}");
            assert!((words.len() as u128) < STRIDE);
        }
    }

    #[test]
    fn every_way_to_ask_asks_the_same() {
        let texts = Texts::new(Length::AsAsked);
        let asked: HashSet<String> = (0..FORMS.len()).map(|form| texts.question(7, form)).collect();
        assert_eq!(asked.len(), FORMS.len());
        assert!(asked.iter().all(|question| question.contains(&texts.task(7))));
        let of_users: HashSet<String> = (0..32).map(|variant| texts.asked_by_a_user(7, variant)).collect();
        assert_eq!(of_users.len(), 32);
        assert!((0..PHRASINGS).all(|form| !of_users.contains(&texts.question(7, form))));
    }
}
