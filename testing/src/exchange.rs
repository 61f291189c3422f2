//! A request and what is answered to it.

use bytes::Bytes;
use portcullis::trial;
use serde_json::Value;

/// A request and what is answered to it. Nothing leaves the process: whoever asks for this URL gets this answer.
///
/// ```
/// use portcullis_testing::Exchange;
/// use serde_json::json;
///
/// let found = Exchange::get("https://api.example.com/users/7").answer_json(json!({"name": "Ada"}));
/// let refused = Exchange::post("https://api.example.com/users")
///     .with_body(r#"{"name": "Ada"}"#)
///     .answer_status(409)
///     .answer_header("retry-after", "5");
/// # drop((found, refused));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange(pub(crate) trial::Exchange);

impl Exchange {
    /// A `GET` of this URL, answered with status 200 and nothing else. In which order the query has its pairs makes no
    /// difference.
    pub fn get(url: &str) -> Self {
        Self::request("GET", url)
    }

    /// A `POST` to this URL, answered with status 200 and nothing else.
    pub fn post(url: &str) -> Self {
        Self::request("POST", url)
    }

    /// A request with any method.
    pub fn request(method: &str, url: &str) -> Self {
        Self(trial::Exchange {
            method: method.to_ascii_uppercase(),
            url: url.to_owned(),
            body: None,
            status: 200,
            headers: Vec::new(),
            response: Bytes::new(),
        })
    }

    /// Only with this body. JSON may be spaced and ordered in another way.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = Some(body.into().into());
        self
    }

    /// Answered with this status.
    #[must_use]
    pub fn answer_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// Answered with this header, besides others.
    #[must_use]
    pub fn answer_header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answered with this body.
    #[must_use]
    pub fn answer(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.response = body.into().into();
        self
    }

    /// Answered with JSON.
    #[must_use]
    pub fn answer_json(self, body: Value) -> Self {
        self.answer_header("content-type", "application/json")
            .answer(body.to_string())
    }
}

/// One that was recorded.
impl From<trial::Exchange> for Exchange {
    fn from(exchange: trial::Exchange) -> Self {
        Self(exchange)
    }
}
