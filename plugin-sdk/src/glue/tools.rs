//! The interface `tools`.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{WitError, refuse_cursor};
use crate::schema::{self, Schema};
use crate::{Answer, Context, Error, Outcome};

use crate::bindings::host::portcullis::plugin::call::Context as Call;
use crate::bindings::tool_plugin::exports::portcullis::plugin::tools;
use tools::{CallOutcome, CallRequest, Guest, ToolPage};
pub use tools::{TaskSupport, ToolAnnotations};

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
    pub task_support: TaskSupport,
    pub required_capabilities: Option<&'static str>,
    pub meta: Option<&'static str>,
    /// JSON text.
    pub input_schema: fn() -> String,
    pub output_schema: fn() -> Option<Schema>,
    /// Reads the arguments and runs the function.
    pub call: fn(&str, &Context) -> Result<Outcome<Answer>, Error>,
}

/// The schema of a tool's arguments, as JSON text.
#[must_use]
pub fn input_schema<T: JsonSchema>() -> String {
    schema::arguments::<T>().as_value().to_string()
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
        input_schema: (tool.input_schema)(),
        output_schema: (tool.output_schema)().map(|schema| schema.as_value().to_string()),
        annotations: tool.annotations,
        icons: None,
        task_support: Some(tool.task_support),
        required_capabilities: tool.required_capabilities.map(str::to_owned),
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
    let outcome = (tool.call)(&request.arguments, &context).map_err(Error::into_wit)?;
    Ok(match outcome {
        Outcome::Complete(answer) => CallOutcome::Complete(answer.into()),
        Outcome::Ask(questions) => CallOutcome::InputRequired(questions.into()),
        Outcome::Task(task) => CallOutcome::Task(task.into()),
    })
}
