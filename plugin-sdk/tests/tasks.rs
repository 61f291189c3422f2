//! Tools that begin tasks, that need something of the client, and that bring their own schema.

use portcullis_plugin::Context;
use portcullis_plugin::bindings::host::portcullis::plugin::call::{
    ClientCapabilities, Context as Call, Continuation, InputResponse,
};
use portcullis_plugin::bindings::host::portcullis::plugin::types::{CustomError, Error};
use portcullis_plugin::bindings::task_plugin::exports::portcullis::plugin::tasks::{
    self, RunOutcome, RunRequest,
};
use portcullis_plugin::bindings::tool_plugin::exports::portcullis::plugin::tools::{
    self, CallOutcome, CallRequest, TaskSupport,
};

use bakery::PortcullisPlugin as Plugin;

#[portcullis_plugin::plugin]
mod bakery {
    use std::time::Duration;

    use portcullis_plugin::prelude::*;
    use portcullis_plugin::serde_json::{Value, json};

    /// Bakes a cake, at once for a client that cannot follow tasks.
    #[tool(task = "optional")]
    fn bake(cake: String, context: &Context) -> Outcome<String> {
        match context.capabilities().tasks {
            true => Outcome::Task(
                Task::new(cake)
                    .ttl(Duration::from_secs(60))
                    .poll(Duration::from_millis(500))
                    .status("in the oven"),
            ),
            false => Outcome::Complete(format!("{cake}, still warm")),
        }
    }

    #[task(tool = "bake")]
    fn go_on_baking(context: &Context) -> Result<Outcome<Answer>, Error> {
        let cake = String::from_utf8_lossy(context.state().unwrap_or_default()).into_owned();
        match &*cake {
            "coal" => Err(Error::other("it burnt")),
            "stone" => Err(Error::Custom {
                code: 7,
                message: "the oven broke".to_owned(),
                data: None,
            }),
            _ if context.response("icing").is_none() => {
                Ok(Outcome::Ask(Questions::new().roots("icing").state(cake)))
            }
            _ => Ok(Answer::text(cake).into()),
        }
    }

    /// Always a task.
    #[tool(task = "required", requires = r#"{"sampling":{}}"#)]
    fn brew() -> Outcome<()> {
        Outcome::Task(Task::new([]))
    }

    #[task(tool = "brew")]
    fn go_on_brewing() -> Outcome<()> {
        Outcome::Task(Task::new([]))
    }

    /// Never asks the model without it.
    #[tool]
    fn taste() -> Result<String, Error> {
        Err(Error::missing_capability(json!({"sampling": {}})))
    }

    /// Takes arguments that no Rust type describes.
    #[tool(
        input_schema = r#"{"type":"object", "$anchor":"a", "if":{"required":["a"]},"then":{"required":["b"]}}"#
    )]
    fn measure(arguments: Value, context: &Context) -> String {
        format!("{arguments} {}", context.protocol_version())
    }

    /// Takes none, and says so in its own words.
    #[tool(input_schema = r#"{"type":"object"}"#)]
    fn rest() -> &'static str {
        "resting"
    }

    #[prompt]
    fn hurry() -> Outcome<String> {
        Outcome::Task(Task::new([]))
    }

    #[resource("bakery://window")]
    fn window() -> Outcome<String> {
        Outcome::Task(Task::new([]))
    }
}

fn call(tasks: bool) -> Call {
    Call {
        call_id: "1".to_owned(),
        protocol_version: "2026-07-28".to_owned(),
        client: None,
        capabilities: ClientCapabilities {
            tasks,
            ..Context::default().capabilities().clone()
        },
        principal: None,
        trace: None,
        deadline_ms: 1000,
        meta: None,
    }
}

fn after(state: Option<&str>, responses: Vec<(String, InputResponse)>) -> Continuation {
    Continuation {
        responses,
        state: state.map(|it| it.as_bytes().to_vec()),
    }
}

fn listed(name: &str) -> tools::Tool {
    let page = <Plugin as tools::Guest>::list(None).expect("a list");
    let mut found = page.tools.into_iter();
    found.find(|it| it.name == name).expect("a tool")
}

fn begin(name: &str, arguments: &str, tasks: bool) -> Result<CallOutcome, Error> {
    let request = CallRequest {
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        continuation: after(None, Vec::new()),
    };
    <Plugin as tools::Guest>::call(request, call(tasks))
}

fn go_on(
    tool: &str,
    state: &str,
    responses: Vec<(String, InputResponse)>,
) -> Result<RunOutcome, Error> {
    let request = RunRequest {
        tool: tool.to_owned(),
        continuation: after(Some(state), responses),
    };
    <Plugin as tasks::Guest>::run(request, call(true))
}

#[track_caller]
fn check_answer(outcome: Result<RunOutcome, Error>, is_error: bool, expected: &str) {
    match outcome {
        Ok(RunOutcome::Complete(answer)) => {
            assert_eq!(answer.content[0].as_text(), Some(expected));
            assert_eq!(answer.is_error, is_error);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tool_says_whether_it_begins_tasks_and_what_it_requires() {
    assert_eq!(listed("bake").task_support, TaskSupport::Optional);
    assert_eq!(listed("bake").required_capabilities, None);
    assert_eq!(listed("brew").task_support, TaskSupport::Required);
    assert_eq!(
        listed("brew").required_capabilities.as_deref(),
        Some(r#"{"sampling":{}}"#)
    );
    assert_eq!(listed("taste").task_support, TaskSupport::Forbidden);
}

#[test]
fn a_task_begins_for_a_client_that_can_follow_it() {
    let Ok(CallOutcome::Task(task)) = begin("bake", r#"{"cake":"bread"}"#, true) else {
        panic!("no task");
    };
    assert_eq!(task.ttl_ms, Some(60_000));
    assert_eq!(task.poll_ms, Some(500));
    assert_eq!(task.status.as_deref(), Some("in the oven"));
    assert_eq!(task.state, b"bread");

    let Ok(CallOutcome::Complete(answer)) = begin("bake", r#"{"cake":"bread"}"#, false) else {
        panic!("no answer");
    };
    assert_eq!(answer.content[0].as_text(), Some("bread, still warm"));
}

#[test]
fn a_task_goes_on_with_its_state_and_asks() {
    let Ok(RunOutcome::InputRequired(asked)) = go_on("bake", "bread", Vec::new()) else {
        panic!("no question");
    };
    assert_eq!(asked.requests[0].0, "icing");
    assert_eq!(asked.state.as_deref(), Some(&b"bread"[..]));
    let icing = vec![("icing".to_owned(), InputResponse::Roots(Vec::new()))];
    check_answer(go_on("bake", "bread", icing), false, "bread");
}

#[test]
fn an_error_of_a_task_is_a_no_unless_it_has_a_code_of_its_own() {
    check_answer(go_on("bake", "coal", Vec::new()), true, "it burnt");
    let failure = Error::Custom(CustomError {
        code: 7,
        message: "the oven broke".to_owned(),
        data: None,
    });
    assert_eq!(go_on("bake", "stone", Vec::new()), Err(failure));
}

#[test]
fn a_missing_capability_reaches_the_client_as_it_is() {
    let missing = Error::MissingCapability(r#"{"sampling":{}}"#.to_owned());
    assert_eq!(begin("taste", "{}", false), Err(missing));
}

#[test]
fn only_a_tool_begins_a_task() {
    use portcullis_plugin::bindings::prompt_plugin::exports::portcullis::plugin::prompts;
    use portcullis_plugin::bindings::resource_plugin::exports::portcullis::plugin::resources;

    let refused = Error::Other(Some("only a tool can begin a task".to_owned()));
    assert_eq!(go_on("brew", "", Vec::new()), Err(refused.clone()));
    let prompt = prompts::GetRequest {
        name: "hurry".to_owned(),
        arguments: Vec::new(),
        continuation: after(None, Vec::new()),
    };
    let got = <Plugin as prompts::Guest>::get(prompt, call(true));
    assert_eq!(got, Err(refused.clone()));
    let resource = resources::ReadRequest {
        uri: "bakery://window".to_owned(),
        continuation: after(None, Vec::new()),
    };
    let read = <Plugin as resources::Guest>::read(resource, call(true));
    assert_eq!(read, Err(refused));
}

#[test]
fn a_task_of_an_unknown_tool_is_not_found() {
    let unknown = Error::NotFound("fry".to_owned());
    assert_eq!(go_on("fry", "", Vec::new()), Err(unknown));
}

#[test]
fn a_schema_of_its_own_is_listed_word_by_word_and_its_arguments_arrive_whole() {
    assert_eq!(
        listed("measure").input_schema,
        r#"{"type":"object", "$anchor":"a", "if":{"required":["a"]},"then":{"required":["b"]}}"#
    );
    let Ok(CallOutcome::Complete(answer)) = begin("measure", r#"{"b":[1],"a":null}"#, false) else {
        panic!("no answer");
    };
    assert_eq!(
        answer.content[0].as_text(),
        Some(r#"{"b":[1],"a":null} 2026-07-28"#)
    );
    let Ok(CallOutcome::Complete(answer)) = begin("rest", r#"{"any":1}"#, false) else {
        panic!("no answer");
    };
    assert_eq!(answer.content[0].as_text(), Some("resting"));
}
