//! Answers that are not the library's: refusals, and small documents.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

/// A request that is not served, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// What JSON-RPC calls it.
    code: i32,
    reason: &'static str,
    challenge: Option<HeaderValue>,
    retry_after: Option<Duration>,
    is_last: bool,
}

impl Refused {
    /// A refusal for a reason that a client may read.
    pub(super) fn new(status: StatusCode, reason: &'static str) -> Self {
        Self {
            status,
            code: -32600,
            reason,
            challenge: None,
            retry_after: None,
            is_last: false,
        }
    }

    /// The body is not JSON at all.
    pub(super) fn no_json() -> Self {
        Self {
            code: -32700,
            ..Self::new(StatusCode::BAD_REQUEST, "the body is not JSON")
        }
    }

    /// There is no room now, and there may be soon.
    pub(super) fn busy(reason: &'static str, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
        }
    }

    /// The host is about to end, and takes nothing more.
    pub(super) fn closing() -> Self {
        Self {
            is_last: true,
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the server is shutting down",
            )
        }
    }

    /// The same with what a client has to show to be let in.
    pub(super) fn with_challenge(self, challenge: String) -> Self {
        Self {
            challenge: HeaderValue::try_from(challenge).ok(),
            ..self
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        // Shaped as JSON-RPC, which is what clients read.
        let error = json!({"code": self.code, "message": self.reason});
        let mut response = document(self.status, &json!({"jsonrpc": "2.0", "error": error}));
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if self.is_last {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A small document that nobody is to keep.
pub(super) fn document(status: StatusCode, document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
