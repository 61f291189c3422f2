//! A component that does not fit the contract, or needs what nobody offers.

use super::{Code, Findings, Severity, unread};
use crate::runtime::{LoadError, Uncovered, UnknownImport};

const OTHER_CONTRACT_IMPORTED: Code = Code {
    id: "PC0301",
    name: "import-of-other-contract",
    severity: Severity::Error,
    title: "it imports another version of the contract",
    explanation: "The component was built against a version of `portcullis:plugin` that this host does not offer. Build it \
        against `portcullis:plugin@0.1.0`; `portcullis wit` writes that version's files.",
};

const NOT_IN_CONTRACT: Code = Code {
    id: "PC0302",
    name: "import-not-in-contract",
    severity: Severity::Error,
    title: "it imports an interface that the contract does not have",
    explanation: "The interface bears the contract's name and is not in it, so a host offers nothing under it. It may be of a \
        draft or of somebody's own copy of the WIT files. Build against the WIT of this version.",
};

const OTHER_WASI: Code = Code {
    id: "PC0303",
    name: "import-of-other-wasi",
    severity: Severity::Error,
    title: "it imports another version of WASI",
    explanation: "Hosts offer WASI 0.2 and, for settings, `wasi:config/store@0.2.0-rc.1`; a release candidate is compatible with \
        nothing but itself. Build for `wasm32-wasip2` with a toolchain of that version.",
};

const NETWORK_NOT_ASKED: Code = Code {
    id: "PC0304",
    name: "network-not-asked-for",
    severity: Severity::Error,
    title: "it imports `wasi:http`, and its manifest does not ask for `network`",
    explanation: "Who reads the manifest must be able to trust that it names all the plugin could ever do, so a component that \
        could send requests and does not say so is not loaded. Name the hosts under `permissions.network` in plugin.json, or \
        leave the import out.",
};

const UNKNOWN_IMPORT: Code = Code {
    id: "PC0305",
    name: "unknown-import",
    severity: Severity::Error,
    title: "it imports an interface that nobody offers",
    explanation: "A component can use the contract's interfaces and WASI 0.2, and nothing else; what else it imports would be \
        power that no permission covers. Remove the import, or do the same with one of those interfaces.",
};

const OTHER_WORLD: Code = Code {
    id: "PC0306",
    name: "wrong-world",
    severity: Severity::Error,
    title: "it exports nothing of the contract",
    explanation: "A plugin exports one of `tools`, `resources` and `prompts` at least. This component is of another world: a \
        command, a library for other components, or a plugin of another host. Build it with the SDK, or against one of the \
        contract's worlds.",
};

const OTHER_CONTRACT_EXPORTED: Code = Code {
    id: "PC0307",
    name: "export-of-other-contract",
    severity: Severity::Error,
    title: "it exports another version of the contract",
    explanation: "What the component offers is of a version of `portcullis:plugin` that this host does not know. Build it against \
        `portcullis:plugin@0.1.0`, or use a newer host.",
};

const OTHER_SHAPE: Code = Code {
    id: "PC0308",
    name: "other-shape",
    severity: Severity::Error,
    title: "an interface has the contract's name and not its functions or types",
    explanation: "The names and the version are those of the contract, and a function or a type is another. This comes of a copy \
        of the WIT files that was changed. Build against the WIT of this version, unchanged.",
};

/// What this file finds.
pub const CODES: &[Code] = &[
    OTHER_CONTRACT_IMPORTED,
    NOT_IN_CONTRACT,
    OTHER_WASI,
    NETWORK_NOT_ASKED,
    UNKNOWN_IMPORT,
    OTHER_WORLD,
    OTHER_CONTRACT_EXPORTED,
    OTHER_SHAPE,
];

/// Tells why a component cannot be loaded.
pub(super) fn tell(error: &LoadError, findings: &mut Findings) {
    match error {
        LoadError::Unreadable(reason) => unread::tell_unreadable(reason, findings),
        LoadError::Compile(error) => unread::tell_uncompiled(error, findings),
        LoadError::Import { first, others } => {
            for import in std::iter::once(first).chain(others) {
                tell_import(import, findings);
            }
        }
        LoadError::NoExports => findings.tell(&OTHER_WORLD, None, &error.to_string()),
        LoadError::OtherVersion(export) => findings.tell(
            &OTHER_CONTRACT_EXPORTED,
            Some(format!("export `{export}`")),
            &error.to_string(),
        ),
        LoadError::Shape(_) => tell_other_shape(&error.to_string(), findings),
    }
}

fn tell_import(import: &UnknownImport, findings: &mut Findings) {
    let code = match import.why {
        Uncovered::OtherContract => &OTHER_CONTRACT_IMPORTED,
        Uncovered::NotInContract => &NOT_IN_CONTRACT,
        Uncovered::OtherWasi => &OTHER_WASI,
        Uncovered::Network => &NETWORK_NOT_ASKED,
        Uncovered::Unknown => &UNKNOWN_IMPORT,
    };
    let within = format!("import `{}`", import.import);
    findings.tell(code, Some(within), &import.to_string());
}

/// Tells of an interface in another shape than the contract's, which shows when it is linked or when it is first used.
pub(super) fn tell_other_shape(sentence: &str, findings: &mut Findings) {
    findings.tell(&OTHER_SHAPE, None, sentence);
}
