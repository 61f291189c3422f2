//! Where a component comes from: its licence, what it was written in, and what it depends on.

use super::anatomy::Anatomy;
use super::{Code, Dependency, Findings, Subject};

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *NO_LICENSE,
    *NO_LICENSE_TEXT,
    *NO_DEPENDENCIES,
    *UNREADABLE_DEPENDENCIES,
];

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
const UNREADABLE_DEPENDENCIES: &Code = &Code::warning(
    "PC0813",
    "unreadable-dependency-list",
    "the list of what the component was built from cannot be read",
    "There is a section `.dep-v0`, and it is not what cargo-auditable writes: JSON with packages, each with a name, a version and \
     a source, compressed by zlib. Whoever looks for known weaknesses finds none in it, whatever is in the component. Leave the \
     section to `cargo auditable build`.",
);

/// Where a component comes from, as far as it says so itself. None of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// What it was written in, such as `Rust`.
    pub languages: Vec<String>,
    /// What made it, such as `rustc 1.95.0`.
    pub tools: Vec<String>,
    /// Whether it has a list of what it depends on that can be read.
    pub has_dependencies: bool,
    /// How many packages that list has.
    pub n_dependencies: usize,
    /// The packages; of a very long list the first.
    pub dependencies: Vec<Dependency>,
}

impl Provenance {
    /// Reads it from a component.
    pub fn of(component: &[u8]) -> Self {
        Self::told_by(&Anatomy::of(component))
    }

    /// The same of one that was read already.
    pub(super) fn told_by(anatomy: &Anatomy) -> Self {
        let dependencies = &anatomy.dependencies;
        Self {
            languages: anatomy.languages.clone(),
            tools: anatomy.tools.clone(),
            has_dependencies: dependencies.n_lists > 0,
            n_dependencies: dependencies.n_packages,
            dependencies: dependencies.named.clone(),
        }
    }
}

/// Looks for what should be known of every component.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let source = &subject.source;
    let anatomy = &subject.anatomy;
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
    let dependencies = &anatomy.dependencies;
    if dependencies.n_unreadable > 0 {
        let message = "the section `.dep-v0` is no list of packages";
        findings.add(
            UNREADABLE_DEPENDENCIES,
            "section `.dep-v0`",
            message,
            "leave it to `cargo auditable build`",
        );
    } else if dependencies.n_lists == 0 {
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
    use super::super::dependencies::tests::one;
    use super::super::samples::{assert_found, found, subject};
    use super::*;
    use crate::contract::Lists;

    #[test]
    fn a_component_says_where_it_comes_from() {
        let check = |license: Option<&str>, sections: &[(&str, &[u8])], expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            subject.source.manifest.license = license.map(str::to_owned);
            subject.set_component(component(sections));
            assert_found(
                &found(super::check, &subject),
                expected,
                &format!("{license:?} {sections:?}"),
            );
        };
        let text: (&str, &[u8]) = ("portcullis:license", b"MIT");
        let one = one();
        let list: (&str, &[u8]) = (".dep-v0", &one);
        check(Some("MIT"), &[text, list], &[]);
        check(None, &[text, list], &[NO_LICENSE]);
        check(Some("MIT"), &[list], &[NO_LICENSE_TEXT]);
        check(Some("MIT"), &[text], &[NO_DEPENDENCIES]);
        check(
            Some("MIT"),
            &[text, (".dep-v0", b"x")],
            &[UNREADABLE_DEPENDENCIES],
        );
        let empty: (&str, &[u8]) = ("portcullis:license", b"");
        check(Some("MIT"), &[empty, list], &[NO_LICENSE_TEXT]);
    }

    #[test]
    fn a_list_of_dependencies_is_seen() {
        let provenance = Provenance::of(&component(&[(".dep-v0", &one())]));
        assert!(provenance.has_dependencies);
        assert_eq!(provenance.n_dependencies, 1);
        assert_eq!(provenance.dependencies[0].name, "a");
        assert!(!Provenance::of(&component(&[(".dep-v0", b"x")])).has_dependencies);
        assert_eq!(Provenance::of(&component(&[])), Provenance::default());
    }
}
