//! A caller of the API and the replies it gets. A refusal is a reply like any other.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

/// Somebody who calls the API with the credentials they hold.
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    address: String,
    headers: Vec<(String, String)>,
}

impl Caller {
    /// Somebody without credentials.
    pub fn new(address: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_mins(1)))
            .proxy(None)
            .build()
            .into();
        Self { agent, address: address.to_owned(), headers: Vec::new() }
    }

    /// The same caller, who sends this header with every call.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same caller with `Authorization: Bearer`: a signed-in person's JWT or an access key.
    pub fn with_bearer(self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// The headers of every call, as they go over the wire.
    pub fn header_lines(&self) -> String {
        self.headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect()
    }

    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str, body: Value) -> Call {
        self.call("POST", path).json(body)
    }

    pub fn put(&self, path: &str, body: Value) -> Call {
        self.call("PUT", path).json(body)
    }

    pub fn patch(&self, path: &str, body: Value) -> Call {
        self.call("PATCH", path).json(body)
    }

    pub fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }

    /// Any method, without a body.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call {
            agent: self.agent.clone(),
            method: method.parse().expect("an HTTP method"),
            url: format!("{}{path}", self.address),
            headers: self.headers.clone(),
            body: None,
        }
    }
}

/// A call that is ready to be sent.
#[must_use = "a call does nothing until it is sent: end it with `.expect(status)` or `.send()`"]
pub struct Call {
    agent: Agent,
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Edits only this version, as an earlier reply's [`Reply::etag`] named it.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn json(self, body: Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    pub fn bytes(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body(body).header("content-type", content_type)
    }

    /// A body that does not say what it is.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it; any status is a reply.
    pub fn send(self) -> Reply {
        self.try_send().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sends it to a server that may be gone: then there is no reply, and why.
    pub fn try_send(self) -> Result<Reply, String> {
        let sent = format!("{} {}", self.method, self.url);
        let mut request = Request::builder().method(self.method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = match self.body {
            Some(body) => self.agent.run(request.body(body).expect("a valid request")),
            None => self.agent.run(request.body(()).expect("a valid request")),
        };
        let mut response = response.map_err(|error| format!("{sent}: {error}"))?;
        let bytes = response.body_mut().read_to_vec().map_err(|error| format!("{sent}: {error}"))?;
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Reply {
            sent,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            json: serde_json::from_str(&body).unwrap_or(Value::Null),
            body,
        })
    }

    /// Sends it and insists on this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Reply {
        self.send().expect(status)
    }

    /// Sends it and insists on a problem: see [`Reply::expect_problem`].
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Reply {
        self.send().expect_problem(status, code)
    }
}

/// What came back.
pub struct Reply {
    sent: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, or null where it is not JSON.
    pub json: Value,
    pub body: String,
}

impl Reply {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Insists on problem+json with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{reply}");
        assert_eq!(reply.json["status"], status, "{reply}");
        assert_eq!(reply.json["code"], code, "{reply}");
        reply
    }

    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    #[track_caller]
    pub fn etag(&self) -> &str {
        let etag = self.header("etag");
        assert!(!etag.is_empty(), "no ETag: {self}");
        etag
    }

    /// The string at a JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        self.json
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no text at {pointer}: {self}"))
    }

    /// The resource's id.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.text("/id")
    }

    /// The array at a JSON pointer.
    #[track_caller]
    pub fn list(&self, pointer: &str) -> &[Value] {
        let list = self.json.pointer(pointer).and_then(Value::as_array);
        list.unwrap_or_else(|| panic!("no list at {pointer}: {self}"))
    }

    /// A list's items.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.list("/items")
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `{reply:.200}` is its beginning.
        f.pad(&format!("{} answered {}: {}", self.sent, self.status, self.body))
    }
}
