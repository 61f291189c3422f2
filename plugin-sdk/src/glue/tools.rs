//! The interface `tools`.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{WitError, refuse_cursor};
use crate::schema::{self, Schema};
use crate::{Answer, Context, Outcome};

use crate::bindings::host::portcullis::plugin::call::Context as Call;
use crate::bindings::tool_plugin::exports::portcullis::plugin::tools;
pub use tools::ToolAnnotations;
use tools::{CallOutcome, CallRequest, Guest, ToolPage};

/// A plugin with tools.
pub trait Tools {
    const TOOLS: &'static [Tool];
}

impl<P: Tools> Guest for P {
    fn list(cursor: Option<String>) -> Result<ToolPage, WitError> {
        list(P::TOOLS, cursor)
    }

    fn call(request: CallRequest, context: Call) -> Result<CallOutcome, WitError> {
        call(P::TOOLS, request, context)
    }
}

/// A function marked `#[tool]`.
pub struct Tool {
    pub name: &'static str,
    pub title: Option<&'static str>,
    pub description: &'static str,
    pub annotations: Option<ToolAnnotations>,
    pub meta: Option<&'static str>,
    pub input_schema: fn() -> Schema,
    pub output_schema: fn() -> Option<Schema>,
    /// Reads the arguments and runs the function.
    pub call: fn(&str, &Context) -> Outcome<Answer>,
}

/// The schema of a tool's arguments.
#[must_use]
pub fn input_schema<T: JsonSchema>() -> Schema {
    schema::arguments::<T>()
}

/// Reads a tool's arguments; a mistake in them is a "no" that the model can correct.
pub fn arguments<T: DeserializeOwned>(text: &str) -> Result<T, Answer> {
    crate::arguments::parse(text).map_err(Answer::error)
}

fn list(tools: &[Tool], cursor: Option<String>) -> Result<ToolPage, WitError> {
    refuse_cursor(cursor.as_deref())?;
    let describe = |tool: &Tool| tools::Tool {
        name: tool.name.to_owned(),
        title: tool.title.map(str::to_owned),
        description: Some(tool.description.to_owned()),
        input_schema: (tool.input_schema)().as_value().to_string(),
        output_schema: (tool.output_schema)().map(|schema| schema.as_value().to_string()),
        annotations: tool.annotations,
        icons: None,
        task_support: None,
        required_capabilities: None,
        meta: tool.meta.map(str::to_owned),
    };
    Ok(ToolPage {
        tools: tools.iter().map(describe).collect(),
        next_cursor: None,
        cache: None,
    })
}

fn call(tools: &[Tool], request: CallRequest, call: Call) -> Result<CallOutcome, WitError> {
    let Some(tool) = tools.iter().find(|tool| tool.name == request.name) else {
        return Err(WitError::NotFound(request.name));
    };
    let context = Context::new(call, request.continuation);
    Ok(match (tool.call)(&request.arguments, &context) {
        Outcome::Complete(answer) => CallOutcome::Complete(tools::ToolResult {
            content: answer.content,
            structured: answer.structured,
            is_error: answer.is_error,
            meta: answer.meta,
        }),
        Outcome::Ask(questions) => CallOutcome::InputRequired(questions.into()),
    })
}
