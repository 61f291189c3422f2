//! What browsers want to hear before a page of another origin may send a request and read the answer. Whether it may is
//! decided at the gate; this says so in a browser's words.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// Seconds for which a browser need not ask again. A change of the configuration is noticed soon enough.
const MAX_AGE_S: &str = "600";

/// The answer to a browser that asks before it sends, when this is one. The gate has let its origin in.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let headers = request.headers();
    let asks = request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let says = response.headers_mut();
    says.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    says.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_S));
    // Any field: those of a tool's arguments have names of their own, and none of them is trusted.
    if let Some(wanted) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        says.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    admitted(headers.get(ORIGIN), says);
    Some(response)
}

/// Lets a page read an answer.
pub(super) fn admitted(origin: Option<&HeaderValue>, says: &mut HeaderMap) {
    says.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        says.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        says.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("mcp-session-id, www-authenticate, retry-after"),
        );
    }
}
