//! A made-up embeddings service on this machine, that does what the test tells it.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{sleep, spawn};
use std::time::Duration;

use serde_json::{Value, json};

use super::service;

/// Components of its vectors: not in steps of sixteen.
pub const DIMENSION: usize = 20;

/// What it does with one request.
#[derive(Clone, Copy)]
pub enum Does {
    /// Answers.
    Answer,
    /// Refuses with this status.
    Refuse(u16),
    /// Answers after so long.
    Wait(Duration),
    /// Answers with vectors of so many components.
    Components(usize),
}

/// One request that came.
#[derive(Clone)]
pub struct Asked {
    pub path: String,
    pub authorization: String,
    pub model: String,
    pub texts: Vec<String>,
}

#[derive(Default)]
struct State {
    next: VecDeque<Does>,
    asked: Vec<Asked>,
}

/// The service; it runs until the tests end.
pub struct Embeddings {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Embeddings {
    /// Starts it. It does these things with its first requests, then answers.
    pub fn start(first: &[Does]) -> Self {
        Self::start_at("127.0.0.1:0", first)
    }

    /// Starts it at an address.
    pub fn start_at(address: &str, first: &[Does]) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let service = Self { address: listener.local_addr().expect("an address"), state: Arc::default() };
        service.then(first);
        let state = Arc::clone(&service.state);
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                spawn(move || serve(&stream, &state));
            }
        });
        service
    }

    /// What it does with the requests after those it was told about.
    pub fn then(&self, what: &[Does]) {
        self.lock().next.extend(what);
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What came, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let Some((asked, body)) = read(stream) else { return };
    let does = {
        let mut state = lock(state);
        state.asked.push(asked);
        state.next.pop_front().unwrap_or(Does::Answer)
    };
    let texts = body["input"].as_array().cloned().unwrap_or_default();
    let (status, reply) = match does {
        Does::Refuse(status) => (status, json!({ "error": { "message": "not now" } })),
        Does::Components(components) => (200, vectors(&texts, components)),
        Does::Answer => (200, vectors(&texts, DIMENSION)),
        Does::Wait(time) => {
            sleep(time);
            (200, vectors(&texts, DIMENSION))
        }
    };
    service::reply(stream, status, &reply);
}

fn read(stream: &TcpStream) -> Option<(Asked, Value)> {
    let service::Request { path, authorization, body } = service::read(stream)?;
    let texts = body["input"].as_array()?.iter().filter_map(|text| Some(text.as_str()?.to_owned()));
    let (texts, model) = (texts.collect(), body["model"].as_str()?.to_owned());
    Some((Asked { path, authorization, model, texts }, body))
}

/// The vectors, in another order than the texts. A text's is made of its letters.
fn vectors(texts: &[Value], components: usize) -> Value {
    let vector = |text: &Value| {
        let mut vector = vec![0.1; components];
        for byte in text.as_str().unwrap_or_default().bytes() {
            vector[usize::from(byte.to_ascii_lowercase()) % components] += 1.0;
        }
        vector
    };
    let item = |(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text) });
    json!({ "object": "list", "data": texts.iter().enumerate().rev().map(item).collect::<Vec<_>>() })
}
