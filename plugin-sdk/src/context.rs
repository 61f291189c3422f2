//! What travels with a call.

use std::time::Duration;

use serde_json::Value;

use crate::Response;
pub use crate::bindings::host::portcullis::plugin::call::{
    ClientCapabilities, ClientInfo, Principal, TraceContext,
};
use crate::bindings::host::portcullis::plugin::call::{Context as Call, Continuation};

/// The call's surroundings: who asks, what the client can do, and what earlier rounds left behind.
///
/// A function that declares a parameter of this type, or a reference to it, gets it; it is not an argument that a
/// client could set. Unit tests start from `Context::default()`.
#[derive(Debug, Clone)]
pub struct Context {
    call: Call,
    responses: Vec<(String, Response)>,
    state: Option<Vec<u8>>,
    filled_in: Vec<(String, String)>,
}

impl Context {
    pub(crate) fn new(call: Call, continuation: Continuation) -> Self {
        let responses = continuation.responses.into_iter();
        Self {
            call,
            responses: responses.map(|(key, it)| (key, it.into())).collect(),
            state: continuation.state,
            filled_in: Vec::new(),
        }
    }

    pub(crate) fn completing(call: Call, filled_in: Vec<(String, String)>) -> Self {
        Self {
            call,
            filled_in,
            ..Self::default()
        }
    }

    /// The host's name for this call, unique while it runs.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call.call_id
    }

    /// The MCP revision the client speaks, such as `2026-07-28`.
    #[must_use]
    pub fn protocol_version(&self) -> &str {
        &self.call.protocol_version
    }

    /// The program that asks, as it names itself: for display, never for a decision.
    #[must_use]
    pub fn client(&self) -> Option<&ClientInfo> {
        self.call.client.as_ref()
    }

    /// What the client can do.
    #[must_use]
    pub fn capabilities(&self) -> &ClientCapabilities {
        &self.call.capabilities
    }

    /// Who asks, when the transport authenticated somebody.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.call.principal.as_ref()
    }

    /// The W3C trace this call belongs to.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.call.trace.as_ref()
    }

    /// The time that was left when the call began. After it the host stops the plugin, wherever it is.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.call.deadline_ms.into())
    }

    /// The request's `_meta` object.
    #[must_use]
    pub fn meta(&self) -> Option<Value> {
        serde_json::from_str(self.call.meta.as_deref()?).ok()
    }

    /// The response to the question an earlier round asked under `key`. None: it was not asked or not answered.
    #[must_use]
    pub fn response(&self, key: &str) -> Option<&Response> {
        let mut responses = self.responses.iter();
        responses.find(|(of, _)| of == key).map(|(_, it)| it)
    }

    /// The state an earlier round kept.
    #[must_use]
    pub fn state(&self) -> Option<&[u8]> {
        self.state.as_deref()
    }

    /// While completing: the value of another argument that is filled in already.
    #[must_use]
    pub fn filled_in(&self, argument: &str) -> Option<&str> {
        let mut others = self.filled_in.iter();
        others.find(|(of, _)| of == argument).map(|(_, it)| &**it)
    }

    /// The same, after a round in which this response came. For unit tests.
    #[must_use]
    pub fn with_response(mut self, key: impl Into<String>, response: Response) -> Self {
        self.responses.push((key.into(), response));
        self
    }

    /// The same, after a round that kept this state. For unit tests.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// The same, for a client that can do this. For unit tests.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: ClientCapabilities) -> Self {
        self.call.capabilities = capabilities;
        self
    }
}

/// The first round of a call by an unknown client that can do nothing special.
impl Default for Context {
    fn default() -> Self {
        let call = Call {
            call_id: String::new(),
            protocol_version: String::from("2026-07-28"),
            client: None,
            capabilities: ClientCapabilities {
                elicitation_form: false,
                elicitation_url: false,
                sampling: false,
                sampling_tools: false,
                roots: false,
                tasks: false,
                extensions: Vec::new(),
            },
            principal: None,
            trace: None,
            deadline_ms: 30_000,
            meta: None,
        };
        Self {
            call,
            responses: Vec::new(),
            state: None,
            filled_in: Vec::new(),
        }
    }
}
