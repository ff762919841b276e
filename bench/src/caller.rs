//! Calls of the API for what is not measured: setting up, and looking at what is there.

use std::error::Error;
use std::net::SocketAddr;

use serde_json::Value;

use crate::http::{Connection, request};

/// Why a measurement could not be made.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Somebody who calls the API with a token.
pub struct Caller {
    connection: Connection,
    token: Option<String>,
}

impl Caller {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn new(address: SocketAddr, token: Option<String>) -> Result<Self, Failure> {
        Ok(Self { connection: Connection::open(address).await?, token })
    }

    /// Reads.
    ///
    /// # Errors
    /// As [`Caller::call`].
    pub async fn get(&mut self, path: &str) -> Result<Value, Failure> {
        self.call("GET", path, &Value::Null).await
    }

    /// Writes.
    ///
    /// # Errors
    /// As [`Caller::call`].
    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call("POST", path, body).await
    }

    /// Changes.
    ///
    /// # Errors
    /// As [`Caller::call`].
    pub async fn patch(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call("PATCH", path, body).await
    }

    /// # Errors
    /// The connection broke, or the reply is no success: then what it says.
    async fn call(&mut self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let sent = request(method, path, self.token.as_deref(), body.as_bytes());
        let reply = self.connection.send(&sent).await?;
        if !(200..300).contains(&reply.status) {
            let said = String::from_utf8_lossy(reply.body);
            return Err(format!("{method} {path} answered {}: {said}", reply.status).into());
        }
        Ok(if reply.body.is_empty() { Value::Null } else { serde_json::from_slice(reply.body)? })
    }
}

/// The text at a JSON pointer.
///
/// # Errors
/// There is none.
pub fn text(reply: &Value, pointer: &str) -> Result<String, Failure> {
    let text = reply.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("no text at {pointer} of {reply}").into())
}
