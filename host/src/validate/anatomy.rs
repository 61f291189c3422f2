//! What the bytes of a component are for: read once from end to end, without compiling anything.

use wasmparser::{BinaryReader, Parser, Payload, ProducersSectionReader};

use super::dependencies::{self, Dependencies};
use crate::manifest::LICENSE_SECTION;

/// Names of programs and languages that are kept. Honest components have about five.
const PRODUCERS_MAX: usize = 32;

/// What a component consists of, with the modules packed into it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Anatomy {
    /// Bytes of functions.
    pub(super) code: u64,
    /// Bytes of what its memory begins with.
    pub(super) data: u64,
    /// Bytes of names of functions.
    pub(super) names: u64,
    /// Bytes of debug information.
    pub(super) debug: u64,
    /// Bytes in all other custom sections.
    pub(super) custom: u64,
    /// The name of one section with debug information.
    pub(super) debug_section: Option<String>,
    /// Where a debugger would find the source, when it says so.
    pub(super) source_map: bool,
    /// What it says it was built from.
    pub(super) dependencies: Dependencies,
    /// Whether the text of its licence is in it, where `portcullis pack` puts it.
    pub(super) has_license: bool,
    /// What it was written in.
    pub(super) languages: Vec<String>,
    /// What made it.
    pub(super) tools: Vec<String>,
}

impl Anatomy {
    /// Reads a component. What is no WebAssembly ends the reading: the compiler says what is wrong with it.
    pub(super) fn of(component: &[u8]) -> Self {
        let mut anatomy = Self::default();
        for payload in Parser::new(0).parse_all(component) {
            match payload {
                Ok(Payload::CodeSectionStart { size, .. }) => anatomy.code += u64::from(size),
                Ok(Payload::DataSection(section)) => anatomy.data += section.range().len() as u64,
                Ok(Payload::CustomSection(section)) => {
                    anatomy.custom(section.name(), section.data())
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        anatomy
    }

    fn custom(&mut self, name: &str, data: &[u8]) {
        let n_bytes = data.len() as u64;
        match name {
            "name" | "component-name" => self.names += n_bytes,
            "producers" => {
                self.custom += n_bytes;
                self.producers(data);
            }
            "sourceMappingURL" | "external_debug_info" => {
                self.custom += n_bytes;
                self.source_map = true;
            }
            dependencies::SECTION => {
                self.custom += n_bytes;
                self.dependencies.read(data);
            }
            LICENSE_SECTION => {
                self.custom += n_bytes;
                self.has_license |= !data.trim_ascii().is_empty();
            }
            _ if name.starts_with(".debug_") || name.starts_with("reloc..debug_") => {
                self.debug += n_bytes;
                if self.debug_section.is_none() {
                    self.debug_section = Some(name.chars().take(40).collect());
                }
            }
            _ => self.custom += n_bytes,
        }
    }

    fn producers(&mut self, data: &[u8]) {
        let Ok(fields) = ProducersSectionReader::new(BinaryReader::new(data, 0)) else {
            return;
        };
        for field in fields.into_iter().map_while(Result::ok) {
            let known = match field.name {
                "language" => &mut self.languages,
                _ => &mut self.tools,
            };
            for value in field.values.into_iter().map_while(Result::ok) {
                let one = match value.version {
                    "" => value.name.to_owned(),
                    version => format!("{} {version}", value.name),
                };
                // Names are a stranger's, and go into a report.
                let one: String = one.chars().take(80).flat_map(char::escape_debug).collect();
                if known.len() < PRODUCERS_MAX && !known.contains(&one) {
                    known.push(one);
                }
            }
        }
    }

    /// Its parts in words, the largest first.
    pub(super) fn parts(&self) -> String {
        let mut parts = [
            ("code", self.code),
            ("data", self.data),
            ("debug information", self.debug),
            ("names of functions", self.names),
            ("other sections", self.custom),
        ];
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let words = parts
            .iter()
            .filter(|(_, bytes)| *bytes > 0)
            .map(|(what, bytes)| format!("{} kB {what}", bytes.div_ceil(1_000)));
        let words: Vec<_> = words.collect();
        if words.is_empty() {
            "nothing that is known".to_owned()
        } else {
            words.join(", ")
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
