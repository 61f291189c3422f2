//! Components that no compiler makes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis::project::with_sections;
use portcullis_fixtures::guest;
use serde_json::{Map, Value, json};
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection,
    ComponentInstanceSection, ComponentTypeRef, ComponentTypeSection, InstanceType,
    NestedComponentSection,
};

/// A component that imports an empty interface of this name.
pub fn importing(name: &str) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imports = ComponentImportSection::new();
    imports.import(name, ComponentTypeRef::Instance(0));
    let mut component = Component::new();
    component.section(&types).section(&imports);
    component.finish()
}

/// A component that exports an empty interface of this name.
pub fn exporting(name: &str) -> Vec<u8> {
    let mut instances = ComponentInstanceSection::new();
    let nothing: [(&str, ComponentExportKind, u32); 0] = [];
    instances.export_items(nothing);
    let mut exports = ComponentExportSection::new();
    exports.export(name, ComponentExportKind::Instance, 0, None);
    let mut component = Component::new();
    component.section(&instances).section(&exports);
    component.finish()
}

/// Components packed into each other so many times.
pub fn nested(n_levels: usize) -> Vec<u8> {
    let pack = |inner: Component, _| {
        let mut outer = Component::new();
        outer.section(&NestedComponentSection(&inner));
        outer
    };
    (0..n_levels).fold(Component::new(), pack).finish()
}

/// A guest that carries this.
pub fn carrying(name: &str, sections: &[(&str, &[u8])]) -> Vec<u8> {
    with_sections(guest(name), sections)
}

/// Skills as a component carries them.
pub fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Map<_, _> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), json!(STANDARD.encode(text))))
        .collect();
    Value::Object(files).to_string().into_bytes()
}
