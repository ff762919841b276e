//! Measures the gates on judged pairs of questions: how many same and how many different ones each accepts.
//!
//! `cargo run --release -p similarity --example pairs -- FILE.tsv [--wrong]` (columns label, source, q1, q2; a header line)

use similarity::Encoder;
use similarity::vetoes::{Veto, vetoes};

struct Pair<'a> {
    same: bool,
    texts: [&'a str; 2],
    similarity: f32,
    vetoes: Vec<Veto>,
}

fn main() {
    let file = std::env::args().nth(1).expect("usage: pairs FILE.tsv [--wrong]");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let encoder = Encoder::load();
    let pairs: Vec<Pair<'_>> = text.lines().skip(1).map(|line| pair(&encoder, line)).collect();
    let count = |accept: &dyn Fn(&Pair<'_>) -> bool, same| {
        pairs.iter().filter(|p| p.same == same && accept(p)).count()
    };
    let (positives, negatives) = (count(&|_| true, true), count(&|_| true, false));
    println!(
        "cosine ≥          same of {positives}   different of {negatives}   precision   (with vetoes | without)"
    );
    for threshold in [0.70, 0.75, 0.80, 0.82, 0.85, 0.88, 0.90, 0.93] {
        let gates: [&dyn Fn(&Pair<'_>) -> bool; 2] =
            [&|p| p.similarity >= threshold && p.vetoes.is_empty(), &|p| p.similarity >= threshold];
        let figures = gates.map(|gate| {
            let (right, wrong) = (count(gate, true), count(gate, false));
            format!("{right:4} {wrong:4} {:.3}", right as f64 / (right + wrong).max(1) as f64)
        });
        println!("{threshold:.2}   {}", figures.join("   |   "));
    }
    for code in ["number", "negation", "order", "question_word", "swapped_word"] {
        let vetoed = |p: &Pair<'_>| p.vetoes.iter().any(|veto| veto.code.as_str() == code);
        println!("{code:14} vetoes {:4} same, {:4} different", count(&vetoed, true), count(&vetoed, false));
    }
    if std::env::args().nth(2).is_some() {
        for p in pairs.iter().filter(|p| p.similarity >= 0.80 && p.same != p.vetoes.is_empty()) {
            println!(
                "{} {:.3} {:?} {:?}",
                if p.same { "same" } else { "different" },
                p.similarity,
                p.texts,
                p.vetoes
            );
        }
    }
}

fn pair<'a>(encoder: &Encoder, line: &'a str) -> Pair<'a> {
    let fields: Vec<&str> = line.split('\t').collect();
    let texts = [fields[2], fields[3]];
    let [a, b] = texts.map(|text| encoder.embed(text));
    Pair { same: fields[0] == "1", texts, similarity: a.cosine(&b), vetoes: vetoes(texts[0], texts[1]) }
}
