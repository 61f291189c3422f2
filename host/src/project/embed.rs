//! Putting custom sections into a component.

use std::borrow::Cow;

use wasm_encoder::{CustomSection, Section};

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
