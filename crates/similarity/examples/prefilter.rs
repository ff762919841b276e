//! Measures the pre-filter: what it loses of what the encoder would accept, and what it stops of unrelated queries.
//!
//! `cargo run --release -p similarity --example prefilter -- CLINC_FOLDER BANKING_FOLDER PAIRS.tsv [--choose] [--thin N]`
//!
//! Known texts are the training splits. *Accepted* are the pairs of a query and a known text with an embedding cosine of
//! .75 or more, for reviews of .84 or more, and the judged pairs that are the same question, each way round. *Unrelated* are
//! queries with no known text at .60 or more: CLINC150's out-of-scope queries, and the other data set's queries, on banks of 3 phrasings an answer;
//! these once with CLINC150's own questions about banking and credit cards, which are not unrelated, and once without.
//! With `--choose` the queries are CLINC150's validation split and the pairs' file should be one for training: that is how
//! the cut was first chosen. Without, they are the test splits. `--thin N` takes every N-th text only.

mod support;

use similarity::{CUT, Embedding, Encoder, Prefilter, Quantized, reviewing};
use support::{Share, banking, clinc, clinc_without};

const ACCEPTED: f32 = 0.75;
/// `reviewing::QUERY`, less what bytes round.
const REVIEWED: f32 = 0.84;
const UNRELATED: f32 = 0.60;
/// The domains of CLINC150 that BANKING77 is about too.
const BANKS: [&str; 2] = ["banking", "credit_cards"];
const CUTS: [f32; 9] = [0.40, 0.45, 0.50, 0.54, 0.57, 0.60, 0.62, 0.65, 0.70];

/// Texts with what the encoder makes of them.
struct Texts {
    texts: Vec<String>,
    embeddings: Vec<Embedding>,
}

struct Arguments {
    folders: [String; 2],
    pairs: String,
    choose: bool,
    thin: usize,
}

fn main() {
    let arguments = arguments();
    let [clinc_folder, banking_folder] = &arguments.folders;
    let encoder = Encoder::load();
    let texts = |rows: Vec<String>| Texts::of(&encoder, rows, arguments.thin);
    let known = [
        ("CLINC", texts(clinc(clinc_folder, "train"))),
        ("BANKING", texts(banking(banking_folder, "train"))),
    ];
    let (queries, outside) = if arguments.choose { ("val", "oos_val") } else { ("test", "oos_test") };
    let outside = texts(clinc(clinc_folder, outside));
    let clinc_queries = texts(clinc(clinc_folder, queries));
    let banking_queries = texts(if arguments.choose { Vec::new() } else { banking(banking_folder, "test") });
    println!("the cut in use is {CUT}, for reviews {}\n", reviewing::CUT);
    lost_judged(&encoder, &arguments.pairs);
    let [clinc_known, banking_known] = &known;
    for ((name, known), own) in [(clinc_known, &clinc_queries), (banking_known, &banking_queries)] {
        for least in [ACCEPTED, REVIEWED] {
            lost_pairs(name, own, known, least);
        }
        of_sizes(name, known, "out-of-scope queries", &outside);
    }
    of_sizes("CLINC", &clinc_known.1, "BANKING's queries", &banking_queries);
    of_sizes("BANKING", &banking_known.1, "CLINC's queries", &clinc_queries);
    let no_banks = |split| texts(clinc_without(clinc_folder, split, &BANKS));
    of_sizes("CLINC without banks", &no_banks("train"), "BANKING's queries", &banking_queries);
    of_sizes("BANKING", &banking_known.1, "CLINC's queries without banks", &no_banks(queries));
}

/// What is stopped by banks of several sizes.
fn of_sizes(name: &str, known: &Texts, whose: &str, queries: &Texts) {
    let all = known.texts.len() / 3;
    for answers in [10, 100, 1000, all].into_iter().filter(|&answers| answers <= all) {
        stopped(&format!("{answers} {name} answers, {whose}"), queries, known, answers);
    }
}

fn arguments() -> Arguments {
    let mut given = std::env::args().skip(1);
    let mut next = || {
        given.next().expect("usage: prefilter CLINC_FOLDER BANKING_FOLDER PAIRS.tsv [--choose] [--thin N]")
    };
    let mut arguments = Arguments { folders: [next(), next()], pairs: next(), choose: false, thin: 1 };
    while let Some(option) = given.next() {
        match option.as_str() {
            "--choose" => arguments.choose = true,
            "--thin" => {
                arguments.thin = given.next().and_then(|n| n.parse().ok()).expect("--thin takes a number");
            }
            _ => panic!("{option} is no option"),
        }
    }
    arguments
}

impl Texts {
    fn of(encoder: &Encoder, rows: Vec<String>, thin: usize) -> Self {
        let texts: Vec<String> = rows.into_iter().step_by(thin).collect();
        let embeddings = texts.iter().map(|text| encoder.embed(text)).collect();
        Self { texts, embeddings }
    }

    /// `count` of the places, spread over all.
    fn spread(&self, count: usize) -> Vec<usize> {
        let count = count.min(self.texts.len());
        (0..count).map(|n| n * self.texts.len() / count).collect()
    }

    fn prefilter(&self, places: &[usize]) -> Prefilter {
        let mut prefilter = Prefilter::default();
        for &place in places {
            prefilter.push(&self.texts[place], &Quantized::of(&self.embeddings[place]));
        }
        prefilter
    }
}

/// Static similarities of the pairs of a query and a known text with a cosine of `least` or more.
fn lost_pairs(name: &str, queries: &Texts, known: &Texts, least: f32) {
    let all: Vec<usize> = (0..known.texts.len()).collect();
    let prefilter = known.prefilter(&all);
    let (mut pairs, mut nearest) = (Vec::new(), Vec::new());
    for (query, embedding) in queries.texts.iter().zip(&queries.embeddings) {
        let cosines = known.embeddings.iter().map(|other| other.cosine(embedding));
        let accepted = cosines.enumerate().filter(|&(_, cosine)| cosine >= least);
        let found: Vec<f32> = accepted.map(|(place, _)| prefilter.similarity(query, place)).collect();
        nearest.extend(found.iter().copied().max_by(f32::total_cmp));
        pairs.extend(found);
    }
    println!("{name}: lost of the pairs at {least} or more | of the queries with such a pair");
    for cut in CUTS {
        let [pairs, queries] = [&pairs, &nearest].map(|all| Share::of(all, |&similarity| similarity < cut));
        println!("  cut {cut:.2}   {pairs}   |   {queries}");
    }
}

/// Static similarities of judged pairs that are the same question.
fn lost_judged(encoder: &Encoder, file: &str) {
    let text = std::fs::read_to_string(file).expect("the pairs can be read");
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let mut judged = Vec::new();
    for row in rows.filter(|row| row[0] == "1") {
        for (query, known) in [(row[2], row[3]), (row[3], row[2])] {
            let embedding = encoder.embed(known);
            let mut prefilter = Prefilter::default();
            prefilter.push(known, &Quantized::of(&embedding));
            judged.push((encoder.embed(query).cosine(&embedding), prefilter.similarity(query, 0)));
        }
    }
    for bar in [-1.0, UNRELATED, ACCEPTED, REVIEWED] {
        let near: Vec<_> = judged.iter().filter(|(cosine, _)| *cosine >= bar).collect();
        println!("lost of the judged pairs that are the same question, each way round, at {bar} or more");
        for cut in CUTS {
            println!("  cut {cut:.2}   {}", Share::of(&near, |(_, similarity)| *similarity < cut));
        }
    }
}

/// How many of the queries that are unrelated to a bank of so many answers are stopped.
fn stopped(name: &str, queries: &Texts, known: &Texts, answers: usize) {
    let places = known.spread(answers * 3);
    let prefilter = known.prefilter(&places);
    let unrelated = queries.texts.iter().zip(&queries.embeddings).filter(|(_, embedding)| {
        places.iter().all(|&place| known.embeddings[place].cosine(embedding) < UNRELATED)
    });
    let nearest: Vec<f32> =
        unrelated.map(|(query, _)| prefilter.nearest(query, -1.0).unwrap_or(-1.0)).collect();
    println!("{name}: stopped of the unrelated");
    for cut in CUTS {
        println!("  cut {cut:.2}   {}", Share::of(&nearest, |&similarity| similarity < cut));
    }
}
