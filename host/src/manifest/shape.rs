//! Whether a manifest has the shape the published schema gives it.

use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::{ManifestProblem, nearest};
use crate::catalogue::schema::{cut, expected};

/// The schema people's editors use.
const SCHEMA: &str = include_str!("../../../schemas/plugin.schema.json");

static SHAPE: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).expect("a test reads the schema");
    let validator = jsonschema::options()
        .offline()
        .build(&schema)
        .expect("a test compiles the schema");
    (schema, validator)
});

/// Problems of one manifest that are told. Whoever mends as many as these looks again.
const PROBLEMS_MAX: usize = 100;

/// What is wrong with the shape; first the problem that explains most.
pub(super) fn problems(document: &Value) -> Vec<ManifestProblem> {
    let (schema, validator) = &*SHAPE;
    let is_unknown_key =
        |error: &ValidationError<'_>| matches!(error.kind(), Kind::AdditionalProperties { .. });
    let mut errors: Vec<_> = validator
        .iter_errors(document)
        .filter(|error| !is_told_better(error))
        .collect();
    // A mistyped key is unknown and leaves another one missing: it is the first that has to be told.
    errors.sort_by_key(|error| !is_unknown_key(error));
    errors
        .iter()
        .flat_map(|error| told(schema, error))
        .take(PROBLEMS_MAX)
        .collect()
}

/// Names and permissions have types of their own, which say better than a pattern what is wrong with them.
fn is_told_better(error: &ValidationError<'_>) -> bool {
    let path = error.instance_path().as_str();
    match error.kind() {
        Kind::Pattern { .. } => path == "/name" || path.starts_with("/permissions/"),
        Kind::PropertyNames { .. } => path == "/dependencies",
        _ => false,
    }
}

/// What one error of the schema means: several keys that are not known are one error.
fn told(schema: &Value, error: &ValidationError<'_>) -> Vec<ManifestProblem> {
    let path = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .take(PROBLEMS_MAX)
            .map(|typed| unknown_key(schema, error, typed))
            .collect(),
        Kind::Required { property } => vec![ManifestProblem::MissingKey {
            key: joined(&key(path), property.as_str().unwrap_or_default()),
        }],
        kind => vec![ManifestProblem::Unfit {
            key: key(path),
            shown: cut(error.instance()),
            expected: expected(kind)
                .unwrap_or_else(|| format!("something else by its `{}`", kind.keyword())),
        }],
    }
}

fn unknown_key(schema: &Value, error: &ValidationError<'_>, typed: &str) -> ManifestProblem {
    // The keyword stands beside the `properties` it adds to.
    let beside = error
        .schema_path()
        .as_str()
        .trim_end_matches("/additionalProperties");
    let known = schema
        .pointer(&format!("{beside}/properties"))
        .and_then(Value::as_object);
    let known = || {
        known
            .into_iter()
            .flat_map(|known| known.keys())
            .map(String::as_str)
    };
    let hint = match nearest(typed, known()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!(
            "known are {}",
            known()
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let shown: String = typed
        .chars()
        .take(80)
        .flat_map(char::escape_debug)
        .collect();
    ManifestProblem::UnknownKey {
        key: joined(&key(error.instance_path().as_str()), &shown),
        hint,
    }
}

/// A key below another, as people write it.
pub(super) fn joined(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

/// A JSON pointer as people write it: `/permissions/network/2` is `permissions.network[2]`. Its keys may be a stranger's, so
/// they are escaped, and cut where they would fill the screen.
pub(super) fn key(pointer: &str) -> String {
    let mut key = String::new();
    for part in pointer.split('/').skip(1) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            key.push_str(&format!("[{part}]"));
        } else {
            key = joined(&key, part);
        }
    }
    key.chars().take(120).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::Limits;

    /// The problem that is told where there is room for one.
    fn first(document: &Value) -> Result<(), ManifestProblem> {
        problems(document).into_iter().next().map_or(Ok(()), Err)
    }

    #[test]
    fn every_problem_is_found_and_the_one_that_explains_most_comes_first() {
        let document = json!({"name": 1, "descripton": "x", "colour": "red", "tags": "x"});
        let told: Vec<_> = problems(&document)
            .iter()
            .filter_map(|problem| problem.key().map(str::to_owned))
            .collect();
        assert_eq!(&told[..2], ["descripton", "colour"]);
        for key in ["name", "tags", "version"] {
            assert!(told.iter().any(|told| told == key), "{key} in {told:?}");
        }
        let many: serde_json::Map<_, _> =
            (0..10_000).map(|i| (format!("k{i}"), json!(1))).collect();
        assert_eq!(problems(&Value::Object(many)).len(), PROBLEMS_MAX);
    }

    #[test]
    fn the_schema_is_one_and_describes_every_key() {
        let (schema, _) = &*SHAPE;
        assert!(jsonschema::meta::is_valid(schema));
        let mut inner = vec![schema];
        while let Some(schema) = inner.pop() {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                assert!(property["description"].is_string(), "{key}");
                inner.push(property);
            }
        }
    }

    #[test]
    fn the_schema_has_the_limits_of_the_host() {
        let (schema, _) = &*SHAPE;
        let written = schema["properties"]["limits"]["properties"]
            .as_object()
            .expect("limits are an object");
        let written: Vec<_> = written
            .iter()
            .map(|(key, limit)| {
                (
                    key.as_str(),
                    limit["default"].as_u64(),
                    limit["minimum"].as_u64(),
                )
            })
            .collect();
        let built_in: Vec<_> = Limits::default()
            .entries()
            .into_iter()
            .map(|(key, default)| (key, Some(default), Some(1)))
            .collect();
        assert_eq!(written, built_in);
    }

    #[test]
    fn a_problem_names_its_key_and_what_was_expected() {
        let check = |extra: Value, expected: &str| {
            let mut document = json!({"name": "a", "version": "1.0.0"});
            let extra = extra.as_object().expect("the tests use objects").clone();
            document
                .as_object_mut()
                .expect("it is an object")
                .extend(extra);
            let problem = first(&document).unwrap_err().to_string();
            assert!(problem.starts_with(expected), "{problem}");
        };
        check(
            json!({"descripton": "x"}),
            "key `descripton` is not known (hint: did you mean `description`?)",
        );
        check(
            json!({"links": {"home": "x"}}),
            "key `links.home` is not known (hint: known are `homepage`, `repository`",
        );
        check(
            json!({"permissions": {"netwrok": []}}),
            "key `permissions.netwrok` is not known (hint: did you mean `network`?)",
        );
        check(
            json!({"limits": {"call-ms": 1}}),
            "key `limits.call-ms` is not known (hint: did you mean `call_ms`?)",
        );
        check(
            json!({"tags": "x"}),
            "key `tags` is \"x\", expected an array",
        );
        check(
            json!({"tags": ["x", "x"]}),
            "key `tags` is [\"x\",\"x\"], expected items that differ",
        );
        check(
            json!({"permissions": {"network": ["a.b", 1]}}),
            "key `permissions.network[1]` is 1, expected a string",
        );
        check(
            json!({"permissions": {"storage": ["disk"]}}),
            "key `permissions.storage[0]` is \"disk\", expected one of",
        );
        check(
            json!({"category": "fun"}),
            "key `category` is \"fun\", expected one of \"utilities\"",
        );
        check(
            json!({"limits": {"fuel": 0}}),
            "key `limits.fuel` is 0, expected at least 1",
        );
        check(
            json!({"limits": {"fuel": -1}}),
            "key `limits.fuel` is -1, expected at least 1",
        );
        check(
            json!({"uris": ["time"]}),
            "key `uris[0]` is \"time\", expected text that matches",
        );
        check(
            json!({"links": {"homepage": "javascript:1"}}),
            "key `links.homepage` is \"javascript:1\", expected text",
        );
        check(
            json!({"dependencies": {"\u{1b}[31m": 1}}),
            "key `dependencies.\\u{1b}[31m` is 1, expected a string",
        );
        check(
            json!({"configuration": {}}),
            "key `configuration.schema` is missing",
        );
    }

    #[test]
    fn a_mistyped_key_is_told_before_the_one_it_leaves_missing() {
        let problem = first(&json!({"nmae": "a", "version": "1.0.0"})).unwrap_err();
        assert!(
            matches!(problem, ManifestProblem::UnknownKey { .. }),
            "{problem}"
        );
        let problem = first(&json!({"name": "a"})).unwrap_err();
        assert_eq!(
            problem,
            ManifestProblem::MissingKey {
                key: "version".to_owned()
            }
        );
    }
}
