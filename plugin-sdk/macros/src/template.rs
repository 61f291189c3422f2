//! The part of RFC 6570 that can be read back from a URI. `portcullis-plugin` reads it; here it is checked.

use syn::{Error, LitStr, Result};

/// The variables of a template, in order. Empty: it is a plain URI.
pub(crate) fn variables(uri: &LitStr) -> Result<Vec<String>> {
    read(&uri.value()).map_err(|reason| Error::new_spanned(uri, reason))
}

fn read(uri: &str) -> std::result::Result<Vec<String>, String> {
    let before = uri.split('{').next().unwrap_or_default();
    if !has_scheme(before) {
        return Err("a resource's URI begins with a scheme, as in `time://current`".to_owned());
    }
    let mut names = Vec::new();
    let mut rest = uri;
    while let Some((literal, after)) = rest.split_once('{') {
        refuse_brace(literal)?;
        if literal.is_empty() {
            return Err(
                "text must stand between two variables, or nobody can tell them apart".to_owned(),
            );
        }
        let (variable, after) = after.split_once('}').ok_or("a `{` has no `}`")?;
        let name = variable.strip_prefix('+').unwrap_or(variable);
        let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(format!(
                "`{{{variable}}}` is not understood: write `{{name}}` for one segment or `{{+name}}` for the rest"
            ));
        }
        if variable.starts_with('+') && !after.is_empty() {
            return Err(format!(
                "`{{+{name}}}` is the rest of the URI, so it comes last"
            ));
        }
        if names.iter().any(|known| known == name) {
            return Err(format!("`{name}` occurs twice"));
        }
        names.push(name.to_owned());
        rest = after;
    }
    refuse_brace(rest)?;
    Ok(names)
}

fn refuse_brace(literal: &str) -> std::result::Result<(), String> {
    if literal.contains('}') {
        return Err("a `}` has no `{`".to_owned());
    }
    Ok(())
}

fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|it: char| it.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_cannot_be_read_back_is_refused() {
        #[track_caller]
        fn check(uri: &str, expected: std::result::Result<&[&str], &str>) {
            match (read(uri), expected) {
                (Ok(names), Ok(expected)) => assert_eq!(names, expected),
                (Err(reason), Err(expected)) => {
                    assert!(reason.contains(expected), "{reason}")
                }
                (read, _) => panic!("{uri}: {read:?}"),
            }
        }
        check("a://b", Ok(&[]));
        check("a://b/{c}", Ok(&["c"]));
        check("a://{b}-{c}/{+d}", Ok(&["b", "c", "d"]));
        check("a:{b}", Ok(&["b"]));
        check("b", Err("scheme"));
        check("{scheme}://b", Err("scheme"));
        check("a://{b}{c}", Err("between"));
        check("a://{+b}/c", Err("last"));
        check("a://{b}/{b}", Err("twice"));
        check("a://{?b}", Err("not understood"));
        check("a://{b", Err("no `}`"));
        check("a://b}", Err("no `{`"));
    }
}
