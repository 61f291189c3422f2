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
    /// How many atoms it has.
    n_atoms: usize,
    /// The characters that the first of them stands for, when it stands once for one.
    first: Option<Chars>,
}

/// Characters of ASCII, one bit for each: enough to see that two classes overlap.
type Chars = u128;

fn chars(is_in: impl Fn(u8) -> bool) -> Chars {
    (0..128_u8).fold(0, |chars, c| chars | Chars::from(is_in(c)) << c)
}

/// The characters that an escape stands for; none for one that is no class.
fn escaped(c: char) -> Option<Chars> {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let space = |c: u8| c.is_ascii_whitespace() || c == 0x0b;
    Some(match c {
        'w' => chars(word),
        'W' => chars(|c| !word(c)),
        'd' => chars(|c| c.is_ascii_digit()),
        'D' => chars(|c| !c.is_ascii_digit()),
        's' => chars(space),
        'S' => chars(|c| !space(c)),
        c if c.is_ascii_punctuation() => single(c),
        _ => return None,
    })
}

fn single(c: char) -> Chars {
    u8::try_from(c)
        .ok()
        .filter(u8::is_ascii)
        .map_or(0, |c| 1 << c)
}

/// A group that is not closed yet.
#[derive(Debug, Default)]
struct Group {
    current: Branch,
    /// Whether one of the alternatives before is a loop of nothing but loops, or stands for a character that another does.
    is_loose: bool,
    /// The characters that one of the alternatives before stands for.
    singles: Chars,
}

impl Group {
    fn close_branch(&mut self) {
        self.is_loose |= self.current.repeats && !self.current.has_anchor;
        if let (1, Some(chars)) = (self.current.n_atoms, self.current.first) {
            self.is_loose |= self.singles & chars != 0;
            self.singles |= chars;
        }
        self.current = Branch::default();
    }
}

/// Whether a group that consists of loops is itself repeated without a bound, such as `(a+)+` or `(\w+\s?)*`.
fn is_slow(pattern: &str) -> bool {
    let mut groups = vec![Group::default()];
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        let mut is_loose = false;
        let mut stands_for = None;
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
                let c = rest.next();
                // A pattern may have a million of them, and only the first of an alternative matters.
                let is_first = groups
                    .last()
                    .is_some_and(|group| group.current.n_atoms == 0);
                stands_for = c.filter(|_| is_first).and_then(escaped);
            }
            '[' => skip_class(&mut rest),
            '.' => stands_for = Some(chars(|c| c != b'\n')),
            c => stands_for = Some(single(c)),
        }
        let (is_optional, is_endless) = quantifier(&mut rest);
        if is_loose && is_endless {
            return true;
        }
        let Some(group) = groups.last_mut() else {
            return false;
        };
        if group.current.n_atoms == 0 && !is_optional && !is_endless {
            group.current.first = stands_for;
        }
        group.current.n_atoms += 1;
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
            "(\\w|\\d)+$",
            "^(a|.)*$",
            "(?:x|\\.|\\S)+",
            "((a|a))+",
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
            "(a|b)*",
            "(\\w|\\s)+$",
            "(\\w|-|\\.)+@",
            "(\\w|\\d)$",
            "(\\n|n)*",
            "(aa|ab)*",
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
