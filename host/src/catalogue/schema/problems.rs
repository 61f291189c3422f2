//! What a validator found, in sentences.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::SchemaError;
use crate::names::is_deceptive;

/// A model that mends five things calls again anyway.
const PROBLEMS_MAX: usize = 5;

/// Enough to recognise a value by.
const SHOWN_CHARS_MAX: usize = 60;

/// Says what is wrong with a schema.
pub(super) fn with_schema(error: ValidationError<'_>) -> SchemaError {
    let inner = match error.kind() {
        Kind::PropertyNames { error } => error,
        _ => &error,
    };
    if matches!(inner.kind(), Kind::Format { format } if format == "regex") {
        return SchemaError::BadPattern(cut(inner.instance()));
    }
    SchemaError::Invalid {
        at: shortened(error.instance_path().as_str()),
        problem: problem(&error),
    }
}

/// Says what is wrong with arguments.
pub(super) fn sentence<'i>(errors: impl Iterator<Item = ValidationError<'i>>) -> String {
    unfit(&list(errors))
}

/// The first few problems, and how many more there are.
pub(super) fn list<'i>(mut errors: impl Iterator<Item = ValidationError<'i>>) -> String {
    let shown: Vec<String> = errors
        .by_ref()
        .take(PROBLEMS_MAX)
        .map(|error| problem(&error))
        .collect();
    let more = match errors.count() {
        0 => String::new(),
        n_more => format!("; and {n_more} more"),
    };
    format!("{}{more}", shown.join("; "))
}

/// Says that arguments are none at all.
pub(super) fn not_an_object(arguments: &Value) -> String {
    let expected = with_article(JsonType::Object);
    unfit(&format!(
        "the whole is {}, expected {expected}",
        cut(arguments)
    ))
}

fn unfit(problems: &str) -> String {
    format!(
        "the arguments do not fit: {problems} (hint: compare them with the tool's input schema)"
    )
}

/// One problem: where, what is there, and what should be.
fn problem(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().as_str();
    let at = match path {
        "" => "the whole".to_owned(),
        path => format!("`{}`", shortened(path)),
    };
    let value = || cut(error.instance());
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            format!(
                "`{}` is missing",
                shortened(&format!("{path}/{}", escaped(name)))
            )
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let names = unexpected.iter().take(PROBLEMS_MAX);
            let names: Vec<_> = names
                .map(|name| format!("`{}`", shortened(&format!("{path}/{}", escaped(name)))))
                .collect();
            format!("{} is not known", names.join(", "))
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let nearest = context
                .iter()
                .filter(|branch| !branch.is_empty())
                .min_by_key(|branch| branch.len());
            let nearest = nearest.and_then(|branch| branch.first());
            // One level is enough; the forms may have forms of their own, as many as the schema nests.
            let nearest = nearest.filter(|nearest| {
                !matches!(
                    nearest.kind(),
                    Kind::AnyOf { .. } | Kind::OneOfNotValid { .. }
                )
            });
            let nearest =
                nearest.map(|nearest| format!(", for example because {}", problem(nearest)));
            format!(
                "{at} is {}, which fits none of its {} forms{}",
                value(),
                context.len(),
                nearest.unwrap_or_default()
            )
        }
        Kind::PropertyNames { error } => format!(
            "{at} has a key that is not allowed, {}",
            cut(error.instance())
        ),
        Kind::FalseSchema => format!("{at} is not allowed"),
        kind => match expected(kind) {
            Some(expected) => format!("{at} is {}, expected {expected}", value()),
            None => format!(
                "{at} is {}: {}",
                value(),
                shortened(&error.masked_with("it").to_string())
            ),
        },
    }
}

/// What should have been there, where that can be said in a word or two.
pub(crate) fn expected(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Type {
            kind: TypeKind::Single(one),
        } => with_article(*one).to_owned(),
        Kind::Type {
            kind: TypeKind::Multiple(several),
        } => several
            .iter()
            .map(with_article)
            .collect::<Vec<_>>()
            .join(" or "),
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let shown: Vec<_> = options.iter().take(MOST_OPTIONS).map(cut).collect();
            let more = if options.len() > MOST_OPTIONS {
                ", …"
            } else {
                ""
            };
            format!("one of {}{more}", shown.join(", "))
        }
        Kind::Constant { expected_value } => cut(expected_value),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("at least {limit} characters"),
        Kind::MaxLength { limit } => format!("at most {limit} characters"),
        Kind::MinItems { limit } => format!("at least {limit} items"),
        Kind::MaxItems { limit } => format!("at most {limit} items"),
        Kind::MinProperties { limit } => format!("at least {limit} keys"),
        Kind::MaxProperties { limit } => format!("at most {limit} keys"),
        Kind::AdditionalItems { limit } => format!("at most {limit} items"),
        Kind::UniqueItems => "items that differ from each other".to_owned(),
        Kind::Pattern { pattern } => format!("text that matches `{}`", shortened(pattern)),
        Kind::OneOfMultipleValid { .. } => "exactly one of its forms to fit".to_owned(),
        Kind::Not { .. } => "something else".to_owned(),
        _ => return None,
    })
}

/// More than a sentence can hold.
const MOST_OPTIONS: usize = 12;

fn with_article(json_type: JsonType) -> &'static str {
    match json_type {
        JsonType::Array => "an array",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

/// A key as JSON pointers write it.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A value as compact JSON, cut where it would fill the screen.
pub(crate) fn cut(value: &Value) -> String {
    shortened(&value.to_string())
}

/// A text without what a terminal would obey, cut where it would fill the screen.
pub(super) fn shortened(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| if is_deceptive(c) { ' ' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
