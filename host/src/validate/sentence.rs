//! Sentences of other rooms, as findings have them.

use crate::names::is_deceptive;

/// Characters of one message or hint. A guest chooses how long its own words in it are.
const CHARS_MAX: usize = 2_000;

/// Cuts a sentence from its hint: `it is bad (hint: make it good)` are two things.
pub(super) fn split_hint(sentence: &str) -> (String, Option<String>) {
    // What goes on behind a hint was none: a stranger's words, with the rest of the sentence.
    let whole = sentence.strip_suffix(')');
    match whole.and_then(|whole| whole.rsplit_once(" (hint: ")) {
        Some((sentence, hint)) => (sentence.to_owned(), Some(hint.to_owned())),
        None => (sentence.to_owned(), None),
    }
}

/// One line without what a terminal would obey, or the runner of a job, and not endless.
pub fn harmless(words: &str) -> String {
    let mut shown = String::new();
    for c in words.chars().take(CHARS_MAX) {
        match c {
            '\n' | '\t' => shown.push(' '),
            '[' => push_bracket(&mut shown),
            c if is_deceptive(c) => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    if words.chars().nth(CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Runners obey `##[command]` and `##vso[command]` wherever it stands in a line, so it is pulled apart.
fn push_bracket(shown: &mut String) {
    let before = shown.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    if before.ends_with("##") {
        shown.insert(before.len(), ' ');
    }
    shown.push('[');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_cut_from_its_sentence() {
        let check = |sentence: &str, said: &str, hint: Option<&str>| {
            let (is, is_hint) = split_hint(sentence);
            assert_eq!((is.as_str(), is_hint.as_deref()), (said, hint));
        };
        check("it is bad", "it is bad", None);
        check("it is bad (hint: mend it)", "it is bad", Some("mend it"));
        check("a (hint: b (c) d)", "a", Some("b (c) d"));
        check("a (hint: b) at line 1", "a (hint: b) at line 1", None);
    }

    #[test]
    fn nothing_in_a_message_is_obeyed_by_a_runner() {
        let check = |words: &str, expected: &str| assert_eq!(harmless(words), expected);
        check("a ##[error]b", "a ## [error]b");
        check("###[set-env name=x]", "### [set-env name=x]");
        check("##vso[task.x]##VSO[y]", "## vso[task.x]## VSO[y]");
        check("##\u{1b}[", "##\u{fffd}[");
        check("## Lists[0] #[test] a[b]", "## Lists[0] #[test] a[b]");
    }

    #[test]
    fn nothing_in_a_message_is_obeyed_by_a_terminal() {
        assert_eq!(
            harmless("a\u{1b}[31m\nb\u{202e}c"),
            "a\u{fffd}[31m b\u{fffd}c"
        );
        assert_eq!(harmless(&"x".repeat(9_999)).chars().count(), CHARS_MAX + 1);
    }
}
