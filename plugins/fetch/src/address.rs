//! Addresses of the web, before anything is sent to them.

use url::Url;

use crate::error::FetchError;

/// Bytes of one address. Servers refuse longer ones, and so do browsers.
const URL_BYTES_MAX: usize = 8_192;

/// Characters of an address that an error repeats.
const QUOTE_CHARS_MAX: usize = 100;

/// An address that can be fetched.
///
/// Holding one proves that it is `http` or `https`, names a server and carries no password. It does not say that the
/// host lets anything out to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Address(Url);

impl Address {
    /// Reads what a model wrote.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let text = text.trim();
        if text.len() > URL_BYTES_MAX {
            return Err(refused(text, "is too long"));
        }
        match Url::parse(text) {
            Ok(url) => Self::check(url),
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                Err(refused(text, "does not begin with `https://` or `http://`"))
            }
            Err(_) => Err(refused(text, "is not an address")),
        }
    }

    /// Reads where a server's redirect leads from here.
    pub fn join(&self, location: &str) -> Result<Self, FetchError> {
        if location.len() > URL_BYTES_MAX {
            return Err(refused(location, "is too long"));
        }
        match self.0.join(location) {
            Ok(url) => Self::check(url),
            Err(_) => Err(refused(
                location,
                "is not an address, but a redirect led there",
            )),
        }
    }

    fn check(mut url: Url) -> Result<Self, FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(url.as_str(), "is not on the web"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // Not repeated: what stands there may be a secret.
            return Err(refused(url.scheme(), "carries a user name or password"));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The server, for messages.
    pub fn server(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address for links to be resolved against.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

fn refused(text: &str, problem: &'static str) -> FetchError {
    FetchError::Url {
        url: text.chars().take(QUOTE_CHARS_MAX).collect(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_web_is_taken_and_anything_else_refused() {
        for (text, expected) in [
            ("https://example.com", "https://example.com/"),
            (
                " http://Example.COM:80/a b#part ",
                "http://example.com/a%20b",
            ),
            (
                "https://bücher.example/é",
                "https://xn--bcher-kva.example/%C3%A9",
            ),
            ("https://[::1]:8080/", "https://[::1]:8080/"),
        ] {
            assert_eq!(Address::parse(text).unwrap().as_str(), expected, "{text}");
        }
        for (text, expected) in [
            ("example.com", "does not begin with `https://` or `http://`"),
            ("", "does not begin with `https://` or `http://`"),
            ("file:///etc/passwd", "is not on the web"),
            ("data:text/html,x", "is not on the web"),
            ("javascript:alert(1)", "is not on the web"),
            ("https://", "is not an address"),
            (
                "https://ada:secret@example.com/",
                "carries a user name or password",
            ),
        ] {
            match Address::parse(text) {
                Err(FetchError::Url { problem, .. }) => assert_eq!(problem, expected, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        let long = format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX));
        assert!(Address::parse(&long).unwrap_err().to_string().len() < 300);
    }

    #[test]
    fn a_password_is_not_repeated() {
        let error = Address::parse("https://ada:hunter2@example.com/").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_redirect_is_read_from_where_it_was_found() {
        let from = Address::parse("https://example.com/a/b?c").unwrap();
        for (location, expected) in [
            ("d", "https://example.com/a/d"),
            ("/d", "https://example.com/d"),
            ("//other.example/d", "https://other.example/d"),
            ("http://other.example", "http://other.example/"),
        ] {
            assert_eq!(
                from.join(location).unwrap().as_str(),
                expected,
                "{location}"
            );
        }
        assert!(from.join("ftp://example.com/").is_err());
        assert!(from.join("https://a:b@example.com/").is_err());
    }
}
