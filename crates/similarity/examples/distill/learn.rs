//! Learning the rows, by gradient descent (Adam) on the rows that a batch touches.
//!
//! Wanted of the static vectors x of a batch, with y the encoder's vectors along the axes, h halfway between x and y, and
//! G the encoder's cosines between the batch's texts: x·y near 1; x·h' near G, which is how a search compares a query
//! with a known text; and x·x' near G. Loss = mean(1 − x·y) + λ (mean (x·h' − G)² + mean (x·x' − G)² / 2), h taken as given.

use crate::axes::along;
use crate::maths::{add, dot, normalise};
use crate::teacher::{Teacher, Text};
use crate::{COLUMNS, FIRST, VOCABULARY};

const EPOCHS: usize = 4;
const BATCH: usize = 192;
const RATE: f32 = 2e-3;
/// The λ of the loss.
const AGREEMENT: f32 = 40.0;
/// The a of the starting rows.
const RARE: f32 = 1e-4;

/// Each entry's own vector along the axes, less their mean, times a / (a + p), with p its frequency by Zipf's law from its
/// rank in the vocabulary (smooth inverse frequency: Arora, Liang and Ma 2017).
pub fn starting_rows(entries: &[Vec<f32>], axes: &[Vec<f32>]) -> Vec<f32> {
    let mut rows: Vec<f32> =
        entries.iter().flat_map(|entry| axes.iter().map(|axis| dot(axis, entry))).collect();
    let mut mean = [0f32; COLUMNS];
    for row in rows.chunks_exact(COLUMNS) {
        add(&mut mean, 1.0 / VOCABULARY as f32, row);
    }
    let total: f32 = (1..=VOCABULARY).map(|rank| 1.0 / rank as f32).sum();
    for (row, rank) in rows.chunks_exact_mut(COLUMNS).zip(1..) {
        let weight = RARE / (RARE + 1.0 / (rank as f32 * total));
        for (value, mean) in row.iter_mut().zip(mean) {
            *value = (*value - mean) * weight;
        }
    }
    rows[..FIRST * COLUMNS].fill(0.0);
    rows
}

/// The rows after learning.
pub fn learn(rows: Vec<f32>, teacher: &Teacher, axes: &[Vec<f32>]) -> Vec<f32> {
    let targets: Vec<Vec<f32>> = teacher.texts.iter().map(|text| along(axes, &text.vector)).collect();
    let mut order: Vec<usize> = (0..teacher.texts.len()).collect();
    let mut descent = Descent { first: vec![0.0; rows.len()], second: vec![0.0; rows.len()], rows, step: 0 };
    let steps = order.len() / BATCH * EPOCHS;
    for epoch in 0..EPOCHS {
        shuffle(&mut order, epoch as u64);
        let mut agreed = 0.0;
        for chosen in order.chunks_exact(BATCH) {
            let warm = ((descent.step + 1) as f32 / 50.0).min(1.0);
            let rate = RATE * warm * (1.0 - descent.step as f32 / steps as f32);
            let texts: Vec<&Text> = chosen.iter().map(|&at| &teacher.texts[at]).collect();
            let wanted: Vec<&[f32]> = chosen.iter().map(|&at| targets[at].as_slice()).collect();
            agreed += descent.descend(&texts, &wanted, rate);
        }
        println!("epoch {}: cosine to the teacher {:.4}", epoch + 1, agreed / (order.len() / BATCH) as f32);
    }
    descent.rows
}

/// The rows, and the running moments of their gradients.
struct Descent {
    rows: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    step: usize,
}

impl Descent {
    /// One step; returns the mean cosine to the teacher before it.
    fn descend(&mut self, texts: &[&Text], wanted: &[&[f32]], rate: f32) -> f32 {
        let mut found: Vec<Vec<f32>> = texts.iter().map(|text| self.sum(text)).collect();
        let lengths: Vec<f32> = found.iter_mut().map(|vector| normalise(vector)).collect();
        let gradients = gradients(texts, &found, wanted);
        let mut touched: Vec<(usize, usize)> = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            touched.extend(text.tokens.iter().map(|&token| (token, at)));
        }
        touched.sort_unstable();
        // Through the scaling to unit length: what points along the vector changes nothing.
        let through: Vec<Vec<f32>> = gradients
            .into_iter()
            .zip(&found)
            .zip(&lengths)
            .map(|((mut gradient, vector), length)| {
                let along = dot(&gradient, vector);
                add(&mut gradient, -along, vector);
                for value in &mut gradient {
                    *value /= length;
                }
                gradient
            })
            .collect();
        self.step += 1;
        for uses in touched.chunk_by(|a, b| a.0 == b.0) {
            let mut gradient = [0f32; COLUMNS];
            for &(_, at) in uses {
                add(&mut gradient, 1.0, &through[at]);
            }
            self.adam(uses[0].0, &gradient, rate);
        }
        found.iter().zip(wanted).map(|(found, wanted)| dot(found, wanted)).sum::<f32>() / texts.len() as f32
    }

    fn sum(&self, text: &Text) -> Vec<f32> {
        let mut sum = vec![0.0; COLUMNS];
        for token in &text.tokens {
            add(&mut sum, 1.0, &self.rows[token * COLUMNS..][..COLUMNS]);
        }
        sum
    }

    /// Kingma and Ba 2015, on one row.
    fn adam(&mut self, token: usize, gradient: &[f32], rate: f32) {
        let (fade, fade_square) = (0.9f32, 0.999f32);
        let steps = self.step as i32;
        let rate = rate * (1.0 - fade_square.powi(steps)).sqrt() / (1.0 - fade.powi(steps));
        let place = token * COLUMNS..(token + 1) * COLUMNS;
        let moments = self.first[place.clone()].iter_mut().zip(&mut self.second[place.clone()]);
        for ((value, (first, second)), gradient) in self.rows[place].iter_mut().zip(moments).zip(gradient) {
            *first = fade * *first + (1.0 - fade) * gradient;
            *second = fade_square * *second + (1.0 - fade_square) * gradient * gradient;
            *value -= rate * *first / (second.sqrt() + 1e-8);
        }
    }
}

/// The loss's gradient at each static vector.
fn gradients(texts: &[&Text], found: &[Vec<f32>], wanted: &[&[f32]]) -> Vec<Vec<f32>> {
    let count = texts.len() as f32;
    let halfway: Vec<Vec<f32>> = found
        .iter()
        .zip(wanted)
        .map(|(found, wanted)| {
            let mut halfway = found.clone();
            add(&mut halfway, 1.0, wanted);
            normalise(&mut halfway);
            halfway
        })
        .collect();
    let factor = 2.0 * AGREEMENT / (count * count);
    let mut gradients: Vec<Vec<f32>> =
        wanted.iter().map(|wanted| wanted.iter().map(|v| -v / count).collect()).collect();
    for (at, gradient) in gradients.iter_mut().enumerate() {
        for other in 0..texts.len() {
            let cosine = dot(&texts[at].vector, &texts[other].vector);
            add(gradient, factor * (dot(&found[at], &halfway[other]) - cosine), &halfway[other]);
            add(gradient, factor * (dot(&found[at], &found[other]) - cosine), &found[other]);
        }
    }
    gradients
}

/// Fisher and Yates, with a generator of its own: the same order every time.
fn shuffle(order: &mut [usize], seed: u64) {
    let mut state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, (state % (at as u64 + 1)) as usize);
    }
}
