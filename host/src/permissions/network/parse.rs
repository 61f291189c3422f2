//! A rule as text: what may be written, and what to write instead.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::super::PermissionError;
use super::super::address::canonical;
use super::super::attempt::{is_host_name, is_method};
use super::{Host, NetworkRule, Scheme};

impl FromStr for NetworkRule {
    type Err = PermissionError;

    fn from_str(claimed: &str) -> Result<Self, PermissionError> {
        read(claimed)
            .map_err(|(problem, hint)| PermissionError::new("network rule", claimed, problem, hint))
    }
}

/// What is wrong with a rule, and what to write instead.
type Problem = (&'static str, &'static str);

fn read(claimed: &str) -> Result<NetworkRule, Problem> {
    let (methods, claimed) = match claimed.split_once(' ') {
        Some((methods, rest)) => (read_methods(methods)?, rest),
        None => (Vec::new(), claimed),
    };
    if claimed.is_empty() {
        return Err(("is empty", "name a host, such as `api.example.com`"));
    }
    if claimed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err((
            "has a space in it",
            "write one host in each rule, with methods before it as in `GET,HEAD example.com`",
        ));
    }
    let (scheme, rest) = match claimed.split_once("://") {
        Some((scheme, rest)) => (Some(read_scheme(scheme)?), rest),
        None => (None, claimed),
    };
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
    let (host, host_text) = read_host(host)?;
    if host == Host::Any && (port.is_some() || !path.is_empty()) {
        return Err((
            "has a wildcard that stands for too much",
            "`*` stands for every public host on every port, and nothing can be added to it but methods and a scheme",
        ));
    }
    let methods_text = match methods.is_empty() {
        true => String::new(),
        false => methods.join(",") + " ",
    };
    let scheme_text = match scheme {
        Some(Scheme::Http) => "http://",
        Some(Scheme::Https) => "https://",
        None => "",
    };
    let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(NetworkRule {
        text: format!("{methods_text}{scheme_text}{host_text}{port_text}{path}"),
        methods,
        scheme,
        host,
        port,
        path: path.to_owned(),
    })
}

fn read_methods(claimed: &str) -> Result<Vec<String>, Problem> {
    let mut methods = Vec::new();
    for method in claimed.split(',') {
        if !is_method(method) || method.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err((
                "begins with what is no list of methods",
                "write methods in capitals with commas between them, as in `GET,HEAD example.com`",
            ));
        }
        if methods.iter().any(|there| there == method) {
            return Err(("names a method twice", "name each method once"));
        }
        methods.push(method.to_owned());
    }
    Ok(methods)
}

fn read_scheme(claimed: &str) -> Result<Scheme, Problem> {
    match claimed.to_ascii_lowercase().as_str() {
        "https" => Ok(Scheme::Https),
        "http" => Ok(Scheme::Http),
        _ => Err((
            "has a scheme that is not served",
            "use `https://`, `http://`, or no scheme",
        )),
    }
}

/// A path is compared as text later, so it may have no second spelling, nor one that a URL does not keep.
fn check_path(path: &str) -> Result<(), Problem> {
    if path.contains(['?', '#']) {
        return Err(("has a query or a fragment", "end the rule with the path"));
    }
    let is_plain = path
        .bytes()
        .all(|b| b.is_ascii_graphic() && !br#"\*%"<>^`{|}"#.contains(&b));
    let has_dots = path
        .split('/')
        .any(|part| matches!(part.split(';').next(), Some("." | "..")));
    if !is_plain || has_dots {
        return Err((
            "has a path with a second reading",
            "write the path plainly, in ASCII, without `..`, `*`, `%` and `\\`",
        ));
    }
    Ok(())
}

/// Parts `host:port`.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), Problem> {
    let at = match (authority.rfind(':'), authority.rfind(']')) {
        (Some(colon), Some(bracket)) if colon < bracket => None,
        (colon, _) => colon,
    };
    let Some(at) = at else {
        return Ok((authority, None));
    };
    let (host, digits) = (&authority[..at], &authority[at + 1..]);
    let is_number = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse() {
        Ok(port) if is_number => Ok((host, Some(port))),
        _ => Err((
            "has a bad port",
            "use a number from 1 to 65535, such as `localhost:3000`",
        )),
    }
}

/// A host, and its text.
fn read_host(host: &str) -> Result<(Host, String), Problem> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address
            .strip_suffix(']')
            .and_then(|address| address.parse::<Ipv6Addr>().ok());
        return match address {
            Some(address) => Ok((
                Host::Address(canonical(address.into())),
                format!("[{address}]"),
            )),
            None => Err(("has a bad address", "write an IPv6 address as `[::1]`")),
        };
    }
    if host == "*" {
        return Ok((Host::Any, host.to_owned()));
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
    if !is_host_name(name) {
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
    let kind = match name.parse::<Ipv4Addr>() {
        Ok(address) => Host::Address(address.into()),
        Err(_) if name != host => Host::Below(name.to_owned()),
        Err(_) => Host::Exact(name.to_owned()),
    };
    Ok((kind, host))
}
