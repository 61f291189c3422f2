//! URI templates, as RFC 6570 has them: read, and never expanded.

/// What a template is made of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// How many expressions it has.
    pub(super) n_expressions: usize,
    /// The level of RFC 6570 it needs, from 1 to 4.
    pub(super) level: u8,
    /// What stands between the expressions, with a letter in place of each: what it becomes is known to nobody yet.
    pub(super) literals: String,
}

/// Why a text is no template.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The character, from 1.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) what: &'static str,
}

/// Reads a template.
pub(super) fn read(text: &str) -> Result<Template, Problem> {
    let mut template = Template {
        n_expressions: 0,
        level: 1,
        literals: String::new(),
    };
    let mut open: Option<(usize, String)> = None;
    for (place, c) in text.chars().enumerate() {
        let at = place + 1;
        match (c, &mut open) {
            ('{', Some(_)) => {
                return Err(Problem {
                    at,
                    what: "there is a `{` within an expression",
                });
            }
            ('{', none) => *none = Some((at, String::new())),
            ('}', Some((at, inside))) => {
                let level = expression(inside).map_err(|what| Problem { at: *at, what })?;
                template.level = template.level.max(level);
                template.n_expressions += 1;
                template.literals.push('x');
                open = None;
            }
            ('}', None) => {
                return Err(Problem {
                    at,
                    what: "there is a `}` without a `{`",
                });
            }
            (c, Some((_, inside))) => inside.push(c),
            (c, None) => template.literals.push(c),
        }
    }
    match open {
        Some((at, _)) => Err(Problem {
            at,
            what: "an expression is not closed",
        }),
        None => Ok(template),
    }
}

/// The level an expression needs.
fn expression(inside: &str) -> Result<u8, &'static str> {
    let (level, names) = match inside.chars().next() {
        Some('+' | '#') => (2, &inside[1..]),
        Some('.' | '/' | ';' | '?' | '&') => (3, &inside[1..]),
        Some('=' | ',' | '!' | '@' | '|') => {
            return Err("an expression has an operator that is reserved");
        }
        Some(_) => (1, inside),
        None => return Err("an expression is empty"),
    };
    let several = if names.contains(',') { 3 } else { 1 };
    names
        .split(',')
        .try_fold(level.max(several), |level, name| {
            Ok(level.max(variable(name)?))
        })
}

/// The level a variable needs.
fn variable(text: &str) -> Result<u8, &'static str> {
    let (name, level) = match (text.strip_suffix('*'), text.split_once(':')) {
        (Some(name), _) => (name, 4),
        (None, Some((name, length))) => {
            let fits = (1..=4).contains(&length.len())
                && length.bytes().all(|b| b.is_ascii_digit())
                && !length.starts_with('0');
            if !fits {
                return Err("a prefix has no length from 1 to 9999");
            }
            (name, 4)
        }
        (None, None) => (text, 1),
    };
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '%'))
    };
    match name.split('.').all(is_part) {
        true => Ok(level),
        false => Err("a variable has a name that is none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_level_of_its_hardest_expression() {
        let check = |text: &str, n_expressions, level| {
            let read = read(text).expect("the row is a template");
            assert_eq!(
                (read.n_expressions, read.level),
                (n_expressions, level),
                "{text}"
            );
        };
        check("a://b", 0, 1);
        check("a://{b}/{c_d.e}", 2, 1);
        check("a://{+b}", 1, 2);
        check("a://{#b}", 1, 2);
        check("a://b{?c,d}", 1, 3);
        check("a://{b,c}", 1, 3);
        check("a://{b*}", 1, 4);
        check("a://{b:3}", 1, 4);
        assert_eq!(
            read("a://{b}/c{d}").map(|read| read.literals),
            Ok("a://x/cx".to_owned())
        );
    }

    #[test]
    fn what_is_no_template_is_told_where() {
        let check = |text: &str, at, word: &str| {
            let problem = read(text).expect_err("the row is no template");
            assert_eq!(problem.at, at, "{text}: {problem:?}");
            assert!(problem.what.contains(word), "{text}: {problem:?}");
        };
        check("a://{", 5, "not closed");
        check("ä://{b", 5, "not closed");
        check("a://}", 5, "without");
        check("a://{b{c}}", 7, "within");
        check("a://{}", 5, "empty");
        check("a://{|b}", 5, "reserved");
        check("a://{b c}", 5, "name");
        check("a://{b,}", 5, "name");
        check("a://{é}", 5, "name");
        check("a://{b:0}", 5, "prefix");
        check("a://{b:12345}", 5, "prefix");
        check("a://{?}", 5, "name");
    }
}
