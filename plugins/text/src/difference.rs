//! Unified diffs.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};

use crate::error::{TEXT_BYTES_MAX, TextError, check_len};

/// Lines of one text. Two texts of this many lines, each of them one of a few letters at random, are the worst there is
/// and take a third of a call's usual fuel (measured).
pub const LINES_MAX: usize = 10_000;

/// The unified diff of two texts by lines, with so many unchanged lines around each change. Empty when they are equal.
/// It is never much longer than the two texts together.
pub fn unified(old: &str, new: &str, context: u8) -> Result<String, TextError> {
    for (argument, text) in [("old", old), ("new", new)] {
        check_len(argument, text, TEXT_BYTES_MAX)?;
        if text.lines().count() > LINES_MAX {
            return Err(TextError::TooManyLines {
                argument,
                lines_max: LINES_MAX,
            });
        }
    }
    let input = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_lines(&input);
    let lines = |tokens: &[Token]| tokens.iter().map(|token| input.interner[*token]).collect();
    let texts = Texts {
        old: lines(&input.before),
        new: lines(&input.after),
    };
    let changes: Vec<Hunk> = diff.hunks().collect();
    let context = u32::from(context);
    // Changes whose surroundings touch are shown together.
    let hunks = changes.chunk_by(|one, next| next.before.start - one.before.end <= 2 * context);
    let hunks: String = hunks.map(|changes| texts.hunk(changes, context)).collect();
    Ok(match hunks.is_empty() {
        true => hunks,
        false => format!("--- old\n+++ new\n{hunks}"),
    })
}

/// Both texts by lines, each line with its end.
struct Texts<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

impl Texts<'_> {
    /// Writes changes that stand together, as GNU diff does. The library's own printer counts the lines of the first hunk
    /// wrong and does not mark a last line without a line feed.
    fn hunk(&self, changes: &[Hunk], context: u32) -> String {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
            return String::new();
        };
        let before = context.min(first.before.start);
        let after = context.min(self.old.len() as u32 - last.before.end);
        let old = first.before.start - before..last.before.end + after;
        let new = first.after.start - before..last.after.end + after;

        let mut text = format!("@@ -{} +{} @@\n", written(&old), written(&new));
        let mut shown = old.start;
        for change in changes {
            write(&mut text, ' ', &self.old, shown..change.before.start);
            write(&mut text, '-', &self.old, change.before.clone());
            write(&mut text, '+', &self.new, change.after.clone());
            shown = change.before.end;
        }
        write(&mut text, ' ', &self.old, shown..old.end);
        text
    }
}

/// A range of lines as a diff counts them, from 1. An empty one is named by the line before it.
fn written(range: &Range<u32>) -> String {
    match range.end - range.start {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        n_lines => format!("{},{n_lines}", range.start + 1),
    }
}

fn write(text: &mut String, mark: char, lines: &[&str], range: Range<u32>) {
    for line in &lines[range.start as usize..range.end as usize] {
        text.push(mark);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_the_changed_lines_and_their_surroundings() {
        for (old, new, context, expected) in [
            (
                "a\nb\nc\n",
                "a\nB\nc\n",
                3,
                "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n",
            ),
            (
                "a\nb\nc\n",
                "a\nB\nc\n",
                0,
                "--- old\n+++ new\n@@ -2 +2 @@\n-b\n+B\n",
            ),
            ("", "a\n", 3, "--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n"),
            (
                "a\n",
                "a",
                3,
                "--- old\n+++ new\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n",
            ),
            (
                "a",
                "a\nb",
                3,
                "--- old\n+++ new\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
            ),
            (
                "a\nb",
                "c\nb",
                3,
                "--- old\n+++ new\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n",
            ),
            ("a\n", "", 3, "--- old\n+++ new\n@@ -1 +0,0 @@\n-a\n"),
            (
                "a\nb\nc\n",
                "a\nc\n",
                0,
                "--- old\n+++ new\n@@ -2 +1,0 @@\n-b\n",
            ),
            ("same\n", "same\n", 3, ""),
            ("", "", 3, ""),
        ] {
            assert_eq!(
                unified(old, new, context).as_deref(),
                Ok(expected),
                "{old:?} to {new:?}"
            );
        }
    }

    #[test]
    fn changes_that_are_far_apart_stand_in_hunks_of_their_own() {
        let old: String = (0..20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("\n2\n", "\ntwo\n").replace("\n17\n", "\n");
        let expected = "--- old\n+++ new\n@@ -2,3 +2,3 @@\n 1\n-2\n+two\n 3\n@@ -17,3 +17,2 @@\n 16\n-17\n 18\n";
        assert_eq!(unified(&old, &new, 1).as_deref(), Ok(expected));
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        let long = "a".repeat(TEXT_BYTES_MAX + 1);
        assert!(matches!(
            unified(&long, "", 3),
            Err(TextError::TooLong {
                argument: "old",
                ..
            })
        ));
        assert!(matches!(
            unified("", &long, 3),
            Err(TextError::TooLong {
                argument: "new",
                ..
            })
        ));
    }

    #[test]
    fn a_text_of_too_many_lines_is_refused() {
        let most = "\n".repeat(LINES_MAX);
        assert!(unified(&most, &most, 3).is_ok());
        let more = "\n".repeat(LINES_MAX + 1);
        assert!(matches!(
            unified(&more, "", 3),
            Err(TextError::TooManyLines {
                argument: "old",
                ..
            })
        ));
        assert!(matches!(
            unified("", &more, 3),
            Err(TextError::TooManyLines {
                argument: "new",
                ..
            })
        ));
    }
}
