//! Following a task to its end, for a person who waits for it.

use std::io::IsTerminal;

use super::{progress, render, setup};
use crate::contract::ToolResult;
use crate::host::{Call, CallError, Host, TaskStatus, TaskView};

/// Follows a task and gives what it ends with. When the call is cancelled the task is, too.
///
/// # Errors
/// When it fails, is cancelled, or asks what this program cannot answer.
pub(super) async fn to_its_end(
    host: &Host,
    mut task: TaskView,
    call: &Call,
) -> Result<ToolResult, String> {
    loop {
        show(&task);
        match task.status {
            TaskStatus::Working => {}
            TaskStatus::Completed(result) => return Ok(result),
            TaskStatus::Failed(failure) => return Err(failure.to_string()),
            TaskStatus::Cancelled => return Err(CallError::Cancelled.to_string()),
            TaskStatus::InputRequired(_) => {
                give_up(host, &task, call).await;
                return Err(
                    "the task has a question, and this program cannot be asked (hint: call the tool from an MCP client)"
                        .to_owned(),
                );
            }
        }
        let next = tokio::select! {
            next = host.follow_task(&task, &call.context) => next,
            () = call.cancelled.cancelled() => {
                give_up(host, &task, call).await;
                return Err(CallError::Cancelled.to_string());
            }
        };
        task = next.map_err(|error| error.to_string())?;
    }
}

/// Nobody waits for it any more, and no other host should go on with it.
async fn give_up(host: &Host, task: &TaskView, call: &Call) {
    if let Err(error) = host.cancel_task(&task.id, &call.context).await {
        setup::warn(&format!("the task goes on: {error}"));
    }
}

/// Shows what the task is doing on a terminal, where somebody waits for it.
fn show(task: &TaskView) {
    if let Some(message) = &task.message
        && std::io::stderr().is_terminal()
    {
        progress::aside(|| eprintln!("{}", render::harmless(message)));
    }
}
