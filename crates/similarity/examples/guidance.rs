//! Measures the bar of guidance: advice made from a few questions of an intent, and every other question of the split. How often is the
//! intent's own advice given, and how much of other intents comes with it, by the least cosine that is asked for?
//!
//! `cargo run --release -p similarity --example guidance -- FILE [SPLIT]`
//!
//! FILE: CLINC150's `data_full.json` with a SPLIT (`train`; its `oos_` twin is asked too), or BANKING77's `train.csv`.

use serde_json::Value;
use similarity::{Embedding, Encoder};
use std::collections::BTreeMap;

/// Pieces of advice that are given at once at the most, as `consult` does.
const GIVEN: usize = 5;
/// Questions that one piece of advice is made from.
const MADE_FROM: [usize; 3] = [1, 3, 10];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().expect("usage: guidance FILE [SPLIT]");
    let split = arguments.next().unwrap_or_default();
    let text = std::fs::read_to_string(&file).expect("the file can be read");
    let encoder = Encoder::load();
    let (rows, strangers) =
        if split.is_empty() { (banking(&text), Vec::new()) } else { clinc(&text, &split) };
    let mut intents: BTreeMap<String, Vec<Embedding>> = BTreeMap::new();
    for (intent, query) in rows {
        intents.entry(intent).or_default().push(encoder.embed(&query));
    }
    let strangers: Vec<Embedding> = strangers.iter().map(|query| encoder.embed(query)).collect();
    let intents: Vec<Vec<Embedding>> = intents.into_values().collect();
    for made_from in MADE_FROM {
        println!("{} intents, each advice made from {made_from} questions", intents.len());
        println!("bar   own given  own first  foreign a question  given that are own  strangers given any");
        let asked = asked(&intents, made_from);
        let beside = strangers.iter().map(|query| near(&intents, made_from, query)[0].1).collect::<Vec<_>>();
        for bar in (8..=18).map(|step| step as f32 * 0.05) {
            println!("{bar:.2}  {}  {}", score(&asked, bar), share(&beside, bar));
        }
    }
}

/// Every other question: its intent, and the intents by nearness.
fn asked(intents: &[Vec<Embedding>], made_from: usize) -> Vec<(usize, Vec<(usize, f32)>)> {
    let others =
        intents.iter().enumerate().flat_map(|(own, all)| all[made_from..].iter().map(move |q| (own, q)));
    others.map(|(own, query)| (own, near(intents, made_from, query))).collect()
}

/// The intents, the one with the nearest question first.
fn near(intents: &[Vec<Embedding>], made_from: usize, query: &Embedding) -> Vec<(usize, f32)> {
    let nearest = |all: &Vec<Embedding>| {
        all[..made_from].iter().map(|made| made.cosine(query)).max_by(f32::total_cmp).expect("one at least")
    };
    let mut near: Vec<(usize, f32)> = intents.iter().map(nearest).enumerate().collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1));
    near
}

fn score(asked: &[(usize, Vec<(usize, f32)>)], bar: f32) -> String {
    let (mut own, mut first, mut foreign) = (0.0, 0.0, 0.0);
    for (intent, near) in asked {
        let given: Vec<usize> = near.iter().take(GIVEN).filter(|one| one.1 >= bar).map(|one| one.0).collect();
        own += f64::from(u8::from(given.contains(intent)));
        first += f64::from(u8::from(given.first() == Some(intent)));
        foreign += given.iter().filter(|one| *one != intent).count() as f64;
    }
    let all = asked.len() as f64;
    format!(
        "{:.3}      {:.3}      {:.3}               {:.3}",
        own / all,
        first / all,
        foreign / all,
        own / (own + foreign)
    )
}

fn share(nearest: &[f32], bar: f32) -> String {
    let given = nearest.iter().filter(|similarity| **similarity >= bar).count();
    format!("             {given}/{}", nearest.len())
}

/// Intent and question of each row, and the questions of the split's strangers.
fn clinc(text: &str, split: &str) -> (Vec<(String, String)>, Vec<String>) {
    let document: Value = serde_json::from_str(text).expect("JSON");
    let string = |value: &Value| value.as_str().expect("a text").to_owned();
    let rows = |name: &str| document[name].as_array().expect("a split of the file").clone();
    let own = rows(split).iter().map(|row| (string(&row[1]), string(&row[0]))).collect();
    (own, rows(&format!("oos_{split}")).iter().map(|row| string(&row[0])).collect())
}

/// The same of a file of `text,category`; a text in quotes may hold commas, and quotes doubled.
fn banking(text: &str) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut open = String::new();
    for line in text.lines().skip(1) {
        open.push_str(line);
        if open.matches('"').count() % 2 == 1 {
            open.push('\n');
            continue;
        }
        let (query, intent) = open.rsplit_once(',').expect("two fields");
        rows.push((intent.to_owned(), query.trim_matches('"').replace("\"\"", "\"")));
        open.clear();
    }
    rows
}
