//! What a guest prints: it goes line by line into the plugin's log, never to the host's own output.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::log::{PluginLog, Source, printable};
use super::trail::Trail;
use crate::contract::LogLevel;
use crate::limits::LOG_LINE_BYTES_MAX;
use crate::secrets::Redactor;

/// Bytes a guest may write at a time.
const PERMIT: usize = 64 << 10;

/// One call's share of the log. When it is used up, the rest is counted and left out.
#[derive(Debug)]
pub(super) struct CallLog {
    log: Arc<PluginLog>,
    state: Mutex<State>,
    trail: Option<Arc<Trail>>,
}

#[derive(Debug)]
struct State {
    bytes_left: usize,
    bytes_left_out: u64,
    /// What was printed since the last line break, to standard output and to standard error.
    unfinished: [Vec<u8>; 2],
    /// The newest lines printed to standard error, where a panicking guest says why.
    last_words: VecDeque<String>,
}

/// Lines of last words that are kept. A Rust guest needs two, where it panicked and its message; a Python or JavaScript guest
/// says what was wrong first, and its runtime adds up to four lines of its own.
const LAST_WORDS_LINES_MAX: usize = 6;

/// Bytes of one such line; more are cut, since a client gets to see them.
const LAST_WORDS_BYTES_MAX: usize = 500;

impl CallLog {
    pub(super) fn new(log: Arc<PluginLog>, bytes_max: u64, trail: Option<Arc<Trail>>) -> Self {
        let bytes_left = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        Self {
            log,
            state: Mutex::new(State {
                bytes_left,
                bytes_left_out: 0,
                unfinished: [Vec::new(), Vec::new()],
                last_words: VecDeque::new(),
            }),
            trail,
        }
    }

    /// Adds a line the guest logged. Says whether there was room for it.
    pub(super) fn line(&self, level: LogLevel, claimed: &str) -> bool {
        let fits = self.lock().take(claimed.len().min(LOG_LINE_BYTES_MAX));
        fits && self.tell(Source::Log, level, claimed)
    }

    /// Adds a line of the host's about what the guest did. It takes from the call's share, since the guest can do it again.
    pub(super) fn note(&self, text: &str) {
        if self.lock().take(text.len().min(LOG_LINE_BYTES_MAX)) {
            self.tell(Source::Host, LogLevel::Warning, text);
        }
    }

    /// Adds what the guest printed.
    fn print(&self, stream: Stream, claimed: &[u8]) {
        let mut state = self.lock();
        let (kept, left_out) = claimed.split_at(self.n_kept(claimed, state.bytes_left));
        state.take(kept.len());
        state.bytes_left_out += left_out.len() as u64;
        for piece in kept.split_inclusive(|byte| *byte == b'\n') {
            let unfinished = &mut state.unfinished[stream as usize];
            unfinished.extend_from_slice(piece);
            if let Some(end) = self.line_end(unfinished) {
                let rest = unfinished.split_off(end);
                let line = std::mem::replace(unfinished, rest);
                self.push(&mut state, stream, &line);
            }
        }
    }

    /// How many of these bytes are kept when there is room for `bytes_max`. Half a secret is not kept.
    fn n_kept(&self, claimed: &[u8], bytes_max: usize) -> usize {
        match self.log.redactor() {
            Some(redactor) if claimed.len() > bytes_max => Some(redactor.cut(claimed, bytes_max))
                .filter(|cut| *cut <= bytes_max)
                .unwrap_or(0),
            _ => claimed.len().min(bytes_max),
        }
    }

    /// Where the line ends that these bytes begin with: at their own end, when it is a line break, or when a line could
    /// not be kept if it were longer. A secret goes whole into one line, where it is found.
    fn line_end(&self, unfinished: &[u8]) -> Option<usize> {
        if unfinished.ends_with(b"\n") {
            return Some(unfinished.len());
        }
        match self.log.redactor() {
            _ if unfinished.len() < LOG_LINE_BYTES_MAX => None,
            None => Some(unfinished.len()),
            Some(redactor) if unfinished.len() < LOG_LINE_BYTES_MAX + redactor.longest() => None,
            Some(redactor) => Some(redactor.cut(unfinished, LOG_LINE_BYTES_MAX)),
        }
    }

    /// What leaves the plugin's secrets out, when it has any.
    pub(super) fn redactor(&self) -> Option<&Arc<Redactor>> {
        self.log.redactor()
    }

    /// Ends the call's part of the log: lines without an end, and a word on what was left out.
    pub(super) fn finish(&self) {
        let mut state = self.lock();
        for stream in [Stream::Out, Stream::Err] {
            let line = std::mem::take(&mut state.unfinished[stream as usize]);
            self.push(&mut state, stream, &line);
        }
        let left_out = std::mem::take(&mut state.bytes_left_out);
        if left_out > 0 {
            let note = format!(
                "{left_out} bytes more were left out: the call used up its `call_log_bytes`"
            );
            self.tell(Source::Log, LogLevel::Warning, &note);
            if let Some(trail) = &self.trail {
                trail.note_lost_lines();
            }
        }
    }

    /// What the guest said last on standard error, in one line.
    pub(super) fn last_words(&self) -> String {
        self.lock()
            .last_words
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn push(&self, state: &mut State, stream: Stream, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = self.log.redact(text.trim_end_matches(['\n', '\r']));
        if text.is_empty() {
            return;
        }
        match stream {
            Stream::Out => {
                self.tell(Source::Stdout, LogLevel::Info, &text);
            }
            Stream::Err => {
                self.tell(Source::Stderr, LogLevel::Warning, &text);
                // Rust ends every panic with this note.
                if !text.starts_with("note: run with `RUST_BACKTRACE=1`") {
                    let mut words = printable(&text);
                    words.truncate(words.floor_char_boundary(LAST_WORDS_BYTES_MAX));
                    state.last_words.push_back(words);
                    if state.last_words.len() > LAST_WORDS_LINES_MAX {
                        state.last_words.pop_front();
                    }
                }
            }
        }
    }

    fn tell(&self, source: Source, level: LogLevel, text: &str) -> bool {
        self.log.push(self.trail.as_deref(), source, level, text)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes `bytes` of the call's share, all or nothing.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.bytes_left.checked_sub(bytes);
        match left {
            Some(left) => self.bytes_left = left,
            None => self.bytes_left_out += bytes as u64,
        }
        left.is_some()
    }
}

/// Standard output or standard error.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Out = 0,
    Err = 1,
}

/// One of a guest's two output streams. Writing always succeeds at once, so a chatty guest never waits or fails.
#[derive(Clone)]
pub(super) struct Output {
    log: Arc<CallLog>,
    stream: Stream,
}

impl Output {
    pub(super) fn new(log: Arc<CallLog>, stream: Stream) -> Self {
        Self { log, stream }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for this, and this host offers 0.2.
        Box::new(tokio::io::sink())
    }

    // The default adapter lets empty writes pile up in the host's memory (GHSA-5m8g-xhq4-4h93).
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > PERMIT {
            return Err(StreamError::trap("wrote more than the stream permits"));
        }
        self.log.print(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}
