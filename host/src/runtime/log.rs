//! A plugin's log: what its guests printed and logged, the newest of it, bounded and made harmless.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::contract::LogLevel;
use crate::limits::LOG_LINE_BYTES_MAX;
use crate::names::PluginName;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Where it came from.
    pub source: Source,
    /// How much it matters. What is printed counts as `info` or, on standard error, `warning`.
    pub level: LogLevel,
    /// The line, without control characters, cut at [`LOG_LINE_BYTES_MAX`].
    pub text: String,
}

/// How a line came into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Printed to standard output.
    Stdout,
    /// Printed to standard error.
    Stderr,
    /// Written with the contract's `log`.
    Log,
}

/// The newest lines of one plugin. Old lines make room for new ones.
#[derive(Debug)]
pub struct PluginLog {
    plugin: PluginName,
    bytes_max: usize,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<LogLine>,
    bytes: usize,
}

/// What a line costs beside its text, so that empty lines are not free.
const LINE_BYTES: usize = size_of::<LogLine>();

impl PluginLog {
    /// An empty log that keeps about `bytes_max` bytes.
    pub fn new(plugin: PluginName, bytes_max: u64) -> Self {
        let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        Self {
            plugin,
            bytes_max,
            lines: Mutex::default(),
        }
    }

    /// The kept lines, oldest first.
    pub fn lines(&self) -> Vec<LogLine> {
        self.lock().kept.iter().cloned().collect()
    }

    /// Adds a line a guest made.
    pub(super) fn push(&self, source: Source, level: LogLevel, claimed: &str) {
        let text = printable(claimed);
        // The person at the terminal sees it when they ask for it (`-v`), and a program when it collects traces.
        match level {
            LogLevel::Debug | LogLevel::Info | LogLevel::Notice => {
                tracing::info!(target: "plugin", plugin = %self.plugin, ?source, "{text}");
            }
            _ => tracing::warn!(target: "plugin", plugin = %self.plugin, ?source, "{text}"),
        }
        let mut lines = self.lock();
        lines.bytes += text.len() + LINE_BYTES;
        lines.kept.push_back(LogLine {
            source,
            level,
            text,
        });
        while lines.bytes > self.bytes_max {
            let Some(oldest) = lines.kept.pop_front() else {
                break;
            };
            lines.bytes -= oldest.text.len() + LINE_BYTES;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Lines> {
        // A panic while the lock was held leaves whole lines behind, so the log stays usable.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line without what a terminal would obey, cut to its bound.
pub(super) fn printable(claimed: &str) -> String {
    let mut text = String::new();
    for c in claimed.chars() {
        if text.len() >= LOG_LINE_BYTES_MAX {
            text.push('…');
            break;
        }
        match c {
            '\t' => text.push(' '),
            c if c.is_control() || is_bidi_control(c) => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text
}

/// Characters that make a line look like what it is not (Unicode TR 36, "Trojan Source").
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(bytes_max: u64) -> PluginLog {
        PluginLog::new("plugin".parse().expect("a good name"), bytes_max)
    }

    #[test]
    fn old_lines_make_room_for_new_ones() {
        let log = log(10 * (LINE_BYTES as u64 + 1));
        for n in 0..100 {
            log.push(Source::Log, LogLevel::Info, &(n % 10).to_string());
        }
        let lines = log.lines();
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[9].text, "9");
    }

    #[test]
    fn a_line_cannot_command_a_terminal_or_pretend_to_be_another() {
        assert_eq!(
            printable("a\u{1b}[2Jb\r\nc\td\u{202e}e"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}c d\u{fffd}e"
        );
    }

    #[test]
    fn a_long_line_is_cut() {
        let line = printable(&"é".repeat(LOG_LINE_BYTES_MAX));
        assert!(line.len() <= LOG_LINE_BYTES_MAX + "…".len() + 1);
        assert!(line.ends_with('…'));
    }
}
