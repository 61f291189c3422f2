//! The names OpenTelemetry has for things, and how long a value may be.

use opentelemetry::{KeyValue, Value};

/// The method of MCP.
pub(super) const METHOD: &str = "mcp.method.name";
/// The tool's public name.
pub(super) const TOOL: &str = "gen_ai.tool.name";
/// The prompt's public name.
pub(super) const PROMPT: &str = "gen_ai.prompt.name";
/// What a tool call is in terms of models.
pub(super) const OPERATION: &str = "gen_ai.operation.name";
/// The resource, when it is a listed one.
pub(super) const RESOURCE: &str = "mcp.resource.uri";
/// The request's own id.
pub(super) const REQUEST_ID: &str = "jsonrpc.request.id";
/// The code of a JSON-RPC error.
pub(super) const STATUS_CODE: &str = "rpc.response.status_code";
/// Why it failed, in one word.
pub(super) const ERROR: &str = "error.type";
/// The revision of MCP.
pub(super) const PROTOCOL_VERSION: &str = "mcp.protocol.version";
/// The session, of a legacy client over HTTP.
pub(super) const SESSION: &str = "mcp.session.id";
/// How the request came.
pub(super) const TRANSPORT: &str = "network.transport";
/// What it came in, over HTTP.
pub(super) const NETWORK_PROTOCOL: &str = "network.protocol.name";
/// Which version of it.
pub(super) const NETWORK_VERSION: &str = "network.protocol.version";

/// The plugin's name.
pub(super) const PLUGIN: &str = "portcullis.plugin.name";
/// Which component it is.
pub(super) const DIGEST: &str = "portcullis.plugin.digest";
/// Units of fuel.
pub(super) const FUEL: &str = "portcullis.visit.fuel";
/// Bytes of linear memory.
pub(super) const MEMORY: &str = "portcullis.visit.memory_bytes";
/// Microseconds of a core.
pub(super) const CPU: &str = "portcullis.visit.cpu_us";
/// Calls into the host.
pub(super) const HOST_CALLS: &str = "portcullis.visit.host_calls";
/// Bytes that left for the network.
pub(super) const BYTES_SENT: &str = "portcullis.visit.bytes_sent";
/// Bytes that came from it.
pub(super) const BYTES_RECEIVED: &str = "portcullis.visit.bytes_received";

/// What stands for a value that is not among those known beforehand, as OpenTelemetry has it.
pub(super) const OTHER: &str = "_OTHER";

/// Bytes of a value. Names are at most 60, a digest is 71, and a UUID is 36; what a client chose to be longer than any of
/// them is cut.
const VALUE_BYTES_MAX: usize = 128;

/// How a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over standard input and output.
    Pipe,
    /// Over HTTP.
    Http,
}

impl Transport {
    pub(super) fn attribute(self) -> KeyValue {
        KeyValue::new(
            TRANSPORT,
            match self {
                Self::Pipe => "pipe",
                Self::Http => "tcp",
            },
        )
    }
}

/// A text of whatever origin, cut to what a value may have.
pub(super) fn bounded(text: &str) -> Value {
    text[..text.floor_char_boundary(VALUE_BYTES_MAX)]
        .to_owned()
        .into()
}

/// A number as OpenTelemetry has them.
pub(super) fn count(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_where_a_character_ends() {
        assert_eq!(bounded("short"), Value::from("short"));
        let long = "ä".repeat(VALUE_BYTES_MAX);
        assert_eq!(bounded(&long).as_str().len(), VALUE_BYTES_MAX);
        let odd = format!("a{long}");
        assert_eq!(bounded(&odd).as_str().len(), VALUE_BYTES_MAX - 1);
    }
}
