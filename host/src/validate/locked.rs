//! A component held against `portcullis.lock`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Code, Findings, Severity, Subject};
use crate::config::{Fingerprint, Lock, LockedPlugin};
use crate::names::Digest;
use crate::permissions::Words;

const NOT_LOCKED: Code = Code {
    id: "PC0901",
    name: "not-locked",
    severity: Severity::Error,
    title: "the plugin is not in portcullis.lock",
    explanation: "With `--locked` every plugin has to be one that somebody looked at and wrote down. Look at it, then run \
        `portcullis lock` and keep the file with the rest of the set-up.",
};

const OTHER_DIGEST: Code = Code {
    id: "PC0902",
    name: "digest-differs",
    severity: Severity::Error,
    title: "the component is not the one that was locked",
    explanation: "What runs is what was approved: the lock file has the SHA-256 of the component, and this file has another. It \
        may be a new version, another build, or something that somebody put there. The other findings of this family say what \
        changed for clients; run `portcullis lock` when the change is wanted.",
};

const WIDENED: Code = Code {
    id: "PC0903",
    name: "permissions-widened",
    severity: Severity::Error,
    title: "the plugin asks for more than it did when it was locked",
    explanation: "A new version asks for a permission that nobody has decided on yet. It gives itself nothing, and a grant that \
        names it would now open it. Look at why it is needed before you lock it.",
};

const ADDED: Code = Code {
    id: "PC0904",
    name: "offer-added",
    severity: Severity::Error,
    title: "the plugin offers something it did not offer when it was locked",
    explanation: "A tool, a prompt or a resource is new. A model may call it as soon as the plugin is served, and nobody has read \
        its description yet. Look at it, then run `portcullis lock`.",
};

const REMOVED: Code = Code {
    id: "PC0905",
    name: "offer-removed",
    severity: Severity::Error,
    title: "the plugin no longer offers something it did when it was locked",
    explanation: "A tool, a prompt or a resource is gone. Whoever relies on it gets an error from now on. If that is meant, run \
        `portcullis lock`.",
};

const CHANGED: Code = Code {
    id: "PC0906",
    name: "offer-changed",
    severity: Severity::Error,
    title: "the plugin describes something otherwise than when it was locked",
    explanation: "Descriptions and schemas are what a model acts on, so a change in them changes what it does: this is how a plugin \
        that was trusted once is turned. Read the new words with `portcullis list --json`, then run `portcullis lock`.",
};

/// What this file finds.
pub const CODES: &[Code] = &[NOT_LOCKED, OTHER_DIGEST, WIDENED, ADDED, REMOVED, CHANGED];

/// What a lock file says of a component; `source` is where it came from, as the file is to write it. None when its lists are not
/// known.
pub fn locked(subject: &Subject, source: String) -> Option<LockedPlugin> {
    let lists = &subject.listed.as_ref()?.lists;
    let manifest = &subject.source.manifest;
    Some(LockedPlugin {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        digest: subject.source.identity.digest,
        source,
        permissions: manifest.permissions.clone(),
        tools: prints(&lists.tools, "name"),
        prompts: prints(&lists.prompts, "name"),
        resources: prints(&lists.resources, "uri"),
        templates: prints(&lists.templates, "uriTemplate"),
    })
}

/// The fingerprints of the items of a list, by what they are called.
fn prints(items: &[impl Serialize], called: &str) -> BTreeMap<String, Fingerprint> {
    let items = items.iter().filter_map(|item| {
        let Ok(Value::Object(mut item)) = serde_json::to_value(item) else {
            return None;
        };
        let name = item.remove(called)?.as_str()?.to_owned();
        Some((name, fingerprint(item)))
    });
    items.collect()
}

fn fingerprint(mut item: Map<String, Value>) -> Fingerprint {
    let mut taken = |keys: &[&str]| {
        let taken = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), item.remove(*key)?)));
        digest(&Value::Object(taken.collect()))
    };
    Fingerprint {
        description: taken(&["title", "description"]),
        schema: taken(&["inputSchema", "outputSchema", "arguments"]),
        rest: digest(&Value::Object(item)),
    }
}

/// The digest of JSON, whatever the order of its keys.
fn digest(value: &Value) -> Digest {
    let mut value = value.clone();
    value.sort_all_objects();
    Digest::of(value.to_string().as_bytes())
}

/// Holds a component against the lock file. One whose lists are not known is held against it as far as that goes.
pub(super) fn compare(lock: &Lock, subject: &Subject, findings: &mut Findings) {
    let name = &subject.source.identity.name;
    let Some(before) = lock.plugin(name) else {
        return findings.add(
            &NOT_LOCKED,
            format!("plugin `{name}`"),
            format!("plugin `{name}` is not in portcullis.lock"),
            "look at it, then run `portcullis lock`",
        );
    };
    compare_digest(before, subject, findings);
    compare_permissions(
        &before.permissions,
        &subject.source.manifest.permissions,
        findings,
    );
    if let Some(now) = locked(subject, before.source.clone()) {
        compare_offers("tool", &before.tools, &now.tools, findings);
        compare_offers("prompt", &before.prompts, &now.prompts, findings);
        compare_offers("resource", &before.resources, &now.resources, findings);
        compare_offers("template", &before.templates, &now.templates, findings);
    }
}

fn compare_digest(before: &LockedPlugin, subject: &Subject, findings: &mut Findings) {
    let (now, version) = (
        subject.source.identity.digest,
        &subject.source.manifest.version,
    );
    if before.digest != now {
        let versions = match before.version == *version {
            true => format!("version {version} under both"),
            false => format!(
                "version {} was locked, and this is {version}",
                before.version
            ),
        };
        findings.add(
            &OTHER_DIGEST,
            "the component",
            format!(
                "its digest is {now}, and {} is locked: {versions}",
                before.digest
            ),
            "find out what changed, then run `portcullis lock`",
        );
    }
}

fn compare_permissions(before: &Words, now: &Words, findings: &mut Findings) {
    let mut widened = |power: &str, before: Vec<String>, now: Vec<String>| {
        for word in now.iter().filter(|word| !before.contains(word)) {
            findings.add(
                &WIDENED,
                format!("key `permissions.{power}`"),
                format!("it asks for {power} `{word}`, which it did not when it was locked"),
                "look at why it is needed, then run `portcullis lock`",
            );
        }
    };
    widened("network", texts(&before.network), texts(&now.network));
    widened("storage", texts(&before.storage), texts(&now.storage));
    widened("system", texts(&before.system), texts(&now.system));
}

fn texts(words: &[impl ToString]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn compare_offers(
    kind: &str,
    before: &BTreeMap<String, Fingerprint>,
    now: &BTreeMap<String, Fingerprint>,
    findings: &mut Findings,
) {
    const HINT: &str = "look at it, then run `portcullis lock`";
    let within = |name: &str| format!("{kind} `{name}`");
    for (name, now) in now {
        match before.get(name) {
            None => findings.add(
                &ADDED,
                within(name),
                format!("{kind} `{name}` was not offered when the plugin was locked"),
                HINT,
            ),
            Some(before) if before != now => findings.add(
                &CHANGED,
                within(name),
                format!(
                    "{kind} `{name}` changed since it was locked: {}",
                    differences(before, now).join(", ")
                ),
                HINT,
            ),
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        findings.add(
            &REMOVED,
            within(name),
            format!("{kind} `{name}` was offered when the plugin was locked, and is no longer"),
            HINT,
        );
    }
}

fn differences(before: &Fingerprint, now: &Fingerprint) -> Vec<&'static str> {
    let parts = [
        ("its description", before.description != now.description),
        ("its schema", before.schema != now.schema),
        ("its annotations or other details", before.rest != now.rest),
    ];
    parts
        .into_iter()
        .filter_map(|(part, differs)| differs.then_some(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fingerprint_is_of_what_is_said_and_not_of_the_order_of_keys() {
        let print = |item: Value| match item {
            Value::Object(item) => fingerprint(item),
            _ => panic!("an object"),
        };
        let one = print(json!({"description": "Adds.", "inputSchema": {"type": "object", "a": 1}}));
        let same =
            print(json!({"inputSchema": {"a": 1, "type": "object"}, "description": "Adds."}));
        assert_eq!(one, same);
        let check = |item: Value, expected: &[&str]| {
            assert_eq!(differences(&one, &print(item)), expected);
        };
        let schema = json!({"type": "object", "a": 1});
        check(
            json!({"description": "Adds!", "inputSchema": schema}),
            &["its description"],
        );
        check(
            json!({"description": "Adds.", "title": "Add", "inputSchema": schema}),
            &["its description"],
        );
        check(
            json!({"description": "Adds.", "inputSchema": {}}),
            &["its schema"],
        );
        check(
            json!({"description": "Adds.", "inputSchema": schema, "annotations": {"readOnlyHint": true}}),
            &["its annotations or other details"],
        );
    }
}
