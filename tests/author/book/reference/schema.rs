//! `manifest.md` and `configuration.md`, from the schemas that the host itself reads by.

use serde_json::Value;

use super::{check, prose, source};

struct Page<'s> {
    schema: &'s Value,
    text: String,
    n_keys: usize,
}

impl Page<'_> {
    /// All keys of an object, those below them as well.
    fn keys(&mut self, object: &Value, path: &str) {
        let required: Vec<_> = object["required"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        for (key, value) in object["properties"].as_object().into_iter().flatten() {
            let is_required = required.iter().any(|required| *required == key);
            self.key(value, &format!("{path}{key}"), is_required);
        }
    }

    fn key(&mut self, value: &Value, path: &str, is_required: bool) {
        self.n_keys += 1;
        let depth = path.matches('.').count().min(3) + 2;
        let text = &mut self.text;
        text.push_str(&format!("{} `{path}`\n\n", "#".repeat(depth)));
        if let Some(words) = value["description"].as_str() {
            text.push_str(&format!("{}\n\n", prose(words)));
        }
        for fact in facts(value, is_required) {
            text.push_str(&format!("- {fact}\n"));
        }
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
        if let Some(name) = value["$ref"].as_str() {
            let name = name.trim_start_matches("#/$defs/");
            let object = &self.schema["$defs"][name];
            assert!(object.is_object(), "`{name}` is defined");
            // The same keys stand in several places, and are shown in the first.
            let shown = format!("Its keys are those of `{name}`.\n\n");
            match name == path {
                true => self.keys(object, &format!("{path}.")),
                false => self.text.push_str(&shown),
            }
        }
        self.keys(value, &format!("{path}."));
        let inner = &value["additionalProperties"];
        if inner.is_object() {
            self.key(inner, &format!("{path}.<name>"), false);
        }
        if value["items"]["properties"].is_object() {
            self.keys(&value["items"], &format!("{path}[]."));
        }
    }
}

/// What a schema says besides words.
fn facts(value: &Value, is_required: bool) -> Vec<String> {
    let mut facts = Vec::new();
    if is_required {
        facts.push("required".to_owned());
    }
    if let Some(kind) = kind(value) {
        facts.push(format!("type: {kind}"));
    }
    let code = |value: &Value| format!("`{value}`");
    for (key, word) in [
        ("default", "default"),
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("minLength", "characters, at least"),
        ("maxLength", "characters, at most"),
    ] {
        if let Some(value) = value.get(key) {
            facts.push(format!("{word}: {}", code(value)));
        }
    }
    let patterns = [("pattern", value), ("names", &value["propertyNames"])];
    for (word, place) in patterns {
        if let Some(pattern) = place["pattern"].as_str() {
            facts.push(format!("{word}: `{pattern}`"));
        }
    }
    let examples = value["examples"].as_array().into_iter().flatten();
    let examples: Vec<_> = examples.map(code).collect();
    if !examples.is_empty() {
        facts.push(format!("such as {}", examples.join(", ")));
    }
    let ways = value["oneOf"].as_array().into_iter().flatten();
    let ways: Vec<_> = ways.map(|way| code(&way["required"])).collect();
    if !ways.is_empty() {
        facts.push(format!("exactly one of {}", ways.join(", ")));
    }
    facts
}

fn kind(value: &Value) -> Option<String> {
    if let Some(words) = value["enum"].as_array() {
        let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        return Some(format!("one of {}", words.join(", ")));
    }
    let name = match &value["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            names.join(" or ")
        }
        _ => return None,
    };
    match (name.as_str(), kind(&value["items"])) {
        ("array", Some(items)) => Some(format!("array, each item {items}")),
        _ => Some(name),
    }
}

fn reference(page: &str, title: &str, schema: &str, hint: &str) {
    let schema: Value = serde_json::from_str(&source(schema)).unwrap();
    let description = schema["description"].as_str().unwrap_or_default();
    let mut made = Page {
        schema: &schema,
        text: format!("{}\n\n{hint}\n\n", prose(description)),
        n_keys: 0,
    };
    made.keys(&schema, "");
    // A schema of another shape would make an empty page.
    assert!(made.n_keys > 40, "{} keys were found", made.n_keys);
    check(page, title, &made.text);
}

#[test]
fn the_reference_of_the_manifest_is_its_schema() {
    reference(
        "manifest.md",
        "plugin.json",
        "schemas/plugin.schema.json",
        "A key that is not here is refused. The schema is `schemas/plugin.schema.json`.",
    );
}

#[test]
fn the_reference_of_the_configuration_is_its_schema() {
    reference(
        "configuration.md",
        "portcullis.toml",
        "schemas/portcullis.schema.json",
        "A key that is not here is refused. The schema is `schemas/portcullis.schema.json`.",
    );
}
