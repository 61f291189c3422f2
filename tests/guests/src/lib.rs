//! What the guests in `examples/` are made of: the bindings of the contract and a few words to build answers from.
//!
//! The guests are written against the WIT and not with the SDK, because an SDK that is any good would not let them
//! misbehave. Each is one file that shows one trick. Most implement [`Trick`], which gives them a well-behaved list and
//! the tool `ping`, by which a test sees that the call after the trick succeeds. The others implement
//! [`tools::Guest`] and its siblings themselves.

use std::fmt::Display;

use serde_json::Value;

/// What every guest may import; the types that all interfaces share.
pub mod host {
    wit_bindgen::generate!({
        world: "host",
        path: "../../wit",
        generate_all,
        generate_unused_types: true,
    });
}

/// Generates the bindings of one exported interface, with the shared types of [`host`].
macro_rules! export_of {
    ($interface:ident, $world:tt, $doc:literal) => {
        #[doc = $doc]
        pub mod $interface {
            wit_bindgen::generate!({
                world: $world,
                path: "../../wit",
                pub_export_macro: true,
                with: {
                    "portcullis:plugin/types@0.1.0": crate::host::portcullis::plugin::types,
                    "portcullis:plugin/content@0.1.0": crate::host::portcullis::plugin::content,
                    "portcullis:plugin/call@0.1.0": crate::host::portcullis::plugin::call,
                    "portcullis:plugin/progress@0.1.0": crate::host::portcullis::plugin::progress,
                    "portcullis:plugin/log@0.1.0": crate::host::portcullis::plugin::log,
                    "portcullis:plugin/cancellation@0.1.0":
                        crate::host::portcullis::plugin::cancellation,
                    "portcullis:plugin/notify@0.1.0": crate::host::portcullis::plugin::notify,
                    "portcullis:plugin/key-value@0.1.0":
                        crate::host::portcullis::plugin::key_value,
                    "wasi:config/store@0.2.0-rc.1": crate::host::wasi::config::store,
                },
            });
            pub use exports::portcullis::plugin::$interface::*;
        }
    };
}

export_of!(tools, "tool-plugin", "`tools`, to export.");
export_of!(resources, "resource-plugin", "`resources`, to export.");
export_of!(prompts, "prompt-plugin", "`prompts`, to export.");
export_of!(completion, "completion-plugin", "`completion`, to export.");
export_of!(lifecycle, "lifecycle-plugin", "`lifecycle`, to export.");

/// Exports interfaces from a guest: `export!(Echo: tools, resources)`.
///
/// Other platforms only see that the guest implements them. Their linkers choke on names such as
/// `portcullis:plugin/tools@0.1.0#call`, and the guests should be checked with the rest of the workspace.
#[macro_export]
macro_rules! export {
    ($guest:ident: $($interface:ident),+) => {$(
        #[cfg(target_family = "wasm")]
        $crate::$interface::export!($guest with_types_in $crate::$interface);
        #[cfg(not(target_family = "wasm"))]
        const _: () = {
            const fn implements<T: $crate::$interface::Guest>() {}
            implements::<$guest>();
        };
    )+};
}

pub use host::portcullis::plugin::call::{
    Context, Form, InputRequest, InputRequired, InputResponse, Page,
};
pub use host::portcullis::plugin::content::{
    ContentBlock, EmbeddedResource, MediaContent, ResourceBody, ResourceContents, ResourceLink,
    TextContent,
};
pub use host::portcullis::plugin::types::{Annotations, CustomError, Error, Icon, IconTheme, Role};
pub use host::portcullis::plugin::{cancellation, key_value, log, notify, progress};
pub use host::wasi::config::store as settings;
pub use tools::{CallOutcome, CallRequest, Tool, ToolPage, ToolResult};

/// How a round of a tool call ends.
pub type Outcome = Result<CallOutcome, Error>;

/// A guest with one trick, or a few of a kind, and the tool `ping`.
pub trait Trick {
    /// The tool that does the trick.
    const NAME: &'static str;

    /// The tools of the guest without `ping`.
    fn tools() -> Vec<Tool> {
        vec![tool(Self::NAME)]
    }

    /// Does the trick. It is asked for every name but `ping`.
    fn play(request: CallRequest, context: Context) -> Outcome;
}

impl<T: Trick> tools::Guest for T {
    fn list(_cursor: Option<String>) -> Result<ToolPage, Error> {
        Ok(page(T::tools()))
    }

    fn call(request: CallRequest, context: Context) -> Outcome {
        match request.name.as_str() {
            "ping" => answer("pong"),
            _ => T::play(request, context),
        }
    }
}

/// A tool that takes no arguments.
pub fn tool(name: impl Into<String>) -> Tool {
    tool_taking(name, r#"{"type":"object","additionalProperties":false}"#)
}

/// A tool with an input schema.
pub fn tool_taking(name: impl Into<String>, input_schema: impl Into<String>) -> Tool {
    Tool {
        name: name.into(),
        title: None,
        description: None,
        input_schema: input_schema.into(),
        output_schema: None,
        annotations: None,
        icons: None,
        task_support: None,
        required_capabilities: None,
        meta: None,
    }
}

/// The only page of a list: these tools and `ping`.
pub fn page(mut tools: Vec<Tool>) -> ToolPage {
    tools.push(tool("ping"));
    ToolPage {
        tools,
        next_cursor: None,
        cache: None,
    }
}

/// A block of text.
pub fn text(text: impl Into<String>) -> ContentBlock {
    ContentBlock::Text(TextContent {
        text: text.into(),
        annotations: None,
        meta: None,
    })
}

/// A result of one block of text.
pub fn said(words: impl Into<String>) -> ToolResult {
    ToolResult {
        content: vec![text(words)],
        structured: None,
        is_error: false,
        meta: None,
    }
}

/// Ends a call with text.
pub fn answer(words: impl Into<String>) -> Outcome {
    Ok(CallOutcome::Complete(said(words)))
}

/// The argument `name` of a call, null when it is missing.
pub fn argument(request: &CallRequest, name: &str) -> Value {
    serde_json::from_str::<Value>(&request.arguments)
        .map_or(Value::Null, |arguments| arguments[name].clone())
}

/// A resource of text, described.
pub fn resource(uri: impl Display) -> ResourceLink {
    ResourceLink {
        uri: uri.to_string(),
        name: uri.to_string(),
        title: None,
        description: None,
        mime_type: Some("text/plain".into()),
        size: None,
        annotations: None,
        icons: None,
        meta: None,
    }
}

/// The only page of a list of resources.
pub fn resource_page(resources: Vec<ResourceLink>) -> resources::ResourcePage {
    resources::ResourcePage {
        resources,
        next_cursor: None,
        cache: None,
    }
}

/// The only page of a list of templates, each named for itself.
pub fn template_page(uri_templates: &[&str]) -> resources::TemplatePage {
    let templates = uri_templates
        .iter()
        .map(|uri_template| resources::ResourceTemplate {
            uri_template: uri_template.to_string(),
            name: uri_template.to_string(),
            title: None,
            description: None,
            mime_type: None,
            annotations: None,
            icons: None,
            meta: None,
        });
    resources::TemplatePage {
        templates: templates.collect(),
        next_cursor: None,
        cache: None,
    }
}

/// The text of a resource.
pub fn contents(uri: impl Into<String>, words: impl Into<String>) -> ResourceContents {
    ResourceContents {
        uri: uri.into(),
        mime_type: Some("text/plain".into()),
        body: ResourceBody::Text(words.into()),
        meta: None,
    }
}

/// Ends a reading with contents.
pub fn read(contents: Vec<ResourceContents>) -> Result<resources::ReadOutcome, Error> {
    Ok(resources::ReadOutcome::Complete(resources::ReadResult {
        contents,
        cache: None,
        meta: None,
    }))
}
