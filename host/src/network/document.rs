//! Documents that the host itself needs, such as the keys of an authorization server. The operator wrote their URLs, so
//! nobody is asked whether they may be fetched; what comes back is as bounded as anything else.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::Network;
use super::connect::{ADDRESSES_MAX, Stream, first_that_answers};
use crate::limits::HTTP_HEAD_BYTES_MAX;
use crate::permissions::{HttpAttempt, Target};

/// Time for a document, from its name to its last byte. Somebody waits for it who wants to be let in.
const DOCUMENT_WAIT: Duration = Duration::from_secs(5);

/// A URL that a document may be fetched from: over TLS, or from this machine.
#[derive(Debug, Clone)]
pub struct DocumentUrl {
    attempt: HttpAttempt,
    target: String,
}

/// A URL that none is fetched from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is none.
    #[error("{0:?} is no URL (hint: write one that begins with `https://`)")]
    Malformed(String),
    /// Others could change the document on its way.
    #[error("{0:?} is not secure (hint: write `https://`; `http://` is for this machine alone)")]
    Insecure(String),
}

impl DocumentUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is none, or others could change what comes from it.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let (attempt, query) =
            HttpAttempt::with_query("GET", text).map_err(|_| BadUrl::Malformed(text.to_owned()))?;
        let is_here = match &attempt.host {
            Target::Name(name) => name == "localhost",
            Target::Address(address) => address.is_loopback(),
        };
        if !attempt.is_secure && !is_here {
            return Err(BadUrl::Insecure(text.to_owned()));
        }
        let target = match query {
            Some(query) => format!("{}?{query}", attempt.path),
            None => attempt.path.clone(),
        };
        Ok(Self { attempt, target })
    }
}

impl Network {
    /// Fetches a document of at most so many bytes. No redirect is followed.
    ///
    /// # Errors
    /// When it cannot be had. The reason is for the log.
    pub async fn document(&self, url: &DocumentUrl, bytes_max: usize) -> Result<Vec<u8>, String> {
        let deadline = Instant::now() + DOCUMENT_WAIT;
        let fetched = tokio::time::timeout_at(deadline, self.fetch(url, bytes_max, deadline));
        fetched
            .await
            .unwrap_or_else(|_| Err("it did not come in time".to_owned()))
    }

    async fn fetch(
        &self,
        url: &DocumentUrl,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<Vec<u8>, String> {
        let stream = self.connect_to(&url.attempt, deadline).await?;
        let broken = |error: hyper::Error| error.to_string();
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HTTP_HEAD_BYTES_MAX);
        let (mut sender, driver) = builder
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let request = Request::get(&url.target)
            .header(HOST, url.attempt.authority())
            .header(ACCEPT, "application/json")
            .header(CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            if response.status() != StatusCode::OK {
                return Err(format!("the server answers {}", response.status()));
            }
            let body = Limited::new(response.into_body(), bytes_max)
                .collect()
                .await;
            let body = body.map_err(|error| error.to_string())?;
            Ok(body.to_bytes().to_vec())
        };
        // The driver ends with the connection, and the exchange may need it until then.
        let mut exchange = std::pin::pin!(exchange);
        tokio::select! {
            outcome = &mut exchange => outcome,
            _ = driver => exchange.await,
        }
    }

    async fn connect_to(
        &self,
        attempt: &HttpAttempt,
        deadline: Instant,
    ) -> Result<Box<dyn Stream>, String> {
        if self.0.script.is_some() {
            return Err(super::script::unreachable().to_string());
        }
        let addresses = match &attempt.host {
            Target::Address(address) => vec![*address],
            Target::Name(name) => {
                let found = self.0.resolver.resolve(name).await;
                found.map_err(|error| error.to_string())?
            }
        };
        let addresses: Vec<_> = addresses
            .into_iter()
            .take(ADDRESSES_MAX)
            .map(|address| (address, attempt.port).into())
            .collect();
        let stream = first_that_answers(&addresses, deadline)
            .await
            .map_err(|error| error.to_string())?;
        match attempt.is_secure {
            false => Ok(Box::new(stream)),
            true => {
                let secured = self.0.tls.connect(&attempt.host, stream).await;
                Ok(Box::new(secured.map_err(|error| error.to_string())?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_over_tls_or_from_this_machine() {
        let check = |url: &str, fits: bool| {
            assert_eq!(DocumentUrl::parse(url).is_ok(), fits, "{url}");
        };
        check("https://issuer.example/keys?a=1", true);
        check("http://127.0.0.1:8080/keys", true);
        check("http://localhost/keys", true);
        check("http://issuer.example/keys", false);
        check("http://localhost.issuer.example/keys", false);
        check("ftp://issuer.example/keys", false);
        check("keys.json", false);
    }
}
