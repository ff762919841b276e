//! A relay between a program and a server: it knows what was asked, and lets through as much as it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::client::Caller;

/// A relay for calls without a body.
pub struct Relay {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    asked: Vec<String>,
    /// Calls that still get through; the others are refused.
    left: usize,
    /// Whether the next call is told to come again at once.
    busy: bool,
    /// Calls with this in them are refused as what the server does not know.
    unknown: Option<&'static str>,
}

impl Relay {
    /// A relay to the server at this address that lets `calls` through, and tells the first that it is busy.
    pub fn to(server: &str, calls: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let state = Arc::new(Mutex::new(State { left: calls, busy: true, ..State::default() }));
        let (shared, server) = (Arc::clone(&state), server.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                relay(&stream, &server, &shared);
            }
        });
        Self { address, state }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// From now on calls with `part` in them are refused.
    pub fn refuse(&self, part: &'static str) {
        self.state.lock().expect("the relay's state").unknown = Some(part);
    }

    /// What was asked until now; from now on `calls` get through.
    pub fn begin_again(&self, calls: usize) -> Vec<String> {
        let mut state = self.state.lock().expect("the relay's state");
        state.left = calls;
        std::mem::take(&mut state.asked)
    }
}

fn relay(stream: &TcpStream, server: &str, state: &Mutex<State>) {
    let Some((path, headers)) = read(stream) else { return };
    let mut state = state.lock().expect("the relay's state");
    if std::mem::take(&mut state.busy) {
        return reply(stream, 503, "{}");
    }
    state.asked.push(path.clone());
    if state.unknown.is_some_and(|part| path.contains(part)) {
        return reply(stream, 422, r#"{"detail": "unknown"}"#);
    }
    if state.left == 0 {
        return reply(stream, 400, r#"{"detail": "no more"}"#);
    }
    state.left -= 1;
    let caller =
        headers.iter().fold(Caller::new(server), |caller, (name, value)| caller.with_header(name, value));
    let answer = caller.get(&path).send();
    reply(stream, answer.status, &answer.body);
}

fn read(stream: &TcpStream) -> Option<(String, Vec<(String, String)>)> {
    let mut lines = BufReader::new(stream).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let headers = lines.map_while(|line| line.ok().filter(|line| !line.is_empty()));
    let headers = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-api-key").then(|| (name.to_owned(), value.trim().to_owned()))
    });
    Some((path, headers.collect()))
}

fn reply(mut stream: &TcpStream, status: u16, body: &str) {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nretry-after: 0\r\n");
    let head = format!("{head}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Who does not wait any more is not told.
    let _ = stream.write_all((head + body).as_bytes());
}
