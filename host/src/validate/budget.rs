//! What a component costs before its first call: its size, and the start and the lists against its limits.

use super::{Code, Findings, Subject};
use crate::limits::COMPONENT_BYTES_MAX;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*OVER, *NEAR, *LARGE, *HEAVY];

const OVER: &Code = &Code::warning(
    "PC0730",
    "start-over-limit",
    "starting and all lists together take more fuel than one call may have",
    "The start and each page of a list have the whole limit to themselves, so the plugin is put into service. Before \
     anybody calls it, it computes for longer than a call may. Do less before the first call: compute at \
     build time what does not change, and read files and build tables when they are needed.",
);
const NEAR: &Code = &Code::warning(
    "PC0731",
    "start-near-limit",
    "the start or a list takes more than half of a limit",
    "The start and each page of a list have the fuel and the memory that a call has. One that takes more than half of it today \
     takes all of it with another release or with longer lists, and a plugin that does is not put into service. Do less before \
     the first call.",
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
        compare(
            "units of fuel",
            "fuel",
            listed.fuel_max,
            limits.fuel,
            findings,
        );
        compare(
            "bytes of memory",
            "memory_bytes",
            usage.memory_bytes,
            limits.memory_bytes,
            findings,
        );
        if usage.fuel > limits.fuel {
            let message = format!(
                "starting and listing take {} units of fuel, and a call has {}",
                usage.fuel, limits.fuel
            );
            let hint = "do less before the first call";
            findings.add(OVER, "limit `fuel`", message, hint);
        }
    }
    let n_bytes = subject.source.component.len() as u64;
    if n_bytes > HEAVY_BYTES {
        let parts = subject.anatomy.parts();
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

/// What one visit took. It never takes more than is allowed: a plugin that tries does not come here.
fn compare(what: &str, key: &str, used: u64, allowed: u64, findings: &mut Findings) {
    if used > allowed / 2 {
        let message = format!("it takes {used} {what} of the {allowed} that are allowed");
        let hint = "do less before the first call";
        findings.add(NEAR, format!("limit `{key}`"), message, hint);
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
        let check = |fuel: u64, fuel_max: u64, memory_bytes: u64, expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            subject.limits.fuel = 1_000;
            subject.limits.memory_bytes = 1_000;
            if let Some(listed) = &mut subject.listed {
                (listed.usage.fuel, listed.usage.memory_bytes) = (fuel, memory_bytes);
                listed.fuel_max = fuel_max;
            }
            assert_found(
                &found(super::check, &subject),
                expected,
                &format!("{fuel} {fuel_max} {memory_bytes}"),
            );
        };
        check(500, 500, 500, &[]);
        // Two visits, each of which has the whole limit.
        check(1_000, 500, 0, &[]);
        check(501, 501, 0, &[NEAR]);
        check(1_000, 1_000, 0, &[NEAR]);
        check(1_001, 500, 0, &[OVER]);
        check(1_001, 501, 0, &[NEAR, OVER]);
        check(0, 0, 501, &[NEAR]);
    }

    #[test]
    fn a_large_component_is_told_of_with_its_parts() {
        let check = |n_bytes: u64, expected: &[&Code]| {
            let mut subject = subject(Lists::default());
            let mut component = subject.source.component.clone();
            component.resize(usize::try_from(n_bytes).expect("it fits"), 0);
            subject.set_component(component);
            let found = found(super::check, &subject);
            assert_found(&found, expected, &n_bytes.to_string());
            assert!(found.iter().all(|finding| finding.message.contains("MB")));
        };
        check(8 << 20, &[]);
        check((8 << 20) + 1, &[HEAVY]);
        check((32 << 20) + 1, &[LARGE]);
    }
}
