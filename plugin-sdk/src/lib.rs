#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

// The generated code says `::portcullis_plugin::…` wherever it lands, in this crate too.
extern crate self as portcullis_plugin;

mod answer;
mod arguments;
pub mod bindings;
mod cancellation;
mod content;
mod contents;
mod context;
mod error;
#[doc(hidden)]
pub mod glue;
pub mod http;
mod imports;
mod json;
pub mod key_value;
pub mod log;
mod message;
pub mod notify;
mod outcome;
pub mod prelude;
pub mod progress;
mod response;
pub mod schema;
pub mod settings;
mod task;
mod template;

pub use answer::{Answer, IntoAnswer};
pub use cancellation::cancelled;
pub use content::{Annotations, Content, Role};
pub use contents::{Contents, IntoContents};
pub use context::{ClientCapabilities, ClientInfo, Context, Principal, TraceContext};
pub use error::Error;
pub use glue::lifecycle::DeactivationReason;
pub use json::Json;
pub use message::{IntoMessages, Message};
pub use outcome::{Outcome, Questions};
pub use portcullis_plugin_macros::{
    activate, complete, data, deactivate, health, plugin, prompt, resource, task, tool,
};
pub use response::{Response, Root};
pub use task::Task;

pub use schemars;
pub use serde;
pub use serde_json;
