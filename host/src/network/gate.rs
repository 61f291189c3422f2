//! One plugin's way out: from a request to its response, every check in order.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::body::{Connection, RequestBody, ResponseBody, drain};
use super::connect::{Place, Way};
use super::tally::Tally;
use super::{Network, Refusal, Traffic, Wait, head};
use crate::limits::{HTTP_HEAD_BYTES_MAX, Limits};
use crate::permissions::{HttpAttempt, Keys};
use crate::secrets::Inserter;

/// How long a guest wants to wait. It can only shorten what its limits allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Patience {
    /// For the connection.
    pub connect: Option<Duration>,
    /// For the head of the response.
    pub first_byte: Option<Duration>,
    /// For each piece of the response's body.
    pub between_bytes: Option<Duration>,
}

/// One plugin's way out. Cheap to clone; all clones share the plugin's connections.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    network: Network,
    keys: Arc<Keys>,
    inserter: Option<Arc<dyn Inserter>>,
    /// One permit for each connection that may be open.
    connections: Arc<Semaphore>,
    http_requests: u64,
    request_bytes: u64,
    response_bytes: u64,
    outbound_bytes: u64,
    connect_wait: Duration,
    first_byte_wait: Duration,
    whole_wait: Duration,
}

impl Gate {
    /// Puts a gate together, of whose limits it takes those that begin with `http_` and the bytes of requests, of
    /// responses, and of what goes out.
    pub fn new(
        network: Network,
        keys: Arc<Keys>,
        limits: &Limits,
        inserter: Option<Arc<dyn Inserter>>,
    ) -> Self {
        let connections = usize::try_from(limits.http_connections).unwrap_or(usize::MAX);
        Self(Arc::new(Inner {
            network,
            keys,
            inserter,
            connections: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            http_requests: limits.http_requests,
            request_bytes: limits.request_bytes,
            response_bytes: limits.response_bytes,
            outbound_bytes: limits.outbound_bytes,
            connect_wait: Duration::from_millis(limits.http_connect_ms),
            first_byte_wait: Duration::from_millis(limits.http_first_byte_ms),
            whole_wait: Duration::from_millis(limits.http_ms),
        }))
    }

    /// The gate for one call, which has sent nothing yet.
    pub fn call(&self) -> CallGate {
        CallGate {
            gate: self.clone(),
            tally: Arc::default(),
        }
    }
}

/// One call's way out. Clones count together.
#[derive(Clone)]
pub struct CallGate {
    gate: Gate,
    tally: Arc<Tally>,
}

/// A request that may be sent, and the connection it may be sent over.
struct Ready {
    parts: Parts,
    way: Way,
    place: Place,
}

impl CallGate {
    /// What the call has used so far.
    pub fn traffic(&self) -> Traffic {
        self.tally.traffic()
    }

    /// Sends a request with an absolute URI. A redirect is a response like any other.
    ///
    /// # Errors
    /// When it is not permitted, or a limit ends it, or the other side does.
    pub async fn send<B>(
        &self,
        request: Request<B>,
        patience: Patience,
    ) -> Result<Response<ResponseBody>, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let deadline = Instant::now() + self.gate.0.whole_wait;
        let (parts, body) = request.into_parts();
        match self
            .prepare(parts, body.is_end_stream(), patience, deadline)
            .await
        {
            Ok(ready) => self.exchange(ready, body, patience, deadline).await,
            Err(refusal) => {
                drain(body, self.gate.0.request_bytes);
                Err(refusal)
            }
        }
    }

    /// Decides, resolves and connects. The head it gives back is the very one that was decided on, and what was inserted.
    async fn prepare(
        &self,
        mut parts: Parts,
        is_bodiless: bool,
        patience: Patience,
        deadline: Instant,
    ) -> Result<Ready, Refusal> {
        let gate = &*self.gate.0;
        self.tally.take_request(gate.http_requests)?;
        let (attempt, query) =
            HttpAttempt::with_query(parts.method.as_str(), &parts.uri.to_string())?;
        gate.keys.http(&attempt).map_err(Refusal::Denied)?;

        let length = head::clean(&mut parts.headers)?;
        if length.is_some_and(|length| length > gate.request_bytes) {
            return Err(Refusal::TooLarge {
                limit: "request_bytes",
                allowed: gate.request_bytes,
            });
        }
        if is_bodiless && length.is_some_and(|length| length > 0) {
            return Err(Refusal::Protocol(
                "the request announces a body and has none".to_owned(),
            ));
        }
        parts.method = spelled(attempt.method.parse::<Method>())?;
        parts.uri = target(&attempt, query.as_deref())?;
        if let Some(length) = length.filter(|_| !is_bodiless) {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
        }
        // The connection is not used again, so the server need not keep it.
        parts
            .headers
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
        set_host(&mut parts, &attempt)?;
        // Before the name is asked for, since that sends it out as well.
        let weight = head::weight(&parts);
        self.tally.take_sent(weight, gate.outbound_bytes)?;

        let permit = timeout_at(deadline, gate.connections.clone().acquire_owned()).await;
        // Nobody closes the semaphore, so only the wait can fail.
        let permit = permit.map_err(|_| Refusal::Timeout(Wait::Turn))?.ok();
        let place = permit.map(Arc::new);
        let wait = shorter(gate.connect_wait, patience.connect);
        let until = deadline.min(Instant::now() + wait);
        let connecting =
            gate.network
                .connect(&gate.keys, &attempt, query.as_deref(), place.clone(), until);
        let way = timeout_at(until, connecting)
            .await
            .map_err(|_| Refusal::Timeout(Wait::Connect))??;

        if let Some(inserter) = &gate.inserter {
            inserter
                .insert(&attempt, &mut parts)
                .map_err(Refusal::Secret)?;
            // Whatever was inserted, it goes where it was decided to go.
            let query = parts.uri.query().map(str::to_owned);
            parts.uri = target(&attempt, query.as_deref())?;
            set_host(&mut parts, &attempt)?;
            let more = head::weight(&parts).saturating_sub(weight);
            self.tally.take_sent(more, gate.outbound_bytes)?;
        }
        Ok(Ready { parts, way, place })
    }

    /// Sends head and body, and waits for the head of the response.
    async fn exchange<B>(
        &self,
        ready: Ready,
        body: B,
        patience: Patience,
        deadline: Instant,
    ) -> Result<Response<ResponseBody>, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let gate = &*self.gate.0;
        let sent = Arc::new(Notify::new());
        let Way { stream, spoiled } = ready.way;
        let body = RequestBody {
            body,
            left: gate.request_bytes,
            request_bytes: gate.request_bytes,
            outbound_bytes: gate.outbound_bytes,
            tally: self.tally.clone(),
            sent: sent.clone(),
            spoiled: spoiled.clone(),
        };
        if body.is_end_stream() {
            sent.notify_one();
        }
        let broken = |error: hyper::Error| match spoiled.get() {
            Some(refusal) => refusal.clone(),
            None => Refusal::Protocol(error.to_string()),
        };
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HTTP_HEAD_BYTES_MAX);
        let (mut sender, driver) = builder
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let connection = Connection {
            // What breaks the connection is told to whoever waits for the response.
            driver: tokio::spawn(async move { drop(driver.await) }),
            _place: ready.place,
        };
        let first_byte_wait = shorter(gate.first_byte_wait, patience.first_byte);
        let first_byte = async {
            sent.notified().await;
            sleep(first_byte_wait).await;
        };
        let response = tokio::select! {
            biased;
            response = sender.send_request(Request::from_parts(ready.parts, body)) => {
                response.map_err(broken)?
            }
            () = first_byte => return Err(Refusal::Timeout(Wait::FirstByte)),
            () = sleep_until(deadline) => return Err(Refusal::Timeout(Wait::End)),
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Refusal::Protocol(
                "the server changes the protocol, which nobody asked for".to_owned(),
            ));
        }
        Ok(response.map(|body| {
            let between = patience
                .between_bytes
                .map(|patience| (patience, Box::pin(sleep(patience))));
            let body = ResponseBody {
                body,
                left: gate.response_bytes,
                response_bytes: gate.response_bytes,
                tally: self.tally.clone(),
                deadline: Box::pin(sleep_until(deadline)),
                between,
                connection: Some(connection),
                spoiled,
            };
            body.settled()
        }))
    }
}

fn shorter(limit: Duration, wish: Option<Duration>) -> Duration {
    wish.map_or(limit, |wish| limit.min(wish))
}

/// What stands in the first line: the path that was decided on, and the query.
fn target(attempt: &HttpAttempt, query: Option<&str>) -> Result<Uri, Refusal> {
    let target = match query {
        Some(query) => format!("{}?{query}", attempt.path),
        None => attempt.path.clone(),
    };
    spelled(target.parse::<PathAndQuery>()).map(Uri::from)
}

fn set_host(parts: &mut Parts, attempt: &HttpAttempt) -> Result<(), Refusal> {
    let host = spelled(HeaderValue::from_str(&attempt.authority()))?;
    parts.headers.insert(header::HOST, host);
    Ok(())
}

/// What was read once and yet cannot be written.
fn spelled<T, E: std::fmt::Display>(written: Result<T, E>) -> Result<T, Refusal> {
    written.map_err(|error| Refusal::Protocol(error.to_string()))
}
