//! What the encoder makes of the texts, and of each vocabulary entry alone.

use crate::{FIRST, VOCABULARY};
use similarity::{Encoder, QUERY_TOKENS};
use std::collections::HashSet;
use std::fs::{read, read_to_string, write};

/// Components of the encoder's vectors.
pub const DIMENSION: usize = similarity::DIMENSION;

/// A text's known tokens, and the encoder's vector of it.
pub struct Text {
    pub tokens: Vec<usize>,
    pub vector: Vec<f32>,
}

pub struct Teacher {
    /// The different texts that have a known token, in the order of the files.
    pub texts: Vec<Text>,
    /// The encoder's vectors of the vocabulary's entries.
    pub entries: Vec<Vec<f32>>,
}

impl Teacher {
    pub fn ask(files: &[String]) -> Self {
        let encoder = Encoder::load();
        let vocabulary = include_str!("../../model/vocab.txt");
        let alone = |entry: &str| entry.strip_prefix("##").unwrap_or(entry).to_owned();
        let entries: Vec<String> = vocabulary.lines().map(alone).collect();
        assert_eq!(entries.len(), VOCABULARY);
        let cache = files.first().map(|file| format!("{file}.entries"));
        let entries = vectors(&encoder, &entries, &cache.expect("at least one file of texts is named"));
        let (mut texts, mut seen) = (Vec::new(), HashSet::new());
        for file in files {
            let lines = read_to_string(file).expect("the texts can be read");
            let lines: Vec<String> =
                lines.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
            let vectors = vectors(&encoder, &lines, &file.replace(".txt", ".f32"));
            for (line, vector) in lines.iter().zip(vectors) {
                let tokens =
                    encoder.tokens(line).into_iter().take(QUERY_TOKENS - 2).map(|token| token as usize);
                let tokens: Vec<usize> = tokens.filter(|&token| token >= FIRST).collect();
                if !tokens.is_empty() && seen.insert(tokens.clone()) {
                    texts.push(Text { tokens, vector });
                }
            }
        }
        Self { texts, entries }
    }
}

/// The encoder's vectors, from the file that keeps them if it fits.
fn vectors(encoder: &Encoder, texts: &[String], kept: &str) -> Vec<Vec<f32>> {
    let bytes = read(kept).unwrap_or_default();
    if bytes.len() == texts.len() * DIMENSION * size_of::<f32>() {
        let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
        return floats.chunks_exact(DIMENSION).map(<[f32]>::to_vec).collect();
    }
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| encoder.embed(text).as_slice().to_vec()).collect();
    let bytes: Vec<u8> = vectors.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    write(kept, bytes).expect("the vectors can be kept");
    vectors
}
