//! Reading what is expected.

use super::Expect;
use crate::config::{ConfigError, Field, Table};
use crate::permissions::{Attempt, SystemPower};
use crate::trial::matchers::{Pattern, TextMatcher, says_nothing};

const KEYS: [&str; 10] = [
    "text",
    "json",
    "error",
    "fails",
    "questions",
    "refused",
    "used",
    "log",
    "value",
    "snapshot",
];

impl Expect {
    /// Reads `"…"`, which is the whole text, or a table.
    pub(super) fn read(field: &Field<'_>) -> Result<Self, ConfigError> {
        if field.is_text() {
            return Ok(Self {
                text: Some(TextMatcher::read(field)?),
                ..Self::default()
            });
        }
        let table = field.table()?;
        table.only(&KEYS, &[])?;
        let expect = Self {
            text: matcher(&table, "text")?,
            json: there(&table, "json")?,
            error: yes(&table, "error")?,
            fails: table.field("fails").map(failure).transpose()?,
            questions: there(&table, "questions")?,
            refused: attempts(&table, "refused")?,
            used: used(&table)?,
            log: matcher(&table, "log")?,
            values: table.field("value").map_or(Ok(Vec::new()), values)?,
            snapshot: yes(&table, "snapshot")?,
        };
        let of_the_answer = ["text", "json", "error", "snapshot"];
        for ending in ["fails", "questions"] {
            let other = of_the_answer.iter().find(|key| table.field(key).is_some());
            if let (Some(field), Some(other)) = (table.field(ending), other) {
                return Err(field.bad_value(format!(
                    "stands beside `{other}`, and a call ends in one way (hint: keep one of the two)"
                )));
            }
        }
        if let (Some(field), true) = (table.field("fails"), table.field("questions").is_some()) {
            return Err(field.bad_value(
                "stands beside `questions`, and a call ends in one way (hint: keep one of the two)",
            ));
        }
        Ok(expect)
    }
}

fn matcher(table: &Table<'_>, name: &str) -> Result<Option<TextMatcher>, ConfigError> {
    table.field(name).map(TextMatcher::read).transpose()
}

fn pattern(table: &Table<'_>, name: &str) -> Result<Option<Pattern>, ConfigError> {
    let read = |field: &Field<'_>| {
        Pattern::read(&field.json()?).map_err(|problem| field.bad_value(problem))
    };
    table.field(name).map(read).transpose()
}

/// A pattern of what is there: nothing can be missing at the top.
fn there(table: &Table<'_>, name: &str) -> Result<Option<Pattern>, ConfigError> {
    let pattern = pattern(table, name)?;
    match (table.field(name), &pattern) {
        (Some(field), Some(Pattern::Absent)) => Err(field.bad_value(
            "is `$absent`, which can never hold here (hint: leave the key out, or write it for a member)",
        )),
        _ => Ok(pattern),
    }
}

/// What is used. That of clocks and random numbers is noted only where they are withheld.
fn used(table: &Table<'_>) -> Result<Vec<Attempt>, ConfigError> {
    let used = attempts(table, "used")?;
    let never = |attempt: &Attempt| {
        matches!(
            attempt,
            Attempt::System(SystemPower::Clock | SystemPower::Random)
        )
    };
    match (table.field("used"), used.iter().find(|it| never(it))) {
        (Some(field), Some(never)) => Err(field.bad_value(format!(
            "names `{never}`, whose use is not noted (hint: `withhold` it and write it under `refused`)"
        ))),
        _ => Ok(used),
    }
}

fn yes(table: &Table<'_>, name: &str) -> Result<bool, ConfigError> {
    table.field(name).map_or(Ok(false), Field::boolean)
}

/// A text is a part of the failure's words.
fn failure(field: &Field<'_>) -> Result<TextMatcher, ConfigError> {
    match field.is_text() {
        true if field.text()?.is_empty() => Err(says_nothing(field)),
        true => Ok(TextMatcher::containing(field.text()?)),
        false => TextMatcher::read(field),
    }
}

fn attempts(table: &Table<'_>, name: &str) -> Result<Vec<Attempt>, ConfigError> {
    let Some(field) = table.field(name) else {
        return Ok(Vec::new());
    };
    let items = field.items()?;
    let attempts = items.iter().map(|item| {
        item.text()?
            .parse()
            .map_err(|error: crate::permissions::PermissionError| item.bad_value(error))
    });
    attempts.collect()
}

/// Values under keys; `{ absent = true }` where there is none.
fn values(field: &Field<'_>) -> Result<Vec<(String, Option<TextMatcher>)>, ConfigError> {
    let table = field.table()?;
    let values = table.fields().iter().map(|field| {
        let absent = match field.is_text() {
            true => false,
            false => field.table()?.field("absent").is_some(),
        };
        let matcher = match absent {
            false => Some(TextMatcher::read(field)?),
            true => {
                let table = field.table()?;
                table.only(&["absent"], &[])?;
                if !yes(&table, "absent")? {
                    return Err(
                        field.bad_value("has `absent = false` (hint: say what the value is)")
                    );
                }
                None
            }
        };
        Ok((field.name.to_owned(), matcher))
    });
    values.collect()
}
