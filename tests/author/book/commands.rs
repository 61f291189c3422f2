//! Every `portcullis …` that a page or a `--help` shows, read as the program reads its command line. So a page that shows an option
//! or a subcommand that is gone fails here, whether or not another test runs its commands.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::pages::{blocks, pages};

mod shell;

/// What the program says to a command line; nothing when it would begin to work.
fn refusal(words: &[String]) -> Option<clap::Error> {
    let command = portcullis::cli::command();
    command.try_get_matches_from(words).err()
}

/// The lines of the blocks in which commands are shown. What a console printed is not one of them.
fn shown(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (language, block) in blocks(page) {
        let block = block.replace("\\\n", " ");
        found.extend(block.lines().filter_map(|line| match language {
            "console" => line.trim_start().strip_prefix("$ ").map(str::to_owned),
            "sh" | "bash" | "yaml" => Some(line.to_owned()),
            _ => None,
        }));
    }
    found
}

/// What stands between backticks in the prose and the tables.
fn mentioned(page: &str) -> Vec<String> {
    let mut prose = String::new();
    let mut in_block = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    // A paragraph at a time, so that one odd backtick does not turn the rest of the page inside out.
    let spans = prose.split("\n\n").flat_map(|paragraph| {
        let spans = paragraph.split('`').skip(1).step_by(2);
        spans.map(|span| span.replace('\n', " "))
    });
    spans.collect()
}

#[test]
fn every_command_that_a_page_shows_is_one_the_program_takes() {
    let mut n_commands = 0;
    let mut wrong = Vec::new();
    for (path, page) in pages() {
        for words in shown(&page).iter().flat_map(|line| shell::commands(line)) {
            n_commands += 1;
            if let Some(error) = refusal(&words) {
                wrong.push(format!("{path}: {}: {error}", words.join(" ")));
            }
        }
    }
    assert!(n_commands >= 40, "{n_commands} commands were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether a command only lacks something: a mention may, as "`portcullis explain` says why" does.
fn is_short(error: &clap::Error) -> bool {
    let no_value = Some(&ContextValue::String(String::new()));
    match error.kind() {
        ErrorKind::MissingRequiredArgument => true,
        ErrorKind::InvalidValue => error.get(ContextKind::InvalidValue) == no_value,
        _ => false,
    }
}

#[test]
fn every_command_that_a_page_mentions_is_one_the_program_takes() {
    let mut n_commands = 0;
    let mut wrong = Vec::new();
    for (path, page) in pages() {
        let mentioned = mentioned(&page);
        for words in mentioned.iter().flat_map(|span| shell::commands(span)) {
            n_commands += 1;
            if let Some(error) = refusal(&words).filter(|error| !is_short(error)) {
                wrong.push(format!("{path}: {}: {error}", words.join(" ")));
            }
        }
    }
    assert!(n_commands >= 40, "{n_commands} commands were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_example_of_help_is_a_command_the_program_takes() {
    let program = portcullis::cli::command();
    let mut wrong = Vec::new();
    for command in program.get_subcommands().chain([&program]) {
        let name = command.get_name();
        let help = command
            .get_after_long_help()
            .or_else(|| command.get_after_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_default();
        let lines = examples.lines().take_while(|line| line.starts_with("  "));
        let examples: Vec<_> = lines.flat_map(shell::commands).collect();
        if examples.is_empty() {
            wrong.push(format!("`{name}` shows no examples"));
        }
        for words in examples {
            if let Some(error) = refusal(&words) {
                wrong.push(format!("help of {name}: {}: {error}", words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_command_that_is_gone_and_an_option_that_was_renamed_are_noticed() {
    let refused = |line: &str| {
        let commands = shell::commands(line);
        let [words] = &commands[..] else {
            panic!("{commands:?}")
        };
        refusal(words).is_some()
    };
    assert!(!refused("portcullis validate . --deny warnings"));
    assert!(refused("portcullis validate . --forbid warnings"));
    assert!(refused("portcullis judge ."));
    assert!(refused("portcullis explain"), "an argument is missing");
    let short = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
        refusal(&words).is_some_and(|error| is_short(&error))
    };
    assert!(short(&["portcullis", "explain"]));
    assert!(short(&["portcullis", "explain", "--attempt"]));
    assert!(!short(&["portcullis", "explain", "--attempts"]));
    assert!(!short(&["portcullis", "new", "a", "--lang", "cobol"]));
}

#[test]
fn commands_are_found_in_blocks_of_shells_and_mentions_in_prose() {
    let page = "Use `portcullis list` or `portcullis\ncall`.\n\n```console\n$ portcullis list\nportcullis 0.1.0\n```\n\
                ```sh\nportcullis call x \\\n  '{}'\n```\n```text\nportcullis nothing\n```\n";
    assert_eq!(mentioned(page), ["portcullis list", "portcullis call"]);
    assert_eq!(
        shown(page),
        ["portcullis list", "portcullis call x    '{}'"]
    );
}
