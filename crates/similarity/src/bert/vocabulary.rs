//! The tokenizer that tokenizer.json describes.

use super::fields::{BadModel, Fields, json};
use crate::tokenizer::{CONTINUATION, LONGEST_WORD, Marks, Reading, Tokenizer};
use serde_json::Value;
use std::borrow::Cow;

const FILE: &str = "tokenizer.json";

/// Reads it; its ids must be below `rows`.
pub fn read(text: &str, rows: usize) -> Result<Tokenizer, BadModel> {
    let value = json(FILE, text)?;
    let fields = Fields::of(FILE, &value);
    let reading = reading(&fields.object("normalizer")?)?;
    fields.object("pre_tokenizer")?.one_of("type", &["BertPreTokenizer"])?;
    let model = fields.object("model")?;
    model.one_of("type", &["WordPiece"])?;
    if model.get("continuing_subword_prefix").is_some() {
        model.one_of("continuing_subword_prefix", &[CONTINUATION])?;
    }
    if model.get("max_input_chars_per_word").is_some()
        && model.count("max_input_chars_per_word")? != LONGEST_WORD
    {
        return Err(model.bad("max_input_chars_per_word", format_args!("must be {LONGEST_WORD}")));
    }
    let unknown = model.text("unk_token")?;
    let vocabulary = model.object("vocab")?;
    let id = |entry: &str| match vocabulary.get(entry).and_then(Value::as_u64) {
        Some(id) if (id as usize) < rows => Ok(id as u32),
        Some(id) => {
            Err(vocabulary.bad(entry, format_args!("{id} is beyond the {rows} of config.json's vocab_size")))
        }
        None => Err(vocabulary.bad(entry, "is missing, or no number")),
    };
    let marks = Marks { unknown: id(unknown)?, start: id("[CLS]")?, end: id("[SEP]")? };
    let mut entries: Vec<(Cow<'static, str>, u32)> = Vec::new();
    for entry in model.required("vocab")?.as_object().into_iter().flat_map(|entries| entries.keys()) {
        entries.push((entry.clone().into(), id(entry)?));
    }
    Ok(Tokenizer::of(entries.into_iter(), marks, reading))
}

/// How the normalizer reads letters.
fn reading(normalizer: &Fields<'_>) -> Result<Reading, BadModel> {
    normalizer.one_of("type", &["BertNormalizer"])?;
    for field in ["clean_text", "handle_chinese_chars"] {
        if !normalizer.flag(field, true)? {
            return Err(normalizer.bad(field, "must be true"));
        }
    }
    let lower_case = normalizer.flag("lowercase", true)?;
    // As in the reference: where it is not said, accents go with the capitals.
    Ok(Reading { lower_case, strip_accents: normalizer.flag("strip_accents", lower_case)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file() -> Value {
        json!({
            "normalizer": {"type": "BertNormalizer", "lowercase": false, "strip_accents": null},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "Pay": 3, "##ing": 4, "p": 5}},
        })
    }

    #[test]
    fn pieces_come_from_the_file() {
        let tokenizer = read(&file().to_string(), 6).map_err(|error| error.to_string()).unwrap();
        let pieces = tokenizer.pieces("Paying pay p", 9);
        assert_eq!(tokenizer.with_ends(&pieces), [1, 3, 4, 0, 5, 2]);
    }

    #[test]
    fn faults_name_the_field() {
        let refused = |pointer: &str, value: Value| {
            let mut file = file();
            *file.pointer_mut(pointer).expect("it is there") = value;
            read(&file.to_string(), 6).err().expect("it is refused").to_string()
        };
        for (pointer, value, says) in [
            ("/model/type", json!("BPE"), "tokenizer.json: model.type: “BPE” cannot be run"),
            ("/normalizer", Value::Null, "tokenizer.json: normalizer: is missing"),
            ("/normalizer/type", json!("NFC"), "tokenizer.json: normalizer.type: “NFC” cannot"),
            ("/model/vocab/[CLS]", Value::Null, "tokenizer.json: model.vocab.[CLS]: is missing"),
            ("/model/vocab/p", json!(6), "tokenizer.json: model.vocab.p: 6 is beyond the 6"),
        ] {
            let error = refused(pointer, value);
            assert!(error.starts_with(says), "{error}");
        }
    }
}
