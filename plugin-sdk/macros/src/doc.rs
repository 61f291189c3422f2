//! Doc comments, which become descriptions.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments, without the space after each `///`. None: there is none.
pub(crate) fn text(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    let text = flow(lines.join("\n").trim());
    (!text.is_empty()).then_some(text)
}

/// Joins the lines of each paragraph: where an author wraps a comment says nothing to a model. Lists, headings, tables,
/// indented lines and fenced blocks keep their lines.
fn flow(text: &str) -> String {
    let mut flowing = String::new();
    let mut in_fence = false;
    let mut goes_on = false;
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        let stands_alone = in_fence || is_fence || line.is_empty() || begins_a_line(line);
        if !flowing.is_empty() {
            flowing.push(if goes_on && !stands_alone { ' ' } else { '\n' });
        }
        flowing.push_str(line);
        in_fence ^= is_fence;
        goes_on = !(in_fence || is_fence || line.is_empty());
    }
    flowing
}

/// Whether a line of Markdown begins something of its own.
fn begins_a_line(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['#', '>', '|', ' ', '\t'])
        || ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
        || (number.len() < line.len() && number.starts_with(". "))
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else {
        return None;
    };
    match &doc.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if doc.path.is_ident("doc") => {
            let text = text.value();
            let lines = text
                .lines()
                .map(|line| line.strip_prefix(' ').unwrap_or(line));
            Some(lines.collect::<Vec<_>>().join("\n"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::flow;

    #[test]
    fn the_lines_of_a_paragraph_are_joined_and_nothing_else_is() {
        let check = |text: &str, expected: &str| assert_eq!(flow(text), expected);
        check("one\ntwo", "one two");
        check("one\n\ntwo\nthree", "one\n\ntwo three");
        check("of:\n- a\n- b\n  more", "of:\n- a\n- b\n  more");
        check("1. a\n2. b", "1. a\n2. b");
        check(
            "as in\n```\na\nb\n```\nit is",
            "as in\n```\na\nb\n```\nit is",
        );
    }
}
