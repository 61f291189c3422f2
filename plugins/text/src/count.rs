//! Counting, which models do badly because they do not see letters.

use portcullis_plugin::data;

use crate::error::{TEXT_BYTES_MAX, TextError, check_len};

/// How long a text is, in several units.
#[data]
#[derive(PartialEq)]
pub struct Counts {
    /// Unicode characters (code points). A flag or an emoji with a skin tone counts as several.
    pub characters: usize,
    /// Words: runs of characters between white space.
    pub words: usize,
    /// Lines; a line feed at the very end begins no further one.
    pub lines: usize,
    /// Bytes in UTF-8.
    pub bytes: usize,
    /// How often `find` occurs, when it was given. Occurrences do not overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrences: Option<usize>,
}

/// Counts, and how often `find` occurs in the text, exactly as it is written.
pub fn count(text: &str, find: Option<&str>) -> Result<Counts, TextError> {
    check_len("text", text, TEXT_BYTES_MAX)?;
    if find == Some("") {
        return Err(TextError::NothingToFind);
    }
    Ok(Counts {
        characters: text.chars().count(),
        words: text.split_whitespace().count(),
        lines: text.lines().count(),
        bytes: text.len(),
        occurrences: find.map(|find| text.matches(find).count()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_in_each_unit() {
        for (text, characters, words, lines, bytes) in [
            ("", 0, 0, 0, 0),
            ("strawberry", 10, 1, 1, 10),
            ("two  words\n", 11, 2, 1, 11),
            ("a\r\nb\n\nc", 7, 3, 4, 7),
            ("é🇨🇭", 3, 1, 1, 10),
        ] {
            let counts = Counts {
                characters,
                words,
                lines,
                bytes,
                occurrences: None,
            };
            assert_eq!(count(text, None), Ok(counts), "{text}");
        }
    }

    #[test]
    fn occurrences_are_counted_without_overlap() {
        for (text, find, expected) in [
            ("strawberry", "r", 3),
            ("aaa", "aa", 1),
            ("Aa", "a", 1),
            ("abc", "x", 0),
        ] {
            assert_eq!(
                count(text, Some(find)).unwrap().occurrences,
                Some(expected),
                "{find} in {text}"
            );
        }
        assert_eq!(count("abc", Some("")), Err(TextError::NothingToFind));
    }
}
