use portcullis_plugin::Context;
use portcullis_plugin::bindings::host::portcullis::plugin::call::{
    Context as Call, Continuation, InputResponse,
};
use portcullis_plugin::bindings::task_plugin::exports::portcullis::plugin::tasks::{
    Guest, RunOutcome, RunRequest,
};

use super::jobs::PortcullisPlugin as Plugin;

fn run(tool: &str, state: Option<Vec<u8>>, responses: &[(&str, &str)]) -> RunOutcome {
    let accepted =
        |(key, form): &(&str, &str)| (key.to_string(), InputResponse::Accepted(form.to_string()));
    let request = RunRequest {
        tool: tool.to_owned(),
        continuation: Continuation {
            responses: responses.iter().map(accepted).collect(),
            state,
        },
    };
    let context = Call {
        call_id: "1".to_owned(),
        protocol_version: "2026-07-28".to_owned(),
        client: None,
        capabilities: Context::default().capabilities().clone(),
        principal: None,
        trace: None,
        deadline_ms: 1000,
        meta: None,
    };
    Plugin::run(request, context).expect("an outcome")
}

#[track_caller]
fn check_asked(outcome: RunOutcome, expected: &[&str]) -> Option<Vec<u8>> {
    let RunOutcome::InputRequired(asked) = outcome else {
        panic!("{outcome:?}");
    };
    let keys: Vec<&str> = asked.requests.iter().map(|(key, _)| &**key).collect();
    assert_eq!(keys, expected);
    asked.state
}

#[track_caller]
fn check_said(outcome: RunOutcome, expected: &str) {
    let RunOutcome::Complete(answer) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(answer.content[0].as_text(), Some(expected));
}

#[test]
fn two_inputs_may_come_at_once_or_one_after_the_other() {
    let name = r#"{"name":"a"}"#;
    let said = r#"first: {"name":"a"}, second: {"name":"a"}"#;

    let state = check_asked(
        run("multi_input", Some(Vec::new()), &[]),
        &["first", "second"],
    );
    let both = [("first", name), ("second", name)];
    check_said(run("multi_input", state.clone(), &both), said);

    let state = check_asked(run("multi_input", state, &[("second", name)]), &["first"]);
    check_said(run("multi_input", state, &[("first", name)]), said);
}

#[test]
fn a_file_is_deleted_only_with_consent() {
    let file = || Some(b"a.txt".to_vec());
    let state = check_asked(run("confirm_delete", file(), &[]), &["confirm"]);
    assert_eq!(state, file());
    let yes = [("confirm", r#"{"confirm":true}"#)];
    check_said(run("confirm_delete", state.clone(), &yes), "deleted a.txt");
    let no = [("confirm", r#"{"confirm":false}"#)];
    check_said(run("confirm_delete", state, &no), "a.txt was not deleted");
}
