//! How often the decision of reviews on responses is right, on labelled pairs (`-v NAME`: with the wrong ones of a split).
//!
//! `cargo run --release -p similarity --example responses < crates/similarity/tests/data/response_pairs.tsv`

use similarity::Encoder;
use similarity::reviewing::evaluate;
use std::io::Read;

fn main() {
    let shown = std::env::args().skip_while(|argument| argument != "-v").nth(1);
    let mut file = String::new();
    std::io::stdin().read_to_string(&mut file).expect("standard input is UTF-8 text");
    let splits =
        evaluate(&Encoder::load(), &file).unwrap_or_else(|e| panic!("line {}: {}", e.line, e.detail));
    for split in splits {
        for evaluated in &split.evaluated {
            println!(
                "{}, {:?} review (cosine at least {}):",
                split.name, evaluated.judgement, evaluated.threshold
            );
            println!("  precision {}", evaluated.precision);
            println!("  recall    {}", evaluated.recall);
            println!("  wrongly   {}", evaluated.wrongly);
            let kinds =
                evaluated.kinds.iter().map(|(kind, rate)| format!("{kind} {}/{}", rate.count, rate.of));
            println!("  right by kind: {}", kinds.collect::<Vec<_>>().join(", "));
            if shown.as_deref() == Some(split.name.as_str()) {
                for (line, applied, why) in &evaluated.wrong {
                    println!("  line {line}: {} {why}", if *applied { "applied" } else { "not applied:" });
                }
            }
        }
    }
}
