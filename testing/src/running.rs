//! A plugin in service, for one test.

use portcullis::contract::{Reference, Tool};
use portcullis::runtime::LogLine;
use portcullis::trial::Stage;
use serde_json::Value;

use crate::Answer;
use crate::engine::wait_for;
use crate::plugin::object;

/// A plugin in service, in a host of its own. It keeps what it keeps until this is dropped, and then all is gone.
///
/// Calls are made one after the other, also from several threads.
pub struct Running(Option<Stage>);

impl Running {
    pub(crate) fn new(stage: Stage) -> Self {
        Self(Some(stage))
    }

    fn stage(&self) -> &Stage {
        self.0.as_ref().expect("it is taken away only by dropping")
    }

    /// The names of its tools, in its own order.
    pub fn tools(&self) -> Vec<String> {
        let catalogue = wait_for(self.stage().catalogue());
        let tools = catalogue.tools().iter();
        tools.map(|tool| tool.item.name.to_string()).collect()
    }

    /// One of its tools, as clients see it: description, schemas and hints.
    ///
    /// Panics when it has none of this name; the message names those it has.
    #[track_caller]
    pub fn tool(&self, name: &str) -> Tool {
        let catalogue = wait_for(self.stage().catalogue());
        let mut tools = catalogue.tools().iter();
        match tools.find(|tool| tool.item.name.as_str() == name) {
            Some(tool) => (*tool.item).clone(),
            None => panic!(
                "the plugin has no tool `{name}` (hint: it has {})",
                listed(&self.tools())
            ),
        }
    }

    /// The names of its prompts, in its own order.
    pub fn prompts(&self) -> Vec<String> {
        let catalogue = wait_for(self.stage().catalogue());
        let prompts = catalogue.prompts().iter();
        prompts.map(|prompt| prompt.item.name.to_string()).collect()
    }

    /// The URIs of its resources, in its own order.
    pub fn resources(&self) -> Vec<String> {
        let catalogue = wait_for(self.stage().catalogue());
        let resources = catalogue.resources().iter();
        resources
            .map(|resource| resource.item.uri.clone())
            .collect()
    }

    /// Calls a tool by the plugin's own name for it. `arguments` is an object: `json!({"name": "Ada"})`.
    ///
    /// A call that fails is an answer as well; see [`Answer::assert_failed`].
    #[track_caller]
    pub fn call(&self, tool: &str, arguments: Value) -> Answer {
        let arguments = object(&format!("the call of `{tool}`"), arguments);
        let called = wait_for(self.stage().call_tool(tool, arguments));
        Answer::new(format!("tool `{tool}`"), called)
    }

    /// Reads a resource.
    pub fn read(&self, uri: &str) -> Answer {
        let called = wait_for(self.stage().read_resource(uri));
        Answer::new(format!("resource `{uri}`"), called)
    }

    /// Fills in a prompt. `arguments` is an object of texts.
    #[track_caller]
    pub fn prompt(&self, prompt: &str, arguments: Value) -> Answer {
        let arguments = object(&format!("prompt `{prompt}`"), arguments);
        let as_text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let arguments = arguments.into_iter();
        let arguments = arguments.map(|(name, value)| (name, as_text(value)));
        let asked = self.stage().get_prompt(prompt, arguments.collect());
        Answer::new(format!("prompt `{prompt}`"), wait_for(asked))
    }

    /// Asks what it suggests for an argument of a prompt when `value` is typed so far. The suggestions are the lines of the
    /// answer's text.
    pub fn complete_prompt(&self, prompt: &str, argument: &str, value: &str) -> Answer {
        self.complete(Reference::Prompt(prompt.to_owned()), argument, value)
    }

    /// The same for an argument of a resource template, such as `word` of `echo://say/{word}`.
    pub fn complete_template(&self, template: &str, argument: &str, value: &str) -> Answer {
        let template = Reference::ResourceTemplate(template.to_owned());
        self.complete(template, argument, value)
    }

    fn complete(&self, reference: Reference, argument: &str, value: &str) -> Answer {
        let asked = self.stage().complete(&reference, argument, value, &[]);
        Answer::new(format!("completion of `{argument}`"), wait_for(asked))
    }

    /// What its key-value store has under a key, as text.
    ///
    /// Panics when the store cannot be read, or what is there is no text; see [`Running::value_bytes`].
    #[track_caller]
    pub fn value(&self, key: &str) -> Option<String> {
        let bytes = self.value_bytes(key)?;
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => panic!("what is kept under `{key}` is no text (hint: use `value_bytes`)"),
        }
    }

    /// What its key-value store has under a key.
    ///
    /// Panics when the store cannot be read.
    #[track_caller]
    pub fn value_bytes(&self, key: &str) -> Option<Vec<u8>> {
        match wait_for(self.stage().value(key)) {
            Ok(value) => value.map(|bytes| bytes.to_vec()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The newest lines of its log, those of its start as well.
    pub fn log(&self) -> Vec<LogLine> {
        self.stage().log_lines()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The plugin is told, and its folder is removed, where its runtime is.
        if let Some(stage) = self.0.take() {
            wait_for(stage.close());
        }
    }
}

/// Names, for people.
fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
