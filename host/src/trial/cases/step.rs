//! Reading what is called, and what it may use.

use serde_json::Value;

use super::{Asks, Budget, Expect, Step};
use crate::config::{ConfigError, Field, Table};
use crate::contract::Reference;
use crate::trial::Answers;

/// The keys of a step. A case without steps is one.
pub(super) const STEP_KEYS: &[&str] = &[
    "tool",
    "resource",
    "prompt",
    "complete",
    "arguments",
    "answers",
    "expect",
    "budget",
];

/// Reads a step.
pub(super) fn read(step: &Field<'_>, table: &Table<'_>) -> Result<Step, ConfigError> {
    let asks = asks(step, table)?;
    let expect = match table.field("expect") {
        Some(expect) => Expect::read(expect)?,
        None => Expect::default(),
    };
    if let (true, Asks::Resource(_) | Asks::Prompt { .. } | Asks::Completion { .. }, Some(field)) =
        (expect.error, &asks, table.field("expect"))
    {
        return Err(field.bad_value(
            "has `error`, which only a tool's answer can be (hint: write `fails` with words of the failure)",
        ));
    }
    Ok(Step {
        line: step.line(),
        asks,
        answers: table
            .field("answers")
            .map_or(Ok(Answers::Nobody), answers)?,
        expect,
        budget: table
            .field("budget")
            .map_or(Ok(Budget::default()), budget)?,
    })
}

fn asks(step: &Field<'_>, table: &Table<'_>) -> Result<Asks, ConfigError> {
    let arguments = table.field("arguments");
    match (
        table.field("tool"),
        table.field("resource"),
        table.field("prompt"),
        table.field("complete"),
    ) {
        (Some(tool), None, None, None) => {
            let arguments = arguments.map(object).transpose()?;
            Ok(Asks::Tool {
                name: tool.text()?.to_owned(),
                arguments: arguments.unwrap_or_default(),
            })
        }
        (None, Some(resource), None, None) => match arguments {
            None => Ok(Asks::Resource(resource.text()?.to_owned())),
            Some(arguments) => Err(arguments
                .bad_value("stands beside `resource` (hint: all of a resource is in its URI)")),
        },
        (None, None, Some(prompt), None) => Ok(Asks::Prompt {
            name: prompt.text()?.to_owned(),
            arguments: match arguments {
                Some(arguments) => texts(arguments)?,
                None => Vec::new(),
            },
        }),
        (None, None, None, Some(complete)) => match arguments {
            None => completion(complete),
            Some(arguments) => Err(arguments.bad_value(
                "stands beside `complete` (hint: write those that have a value under `complete.others`)",
            )),
        },
        (None, None, None, None) => Err(step.bad_value(
            "calls nothing (hint: write `tool`, `resource`, `prompt` or `complete`, or `[[case.step]]` with one of them)",
        )),
        _ => Err(step.bad_value(
            "calls several things (hint: keep one of `tool`, `resource`, `prompt` and `complete`; for several calls write \
             `[[case.step]]`)",
        )),
    }
}

fn completion(field: &Field<'_>) -> Result<Asks, ConfigError> {
    let table = field.table()?;
    table.only(&["prompt", "template", "argument", "value", "others"], &[])?;
    let text = |name: &str| match table.field(name) {
        Some(field) => field.text().map(|text| Some(text.to_owned())),
        None => Ok(None),
    };
    let reference = match (text("prompt")?, text("template")?) {
        (Some(prompt), None) => Reference::Prompt(prompt),
        (None, Some(template)) => Reference::ResourceTemplate(template),
        _ => {
            return Err(field.bad_value(
                "completes nothing or several things (hint: write `prompt` or `template`)",
            ));
        }
    };
    let Some(argument) = text("argument")? else {
        return Err(field.bad_value("has no `argument` (hint: name the one that is typed)"));
    };
    Ok(Asks::Completion {
        reference,
        argument,
        value: text("value")?.unwrap_or_default(),
        others: table.field("others").map_or(Ok(Vec::new()), texts)?,
    })
}

fn object(field: &Field<'_>) -> Result<serde_json::Map<String, Value>, ConfigError> {
    // What is no table is said here.
    field.table()?;
    match field.json()? {
        Value::Object(object) => Ok(object),
        _ => Ok(serde_json::Map::new()),
    }
}

/// A table of texts, in the order of the file.
fn texts(field: &Field<'_>) -> Result<Vec<(String, String)>, ConfigError> {
    let table = field.table()?;
    let texts = table
        .fields()
        .iter()
        .map(|field| Ok((field.name.to_owned(), field.text()?.to_owned())));
    texts.collect()
}

/// A list of answers, in the order of the questions, or a table by the questions' keys.
fn answers(field: &Field<'_>) -> Result<Answers, ConfigError> {
    match field.json()? {
        Value::Array(answers) => Ok(Answers::InOrder(answers)),
        Value::Object(answers) => Ok(Answers::ByKey(answers)),
        _ => Err(field.bad_value(
            "is neither a list nor a table (hint: a list answers in order, a table by the keys of the questions)",
        )),
    }
}

fn budget(field: &Field<'_>) -> Result<Budget, ConfigError> {
    let table = field.table()?;
    table.only(&["fuel", "memory_bytes", "call_ms"], &[])?;
    let amount = |name: &str| match table.field(name) {
        None => Ok(None),
        Some(field) => match field.count()? {
            0 => Err(field.bad_value("is 0, and no call uses nothing (hint: leave the key out)")),
            amount => Ok(Some(amount)),
        },
    };
    Ok(Budget {
        fuel: amount("fuel")?,
        memory_bytes: amount("memory_bytes")?,
        call_ms: amount("call_ms")?,
    })
}
