//! What each step of matching and grouping takes: `cargo bench -p similarity`. One thread; p50 and p99 over the inputs, after
//! a warm-up, each input's time the least of three passes, so that other work on the machine does not count. The texts are made up here, the known ones as mixtures, so that the run needs no data.

mod texts;

use similarity::answering::{Bank, PhrasingIndex, Thresholds, Traffic, decide, stands_alone};
use similarity::grouping::Centroids;
use similarity::reviewing::{Judgement, ReadResponse, ReviewedQueries, same_response};
use similarity::{CUT, DIMENSION, Embedding, Encoder, Prefilter, Quantized};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Phrasings an answer.
const PHRASINGS: usize = 3;

fn main() {
    let start = Instant::now();
    let encoder = Encoder::load();
    println!("{:<44}{:>10?}", "load the encoder", start.elapsed());
    let known = texts::support();
    let embeddings: Vec<Embedding> = known.iter().map(|text| encoder.embed(text)).collect();
    encode(&encoder, &known);
    for vectors in [1_000, 10_000, 100_000] {
        search(&known, &embeddings, vectors);
    }
    lookup(&encoder, &known, &embeddings, 10_000 * PHRASINGS);
    for groups in [1_000, 10_000, 100_000] {
        group(&embeddings, groups);
    }
    sample(&embeddings);
    review(&encoder);
    reviewed(&known, &embeddings, 1_000);
    memory();
}

fn encode(encoder: &Encoder, known: &[String]) {
    report("embed a query", &known[..1000], |text| encoder.embed(text));
    let caching = Encoder::load().with_cache(32 << 20);
    for text in &known[..1000] {
        caching.embed(text);
    }
    report("embed a query that was embedded lately", &known[..1000], |text| caching.embed(text));
    report("tokenise a query", known, |text| encoder.tokens(text));
    let long = known[..40].join(" ");
    report("embed 500 tokens", &vec![long; 20], |text| encoder.embed_long(text));
    let nothing = Prefilter::default();
    report("static vector of a query", known, |text| nothing.may_match(text, CUT));
}

/// A made-up phrasing: half of one text and half of another, and the direction between theirs.
fn mixture(known: &[String], embeddings: &[Embedding], number: usize) -> (String, Quantized) {
    let (first, second) = (number % known.len(), (number * 7 + number / known.len() * 31 + 11) % known.len());
    let half = |text: &str| {
        let words: Vec<&str> = text.split(' ').collect();
        words[..words.len().div_ceil(2)].join(" ")
    };
    let rest: Vec<&str> = known[second].split(' ').collect();
    let text = format!("{} {}", half(&known[first]), rest[rest.len() / 2..].join(" "));
    let sum = embeddings[first].as_slice().iter().zip(embeddings[second].as_slice()).map(|(a, b)| a + b);
    (text, Quantized::of(&Embedding::from_f32(sum.collect())))
}

fn index_of(known: &[String], embeddings: &[Embedding], vectors: usize) -> PhrasingIndex<usize> {
    let mut index = PhrasingIndex::default();
    for number in 0..vectors {
        let (text, embedding) = mixture(known, embeddings, number);
        index.insert(number, number / PHRASINGS, &text, &embedding);
    }
    index
}

fn search(known: &[String], embeddings: &[Embedding], vectors: usize) {
    let index = index_of(known, embeddings, vectors);
    let queries = &embeddings[..(20_000_000 / vectors).min(embeddings.len())];
    report(&format!("nearest 64 of {vectors} vectors"), queries, |query| {
        index.nearest(query, 64, None).len()
    });
    // What applies to certain callers only, or is in another language, is not kept.
    let keep = |_, phrasing: usize| !phrasing.is_multiple_of(10);
    report(&format!("nearest 24 of {vectors}, nine in ten kept"), queries, |query| {
        index.nearest(query, 24, Some(&keep)).len()
    });
    let strange = texts::unrelated();
    report(&format!("pre-filter, nothing near, {vectors}"), &strange, |text| index.may_match(text));
}

fn lookup(encoder: &Encoder, known: &[String], embeddings: &[Embedding], vectors: usize) {
    let index = index_of(known, embeddings, vectors);
    let answers = vectors / PHRASINGS;
    let traffic = Traffic::default();
    let thresholds = Thresholds { serve: 0.9, suggest: 0.5 };
    let bank = Bank::new(&index, &traffic, thresholds);
    let find = |text: &String| {
        let exact = index.exact(text);
        let near = stands_alone(text) && exact.is_empty() && index.may_match(text);
        near.then(|| decide(bank, encoder.verifier(), text, &encoder.embed(text)))
    };
    let strange = texts::unrelated();
    let (stopped, passed): (Vec<String>, Vec<String>) =
        strange.iter().cloned().partition(|text| !index.may_match(text));
    println!("{} unrelated queries, {} of them stopped by the pre-filter", strange.len(), stopped.len());
    report(&format!("lookup in {answers} answers, nothing near"), &stopped, find);
    report(&format!("lookup in {answers} answers, unrelated, all"), &strange, find);
    if !passed.is_empty() {
        report(&format!("lookup in {answers} answers, unrelated, passed"), &passed, find);
    }
    let near: Vec<String> = known[..1000].iter().map(|text| format!("hello, {text}")).collect();
    report(&format!("lookup in {answers} answers, something near"), &near, find);
}

fn group(embeddings: &[Embedding], groups: usize) {
    let mut centroids = Centroids::default();
    for number in 0..groups {
        let (a, b) =
            (number % embeddings.len(), (number * 7 + 3 + number / embeddings.len()) % embeddings.len());
        let sum = embeddings[a].as_slice().iter().zip(embeddings[b].as_slice()).map(|(a, b)| a + 0.7 * b);
        centroids.add(number, &Embedding::from_f32(sum.collect()));
    }
    report(&format!("which of {groups} groups"), &embeddings[..500], |query| {
        centroids.place(query, 0.7, None)
    });
}

fn review(encoder: &Encoder) {
    let table =
        include_str!("../tests/data/response_pairs.tsv").lines().filter(|line| !line.starts_with('#'));
    let pairs = table.skip(1).take(100).filter_map(|line| {
        let mut texts = line.split('\t').skip(6);
        Some([texts.next()?, texts.next()?])
    });
    let pairs: Vec<[&str; 2]> = pairs.collect();
    report("read a response", &pairs, |[_, new]| ReadResponse::read(encoder, new, None));
    let read = |text| ReadResponse::read(encoder, text, None);
    let pairs: Vec<[ReadResponse; 2]> = pairs.into_iter().map(|pair| pair.map(read)).collect();
    report("compare two responses", &pairs, |[known, new]| same_response(Judgement::Bad, known, new));
}

/// The sample of a project's traffic that is as large as it gets.
fn sample(embeddings: &[Embedding]) {
    const QUERIES: usize = 5_000;
    let traffic = Traffic::of(embeddings.iter().cycle().take(QUERIES).cloned());
    report("margin to what else is asked", &embeddings[..500], |query| {
        traffic.beside(query).margin(&embeddings[500])
    });
}

fn reviewed(known: &[String], embeddings: &[Embedding], reviews: usize) {
    let mut queries = ReviewedQueries::default();
    for number in 0..reviews {
        let (text, embedding) = mixture(known, embeddings, number);
        queries.push(&text, &embedding);
    }
    report(&format!("which of {reviews} reviewed queries"), &embeddings[..500], |query| {
        queries.near(query).len()
    });
}

fn memory() {
    let quantised = DIMENSION + size_of::<f32>();
    let search = quantised + size_of::<i32>() + 256 + 3 * size_of::<f32>() + size_of::<i32>();
    println!(
        "a million vectors in a database: {quantised} MB; searchable, with static vectors: {search} MB, texts apart"
    );
}

fn report<T, R>(name: &str, inputs: &[T], work: impl Fn(&T) -> R) {
    for input in inputs.iter().take(50) {
        black_box(work(input));
    }
    let mut times = vec![Duration::MAX; inputs.len()];
    for _ in 0..3 {
        for (input, least) in inputs.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(work(input));
            *least = start.elapsed().min(*least);
        }
    }
    times.sort_unstable();
    let micros =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_nanos() as f64 / 1e3;
    println!("{name:<44}{:>10.1} µs p50{:>10.1} µs p99  ({} inputs)", micros(50), micros(99), times.len());
}
