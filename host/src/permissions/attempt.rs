//! What a plugin tries to do, as the host sees it and as a person writes it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::{PermissionError, StorageKind, SystemPower};

/// Something a plugin tries that needs permission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attempt {
    /// A request over HTTP.
    Http(HttpAttempt),
    /// The use of one kind of storage.
    Storage(StorageKind),
    /// A power over the machine, or knowledge of it.
    System(SystemPower),
}

/// As `explain --attempt` takes it: `GET https://example.com/x`, `storage user-data`, `env:LANG`.
impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(attempt) => attempt.fmt(f),
            Self::Storage(kind) => write!(f, "storage {kind}"),
            Self::System(power) => power.fmt(f),
        }
    }
}

impl FromStr for Attempt {
    type Err = PermissionError;

    fn from_str(claimed: &str) -> Result<Self, PermissionError> {
        let claimed = claimed.trim();
        if claimed.contains("://") {
            let (method, url) = claimed.split_once(' ').unwrap_or(("GET", claimed));
            return HttpAttempt::new(method, url.trim()).map(Self::Http);
        }
        match claimed.strip_prefix("storage ") {
            Some(kind) => kind.trim().parse().map(Self::Storage),
            None => claimed.parse().map(Self::System).map_err(|_| {
                PermissionError::new(
                    "attempt",
                    claimed,
                    "is nothing a plugin can try",
                    "write `GET https://example.com/`, `storage user-data`, `env:NAME`, `clock` or `random`",
                )
            }),
        }
    }
}

/// A request a plugin wants to send: all that a rule may speak of.
///
/// Holding one proves that the address has one reading: the host is in lower case, in its ASCII form, without a trailing
/// dot, and an address in any spelling (`0x7f.1`, `2130706433`, `[::ffff:127.0.0.1]`) is that address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HttpAttempt {
    /// The method, in upper case.
    pub method: String,
    /// Whether it is `https`; otherwise it is `http`.
    pub is_secure: bool,
    /// Whom it goes to.
    pub host: Target,
    /// The port, the scheme's own when none was written.
    pub port: u16,
    /// The path as it is sent, without the query.
    pub path: String,
}

/// The host of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A name to be resolved.
    Name(String),
    /// An address; one of IPv4 never stands in its IPv6 form.
    Address(IpAddr),
}

/// Methods that make a proxy or a mirror of whoever they are sent to.
const METHODS_NEVER_SENT: [&str; 3] = ["CONNECT", "TRACE", "TRACK"];

/// The longest method in use has half as many letters.
const METHOD_BYTES_MAX: usize = 32;

/// Most servers take no longer ones.
const URL_BYTES_MAX: usize = 8 << 10;

/// Names in the domain name system are no longer.
const HOST_BYTES_MAX: usize = 253;

/// Nor are their parts.
const LABEL_BYTES_MAX: usize = 63;

impl HttpAttempt {
    /// Reads a method and a URL.
    ///
    /// # Errors
    /// When it is not `http` or `https`, carries a user name or password, or its host or path has a second reading.
    pub fn new(method: &str, url: &str) -> Result<Self, PermissionError> {
        Self::with_query(method, url).map(|(attempt, _)| attempt)
    }

    /// The same, with the query as it is sent, which no rule speaks of.
    ///
    /// # Errors
    /// The same.
    pub fn with_query(method: &str, url: &str) -> Result<(Self, Option<String>), PermissionError> {
        // The query may hold what nobody else should read.
        let shown = url.split('?').next().unwrap_or_default();
        let refuse = |problem, hint| Err(PermissionError::new("request", shown, problem, hint));
        if !is_method(method) {
            return refuse(
                "has no method that is ever sent",
                "use a method such as `GET` or `POST`; `CONNECT` and `TRACE` are not sent",
            );
        }
        // What a URL's reader would leave out without a word, somebody else might read.
        let is_clean = !url.chars().any(|c| c.is_whitespace() || c.is_control());
        if url.len() > URL_BYTES_MAX || !is_clean {
            return refuse(
                "is too long or has a space in it",
                "encode what is not plain",
            );
        }
        let Some((_, rest)) = url.split_once("://") else {
            return refuse("is no URL", "write it as `https://host/path`");
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return refuse(
                "carries a user name or password",
                "leave out what stands before the `@`",
            );
        }
        if authority.is_empty() || authority.contains('\\') || path.contains('\\') {
            return refuse("has a second reading", "write it as `https://host/path`");
        }
        let Ok(read) = url::Url::parse(url) else {
            return refuse("is no URL", "write it as `https://host/path`");
        };
        let is_secure = match read.scheme() {
            "https" => true,
            "http" => false,
            _ => {
                return refuse(
                    "has a scheme that is not served",
                    "use `https://` or `http://`",
                );
            }
        };
        let host = match read.host() {
            Some(url::Host::Ipv4(address)) => Target::Address(address.into()),
            Some(url::Host::Ipv6(address)) => {
                Target::Address(super::address::canonical(address.into()))
            }
            Some(url::Host::Domain(name)) => {
                let name = name.strip_suffix('.').unwrap_or(name);
                if !is_host_name(name) {
                    return refuse("does not name a host", "write it as `https://host/path`");
                }
                Target::Name(name.to_owned())
            }
            None => return refuse("does not name a host", "write it as `https://host/path`"),
        };
        let port = match read.port_or_known_default() {
            None | Some(0) => return refuse("has a bad port", "use a number from 1 to 65535"),
            Some(port) => port,
        };
        let attempt = Self {
            method: method.to_ascii_uppercase(),
            is_secure,
            host,
            port,
            path: read.path().to_owned(),
        };
        Ok((attempt, read.query().map(str::to_owned)))
    }

    /// The host, and the port unless it is the scheme's own: what the header `host` says.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Target::Name(name) => name.clone(),
            Target::Address(IpAddr::V4(address)) => address.to_string(),
            Target::Address(IpAddr::V6(address)) => format!("[{address}]"),
        };
        match self.port == if self.is_secure { 443 } else { 80 } {
            true => host,
            false => format!("{host}:{}", self.port),
        }
    }

    /// The scheme and whom it goes to, as `https://host:port`.
    pub fn origin(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }
}

/// Whether a text is a method that may be sent: a token (RFC 9110, section 5.6.2), and none of those never sent.
pub(super) fn is_method(claimed: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=METHOD_BYTES_MAX).contains(&claimed.len())
        && claimed.bytes().all(is_token)
        && !METHODS_NEVER_SENT
            .iter()
            .any(|never| never.eq_ignore_ascii_case(claimed))
}

/// Whether a text can be a host's name.
pub(super) fn is_host_name(name: &str) -> bool {
    name.len() <= HOST_BYTES_MAX && name.split('.').all(is_label)
}

/// Underscores are not allowed in host names, yet people use them, and they mean nothing else.
fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The method and the URL, without its query, which may hold what nobody else should read.
impl fmt::Display for HttpAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.origin(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_once_and_for_all() {
        let check = |url: &str, read: &str| {
            let attempt = HttpAttempt::new("get", url).unwrap();
            assert_eq!(attempt.to_string(), format!("GET {read}"), "{url}");
        };
        check("https://example.com", "https://example.com/");
        check("HTTPS://EXAMPLE.com./A?q=secret#x", "https://example.com/A");
        check("https://example.com:443/", "https://example.com/");
        check("http://example.com:443/", "http://example.com:443/");
        check("http://example.com:080/", "http://example.com/");
        check("https://bücher.example/", "https://xn--bcher-kva.example/");
        check("https://ｅｘａｍｐｌｅ.com/", "https://example.com/");
        check("http://%6c%6fcalhost/", "http://localhost/");
        check("http://2130706433/", "http://127.0.0.1/");
        check("http://0177.0.0.1/", "http://127.0.0.1/");
        check("http://0x7f.1/", "http://127.0.0.1/");
        check("http://127.1.:3000/", "http://127.0.0.1:3000/");
        check("http://[::ffff:127.0.0.1]/", "http://127.0.0.1/");
        check("http://[::FFFF:7f00:1]:80/", "http://127.0.0.1/");
        check("http://[0:0::1]:8080/", "http://[::1]:8080/");
        check("https://example.com/a/../../b", "https://example.com/b");
        check("https://example.com/a/%2E%2e/b", "https://example.com/b");
        check("https://example.com/ü", "https://example.com/%C3%BC");
    }

    #[test]
    fn what_has_no_reading_or_two_is_refused() {
        for url in [
            "",
            "example.com",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https://",
            "https://:80/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript://example.com/",
            "https://user@example.com/",
            "https://@example.com/",
            "https://user:pw@example.com/",
            "https://example.com\\@evil.org/",
            "https://example.com/\\..\\x",
            "https://exa mple.com/",
            "https://exa\nmple.com/",
            "https://example.com/a\r\nhost: evil.org",
            "https://example..com/",
            "https://example.com../",
            "https://-example.com/",
            "https://exa%00mple.com/",
            "https://1.2.3.256/",
            "https://1.2.3.4.5/",
            "https://[::1/",
            "https://[fe80::1%25eth0]/",
            "https://example.com:0/",
            "https://example.com:65536/",
            "https://*.example.com/",
        ] {
            assert!(HttpAttempt::new("GET", url).is_err(), "{url:?}");
        }
        let long = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX));
        assert!(HttpAttempt::new("GET", &long).is_err());
    }

    #[test]
    fn a_method_that_makes_a_proxy_or_is_no_word_is_refused() {
        let check = |method: &str, fits: bool| {
            let read = HttpAttempt::new(method, "https://example.com/");
            assert_eq!(read.is_ok(), fits, "{method:?}");
        };
        check("GET", true);
        check("patch", true);
        check("PROPFIND", true);
        check("", false);
        check("CONNECT", false);
        check("connect", false);
        check("TRACE", false);
        check("Track", false);
        check("GET /x HTTP/1.1", false);
        check("GET\r\n", false);
        check("GÉT", false);
        check(&"A".repeat(METHOD_BYTES_MAX + 1), false);
    }

    #[test]
    fn the_query_is_sent_and_never_shown() {
        let (attempt, query) = HttpAttempt::with_query(
            "GET",
            "https://example.com/x?key=1&b=c d"
                .replace(' ', "%20")
                .as_str(),
        )
        .unwrap();
        assert_eq!(query.as_deref(), Some("key=1&b=c%20d"));
        assert!(!attempt.to_string().contains("key"));
    }
}
