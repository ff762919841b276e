//! How often the response decision is right, on pairs that people labelled.

use super::Judgement;
use super::response::{BAD_RESPONSE, GOOD_RESPONSE, ReadResponse, same_response};
use crate::encoder::Encoder;
use std::collections::HashMap;

/// Two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// The columns of a file of pairs.
const COLUMNS: [&str; 8] = ["split", "trade", "kind", "good", "bad", "query", "reviewed", "response"];

/// A share of `of`, with its 95 % interval (Wilson 1927).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// Of how many.
    pub of: u32,
}

/// What came out for one judgement in one split.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// Good or Bad.
    pub judgement: Judgement,
    /// The least cosine that was used.
    pub threshold: f32,
    /// Of the pairs the review was applied to: those it does apply to.
    pub precision: Rate,
    /// Of the pairs it does apply to: those it was applied to.
    pub recall: Rate,
    /// Of the pairs it does not apply to: those it was applied to.
    pub wrongly: Rate,
    /// By kind of pair: the kind, how many were decided rightly.
    pub kinds: Vec<(String, Rate)>,
    /// The pairs that were decided wrongly: the line, whether it was applied, why not.
    pub wrong: Vec<(usize, bool, String)>,
}

/// The pairs of one split.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Its name.
    pub name: String,
    /// For Good, for Bad.
    pub evaluated: [Evaluated; 2],
}

/// A file of pairs that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub detail: String,
}

struct Pair<'a> {
    line: usize,
    split: &'a str,
    kind: &'a str,
    applies: [bool; 2],
    reviewed: &'a str,
    response: &'a str,
}

impl Rate {
    /// The share; none of nothing.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| f64::from(self.count) / f64::from(self.of))
    }

    /// The 95 % interval of the share.
    pub fn interval(self) -> Option<(f64, f64)> {
        let (p, n) = (self.share()?, f64::from(self.of));
        let centre = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        Some((((centre - half) / whole).max(0.0), ((centre + half) / whole).min(1.0)))
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some((share, (low, high))) = self.share().zip(self.interval()) else {
            return f.write_str("– (0/0)");
        };
        write!(f, "{share:.3} ({}/{}, {low:.3}–{high:.3})", self.count, self.of)
    }
}

/// Decides every pair of a file as it would be decided live, and compares with its labels. The file: tab-separated, a
/// header, `#` begins a comment; the query is taken for the same in both.
///
/// # Errors
/// A line that cannot be read.
pub fn evaluate(encoder: &Encoder, file: &str) -> Result<Vec<Split>, PairError> {
    let pairs = read(file)?;
    let mut known: HashMap<&str, ReadResponse> = HashMap::new();
    let mut decided: Vec<[(bool, String); 2]> = Vec::with_capacity(pairs.len());
    for pair in &pairs {
        let read = || ReadResponse::read(encoder, pair.reviewed, None);
        let reviewed = known.entry(pair.reviewed).or_insert_with(read);
        decided.push(decide(reviewed, &ReadResponse::read(encoder, pair.response, None)));
    }
    let mut names: Vec<&str> = Vec::new();
    for pair in &pairs {
        if !names.contains(&pair.split) {
            names.push(pair.split);
        }
    }
    let split = |name: &str| {
        let of = |which: usize| {
            let chosen = pairs.iter().zip(&decided).filter(|(pair, _)| pair.split == name);
            evaluated(which, chosen.map(|(pair, decided)| (pair, &decided[which])).collect())
        };
        Split { name: name.to_owned(), evaluated: [of(0), of(1)] }
    };
    Ok(names.into_iter().map(split).collect())
}

fn decide(reviewed: &ReadResponse, response: &ReadResponse) -> [(bool, String); 2] {
    [Judgement::Good, Judgement::Bad].map(|judgement| {
        let compared = same_response(judgement, reviewed, response);
        (compared.passes, format!("{:.3} {}", compared.similarity, compared.reasons.join("; ")))
    })
}

fn evaluated(which: usize, decided: Vec<(&Pair<'_>, &(bool, String))>) -> Evaluated {
    let count = |wanted: &dyn Fn(bool, bool) -> bool| {
        decided.iter().filter(|(pair, (applied, _))| wanted(pair.applies[which], *applied)).count() as u32
    };
    let rate = |of: &dyn Fn(bool, bool) -> bool, among: &dyn Fn(bool, bool) -> bool| Rate {
        count: count(&|is, applied| of(is, applied) && among(is, applied)),
        of: count(among),
    };
    let mut kinds: Vec<(String, Rate)> = Vec::new();
    for (pair, (applied, _)) in &decided {
        let known = kinds.iter().position(|(kind, _)| kind == pair.kind).unwrap_or_else(|| {
            kinds.push((pair.kind.to_owned(), Rate { count: 0, of: 0 }));
            kinds.len() - 1
        });
        kinds[known].1.of += 1;
        kinds[known].1.count += u32::from(*applied == pair.applies[which]);
    }
    let wrong = decided.iter().filter(|(pair, (applied, _))| *applied != pair.applies[which]);
    Evaluated {
        judgement: [Judgement::Good, Judgement::Bad][which],
        threshold: [GOOD_RESPONSE, BAD_RESPONSE][which],
        precision: rate(&|is, _| is, &|_, applied| applied),
        recall: rate(&|_, applied| applied, &|is, _| is),
        wrongly: rate(&|_, applied| applied, &|is, _| !is),
        kinds,
        wrong: wrong.map(|(pair, (applied, why))| (pair.line, *applied, why.clone())).collect(),
    }
}

fn read(file: &str) -> Result<Vec<Pair<'_>>, PairError> {
    let mut lines =
        file.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    let header = COLUMNS.join("\t");
    let error = |line: usize, detail: String| PairError { line, detail };
    match lines.next() {
        Some((_, line)) if line == header => {}
        first => {
            return Err(error(first.map_or(1, |(at, _)| at + 1), format!("the header must be `{header}`")));
        }
    }
    lines
        .map(|(at, line)| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [split, _, kind, good, bad, _, reviewed, response] = fields[..] else {
                let detail = format!("{} fields instead of {}", fields.len(), COLUMNS.len());
                return Err(error(at + 1, detail));
            };
            let label = |field: &str| match field {
                "1" => Ok(true),
                "0" => Ok(false),
                _ => Err(error(at + 1, format!("a label is 1 or 0, not `{field}`"))),
            };
            Ok(Pair { line: at + 1, split, kind, applies: [label(good)?, label(bad)?], reviewed, response })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &str = include_str!("../../tests/data/response_pairs.tsv");

    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = Rate { count: 1, of: 10 }.interval().unwrap();
        assert!((low - 0.0179).abs() < 5e-4 && (high - 0.4042).abs() < 5e-4, "{low} {high}");
        assert_eq!(Rate { count: 0, of: 0 }.to_string(), "– (0/0)");
        assert_eq!(Rate { count: 0, of: 20 }.to_string(), "0.000 (0/20, 0.000–0.161)");
    }

    #[test]
    fn a_file_that_cannot_be_read_says_where() {
        let encoder = Encoder::load();
        let header = COLUMNS.join("\t");
        let refused = |file: &str| evaluate(&encoder, file).unwrap_err().line;
        assert_eq!(refused("# nothing\n"), 1);
        assert_eq!(refused("split\tquery\n"), 1);
        assert_eq!(refused(&format!("# c\n{header}\n\na\tb\tc\t1\t0\tq\tr\n")), 4);
        assert_eq!(refused(&format!("{header}\na\tb\tc\tyes\t0\tq\tr\ts\n")), 2);
    }

    #[test]
    fn the_splits_share_no_response_and_reviews_are_decided_as_they_were_measured() {
        let pairs = read(PAIRS).unwrap();
        assert!(pairs.len() > 300);
        for pair in &pairs {
            assert!(pairs.iter().all(|other| other.split == pair.split || other.reviewed != pair.reviewed));
        }
        for Split { name, evaluated: [good, bad] } in evaluate(&Encoder::load(), PAIRS).unwrap() {
            let wrongly = |evaluated: &Evaluated| evaluated.wrongly.share().unwrap();
            let recall = |evaluated: &Evaluated| evaluated.recall.share().unwrap();
            assert!(wrongly(&good) <= 0.05 && recall(&good) >= 0.5, "{name}: {good:?}");
            assert!(wrongly(&bad) <= 0.15 && recall(&bad) >= 0.7, "{name}: {bad:?}");
        }
    }
}
