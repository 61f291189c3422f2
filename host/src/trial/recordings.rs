//! What a plugin's requests were answered in truth, kept for later runs: `tests/recordings/<file>/<case>.json`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Exchange;
use super::cases::{Case, CaseFile};
use super::kept::write_whole;
use super::snapshots::folder;

/// Bytes of a recording that is read. A call receives some megabytes, and a case makes some calls.
const RECORDING_BYTES_MAX: u64 = 64 << 20;

/// Headers that are not kept: they hold what lets somebody in, or tell how the bytes came and not what they are.
const LEFT_OUT: [&str; 6] = [
    "set-cookie",
    "connection",
    "transfer-encoding",
    "content-length",
    "keep-alive",
    "date",
];

/// A recording as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording {
    exchanges: Vec<Written>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_body: Option<Body>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

/// Text where it is one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Body {
    Text(String),
    Bytes { base64: String },
}

impl From<&Bytes> for Body {
    fn from(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes {
                base64: STANDARD.encode(bytes),
            },
        }
    }
}

impl Body {
    fn read(self) -> Result<Bytes, String> {
        match self {
            Self::Text(text) => Ok(text.into()),
            Self::Bytes { base64 } => STANDARD
                .decode(base64)
                .map(Bytes::from)
                .map_err(|error| format!("has a body that is not base64: {error}")),
        }
    }
}

/// Where the recording of a case is kept.
pub fn recording_path(file: &CaseFile, case: &Case) -> PathBuf {
    let name = format!("{}.json", case.slug);
    folder(&file.path, "recordings").join(&file.stem).join(name)
}

/// Reads a recording; nothing when there is none.
///
/// # Errors
/// When it is there and cannot be used. The sentence has a hint.
pub fn read(path: &Path) -> Result<Option<Vec<Exchange>>, String> {
    let senseless = |problem: String| {
        format!(
            "`{}` {problem} (hint: make it anew with `portcullis test --record`)",
            path.display()
        )
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if metadata.len() > RECORDING_BYTES_MAX => {
            return Err(senseless(format!(
                "has more than {RECORDING_BYTES_MAX} bytes"
            )));
        }
        _ => {}
    }
    let bytes = fs::read(path).map_err(|error| senseless(format!("cannot be read: {error}")))?;
    let recording: Recording = serde_json::from_slice(&bytes)
        .map_err(|error| senseless(format!("is no recording: {error}")))?;
    let exchanges = recording.exchanges.into_iter().map(|written| {
        let (method, url) = written
            .request
            .split_once(' ')
            .ok_or_else(|| "has a request without a method".to_owned())?;
        Ok(Exchange {
            method: method.to_owned(),
            url: url.to_owned(),
            body: written.request_body.map(Body::read).transpose()?,
            status: written.status,
            headers: written.headers,
            response: written.body.read()?,
        })
    });
    exchanges
        .collect::<Result<_, String>>()
        .map(Some)
        .map_err(senseless)
}

/// Keeps what was exchanged. Each of `secrets`, true ones that were used to record, gives way to the one that stands in for it
/// in later runs, so that these send the same.
///
/// # Errors
/// When it cannot be written.
pub fn write(
    path: &Path,
    exchanges: &[Exchange],
    secrets: &BTreeMap<String, String>,
) -> io::Result<()> {
    let written = exchanges.iter().map(|exchange| Written {
        request: format!("{} {}", exchange.method, exchange.url),
        request_body: exchange
            .body
            .as_ref()
            .filter(|body| !body.is_empty())
            .map(Body::from),
        status: exchange.status,
        headers: exchange
            .headers
            .iter()
            .filter(|(name, _)| !LEFT_OUT.contains(&name.to_ascii_lowercase().as_str()))
            .cloned()
            .collect(),
        body: Body::from(&exchange.response),
    });
    let recording = Recording {
        exchanges: written.collect(),
    };
    let mut value = serde_json::to_value(&recording)?;
    for (secret, stand_in) in secrets.iter().filter(|(secret, _)| !secret.is_empty()) {
        redact(&mut value, secret, stand_in);
    }
    write_whole(path, format!("{value:#}\n").as_bytes())
}

fn redact(value: &mut serde_json::Value, secret: &str, stand_in: &str) {
    match value {
        serde_json::Value::String(text) if text.contains(secret) => {
            *text = text.replace(secret, stand_in);
        }
        serde_json::Value::Array(items) => {
            for item in items {
                redact(item, secret, stand_in);
            }
        }
        serde_json::Value::Object(members) => {
            for (_, member) in members {
                redact(member, secret, stand_in);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_as_it_was_written_but_for_what_lets_somebody_in() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recordings/x/a.json");
        assert_eq!(read(&path).unwrap(), None);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let exchange = Exchange {
            method: "POST".to_owned(),
            url: "https://a.b/c?key=hunter22".to_owned(),
            body: Some(Bytes::from_static(b"asked with hunter22")),
            status: 201,
            headers: vec![
                header("Set-Cookie", "session=1"),
                header("content-type", "image/png"),
            ],
            response: Bytes::from_static(b"\xff\0"),
        };
        let secrets = BTreeMap::from([("hunter22".to_owned(), "invented".to_owned())]);
        write(&path, std::slice::from_ref(&exchange), &secrets).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("hunter22") && !text.contains("session"),
            "{text}"
        );
        let again = read(&path).unwrap().expect("it is there");
        let expected = Exchange {
            url: "https://a.b/c?key=invented".to_owned(),
            body: Some(Bytes::from_static(b"asked with invented")),
            headers: vec![header("content-type", "image/png")],
            ..exchange
        };
        assert_eq!(again, [expected]);
    }

    #[test]
    fn a_file_that_is_no_recording_is_refused_with_the_way_to_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for text in [
            "",
            "{}",
            r#"{"exchanges": [{}]}"#,
            r#"{"exchanges": [], "more": 1}"#,
        ] {
            fs::write(&path, text).unwrap();
            let error = read(&path).unwrap_err();
            assert!(
                error.contains("is no recording") && error.contains("--record"),
                "{error}"
            );
        }
    }
}
