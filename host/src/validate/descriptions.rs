//! What tools, prompts and resources say of themselves: a model chooses by nothing else.

use serde_json::Value;

use super::{Code, Findings, Severity, Subject};
use crate::contract::{JsonObject, Lists, Tool};
use crate::names::shown;

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *MISSING,
    *SHORT,
    *REPEATS,
    *PLACEHOLDER,
    *LONG,
    *PARAMETERS,
    *UNTITLED,
    *NO_HINTS,
    *CONTRADICTS,
    *CROWD,
];

const MISSING: &Code = &Code::warning(
    "PC0501",
    "no-description",
    "a tool or a prompt has no description",
    "A model sees names and descriptions and chooses by them; without one it guesses. Say in one or two sentences what it \
     does, when to use it, and what comes back.",
);
const SHORT: &Code = &Code::warning(
    "PC0502",
    "short-description",
    "a description is too short to choose by",
    "A word or two say no more than the name. Say what it does, when to use it, and what comes back.",
);
const REPEATS: &Code = &Code::warning(
    "PC0503",
    "description-repeats-name",
    "a description only repeats the name",
    "The model has read the name already. Say what the name does not.",
);
const PLACEHOLDER: &Code = &Code::warning(
    "PC0504",
    "placeholder",
    "a description was never written",
    "It is what a template or an editor put there, such as `TODO` or `lorem ipsum`. Write what it does.",
);
const LONG: &Code = &Code::warning(
    "PC0505",
    "long-description",
    "a description is longer than some clients take",
    "Descriptions are in the context of every conversation, whether the tool is used or not. Some providers refuse more \
     than 1024 characters and others cut them. Move details into the descriptions of parameters, into the \
     plugin's `instructions`, or into a skill.",
);
const PARAMETERS: &Code = &Code::warning(
    "PC0506",
    "parameters-without-description",
    "parameters have no description",
    "A model fills a parameter in by its name and its description. Say what it means, in which unit and form, with an \
     example where the form is not plain. In Rust, a `///` comment above the parameter becomes its description.",
);
const UNTITLED: &Code = &Code::note(
    "PC0507",
    "no-title",
    "something has no title",
    "Clients show titles to people, in menus and when they ask for approval; without one they show the name.",
);
const NO_HINTS: &Code = &Code::note(
    "PC0508",
    "no-hints",
    "a tool does not say whether it changes anything",
    "Without annotations a client must take a tool for one that may destroy something and reaches out into the world, and \
     asks a person before each call. `readOnlyHint`, `destructiveHint`, `idempotentHint` and `openWorldHint` say more.",
);
const CONTRADICTS: &Code = &Code::warning(
    "PC0509",
    "hints-contradict",
    "a tool says that it only reads, and that it may destroy",
    "`destructiveHint` means something only where `readOnlyHint` is false. Clients that look at one of the two decide \
     differently from those that look at the other.",
);
const CROWD: &Code = &Code::warning(
    "PC0510",
    "many-tokens",
    "the tools together take much of a model's context",
    "All descriptions and schemas are read in every conversation, beside those of all other plugins. Models choose worse \
     among many tools, and each token is paid for each time. Offer fewer tools, or shorten their schemas.",
);

/// What providers take; the strictest known stops here.
const CHARS_MAX: usize = 1_024;

/// Shorter ones say nothing that the name does not. Writing without spaces between words needs fewer characters.
const CHARS_MIN: usize = 10;
const CHARS_MIN_DENSE: usize = 4;

/// Tokens of one plugin's tools: a twentieth of what common models hold.
const TOKENS_MAX: usize = 10_000;

/// Bytes of JSON in one token, in the mean.
const BYTES_PER_TOKEN: usize = 4;

/// What stands where somebody was to write.
const PLACEHOLDERS: &[&str] = &[
    "todo",
    "fixme",
    "tbd",
    "xxx",
    "lorem ipsum",
    "placeholder",
    "description",
    "a description",
    "description here",
    "your description",
    "insert description",
    "add description",
    "add a description",
    "write a description",
    "fill in",
    "change me",
    "changeme",
    "example description",
    "n/a",
    "foo",
    "bar",
    "asdf",
    "test test",
    "does something",
    "describe what",
    "what it does",
    "a tool",
    "my tool",
    "tool description",
    "this is a tool",
    "a prompt",
    "my prompt",
];

/// Looks at the descriptions.
pub fn check(subject: &Subject, findings: &mut Findings) {
    if let Some(text) = subject
        .source
        .manifest
        .description
        .as_deref()
        .filter(|text| is_placeholder(text))
    {
        let message = format!("the description is {}", shown(text));
        findings.add(
            PLACEHOLDER,
            "plugin.json",
            message,
            "write what the plugin is for",
        );
    }
    let Some(listed) = &subject.listed else {
        return;
    };
    let lists = &listed.lists;
    for tool in &lists.tools {
        let within = format!("tool `{}`", tool.name);
        let names = [Some(tool.name.as_str()), tool.title.as_deref()];
        description(
            Severity::Warning,
            &within,
            tool.description.as_deref(),
            names,
            findings,
        );
        title(&within, tool.title.as_deref(), findings);
        hints(tool, &within, findings);
        undescribed(
            &within,
            &parameters_without_words(&tool.input_schema),
            findings,
        );
    }
    for prompt in &lists.prompts {
        let within = format!("prompt `{}`", prompt.name);
        let names = [Some(prompt.name.as_str()), prompt.title.as_deref()];
        description(
            Severity::Warning,
            &within,
            prompt.description.as_deref(),
            names,
            findings,
        );
        title(&within, prompt.title.as_deref(), findings);
        let silent = prompt
            .arguments
            .iter()
            .filter(|argument| is_blank(argument.description.as_deref()));
        undescribed(
            &within,
            &silent.map(|argument| &*argument.name).collect::<Vec<_>>(),
            findings,
        );
    }
    for resource in &lists.resources {
        let within = format!("resource {}", shown(&resource.uri));
        let names = [Some(&*resource.name), resource.title.as_deref()];
        description(
            Severity::Note,
            &within,
            resource.description.as_deref(),
            names,
            findings,
        );
    }
    for template in &lists.templates {
        let within = format!("template {}", shown(&template.uri_template));
        let names = [Some(&*template.name), template.title.as_deref()];
        description(
            Severity::Note,
            &within,
            template.description.as_deref(),
            names,
            findings,
        );
    }
    crowd(lists, findings);
}

/// One description. `when_missing` is how bad it is that there is none.
fn description(
    when_missing: Severity,
    within: &str,
    text: Option<&str>,
    names: [Option<&str>; 2],
    findings: &mut Findings,
) {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        findings.add_as(
            when_missing,
            MISSING,
            within,
            "it has no description",
            "say what it does and when to use it",
        );
        return;
    };
    let n_chars = text.chars().count();
    if is_placeholder(text) {
        let message = format!("the description is {}", shown(text));
        findings.add(PLACEHOLDER, within, message, "write what it does");
    } else if names
        .into_iter()
        .flatten()
        .any(|name| plain(name) == plain(text))
    {
        let message = format!("the description {} repeats the name", shown(text));
        findings.add(REPEATS, within, message, "say what the name does not");
    } else if n_chars
        < if text.is_ascii() {
            CHARS_MIN
        } else {
            CHARS_MIN_DENSE
        }
    {
        let message = format!("the description is {} alone", shown(text));
        findings.add(
            SHORT,
            within,
            message,
            "say what it does and when to use it",
        );
    } else if n_chars > CHARS_MAX {
        let message =
            format!("the description has {n_chars} characters, and some clients take {CHARS_MAX}");
        findings.add(
            LONG,
            within,
            message,
            "move details to the parameters or to a skill",
        );
    }
}

/// Letters and digits alone, in lower case.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_placeholder(text: &str) -> bool {
    // Enough to hold every placeholder.
    let begin: String = text
        .trim()
        .chars()
        .take(40)
        .collect::<String>()
        .to_lowercase();
    let begin = begin.trim_matches(|c: char| !c.is_alphanumeric());
    PLACEHOLDERS
        .iter()
        .any(|placeholder| match begin.strip_prefix(placeholder) {
            Some("") => true,
            // `TODO: write it`, and not `Todo lists of a person`.
            Some(rest) => {
                matches!(*placeholder, "todo" | "fixme" | "tbd" | "lorem ipsum")
                    && !rest.starts_with(|c: char| c.is_alphanumeric())
                    && (*placeholder == "lorem ipsum" || rest.starts_with([':', '(', '!', '.']))
            }
            None => false,
        })
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn title(within: &str, title: Option<&str>, findings: &mut Findings) {
    if is_blank(title) {
        findings.add(
            UNTITLED,
            within,
            "it has no title",
            "give it one, for people",
        );
    }
}

fn hints(tool: &Tool, within: &str, findings: &mut Findings) {
    let Some(hints) = tool.annotations else {
        findings.add(
            NO_HINTS,
            within,
            "it does not say whether it changes anything",
            "set `readOnlyHint` or `destructiveHint`",
        );
        return;
    };
    if hints.read_only_hint == Some(true) && hints.destructive_hint == Some(true) {
        let message = "`readOnlyHint` and `destructiveHint` are both true";
        findings.add(CONTRADICTS, within, message, "take one of the two away");
    }
}

fn undescribed(within: &str, names: &[&str], findings: &mut Findings) {
    /// Enough to see what is meant.
    const SHOWN_MAX: usize = 5;
    if names.is_empty() {
        return;
    }
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN_MAX)
        .map(|name| shown(name))
        .collect();
    let more = match names.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        n_more => format!(" and {n_more} more"),
    };
    let message = format!("no description says what {}{more} means", shown.join(", "));
    findings.add(PARAMETERS, within, message, "describe each parameter");
}

fn parameters_without_words(schema: &JsonObject) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let silent = properties
        .into_iter()
        .flatten()
        .filter(|(_, property)| !is_described(property, schema));
    silent.map(|(name, _)| &**name).collect()
}

/// Whether a property says what it means, itself or where it refers to.
fn is_described(property: &Value, root: &JsonObject) -> bool {
    let own = |schema: &Value| !is_blank(schema.get("description").and_then(Value::as_str));
    let referred = || {
        let path = property.get("$ref")?.as_str()?.strip_prefix("#/")?;
        let (first, rest) = path.split_once('/')?;
        root.get(first)?.pointer(&format!("/{rest}"))
    };
    own(property) || referred().is_some_and(own)
}

fn crowd(lists: &Lists, findings: &mut Findings) {
    let n_bytes = serde_json::to_vec(&lists.tools).map_or(0, |json| json.len());
    let n_tokens = n_bytes / BYTES_PER_TOKEN;
    if n_tokens > TOKENS_MAX {
        let message = format!(
            "{} tools take about {n_tokens} tokens of every conversation",
            lists.tools.len()
        );
        findings.add(
            CROWD,
            "tools",
            message,
            "offer fewer, or shorten their schemas",
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{
        assert_found, found, prompt, resource, subject, template, tool, tools,
    };
    use super::*;

    fn check_tool(with: Value, expected: &[&Code]) {
        let what = with.to_string();
        assert_found(
            &found(check, &subject(tools(vec![tool(with)]))),
            expected,
            &what,
        );
    }

    #[test]
    fn a_description_says_more_than_the_name() {
        let check = |description: Value, expected: &[&Code]| {
            check_tool(json!({"description": description}), expected)
        };
        check(json!("Finds books by title."), &[]);
        check(json!("Adds two numbers"), &[]);
        check(json!("查找书籍"), &[]);
        check(Value::Null, &[MISSING]);
        check(json!("  "), &[MISSING]);
        check(json!("Finds it"), &[SHORT]);
        check(json!("書"), &[SHORT]);
        check(json!("Find a book."), &[REPEATS]);
        check(json!("find"), &[REPEATS]);
        check(json!("x".repeat(1_024)), &[]);
        check(json!("x".repeat(1_025)), &[LONG]);
    }

    #[test]
    fn a_placeholder_is_told_from_words() {
        for text in [
            "TODO",
            "todo: describe",
            "Lorem ipsum dolor sit amet",
            "Description here.",
            "<your description>",
            "N/A",
            "FIXME!",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "Todo lists of a person",
            "Describes a book.",
            "A toolbox of things",
            "Foo fighters' songs",
            "Testing tools",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
        check_tool(json!({"description": "TODO"}), &[PLACEHOLDER]);
        let mut subject = subject(Lists::default());
        subject.source.manifest.description = Some("TODO".to_owned());
        assert_found(&found(check, &subject), &[PLACEHOLDER], "manifest");
    }

    #[test]
    fn a_parameter_says_what_it_means_itself_or_where_it_refers_to() {
        let check = |property: Value, expected: &[&Code]| {
            let schema = json!({"type": "object", "properties": {"a": property},
                "$defs": {"said": {"description": "It is said here."}, "silent": {"type": "string"}}});
            check_tool(json!({"inputSchema": schema}), expected);
        };
        check(json!({"type": "string", "description": "It is said."}), &[]);
        check(json!({"$ref": "#/$defs/said"}), &[]);
        check(json!({"$ref": "#/$defs/silent"}), &[PARAMETERS]);
        check(
            json!({"$ref": "#/$defs/silent", "description": "It is said."}),
            &[],
        );
        check(json!({"type": "string", "description": ""}), &[PARAMETERS]);
        check(json!(true), &[PARAMETERS]);
    }

    #[test]
    fn hints_and_titles_are_there_and_agree() {
        check_tool(json!({"title": null}), &[UNTITLED]);
        check_tool(json!({"annotations": null}), &[NO_HINTS]);
        check_tool(
            json!({"annotations": {"readOnlyHint": true, "destructiveHint": true}}),
            &[CONTRADICTS],
        );
        check_tool(
            json!({"annotations": {"readOnlyHint": false, "destructiveHint": true}}),
            &[],
        );
    }

    #[test]
    fn prompts_and_resources_say_what_they_are_as_well() {
        let with = |lists: Lists, expected: &[&Code]| {
            assert_found(&found(check, &subject(lists)), expected, "lists")
        };
        let prompts = |with: Value| Lists {
            prompts: vec![prompt(with)],
            ..Lists::default()
        };
        with(prompts(json!({})), &[]);
        with(prompts(json!({"description": null})), &[MISSING]);
        with(
            prompts(json!({"arguments": [{"name": "book", "required": true}]})),
            &[PARAMETERS],
        );
        let resources = |with: Value| Lists {
            resources: vec![resource(with.clone())],
            templates: vec![template(with)],
            ..Lists::default()
        };
        with(resources(json!({})), &[]);
        with(
            resources(json!({"description": "TODO"})),
            &[PLACEHOLDER, PLACEHOLDER],
        );
        let found = found(check, &subject(resources(json!({"description": null}))));
        assert_found(&found, &[MISSING, MISSING], "resources");
        assert!(
            found
                .iter()
                .all(|finding| finding.severity == Severity::Note)
        );
    }

    #[test]
    fn many_long_tools_are_told_of() {
        let crowd = |n: usize| {
            let tool = |n: usize| tool(json!({"name": format!("find_{n}")}));
            found(check, &subject(tools((0..n).map(tool).collect())))
        };
        assert_found(&crowd(20), &[], "20");
        assert_found(&crowd(200), &[CROWD], "200");
    }
}
