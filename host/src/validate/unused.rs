//! Permissions that nothing uses, and uses that no permission covers.

use super::{Code, Findings, Severity, Subject};
use crate::permissions::{StorageKind, SystemPower};

const UNUSED: Code = Code {
    id: "PC0310",
    name: "unused-permission",
    severity: Severity::Warning,
    title: "the manifest asks for what the component cannot use",
    explanation: "The component does not import the interface through which the permission is used, so it could do nothing with \
        it. People who decide on a plugin see more power than there is, and what is granted today may be used by a later version \
        that nobody looked at. Remove it from `permissions` in plugin.json.",
};

const NEVER_GIVEN: Code = Code {
    id: "PC0311",
    name: "never-given",
    severity: Severity::Warning,
    title: "the manifest asks for what no host gives",
    explanation: "Other programs run outside the sandbox with all the rights of the host, so `process:spawn` can be asked for and \
        is always refused. Remove it from `permissions.system`, and do the work inside the plugin or through a service.",
};

const UNASKED: Code = Code {
    id: "PC0312",
    name: "unasked-import",
    severity: Severity::Note,
    title: "the component imports what its manifest does not ask for",
    explanation: "It loads, and each use of the interface is refused. In JavaScript and Python a component imports all that its \
        world names, used or not, and then this means nothing. If the plugin does use it, ask for it under `permissions` in \
        plugin.json.",
};

/// What this file finds.
pub const CODES: &[Code] = &[UNUSED, NEVER_GIVEN, UNASKED];

/// Holds what the manifest asks for against what the component imports.
pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    let asked = &subject.source.manifest.permissions;
    let imports = |interface: &str| {
        let mut imports = subject.imports.iter();
        imports.any(|import| import.starts_with(interface))
    };
    let mut unused = |key: String, word: &str, interface: &str| {
        if !imports(interface) {
            let interface = interface.trim_end_matches(['/', '@']);
            findings.add(
                &UNUSED,
                format!("key `{key}`"),
                format!("it asks for {word}, and the component does not import `{interface}`"),
                "remove it from `permissions` in plugin.json",
            );
        }
    };
    if !asked.network.is_empty() {
        unused("permissions.network".to_owned(), "`network`", "wasi:http/");
    }
    for (word_idx, kind) in asked.storage.iter().enumerate() {
        let interface = match kind {
            StorageKind::KeyValue => KEY_VALUE,
            StorageKind::UserData
            | StorageKind::Cache
            | StorageKind::Temp
            | StorageKind::Directories => "wasi:filesystem/",
        };
        let key = format!("permissions.storage[{word_idx}]");
        unused(key, &format!("`{kind}`"), interface);
    }
    for (word_idx, power) in asked.system.iter().enumerate() {
        let interface = match power {
            SystemPower::Env(_) => "wasi:cli/environment@",
            SystemPower::Clock => "wasi:clocks/",
            SystemPower::Random => "wasi:random/",
            SystemPower::ProcessSpawn => continue,
        };
        let key = format!("permissions.system[{word_idx}]");
        unused(key, &format!("`{power}`"), interface);
    }
    if asked.system.contains(&SystemPower::ProcessSpawn) {
        findings.add(
            &NEVER_GIVEN,
            "key `permissions.system`",
            format!(
                "it asks for `process:spawn`: {}",
                SystemPower::WHY_NO_PROCESSES
            ),
            "remove it from `permissions` in plugin.json",
        );
    }
    if imports(KEY_VALUE) && !asked.storage.contains(&StorageKind::KeyValue) {
        findings.add(
            &UNASKED,
            format!("import `{KEY_VALUE}0.1.0`"),
            "it imports `key-value`, and its manifest does not ask for it, so each use is refused",
            "ask for `key-value` under `permissions.storage` in plugin.json, unless nothing uses it",
        );
    }
}

/// The contract's store, of whatever version.
const KEY_VALUE: &str = "portcullis:plugin/key-value@";
