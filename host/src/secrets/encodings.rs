//! The forms in which a secret is looked for.
//!
//! A plugin that means to hide a secret can always find another one. These are the forms it takes on its way through
//! honest code: in an address, a header, a JSON text, a message that shows bytes.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Bytes of the shortest form that is looked for. A shorter one stands in texts by chance.
pub(super) const FORM_BYTES_MIN: usize = 4;

/// Every form of a secret, none of them shorter than [`FORM_BYTES_MIN`].
pub(super) fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    add_forms(&mut forms, secret);
    // What prints line by line shows a key of several lines in pieces.
    for line in secret.lines() {
        add_forms(&mut forms, line);
    }
    forms.retain(|form| form.len() >= FORM_BYTES_MIN);
    forms
}

fn add_forms(forms: &mut BTreeSet<String>, secret: &str) {
    if secret.len() < FORM_BYTES_MIN {
        return;
    }
    forms.insert(secret.to_owned());
    forms.insert(json_escaped(secret));
    forms.insert(json_escaped(secret).replace('/', "\\/"));
    forms.insert(secret.escape_debug().to_string());
    let hex = hex(secret, "");
    forms.insert(hex.to_ascii_uppercase());
    forms.insert(hex);
    // What a form leaves as it is: letters alone, RFC 3986's, a browser's `encodeURIComponent`, an HTML form's, nothing.
    for kept in ["", "-._~", "-._~!'()*", "*-._"] {
        forms.insert(percent_encoded(secret, kept, "%20", false));
        forms.insert(percent_encoded(secret, kept, "%20", true));
        forms.insert(percent_encoded(secret, kept, "+", false));
        forms.insert(percent_encoded(secret, kept, "+", true));
    }
    let all = self::hex(secret, "%");
    forms.insert(all.to_ascii_uppercase());
    forms.insert(all);
    forms.extend(base64_cores(secret.as_bytes()));
}

fn json_escaped(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Two digits for each byte, in lower case.
fn hex(secret: &str, before_each: &str) -> String {
    let mut hex = String::new();
    for byte in secret.bytes() {
        write!(hex, "{before_each}{byte:02x}").expect("a string takes whatever is written");
    }
    hex
}

/// Letters and digits stay, and so do the characters in `kept`.
fn percent_encoded(secret: &str, kept: &str, space: &str, is_upper: bool) -> String {
    let mut encoded = String::new();
    for byte in secret.bytes() {
        let written = match byte {
            b' ' => write!(encoded, "{space}"),
            _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                write!(encoded, "{}", char::from(byte))
            }
            _ if is_upper => write!(encoded, "%{byte:02X}"),
            _ => write!(encoded, "%{byte:02x}"),
        };
        written.expect("a string takes whatever is written");
    }
    encoded
}

/// What the secret is in Base64, wherever it stands in what was encoded: the digits that it alone decides. What stands
/// before it moves it by none, one or two bytes; with what comes after it, it shares at most one digit at each end.
fn base64_cores(secret: &[u8]) -> impl Iterator<Item = String> {
    /// The digits that the bytes before it decide too.
    const SHARED: [usize; 3] = [0, 2, 3];
    let core = move |before: usize| {
        let bytes = [&[0; 2][..before], secret].concat();
        let n_digits = bytes.len() * 8 / 6;
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|base64| {
            let digits = base64.encode(&bytes);
            digits
                .get(SHARED[before]..n_digits)
                .unwrap_or_default()
                .to_owned()
        })
    };
    let cores: Vec<_> = (0..SHARED.len()).flat_map(core).collect();
    cores.into_iter()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    #[test]
    fn base64_is_known_at_every_place_and_in_both_alphabets() {
        let secret = "s3cr3t?>~key";
        let forms = forms(secret);
        for before in ["", "u", "us", "use", "user", "Bearer ", "user:name:"] {
            for after in ["", ";", "::", "...", "\n"] {
                let text = format!("{before}{secret}{after}");
                for base64 in [STANDARD, URL_SAFE, STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                    let encoded = base64.encode(&text);
                    assert!(
                        forms.iter().any(|form| encoded.contains(form)),
                        "{text}: {encoded}"
                    );
                }
            }
        }
        assert!(
            !forms
                .iter()
                .any(|form| STANDARD.encode("another text").contains(form))
        );
    }

    #[test]
    fn percent_hex_and_escapes_are_known() {
        let forms = forms("pä ss/w\"\n1");
        for form in [
            "pä ss/w\"\n1",
            "p%C3%A4%20ss%2Fw%22%0A1",
            "p%c3%a4%20ss%2fw%22%0a1",
            "p%C3%A4+ss%2Fw%22%0A1",
            "%70%c3%a4%20%73%73%2f%77%22%0a%31",
            "70c3a42073732f77220a31",
            "70C3A42073732F77220A31",
            r#"pä ss/w\"\n1"#,
            r#"pä ss\/w\"\n1"#,
        ] {
            assert!(forms.contains(form), "{form}");
        }
    }

    #[test]
    fn lines_of_a_key_are_known_by_themselves() {
        let forms = forms("-----BEGIN-----\nabcdefgh\nx\n");
        assert!(forms.contains("abcdefgh"));
        assert!(forms.contains("-----BEGIN-----"));
        assert!(forms.iter().all(|form| form.len() >= FORM_BYTES_MIN));
    }
}
