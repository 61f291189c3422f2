//! What `multi_input` has to know, and knows already.

use std::collections::BTreeMap;
use std::fmt;

use portcullis_plugin::serde_json::{self, Value, json};
use portcullis_plugin::{Context, Questions, Response};

/// The keys of the questions, each with its message.
const QUESTIONS: [(&str, &str); 2] = [
    ("first", "What is the first name?"),
    ("second", "What is the second name?"),
];

/// The answers so far. It is the task's state, so that each may come in a round of its own.
#[derive(Debug, Default, PartialEq)]
pub struct Inputs(BTreeMap<String, Value>);

impl Inputs {
    /// Reads the state of an earlier round; the first one has none.
    pub fn read(state: &[u8]) -> Self {
        Self(serde_json::from_slice(state).unwrap_or_default())
    }

    /// Takes in what came with this round.
    pub fn note(&mut self, context: &Context) {
        for (key, _) in QUESTIONS {
            if let Some(Response::Accepted(form)) = context.response(key) {
                self.0.insert(key.to_owned(), form.clone());
            }
        }
    }

    /// The questions that are not answered. None: there are none left.
    pub fn missing(&self) -> Option<Questions> {
        let mut missing = QUESTIONS
            .iter()
            .filter(|(key, _)| !self.0.contains_key(*key))
            .peekable();
        missing.peek()?;
        let form = json!({
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        });
        let ask = |questions: Questions, (key, message): &(&str, &str)| {
            questions.form(*key, *message, form.clone())
        };
        let state = serde_json::to_vec(&self.0).unwrap_or_default();
        Some(missing.fold(Questions::new(), ask).state(state))
    }
}

impl fmt::Display for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answers: Vec<String> = self
            .0
            .iter()
            .map(|(key, form)| format!("{key}: {form}"))
            .collect();
        f.write_str(&answers.join(", "))
    }
}
