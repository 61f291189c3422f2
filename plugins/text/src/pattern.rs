//! Regular expressions. One search takes time in proportion to the text, whatever the pattern; a pattern that looks
//! through the rest of the text for each of many matches ends at the host's limit of fuel.
//!
//! Every size is bounded here, because both the pattern and the text come from somebody else: what a pattern compiles to,
//! how much of the text is repeated in an answer, and what a replacement makes of it.

use portcullis_plugin::data;
use regex::{Captures, Regex, RegexBuilder};

use crate::error::{TEXT_BYTES_MAX, TextError, check_len};

/// Bytes of a pattern.
const PATTERN_BYTES_MAX: usize = 4 << 10;

/// Bytes of memory for a compiled pattern: enough for some hundred classes of letters.
const COMPILED_BYTES_MAX: usize = 4 << 20;

/// Bytes of a replacement.
const REPLACEMENT_BYTES_MAX: usize = 4 << 10;

/// Matches in one answer.
pub const MATCHES_MAX: usize = 1_000;

/// Bytes of matched text in one answer.
const MATCHED_BYTES_MAX: usize = 64 << 10;

/// Bytes of a text after replacing.
const REPLACED_BYTES_MAX: usize = 1 << 20;

/// Where a pattern matches.
#[data]
#[derive(PartialEq)]
pub struct Matches {
    /// The matches, in order, without overlap.
    pub matches: Vec<Match>,
    /// Whether there are more than are given here.
    pub more: bool,
}

/// One match.
#[data]
#[derive(PartialEq)]
pub struct Match {
    /// What matched.
    pub text: String,
    /// Characters (Unicode code points) before the match.
    pub start: usize,
    /// Characters up to the end of the match.
    pub end: usize,
    /// The groups of the pattern, from the first on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

/// What one group of a pattern matched.
#[data]
#[derive(PartialEq)]
pub struct Group {
    /// The group's name, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it matched; null when it took no part in the match.
    pub text: Option<String>,
}

/// A text after replacing.
#[data]
#[derive(PartialEq)]
pub struct Replaced {
    /// The new text.
    pub text: String,
    /// How many matches were replaced.
    pub replacements: usize,
}

/// Finds the first matches of a pattern.
pub fn find(pattern: &str, text: &str, n_max: usize) -> Result<Matches, TextError> {
    let regex = compile(pattern)?;
    check_len("text", text, TEXT_BYTES_MAX)?;
    let mut position = Position::default();
    let mut matches = Vec::new();
    let mut bytes = 0;
    for captures in regex.captures_iter(text) {
        // Counted before it is copied: groups inside groups repeat the same text.
        bytes += captures
            .iter()
            .flatten()
            .map(|group| group.len())
            .sum::<usize>();
        if matches.len() == n_max.min(MATCHES_MAX) || bytes > MATCHED_BYTES_MAX {
            if matches.is_empty() && n_max > 0 {
                return Err(TextError::AnswerTooLong {
                    bytes_max: MATCHED_BYTES_MAX,
                });
            }
            return Ok(Matches {
                matches,
                more: true,
            });
        }
        let whole = captures.get_match();
        matches.push(Match {
            text: whole.as_str().to_owned(),
            start: position.advance(text, whole.start()),
            end: position.advance(text, whole.end()),
            groups: groups(&regex, &captures),
        });
    }
    Ok(Matches {
        matches,
        more: false,
    })
}

/// Replaces the matches of a pattern, all of them unless `n_max` says fewer.
pub fn replace(
    pattern: &str,
    text: &str,
    replacement: &str,
    n_max: Option<usize>,
) -> Result<Replaced, TextError> {
    let regex = compile(pattern)?;
    check_len("text", text, TEXT_BYTES_MAX)?;
    check_len("replacement", replacement, REPLACEMENT_BYTES_MAX)?;
    let references = replacement.matches('$').count();
    let mut replaced = Replaced {
        text: String::new(),
        replacements: 0,
    };
    let mut done = 0;
    for captures in regex.captures_iter(text).take(n_max.unwrap_or(usize::MAX)) {
        let whole = captures.get_match();
        replaced.text.push_str(&text[done..whole.start()]);
        // The most that a replacement can grow to: each reference stands for the whole match at most.
        if replaced.text.len() + replacement.len() + references * whole.len() > REPLACED_BYTES_MAX {
            return Err(TextError::AnswerTooLong {
                bytes_max: REPLACED_BYTES_MAX,
            });
        }
        captures.expand(replacement, &mut replaced.text);
        replaced.replacements += 1;
        done = whole.end();
    }
    replaced.text.push_str(&text[done..]);
    Ok(replaced)
}

fn compile(pattern: &str) -> Result<Regex, TextError> {
    check_len("pattern", pattern, PATTERN_BYTES_MAX)?;
    let compiled = RegexBuilder::new(pattern)
        .size_limit(COMPILED_BYTES_MAX)
        .nest_limit(50)
        .build();
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => TextError::PatternTooLarge,
        error => mistake(pattern, &error),
    })
}

/// Says where a pattern is wrong. `regex` draws it with a caret over several lines, so its parser is asked again.
fn mistake(pattern: &str, error: &regex::Error) -> TextError {
    let parsed = regex_syntax::ParserBuilder::new()
        .nest_limit(50)
        .build()
        .parse(pattern);
    let (offset, reason) = match parsed {
        Err(regex_syntax::Error::Parse(error)) => {
            (error.span().start.offset, error.kind().to_string())
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.span().start.offset, error.kind().to_string())
        }
        _ => (0, error.to_string()),
    };
    let position = pattern
        .get(..offset)
        .map_or(1, |before| before.chars().count() + 1);
    TextError::Pattern { position, reason }
}

fn groups(regex: &Regex, captures: &Captures<'_>) -> Vec<Group> {
    let named = regex.capture_names().zip(captures.iter()).skip(1);
    named
        .map(|(name, group)| Group {
            name: name.map(str::to_owned),
            text: group.map(|group| group.as_str().to_owned()),
        })
        .collect()
}

/// Turns byte offsets that only grow into counts of characters, reading the text once.
#[derive(Default)]
struct Position {
    bytes: usize,
    characters: usize,
}

impl Position {
    fn advance(&mut self, text: &str, bytes: usize) -> usize {
        self.characters += text[self.bytes..bytes].chars().count();
        self.bytes = bytes;
        self.characters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_given_with_their_positions_in_characters() {
        let spans = |pattern: &str, text: &str| {
            let found = find(pattern, text, 10).unwrap();
            found
                .matches
                .into_iter()
                .map(|found| (found.text, found.start, found.end))
                .collect::<Vec<_>>()
        };
        let check = |pattern: &str, text: &str, expected: &[(&str, usize, usize)]| {
            let expected: Vec<_> = expected
                .iter()
                .map(|(text, start, end)| ((*text).to_owned(), *start, *end))
                .collect();
            assert_eq!(spans(pattern, text), expected, "{pattern} in {text}");
        };
        check(r"\d+", "a1b22", &[("1", 1, 2), ("22", 3, 5)]);
        check(r"\w+", "é ß", &[("é", 0, 1), ("ß", 2, 3)]);
        check(r"(?i)ÉT", "été", &[("ét", 0, 2)]);
        check(r"\p{Lu}", "aÄ", &[("Ä", 1, 2)]);
        check("x*", "ab", &[("", 0, 0), ("", 1, 1), ("", 2, 2)]);
        check("(?m)^b$", "a\nb", &[("b", 2, 3)]);
        check("z", "abc", &[]);
    }

    #[test]
    fn groups_are_given_with_their_names_and_their_absence() {
        let found = find("(?<year>[0-9]{4})-([0-9]{2})(z)?", "on 2026-11", 10).unwrap();
        let groups: Vec<_> = found.matches[0]
            .groups
            .iter()
            .map(|g| (g.name.as_deref(), g.text.as_deref()))
            .collect();
        assert_eq!(
            groups,
            [
                (Some("year"), Some("2026")),
                (None, Some("11")),
                (None, None)
            ]
        );
    }

    #[test]
    fn an_answer_holds_so_many_matches_and_so_much_text() {
        let found = |text: &str, n_max| {
            find("a", text, n_max).map(|found| (found.matches.len(), found.more))
        };
        assert_eq!(found("aaa", 3), Ok((3, false)));
        assert_eq!(found("aaa", 2), Ok((2, true)));
        assert_eq!(found("aaa", 0), Ok((0, true)));
        assert_eq!(found(&"a".repeat(1_001), usize::MAX), Ok((1_000, true)));
        let text = "a".repeat(40_000);
        assert_eq!(
            find("(?s).{1000}", &text, 1_000).map(|found| (found.matches.len(), found.more)),
            Ok((40, false))
        );
        let nested = format!("{}.{}", "(".repeat(40), ")".repeat(40));
        assert_eq!(
            find(&nested, &text, 1_000).map(|found| found.more),
            Ok(true)
        );
        let too_long = TextError::AnswerTooLong {
            bytes_max: MATCHED_BYTES_MAX,
        };
        assert_eq!(find("((.*))", &text, 1_000), Err(too_long));
    }

    #[test]
    fn matches_are_replaced_with_references_to_their_groups() {
        for (pattern, text, replacement, n_max, expected, replacements) in [
            ("[0-9]+", "a1b22", "#", None, "a#b#", 2),
            ("[0-9]+", "a1b22", "#", Some(1), "a#b22", 1),
            ("[0-9]+", "a1b22", "#", Some(0), "a1b22", 0),
            (
                "(?<first>[a-z]+) ([a-z]+)",
                "hello world!",
                "$2 ${first}_",
                None,
                "world hello_!",
                1,
            ),
            ("x", "axb", "$$", None, "a$b", 1),
            ("x*", "ab", "-", None, "-a-b-", 3),
            ("z", "abc", "-", None, "abc", 0),
        ] {
            let expected = Replaced {
                text: expected.to_owned(),
                replacements,
            };
            assert_eq!(
                replace(pattern, text, replacement, n_max),
                Ok(expected),
                "{pattern} in {text}"
            );
        }
    }

    #[test]
    fn a_replacement_that_explodes_is_refused() {
        let too_long = Err(TextError::AnswerTooLong {
            bytes_max: REPLACED_BYTES_MAX,
        });
        assert_eq!(
            replace("a", &"a".repeat(10_000), &"b".repeat(1_000), None),
            too_long
        );
        assert_eq!(
            replace("a*", &"a".repeat(100_000), &"$0".repeat(2_000), None),
            too_long
        );
        assert!(matches!(
            replace("a", "a", &"b".repeat(4_097), None),
            Err(TextError::TooLong { .. })
        ));
    }

    #[test]
    fn a_wrong_pattern_is_refused_with_the_place_and_the_reason() {
        for (pattern, position, reason) in [
            ("a(b", 2, "unclosed group"),
            ("é[z-a]", 3, "invalid character class range"),
            ("*a", 1, "repetition operator missing expression"),
            ("(?=x)", 1, "look-around"),
            (r"(a)\1", 4, "backreferences are not supported"),
            (r"\p{Nothing}", 1, "Unicode property not found"),
            (
                &format!("{}{}", "(".repeat(60), ")".repeat(60)),
                51,
                "nested",
            ),
        ] {
            match find(pattern, "text", 1) {
                Err(TextError::Pattern {
                    position: found,
                    reason: why,
                }) => {
                    assert_eq!(found, position, "{pattern}");
                    assert!(why.contains(reason), "{pattern}: {why}");
                }
                other => panic!("{pattern}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_pattern_that_compiles_to_too_much_is_refused() {
        assert_eq!(
            find(r"(\w{100}){100}", "text", 1),
            Err(TextError::PatternTooLarge)
        );
        assert_eq!(
            find("((a{100}){100}){100}", "text", 1),
            Err(TextError::PatternTooLarge)
        );
        assert!(matches!(
            find(&"a".repeat(4_097), "text", 1),
            Err(TextError::TooLong { .. })
        ));
        assert!(find(r"(\w+\s?){1,5}", "some text", 1).is_ok());
    }
}
