//! A component that loads and does not start, or whose lists cannot be had.
//!
//! Nothing is granted while it starts, unless an operator's configuration says otherwise: what starts here starts
//! anywhere. Each stage has the limits of a host with no configuration.

use super::sentence::split_hint;
use super::{Code, Findings, Severity, fitting};
use crate::host::StartError;
use crate::names::without_hint;
use crate::permissions::Denial;
use crate::runtime::{Failure, FailureKind};

const TOO_SLOW: Code = Code {
    id: "PC0701",
    name: "start-too-slow",
    severity: Severity::Error,
    title: "it takes too long to start or to list",
    explanation: "Clients give a server ten seconds to start, and a host asks all its plugins in them, so each has `start_ms`: \
        five seconds. Do at activation only what cannot wait, and nothing that may hang; load data at the first call.",
};

const FUEL: Code = Code {
    id: "PC0702",
    name: "start-fuel",
    severity: Severity::Error,
    title: "it uses up its fuel while it starts or lists",
    explanation: "Fuel counts what a guest computes, and one visit has ten thousand million units. A plugin that needs them for \
        its lists mostly loops. Compute at build time what does not change, and at the first call what does.",
};

const MEMORY: Code = Code {
    id: "PC0703",
    name: "start-memory",
    severity: Severity::Error,
    title: "it asks for more memory than it may have while it starts or lists",
    explanation: "One instance has `memory_bytes`: 128 MiB, and the lists are asked for in one. Build tables that large when a \
        call needs them, or keep them in storage. An operator can raise the limit, and most will not.",
};

const OTHER_LIMIT: Code = Code {
    id: "PC0704",
    name: "start-limit",
    severity: Severity::Error,
    title: "it meets another limit while it starts or lists",
    explanation: "The tables, the core instances, the host resources held at one time and the calls of the host are all bounded; \
        the message names the limit, and how much of it there is. Starting and listing should need a small part of each.",
};

const LISTS_TOO_LARGE: Code = Code {
    id: "PC0705",
    name: "lists-too-large",
    severity: Severity::Error,
    title: "its lists are too large",
    explanation: "All lists of a plugin together have at most 4 MiB, and one page at most `answer_bytes`. Every client keeps them, \
        and most put them before a model, which reads a small part of that at best. Shorten descriptions and schemas, or split \
        the plugin.",
};

const CRASHED: Code = Code {
    id: "PC0706",
    name: "start-crash",
    severity: Severity::Error,
    title: "it crashes while it starts or lists",
    explanation: "The guest trapped: a panic, an arithmetic error, an access out of bounds, a stack that was used up. The message \
        has its last words; `portcullis -vv validate` shows its backtrace. Lists must work in a fresh instance in which nothing \
        was granted.",
};

const EXITED: Code = Code {
    id: "PC0707",
    name: "start-exit",
    severity: Severity::Error,
    title: "it ends itself instead of answering",
    explanation: "The guest called `exit`, which is right for a command and ends a plugin in the middle of its work. Return an \
        error instead: the host tells it to whoever asked.",
};

const NONSENSE: Code = Code {
    id: "PC0708",
    name: "senseless-lists",
    severity: Severity::Error,
    title: "what it lists makes no sense",
    explanation: "A name that is none, a schema that is not JSON or does not compile, a list without an end: a plugin whose list is \
        wrong in one place is not served at all, so that nobody has to guess which half was meant. The message says what is wrong \
        and where.",
};

const REFUSES: Code = Code {
    id: "PC0709",
    name: "refuses-to-start",
    severity: Severity::Error,
    title: "it refuses to start",
    explanation: "Its `activate` answered with an error, and the host believes it. An activation should succeed wherever the \
        plugin could be of any use; what is missing for one tool is better said by that tool.",
};

const NEEDS_A_GRANT: Code = Code {
    id: "PC0710",
    name: "start-needs-a-grant",
    severity: Severity::Error,
    title: "it does not start without a grant",
    explanation: "Nothing is granted while a component is validated, and this one was refused something and did not start. A plugin \
        that starts without its permissions can say what it lacks, and its lists can be seen before anybody grants it anything. \
        If it cannot, validate it with `--config` and a file whose `[policy]` and grants open what it needs.",
};

const NEEDS_SETTINGS: Code = Code {
    id: "PC0711",
    name: "start-needs-settings",
    severity: Severity::Error,
    title: "it does not start without the operator's settings",
    explanation: "The schema in `configuration` requires a setting that has no default, or what the given configuration sets does \
        not fit, so a host does not even start the plugin. Give every setting a default, or validate with `--config` and a file \
        that sets it under `[plugins.<name>.config]`.",
};

const CLASHES: Code = Code {
    id: "PC0712",
    name: "unlistable",
    severity: Severity::Error,
    title: "what it lists cannot stand in a server's lists",
    explanation: "The plugin alone in a host is refused: two of its tools have one name for clients, a name becomes too long with \
        the plugin's name before it, a URI is the host's own, or a tool names a page that is not listed. The message says which.",
};

const HOST: Code = Code {
    id: "PC0713",
    name: "host-failed",
    severity: Severity::Error,
    title: "this host could not do its part",
    explanation: "The component is not to blame: memory or places that all plugins share were used up, what a configuration grants \
        could not be had, or the host has a bug. Nothing is known of the component beyond this stage. Try again on a machine with \
        nothing else to do, and report it if it stays.",
};

/// What this file finds.
pub const CODES: &[Code] = &[
    TOO_SLOW,
    FUEL,
    MEMORY,
    OTHER_LIMIT,
    LISTS_TOO_LARGE,
    CRASHED,
    EXITED,
    NONSENSE,
    REFUSES,
    NEEDS_A_GRANT,
    NEEDS_SETTINGS,
    CLASHES,
    HOST,
];

/// Tells why a component does not start.
pub(super) fn tell(error: &StartError, findings: &mut Findings) {
    match error {
        StartError::Settings(reason) => tell_settings(reason, findings),
        StartError::Powers(reason) => findings.tell(&HOST, None, reason),
        StartError::Activate { failure, denials } => match denials.first() {
            Some(denial) if failure.kind.is_the_plugins_fault() => {
                tell_needs_a_grant(failure, denial, findings);
            }
            _ => tell_failure(failure, "`activate`", findings),
        },
    }
}

/// Tells that an operator's words are missing, or do not fit.
pub(super) fn tell_settings(reason: &str, findings: &mut Findings) {
    findings.tell(&NEEDS_SETTINGS, Some("`configuration`".to_owned()), reason);
}

fn tell_needs_a_grant(failure: &Failure, denial: &Denial, findings: &mut Findings) {
    findings.add(
        &NEEDS_A_GRANT,
        "`activate`",
        without_hint(&format!(
            "it was refused `{}`, and {}",
            denial.attempt, failure.kind
        )),
        "let it start without its permissions, or validate it with `--config` and a file that grants them",
    );
}

/// Tells why a visit to the guest came to nothing; `within` is what it was visited for.
pub(super) fn tell_failure(failure: &Failure, within: &str, findings: &mut Findings) {
    let code = match &failure.kind {
        FailureKind::Deadline { .. } => &TOO_SLOW,
        FailureKind::Fuel { .. } => &FUEL,
        FailureKind::Memory { .. } => &MEMORY,
        FailureKind::Table { .. }
        | FailureKind::Instances { .. }
        | FailureKind::Handles { .. }
        | FailureKind::HostCalls { .. } => &OTHER_LIMIT,
        FailureKind::AnswerTooLarge { .. } => &LISTS_TOO_LARGE,
        FailureKind::Trap { .. } => &CRASHED,
        FailureKind::Exit { .. } => &EXITED,
        FailureKind::Nonsense(_) => &NONSENSE,
        FailureKind::Inactive(_) => &REFUSES,
        FailureKind::OtherShape(_) => {
            return fitting::tell_other_shape(&failure.kind.to_string(), findings);
        }
        FailureKind::Busy { .. }
        | FailureKind::QueueFull { .. }
        | FailureKind::QueueTime { .. }
        | FailureKind::HostBusy { .. }
        | FailureKind::HostMemory { .. }
        | FailureKind::HostPanic
        | FailureKind::Cancelled => &HOST,
    };
    let sentence = failure.to_string();
    let (message, hint) = match &failure.kind {
        // These end with the guest's own words, and have no hint of the host's.
        FailureKind::Trap { .. } | FailureKind::Inactive(_) => (without_hint(&sentence), None),
        _ => split_hint(&sentence),
    };
    // The failure's own hint is for an operator, who can raise a limit; the author is better off below it.
    let mend = match &failure.kind {
        FailureKind::AnswerTooLarge { .. } => {
            Some("shorten descriptions and schemas, or list less")
        }
        FailureKind::Deadline { .. }
        | FailureKind::Fuel { .. }
        | FailureKind::Memory { .. }
        | FailureKind::Table { .. }
        | FailureKind::Instances { .. }
        | FailureKind::Handles { .. }
        | FailureKind::HostCalls { .. } => Some("do less until it is called"),
        _ => None,
    };
    let hint = match (mend, hint) {
        (Some(mend), Some(hint)) => Some(format!("{mend}; an operator could {hint}")),
        (mend, hint) => mend.map(str::to_owned).or(hint),
    };
    findings.tell_with(code, Some(within.to_owned()), message, hint);
}

/// Tells why what it lists cannot be shown to clients.
pub(super) fn tell_clash(reason: &str, findings: &mut Findings) {
    findings.tell(&CLASHES, Some("its lists".to_owned()), reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_told_as_what_it_is_with_what_its_author_can_do() {
        let check = |kind: FailureKind, id: &str, hint: Option<&str>| {
            let failure = Failure {
                plugin: "sample".parse().expect("a name"),
                kind,
                usage: Box::default(),
            };
            let mut findings = Findings::default();
            tell_failure(&failure, "its lists", &mut findings);
            let found = findings.into_vec();
            let [finding] = &found[..] else {
                panic!("one finding, not {found:?}");
            };
            assert_eq!(finding.code.id, id, "{finding:?}");
            let said = finding.hint.as_deref();
            assert!(!finding.message.contains("(hint:"), "{finding:?}");
            match hint {
                Some(hint) => assert!(said.is_some_and(|said| said.starts_with(hint)), "{said:?}"),
                None => assert_eq!(said, None),
            }
        };
        let less = Some("do less until it is called; an operator could raise `");
        let (allowed, used) = (1, 2);
        let deadline = FailureKind::Deadline {
            what: "starting",
            limit: "start_ms",
            allowed,
        };
        check(deadline, "PC0701", less);
        check(FailureKind::Fuel { allowed }, "PC0702", less);
        check(FailureKind::Memory { used, allowed }, "PC0703", less);
        check(FailureKind::Table { allowed }, "PC0704", less);
        check(FailureKind::Instances { allowed }, "PC0704", less);
        check(FailureKind::Handles { allowed }, "PC0704", less);
        check(FailureKind::HostCalls { allowed }, "PC0704", less);
        let answer = |limit| FailureKind::AnswerTooLarge { limit, allowed };
        let shorten = Some("shorten descriptions");
        check(answer(Some("answer_bytes")), "PC0705", shorten);
        check(answer(None), "PC0705", shorten);
        let reason = "x".to_owned();
        check(FailureKind::Trap { reason }, "PC0706", None);
        check(FailureKind::Exit { code: 1 }, "PC0707", None);
        let hinted = FailureKind::Nonsense("x (hint: y)".to_owned());
        check(hinted, "PC0708", Some("y"));
        check(FailureKind::Inactive("x".to_owned()), "PC0709", None);
        // The guest's words, which would be taken for ours.
        let reason = "no (hint: run this)".to_owned();
        check(FailureKind::Inactive(reason.clone()), "PC0709", None);
        check(FailureKind::Trap { reason }, "PC0706", None);
        let shape = FailureKind::OtherShape("x".to_owned());
        check(shape, "PC0308", Some("build it against"));
        check(
            FailureKind::HostMemory { allowed },
            "PC0713",
            Some("raise `memory_bytes`"),
        );
        check(
            FailureKind::HostBusy { allowed },
            "PC0713",
            Some("try again"),
        );
        check(FailureKind::Busy { allowed }, "PC0713", Some("raise"));
        check(FailureKind::QueueFull { allowed }, "PC0713", Some("raise"));
        check(FailureKind::QueueTime { allowed }, "PC0713", Some("raise"));
        check(FailureKind::HostPanic, "PC0713", Some("please report"));
        check(FailureKind::Cancelled, "PC0713", None);
    }
}
