//! Tools and a prompt that ask the person or the client before they answer.
//!
//! Names, keys and texts are those that the conformance suite asks for.

mod forms;
mod said;

/// The tools and the prompt.
#[portcullis_plugin::plugin]
pub mod rounds {
    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::{Value, json};

    use crate::{forms, said};

    /// Asks the client's model what the prompt says.
    #[tool(requires = r#"{"sampling":{}}"#)]
    fn test_sampling(
        /// What the model is asked.
        prompt: String,
        context: &Context,
    ) -> Outcome<String> {
        match context.response("model").and_then(said::words) {
            Some(words) => Outcome::Complete(format!("LLM response: {words}")),
            None => Outcome::Ask(Questions::new().sample("model", model(&prompt, 100))),
        }
    }

    /// Asks the person for a name and an address.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_elicitation(
        /// What the person is told.
        message: String,
        context: &Context,
    ) -> Outcome<String> {
        fill_in(context, "User response", &message, forms::user())
    }

    /// Asks with a form that is filled in already.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_elicitation_sep1034_defaults(context: &Context) -> Outcome<String> {
        let message = "Please check what is filled in";
        fill_in(context, "Elicitation completed", message, forms::defaults())
    }

    /// Asks with a form of choices.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_elicitation_sep1330_enums(context: &Context) -> Outcome<String> {
        let message = "Please choose";
        fill_in(context, "Elicitation completed", message, forms::choices())
    }

    /// Asks the person for a name, over a stream.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_streaming_elicitation(context: &Context) -> Outcome<String> {
        greet(context)
    }

    /// Asks the person for a name and says hello.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_input_required_result_elicitation(context: &Context) -> Outcome<String> {
        greet(context)
    }

    /// Asks the client's model for a capital.
    #[tool(requires = r#"{"sampling":{}}"#)]
    fn test_input_required_result_sampling(context: &Context) -> Outcome<String> {
        let question = model("What is the capital of France?", 100);
        match context.response("capital_question").and_then(said::words) {
            Some(words) => Outcome::Complete(words),
            None => Outcome::Ask(Questions::new().sample("capital_question", question)),
        }
    }

    /// Asks the client for the folders it works in.
    #[tool(requires = r#"{"roots":{}}"#)]
    fn test_input_required_result_list_roots(context: &Context) -> Outcome<String> {
        match context.response("client_roots").and_then(said::folders) {
            Some(folders) => Outcome::Complete(folders),
            None => Outcome::Ask(Questions::new().roots("client_roots")),
        }
    }

    /// Asks for a yes, and keeps a state meanwhile.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_input_required_result_request_state(
        context: &Context,
    ) -> Result<Outcome<String>, Error> {
        confirm(context)
    }

    /// Asks for a yes, and keeps a state that nobody can change meanwhile.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_input_required_result_tampered_state(
        context: &Context,
    ) -> Result<Outcome<String>, Error> {
        confirm(context)
    }

    /// Asks the person, the model and the client at once.
    #[tool(requires = r#"{"elicitation":{},"sampling":{},"roots":{}}"#)]
    fn test_input_required_result_multiple_inputs(context: &Context) -> Outcome<String> {
        let name = context
            .response("user_name")
            .and_then(|it| said::text(it, "name"));
        let greeting = context.response("greeting").and_then(said::words);
        let folders = context.response("client_roots").and_then(said::folders);
        if let (Some(name), Some(greeting), Some(folders)) = (name, greeting, folders) {
            return Outcome::Complete(format!("{greeting} {name} works in {folders}"));
        }
        let questions = Questions::new()
            .form("user_name", "What is your name?", forms::text("name"))
            .sample("greeting", model("Generate a greeting", 50))
            .roots("client_roots");
        Outcome::Ask(questions.state(*b"all three were asked"))
    }

    /// Asks twice, one after the other.
    #[tool(requires = r#"{"elicitation":{}}"#)]
    fn test_input_required_result_multi_round(context: &Context) -> Result<Outcome<String>, Error> {
        let ask_name = || {
            let form = forms::text("name");
            Questions::new()
                .form("step1", "Step 1: What is your name?", form)
                .state(*b"name")
        };
        let ask_color = |name: &str| {
            let form = forms::text("color");
            let questions =
                Questions::new().form("step2", "Step 2: What is your favorite color?", form);
            questions.state(format!("color of {name}"))
        };
        let Some(state) = context.state() else {
            return Ok(Outcome::Ask(ask_name()));
        };
        // What the first round learned is in the state alone: the second one gets only its own responses.
        match std::str::from_utf8(state)?.strip_prefix("color of ") {
            None => Ok(Outcome::Ask(
                match context
                    .response("step1")
                    .and_then(|it| said::text(it, "name"))
                {
                    Some(name) => ask_color(&name),
                    None => ask_name(),
                },
            )),
            Some(name) => Ok(
                match context
                    .response("step2")
                    .and_then(|it| said::text(it, "color"))
                {
                    Some(color) => Outcome::Complete(format!("{name} likes {color}")),
                    None => Outcome::Ask(ask_color(name)),
                },
            ),
        }
    }

    /// Asks whatever the client can answer.
    #[tool]
    fn test_input_required_result_capabilities(context: &Context) -> Outcome<String> {
        let can = context.capabilities();
        let answers = [
            context
                .response("user_name")
                .and_then(|it| said::text(it, "name")),
            context.response("capital_question").and_then(said::words),
            context.response("client_roots").and_then(said::folders),
        ];
        let answers: Vec<String> = answers.into_iter().flatten().collect();
        if !answers.is_empty() {
            return Outcome::Complete(answers.join(", "));
        }
        if !can.elicitation_form && !can.sampling && !can.roots {
            return Outcome::Complete("the client can be asked nothing".to_owned());
        }
        let mut questions = Questions::new();
        if can.elicitation_form {
            questions = questions.form("user_name", "What is your name?", forms::text("name"));
        }
        if can.sampling {
            let question = model("What is the capital of France?", 100);
            questions = questions.sample("capital_question", question);
        }
        if can.roots {
            questions = questions.roots("client_roots");
        }
        Outcome::Ask(questions)
    }

    /// Asks the person what it is about.
    #[prompt]
    fn test_input_required_result_prompt(context: &Context) -> Outcome<String> {
        let said = context.response("user_context");
        match said.and_then(|it| said::text(it, "context")) {
            Some(about) => Outcome::Complete(format!("Use this context: {about}")),
            None => {
                let message = "What context should the prompt use?";
                let form = forms::text("context");
                Outcome::Ask(Questions::new().form("user_context", message, form))
            }
        }
    }

    fn greet(context: &Context) -> Outcome<String> {
        let said = context.response("user_name");
        match said.and_then(|it| said::text(it, "name")) {
            Some(name) => Outcome::Complete(format!("Hello, {name}!")),
            None => {
                let form = forms::text("name");
                Outcome::Ask(Questions::new().form("user_name", "What is your name?", form))
            }
        }
    }

    fn fill_in(context: &Context, what: &str, message: &str, form: Value) -> Outcome<String> {
        match context.response("form") {
            Some(response) => Outcome::Complete(format!("{what}: {}", said::form(response))),
            None => Outcome::Ask(Questions::new().form("form", message, form)),
        }
    }

    /// The state is the proof that the person was asked: a response without it counts for nothing.
    fn confirm(context: &Context) -> Result<Outcome<String>, Error> {
        const ASKED: &[u8] = b"the person was asked";
        match (context.state(), context.response("confirm")) {
            (Some(ASKED), Some(response)) => Ok(Outcome::Complete(format!(
                "state-ok: {}",
                said::form(response)
            ))),
            (None | Some(ASKED), _) => Ok(Outcome::Ask(
                Questions::new()
                    .form("confirm", "Please confirm", forms::yes("ok"))
                    .state(ASKED),
            )),
            (Some(_), _) => Err(Error::other("this is not the state that was given out")),
        }
    }

    fn model(text: &str, tokens: u32) -> Value {
        let message = json!({"role": "user", "content": {"type": "text", "text": text}});
        json!({"messages": [message], "maxTokens": tokens})
    }
}
