//! The manifest and the skills inside a component.

use wasmparser::{Parser, Payload};

use super::{ManifestError, ManifestProblem};

/// The custom section that holds a manifest.
pub const SECTION: &str = "portcullis:manifest";

/// The custom section that holds skills.
pub const SKILLS_SECTION: &str = "portcullis:skills";

/// How deep components may be packed into each other. Composed ones have three or four levels; hostile ones could have
/// millions, each of which costs memory.
const NESTING_MAX: usize = 32;

/// What a component carries of itself. None of it is read yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Embedded<'c> {
    /// Its manifest.
    pub manifest: Option<&'c [u8]>,
    /// Its skills.
    pub skills: Option<&'c [u8]>,
}

/// Finds the manifest in a component.
///
/// # Errors
/// As [`Embedded::find`].
pub fn embedded(component: &[u8]) -> Result<Option<&[u8]>, ManifestError> {
    Ok(Embedded::find(component)?.manifest)
}

impl<'c> Embedded<'c> {
    /// Looks for what a component carries, at its top or in a module or component packed into it.
    ///
    /// Compilers put it into the core module, from where tools that make components do not move it. Bytes that are no
    /// WebAssembly carry nothing: whoever compiles them says what is wrong.
    ///
    /// # Errors
    /// When there are two of a kind that differ, so that nobody can say which one is meant.
    pub fn find(component: &'c [u8]) -> Result<Self, ManifestError> {
        find(component)
    }
}

fn find(component: &[u8]) -> Result<Embedded<'_>, ManifestError> {
    let refuse =
        |section: &str, problem| ManifestError::new(format!("of section {section}"), problem);
    let mut found = Embedded::default();
    let mut nesting = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => {
                nesting += 1;
                if nesting > NESTING_MAX {
                    return Err(refuse(
                        SECTION,
                        ManifestProblem::NestedTooDeeply(NESTING_MAX),
                    ));
                }
            }
            Ok(Payload::End(_)) => nesting = nesting.saturating_sub(1),
            Ok(Payload::CustomSection(section)) => {
                let place = match section.name() {
                    SECTION => &mut found.manifest,
                    SKILLS_SECTION => &mut found.skills,
                    _ => continue,
                };
                if place.is_some_and(|found| found != section.data()) {
                    return Err(refuse(section.name(), ManifestProblem::SeveralEmbedded));
                }
                *place = Some(section.data());
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    /// A section: its id, its length in LEB128, its contents.
    fn section(id: u8, contents: &[u8]) -> Vec<u8> {
        let mut bytes = vec![id];
        let mut length = contents.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(contents);
        bytes
    }

    fn manifest(text: &str) -> Vec<u8> {
        let mut contents = vec![SECTION.len() as u8];
        contents.extend(SECTION.bytes().chain(text.bytes()));
        section(0, &contents)
    }

    fn with(header: &[u8], sections: &[Vec<u8>]) -> Vec<u8> {
        [header, &sections.concat()].concat()
    }

    /// The smallest component with a manifest.
    pub(in crate::manifest) fn component(text: Option<&str>) -> Vec<u8> {
        with(
            COMPONENT,
            &text.map(manifest).into_iter().collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_manifest_is_found_at_the_top_and_inside() {
        let module = with(MODULE, &[manifest("m")]);
        let inner = with(COMPONENT, &[section(1, &module)]);
        for component in [
            component(Some("m")),
            with(COMPONENT, &[section(1, &module)]),
            with(COMPONENT, &[section(4, &inner)]),
            with(
                COMPONENT,
                &[section(1, MODULE), section(4, &inner), manifest("m")],
            ),
        ] {
            assert_eq!(embedded(&component), Ok(Some(&b"m"[..])));
        }
        assert_eq!(embedded(&component(None)), Ok(None));
        assert_eq!(embedded(&with(COMPONENT, &[section(1, MODULE)])), Ok(None));
    }

    #[test]
    fn two_manifests_that_differ_are_refused() {
        let module = with(MODULE, &[manifest("m")]);
        let component = with(COMPONENT, &[section(1, &module), manifest("n")]);
        assert_eq!(
            embedded(&component).unwrap_err().problem,
            ManifestProblem::SeveralEmbedded
        );
    }

    #[test]
    fn components_packed_too_deeply_are_refused() {
        let pack = |levels| {
            (0..levels).fold(component(Some("m")), |inner, _| {
                with(COMPONENT, &[section(4, &inner)])
            })
        };
        assert_eq!(embedded(&pack(NESTING_MAX)), Ok(Some(&b"m"[..])));
        let problem = embedded(&pack(NESTING_MAX + 1)).unwrap_err().problem;
        assert_eq!(problem, ManifestProblem::NestedTooDeeply(NESTING_MAX));
    }

    #[test]
    fn bytes_cut_off_or_changed_anywhere_do_no_harm() {
        let module = with(MODULE, &[manifest("{\"name\": \"a\"}")]);
        let whole = with(
            COMPONENT,
            &[
                section(1, &module),
                section(4, &component(Some("x"))),
                manifest("y"),
            ],
        );
        for place in 0..whole.len() {
            let _ = embedded(&whole[..place]);
            for byte in 0..=u8::MAX {
                let mut changed = whole.clone();
                changed[place] = byte;
                let _ = embedded(&changed);
            }
        }
    }
}
