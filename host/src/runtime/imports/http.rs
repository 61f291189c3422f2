//! `wasi:http`: requests, all of which go through the plugin's gate. wasmtime's own sender is not in the build.

use std::io::ErrorKind;
use std::pin::Pin;
use std::time::Duration;

use futures::FutureExt;
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::BodyExt;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler;
use wasmtime_wasi_http::p2::bindings::http::types as wasi;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use crate::contract::TraceContext;
use crate::limits::{HTTP_CHUNK_BYTES_MAX, HTTP_FIELDS_BYTES_MAX, Limits};
use crate::network::{CallGate, Gate, Patience, Refusal, Traffic, Wait, drain};
use crate::permissions::HttpAttempt;
use crate::runtime::guest::Guest;
use crate::runtime::powers::Powers;
use crate::runtime::warden::Warden;

/// What one instance has of HTTP.
pub(in crate::runtime) struct Http {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

/// Where requests go.
struct Hooks {
    gate: Option<CallGate>,
    warden: Warden,
    host_calls: u64,
    request_bytes: u64,
    /// Whether the request at hand is one call of the host too many.
    is_overdrawn: bool,
    /// The trace its requests belong to, as the headers that say so; none when nobody is to know.
    trace: Option<TraceHeaders>,
}

impl Http {
    pub(in crate::runtime) fn new(
        limits: &Limits,
        powers: &Powers,
        warden: Warden,
        trace: Option<&TraceContext>,
    ) -> Self {
        let mut ctx = WasiHttpCtx::new();
        ctx.set_field_size_limit(HTTP_FIELDS_BYTES_MAX);
        let hooks = Hooks {
            gate: powers.gate.as_ref().map(Gate::call),
            warden,
            host_calls: limits.host_calls,
            request_bytes: limits.request_bytes,
            is_overdrawn: false,
            trace: trace
                .filter(|_| powers.propagates_trace)
                .and_then(TraceHeaders::of),
        };
        Self { ctx, hooks }
    }

    /// What was sent and received so far.
    pub(in crate::runtime) fn traffic(&self) -> Traffic {
        let gate = self.hooks.gate.as_ref();
        gate.map(CallGate::traffic).unwrap_or_default()
    }
}

/// The parent of what the other side does, as W3C Trace Context has it.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What the systems before this one noted of the trace.
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// A trace as headers. There is no header for baggage: it may carry what only the client's systems should know.
struct TraceHeaders {
    parent: HeaderValue,
    state: Option<HeaderValue>,
}

impl TraceHeaders {
    fn of(trace: &TraceContext) -> Option<Self> {
        let state = trace.tracestate.as_deref();
        Some(Self {
            parent: HeaderValue::from_str(&trace.traceparent).ok()?,
            state: state.and_then(|state| HeaderValue::from_str(state).ok()),
        })
    }

    /// Adds it, unless the guest says itself what its request belongs to. A state alone belongs to nothing.
    fn add_to(&self, headers: &mut HeaderMap) {
        if headers.contains_key(TRACEPARENT) {
            return;
        }
        headers.remove(TRACESTATE);
        headers.insert(TRACEPARENT, self.parent.clone());
        if let Some(state) = &self.state {
            headers.insert(TRACESTATE, state.clone());
        }
    }
}

/// Offers `wasi:http`. A component that imports it without asking for `network` is not loaded at all.
pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    let options = wasmtime_wasi_http::p2::bindings::LinkOptions::default();
    wasi::add_to_linker::<_, WasiHttp>(linker, &(&options).into(), Guest::http)?;
    outgoing_handler::add_to_linker::<_, WasiHttp>(linker, handler)
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.http.hooks,
            table: &mut self.table,
            ctx: &mut self.http.ctx,
        }
    }
}

/// The same for a call of the handler, which is counted. A guest that made too many gets an error instead of a response;
/// the next call of another interface ends it.
fn handler(guest: &mut Guest) -> WasiHttpCtxView<'_> {
    guest.http.hooks.is_overdrawn = guest.count_host_call().is_err();
    guest.http()
}

type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for Hooks {
    /// A guest has to say which one it means.
    fn default_scheme(&mut self) -> Option<Scheme> {
        None
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        HTTP_CHUNK_BYTES_MAX
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if let Some(trace) = &self.trace {
            trace.add_to(request.headers_mut());
        }
        let gate = self.gate.clone();
        let warden = self.warden.clone();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let request_bytes = self.request_bytes;
        let overdrawn = self.is_overdrawn.then_some(Refusal::TooMany {
            limit: "host_calls",
            allowed: self.host_calls,
        });
        if overdrawn.is_none() {
            warden.saw_request(&method, &uri);
        }
        Box::new(async move {
            let sent = match (overdrawn, gate) {
                (None, Some(gate)) => gate.send(request, patience(options)).await,
                (overdrawn, _) => {
                    let refusal = overdrawn.unwrap_or_else(|| without_gate(&warden, &method, &uri));
                    drain(request.into_body(), request_bytes);
                    Err(refusal)
                }
            };
            match sent {
                Ok(response) => {
                    let response =
                        response.map(|body| body.map_err(|refusal| code(&refusal)).boxed_unsync());
                    let nothing_left: Pin<Box<_>> = async { Ok(()) }.boxed();
                    Ok((response, Box::new(nothing_left) as Box<_>))
                }
                Err(refusal) => {
                    let code = code(&refusal);
                    tell(&warden, &method, &uri, refusal);
                    Err(code)
                }
            }
        })
    }
}

fn patience(options: Option<RequestOptions>) -> Patience {
    let options = options.unwrap_or_default();
    // No clock goes on for longer, and no limit of the host's is as long.
    let bounded = |wish: Duration| wish.min(Duration::from_secs(1 << 20));
    Patience {
        connect: options.connect_timeout.map(bounded),
        first_byte: options.first_byte_timeout.map(bounded),
        between_bytes: options.between_bytes_timeout.map(bounded),
    }
}

/// Why a request without a gate is refused: for the key that is missing, or because the host itself has no network.
fn without_gate(warden: &Warden, method: &Method, uri: &Uri) -> Refusal {
    let attempt = match HttpAttempt::new(method.as_str(), &uri.to_string()) {
        Ok(attempt) => attempt,
        Err(error) => return Refusal::Invalid(error),
    };
    match warden.keys().http(&attempt) {
        Err(denial) => Refusal::Denied(denial),
        Ok(()) => Refusal::Connect(ErrorKind::NetworkUnreachable),
    }
}

/// Tells people. The query is not for them, and what has no reading is told by its own error.
fn tell(warden: &Warden, method: &Method, uri: &Uri, refusal: Refusal) {
    match (refusal, HttpAttempt::new(method.as_str(), &uri.to_string())) {
        (Refusal::Denied(denial) | Refusal::Prohibited(denial), _) => warden.tell(*denial),
        (Refusal::Invalid(error), _) | (_, Err(error)) => warden.note(&error.to_string()),
        (refusal, Ok(attempt)) => warden.note(&format!("`{attempt}` failed: {refusal}")),
    }
}

/// What a guest is told. Which key is missing is not among it.
fn code(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::Invalid(_) | Refusal::Denied(_) => Error::HttpRequestDenied,
        Refusal::Prohibited(_) => Error::DestinationIpProhibited,
        Refusal::TooLarge {
            limit: "request_bytes",
            allowed,
        } => Error::HttpRequestBodySize(Some(*allowed)),
        Refusal::TooLarge {
            limit: "response_bytes",
            allowed,
        } => Error::HttpResponseBodySize(Some(*allowed)),
        Refusal::TooMany { .. } | Refusal::TooLarge { .. } => {
            Error::InternalError(Some(refusal.to_string()))
        }
        Refusal::Timeout(Wait::Turn) => Error::ConnectionLimitReached,
        Refusal::Timeout(Wait::Connect) => Error::ConnectionTimeout,
        Refusal::Timeout(Wait::FirstByte | Wait::NextBytes) => Error::ConnectionReadTimeout,
        Refusal::Timeout(Wait::End) => Error::HttpResponseTimeout,
        Refusal::Dns(_) => Error::DnsError {
            rcode: None,
            info_code: None,
        },
        Refusal::Connect(ErrorKind::TimedOut) => Error::ConnectionTimeout,
        Refusal::Connect(ErrorKind::ConnectionRefused) => Error::ConnectionRefused,
        Refusal::Connect(_) => Error::DestinationUnavailable,
        Refusal::Tls {
            certificate: true, ..
        } => Error::TlsCertificateError,
        Refusal::Tls { .. } => Error::TlsProtocolError,
        Refusal::Secret(_) => Error::ConfigurationError,
        Refusal::Protocol(_) => Error::HttpProtocolError,
    }
}
