//! Which names a request may have used to get here, and which web pages may send one. Without it any page in a browser
//! could talk to a host on the same machine, by letting its own name point to it.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode, Uri};

use super::answer::Refused;

/// The names of this machine to itself.
const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The hosts and origins that are let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gatekeeper {
    hosts: Vec<Authority>,
    origins: Vec<Origin>,
}

/// A name with a port; without one, any port fits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    host: String,
    port: Option<u16>,
}

/// Where a web page comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    authority: Authority,
}

/// A name in the configuration that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// A host.
    #[error("{0:?} is no host (hint: write `mcp.example.com` or `mcp.example.com:8443`)")]
    Host(String),
    /// An origin.
    #[error(
        "{0:?} is no origin (hint: write `https://app.example.com`, or `http://localhost:*` for any port)"
    )]
    Origin(String),
}

impl Gatekeeper {
    /// Lets this machine's own names in, and pages that it serves itself.
    pub fn loopback() -> Self {
        let hosts = LOOPBACK_HOSTS.map(|host| Authority {
            host: host.to_owned(),
            port: None,
        });
        let origins = hosts.clone().map(|authority| Origin {
            scheme: "http".to_owned(),
            authority,
        });
        Self {
            hosts: hosts.into(),
            origins: origins.into(),
        }
    }

    /// Lets these hosts in instead.
    ///
    /// # Errors
    /// When one of them is no host.
    pub fn with_hosts(self, hosts: &[String]) -> Result<Self, BadName> {
        let read = |host: &String| Authority::parse(host).ok_or(BadName::Host(host.clone()));
        Ok(Self {
            hosts: hosts.iter().map(read).collect::<Result<_, _>>()?,
            ..self
        })
    }

    /// Lets pages of these origins in instead.
    ///
    /// # Errors
    /// When one of them is no origin.
    pub fn with_origins(self, origins: &[String]) -> Result<Self, BadName> {
        let read = |origin: &String| Origin::allowed(origin).ok_or(BadName::Origin(origin.clone()));
        Ok(Self {
            origins: origins.iter().map(read).collect::<Result<_, _>>()?,
            ..self
        })
    }

    /// Decides on a request by its head.
    pub(super) fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
        let host = one(headers, HOST)?.and_then(Authority::parse);
        // A request that names its host twice has to name the same one.
        let in_uri = uri.authority().map(|it| Authority::parse(it.as_str()));
        let is_one = in_uri.is_none_or(|in_uri| in_uri == host);
        if !is_one || !host.is_some_and(|host| self.hosts.iter().any(|it| it.covers(&host))) {
            return Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this host name is not allowed",
            ));
        }
        self.admit_origin(headers)
    }

    /// Decides on the web page that sent a request. Other programs have none.
    fn admit_origin(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let Some(origin) = one(headers, ORIGIN)? else {
            return Ok(());
        };
        let origin = Origin::parse(origin);
        match origin.is_some_and(|origin| self.origins.iter().any(|it| it.covers(&origin))) {
            true => Ok(()),
            false => Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this origin is not allowed",
            )),
        }
    }
}

/// A field that may be there once.
fn one(headers: &HeaderMap, name: http::HeaderName) -> Result<Option<&str>, Refused> {
    let bad = || Refused::new(StatusCode::BAD_REQUEST, "a header field is malformed");
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(bad());
    }
    value
        .map(|value| value.to_str())
        .transpose()
        .map_err(|_| bad())
}

impl Authority {
    fn parse(text: &str) -> Option<Self> {
        // An address of version 6 has colons of its own, and brackets round it.
        let end_of_host = text.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match text[end_of_host..].find(':') {
            Some(colon) => (
                &text[..end_of_host + colon],
                Some(&text[end_of_host + colon + 1..]),
            ),
            None => (text, None),
        };
        let is_digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
        let port = match port {
            None => None,
            Some(port) if is_digits(port) => Some(port.parse().ok()?),
            Some(_) => return None,
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        let is_host = match host.strip_prefix('[') {
            Some(address) => address
                .strip_suffix(']')?
                .parse::<std::net::Ipv6Addr>()
                .is_ok(),
            None => !host.is_empty() && host.bytes().all(is_name),
        };
        is_host.then(|| Self {
            host: host.to_ascii_lowercase(),
            port,
        })
    }

    fn covers(&self, other: &Self) -> bool {
        self.host == other.host && (self.port.is_none() || self.port == other.port)
    }
}

impl Origin {
    /// Reads what a browser sends: without a port it is that of the scheme.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let mut authority = Authority::parse(authority)?;
        authority.port = authority.port.or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        let is_scheme = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        (!scheme.is_empty() && scheme.bytes().all(is_scheme)).then_some(Self { scheme, authority })
    }

    /// Reads what an operator wrote: the same, or with `*` for any port.
    fn allowed(text: &str) -> Option<Self> {
        match text.strip_suffix(":*") {
            None => Self::parse(text),
            Some(text) => {
                let mut origin = Self::parse(text)?;
                origin.authority.port = None;
                Some(origin)
            }
        }
    }

    fn covers(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.authority.covers(&other.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(keeper: &Gatekeeper, uri: &str, fields: &[(&'static str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().expect("the rows are fields"));
        }
        let uri = uri.parse().expect("the rows are URIs");
        let admitted = keeper.admit(&uri, &headers);
        admitted.map_or_else(|refused| refused.status.as_u16(), |()| 200)
    }

    #[test]
    fn a_request_is_let_in_by_the_name_of_its_host_alone() {
        let own = Gatekeeper::loopback();
        let public = Gatekeeper::default()
            .with_hosts(&["mcp.example.com".to_owned(), "b.example:8443".to_owned()])
            .expect("these are hosts");
        let check = |host: &str, of_loopback: u16, of_public: u16| {
            assert_eq!(
                status(&own, "/mcp", &[("host", host)]),
                of_loopback,
                "{host}"
            );
            assert_eq!(
                status(&public, "/mcp", &[("host", host)]),
                of_public,
                "{host}"
            );
        };
        check("localhost", 200, 403);
        check("LOCALHOST:8087", 200, 403);
        check("127.0.0.1:1", 200, 403);
        check("[::1]:8087", 200, 403);
        check("[::1]", 200, 403);
        check("evil.example", 403, 403);
        check("localhost.evil.example", 403, 403);
        check("localhost:8087:1", 403, 403);
        check("localhost:+1", 403, 403);
        check("user@localhost", 403, 403);
        check("[::1", 403, 403);
        check("", 403, 403);
        check("mcp.example.com", 403, 200);
        check("MCP.example.com:443", 403, 200);
        check("b.example:8443", 403, 200);
        check("b.example", 403, 403);
        check("b.example:1", 403, 403);
        assert_eq!(status(&own, "/mcp", &[]), 403);
        let two = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(status(&own, "/mcp", &two), 400);
        let host = [("host", "localhost")];
        assert_eq!(status(&own, "http://localhost/mcp", &host), 200);
        assert_eq!(status(&own, "http://evil.example/mcp", &host), 403);
    }

    #[test]
    fn a_page_is_let_in_by_its_whole_origin() {
        let own = Gatekeeper::loopback();
        let none = Gatekeeper::loopback().with_origins(&[]).expect("no origin");
        let public = Gatekeeper::loopback()
            .with_origins(&["https://app.example.com".to_owned()])
            .expect("this is an origin");
        let check = |origin: &str, of_loopback: u16, of_public: u16| {
            let fields = [("host", "localhost"), ("origin", origin)];
            assert_eq!(status(&own, "/mcp", &fields), of_loopback, "{origin}");
            assert_eq!(status(&public, "/mcp", &fields), of_public, "{origin}");
            assert_eq!(status(&none, "/mcp", &fields), 403, "{origin}");
        };
        check("http://localhost:6274", 200, 403);
        check("http://127.0.0.1", 200, 403);
        check("https://localhost", 403, 403);
        check("http://evil.example", 403, 403);
        check("http://localhost.evil.example", 403, 403);
        check("null", 403, 403);
        check("", 403, 403);
        check("https://app.example.com", 403, 200);
        check("https://app.example.com:443", 403, 200);
        check("https://app.example.com:444", 403, 403);
        check("http://app.example.com", 403, 403);
        check("https://app.example.com.evil.example", 403, 403);
        check("https://app.example.com/", 403, 403);
        assert_eq!(status(&none, "/mcp", &[("host", "localhost")]), 200);
    }

    #[test]
    fn what_the_operator_writes_is_checked() {
        let hosts = |host: &str| Gatekeeper::default().with_hosts(&[host.to_owned()]).is_ok();
        assert!(hosts("a.example") && hosts("a.example:1") && hosts("[::1]:1"));
        assert!(!hosts("https://a.example") && !hosts("*") && !hosts("a.example:*") && !hosts(""));
        let origins = |origin: &str| {
            Gatekeeper::default()
                .with_origins(&[origin.to_owned()])
                .is_ok()
        };
        assert!(origins("https://a.example") && origins("http://localhost:*"));
        assert!(!origins("*") && !origins("a.example") && !origins("https://a.example/"));
    }
}
