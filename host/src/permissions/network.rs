//! The power `network`: whom a plugin wants to talk to.

mod parse;

use std::fmt;
use std::net::IpAddr;

use super::address::canonical;
use super::{HttpAttempt, Target};

/// One rule, such as `api.example.com`, `*.example.com`, `localhost:3000` or `GET,HEAD https://host:port/path`.
///
/// Holding one proves that the text has one reading: its host is a name, a wildcard over the names below one, an address,
/// or `*` for every public host. It is kept as it was written, but for the host's case and trailing dot. It does not say that the host exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NetworkRule {
    text: String,
    /// In upper case; empty means any.
    methods: Vec<String>,
    /// Either one when there is none.
    scheme: Option<Scheme>,
    host: Host,
    /// The scheme's own when there is none.
    port: Option<u16>,
    /// What the path begins with, up to the boundary of a segment; empty means any.
    path: String,
}

/// A scheme that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Whom a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Host {
    /// Everybody. Where that leads is decided on with the address, and no rule of this kind names one.
    Any,
    /// This name and no other.
    Exact(String),
    /// Every name below this one, which is not one of them.
    Below(String),
    /// This address, in any spelling.
    Address(IpAddr),
}

impl Host {
    fn is(&self, target: &Target) -> bool {
        match (self, target) {
            (Self::Any, _) => true,
            (Self::Exact(name), Target::Name(asked)) => name == asked,
            (Self::Below(name), Target::Name(asked)) => asked
                .strip_suffix(name.as_str())
                .and_then(|labels| labels.strip_suffix('.'))
                .is_some_and(|labels| !labels.is_empty()),
            (Self::Address(address), Target::Address(asked)) => address == asked,
            _ => false,
        }
    }
}

impl NetworkRule {
    /// Whether a request is one this rule speaks of.
    pub fn permits(&self, attempt: &HttpAttempt) -> bool {
        self.host.is(&attempt.host) && self.permits_beside_host(attempt)
    }

    /// Whether this rule names an address itself, for all else that `attempt` is: as a literal, or as `localhost`.
    ///
    /// A name, or a wildcard, may lead anywhere its owner wishes, so neither of them ever names an address.
    pub fn names(&self, attempt: &HttpAttempt, address: IpAddr) -> bool {
        let address = canonical(address);
        let is_named = match &self.host {
            Host::Address(named) => *named == address,
            Host::Exact(name) => {
                name == "localhost" && self.host.is(&attempt.host) && address.is_loopback()
            }
            Host::Any | Host::Below(_) => false,
        };
        is_named && self.permits_beside_host(attempt)
    }

    /// The same rule for these methods alone.
    #[must_use]
    pub fn for_methods<'a>(self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        let methods: Vec<_> = methods.into_iter().map(str::to_owned).collect();
        let origin = self.text.rsplit(' ').next().unwrap_or_default();
        Self {
            text: format!("{} {origin}", methods.join(",")),
            methods,
            ..self
        }
    }

    /// Whether it speaks of every public host.
    pub fn is_any(&self) -> bool {
        self.host == Host::Any
    }

    /// Whether it speaks of requests without encryption to others than this machine.
    pub fn is_plain(&self) -> bool {
        let is_local = match &self.host {
            Host::Exact(name) => name == "localhost",
            Host::Address(address) => address.is_loopback(),
            Host::Any | Host::Below(_) => false,
        };
        self.scheme == Some(Scheme::Http) && !is_local
    }

    /// A request this rule speaks of, where it speaks of one host: the root or the path, with the first method.
    pub fn example(&self) -> Option<HttpAttempt> {
        let scheme = self.scheme.unwrap_or(Scheme::Https);
        let host = match &self.host {
            Host::Any | Host::Below(_) => return None,
            Host::Exact(name) => Target::Name(name.clone()),
            Host::Address(address) => Target::Address(*address),
        };
        let path = match self.path.as_str() {
            "" => "/",
            path => path,
        };
        Some(HttpAttempt {
            method: self
                .methods
                .first()
                .map_or("GET", String::as_str)
                .to_owned(),
            is_secure: scheme == Scheme::Https,
            host,
            port: self.port.unwrap_or(scheme.port()),
            path: path.to_owned(),
        })
    }

    /// The narrowest rule a person would write for a request: its origin.
    pub fn least(attempt: &HttpAttempt) -> Self {
        let scheme = if attempt.is_secure {
            Scheme::Https
        } else {
            Scheme::Http
        };
        Self {
            text: attempt.origin(),
            methods: Vec::new(),
            scheme: Some(scheme),
            host: match &attempt.host {
                Target::Name(name) => Host::Exact(name.clone()),
                Target::Address(address) => Host::Address(*address),
            },
            port: (attempt.port != scheme.port()).then_some(attempt.port),
            path: String::new(),
        }
    }

    /// The rule as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn permits_beside_host(&self, attempt: &HttpAttempt) -> bool {
        let scheme = if attempt.is_secure {
            Scheme::Https
        } else {
            Scheme::Http
        };
        (self.methods.is_empty() || self.methods.contains(&attempt.method))
            && self.scheme.is_none_or(|own| own == scheme)
            && (self.is_any() || self.port.unwrap_or(scheme.port()) == attempt.port)
            && self.permits_path(&attempt.path)
    }

    fn permits_path(&self, path: &str) -> bool {
        // The whole host is permitted, so it does not matter how its server reads the path.
        if matches!(self.path.as_str(), "" | "/") {
            return true;
        }
        let Some(rest) = path.strip_prefix(self.path.as_str()) else {
            return false;
        };
        let ends_a_segment = self.path.ends_with('/') || rest.is_empty() || rest.starts_with('/');
        ends_a_segment && !has_a_second_reading(path)
    }
}

/// How often a path is decoded in search of another reading. Servers in a row decode it twice or three times; what is
/// still encoded then has no honest reason.
const DECODINGS_MAX: usize = 3;

/// Whether some server might take a path for another one: by decoding a `/`, a `\` or a `..`, once or twice, or from bytes
/// that are no UTF-8 (`%c0%af`) or no encoding at all (`%u002f`), or by cutting off what follows a `;`.
fn has_a_second_reading(path: &str) -> bool {
    let mut path = path.to_ascii_lowercase();
    for _ in 0..DECODINGS_MAX {
        path = path.replace("%25", "%");
    }
    let path = path.replace("%2e", ".").replace("%3b", ";");
    ["%25", "%2f", "%5c", "\\", "%c0", "%c1", "%u"]
        .iter()
        .any(|odd| path.contains(odd))
        || path.split('/').any(|segment| {
            let name = segment.split(';').next().unwrap_or(segment);
            matches!(name, "." | "..")
        })
}

impl fmt::Display for NetworkRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
