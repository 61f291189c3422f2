//! One note, and what may stand in it.

use portcullis_plugin::data;

use crate::error::NotesError;

/// Characters of a title. It fits on a line.
const TITLE_CHARS_MAX: usize = 200;

/// Bytes of a text. A value of the store holds sixteen times as much, and a model reads less at a time.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// Tags of one note.
const TAGS_MAX: usize = 16;

/// Characters of one tag.
const TAG_CHARS_MAX: usize = 40;

/// Characters of a text that a list shows.
const EXCERPT_CHARS_MAX: usize = 160;

/// A note.
#[data]
#[derive(PartialEq)]
pub struct Note {
    /// Its number, which no other note ever has.
    pub id: u32,
    /// What it is about.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it was made, in UTC.
    pub created: String,
    /// When it was changed last, in UTC.
    pub changed: String,
    /// How often it was written.
    pub revision: u32,
}

/// A note in a list.
#[data]
#[derive(PartialEq)]
pub struct Summary {
    /// Its number.
    pub id: u32,
    /// What it is about.
    pub title: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it was changed last, in UTC.
    pub changed: String,
    /// How its text begins, or the place that was found.
    pub excerpt: String,
}

impl Note {
    /// The note in a list, with the part of its text around `at`.
    pub fn summary(&self, at: usize) -> Summary {
        let before = self.text.get(..at).unwrap_or_default();
        let from = before.rfind('\n').map_or(0, |line| line + 1);
        let from = before[from..]
            .char_indices()
            .rev()
            .nth(EXCERPT_CHARS_MAX / 4)
            .map_or(from, |(idx, _)| from + idx);
        let rest: Vec<_> = self.text[from..]
            .split_whitespace()
            .take(EXCERPT_CHARS_MAX)
            .collect();
        let rest = rest.join(" ");
        let mut excerpt: String = rest.chars().take(EXCERPT_CHARS_MAX).collect();
        if excerpt.len() < rest.len() {
            excerpt.push('…');
        }
        Summary {
            id: self.id,
            title: self.title.clone(),
            tags: self.tags.clone(),
            changed: self.changed.clone(),
            excerpt,
        }
    }

    /// The note as Markdown.
    pub fn markdown(&self) -> String {
        let tags = match &self.tags[..] {
            [] => String::new(),
            tags => format!("Tags: {}\n", tags.join(", ")),
        };
        format!(
            "# {}\n\nNote {}, changed {}\n{tags}\n{}\n",
            self.title, self.id, self.changed, self.text
        )
    }

    /// Whether it has a tag; every note has none.
    pub fn has_tag(&self, tag: Option<&str>) -> bool {
        tag.is_none_or(|tag| self.tags.iter().any(|own| own == tag))
    }
}

/// A title that can be kept: one line of words.
pub fn title(written: &str) -> Result<String, NotesError> {
    let title: Vec<_> = written.split_whitespace().collect();
    let title = title.join(" ");
    let problem = match title.chars().count() {
        0 => "is empty (hint: say in a few words what the note is about)".to_owned(),
        n if n > TITLE_CHARS_MAX => {
            format!("has more than {TITLE_CHARS_MAX} characters (hint: put the rest into `text`)")
        }
        _ => return Ok(title),
    };
    Err(NotesError::Argument {
        argument: "title",
        problem,
    })
}

/// A text that can be kept.
pub fn text(written: String) -> Result<String, NotesError> {
    if written.len() <= TEXT_BYTES_MAX {
        return Ok(written);
    }
    Err(NotesError::Argument {
        argument: "text",
        problem: format!("would have more than {TEXT_BYTES_MAX} bytes (hint: make a second note)"),
    })
}

/// Tags that can be kept: in lower case, each once, in order.
pub fn tags(written: &[String]) -> Result<Vec<String>, NotesError> {
    let mut tags = Vec::new();
    for written in written {
        tags.push(tag(written)?);
    }
    tags.sort();
    tags.dedup();
    if tags.len() > TAGS_MAX {
        return Err(NotesError::Argument {
            argument: "tags",
            problem: format!("are more than {TAGS_MAX} (hint: choose the best)"),
        });
    }
    Ok(tags)
}

/// A tag as it is kept.
pub fn tag(written: &str) -> Result<String, NotesError> {
    let tag = written.trim().trim_start_matches('#').to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if tag.is_empty() || tag.chars().count() > TAG_CHARS_MAX || !tag.chars().all(is_word) {
        let shown: String = written.chars().take(TAG_CHARS_MAX).collect();
        return Err(NotesError::Argument {
            argument: "tags",
            problem: format!(
                "hold `{shown}`, which is no tag (hint: one word of letters, digits and hyphens, at most {TAG_CHARS_MAX})"
            ),
        });
    }
    Ok(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        Note {
            id: 1,
            title: "Title".to_owned(),
            text: text.to_owned(),
            tags: vec!["a".to_owned()],
            created: "2026-01-01T00:00:00Z".to_owned(),
            changed: "2026-01-02T00:00:00Z".to_owned(),
            revision: 2,
        }
    }

    #[test]
    fn a_title_is_one_line_of_words() {
        assert_eq!(title("  a\n b "), Ok("a b".to_owned()));
        assert!(title(" \n").is_err());
        assert!(title(&"é".repeat(TITLE_CHARS_MAX)).is_ok());
        assert!(title(&"é".repeat(TITLE_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn tags_are_words_in_lower_case_each_once() {
        let of = |written: &[&str]| {
            tags(
                &written
                    .iter()
                    .map(|it| (*it).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            of(&["b", " #A", "a", "to-do"]).unwrap(),
            ["a", "b", "to-do"]
        );
        for wrong in ["", "#", "two words", "a,b", &"a".repeat(41)] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
        let many: Vec<_> = (0..=TAGS_MAX).map(|n| n.to_string()).collect();
        assert!(tags(&many).is_err());
        assert!(tags(&many[1..]).is_ok());
    }

    #[test]
    fn a_text_is_kept_up_to_its_limit() {
        assert!(text("a".repeat(TEXT_BYTES_MAX)).is_ok());
        assert!(text("a".repeat(TEXT_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn an_excerpt_shows_the_place_that_was_found() {
        for (text, at, expected) in [
            ("one\ntwo  three\nfour", 0, "one two three four"),
            ("one\ntwo  three\nfour", 9, "two three four"),
            ("", 0, ""),
        ] {
            assert_eq!(note(text).summary(at).excerpt, expected, "{text} at {at}");
        }
        let long = "é ".repeat(1_000);
        let excerpt = note(&long).summary(1_200).excerpt;
        assert_eq!(excerpt.chars().count(), EXCERPT_CHARS_MAX + 1);
    }
}
