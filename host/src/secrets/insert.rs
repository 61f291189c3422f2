//! Putting a secret into the requests it is for, and into no other.

use std::net::IpAddr;

use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::secret::Held;
use super::{Binding, Place, Secrets};
use crate::permissions::{HttpAttempt, Target};

/// What stays as it is in a query: the unreserved characters of RFC 3986.
const IN_A_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Changes a request before it is sent.
pub trait Inserter: Send + Sync {
    /// Puts into a request what belongs there. The request goes where `attempt` says, and it was permitted.
    ///
    /// # Errors
    /// When the request must not be sent, with the reason, for the operator.
    fn insert(&self, attempt: &HttpAttempt, parts: &mut Parts) -> Result<(), String>;
}

impl Inserter for Secrets {
    fn insert(&self, attempt: &HttpAttempt, parts: &mut Parts) -> Result<(), String> {
        for (name, held) in &self.0 {
            let Some(binding) = &held.binding else {
                continue;
            };
            if binding.rule.permits(attempt) {
                refuse_clear_text(name, binding, attempt)?;
                place(name, held, &binding.place, parts)?;
            }
        }
        Ok(())
    }
}

/// Refuses to send a secret where everybody on the way can read it, unless the operator wrote that it shall be so, or
/// there is no way.
fn refuse_clear_text(name: &str, binding: &Binding, attempt: &HttpAttempt) -> Result<(), String> {
    let is_local = match &attempt.host {
        Target::Name(host) => host == "localhost",
        Target::Address(IpAddr::V4(address)) => address.is_loopback(),
        Target::Address(IpAddr::V6(address)) => address.is_loopback(),
    };
    if attempt.is_secure || is_local || binding.rule.as_str().starts_with("http://") {
        return Ok(());
    }
    Err(format!(
        "secret `{name}` would be sent in clear text with `{attempt}` \
         (hint: use `https`, or write `http://` in the secret's `host`)"
    ))
}

fn place(name: &str, held: &Held, place: &Place, parts: &mut Parts) -> Result<(), String> {
    let secret = held.secret.expose();
    match place {
        Place::Header {
            name: header,
            prefix,
        } => {
            let no_header = || format!("secret `{name}` is for a header that nobody can send");
            let header = HeaderName::from_bytes(header.as_bytes()).map_err(|_| no_header())?;
            let mut value = HeaderValue::from_str(&format!("{prefix}{secret}")).map_err(|_| {
                format!(
                    "secret `{name}` does not fit into a header (hint: a header is one line of visible characters)"
                )
            })?;
            value.set_sensitive(true);
            // It takes the place of all headers of this name that the guest set.
            parts.headers.insert(header, value);
            Ok(())
        }
        Place::Query(key) => {
            let query = query_with(parts.uri.query().unwrap_or_default(), key, secret);
            parts.uri = with_query(&parts.uri, &query)
                .ok_or_else(|| format!("secret `{name}` does not fit into the query"))?;
            Ok(())
        }
    }
}

/// A query with `key` set to the secret once, at the end. The guest's own pairs of that key are left out, however it
/// spelled them.
fn query_with(query: &str, key: &str, secret: &str) -> String {
    let is_other = |pair: &&str| {
        let claimed = pair.split('=').next().unwrap_or_default().replace('+', " ");
        !pair.is_empty() && percent_decode_str(&claimed).decode_utf8_lossy() != key
    };
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(is_other)
        .map(str::to_owned)
        .collect();
    let encoded = |text| utf8_percent_encode(text, IN_A_QUERY).to_string();
    pairs.push(format!("{}={}", encoded(key), encoded(secret)));
    pairs.join("&")
}

fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let path = uri.path();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}?{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::secrets::Secret;

    const KEY: &str = "s3cr3t/&=+ é";

    fn attempt(is_secure: bool, host: &str) -> HttpAttempt {
        HttpAttempt {
            method: "GET".to_owned(),
            is_secure,
            host: match host.parse() {
                Ok(address) => Target::Address(address),
                Err(_) => Target::Name(host.to_owned()),
            },
            port: if is_secure { 443 } else { 80 },
            path: "/v1".to_owned(),
        }
    }

    fn held(text: &str, rule: &str, place: Place) -> Held {
        let rule = rule.parse().unwrap();
        Held {
            secret: Secret::new(text.to_owned().into()),
            binding: Some(Binding { rule, place }),
        }
    }

    fn bearer() -> Place {
        Place::Header {
            name: "authorization".to_owned(),
            prefix: "Bearer ".to_owned(),
        }
    }

    fn parts(uri: &str) -> Parts {
        let request = http::Request::builder().uri(uri);
        let request = request.header("Authorization", "mine").body(()).unwrap();
        request.into_parts().0
    }

    #[test]
    fn a_header_takes_the_place_of_the_guests_own_and_is_marked() {
        let held = held("hunter22", "api.example.com", bearer());
        let mut parts = parts("https://api.example.com/v1");
        parts
            .headers
            .append("authorization", "another".parse().unwrap());
        place("key", &held, &bearer(), &mut parts).unwrap();
        let values: Vec<_> = parts.headers.get_all("authorization").iter().collect();
        assert_eq!(values, ["Bearer hunter22"]);
        assert!(values[0].is_sensitive());
        assert!(!format!("{:?}", parts.headers).contains("hunter22"));
    }

    #[test]
    fn a_secret_cannot_add_headers() {
        for text in ["a\r\nhost: evil.example", "a\nb", "a\0"] {
            let held = held(text, "api.example.com", bearer());
            let mut parts = parts("https://api.example.com/v1");
            let refused = place("key", &held, &bearer(), &mut parts).unwrap_err();
            assert!(refused.contains("does not fit into a header"), "{refused}");
            assert!(!refused.contains("evil"), "{refused}");
            assert_eq!(parts.headers["authorization"], "mine");
        }
    }

    #[test]
    fn a_query_has_the_key_once_however_the_guest_spelled_it() {
        let check = |query: &str, kept: &str| {
            let sent = query_with(query, "key", KEY);
            assert_eq!(
                sent,
                format!("{kept}key=s3cr3t%2F%26%3D%2B%20%C3%A9"),
                "{query}"
            );
        };
        check("", "");
        check("a=1&b=2", "a=1&b=2&");
        check("key=mine", "");
        check("key", "");
        check("k%65y=mine&a=1&%6b%65%79=x", "a=1&");
        check("Key=other&keys=2", "Key=other&keys=2&");
        check("&&a=1&&", "a=1&");
    }

    #[test]
    fn the_rest_of_the_address_stays() {
        let place_in = Place::Query("key".to_owned());
        let held = held("hunter22", "api.example.com", place_in.clone());
        let check = |before: &str, after: &str| {
            let mut parts = parts(before);
            place("key", &held, &place_in, &mut parts).unwrap();
            assert_eq!(parts.uri.to_string(), after);
        };
        check(
            "https://api.example.com:8443/v1?a=1",
            "https://api.example.com:8443/v1?a=1&key=hunter22",
        );
        check(
            "https://api.example.com",
            "https://api.example.com/?key=hunter22",
        );
        check("/v1", "/v1?key=hunter22");
    }

    #[test]
    fn clear_text_is_for_ones_own_machine_or_for_who_asks_for_it() {
        let check = |rule: &str, is_secure, host: &str, fits: bool| {
            let held = held("hunter22", rule, bearer());
            let binding = held.binding.unwrap();
            let judged = refuse_clear_text("key", &binding, &attempt(is_secure, host));
            assert_eq!(judged.is_ok(), fits, "{rule} {host}");
        };
        check("api.example.com", true, "api.example.com", true);
        check("api.example.com", false, "api.example.com", false);
        check("http://api.example.com", false, "api.example.com", true);
        check("localhost", false, "localhost", true);
        check("127.0.0.1", false, "127.0.0.1", true);
        check("[::1]", false, "::1", true);
        check("10.0.0.1", false, "10.0.0.1", false);
        check(
            "localhost.example.com",
            false,
            "localhost.example.com",
            false,
        );
    }

    #[test]
    fn a_request_to_another_host_carries_nothing() {
        let held = held("hunter22", "api.example.com", bearer());
        let secrets = Secrets(BTreeMap::from([("key".to_owned(), held)]));
        let sent_to = |is_secure, host: &str| {
            let mut parts = parts("/v1");
            let inserted = secrets.insert(&attempt(is_secure, host), &mut parts);
            inserted.map(|()| parts.headers["authorization"].to_str().unwrap().to_owned())
        };
        assert_eq!(sent_to(true, "evil.example"), Ok("mine".to_owned()));
        assert_eq!(
            sent_to(true, "api.example.com.evil.example"),
            Ok("mine".to_owned())
        );
        assert_eq!(sent_to(false, "evil.example"), Ok("mine".to_owned()));
    }

    #[test]
    fn a_request_to_its_host_carries_it_and_never_in_clear_text() {
        let held = held("hunter22", "api.example.com", bearer());
        let secrets = Secrets(BTreeMap::from([("key".to_owned(), held)]));
        let mut parts = parts("/v1");
        secrets
            .insert(&attempt(true, "api.example.com"), &mut parts)
            .unwrap();
        assert_eq!(parts.headers["authorization"], "Bearer hunter22");
        let refused = secrets.insert(&attempt(false, "api.example.com"), &mut parts);
        assert!(refused.unwrap_err().contains("clear text"));
    }
}
