//! Prints what the answer decision sees of pairs of questions: the data its score is fitted on.
//!
//! `cargo run --release -p similarity --example evidence -- FILE.tsv` (a header line; columns label, source, q1, q2).
//! Prints label, source, logit, cosine, objections; leaves out pairs too far apart to be compared.

use similarity::Encoder;
use similarity::answering::Evidence;

fn main() {
    let file = std::env::args().nth(1).expect("usage: evidence FILE.tsv");
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let encoder = Encoder::load();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [label, source, known, asked] = fields[..] else { panic!("four columns: {line}") };
        let cosine = encoder.embed(known).cosine(&encoder.embed(asked));
        let found = Evidence::of(encoder.verifier(), asked, known, cosine);
        let Some(logit) = found.logit else { continue };
        let codes: Vec<_> = found.vetoes.iter().map(|veto| veto.code.as_str()).collect();
        println!("{label}\t{source}\t{logit:.4}\t{cosine:.5}\t{}", codes.join(","));
    }
}
