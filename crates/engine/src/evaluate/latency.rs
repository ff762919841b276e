//! How long decisions took, apart for what happens in them.

use super::intervals::rounded;
use serde::Serialize;
use similarity::answering::Decision;
use std::time::Duration;

/// Times of decisions, embedding included, one thread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// No answer was near: nothing but the embedding and the search.
    pub nothing_near: Quantiles,
    /// Something was near, and the verifier read it.
    pub verified: Quantiles,
    /// The query was a phrasing, word for word.
    pub word_for_word: Quantiles,
}

/// Of so many, in milliseconds; null when there were none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    /// How many.
    pub count: usize,
    /// Half took no longer.
    pub p50_ms: Option<f64>,
    /// Of a hundred, ninety-nine took no longer.
    pub p99_ms: Option<f64>,
}

/// The times, to be summed up.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    nothing_near: Vec<Duration>,
    verified: Vec<Duration>,
    word_for_word: Vec<Duration>,
}

impl Times {
    pub(super) fn add<K>(&mut self, decision: &Decision<K>, took: Duration) {
        let kind = match decision.candidates.first() {
            None => &mut self.nothing_near,
            Some(best) if best.exact => &mut self.word_for_word,
            Some(_) => &mut self.verified,
        };
        kind.push(took);
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.nothing_near.extend(&other.nothing_near);
        self.verified.extend(&other.verified);
        self.word_for_word.extend(&other.word_for_word);
    }

    pub(super) fn latency(&self) -> Latency {
        Latency {
            nothing_near: quantiles(&self.nothing_near),
            verified: quantiles(&self.verified),
            word_for_word: quantiles(&self.word_for_word),
        }
    }
}

fn quantiles(times: &[Duration]) -> Quantiles {
    let mut times = times.to_vec();
    times.sort_unstable();
    Quantiles { count: times.len(), p50_ms: nearest_rank(&times, 50), p99_ms: nearest_rank(&times, 99) }
}

/// The least time that `percent` of the ascending times do not exceed, milliseconds.
fn nearest_rank(times: &[Duration], percent: usize) -> Option<f64> {
    let rank = (times.len() * percent).div_ceil(100);
    let time = times.get(rank.checked_sub(1)?)?;
    Some(rounded(time.as_secs_f64() * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_taken() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        let of = quantiles(&times);
        assert_eq!((of.count, of.p50_ms, of.p99_ms), (200, Some(100.0), Some(198.0)));
        let one = quantiles(&[Duration::from_micros(1500)]);
        assert_eq!((one.p50_ms, one.p99_ms), (Some(1.5), Some(1.5)));
        assert_eq!(quantiles(&[]), Quantiles { count: 0, p50_ms: None, p99_ms: None });
    }
}
