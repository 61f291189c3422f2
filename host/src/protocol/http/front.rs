//! What a request meets, in this order: the names it came by, who sent it, room for it, how large it is. Then the
//! library answers it. Who is not let in takes nobody's place.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::header::{AUTHORIZATION, ORIGIN};
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::de::IgnoredAny;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::answer::{Refused, document};
use super::crowd::Crowd;
use super::sessions::{Caller, Sessions, Trouble};
use super::{HttpOptions, cors, metadata, ready};
use crate::auth::{Guard, Refusal, TokenText};
use crate::contract::Principal;
use crate::host::Host;
use crate::protocol::observe::Observed;
use crate::protocol::server::Server;
use crate::telemetry::Transport;

/// When a client that found no room may ask again. Calls take seconds, so there is likely to be room by then.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Where MCP is served.
pub(super) const MCP_PATH: &str = "/mcp";

/// What all requests share.
pub(super) struct Front {
    host: Host,
    options: HttpOptions,
    pub(super) crowd: Crowd,
    mcp: StreamableHttpService<Observed, Sessions>,
    /// Fires when nothing new is to be begun.
    closing: CancellationToken,
}

impl Front {
    /// A front that takes nothing new once `closing` fires, and ends everything at once when `ended` does.
    pub(super) fn new(
        host: Host,
        options: HttpOptions,
        closing: CancellationToken,
        ended: CancellationToken,
    ) -> Arc<Self> {
        let limits = &options.limits;
        let crowd = Crowd::new(limits);
        let idle = Duration::from_millis(limits.session_idle_ms);
        let sessions = Arc::new(Sessions::new(crowd.sessions.clone(), idle));
        // Hosts and origins are checked here, for every path and before a token is looked at. The body is in memory and
        // measured when the library gets it.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(usize::MAX)
            .with_cancellation_token(ended);
        let (serving, ending) = (host.clone(), closing.clone());
        let server = move || {
            let server = Server::new(serving.clone(), &ending);
            Ok(Observed::new(server, serving.clone(), Transport::Http))
        };
        Arc::new(Self {
            host,
            options,
            crowd,
            mcp: StreamableHttpService::new(server, sessions, config),
            closing,
        })
    }

    /// The paths there are.
    pub(super) fn router(self: &Arc<Self>) -> Router {
        let mut router = Router::new()
            .route(MCP_PATH, any(mcp))
            .route("/ready", get(readiness));
        if matches!(*self.options.guard, Guard::OAuth(_)) {
            for path in metadata::PATHS {
                router = router.route(path, get(about_tokens));
            }
        }
        let router = router.layer(from_fn_with_state(self.clone(), by_name));
        // Whoever looks after processes calls them by addresses.
        let router = router.route("/health", get(health));
        router.with_state(self.clone())
    }

    async fn answer(&self, request: Request) -> Result<Response, Refused> {
        let (mut parts, body) = request.into_parts();
        if self.closing.is_cancelled() {
            return Err(Refused::closing());
        }
        let principal = self.admit(&parts.headers).await?;
        let place = self.crowd.enter(&parts.method, &parts.headers);
        let place = place
            .ok_or_else(|| Refused::busy("too many requests are being answered", RETRY_AFTER))?;
        // Nothing behind this door has a use for the token.
        parts.headers.remove(AUTHORIZATION);
        let caller = Caller::new(principal.as_ref());
        if let Some(principal) = principal {
            parts.extensions.insert(principal);
        }
        let body = match parts.method {
            Method::POST => self.read(body).await?,
            _ => Bytes::new(),
        };
        // The library would say that it is of another media type.
        if parts.method == Method::POST && serde_json::from_slice::<IgnoredAny>(&body).is_err() {
            return Err(Refused::no_json());
        }
        let request = Request::from_parts(parts, Full::new(body));
        let response = caller.during(self.mcp.handle(request)).await;
        let response = response.map_err(|trouble| match trouble {
            Trouble::Full => Refused::busy("too many sessions are open", RETRY_AFTER),
            Trouble::Unknown => Refused::new(StatusCode::NOT_FOUND, "there is no such session"),
        })?;
        Ok(place.kept_by(response.map(Body::new)))
    }

    /// Who sent it.
    async fn admit(&self, headers: &HeaderMap) -> Result<Option<Principal>, Refused> {
        let fields = headers.get_all(AUTHORIZATION).iter();
        let token = TokenText::find(fields.map(|field| field.as_bytes()));
        let admitted = self.options.guard.admit(token).await;
        admitted.map_err(|refusal| self.challenge(&refusal))
    }

    /// Says what has to be shown to be let in.
    fn challenge(&self, refusal: &Refusal) -> Refused {
        let (status, reason) = match refusal {
            Refusal::NoToken => (StatusCode::UNAUTHORIZED, "a bearer token is needed"),
            Refusal::BadToken(_) => (StatusCode::UNAUTHORIZED, "the bearer token is refused"),
            Refusal::TooNarrow => (StatusCode::FORBIDDEN, "the bearer token lacks a scope"),
            Refusal::Unknown => {
                return Refused::busy("tokens cannot be checked at the moment", RETRY_AFTER);
            }
        };
        // Why exactly is for the operator. It holds nothing of the token.
        tracing::info!(%refusal, "a request is not let in");
        Refused::new(status, reason)
            .with_challenge(metadata::challenge(&self.options, refusal.code()))
    }

    /// Reads a body, as far and as long as it may be.
    async fn read(&self, body: Body) -> Result<Bytes, Refused> {
        let limits = &self.options.limits;
        let too_large = || Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
        if body.size_hint().lower() > limits.body_bytes {
            return Err(too_large());
        }
        let bytes_max = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
        let whole = Limited::new(body, bytes_max).collect();
        match tokio::time::timeout(Duration::from_millis(limits.body_ms), whole).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "the body is broken off",
            )),
            Err(_) => Err(Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not come in time",
            )),
        }
    }
}

/// Lets a request through by the names it came by, and tells the browser that sent it.
async fn by_name(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let (uri, headers) = (request.uri(), request.headers());
    if let Err(refused) = front.options.gatekeeper.admit(uri, headers) {
        return refused.into_response();
    }
    if let Some(answer) = cors::preflight(&request) {
        return answer;
    }
    let origin = headers.get(ORIGIN).cloned();
    let mut response = next.run(request).await;
    cors::admitted(origin.as_ref(), response.headers_mut());
    response
}

async fn mcp(State(front): State<Arc<Front>>, request: Request) -> Response {
    let answer = front.answer(request).await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

/// The process lives, which is all it says.
async fn health() -> Response {
    document(StatusCode::OK, &json!({"status": "ok"}))
}

/// Whose tokens are let in.
async fn about_tokens(State(front): State<Arc<Front>>) -> Response {
    match metadata::of(&front.options) {
        Some(about) => document(StatusCode::OK, &about),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether every plugin is in service. Who need not, or does, say who they are is told why one is not.
async fn readiness(State(front): State<Arc<Front>>, headers: HeaderMap) -> Response {
    let is_told_why = front.admit(&headers).await.is_ok();
    ready::report(&front.host, front.closing.is_cancelled(), is_told_why)
}
