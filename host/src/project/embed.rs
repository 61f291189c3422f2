//! Putting custom sections into a component.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasm_encoder::{CustomSection, Section};

use crate::contract::Skill;

/// A component with more custom sections at its end, in their order. The same input gives the same bytes.
pub fn with_sections(component: &[u8], sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    for (name, data) in sections {
        let section = CustomSection {
            name: Cow::Borrowed(name),
            data: Cow::Borrowed(data),
        };
        // The same form in a component as in a module.
        Section::append_to(&section, &mut bytes);
    }
    bytes
}

/// The section `portcullis:skills` with these skills: one JSON object, each file's path with its bytes in base64.
pub fn skills_section(skills: &[Skill]) -> Vec<u8> {
    let mut files = BTreeMap::new();
    for skill in skills {
        for file in &skill.files {
            let path = format!("{}/{}", skill.name, file.path);
            files.insert(path, STANDARD.encode(&file.bytes));
        }
    }
    serde_json::to_vec(&files).expect("text under text is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{packed_skills, skills_beside};

    #[test]
    fn skills_are_written_as_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let skill = folder.path().join("adding");
        std::fs::create_dir(&skill).unwrap();
        let text = "---\nname: adding\ndescription: Adds.\n---\nAdd.";
        std::fs::write(skill.join("SKILL.md"), text).unwrap();
        std::fs::write(skill.join("more.bin"), [0, 255]).unwrap();
        let skills = skills_beside(folder.path()).unwrap();
        assert_eq!(packed_skills(&skills_section(&skills)).unwrap(), skills);
    }

    #[test]
    fn sections_are_appended_in_their_order() {
        let component = b"\0asm\x0d\0\x01\0";
        let bytes = with_sections(component, &[("a", b"1"), ("b", b"2")]);
        assert_eq!(bytes, b"\0asm\x0d\0\x01\0\0\x03\x01a1\0\x03\x01b2");
    }
}
