//! Every call, as it is shown to the author.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::render::{self, harmless};
use super::event::{Called, Event, Outcome, ms};
use super::screen::Screen;
use crate::contract::{Body, Content, Event as Report, InputRequest, ToolResult};
use crate::host::{Said, Seen, Source, Tried, Witness};
use crate::names::PluginName;
use crate::permissions::{Denial, Keys};

/// What is shown of arguments and of an answer. A person reads no more in passing.
const CHARS_SHOWN_MAX: usize = 2_000;

/// Lines that are shown of an answer.
const LINES_SHOWN_MAX: usize = 12;

/// Reports of one call that are shown.
const REPORTS_SHOWN_MAX: usize = 100;

/// Shows every call.
pub struct Calls {
    screen: Screen,
    n_calls: AtomicU64,
    /// What decides on what each plugin tries, to show what would allow it.
    keys: Mutex<HashMap<PluginName, Arc<Keys>>>,
}

impl Calls {
    /// Shows calls on a screen.
    pub fn new(screen: Screen) -> Self {
        Self {
            screen,
            n_calls: AtomicU64::new(0),
            keys: Mutex::default(),
        }
    }

    /// Learns what decides on a plugin from now on.
    pub fn know(&self, keys: &Arc<Keys>) {
        let mut known = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(keys.identity().name.clone(), keys.clone());
    }

    fn denial(&self, plugin: &PluginName, tried: &Tried) -> Option<Denial> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let denied = keys.get(plugin)?.decide(&tried.attempt).err();
        denied.map(|denial| *denial)
    }
}

impl Witness for Calls {
    fn see(&self, seen: &Seen<'_>) {
        // A build that starts, lists and ends without a word is told of by itself.
        let is_quiet = seen.trail.tried().is_empty() && seen.trail.lines().is_empty();
        if is_quiet && matches!(seen.ending, Ok(Said::Done)) {
            return;
        }
        let call = self.n_calls.fetch_add(1, Ordering::Relaxed) + 1;
        let tried = seen.trail.tried();
        let (refused, used): (Vec<_>, Vec<_>) = tried.into_iter().partition(|it| !it.is_permitted);
        let (outcome, answer) = outcome(seen);
        let at = SystemTime::now().duration_since(UNIX_EPOCH);
        let arguments = match seen.arguments {
            serde_json::Value::Null => String::new(),
            arguments => arguments.to_string(),
        };
        self.screen.tell(Event::Call(Box::new(Called {
            call,
            at_ms: ms(at.unwrap_or_default()),
            method: seen.method,
            plugin: seen.plugin.to_string(),
            subject: shown(seen.subject),
            arguments: shown(&arguments),
            outcome,
            answer: shown(&answer),
            usage: seen.usage,
            used: used
                .iter()
                .map(|it| shown(&it.attempt.to_string()))
                .collect(),
        })));
        for tried in &refused {
            let denial = self.denial(seen.plugin, tried);
            let (missing, because, remedies) = denial
                .map(|denial| (denial.missing, denial.because, denial.remedies))
                .unwrap_or_default();
            self.screen.tell(Event::Refused {
                call,
                attempt: shown(&tried.attempt.to_string()),
                missing,
                because,
                remedies,
            });
        }
        // The host's own lines are about refusals, which are shown above in full.
        let lines = seen.trail.lines();
        let own = lines.into_iter().filter(|line| line.source != Source::Host);
        for line in own.take(REPORTS_SHOWN_MAX) {
            self.screen.tell(Event::Log {
                call,
                level: line.level,
                line: shown(&line.text),
            });
        }
        for report in seen.trail.events().into_iter().take(REPORTS_SHOWN_MAX) {
            if let Report::Progress {
                progress,
                total,
                message,
            } = report
            {
                self.screen.tell(Event::Progress {
                    call,
                    progress,
                    total,
                    message: message.as_deref().map(shown),
                });
            }
        }
    }
}

fn outcome(seen: &Seen<'_>) -> (Outcome, String) {
    match &seen.ending {
        Ok(Said::Tool(result)) => {
            let outcome = match result.is_error {
                true => Outcome::Refused,
                false => Outcome::Answered,
            };
            (outcome, render::answer(result))
        }
        Ok(Said::Read(read)) => {
            let bodies = read.contents.iter().map(|contents| match &contents.body {
                Body::Text(text) => text.clone(),
                Body::Blob(bytes) => format!("[{} bytes]", bytes.len()),
            });
            (Outcome::Answered, bodies.collect::<Vec<_>>().join("\n"))
        }
        Ok(Said::Prompt(prompt)) => {
            let content: Vec<Content> = prompt
                .messages
                .iter()
                .map(|it| it.content.clone())
                .collect();
            let as_answer = ToolResult {
                content,
                ..ToolResult::default()
            };
            (Outcome::Answered, render::answer(&as_answer))
        }
        Ok(Said::Suggestions(suggestions)) => (Outcome::Answered, suggestions.values.join("\n")),
        Ok(Said::Done) => (Outcome::Answered, String::new()),
        Ok(Said::Task(_)) => (Outcome::Task, String::new()),
        Ok(Said::Questions(questions)) => {
            let asked = questions.iter().map(|(key, request)| match request {
                InputRequest::Form { message, .. } => format!("{key}: {message}"),
                _ => key.clone(),
            });
            (Outcome::Asked, asked.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => (Outcome::Failed, error.to_string()),
    }
}

/// Words without what a terminal would obey, cut to what a person reads.
fn shown(words: &str) -> String {
    let mut lines = words.lines();
    let mut text = String::new();
    for line in lines.by_ref().take(LINES_SHOWN_MAX) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    let is_cut = lines.next().is_some() || text.chars().nth(CHARS_SHOWN_MAX).is_some();
    let mut text: String = harmless(&text).chars().take(CHARS_SHOWN_MAX).collect();
    if is_cut {
        text.push_str(" …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_says_is_cut_and_commands_no_terminal() {
        let check = |words: &str, expected: &str| assert_eq!(shown(words), expected);
        check("", "");
        check("a\nb", "a\nb");
        check("a\u{1b}[2Jb\u{202e}", "a\u{fffd}[2Jb\u{fffd}");
        check(
            &"x\n".repeat(13),
            &format!("{} …", "x\n".repeat(12).trim_end()),
        );
        check(&"é".repeat(2_001), &format!("{} …", "é".repeat(2_000)));
        check(&"é".repeat(2_000), &"é".repeat(2_000));
    }
}
