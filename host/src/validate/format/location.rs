//! What a file is called in a report.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::validate::{Finding, Report};

/// What may stand in a path of a URI as it is: RFC 3986, without the colon, which would make a scheme of a first part.
const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'@')
    .remove(b'+')
    .remove(b'=')
    .remove(b',');

/// Where a finding is shown to whoever reads the source: its own file and line, or for what is in a component, which has no lines and
/// is in no repository, the file of the source that stands for it.
pub(super) fn shown<'r>(report: &'r Report, finding: &'r Finding) -> (&'r Path, u32) {
    let place = &finding.place;
    let is_component = place.file == report.path
        || place
            .file
            .extension()
            .is_some_and(|extension| extension == "wasm");
    match &report.origin {
        Some(origin) if is_component => origin.line(place),
        _ => (&place.file, place.line.unwrap_or(1).max(1)),
    }
}

/// The folder that paths in reports are relative to.
pub(super) fn base() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

/// The file as people and GitHub call it: relative to `base` where it lies below it, and with slashes.
pub(super) fn path(file: &Path, base: &Path) -> String {
    let file = file.strip_prefix(base).unwrap_or(file);
    let mut shown = String::new();
    for part in file.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => shown.push('/'),
            part => {
                if !shown.is_empty() && !shown.ends_with('/') {
                    shown.push('/');
                }
                shown.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    if shown.is_empty() {
        ".".to_owned()
    } else {
        shown
    }
}

/// The same as a URI reference: relative, or with `file:` where it lies elsewhere.
pub(super) fn uri(file: &Path, base: &Path) -> String {
    let path = path(file, base);
    let encoded = utf8_percent_encode(&path, NOT_IN_A_PATH);
    match path.starts_with('/') {
        true => format!("file://{encoded}"),
        false => encoded.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_working_directory() {
        let check = |file: &str, expected: &str, expected_uri: &str| {
            let (file, base) = (Path::new(file), Path::new("/home/ada/work"));
            assert_eq!(path(file, base), expected);
            assert_eq!(uri(file, base), expected_uri);
        };
        check("a.wasm", "a.wasm", "a.wasm");
        check("./b/../a.wasm", "b/../a.wasm", "b/../a.wasm");
        check("/home/ada/work/b/a.wasm", "b/a.wasm", "b/a.wasm");
        check(
            "/home/ada/worker/a.wasm",
            "/home/ada/worker/a.wasm",
            "file:///home/ada/worker/a.wasm",
        );
        check("/home/ada/work", ".", ".");
        check(
            "größe und so/ä?#.wasm",
            "größe und so/ä?#.wasm",
            "gr%C3%B6%C3%9Fe%20und%20so/%C3%A4%3F%23.wasm",
        );
        check("http://x.wasm", "http:/x.wasm", "http%3A/x.wasm");
        check("100%.wasm", "100%.wasm", "100%25.wasm");
    }
}
