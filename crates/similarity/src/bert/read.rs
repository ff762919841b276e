//! From a folder's files to a network.

use super::config::{Config, check_modules};
use super::fields::BadModel;
use super::tensors::{Tensors, WORDS};
use super::{Bert, Pooling, vocabulary};
use crate::encoder::Tables;
use crate::network::{Layer, Layers, Linear, Norm, Table, add};
use crate::simd::Path;
use std::sync::Arc;

/// The files of a model as sentence-transformers saves it.
#[derive(Clone, Copy)]
pub struct BertFiles<'a> {
    /// config.json.
    pub config: &'a str,
    /// tokenizer.json.
    pub tokenizer: &'a str,
    /// model.safetensors.
    pub weights: &'a [u8],
    /// 1_Pooling/config.json, if there is one.
    pub pooling: Option<&'a str>,
    /// modules.json, if there is one.
    pub modules: Option<&'a str>,
}

pub fn read(files: &BertFiles<'_>) -> Result<Bert, BadModel> {
    check_modules(files.modules)?;
    let config = Config::read(files.config)?;
    let pooling = Pooling::read(files.pooling)?;
    let tokenizer = Arc::new(vocabulary::read(files.tokenizer, config.vocabulary)?);
    let tensors = Tensors::open(files.weights)?;
    let weights = Weights { config: &config, tensors: &tensors };
    let layers = (0..config.layers).map(|at| weights.layer(at)).collect::<Result<_, _>>()?;
    let layers = Layers::of(config.heads, layers);
    Ok(Bert { tokenizer, tables: weights.tables()?, layers, pooling, path: Path::detect() })
}

struct Weights<'a> {
    config: &'a Config,
    tensors: &'a Tensors<'a>,
}

impl Weights<'_> {
    fn tables(&self) -> Result<Tables, BadModel> {
        let &Config { hidden, positions, kinds, vocabulary, .. } = self.config;
        let words = self.tensors.floats(WORDS, &[vocabulary, hidden])?;
        let mut places =
            self.tensors.floats("embeddings.position_embeddings.weight", &[positions, hidden])?;
        let kinds = self.tensors.floats("embeddings.token_type_embeddings.weight", &[kinds, hidden])?;
        // One text is all of the first kind.
        for place in places.chunks_exact_mut(hidden) {
            add(place, &kinds[..hidden]);
        }
        let norm = self.norm("embeddings.LayerNorm")?;
        Ok(Tables::of(Table::of(hidden, &words), Table::of(hidden, &places), norm))
    }

    fn layer(&self, at: usize) -> Result<Layer, BadModel> {
        let &Config { hidden, inner, .. } = self.config;
        let name = |part: &str| format!("encoder.layer.{at}.{part}");
        let [query, key, value] =
            ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        Ok(Layer {
            projection: self.linear(&[query, key, value], hidden, hidden)?,
            attention_output: self.linear(&[name("attention.output.dense")], hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            intermediate: self.linear(&[name("intermediate.dense")], inner, hidden)?,
            output: self.linear(&[name("output.dense")], hidden, inner)?,
            output_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }

    /// Matrices of the same size, one under the other.
    fn linear(&self, names: &[String], rows: usize, columns: usize) -> Result<Linear, BadModel> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            weights.extend(self.tensors.floats(&format!("{name}.weight"), &[rows, columns])?);
            bias.extend(self.tensors.floats(&format!("{name}.bias"), &[rows])?);
        }
        Ok(Linear::of(columns, &weights, bias))
    }

    fn norm(&self, name: &str) -> Result<Norm, BadModel> {
        let shape = [self.config.hidden];
        let weight = self.tensors.floats(&format!("{name}.weight"), &shape)?;
        let bias = self.tensors.floats(&format!("{name}.bias"), &shape)?;
        Ok(Norm { weight, bias, epsilon: self.config.epsilon })
    }
}
