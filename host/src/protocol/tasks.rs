//! `tasks/get`, `tasks/update`, `tasks/cancel`. Legacy clients are offered none of it, since what their revisions call tasks is
//! something else.

use rmcp::RoleServer;
use rmcp::model::{
    CancelTaskMethod, CancelTaskParams, ConstString, ErrorData, GetTaskMethod, GetTaskParams,
    GetTaskResult, InitializeResult, TASKS_EXTENSION_ID, UpdateTaskMethod, UpdateTaskParams,
};
use rmcp::service::RequestContext;

use super::guard::guarded;
use super::session::Session;
use super::to_mcp::Subject;
use super::{Era, from_mcp, to_mcp};
use crate::contract::Context;
use crate::host::{CallError, Host};

/// A request about tasks.
pub(super) struct TaskRequests<'a> {
    pub(super) host: &'a Host,
    pub(super) session: &'a Session,
}

impl TaskRequests<'_> {
    /// Tells where a task stands.
    pub(super) async fn get(
        self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let answer = async {
            let asker = self.asker::<GetTaskMethod>(context)?;
            let task = self.host.task(&request.task_id, &asker).await;
            task.map(to_mcp::task).map_err(refused)
        };
        guarded(Era::Modern, answer).await
    }

    /// Takes answers to a task's questions.
    pub(super) async fn update(
        self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let answer = async {
            let asker = self.asker::<UpdateTaskMethod>(context)?;
            let UpdateTaskParams {
                task_id,
                input_responses,
                ..
            } = request;
            let taken = self.host.update_task(&task_id, input_responses, &asker);
            taken.await.map_err(refused)
        };
        guarded(Era::Modern, answer).await
    }

    /// Gives a task up.
    pub(super) async fn cancel(
        self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let answer = async {
            let asker = self.asker::<CancelTaskMethod>(context)?;
            let cancelled = self.host.cancel_task(&request.task_id, &asker);
            cancelled.await.map_err(refused)
        };
        guarded(Era::Modern, answer).await
    }

    /// Who asks.
    fn asker<M: ConstString>(
        &self,
        mut context: RequestContext<RoleServer>,
    ) -> Result<Context, ErrorData> {
        match Era::of(&context) {
            Era::Legacy => Err(ErrorData::method_not_found::<M>()),
            Era::Modern => Ok(from_mcp::surroundings(&mut context, self.session).context),
        }
    }
}

/// What a legacy client is told of the server: all but tasks.
pub(super) fn without_tasks(mut result: InitializeResult) -> InitializeResult {
    if let Some(extensions) = &mut result.capabilities.extensions {
        extensions.remove(TASKS_EXTENSION_ID);
        if extensions.is_empty() {
            result.capabilities.extensions = None;
        }
    }
    result
}

fn refused(failure: CallError) -> ErrorData {
    to_mcp::error(failure, Subject::Named)
}
