//! Requests over HTTP, one after the other.
//!
//! The host sends them, and only where the person who runs it lets the plugin: each request passes its gate, so one that
//! follows a redirect is asked about again. A plugin that sends none does not import `wasi:http`.
//!
//! ```no_run
//! use portcullis_plugin::http::{Error, Request};
//!
//! fn greeting() -> Result<String, Error> {
//!     let response = Request::get("https://api.example.com/hello")
//!         .header("accept", "text/plain")
//!         .send()?;
//!     response.text()
//! }
//! ```
//!
//! There is no host on a native target, where unit tests run: there every request fails with [`Error::Other`].

#[cfg(target_arch = "wasm32")]
mod wasi;

#[cfg(not(target_arch = "wasm32"))]
use absent as wasi;

use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

/// Bytes of a response's body, unless the request says otherwise: what the host lets through by default.
pub const BODY_BYTES_MAX: usize = 8 << 20;

/// Bytes asked of the host at a time; more would only wait longer for the first of them.
const CHUNK_BYTES: usize = 64 << 10;

/// A request that was not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a request goes out with `send`"]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    timeout: Option<Duration>,
    body_bytes_max: usize,
}

impl Request {
    /// A request with any method.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
            body_bytes_max: BODY_BYTES_MAX,
        }
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A `POST` with this body.
    pub fn post(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::new("POST", url).body(body)
    }

    /// The same, with one more header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same, with this body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same, waiting no longer than this for the connection, for the first byte and between two bytes. The host
    /// waits no longer than it wants in any case.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The same, taking no more than so many bytes of the response's body.
    pub fn body_bytes_max(mut self, bytes_max: usize) -> Self {
        self.body_bytes_max = bytes_max;
        self
    }

    /// Sends the request and waits for the head of the response. Redirects are not followed.
    ///
    /// # Errors
    /// When the host refuses, the other side cannot be reached, or does not speak HTTP.
    pub fn send(self) -> Result<Response, Error> {
        wasi::send(&self)
    }
}

/// A response, of whatever status. Its body is read afterwards, once.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: wasi::Body,
    bytes_left: usize,
}

impl Response {
    /// The status, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, in upper or lower case. None also when it is not UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(of, _)| of.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// All headers, in the order they came in.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The next bytes of the body; none at its end.
    ///
    /// # Errors
    /// When the body is cut off, takes too long, or has more bytes than the request allows.
    pub fn chunk(&mut self) -> Result<Vec<u8>, Error> {
        let chunk = self.body.read(CHUNK_BYTES)?;
        self.bytes_left = self
            .bytes_left
            .checked_sub(chunk.len())
            .ok_or(Error::TooLarge)?;
        Ok(chunk)
    }

    /// The whole body.
    ///
    /// # Errors
    /// As for [`chunk`](Self::chunk).
    pub fn bytes(mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(chunk);
        }
    }

    /// The whole body as text. What is not UTF-8 in it becomes U+FFFD.
    ///
    /// # Errors
    /// As for [`chunk`](Self::chunk).
    pub fn text(self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The body as a reader, for a parser that takes one.
    pub fn reader(self) -> impl Read {
        Reader {
            response: self,
            chunk: io::Cursor::default(),
        }
    }
}

struct Reader {
    response: Response,
    chunk: io::Cursor<Vec<u8>>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.position() >= self.chunk.get_ref().len() as u64 {
            self.chunk = io::Cursor::new(self.response.chunk().map_err(io::Error::other)?);
        }
        self.chunk.read(buffer)
    }
}

/// Why there is no response, or no whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The host refused. Why, is told to the person who runs it and not to the plugin.
    Denied,
    /// Something took too long.
    Timeout,
    /// There is more than the request or the host allows.
    TooLarge,
    /// The host's name has no address.
    Dns,
    /// The connection failed or broke.
    Connection,
    /// The other side could not prove who it is, or encryption failed.
    Tls,
    /// Anything else, in words for people.
    Other(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "the host did not let the request out",
            Self::Timeout => "it took too long",
            Self::TooLarge => "the response is too large",
            Self::Dns => "the name of the server could not be resolved",
            Self::Connection => "the connection failed",
            Self::Tls => "the secure connection failed",
            Self::Other(reason) => reason,
        })
    }
}

impl std::error::Error for Error {}

/// The parts of a URL that a request is made of.
#[derive(Debug, PartialEq)]
#[cfg(any(target_arch = "wasm32", test))]
struct Parts<'a> {
    is_secure: bool,
    authority: &'a str,
    /// With a `/` in front, added when there was none.
    path_and_query: String,
}

/// Takes a URL apart. What is wrong within a part is for the host to find, whose reading counts.
#[cfg(any(target_arch = "wasm32", test))]
fn parts(url: &str) -> Result<Parts<'_>, Error> {
    let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
    let (is_secure, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
        _ => return Err(Error::Other(format!("`{url}` is no URL of the web"))),
    };
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Parts {
        is_secure,
        authority,
        path_and_query: format!("{slash}{path}"),
    })
}

#[cfg(not(target_arch = "wasm32"))]
mod absent {
    use super::{Error, Request, Response};

    /// The body of a response there never is.
    #[derive(Debug)]
    pub(super) enum Body {}

    impl Body {
        pub(super) fn read(&mut self, _: usize) -> Result<Vec<u8>, Error> {
            match *self {}
        }
    }

    pub(super) fn send(_: &Request) -> Result<Response, Error> {
        Err(Error::Other(
            "a plugin sends requests only inside the host".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (url, is_secure, authority, path_and_query) in [
            ("https://a.example", true, "a.example", "/"),
            (
                "HTTP://a.example:8080/x/y?z=1#part",
                false,
                "a.example:8080",
                "/x/y?z=1",
            ),
            ("https://a.example?q=/", true, "a.example", "/?q=/"),
            ("https://[::1]:1/", true, "[::1]:1", "/"),
        ] {
            let expected = Parts {
                is_secure,
                authority,
                path_and_query: path_and_query.to_owned(),
            };
            assert_eq!(parts(url), Ok(expected), "{url}");
        }
        for url in [
            "",
            "a.example/x",
            "file:///etc/passwd",
            "mailto:a@b.example",
            "#https://a",
        ] {
            assert!(matches!(parts(url), Err(Error::Other(_))), "{url}");
        }
    }

    #[test]
    fn outside_the_host_a_request_fails_and_says_so() {
        let sent = Request::get("https://a.example")
            .header("accept", "*/*")
            .timeout(Duration::from_secs(1))
            .send();
        assert_eq!(
            sent.err(),
            Some(Error::Other(
                "a plugin sends requests only inside the host".to_owned()
            ))
        );
    }
}
