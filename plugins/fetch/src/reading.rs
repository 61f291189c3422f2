//! From an answer to what a model reads: its text in the form that was asked for, and a part of it.

use portcullis_plugin::serde_json::{self, Value};

use crate::error::FetchError;
use crate::kind::{self, Kind};
use crate::markdown;
use crate::web::Found;

/// Bytes of JSON that is taken apart; as values it needs fifty times as much at worst.
const JSON_BYTES_MAX: usize = 1 << 20;

/// Characters of a server's own words that an error repeats.
const SAID_CHARS_MAX: usize = 500;

/// How to show what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// As it suits: a web page as Markdown, JSON indented, any other text as it is.
    Auto,
    /// A web page as Markdown; any other text as it is.
    Markdown,
    /// A web page's words without links; any other text as it is.
    Json,
    /// As it came.
    Raw,
}

/// What came, as text.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// What the page calls itself.
    pub title: Option<String>,
    /// Where it is, after redirects.
    pub url: String,
    /// The text.
    pub text: String,
}

/// Reads an answer.
pub fn read(found: Found, form: Form) -> Result<Reading, FetchError> {
    let base = found.address.clone();
    let (kind, text) = body(found)?;
    let (title, text) = match (form, kind) {
        (Form::Raw, _) => (None, text),
        (Form::Json, _) => (None, indented(&parse(&text)?)),
        (Form::Auto | Form::Markdown, Kind::Html) => {
            let page = markdown::of_html(&text, base.url());
            (page.title, page.text)
        }
        // A document that cannot be taken apart can still be read.
        (Form::Auto, Kind::Json) => (None, parse(&text).map_or(text, |value| indented(&value))),
        (Form::Auto | Form::Markdown, Kind::Json | Kind::Text) => (None, text),
    };
    Ok(Reading {
        title,
        url: base.as_str().to_owned(),
        text,
    })
}

/// Reads an answer that is JSON, or what is at a pointer in it.
pub fn read_json(found: Found, pointer: &str) -> Result<Value, FetchError> {
    let (_, text) = body(found)?;
    let mut document = parse(&text)?;
    let part = document.pointer_mut(pointer);
    part.map(Value::take).ok_or_else(|| FetchError::Pointer {
        pointer: pointer.chars().take(SAID_CHARS_MAX).collect(),
    })
}

/// A value over several lines.
pub fn indented(value: &Value) -> String {
    format!("{value:#}")
}

fn parse(text: &str) -> Result<Value, FetchError> {
    if text.len() > JSON_BYTES_MAX {
        return Err(FetchError::NotJson {
            reason: format!("it has more than {JSON_BYTES_MAX} bytes"),
        });
    }
    serde_json::from_str(text).map_err(|error| FetchError::NotJson {
        reason: error.to_string(),
    })
}

/// The text of an answer that succeeded. The body of one that is no text is not even read.
fn body(found: Found) -> Result<(Kind, String), FetchError> {
    let Found { address, got } = found;
    let server = address.server();
    let content_type = got.content_type.as_deref();
    let is_plain = got
        .content_encoding
        .is_none_or(|it| it.is_empty() || it.eq_ignore_ascii_case("identity"));
    let text = || {
        let declared = kind::declared(content_type)?;
        if !is_plain {
            return Err(FetchError::NotText {
                kind: "compressed, although that was not asked for".to_owned(),
            });
        }
        let body = (got.body)().map_err(|error| FetchError::of_request(error, server))?;
        kind::read(declared, content_type, &body)
    };
    if (200..300).contains(&got.status) {
        return text();
    }
    let said = match text() {
        Ok((Kind::Html, html)) => markdown::of_html(&html, address.url()).text,
        Ok((_, text)) => text,
        Err(_) => String::new(),
    };
    Err(FetchError::Status {
        status: got.status,
        url: address.as_str().to_owned(),
        said: said.trim().chars().take(SAID_CHARS_MAX).collect(),
    })
}

/// A part of a text, by characters.
#[derive(Debug, PartialEq)]
pub struct Part<'a> {
    /// The part.
    pub text: &'a str,
    /// Where the rest begins, when there is more.
    pub next_start: Option<usize>,
    /// Characters of the whole.
    pub total_chars: usize,
}

/// The part of a text from `start` on, of at most so many characters.
pub fn part(text: &str, start: usize, max_chars: usize) -> Result<Part<'_>, FetchError> {
    let total_chars = text.chars().count();
    if start > 0 && start >= total_chars {
        return Err(FetchError::BeyondTheEnd { total_chars });
    }
    let byte_of = |char_idx: usize| {
        let mut chars = text.char_indices();
        chars.nth(char_idx).map_or(text.len(), |(byte, _)| byte)
    };
    let end = start.saturating_add(max_chars);
    Ok(Part {
        text: &text[byte_of(start)..byte_of(end)],
        next_start: (end < total_chars).then_some(end),
        total_chars,
    })
}

#[cfg(test)]
mod tests {
    use portcullis_plugin::http;

    use super::*;
    use crate::address::Address;
    use crate::web::{Got, tests::got};

    fn found(got: Got) -> Found {
        Found {
            address: Address::parse("https://a.example/x").unwrap(),
            got,
        }
    }

    #[test]
    fn each_kind_is_shown_as_it_suits() {
        for (content_type, body, form, expected) in [
            ("text/html", "<h1>A</h1>", Form::Auto, "# A"),
            ("text/html", "<h1>A</h1>", Form::Markdown, "# A"),
            ("text/html", "<h1>A</h1>", Form::Raw, "<h1>A</h1>"),
            (
                "application/json",
                "{\"b\":1,\"a\":[]}",
                Form::Auto,
                "{\n  \"b\": 1,\n  \"a\": []\n}",
            ),
            ("text/plain", "{\"b\":1}", Form::Json, "{\n  \"b\": 1\n}"),
            ("application/json", "{\"b\":1}", Form::Raw, "{\"b\":1}"),
            ("application/json", "{broken", Form::Auto, "{broken"),
            ("text/plain", "<b> *a*", Form::Auto, "<b> *a*"),
            ("", "<!doctype html><p>a", Form::Auto, "a"),
        ] {
            let reading = read(found(got(200, content_type, body)), form).unwrap();
            assert_eq!(reading.text, expected, "{content_type} {form:?}");
        }
    }

    #[test]
    fn a_page_that_is_not_there_says_what_the_server_says() {
        let error = read(
            found(got(404, "text/html", "<h1>Gone fishing</h1>")),
            Form::Auto,
        );
        let error = error.unwrap_err().to_string();
        assert_eq!(
            error,
            "the server answered `https://a.example/x` with status 404, and said: # Gone fishing"
        );
        let error = read(found(got(500, "image/png", "")), Form::Auto).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server answered `https://a.example/x` with status 500"
        );
    }

    #[test]
    fn a_body_that_is_no_text_is_not_read() {
        for (content_type, content_encoding) in [("image/png", None), ("text/html", Some("gzip"))] {
            let answer = Got {
                content_encoding: content_encoding.map(str::to_owned),
                body: Box::new(|| panic!("it was read")),
                ..got(200, content_type, "")
            };
            assert!(matches!(
                read(found(answer), Form::Auto),
                Err(FetchError::NotText { .. })
            ));
        }
    }

    #[test]
    fn a_body_that_breaks_off_is_an_error() {
        for (error, expected) in [
            (
                http::Error::TooLarge,
                "what came has more than 8388608 bytes",
            ),
            (
                http::Error::Timeout,
                "the request to `a.example` failed: it took too long",
            ),
        ] {
            let answer = Got {
                body: Box::new(move || Err(error)),
                ..got(200, "text/plain", "")
            };
            let said = read(found(answer), Form::Auto).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn a_pointer_finds_a_part_of_a_document() {
        let document = r#"{"items": [{"name": "x"}], "a/b": null}"#;
        let at = |pointer| read_json(found(got(200, "application/json", document)), pointer);
        assert_eq!(at("/items/0/name"), Ok(Value::from("x")));
        assert_eq!(at("/a~1b"), Ok(Value::Null));
        assert!(at("").is_ok_and(|it| it.is_object()));
        for nothing in ["/items/1", "/item", "items"] {
            assert!(
                matches!(at(nothing), Err(FetchError::Pointer { .. })),
                "{nothing}"
            );
        }
    }

    #[test]
    fn json_that_is_too_deep_or_too_long_is_refused() {
        for document in [
            "[".repeat(100_000),
            format!("[{}0]", "0,".repeat(JSON_BYTES_MAX / 2)),
        ] {
            let read = read_json(found(got(200, "application/json", document)), "");
            assert!(matches!(read, Err(FetchError::NotJson { .. })));
        }
    }

    #[test]
    fn a_part_is_cut_between_characters() {
        let text = "aé😀b";
        for (start, max_chars, expected, next_start) in [
            (0, 10, "aé😀b", None),
            (0, 2, "aé", Some(2)),
            (2, 2, "😀b", None),
            (3, usize::MAX, "b", None),
        ] {
            let expected = Part {
                text: expected,
                next_start,
                total_chars: 4,
            };
            assert_eq!(part(text, start, max_chars), Ok(expected));
        }
        assert_eq!(
            part(text, 4, 1),
            Err(FetchError::BeyondTheEnd { total_chars: 4 })
        );
        assert!(part("", 0, 1).is_ok());
    }
}
