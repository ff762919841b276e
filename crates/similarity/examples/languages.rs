//! How well languages are told, on lines of `tag<TAB>text` from standard input (`-v`: with what was told wrongly).
//!
//! `cargo run --release -p similarity --example languages < crates/similarity/tests/data/languages.tsv`

use similarity::language::{MODEL_LANGUAGE, detect};
use std::collections::BTreeMap;
use std::io::BufRead;

#[derive(Default)]
struct Count {
    texts: u32,
    kept_from_the_model: u32,
    named: u32,
}

fn main() {
    let verbose = std::env::args().any(|argument| argument == "-v");
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input is UTF-8 text");
        let Some((tag, text)) = line.split_once('\t').filter(|_| !line.starts_with('#')) else { continue };
        let found = detect(text);
        let count = counts.entry(tag.to_owned()).or_default();
        count.texts += 1;
        count.kept_from_the_model += u32::from(!found.is_read_by_the_model());
        count.named += u32::from(found.tag == tag);
        if verbose && (found.is_read_by_the_model() != (tag == MODEL_LANGUAGE)) {
            println!("{tag} taken for {}: {text} ({})", found.tag, found.reason());
        }
    }
    println!("language  texts  kept from the model  named right");
    for (tag, Count { texts, kept_from_the_model, named }) in counts {
        println!("{tag:8}  {texts:5}  {kept_from_the_model:19}  {named:11}");
    }
}
