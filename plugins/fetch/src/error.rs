//! Why an address gave nothing to read. Each says what to try instead, as far as there is something.

use std::fmt;

use portcullis_plugin::http;

/// Why an address gave nothing to read.
///
/// What the person would have to write to permit a request is never said here: a model could write it for them.
#[derive(Clone, Debug, PartialEq)]
pub enum FetchError {
    /// The text is no address of the web.
    Url {
        /// The beginning of the text.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The host did not let a request to this server out.
    Denied {
        /// The server.
        server: String,
    },
    /// The request failed on its way.
    Failed {
        /// The server.
        server: String,
        /// How.
        reason: String,
    },
    /// One redirect led to the next for too long.
    TooManyRedirects {
        /// Where the last of them led.
        last: String,
    },
    /// The server answered with a status that is none of success.
    Status {
        /// The status.
        status: u16,
        /// Which page it is about.
        url: String,
        /// How the server's own words on it begin.
        said: String,
    },
    /// What came has more bytes than this plugin takes.
    TooLarge {
        /// What it may have at most.
        bytes_max: usize,
    },
    /// What came is not text.
    NotText {
        /// What it says it is, or what it looks like.
        kind: String,
    },
    /// What came is not JSON.
    NotJson {
        /// Why.
        reason: String,
    },
    /// The JSON has nothing at the pointer.
    Pointer {
        /// The pointer.
        pointer: String,
    },
    /// There is no character at `start`.
    BeyondTheEnd {
        /// How many there are.
        total_chars: usize,
    },
}

impl FetchError {
    /// The failure of a request to this server.
    pub fn of_request(error: http::Error, server: &str) -> Self {
        match error {
            http::Error::Denied => Self::Denied {
                server: server.to_owned(),
            },
            http::Error::TooLarge => Self::TooLarge {
                bytes_max: http::BODY_BYTES_MAX,
            },
            other => Self::Failed {
                server: server.to_owned(),
                reason: other.to_string(),
            },
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { url, problem } => write!(
                f,
                "`{url}` {problem} (hint: give a whole address, such as `https://example.com/page`)"
            ),
            Self::Denied { server } => write!(
                f,
                "this plugin was not given leave to reach `{server}` (hint: only the person who runs Portcullis can give \
                 it; `portcullis explain fetch` tells them how things stand)"
            ),
            Self::Failed { server, reason } => {
                write!(f, "the request to `{server}` failed: {reason}")
            }
            Self::TooManyRedirects { last } => write!(
                f,
                "there were too many redirects (hint: the last one led to `{last}`)"
            ),
            Self::Status { status, url, said } => {
                write!(f, "the server answered `{url}` with status {status}")?;
                match said.as_str() {
                    "" => Ok(()),
                    said => write!(f, ", and said: {said}"),
                }
            }
            Self::TooLarge { bytes_max } => write!(
                f,
                "what came has more than {bytes_max} bytes (hint: look for a smaller page about the same)"
            ),
            Self::NotText { kind } => write!(
                f,
                "what came is {kind}, and this plugin reads only text (hint: look for the same as a web page)"
            ),
            Self::NotJson { reason } => write!(
                f,
                "what came is not JSON that can be read: {reason} (hint: `fetch` with format `raw` shows it as it is)"
            ),
            Self::Pointer { pointer } => write!(
                f,
                "the document has nothing at `{pointer}` (hint: leave out `pointer` to see the whole)"
            ),
            Self::BeyondTheEnd { total_chars } => write!(
                f,
                "there is nothing at `start`: the text has {total_chars} characters"
            ),
        }
    }
}

impl std::error::Error for FetchError {}
