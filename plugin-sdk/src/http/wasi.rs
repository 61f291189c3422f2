//! Requests through `wasi:http`, which the host answers.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    self, ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

use super::{Error, Request, Response, parts};

/// Bytes that one `blocking-write-and-flush` takes, as its documentation says.
const WRITE_BYTES_MAX: usize = 4096;

/// The body of a response. The fields are dropped in this order, as `wasi:http` wants it: children first.
#[derive(Debug)]
pub(super) struct Body {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
}

impl Body {
    /// Waits for bytes, at most so many. None at the end.
    pub(super) fn read(&mut self, bytes_max: usize) -> Result<Vec<u8>, Error> {
        match self.stream.blocking_read(bytes_max as u64) {
            Ok(bytes) => Ok(bytes),
            Err(StreamError::Closed) => Ok(Vec::new()),
            Err(StreamError::LastOperationFailed(error)) => {
                Err(types::http_error_code(&error).map_or(Error::Connection, into_error))
            }
        }
    }
}

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    let outgoing = outgoing(request)?;
    let body = outgoing.body().map_err(|()| odd("a body"))?;
    let options = request.timeout.map(|timeout| {
        let options = RequestOptions::new();
        let nanoseconds = u64::try_from(timeout.as_nanos()).ok();
        // A host that knows no such option keeps its own time, which it does in any case.
        let _ = options.set_connect_timeout(nanoseconds);
        let _ = options.set_first_byte_timeout(nanoseconds);
        let _ = options.set_between_bytes_timeout(nanoseconds);
        options
    });
    let response = outgoing_handler::handle(outgoing, options).map_err(into_error)?;
    let written = write(body, &request.body);
    response.subscribe().block();
    let answered = response.get().and_then(Result::ok);
    // A server may answer without reading all of the body, so only its own failure counts then.
    let incoming = match answered {
        Some(answered) => answered.map_err(into_error)?,
        None => return Err(written.err().unwrap_or(Error::Connection)),
    };
    let body = incoming.consume().map_err(|()| odd("a body"))?;
    Ok(Response {
        status: incoming.status(),
        headers: incoming.headers().entries(),
        body: Body {
            stream: body.stream().map_err(|()| odd("a stream"))?,
            _body: body,
            _response: incoming,
        },
        bytes_left: request.body_bytes_max,
    })
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, Error> {
    let headers = Fields::new();
    for (name, value) in &request.headers {
        headers
            .append(name, value.as_bytes())
            .map_err(|_| Error::Other(format!("the header `{name}` cannot be sent")))?;
    }
    let parts = parts(&request.url)?;
    let scheme = match parts.is_secure {
        true => Scheme::Https,
        false => Scheme::Http,
    };
    let outgoing = OutgoingRequest::new(headers);
    outgoing
        .set_method(&method(&request.method))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(parts.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&parts.path_and_query)))
        .map_err(|()| Error::Other("the method or the URL cannot be sent".to_owned()))?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), Error> {
    if !bytes.is_empty() {
        let stream = body.write().map_err(|()| odd("a stream"))?;
        for chunk in bytes.chunks(WRITE_BYTES_MAX) {
            stream
                .blocking_write_and_flush(chunk)
                .map_err(|_| Error::Connection)?;
        }
    }
    OutgoingBody::finish(body, None).map_err(into_error)
}

fn odd(what: &str) -> Error {
    Error::Other(format!("the host gave {what} twice"))
}

fn into_error(code: ErrorCode) -> Error {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => Error::Denied,
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => Error::Timeout,
        ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_) => Error::TooLarge,
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => Error::Dns,
        ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTerminated
        | ErrorCode::HttpResponseIncomplete => Error::Connection,
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => Error::Tls,
        other => Error::Other(other.to_string()),
    }
}
