//! The rest of a call that became a task.

use crate::exports::portcullis::plugin::tasks::{Guest, RunOutcome, RunRequest};
use crate::portcullis::plugin::call::{Form, InputRequest, InputRequired};
use crate::portcullis::plugin::progress;
use crate::{Context, Error, Everything, InputResponse, said};

impl Guest for Everything {
    fn run(request: RunRequest, _context: Context) -> Result<RunOutcome, Error> {
        if request.continuation.state.as_deref() == Some(b"first") {
            let form = Form {
                message: "Go on?".into(),
                schema: r#"{"type":"object","properties":{"sure":{"type":"boolean"}}}"#.into(),
            };
            return Ok(RunOutcome::InputRequired(InputRequired {
                requests: vec![("go-on".into(), InputRequest::ElicitForm(form))],
                state: Some(b"second".into()),
            }));
        }
        progress::report(1.0, None, Some("nearly done"));
        let response = request.continuation.responses.into_iter().next();
        let words = match response {
            Some((_, InputResponse::Accepted(json))) => json,
            _ => "no".into(),
        };
        Ok(RunOutcome::Complete(said(format!(
            "{} of {}",
            words, request.tool
        ))))
    }
}
