//! Sends the HTTP requests it is told to, and tells what came of each. It is honest; what it is told need not be.
//!
//! Arguments: `url`, and if wanted `method`, `headers` (pairs), `body` (text), `body_bytes` (how many instead), `times`
//! (how often, one after another), `held` (how often at one time, with no body read before all heads have come), and
//! `first_byte_ms` and `between_bytes_ms`.

use portcullis_test_guests::*;
use serde_json::{Value, json};
use wasip2::http::outgoing_handler::{self, FutureIncomingResponse};
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

struct Http;

impl Trick for Http {
    const NAME: &str = "http";

    fn tools() -> Vec<Tool> {
        vec![tool_taking(Self::NAME, r#"{"type":"object"}"#)]
    }

    fn play(request: CallRequest, _context: Context) -> Outcome {
        let wish: Value = serde_json::from_str(&request.arguments).unwrap_or_default();
        if let Some(held) = wish["held"].as_u64() {
            let sent: Vec<_> = (0..held).map(|_| send(&wish).and_then(head)).collect();
            let told = sent.into_iter().map(|sent| match sent {
                Ok(response) => json!(response.status()),
                Err(error) => json!(error),
            });
            return answer(Value::from_iter(told).to_string());
        }
        match wish["times"].as_u64() {
            Some(times) => {
                let told = (0..times).map(|_| tell(&wish));
                answer(Value::from_iter(told).to_string())
            }
            None => answer(tell(&wish).to_string()),
        }
    }
}

/// One request from its beginning to its end: a status with a body, or an error, or both.
fn tell(wish: &Value) -> Value {
    match send(wish).and_then(head) {
        Err(error) => json!({ "error": error }),
        Ok(response) => {
            let location = response.headers().get("location");
            let location = location
                .first()
                .map(|it| String::from_utf8_lossy(it).into_owned());
            let status = response.status();
            let (bytes, error) = read_all(&response);
            json!({
                "status": status,
                "location": location,
                "bytes": bytes.len(),
                "body": String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]),
                "error": error,
            })
        }
    }
}

fn send(wish: &Value) -> Result<FutureIncomingResponse, String> {
    let fields = Fields::new();
    for pair in wish["headers"].as_array().into_iter().flatten() {
        let (name, value) = (pair[0].as_str(), pair[1].as_str());
        let (name, value) = name.zip(value).ok_or("headers are pairs of text")?;
        let appended = fields.append(name, value.as_bytes());
        appended.map_err(|error| format!("header {name}: {error:?}"))?;
    }
    let request = OutgoingRequest::new(fields);
    let url = wish["url"].as_str().ok_or("no url")?;
    let (scheme, rest) = url.split_once("://").ok_or("no scheme")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let set = |what: &str, set: Result<(), ()>| set.map_err(|()| format!("{what} is refused"));
    set("scheme", request.set_scheme(Some(&scheme)))?;
    set("authority", request.set_authority(Some(authority)))?;
    set("path", request.set_path_with_query(Some(path)))?;
    set(
        "method",
        request.set_method(&method(wish["method"].as_str())),
    )?;

    let options = RequestOptions::new();
    let nanos = |key: &str| wish[key].as_u64().map(|ms| ms * 1_000_000);
    set(
        "timeout",
        options.set_first_byte_timeout(nanos("first_byte_ms")),
    )?;
    set(
        "timeout",
        options.set_between_bytes_timeout(nanos("between_bytes_ms")),
    )?;

    let body = match (wish["body"].as_str(), wish["body_bytes"].as_u64()) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(bytes)) => Some(vec![b'x'; bytes as usize]),
        (None, None) => None,
    };
    let Some(bytes) = body else {
        return outgoing_handler::handle(request, Some(options)).map_err(named);
    };
    let body = request.body().map_err(|()| "body is refused")?;
    let response = outgoing_handler::handle(request, Some(options)).map_err(named)?;
    // A write that fails is told by the response.
    if write_all(&body, &bytes).is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
    Ok(response)
}

fn method(name: Option<&str>) -> Method {
    match name {
        None | Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        Some("CONNECT") => Method::Connect,
        Some("TRACE") => Method::Trace,
        Some(other) => Method::Other(other.to_owned()),
    }
}

fn write_all(body: &OutgoingBody, bytes: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().map_err(|()| StreamError::Closed)?;
    for piece in bytes.chunks(4096) {
        stream.blocking_write_and_flush(piece)?;
    }
    Ok(())
}

fn head(response: FutureIncomingResponse) -> Result<IncomingResponse, String> {
    response.subscribe().block();
    match response.get() {
        Some(Ok(Ok(response))) => Ok(response),
        Some(Ok(Err(code))) => Err(named(code)),
        _ => Err("there is no response".to_owned()),
    }
}

fn read_all(response: &IncomingResponse) -> (Vec<u8>, Option<String>) {
    let mut bytes = Vec::new();
    let Ok(body) = response.consume() else {
        return (bytes, Some("there is no body".to_owned()));
    };
    let Ok(stream) = body.stream() else {
        return (bytes, Some("there is no stream".to_owned()));
    };
    let error = loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => break None,
            Err(StreamError::LastOperationFailed(error)) => {
                let code = wasip2::http::types::http_error_code(&error);
                break Some(code.map_or_else(|| error.to_debug_string(), named));
            }
        }
    };
    drop(stream);
    drop(IncomingBody::finish(body));
    (bytes, error)
}

fn named(code: ErrorCode) -> String {
    format!("{code:?}")
}

export!(Http: tools);
