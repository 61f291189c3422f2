//! Tasks, as their owners see them.

use rmcp::model::{
    CreateTaskResult, DetailedTask, ErrorData, GetTaskResult, InputRequests, JsonObject, Task,
    TaskPayload, TaskStatus as Status,
};
use serde_json::{Value, json};

use super::failure::{Subject, error};
use super::results::tool_result;
use super::rounds::input_request_named;
use crate::contract::InputRequest;
use crate::host::{CallError, TaskFailure, TaskStatus, TaskView};
use crate::protocol::Era;

/// A call that became a task.
pub(in crate::protocol) fn begun_task(view: TaskView) -> CreateTaskResult {
    let (task, _) = parts(view);
    CreateTaskResult::new(task)
}

/// Where a task stands.
pub(in crate::protocol) fn task(view: TaskView) -> GetTaskResult {
    let (task, payload) = parts(view);
    GetTaskResult::new(DetailedTask::new(task, payload))
}

fn parts(view: TaskView) -> (Task, TaskPayload) {
    let TaskView {
        id,
        status,
        message,
        created_ms,
        updated_ms,
        ttl_ms,
        poll_ms,
    } = view;
    let payload = match status {
        TaskStatus::Working => TaskPayload::Working,
        TaskStatus::Cancelled => TaskPayload::Cancelled,
        TaskStatus::InputRequired(open) => match questions(&id, open) {
            Ok(input_requests) => TaskPayload::InputRequired { input_requests },
            Err(failure) => failed(error(failure, Subject::Named)),
        },
        // Only modern clients have tasks.
        TaskStatus::Completed(result) => TaskPayload::Completed {
            result: object(json!(tool_result(result, Era::Modern))),
        },
        TaskStatus::Failed(failure) => failed(failure_error(failure)),
    };
    let mut task = Task::new(
        id,
        Status::default(),
        timestamp(created_ms),
        timestamp(updated_ms),
    )
    .with_ttl_ms(ttl_ms)
    .with_poll_interval_ms(poll_ms);
    task.status_message = message;
    task.status = payload.status();
    (task, payload)
}

/// The same question has the same name whenever it is looked at.
fn questions(id: &str, open: Vec<(String, InputRequest)>) -> Result<InputRequests, CallError> {
    let question = |(key, request)| {
        let name = format!("{id}.{key}");
        Ok((key, input_request_named(request, name)?))
    };
    open.into_iter().map(question).collect()
}

fn failed(error: ErrorData) -> TaskPayload {
    TaskPayload::Failed {
        error: object(json!(error)),
    }
}

/// What the same failure would have been on a call that waits.
fn failure_error(failure: TaskFailure) -> ErrorData {
    match failure {
        TaskFailure::Refused {
            plugin,
            error: said,
        } => {
            let refused = CallError::Refused {
                plugin,
                error: Box::new(said),
            };
            error(refused, Subject::Named)
        }
        TaskFailure::Lacks(lacking) => error(CallError::MissingCapability(lacking), Subject::Named),
        TaskFailure::Failed(sentence) => ErrorData::internal_error(sentence, None),
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

/// Milliseconds since 1970 as RFC 3339 has them, in UTC.
fn timestamp(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// The date so many days after the first of January 1970. Years are counted from March, so that the leap day is the last of
/// one, and every era of 400 years has the same days.
fn date(days: u64) -> (u64, u64, u64) {
    /// Days from the first of March of the year 0 to the first of January 1970.
    const BEFORE_1970: u64 = 719_468;
    /// Days of 400 years.
    const ERA: u64 = 146_097;
    let days = days.saturating_add(BEFORE_1970);
    let (era, day) = (days / ERA, days % ERA);
    // Without the leap days before it, of which there is one in 4 years, none in 100, and one in 400.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, months have 31 and 30 days in a pattern of 153 for five.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, is_next_year) = match month {
        0..=9 => (month + 3, 0),
        _ => (month - 9, 1),
    };
    (era * 400 + year + is_next_year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{PluginError, ToolResult};

    fn view(status: TaskStatus) -> TaskView {
        TaskView {
            id: "name".to_owned(),
            status,
            message: Some("begun".to_owned()),
            created_ms: 0,
            updated_ms: 1_500,
            ttl_ms: 9,
            poll_ms: 7,
        }
    }

    #[test]
    fn a_moment_is_written_as_people_write_it() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
            (1_785_196_800_001, "2026-07-28T00:00:00.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(ms), expected);
        }
        // A clock that is wrong is no reason to break.
        assert!(timestamp(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn the_beginning_tells_of_the_task_and_of_nothing_it_will_give() {
        let wire = json!(begun_task(view(TaskStatus::Working)));
        let expected = json!({
            "resultType": "task", "taskId": "name", "status": "working", "statusMessage": "begun",
            "createdAt": "1970-01-01T00:00:00.000Z", "lastUpdatedAt": "1970-01-01T00:00:01.500Z",
            "ttlMs": 9, "pollIntervalMs": 7,
        });
        assert_eq!(wire, expected);
    }

    #[test]
    fn each_status_comes_with_its_own() {
        let no = ToolResult {
            is_error: true,
            ..ToolResult::default()
        };
        let wire = json!(task(view(TaskStatus::Completed(no))));
        assert_eq!(wire["status"], "completed");
        assert_eq!(wire["resultType"], "complete");
        assert_eq!(wire["result"]["isError"], true);
        assert!(wire["result"].get("_meta").is_none());

        let refused = TaskFailure::Refused {
            plugin: "demo".parse().expect("a name"),
            error: PluginError::Custom {
                code: 7,
                message: "boom".to_owned(),
                data: None,
            },
        };
        let wire = json!(task(view(TaskStatus::Failed(refused))));
        assert_eq!(wire["status"], "failed");
        assert_eq!(wire["error"], json!({"code": 7, "message": "boom"}));
        let sentence = TaskFailure::Failed("it stopped".to_owned());
        let wire = json!(task(view(TaskStatus::Failed(sentence))));
        assert_eq!(wire["error"]["code"], -32603);
        let lacks = TaskFailure::Lacks(object(json!({"roots": {}})));
        let wire = json!(task(view(TaskStatus::Failed(lacks))));
        assert_eq!(wire["error"]["code"], -32021);

        let wire = json!(task(view(TaskStatus::Cancelled)));
        assert_eq!(wire["status"], "cancelled");
        assert!(wire.get("result").is_none() && wire.get("error").is_none());
    }

    #[test]
    fn a_question_is_named_the_same_whenever_it_is_looked_at() {
        let ask = |request: InputRequest| {
            let open = vec![("1-a".to_owned(), request)];
            json!(task(view(TaskStatus::InputRequired(open))))
        };
        let page = InputRequest::Page {
            message: "?".to_owned(),
            url: "https://example.com/".to_owned(),
        };
        let wire = ask(page.clone());
        assert_eq!(wire["status"], "input_required");
        assert_eq!(wire["inputRequests"]["1-a"]["method"], "elicitation/create");
        assert_eq!(wire, ask(page));
        // What cannot be asked ends the task for its client.
        let nonsense = InputRequest::Sample(JsonObject::new());
        assert_eq!(ask(nonsense)["status"], "failed");
    }
}
