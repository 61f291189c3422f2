//! A plugin's log: what its guests printed and logged, the newest of it, bounded and made harmless.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use serde::Serialize;

use super::log_rate::{LogRate, Passage};
use super::trail::Trail;
use crate::contract::LogLevel;
use crate::limits::{LOG_LINE_BYTES_MAX, Limits};
use crate::names::{PluginName, is_deceptive};
use crate::secrets::Redactor;

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
    /// Written by the host, about the plugin.
    Host,
}

/// The newest lines of one plugin. Old lines make room for new ones.
#[derive(Debug)]
pub struct PluginLog {
    plugin: PluginName,
    bytes_max: usize,
    lines: Mutex<Lines>,
    redactor: OnceLock<Arc<Redactor>>,
}

#[derive(Debug)]
struct Lines {
    rate: LogRate,
    kept: VecDeque<LogLine>,
    bytes: usize,
}

/// What a line costs beside its text, so that empty lines are not free.
const LINE_BYTES: usize = size_of::<LogLine>();

impl PluginLog {
    /// An empty log that keeps about `bytes_max` bytes, and takes as many lines per second as is usual.
    pub fn new(plugin: PluginName, bytes_max: u64) -> Self {
        let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        Self {
            plugin,
            bytes_max,
            redactor: OnceLock::new(),
            lines: Mutex::new(Lines {
                rate: LogRate::new(Limits::default().log_lines_per_second, Instant::now()),
                kept: VecDeque::new(),
                bytes: 0,
            }),
        }
    }

    /// The same log, taking so many lines per second over time.
    #[must_use]
    pub fn at_most(self, lines_per_second: u64) -> Self {
        self.lock().rate = LogRate::new(lines_per_second, Instant::now());
        self
    }

    /// Leaves secrets out from now on. It is said once, before the plugin's first instance is made.
    pub(super) fn redact_with(&self, redactor: &Arc<Redactor>) {
        let _ = self.redactor.set(redactor.clone());
    }

    /// What leaves the plugin's secrets out, when it has any.
    pub(super) fn redactor(&self) -> Option<&Arc<Redactor>> {
        self.redactor.get()
    }

    /// A text without the plugin's secrets. It comes before every cut, which could leave half a secret.
    pub(super) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redactor() {
            Some(redactor) => redactor.redact(text),
            None => Cow::Borrowed(text),
        }
    }

    /// The kept lines, oldest first, and at the end how many were left out since the last one.
    pub fn lines(&self) -> Vec<LogLine> {
        let lines = self.lock();
        let left_out = lines.rate.left_out();
        let note = (left_out > 0).then(|| LogLine {
            source: Source::Host,
            level: LogLevel::Warning,
            text: left_out_note(left_out),
        });
        lines.kept.iter().cloned().chain(note).collect()
    }

    /// Adds a line, unless a guest made it and there were too many, and notes it on the trail of the call it belongs to. Says
    /// whether it was added.
    pub(super) fn push(
        &self,
        trail: Option<&Trail>,
        source: Source,
        level: LogLevel,
        claimed: &str,
    ) -> bool {
        let added = self.push_at(source, level, claimed, Instant::now());
        if let (Some(trail), true) = (trail, added) {
            let text = printable(&self.redact(claimed));
            trail.note_line(LogLine {
                source,
                level,
                text,
            });
        } else if let Some(trail) = trail {
            trail.note_lost_lines();
        }
        added
    }

    fn push_at(&self, source: Source, level: LogLevel, claimed: &str, now: Instant) -> bool {
        // The host's own words about a plugin are few, and the ones that matter most.
        if source != Source::Host {
            let passage = self.lock().rate.ask(now);
            match passage {
                Passage::Shut => return false,
                Passage::Open => {}
                Passage::Reopened { left_out } => {
                    self.add(Source::Host, LogLevel::Warning, &left_out_note(left_out));
                }
            }
        }
        self.add(source, level, claimed);
        true
    }

    fn add(&self, source: Source, level: LogLevel, claimed: &str) {
        let text = printable(&self.redact(claimed));
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

fn left_out_note(n_lines: u64) -> String {
    format!("{n_lines} lines were left out: the plugin used up its `log_lines_per_second`")
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
            c if is_deceptive(c) => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text
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
            log.push(None, Source::Log, LogLevel::Info, &(n % 10).to_string());
        }
        let lines = log.lines();
        assert_eq!(lines.len(), 10);
        assert_eq!(lines[9].text, "9");
    }

    #[test]
    fn a_flood_is_thinned_and_counted_and_the_host_is_heard_all_the_same() {
        let (log, now) = (log(1 << 20).at_most(2), Instant::now());
        let say = |source, words: &str, now| log.push_at(source, LogLevel::Info, words, now);
        let n_passed = (0..100).filter(|_| say(Source::Log, "flood", now)).count();
        assert_eq!(n_passed, 20);
        assert!(say(Source::Host, "refused", now));
        let last = |log: &PluginLog| log.lines().last().expect("there are lines").clone();
        assert!(last(&log).text.starts_with("80 lines were left out"));

        let later = now + std::time::Duration::from_secs(1);
        assert!(say(Source::Log, "calm", later));
        let lines = log.lines();
        assert_eq!(lines.len(), 20 + 1 + 1 + 1);
        assert!(lines[21].text.starts_with("80 lines were left out"));
        assert_eq!(lines[21].source, Source::Host);
        assert_eq!(lines[22].text, "calm");
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
