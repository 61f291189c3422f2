//! A component held against `portcullis.lock`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Code, Findings, Severity, Subject};
use crate::config::{Fingerprint, Lock, LockedPlugin};
use crate::contract::Skill;
use crate::manifest::Manifest;
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
    explanation: "A tool, a prompt, a resource or a file of a skill is new. A model may call or read it as soon as the plugin is \
        served, and nobody has looked at it yet. Look at it, then run `portcullis lock`.",
};

const REMOVED: Code = Code {
    id: "PC0905",
    name: "offer-removed",
    severity: Severity::Error,
    title: "the plugin no longer offers something it did when it was locked",
    explanation: "A tool, a prompt, a resource or a file of a skill is gone. Whoever relies on it gets an error from now on. If \
        that is meant, run `portcullis lock`.",
};

const CHANGED: Code = Code {
    id: "PC0906",
    name: "offer-changed",
    severity: Severity::Error,
    title: "the plugin describes something otherwise than when it was locked",
    explanation: "Descriptions, schemas, skills and the manifest's `instructions` are what a model acts on, so a change in them \
        changes what it does: this is how a plugin that was trusted once is turned. A manifest and skills that lie beside a \
        component change without a change in the component. Read the new words there, or with `portcullis list --json`, then \
        run `portcullis lock`.",
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
        manifest: Some(print_of_manifest(manifest)),
        permissions: manifest.permissions.clone(),
        tools: prints(&lists.tools, "name"),
        prompts: prints(&lists.prompts, "name"),
        resources: prints(&lists.resources, "uri"),
        templates: prints(&lists.templates, "uriTemplate"),
        skills: skill_files(&subject.source.skills),
    })
}

/// The fingerprint of a manifest as it holds, wherever it was read from.
fn print_of_manifest(manifest: &Manifest) -> Fingerprint {
    let Ok(Value::Object(mut keys)) = serde_json::to_value(manifest) else {
        return fingerprint(Map::new());
    };
    // These are locked and compared by themselves.
    for key in ["name", "version", "permissions"] {
        keys.remove(key);
    }
    // What is not said is left out, so that keys of later versions change no digest of today.
    let is_said = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(keys) => !keys.is_empty(),
        _ => true,
    };
    for (key, value) in &mut keys {
        if let (true, Value::Object(inner)) = (key != "configuration", value) {
            inner.retain(|_, value| is_said(value));
        }
    }
    keys.retain(|_, value| is_said(value));
    fingerprint(keys)
}

/// The digests of all files of skills.
fn skill_files(skills: &[Skill]) -> BTreeMap<String, Digest> {
    let files = skills.iter().flat_map(|skill| {
        let files = skill.files.iter();
        files.map(|file| (format!("{}/{}", skill.name, file.path), file.digest))
    });
    files.collect()
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
        description: taken(&["title", "description", "instructions"]),
        schema: taken(&["inputSchema", "outputSchema", "arguments", "configuration"]),
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
    compare_manifest(before, &subject.source.manifest, findings);
    let skills = skill_files(&subject.source.skills);
    compare_offers("skill", &before.skills, &skills, |_, _| None, findings);
    if let Some(now) = locked(subject, before.source.clone()) {
        let mut lists = |kind, before, now| {
            let words = |before: &_, now: &_| Some(differences(before, now).join(", "));
            compare_offers(kind, before, now, words, findings);
        };
        lists("tool", &before.tools, &now.tools);
        lists("prompt", &before.prompts, &now.prompts);
        lists("resource", &before.resources, &now.resources);
        lists("template", &before.templates, &now.templates);
    }
}

fn compare_manifest(before: &LockedPlugin, now: &Manifest, findings: &mut Findings) {
    let mut tell = |message: String| {
        findings.add(
            &CHANGED,
            "plugin.json",
            message,
            "look at it, then run `portcullis lock`",
        );
    };
    let print = print_of_manifest(now);
    match &before.manifest {
        None => tell("what the manifest says was not written down when it was locked".to_owned()),
        Some(before) if *before != print => {
            let parts = [
                (
                    "its title, description or instructions",
                    before.description != print.description,
                ),
                ("its settings", before.schema != print.schema),
                ("another of its keys", before.rest != print.rest),
            ];
            let parts = parts
                .into_iter()
                .filter_map(|(part, differs)| differs.then_some(part));
            let parts = parts.collect::<Vec<_>>().join(", ");
            tell(format!("the manifest changed since it was locked: {parts}"));
        }
        Some(_) => {}
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

/// `parts` says what of a thing differs, where that is known.
fn compare_offers<T: PartialEq>(
    kind: &str,
    before: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
    parts: impl Fn(&T, &T) -> Option<String>,
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
                    "{kind} `{name}` changed since it was locked{}",
                    parts(before, now).map_or(String::new(), |parts| format!(": {parts}"))
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
