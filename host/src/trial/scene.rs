//! Who is at the other end of a plugin's requests in a trial: nobody, a script, or the true network with somebody who takes
//! notes. It is asked only for what the plugin's own gate has permitted.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};

use super::Exchange;
use super::exchange::{Line, Target, pick};
use crate::network::{Gate, Patience, Refusal, Respond, Wanted};
use crate::permissions::HttpAttempt;
use crate::secrets::Redactor;

/// Bytes of the exchanges of one call that are noted. A recording is a file that a person looks through.
const NOTED_BYTES_MAX: usize = 16 << 20;

/// Requests of one call without an exchange that are told: after some, the rest is no news.
const UNMATCHED_MAX: usize = 100;

/// Headers of a response that are not noted: they let whoever has them in, or say only when and how this one was sent.
const NOT_NOTED: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::COOKIE,
    header::DATE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::SET_COOKIE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    HeaderName::from_static("set-cookie2"),
    HeaderName::from_static("keep-alive"),
];

/// Who answers.
pub(super) enum Company {
    /// These, and otherwise nobody.
    Script(Mutex<Vec<Line>>),
    /// Those whom the plugin means, through a gate of its own with the same keys.
    True(Gate),
}

/// The other end.
pub(super) struct Scene {
    company: Company,
    redactor: Option<Redactor>,
    notes: Mutex<Notes>,
}

/// What happened at the other end during one call.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) unmatched: Vec<String>,
    bytes: usize,
}

impl Scene {
    pub(super) fn new(company: Company, redactor: Option<Redactor>) -> Self {
        Self {
            company,
            redactor,
            notes: Mutex::default(),
        }
    }

    /// What happened since this was asked last.
    pub(super) fn take_notes(&self) -> Notes {
        std::mem::take(&mut self.notes())
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Notes are added whole, so a panic leaves nothing half written.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a script says to a request.
    fn play(&self, lines: &Mutex<Vec<Line>>, wanted: &Wanted) -> Result<Response<Bytes>, Refusal> {
        let url = self.url(wanted);
        let body = wanted.sent.body();
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = Target::new(wanted.attempt.clone(), wanted.query.as_deref());
        // A recording has marks where the secrets of the one who made it stood, and the plugin has others now.
        let marked = Target::read(&wanted.attempt.method, &url).unwrap_or_else(|_| asked.clone());
        let picked = match pick(&mut lines, &asked, body) {
            Ok(exchange) => Ok(exchange.clone()),
            Err(_) => pick(&mut lines, &marked, &self.redacted(body)).cloned(),
        };
        drop(lines);
        match picked {
            Ok(exchange) => {
                let answer = exchange.answer().map_err(Refusal::Protocol)?;
                let status = answer.status().as_u16();
                // What cannot be recorded can be played all the same.
                let _not_noted = self.note(wanted, url, status, exchange.headers, &answer);
                Ok(answer)
            }
            Err(miss) => {
                let method = &wanted.attempt.method;
                self.tell(format!("no exchange fits `{method} {url}` (hint: {miss})"));
                Err(Refusal::Connect(ErrorKind::ConnectionRefused))
            }
        }
    }

    /// Asks whom the plugin means.
    async fn ask(&self, gate: &Gate, mut wanted: Wanted) -> Result<Response<Bytes>, Refusal> {
        let broken = |error: &dyn ToString| Refusal::Protocol(error.to_string());
        let url = self.url(&wanted);
        let (mut parts, body) = std::mem::take(&mut wanted.sent).into_parts();
        let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        let whole = format!("{}{target}", wanted.attempt.origin());
        // In what is compressed nobody would find a secret.
        parts.headers.remove(header::ACCEPT_ENCODING);
        parts.uri = whole.parse::<Uri>().map_err(|error| broken(&error))?;
        let request = Request::from_parts(parts, Full::new(body.clone()));
        let answered = gate.call().send(request, Patience::default()).await?;
        let (parts, answered) = answered.into_parts();
        let answered = answered.collect().await?.to_bytes();
        let response = Response::from_parts(parts, answered);
        *wanted.sent.body_mut() = body;
        let headers = self.noted_headers(response.headers());
        let status = response.status().as_u16();
        if let Err(reason) = self.note(&wanted, url, status, headers, &response) {
            self.tell(reason);
        }
        Ok(response)
    }

    /// Notes an exchange, without secrets.
    ///
    /// # Errors
    /// When it cannot be noted, with the reason for whoever wants to record it.
    fn note(
        &self,
        wanted: &Wanted,
        url: String,
        status: u16,
        headers: Vec<(String, String)>,
        response: &Response<Bytes>,
    ) -> Result<(), String> {
        let method = wanted.attempt.method.clone();
        if HttpAttempt::new(&method, &url).is_err() {
            return Err(format!(
                "the exchange `{method} {url}` is not noted: its host is a secret (hint: leave the secret out of it)"
            ));
        }
        if response.headers().contains_key(header::CONTENT_ENCODING) && self.redactor.is_some() {
            return Err(format!(
                "the exchange `{method} {url}` is not noted: its response is compressed, and a secret in it would not be found"
            ));
        }
        let body = wanted.sent.body();
        let exchange = Exchange {
            method,
            url,
            body: (!body.is_empty()).then(|| self.redacted(body)),
            status,
            headers,
            response: self.redacted(response.body()),
        };
        let bytes = exchange.response.len() + exchange.body.as_ref().map_or(0, Bytes::len);
        let mut notes = self.notes();
        if notes.bytes + bytes > NOTED_BYTES_MAX {
            return Err(format!(
                "the exchange `{} {}` is not noted: the exchanges of this call have more than {NOTED_BYTES_MAX} bytes \
                 (hint: ask for less)",
                exchange.method, exchange.url
            ));
        }
        notes.bytes += bytes;
        notes.exchanges.push(exchange);
        Ok(())
    }

    fn tell(&self, sentence: String) {
        let unmatched = &mut self.notes().unmatched;
        if unmatched.len() < UNMATCHED_MAX {
            unmatched.push(sentence);
        }
    }

    fn redacted(&self, body: &Bytes) -> Bytes {
        let redactor = self.redactor.as_ref();
        match redactor.map(|redactor| redactor.redact_bytes(body)) {
            Some(Cow::Owned(redacted)) => Bytes::from(redacted),
            _ => body.clone(),
        }
    }

    /// The address of a request as the plugin wrote it, with marks in place of secrets.
    fn url(&self, wanted: &Wanted) -> String {
        let origin = wanted.attempt.origin();
        let mut target = wanted.attempt.path.clone();
        if let Some(query) = &wanted.query {
            target = format!("{target}?{query}");
        }
        let Some(redactor) = &self.redactor else {
            return format!("{origin}{target}");
        };
        let origin = redactor.redact(&origin);
        let target = match redactor.redact(&target) {
            Cow::Borrowed(same) => same.to_owned(),
            // A mark has characters that an address has not.
            Cow::Owned(marked) => marked
                .replace('[', "%5B")
                .replace(']', "%5D")
                .replace(' ', "%20"),
        };
        format!("{origin}{target}")
    }

    fn noted_headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let noted = headers.iter().filter(|(name, _)| !NOT_NOTED.contains(name));
        let text = |value: &[u8]| {
            let text = String::from_utf8_lossy(value).into_owned();
            match &self.redactor {
                Some(redactor) => redactor.redact(&text).into_owned(),
                None => text,
            }
        };
        noted
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect()
    }
}

#[async_trait]
impl Respond for Scene {
    async fn respond(&self, wanted: Wanted) -> Result<Response<Bytes>, Refusal> {
        match &self.company {
            Company::Script(lines) => self.play(lines, &wanted),
            Company::True(gate) => self.ask(gate, wanted).await,
        }
    }
}
