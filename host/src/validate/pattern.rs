//! Regular expressions of schemas as other programs run them: clients are written in JavaScript and Python, whose engines
//! go back and try again.

/// Why a pattern may hold up or stop a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The time grows with the power of the text's length.
    Slow,
    /// Only some engines know this.
    Foreign(&'static str),
}

/// What other engines make of a pattern, as far as its text shows.
pub(super) fn trouble(pattern: &str) -> Option<Trouble> {
    const FOREIGN: &[&str] = &[
        "(?i", "(?x", "(?s", "(?m", "(?P<", "(?-", "\\A", "\\z", "\\Z", "[[:", "\\x{", "\\h",
    ];
    if let Some(foreign) = FOREIGN.iter().find(|foreign| stands_in(pattern, foreign)) {
        return Some(Trouble::Foreign(foreign));
    }
    is_slow(pattern).then_some(Trouble::Slow)
}

/// Whether a piece of syntax is used, and not only quoted with a backslash before it.
fn stands_in(pattern: &str, syntax: &str) -> bool {
    pattern.match_indices(syntax).any(|(at, _)| {
        let n_before = pattern[..at]
            .bytes()
            .rev()
            .take_while(|b| *b == b'\\')
            .count();
        n_before % 2 == 0
    })
}

/// What is known of an alternative so far.
#[derive(Debug, Clone, Copy, Default)]
struct Branch {
    /// Whether something in it has to be there once: then two rounds of a loop cannot share a text in many ways.
    has_anchor: bool,
    /// Whether something in it is repeated without a bound.
    repeats: bool,
}

/// A group that is not closed yet.
#[derive(Debug, Default)]
struct Group {
    current: Branch,
    /// Whether one of the alternatives before is a loop of nothing but loops.
    is_loose: bool,
}

impl Group {
    fn close_branch(&mut self) {
        self.is_loose |= self.current.repeats && !self.current.has_anchor;
        self.current = Branch::default();
    }
}

/// Whether a group that consists of loops is itself repeated without a bound, such as `(a+)+` or `(\w+\s?)*`.
fn is_slow(pattern: &str) -> bool {
    let mut groups = vec![Group::default()];
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        let mut is_loose = false;
        match c {
            '(' => {
                // What stands behind `(?` up to a colon or bracket is no atom.
                if rest.next_if_eq(&'?').is_some() {
                    while rest
                        .next_if(|c| !matches!(c, ':' | '>' | '=' | '!' | ')'))
                        .is_some()
                    {}
                    rest.next_if(|c| *c != ')');
                }
                groups.push(Group::default());
                continue;
            }
            ')' => {
                let Some(mut group) = groups.pop() else {
                    return false;
                };
                group.close_branch();
                is_loose = group.is_loose;
            }
            '|' => {
                if let Some(group) = groups.last_mut() {
                    group.close_branch();
                }
                continue;
            }
            '^' | '$' => continue,
            '\\' => {
                rest.next();
            }
            '[' => skip_class(&mut rest),
            _ => {}
        }
        let (is_optional, is_endless) = quantifier(&mut rest);
        if is_loose && is_endless {
            return true;
        }
        let Some(group) = groups.last_mut() else {
            return false;
        };
        group.current.repeats |= is_endless || is_loose;
        group.current.has_anchor |= !is_optional && !is_endless && !is_loose;
    }
    false
}

fn skip_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    rest.next_if_eq(&'^');
    rest.next_if_eq(&']');
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                rest.next();
            }
            ']' => return,
            _ => {}
        }
    }
}

/// Reads a quantifier: whether it allows for nothing, and whether it has no upper bound.
fn quantifier(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> (bool, bool) {
    let found = match rest.peek() {
        Some('*') => (true, true),
        Some('+') => (false, true),
        Some('?') => (true, false),
        Some('{') => {
            let bounds: String = rest
                .clone()
                .skip(1)
                .take_while(|c| *c != '}')
                .take(20)
                .collect();
            let is_bounds =
                bounds.chars().all(|c| c.is_ascii_digit() || c == ',') && !bounds.is_empty();
            if !is_bounds {
                return (false, false);
            }
            rest.nth(bounds.len());
            (bounds.starts_with('0'), bounds.ends_with(','))
        }
        _ => return (false, false),
    };
    rest.next();
    // Lazy or possessive.
    rest.next_if(|c| matches!(c, '?' | '+'));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_of_loops_are_slow_elsewhere_and_others_are_not() {
        for slow in [
            "^(a+)+$",
            "(a*)*",
            "([a-z]+)*x",
            "(\\w+\\s?)*",
            "(a+|b)+",
            "((a+)?)+",
            "(?:a+)+",
            "(a{1,})+",
            "(?<n>a+)+",
            "([)]+)*",
        ] {
            assert_eq!(trouble(slow), Some(Trouble::Slow), "{slow}");
        }
        for quick in [
            "^[a-z0-9]+(-[a-z0-9]+)*$",
            "(a+b)+",
            "(a+){3}",
            "(a+)?",
            "^a+$",
            "(ab|cd)*",
            "\\(a+\\)+",
            "[(a+)]+",
            "(a{2,5})+",
            "^\\d{4}-\\d\\d$",
            "(\\d+,)*\\d+",
            "a)(b+",
            "",
        ] {
            assert_eq!(trouble(quick), None, "{quick}");
        }
    }

    #[test]
    fn what_only_some_engines_know_is_named() {
        assert_eq!(trouble("(?i)abc"), Some(Trouble::Foreign("(?i")));
        assert_eq!(trouble("\\Aabc\\z"), Some(Trouble::Foreign("\\A")));
        assert_eq!(trouble("[[:alpha:]]"), Some(Trouble::Foreign("[[:")));
        assert_eq!(trouble("\\\\Abc"), None);
        assert_eq!(trouble("(?:abc)"), None);
    }
}
