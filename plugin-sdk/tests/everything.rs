//! What a host sees of a plugin, asked natively through the functions the component would export.

// The test reads the very plugin that is built as an example.
#[path = "../examples/everything.rs"]
mod everything_plugin;

use everything_plugin::everything::PortcullisPlugin as Plugin;
use portcullis_plugin::bindings::completion_plugin::exports::portcullis::plugin::completion;
use portcullis_plugin::bindings::host::portcullis::plugin::call::{
    ClientCapabilities, Context as Call, Continuation, InputRequest, InputResponse,
};
use portcullis_plugin::bindings::host::portcullis::plugin::content::ResourceBody;
use portcullis_plugin::bindings::host::portcullis::plugin::types::Error;
use portcullis_plugin::bindings::lifecycle_plugin::exports::portcullis::plugin::lifecycle;
use portcullis_plugin::bindings::prompt_plugin::exports::portcullis::plugin::prompts;
use portcullis_plugin::bindings::resource_plugin::exports::portcullis::plugin::resources;
use portcullis_plugin::bindings::tool_plugin::exports::portcullis::plugin::tools;
use portcullis_plugin::serde_json::{Value, from_str, json};
use portcullis_plugin::{Message, Role};

fn call() -> Call {
    Call {
        call_id: "1".to_owned(),
        protocol_version: "2026-07-28".to_owned(),
        client: None,
        capabilities: ClientCapabilities {
            elicitation_form: true,
            elicitation_url: false,
            sampling: false,
            sampling_tools: false,
            roots: false,
            tasks: false,
            extensions: Vec::new(),
        },
        principal: None,
        trace: None,
        deadline_ms: 1000,
        meta: None,
    }
}

fn first_round() -> Continuation {
    Continuation {
        responses: Vec::new(),
        state: None,
    }
}

fn tool(name: &str) -> tools::Tool {
    let page = <Plugin as tools::Guest>::list(None).expect("a list");
    let mut found = page.tools.into_iter();
    found.find(|it| it.name == name).expect("a tool")
}

fn run(name: &str, arguments: Value, continuation: Continuation) -> tools::CallOutcome {
    let request = tools::CallRequest {
        name: name.to_owned(),
        arguments: arguments.to_string(),
        continuation,
    };
    <Plugin as tools::Guest>::call(request, call()).expect("an outcome")
}

fn answer(name: &str, arguments: Value) -> tools::ToolResult {
    match run(name, arguments, first_round()) {
        tools::CallOutcome::Complete(result) => result,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_answer(arguments: Value, is_error: bool, expected: &str) {
    let answer = answer("repeat", arguments);
    assert_eq!(answer.content[0].as_text(), Some(expected));
    assert_eq!(answer.is_error, is_error);
}

#[test]
fn tools_are_listed_in_source_order_on_one_page() {
    let page = <Plugin as tools::Guest>::list(None).unwrap();
    let names: Vec<_> = page.tools.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["distance", "repeat", "delete-all"]);
    assert_eq!(page.next_cursor, None);
    assert!(<Plugin as tools::Guest>::list(Some(String::new())).is_err());
}

#[test]
fn the_schema_says_what_the_signature_says() {
    let schema: Value = from_str(&tool("repeat").input_schema).unwrap();
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "words": {
                    "type": "array",
                    "items": {"type": "string"},
                    "maxItems": 8,
                    "description": "The words.",
                },
                "times": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 9,
                    "default": 2,
                    "description": "How many times.",
                },
                "between": {"type": "string", "default": " "},
            },
            "required": ["words"],
        })
    );
}

#[test]
fn an_option_is_not_required_and_types_are_inlined() {
    let schema: Value = from_str(&tool("distance").input_schema).unwrap();
    assert_eq!(schema["required"], json!(["from", "to"]));
    assert_eq!(
        schema["properties"]["from"]["properties"]["x"]["type"],
        "number"
    );
    assert_eq!(
        schema["properties"]["from"]["description"],
        "Where the way begins."
    );
    assert!(!schema.to_string().contains("$ref"), "{schema}");
    assert!(!schema.to_string().contains("double"), "{schema}");
}

#[test]
fn a_tool_without_arguments_has_an_empty_object_and_takes_it() {
    let schema: Value = from_str(&tool("delete-all").input_schema).unwrap();
    assert_eq!(
        schema,
        json!({"type": "object", "additionalProperties": false, "properties": {}})
    );
    run("delete-all", json!({}), first_round());
}

#[test]
fn the_options_of_a_tool_reach_its_description() {
    let distance = tool("distance");
    assert_eq!(distance.title.as_deref(), Some("Measure a distance"));
    assert_eq!(
        distance.description.as_deref(),
        Some("Measures the way from one point to another.")
    );
    let hints = distance.annotations.unwrap();
    assert_eq!(hints.read_only_hint, Some(true));
    assert_eq!(hints.destructive_hint, None);
    assert_eq!(hints.idempotent_hint, Some(true));
    assert_eq!(hints.open_world_hint, Some(false));
    assert_eq!(tool("repeat").annotations, None);
    assert_eq!(
        tool("repeat").meta.as_deref(),
        Some(r#"{"example.com/stage": "beta"}"#)
    );
}

#[test]
fn a_data_type_is_structured_content_and_text_with_a_schema() {
    let schema: Value = from_str(&tool("distance").output_schema.unwrap()).unwrap();
    assert_eq!(schema["required"], json!(["length", "metric"]));
    let answer = answer(
        "distance",
        json!({"from": {"x": 0, "y": 0}, "to": {"x": 3, "y": 4}, "metric": "city-block"}),
    );
    let structured = answer.structured.unwrap();
    assert_eq!(structured, r#"{"length":7.0,"metric":"city-block"}"#);
    assert_eq!(answer.content[0].as_text(), Some(&*structured));
    assert_eq!(tool("repeat").output_schema, None);
}

#[test]
fn defaults_fill_in_and_mistakes_are_said_in_a_sentence() {
    check_answer(json!({"words": ["a", "b"]}), false, "a b a b");
    check_answer(
        json!({"words": ["a"], "times": 3, "between": "-"}),
        false,
        "a-a-a",
    );
    check_answer(
        json!({"words": []}),
        true,
        "there are no words: give at least one",
    );
    check_answer(json!({}), true, "missing argument `words`");
    check_answer(
        json!({"words": ["a"], "times": -1}),
        true,
        "argument `times`: invalid value: integer `-1`, expected u32",
    );
    check_answer(
        json!({"words": ["a"], "separator": ""}),
        true,
        "unknown argument `separator`, expected one of `words`, `times`, `between`",
    );
}

#[test]
fn an_unknown_tool_is_not_found() {
    let request = tools::CallRequest {
        name: "other".to_owned(),
        arguments: "{}".to_owned(),
        continuation: first_round(),
    };
    let error = <Plugin as tools::Guest>::call(request, call()).unwrap_err();
    assert_eq!(error, Error::NotFound("other".to_owned()));
}

#[test]
fn a_question_ends_the_round_and_its_response_goes_on() {
    let tools::CallOutcome::InputRequired(asked) = run("delete-all", json!({}), first_round())
    else {
        panic!("no question");
    };
    let (key, InputRequest::ElicitForm(form)) = &asked.requests[0] else {
        panic!("no form");
    };
    assert_eq!((&**key, &*form.message), ("confirm", "Delete everything?"));
    let schema: Value = from_str(&form.schema).unwrap();
    assert_eq!(schema["properties"]["sure"]["type"], "boolean");
    assert_eq!(asked.state.as_deref(), Some(&b"asked once"[..]));

    let check = |response: InputResponse, is_error: bool, expected: &str| {
        let continuation = Continuation {
            responses: vec![("confirm".to_owned(), response)],
            state: asked.state.clone(),
        };
        match run("delete-all", json!({}), continuation) {
            tools::CallOutcome::Complete(answer) => {
                assert_eq!(answer.content[0].as_text(), Some(expected));
                assert_eq!(answer.is_error, is_error);
            }
            other => panic!("{other:?}"),
        }
    };
    let form = |text: &str| InputResponse::Accepted(text.to_owned());
    check(form(r#"{"sure": true}"#), false, "All gone.");
    check(form(r#"{"sure": false}"#), true, "nothing was deleted");
    check(
        form("{}"),
        true,
        "the form does not fit: missing field `sure`",
    );
    check(InputResponse::Declined, true, "the person declined");
}

fn read(uri: &str) -> Result<(Option<String>, ResourceBody), Error> {
    let request = resources::ReadRequest {
        uri: uri.to_owned(),
        continuation: first_round(),
    };
    match <Plugin as resources::Guest>::read(request, call())? {
        resources::ReadOutcome::Complete(mut read) => {
            let contents = read.contents.remove(0);
            assert_eq!(contents.uri, uri);
            Ok((contents.mime_type, contents.body))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn resources_and_templates_are_listed_apart() {
    let listed = <Plugin as resources::Guest>::list(None).unwrap().resources;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].uri, "everything://all");
    assert_eq!(listed[0].name, "all");
    assert_eq!(listed[0].mime_type.as_deref(), Some("text/markdown"));
    let templates = <Plugin as resources::Guest>::list_templates(None).unwrap();
    let uris: Vec<_> = (templates.templates.iter())
        .map(|it| (&*it.uri_template, it.mime_type.as_deref()))
        .collect();
    assert_eq!(
        uris,
        [
            (
                "everything://tables/{table}/{column}-{row}",
                Some("application/json")
            ),
            (
                "everything://files/{+path}",
                Some("application/octet-stream")
            ),
        ]
    );
}

#[test]
fn a_uri_is_read_by_the_function_it_fits() {
    let text = |text: &str| ResourceBody::Text(text.to_owned());
    let mime = |mime: &str| Some(mime.to_owned());
    assert_eq!(
        read("everything://all"),
        Ok((mime("text/markdown"), text("# Everything")))
    );
    assert_eq!(
        read("everything://tables/a%20b/c-7"),
        Ok((mime("application/json"), text(r#"["a b","c",7]"#)))
    );
    assert_eq!(
        read("everything://files/a/b"),
        Ok((
            mime("application/octet-stream"),
            ResourceBody::Blob(b"a/b".to_vec())
        ))
    );
}

#[test]
fn nothing_at_a_uri_is_not_found_and_an_error_keeps_its_case() {
    for uri in [
        "everything://none",
        "everything://tables/t/c-x",
        "everything://tables/t/c-0",
    ] {
        assert_eq!(read(uri), Err(Error::NotFound(uri.to_owned())));
    }
    assert_eq!(
        read("everything://files/secret"),
        Err(Error::Denied("reading `secret`".to_owned()))
    );
}

fn prompt(arguments: &[(&str, &str)]) -> Result<Vec<Message>, Error> {
    let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
    let request = prompts::GetRequest {
        name: "letter".to_owned(),
        arguments: arguments.iter().map(owned).collect(),
        continuation: first_round(),
    };
    match <Plugin as prompts::Guest>::get(request, call())? {
        prompts::GetOutcome::Complete(prompt) => Ok(prompt.messages),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prompt_lists_its_arguments() {
    let page = <Plugin as prompts::Guest>::list(None).unwrap();
    let arguments: Vec<_> = (page.prompts[0].arguments.iter().flatten())
        .map(|it| (&*it.name, it.description.as_deref(), it.required))
        .collect();
    assert_eq!(
        arguments,
        [
            ("to", Some("Whom it is to."), true),
            ("tone", Some("How it sounds."), false),
        ]
    );
}

#[test]
fn a_prompt_is_filled_in_or_says_what_is_missing() {
    let messages = prompt(&[("to", "Ada")]).unwrap();
    assert_eq!(
        messages[0],
        Message::user("Write a friendly letter to Ada.")
    );
    assert_eq!(messages[1].role, Role::Assistant);
    assert_eq!(
        prompt(&[("tone", "terse")]),
        Err(Error::InvalidParams("missing argument `to`".to_owned()))
    );
    assert_eq!(
        prompt(&[("to", "Ada"), ("from", "Bob")]),
        Err(Error::InvalidParams("unknown argument `from`".to_owned()))
    );
}

fn complete(
    reference: completion::Reference,
    argument: &str,
    value: &str,
) -> Result<completion::Suggestions, Error> {
    let request = completion::CompleteRequest {
        reference,
        argument: argument.to_owned(),
        value: value.to_owned(),
        others: vec![("table".to_owned(), "t".to_owned())],
    };
    <Plugin as completion::Guest>::complete(request, call())
}

#[test]
fn completion_suggests_at_most_a_hundred() {
    let letter = || completion::Reference::Prompt("letter".to_owned());
    let few = complete(letter(), "tone", "f").unwrap();
    assert_eq!(few.values, ["friendly", "formal"]);
    assert!(!few.has_more);

    let uri = "everything://tables/{table}/{column}-{row}".to_owned();
    let many = complete(completion::Reference::ResourceTemplate(uri), "row", "1").unwrap();
    assert_eq!(many.values.len(), 100);
    assert!(many.has_more);

    let unknown = complete(letter(), "to", "");
    assert_eq!(unknown, Err(Error::NotFound("to".to_owned())));
}

#[test]
fn the_lifecycle_is_told() {
    assert_eq!(<Plugin as lifecycle::Guest>::activate(), Ok(()));
    assert_eq!(<Plugin as lifecycle::Guest>::health(), Ok(()));
    <Plugin as lifecycle::Guest>::deactivate(lifecycle::DeactivationReason::Shutdown);
}
