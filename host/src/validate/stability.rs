//! Whether a component lists the same twice.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{Code, Findings, Subject};
use crate::names::shown;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[*OTHERS, *WORDS, *ORDER];

const OTHERS: &Code = &Code::error(
    "PC0720",
    "unstable-list",
    "a list has other entries the second time",
    "Clients and the host keep lists, and ask for them again only when they are told of a change. MCP says that a list \
     does not depend on the connection or on earlier calls. Names made from the time or from random numbers, and entries \
     that come with some other call, make calls fail. What depends on a user's data belongs into templates and answers.",
);
const WORDS: &Code = &Code::error(
    "PC0721",
    "unstable-words",
    "an entry of a list says something else the second time",
    "An operator approves the name, the description and the schema of each tool, and portcullis.lock keeps their digests: \
     a tool that says something else each time is quarantined each time. The second time the plugin's clock shows another day. \
     Leave times, counters and random words out.",
);
const ORDER: &Code = &Code::warning(
    "PC0722",
    "unstable-order",
    "a list has another order the second time",
    "Providers keep what they have computed for the beginning of a conversation, tools included, as long as it is the \
     same; another order costs its user time and money. Lists from a hash map are the usual cause: sort them.",
);

/// Compares what was listed.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let Some(listed) = &subject.listed else {
        return;
    };
    let (one, other) = (&listed.lists, &listed.again);
    compare(
        "tool",
        &one.tools,
        &other.tools,
        |tool| tool.name.as_str(),
        findings,
    );
    compare(
        "prompt",
        &one.prompts,
        &other.prompts,
        |prompt| prompt.name.as_str(),
        findings,
    );
    compare(
        "resource",
        &one.resources,
        &other.resources,
        |resource| &*resource.uri,
        findings,
    );
    compare(
        "template",
        &one.templates,
        &other.templates,
        |template| &*template.uri_template,
        findings,
    );
}

/// Compares one list. One finding is enough: what makes one entry unstable mostly makes all of them so.
fn compare<T: PartialEq>(
    kind: &str,
    one: &[T],
    other: &[T],
    key: impl Fn(&T) -> &str,
    findings: &mut Findings,
) {
    if one == other {
        return;
    }
    let (keys, again): (Vec<_>, Vec<_>) = (
        one.iter().map(&key).collect(),
        other.iter().map(&key).collect(),
    );
    let thing = |name: &str| format!("{kind} {}", shown(name));
    if let Some(gone) = missing(&keys, &again) {
        let message = "it was listed the first time and not the second";
        return findings.add(OTHERS, thing(gone), message, "list the same each time");
    }
    if let Some(new) = missing(&again, &keys) {
        let message = "it was listed the second time and not the first";
        return findings.add(OTHERS, thing(new), message, "list the same each time");
    }
    if keys.len() != again.len() {
        let message = format!(
            "there are {} {kind}s the first time and {} the second",
            keys.len(),
            again.len()
        );
        return findings.add(
            OTHERS,
            format!("{kind}s"),
            message,
            "list the same each time",
        );
    }
    let by_key: HashMap<_, _> = other.iter().map(|item| (key(item), item)).collect();
    let is_changed = |item: &&T| by_key.get(key(item)).is_some_and(|again| *again != *item);
    if let Some(changed) = one
        .iter()
        .find(is_changed)
        .filter(|_| by_key.len() == other.len())
    {
        let message = "what it says of itself differs between two runs";
        return findings.add(
            WORDS,
            thing(key(changed)),
            message,
            "leave out what changes by itself",
        );
    }
    let place = keys
        .iter()
        .zip(&again)
        .position(|(one, other)| one != other)
        .unwrap_or_default();
    let message = format!(
        "the order of the {kind}s differs between two runs, from number {} on",
        place + 1
    );
    findings.add(ORDER, format!("{kind}s"), message, "sort them");
}

/// The first of `keys` that is not in `others`.
fn missing<'k, K: Eq + Hash + ?Sized>(keys: &[&'k K], others: &[&K]) -> Option<&'k K> {
    let others: HashSet<_> = others.iter().copied().collect();
    keys.iter().copied().find(|key| !others.contains(key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{assert_found, found, resource, subject, tool, tools};
    use super::*;
    use crate::contract::Lists;

    fn check_pair(one: Lists, other: Lists, expected: &[&Code], what: &str) {
        let mut subject = subject(one);
        if let Some(listed) = &mut subject.listed {
            listed.again = other;
        }
        let found = found(check, &subject);
        assert_found(&found, expected, what);
    }

    #[test]
    fn a_list_is_the_same_twice() {
        let named = |names: &[&str]| {
            tools(
                names
                    .iter()
                    .map(|name| tool(json!({"name": name})))
                    .collect(),
            )
        };
        let check = |one: &[&str], other: &[&str], expected: &[&Code]| {
            check_pair(
                named(one),
                named(other),
                expected,
                &format!("{one:?} {other:?}"),
            );
        };
        check(&["a", "b"], &["a", "b"], &[]);
        check(&["a", "b"], &["a"], &[OTHERS]);
        check(&["a"], &["a", "b"], &[OTHERS]);
        check(&["a"], &["a", "a"], &[OTHERS]);
        check(&["a", "b"], &["b", "a"], &[ORDER]);
        let said = |words: &str| tools(vec![tool(json!({"description": words}))]);
        check_pair(said("It is noon."), said("It is night."), &[WORDS], "words");
        let listed = |uri: &str| Lists {
            resources: vec![resource(json!({"uri": uri}))],
            ..Lists::default()
        };
        check_pair(
            listed("books://1"),
            listed("books://2"),
            &[OTHERS],
            "resources",
        );
    }
}
