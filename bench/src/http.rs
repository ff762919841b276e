//! HTTP/1.1 on one connection that is kept open: as little work as can be, since the generator shares the processor with what it measures.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

/// Headers of a reply that are read at the most.
const HEADERS: usize = 32;
/// Bytes read at once.
const READ: usize = 16 * 1024;

/// A request as it goes over the wire, made once and sent as it is. A change is of whatever version is there.
pub fn request(method: &str, path: &str, token: Option<&str>, body: &[u8]) -> Vec<u8> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let version = if method == "PATCH" { "if-match: *\r\n" } else { "" };
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\n{authorization}{version}{kind}content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// What came back.
pub struct Reply<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

/// One connection, one request at a time.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(READ) })
    }

    /// Sends a request of [`request`] and waits for the whole reply.
    ///
    /// # Errors
    /// The connection broke, or what came is no reply with a `content-length`.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<Reply<'_>> {
        self.write(request).await?;
        self.received.clear();
        let (status, body) = loop {
            self.read().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        while self.received.len() < body.end {
            self.read().await?;
        }
        Ok(Reply { status, body: &self.received[body] })
    }

    async fn write(&self, mut rest: &[u8]) -> io::Result<()> {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> io::Result<()> {
        self.received.reserve(READ);
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The status, and where the body lies; none while the head is not complete.
fn head(received: &[u8]) -> io::Result<Option<(u16, std::ops::Range<usize>)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let begins = match response.parse(received).map_err(io::Error::other)? {
        httparse::Status::Complete(begins) => begins,
        httparse::Status::Partial => return Ok(None),
    };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    let status = response.code.unwrap_or_default();
    let length = match (length, status) {
        (Some(length), _) => length,
        (None, 204 | 304) => 0,
        (None, _) => return Err(io::Error::other("a reply without content-length")),
    };
    Ok(Some((status, begins..begins + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let whole = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx: y\r\n\r\n{}";
        for end in 0..whole.len() - 2 {
            assert_eq!(head(&whole[..end]).unwrap(), None);
        }
        let (status, body) = head(whole).unwrap().unwrap();
        assert_eq!((status, &whole[body]), (201, &b"{}"[..]));
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn a_request_says_how_long_it_is() {
        let text = String::from_utf8(request("POST", "/a", Some("t"), b"{}")).unwrap();
        assert!(
            text.starts_with("POST /a HTTP/1.1\r\n") && text.ends_with("content-length: 2\r\n\r\n{}"),
            "{text}"
        );
        assert!(text.contains("authorization: Bearer t\r\n"), "{text}");
    }
}
