//! The interface `tasks`.

use super::{WitError, no_task};
use crate::bindings::host::portcullis::plugin::call::Context as Call;
use crate::bindings::task_plugin::exports::portcullis::plugin::tasks;
use crate::{Answer, Context, Error, Outcome};

use tasks::{Guest, RunOutcome, RunRequest};

/// A plugin with tools that begin tasks.
pub trait Tasks {
    const TASKS: &'static [Task];
}

impl<P: Tasks> Guest for P {
    fn run(request: RunRequest, context: Call) -> Result<RunOutcome, WitError> {
        run(P::TASKS, request, context)
    }
}

/// A function marked `#[task]`.
pub struct Task {
    /// The tool that begins it.
    pub tool: &'static str,
    pub run: fn(&Context) -> Result<Outcome<Answer>, Error>,
}

fn run(tasks: &[Task], request: RunRequest, call: Call) -> Result<RunOutcome, WitError> {
    let Some(task) = tasks.iter().find(|task| task.tool == request.tool) else {
        return Err(WitError::NotFound(request.tool));
    };
    let context = Context::new(call, request.continuation);
    match (task.run)(&context).map_err(Error::into_wit)? {
        Outcome::Complete(answer) => Ok(RunOutcome::Complete(answer.into())),
        Outcome::Ask(questions) => Ok(RunOutcome::InputRequired(questions.into())),
        Outcome::Task(_) => Err(no_task()),
    }
}
