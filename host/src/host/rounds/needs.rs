//! What a client has to be able to do for a question to be put to it.

use serde_json::{Map, Value, json};

use crate::contract::{ClientCapabilities, InputRequest, JsonObject};
use crate::host::CallError;

/// Refuses to ask what the client did not declare that it can answer.
pub(in crate::host) fn refuse_undeclared(
    requests: &[(String, InputRequest)],
    declared: &ClientCapabilities,
) -> Result<(), CallError> {
    let lacking: JsonObject = requests
        .iter()
        .map(|(_, request)| need(request))
        .filter(|need| !declared.cover(need))
        .fold(Map::new(), |mut all, need| {
            all.extend(need);
            all
        });
    match lacking.is_empty() {
        true => Ok(()),
        false => Err(CallError::MissingCapability(lacking)),
    }
}

/// Shaped as MCP `ClientCapabilities`.
fn need(request: &InputRequest) -> JsonObject {
    let (capability, detail) = match request {
        InputRequest::Form { .. } => ("elicitation", json!({"form": {}})),
        InputRequest::Page { .. } => ("elicitation", json!({"url": {}})),
        InputRequest::Sample(request) => {
            let with_tools = request.contains_key("tools") || request.contains_key("toolChoice");
            let detail: Value = if with_tools {
                json!({"tools": {}})
            } else {
                json!({})
            };
            ("sampling", detail)
        }
        InputRequest::Roots => ("roots", json!({})),
    };
    Map::from_iter([(capability.to_owned(), detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_that_the_client_did_not_declare() {
        let form = InputRequest::Form {
            message: String::new(),
            schema: Map::new(),
        };
        let page = InputRequest::Page {
            message: String::new(),
            url: String::new(),
        };
        let model = InputRequest::Sample(Map::new());
        let model_with_tools =
            InputRequest::Sample(Map::from_iter([("tools".to_owned(), json!([]))]));
        let can = ClientCapabilities {
            elicitation_form: true,
            sampling: true,
            ..Default::default()
        };
        let lacking = |request: &InputRequest| {
            let requests = [("a".to_owned(), request.clone())];
            match refuse_undeclared(&requests, &can) {
                Err(CallError::MissingCapability(lacking)) => Some(Value::Object(lacking)),
                _ => None,
            }
        };
        assert_eq!(lacking(&form), None);
        assert_eq!(lacking(&model), None);
        assert_eq!(lacking(&page), Some(json!({"elicitation": {"url": {}}})));
        assert_eq!(
            lacking(&model_with_tools),
            Some(json!({"sampling": {"tools": {}}}))
        );
        assert_eq!(lacking(&InputRequest::Roots), Some(json!({"roots": {}})));
    }
}
