//! What a case expects of a text.

use regex::Regex;

use super::{Mismatch, quoted};
use crate::config::{ConfigError, Field};

/// What a case expects of a text: all of it has to hold.
#[derive(Debug, Clone, Default)]
pub struct TextMatcher {
    equals: Option<String>,
    contains: Vec<String>,
    lacks: Vec<String>,
    matches: Option<Regex>,
}

impl TextMatcher {
    /// The whole text.
    pub fn equal_to(text: impl Into<String>) -> Self {
        Self {
            equals: Some(text.into()),
            ..Self::default()
        }
    }

    /// A part of the text.
    pub fn containing(part: impl Into<String>) -> Self {
        Self {
            contains: vec![part.into()],
            ..Self::default()
        }
    }

    /// Reads `"…"`, `{ equals = "…" }`, `{ contains = … }`, `{ lacks = … }`, `{ matches = "…" }`.
    pub(crate) fn read(field: &Field<'_>) -> Result<Self, ConfigError> {
        if field.is_text() {
            return field.text().map(Self::equal_to);
        }
        let table = field.table()?;
        table.only(&["equals", "contains", "lacks", "matches"], &[])?;
        if table.fields().is_empty() {
            return Err(field.bad_value(
                "expects nothing (hint: write `equals`, `contains`, `lacks` or `matches`)",
            ));
        }
        let texts = |name: &str| table.field(name).map_or(Ok(Vec::new()), parts);
        let regex = |field: &Field<'_>| {
            if field.text()?.is_empty() {
                return Err(says_nothing(field));
            }
            Regex::new(field.text()?).map_err(|error| field.bad_value(not_a_pattern(&error)))
        };
        Ok(Self {
            equals: match table.field("equals") {
                Some(equals) => Some(equals.text()?.to_owned()),
                None => None,
            },
            contains: texts("contains")?,
            lacks: texts("lacks")?,
            matches: table.field("matches").map(regex).transpose()?,
        })
    }

    /// Why a text is not as expected; nothing when it is.
    pub fn check(&self, actual: &str) -> Option<Mismatch> {
        if let Some(equals) = self.equals.as_ref().filter(|equals| *equals != actual) {
            return Some(Mismatch {
                said: "is another".to_owned(),
                versus: Some((equals.clone(), actual.to_owned())),
            });
        }
        let misses = |part: &&String| !actual.contains(part.as_str());
        if let Some(part) = self.contains.iter().find(misses) {
            let (part, actual) = (quoted(part), quoted(actual));
            return Some(Mismatch::said(format!(
                "does not contain {part}; it is {actual}"
            )));
        }
        let holds = |part: &&String| actual.contains(part.as_str());
        if let Some(part) = self.lacks.iter().find(holds) {
            let (part, actual) = (quoted(part), quoted(actual));
            return Some(Mismatch::said(format!(
                "contains {part} and should not; it is {actual}"
            )));
        }
        let regex = self.matches.as_ref()?;
        (!regex.is_match(actual)).then(|| {
            let actual = quoted(actual);
            Mismatch::said(format!("does not match `{regex}`; it is {actual}"))
        })
    }
}

/// One part of a text or several. None is empty, since that is a part of every text.
fn parts(field: &Field<'_>) -> Result<Vec<String>, ConfigError> {
    let parts = texts(field)?;
    match parts.is_empty() || parts.iter().any(String::is_empty) {
        true => Err(says_nothing(field)),
        false => Ok(parts),
    }
}

/// A matcher that is the same whatever the text is.
pub(in crate::trial) fn says_nothing(field: &Field<'_>) -> ConfigError {
    field.bad_value(
        "is empty, and every text has that in it (hint: write a part of the text, or `equals = \"\"` for one that is empty)",
    )
}

/// One text or several.
pub(in crate::trial) fn texts(field: &Field<'_>) -> Result<Vec<String>, ConfigError> {
    match field.is_list() {
        true => field
            .items()?
            .iter()
            .map(|item| Ok(item.text()?.to_owned()))
            .collect(),
        false => Ok(vec![field.text()?.to_owned()]),
    }
}

/// Why a text is no regular expression, on one line.
pub(super) fn not_a_pattern(error: &regex::Error) -> String {
    let reason = error.to_string();
    let reason = reason.lines().last().unwrap_or_default().trim();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    format!("is no regular expression: {reason} (hint: the syntax is that of Rust's `regex`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expectation_holds_for_one_text_and_not_for_its_neighbour() {
        let parts = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let check = |matcher: &TextMatcher, fits: &str, other: &str, said: &str| {
            assert_eq!(matcher.check(fits), None, "{matcher:?}");
            let mismatch = matcher.check(other).expect("it differs");
            assert!(mismatch.said.contains(said), "{mismatch:?}");
        };
        check(&TextMatcher::equal_to("a"), "a", "a ", "is another");
        let contains = TextMatcher {
            contains: parts(&["a", "b"]),
            ..TextMatcher::default()
        };
        check(&contains, "ba", "bc", "does not contain \"a\"");
        let lacks = TextMatcher {
            lacks: parts(&["x", "y"]),
            ..TextMatcher::default()
        };
        check(&lacks, "ab", "ay", "contains \"y\" and should not");
        let matches = TextMatcher {
            matches: Some(Regex::new("^[0-9]+$").unwrap()),
            ..TextMatcher::default()
        };
        check(&matches, "12", "1a", "does not match `^[0-9]+$`");
    }
}
