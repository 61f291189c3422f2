//! Getting a page, redirects followed. What sends the requests is a parameter, so tests need no network.

use portcullis_plugin::http::{self, Request};

use crate::address::Address;
use crate::error::FetchError;

/// Redirects in a row that are followed. A browser follows twenty; a person who moved a page needs two or three.
pub const REDIRECTS_MAX: usize = 5;

/// What is said to be able to be read. Servers that have Markdown may send it.
const ACCEPT: &str =
    "text/html, application/xhtml+xml, text/markdown, application/json, text/plain, */*;q=0.1";

/// Who asks.
const USER_AGENT: &str = concat!("portcullis-fetch/", env!("CARGO_PKG_VERSION"));

/// What a server answered: the head, and how to get the body.
pub struct Got {
    /// The status.
    pub status: u16,
    /// `content-type`.
    pub content_type: Option<String>,
    /// `content-encoding`.
    pub content_encoding: Option<String>,
    /// `location`.
    pub location: Option<String>,
    /// Reads the body.
    pub body: Box<dyn FnOnce() -> Result<Vec<u8>, http::Error>>,
}

/// Where a page was found, and the answer there.
pub struct Found {
    /// The address after all redirects.
    pub address: Address,
    /// The answer, whose status is none of a redirect.
    pub got: Got,
}

/// Sends one request through the host.
pub fn send(address: &Address) -> Result<Got, http::Error> {
    let response = Request::get(address.as_str())
        .header("accept", ACCEPT)
        // A body that comes compressed could not be read, and would be larger than its length says.
        .header("accept-encoding", "identity")
        .header("user-agent", USER_AGENT)
        .send()?;
    let header = |name| response.header(name).map(str::to_owned);
    Ok(Got {
        status: response.status(),
        content_type: header("content-type"),
        content_encoding: header("content-encoding"),
        location: header("location"),
        body: Box::new(|| response.bytes()),
    })
}

/// Gets a page and follows redirects. Each hop is a request of its own, which the host's gate sees.
pub fn get(
    mut address: Address,
    send: &dyn Fn(&Address) -> Result<Got, http::Error>,
) -> Result<Found, FetchError> {
    for _ in 0..=REDIRECTS_MAX {
        let got =
            send(&address).map_err(|error| FetchError::of_request(error, address.server()))?;
        let location = match got.status {
            301 | 302 | 303 | 307 | 308 => got.location.as_deref(),
            _ => None,
        };
        match location {
            Some(location) => address = address.join(location)?,
            None => return Ok(Found { address, got }),
        }
    }
    Err(FetchError::TooManyRedirects {
        last: address.as_str().to_owned(),
    })
}

#[cfg(test)]
pub mod tests {
    use std::cell::RefCell;

    use super::*;

    /// An answer.
    pub fn got(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Got {
        let body = body.into();
        Got {
            status,
            content_type: (!content_type.is_empty()).then(|| content_type.to_owned()),
            content_encoding: None,
            location: None,
            body: Box::new(|| Ok(body)),
        }
    }

    fn redirect(status: u16, location: &str) -> Got {
        Got {
            location: Some(location.to_owned()),
            ..got(status, "", "")
        }
    }

    fn start() -> Address {
        Address::parse("https://a.example/start").unwrap()
    }

    #[test]
    fn redirects_are_followed_and_each_is_asked_about() {
        let asked = RefCell::new(Vec::new());
        let found = get(start(), &|address| {
            asked.borrow_mut().push(address.as_str().to_owned());
            Ok(match address.as_str() {
                "https://a.example/start" => redirect(301, "/next"),
                "https://a.example/next" => redirect(302, "https://b.example/end"),
                _ => got(200, "text/plain", "end"),
            })
        })
        .unwrap();
        assert_eq!(found.address.as_str(), "https://b.example/end");
        assert_eq!(asked.borrow().len(), 3);
    }

    #[test]
    fn an_endless_redirect_ends_after_five() {
        let asked = RefCell::new(0);
        let found = get(start(), &|_| {
            *asked.borrow_mut() += 1;
            Ok(redirect(307, "/start"))
        });
        assert!(matches!(found, Err(FetchError::TooManyRedirects { .. })));
        assert_eq!(*asked.borrow(), 6);
    }

    #[test]
    fn a_redirect_out_of_the_web_is_not_followed() {
        for location in ["file:///etc/passwd", "https://a:b@c.example/", "gopher://x"] {
            let found = get(start(), &|_| Ok(redirect(302, location)));
            assert!(matches!(found, Err(FetchError::Url { .. })), "{location}");
        }
    }

    #[test]
    fn a_redirect_to_a_server_that_is_refused_names_that_server() {
        let found = get(start(), &|address| match address.server() {
            "a.example" => Ok(redirect(302, "http://169.254.169.254/latest")),
            _ => Err(http::Error::Denied),
        });
        let server = "169.254.169.254".to_owned();
        assert_eq!(found.err(), Some(FetchError::Denied { server }));
    }

    #[test]
    fn a_redirect_without_a_place_and_a_status_that_is_none_are_answers() {
        for (status, location) in [(301, None), (304, Some("/x")), (200, Some("/x"))] {
            let found = get(start(), &|_| {
                Ok(Got {
                    location: location.map(str::to_owned),
                    ..got(status, "", "")
                })
            });
            assert_eq!(found.unwrap().got.status, status);
        }
    }
}
