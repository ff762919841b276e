//! Compares the tokenizer with the reference one on the texts that `model/reference_tokens.py` wrote down.
//!
//! `cargo run --release -p similarity --example tokens -- FILE.jsonl`; fails when one text differs.

use similarity::Encoder;
use std::io::{BufRead, BufReader};
use std::process::ExitCode;

fn main() -> ExitCode {
    let file = std::env::args().nth(1).expect("usage: tokens FILE.jsonl");
    let lines = BufReader::new(std::fs::File::open(file).expect("the file can be read")).lines();
    let encoder = Encoder::load();
    let (mut texts, mut different) = (0, 0);
    for line in lines {
        let line: serde_json::Value =
            serde_json::from_str(&line.expect("the file can be read")).expect("a line is JSON");
        let text = line["text"].as_str().expect("a line has a text");
        let expected: Vec<u64> = line["ids"]
            .as_array()
            .expect("a line has ids")
            .iter()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        let found: Vec<u64> = encoder.tokens(text).into_iter().map(u64::from).collect();
        texts += 1;
        if found != expected {
            different += 1;
            if different <= 20 {
                println!("{text:?}: {found:?}, expected {expected:?}");
            }
        }
    }
    println!("{texts} texts, {different} differ");
    ExitCode::from(u8::from(different > 0))
}
