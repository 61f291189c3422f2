//! What reading a resource gives.

use std::fmt::Display;

use serde_json::Value;

use crate::bindings::host::portcullis::plugin::content::{ResourceBody, ResourceContents};
use crate::bindings::host::portcullis::plugin::types::{CacheHint, CacheScope};
use crate::{Error, Outcome};

/// What reading a resource gives, when the simpler return types do not say enough.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Contents {
    parts: Vec<Part>,
    cache: Option<CacheHint>,
    meta: Option<String>,
}

/// One resource among those that were read.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    /// None: the URI that was asked for.
    uri: Option<String>,
    /// None: the media type that the resource declares.
    mime_type: Option<String>,
    body: ResourceBody,
}

impl Contents {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(ResourceBody::Text(text.into()))
    }

    /// Bytes, not base64.
    pub fn blob(bytes: impl Into<Vec<u8>>) -> Self {
        Self::of(ResourceBody::Blob(bytes.into()))
    }

    /// The same, with another media type than the resource declares. It counts for the part given last.
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        if let Some(part) = self.parts.last_mut() {
            part.mime_type = Some(mime_type.into());
        }
        self
    }

    /// The same, and what is at another URI, for a resource that holds others.
    pub fn and(mut self, uri: impl Into<String>, other: Contents) -> Self {
        let uri = uri.into();
        self.parts.extend(other.parts.into_iter().map(|part| Part {
            uri: Some(part.uri.unwrap_or_else(|| uri.clone())),
            ..part
        }));
        self
    }

    /// The same, good for this many milliseconds for every user.
    pub fn shared_for_ms(self, ttl_ms: u32) -> Self {
        self.cached(ttl_ms, CacheScope::Shared)
    }

    /// The same, good for this many milliseconds for the one who asked.
    pub fn private_for_ms(self, ttl_ms: u32) -> Self {
        self.cached(ttl_ms, CacheScope::Private)
    }

    /// The same, with MCP `_meta`, a JSON object.
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }

    fn of(body: ResourceBody) -> Self {
        let part = Part {
            uri: None,
            mime_type: None,
            body,
        };
        Self {
            parts: vec![part],
            cache: None,
            meta: None,
        }
    }

    fn cached(mut self, ttl_ms: u32, scope: CacheScope) -> Self {
        self.cache = Some(CacheHint { ttl_ms, scope });
        self
    }

    /// What the host gets: every part with a URI, and the declared media type where none was given.
    pub(crate) fn complete(
        self,
        uri: &str,
        mime_type: Option<&str>,
    ) -> (Vec<ResourceContents>, Option<CacheHint>, Option<String>) {
        let complete = |part: Part| ResourceContents {
            uri: part.uri.unwrap_or_else(|| uri.to_owned()),
            mime_type: part.mime_type.or_else(|| mime_type.map(str::to_owned)),
            body: part.body,
            meta: None,
        };
        let parts = self.parts.into_iter().map(complete).collect();
        (parts, self.cache, self.meta)
    }
}

/// What a resource may return.
#[diagnostic::on_unimplemented(
    message = "a resource cannot return `{Self}`",
    label = "not the contents of a resource",
    note = "return text, `Vec<u8>`, `Json<T>`, a type marked `#[data]`, `Contents`, or an `Option`, a `Result` or an `Outcome` of one of these"
)]
pub trait IntoContents: Sized {
    /// The media type of a resource that declares none.
    const MIME_TYPE: Option<&'static str> = None;

    /// The contents of the resource at `uri`, or questions.
    ///
    /// # Errors
    /// When the resource is not there or cannot be read.
    fn into_contents(self, uri: &str) -> Result<Outcome<Contents>, Error>;
}

impl IntoContents for Contents {
    fn into_contents(self, _uri: &str) -> Result<Outcome<Contents>, Error> {
        Ok(self.into())
    }
}

impl IntoContents for String {
    const MIME_TYPE: Option<&'static str> = Some("text/plain");

    fn into_contents(self, _uri: &str) -> Result<Outcome<Contents>, Error> {
        Ok(Contents::text(self).into())
    }
}

impl IntoContents for &str {
    const MIME_TYPE: Option<&'static str> = Some("text/plain");

    fn into_contents(self, _uri: &str) -> Result<Outcome<Contents>, Error> {
        Ok(Contents::text(self).into())
    }
}

impl IntoContents for Vec<u8> {
    const MIME_TYPE: Option<&'static str> = Some("application/octet-stream");

    fn into_contents(self, _uri: &str) -> Result<Outcome<Contents>, Error> {
        Ok(Contents::blob(self).into())
    }
}

/// `None`: there is nothing at that URI.
impl<T: IntoContents> IntoContents for Option<T> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Outcome<Contents>, Error> {
        self.ok_or_else(|| Error::not_found(uri))?
            .into_contents(uri)
    }
}

impl<T: IntoContents, E: Display + 'static> IntoContents for Result<T, E> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Outcome<Contents>, Error> {
        self.map_err(Error::from_any)?.into_contents(uri)
    }
}

impl<T: IntoContents> IntoContents for Outcome<T> {
    const MIME_TYPE: Option<&'static str> = T::MIME_TYPE;

    fn into_contents(self, uri: &str) -> Result<Outcome<Contents>, Error> {
        self.and_then(|value| value.into_contents(uri))
    }
}
