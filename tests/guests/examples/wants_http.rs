//! Sends an HTTP request, which needs an import that only a network permission covers.

use portcullis_test_guests::*;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, OutgoingRequest};

struct WantsHttp;

impl Trick for WantsHttp {
    const NAME: &str = "wants_http";

    fn play(_request: CallRequest, _context: Context) -> Outcome {
        let request = OutgoingRequest::new(Fields::new());
        let sent = request
            .set_authority(Some("api.example.com"))
            .map_err(|()| ErrorCode::HttpRequestUriInvalid)
            .and_then(|()| outgoing_handler::handle(request, None));
        match sent {
            Ok(_) => answer("sent"),
            Err(code) => Err(Error::Denied(code.to_string())),
        }
    }
}

export!(WantsHttp: tools);
