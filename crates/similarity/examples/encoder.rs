//! Times the encoder on 2,000 queries, and the exact scan over 10,000 phrasings.
//!
//! `cargo run --release -p similarity --example encoder -- FILE.jsonl`

use similarity::answering::PhrasingIndex;
use similarity::{Encoder, Quantized};
use std::time::{Duration, Instant};

fn main() {
    let file = std::env::args().nth(1).expect("usage: encoder FILE.jsonl");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let queries: Vec<String> = text.lines().take(2000).map(query).collect();
    let start = Instant::now();
    let encoder = Encoder::load();
    println!("load {:?}", start.elapsed());
    let embeddings: Vec<_> = queries.iter().map(|query| encoder.embed(query)).collect();
    report("embed", &queries, |query| {
        std::hint::black_box(encoder.embed(query));
    });
    let long = queries[..40].join(" ");
    report("embed_long, 500 tokens", &[long], |text| {
        std::hint::black_box(encoder.embed_long(text));
    });
    let mut index = PhrasingIndex::default();
    for key in 0..10_000 {
        let from = key % queries.len();
        index.insert(key, key % 1000, &queries[from], &Quantized::of(&embeddings[from]));
    }
    report("nearest 5 of 10,000", &embeddings, |embedding| {
        std::hint::black_box(index.nearest(embedding, 5, None));
    });
}

fn query(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
    value["query"].as_str().expect("every row has a query").to_owned()
}

fn report<T>(name: &str, inputs: &[T], work: impl Fn(&T)) {
    let mut times: Vec<Duration> = inputs
        .iter()
        .map(|input| {
            let start = Instant::now();
            work(input);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{name}: p50 {:?}, p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100]);
}
