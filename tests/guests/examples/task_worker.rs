//! Tools that end as tasks, and tasks that behave as their `mode` says.

#![cfg(target_family = "wasm")]

use std::thread::sleep;
use std::time::Duration;

use exports::portcullis::plugin::{tasks, tools};
use portcullis::plugin::call::{Context, Form, InputRequest, InputRequired, InputResponse};
use portcullis::plugin::content::{ContentBlock, TextContent};
use portcullis::plugin::types::{CustomError, Error};
use portcullis::plugin::{cancellation, log, progress};
use serde_json::Value;
use tasks::RunOutcome;

wit_bindgen::generate!({ world: "task-plugin", path: "../../wit", generate_all });

struct TaskWorker;

impl tools::Guest for TaskWorker {
    fn list(_cursor: Option<String>) -> Result<tools::ToolPage, Error> {
        let tools = [
            ("work", tools::TaskSupport::Optional),
            ("must", tools::TaskSupport::Required),
            ("never", tools::TaskSupport::Forbidden),
            ("pushes", tools::TaskSupport::Optional),
            ("ping", tools::TaskSupport::Forbidden),
        ];
        Ok(tools::ToolPage {
            tools: tools.map(|(name, support)| tool(name, support)).into(),
            next_cursor: None,
            cache: None,
        })
    }

    fn call(request: tools::CallRequest, context: Context) -> Result<tools::CallOutcome, Error> {
        let arguments: Value = serde_json::from_str(&request.arguments).unwrap_or_default();
        match request.name.as_str() {
            "ping" => return Ok(tools::CallOutcome::Complete(said("pong"))),
            "work" if !context.capabilities.tasks => {
                return Ok(tools::CallOutcome::Complete(said("done at once")));
            }
            // The others become tasks, also where they must not.
            _ => {}
        }
        let mode = arguments["mode"].as_str().unwrap_or("done");
        Ok(tools::CallOutcome::Task(tools::TaskStart {
            ttl_ms: arguments["ttl"].as_u64().and_then(|ms| ms.try_into().ok()),
            poll_ms: Some(50),
            status: Some("begun".into()),
            state: match mode {
                "huge" => vec![0; (64 << 10) + 1],
                mode => mode.into(),
            },
        }))
    }
}

impl tasks::Guest for TaskWorker {
    fn run(request: tasks::RunRequest, context: Context) -> Result<RunOutcome, Error> {
        let state = request.continuation.state.unwrap_or_default();
        let mode = String::from_utf8(state).expect("it is what this guest wrote");
        log::write(log::Level::Notice, None, &format!("runs {mode}"), None);
        let responses = request.continuation.responses;
        match mode.as_str() {
            "done" => complete("done"),
            "who" => {
                let principal = context.principal.map(|principal| principal.subject);
                complete(principal.as_deref().unwrap_or("nobody"))
            }
            "no" => Ok(RunOutcome::Complete(tools::ToolResult {
                is_error: true,
                ..said("no")
            })),
            "null" => Ok(RunOutcome::Complete(tools::ToolResult {
                structured: Some("null".into()),
                ..said("nothing")
            })),
            "fails" => Err(Error::Custom(CustomError {
                code: 7,
                message: "it broke".into(),
                data: Some(r#"{"part":3}"#.into()),
            })),
            "refuses" => Err(Error::InvalidParams("that makes no sense".into())),
            "traps" => panic!("out of order"),
            "spins" => loop {
                std::hint::black_box(());
            },
            "sleeps" => {
                sleep(Duration::from_secs(600));
                complete("awake")
            }
            "waits" => {
                progress::report(1.0, None, Some("waiting"));
                while !cancellation::is_cancelled() {
                    sleep(Duration::from_millis(5));
                }
                log::write(log::Level::Notice, None, "put things in order", None);
                complete("too late")
            }
            "reports" => {
                for n in 1..=500 {
                    progress::report(f64::from(n), None, Some(&format!("step {n}")));
                }
                complete("reported")
            }
            "asks" => ask(&["name", "age"], "answered"),
            "answered" => complete(&shown(responses)),
            "asks again" => ask(&["name"], "asks once more"),
            "asks once more" => ask(&["name"], "answered"),
            "asks for roots" => Ok(RunOutcome::InputRequired(InputRequired {
                requests: vec![("roots".into(), InputRequest::ListRoots)],
                state: None,
            })),
            "asks for ever" => ask(&["name"], "asks for ever"),
            "goes on for ever" => go_on("goes on for ever"),
            "goes on" => go_on("done"),
            mode => Err(Error::Other(Some(format!("there is no mode {mode}")))),
        }
    }
}

export!(TaskWorker);

fn tool(name: &str, task_support: tools::TaskSupport) -> tools::Tool {
    tools::Tool {
        name: name.into(),
        title: None,
        description: None,
        input_schema:
            r#"{"type":"object","properties":{"mode":{"type":"string"},"ttl":{"type":"integer"}}}"#
                .into(),
        output_schema: None,
        annotations: None,
        icons: None,
        task_support: Some(task_support),
        required_capabilities: None,
        meta: None,
    }
}

fn said(words: &str) -> tools::ToolResult {
    let text = TextContent {
        text: words.into(),
        annotations: None,
        meta: None,
    };
    tools::ToolResult {
        content: vec![ContentBlock::Text(text)],
        structured: None,
        is_error: false,
        meta: None,
    }
}

fn complete(words: &str) -> Result<RunOutcome, Error> {
    Ok(RunOutcome::Complete(said(words)))
}

/// Forms with one required text each, under these keys.
fn ask(keys: &[&str], next: &str) -> Result<RunOutcome, Error> {
    let form = |key: &&str| {
        let schema = r#"{"type":"object","properties":{"it":{"type":"string"}},"required":["it"]}"#;
        let form = Form {
            message: format!("What is your {key}?"),
            schema: schema.into(),
        };
        (key.to_string(), InputRequest::ElicitForm(form))
    };
    Ok(RunOutcome::InputRequired(InputRequired {
        requests: keys.iter().map(form).collect(),
        state: Some(next.into()),
    }))
}

/// Ends the round without a question.
fn go_on(next: &str) -> Result<RunOutcome, Error> {
    Ok(RunOutcome::InputRequired(InputRequired {
        requests: Vec::new(),
        state: Some(next.into()),
    }))
}

fn shown(responses: Vec<(String, InputResponse)>) -> String {
    let shown = |(key, response)| match response {
        InputResponse::Accepted(json) => format!("{key}: {json}"),
        InputResponse::Declined => format!("{key}: declined"),
        _ => format!("{key}: something else"),
    };
    let shown: Vec<_> = responses.into_iter().map(shown).collect();
    shown.join(", ")
}
