//! Measures grouping: B-cubed F1 of joining the nearest centroid, in file order, against `metadata.intent`.
//!
//! `cargo run --release -p similarity --example grouping -- FILE.jsonl`

use serde_json::Value;
use similarity::grouping::{Centroids, Placement};
use similarity::{Embedding, Encoder};
use std::collections::HashMap;

struct Row {
    intent: String,
    failing: bool,
    embedding: Embedding,
}

fn main() {
    let file = std::env::args().nth(1).expect("usage: grouping FILE.jsonl");
    let encoder = Encoder::load();
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let rows: Vec<Row> = text.lines().map(|line| row(&encoder, line)).collect();
    let failing: Vec<&Row> = rows.iter().filter(|row| row.failing).collect();
    let all: Vec<&Row> = rows.iter().collect();
    println!(
        "width  failing ({}): precision recall F1 issues   all ({}): precision recall F1 issues",
        failing.len(),
        all.len()
    );
    for step in 11..=17u8 {
        let width = f32::from(step) * 0.05;
        println!("{width:.2}   {}   {}", score(&failing, width), score(&all, width));
    }
}

fn row(encoder: &Encoder, line: &str) -> Row {
    let value: Value = serde_json::from_str(line).expect("a line is JSON");
    let score = |name: &str| value["scores"][name].as_f64().unwrap_or(1.0);
    Row {
        intent: value["metadata"]["intent"].as_str().expect("every row has an intent").to_owned(),
        failing: score("trustworthiness") < 0.7 || score("response_helpfulness") < 0.23,
        embedding: encoder.embed(value["query"].as_str().expect("every row has a query")),
    }
}

/// B-cubed precision and recall: of the rows sharing a row's issue, how many share its intent, and the other way round.
fn score(rows: &[&Row], width: f32) -> String {
    let mut centroids = Centroids::default();
    let mut sizes: HashMap<usize, f64> = HashMap::new();
    let mut intents: HashMap<&str, f64> = HashMap::new();
    let mut shared: HashMap<(usize, &str), f64> = HashMap::new();
    for row in rows {
        let issue = match centroids.place(&row.embedding, width, None) {
            Placement::Join(issue, _) => issue,
            Placement::Open => centroids.len(),
        };
        centroids.add(issue, &row.embedding);
        *sizes.entry(issue).or_default() += 1.0;
        *intents.entry(&row.intent).or_default() += 1.0;
        *shared.entry((issue, &row.intent)).or_default() += 1.0;
    }
    let mean = |of: &dyn Fn(usize, &str) -> f64| {
        shared.iter().map(|(&(issue, intent), n)| n * n / of(issue, intent)).sum::<f64>() / rows.len() as f64
    };
    let precision = mean(&|issue, _| sizes[&issue]);
    let recall = mean(&|_, intent| intents[intent]);
    let f1 = 2.0 * precision * recall / (precision + recall);
    format!("{precision:.3} {recall:.3} {f1:.3} {:4}", centroids.len())
}
