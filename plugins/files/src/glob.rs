//! Globs, as regular expressions that match in time proportional to the path.
//!
//! A crate for them would bring its own choice of regex engines, which cargo then builds into every plugin that has a
//! regular expression: `text` would grow by a third.

use regex::escape;

use crate::error::FilesError;

/// The regular expression that matches what a glob does: `*` and `?` within a name, `**` across folders, `[a-z]`, `[!a]`,
/// `{one,other}`, and `\` before a character that is meant as it is.
pub fn to_regex(glob: &str) -> Result<String, FilesError> {
    let mut regex = String::from("\\A");
    let mut rest = glob;
    let mut n_open: usize = 0;
    let mut begins_name = true;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let was_begin = std::mem::take(&mut begins_name);
        rest = after;
        match c {
            '*' => match after.strip_prefix('*') {
                Some(after) if was_begin && after.starts_with('/') => {
                    regex.push_str("(?:[^/]*/)*");
                    rest = &after[1..];
                    begins_name = true;
                }
                Some(after) => {
                    regex.push_str(".*");
                    rest = after;
                }
                None => regex.push_str("[^/]*"),
            },
            '?' => regex.push_str("[^/]"),
            '[' => rest = class(after, &mut regex)?,
            '{' => {
                n_open += 1;
                regex.push_str("(?:");
                begins_name = was_begin;
            }
            '}' if n_open > 0 => {
                n_open -= 1;
                regex.push(')');
            }
            ',' if n_open > 0 => regex.push('|'),
            '\\' => {
                let mut chars = after.chars();
                let meant = chars.next().ok_or_else(|| wrong("it ends in `\\`"))?;
                regex.push_str(&escape(meant.encode_utf8(&mut [0; 4])));
                rest = chars.as_str();
            }
            c => {
                begins_name = c == '/';
                regex.push_str(&escape(c.encode_utf8(&mut [0; 4])));
            }
        }
    }
    if n_open > 0 {
        return Err(wrong("a `{` has no `}`"));
    }
    regex.push_str("\\z");
    Ok(regex)
}

/// Writes the class that begins here and gives what comes behind it.
fn class<'a>(glob: &'a str, regex: &mut String) -> Result<&'a str, FilesError> {
    let (is_not, body) = match glob.strip_prefix(['!', '^']) {
        Some(body) => (true, body),
        None => (false, glob),
    };
    // A `]` that comes first is meant as it is.
    let first = body.chars().next().map_or(0, char::len_utf8);
    let end = body[first..].find(']').map(|end| first + end);
    let end = end.ok_or_else(|| wrong("a `[` has no `]`"))?;
    regex.push_str(if is_not { "[^/" } else { "[" });
    for c in body[..end].chars() {
        // Between two characters it makes a range, elsewhere it is escaped like any other.
        match c {
            '-' => regex.push('-'),
            c => regex.push_str(&escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push(']');
    Ok(&body[end + 1..])
}

fn wrong(reason: &str) -> FilesError {
    FilesError::Pattern {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[track_caller]
    fn check(glob: &str, matching: &[&str], others: &[&str]) {
        let regex = Regex::new(&to_regex(glob).unwrap()).unwrap();
        for path in matching {
            assert!(regex.is_match(path), "{glob} on {path}");
        }
        for path in others {
            assert!(!regex.is_match(path), "{glob} on {path}");
        }
    }

    #[test]
    fn stars_stay_within_a_name_or_go_across_folders() {
        check("*.rs", &["a.rs", ".rs"], &["a.rsx", "b/a.rs", "a-rs"]);
        check("a?c", &["abc", "aéc"], &["ac", "a/c"]);
        check("**/*.rs", &["a.rs", "b/a.rs", "b/c/a.rs"], &["a.md"]);
        check("a/**", &["a/b", "a/b/c"], &["a", "b/a/c"]);
        check("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb"]);
        check("**", &["", "a", "a/b"], &[]);
        check("a**b", &["ab", "axb", "a/b"], &["a"]);
    }

    #[test]
    fn classes_and_alternatives_are_read() {
        check("[a-c]", &["a", "c"], &["d", "-", ""]);
        check("[!a]", &["b"], &["a", "/"]);
        check("[]x]", &["]", "x"], &["a"]);
        check("[a-]", &["a", "-"], &["b"]);
        check("[&&~~[]", &["&", "~", "["], &["a"]);
        check("*.{ts,tsx}", &["a.ts", "a.tsx"], &["a.t"]);
        check("{a,b{c,d}}", &["a", "bc", "bd"], &["b"]);
        check("{**/,}x", &["x", "a/x"], &["ax"]);
        check("a,b}", &["a,b}"], &["a"]);
    }

    #[test]
    fn what_is_special_in_regular_expressions_is_not_in_globs() {
        check("a.b+(c)^$|", &["a.b+(c)^$|"], &["axb+(c)^$|"]);
        check("\\*\\[\\\\", &["*[\\"], &["x[\\"]);
        check("é 日本", &["é 日本"], &["e 日本"]);
    }

    #[test]
    fn what_is_not_closed_is_refused() {
        for glob in ["[a", "[", "[!", "[]", "{a", "a\\"] {
            assert!(
                matches!(to_regex(glob), Err(FilesError::Pattern { .. })),
                "{glob}"
            );
        }
    }
}
