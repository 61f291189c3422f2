//! Why there is no answer, in the way MCP says it: whose fault it is decides between a result and an error.

use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, ErrorData};
use serde_json::json;

use crate::contract::{JsonObject, PluginError};
use crate::host::CallError;

/// What was called, since MCP has different words for the same failure.
#[derive(Debug, Clone, Copy)]
pub(in crate::protocol) enum Subject<'a> {
    /// `tools/call`, `prompts/get` or `completion/complete`.
    Named,
    /// `resources/read` of this URI.
    Resource(&'a str),
}

/// Why a tool call has no answer. What the model can act on is a result that says so; the rest is an error, which most
/// clients show to nobody.
pub(in crate::protocol) fn tool_failure(failure: CallError) -> Result<CallToolResult, ErrorData> {
    let is_for_the_model = match &failure {
        CallError::BadArguments(_)
        | CallError::Failed(_)
        | CallError::NotInService { .. }
        | CallError::Quarantined { .. }
        | CallError::Replaced
        | CallError::TooManyRounds
        | CallError::TooManyTasks { .. }
        | CallError::Unkept(_)
        | CallError::Unsealed(_)
        | CallError::Unanswered(_)
        | CallError::Unanswerable(_) => true,
        CallError::Refused { error, .. } => matches!(
            **error,
            PluginError::Denied(_) | PluginError::Unavailable(_) | PluginError::Other(_)
        ),
        CallError::Unknown { .. }
        | CallError::MissingCapability(_)
        | CallError::BadState
        | CallError::NoSuchTask
        | CallError::Cancelled => false,
    };
    match failure {
        CallError::Refused { plugin, error } if is_for_the_model => {
            Ok(no(format!("plugin `{plugin}`: {error}")))
        }
        failure if is_for_the_model => Ok(no(failure.to_string())),
        failure => Err(error(failure, Subject::Named)),
    }
}

fn no(sentence: String) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(sentence)])
}

/// Why there is no answer, as a JSON-RPC error.
pub(in crate::protocol) fn error(failure: CallError, subject: Subject<'_>) -> ErrorData {
    match failure {
        CallError::Unknown { .. } => not_found(failure.to_string(), subject),
        CallError::BadArguments(sentence) => ErrorData::invalid_params(sentence, None),
        CallError::BadState | CallError::Replaced | CallError::NoSuchTask => {
            ErrorData::invalid_params(failure.to_string(), None)
        }
        CallError::MissingCapability(required) => missing_capability(required),
        CallError::Refused { plugin, error } => match *error {
            PluginError::InvalidParams(sentence) => ErrorData::invalid_params(sentence, None),
            error @ PluginError::NotFound(_) => not_found(error.to_string(), subject),
            PluginError::MissingCapability(required) => missing_capability(required),
            PluginError::Custom {
                code,
                message,
                data,
            } => ErrorData::new(ErrorCode(code), message, data),
            error @ (PluginError::Denied(_)
            | PluginError::Unavailable(_)
            | PluginError::Other(_)) => {
                ErrorData::internal_error(format!("plugin `{plugin}`: {error}"), None)
            }
        },
        CallError::Failed(_)
        | CallError::NotInService { .. }
        | CallError::Quarantined { .. }
        | CallError::TooManyRounds
        | CallError::TooManyTasks { .. }
        | CallError::Unkept(_)
        | CallError::Unsealed(_)
        | CallError::Unanswered(_)
        | CallError::Unanswerable(_) => ErrorData::internal_error(failure.to_string(), None),
        // Nobody hears this when the client cancelled; somebody may when the host goes down.
        CallError::Cancelled => ErrorData::internal_error(failure.to_string(), None),
    }
}

/// The library gives a resource that is not there the code of the client's era.
fn not_found(sentence: String, subject: Subject<'_>) -> ErrorData {
    match subject {
        Subject::Named => ErrorData::invalid_params(sentence, None),
        Subject::Resource(uri) => {
            ErrorData::resource_not_found(sentence, Some(json!({"uri": uri})))
        }
    }
}

/// Built by hand: the library's own constructor would lose capabilities it does not know.
fn missing_capability(required: JsonObject) -> ErrorData {
    ErrorData::new(
        ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
        "the client lacks a capability this call needs",
        Some(json!({"requiredCapabilities": required})),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: PluginError) -> CallError {
        CallError::Refused {
            plugin: "demo".parse().expect("a good name"),
            error: Box::new(error),
        }
    }

    #[test]
    fn what_the_model_can_act_on_is_a_result() {
        let check = |failure: CallError, sentence: &str| {
            let result = tool_failure(failure).expect("a result");
            assert_eq!(result.is_error, Some(true));
            let text = result.content[0].as_text().map(|text| text.text.as_str());
            assert_eq!(text, Some(sentence));
        };
        check(
            CallError::BadArguments("`a` is missing".to_owned()),
            "`a` is missing",
        );
        check(
            refused(PluginError::Denied("network".to_owned())),
            "plugin `demo`: not granted: network",
        );
        check(
            refused(PluginError::Unavailable("the index".to_owned())),
            "plugin `demo`: not available now: the index",
        );
        let out = CallError::NotInService {
            plugin: "demo".parse().expect("a good name"),
            reason: "it is quarantined".to_owned(),
        };
        check(out, "plugin `demo` is not in service: it is quarantined");
        check(
            refused(PluginError::Other(None)),
            "plugin `demo`: the plugin gave no reason",
        );
    }

    #[test]
    fn the_rest_is_an_error_that_says_whose_fault_it_is() {
        let check = |failure: CallError, code: i32| {
            let error = tool_failure(failure).expect_err("an error");
            assert_eq!(error.code.0, code, "{error:?}");
        };
        check(refused(PluginError::InvalidParams("x".to_owned())), -32602);
        check(
            refused(PluginError::NotFound("tool `x`".to_owned())),
            -32602,
        );
        check(
            refused(PluginError::MissingCapability(JsonObject::new())),
            -32021,
        );
        check(
            refused(PluginError::Custom {
                code: 7,
                message: "x".to_owned(),
                data: None,
            }),
            7,
        );
        check(CallError::MissingCapability(JsonObject::new()), -32021);
        check(CallError::BadState, -32602);
        check(CallError::Cancelled, -32603);
    }

    #[test]
    fn a_resource_that_is_not_there_is_named_in_the_error() {
        let failure = refused(PluginError::NotFound("resource".to_owned()));
        let error = error(failure, Subject::Resource("a://x"));
        assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND);
        assert_eq!(error.data, Some(json!({"uri": "a://x"})));
    }

    #[test]
    fn a_missing_capability_is_told_as_the_plugin_wrote_it() {
        let required = json!({"sampling": {}, "telepathy": {"far": true}});
        let failure =
            CallError::MissingCapability(required.as_object().cloned().unwrap_or_default());
        let error = tool_failure(failure).expect_err("an error");
        assert_eq!(error.data, Some(json!({"requiredCapabilities": required})));
    }
}
