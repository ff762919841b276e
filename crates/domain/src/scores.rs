//! The scores and thresholds a request brings.

use std::collections::BTreeMap;

use crate::evaluation::{Evaluation, check_unit};
use crate::invalid::{Faults, FieldCode, Invalid, pointer_to};
use crate::text::{NAME_BYTES, SCORES_COUNT, check_required_text};

/// Reads scores: numbers from 0 to 1 by key; null is as good as absent. A key that no evaluation has is
/// accepted: it is recorded with the others, and judged once there is an evaluation for it. Pointers are
/// relative to the scores.
pub fn check_scores(given: &BTreeMap<String, Option<f64>>) -> Result<BTreeMap<String, f64>, Invalid> {
    check_numbers(given).finish()?;
    Ok(present(given))
}

/// Reads a request's own thresholds: numbers from 0 to 1; null leaves the project's. Each must name an
/// evaluation of the project: a mistyped key would silently let through what it should stop. Pointers are
/// relative to the thresholds.
pub fn check_thresholds(
    given: &BTreeMap<String, Option<f64>>,
    evaluations: &[Evaluation],
) -> Result<BTreeMap<String, f64>, Invalid> {
    let mut faults = check_numbers(given);
    for key in given.keys() {
        if !evaluations.iter().any(|evaluation| evaluation.key == *key) {
            faults.add(pointer_to("", key), FieldCode::Unknown, "the project has no evaluation of this key");
        }
    }
    faults.finish()?;
    Ok(present(given))
}

fn check_numbers(given: &BTreeMap<String, Option<f64>>) -> Faults {
    let mut faults = Faults::new();
    if given.len() > SCORES_COUNT {
        faults.add("", FieldCode::TooMany, format!("at most {SCORES_COUNT} are allowed"));
    }
    for (key, number) in given {
        let pointer = pointer_to("", key);
        check_required_text(&pointer, key, NAME_BYTES, &mut faults);
        if let Some(number) = number {
            check_unit(pointer, *number, &mut faults);
        }
    }
    faults
}

fn present(given: &BTreeMap<String, Option<f64>>) -> BTreeMap<String, f64> {
    given.iter().filter_map(|(key, number)| Some((key.clone(), (*number)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(entries: &[(&str, Option<f64>)]) -> BTreeMap<String, Option<f64>> {
        entries.iter().map(|(key, number)| ((*key).to_owned(), *number)).collect()
    }

    #[test]
    fn unknown_scores_are_kept_and_unknown_thresholds_refused() {
        let numbers = given(&[("mine", Some(0.5)), ("trustworthiness", None)]);
        assert_eq!(check_scores(&numbers).unwrap(), BTreeMap::from([("mine".to_owned(), 0.5)]));
        let invalid = check_thresholds(&numbers, &crate::evaluation::defaults()).unwrap_err();
        assert_eq!((invalid.errors[0].pointer.as_str(), invalid.errors.len()), ("/mine", 1));
    }

    #[test]
    fn numbers_outside_0_to_1_are_refused() {
        for number in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(check_scores(&given(&[("a/b", Some(number))])).unwrap_err().errors[0].pointer == "/a~1b");
        }
    }
}
