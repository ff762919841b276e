//! How near a folder's model is to the built-in one: `cargo run --release -p similarity --example folder FOLDER TEXTS`.
//! TEXTS: a file of texts, one a line (what stands before a tab). The built-in model's own folder, all-MiniLM-L6-v2, must
//! give nearly its vectors.

use similarity::{Bert, BertFiles, Encoder};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let texts = fs::read_to_string(arguments.next().expect("a file of texts")).expect("a text file");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let begun = Instant::now();
    let bert = Bert::read(&BertFiles {
        config: &read("config.json").expect("config.json"),
        tokenizer: &read("tokenizer.json").expect("tokenizer.json"),
        weights: &fs::read(folder.join("model.safetensors")).expect("model.safetensors"),
        pooling: read("1_Pooling/config.json").ok().as_deref(),
        modules: read("modules.json").ok().as_deref(),
    });
    let bert = bert.expect("a model that can be run");
    println!("read in {:.2?}: {} components", begun.elapsed(), bert.dimension());
    let encoder = Encoder::load();
    let texts: Vec<&str> = texts.lines().filter_map(|line| line.split('\t').next()).collect();
    let mut cosines: Vec<f32> =
        texts.iter().map(|text| bert.embed(text).cosine(&encoder.embed(text))).collect();
    cosines.sort_by(f32::total_cmp);
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    println!("{} texts: cosine least {:.5}, mean {mean:.5}", cosines.len(), cosines[0]);
    let time = |embed: &dyn Fn(&str)| {
        let begun = Instant::now();
        for text in &texts {
            embed(text);
        }
        begun.elapsed() / texts.len() as u32
    };
    let (folder, built_in) = (time(&|text| drop(bert.embed(text))), time(&|text| drop(encoder.embed(text))));
    println!("a text takes {folder:.2?} by the folder's, {built_in:.2?} by the built-in model");
}
