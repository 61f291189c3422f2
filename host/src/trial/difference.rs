//! How two texts differ, line by line.

use std::time::Duration;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "is", content = "line")]
pub enum DiffLine {
    /// In both.
    Same(String),
    /// Expected, and not there.
    Expected(String),
    /// There, and not expected.
    Actual(String),
    /// Lines of both that are left out.
    Gap,
}

/// Lines of both around a difference.
const AROUND: usize = 3;

/// Long enough for any text a person reads. Answers are a plugin's, and may be made to be slow to compare.
const TIME: Duration = Duration::from_millis(500);

/// How `actual` differs from `expected`. Line ends count, those at the end as well.
pub fn difference(expected: &str, actual: &str) -> Vec<DiffLine> {
    let diff = TextDiff::configure()
        .timeout(TIME)
        .diff_lines(expected, actual);
    let mut lines = Vec::new();
    for (idx, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if idx > 0 {
            lines.push(DiffLine::Gap);
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let value = change.value();
            let line = match value.strip_suffix('\n') {
                Some(line) => line.to_owned(),
                None => format!("{value} (no line break at the end)"),
            };
            lines.push(match change.tag() {
                ChangeTag::Equal => DiffLine::Same(line),
                ChangeTag::Delete => DiffLine::Expected(line),
                ChangeTag::Insert => DiffLine::Actual(line),
            });
        }
    }
    // Where neither text has a line break at its end, saying so says nothing.
    if !expected.ends_with('\n') && !actual.ends_with('\n') {
        for line in &mut lines {
            if let DiffLine::Same(line) | DiffLine::Expected(line) | DiffLine::Actual(line) = line
                && let Some(bare) = line.strip_suffix(" (no line break at the end)")
            {
                *line = bare.to_owned();
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_was_expected_and_what_is_there() {
        use DiffLine::{Actual, Expected, Same};
        let check = |expected: &str, actual: &str, lines: &[DiffLine]| {
            assert_eq!(difference(expected, actual), lines);
        };
        let line = |text: &str| text.to_owned();
        check(
            "a\nb\n",
            "a\nc\n",
            &[Same(line("a")), Expected(line("b")), Actual(line("c"))],
        );
        check("a", "b", &[Expected(line("a")), Actual(line("b"))]);
        check(
            "a\n",
            "a",
            &[
                Expected(line("a")),
                Actual(line("a (no line break at the end)")),
            ],
        );
        check("a", "a", &[]);
    }

    #[test]
    fn distant_differences_leave_out_what_is_between_them() {
        let middle = "x\n".repeat(20);
        let lines = difference(&format!("a\n{middle}b\n"), &format!("c\n{middle}d\n"));
        assert!(lines.contains(&DiffLine::Gap));
        assert!(lines.len() < 16, "{lines:?}");
    }
}
