//! Components made up for the tables of this room's tests.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::anatomy::Anatomy;
use super::{Code, Finding, Findings, Listed, Subject};
use crate::contract::{
    JsonObject, Lists, Prompt, ResourceLink, ResourceTemplate, Skill, SkillFile, Tool,
};
use crate::limits::Limits;
use crate::manifest::{Manifest, Source};
use crate::names::{Digest, Identity};
use crate::runtime::Usage;

/// A tool with nothing wrong, changed by `with`: keys as MCP writes them.
pub(super) fn tool(with: Value) -> Tool {
    let mut tool = json!({
        "name": "find",
        "title": "Find a book",
        "description": "Finds the books whose titles hold a word.",
        "inputSchema": {
            "type": "object",
            "properties": {"word": {"type": "string", "description": "The word to look for."}},
            "required": ["word"],
            "additionalProperties": false,
        },
        "annotations": {"readOnlyHint": true},
        "taskSupport": "forbidden",
    });
    merge(&mut tool, with);
    serde_json::from_value(tool).expect("the tables have good tools")
}

/// A prompt with nothing wrong, changed by `with`.
pub(super) fn prompt(with: Value) -> Prompt {
    let mut prompt = json!({
        "name": "review",
        "title": "Review a book",
        "description": "Begins a review of a book.",
        "arguments": [{"name": "book", "description": "The title of the book.", "required": true}],
    });
    merge(&mut prompt, with);
    serde_json::from_value(prompt).expect("the tables have good prompts")
}

/// A resource with nothing wrong, changed by `with`.
pub(super) fn resource(with: Value) -> ResourceLink {
    let mut resource = json!({
        "uri": "books://all",
        "name": "all",
        "title": "All books",
        "description": "The titles of all books there are.",
        "mimeType": "text/plain",
    });
    merge(&mut resource, with);
    serde_json::from_value(resource).expect("the tables have good resources")
}

/// A template with nothing wrong, changed by `with`.
pub(super) fn template(with: Value) -> ResourceTemplate {
    let mut template = json!({
        "uriTemplate": "books://{title}",
        "name": "book",
        "title": "A book",
        "description": "The text of one book.",
        "mimeType": "text/plain",
    });
    merge(&mut template, with);
    serde_json::from_value(template).expect("the tables have good templates")
}

/// A skill called `lend` whose `SKILL.md` is this.
pub(super) fn skill(text: &str) -> Skill {
    Skill {
        name: "lend".parse().expect("a good name"),
        description: String::new(),
        frontmatter: JsonObject::new(),
        files: vec![SkillFile {
            path: "SKILL.md".to_owned(),
            bytes: Arc::from(text.as_bytes()),
            digest: Digest::of(text.as_bytes()),
        }],
    }
}

/// Lists of tools alone.
pub(super) fn tools(tools: Vec<Tool>) -> Lists {
    Lists {
        tools,
        ..Lists::default()
    }
}

/// A component called `library` that listed these, twice, and owns `books:`.
pub(super) fn subject(lists: Lists) -> Subject {
    let mut manifest = Manifest::minimal("library".parse().expect("a good name"));
    manifest.uris = vec!["books://".to_owned()];
    manifest.license = Some("MIT".to_owned());
    Subject {
        source: Source {
            path: PathBuf::from("library.wasm"),
            component: b"\0asm\x0d\0\x01\0".to_vec(),
            identity: Identity {
                name: manifest.name.clone(),
                digest: Digest::ZERO,
            },
            manifest,
            skills: Vec::new(),
        },
        anatomy: Anatomy::default(),
        limits: Limits::default(),
        exports: Vec::new(),
        imports: Vec::new(),
        listed: Some(Listed {
            again: lists.clone(),
            lists,
            usage: Usage::default(),
            fuel_max: 0,
        }),
    }
}

impl Subject {
    /// Gives it another component.
    pub(super) fn set_component(&mut self, component: Vec<u8>) {
        self.anatomy = Anatomy::of(&component);
        self.source.component = component;
    }
}

/// What a check finds in a component.
pub(super) fn found(check: fn(&Subject, &mut Findings), subject: &Subject) -> Vec<Finding> {
    let mut findings = Findings::about(subject.source.path.clone());
    check(subject, &mut findings);
    findings.into_vec()
}

/// Asserts that `expected`, and nothing else, was found; `what` is shown when not.
pub(super) fn assert_found(found: &[Finding], expected: &[&Code], what: &str) {
    let ids: Vec<_> = found.iter().map(|finding| finding.code.id).collect();
    let expected: Vec<_> = expected.iter().map(|code| code.id).collect();
    assert_eq!(ids, expected, "{what}: {found:#?}");
}

fn merge(into: &mut Value, with: Value) {
    if let (Value::Object(into), Value::Object(with)) = (into, with) {
        for (key, value) in with {
            match value {
                Value::Null => into.remove(&key),
                value => into.insert(key, value),
            };
        }
    }
}
