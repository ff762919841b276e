//! Decides for queries against a bank of answers, and prints what was looked at: the data the answer's score is fitted on.
//!
//! `cargo run --release -p similarity --example banks -- FILE.tsv`: lines `P owner text` (phrasings; the first of an owner
//! is the expert's own question), `T text` (past queries), `Q truth text` (queries; the truth is an owner, or `-`).
//! Prints for each query and candidate: truth, owner, whether served, score, question's score, phrasing's score,
//! similarity, margin, traffic margin, exact, query, phrasing.

use similarity::answering::{Bank, Calibration, PhrasingIndex, Thresholds, Traffic, decide};
use similarity::{Encoder, Quantized};
use std::collections::HashMap;

fn main() {
    let file = std::env::args().nth(1).expect("usage: banks FILE.tsv");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let encoder = Encoder::load();
    let mut owners: HashMap<&str, u32> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    let (mut index, mut texts, mut past) = (PhrasingIndex::default(), Vec::new(), Vec::new());
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[..] {
            ["P", owner, text] => {
                let first = !owners.contains_key(owner);
                let number = *owners.entry(owner).or_insert_with(|| {
                    names.push(owner);
                    names.len() as u32 - 1
                });
                let key = texts.len() as u32;
                texts.push(text);
                index.insert(key, number, text, &Quantized::of(&encoder.embed(text)));
                if first {
                    index.mark_question(key);
                }
            }
            ["T", text] => past.push(encoder.embed(text)),
            _ => {}
        }
    }
    let traffic = Traffic::of(past);
    let thresholds = Thresholds::of(Calibration::default(), 0.99, 0.95);
    let bank = Bank::new(&index, &traffic, thresholds);
    for line in text.lines().filter(|line| line.starts_with("Q\t")) {
        let fields: Vec<&str> = line.split('\t').collect();
        let decision = decide(bank, encoder.verifier(), fields[2], &encoder.embed(fields[2]));
        for hit in &decision.candidates {
            let number =
                |value: Option<f32>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.5}"));
            println!(
                "{}\t{}\t{}\t{:.5}\t{}\t{:.5}\t{:.5}\t{}\t{}\t{}\t{}\t{}",
                fields[1],
                names[hit.owner as usize],
                u8::from(decision.served.as_ref().is_some_and(|served| served.owner == hit.owner)),
                hit.score,
                number(hit.question_score),
                hit.phrasing_score,
                hit.similarity,
                number(hit.margin),
                number(hit.traffic_margin),
                u8::from(hit.exact),
                fields[2],
                texts[hit.phrasing as usize],
            );
        }
    }
}
