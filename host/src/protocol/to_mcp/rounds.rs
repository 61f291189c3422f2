//! Questions, as a modern client gets them for an answer and a legacy one as requests.

use std::sync::atomic::{AtomicU64, Ordering};

use rmcp::model;
use serde_json::{Value, json};

use crate::contract::InputRequest;
use crate::host::{Asked, CallError};

/// The questions of a round.
pub(in crate::protocol) fn input_required(
    asked: Asked,
) -> Result<model::InputRequiredResult, CallError> {
    let requests: Result<model::InputRequests, CallError> = asked
        .requests
        .into_iter()
        .map(|(key, request)| Ok((key, input_request(request)?)))
        .collect();
    let requests = Some(requests?).filter(|requests| !requests.is_empty());
    Ok(model::InputRequiredResult::new(requests, Some(asked.state)))
}

/// One question.
///
/// # Errors
/// When a guest's words for the model are not what MCP has for them. Forms were checked when they came.
pub(in crate::protocol) fn input_request(
    request: InputRequest,
) -> Result<model::InputRequest, CallError> {
    input_request_named(request, next_elicitation_id())
}

/// The same under a name of the caller's, which only a page has.
pub(super) fn input_request_named(
    request: InputRequest,
    name: String,
) -> Result<model::InputRequest, CallError> {
    let (method, params): (_, Value) = match request {
        InputRequest::Form { message, schema } => (
            "elicitation/create",
            json!({"mode": "form", "message": message, "requestedSchema": schema}),
        ),
        InputRequest::Page { message, url } => (
            "elicitation/create",
            json!({"mode": "url", "message": message, "url": url, "elicitationId": name}),
        ),
        InputRequest::Sample(request) => ("sampling/createMessage", request.into()),
        InputRequest::Roots => ("roots/list", json!({})),
    };
    let request = json!({"method": method, "params": params});
    serde_json::from_value(request)
        .map_err(|error| CallError::Unanswerable(format!("`{method}` does not fit MCP: {error}")))
}

/// Names a page that a person is sent to. Nothing is kept under it: it tells a client's pages apart.
fn next_elicitation_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("page-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(request: InputRequest) -> Value {
        json!(input_request(request).expect("it fits MCP"))
    }

    #[test]
    fn questions_have_the_shape_mcp_gives_them() {
        let schema = json!({
            "type": "object", "required": ["a"],
            "properties": {
                "a": {"type": "string", "enum": ["x", "y"], "enumNames": ["X", "Y"], "default": "x"},
                "b": {"type": "integer", "default": 30, "minimum": 1},
                "c": {"type": "string", "oneOf": [{"const": "x", "title": "X"}]},
                "d": {"type": "array", "items": {"anyOf": [{"const": "x", "title": "X"}]}},
            },
        });
        let form = wire(InputRequest::Form {
            message: "?".to_owned(),
            schema: schema.as_object().cloned().unwrap_or_default(),
        });
        assert_eq!(form["method"], "elicitation/create");
        assert_eq!(form["params"]["requestedSchema"], schema);
        let page = wire(InputRequest::Page {
            message: "?".to_owned(),
            url: "https://example.com/".to_owned(),
        });
        assert_eq!(page["params"]["mode"], "url");
        assert_eq!(wire(InputRequest::Roots)["method"], "roots/list");
        let words = json!({
            "messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}], "maxTokens": 9,
        });
        let sample = wire(InputRequest::Sample(
            words.as_object().cloned().unwrap_or_default(),
        ));
        assert_eq!(sample["params"], words);
    }

    #[test]
    fn words_for_the_model_that_do_not_fit_mcp_are_refused() {
        let words = json!({"messages": [{"role": "nobody"}], "maxTokens": 9});
        let request = InputRequest::Sample(words.as_object().cloned().unwrap_or_default());
        assert!(matches!(
            input_request(request),
            Err(CallError::Unanswerable(_))
        ));
    }
}
