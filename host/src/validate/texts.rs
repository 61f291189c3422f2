//! Every text of a component that a model or a person sees, with its place.

use std::iter;

use serde_json::Value;

use super::Subject;
use crate::contract::{JsonObject, Lists};
use crate::names::shown;

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is what something is called: a title, a parameter.
    Name,
    /// It tells what something is.
    Words,
    /// It tells a model how to do something: a skill.
    Skill,
}

/// Where a text stands.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s> {
    thing: &'s dyn Fn() -> String,
    part: &'s str,
    /// The keys that lead to it, within a schema.
    path: &'s [&'s str],
    /// What it is for.
    pub(super) serves: Use,
}

impl Spot<'_> {
    /// The thing, such as ``tool `add` ``.
    pub(super) fn thing(&self) -> String {
        (self.thing)()
    }

    /// Which of its texts.
    pub(super) fn part(&self) -> String {
        match self.path {
            [] => self.part.to_owned(),
            path => format!("{} at {}", self.part, pointer(path)),
        }
    }
}

/// The keys that lead to a place in JSON, as a message shows them. A key may have megabytes, and millions of messages may be asked
/// for below it, so no more of it is looked at than is shown.
pub(super) fn pointer(path: &[&str]) -> String {
    /// One more than are shown, which says that there are more.
    const CHARS_MAX: usize = 81;
    let keys = path
        .iter()
        .flat_map(|key| iter::once('/').chain(key.chars()));
    shown(&keys.take(CHARS_MAX).collect::<String>())
}

/// Shows `see` every text.
pub(super) fn each(subject: &Subject, see: &mut dyn FnMut(&Spot<'_>, &str)) {
    let manifest = &subject.source.manifest;
    let plugin = || "plugin.json".to_owned();
    let mut of = |part, serves, text: Option<&str>| {
        if let Some(text) = text {
            see(
                &Spot {
                    thing: &plugin,
                    part,
                    path: &[],
                    serves,
                },
                text,
            );
        }
    };
    of("title", Use::Name, manifest.title.as_deref());
    of("description", Use::Words, manifest.description.as_deref());
    of("instructions", Use::Words, manifest.instructions.as_deref());
    for tag in &manifest.tags {
        of("tag", Use::Name, Some(tag));
    }
    if let Some(listed) = &subject.listed {
        each_listed(&listed.lists, see);
    }
    for skill in &subject.source.skills {
        let thing = || format!("skill `{}`", skill.name);
        for file in &skill.files {
            if let Some(text) = file.text() {
                see(
                    &Spot {
                        thing: &thing,
                        part: &shown(&file.path),
                        path: &[],
                        serves: Use::Skill,
                    },
                    text,
                );
            }
        }
    }
}

fn each_listed(lists: &Lists, see: &mut dyn FnMut(&Spot<'_>, &str)) {
    for tool in &lists.tools {
        let mut of = Of {
            thing: &|| format!("tool `{}`", tool.name),
            see: &mut *see,
        };
        of.described(None, tool.title.as_deref(), tool.description.as_deref());
        of.object("input schema", &tool.input_schema);
        if let Some(schema) = &tool.output_schema {
            of.json("output schema", schema);
        }
        of.meta(tool.meta.as_ref());
    }
    for prompt in &lists.prompts {
        let mut of = Of {
            thing: &|| format!("prompt `{}`", prompt.name),
            see: &mut *see,
        };
        of.described(None, prompt.title.as_deref(), prompt.description.as_deref());
        for argument in &prompt.arguments {
            of.text("parameter", Use::Name, &argument.name);
            of.described(
                None,
                argument.title.as_deref(),
                argument.description.as_deref(),
            );
        }
        of.meta(prompt.meta.as_ref());
    }
    for resource in &lists.resources {
        let mut of = Of {
            thing: &|| format!("resource {}", shown(&resource.uri)),
            see: &mut *see,
        };
        of.text("URI", Use::Name, &resource.uri);
        of.described(
            Some(&resource.name),
            resource.title.as_deref(),
            resource.description.as_deref(),
        );
        of.meta(resource.meta.as_ref());
    }
    for template in &lists.templates {
        let mut of = Of {
            thing: &|| format!("template {}", shown(&template.uri_template)),
            see: &mut *see,
        };
        of.text("URI template", Use::Name, &template.uri_template);
        of.described(
            Some(&template.name),
            template.title.as_deref(),
            template.description.as_deref(),
        );
        of.meta(template.meta.as_ref());
    }
}

/// The texts of one thing.
struct Of<'s> {
    thing: &'s dyn Fn() -> String,
    see: &'s mut dyn FnMut(&Spot<'_>, &str),
}

impl Of<'_> {
    fn text(&mut self, part: &str, serves: Use, text: &str) {
        (self.see)(
            &Spot {
                thing: self.thing,
                part,
                path: &[],
                serves,
            },
            text,
        );
    }

    fn described(&mut self, name: Option<&str>, title: Option<&str>, description: Option<&str>) {
        for (part, serves, text) in [
            ("name", Use::Name, name),
            ("title", Use::Name, title),
            ("description", Use::Words, description),
        ] {
            if let Some(text) = text {
                self.text(part, serves, text);
            }
        }
    }

    fn meta(&mut self, meta: Option<&JsonObject>) {
        if let Some(meta) = meta {
            self.object("`_meta`", meta);
        }
    }

    fn json(&mut self, part: &str, value: &Value) {
        self.below(part, value, &mut Vec::new());
    }

    fn object(&mut self, part: &str, object: &JsonObject) {
        self.members(part, object, &mut Vec::new());
    }

    /// The depth was bounded when the JSON was read.
    fn below<'v>(&mut self, part: &str, value: &'v Value, path: &mut Vec<&'v str>) {
        match value {
            Value::String(text) => {
                let serves = match path.last() {
                    Some(&"title") => Use::Name,
                    _ => Use::Words,
                };
                (self.see)(
                    &Spot {
                        thing: self.thing,
                        part,
                        path,
                        serves,
                    },
                    text,
                );
            }
            Value::Array(items) => items.iter().for_each(|item| self.below(part, item, path)),
            Value::Object(members) => self.members(part, members, path),
            _ => {}
        }
    }

    fn members<'v>(&mut self, part: &str, members: &'v JsonObject, path: &mut Vec<&'v str>) {
        for (key, member) in members {
            path.push(key);
            (self.see)(
                &Spot {
                    thing: self.thing,
                    part,
                    path,
                    serves: Use::Name,
                },
                key,
            );
            self.below(part, member, path);
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{prompt, resource, skill, subject, template, tool};
    use super::*;

    #[test]
    fn every_text_is_seen_with_its_place() {
        let lists = Lists {
            tools: vec![tool(json!({
                "title": "T1", "description": "T2", "_meta": {"T3": "T4"}, "outputSchema": {"title": "T5"},
                "inputSchema": {"type": "object", "properties": {"T6": {"enum": ["T7"], "default": {"x": ["T8"]}}}},
            }))],
            prompts: vec![prompt(json!({
                "title": "P1", "description": "P2", "_meta": {"a": "P3"},
                "arguments": [{"name": "P4", "title": "P5", "description": "P6", "required": true}],
            }))],
            resources: vec![resource(
                json!({"name": "R1", "title": "R2", "description": "R3", "_meta": {"a": "R4"}}),
            )],
            templates: vec![template(
                json!({"name": "F1", "title": "F2", "description": "F3", "_meta": {"a": "F4"}}),
            )],
            ..Lists::default()
        };
        let mut subject = subject(lists);
        let manifest = &mut subject.source.manifest;
        manifest.title = Some("M1".to_owned());
        manifest.description = Some("M2".to_owned());
        manifest.instructions = Some("M3".to_owned());
        manifest.tags = vec!["M4".to_owned()];
        subject.source.skills = vec![skill("S1")];
        let mut seen = Vec::new();
        each(&subject, &mut |spot, text| {
            seen.push((
                text.to_owned(),
                format!("{}: {}", spot.thing(), spot.part()),
            ));
        });
        for text in [
            "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "P1", "P2", "P3", "P4", "P5", "P6",
            "R1", "R2", "R3", "R4", "F1", "F2", "F3", "F4", "M1", "M2", "M3", "M4", "S1",
        ] {
            assert!(
                seen.iter().any(|(seen, _)| seen == text),
                "{text} was not seen"
            );
        }
        let of = |text: &str| {
            seen.iter()
                .find(|(seen, _)| seen == text)
                .map(|(_, place)| &**place)
        };
        assert_eq!(
            of("T8"),
            Some("tool `find`: input schema at `/properties/T6/default/x`")
        );
        assert_eq!(of("S1"), Some("skill `lend`: `SKILL.md`"));
        assert_eq!(of("R3"), Some("resource `books://all`: description"));
    }

    #[test]
    fn a_place_is_shown_as_far_as_it_can_be_read() {
        let check = |path: &[&str], expected: &str| assert_eq!(pointer(path), expected);
        check(&["a", "b/c", ""], "`/a/b/c/`");
        check(&[&"k".repeat(79)], &format!("`/{}`", "k".repeat(79)));
        let long = "k".repeat(1 << 20);
        let shown = format!("`/a/{}…`", "k".repeat(77));
        check(&["a", &long], &shown);
        check(&["a", &long, &long], &shown);
    }
}
