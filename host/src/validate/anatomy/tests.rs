use wasm_encoder::{
    Component, CustomSection, Module, ModuleSection, ProducersField, ProducersSection,
};

use super::super::dependencies::tests::one;
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
        (".dep-v0", &one()),
        ("portcullis:license", b"MIT"),
        ("sourceMappingURL", b"x"),
    ]));
    assert_eq!((anatomy.names, anatomy.debug), (2, 7));
    assert_eq!(anatomy.custom, one().len() as u64 + 4);
    assert_eq!(anatomy.debug_section.as_deref(), Some(".debug_info"));
    assert_eq!(anatomy.dependencies.n_packages, 1);
    assert!(anatomy.has_license && anatomy.source_map);
    for none in [("portcullis:license", &b" \n"[..]), ("x-license", b"MIT")] {
        assert!(!Anatomy::of(&component(&[none])).has_license, "{none:?}");
    }
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
