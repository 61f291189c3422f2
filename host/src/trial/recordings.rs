//! What a plugin's requests were answered in truth, kept for later runs: `tests/recordings/<file>/<case>.json`.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Exchange;
use super::cases::{Case, CaseFile};
use super::kept::write_whole;
use super::snapshots::folder;

/// Bytes of a recording that is read. A call receives some megabytes, and a case makes some calls.
const RECORDING_BYTES_MAX: u64 = 64 << 20;

/// A recording as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recording<'e> {
    exchanges: Cow<'e, [Exchange]>,
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
    Ok(Some(recording.exchanges.into_owned()))
}

/// Keeps what was exchanged. Secrets were left out when it was noted.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, exchanges: &[Exchange]) -> io::Result<()> {
    let exchanges = Cow::Borrowed(exchanges);
    let text = serde_json::to_string_pretty(&Recording { exchanges })?;
    write_whole(path, format!("{text}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_recording_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("recordings/x/a.json");
        assert_eq!(read(&path).unwrap(), None);
        let exchange = Exchange {
            method: "POST".to_owned(),
            url: "https://a.b/c?key=1".to_owned(),
            body: Some(Bytes::from_static(b"asked")),
            status: 201,
            headers: vec![("content-type".to_owned(), "image/png".to_owned())],
            response: Bytes::from_static(b"\xff\0"),
        };
        write(&path, std::slice::from_ref(&exchange)).unwrap();
        assert_eq!(read(&path).unwrap(), Some(vec![exchange]));
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
