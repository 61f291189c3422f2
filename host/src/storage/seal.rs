//! Sealing what leaves the host and has to come back as it was: encrypted, authenticated, and bound to what it is for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use super::key::Key as OwnKey;
use super::{State, StateError};

/// Bytes of a nonce. So many can be drawn at random for ever without meeting one twice.
const NONCE_BYTES: usize = 24;

/// The host's seal. XChaCha20-Poly1305, with a key that only the owner of the state directory can read.
pub struct Seal(XChaCha20Poly1305);

impl Seal {
    /// The seal of all hosts that share this state directory. What one of them sealed the others can open, also after
    /// a restart.
    ///
    /// # Errors
    /// When its key can neither be read nor made.
    pub fn of(state: &State) -> Result<Self, StateError> {
        let key = OwnKey::load_or_create(state.dir()).map_err(|source| StateError::Io {
            dir: state.dir().to_owned(),
            source,
        })?;
        Ok(Self::with(&key.bytes()))
    }

    /// A seal of this process alone: nothing it sealed can be opened after a restart.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn ephemeral() -> std::io::Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(std::io::Error::other)?;
        Ok(Self::with(&key))
    }

    fn with(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// Seals bytes as text that fits into a URL. It opens only with the same `purpose`.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn seal(&self, purpose: &[u8], bytes: &[u8]) -> std::io::Result<String> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(std::io::Error::other)?;
        let payload = Payload {
            msg: bytes,
            aad: purpose,
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        // It fails only for messages of hundreds of gigabytes.
        let sealed = sealed.map_err(|_| std::io::Error::other("too long to be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for `purpose`; none when this host did not seal it, or for something else.
    pub fn open(&self, purpose: &[u8], text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: purpose,
        };
        self.0.decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_for_its_purpose_and_only_unchanged() {
        let seal = Seal::ephemeral().expect("there are random bytes");
        let text = seal.seal(b"a call", b"a state").expect("it is sealed");
        assert_eq!(
            seal.open(b"a call", &text).as_deref(),
            Some(&b"a state"[..])
        );
        assert_eq!(seal.open(b"another", &text), None);
        for at in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("it is ASCII");
            assert_eq!(seal.open(b"a call", &forged), None, "{at}");
        }
        for forged in [
            "",
            "AAAA",
            "not base64!",
            &format!("{text}-TAMPERED"),
            &text[1..],
        ] {
            assert_eq!(seal.open(b"a call", forged), None);
        }
    }

    #[test]
    fn nothing_of_what_is_sealed_can_be_read() {
        let seal = Seal::ephemeral().expect("there are random bytes");
        let text = seal.seal(b"", b"a secret state").expect("it is sealed");
        let bytes = URL_SAFE_NO_PAD.decode(&text).expect("it is base64");
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        assert_ne!(
            text,
            seal.seal(b"", b"a secret state").expect("it is sealed")
        );
    }

    #[test]
    fn a_seal_outlives_the_host_and_another_hosts_does_not_fit() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let seal = |name: &str| {
            let state = State::open(&dir.path().join(name)).expect("it is made");
            Seal::of(&state).expect("its key is made")
        };
        let text = seal("a").seal(b"", b"x").expect("it is sealed");
        assert_eq!(seal("a").open(b"", &text).as_deref(), Some(&b"x"[..]));
        assert_eq!(seal("b").open(b"", &text), None);
    }
}
