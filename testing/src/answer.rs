//! What came of a call, and what a test can say of it.

mod assertions;

use std::fmt;

use portcullis::contract::{Body, Content, PromptResult, ReadResult, ToolResult};
use portcullis::runtime::{LogLine, Usage};
use portcullis::trial::{Asked, Called, Exchange};
use serde_json::{Value, json};

/// What came of a call, and all that happened during it.
///
/// Each assertion gives the answer back, so they can be written one after the other. One that does not hold panics and says
/// what was expected, what came, and what happened meanwhile.
#[derive(Debug, Clone)]
pub struct Answer {
    subject: String,
    ending: Ending,
    called: Called<()>,
}

/// How a call ended.
#[derive(Debug, Clone)]
enum Ending {
    Answered {
        text: String,
        json: Option<Value>,
        is_error: bool,
    },
    Asked(Value),
    Failed(String),
}

/// What a plugin says, however it is asked.
struct Said {
    text: String,
    json: Option<Value>,
    is_error: bool,
}

impl Answer {
    pub(crate) fn of_tool(tool: &str, called: Called<ToolResult>) -> Self {
        let said = |result: ToolResult| Said {
            text: joined(result.content.iter().filter_map(text_of)),
            json: result.structured,
            is_error: result.is_error,
        };
        Self::of(format!("tool `{tool}`"), called, said)
    }

    pub(crate) fn of_resource(uri: &str, called: Called<ReadResult>) -> Self {
        let said = |result: ReadResult| {
            let bodies = result.contents.iter().map(|contents| &contents.body);
            Said::of_text(joined(bodies.filter_map(text_in)))
        };
        Self::of(format!("resource `{uri}`"), called, said)
    }

    pub(crate) fn of_prompt(prompt: &str, called: Called<PromptResult>) -> Self {
        let said = |result: PromptResult| {
            let contents = result.messages.iter().map(|message| &message.content);
            Said::of_text(joined(contents.filter_map(text_of)))
        };
        Self::of(format!("prompt `{prompt}`"), called, said)
    }

    fn of<T>(subject: String, called: Called<T>, said: impl FnOnce(T) -> Said) -> Self {
        let ending = match called.answer {
            Ok(Asked::Answer(result)) => {
                let Said {
                    text,
                    json,
                    is_error,
                } = said(result);
                Ending::Answered {
                    text,
                    json,
                    is_error,
                }
            }
            Ok(Asked::Questions(questions)) => Ending::Asked(questions),
            Err(reason) => Ending::Failed(reason),
        };
        let called = Called {
            answer: Ok(Asked::Answer(())),
            usage: called.usage,
            n_rounds: called.n_rounds,
            tried: called.tried,
            log: called.log,
            events: called.events,
            exchanges: called.exchanges,
            unmatched: called.unmatched,
            is_cut: called.is_cut,
        };
        Self {
            subject,
            ending,
            called,
        }
    }

    /// Its words: texts one under the other.
    ///
    /// Panics when there is no answer.
    #[track_caller]
    pub fn text(&self) -> &str {
        match &self.ending {
            Ending::Answered { text, .. } => text,
            _ => self.fail("an answer"),
        }
    }

    /// What it says for programs: a tool's structured content, and otherwise its text, when that is JSON.
    ///
    /// Panics when there is nothing of the kind.
    #[track_caller]
    pub fn json(&self) -> Value {
        let Ending::Answered { text, json, .. } = &self.ending else {
            self.fail("an answer")
        };
        let read = || serde_json::from_str(text).ok();
        match json.clone().or_else(read) {
            Some(json) => json,
            None => self.fail("structured content, or a text that is JSON"),
        }
    }

    /// What it asked, when the test answers nothing: MCP input requests by their keys. None when it did not ask.
    pub fn questions(&self) -> Option<&Value> {
        match &self.ending {
            Ending::Asked(questions) => Some(questions),
            _ => None,
        }
    }

    /// What it used.
    pub fn usage(&self) -> Usage {
        self.called.usage
    }

    /// What it tried that needs permission, such as `GET https://example.com/`, `storage key-value` or `env:LANG`, and
    /// whether that was permitted: each once, in order.
    pub fn tried(&self) -> Vec<(String, bool)> {
        let tried = self.called.tried.iter();
        tried
            .map(|tried| (tried.attempt.to_string(), tried.is_permitted))
            .collect()
    }

    /// What it printed and logged, and what the host said about it.
    pub fn log(&self) -> &[LogLine] {
        &self.called.log
    }

    /// The requests that were answered.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.called.exchanges
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
        match &self.ending {
            Ending::Answered {
                text,
                json,
                is_error,
            } => {
                let how = if *is_error { "says no" } else { "answers" };
                write!(f, "{subject} {how}: {}", quoted(text))?;
                if let Some(json) = json {
                    write!(f, "\n  structured: {json}")?;
                }
            }
            Ending::Asked(questions) => write!(
                f,
                "{subject} asks, and the test has no answer: {questions}\n  (hint: give some with `answers`)"
            )?,
            Ending::Failed(reason) => write!(f, "{subject} failed: {reason}")?,
        }
        for sentence in &self.called.unmatched {
            write!(f, "\n  meanwhile: {sentence}")?;
        }
        for (attempt, _) in self.tried().iter().filter(|(_, permitted)| !permitted) {
            write!(
                f,
                "\n  meanwhile: `{attempt}` was refused (hint: allow it in the test, and ask for it in plugin.json)"
            )?;
        }
        for line in &self.called.log {
            write!(f, "\n  log: {}", line.text)?;
        }
        Ok(())
    }
}

impl Said {
    fn of_text(text: String) -> Self {
        Self {
            text,
            json: None,
            is_error: false,
        }
    }
}

fn quoted(text: &str) -> Value {
    json!(text)
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join("\n")
}

fn text_of(content: &Content) -> Option<&str> {
    match content {
        Content::Text { text, .. } => Some(text),
        Content::Embedded { resource, .. } => text_in(&resource.body),
        Content::Image(_) | Content::Audio(_) | Content::ResourceLink(_) => None,
    }
}

fn text_in(body: &Body) -> Option<&str> {
    match body {
        Body::Text(text) => Some(text),
        Body::Blob(_) => None,
    }
}
