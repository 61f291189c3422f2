//! Calls to tools that say they change nothing, to see whether they answer at all: the only check that runs a tool.
//!
//! Whoever asks for it starts the host with every permission refused. A tool that says no is fine: it was asked for
//! nothing sensible.

use std::collections::HashSet;
use std::time::Duration;

use super::arguments::made_up;
use super::{Code, Findings};
use crate::catalogue::Offered;
use crate::catalogue::schema::ValueCheck;
use crate::contract::{TaskSupport, Tool};
use crate::host::{Call, CallError, Host, Reply, Retry, State, ToolReply};
use crate::names::{PluginName, shown, without_hint};

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*FAILED, *UNFIT, *SKIPPED];

const FAILED: &Code = &Code::error(
    "PC0740",
    "smoke-call-failed",
    "a tool that only reads failed when it was called",
    "It was called in the sandbox, without any permission, with arguments that fit its schema: its examples where there \
     are some. It crashed, met a limit, or said something that makes no sense. A tool that cannot do its work says so in \
     an answer. `portcullis call` repeats the call.",
);
const UNFIT: &Code = &Code::error(
    "PC0741",
    "answer-does-not-fit",
    "a structured answer does not fit its tool's output schema",
    "Clients hold structured answers against the output schema and refuse those that do not fit. A tool with an output \
     schema gives a structured answer each time it does not say no.",
);
const SKIPPED: &Code = &Code::note(
    "PC0742",
    "smoke-call-skipped",
    "a tool that only reads was not called",
    "No arguments could be thought up that fit its schema, and with `examples` in the schema it is called with the first; or the \
     tools before it took all the time, or are as many as are called; or the plugin does not offer it without its permissions, \
     with which none is called. The message says which.",
);

/// Calls of one plugin. Each may take as long as the limits allow.
const CALLS_MAX: usize = 50;

/// All of them together; a CI job waits for it.
const ALL_CALLS_MAX: Duration = Duration::from_secs(120);

/// Calls the tools of one plugin that say they change nothing and stay at home. `listed` is what it lists with all that it was
/// given; in this host it was given nothing.
pub async fn run(host: &Host, plugin: &PluginName, listed: &[Tool], findings: &mut Findings) {
    let until = tokio::time::Instant::now() + ALL_CALLS_MAX;
    host.settled().await;
    let mut statuses = host.statuses().into_iter();
    if let Some(State::Failed(reason)) = statuses.next().map(|status| status.state) {
        let message = format!(
            "without its permissions it is not put into service, so none of its tools was called: {}",
            without_hint(&reason)
        );
        let hint = "let it start without its permissions";
        return findings.add(SKIPPED, "its tools", message, hint);
    }
    let catalogue = host.catalogue_now();
    let tools = catalogue.tools().iter();
    let tools = tools.filter(|tool| tool.plugin == *plugin && only_reads(&tool.item));
    let tools: Vec<_> = tools.collect();
    let offered: HashSet<_> = tools.iter().map(|tool| &tool.item.name).collect();
    let missing = listed
        .iter()
        .filter(|tool| only_reads(tool) && !offered.contains(&tool.name));
    for tool in missing {
        let message = "without its permissions the plugin does not offer it";
        let hint = "list the same whatever is granted";
        findings.add(SKIPPED, within(tool), message, hint);
    }
    for (n_called, tool) in tools.iter().enumerate() {
        if n_called == CALLS_MAX {
            return tell_rest(&tools, n_called, "tools are called, and no more", findings);
        }
        let within = within(&tool.item);
        let called = tokio::time::timeout_at(until, one(host, tool, &within, findings));
        if called.await.is_err() {
            let why = "were called when the time was over";
            return tell_rest(&tools, n_called, why, findings);
        }
    }
}

fn within(tool: &Tool) -> String {
    format!("tool `{}`", tool.name)
}

/// Tells of those that were left when calling them ended.
fn tell_rest(tools: &[&Offered<Tool>], n_called: usize, why: &str, findings: &mut Findings) {
    for tool in tools.iter().skip(n_called) {
        let message = format!("{n_called} {why}");
        let hint = "call it with `portcullis call`";
        findings.add(SKIPPED, within(&tool.item), message, hint);
    }
}

fn only_reads(tool: &Tool) -> bool {
    let hints = tool.annotations;
    hints.is_some_and(|hints| {
        hints.read_only_hint == Some(true) && hints.open_world_hint != Some(true)
    }) && tool.task_support != TaskSupport::Required
        && tool.required_capabilities.is_none()
}

async fn one(host: &Host, tool: &Offered<Tool>, within: &str, findings: &mut Findings) {
    let Some(arguments) = made_up(&tool.item.input_schema) else {
        let message = "no arguments could be thought up that fit its schema";
        return findings.add(SKIPPED, within, message, "add `examples` to the schema");
    };
    let sent = shown(&serde_json::Value::Object(arguments.clone()).to_string());
    match host
        .call_tool(&tool.public, arguments, Retry::default(), Call::default())
        .await
    {
        Ok(Reply::Complete(ToolReply::Result(result))) if !result.is_error => {
            if let Err(problem) = fits(&tool.item, result.structured.as_ref()) {
                findings.add(
                    UNFIT,
                    within,
                    format!("called with {sent}, {problem}"),
                    "mend the answer or the schema",
                );
            }
        }
        // A question, a task, or a no.
        Ok(_)
        | Err(
            CallError::Refused { .. }
            | CallError::BadArguments(_)
            | CallError::MissingCapability(_),
        ) => {}
        Err(error) => {
            let message = format!("called with {sent}, it failed: {error}");
            findings.add(FAILED, within, message, "answer with a sentence instead");
        }
    }
}

/// Whether a structured answer fits.
fn fits(tool: &Tool, structured: Option<&serde_json::Value>) -> Result<(), String> {
    // A schema that cannot be used is a finding of its own.
    let Some(check) = tool
        .output_schema
        .as_ref()
        .and_then(|schema| ValueCheck::compile(schema).ok())
    else {
        return Ok(());
    };
    match structured {
        None => Err("it gives no structured answer, and has an output schema".to_owned()),
        Some(answer) => check
            .check(answer)
            .map_err(|problem| format!("its answer does not fit: {problem}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::tool;
    use super::*;

    #[test]
    fn only_tools_that_read_and_stay_at_home_are_called() {
        let check = |with: serde_json::Value, called| {
            assert_eq!(only_reads(&tool(with.clone())), called, "{with}")
        };
        check(json!({"annotations": {"readOnlyHint": true}}), true);
        check(
            json!({"annotations": {"readOnlyHint": true, "openWorldHint": false}}),
            true,
        );
        check(
            json!({"annotations": {"readOnlyHint": true, "openWorldHint": true}}),
            false,
        );
        check(json!({"annotations": {"readOnlyHint": false}}), false);
        check(json!({"annotations": null}), false);
        check(json!({"taskSupport": "required"}), false);
        check(json!({"requiredCapabilities": {"sampling": {}}}), false);
    }

    #[test]
    fn an_answer_is_held_against_the_output_schema() {
        let tool = |schema: serde_json::Value| tool(json!({"outputSchema": schema}));
        let strict = tool(
            json!({"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}),
        );
        assert!(fits(&strict, Some(&json!({"n": 1}))).is_ok());
        assert!(
            fits(&strict, Some(&json!({"n": "x"})))
                .unwrap_err()
                .contains("expected a number")
        );
        assert!(
            fits(&strict, None)
                .unwrap_err()
                .contains("no structured answer")
        );
        assert!(fits(&tool(serde_json::Value::Null), None).is_ok());
    }
}
