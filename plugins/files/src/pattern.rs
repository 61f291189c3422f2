//! Patterns for paths and for lines.

use regex::bytes::{Regex, RegexBuilder};

use crate::error::FilesError;
use crate::glob;
use crate::shared::Place;

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 4_096;

/// Bytes of memory a compiled pattern may take, a hundredth of what a plugin has.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A pattern for paths.
#[derive(Debug)]
pub enum PathPattern {
    /// As shells have it. Matches names, or with a `/` in it, paths below a shared folder.
    Glob {
        /// The pattern.
        regex: Regex,
        /// Whether it speaks of paths.
        is_of_paths: bool,
    },
    /// A regular expression. Matches anywhere in a path as it is shown.
    Regex(Regex),
}

impl PathPattern {
    /// Reads a glob such as `*.md` or `src/**/*.rs`.
    pub fn glob(pattern: &str) -> Result<Self, FilesError> {
        check_len(pattern)?;
        Ok(Self::Glob {
            regex: compiled(&glob::to_regex(pattern)?)?,
            is_of_paths: pattern.contains('/'),
        })
    }

    /// Reads a regular expression.
    pub fn regex(pattern: &str) -> Result<Self, FilesError> {
        compiled(pattern).map(Self::Regex)
    }

    /// Whether a place is one the pattern speaks of.
    pub fn matches(&self, place: &Place) -> bool {
        match self {
            Self::Glob {
                regex,
                is_of_paths: false,
            } => regex.is_match(place.name().as_bytes()),
            Self::Glob {
                regex,
                is_of_paths: true,
            } => {
                let below = place.shown.split_once('/').map(|(_, below)| below);
                below.is_some_and(|below| regex.is_match(below.as_bytes()))
                    || regex.is_match(place.shown.as_bytes())
            }
            Self::Regex(regex) => regex.is_match(place.shown.as_bytes()),
        }
    }
}

/// A pattern for lines. `^` and `$` match at the ends of a line.
#[derive(Debug)]
pub struct LinePattern {
    regex: Regex,
    /// Whether a text can be asked as a whole whether any of its lines may match.
    is_of_any_line: bool,
}

impl LinePattern {
    /// Reads a regular expression.
    pub fn parse(pattern: &str) -> Result<Self, FilesError> {
        Ok(Self {
            regex: compiled(pattern)?,
            // These match at the ends of a whole text only.
            is_of_any_line: !pattern.contains("\\A") && !pattern.contains("\\z"),
        })
    }

    /// Whether a line matches, which has no line feed.
    pub fn matches(&self, line: &[u8]) -> bool {
        self.regex.is_match(line)
    }

    /// Whether a line of the text may match. It is much faster to ask once than for each line.
    pub fn may_match(&self, text: &[u8]) -> bool {
        !self.is_of_any_line || self.regex.is_match(text)
    }
}

fn compiled(pattern: &str) -> Result<Regex, FilesError> {
    check_len(pattern)?;
    let regex = RegexBuilder::new(pattern)
        .multi_line(true)
        .crlf(true)
        .size_limit(COMPILED_BYTES_MAX)
        .build();
    regex.map_err(|error| FilesError::Pattern {
        reason: match error {
            regex::Error::CompiledTooBig(_) => "it needs too much memory".to_owned(),
            other => other.to_string(),
        },
    })
}

fn check_len(pattern: &str) -> Result<(), FilesError> {
    let reason = match pattern.len() {
        0 => "it is empty".to_owned(),
        len if len > PATTERN_BYTES_MAX => format!("it has more than {PATTERN_BYTES_MAX} bytes"),
        _ => return Ok(()),
    };
    Err(FilesError::Pattern { reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(shown: &str) -> Place {
        Place {
            shown: shown.to_owned(),
            path: shown.into(),
        }
    }

    #[test]
    fn a_glob_is_of_names_or_of_paths() {
        for (glob, path, expected) in [
            ("*.rs", "code/src/lib.rs", true),
            ("*.rs", "code/src/lib.rss", false),
            ("lib.*", "code/src/lib.rs", true),
            ("*.{md,txt}", "docs/a.txt", true),
            ("[ab].txt", "docs/c.txt", false),
            ("src/*.rs", "code/src/lib.rs", true),
            ("src/*.rs", "code/src/deep/lib.rs", false),
            ("**/*.rs", "code/src/deep/lib.rs", true),
            ("code/**", "code/src/lib.rs", true),
            ("other/**", "code/src/lib.rs", false),
        ] {
            let matches = PathPattern::glob(glob).unwrap().matches(&place(path));
            assert_eq!(matches, expected, "{glob} on {path}");
        }
    }

    #[test]
    fn a_regular_expression_is_of_whole_paths() {
        let pattern = PathPattern::regex("(?i)^code/.*test.*\\.rs$").unwrap();
        assert!(pattern.matches(&place("code/src/Tests.rs")));
        assert!(!pattern.matches(&place("docs/src/tests.rs")));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for glob in ["", "[a", "{a", "[z-a]", &"a".repeat(5_000)] {
            assert!(
                matches!(PathPattern::glob(glob), Err(FilesError::Pattern { .. })),
                "{glob}"
            );
        }
        for regex in ["", "a(", "(?=a)", "a{1000}{1000}", &"a".repeat(5_000)] {
            assert!(
                matches!(LinePattern::parse(regex), Err(FilesError::Pattern { .. })),
                "{regex}"
            );
        }
    }

    #[test]
    fn the_quick_question_never_says_no_where_a_line_matches() {
        let text = b"one\r\ntwo\n\nthree";
        for pattern in [
            "^two$",
            "^$",
            "e$",
            "\\Atwo\\z",
            "three\\z",
            "\\bt",
            "(?-u:\\x72)",
        ] {
            let pattern = LinePattern::parse(pattern).unwrap();
            let mut lines = text.split(|byte| *byte == b'\n');
            assert!(
                lines.any(|line| pattern.matches(line.trim_ascii_end())),
                "{pattern:?}"
            );
            assert!(pattern.may_match(text), "{pattern:?}");
        }
    }
}
