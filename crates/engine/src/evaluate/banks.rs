//! Sparse banks: a few intents answered, all others asked about as well. What is drawn follows from the seed alone.

use super::dice::Dice;
use super::readers::{IntentSet, Labelled};
use std::collections::BTreeMap;
use std::fmt;

/// How banks are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Intents answered in each bank; empty: 10, 30 and seven tenths of all, as far as there are more intents.
    pub answered: Vec<usize>,
    /// Questions of each answer; the first is the expert's own question, the others confirmed phrasings.
    pub phrasings: usize,
    /// Questions the project was asked before.
    pub traffic: usize,
    /// Questions that arrive in each draw; all if none.
    pub queries: Option<usize>,
    /// Draws of each bank.
    pub draws: u64,
    /// Where chance begins.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { answered: Vec::new(), phrasings: 3, traffic: 5000, queries: None, draws: 3, seed: 1 }
    }
}

/// The data have too few questions for a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooFew {
    answered: usize,
    phrasings: usize,
    eligible: usize,
}

impl fmt::Display for TooFew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answered, phrasings, eligible } = self;
        write!(
            f,
            "a bank of {answered} answered intents with {phrasings} phrasings each cannot be drawn: \
             {eligible} intents have so many questions in the train split"
        )
    }
}

/// What an arriving question is, to a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth<'a> {
    /// Of this intent.
    Intent(&'a str),
    /// Of none.
    OutOfScope,
}

/// A bank, and what arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draw<'a> {
    /// The answered intents.
    pub(super) intents: Vec<&'a str>,
    /// Their questions, in the same order.
    pub(super) phrasings: Vec<Vec<&'a str>>,
    /// What the project was asked before.
    pub(super) past: Vec<&'a str>,
    /// What arrives.
    pub(super) queries: Vec<(&'a str, Truth<'a>)>,
}

impl Plan {
    /// The banks' sizes for these data.
    pub(super) fn sizes(&self, set: &IntentSet) -> Vec<usize> {
        if !self.answered.is_empty() {
            return self.answered.clone();
        }
        let all = by_intent(&set.train).len();
        let most = (all * 7 / 10).max(1);
        let mut sizes: Vec<usize> = [10, 30].into_iter().filter(|&size| size < most).collect();
        sizes.push(most);
        sizes
    }

    /// Draws one bank of `answered` intents.
    ///
    /// # Errors
    /// Too few intents have questions enough.
    pub(super) fn draw<'a>(
        &self,
        set: &'a IntentSet,
        answered: usize,
        draw: u64,
    ) -> Result<Draw<'a>, TooFew> {
        let mut dice = Dice::new(&[self.seed, draw, answered as u64]);
        let questions = by_intent(&set.train);
        let eligible: Vec<(&str, Vec<&str>)> =
            questions.into_iter().filter(|(_, questions)| questions.len() >= self.phrasings).collect();
        if eligible.len() < answered {
            return Err(TooFew { answered, phrasings: self.phrasings, eligible: eligible.len() });
        }
        let chosen = dice.sample(&eligible, answered);
        let intents = chosen.iter().map(|(intent, _)| *intent).collect();
        let phrasings: Vec<Vec<&str>> =
            chosen.iter().map(|(_, questions)| dice.sample(questions, self.phrasings)).collect();
        let others: Vec<&str> = set.train.iter().map(|row| row.text.as_str()).collect();
        let mut past = dice.sample(&others, self.traffic);
        past.retain(|question| !phrasings.iter().flatten().any(|phrasing| phrasing == question));
        let mut queries = arriving(set);
        if let Some(most) = self.queries {
            queries = dice.sample(&queries, most);
        }
        Ok(Draw { intents, phrasings, past, queries })
    }
}

fn by_intent(rows: &[Labelled]) -> BTreeMap<&str, Vec<&str>> {
    let mut questions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        questions.entry(&row.intent).or_default().push(&row.text);
    }
    questions
}

fn arriving(set: &IntentSet) -> Vec<(&str, Truth<'_>)> {
    let within = set.test.iter().map(|row| (row.text.as_str(), Truth::Intent(&row.intent)));
    let out_of_scope = set.out_of_scope.iter().map(|text| (text.as_str(), Truth::OutOfScope));
    within.chain(out_of_scope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(intents: usize) -> IntentSet {
        let rows = |split: &str, each: usize| {
            let row = |intent: usize, at: usize| Labelled {
                text: format!("{split} {intent} {at}"),
                intent: format!("intent {intent}"),
            };
            (0..intents).flat_map(|intent| (0..each).map(move |at| row(intent, at))).collect()
        };
        IntentSet {
            name: "made".into(),
            train: rows("train", 5),
            test: rows("test", 2),
            out_of_scope: vec!["else".into()],
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_bank() {
        let (set, plan) = (set(40), Plan { traffic: 60, ..Plan::default() });
        let drawn = plan.draw(&set, 10, 0).unwrap();
        assert_eq!(drawn, plan.draw(&set, 10, 0).unwrap());
        assert_ne!(drawn.intents, plan.draw(&set, 10, 1).unwrap().intents);
        assert_ne!(drawn.intents, Plan { seed: 2, ..plan }.draw(&set, 10, 0).unwrap().intents);
    }

    #[test]
    fn answers_come_from_train_and_everything_arrives() {
        let set = set(40);
        let drawn = Plan { traffic: 1000, ..Plan::default() }.draw(&set, 10, 0).unwrap();
        assert_eq!((drawn.intents.len(), drawn.phrasings.len()), (10, 10));
        for (intent, phrasings) in drawn.intents.iter().zip(&drawn.phrasings) {
            let of = intent.replace("intent", "train");
            assert!(phrasings.len() == 3 && phrasings.iter().all(|text| text.starts_with(&format!("{of} "))));
        }
        assert_eq!(drawn.past.len(), 200 - 30, "the bank's own phrasings are not past traffic");
        assert_eq!(drawn.queries.len(), 81);
        assert_eq!(drawn.queries[80], ("else", Truth::OutOfScope));
        let some = Plan { queries: Some(7), ..Plan::default() }.draw(&set, 10, 0).unwrap();
        assert_eq!(some.queries.len(), 7);
    }

    #[test]
    fn sizes_fit_the_data() {
        for (intents, sizes) in
            [(77, vec![10, 30, 53]), (150, vec![10, 30, 105]), (20, vec![10, 14]), (4, vec![2])]
        {
            assert_eq!(Plan::default().sizes(&set(intents)), sizes);
        }
        assert_eq!(Plan { answered: vec![3], ..Plan::default() }.sizes(&set(77)), [3]);
    }

    #[test]
    fn too_few_questions_are_told() {
        let plan = Plan { phrasings: 6, ..Plan::default() };
        let error = plan.draw(&set(40), 10, 0).unwrap_err().to_string();
        assert!(
            error.contains("10 answered intents with 6 phrasings") && error.contains("0 intents"),
            "{error}"
        );
    }
}
