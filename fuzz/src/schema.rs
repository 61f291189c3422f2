//! A guest's JSON Schema, and arguments that are checked against it.

use std::thread;

use portcullis::catalogue::schema::ArgumentCheck;
use serde_json::Value;

use super::sentence;

/// What a thread of the host has. A check that needs more would end the process.
const STACK_BYTES: usize = 2 << 20;

/// Reads the first line as a schema and the rest as arguments. Effort is bounded by the fuzzer's time limit for one input.
pub fn check(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let mut json = || serde_json::from_slice::<Value>(lines.next()?).ok();
    let Some(schema) = json() else {
        return;
    };
    let arguments = json();
    let checked = thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || check_against(&schema, arguments.as_ref()))
        .expect("there is memory for a thread");
    if let Err(panic) = checked.join() {
        std::panic::resume_unwind(panic);
    }
}

fn check_against(schema: &Value, arguments: Option<&Value>) {
    let compiled = match ArgumentCheck::compile(schema) {
        Ok(compiled) => compiled,
        Err(error) => return sentence::check(&error.to_string()),
    };
    assert_eq!(schema["type"], "object");
    let Some(arguments) = arguments else {
        return;
    };
    let _ = compiled.is_quick(arguments);
    let answer = compiled.check(arguments);
    assert_eq!(answer, compiled.check(arguments), "it is no function");
    match answer {
        Ok(()) => {
            assert!(arguments.is_object(), "{arguments} are no arguments");
            has_what_is_required(schema, arguments);
        }
        Err(problems) => sentence::check(&problems),
    }
}

/// The simplest of all checks, by hand. Older dialects leave out what stands beside a `$ref`.
fn has_what_is_required(schema: &Value, arguments: &Value) {
    if schema.get("$ref").is_some() {
        return;
    }
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        assert!(arguments.get(key).is_some(), "`{key}` is missing");
    }
}
