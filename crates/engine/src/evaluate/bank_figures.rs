//! What sparse banks did with what arrived, counted.

use super::banks::{Draw, Truth};
use super::evaluator::{Evaluator, OwnBank};
use super::intervals::{Share, rounded};
use super::latency::{Latency, Times};
use serde::Serialize;
use similarity::answering::{Decision, Hit, Thresholds, Verdict};

/// The banks of one data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BanksReport {
    /// The data.
    pub data: String,
    /// Intents in its train split.
    pub intents: usize,
    /// Questions of each answer.
    pub phrasings: usize,
    /// Past questions asked for.
    pub traffic: usize,
    /// The seed.
    pub seed: u64,
    /// Each draw of each bank, and then each bank's draws together.
    pub rows: Vec<BankRow>,
    /// All banks and draws together.
    pub pooled: BankFigures,
    /// Times of the decisions, of all banks together.
    pub latency: Latency,
    /// What was answered wrongly by the labels, worst last; to be read, since labels split hairs.
    pub wrong: Vec<BankWrong>,
}

/// A bank's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BankRow {
    /// Intents answered.
    pub answered: usize,
    /// Which draw, from 1; null: all of them together.
    pub draw: Option<u64>,
    /// What came of it.
    pub figures: BankFigures,
}

/// What came of what arrived. An answer is right when the query has its intent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BankFigures {
    /// Of the queries whose intent is answered: got that answer.
    pub recall: Share,
    /// Of all that was answered: rightly.
    pub precision: Share,
    /// Of the queries whose intent is answered: got another answer.
    pub answerable_wrong: Share,
    /// Of the queries whose intent is not answered: got an answer, which is wrong.
    pub unanswerable_answered: Share,
    /// Of the queries that belong to no intent: got an answer, which is wrong.
    pub out_of_scope_answered: Share,
    /// Of what was only suggested to an expert: the first suggestion is right.
    pub suggested_right: Share,
}

/// A wrong answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BankWrong {
    /// Intents answered in the bank.
    pub answered: usize,
    /// The draw, from 1.
    pub draw: u64,
    /// What arrived.
    pub query: String,
    /// Its intent; null: none.
    pub intent: Option<String>,
    /// The phrasing that won.
    pub phrasing: String,
    /// The intent of the answer that was served.
    pub answer: String,
    /// The decision's score, 0 to 1.
    pub score: f64,
    /// The cosine of query and phrasing.
    pub similarity: f64,
}

/// Counts of one or more banks.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    answerable: u64,
    right: u64,
    answerable_wrong: u64,
    unanswerable: u64,
    unanswerable_answered: u64,
    out_of_scope: u64,
    out_of_scope_answered: u64,
    suggested: u64,
    suggested_right: u64,
    pub(super) times: Times,
}

impl Tally {
    fn add(&mut self, draw: &Draw<'_>, truth: Truth<'_>, decision: &Decision<u32>) {
        let right = |hit: &Hit<u32>| truth == Truth::Intent(draw.intents[hit.owner as usize]);
        let served = decision.served.as_ref();
        let answered = u64::from(served.is_some());
        match truth {
            Truth::Intent(intent) if draw.intents.contains(&intent) => {
                self.answerable += 1;
                self.right += u64::from(served.is_some_and(right));
                self.answerable_wrong += u64::from(served.is_some_and(|hit| !right(hit)));
            }
            Truth::Intent(_) => {
                self.unanswerable += 1;
                self.unanswerable_answered += answered;
            }
            Truth::OutOfScope => {
                self.out_of_scope += 1;
                self.out_of_scope_answered += answered;
            }
        }
        let suggested = decision.candidates.first().filter(|hit| hit.verdict == Verdict::Suggest);
        self.suggested += u64::from(suggested.is_some());
        self.suggested_right += u64::from(suggested.is_some_and(right));
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.answerable += other.answerable;
        self.right += other.right;
        self.answerable_wrong += other.answerable_wrong;
        self.unanswerable += other.unanswerable;
        self.unanswerable_answered += other.unanswerable_answered;
        self.out_of_scope += other.out_of_scope;
        self.out_of_scope_answered += other.out_of_scope_answered;
        self.suggested += other.suggested;
        self.suggested_right += other.suggested_right;
        self.times.append(&other.times);
    }

    pub(super) fn figures(&self) -> BankFigures {
        let wrong = self.answerable_wrong + self.unanswerable_answered + self.out_of_scope_answered;
        BankFigures {
            recall: Share::new(self.right, self.answerable),
            precision: Share::new(self.right, self.right + wrong),
            answerable_wrong: Share::new(self.answerable_wrong, self.answerable),
            unanswerable_answered: Share::new(self.unanswerable_answered, self.unanswerable),
            out_of_scope_answered: Share::new(self.out_of_scope_answered, self.out_of_scope),
            suggested_right: Share::new(self.suggested_right, self.suggested),
        }
    }
}

/// Decides for everything that arrives in a draw (the `number`th, from 1).
pub(super) fn measure(
    evaluator: &mut Evaluator,
    thresholds: Thresholds,
    draw: &Draw<'_>,
    number: u64,
    wrong: &mut Vec<BankWrong>,
) -> Tally {
    let bank = evaluator.bank(&draw.phrasings, &draw.past);
    let mut tally = Tally::default();
    for &(query, truth) in &draw.queries {
        let (decision, took) = evaluator.decide(&bank, thresholds, query);
        tally.times.add(&decision, took);
        tally.add(draw, truth, &decision);
        let served = decision.served.as_ref();
        wrong.extend(served.and_then(|hit| mistake(draw, &bank, number, query, truth, hit)));
    }
    tally
}

fn mistake(
    draw: &Draw<'_>,
    bank: &OwnBank<'_>,
    number: u64,
    query: &str,
    truth: Truth<'_>,
    hit: &Hit<u32>,
) -> Option<BankWrong> {
    let answer = draw.intents[hit.owner as usize];
    let intent = match truth {
        Truth::Intent(intent) if intent == answer => return None,
        Truth::Intent(intent) => Some(intent.to_owned()),
        Truth::OutOfScope => None,
    };
    Some(BankWrong {
        answered: draw.intents.len(),
        draw: number,
        query: query.to_owned(),
        intent,
        phrasing: bank.phrasing(hit.phrasing).to_owned(),
        answer: answer.to_owned(),
        score: rounded(f64::from(hit.score)),
        similarity: rounded(f64::from(hit.similarity)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw<'a>(queries: Vec<(&'a str, Truth<'a>)>) -> Draw<'a> {
        Draw {
            intents: vec!["open", "limits"],
            phrasings: vec![vec!["How do I open an account?"], vec!["What are the limits of my card?"]],
            past: Vec::new(),
            queries,
        }
    }

    #[test]
    fn what_arrives_is_counted_by_what_it_is() {
        let mut evaluator = Evaluator::new(|| std::time::Duration::ZERO);
        let arriving = vec![
            ("how do I open an account", Truth::Intent("open")),
            ("what are the limits of my card", Truth::Intent("open")),
            ("what are the limits of my card!", Truth::Intent("fees")),
            ("How do I open an account", Truth::OutOfScope),
            ("Is there life on Mars, or on Venus?", Truth::OutOfScope),
            ("Where can I see the northern lights?", Truth::Intent("limits")),
        ];
        let mut wrong = Vec::new();
        let thresholds = Thresholds { serve: 0.9, suggest: 0.5 };
        let tally = measure(&mut evaluator, thresholds, &draw(arriving), 2, &mut wrong);
        let figures = tally.figures();
        let counts = |share: Share| (share.count, share.of);
        assert_eq!(counts(figures.recall), (1, 3));
        assert_eq!(counts(figures.precision), (1, 4));
        assert_eq!(counts(figures.answerable_wrong), (1, 3));
        assert_eq!(counts(figures.unanswerable_answered), (1, 1));
        assert_eq!(counts(figures.out_of_scope_answered), (1, 2));
        let latency = tally.times.latency();
        assert_eq!((latency.word_for_word.count, latency.nothing_near.count), (4, 2));
        let told: Vec<_> =
            wrong.iter().map(|one| (one.intent.as_deref(), one.answer.as_str(), one.draw)).collect();
        assert_eq!(told, [(Some("open"), "limits", 2), (Some("fees"), "limits", 2), (None, "open", 2)]);
        let mut twice = tally.clone();
        twice.append(&tally);
        assert_eq!(counts(twice.figures().precision), (2, 8));
    }
}
