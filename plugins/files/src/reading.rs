//! A part of one file, without reading the rest of it where that can be avoided.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use crate::error::FilesError;
use crate::shared::Place;

/// Bytes of text in one answer. A model reads no more at a time.
pub const TEXT_BYTES_MAX: usize = 128 << 10;

/// Bytes that are gone through to find a line. It takes a few seconds.
const SKIPPED_BYTES_MAX: u64 = 256 << 20;

/// Bytes in which a byte of zero shows that a file is not text.
pub const HEAD_BYTES: usize = 8 << 10;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Which part of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Whole lines.
    Lines {
        /// The first, counted from 1.
        start: u64,
        /// How many at most.
        count: u64,
    },
    /// Bytes.
    Bytes {
        /// The first, counted from 0.
        start: u64,
        /// How many at most.
        count: usize,
    },
}

/// Reads a part of a file, under a head that says which part it is.
pub fn read(place: &Place, range: Range) -> Result<String, FilesError> {
    let of_io = |error| FilesError::of_io(&error, &place.shown);
    let found = fs::metadata(&place.path).map_err(of_io)?;
    if !found.is_file() {
        return Err(FilesError::Kind {
            path: place.shown.clone(),
            is: if found.is_dir() {
                "a folder"
            } else {
                "no file"
            },
            hint: "`list` shows what is in a folder",
        });
    }
    let bytes = found.len();
    let mut file = File::open(&place.path).map_err(of_io)?;
    let mut head = Vec::new();
    let head_bytes = HEAD_BYTES as u64;
    Read::by_ref(&mut file)
        .take(head_bytes)
        .read_to_end(&mut head)
        .map_err(of_io)?;
    if head.contains(&0) {
        return Err(FilesError::Binary {
            path: place.shown.clone(),
            bytes,
        });
    }
    match range {
        Range::Lines { start, count } => {
            file.rewind().map_err(of_io)?;
            lines(place, file, bytes, start.max(1), count)
        }
        Range::Bytes { start, count } => part(place, file, bytes, start, count),
    }
}

fn lines(
    place: &Place,
    file: File,
    bytes: u64,
    start: u64,
    count: u64,
) -> Result<String, FilesError> {
    let of_io = |error| FilesError::of_io(&error, &place.shown);
    let mut file = BufReader::with_capacity(CHUNK_BYTES, file);
    let mut line = 1;
    let mut at: u64 = 0;
    while line < start {
        if at > SKIPPED_BYTES_MAX {
            return Err(FilesError::TooFar {
                path: place.shown.clone(),
            });
        }
        let skipped = file.skip_until(b'\n').map_err(of_io)?;
        if skipped == 0 {
            return Err(FilesError::BeyondTheEnd {
                path: place.shown.clone(),
                there: format!("{} lines", line - 1),
            });
        }
        at += skipped as u64;
        line += 1;
    }

    let mut text = Vec::new();
    let begun = at;
    let mut end = line;
    let mut is_cut = false;
    while end - line < count {
        let room = (TEXT_BYTES_MAX - text.len()) as u64;
        let before = text.len();
        let read = Read::by_ref(&mut file)
            .take(room)
            .read_until(b'\n', &mut text)
            .map_err(of_io)?;
        if read == 0 {
            break;
        }
        if !text.ends_with(b"\n") && at + (read as u64) < bytes {
            // The line does not fit. It is shown in the next part, or in part when it fits into none.
            is_cut = before == 0;
            if !is_cut {
                text.truncate(before);
                break;
            }
        }
        at += read as u64;
        end += 1;
        if is_cut {
            break;
        }
    }
    if text.is_empty() && line > 1 && end == line && begun >= bytes {
        return Err(FilesError::BeyondTheEnd {
            path: place.shown.clone(),
            there: format!("{} lines", line - 1),
        });
    }
    let mut shown = format!("{} ({bytes} bytes)", place.shown);
    if end > line {
        shown += &format!(", lines {line} to {}", end - 1);
    }
    if is_cut {
        shown += &format!("; the line is longer than this, go on with `start_byte` {at}");
    } else if at < bytes {
        shown += &format!("; more with `start_line` {end}");
    }
    Ok(format!("{shown}\n\n{}", String::from_utf8_lossy(&text)))
}

fn part(
    place: &Place,
    mut file: File,
    bytes: u64,
    start: u64,
    count: usize,
) -> Result<String, FilesError> {
    let of_io = |error| FilesError::of_io(&error, &place.shown);
    if start > 0 && start >= bytes {
        return Err(FilesError::BeyondTheEnd {
            path: place.shown.clone(),
            there: format!("{bytes} bytes"),
        });
    }
    file.seek(SeekFrom::Start(start)).map_err(of_io)?;
    let mut part = Vec::new();
    let count = count.min(TEXT_BYTES_MAX) as u64;
    file.take(count).read_to_end(&mut part).map_err(of_io)?;
    if part.contains(&0) {
        return Err(FilesError::Binary {
            path: place.shown.clone(),
            bytes,
        });
    }
    // A character that was cut in two at the end begins the next part.
    if start + (part.len() as u64) < bytes
        && let Err(error) = std::str::from_utf8(&part)
        && error.error_len().is_none()
        && error.valid_up_to() > 0
    {
        part.truncate(error.valid_up_to());
    }
    let end = start + part.len() as u64;
    let mut shown = format!("{} ({bytes} bytes), bytes {start} to {end}", place.shown);
    if end < bytes {
        shown += &format!("; more with `start_byte` {end}");
    }
    Ok(format!("{shown}\n\n{}", String::from_utf8_lossy(&part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::tests::docs;

    #[track_caller]
    fn check(contents: &[u8], range: Range, expected: &str) {
        let (_dir, shared) = docs(&[("x", contents)]);
        let read = read(&shared.place("docs/x").unwrap(), range).unwrap();
        assert_eq!(read, expected);
    }

    const fn lines(start: u64, count: u64) -> Range {
        Range::Lines { start, count }
    }

    const fn bytes(start: u64, count: usize) -> Range {
        Range::Bytes { start, count }
    }

    #[test]
    fn lines_are_read_from_anywhere() {
        let text = b"one\ntwo\nthree";
        check(
            text,
            lines(1, 10),
            "docs/x (13 bytes), lines 1 to 3\n\none\ntwo\nthree",
        );
        check(
            text,
            lines(0, 1),
            "docs/x (13 bytes), lines 1 to 1; more with `start_line` 2\n\none\n",
        );
        check(
            text,
            lines(2, 1),
            "docs/x (13 bytes), lines 2 to 2; more with `start_line` 3\n\ntwo\n",
        );
        check(
            text,
            lines(3, 5),
            "docs/x (13 bytes), lines 3 to 3\n\nthree",
        );
        check(b"", lines(1, 5), "docs/x (0 bytes)\n\n");
    }

    #[test]
    fn bytes_are_read_from_anywhere_and_never_half_a_character() {
        check(
            b"abcdef",
            bytes(2, 2),
            "docs/x (6 bytes), bytes 2 to 4; more with `start_byte` 4\n\ncd",
        );
        check(
            b"abcdef",
            bytes(4, 9),
            "docs/x (6 bytes), bytes 4 to 6\n\nef",
        );
        check(
            "aé".as_bytes(),
            bytes(0, 2),
            "docs/x (3 bytes), bytes 0 to 1; more with `start_byte` 1\n\na",
        );
        check(
            b"a\xff",
            bytes(0, 9),
            "docs/x (2 bytes), bytes 0 to 2\n\na\u{fffd}",
        );
    }

    #[test]
    fn a_part_behind_the_end_is_refused_with_how_much_there_is() {
        let (_dir, shared) = docs(&[("x", b"one\ntwo\n")]);
        let place = shared.place("docs/x").unwrap();
        for (range, expected) in [
            (lines(3, 1), "`docs/x` ends before that: it has 2 lines"),
            (
                lines(u64::MAX, 1),
                "`docs/x` ends before that: it has 2 lines",
            ),
            (bytes(8, 1), "`docs/x` ends before that: it has 8 bytes"),
            (
                bytes(u64::MAX, 1),
                "`docs/x` ends before that: it has 8 bytes",
            ),
        ] {
            assert_eq!(read(&place, range).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_file_that_is_too_large_for_one_answer_is_read_in_parts_without_a_gap() {
        let text: String = (0..40_000).map(|n| format!("line {n}\n")).collect();
        let (_dir, shared) = docs(&[("x", text.as_bytes())]);
        let place = shared.place("docs/x").unwrap();
        let (mut whole, mut start) = (String::new(), 1);
        loop {
            let answer = read(&place, lines(start, u64::MAX)).unwrap();
            let (head, part) = answer.split_once("\n\n").unwrap();
            assert!(part.len() <= TEXT_BYTES_MAX);
            whole += part;
            match head.split_once("`start_line` ") {
                Some((_, next)) => start = next.parse().unwrap(),
                None => break,
            }
        }
        assert!(whole == text);
    }

    #[test]
    fn an_endless_line_is_shown_in_part() {
        let (_dir, shared) = docs(&[("x", &[b'a'; 300_000])]);
        let place = shared.place("docs/x").unwrap();
        let answer = read(&place, lines(1, 10)).unwrap();
        assert!(
            answer.contains("go on with `start_byte` 131072"),
            "{:.100}",
            answer
        );
        assert!(answer.len() < TEXT_BYTES_MAX + 200);
    }

    #[test]
    fn what_is_not_text_is_refused() {
        let (_dir, shared) = docs(&[("x", b"\x7fELF\0\0"), ("d/y", b"")]);
        for range in [lines(1, 1), bytes(0, 3)] {
            let read = read(&shared.place("docs/x").unwrap(), range);
            assert!(matches!(read, Err(FilesError::Binary { bytes: 6, .. })));
        }
        let folder = read(&shared.place("docs/d").unwrap(), lines(1, 1));
        assert!(matches!(
            folder,
            Err(FilesError::Kind { is: "a folder", .. })
        ));
        let nothing = read(&shared.place("docs/z").unwrap(), lines(1, 1));
        assert!(matches!(nothing, Err(FilesError::NotFound { .. })));
    }
}
