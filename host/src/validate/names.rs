//! What tools, prompts and their parameters are called. That a name is one at all, the loader has seen to.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{Code, Findings, Subject};
use crate::contract::Lists;
use crate::names::{LocalName, Prefix, PublicName, shown};

/// All kinds of problems this file finds.
pub const CODES: &[Code] = &[
    *LONG,
    *ALIKE,
    *TOOL_AND_PROMPT,
    *OTHER_PREFIX,
    *WELL_KNOWN,
    *PARAMETER,
];

const LONG: &Code = &Code::warning(
    "PC0402",
    "long-name",
    "a name with its plugin's prefix is close to what clients take",
    "Clients put a prefix of their own before `<plugin>__<tool>`, such as `mcp__<server>__`, and some stop at 60 or 64 \
     characters for the whole. Up to 40 characters there is room for that. Shorten the tool's name or the plugin's.",
);
const ALIKE: &Code = &Code::warning(
    "PC0404",
    "names-alike",
    "two names differ only in capitals, separators or characters that look alike",
    "A model that has to choose between `getUser` and `get_user` chooses wrong now and then, and a person who is asked \
     to approve a call cannot tell `list_1` from `list_l`. Give the two names that say how they differ.",
);
const TOOL_AND_PROMPT: &Code = &Code::warning(
    "PC0405",
    "tool-and-prompt-of-one-name",
    "a tool and a prompt have one name",
    "Clients show tools and prompts in one list of commands, and people cannot tell which one they get. Rename one.",
);
const OTHER_PREFIX: &Code = &Code::warning(
    "PC0406",
    "name-with-prefix",
    "a name has the form `<plugin>__<tool>` itself",
    "`__` stands between a plugin's name and its tool's. Where an operator takes the prefix away, a tool that is called \
     `files__read` looks like the tool `read` of the plugin `files`. Use one `_`, and leave the plugin's name out.",
);
const WELL_KNOWN: &Code = &Code::note(
    "PC0407",
    "well-known-name",
    "a name is one that clients use for tools of their own",
    "Coding assistants bring tools such as `bash` and `read_file`. Where an operator takes the plugin's prefix away, a \
     model may call this one and mean the other. Another name, or the prefix, keeps them apart.",
);
const PARAMETER: &Code = &Code::warning(
    "PC0408",
    "parameter-name",
    "a parameter has a name that clients refuse",
    "Model providers take parameters of at most 64 letters, digits, `_`, `-` and `.`, and refuse the whole request with \
     all its tools when one is called otherwise. The parameters of a prompt are filled in by name and must be unique.",
);

/// What coding assistants call their own tools.
const TOOLS_OF_CLIENTS: &[&str] = &[
    "apply_patch",
    "bash",
    "browser",
    "code_interpreter",
    "computer",
    "edit_file",
    "execute_command",
    "exec_command",
    "file_search",
    "grep_search",
    "python",
    "read_file",
    "run_command",
    "run_in_terminal",
    "run_terminal_cmd",
    "shell",
    "str_replace_based_edit_tool",
    "str_replace_editor",
    "terminal",
    "text_editor",
    "web_fetch",
    "web_search",
    "write_file",
];

/// Looks at the names.
pub fn check(subject: &Subject, findings: &mut Findings) {
    let Some(listed) = &subject.listed else {
        return;
    };
    let lists = &listed.lists;
    let prefix = Prefix::of(&subject.source.identity.name);
    kind("tool", &prefix, &tool_names(lists), findings);
    kind("prompt", &prefix, &prompt_names(lists), findings);
    tools_and_prompts(lists, findings);
    parameters(lists, findings);
}

fn tool_names(lists: &Lists) -> Vec<&LocalName> {
    lists.tools.iter().map(|tool| &tool.name).collect()
}

fn prompt_names(lists: &Lists) -> Vec<&LocalName> {
    lists.prompts.iter().map(|prompt| &prompt.name).collect()
}

/// The names of one kind of thing.
fn kind(kind: &str, prefix: &Prefix, names: &[&LocalName], findings: &mut Findings) {
    let mut alike: BTreeMap<String, &LocalName> = BTreeMap::new();
    for name in names {
        let within = format!("{kind} `{name}`");
        // A name that is too long, or there twice, keeps the plugin from being put into service, and is told of there.
        if let Ok(public) = PublicName::new(prefix, name)
            && public.is_long()
        {
            let message = format!(
                "`{public}` has {} characters, and clients add a prefix of their own",
                public.as_str().len()
            );
            findings.add(LONG, &within, message, "keep it to 40");
        }
        let other = alike.insert(skeleton(name.as_str()), name);
        if let Some(other) = other.filter(|other| other != name) {
            let message = format!("its name looks like that of {kind} `{other}`");
            findings.add(
                ALIKE,
                &within,
                message,
                "let the names say how the two differ",
            );
        }
        if name.as_str().contains("__") {
            let message = format!("`{name}` looks like a tool of another plugin");
            findings.add(OTHER_PREFIX, &within, message, "use one `_` between words");
        }
        let plain = name.as_str().to_ascii_lowercase().replace('-', "_");
        if kind == "tool" && TOOLS_OF_CLIENTS.contains(&&*plain) {
            let message = format!("clients have tools of their own that are called `{name}`");
            findings.add(
                WELL_KNOWN,
                &within,
                message,
                "say in the name what this one is about",
            );
        }
    }
}

/// What is left of a name for somebody who reads it fast.
fn skeleton(name: &str) -> String {
    let alike = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-'))
        .map(|c| match c {
            'I' | '1' => 'l',
            '0' => 'o',
            c => c.to_ascii_lowercase(),
        });
    alike
        .collect::<String>()
        .replace("rn", "m")
        .replace("vv", "w")
}

fn tools_and_prompts(lists: &Lists, findings: &mut Findings) {
    let tools: HashSet<_> = tool_names(lists).into_iter().collect();
    for name in prompt_names(lists)
        .into_iter()
        .filter(|name| tools.contains(name))
    {
        let message = format!("a tool is called `{name}` as well");
        findings.add(
            TOOL_AND_PROMPT,
            format!("prompt `{name}`"),
            message,
            "rename one of the two",
        );
    }
}

fn parameters(lists: &Lists, findings: &mut Findings) {
    const HINT: &str = "use at most 64 letters, digits, `_`, `-` and `.`";
    for tool in &lists.tools {
        let names = tool
            .input_schema
            .get("properties")
            .and_then(Value::as_object);
        for name in names.into_iter().flatten().map(|(name, _)| name) {
            if !is_parameter(name) {
                let message = format!("clients refuse the parameter {}", shown(name));
                findings.add(PARAMETER, format!("tool `{}`", tool.name), message, HINT);
            }
        }
    }
    for prompt in &lists.prompts {
        let within = || format!("prompt `{}`", prompt.name);
        let mut seen = HashSet::new();
        for argument in &prompt.arguments {
            if !is_parameter(&argument.name) {
                let message = format!("clients refuse the parameter {}", shown(&argument.name));
                findings.add(PARAMETER, within(), message, HINT);
            } else if !seen.insert(&argument.name) {
                let message = format!("it has two parameters {}", shown(&argument.name));
                findings.add(PARAMETER, within(), message, "rename one of the two");
            }
        }
    }
}

fn is_parameter(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{assert_found, found, prompt, subject, tool, tools};
    use super::*;

    fn named(names: &[&str]) -> Lists {
        tools(
            names
                .iter()
                .map(|name| tool(json!({"name": name})))
                .collect(),
        )
    }

    #[test]
    fn names_are_short_single_and_told_apart() {
        let check = |names: &[&str], expected: &[&Code]| {
            let found = found(super::check, &subject(named(names)));
            assert_found(&found, expected, &format!("{names:?}"));
        };
        let of_length = |n: usize| "n".repeat(n - "library__".len());
        check(&["find", "lend", "give_back"], &[]);
        check(&[&of_length(40)], &[]);
        check(&[&of_length(41)], &[LONG]);
        check(&[&of_length(60)], &[LONG]);
        check(&["find", "find"], &[]);
        check(&["findPage", "find_page"], &[ALIKE]);
        check(&["list_1", "list_l"], &[ALIKE]);
        check(&["list_1", "list_2"], &[]);
        check(&["turn", "tum"], &[ALIKE]);
        check(&["files__read"], &[OTHER_PREFIX]);
        check(&["files_read"], &[]);
        check(&["read_file"], &[WELL_KNOWN]);
        check(&["read_book"], &[]);
    }

    #[test]
    fn a_tool_and_a_prompt_have_names_of_their_own() {
        let with = |name: &str| Lists {
            prompts: vec![prompt(json!({"name": name}))],
            ..named(&["find"])
        };
        assert_found(
            &found(check, &subject(with("find"))),
            &[TOOL_AND_PROMPT],
            "find",
        );
        assert_found(&found(check, &subject(with("review"))), &[], "review");
    }

    #[test]
    fn a_parameter_has_a_name_that_clients_take() {
        let check = |name: &str, expected: &[&Code]| {
            let taking = tool(
                json!({"inputSchema": {"type": "object", "properties": {name: {"type": "string"}}}}),
            );
            let with = Lists {
                prompts: vec![prompt(
                    json!({"arguments": [{"name": name, "required": false}]}),
                )],
                ..tools(vec![taking])
            };
            assert_found(&found(super::check, &subject(with)), expected, name);
        };
        check("book.title-2_x", &[]);
        check(&"a".repeat(64), &[]);
        for refused in [
            "",
            "two words",
            "naïve",
            "a\u{200b}b",
            "$id",
            &"a".repeat(65),
        ] {
            check(refused, &[PARAMETER, PARAMETER]);
        }
        let twice = json!({"name": "a", "required": true});
        let lists = Lists {
            prompts: vec![prompt(json!({"arguments": [twice.clone(), twice]}))],
            ..Lists::default()
        };
        assert_found(&found(super::check, &subject(lists)), &[PARAMETER], "twice");
    }
}
