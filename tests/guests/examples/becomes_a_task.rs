//! Ends its call as a task that needs two rounds: the first asks, the second answers.

#![cfg(target_family = "wasm")]

use exports::portcullis::plugin::{tasks, tools};
use portcullis::plugin::call::{Context, Form, InputRequest, InputRequired};
use portcullis::plugin::content::{ContentBlock, TextContent};
use portcullis::plugin::{progress, types::Error};

wit_bindgen::generate!({ world: "task-plugin", path: "../../wit", generate_all });

struct BecomesATask;

impl tools::Guest for BecomesATask {
    fn list(_cursor: Option<String>) -> Result<tools::ToolPage, Error> {
        let tool = tools::Tool {
            name: "becomes_a_task".into(),
            title: None,
            description: None,
            input_schema: r#"{"type":"object","properties":{}}"#.into(),
            output_schema: None,
            annotations: None,
            icons: None,
            task_support: Some(tools::TaskSupport::Required),
            required_capabilities: None,
            meta: None,
        };
        Ok(tools::ToolPage {
            tools: vec![tool],
            next_cursor: None,
            cache: None,
        })
    }

    fn call(_request: tools::CallRequest, _context: Context) -> Result<tools::CallOutcome, Error> {
        Ok(tools::CallOutcome::Task(tools::TaskStart {
            ttl_ms: Some(60_000),
            poll_ms: Some(10),
            status: Some("begun".into()),
            state: b"first".to_vec(),
        }))
    }
}

impl tasks::Guest for BecomesATask {
    fn run(request: tasks::RunRequest, _context: Context) -> Result<tasks::RunOutcome, Error> {
        if request.continuation.state.as_deref() == Some(b"first") {
            let form = Form {
                message: "Go on?".into(),
                schema: r#"{"type":"object","properties":{}}"#.into(),
            };
            return Ok(tasks::RunOutcome::InputRequired(InputRequired {
                requests: vec![("go-on".into(), InputRequest::ElicitForm(form))],
                state: Some(b"second".to_vec()),
            }));
        }
        progress::report(1.0, Some(1.0), Some("nearly done"));
        let text = TextContent {
            text: "done".into(),
            annotations: None,
            meta: None,
        };
        Ok(tasks::RunOutcome::Complete(tools::ToolResult {
            content: vec![ContentBlock::Text(text)],
            structured: None,
            is_error: false,
            meta: None,
        }))
    }
}

export!(BecomesATask);
