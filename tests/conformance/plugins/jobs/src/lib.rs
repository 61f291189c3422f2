//! Tools whose calls become tasks, beside one that never does.
//!
//! Names, keys and texts are those that the conformance suite asks for.

mod inputs;

/// The tools and their tasks.
#[portcullis_plugin::plugin]
pub mod jobs {
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::{Value, json};
    use portcullis_plugin::{cancelled, progress, schema, serde_json};

    use crate::inputs::Inputs;

    /// How often a client looks in, and a job at whether anybody still waits.
    const POLL: Duration = Duration::from_millis(100);

    /// Long enough for a client to see that the task works.
    const MOMENT: Duration = Duration::from_secs(1);

    /// Work to do.
    #[data]
    struct Work {
        seconds: u64,
        label: String,
    }

    /// Says hello, always at once.
    #[tool]
    fn greet(
        /// Whom to greet.
        name: String,
    ) -> String {
        format!("Hello, {name}!")
    }

    /// Computes for some seconds: as a task for a client that can follow one, or else at once.
    #[tool(task = "optional")]
    fn slow_compute(
        /// How long it takes.
        #[schemars(range(max = 3600))]
        seconds: u64,
        /// What it is for.
        #[default("work")]
        label: String,
        context: &Context,
    ) -> Result<Outcome<Answer>, Error> {
        let work = Work { seconds, label };
        match context.capabilities().tasks {
            true => {
                let state = serde_json::to_vec(&work)?;
                Ok(Outcome::Task(
                    Task::new(state).poll(POLL).status("computing"),
                ))
            }
            false => compute(&work).map(Outcome::Complete),
        }
    }

    #[task(tool = "slow_compute")]
    fn go_on_computing(context: &Context) -> Result<Answer, Error> {
        compute(&serde_json::from_slice(
            context.state().unwrap_or_default(),
        )?)
    }

    fn compute(work: &Work) -> Result<Answer, Error> {
        let begun = Instant::now();
        let whole = Duration::from_secs(work.seconds);
        while let Some(left) = whole.checked_sub(begun.elapsed()) {
            if cancelled() {
                return Err(Error::unavailable("nobody waits for it any more"));
            }
            sleep(left.min(POLL));
            let done = begun.elapsed().min(whole).as_secs_f64();
            progress::report(done, whole.as_secs_f64(), "computing");
        }
        let Work { seconds, label } = work;
        Ok(Answer::text(format!("{label}: computed for {seconds} s")))
    }

    /// Works for a moment and says no.
    #[tool(task = "required")]
    fn failing_job() -> Outcome<Answer> {
        Outcome::Task(Task::new([]).poll(POLL).status("working"))
    }

    #[task(tool = "failing_job")]
    fn fail() -> Answer {
        sleep(MOMENT);
        Answer::error("the job failed, as it always does")
    }

    /// Breaks.
    #[tool(task = "required")]
    fn protocol_error_job() -> Outcome<Answer> {
        Outcome::Task(Task::new([]).poll(POLL).status("working"))
    }

    #[task(tool = "protocol_error_job")]
    fn break_off() -> Result<Answer, Error> {
        Err(Error::Custom {
            code: 1,
            message: "the job broke, as it always does".to_owned(),
            data: None,
        })
    }

    /// Deletes a file, after the person has agreed. There is no file.
    #[tool(task = "required", requires = r#"{"elicitation":{}}"#)]
    fn confirm_delete(
        /// The file.
        filename: String,
    ) -> Outcome<Answer> {
        Outcome::Task(Task::new(filename).poll(POLL).status("asking"))
    }

    #[task(tool = "confirm_delete")]
    fn delete(context: &Context) -> Result<Outcome<Answer>, Error> {
        #[data]
        struct Consent {
            confirm: bool,
        }
        let filename = std::str::from_utf8(context.state().unwrap_or_default())?;
        let Some(response) = context.response("confirm") else {
            let message = format!("Delete {filename}?");
            let question = Questions::new().form("confirm", message, schema::of::<Consent>());
            return Ok(Outcome::Ask(question.state(filename)));
        };
        match response.accepted::<Consent>()?.confirm {
            true => Ok(Answer::text(format!("deleted {filename}")).into()),
            false => Ok(Answer::error(format!("{filename} was not deleted")).into()),
        }
    }

    /// Asks two things at once, and goes on when both are answered.
    #[tool(task = "required", requires = r#"{"elicitation":{}}"#)]
    fn multi_input() -> Outcome<Answer> {
        Outcome::Task(Task::new([]).poll(POLL).status("asking"))
    }

    #[task(tool = "multi_input")]
    fn gather(context: &Context) -> Result<Outcome<Answer>, Error> {
        let mut inputs = Inputs::read(context.state().unwrap_or_default());
        inputs.note(context);
        match inputs.missing() {
            Some(questions) => Ok(Outcome::Ask(questions)),
            None => Ok(Answer::text(inputs.to_string()).into()),
        }
    }

    /// Asks for a name, and then works on it as a task.
    #[tool(task = "required", requires = r#"{"elicitation":{}}"#)]
    fn test_tool_with_task(context: &Context) -> Outcome<Answer> {
        let name = match context.response("user_name") {
            Some(Response::Accepted(form)) => form.get("name").and_then(Value::as_str),
            _ => None,
        };
        if let Some(name) = name {
            return Outcome::Task(Task::new(name).poll(POLL).status("working"));
        }
        let form = json!({
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        });
        Outcome::Ask(Questions::new().form("user_name", "What is your name?", form))
    }

    #[task(tool = "test_tool_with_task")]
    fn work_on_name(context: &Context) -> Result<String, Error> {
        let name = std::str::from_utf8(context.state().unwrap_or_default())?;
        Ok(format!("Hello, {name}!"))
    }
}

#[cfg(test)]
mod tests;
