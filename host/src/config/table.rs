//! TOML whose every key knows its line.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, ConfigProblem};
use crate::manifest::nearest;

/// The text that spans point into.
#[derive(Clone, Copy)]
pub(crate) struct File<'t> {
    pub(crate) text: &'t str,
    pub(crate) origin: &'t Path,
    /// Where a person finds every key.
    pub(crate) described_in: &'static str,
}

impl<'t> File<'t> {
    /// Reads the text as TOML.
    pub(crate) fn read(self) -> Result<Spanned<DeTable<'t>>, ConfigError> {
        DeTable::parse(self.text).map_err(|error| {
            let reason = error.message().trim_end().replace('\n', ", ");
            self.error(
                error.span().unwrap_or_default(),
                ConfigProblem::NotToml(reason),
            )
        })
    }

    /// The top of what [`Self::read`] gave.
    pub(crate) fn top(self, table: &'t DeTable<'t>) -> Table<'t> {
        Table::new(self, String::new(), table)
    }

    /// The line of a place, from 1.
    fn line(self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    fn error(self, span: Range<usize>, problem: ConfigProblem) -> ConfigError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = self.line(span.start);
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        ConfigError {
            place: format!("{}:{line}:{column}", self.origin.display()),
            problem,
        }
    }
}

/// One table, with its keys in the order of the file.
pub(crate) struct Table<'t> {
    fields: Vec<Field<'t>>,
}

/// One key of a table, with its value.
pub(crate) struct Field<'t> {
    file: File<'t>,
    /// The last part of its key.
    pub(crate) name: &'t str,
    /// The whole key, as a message shows it: a key in quotes can have any character.
    key: String,
    span: Range<usize>,
    value: &'t DeValue<'t>,
}

impl<'t> Table<'t> {
    fn new(file: File<'t>, key: String, table: &'t DeTable<'t>) -> Self {
        let mut fields: Vec<_> = table
            .iter()
            .map(|(name, value)| Field {
                file,
                name: name.get_ref(),
                key: if key.is_empty() {
                    name.get_ref().escape_debug().to_string()
                } else {
                    format!("{key}.{}", name.get_ref().escape_debug())
                },
                span: name.span(),
                value: value.get_ref(),
            })
            .collect();
        // The parser sorts keys by their letters; people put them into an order that clients are to see.
        fields.sort_by_key(|field| field.span.start);
        Self { fields }
    }

    /// All keys, in the order of the file.
    pub(crate) fn fields(&self) -> &[Field<'t>] {
        &self.fields
    }

    /// All keys, in the order of the file, without the table.
    pub(crate) fn into_fields(self) -> Vec<Field<'t>> {
        self.fields
    }

    /// One key.
    pub(crate) fn field(&self, name: &str) -> Option<&Field<'t>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Refuses keys that are not `known`. Those of `not_served` are refused with their reason.
    pub(crate) fn only(
        &self,
        known: &[&'static str],
        not_served: &[(&str, &'static str)],
    ) -> Result<(), ConfigError> {
        let Some(field) = self
            .fields
            .iter()
            .find(|field| !known.contains(&field.name))
        else {
            return Ok(());
        };
        let key = field.key.clone();
        if let Some((_, reason)) = not_served.iter().find(|(name, _)| *name == field.name) {
            return Err(field.error(ConfigProblem::NotServed { key, reason }));
        }
        let hint = match nearest(field.name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!(
                "known are {}",
                known
                    .iter()
                    .map(|key| format!("`{key}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        Err(field.error(ConfigProblem::UnknownKey { key, hint }))
    }
}

/// TOML as JSON; nothing for a number that JSON has not. The parser bounds the depth.
fn json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()?
            .into(),
        DeValue::Float(number) => Number::from_f64(number.as_str().parse().ok()?)?.into(),
        DeValue::Boolean(yes) => Value::from(*yes),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| json(item.get_ref()));
            Value::Array(items.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let members = table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), json(value.get_ref())?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

impl<'t> Field<'t> {
    /// An error at this key.
    pub(crate) fn error(&self, problem: ConfigProblem) -> ConfigError {
        self.file.error(self.span.clone(), problem)
    }

    /// The line it is on, from 1.
    pub(crate) fn line(&self) -> usize {
        self.file.line(self.span.start)
    }

    /// Whether the value is text.
    pub(crate) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    /// Whether the value is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The value as a moment, as TOML writes it.
    pub(crate) fn moment(&self) -> Result<String, ConfigError> {
        match self.value {
            DeValue::Datetime(moment) => Ok(moment.to_string()),
            _ => Err(self.wrong_type("a date with a time")),
        }
    }

    /// An error about a limit.
    pub(crate) fn limit_error(&self, error: crate::limits::LimitError) -> ConfigError {
        self.error(ConfigProblem::Limit {
            key: self.key.clone(),
            error,
        })
    }

    /// An error about what the value says; `reason` has a hint.
    pub(crate) fn bad_value(&self, reason: impl Display) -> ConfigError {
        self.error(ConfigProblem::BadValue {
            key: self.key.clone(),
            reason: reason.to_string(),
        })
    }

    /// The value as a table.
    pub(crate) fn table(&self) -> Result<Table<'t>, ConfigError> {
        let table = self
            .value
            .as_table()
            .ok_or_else(|| self.wrong_type("a table"))?;
        Ok(Table::new(self.file, self.key.clone(), table))
    }

    /// The value as a list; each item knows its own place.
    pub(crate) fn items(&self) -> Result<Vec<Field<'t>>, ConfigError> {
        let items = self
            .value
            .as_array()
            .ok_or_else(|| self.wrong_type("a list"))?;
        let item = |(position, item): (usize, &'t Spanned<DeValue<'t>>)| Field {
            file: self.file,
            name: self.name,
            key: format!("{}[{position}]", self.key),
            span: item.span(),
            value: item.get_ref(),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The value as JSON. A date becomes text.
    pub(crate) fn json(&self) -> Result<Value, ConfigError> {
        json(self.value).ok_or_else(|| {
            self.bad_value(
                "has a number that JSON cannot write (hint: write it smaller, or as text)",
            )
        })
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Result<&'t str, ConfigError> {
        self.value
            .as_str()
            .ok_or_else(|| self.wrong_type("a string"))
    }

    /// The value as yes or no.
    pub(crate) fn boolean(&self) -> Result<bool, ConfigError> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong_type("`true` or `false`"))
    }

    /// The value as a number that can be counted to.
    pub(crate) fn count(&self) -> Result<u64, ConfigError> {
        let number = self
            .value
            .as_integer()
            .ok_or_else(|| self.wrong_type("a whole number"))?;
        u64::from_str_radix(number.as_str(), number.radix()).map_err(|_| {
            self.bad_value(format!(
                "{} is out of range (hint: write a number above zero)",
                number.as_str()
            ))
        })
    }

    /// The value as a number, with or without a fraction.
    pub(crate) fn number(&self) -> Result<f64, ConfigError> {
        let written = match self.value {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            _ => return Err(self.wrong_type("a number")),
        };
        written
            .parse()
            .map_err(|_| self.bad_value("is no number (hint: write one such as 0.5)"))
    }

    fn wrong_type(&self, expected: &'static str) -> ConfigError {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(ConfigProblem::WrongType {
            key: self.key.clone(),
            found,
            expected,
            described_in: self.file.described_in,
        })
    }
}
