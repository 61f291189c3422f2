//! Digests of texts and bytes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::error::{TEXT_BYTES_MAX, TextError, check_len};

/// The SHA-256 digest of a text in UTF-8, as 64 lower-case hexadecimal digits.
pub fn sha256_of_text(text: &str) -> Result<String, TextError> {
    check_len("input", text, TEXT_BYTES_MAX)?;
    Ok(hex(&Sha256::digest(text)))
}

/// The same of bytes in base64, with the standard alphabet and padding.
pub fn sha256_of_base64(base64: &str) -> Result<String, TextError> {
    check_len("input", base64, TEXT_BYTES_MAX)?;
    let bytes = BASE64_STANDARD
        .decode(base64.trim())
        .map_err(|error| TextError::Base64(error.to_string()))?;
    Ok(hex(&Sha256::digest(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_text_and_its_base64_have_the_same_digest() {
        assert_eq!(sha256_of_text("").as_deref(), Ok(EMPTY));
        assert_eq!(sha256_of_text("abc").as_deref(), Ok(ABC));
        assert_eq!(sha256_of_base64("").as_deref(), Ok(EMPTY));
        assert_eq!(sha256_of_base64("YWJj\n").as_deref(), Ok(ABC));
        assert_eq!(sha256_of_text("é"), sha256_of_base64("w6k="));
        assert_ne!(sha256_of_text("abc\n"), sha256_of_text("abc"));
    }

    #[test]
    fn what_is_not_base64_or_too_long_is_refused() {
        for wrong in ["YWJ", "Y*Jj", "YWJj YWJj", "é"] {
            assert!(
                matches!(sha256_of_base64(wrong), Err(TextError::Base64(_))),
                "{wrong}"
            );
        }
        assert!(sha256_of_text(&"a".repeat(TEXT_BYTES_MAX)).is_ok());
        assert!(sha256_of_text(&"a".repeat(TEXT_BYTES_MAX + 1)).is_err());
    }
}
