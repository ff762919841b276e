//! One request to an embeddings service, and what came of it.

use super::EndpointSettings;
use crate::service::{Failure, Service};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Of each text so many characters are sent, so that no text is too long for a service: questions are shorter.
const SENT: usize = 1000;
/// No vector is longer.
const MOST_COMPONENTS: usize = 8192;

/// How the service is asked.
pub struct Request {
    service: Service,
    model: String,
    timeout: Duration,
}

#[derive(Deserialize)]
struct Reply {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    embedding: Vec<f32>,
}

impl Request {
    pub fn new(settings: &EndpointSettings, timeout: Duration) -> Self {
        Self {
            service: Service::new(&settings.base_url, settings.key.clone()),
            model: settings.model.clone(),
            timeout,
        }
    }

    /// Asks once; blocks. The vectors come in the order of the texts.
    pub fn send(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let texts: Vec<&str> = texts.iter().map(|text| beginning(text)).collect();
        let body = json!({ "model": self.model, "input": texts, "encoding_format": "float" });
        let reply = self.service.post::<Reply>("/embeddings", &body, self.timeout)?;
        in_order(reply, texts.len())
    }
}

fn in_order(mut reply: Reply, count: usize) -> Result<Vec<Vec<f32>>, Failure> {
    reply.data.sort_by_key(|item| item.index);
    let indices = reply.data.iter().map(|item| item.index);
    if !indices.eq(0..count) {
        let found = reply.data.len();
        return Err(Failure::lasting(format!("it gave {found} vectors for {count} texts")));
    }
    let sound = |item: &Item| {
        (1..=MOST_COMPONENTS).contains(&item.embedding.len())
            && item.embedding.iter().all(|value| value.is_finite())
    };
    if !reply.data.iter().all(sound) {
        return Err(Failure::lasting(
            "it gave a vector that is empty, too long, or holds no numbers".to_owned(),
        ));
    }
    Ok(reply.data.into_iter().map(|item| item.embedding).collect())
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(SENT).map_or(text, |(end, _)| &text[..end])
}
