//! Leaving secrets out of what is said.

use std::borrow::Cow;
use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde_json::Value;

use super::Secret;
use super::encodings::{FORM_BYTES_MIN, forms};

/// Finds the secrets of one plugin in texts and bytes, in time that grows with the text alone.
///
/// What it leaves has no secret in it, in none of the usual forms. It says nothing of forms that somebody made up, nor of
/// secrets shorter than four bytes: leaving those out would destroy honest texts.
pub struct Redactor {
    automaton: AhoCorasick,
    /// The secret that each pattern is a form of.
    owners: Vec<usize>,
    /// What is written in place of each secret.
    marks: Vec<String>,
    longest: usize,
}

/// A part of a text that is secret.
struct Found {
    start: usize,
    end: usize,
    owner: usize,
    /// Bytes of the longest form in it, which gives it its name.
    bytes: usize,
}

impl Redactor {
    /// What leaves these secrets out; nothing when there is none that can be left out.
    pub(super) fn new<'a>(secrets: impl Iterator<Item = (&'a String, &'a Secret)>) -> Option<Self> {
        let mut patterns = Vec::new();
        let mut owners = Vec::new();
        let mut marks = Vec::new();
        for (name, secret) in secrets.filter(|(_, secret)| !Self::passes_by(secret)) {
            for form in forms(secret.expose()) {
                patterns.push(form);
                owners.push(marks.len());
            }
            marks.push(format!("[secret {name}]"));
        }
        let longest = patterns.iter().map(String::len).max()?;
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .expect("secrets are bounded, so the automaton has room for all their forms");
        Some(Self {
            automaton,
            owners,
            marks,
            longest,
        })
    }

    /// Whether a secret is too short to be left out.
    pub(super) fn passes_by(secret: &Secret) -> bool {
        secret.expose().len() < FORM_BYTES_MIN
    }

    /// A text without secrets.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // A form is whole UTF-8, so what is left of a text is text.
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            ),
        }
    }

    /// Bytes without secrets.
    pub fn redact_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let found = self.find(bytes);
        if found.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut kept = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for part in found {
            kept.extend_from_slice(&bytes[from..part.start]);
            kept.extend_from_slice(self.marks[part.owner].as_bytes());
            from = part.end;
        }
        kept.extend_from_slice(&bytes[from..]);
        Cow::Owned(kept)
    }

    /// Takes the secrets out of every text in a JSON value, keys included. A number that is a secret becomes a text.
    pub fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.redact_string(text),
            Value::Number(number) => {
                let text = number.to_string();
                if let Cow::Owned(redacted) = self.redact(&text) {
                    *value = Value::String(redacted);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(members) => self.redact_object(members),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// The same with an object.
    pub fn redact_object(&self, members: &mut serde_json::Map<String, Value>) {
        if members.keys().any(|key| self.finds(key)) {
            let renamed = std::mem::take(members).into_iter();
            members.extend(renamed.map(|(key, value)| (self.redact(&key).into_owned(), value)));
        }
        members
            .values_mut()
            .for_each(|value| self.redact_json(value));
    }

    /// Takes the secrets out of a text.
    pub fn redact_string(&self, text: &mut String) {
        if let Cow::Owned(redacted) = self.redact(text) {
            *text = redacted;
        }
    }

    /// Whether there is a secret in a text.
    pub fn finds(&self, text: &str) -> bool {
        self.automaton.is_match(text)
    }

    /// Bytes of the longest form of a secret.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Where a piece of a longer text may end without a secret being cut in two: at most at `wanted`, and before what is,
    /// or may yet become, a secret. Only a secret that the text begins with reaches further, and then the piece ends with it.
    pub fn cut(&self, bytes: &[u8], wanted: usize) -> usize {
        let mut cut = wanted.min(bytes.len().saturating_sub(self.longest - 1));
        let found = self.find(bytes);
        for part in found.iter().rev() {
            if part.start < cut && cut < part.end {
                cut = part.start;
            }
        }
        match found.first() {
            Some(first) if cut == 0 && first.start == 0 => first.end,
            _ => cut,
        }
    }

    /// The secret parts, in order; none touches the inside of another.
    fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for matched in self.automaton.find_overlapping_iter(bytes) {
            let mut part = Found {
                start: matched.start(),
                end: matched.end(),
                owner: self.owners[matched.pattern().as_usize()],
                bytes: matched.len(),
            };
            // Matches come in the order of their ends, so a later one can only reach into the last parts.
            while let Some(last) = found.pop_if(|last| last.end > part.start) {
                part.start = part.start.min(last.start);
                part.end = part.end.max(last.end);
                if last.bytes >= part.bytes {
                    (part.owner, part.bytes) = (last.owner, last.bytes);
                }
            }
            found.push(part);
        }
        found
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.marks).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::*;

    fn redactor(secrets: &[(&str, &str)]) -> Redactor {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Secret::new((*text).to_owned().into())))
            .collect();
        Redactor::new(secrets.iter().map(|(name, secret)| (name, secret))).unwrap()
    }

    #[test]
    fn every_occurrence_is_left_out_and_nothing_else() {
        let redactor = redactor(&[
            ("key", "hunter22"),
            ("pin", "hunter22-pin"),
            ("other", "r22-p"),
        ]);
        let check = |text: &str, expected: &str| assert_eq!(redactor.redact(text), expected);
        check("", "");
        check("nothing to see", "nothing to see");
        check("hunter2", "hunter2");
        check("hunter22", "[secret key]");
        check(
            "<hunter22> hunter22hunter22",
            "<[secret key]> [secret key][secret key]",
        );
        check("é hunter22-pin é", "é [secret pin] é");
        check("hunter22-p", "[secret key]");
        check("68756e7465723232", "[secret key]");
        assert!(matches!(redactor.redact("nothing"), Cow::Borrowed(_)));
    }

    #[test]
    fn short_secrets_are_passed_by() {
        let short = Secret::new("abc".to_owned().into());
        let secrets = [("short".to_owned(), short)];
        assert!(Redactor::new(secrets.iter().map(|(name, secret)| (name, secret))).is_none());
    }

    #[test]
    fn json_is_left_whole_without_its_secrets() {
        let redactor = redactor(&[("key", "hunter22"), ("pin", "123456"), ("odd", "a\"b\\c")]);
        let mut value = json!({
            "hunter22": ["x", {"deep": "say hunter22"}],
            "n": 9123456,
            "other": 7,
            "text": "{\"quoted\": \"a\\\"b\\\\c\"}",
        });
        redactor.redact_json(&mut value);
        assert_eq!(
            value,
            json!({
                "[secret key]": ["x", {"deep": "say [secret key]"}],
                "n": "9[secret pin]",
                "other": 7,
                "text": "{\"quoted\": \"[secret odd]\"}",
            })
        );
    }

    #[test]
    fn a_cut_never_divides_a_secret() {
        let redactor = redactor(&[("key", "hunter22")]);
        let text = format!("{}hunter22{}", "x".repeat(100), "y".repeat(100));
        for wanted in 0..=text.len() {
            let cut = redactor.cut(text.as_bytes(), wanted);
            assert!(
                cut <= 100 || (108..=wanted).contains(&cut),
                "{wanted}: {cut}"
            );
        }
        // What may yet become a secret is kept back.
        let begun = format!("{}hunter2", "x".repeat(200));
        assert!(redactor.cut(begun.as_bytes(), begun.len()) <= 200);
    }

    #[test]
    fn the_time_it_takes_grows_with_the_text_alone() {
        // Every line is a form of its own, and every prefix of the text begins a longer form that never ends.
        let secret = vec!["aaaa"; 1_000].join("\n") + "b";
        let redactor = redactor(&[("key", &secret)]);
        let text = "aaaa\n".repeat(200_000);
        let started = Instant::now();
        let redacted = redactor.redact(&text);
        assert!(!redacted.contains("aaaa"));
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{:?}",
            started.elapsed()
        );
    }
}
