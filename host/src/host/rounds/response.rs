//! What came back for a question. The client wrote it: what does not fit its question counts as no response.

use serde_json::Value;

use crate::catalogue::schema::ArgumentCheck;
use crate::contract::{InputRequest, InputResponse, JsonObject, Root};
use crate::limits::{ROOTS_MAX, URI_BYTES_MAX};

/// Reads MCP's `ElicitResult`, `CreateMessageResult` or `ListRootsResult`, whichever the question asks for.
pub(in crate::host) fn read(request: &InputRequest, response: &Value) -> Option<InputResponse> {
    let response = response.as_object()?;
    match request {
        InputRequest::Form { schema, .. } => elicited(response, |content| {
            let content = content?;
            fits(schema, content).then(|| content.as_object().cloned())?
        }),
        // Nothing of what happens on a page comes through the client.
        InputRequest::Page { .. } => elicited(response, |_| Some(JsonObject::new())),
        InputRequest::Sample(_) => sampled(response),
        InputRequest::Roots => roots(response),
    }
}

fn elicited(
    response: &JsonObject,
    accepted: impl FnOnce(Option<&Value>) -> Option<JsonObject>,
) -> Option<InputResponse> {
    match response.get("action")?.as_str()? {
        "accept" => accepted(response.get("content")).map(InputResponse::Accepted),
        "decline" => Some(InputResponse::Declined),
        "cancel" => Some(InputResponse::Cancelled),
        _ => None,
    }
}

/// Whether a filled-in form fits its schema. An answer that takes long to check fits no form that people fill in.
fn fits(schema: &JsonObject, content: &Value) -> bool {
    let check = ArgumentCheck::compile(&Value::Object(schema.clone()));
    check.is_ok_and(|check| check.is_quick(content) && check.check(content).is_ok())
}

fn sampled(response: &JsonObject) -> Option<InputResponse> {
    let is_complete = response.get("role").is_some_and(Value::is_string)
        && response.get("model").is_some_and(Value::is_string)
        && response
            .get("content")
            .is_some_and(|content| content.is_object() || content.is_array());
    is_complete.then(|| InputResponse::Sampled(response.clone()))
}

fn roots(response: &JsonObject) -> Option<InputResponse> {
    let claimed = response.get("roots")?.as_array()?;
    if claimed.len() > ROOTS_MAX {
        return None;
    }
    let root = |claimed: &Value| {
        let uri = claimed.get("uri")?.as_str()?;
        let fits = uri.starts_with("file://") && uri.len() <= URI_BYTES_MAX;
        let name = claimed.get("name").and_then(Value::as_str);
        fits.then(|| Root {
            uri: uri.to_owned(),
            name: name.map(str::to_owned),
        })
    };
    let roots: Option<Vec<_>> = claimed.iter().map(root).collect();
    roots.map(InputResponse::Roots)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> InputRequest {
        let schema = json!({
            "type": "object", "required": ["name"],
            "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer"}},
        });
        InputRequest::Form {
            message: String::new(),
            schema: schema.as_object().cloned().unwrap_or_default(),
        }
    }

    #[test]
    fn a_form_that_does_not_fit_its_schema_is_no_response() {
        let check = |response: Value, fits: bool| {
            assert_eq!(read(&form(), &response).is_some(), fits, "{response}");
        };
        check(
            json!({"action": "accept", "content": {"name": "Ada"}}),
            true,
        );
        check(
            json!({"action": "accept", "content": {"name": "Ada", "age": 36}}),
            true,
        );
        check(json!({"action": "decline"}), true);
        check(json!({"action": "cancel", "content": "whatever"}), true);
        for bad in [
            json!({"action": "accept"}),
            json!({"action": "accept", "content": {}}),
            json!({"action": "accept", "content": {"name": 7}}),
            json!({"action": "accept", "content": {"name": "too long"}}),
            json!({"action": "accept", "content": []}),
            json!({"action": "maybe"}),
            json!({"name": "Ada"}),
            json!({}),
            json!("Ada"),
            json!(7),
            json!(null),
        ] {
            check(bad, false);
        }
    }

    #[test]
    fn the_models_words_and_the_folders_have_mcps_shape() {
        let model = InputRequest::Sample(JsonObject::new());
        let words =
            json!({"role": "assistant", "model": "m", "content": {"type": "text", "text": "hi"}});
        assert!(matches!(
            read(&model, &words),
            Some(InputResponse::Sampled(_))
        ));
        assert_eq!(read(&model, &json!({"content": "hi"})), None);
        assert_eq!(read(&model, &json!({"action": "accept"})), None);

        let folders = json!({"roots": [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b"}]});
        let Some(InputResponse::Roots(read_roots)) = read(&InputRequest::Roots, &folders) else {
            panic!("these are folders");
        };
        assert_eq!(read_roots.len(), 2);
        for bad in [
            json!({"roots": [{"uri": "https://a"}]}),
            json!({"roots": [{"name": "a"}]}),
            json!({"roots": {}}),
            json!({"roots": vec![json!({"uri": "file:///a"}); ROOTS_MAX + 1]}),
        ] {
            assert_eq!(read(&InputRequest::Roots, &bad), None);
        }
    }

    #[test]
    fn nothing_of_a_page_comes_through_the_client() {
        let page = InputRequest::Page {
            message: String::new(),
            url: String::new(),
        };
        let answer = read(
            &page,
            &json!({"action": "accept", "content": {"password": "x"}}),
        );
        assert_eq!(answer, Some(InputResponse::Accepted(JsonObject::new())));
    }
}
