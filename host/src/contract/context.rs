//! What the host tells a plugin about a call.

use serde::{Deserialize, Serialize};

use super::JsonObject;

/// The name of MCP's extension for tasks.
pub const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// Who asks, what their client can do, and what travels along. Nothing in it is a secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// The MCP revision the client speaks.
    pub protocol_version: String,
    /// The client's name for itself: for display only.
    pub client: Option<ClientInfo>,
    /// What it declared for this call.
    pub capabilities: ClientCapabilities,
    /// Who asks, when the transport knows.
    pub principal: Option<Principal>,
    /// The trace the call belongs to.
    pub trace: Option<TraceContext>,
    /// The request's `_meta`, without the keys the host answers for.
    pub meta: Option<JsonObject>,
}

/// A program's name for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What a client can do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientCapabilities {
    /// Show a form.
    pub elicitation_form: bool,
    /// Send a person to a URL.
    pub elicitation_url: bool,
    /// Run its language model for the plugin.
    pub sampling: bool,
    /// Let that model use tools.
    pub sampling_tools: bool,
    /// Name its folders.
    pub roots: bool,
    /// Follow tasks.
    pub tasks: bool,
    /// Extensions with their settings.
    pub extensions: Vec<(String, JsonObject)>,
}

impl ClientCapabilities {
    /// Whether all that `required` names, shaped as MCP `ClientCapabilities`, is there. A name this host does not know
    /// is not there.
    pub fn cover(&self, required: &JsonObject) -> bool {
        let within = |value: &serde_json::Value, known: &dyn Fn(&str) -> bool| {
            value
                .as_object()
                .is_some_and(|inner| inner.keys().all(|key| known(key)))
        };
        required.iter().all(|(name, value)| match name.as_str() {
            "elicitation" => {
                (self.elicitation_form || self.elicitation_url)
                    && within(value, &|key| match key {
                        "form" => self.elicitation_form,
                        "url" => self.elicitation_url,
                        _ => false,
                    })
            }
            "sampling" => {
                self.sampling && within(value, &|key| key == "tools" && self.sampling_tools)
            }
            "roots" => self.roots,
            "extensions" => within(value, &|key| {
                self.extensions.iter().any(|(name, _)| name == key)
            }),
            _ => false,
        })
    }
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// A stable name.
    pub subject: String,
    /// What the caller may do.
    pub scopes: Vec<String>,
}

/// W3C Trace Context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceContext {
    /// `traceparent`.
    pub traceparent: String,
    /// `tracestate`.
    pub tracestate: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_covered_only_by_what_was_declared() {
        let client = ClientCapabilities {
            elicitation_form: true,
            sampling: true,
            ..Default::default()
        };
        let check = |required: serde_json::Value, expected| {
            let required = required.as_object().expect("the rows are objects").clone();
            assert_eq!(client.cover(&required), expected, "{required:?}");
        };
        check(serde_json::json!({}), true);
        check(serde_json::json!({"elicitation": {}}), true);
        check(serde_json::json!({"elicitation": {"form": {}}}), true);
        check(serde_json::json!({"elicitation": {"url": {}}}), false);
        check(serde_json::json!({"sampling": {}}), true);
        check(serde_json::json!({"sampling": {"tools": {}}}), false);
        check(serde_json::json!({"sampling": {}, "roots": {}}), false);
        check(serde_json::json!({"telepathy": {}}), false);
    }
}
