//! How large a network is, and how its tokens' vectors become one: config.json, 1_Pooling/config.json, modules.json.

use super::Pooling;
use super::fields::{BadModel, Fields, json};

pub const CONFIG: &str = "config.json";
const POOLING: &str = "1_Pooling/config.json";
const MODULES: &str = "modules.json";

/// What the integer products take at one go: vectors and heads must be multiples of it.
const STEP: usize = 16;
/// The least positions that leave room for a token between the marks.
const LEAST_POSITIONS: usize = 3;

/// What config.json says.
#[derive(Debug, PartialEq)]
pub struct Config {
    pub hidden: usize,
    pub layers: usize,
    pub heads: usize,
    pub inner: usize,
    pub positions: usize,
    pub kinds: usize,
    pub vocabulary: usize,
    pub epsilon: f32,
}

impl Config {
    pub fn read(text: &str) -> Result<Self, BadModel> {
        let value = json(CONFIG, text)?;
        let fields = Fields::of(CONFIG, &value);
        fields.one_of("model_type", &["bert"])?;
        fields.one_of("hidden_act", &["gelu"])?;
        if fields.get("position_embedding_type").is_some() {
            fields.one_of("position_embedding_type", &["absolute"])?;
        }
        let config = Self {
            hidden: fields.count("hidden_size")?,
            layers: fields.count("num_hidden_layers")?,
            heads: fields.count("num_attention_heads")?,
            inner: fields.count("intermediate_size")?,
            positions: fields.count("max_position_embeddings")?,
            kinds: fields.count("type_vocab_size")?,
            vocabulary: fields.count("vocab_size")?,
            epsilon: epsilon(&fields)?,
        };
        for (field, size) in [("hidden_size", config.hidden), ("intermediate_size", config.inner)] {
            if !size.is_multiple_of(STEP) {
                return Err(fields.bad(field, format_args!("{size} is not a multiple of {STEP}")));
            }
        }
        if !config.hidden.is_multiple_of(config.heads * STEP) {
            let expected = format_args!("hidden_size in each head must be a multiple of {STEP}");
            return Err(fields.bad("num_attention_heads", expected));
        }
        if config.positions < LEAST_POSITIONS {
            return Err(
                fields.bad("max_position_embeddings", format_args!("must be {LEAST_POSITIONS} or more"))
            );
        }
        Ok(config)
    }
}

fn epsilon(fields: &Fields<'_>) -> Result<f32, BadModel> {
    let epsilon = fields.required("layer_norm_eps")?.as_f64().filter(|value| (0.0..0.1).contains(value));
    epsilon
        .map(|value| value as f32)
        .ok_or_else(|| fields.bad("layer_norm_eps", "must be a number from 0 to 0.1"))
}

impl Pooling {
    /// What 1_Pooling/config.json says; the mean where there is none.
    pub(super) fn read(text: Option<&str>) -> Result<Self, BadModel> {
        let Some(text) = text else { return Ok(Self::Mean) };
        let value = json(POOLING, text)?;
        let fields = Fields::of(POOLING, &value);
        let modes =
            value.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with("pooling_mode_"));
        let mut chosen = Vec::new();
        for (name, _) in modes {
            if fields.flag(name, false)? {
                chosen.push(name.as_str());
            }
        }
        match chosen[..] {
            ["pooling_mode_mean_tokens"] => Ok(Self::Mean),
            ["pooling_mode_cls_token"] => Ok(Self::First),
            [] => Err(fields.bad("pooling_mode_mean_tokens", "no pooling mode is true")),
            [other] => Err(fields.bad(other, "cannot be run; what can: the mean, or the first token")),
            [_, other, ..] => Err(fields.bad(other, "a second pooling mode cannot be run")),
        }
    }
}

/// Refuses a chain of modules that does more than the network, pooling and scaling to unit length.
pub fn check_modules(text: Option<&str>) -> Result<(), BadModel> {
    let Some(text) = text else { return Ok(()) };
    let value = json(MODULES, text)?;
    let modules = value.as_array().ok_or_else(|| Fields::of(MODULES, &value).bad("", "must be a list"))?;
    for module in modules {
        let fields = Fields::of(MODULES, module);
        let kind = fields.text("type")?;
        if !["Transformer", "Pooling", "Normalize"].contains(&kind.rsplit('.').next().unwrap_or(kind)) {
            return Err(fields.bad("type", format_args!("a module of type {kind} cannot be run")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: impl FnOnce(&mut serde_json::Value)) -> Result<Config, String> {
        let mut value = serde_json::json!({
            "model_type": "bert", "hidden_act": "gelu", "hidden_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 40,
            "type_vocab_size": 2, "vocab_size": 100, "layer_norm_eps": 1e-12,
        });
        change(&mut value);
        Config::read(&value.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn faults_name_the_file_and_the_field() {
        assert_eq!(config(|_| ()).unwrap().heads, 4);
        for (field, value, says) in [
            (
                "model_type",
                "roberta".into(),
                "config.json: model_type: “roberta” cannot be run; what can: bert",
            ),
            ("hidden_act", "relu".into(), "config.json: hidden_act: “relu” cannot be run; what can: gelu"),
            ("hidden_size", 312.into(), "config.json: hidden_size: 312 is not a multiple of 16"),
            ("vocab_size", serde_json::Value::Null, "config.json: vocab_size: is missing"),
            ("num_attention_heads", 3.into(), "config.json: num_attention_heads: hidden_size in each head"),
            ("max_position_embeddings", 2.into(), "config.json: max_position_embeddings: must be 3 or more"),
            ("layer_norm_eps", "x".into(), "config.json: layer_norm_eps: must be a number"),
        ] {
            let error = config(|config| config[field] = value).unwrap_err();
            assert!(error.starts_with(says), "{error}");
        }
        assert!(Config::read("{").unwrap_err().to_string().starts_with("config.json: not JSON"));
    }

    #[test]
    fn pooling_is_what_the_folder_says() {
        let pooling = |text| Pooling::read(text).map_err(|error| error.to_string());
        assert_eq!(pooling(None), Ok(Pooling::Mean));
        let cls = r#"{"word_embedding_dimension": 64, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#;
        assert_eq!(pooling(Some(cls)), Ok(Pooling::First));
        let both = cls.replace("false", "true");
        assert!(pooling(Some(&both)).unwrap_err().contains("second pooling mode"));
        let most = r#"{"pooling_mode_max_tokens": true}"#;
        assert!(
            pooling(Some(most)).unwrap_err().starts_with("1_Pooling/config.json: pooling_mode_max_tokens")
        );
    }

    #[test]
    fn a_further_module_is_refused() {
        let module = |kind: &str| format!(r#"[{{"idx": 0, "type": "sentence_transformers.models.{kind}"}}]"#);
        assert!(check_modules(Some(&module("Normalize"))).is_ok() && check_modules(None).is_ok());
        assert!(check_modules(Some(&module("Dense"))).unwrap_err().to_string().contains("models.Dense"));
    }
}
