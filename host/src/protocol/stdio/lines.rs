//! From bytes to lines. Nothing here knows what a line says.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Bytes that are asked for at once: what a pipe holds on Linux, so that whatever a client has written comes in one read.
const CHUNK_BYTES: usize = 64 << 10;

/// How much of a line that is too long is shown to the reader. What identifies a request stands in front of what makes it
/// long, if it can be found at all.
const HEAD_BYTES: usize = 4 << 10;

/// One line, or what is known of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// The beginning of a line that is longer than the bound. The rest of it is dropped as it comes.
    TooLong(&'a [u8]),
}

/// Puts lines together from what is read. Keeps no more than one line and what came behind it.
pub(super) struct Lines {
    /// The bytes from `start` to `end` are read and not yet given out. What lies behind is room.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// There is no end of a line from `start` up to here.
    searched: usize,
    /// A line that was given out as too long has not ended yet.
    is_skipping: bool,
    line_bytes_max: usize,
}

impl Lines {
    /// Lines of up to this many bytes.
    pub(super) fn new(line_bytes_max: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            end: 0,
            searched: 0,
            is_skipping: false,
            line_bytes_max,
        }
    }

    /// The next line of what was read so far.
    pub(super) fn next(&mut self) -> Option<Line<'_>> {
        if self.is_skipping {
            let Some(n_bytes) = memchr::memchr(b'\n', self.unsearched()) else {
                self.clear();
                return None;
            };
            self.skip(self.searched + n_bytes + 1);
            self.is_skipping = false;
        }
        let found = memchr::memchr(b'\n', self.unsearched()).map(|n_bytes| self.searched + n_bytes);
        let line_end = found.unwrap_or(self.end);
        let line_start = self.start;
        if line_end - line_start > self.line_bytes_max {
            match found {
                Some(newline) => self.skip(newline + 1),
                None => {
                    self.is_skipping = true;
                    self.clear();
                }
            }
            return Some(Line::TooLong(
                &self.buffer[line_start..line_start + HEAD_BYTES.min(self.line_bytes_max)],
            ));
        }
        let Some(newline) = found else {
            self.searched = self.end;
            return None;
        };
        self.skip(newline + 1);
        let line = &self.buffer[line_start..newline];
        Some(Line::Whole(line.strip_suffix(b"\r").unwrap_or(line)))
    }

    /// Reads what is there, at least a byte. `false` is the end of the input; what is left then has no end and is no line.
    pub(super) fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        input: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        self.make_room();
        let mut room = ReadBuf::new(&mut self.buffer[self.end..]);
        ready!(Pin::new(input).poll_read(cx, &mut room))?;
        let n_bytes = room.filled().len();
        self.end += n_bytes;
        Poll::Ready(Ok(n_bytes > 0))
    }

    fn unsearched(&self) -> &[u8] {
        &self.buffer[self.searched..self.end]
    }

    fn skip(&mut self, to: usize) {
        self.start = to;
        self.searched = to;
    }

    fn clear(&mut self) {
        (self.start, self.end, self.searched) = (0, 0, 0);
    }

    /// Makes room for a read. The buffer doubles while a long line comes, up to the bound, and is given back after it.
    fn make_room(&mut self) {
        if self.start == self.end {
            self.clear();
            if self.buffer.len() > CHUNK_BYTES {
                self.buffer = Vec::new();
            }
        }
        if self.end < self.buffer.len() {
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.searched -= self.start;
            self.start = 0;
            return;
        }
        let doubled = (2 * self.buffer.len()).min(self.line_bytes_max + CHUNK_BYTES);
        let wanted = doubled.max(CHUNK_BYTES).max(self.end + 1);
        self.buffer.reserve_exact(wanted - self.buffer.len());
        self.buffer.resize(wanted, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// The lines of an input that comes in pieces, with `!` before each that is too long.
    fn lines(pieces: &[&[u8]], line_bytes_max: usize) -> Vec<String> {
        let mut lines = Lines::new(line_bytes_max);
        let mut cx = Context::from_waker(Waker::noop());
        let mut seen = Vec::new();
        for mut piece in pieces.iter().copied() {
            while !piece.is_empty() {
                let filled = lines.poll_fill(&mut piece, &mut cx);
                assert!(matches!(filled, Poll::Ready(Ok(true))));
                while let Some(line) = lines.next() {
                    let (mark, line) = match line {
                        Line::Whole(line) => ("", line),
                        Line::TooLong(head) => ("!", head),
                    };
                    seen.push(format!("{mark}{}", String::from_utf8_lossy(line)));
                }
            }
        }
        seen
    }

    #[test]
    fn lines_are_the_same_however_their_bytes_come() {
        let check = |input: &str, expected: &[&str]| {
            let whole = lines(&[input.as_bytes()], 5);
            assert_eq!(whole, expected, "{input:?}");
            let bytes: Vec<_> = input.as_bytes().chunks(1).collect();
            assert_eq!(lines(&bytes, 5), expected, "{input:?}, byte by byte");
        };
        check("", &[]);
        check("a", &[]);
        check("a\nb\n", &["a", "b"]);
        check("\n\n", &["", ""]);
        check("a\r\nb\rc\n", &["a", "b\rc"]);
        check("12345\n", &["12345"]);
        check("123456\na\n", &["!12345", "a"]);
        check("1234567890\n1234567890\na\n", &["!12345", "!12345", "a"]);
        check("123456", &["!12345"]);
    }

    #[test]
    fn a_long_line_is_whole_and_its_memory_is_given_back() {
        let long = [vec![b'x'; 3 << 20], vec![b'\n']].concat();
        let mut lines = Lines::new(4 << 20);
        let mut cx = Context::from_waker(Waker::noop());
        let mut input = &long[..];
        while !input.is_empty() {
            assert_eq!(lines.next(), None);
            assert!(lines.poll_fill(&mut input, &mut cx).is_ready());
        }
        assert_eq!(lines.next(), Some(Line::Whole(&long[..3 << 20])));
        assert!(lines.poll_fill(&mut &b"a\n"[..], &mut cx).is_ready());
        assert_eq!(lines.buffer.capacity(), CHUNK_BYTES);
        assert_eq!(lines.next(), Some(Line::Whole(b"a")));
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let mut lines = Lines::new(1 << 20);
        let mut cx = Context::from_waker(Waker::noop());
        let piece = vec![b'x'; CHUNK_BYTES];
        let mut n_too_long = 0;
        for _ in 0..64 {
            assert!(lines.poll_fill(&mut &piece[..], &mut cx).is_ready());
            while lines.next().is_some() {
                n_too_long += 1;
            }
            assert!(lines.buffer.capacity() <= (1 << 20) + CHUNK_BYTES);
        }
        assert_eq!(n_too_long, 1);
    }
}
