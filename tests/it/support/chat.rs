//! A made-up LLM on this machine, behind OpenAI's chat completions, that says what the test tells it.

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{sleep, spawn};
use std::time::Duration;

use serde_json::{Value, json};

use super::service;

/// What it does with one request.
#[derive(Clone)]
pub enum Does {
    /// Says this.
    Say(String),
    /// Says this after so long.
    SayAfter(Duration, String),
    /// Refuses with this status and these words.
    Refuse(u16, String),
    /// Answers with this, which need be no completion.
    Answer(Value),
    /// Hangs up.
    HangUp,
}

/// One request that came.
#[derive(Clone)]
pub struct Asked {
    pub path: String,
    pub authorization: String,
    pub body: Value,
}

impl Asked {
    /// What it was to do it with.
    pub fn material(&self) -> Value {
        serde_json::from_str(self.body["messages"][1]["content"].as_str().expect("material")).expect("JSON")
    }
}

struct State {
    next: VecDeque<Does>,
    then: Does,
    asked: Vec<Asked>,
}

/// The LLM; it runs until the tests end.
pub struct Chat {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Chat {
    /// Starts it. It does the same with every request, until it is told something else.
    pub fn start(always: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let state = State { next: VecDeque::new(), then: always, asked: Vec::new() };
        let chat =
            Self { address: listener.local_addr().expect("an address"), state: Arc::new(Mutex::new(state)) };
        let state = Arc::clone(&chat.state);
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                spawn(move || serve(&stream, &state));
            }
        });
        chat
    }

    /// What it does with the next requests.
    pub fn next(&self, what: impl IntoIterator<Item = Does>) {
        self.lock().next.extend(what);
    }

    /// What it does with every request from now on.
    pub fn always(&self, what: Does) {
        let mut state = self.lock();
        state.next.clear();
        state.then = what;
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
    let Some(service::Request { path, authorization, body }) = service::read(stream) else { return };
    let does = {
        let mut state = lock(state);
        state.asked.push(Asked { path, authorization, body });
        state.next.pop_front().unwrap_or_else(|| state.then.clone())
    };
    match does {
        Does::Say(words) => service::reply(stream, 200, &completion(&words)),
        Does::SayAfter(time, words) => {
            sleep(time);
            service::reply(stream, 200, &completion(&words));
        }
        Does::Refuse(status, words) => {
            service::reply(stream, status, &json!({ "error": { "message": words } }));
        }
        Does::Answer(body) => service::reply(stream, 200, &body),
        Does::HangUp => {}
    }
}

fn completion(words: &str) -> Value {
    let message = json!({ "role": "assistant", "content": words });
    json!({ "object": "chat.completion", "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] })
}
