//! `portcullis call`: one tool, one answer.

use std::io::{IsTerminal, Read};

use serde_json::Value;
use tokio::sync::mpsc;

use super::args::{self, Common};
use super::exit::{Exit, Problem};
use super::{render, setup};
use crate::contract::{ClientInfo, Context, Event, JsonObject};
use crate::host::Call;
use crate::limits::NOTIFICATION_QUEUE;
use crate::protocol;

/// Bytes of arguments read from standard input; as many as one MCP message may have.
const ARGUMENTS_BYTES_MAX: u64 = 16 << 20;

/// Calls the tool and prints its answer.
pub async fn run(common: &Common, call: args::Call) -> Result<Exit, Problem> {
    let arguments = arguments(&call.arguments)?;
    let host = setup::host(common)?;
    let (events, shown) = show_progress();
    let context = Context {
        protocol_version: protocol::NEWEST_VERSION.to_owned(),
        client: Some(ClientInfo {
            name: "portcullis".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        ..Context::default()
    };
    let request = Call {
        context,
        events,
        ..Call::default()
    };
    let cancelled = request.cancelled.clone();
    let interrupted = async {
        // Without a handler Ctrl-C ends the process by itself.
        let _ = tokio::signal::ctrl_c().await;
        cancelled.cancel();
    };
    let answer = tokio::select! {
        answer = host.call_tool(&call.tool, arguments, request) => answer,
        () = interrupted => return Ok(Exit::Interrupted),
    };
    if let Some(shown) = shown {
        let _ = shown.await;
    }
    host.shutdown().await;
    setup::warn_of_failures(&host);
    let result = answer.map_err(|error| Problem::failure(error.to_string()))?;
    let exit = if result.is_error {
        Exit::ToolError
    } else {
        Exit::Success
    };
    if call.json {
        render::print_json(&protocol::tool_result_json(result))?;
    } else {
        render::print(&render::answer(&result))?;
    }
    Ok(exit)
}

fn arguments(given: &str) -> Result<JsonObject, Problem> {
    let hint = "(hint: give a JSON object in single quotes, such as '{\"a\": 2}')";
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        let read = std::io::stdin()
            .lock()
            .take(ARGUMENTS_BYTES_MAX)
            .read_to_string(&mut text);
        read.map_err(|error| {
            Problem::usage(format!(
                "cannot read the arguments from standard input: {error}"
            ))
        })?;
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(Problem::usage(format!(
            "the arguments are not a JSON object {hint}"
        ))),
        Err(error) => Err(Problem::usage(format!(
            "the arguments are not JSON: {error} {hint}"
        ))),
    }
}

/// Shows progress on a terminal, where somebody waits for it.
fn show_progress() -> (
    Option<mpsc::Sender<Event>>,
    Option<tokio::task::JoinHandle<()>>,
) {
    if !std::io::stderr().is_terminal() {
        return (None, None);
    }
    let (events, mut arriving) = mpsc::channel(NOTIFICATION_QUEUE);
    let shown = tokio::spawn(async move {
        while let Some(event) = arriving.recv().await {
            if let Event::Progress {
                progress,
                total,
                message,
            } = event
            {
                let total = total
                    .map(|total| format!(" of {total}"))
                    .unwrap_or_default();
                eprintln!("{progress}{total} {}", message.unwrap_or_default());
            }
        }
    });
    (Some(events), Some(shown))
}
