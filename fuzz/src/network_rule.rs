//! A rule, a request and an address: what a rule permits is compared with its own text, read by other code.

use std::net::IpAddr;

use portcullis::names::{Digest, Identity};
use portcullis::permissions::{
    Approved, Attempt, Grant, HttpAttempt, Keys, NetworkRule, Policy, Target, Words,
};

use super::sentence;

/// Reads lines: a rule, a method, a URL, and an address the URL's host may have.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (rule, method, url, address) = (line(), line(), line(), line());
    let rule = read_rule(rule);
    let attempt = read_attempt(method, url);
    let (Some(rule), Some(attempt)) = (rule, attempt) else {
        return;
    };
    if rule.permits(&attempt) {
        Written::of(&rule).covers(&attempt);
    }
    all_three_keys_are_needed(&rule, &attempt);
    let literal = match attempt.host {
        Target::Address(address) => Some(address),
        Target::Name(_) => None,
    };
    for address in address.parse().ok().into_iter().chain(literal) {
        no_name_leads_home(&rule, &attempt, address);
    }
}

/// A rule has one text, and the text is that rule.
fn read_rule(claimed: &str) -> Option<NetworkRule> {
    let rule = match claimed.parse::<NetworkRule>() {
        Ok(rule) => rule,
        Err(error) => {
            sentence::check(&error.to_string());
            return None;
        }
    };
    let text = rule.to_string();
    assert_eq!(text.parse::<NetworkRule>().as_ref(), Ok(&rule));
    assert!(text.is_ascii() && !text.contains(char::is_control));
    let host = Written::of(&rule).host;
    assert!(!host.contains(['@', '/', '\\', '%', '?', '#']), "{text}");
    Some(rule)
}

/// An attempt has one reading, whatever the URL looked like.
fn read_attempt(method: &str, url: &str) -> Option<HttpAttempt> {
    let attempt = match HttpAttempt::new(method, url) {
        Ok(attempt) => attempt,
        Err(error) => {
            sentence::check(&error.to_string());
            return None;
        }
    };
    let text = attempt.to_string();
    let (shown_method, shown_url) = text.split_once(' ').expect("it shows both");
    assert_eq!(
        HttpAttempt::new(shown_method, shown_url).as_ref(),
        Ok(&attempt),
        "what is shown is not what is sent"
    );
    assert!(!url_authority(url).contains('@'), "{url} has a user's name");
    assert!(attempt.method.eq_ignore_ascii_case(method));
    assert_ne!(attempt.method, "CONNECT");
    assert!(attempt.port > 0 && attempt.path.starts_with('/'));
    match &attempt.host {
        Target::Name(name) => plain_name(name),
        Target::Address(IpAddr::V6(address)) => {
            assert_eq!(address.to_ipv4_mapped(), None, "{address}");
        }
        Target::Address(IpAddr::V4(_)) => {}
    }
    Some(attempt)
}

/// What stands between the scheme and the path.
fn url_authority(url: &str) -> &str {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// No resolver reads such a name as an address, and no parser sees two parts in it.
fn plain_name(name: &str) {
    let labels: Vec<_> = name.split('.').collect();
    for label in &labels {
        assert!(!label.is_empty(), "{name:?}");
        let fits = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
        assert!(label.chars().all(fits), "{name:?}");
    }
    // As `inet_aton` reads numbers.
    let last = labels.last().expect("a name has a label");
    let is_hex = last
        .strip_prefix("0x")
        .is_some_and(|hex| hex.chars().all(|c| c.is_ascii_hexdigit()));
    let is_number = is_hex || last.chars().all(|c| c.is_ascii_digit());
    assert!(!is_number, "{name:?} is an address to some");
}

/// A rule, read from its text alone.
struct Written<'r> {
    methods: Option<&'r str>,
    scheme: Option<&'r str>,
    host: &'r str,
    port: Option<u16>,
    path: &'r str,
}

impl<'r> Written<'r> {
    fn of(rule: &'r NetworkRule) -> Self {
        let text = rule.as_str();
        let (methods, text) = match text.split_once(' ') {
            Some((methods, rest)) => (Some(methods), rest),
            None => (None, text),
        };
        let (scheme, text) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (authority, None),
        };
        Self {
            methods,
            scheme,
            host,
            port,
            path,
        }
    }

    /// Panics unless the text speaks of this attempt.
    fn covers(&self, attempt: &HttpAttempt) {
        let scheme = if attempt.is_secure { "https" } else { "http" };
        let own_port = if attempt.is_secure { 443 } else { 80 };
        assert!(self.scheme.is_none_or(|written| written == scheme));
        assert!(self.host == "*" || self.port.unwrap_or(own_port) == attempt.port);
        let mut methods = self.methods.into_iter().flat_map(|list| list.split(','));
        assert!(self.methods.is_none() || methods.any(|it| it == attempt.method));
        self.covers_host(&attempt.host);
        self.covers_path(&attempt.path);
    }

    fn covers_host(&self, host: &Target) {
        if self.host == "*" {
            // Everybody, on every port; where that leads is judged by the address.
            assert!(self.port.is_none() && self.path.is_empty());
            return;
        }
        let address = self.host.trim_matches(['[', ']']).parse::<IpAddr>();
        match host {
            Target::Address(asked) => {
                let written = address.map(|address| address.to_canonical());
                assert_eq!(written.ok(), Some(*asked), "an address by another name");
            }
            Target::Name(asked) => {
                assert!(address.is_err(), "a name in place of an address");
                match self.host.strip_prefix('*') {
                    // The dot is a part of what has to be there, and so is something before it.
                    Some(below) => {
                        assert!(below.starts_with('.') && below[1..].contains('.'));
                        assert!(asked.ends_with(below) && asked.len() > below.len());
                    }
                    None => assert_eq!(asked, self.host),
                }
            }
        }
    }

    fn covers_path(&self, path: &str) {
        let folder = self.path.trim_end_matches('/');
        if folder.is_empty() {
            return;
        }
        let below = path.strip_prefix(folder);
        let below = below.expect("the path is beside the rule's");
        assert!(below.is_empty() || below.starts_with('/'), "{path}");
        // However often a server decodes it, it does not leave the folder.
        let mut decoded = path.to_owned();
        for _ in 0..4 {
            let leaves = |segment: &str| segment.split(';').next() == Some("..");
            assert!(!decoded.split(['/', '\\']).any(leaves), "{path}");
            decoded = percent_decoded(&decoded);
        }
    }
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                decoded.push(byte);
                rest = &after[2..];
            }
            _ => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Keys that all have this one rule, but for those that are left out.
fn keys(
    policy: Option<&NetworkRule>,
    grant: Option<&NetworkRule>,
    request: Option<&NetworkRule>,
) -> Keys {
    let words = |rule: Option<&NetworkRule>| Words {
        network: rule.cloned().into_iter().collect(),
        ..Words::default()
    };
    let identity = Identity {
        name: "fuzzed".parse().expect("it is a name"),
        digest: Digest::of(b""),
    };
    let policy = Policy {
        words: words(policy),
        ..Policy::default()
    };
    let grant = Grant {
        approved: Approved::Anything,
        words: words(grant),
        ..Grant::default()
    };
    Keys::new(identity, policy, grant, words(request))
}

fn all_three_keys_are_needed(rule: &NetworkRule, attempt: &HttpAttempt) {
    let rule = Some(rule);
    let tried = Attempt::Http(attempt.clone());
    let all = keys(rule, rule, rule).decide(&tried);
    assert_eq!(
        all.is_ok(),
        rule.is_some_and(|rule| rule.permits(attempt)),
        "three keys are not what their rule is"
    );
    for lacking in [
        keys(None, rule, rule),
        keys(rule, None, rule),
        keys(rule, rule, None),
    ] {
        let denial = lacking.decide(&tried).expect_err("a key is missing");
        sentence::check(&denial.to_string());
    }
}

/// An address of one's own network is reached when it stands in the rule, and in no other way.
fn no_name_leads_home(rule: &NetworkRule, attempt: &HttpAttempt, address: IpAddr) {
    let reached = keys(Some(rule), Some(rule), Some(rule)).address(attempt, address);
    if reached.is_err() || !is_own(address) {
        return;
    }
    let written = Written::of(rule);
    let literal = written.host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_literal = literal.is_ok_and(|it| it.to_canonical() == address.to_canonical());
    let is_local = written.host == "localhost" && address.to_canonical().is_loopback();
    assert!(is_literal || is_local, "{rule} leads to {address}");
}

/// What the standard library knows of addresses that are nobody else's business.
fn is_own(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4().is_some_and(|inner| is_own(inner.into()))
        }
    }
}
