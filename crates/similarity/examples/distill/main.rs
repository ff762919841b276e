//! Distils the static table from the encoder: `static.q8`, one row of bytes a vocabulary entry.
//!
//! `cargo run --release -p similarity --example distill -- OUT_FOLDER TEXTS.txt...`
//!
//! A text's static vector is the sum of its tokens' rows, scaled to unit length. The rows are learnt so that these vectors
//! agree with the encoder's on the texts of the files, one a line; `model/texts.py` writes such files. The teacher is the
//! encoder as it ships, so the table imitates what really runs. Name no test data: the table would look better than it
//! is. `model/NOTICE.md` says from which texts the shipped table was made. Minutes on one core; the same texts give the same table.
//! What the encoder makes of a file is kept beside it, in `TEXTS.f32`.
//!
//! Layout of `static.q8` (little-endian, every array starts on a multiple of 64 bytes):
//!
//! ```text
//! header   64 bytes: "static-256 v1", padded with NUL
//! axes     scales f32[256], values i8[256][384]        a rotation of the encoder's space, one row an axis
//! rows     scales f32[29523], values i8[29523][256]    entries from 999 on: before are marks and unused ones
//! ```

mod axes;
mod learn;
mod maths;
mod teacher;

use std::path::Path;

/// Components of a static vector.
const COLUMNS: usize = 256;
/// Entries of the vocabulary.
const VOCABULARY: usize = 30_522;
/// The first entry with a row.
const FIRST: usize = 999;
const ALIGNMENT: usize = 64;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().expect("usage: distill OUT_FOLDER TEXTS.txt...");
    let files: Vec<String> = arguments.collect();
    let teacher = teacher::Teacher::ask(&files);
    println!("{} texts", teacher.texts.len());
    let axes = axes::principal(&teacher);
    let start = learn::starting_rows(&teacher.entries, &axes);
    let rows = learn::learn(start, &teacher, &axes);
    let mut file = b"static-256 v1".to_vec();
    pad(&mut file);
    table(&mut file, &axes.concat(), teacher::DIMENSION);
    table(&mut file, &rows[FIRST * COLUMNS..], COLUMNS);
    std::fs::write(Path::new(&out).join("static.q8"), file).expect("the table can be written");
}

/// Appends rows as bytes, each with its own scale, the scales first.
fn table(file: &mut Vec<u8>, rows: &[f32], columns: usize) {
    let scale = |row: &[f32]| row.iter().fold(0f32, |most, value| most.max(value.abs())) / 127.0;
    let scales: Vec<f32> =
        rows.chunks_exact(columns).map(scale).map(|s| if s > 0.0 { s } else { 1.0 }).collect();
    file.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
    pad(file);
    for (row, scale) in rows.chunks_exact(columns).zip(&scales) {
        file.extend(row.iter().map(|value| (value / scale).round_ties_even() as i8 as u8));
    }
    pad(file);
}

fn pad(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
}
