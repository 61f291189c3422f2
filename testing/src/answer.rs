//! What came of a call, and what a test can say of it.

mod assertions;

use std::fmt;

use portcullis::runtime::{LogLine, Usage};
use portcullis::trial::{self, Asked, Called, Exchange};
use serde_json::{Value, json};

/// What came of a call, and all that happened during it.
///
/// Each assertion gives the answer back, so they can be written one after the other. One that does not hold panics and says
/// what was expected, what came, and what happened meanwhile.
#[derive(Debug, Clone)]
pub struct Answer {
    subject: String,
    called: Called<trial::Answer>,
}

impl Answer {
    pub(crate) fn new<T: Into<trial::Answer>>(subject: String, called: Called<T>) -> Self {
        Self {
            subject,
            called: called.map(Into::into),
        }
    }

    /// What it said; none when it asked or failed.
    fn said(&self) -> Option<&trial::Answer> {
        match &self.called.answer {
            Ok(Asked::Answer(answer)) => Some(answer),
            _ => None,
        }
    }

    /// Its words: texts one under the other.
    ///
    /// Panics when there is no answer.
    #[track_caller]
    pub fn text(&self) -> &str {
        match self.said() {
            Some(answer) => &answer.text,
            None => self.fail("an answer"),
        }
    }

    /// What it says for programs: a tool's structured content, and otherwise its text, when that is JSON. Of a prompt it is
    /// its description and its messages, `{"description": …, "messages": [{"role": …, "text": …}]}`.
    ///
    /// Panics when there is nothing of the kind.
    #[track_caller]
    pub fn json(&self) -> Value {
        let Some(answer) = self.said() else {
            self.fail("an answer")
        };
        match &answer.json {
            Some(json) => json.clone(),
            None => self.fail("structured content, or a text that is JSON"),
        }
    }

    /// What it asked, when the test answers nothing: MCP input requests by their keys. None when it did not ask.
    pub fn questions(&self) -> Option<&Value> {
        match &self.called.answer {
            Ok(Asked::Questions(questions)) => Some(questions),
            _ => None,
        }
    }

    /// What it used.
    pub fn usage(&self) -> Usage {
        self.called.meanwhile.usage
    }

    /// What it tried that needs permission, such as `GET https://example.com/`, `storage key-value` or `env:LANG`, and
    /// whether that was permitted: each once, in order.
    pub fn tried(&self) -> Vec<(String, bool)> {
        let tried = self.called.meanwhile.tried.iter();
        tried
            .map(|tried| (tried.attempt.to_string(), tried.is_permitted))
            .collect()
    }

    /// What it printed and logged, and what the host said about it.
    pub fn log(&self) -> &[LogLine] {
        &self.called.meanwhile.log
    }

    /// The requests that were answered.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.called.meanwhile.exchanges
    }

    /// Fails the test.
    #[track_caller]
    fn fail(&self, expected: &str) -> ! {
        panic!("{self}\n  expected: {expected}\n")
    }
}

/// What came, and what happened meanwhile, for people.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        match &self.called.answer {
            Ok(Asked::Answer(answer)) => {
                let how = if answer.is_error {
                    "says no"
                } else {
                    "answers"
                };
                write!(f, "{subject} {how}: {}", quoted(&answer.text))?;
                let said: Option<Value> = serde_json::from_str(&answer.text).ok();
                if let Some(json) = answer
                    .json
                    .as_ref()
                    .filter(|json| said.as_ref() != Some(json))
                {
                    write!(f, "\n  structured: {json}")?;
                }
            }
            Ok(Asked::Questions(questions)) => write!(
                f,
                "{subject} asks, and the test has no answer: {questions}\n  (hint: give some with `answers`)"
            )?,
            Err(reason) => write!(f, "{subject} failed: {reason}")?,
        }
        for sentence in &self.called.meanwhile.unmatched {
            write!(f, "\n  meanwhile: {sentence}")?;
        }
        for (attempt, _) in self.tried().iter().filter(|(_, permitted)| !permitted) {
            write!(
                f,
                "\n  meanwhile: `{attempt}` was refused (hint: allow it in the test, and ask for it in plugin.json)"
            )?;
        }
        if self.called.meanwhile.cut.attempts {
            write!(f, "\n  meanwhile: more was tried than is remembered")?;
        }
        for line in &self.called.meanwhile.log {
            write!(f, "\n  log: {}", line.text)?;
        }
        if self.called.meanwhile.cut.lines {
            write!(f, "\n  log: more was logged than is remembered")?;
        }
        Ok(())
    }
}

fn quoted(text: &str) -> Value {
    json!(text)
}
