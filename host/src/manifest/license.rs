//! License expressions, checked loosely.

/// Whether a text has the form of an SPDX expression, such as `Apache-2.0 OR MIT`.
///
/// Only the form is checked: new licenses are named more often than a host is updated. `MIT/Apache-2.0`, which cargo once
/// recommended, is let through.
pub(super) fn is_expression(text: &str) -> bool {
    let spaced = text
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut open = 0_usize;
    let mut wants_license = true;
    for word in spaced.split_whitespace() {
        let fits = match word {
            "(" => {
                open += 1;
                wants_license
            }
            ")" if open > 0 => {
                open -= 1;
                !wants_license
            }
            "AND" | "OR" | "WITH" => !std::mem::replace(&mut wants_license, true),
            _ => std::mem::replace(&mut wants_license, false) && is_identifier(word),
        };
        if !fits {
            return false;
        }
    }
    !wants_license && open == 0
}

fn is_identifier(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'+' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_made_of_identifiers_and_operators() {
        let check = |text: &str, fits| assert_eq!(is_expression(text), fits, "{text:?}");
        check("MIT", true);
        check("Apache-2.0 OR MIT", true);
        check("(MIT OR Apache-2.0) AND BSD-3-Clause", true);
        check("GPL-2.0+ WITH Classpath-exception-2.0", true);
        check("MIT/Apache-2.0", true);
        check("LicenseRef-Proprietary", true);
        check("", false);
        check("MIT Apache-2.0", false);
        check("MIT OR", false);
        check("OR MIT", false);
        check("(MIT", false);
        check("MIT)", false);
        check("()", false);
        check("see the file LICENSE", false);
        check("MIT, Apache", false);
    }
}
