//! A model from a folder's files computes what its weights say: compared with a plain forward pass in floats.

#[path = "support/tiny_bert.rs"]
mod tiny_bert;

use similarity::{Bert, BertFiles, Embedding};
use tiny_bert::{EPSILON, HEADS, HIDDEN, INNER, LAYERS, Stored, TinyBert};

/// Texts, and the pieces they come to.
const TEXTS: [(&str, &[&str]); 4] = [
    ("How do I pay?", &["how", "do", "i", "pay", "?"]),
    ("paying cards", &["pay", "##ing", "card", "##s"]),
    ("  OPEN the Accoúnt ", &["open", "the", "account"]),
    ("", &[]),
];

fn files(model: &TinyBert) -> BertFiles<'_> {
    BertFiles {
        config: &model.config,
        tokenizer: &model.tokenizer,
        weights: &model.weights,
        pooling: Some(&model.pooling),
        modules: None,
    }
}

/// The forward pass as the paper writes it, with nothing shared with the crate.
struct Reference<'a>(&'a TinyBert);

impl Reference<'_> {
    fn tensor(&self, name: &str) -> &[f32] {
        &self.0.tensors[name]
    }

    fn linear(&self, name: &str, x: &[f32]) -> Vec<f32> {
        let (weights, bias) = (self.tensor(&format!("{name}.weight")), self.tensor(&format!("{name}.bias")));
        let row = |row: usize| &weights[row * x.len()..][..x.len()];
        (0..bias.len()).map(|at| row(at).iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + bias[at]).collect()
    }

    fn norm(&self, name: &str, x: &[f32]) -> Vec<f32> {
        let (weights, bias) = (self.tensor(&format!("{name}.weight")), self.tensor(&format!("{name}.bias")));
        let mean = x.iter().sum::<f32>() / x.len() as f32;
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / x.len() as f32;
        let unit = x.iter().map(|x| (x - mean) / (variance + EPSILON).sqrt());
        unit.zip(weights).zip(bias).map(|((x, w), b)| x * w + b).collect()
    }

    fn look_up(&self, pieces: &[&str]) -> Vec<Vec<f32>> {
        let all = ["[CLS]"].iter().chain(pieces).chain(&["[SEP]"]).enumerate();
        let row = |name: &str, at: usize| self.tensor(name)[at * HIDDEN..][..HIDDEN].to_vec();
        all.map(|(place, piece)| {
            let id = self.0.vocabulary.iter().position(|entry| entry == piece).expect("an entry");
            let word = row("embeddings.word_embeddings.weight", id);
            let position = row("embeddings.position_embeddings.weight", place);
            let kind = row("embeddings.token_type_embeddings.weight", 0);
            let sum: Vec<f32> = (0..HIDDEN).map(|at| word[at] + position[at] + kind[at]).collect();
            self.norm("embeddings.LayerNorm", &sum)
        })
        .collect()
    }

    fn layer(&self, layer: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let each = |part: &str| -> Vec<Vec<f32>> { x.iter().map(|x| self.linear(&name(part), x)).collect() };
        let [query, key, value] =
            ["query", "key", "value"].map(|part| each(&format!("attention.self.{part}")));
        let size = HIDDEN / HEADS;
        let attended = (0..x.len()).map(|token| {
            let mut mixed = vec![0.0; HIDDEN];
            for head in (0..HIDDEN).step_by(size) {
                let score = |other: usize| -> f32 {
                    (head..head + size).map(|at| query[token][at] * key[other][at]).sum::<f32>()
                        / (size as f32).sqrt()
                };
                let weights: Vec<f32> = (0..x.len()).map(|other| score(other).exp()).collect();
                let total: f32 = weights.iter().sum();
                for (other, weight) in weights.iter().enumerate() {
                    (head..head + size).for_each(|at| mixed[at] += weight / total * value[other][at]);
                }
            }
            mixed
        });
        let add = |a: &[f32], b: Vec<f32>| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<f32>>();
        let attended = attended.zip(x).map(|(mixed, x)| {
            self.norm(
                &name("attention.output.LayerNorm"),
                &add(x, self.linear(&name("attention.output.dense"), &mixed)),
            )
        });
        let out = attended.map(|x| {
            let inner: Vec<f32> =
                self.linear(&name("intermediate.dense"), &x).into_iter().map(gelu).collect();
            assert_eq!(inner.len(), INNER);
            self.norm(&name("output.LayerNorm"), &add(&x, self.linear(&name("output.dense"), &inner)))
        });
        out.collect()
    }

    fn tokens(&self, pieces: &[&str]) -> Vec<Vec<f32>> {
        (0..LAYERS).fold(self.look_up(pieces), |x, layer| self.layer(layer, &x))
    }

    fn mean(&self, pieces: &[&str]) -> Embedding {
        let tokens = self.tokens(pieces);
        Embedding::from_f32((0..HIDDEN).map(|at| tokens.iter().map(|token| token[at]).sum()).collect())
    }
}

/// x · Φ(x), by integrating the normal density in small steps.
fn gelu(x: f32) -> f32 {
    let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let step = f64::from(x) / 400.0;
    let area: f64 = (0..400).map(|at| density((f64::from(at) + 0.5) * step) * step).sum();
    x * (0.5 + area) as f32
}

#[test]
fn embeddings_equal_a_plain_forward_pass() {
    for (seed, stored) in [(1, Stored::F32), (2, Stored::F16), (3, Stored::BF16)] {
        let model = TinyBert::new(seed, stored);
        let bert = Bert::read(&files(&model)).unwrap();
        assert_eq!(bert.dimension(), HIDDEN);
        for (text, pieces) in TEXTS {
            let cosine = bert.embed(text).cosine(&Reference(&model).mean(pieces));
            assert!(cosine > 0.999, "seed {seed}: {cosine} {text}");
        }
        let far = bert.embed(TEXTS[0].0).cosine(&bert.embed(TEXTS[1].0));
        assert!(far < 0.99, "the bound above would tell another text: {far}");
    }
}

#[test]
fn the_first_token_is_taken_where_the_folder_says_so() {
    let mut model = TinyBert::new(4, Stored::F32);
    model.pooling = model.pooling.replace("false", "null").replace("true", "false").replace("null", "true");
    let bert = Bert::read(&files(&model)).unwrap();
    for (text, pieces) in TEXTS {
        let first = Embedding::from_f32(Reference(&model).tokens(pieces)[0].clone());
        let cosine = bert.embed(text).cosine(&first);
        assert!(cosine > 0.999, "{cosine} {text}");
    }
}

#[test]
fn a_text_longer_than_the_positions_is_cut() {
    let bert = Bert::read(&files(&TinyBert::new(5, Stored::F32))).unwrap();
    let long = "card ".repeat(38);
    assert_eq!(bert.embed(&long), bert.embed(&"card ".repeat(60)));
    assert_ne!(bert.embed(&long), bert.embed(&"card ".repeat(37)));
}

#[test]
fn weights_that_do_not_fit_the_configuration_are_refused() {
    let mut model = TinyBert::new(6, Stored::F32);
    model.config = model.config.replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":3");
    let refused = Bert::read(&files(&model)).err().unwrap().to_string();
    assert_eq!(refused, "model.safetensors: tensor encoder.layer.2.attention.self.query.weight is missing");
}
