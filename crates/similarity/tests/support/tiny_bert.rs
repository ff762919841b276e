//! A tiny BERT model of random weights, as the files of its folder: the repository carries no second model.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub const HIDDEN: usize = 48;
pub const HEADS: usize = 3;
pub const INNER: usize = 96;
pub const LAYERS: usize = 2;
pub const POSITIONS: usize = 40;
pub const EPSILON: f32 = 1e-6;

/// Entries of the vocabulary beside letters and digits, which are entries each, at a word's beginning and within it.
const WORDS: [&str; 18] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "how", "do", "i", "pay", "##ing", "my", "card", "the", "open",
    "close", "account", "refund", "?", "##s",
];

/// The files.
pub struct TinyBert {
    pub config: String,
    pub tokenizer: String,
    pub pooling: String,
    pub weights: Vec<u8>,
    /// The same weights by name.
    pub tensors: BTreeMap<String, Vec<f32>>,
    pub vocabulary: Vec<String>,
}

/// How a tensor's numbers are stored.
#[derive(Clone, Copy, PartialEq)]
pub enum Stored {
    F32,
    F16,
    BF16,
}

impl TinyBert {
    /// The model of a seed.
    pub fn new(seed: u64, stored: Stored) -> Self {
        let letters = ('a'..='z').chain('0'..='9');
        let pieces = letters.flat_map(|letter| [letter.to_string(), format!("##{letter}")]);
        let mut vocabulary: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
        for piece in pieces {
            if !vocabulary.contains(&piece) {
                vocabulary.push(piece);
            }
        }
        let mut state = seed;
        let mut tensors = BTreeMap::new();
        let mut shapes = BTreeMap::new();
        for (name, shape) in layout(vocabulary.len()) {
            let numbers = (0..shape.iter().product()).map(|_| number(&mut state, &name, stored)).collect();
            tensors.insert(name.clone(), numbers);
            shapes.insert(name, shape);
        }
        let entries: Map<String, Value> = vocabulary.iter().cloned().zip((0u64..).map(Value::from)).collect();
        Self {
            config: json!({
                "model_type": "bert", "hidden_act": "gelu", "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
                "num_attention_heads": HEADS, "intermediate_size": INNER, "max_position_embeddings": POSITIONS,
                "type_vocab_size": 2, "vocab_size": vocabulary.len(), "layer_norm_eps": EPSILON,
            })
            .to_string(),
            tokenizer: json!({
                "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                    "strip_accents": null, "lowercase": true},
                "pre_tokenizer": {"type": "BertPreTokenizer"},
                "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                    "max_input_chars_per_word": 100, "vocab": entries},
            })
            .to_string(),
            pooling: json!({"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": false,
                "pooling_mode_mean_tokens": true})
            .to_string(),
            weights: safetensors(&tensors, &shapes, stored),
            tensors,
            vocabulary,
        }
    }
}

fn layout(vocabulary: usize) -> Vec<(String, Vec<usize>)> {
    let mut layout = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![vocabulary, HIDDEN]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![POSITIONS, HIDDEN]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, HIDDEN]),
        ("embeddings.LayerNorm.weight".to_owned(), vec![HIDDEN]),
        ("embeddings.LayerNorm.bias".to_owned(), vec![HIDDEN]),
    ];
    for layer in 0..LAYERS {
        for (part, shape) in [
            ("attention.self.query", vec![HIDDEN, HIDDEN]),
            ("attention.self.key", vec![HIDDEN, HIDDEN]),
            ("attention.self.value", vec![HIDDEN, HIDDEN]),
            ("attention.output.dense", vec![HIDDEN, HIDDEN]),
            ("attention.output.LayerNorm", vec![HIDDEN]),
            ("intermediate.dense", vec![INNER, HIDDEN]),
            ("output.dense", vec![HIDDEN, INNER]),
            ("output.LayerNorm", vec![HIDDEN]),
        ] {
            let bias = vec![shape[0]];
            layout.push((format!("encoder.layer.{layer}.{part}.weight"), shape));
            layout.push((format!("encoder.layer.{layer}.{part}.bias"), bias));
        }
    }
    layout
}

/// The next random number, as a trained network might have it in such a place; one that the stored type holds exactly.
fn number(state: &mut u64, name: &str, stored: Stored) -> f32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let uniform = (*state >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
    let number = match name {
        _ if name.ends_with("LayerNorm.weight") => 1.0 + 0.2 * uniform,
        _ if name.ends_with("bias") => 0.1 * uniform,
        _ => 0.3 * uniform,
    };
    // Eight bits of fraction fit both 16-bit types for numbers of this size.
    if stored == Stored::F32 { number } else { f32::from_bits(number.to_bits() & 0xffff_0000) }
}

fn safetensors(
    tensors: &BTreeMap<String, Vec<f32>>,
    shapes: &BTreeMap<String, Vec<usize>>,
    stored: Stored,
) -> Vec<u8> {
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (name, numbers) in tensors {
        let from = data.len();
        let kind = match stored {
            Stored::F32 => "F32",
            Stored::F16 => "F16",
            Stored::BF16 => "BF16",
        };
        for &number in numbers {
            match stored {
                Stored::F32 => data.extend(number.to_le_bytes()),
                Stored::F16 => data.extend(half(number).to_le_bytes()),
                Stored::BF16 => data.extend(((number.to_bits() >> 16) as u16).to_le_bytes()),
            }
        }
        let entry = json!({"dtype": kind, "shape": shapes[name], "data_offsets": [from, data.len()]});
        header.insert(name.clone(), entry);
    }
    let header = Value::from(header).to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

/// A number in 16 bits; what is too small for a whole one becomes zero.
fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = (bits >> 23 & 255) as i32 - 127 + 15;
    if exponent <= 0 { sign } else { sign | (exponent as u16) << 10 | (bits >> 13) as u16 & 1023 }
}
