//! A task as it is written down, and the steps it can take. A task that is over takes none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TaskFailure, TaskStatus, TaskView};
use crate::contract::{
    Context, Continuation, InputRequest, InputRequired, InputResponse, TaskStart, ToolResult,
};
use crate::host::rounds::read_response;
use crate::limits::{RESPONSES_BYTES_MAX, TASK_POLL_MS, TASK_POLL_MS_MAX, TASK_POLL_MS_MIN};
use crate::names::{Digest, LocalName};
use crate::storage::{Phase, TaskId, TaskRow};

/// A task as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) component: Digest,
    pub(super) tool: LocalName,
    /// Who began it, and what their client can do. There is no token in it.
    pub(super) context: Context,
    created_ms: u64,
    updated_ms: u64,
    ttl_ms: u64,
    poll_ms: u64,
    message: Option<String>,
    /// Rounds that have ended.
    round: u32,
    /// How often the present round was begun.
    attempts: u32,
    stage: Stage,
}

/// Where it stands, with what that needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Stage {
    Working(Continuation),
    Waiting(Waiting),
    Completed(ToolResult),
    Failed(TaskFailure),
    Cancelled,
}

/// Questions, and what came back for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Waiting {
    open: Vec<Question>,
    /// By the plugin's keys.
    answered: Continuation,
    /// Milliseconds since 1970 after which nobody need answer.
    until_ms: u64,
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Question {
    /// What the client answers under. No two questions of a task ever have the same.
    wire_key: String,
    /// What the plugin calls it.
    key: String,
    request: InputRequest,
}

/// What a task begins with.
pub(super) struct Begun {
    pub(super) component: Digest,
    pub(super) tool: LocalName,
    pub(super) context: Context,
    pub(super) ttl_ms_max: u64,
    pub(super) now_ms: u64,
}

impl Record {
    pub(super) fn new(begun: Begun, start: TaskStart) -> Self {
        let ttl_ms = start.ttl_ms.unwrap_or(u64::MAX);
        let poll_ms = start.poll_ms.unwrap_or(TASK_POLL_MS);
        Self {
            component: begun.component,
            tool: begun.tool,
            context: begun.context,
            created_ms: begun.now_ms,
            updated_ms: begun.now_ms,
            ttl_ms: ttl_ms.clamp(1, begun.ttl_ms_max.max(1)),
            poll_ms: poll_ms.clamp(TASK_POLL_MS_MIN, TASK_POLL_MS_MAX),
            message: start.status,
            round: 0,
            attempts: 0,
            stage: Stage::Working(Continuation {
                responses: Vec::new(),
                state: Some(start.state),
            }),
        }
    }

    /// Reads what was kept; none when this host does not understand it.
    pub(super) fn read(row: &TaskRow) -> Option<Self> {
        serde_json::from_slice(&row.record)
            .inspect_err(|error| tracing::warn!(%error, "a task that was kept makes no sense"))
            .ok()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record can always be written as JSON")
    }

    /// Changes a task that is kept, after questions nobody answered in time have ended it.
    pub(super) fn edit<T>(
        row: &mut TaskRow,
        now_ms: u64,
        edit: impl FnOnce(&mut Self, &mut TaskRow) -> T,
    ) -> Option<T> {
        let before = Self::read(row)?;
        let mut record = before.clone();
        if record.is_late(now_ms) {
            let sentence = "nobody answered the task's questions in time".to_owned();
            record.fail(TaskFailure::Failed(sentence));
        }
        let value = edit(&mut record, row);
        if record != before {
            record.updated_ms = now_ms.max(before.updated_ms);
            row.record = record.to_bytes();
            row.phase = record.phase();
        }
        if row.phase != Phase::Working {
            row.runner = None;
        }
        Some(value)
    }

    /// Whether the one who asks began it.
    pub(super) fn is_owned_by(&self, asker: &Context) -> bool {
        let subject = |context: &Context| {
            let principal = context.principal.as_ref();
            principal.map(|principal| principal.subject.clone())
        };
        subject(&self.context) == subject(asker)
    }

    /// Whether its questions stayed open for too long.
    pub(super) fn is_late(&self, now_ms: u64) -> bool {
        matches!(&self.stage, Stage::Waiting(waiting) if waiting.until_ms <= now_ms)
    }

    pub(super) fn created_ms(&self) -> u64 {
        self.created_ms
    }

    pub(super) fn expires_ms(&self) -> u64 {
        self.created_ms.saturating_add(self.ttl_ms)
    }

    pub(super) fn round(&self) -> u32 {
        self.round
    }

    /// What the next round is told; none when there is none now.
    pub(super) fn continuation(&self) -> Option<&Continuation> {
        match &self.stage {
            Stage::Working(continuation) => Some(continuation),
            _ => None,
        }
    }

    /// Notes that the present round is begun, and says how often it was.
    pub(super) fn attempt(&mut self) -> u32 {
        self.attempts = self.attempts.saturating_add(1);
        self.attempts
    }

    /// Takes that back: the round was not at fault.
    pub(super) fn forgive(&mut self) {
        self.attempts = self.attempts.saturating_sub(1);
    }

    /// Notes what it is doing.
    pub(super) fn say(&mut self, message: String) {
        if !self.is_over() {
            self.message = Some(message);
        }
    }

    /// Ends a round with questions, which are open until `until_ms`; without any, the next round begins.
    pub(super) fn ask(&mut self, asked: InputRequired, until_ms: u64) {
        if self.continuation().is_none() {
            return;
        }
        self.round = self.round.saturating_add(1);
        self.attempts = 0;
        let round = self.round;
        let question = |(key, request)| Question {
            // A plugin may use a key again in a later round, and an answer to the earlier question must not count then.
            wire_key: format!("{round}-{key}"),
            key,
            request,
        };
        let open: Vec<_> = asked.requests.into_iter().map(question).collect();
        let answered = Continuation {
            responses: Vec::new(),
            state: asked.state,
        };
        self.stage = match open.is_empty() {
            true => Stage::Working(answered),
            false => Stage::Waiting(Waiting {
                open,
                answered,
                until_ms,
            }),
        };
    }

    /// Takes answers, and says whether they were the last ones, so that it goes on. What fits no open question is left out.
    pub(super) fn answer(&mut self, responses: &BTreeMap<String, Value>) -> bool {
        let Stage::Waiting(waiting) = &mut self.stage else {
            return false;
        };
        let mut bytes = response_bytes(&waiting.answered.responses);
        waiting.open.retain(|question| {
            let response = responses.get(&question.wire_key);
            let response = response.and_then(|response| read_response(&question.request, response));
            let Some(response) = response else {
                return true;
            };
            let answer = (question.key.clone(), response);
            bytes += response_bytes(std::slice::from_ref(&answer));
            if bytes > RESPONSES_BYTES_MAX {
                return true;
            }
            waiting.answered.responses.push(answer);
            false
        });
        if !waiting.open.is_empty() {
            return false;
        }
        self.stage = Stage::Working(std::mem::take(&mut waiting.answered));
        true
    }

    pub(super) fn complete(&mut self, result: ToolResult) {
        self.end(Stage::Completed(result));
    }

    pub(super) fn fail(&mut self, failure: TaskFailure) {
        self.end(Stage::Failed(failure));
    }

    pub(super) fn cancel(&mut self) {
        self.end(Stage::Cancelled);
    }

    fn end(&mut self, stage: Stage) {
        if !self.is_over() {
            self.stage = stage;
        }
    }

    fn is_over(&self) -> bool {
        self.phase() == Phase::Ended
    }

    fn phase(&self) -> Phase {
        match &self.stage {
            Stage::Working(_) => Phase::Working,
            Stage::Waiting(_) => Phase::Waiting,
            Stage::Completed(_) | Stage::Failed(_) | Stage::Cancelled => Phase::Ended,
        }
    }

    /// What its owner sees.
    pub(super) fn view(&self, id: &TaskId) -> TaskView {
        let open = |question: &Question| (question.wire_key.clone(), question.request.clone());
        TaskView {
            id: id.as_str().to_owned(),
            status: match &self.stage {
                Stage::Working(_) => TaskStatus::Working,
                Stage::Waiting(waiting) => {
                    TaskStatus::InputRequired(waiting.open.iter().map(open).collect())
                }
                Stage::Completed(result) => TaskStatus::Completed(result.clone()),
                Stage::Failed(failure) => TaskStatus::Failed(failure.clone()),
                Stage::Cancelled => TaskStatus::Cancelled,
            },
            message: self.message.clone(),
            created_ms: self.created_ms,
            updated_ms: self.updated_ms,
            ttl_ms: self.ttl_ms,
            poll_ms: self.poll_ms,
        }
    }
}

fn response_bytes(responses: &[(String, InputResponse)]) -> usize {
    serde_json::to_vec(responses).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests;
