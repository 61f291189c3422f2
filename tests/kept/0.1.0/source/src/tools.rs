//! Tools.

use serde_json::{Value, json};

use crate::exports::portcullis::plugin::tools::{
    CallOutcome, CallRequest, Guest, TaskStart, TaskSupport, Tool, ToolAnnotations, ToolPage,
};
use crate::portcullis::plugin::call::{Form, InputRequest, InputRequired, Page};
use crate::portcullis::plugin::content::{
    EmbeddedResource, MediaContent, ResourceBody, ResourceContents, ResourceLink,
};
use crate::portcullis::plugin::types::CustomError;
use crate::{
    ContentBlock, Context, Continuation, Error, Everything, InputResponse, ToolResult, annotations,
    for_a_day, icons, meta, powers, said, text,
};

/// Names, with what each does.
const PLAIN: [(&str, &str); 9] = [
    (
        "asks",
        "Asks every kind of question that MCP has, and tells the responses",
    ),
    ("content", "Answers with all five kinds of content"),
    ("context", "Tells what the host says of the call"),
    ("environment", "Reads the variable that was granted"),
    ("fails", "Fails as `how` says"),
    ("fetches", "Sends a request over HTTP"),
    ("files", "Writes a file and reads it again"),
    ("keeps", "Uses every function of the key-value store"),
    ("settings", "Reads the settings"),
];

impl Guest for Everything {
    fn list(cursor: Option<String>) -> Result<ToolPage, Error> {
        match cursor.as_deref() {
            // Two pages, so that the host follows a cursor.
            None => Ok(ToolPage {
                tools: PLAIN.map(|(name, what)| tool(name, what)).into(),
                next_cursor: Some("2".into()),
                cache: for_a_day(),
            }),
            Some("2") => Ok(ToolPage {
                tools: vec![reports(), becomes_a_task()],
                next_cursor: None,
                cache: None,
            }),
            Some(_) => Err(Error::InvalidParams("there is no such page".into())),
        }
    }

    fn call(request: CallRequest, context: Context) -> Result<CallOutcome, Error> {
        let arguments: Value = serde_json::from_str(&request.arguments).unwrap_or_default();
        let result = match request.name.as_str() {
            "asks" => return Ok(asks(request.continuation)),
            "becomes_a_task" => {
                return Ok(CallOutcome::Task(TaskStart {
                    ttl_ms: Some(60_000),
                    poll_ms: Some(50),
                    status: Some("begun".into()),
                    state: b"first".into(),
                }));
            }
            "content" => content(),
            "context" => structured(told(context)),
            "environment" => said(powers::variable()),
            "fails" => return Err(failure(arguments["how"].as_str().unwrap_or_default())),
            "fetches" => said(powers::fetch(
                arguments["authority"].as_str().unwrap_or_default(),
            )),
            "files" => said(powers::files()),
            "keeps" => structured(powers::key_value()),
            "settings" => structured(powers::settings()),
            "reports" => {
                powers::report();
                structured(
                    json!({ "cancelled": crate::portcullis::plugin::cancellation::is_cancelled() }),
                )
            }
            other => return Err(Error::NotFound(other.into())),
        };
        Ok(CallOutcome::Complete(result))
    }
}

fn tool(name: &str, what: &str) -> Tool {
    Tool {
        name: name.into(),
        title: None,
        description: Some(what.into()),
        input_schema: r#"{"type":"object"}"#.into(),
        output_schema: None,
        annotations: None,
        icons: None,
        task_support: None,
        required_capabilities: None,
        meta: None,
    }
}

/// A tool with every field.
fn reports() -> Tool {
    Tool {
        title: Some("Report".into()),
        input_schema: r#"{"type":"object","additionalProperties":false}"#.into(),
        output_schema: Some(
            r#"{"type":"object","properties":{"cancelled":{"type":"boolean"}},"required":["cancelled"]}"#
                .into(),
        ),
        annotations: Some(ToolAnnotations {
            read_only_hint: Some(true),
            destructive_hint: Some(false),
            idempotent_hint: Some(true),
            open_world_hint: Some(false),
        }),
        icons: icons(),
        task_support: Some(TaskSupport::Forbidden),
        required_capabilities: Some(r#"{"elicitation":{}}"#.into()),
        meta: meta(),
        ..tool("reports", "Tells progress, logs and gives notice")
    }
}

fn becomes_a_task() -> Tool {
    Tool {
        task_support: Some(TaskSupport::Required),
        ..tool("becomes_a_task", "Ends as a task of two rounds")
    }
}

fn structured(value: Value) -> ToolResult {
    let json = value.to_string();
    ToolResult {
        structured: Some(json.clone()),
        ..said(json)
    }
}

fn content() -> ToolResult {
    let media = |mime_type: &str| MediaContent {
        data: b"bytes".into(),
        mime_type: mime_type.into(),
        annotations: annotations(),
        meta: meta(),
    };
    let embedded = |body| {
        ContentBlock::EmbeddedResource(EmbeddedResource {
            contents: ResourceContents {
                uri: "kept://all".into(),
                mime_type: Some("text/plain".into()),
                body,
                meta: meta(),
            },
            annotations: annotations(),
            meta: None,
        })
    };
    let link = ContentBlock::ResourceLink(ResourceLink {
        uri: "kept://all".into(),
        name: "all".into(),
        title: Some("All".into()),
        description: Some("All of it".into()),
        mime_type: Some("text/plain".into()),
        size: Some(3),
        annotations: annotations(),
        icons: icons(),
        meta: meta(),
    });
    ToolResult {
        content: vec![
            text("words"),
            ContentBlock::Image(media("image/png")),
            ContentBlock::Audio(media("audio/wav")),
            link,
            embedded(ResourceBody::Text("all".into())),
            embedded(ResourceBody::Blob(b"all".into())),
        ],
        structured: Some(r#"{"of": ["every", "kind"], "n": 1.50}"#.into()),
        is_error: true,
        meta: meta(),
    }
}

/// What is the same in every run.
fn told(context: Context) -> Value {
    let can = context.capabilities;
    json!({
        "has-call-id": !context.call_id.is_empty(),
        "protocol-version": context.protocol_version,
        "client": context.client.map(|client| [client.name, client.version]),
        "elicitation": [can.elicitation_form, can.elicitation_url],
        "sampling": [can.sampling, can.sampling_tools],
        "roots": can.roots,
        "tasks": can.tasks,
        "extensions": can.extensions.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        "principal": context.principal.map(|principal| principal.subject),
        "trace": context.trace.map(|trace| trace.traceparent),
        "has-deadline": context.deadline_ms > 0,
        "meta": context.meta,
    })
}

fn asks(continuation: Continuation) -> CallOutcome {
    if continuation.state.as_deref() == Some(b"asked") {
        let responses = continuation.responses.into_iter();
        let responses = responses.map(|(key, response)| (key, response_told(response)));
        return CallOutcome::Complete(structured(responses.collect()));
    }
    let schema = r#"{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"#;
    let form = Form {
        message: "What is your name?".into(),
        schema: schema.into(),
    };
    let page = Page {
        message: "Sign in".into(),
        url: "https://example.com/sign-in".into(),
    };
    let sample =
        r#"{"messages":[{"role":"user","content":{"type":"text","text":"A word"}}],"maxTokens":9}"#;
    CallOutcome::InputRequired(InputRequired {
        requests: vec![
            ("form".into(), InputRequest::ElicitForm(form)),
            ("page".into(), InputRequest::ElicitUrl(page)),
            ("sample".into(), InputRequest::Sample(sample.into())),
            ("roots".into(), InputRequest::ListRoots),
        ],
        state: Some(b"asked".into()),
    })
}

fn response_told(response: InputResponse) -> Value {
    let parsed = |json: String| serde_json::from_str::<Value>(&json).unwrap_or_default();
    match response {
        InputResponse::Accepted(json) => json!(["accepted", parsed(json)]),
        InputResponse::Declined => json!("declined"),
        InputResponse::Cancelled => json!("cancelled"),
        InputResponse::Sampled(json) => json!(["sampled", parsed(json)]),
        InputResponse::Roots(roots) => {
            let uris = roots.iter().map(|root| root.uri.as_str());
            json!(["roots", uris.collect::<Vec<_>>()])
        }
        InputResponse::Other(json) => json!(["other", parsed(json)]),
    }
}

fn failure(how: &str) -> Error {
    let words = || "these words".to_owned();
    match how {
        "invalid-params" => Error::InvalidParams(words()),
        "not-found" => Error::NotFound(words()),
        "missing-capability" => Error::MissingCapability(r#"{"sampling":{}}"#.into()),
        "denied" => Error::Denied(words()),
        "unavailable" => Error::Unavailable(words()),
        "custom" => Error::Custom(CustomError {
            code: 7,
            message: words(),
            data: Some(r#"{"part":3}"#.into()),
        }),
        "nothing" => Error::Other(None),
        _ => Error::Other(Some(words())),
    }
}
