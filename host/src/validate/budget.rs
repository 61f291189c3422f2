//! What a component costs before its first call: its size, and the start and the lists against its limits.

use super::anatomy::Anatomy;
use super::{Code, Findings, Subject};
use crate::limits::COMPONENT_BYTES_MAX;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*OVER, *NEAR, *LARGE, *HEAVY];

const OVER: &Code = &Code::error(
    "PC0730",
    "start-over-limit",
    "starting and listing take more than a limit allows",
    "A plugin that does not start within its limits is not put into service. Do less before the first call: read files \
     and build tables when they are needed.",
);
const NEAR: &Code = &Code::warning(
    "PC0731",
    "start-near-limit",
    "starting and listing take more than half of a limit",
    "Every call begins with a fresh instance and the same start. What is left for the call itself is small, and another \
     release or a slower machine may take it away. Do less before the first call.",
);
const LARGE: &Code = &Code::warning(
    "PC0732",
    "component-near-limit",
    "the component has more than half of the bytes a component may have",
    "No host loads a larger one, and compiling it takes long on every machine. The finding says what it consists of.",
);
const HEAVY: &Code = &Code::note(
    "PC0733",
    "heavy-component",
    "the component is larger than most",
    "It is compiled once on each machine, which takes about a third of a second for each megabyte. Interpreters have their \
     15 to 20 MB; in Rust, `opt-level = \"s\"`, `lto = true` and `strip = true` make components of one megabyte.",
);

/// Above this a component is worth a note.
const HEAVY_BYTES: u64 = 8 << 20;

/// Compares what was used with what is allowed.
pub fn check(subject: &Subject, findings: &mut Findings) {
    if let Some(listed) = &subject.listed {
        let (usage, limits) = (&listed.usage, &subject.limits);
        compare("units of fuel", "fuel", usage.fuel, limits.fuel, findings);
        compare(
            "bytes of memory",
            "memory_bytes",
            usage.memory_bytes,
            limits.memory_bytes,
            findings,
        );
    }
    let n_bytes = subject.source.component.len() as u64;
    if n_bytes > HEAVY_BYTES {
        let parts = Anatomy::of(&subject.source.component).parts();
        let message = format!("the component has {}: {parts}", megabytes(n_bytes));
        let code = if n_bytes > COMPONENT_BYTES_MAX / 2 {
            LARGE
        } else {
            HEAVY
        };
        findings.add(
            code,
            "component",
            message,
            "build it for size, and strip it",
        );
    }
}

fn compare(what: &str, key: &str, used: u64, allowed: u64, findings: &mut Findings) {
    let within = format!("limit `{key}`");
    if used > allowed {
        let message = format!("starting and listing take {used} {what}, and {allowed} are allowed");
        findings.add(OVER, within, message, "do less before the first call");
    } else if used > allowed / 2 {
        let message =
            format!("starting and listing take {used} {what} of the {allowed} that are allowed");
        findings.add(NEAR, within, message, "do less before the first call");
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{assert_found, found, subject};
    use super::*;
    use crate::contract::Lists;

    #[test]
    fn what_a_start_takes_is_held_against_the_limits() {
        let check = |fuel: u64, memory_bytes: u64, expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            subject.limits.fuel = 1_000;
            subject.limits.memory_bytes = 1_000;
            if let Some(listed) = &mut subject.listed {
                (listed.usage.fuel, listed.usage.memory_bytes) = (fuel, memory_bytes);
            }
            assert_found(
                &found(super::check, &subject),
                expected,
                &format!("{fuel} {memory_bytes}"),
            );
        };
        check(500, 500, &[]);
        check(501, 0, &[NEAR]);
        check(1_000, 0, &[NEAR]);
        check(1_001, 0, &[OVER]);
        check(0, 501, &[NEAR]);
        check(0, 1_001, &[OVER]);
    }

    #[test]
    fn a_large_component_is_told_of_with_its_parts() {
        let check = |n_bytes: u64, expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            subject
                .source
                .component
                .resize(usize::try_from(n_bytes).expect("it fits"), 0);
            let found = found(super::check, &subject);
            assert_found(&found, expected, &n_bytes.to_string());
            assert!(found.iter().all(|finding| finding.message.contains("MB")));
        };
        check(8 << 20, &[]);
        check((8 << 20) + 1, &[HEAVY]);
        check((32 << 20) + 1, &[LARGE]);
    }
}
