//! `portcullis call`: one tool, one answer.

use std::io::{IsTerminal, Read};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use super::args::{self, Common};
use super::exit::{Exit, Problem};
use super::{follow, progress, render, setup};
use crate::contract::{
    ClientCapabilities, ClientInfo, Context, Event, JsonObject, TASKS_EXTENSION, ToolResult,
};
use crate::host::{Call, Host, Reply, Retry, ToolReply, Usage};
use crate::limits::NOTIFICATION_QUEUE;
use crate::protocol;

/// Bytes of arguments read from standard input; as many as one MCP message may have.
const ARGUMENTS_BYTES_MAX: u64 = 16 << 20;

/// How long a call that was interrupted may take to end. A person who pressed Ctrl-C waits no longer.
const INTERRUPTED_WAIT: Duration = Duration::from_secs(2);

/// Calls the tool and prints its answer.
pub async fn run(common: &Common, call: args::Call) -> Result<Exit, Problem> {
    let arguments = arguments(&call.arguments)?;
    let host = setup::host(common)?;
    let (events, shown) = show_progress();
    let used = Arc::new(OnceLock::new());
    let request = Call {
        events,
        usage: Some(used.clone()),
        ..request()
    };
    let cancelled = request.cancelled.clone();
    let interrupted = async {
        // Without a handler Ctrl-C ends the process by itself.
        let _ = tokio::signal::ctrl_c().await;
        cancelled.cancel();
    };
    let mut answering = Box::pin(answer(&host, &call.tool, arguments, request));
    let answer = tokio::select! {
        answer = &mut answering => answer,
        () = interrupted => {
            // A task that nobody is told of must not go on, so its cancellation is waited for.
            let _ = tokio::time::timeout(INTERRUPTED_WAIT, answering).await;
            return Ok(Exit::Interrupted);
        }
    };
    if let Some(shown) = shown {
        let _ = shown.await;
    }
    host.shutdown().await;
    setup::warn_of_failures(&host);
    if let (true, Some(usage)) = (call.usage, used.get()) {
        eprintln!("{}", usage_line(usage));
    }
    let result = answer.map_err(Problem::failure)?;
    let exit = if result.is_error {
        Exit::No
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

/// Calls a tool, as often as it wants to be called before it answers, and follows a task that it begins to its end. There
/// are no questions among its rounds, since this program declares nothing that could be asked.
pub async fn answer(
    host: &Host,
    tool: &str,
    arguments: JsonObject,
    call: Call,
) -> Result<ToolResult, String> {
    let mut retry = Retry::default();
    loop {
        let reply = host.call_tool(tool, arguments.clone(), retry, call.clone());
        match reply.await.map_err(|error| error.to_string())? {
            Reply::Complete(ToolReply::Result(result)) => return Ok(result),
            Reply::Complete(ToolReply::Task(task)) => {
                return follow::to_its_end(host, task, &call).await;
            }
            Reply::InputRequired(asked) => {
                retry = Retry {
                    state: Some(asked.state),
                    ..Retry::default()
                }
            }
        }
    }
}

/// A call of this program itself.
pub fn request() -> Call {
    let context = Context {
        protocol_version: protocol::NEWEST_VERSION.to_owned(),
        client: Some(ClientInfo {
            name: "portcullis".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        capabilities: ClientCapabilities {
            tasks: true,
            extensions: vec![(TASKS_EXTENSION.to_owned(), JsonObject::new())],
            ..ClientCapabilities::default()
        },
        ..Context::default()
    };
    Call {
        context,
        ..Call::default()
    }
}

/// What a call used, in a line for people.
fn usage_line(usage: &Usage) -> String {
    let ms = |us: u64| format!("{}.{} ms", us / 1_000, us % 1_000 / 100);
    let mib = usage.memory_bytes as f64 / f64::from(1 << 20);
    let mut line = format!(
        "fuel {} · {} · cpu {} · {mib:.1} MiB",
        render::grouped(usage.fuel),
        ms(usage.wall_us),
        ms(usage.cpu_us),
    );
    if usage.bytes_sent > 0 || usage.bytes_received > 0 {
        let (sent, received) = (
            render::grouped(usage.bytes_sent),
            render::grouped(usage.bytes_received),
        );
        line.push_str(&format!(" · sent {sent} B, received {received} B"));
    }
    line
}

/// The arguments of a call, as they were given on the command line or on standard input.
pub fn arguments(given: &str) -> Result<JsonObject, Problem> {
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
                let message = render::harmless(&message.unwrap_or_default());
                progress::aside(|| eprintln!("{progress}{total} {message}"));
            }
        }
    });
    (Some(events), Some(shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_a_line_for_people() {
        let usage = Usage {
            fuel: 12_345,
            wall_us: 851,
            cpu_us: 12_500,
            memory_bytes: 1_153_434,
            ..Usage::default()
        };
        let line = "fuel 12,345 · 0.8 ms · cpu 12.5 ms · 1.1 MiB";
        assert_eq!(usage_line(&usage), line);
        let sent = Usage {
            bytes_sent: 1_000,
            ..usage
        };
        assert_eq!(
            usage_line(&sent),
            format!("{line} · sent 1,000 B, received 0 B")
        );
    }
}
