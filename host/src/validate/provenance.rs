//! Where a component comes from: its licence, what it was written in, and what it depends on.

use super::anatomy::Anatomy;
use super::{Code, Findings, Subject};

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*NO_LICENSE, *NO_LICENSE_TEXT, *NO_DEPENDENCIES];

const NO_LICENSE: &Code = &Code::warning(
    "PC0810",
    "no-license",
    "the manifest names no licence",
    "Without a licence nobody may copy the plugin, and marketplaces refuse it. Write an SPDX expression under `license` \
     in plugin.json, such as `Apache-2.0 OR MIT`, or `LicenseRef-Proprietary`.",
);
const NO_LICENSE_TEXT: &Code = &Code::note(
    "PC0811",
    "no-license-text",
    "the text of the licence is not in the component",
    "Most licences want their text to go with each copy. `portcullis pack` puts the file `LICENSE` into the component.",
);
const NO_DEPENDENCIES: &Code = &Code::note(
    "PC0812",
    "no-dependency-list",
    "the component does not say what it was built from",
    "With the list of its dependencies inside, anybody can ask years later whether a known weakness is in a component. In \
     Rust, build with `cargo auditable build`, which writes the section `.dep-v0`.",
);

/// Where a component comes from, as far as it says so itself. None of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What it was written in, such as `Rust`.
    pub languages: Vec<String>,
    /// What made it, such as `rustc 1.95.0`.
    pub tools: Vec<String>,
    /// Whether it has a list of what it depends on.
    pub has_dependencies: bool,
}

impl Provenance {
    /// Reads it from a component.
    pub fn of(component: &[u8]) -> Self {
        let Anatomy {
            languages,
            tools,
            has_dependencies,
            ..
        } = Anatomy::of(component);
        Self {
            languages,
            tools,
            has_dependencies,
        }
    }
}

/// Looks for what should be known of every component.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let source = &subject.source;
    let anatomy = Anatomy::of(&source.component);
    if source.manifest.is_minimal() {
        // There is no manifest, which is told of already.
    } else if source.manifest.license.is_none() {
        let message = "the manifest names no licence";
        findings.add(
            NO_LICENSE,
            "plugin.json",
            message,
            "write `license`, such as \"Apache-2.0 OR MIT\"",
        );
    } else if !anatomy.has_license {
        let message = "the text of the licence is not in the component";
        findings.add(
            NO_LICENSE_TEXT,
            "component",
            message,
            "`portcullis pack` puts it there",
        );
    }
    if !anatomy.has_dependencies {
        let message = "the component does not list what it was built from";
        findings.add(
            NO_DEPENDENCIES,
            "component",
            message,
            "in Rust, build with `cargo auditable build`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::anatomy::tests::component;
    use super::super::samples::{assert_found, found, subject};
    use super::*;
    use crate::contract::Lists;

    #[test]
    fn a_component_says_where_it_comes_from() {
        let check = |license: Option<&str>, sections: &[(&str, &[u8])], expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            subject.source.manifest.license = license.map(str::to_owned);
            subject.source.component = component(sections);
            assert_found(
                &found(super::check, &subject),
                expected,
                &format!("{license:?} {sections:?}"),
            );
        };
        let text: (&str, &[u8]) = ("portcullis:license", b"MIT");
        let list: (&str, &[u8]) = (".dep-v0", b"x");
        check(Some("MIT"), &[text, list], &[]);
        check(None, &[text, list], &[NO_LICENSE]);
        check(Some("MIT"), &[list], &[NO_LICENSE_TEXT]);
        check(Some("MIT"), &[text], &[NO_DEPENDENCIES]);
    }

    #[test]
    fn a_list_of_dependencies_is_seen() {
        assert!(Provenance::of(&component(&[(".dep-v0", b"x")])).has_dependencies);
        assert_eq!(Provenance::of(&component(&[])), Provenance::default());
    }
}
