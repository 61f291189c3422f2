//! A request and what is answered: written by hand for a test, or noted from a true run.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::TrialError;
use crate::permissions::HttpAttempt;

/// A request and what is answered.
///
/// Written as a file, a body is text, or `{"base64": "…"}` when it is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The method, in upper case.
    pub method: String,
    /// The whole address, with its query. In which order the query has its pairs makes no difference.
    pub url: String,
    /// The body the request must have; none: any. JSON may be spaced and ordered in another way.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "optional_body"
    )]
    pub body: Option<Bytes>,
    /// The status of the response.
    pub status: u16,
    /// Its headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Its body.
    #[serde(default, skip_serializing_if = "Bytes::is_empty", with = "body")]
    pub response: Bytes,
}

impl Exchange {
    /// Whether both answer one request.
    pub(super) fn is_for_the_same_as(&self, other: &Self) -> bool {
        let target = |it: &Self| Target::read(&it.method, &it.url).ok();
        let is_body_the_same = match (&self.body, &other.body) {
            (Some(own), Some(others)) => is_same_body(own, others),
            (own, others) => own == others,
        };
        let target_of_own = target(self);
        is_body_the_same && target_of_own.is_some() && target_of_own == target(other)
    }

    /// The response, as it is sent.
    pub(super) fn answer(&self) -> Result<Response<Bytes>, String> {
        let status = StatusCode::from_u16(self.status)
            .ok()
            .filter(|status| (200..=599).contains(&status.as_u16()))
            .ok_or_else(|| {
                format!(
                    "answers with status {} (hint: write one from 200 to 599)",
                    self.status
                )
            })?;
        let mut response = Response::new(self.response.clone());
        *response.status_mut() = status;
        for (name, value) in &self.headers {
            let header = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            let (Ok(header), Ok(value)) = (header, value) else {
                return Err(format!(
                    "has header `{name}` that cannot be sent (hint: a header is one line of visible characters)"
                ));
            };
            response.headers_mut().append(header, value);
        }
        Ok(response)
    }
}

/// A request, in the form in which two are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Method, scheme, host, port and path.
    pub(super) attempt: HttpAttempt,
    /// The pairs of the query, sorted.
    pairs: Vec<String>,
}

impl Target {
    pub(super) fn new(attempt: HttpAttempt, query: Option<&str>) -> Self {
        let pairs = query.unwrap_or_default().split('&');
        let mut pairs: Vec<_> = pairs
            .filter(|pair| !pair.is_empty())
            .map(str::to_owned)
            .collect();
        pairs.sort_unstable();
        Self { attempt, pairs }
    }

    pub(super) fn read(method: &str, url: &str) -> Result<Self, String> {
        let read = HttpAttempt::with_query(method, url);
        let (attempt, query) = read.map_err(|error| error.to_string())?;
        Ok(Self::new(attempt, query.as_deref()))
    }

    /// Whether only the query is another one.
    fn is_near(&self, other: &Self) -> bool {
        self.attempt == other.attempt
    }
}

/// An exchange of a script, read and ready to be used.
pub(super) struct Line {
    pub(super) exchange: Exchange,
    target: Target,
    is_used: bool,
}

/// Why a request fits no exchange, as far as the nearest one tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Miss {
    Address,
    Method,
    Query,
    Body,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "add one with this method and URL, or record a true run",
            Self::Method => "one has this URL, and another method",
            Self::Query => "one has this URL, and another query",
            Self::Body => "one has this method and URL, and another body",
        })
    }
}

impl Line {
    /// Reads an exchange; `n` is its number, for people.
    ///
    /// # Errors
    /// When no request can fit it, or it answers what cannot be sent.
    pub(super) fn read(exchange: &Exchange, n: usize) -> Result<Self, TrialError> {
        let wrong = |problem: String| TrialError::Conditions(format!("exchange {n} {problem}"));
        if exchange.method.parse::<Method>().is_err() {
            return Err(wrong("has no method (hint: write `GET` or `POST`)".into()));
        }
        let target = Target::read(&exchange.method, &exchange.url)
            .map_err(|error| wrong(format!("cannot be asked for: {error}")))?;
        exchange.answer().map_err(wrong)?;
        Ok(Self {
            exchange: exchange.clone(),
            target,
            is_used: false,
        })
    }

    /// Whether a request fits.
    fn fits(&self, target: &Target, body: &[u8]) -> Result<(), Miss> {
        if self.target == *target {
            return match &self.exchange.body {
                Some(expected) if !is_same_body(expected, body) => Err(Miss::Body),
                _ => Ok(()),
            };
        }
        let any_method = Target {
            attempt: HttpAttempt {
                method: self.target.attempt.method.clone(),
                ..target.attempt.clone()
            },
            ..target.clone()
        };
        match () {
            () if self.target.is_near(target) => Err(Miss::Query),
            () if self.target.is_near(&any_method) => Err(Miss::Method),
            () => Err(Miss::Address),
        }
    }
}

/// The exchange for a request: the first one that fits and was not used, or else the last one that fits.
pub(super) fn pick<'a>(
    lines: &'a mut [Line],
    target: &Target,
    body: &[u8],
) -> Result<&'a Exchange, Miss> {
    let mut nearest = Miss::Address;
    let mut found = None;
    for (idx, line) in lines.iter().enumerate() {
        match line.fits(target, body) {
            Ok(()) => {
                found = Some(idx);
                if !line.is_used {
                    break;
                }
            }
            Err(miss) => nearest = nearest.max(miss),
        }
    }
    let line = found.and_then(|idx| lines.get_mut(idx)).ok_or(nearest)?;
    line.is_used = true;
    Ok(&line.exchange)
}

fn is_same_body(expected: &[u8], body: &[u8]) -> bool {
    let json = |bytes| serde_json::from_slice::<Value>(bytes).ok();
    expected == body || json(expected).is_some_and(|expected| json(body) == Some(expected))
}

/// A body as a file has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Encoded(Encoded),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded {
    base64: String,
}

impl Written {
    fn of(body: &Bytes) -> Self {
        match std::str::from_utf8(body) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Encoded(Encoded {
                base64: STANDARD.encode(body),
            }),
        }
    }

    fn read<E: serde::de::Error>(self) -> Result<Bytes, E> {
        match self {
            Self::Text(text) => Ok(Bytes::from(text)),
            Self::Encoded(Encoded { base64 }) => {
                let decoded = STANDARD.decode(base64);
                decoded.map(Bytes::from).map_err(E::custom)
            }
        }
    }
}

mod body {
    use super::*;

    pub(super) fn serialize<S: Serializer>(body: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        Written::of(body).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        Written::deserialize(from)?.read()
    }
}

mod optional_body {
    use super::*;

    pub(super) fn serialize<S: Serializer>(body: &Option<Bytes>, to: S) -> Result<S::Ok, S::Error> {
        body.as_ref().map(Written::of).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Bytes>, D::Error> {
        let written = Option::<Written>::deserialize(from)?;
        written.map(Written::read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exchange(method: &str, url: &str, body: Option<&'static str>, answer: &str) -> Exchange {
        Exchange {
            method: method.to_owned(),
            url: url.to_owned(),
            body: body.map(Bytes::from_static_str),
            status: 200,
            headers: Vec::new(),
            response: Bytes::from(answer.to_owned()),
        }
    }

    trait FromStaticStr {
        fn from_static_str(text: &'static str) -> Self;
    }

    impl FromStaticStr for Bytes {
        fn from_static_str(text: &'static str) -> Self {
            Self::from_static(text.as_bytes())
        }
    }

    fn lines(exchanges: &[Exchange]) -> Vec<Line> {
        let read = |(n, exchange)| Line::read(exchange, n).unwrap();
        exchanges.iter().enumerate().map(read).collect()
    }

    #[test]
    fn a_request_gets_what_fits_its_method_url_and_body() {
        let mut script = lines(&[
            exchange("GET", "https://a.example/x?b=2&a=1", None, "get"),
            exchange("POST", "https://a.example/x", Some(r#"{"n":1}"#), "post"),
            exchange("GET", "http://b.example:80", None, "clear"),
        ]);
        let mut check = |method: &str, url: &str, body: &str, expected: Result<&str, Miss>| {
            let target = Target::read(method, url).unwrap();
            let picked = pick(&mut script, &target, body.as_bytes());
            let answer = picked.map(|it| std::str::from_utf8(&it.response).unwrap());
            assert_eq!(answer, expected, "{method} {url} {body}");
        };
        check("GET", "https://a.example/x?a=1&b=2", "", Ok("get"));
        check("get", "https://A.example:443/x?b=2&a=1", "any", Ok("get"));
        check("POST", "https://a.example/x", "{ \"n\": 1 }", Ok("post"));
        check("GET", "http://b.example/", "", Ok("clear"));
        check("GET", "https://a.example/x?a=1", "", Err(Miss::Query));
        check(
            "GET",
            "https://a.example/x?a=1&b=2&b=2",
            "",
            Err(Miss::Query),
        );
        check("PUT", "https://a.example/x", "", Err(Miss::Method));
        check("POST", "https://a.example/x", "{\"n\":2}", Err(Miss::Body));
        check("GET", "https://a.example/y", "", Err(Miss::Address));
        check("GET", "https://b.example/", "", Err(Miss::Address));
        check(
            "GET",
            "https://a.example.evil.example/x",
            "",
            Err(Miss::Address),
        );
    }

    #[test]
    fn the_same_request_is_answered_in_the_order_of_the_script_and_then_as_in_the_end() {
        let url = "https://a.example/";
        let mut script = lines(&[
            exchange("GET", url, None, "first"),
            exchange("GET", url, None, "second"),
        ]);
        let target = Target::read("GET", url).unwrap();
        let mut next = || pick(&mut script, &target, b"").unwrap().response.clone();
        assert_eq!([next(), next(), next()], ["first", "second", "second"]);
    }

    #[test]
    fn two_exchanges_are_for_the_same_request_however_it_is_written() {
        let check = |a: (&str, Option<&'static str>), b: (&str, Option<&'static str>), same| {
            let (a, b) = (
                exchange("GET", a.0, a.1, "1"),
                exchange("GET", b.0, b.1, "2"),
            );
            assert_eq!(a.is_for_the_same_as(&b), same, "{a:?} {b:?}");
        };
        let url = "https://a.example/x?a=1&b=2";
        check((url, None), ("https://A.example:443/x?b=2&a=1", None), true);
        check((url, None), ("https://a.example/x?a=1", None), false);
        check((url, Some("{\"n\":1}")), (url, Some("{ \"n\": 1 }")), true);
        check((url, Some("1")), (url, Some("2")), false);
        check((url, Some("1")), (url, None), false);
    }

    #[test]
    fn an_exchange_that_cannot_be_had_is_refused_by_its_number() {
        let fine = exchange("GET", "https://a.example/", None, "");
        assert!(Line::read(&fine, 1).is_ok());
        let check = |changed: Exchange, problem: &str| {
            let error = Line::read(&changed, 3).err().expect(problem).to_string();
            assert!(error.starts_with("exchange 3 "), "{error}");
            assert!(
                error.contains(problem) && error.contains("(hint: "),
                "{error}"
            );
        };
        let status = |status| Exchange {
            status,
            ..fine.clone()
        };
        check(status(101), "status 101");
        check(status(99), "status 99");
        check(status(600), "status 600");
        let header = |name: &str, value: &str| Exchange {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..fine.clone()
        };
        check(header("a b", "c"), "header `a b`");
        check(header("a", "b\r\nc: d"), "header `a`");
        let url = |url: &str| Exchange {
            url: url.to_owned(),
            ..fine.clone()
        };
        check(url("a.example"), "cannot be asked for");
        check(url("ftp://a.example/"), "cannot be asked for");
    }

    #[test]
    fn an_exchange_is_written_as_text_where_it_is_text_and_read_again() {
        let check = |exchange: Exchange, written: Value| {
            assert_eq!(serde_json::to_value(&exchange).unwrap(), written);
            let read: Exchange = serde_json::from_value(written).unwrap();
            assert_eq!(read, exchange);
        };
        check(
            exchange("GET", "https://a.example/", None, ""),
            json!({"method": "GET", "url": "https://a.example/", "status": 200}),
        );
        check(
            exchange("POST", "https://a.example/", Some("é"), "{}"),
            json!({"method": "POST", "url": "https://a.example/", "body": "é", "status": 200, "response": "{}"}),
        );
        let binary = Exchange {
            response: Bytes::from_static(&[0xff, 0x00]),
            headers: vec![("a".to_owned(), "b".to_owned())],
            ..exchange("GET", "https://a.example/", None, "")
        };
        check(
            binary,
            json!({"method": "GET", "url": "https://a.example/", "status": 200, "headers": [["a", "b"]], "response": {"base64": "/wA="}}),
        );
        let typo =
            json!({"method": "GET", "url": "https://a.example/", "status": 200, "responce": ""});
        assert!(serde_json::from_value::<Exchange>(typo).is_err());
    }
}
