//! Secrets that were read.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::places;
use super::{Binding, Redactor, Reference, SecretError};

/// A secret. Holding one proves that it is text and not empty.
///
/// It cannot be shown, and its memory is wiped when it is dropped. The copies that are made to use it are not wiped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The secret itself. Every use of this is a place to look at twice.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The secrets of one plugin, by name.
#[derive(Debug, Clone, Default)]
pub struct Secrets(pub(super) BTreeMap<String, Held>);

/// One secret, and whom it is for.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) secret: Secret,
    pub(super) binding: Option<Binding>,
}

impl Secrets {
    /// Reads every secret. It may wait for a disk or a keyring.
    ///
    /// # Errors
    /// When one of them cannot be read. The error names it and its reference, and never what was read.
    pub fn read(references: &BTreeMap<String, Reference>) -> Result<Self, SecretError> {
        let read = |(name, reference): (&String, &Reference)| {
            let secret = places::read(&reference.source).map_err(|problem| SecretError {
                name: name.clone(),
                place: reference.source.clone(),
                problem,
            })?;
            let binding = reference.binding.clone();
            Ok((name.clone(), Held { secret, binding }))
        };
        let secrets = Self(references.iter().map(read).collect::<Result<_, _>>()?);
        for name in secrets.too_short_to_redact() {
            tracing::warn!(
                secret = name,
                "a secret is too short to be left out of answers and logs (hint: use a longer one)"
            );
        }
        Ok(secrets)
    }

    /// The secrets the plugin may read: those that are bound to no host.
    pub fn readable(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let readable = |(_, held): &(&String, &Held)| held.binding.is_none();
        let named = self.0.iter().filter(readable);
        named.map(|(name, held)| (name.as_str(), &held.secret))
    }

    /// Whether one of them is inserted into requests.
    pub fn has_bound(&self) -> bool {
        self.0.values().any(|held| held.binding.is_some())
    }

    /// What leaves all of them out of a text; nothing when there is nothing to leave out.
    pub fn redactor(&self) -> Option<Redactor> {
        let secrets = self.0.iter().map(|(name, held)| (name, &held.secret));
        Redactor::new(secrets)
    }

    /// The names of those that a [`Redactor`] passes by.
    pub fn too_short_to_redact(&self) -> impl Iterator<Item = &str> {
        let is_short = |(_, held): &(&String, &Held)| Redactor::passes_by(&held.secret);
        self.0
            .iter()
            .filter(is_short)
            .map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_to_nobody() {
        let secret = Secret::new("hunter22".to_owned().into());
        let held = Held {
            secret: secret.clone(),
            binding: None,
        };
        let secrets = Secrets(BTreeMap::from([("key".to_owned(), held)]));
        let shown = format!("{secret} {secret:?} {secret:#?} {secrets:?}");
        assert!(!shown.contains("hunter22"), "{shown}");
        assert_eq!(secret.expose(), "hunter22");
    }
}
