//! Comparing one vector with many. Nothing generic here, so that it is compiled once, optimised, whoever calls.

use crate::embedding::{Embedding, Quantized};
use crate::encoder::DIMENSION;
use crate::network::dot;
use crate::simd::Path;

/// The cosine to each of many unit vectors that lie one after the other.
pub fn cosines(query: &Embedding, directions: &[f32]) -> Vec<f32> {
    Path::detect().run(|| {
        let directions = directions.as_chunks::<DIMENSION>().0;
        directions.iter().map(|direction| dot(query.as_slice(), direction)).collect()
    })
}

/// The indices of the `count` nearest of many quantised vectors, best first, with their cosines.
///
/// All are compared in bytes; the four times `count` best of them again with the query in floats, which leaves only the
/// rounding of the stored vector. Equal cosines keep their order. `keep`: by index, which of them count at all.
pub fn nearest(
    query: &Embedding,
    values: &[i8],
    scales: &[f32],
    count: usize,
    keep: Option<&dyn Fn(usize) -> bool>,
) -> Vec<(usize, f32)> {
    let Quantized { scale, values: bytes } = Quantized::of(query);
    let path = Path::detect();
    let vectors = values.as_chunks::<DIMENSION>().0;
    let coarse =
        vectors.iter().zip(scales).map(|(vector, other)| path.dot(&bytes, vector) as f32 * scale * other);
    let coarse = coarse.enumerate().collect();
    let coarse = match keep {
        Some(keep) => best_kept(coarse, count * 4, keep),
        None => best(coarse, count * 4),
    };
    let mut fine: Vec<(usize, f32)> = coarse
        .into_iter()
        .map(|(index, _)| (index, mixed_dot(query, &vectors[index]) * scales[index]))
        .collect();
    fine.sort_unstable_by(order);
    fine.truncate(count);
    fine
}

fn best(mut found: Vec<(usize, f32)>, count: usize) -> Vec<(usize, f32)> {
    if found.len() > count {
        found.select_nth_unstable_by(count, order);
        found.truncate(count);
    }
    found
}

/// As [`best`], of those that are kept. Few are asked about: in most projects nearly all are kept.
fn best_kept(mut found: Vec<(usize, f32)>, count: usize, keep: &dyn Fn(usize) -> bool) -> Vec<(usize, f32)> {
    let mut looked_at = count;
    loop {
        if looked_at < found.len() {
            found.select_nth_unstable_by(looked_at, order);
        }
        let nearer = &found[..looked_at.min(found.len())];
        let kept: Vec<_> = nearer.iter().copied().filter(|(index, _)| keep(*index)).collect();
        if kept.len() >= count || nearer.len() == found.len() {
            return best(kept, count);
        }
        looked_at = looked_at.saturating_mul(8);
    }
}

fn order(a: &(usize, f32), b: &(usize, f32)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

fn mixed_dot(query: &Embedding, vector: &[i8; DIMENSION]) -> f32 {
    dot(query.as_slice(), &vector.map(f32::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::tests::any_embedding;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn the_nearest_come_first(
            query in any_embedding(), others in proptest::collection::vec(any_embedding(), 1..40),
        ) {
            let quantised: Vec<Quantized> = others.iter().map(Quantized::of).collect();
            let values: Vec<i8> = quantised.iter().flat_map(|q| q.values.clone()).collect();
            let scales: Vec<f32> = quantised.iter().map(|q| q.scale).collect();
            let found = nearest(&query, &values, &scales, 5, None);
            prop_assert_eq!(found.len(), others.len().min(5));
            let best = others.iter().map(|other| other.cosine(&query)).max_by(f32::total_cmp).unwrap();
            prop_assert!((found[0].1 - best).abs() < 1e-3);
            prop_assert!(found.is_sorted_by(|a, b| a.1 >= b.1));
        }

        #[test]
        fn what_is_not_kept_counts_for_nothing(
            query in any_embedding(), others in proptest::collection::vec(any_embedding(), 1..60), gone in 1usize..7,
        ) {
            let quantised: Vec<Quantized> = others.iter().map(Quantized::of).collect();
            let values: Vec<i8> = quantised.iter().flat_map(|q| q.values.clone()).collect();
            let scales: Vec<f32> = quantised.iter().map(|q| q.scale).collect();
            let keep = |index: usize| index.is_multiple_of(gone);
            let found = nearest(&query, &values, &scales, 2, Some(&keep));
            let mut all = nearest(&query, &values, &scales, others.len(), None);
            all.retain(|(index, _)| keep(*index));
            all.truncate(2);
            prop_assert_eq!(found, all);
        }
    }
}
