//! What a body is, and its text.

use encoding_rs::{Encoding, UTF_8};

use crate::error::FetchError;

/// How far into a body its own words about itself are looked for, as HTML has it.
const SNIFFED_BYTES: usize = 1024;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A web page.
    Html,
    /// JSON.
    Json,
    /// Any other text.
    Text,
}

/// What a body is by what the server says of it. None: the server does not say, so the body has to.
///
/// Fails when it is nothing to read.
pub fn declared(content_type: Option<&str>) -> Result<Option<Kind>, FetchError> {
    let Some(content_type) = content_type else {
        return Ok(None);
    };
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let (group, name) = essence.split_once('/').unwrap_or((&essence, ""));
    match (group, name) {
        ("text", "html") | ("application", "xhtml+xml") => Ok(Some(Kind::Html)),
        ("application" | "text", "json") => Ok(Some(Kind::Json)),
        ("application" | "model", name) if name.ends_with("+json") => Ok(Some(Kind::Json)),
        ("text", _) => Ok(Some(Kind::Text)),
        (_, name) if name.ends_with("+xml") => Ok(Some(Kind::Text)),
        (
            "application",
            "xml"
            | "javascript"
            | "ecmascript"
            | "x-javascript"
            | "yaml"
            | "x-yaml"
            | "toml"
            | "x-sh"
            | "sql"
            | "graphql"
            | "x-ndjson"
            | "jsonl"
            | "x-www-form-urlencoded",
        ) => Ok(Some(Kind::Text)),
        ("" | "application" | "binary", "" | "octet-stream" | "x-unknown" | "unknown") => Ok(None),
        ("application", "pdf") => Err(not_text("a PDF")),
        ("image" | "audio" | "video" | "font", _) => Err(not_text(&quoted(&essence))),
        _ => Err(not_text(&quoted(&essence))),
    }
}

/// The text of a body and what it is, when the server said `declared` of it.
pub fn read(
    declared: Option<Kind>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<(Kind, String), FetchError> {
    let head = body.get(..SNIFFED_BYTES).unwrap_or(body);
    if head.starts_with(b"%PDF-") {
        return Err(not_text("a PDF"));
    }
    let encoding = encoding(content_type, head);
    let (text, _, _) = encoding.decode(body);
    // UTF-16 has bytes of zero, text does not.
    if text.chars().take(SNIFFED_BYTES).any(|c| c == '\0') {
        return Err(not_text("binary"));
    }
    let kind = match declared {
        Some(kind) => kind,
        None if encoding == UTF_8 && std::str::from_utf8(body).is_err() => {
            return Err(not_text("binary"));
        }
        None => sniffed(&text),
    };
    Ok((kind, text.into_owned()))
}

/// What a text looks like.
fn sniffed(text: &str) -> Kind {
    let text = text.trim_start();
    let begins = |with: &str| {
        let beginning = text.as_bytes().get(..with.len());
        beginning.is_some_and(|it| it.eq_ignore_ascii_case(with.as_bytes()))
    };
    if ["<!doctype html", "<html", "<head", "<body"]
        .into_iter()
        .any(begins)
    {
        return Kind::Html;
    }
    match text.starts_with(['{', '[']) {
        true => Kind::Json,
        false => Kind::Text,
    }
}

/// The encoding of a body: what its first bytes mark, the server says, or the page says; UTF-8 otherwise.
fn encoding(content_type: Option<&str>, head: &[u8]) -> &'static Encoding {
    if let Some((marked, _)) = Encoding::for_bom(head) {
        return marked;
    }
    let named = content_type.and_then(|it| label(it.as_bytes()));
    let named = named.or_else(|| match label(head) {
        // A page that says so in ASCII is not in UTF-16, as HTML has it.
        Some(claimed) if claimed.is_ascii_compatible() => Some(claimed),
        _ => None,
    });
    named.unwrap_or(UTF_8)
}

/// The encoding named after `charset=`, in a header or in a page's `meta`.
fn label(bytes: &[u8]) -> Option<&'static Encoding> {
    const NAME: &[u8] = b"charset=";
    let at = bytes
        .windows(NAME.len())
        .position(|window| window.eq_ignore_ascii_case(NAME))?;
    let value = bytes.get(at + NAME.len()..)?;
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let value = match value.first() {
        Some(first) if is_quote(first) => value.get(1..)?,
        _ => value,
    };
    let end = value
        .iter()
        .position(|byte| is_quote(byte) || matches!(byte, b';' | b'>' | b'/' | b' '))
        .unwrap_or(value.len());
    Encoding::for_label(value.get(..end)?)
}

fn not_text(kind: &str) -> FetchError {
    FetchError::NotText {
        kind: kind.to_owned(),
    }
}

/// A server's word for a message, shortened.
fn quoted(essence: &str) -> String {
    let essence: String = essence.chars().take(60).collect();
    format!("`{essence}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_what_a_body_is() {
        for (content_type, expected) in [
            ("text/html; charset=utf-8", Some(Kind::Html)),
            ("TEXT/HTML", Some(Kind::Html)),
            ("application/json", Some(Kind::Json)),
            ("application/problem+json; charset=utf-8", Some(Kind::Json)),
            ("text/plain", Some(Kind::Text)),
            ("text/markdown", Some(Kind::Text)),
            ("application/rss+xml", Some(Kind::Text)),
            ("image/svg+xml", Some(Kind::Text)),
            ("application/octet-stream", None),
            ("", None),
        ] {
            assert_eq!(declared(Some(content_type)), Ok(expected), "{content_type}");
        }
        assert_eq!(declared(None), Ok(None));
        for content_type in [
            "application/pdf",
            "image/png",
            "video/mp4",
            "application/zip",
        ] {
            assert!(
                matches!(
                    declared(Some(content_type)),
                    Err(FetchError::NotText { .. })
                ),
                "{content_type}"
            );
        }
    }

    #[test]
    fn a_body_says_what_it_is_when_the_server_does_not() {
        for (body, expected) in [
            ("  <!DOCTYPE html><p>", Kind::Html),
            ("<HTML>", Kind::Html),
            ("{\"a\": 1}", Kind::Json),
            ("[1]", Kind::Json),
            ("words", Kind::Text),
            ("", Kind::Text),
        ] {
            let (kind, text) = read(None, None, body.as_bytes()).unwrap();
            assert_eq!((kind, &*text), (expected, body));
        }
    }

    #[test]
    fn what_is_not_text_is_refused_whatever_it_says() {
        for (declared, body) in [
            (None, &b"%PDF-1.7"[..]),
            (Some(Kind::Text), b"%PDF-1.7"),
            (Some(Kind::Html), b"GIF89a\0\0"),
            (None, b"\x89PNG\r\n\x1a\n"),
            (None, b"\xff\xfe\xfd"),
        ] {
            let read = read(declared, None, body);
            // The last begins with the mark of UTF-16 and is text of a sort.
            if body != b"\xff\xfe\xfd" {
                assert!(matches!(read, Err(FetchError::NotText { .. })), "{body:?}");
            }
        }
    }

    #[test]
    fn each_encoding_is_read() {
        for (content_type, body, expected) in [
            ("text/plain; charset=ISO-8859-1", &b"caf\xe9"[..], "café"),
            ("text/plain; charset=\"windows-1252\"", b"\x80", "€"),
            ("text/plain; charset=shift_jis", b"\x93\xfa\x96{", "日本"),
            ("text/plain; charset=utf-8", "é".as_bytes(), "é"),
            ("text/plain; charset=nonsense", "é".as_bytes(), "é"),
            ("text/plain", b"\xef\xbb\xbfa", "a"),
            ("text/plain", b"\xff\xfea\0", "a"),
            ("text/plain", b"a\xff", "a\u{fffd}"),
            (
                "text/html",
                b"<meta charset=latin1>\xe9",
                "<meta charset=latin1>é",
            ),
            (
                "text/html",
                b"<meta content='text/html; charset=iso-8859-15'>\xa4",
                "<meta content='text/html; charset=iso-8859-15'>€",
            ),
        ] {
            let (_, text) = read(Some(Kind::Text), Some(content_type), body).unwrap();
            assert_eq!(text, expected, "{content_type}");
        }
    }
}
