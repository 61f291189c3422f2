//! Skills inside a component: one JSON object, each file's path with its bytes in base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer as _, Error, MapAccess, Visitor};

use super::{Files, SkillError, Tally, skills};
use crate::contract::Skill;

/// Reads the section.
pub(crate) fn read(section: &[u8]) -> Result<Vec<Skill>, SkillError> {
    let refuse = |error: serde_json::Error| SkillError::Packed(error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(section);
    let files = reader.deserialize_map(Entries).map_err(refuse)?;
    reader.end().map_err(refuse)?;
    skills(files)
}

/// Decodes one file after the other, and stops at the first that is too much: a section may have sixty megabytes.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Files;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
        let mut files = Files::new();
        let mut tally = Tally::default();
        while let Some((path, encoded)) = map.next_entry::<String, &str>()? {
            let bytes = STANDARD.decode(encoded).map_err(Error::custom)?;
            tally.add(bytes.len()).map_err(Error::custom)?;
            if files.insert(path, bytes).is_some() {
                return Err(Error::custom("a path stands there twice"));
            }
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::SKILLS_BYTES_MAX;

    fn good() -> String {
        STANDARD.encode("---\nname: adding\ndescription: Adds.\n---\n")
    }

    #[test]
    fn a_section_is_read_as_the_sdk_writes_it() {
        let section = json!({"adding/SKILL.md": good()}).to_string();
        let read = read(section.as_bytes()).expect("it is good");
        assert_eq!(read[0].name.as_str(), "adding");
        assert_eq!(super::read(b"{}").expect("it is good"), []);
    }

    #[test]
    fn a_section_that_is_something_else_is_refused() {
        let twice = format!(r#"{{"a/SKILL.md": "{0}", "a/SKILL.md": "{0}"}}"#, good());
        let much = STANDARD.encode(vec![b'x'; SKILLS_BYTES_MAX + 1]);
        let large = json!({"adding/SKILL.md": good(), "adding/x": much}).to_string();
        for bad in [
            "",
            "[]",
            "{",
            "{} {}",
            r#"{"a": 1}"#,
            r#"{"a/SKILL.md": "not base64"}"#,
            &twice,
            &large,
        ] {
            assert!(
                read(bad.as_bytes()).is_err(),
                "{:?}",
                &bad[..bad.len().min(60)]
            );
        }
        assert!(read(b"{\"\xff\": \"\"}").is_err());
    }
}
