//! Leaving custom sections out of a component. Everything else in it stays as it is, in its order.

use wasm_encoder::{Component, Module, RawSection, Section};
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload};

/// The ids of the two sections that hold binaries of their own.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// Where a custom section stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// In the component itself.
    Top,
    /// In a core module.
    Module,
    /// In a component within the component.
    Within,
}

/// Whether a custom section of a core module is there for debuggers alone.
pub fn is_debug(name: &str) -> bool {
    name == "name"
        || name.starts_with(".debug_")
        || name.starts_with("reloc..debug_")
        || name == "sourceMappingURL"
        || name == "external_debug_info"
}

/// The component without the custom sections that `is_left_out` names, which is told how many bytes each has. The same input
/// gives the same bytes, and so does the output.
///
/// # Errors
/// When the bytes are not built as WebAssembly is.
pub fn without(
    component: &[u8],
    mut is_left_out: impl FnMut(Spot, &str, usize) -> bool,
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut written = Vec::with_capacity(component.len());
    // The binaries that are not over yet, each with the section that it will become.
    let mut around: Vec<(u8, Vec<u8>)> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding, .. } => written.extend(match encoding {
                Encoding::Module => Module::HEADER,
                Encoding::Component => Component::HEADER,
            }),
            Payload::ModuleSection { .. } => {
                around.push((CORE_MODULE, std::mem::take(&mut written)));
            }
            Payload::ComponentSection { .. } => {
                around.push((COMPONENT, std::mem::take(&mut written)));
            }
            Payload::End(_) => {
                if let Some((id, outer)) = around.pop() {
                    let data = std::mem::replace(&mut written, outer);
                    Section::append_to(&RawSection { id, data: &data }, &mut written);
                }
            }
            _ => {
                if let Payload::CustomSection(section) = &payload {
                    let spot = match around.last() {
                        None => Spot::Top,
                        Some((CORE_MODULE, _)) => Spot::Module,
                        Some(_) => Spot::Within,
                    };
                    if is_left_out(spot, section.name(), section.data().len()) {
                        continue;
                    }
                }
                // Bodies of functions are parts of a section that was written whole.
                if let Some((id, range)) = payload.as_section() {
                    let data = component.get(range).unwrap_or_default();
                    Section::append_to(&RawSection { id, data }, &mut written);
                }
            }
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use wasm_encoder::{
        CodeSection, CustomSection, Function, FunctionSection, ModuleSection,
        NestedComponentSection, TypeSection,
    };

    use super::*;

    fn custom<'a>(name: &'a str, data: &'a [u8]) -> CustomSection<'a> {
        CustomSection {
            name: Cow::Borrowed(name),
            data: Cow::Borrowed(data),
        }
    }

    /// A component with a module and another component in it, each with these custom sections.
    fn sample(names: &[&str]) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut code = CodeSection::new();
        let mut function = Function::new([]);
        function.instructions().end();
        code.function(&function);
        module.section(&types).section(&functions).section(&code);
        let mut within = Component::new();
        let mut whole = Component::new();
        for name in names {
            module.section(&custom(name, b"m"));
            within.section(&custom(name, b"w"));
        }
        whole.section(&ModuleSection(&module));
        whole.section(&NestedComponentSection(&within));
        for name in names {
            whole.section(&custom(name, b"t"));
        }
        whole.finish()
    }

    #[test]
    fn what_is_left_out_is_gone_and_the_rest_is_as_it_was() {
        let debug = [
            "name",
            ".debug_info",
            "reloc..debug_info",
            "sourceMappingURL",
        ];
        let kept = ["producers", "portcullis:manifest"];
        let whole = sample(&[&debug[..], &kept[..]].concat());
        let everywhere = without(&whole, |_, name, _| is_debug(name)).expect("it is good");
        assert_eq!(everywhere, sample(&kept));
        let nothing = without(&whole, |_, _, _| false).expect("it is good");
        assert_eq!(nothing, whole);
        let again = without(&everywhere, |_, name, _| is_debug(name)).expect("it is good");
        assert_eq!(again, everywhere);
    }

    #[test]
    fn a_section_is_told_by_where_it_stands() {
        let whole = sample(&["x"]);
        let check = |left_out: Spot, gone: &[u8], there: &[&[u8]]| {
            let written = without(&whole, |spot, _, _| spot == left_out).expect("it is good");
            let has = |what: &[u8]| written.windows(what.len()).any(|window| window == what);
            assert!(!has(gone), "{left_out:?}");
            assert!(there.iter().all(|there| has(there)), "{left_out:?}");
        };
        check(Spot::Top, b"\x01xt", &[b"\x01xm", b"\x01xw"]);
        check(Spot::Module, b"\x01xm", &[b"\x01xt", b"\x01xw"]);
        check(Spot::Within, b"\x01xw", &[b"\x01xt", b"\x01xm"]);
    }

    #[test]
    fn bytes_cut_off_or_changed_anywhere_do_no_harm() {
        let whole = sample(&["name"]);
        for place in 0..whole.len() {
            let _ = without(&whole[..place], |_, name, _| is_debug(name));
            for byte in 0..=u8::MAX {
                let mut changed = whole.clone();
                changed[place] = byte;
                let _ = without(&changed, |_, name, _| is_debug(name));
            }
        }
    }
}
