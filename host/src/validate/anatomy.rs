//! What the bytes of a component are for: read once from end to end, without compiling anything.

use wasmparser::{BinaryReader, Parser, Payload, ProducersSectionReader};

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
    /// Whether it has a list of its dependencies, as cargo-auditable writes it.
    pub(super) has_dependencies: bool,
    /// Whether the text of its licence is in it.
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
            ".dep-v0" => {
                self.custom += n_bytes;
                self.has_dependencies = true;
            }
            _ if name.starts_with(".debug_") || name.starts_with("reloc..debug_") => {
                self.debug += n_bytes;
                if self.debug_section.is_none() {
                    self.debug_section = Some(name.chars().take(40).collect());
                }
            }
            _ => {
                self.custom += n_bytes;
                let name = name.to_ascii_lowercase();
                self.has_license |= name.contains("license") || name.contains("licence");
            }
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
pub(super) mod tests {
    use wasm_encoder::{
        Component, CustomSection, Module, ModuleSection, ProducersField, ProducersSection,
    };

    use super::*;

    /// A component with a module that has these custom sections.
    pub(in crate::validate) fn component(sections: &[(&str, &[u8])]) -> Vec<u8> {
        let mut module = Module::new();
        for (name, data) in sections {
            module.section(&CustomSection {
                name: (*name).into(),
                data: (*data).into(),
            });
        }
        let mut component = Component::new();
        component.section(&ModuleSection(&module));
        component.finish()
    }

    #[test]
    fn what_is_in_a_component_is_told_apart() {
        let anatomy = Anatomy::of(&component(&[
            ("name", b"12"),
            (".debug_info", b"123"),
            (".debug_line", b"1234"),
            (".dep-v0", b"1"),
            ("portcullis:license", b"MIT"),
            ("sourceMappingURL", b"x"),
        ]));
        assert_eq!((anatomy.names, anatomy.debug, anatomy.custom), (2, 7, 5));
        assert_eq!(anatomy.debug_section.as_deref(), Some(".debug_info"));
        assert!(anatomy.has_dependencies && anatomy.has_license && anatomy.source_map);
        let bare = Anatomy::of(&component(&[]));
        assert_eq!(bare, Anatomy::default());
        assert_eq!(Anatomy::of(b"nonsense"), Anatomy::default());
    }

    #[test]
    fn languages_and_tools_are_read_once_each_and_escaped() {
        let mut producers = ProducersSection::new();
        producers.field(
            "language",
            ProducersField::new()
                .value("Rust", "")
                .value("C\u{1b}[2J", "11"),
        );
        producers.field(
            "processed-by",
            ProducersField::new()
                .value("rustc", "1.95")
                .value("rustc", "1.95"),
        );
        let mut module = Module::new();
        module.section(&producers);
        let mut component = Component::new();
        component
            .section(&ModuleSection(&module))
            .section(&ModuleSection(&module));
        let anatomy = Anatomy::of(&component.finish());
        assert_eq!(anatomy.languages, ["Rust", "C\\u{1b}[2J 11"]);
        assert_eq!(anatomy.tools, ["rustc 1.95"]);
    }

    #[test]
    fn a_million_sections_are_read_in_one_go() {
        let one = component(&[("x", b"y")]);
        let begin = &one[..8];
        let section = [0, 3, 1, b'x', b'y'];
        let many: Vec<u8> = begin
            .iter()
            .copied()
            .chain(section.iter().copied().cycle().take(5_000_000))
            .collect();
        assert_eq!(Anatomy::of(&many).custom, 1_000_000);
    }
}
