//! A network that is made up: who answers is a script, in this process. For trials of plugins alone; no configuration leads
//! here.
//!
//! Everything before the connection stays as it is: keys, counts, bounds and secrets. Only whom the connection leads to is
//! another. No name is resolved and nothing is encrypted, since nothing leaves this process.

use std::io::ErrorKind;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::connect::Way;
use super::{Network, Refusal};
use crate::permissions::HttpAttempt;

/// Bytes that lie between the two ends at one time: as many as a system keeps for a connection.
const PIPE_BYTES: usize = 64 << 10;

/// Bytes of a request's body that a script is shown. The plugin's own limit is lower, unless somebody raised it far.
const BODY_BYTES_MAX: usize = 64 << 20;

/// Answers the requests of a network that is made up.
#[async_trait]
pub trait Respond: Send + Sync {
    /// Answers a request that was permitted.
    ///
    /// # Errors
    /// When it has no response, with what the plugin is to meet instead.
    async fn respond(&self, wanted: Wanted) -> Result<Response<Bytes>, Refusal>;
}

/// A request that was permitted.
#[derive(Debug)]
pub struct Wanted {
    /// What was decided on.
    pub attempt: HttpAttempt,
    /// Its query, as the plugin wrote it: without secrets that were inserted.
    pub query: Option<String>,
    /// The request as it is sent, secrets included. It must not be shown.
    pub sent: Request<Bytes>,
}

impl Network {
    /// A network on which a script answers, and nobody else. What plugins may send to it is decided as ever.
    pub fn scripted(script: Arc<dyn Respond>) -> Self {
        Self::made_up(script)
    }
}

/// A way to the script, for one request.
pub(super) fn way_to(script: Arc<dyn Respond>, attempt: &HttpAttempt, query: Option<&str>) -> Way {
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let spoiled = Arc::new(OnceLock::new());
    let asked = (attempt.clone(), query.map(str::to_owned));
    let reason = spoiled.clone();
    tokio::spawn(async move {
        let answer = service_fn(move |request: Request<Incoming>| {
            let (script, reason) = (script.clone(), reason.clone());
            let (attempt, query) = asked.clone();
            async move {
                let answered = respond(&*script, attempt, query, request).await;
                answered.map_err(|refusal| {
                    // The other end sees that the connection breaks, and finds the reason here.
                    let _ = reason.set(refusal.clone());
                    refusal
                })
            }
        });
        let mut server = http1::Builder::new();
        // The true time has no business in a trial.
        server.keep_alive(false).auto_date_header(false);
        // It ends with the request, or with whoever waits for its response.
        drop(server.serve_connection(TokioIo::new(theirs), answer).await);
    });
    Way {
        stream: Box::new(ours),
        spoiled,
    }
}

async fn respond(
    script: &dyn Respond,
    attempt: HttpAttempt,
    query: Option<String>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let broken = |error: &dyn ToString| Refusal::Protocol(error.to_string());
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
    let body = body.map_err(|error| broken(&error))?.to_bytes();
    let sent = Request::from_parts(parts, body);
    let wanted = Wanted {
        attempt,
        query,
        sent,
    };
    let response = script.respond(wanted).await?;
    // It would have to be followed by another one.
    if response.status().is_informational() {
        return Err(Refusal::Protocol(format!(
            "{} is no final status",
            response.status()
        )));
    }
    let response = response.map(Full::new);
    Ok(without_framing(response))
}

/// How long the body is, and when the connection ends, is said by who sends it.
fn without_framing(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    use http::header::{CONNECTION, CONTENT_LENGTH, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
    let is_bodiless = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    for name in [
        CONNECTION,
        CONTENT_LENGTH,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ] {
        response.headers_mut().remove(name);
    }
    if is_bodiless {
        *response.body_mut() = Full::default();
    }
    response
}

/// Nobody answers. What a host itself wants to send is not for a script.
pub(super) fn unreachable() -> Refusal {
    Refusal::Connect(ErrorKind::NetworkUnreachable)
}
