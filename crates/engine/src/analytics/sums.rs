//! What the counts of interactions that are alike add up to. Pure.

use crate::{Error, Result};
use domain::{Day, Kind, ProblemCode, Serve};
use serde::Serialize;
use std::collections::BTreeMap;
use storage::StoreError;
use storage::evaluations::EvaluationRow;
use storage::interactions::{ActedRow, CountRow};
use utoipa::ToSchema;

/// Interactions, by what was decided of them. Steps are counted by themselves: nothing is decided of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InteractionCounts {
    /// Responses.
    pub responses: i64,
    /// Steps.
    pub steps: i64,
    /// Responses that were blocked.
    pub blocked: i64,
    /// Responses that went to the experts.
    pub escalated: i64,
    /// Responses that were blocked or escalated.
    pub bad: i64,
    /// Of these: the user received the response all the same.
    pub bad_served: i64,
    /// What the users were to receive.
    pub served: ServedCounts,
}

/// What the users were to receive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServedCounts {
    /// The AI's response.
    pub response: i64,
    /// An expert's answer.
    pub expert_answer: i64,
    /// A fallback.
    pub fallback: i64,
}

/// The interactions of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCounts {
    /// Which day.
    pub day: Day,
    /// Its interactions.
    #[serde(flatten)]
    pub interactions: InteractionCounts,
}

/// How many interactions failed an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvaluationCounts {
    /// The evaluation's key.
    pub key: String,
    /// Its name now; null where the project has it no more.
    pub name: Option<String>,
    /// Interactions that failed it.
    pub failing: i64,
}

/// Bad responses with one main problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemCounts {
    /// The problem; `other` where none was named.
    pub problem: ProblemCode,
    /// Responses that were blocked or escalated.
    pub bad: i64,
    /// Of these: the user received the response all the same.
    pub bad_served: i64,
}

/// What the remediations of one kind did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ActedCounts {
    /// Interactions on which one of them acted.
    pub interactions: i64,
    /// How many of them acted.
    pub remediations: i64,
}

impl From<ActedRow> for ActedCounts {
    fn from(row: ActedRow) -> Self {
        Self { interactions: row.interactions, remediations: row.remediations }
    }
}

impl InteractionCounts {
    pub(super) fn sum<'a>(rows: impl IntoIterator<Item = &'a CountRow>) -> Result<Self> {
        let mut sum = Self::default();
        for row in rows {
            sum.add(row)?;
        }
        Ok(sum)
    }

    fn add(&mut self, row: &CountRow) -> Result<()> {
        if word::<Kind>("kind", &row.kind)? == Kind::Step {
            self.steps += row.count;
            return Ok(());
        }
        let serve = word("serve", &row.serve)?;
        let served = match serve {
            Serve::Response => &mut self.served.response,
            Serve::ExpertAnswer => &mut self.served.expert_answer,
            Serve::Fallback => &mut self.served.fallback,
        };
        *served += row.count;
        let count = |counts: bool| if counts { row.count } else { 0 };
        let bad = row.blocked || row.escalated;
        self.responses += row.count;
        self.blocked += count(row.blocked);
        self.escalated += count(row.escalated);
        self.bad += count(bad);
        self.bad_served += count(bad && serve == Serve::Response);
        Ok(())
    }
}

impl DayCounts {
    /// Every day from the first to the last, those without interactions too.
    pub(super) fn sum((first, last): (Day, Day), rows: &[CountRow]) -> Result<Vec<Self>> {
        let mut days: BTreeMap<i64, InteractionCounts> =
            (first.0..=last.0).map(|day| (day, InteractionCounts::default())).collect();
        for row in rows {
            days.entry(row.day).or_default().add(row)?;
        }
        Ok(days.into_iter().map(|(day, interactions)| Self { day: Day(day), interactions }).collect())
    }
}

impl EvaluationCounts {
    /// `failures`: lists of keys, as JSON, and how many interactions failed just these.
    pub(super) fn sum(evaluations: &[EvaluationRow], failures: &[(String, i64)]) -> Result<Vec<Self>> {
        let mut failing: BTreeMap<String, i64> = BTreeMap::new();
        for (keys, count) in failures {
            let keys: Vec<String> =
                serde_json::from_str(keys).map_err(|e| StoreError::unreadable("list of names", e))?;
            for key in keys {
                *failing.entry(key).or_default() += count;
            }
        }
        let mut evaluations: Vec<&EvaluationRow> = evaluations.iter().collect();
        evaluations.sort_by_key(|evaluation| (evaluation.priority, &evaluation.key));
        let known = evaluations.into_iter().map(|EvaluationRow { key, name, .. }| {
            let failing = failing.remove(key).unwrap_or(0);
            Self { key: key.clone(), name: Some(name.clone()), failing }
        });
        let mut sums: Vec<Self> = known.collect();
        sums.extend(failing.into_iter().map(|(key, failing)| Self { key, name: None, failing }));
        Ok(sums)
    }
}

impl ProblemCounts {
    pub(super) fn sum(rows: &[CountRow]) -> Result<Vec<Self>> {
        let mut problems: BTreeMap<ProblemCode, InteractionCounts> = BTreeMap::new();
        for row in rows {
            let problem =
                row.problem.as_deref().map_or(Ok(ProblemCode::Other), |code| word("problem", code))?;
            problems.entry(problem).or_default().add(row)?;
        }
        let of = |(problem, InteractionCounts { bad, bad_served, .. })| Self { problem, bad, bad_served };
        let mut sums: Vec<Self> = problems.into_iter().map(of).filter(|sum| sum.bad > 0).collect();
        sums.sort_by_key(|sum| (std::cmp::Reverse(sum.bad), sum.problem));
        Ok(sums)
    }
}

fn word<T: std::str::FromStr<Err: std::fmt::Display>>(what: &'static str, word: &str) -> Result<T> {
    word.parse().map_err(|e| Error::from(StoreError::unreadable(what, e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(decided: (bool, bool), serve: &str, problem: Option<&str>, (day, count): (i64, i64)) -> CountRow {
        CountRow {
            kind: "response".into(),
            blocked: decided.0,
            escalated: decided.1,
            serve: serve.into(),
            problem: problem.map(Into::into),
            day,
            count,
        }
    }

    fn rows() -> Vec<CountRow> {
        vec![
            row((false, false), "response", None, (3, 10)),
            row((true, true), "fallback", Some("hallucination"), (3, 4)),
            row((false, true), "response", Some("unhelpful"), (5, 7)),
            row((true, false), "expert_answer", None, (5, 1)),
            CountRow { kind: "step".into(), ..row((false, false), "response", None, (5, 2)) },
        ]
    }

    #[test]
    fn responses_are_counted_by_what_was_decided_and_steps_by_themselves() {
        let sum = InteractionCounts::sum(&rows()).unwrap();
        assert_eq!((sum.responses, sum.steps, sum.blocked, sum.escalated), (22, 2, 5, 11));
        assert_eq!((sum.bad, sum.bad_served), (12, 7));
        let served = ServedCounts { response: 17, expert_answer: 1, fallback: 4 };
        assert_eq!(sum.served, served);
        let problems = ProblemCounts::sum(&rows()).unwrap();
        let told: Vec<_> = problems.iter().map(|sum| (sum.problem, sum.bad, sum.bad_served)).collect();
        let expected =
            [(ProblemCode::Unhelpful, 7, 7), (ProblemCode::Hallucination, 4, 0), (ProblemCode::Other, 1, 0)];
        assert_eq!(told, expected);
    }

    #[test]
    fn every_day_is_told() {
        let days = DayCounts::sum((Day(2), Day(5)), &rows()).unwrap();
        let told: Vec<_> =
            days.iter().map(|day| (day.day.0, day.interactions.responses, day.interactions.steps)).collect();
        assert_eq!(told, [(2, 0, 0), (3, 14, 0), (4, 0, 0), (5, 8, 2)]);
    }

    #[test]
    fn an_unreadable_word_is_an_error() {
        let odd = CountRow { serve: "soup".into(), ..rows().remove(0) };
        assert!(InteractionCounts::sum(&[odd]).is_err());
        assert!(EvaluationCounts::sum(&[], &[("{".to_owned(), 1)]).is_err());
    }

    #[test]
    fn a_failure_counts_for_each_evaluation_that_failed() {
        let failures = [(r#"["b","a"]"#.to_owned(), 2), (r#"["a"]"#.to_owned(), 3)];
        let sums = EvaluationCounts::sum(&[], &failures).unwrap();
        let told: Vec<_> = sums.iter().map(|sum| (sum.key.as_str(), sum.failing)).collect();
        assert_eq!(told, [("a", 5), ("b", 2)]);
    }
}
