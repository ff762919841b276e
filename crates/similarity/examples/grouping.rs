//! Measures grouping: B-cubed F1 (Bagga and Baldwin, 1998) of joining and merging, every question in file order and in a few random orders.
//!
//! `cargo run --release -p similarity --example grouping -- FILE [SPLIT]`
//!
//! FILE: CLINC150's `data_full.json` with a SPLIT (`test`, `val`, `train`, or `train/3`: every third of each intent), BANKING77's `test.csv` or
//! `train.csv`, or lines of JSON with `query` and `metadata.intent`. `JOIN` and `MERGE` in the environment: widths to be
//! tried, each with each (`0.4,0.45`); without them the default ones.

use domain::ProjectSettings;
use serde_json::Value;
use similarity::grouping::{Grouper, Widths};
use similarity::{Embedding, Encoder};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Instant;

struct Row {
    intent: String,
    embedding: Embedding,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("usage: grouping FILE [SPLIT]");
    let split = arguments.next().unwrap_or_default();
    let text = std::fs::read_to_string(&file).expect("the file can be read");
    let encoder = Encoder::load();
    let labelled = labelled(&file, &text, &split);
    let rows: Vec<Row> = labelled
        .into_iter()
        .map(|(intent, query)| Row { intent, embedding: encoder.embed(&query) })
        .collect();
    let settings = ProjectSettings::default();
    println!("{} questions", rows.len());
    println!("join  merge order     precision recall F1    groups opened  µs a question");
    for join in numbers("JOIN", settings.grouping_width as f32) {
        for merge in numbers("MERGE", settings.merge_width as f32) {
            let mut order: Vec<&Row> = rows.iter().collect();
            for name in ["of file", "shuffled", "shuffled", "shuffled"] {
                println!("{join:.3} {merge:.3} {name:9} {}", score(&order, Widths { join, merge }));
                shuffle(&mut order);
            }
        }
    }
}

/// The numbers of a variable of the environment, with commas between them.
fn numbers(variable: &str, usual: f32) -> Vec<f32> {
    let number = |text: &str| text.trim().parse().expect("a number");
    std::env::var(variable).map_or(vec![usual], |text| text.split(',').map(number).collect())
}

/// Intent and question of each row.
fn labelled(file: &str, text: &str, split: &str) -> Vec<(String, String)> {
    let ending = Path::new(file).extension().and_then(OsStr::to_str);
    if ending == Some("csv") {
        let rows = records(text).into_iter().skip(1).map(|row| (row[1].clone(), row[0].clone()));
        return every(rows.collect(), split);
    }
    let string = |value: &Value| value.as_str().expect("a text").to_owned();
    if ending == Some("jsonl") {
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        return lines.map(|row| (string(&row["metadata"]["intent"]), string(&row["query"]))).collect();
    }
    let document: Value = serde_json::from_str(text).expect("JSON");
    let (name, part) = split.split_once('/').map_or((split, ""), |(name, part)| (name, part));
    let rows = document[name].as_array().expect("a split of the file");
    every(rows.iter().map(|row| (string(&row[1]), string(&row[0]))).collect(), part)
}

/// Of each intent every n-th row, from the first on; all if `n` is empty.
fn every(rows: Vec<(String, String)>, n: &str) -> Vec<(String, String)> {
    let n: usize = if n.is_empty() { 1 } else { n.parse().expect("a number after the slash") };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut chosen = |intent: &str| {
        let count = seen.entry(intent.to_owned()).or_default();
        *count += 1;
        (*count - 1).is_multiple_of(n)
    };
    rows.into_iter().filter(|(intent, _)| chosen(intent)).collect()
}

/// The records of a file of comma-separated values with their fields (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            _ => field.push(character),
        }
    }
    records
}

/// The same order every time (a linear congruential generator).
fn shuffle(rows: &mut [&Row]) {
    let mut state = 7u64;
    for at in (1..rows.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(at, (state >> 33) as usize % (at + 1));
    }
}

/// B-cubed precision and recall: of the rows sharing a row's group, how many share its intent, and the other way round.
fn score(rows: &[&Row], widths: Widths) -> String {
    let since = Instant::now();
    let mut grouper = Grouper::new(widths);
    for row in rows {
        grouper.add(&row.embedding);
    }
    grouper.merge();
    let micros = since.elapsed().as_micros() as f64 / rows.len() as f64;
    let mut sizes: HashMap<usize, f64> = HashMap::new();
    let mut intents: HashMap<&str, f64> = HashMap::new();
    let mut shared: HashMap<(usize, &str), f64> = HashMap::new();
    for (row, group) in rows.iter().zip(grouper.labels()) {
        *sizes.entry(group).or_default() += 1.0;
        *intents.entry(&row.intent).or_default() += 1.0;
        *shared.entry((group, &row.intent)).or_default() += 1.0;
    }
    let mean = |of: &dyn Fn(usize, &str) -> f64| {
        shared.iter().map(|(&(group, intent), n)| n * n / of(group, intent)).sum::<f64>() / rows.len() as f64
    };
    let precision = mean(&|group, _| sizes[&group]);
    let recall = mean(&|_, intent| intents[intent]);
    let f1 = 2.0 * precision * recall / (precision + recall);
    format!(
        "{precision:.3}     {recall:.3}  {f1:.3}  {:5} {:6}  {micros:.0}",
        grouper.groups(),
        grouper.opened()
    )
}
