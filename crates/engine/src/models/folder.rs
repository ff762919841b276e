//! A model in a folder.

use super::fingerprint;
use similarity::{Bert, BertFiles};
use std::fs;
use std::io;
use std::path::Path;

/// Longest part of an id that is the folder's name, characters.
const NAME: usize = 60;

/// The model's id and itself, or what is wrong. The id is the folder's name and a hash of the files that make a vector.
pub(super) fn read(folder: &Path) -> Result<(String, Bert), String> {
    let at = |name: &str| folder.join(name).display().to_string();
    let required = |name: &str| fs::read(folder.join(name)).map_err(|error| format!("{}: {error}", at(name)));
    let optional = |name: &str| match fs::read(folder.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", at(name))),
        Ok(bytes) => text(bytes, &at(name)).map(Some),
    };
    let config = text(required("config.json")?, &at("config.json"))?;
    let tokenizer = text(required("tokenizer.json")?, &at("tokenizer.json"))?;
    let (pooling, modules) = (optional("1_Pooling/config.json")?, optional("modules.json")?);
    let weights = required("model.safetensors")?;
    let files = BertFiles {
        config: &config,
        tokenizer: &tokenizer,
        weights: &weights,
        pooling: pooling.as_deref(),
        modules: modules.as_deref(),
    };
    let bert = Bert::read(&files).map_err(|bad| format!("{}: {}", at(bad.file), bad.what))?;
    let pooled = pooling.unwrap_or_default();
    let hash = fingerprint(&[config.as_bytes(), tokenizer.as_bytes(), pooled.as_bytes(), &weights]);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = name.chars().take(NAME).collect();
    Ok((format!("folder:{name}@{hash}"), bert))
}

fn text(bytes: Vec<u8>, at: &str) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| format!("{at}: not UTF-8"))
}
