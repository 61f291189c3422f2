//! What a client sends, in the host's words. All of it is a claim; nothing here is an identity.

#![expect(
    deprecated,
    reason = "log levels are deprecated in MCP and still served"
)]

use rmcp::RoleServer;
use rmcp::model::{
    self, ClientCapabilities, CompleteRequestParams, ErrorData, InputResponses, LoggingLevel,
    ProgressToken, RequestMetaObject,
};
use rmcp::service::RequestContext;

use super::Era;
use super::session::Session;
use crate::contract::{self, ClientInfo, Context, JsonObject, LogLevel, Reference, TraceContext};
use crate::host::Retry;

/// The keys of a request's `_meta` that MCP keeps for itself. The host answers for them.
const RESERVED_PREFIX: &str = "io.modelcontextprotocol/";

/// More keys the host answers for. Baggage is one because it may carry secrets from the systems behind the client.
const RESERVED_KEYS: [&str; 4] = ["progressToken", "traceparent", "tracestate", "baggage"];

/// Characters of a `tracestate` that W3C Trace Context asks everybody to pass on.
const TRACESTATE_CHARS_MAX: usize = 512;

/// What surrounds a request: what the plugin is told, and what the client wants to be told meanwhile.
pub(super) struct Surroundings {
    /// For the plugin.
    pub(super) context: Context,
    /// The name under which the client wants progress.
    pub(super) progress: Option<ProgressToken>,
    /// The least level of the log lines it wants.
    pub(super) log_level: Option<LogLevel>,
}

/// Reads what surrounds a request, and takes its `_meta`.
pub(super) fn surroundings(
    request: &mut RequestContext<RoleServer>,
    session: &Session,
) -> Surroundings {
    let version = request.protocol_version();
    let log_level = match Era::speaking(version.as_ref()) {
        // The revision forbids lines that the request itself did not ask for.
        Era::Modern => request.meta.log_level().map(log_level),
        Era::Legacy => session.log_level(),
    };
    let progress = request.meta.get_progress_token();

    // What the request says of its client comes first; only a legacy session said it before.
    let peer = request.peer.peer_info();
    let client = request.meta.client_info();
    let client = client
        .as_ref()
        .or(peer.as_ref().map(|peer| &peer.client_info));
    let declared = request.meta.client_capabilities();
    let declared = declared
        .as_ref()
        .or(peer.as_ref().map(|peer| &peer.capabilities));
    let mut capabilities = declared.map(capabilities).unwrap_or_default();
    // What older revisions call tasks is something else.
    capabilities.tasks &= Era::speaking(version.as_ref()) == Era::Modern;
    let context = Context {
        protocol_version: version
            .map(|version| version.to_string())
            .unwrap_or_default(),
        client: client.map(|client| ClientInfo {
            name: client.name.clone(),
            version: client.version.clone(),
        }),
        capabilities,
        principal: principal(request),
        trace: trace(&request.meta),
        meta: open_meta(std::mem::take(&mut request.meta)),
    };
    Surroundings {
        context,
        progress,
        log_level,
    }
}

/// Who asks, when the transport made sure of it. No client can say this by itself: over HTTP it is put beside the request
/// at the door, and other transports have nothing of the kind.
fn principal(request: &RequestContext<RoleServer>) -> Option<contract::Principal> {
    let parts = request.extensions.get::<http::request::Parts>()?;
    parts.extensions.get::<contract::Principal>().cloned()
}

/// What a client declared that it can do.
fn capabilities(declared: &ClientCapabilities) -> contract::ClientCapabilities {
    let elicitation = declared.elicitation.as_ref();
    let sampling = declared.sampling.as_ref();
    contract::ClientCapabilities {
        // Elicitation without a mode means forms: they came first.
        elicitation_form: elicitation.is_some_and(|can| can.form.is_some() || can.url.is_none()),
        elicitation_url: elicitation.is_some_and(|can| can.url.is_some()),
        sampling: sampling.is_some(),
        sampling_tools: sampling.is_some_and(|can| can.tools.is_some()),
        roots: declared.roots.is_some(),
        tasks: declared.supports_tasks(),
        extensions: declared
            .extensions
            .iter()
            .flatten()
            .map(|(name, settings)| (name.clone(), settings.clone()))
            .collect(),
    }
}

/// The trace a request belongs to, when it says so in the form that can be put into an HTTP header.
pub(super) fn trace(meta: &RequestMetaObject) -> Option<TraceContext> {
    trace_of(meta.get_traceparent()?, meta.get_tracestate())
}

/// The trace two texts name, when they have that form.
pub(super) fn trace_of(traceparent: &str, tracestate: Option<&str>) -> Option<TraceContext> {
    let traceparent = Some(traceparent).filter(|claimed| is_traceparent(claimed))?;
    let tracestate = tracestate.filter(|claimed| {
        claimed.len() <= TRACESTATE_CHARS_MAX && claimed.bytes().all(|b| matches!(b, b' '..=b'~'))
    });
    Some(TraceContext {
        traceparent: traceparent.to_owned(),
        tracestate: tracestate.map(str::to_owned),
    })
}

/// Whether a text is a `traceparent`: four fields of lower-case hexadecimal digits, of a version that can be, and with a
/// trace and a span that are not zero.
fn is_traceparent(claimed: &str) -> bool {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let mut fields = claimed.split('-');
    let is_zero = |field: &str| field.bytes().all(|b| b == b'0');
    let is_sound = [2, 32, 16, 2].into_iter().all(|length| {
        fields.next().is_some_and(|field| {
            let has_form = field.len() == length && field.bytes().all(is_hex);
            has_form && (length == 2 || !is_zero(field))
        })
    });
    is_sound && fields.next().is_none() && !claimed.starts_with("ff")
}

/// A request's `_meta` without the keys the host answers for.
fn open_meta(meta: RequestMetaObject) -> Option<JsonObject> {
    let RequestMetaObject(model::MetaObject(mut meta)) = meta;
    meta.retain(|key, _| {
        !key.starts_with(RESERVED_PREFIX) && !RESERVED_KEYS.contains(&key.as_str())
    });
    (!meta.is_empty()).then_some(meta)
}

/// A level in the host's words.
pub(super) fn log_level(level: LoggingLevel) -> LogLevel {
    match level {
        LoggingLevel::Debug => LogLevel::Debug,
        LoggingLevel::Info => LogLevel::Info,
        LoggingLevel::Notice => LogLevel::Notice,
        LoggingLevel::Warning => LogLevel::Warning,
        LoggingLevel::Error => LogLevel::Error,
        LoggingLevel::Critical => LogLevel::Critical,
        LoggingLevel::Alert => LogLevel::Alert,
        LoggingLevel::Emergency => LogLevel::Emergency,
    }
}

/// A prompt's arguments. Their values are text.
pub(super) fn prompt_arguments(
    arguments: Option<JsonObject>,
) -> Result<Vec<(String, String)>, ErrorData> {
    let text = |(name, value)| match value {
        serde_json::Value::String(value) => Ok((name, value)),
        _ => Err(ErrorData::invalid_params(
            format!("the prompt's argument `{name}` is not text"),
            None,
        )),
    };
    arguments.into_iter().flatten().map(text).collect()
}

/// One request for suggestions.
pub(super) struct Completion {
    /// What is being filled in.
    pub(super) reference: Reference,
    /// The argument being typed.
    pub(super) argument: String,
    /// What is typed so far.
    pub(super) value: String,
    /// What is filled in already, by name.
    pub(super) others: Vec<(String, String)>,
}

/// Reads a request for suggestions.
pub(super) fn completion(request: CompleteRequestParams) -> Result<Completion, ErrorData> {
    let reference = match request.r#ref {
        model::Reference::Prompt(prompt) => Reference::Prompt(prompt.name),
        model::Reference::Resource(template) => Reference::ResourceTemplate(template.uri),
        _ => return Err(ErrorData::invalid_params("unknown kind of `ref`", None)),
    };
    let filled_in = request.context.and_then(|context| context.arguments);
    let mut others: Vec<_> = filled_in.into_iter().flatten().collect();
    others.sort_unstable();
    Ok(Completion {
        reference,
        argument: request.argument.name,
        value: request.argument.value,
        others,
    })
}

/// What a client brings back for a call that asked.
pub(super) fn retry(responses: Option<InputResponses>, state: Option<String>) -> Retry {
    Retry {
        responses: responses.unwrap_or_default(),
        state,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(value: serde_json::Value) -> RequestMetaObject {
        serde_json::from_value(value).expect("the rows are objects")
    }

    #[test]
    fn a_plugin_sees_only_the_meta_the_host_does_not_answer_for() {
        let check = |sent: serde_json::Value, seen: Option<serde_json::Value>| {
            let open = open_meta(meta(sent.clone())).map(serde_json::Value::Object);
            assert_eq!(open, seen, "{sent}");
        };
        check(json!({}), None);
        check(json!({"progressToken": 1}), None);
        check(json!({"baggage": "token=x", "traceparent": "00"}), None);
        check(
            json!({"io.modelcontextprotocol/clientInfo": {}, "a/b": 1}),
            Some(json!({"a/b": 1})),
        );
    }

    #[test]
    fn a_trace_is_passed_on_only_in_its_proper_form() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
        let traced = |parent: &str| trace(&meta(json!({"traceparent": parent}))).is_some();
        assert!(traced(good));
        for bad in [
            "",
            "00",
            &good[..54],
            &format!("{good}-00"),
            &good.to_uppercase(),
            &format!("{good}\r\nx: y"),
        ] {
            assert!(!traced(bad), "{bad:?}");
        }
        let state = |state: &str| {
            let meta = meta(json!({"traceparent": good, "tracestate": state}));
            trace(&meta).and_then(|trace| trace.tracestate)
        };
        assert_eq!(state("a=1").as_deref(), Some("a=1"));
        assert_eq!(state("a=1\r\nx: y"), None);
        assert_eq!(state(&"a".repeat(513)), None);
    }

    #[test]
    fn capabilities_are_read_as_declared() {
        let read = |declared: serde_json::Value| {
            capabilities(&serde_json::from_value(declared).expect("the rows are capabilities"))
        };
        assert_eq!(read(json!({})), contract::ClientCapabilities::default());
        let forms = read(json!({"elicitation": {}}));
        assert!(forms.elicitation_form && !forms.elicitation_url);
        let pages = read(json!({"elicitation": {"url": {}}}));
        assert!(!pages.elicitation_form && pages.elicitation_url);
        let models = read(json!({"sampling": {"tools": {}}, "roots": {}}));
        assert!(models.sampling && models.sampling_tools && models.roots);
        let tasks =
            read(json!({"extensions": {"io.modelcontextprotocol/tasks": {}, "a/b": {"c": 1}}}));
        assert!(tasks.tasks);
        assert_eq!(tasks.extensions.len(), 2);
    }

    #[test]
    fn a_prompt_argument_that_is_not_text_is_refused_by_name() {
        let read = |value: serde_json::Value| prompt_arguments(value.as_object().cloned());
        assert_eq!(
            read(json!({"a": "1"})),
            Ok(vec![("a".to_owned(), "1".to_owned())])
        );
        assert_eq!(read(serde_json::Value::Null), Ok(Vec::new()));
        let error = read(json!({"a": 1})).expect_err("a number is not text");
        assert!(error.message.contains("`a`"));
    }
}
