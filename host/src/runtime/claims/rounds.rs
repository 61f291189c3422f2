//! How a round ends, when it ends with questions or with a task, and what came back for the questions.

use std::collections::HashSet;

use serde_json::Value;

use super::{Nonsense, object, uri, words};
use crate::catalogue::schema::ArgumentCheck;
use crate::contract::{
    Continuation, InputRequest, InputRequired, InputResponse, JsonObject, TaskStart,
};
use crate::limits::{
    INPUT_KEY_BYTES_MAX, INPUT_REQUESTS_MAX, ROUND_QUESTIONS_BYTES_MAX, ROUND_STATE_BYTES_MAX,
};
use crate::runtime::bindings::exports::portcullis::plugin::tools;
use crate::runtime::bindings::portcullis::plugin::call as claimed;

/// Reads the end of a round that asks.
pub(in crate::runtime) fn input_required(
    claim: claimed::InputRequired,
) -> Result<InputRequired, Nonsense> {
    let claimed::InputRequired { requests, state } = claim;
    if requests.is_empty() && state.is_none() {
        return Err("a round ends with neither a question nor a state".to_owned());
    }
    if requests.len() > INPUT_REQUESTS_MAX {
        return Err(format!(
            "a round asks {} questions, and {INPUT_REQUESTS_MAX} are allowed",
            requests.len()
        ));
    }
    let mut keys = HashSet::new();
    let mut bytes = 0;
    let mut read = Vec::with_capacity(requests.len());
    for (key, request) in requests {
        if key.is_empty() || key.len() > INPUT_KEY_BYTES_MAX {
            return Err(format!(
                "the key of a question has {} bytes, and 1 to {INPUT_KEY_BYTES_MAX} are allowed",
                key.len()
            ));
        }
        if !keys.insert(key.clone()) {
            return Err("a round asks two questions under one key".to_owned());
        }
        bytes += key.len() + question_bytes(&request);
        read.push((key, input_request(request)?));
    }
    if bytes > ROUND_QUESTIONS_BYTES_MAX {
        return Err(format!(
            "the questions of a round have {bytes} bytes, and {ROUND_QUESTIONS_BYTES_MAX} are allowed"
        ));
    }
    Ok(InputRequired {
        requests: read,
        state: state.map(round_state).transpose()?,
    })
}

/// Reads the beginning of a task.
pub(in crate::runtime) fn task_start(claim: tools::TaskStart) -> Result<TaskStart, Nonsense> {
    Ok(TaskStart {
        ttl_ms: claim.ttl_ms.map(u64::from),
        poll_ms: claim.poll_ms.map(u64::from),
        status: words(claim.status, "the status of a task")?,
        state: round_state(claim.state)?,
    })
}

fn round_state(state: Vec<u8>) -> Result<Vec<u8>, Nonsense> {
    if state.len() > ROUND_STATE_BYTES_MAX {
        return Err(format!(
            "the state of a round has {} bytes, and {ROUND_STATE_BYTES_MAX} are allowed (hint: keep it in storage)",
            state.len()
        ));
    }
    Ok(state)
}

fn question_bytes(request: &claimed::InputRequest) -> usize {
    match request {
        claimed::InputRequest::ElicitForm(form) => form.message.len() + form.schema.len(),
        claimed::InputRequest::ElicitUrl(page) => page.message.len() + page.url.len(),
        claimed::InputRequest::Sample(request) => request.len(),
        claimed::InputRequest::ListRoots => 0,
        claimed::InputRequest::Other(other) => other.method.len() + other.params.len(),
    }
}

fn input_request(request: claimed::InputRequest) -> Result<InputRequest, Nonsense> {
    Ok(match request {
        claimed::InputRequest::ElicitForm(form) => InputRequest::Form {
            message: form.message,
            schema: form_schema(&form.schema)?,
        },
        claimed::InputRequest::ElicitUrl(page) => InputRequest::Page {
            message: page.message,
            url: page_url(page.url)?,
        },
        claimed::InputRequest::Sample(request) => InputRequest::Sample(sampling(&request)?),
        claimed::InputRequest::ListRoots => InputRequest::Roots,
        claimed::InputRequest::Other(_) => {
            return Err("it asks a question of a kind that MCP does not have".to_owned());
        }
    })
}

/// MCP restricts the schema of a form to an object whose properties are plain values or choices among texts.
fn form_schema(claimed: &str) -> Result<JsonObject, Nonsense> {
    let schema = object(claimed, "the schema of a form")?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.ok_or("the schema of a form has no `properties`")?;
    let is_flat = |property: &Value| match property.get("type").and_then(Value::as_str) {
        Some("string" | "number" | "integer" | "boolean") => true,
        Some("array") => property
            .get("items")
            .is_some_and(|items| items.get("enum").is_some() || items.get("anyOf").is_some()),
        _ => false,
    };
    if let Some((name, _)) = properties.iter().find(|(_, property)| !is_flat(property)) {
        return Err(format!(
            "property {} of a form is neither a text, a number, a yes or no, nor a choice",
            crate::names::shown(name)
        ));
    }
    // Compiled here so that a person's answer can be held against it later.
    let schema = Value::Object(schema);
    ArgumentCheck::compile(&schema).map_err(|error| format!("the schema of a form: {error}"))?;
    match schema {
        Value::Object(schema) => Ok(schema),
        _ => Err("the schema of a form is not an object".to_owned()),
    }
}

/// A page is reached over HTTPS, or on this machine.
fn page_url(claimed: String) -> Result<String, Nonsense> {
    let url = uri(claimed, "the address of a page")?;
    let is_safe = [
        "https://",
        "http://localhost",
        "http://127.0.0.1",
        "http://[::1]",
    ]
    .iter()
    .any(|start| {
        let rest = url.strip_prefix(start);
        // `http://localhost.example.com` is another machine.
        rest.is_some_and(|rest| {
            *start == "https://" || rest.is_empty() || rest.starts_with(['/', ':', '?'])
        })
    });
    match is_safe {
        true => Ok(url),
        false => Err("the address of a page is not an `https:` URL".to_owned()),
    }
}

fn sampling(claimed: &str) -> Result<JsonObject, Nonsense> {
    let request = object(claimed, "a request to the model")?;
    let has_messages = request.get("messages").is_some_and(Value::is_array);
    let has_bound = request.get("maxTokens").is_some_and(Value::is_u64);
    match has_messages && has_bound {
        true => Ok(request),
        false => Err("a request to the model lacks `messages` or `maxTokens`".to_owned()),
    }
}

/// What earlier rounds left behind, in the contract's words.
pub(in crate::runtime) fn continuation(continuation: Continuation) -> claimed::Continuation {
    let Continuation { responses, state } = continuation;
    let responses = responses.into_iter();
    claimed::Continuation {
        responses: responses
            .map(|(key, response)| (key, input_response(response)))
            .collect(),
        state,
    }
}

fn input_response(response: InputResponse) -> claimed::InputResponse {
    let text = |object: JsonObject| Value::Object(object).to_string();
    match response {
        InputResponse::Accepted(form) => claimed::InputResponse::Accepted(text(form)),
        InputResponse::Declined => claimed::InputResponse::Declined,
        InputResponse::Cancelled => claimed::InputResponse::Cancelled,
        InputResponse::Sampled(result) => claimed::InputResponse::Sampled(text(result)),
        InputResponse::Roots(roots) => {
            let root = |root: crate::contract::Root| claimed::Root {
                uri: root.uri,
                name: root.name,
            };
            claimed::InputResponse::Roots(roots.into_iter().map(root).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(schema: &str) -> claimed::InputRequest {
        claimed::InputRequest::ElicitForm(claimed::Form {
            message: "?".to_owned(),
            schema: schema.to_owned(),
        })
    }

    fn asks(requests: Vec<(&str, claimed::InputRequest)>) -> Result<InputRequired, Nonsense> {
        let requests = requests.into_iter();
        input_required(claimed::InputRequired {
            requests: requests.map(|(key, it)| (key.to_owned(), it)).collect(),
            state: None,
        })
    }

    #[test]
    fn a_form_is_flat_and_its_schema_can_be_checked() {
        let check = |schema: &str, fits: bool| {
            assert_eq!(asks(vec![("a", form(schema))]).is_ok(), fits, "{schema}");
        };
        check(
            r#"{"type": "object", "properties": {"a": {"type": "string", "enumNames": ["x"]}}}"#,
            true,
        );
        check(
            r#"{"type": "object", "properties": {"a": {"type": "array", "items": {"enum": ["x"]}}}}"#,
            true,
        );
        check(r#"{"type": "object", "properties": {}}"#, true);
        check(r#"{"type": "object"}"#, false);
        check(
            r#"{"type": "object", "properties": {"a": {"type": "object"}}}"#,
            false,
        );
        check(
            r#"{"type": "object", "properties": {"a": {"type": "array"}}}"#,
            false,
        );
        check(
            r#"{"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}"#,
            false,
        );
        check(r#"{"type": "array", "properties": {}}"#, false);
        check("[]", false);
    }

    #[test]
    fn a_round_asks_a_few_questions_each_under_its_own_key() {
        let roots = || claimed::InputRequest::ListRoots;
        assert!(asks(vec![("a", roots()), ("b", roots())]).is_ok());
        assert!(asks(vec![("a", roots()), ("a", roots())]).is_err());
        assert!(asks(vec![("", roots())]).is_err());
        assert!(asks(vec![(&"a".repeat(INPUT_KEY_BYTES_MAX + 1), roots())]).is_err());
        assert!(asks(Vec::new()).is_err());
        let keys: Vec<_> = (0..=INPUT_REQUESTS_MAX).map(|n| n.to_string()).collect();
        assert!(asks(keys.iter().map(|key| (&**key, roots())).collect()).is_err());
    }

    #[test]
    fn a_round_leaves_a_bounded_state_behind() {
        let round = |state: Option<Vec<u8>>| {
            let requests = Vec::new();
            input_required(claimed::InputRequired { requests, state })
        };
        assert!(round(Some(vec![0; ROUND_STATE_BYTES_MAX])).is_ok());
        assert!(round(Some(vec![0; ROUND_STATE_BYTES_MAX + 1])).is_err());
        assert!(round(None).is_err());
    }

    #[test]
    fn a_person_is_sent_to_no_page_that_others_could_read_along() {
        let check =
            |url: &str, fits: bool| assert_eq!(page_url(url.to_owned()).is_ok(), fits, "{url}");
        check("https://example.com/login?a=b", true);
        check("http://localhost:3000/login", true);
        check("http://127.0.0.1/", true);
        check("http://localhost.example.com/", false);
        check("http://127.0.0.1.example.com/", false);
        check("http://example.com/", false);
        check("javascript:alert(1)", false);
        check("file:///etc/passwd", false);
        check("https://a b", false);
    }

    #[test]
    fn the_model_is_asked_in_the_shape_mcp_gives_it() {
        let check =
            |request: &str, fits: bool| assert_eq!(sampling(request).is_ok(), fits, "{request}");
        check(r#"{"messages": [], "maxTokens": 10}"#, true);
        check(r#"{"messages": {}, "maxTokens": 10}"#, false);
        check(r#"{"messages": []}"#, false);
        check("[]", false);
    }
}
