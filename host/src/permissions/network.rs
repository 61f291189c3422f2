//! The power `network`: whom a plugin wants to talk to.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::PermissionError;

/// One rule, such as `api.example.com`, `*.example.com`, `localhost:3000` or `https://host:port/path`.
///
/// Holding one proves that the text has one reading: its host is a name, a wildcard over the names below one, or an
/// address. It is kept as it was written, but for the host's case and trailing dot. It does not say that the host exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NetworkRule(String);

impl NetworkRule {
    /// The rule as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NetworkRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NetworkRule {
    type Err = PermissionError;

    fn from_str(claimed: &str) -> Result<Self, PermissionError> {
        match normalised(claimed) {
            Ok(rule) => Ok(Self(rule)),
            Err((problem, hint)) => {
                Err(PermissionError::new("network rule", claimed, problem, hint))
            }
        }
    }
}

/// What is wrong with a rule, and what to write instead.
type Problem = (&'static str, &'static str);

/// Names in the domain name system are no longer.
const HOST_BYTES_MAX: usize = 253;

/// Nor are their parts.
const LABEL_BYTES_MAX: usize = 63;

fn normalised(claimed: &str) -> Result<String, Problem> {
    if claimed.is_empty() {
        return Err(("is empty", "name a host, such as `api.example.com`"));
    }
    if claimed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(("has a space in it", "write one host in each rule"));
    }
    let (scheme, rest) = match claimed.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, claimed),
    };
    if !matches!(scheme.as_deref(), None | Some("https" | "http")) {
        return Err((
            "has a scheme that is not served",
            "use `https://`, `http://`, or no scheme",
        ));
    }
    let (authority, path) = match rest.find(['/', '?', '#', '\\']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    if scheme.is_none() && !path.is_empty() {
        return Err((
            "has a path but no scheme",
            "write it as `https://host/path`",
        ));
    }
    if authority.contains('@') {
        return Err((
            "carries a user name or password",
            "leave out what stands before the `@`",
        ));
    }
    check_path(path)?;
    let (host, port) = split_port(authority)?;
    let scheme = scheme.map(|scheme| scheme + "://").unwrap_or_default();
    Ok(format!("{scheme}{}{port}{path}", normalised_host(host)?))
}

/// A path is compared as text later, so it may have no second spelling.
fn check_path(path: &str) -> Result<(), Problem> {
    if path.contains(['?', '#']) {
        return Err(("has a query or a fragment", "end the rule with the path"));
    }
    if path.contains(['\\', '*', '%']) || path.split('/').any(|part| matches!(part, "." | "..")) {
        return Err((
            "has a path with a second reading",
            "write the path plainly, without `..`, `*`, `%` and `\\`",
        ));
    }
    Ok(())
}

/// Parts `host:port`; the port keeps its colon.
fn split_port(authority: &str) -> Result<(&str, &str), Problem> {
    let at = match (authority.rfind(':'), authority.rfind(']')) {
        (Some(colon), Some(bracket)) if colon < bracket => None,
        (colon, _) => colon,
    };
    let Some(at) = at else {
        return Ok((authority, ""));
    };
    let (host, port) = authority.split_at(at);
    let digits = &port[1..];
    let is_number = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number || digits.parse::<u16>().is_err() {
        return Err((
            "has a bad port",
            "use a number from 1 to 65535, such as `localhost:3000`",
        ));
    }
    Ok((host, port))
}

fn normalised_host(host: &str) -> Result<String, Problem> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address
            .strip_suffix(']')
            .and_then(|address| address.parse::<Ipv6Addr>().ok());
        return match address {
            Some(address) => Ok(format!("[{address}]")),
            None => Err(("has a bad address", "write an IPv6 address as `[::1]`")),
        };
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let name = host.strip_prefix("*.").unwrap_or(&host);
    if name.contains('*') {
        return Err((
            "has a wildcard that stands for too much",
            "a `*` may only be the first part of a name, such as `*.example.com`",
        ));
    }
    if name.contains(':') {
        return Err((
            "has more than one colon",
            "write an IPv6 address in brackets, such as `[::1]`",
        ));
    }
    if !name.is_ascii() {
        return Err((
            "has letters outside ASCII",
            "write the name in its `xn--` form",
        ));
    }
    if name.len() > HOST_BYTES_MAX || !name.split('.').all(is_label) {
        return Err((
            "does not name a host",
            "use letters, digits and hyphens between single dots, such as `api.example.com`",
        ));
    }
    if name != host && !name.contains('.') {
        return Err((
            "covers a whole top-level domain",
            "name at least two parts after the `*`, such as `*.example.com`",
        ));
    }
    // Resolvers read `127.1` and `0x7f.1` as addresses as well; only the plain form has one reading.
    let last = name.rsplit('.').next().unwrap_or(name);
    let looks_numeric = last.bytes().all(|b| b.is_ascii_digit())
        || last
            .strip_prefix("0x")
            .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if looks_numeric && (name != host || name.parse::<Ipv4Addr>().is_err()) {
        return Err(("has a bad address", "write an IPv4 address as `127.0.0.1`"));
    }
    Ok(host)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_a_host_and_maybe_a_scheme_a_port_and_a_path() {
        let check = |claimed: &str, kept: &str| {
            let rule = claimed.parse::<NetworkRule>();
            assert_eq!(
                rule.as_ref().map(NetworkRule::as_str),
                Ok(kept),
                "{claimed}"
            );
            assert_eq!(kept.parse().as_ref(), rule.as_ref(), "{kept}");
        };
        check("api.example.com", "api.example.com");
        check("API.Example.com.", "api.example.com");
        check("*.example.com", "*.example.com");
        check("localhost", "localhost");
        check("localhost:3000", "localhost:3000");
        check("a_b.example.com:1", "a_b.example.com:1");
        check("xn--bcher-kva.example", "xn--bcher-kva.example");
        check("127.0.0.1:80", "127.0.0.1:80");
        check("[::1]", "[::1]");
        check("[0:0:0:0:0:0:0:1]:443", "[::1]:443");
        check(
            "HTTPS://Example.com:8443/V1/Data",
            "https://example.com:8443/V1/Data",
        );
        check("http://*.example.com/", "http://*.example.com/");
    }

    #[test]
    fn a_rule_with_no_reading_or_two_is_refused() {
        let label = "a".repeat(64);
        let host = vec!["abc"; 64].join(".");
        for claimed in [
            "",
            ".",
            "*",
            "*:443",
            "https://*",
            "*.com",
            "*.",
            "*.*.com",
            "api.*.com",
            "*example.com",
            "a..b",
            ".a",
            "-a.com",
            "a-.com",
            "a b",
            "a\n",
            "bücher.example",
            "user@example.com",
            "https://user:pw@example.com",
            "example.com:",
            "example.com:0",
            "example.com:080",
            "example.com:65536",
            "example.com:https",
            "example.com:+1",
            ":80",
            "ftp://example.com",
            "://example.com",
            "https://",
            "https:///x",
            "example.com/path",
            "example.com\\x",
            "https://example.com/../x",
            "https://example.com/%2e%2e",
            "https://example.com/*",
            "https://example.com?q=1",
            "https://example.com/#x",
            "127.1",
            "0x7f.0x1",
            "2130706433",
            "1.2.3.256",
            "*.0.0.1",
            "*.127.0.0.1",
            "::1",
            "[::1",
            "[::1]x",
            "[a.b]",
            "[::1]:",
            "http://a://b",
            &label,
            &host,
        ] {
            assert!(claimed.parse::<NetworkRule>().is_err(), "{claimed:?}");
        }
    }

    #[test]
    fn a_refusal_shows_the_rule_and_what_to_write() {
        let refusal = "user@example.com"
            .parse::<NetworkRule>()
            .unwrap_err()
            .to_string();
        assert_eq!(
            refusal,
            "network rule `user@example.com` carries a user name or password (hint: leave out what stands before the `@`)"
        );
    }
}
