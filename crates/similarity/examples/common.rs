//! Writes the mean vector of the common questions, `model/common.f32`: what any two questions have in common.
//!
//! `cargo run --release -p similarity --example common -- crates/similarity/model`

use similarity::{DIMENSION, Encoder};
use std::path::PathBuf;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: common FOLDER"));
    let questions = std::fs::read_to_string(folder.join("common-questions.txt")).expect("the questions");
    let encoder = Encoder::load();
    let mut sum = [0.0f64; DIMENSION];
    for question in questions.lines() {
        for (sum, value) in sum.iter_mut().zip(encoder.embed(question).as_slice()) {
            *sum += f64::from(*value);
        }
    }
    let count = questions.lines().count() as f64;
    let bytes: Vec<u8> = sum.iter().flat_map(|sum| ((sum / count) as f32).to_le_bytes()).collect();
    std::fs::write(folder.join("common.f32"), bytes).expect("the file can be written");
}
