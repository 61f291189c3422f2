//! URI templates (RFC 6570, the two forms that can be read back): `{name}` is one segment, `{+name}` is the rest.
//!
//! The macro has checked the template: names are unique, text stands between two variables, `{+name}` comes last.

use std::str::FromStr;

use crate::Error;

/// The variables of a template, as they stand in one URI.
pub struct Variables<'a> {
    uri: &'a str,
    values: Vec<(&'static str, String)>,
}

impl<'a> Variables<'a> {
    /// Reads the variables out of a URI. None: the URI does not fit the template.
    ///
    /// The client wrote the URI. The time this takes grows with its length alone: taking the first place where the
    /// next literal text stands loses no match, because a variable before it holds no `/`.
    pub(crate) fn read(template: &'static str, uri: &'a str) -> Option<Self> {
        let mut values = Vec::new();
        let (literal, mut template) = split_or_all(template, '{');
        let mut rest = uri.strip_prefix(literal)?;

        while !template.is_empty() {
            let (variable, after) = template.split_once('}')?;
            let (literal, following) = split_or_all(after, '{');
            let (name, takes_rest) = match variable.strip_prefix('+') {
                Some(name) => (name, true),
                None => (variable, false),
            };
            let value;
            (value, rest) = if following.is_empty() {
                (rest.strip_suffix(literal)?, "")
            } else {
                // A variable is never empty, so the literal text is looked for behind the first character.
                let first = rest.chars().next()?.len_utf8();
                let end = first + rest[first..].find(literal)?;
                (&rest[..end], &rest[end + literal.len()..])
            };
            if value.is_empty() || (!takes_rest && value.contains('/')) {
                return None;
            }
            values.push((name, percent_decoded(value)?));
            template = following;
        }
        rest.is_empty().then_some(Self { uri, values })
    }

    /// The URI they were read from.
    #[must_use]
    pub fn uri(&self) -> &str {
        self.uri
    }

    /// One variable.
    ///
    /// # Errors
    /// When the value is none of `T`: then there is nothing at this URI.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<T, Error> {
        let mut values = self.values.iter();
        values
            .find(|(of, _)| *of == name)
            .and_then(|(_, value)| value.parse().ok())
            .ok_or_else(|| Error::not_found(self.uri))
    }
}

/// The text before the first `separator` and the text after it, or the whole text and nothing.
fn split_or_all(text: &str, separator: char) -> (&str, &str) {
    text.split_once(separator).unwrap_or((text, ""))
}

/// The text with each `%41` turned into its byte. None: it is not UTF-8 then. A `%` that begins no such triplet stays.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let decoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match decoded {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &'static str, uri: &str, expected: Option<&[(&str, &str)]>) {
        let read = Variables::read(template, uri).map(|it| it.values);
        let read = read
            .as_ref()
            .map(|it| it.iter().map(|(n, v)| (*n, &**v)).collect::<Vec<_>>());
        assert_eq!(read.as_deref(), expected, "{uri} in {template}");
    }

    #[test]
    fn a_simple_variable_is_one_whole_segment() {
        check("a://x/{v}", "a://x/1", Some(&[("v", "1")]));
        check("a://x/{v}", "a://x/", None);
        check("a://x/{v}", "a://x/1/2", None);
        check("a://x/{v}", "a://y/1", None);
        check("a://x/{v}/z", "a://x/1/z", Some(&[("v", "1")]));
        check("a://x/{v}/z", "a://x/1", None);
    }

    #[test]
    fn literal_text_between_variables_is_matched() {
        check(
            "a://{b}-{c}.txt",
            "a://p-q.txt",
            Some(&[("b", "p"), ("c", "q")]),
        );
        check(
            "a://{b}-{c}.txt",
            "a://p-q-r.txt.txt",
            Some(&[("b", "p"), ("c", "q-r.txt")]),
        );
        check("a://{b}-{c}.txt", "a://-q.txt", None);
        check("a://{b}-{c}", "a://--q", Some(&[("b", "-"), ("c", "q")]));
        check("a://{b}/{c}", "a://é/ü", Some(&[("b", "é"), ("c", "ü")]));
    }

    #[test]
    fn a_reserved_variable_is_the_rest() {
        check("f://{+path}", "f://a/b/c", Some(&[("path", "a/b/c")]));
        check(
            "f://{root}/{+path}",
            "f://a/b/c",
            Some(&[("root", "a"), ("path", "b/c")]),
        );
    }

    #[test]
    fn values_are_percent_decoded_after_the_match() {
        check("a://{v}", "a://a%2Fb%20c", Some(&[("v", "a/b c")]));
        check("a://{v}", "a://100%", Some(&[("v", "100%")]));
        check("a://{v}", "a://%zz%4", Some(&[("v", "%zz%4")]));
        check("a://{v}", "a://%FF", None);
    }
}
