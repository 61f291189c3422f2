//! A file that cannot be read, or is no component.

use super::{Code, Findings, Severity};
use crate::manifest::SourceError;
use crate::names::NameError;
use crate::runtime::CompileError;

const UNREADABLE: Code = Code {
    id: "PC0101",
    name: "unreadable",
    severity: Severity::Error,
    title: "a file cannot be read",
    explanation: "The operating system does not let the file or the folder be read, or it changed while it was read. The \
        message has the system's own words. Check the path, and that the user who validates may read it.",
};

const NOT_A_FILE: Code = Code {
    id: "PC0102",
    name: "not-a-file",
    severity: Severity::Error,
    title: "a device, a pipe or a socket stands where a component should",
    explanation: "A component is read whole and named by the digest of its bytes, which only a file has. Name the `.wasm` \
        itself, or the folder with it.",
};

const TOO_LARGE: Code = Code {
    id: "PC0103",
    name: "component-too-large",
    severity: Severity::Error,
    title: "the component is larger than any host takes",
    explanation: "A component has at most 64 MiB. The largest honest ones are interpreters with their libraries and have \
        about 20 MB; what is larger mostly carries debug information or data. Build with `strip = true` and `opt-level = \
        \"s\"`, and let the plugin fetch large data at run time.",
};

const NO_COMPONENT: Code = Code {
    id: "PC0104",
    name: "no-component",
    severity: Severity::Error,
    title: "the folder has no component in it",
    explanation: "A plugin is a `.wasm`, or a folder with one. Build the plugin with `portcullis build`, or name the component \
        itself.",
};

const SEVERAL_COMPONENTS: Code = Code {
    id: "PC0105",
    name: "several-components",
    severity: Severity::Error,
    title: "the folder has several components in it",
    explanation: "A host that is given this folder cannot tell which component is meant. Name one of them, or give each a \
        folder of its own. `portcullis validate` takes such a folder apart by itself.",
};

const NOT_A_COMPONENT: Code = Code {
    id: "PC0106",
    name: "not-a-component",
    severity: Severity::Error,
    title: "the file is something else than a WebAssembly component",
    explanation: "A plugin is a component: the binary format with layer 1. A core module is what `wasm32-unknown-unknown` and \
        `wasm32-wasip1` make; build for `wasm32-wasip2` instead. WebAssembly text has to be assembled first, and compiled code \
        is never taken from outside, since nobody can tell what it does.",
};

const INVALID: Code = Code {
    id: "PC0107",
    name: "invalid-component",
    severity: Severity::Error,
    title: "the compiler refuses the component",
    explanation: "The file begins as a component does, and what follows is not valid, or uses a feature that is off: threads, \
        64-bit memory, garbage collection, exceptions, tail calls, several memories, relaxed SIMD and component-model async. \
        Build it again with a recent toolchain for `wasm32-wasip2`, without unusual target features.",
};

const NOT_COMPILED: Code = Code {
    id: "PC0108",
    name: "not-compiled",
    severity: Severity::Error,
    title: "the compiler did not come to an end",
    explanation: "Components are compiled in a process of its own with bounded time and memory, and this one met a bound, or \
        the process could not do its work. Try again on a machine with free memory and disk; if it stays, make the component \
        smaller: huge functions and debug information take longest.",
};

const NAMELESS: Code = Code {
    id: "PC0109",
    name: "nameless",
    severity: Severity::Error,
    title: "there is no manifest, and no name can be made of the file's",
    explanation: "Without a manifest a plugin is called as its file is. A name has lower-case letters, digits and hyphens and \
        begins with a letter. Rename the file, or better give the plugin a manifest.",
};

/// What this file finds.
pub const CODES: &[Code] = &[
    UNREADABLE,
    NOT_A_FILE,
    TOO_LARGE,
    NO_COMPONENT,
    SEVERAL_COMPONENTS,
    NOT_A_COMPONENT,
    INVALID,
    NOT_COMPILED,
    NAMELESS,
];

/// Tells why a plugin cannot be read from disk, whether it is the component's fault or its manifest's.
pub(super) fn tell(error: &SourceError, findings: &mut Findings) {
    let sentence = error.to_string();
    let code = match error {
        SourceError::Manifest(error) => return super::manifests::tell(error, findings),
        SourceError::Skill(error) => return super::manifests::tell_of_skills(error, findings),
        SourceError::TooLarge { path, .. } if super::manifests::is_one(path) => {
            return super::manifests::tell_too_large(path, &sentence, findings);
        }
        SourceError::Unreadable { .. } => &UNREADABLE,
        SourceError::NotAFile(_) => &NOT_A_FILE,
        SourceError::TooLarge { .. } => &TOO_LARGE,
        SourceError::NoComponent(_) => &NO_COMPONENT,
        SourceError::SeveralComponents(_) => &SEVERAL_COMPONENTS,
        SourceError::NotAComponent { .. } => &NOT_A_COMPONENT,
        SourceError::Name(error) => return tell_nameless(error, findings),
    };
    findings.tell(code, None, &sentence);
}

/// Tells why the bytes of a component could not be had a second time.
pub(super) fn tell_unreadable(reason: &str, findings: &mut Findings) {
    findings.tell(&UNREADABLE, None, reason);
}

/// Tells why a component was not compiled.
pub(super) fn tell_uncompiled(error: &CompileError, findings: &mut Findings) {
    let code = match error {
        CompileError::Refused(_) => &INVALID,
        CompileError::TooSlow | CompileError::Died(_) => &NOT_COMPILED,
    };
    findings.tell(code, None, &error.to_string());
}

fn tell_nameless(error: &NameError, findings: &mut Findings) {
    findings.tell(
        &NAMELESS,
        None,
        &format!("there is no manifest, and of the file's name, {error}"),
    );
}
