//! What made-up services on this machine share: one request in, one reply out, over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// One request that came.
pub struct Request {
    pub path: String,
    pub authorization: String,
    pub body: Value,
}

/// Reads a POST with a JSON body.
pub fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut authorization, mut length) = (String::new(), String::new(), 0);
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        let words: Vec<&str> = line.trim().splitn(2, ' ').collect();
        match words[..] {
            ["POST", rest] => path = rest.split(' ').next()?.to_owned(),
            [name, value] if name.eq_ignore_ascii_case("authorization:") => {
                value.clone_into(&mut authorization);
            }
            [name, value] if name.eq_ignore_ascii_case("content-length:") => length = value.parse().ok()?,
            _ => {}
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, authorization, body: serde_json::from_slice(&body).ok()? })
}

/// Replies and hangs up.
pub fn reply(stream: &TcpStream, status: u16, body: &Value) {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nretry-after: 0\r\n");
    let head = format!("{head}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Who does not wait any more is not told.
    let _ = { stream }.write_all((head + &body).as_bytes());
}
