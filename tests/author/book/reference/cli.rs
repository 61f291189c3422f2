//! `cli.md` and `exit-codes.md`, from the definitions that clap reads the command line by.

use clap::{Arg, Command};

use super::{check, prose};

/// The program with what clap adds to each subcommand.
fn built() -> Command {
    let mut command = portcullis::cli::command().disable_help_subcommand(true);
    command.build();
    command
}

/// How a person writes an argument.
fn written(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let takes_value = arg.get_action().takes_values();
    let mut values: String = names
        .iter()
        .filter(|_| takes_value)
        .map(|name| format!(" <{name}>"))
        .collect();
    if arg.is_positional() {
        let open = values.trim().to_owned();
        return match arg.is_required_set() {
            true => open,
            false => open.replace('<', "[").replace('>', "]"),
        };
    }
    if arg.get_num_args().is_some_and(|n| n.min_values() == 0) && takes_value {
        values = values.replace('<', "[").replace('>', "]");
    }
    // Behind a space it would be the next argument.
    if arg.is_require_equals_set() {
        values = values.replace(" [", "[=");
    }
    let short = arg.get_short().map(|short| format!("-{short}, "));
    let long = arg.get_long().unwrap_or_default();
    format!("{}--{long}{values}", short.unwrap_or_default())
}

fn item(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("- `{}`: {}", written(arg), prose(&help));
    let possible: Vec<_> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !possible.is_empty() {
        text.push_str(&format!(". One of {}", possible.join(", ")));
    }
    let defaults = arg.get_default_values();
    let defaults: Vec<_> = defaults
        .iter()
        .map(|value| value.to_string_lossy())
        .collect();
    if arg.get_action().takes_values() && !defaults.is_empty() {
        text.push_str(&format!(". Default: `{}`", defaults.join(" ")));
    }
    text.push('\n');
    text
}

fn is_of_all(arg: &Arg) -> bool {
    arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str())
}

fn section(command: &Command, name: &str) -> String {
    let about = command.get_about().map(ToString::to_string);
    let mut text = format!("## {name}\n\n{}.\n\n", prose(&about.unwrap_or_default()));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    text.push_str(&format!("```text\n{usage}\n```\n\n"));
    let own = command
        .get_arguments()
        .filter(|arg| !is_of_all(arg) && !arg.is_hide_set());
    let items: String = own.map(item).collect();
    if !items.is_empty() {
        text.push_str(&format!("{items}\n"));
    }
    if let Some(help) = command.get_after_help() {
        text.push_str(&format!("```text\n{}\n```\n\n", help.to_string().trim()));
    }
    text
}

#[test]
fn the_reference_of_the_command_line_is_what_clap_reads() {
    let command = built();
    let mut text = String::from(
        "Without a subcommand the program serves when a client is on standard input, and explains itself on a terminal.\n\n\
         ## What every subcommand takes\n\n",
    );
    for arg in command.get_arguments().filter(|arg| is_of_all(arg)) {
        text.push_str(&item(arg));
    }
    text.push('\n');
    for subcommand in command.get_subcommands() {
        let name = format!("portcullis {}", subcommand.get_name());
        text.push_str(&section(subcommand, &name));
    }
    check("cli.md", "The command line", &text);
}

#[test]
fn the_exit_codes_of_the_reference_are_those_of_the_program() {
    let codes = portcullis::cli::exit_codes();
    assert!(codes.len() >= 6, "{codes:?}");
    let rows: String = codes
        .into_iter()
        .map(|(code, words)| format!("| {code} | {} |\n", super::cell(&words)))
        .collect();
    let text = format!("| code | what it says |\n|---|---|\n{rows}");
    check("exit-codes.md", "Exit codes", &text);
}

#[test]
fn every_subcommand_shows_examples_and_every_option_has_a_sentence() {
    let command = built();
    let mut lacking = Vec::new();
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        let help = subcommand
            .get_after_long_help()
            .or(subcommand.get_after_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let shown = format!("\n  portcullis {name}");
        // `portcullis --plugin x.wasm bench` shows it as well.
        let shows = help
            .lines()
            .any(|line| line.contains("portcullis ") && line.contains(name));
        if !help.contains("Examples:") || !(help.contains(&shown) || shows) {
            lacking.push(format!("`{name}` shows no examples"));
        }
        for arg in subcommand.get_arguments() {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            if help.trim().is_empty() {
                lacking.push(format!("`{name}` says nothing of `{}`", arg.get_id()));
            }
        }
    }
    assert!(lacking.is_empty(), "\n{}", lacking.join("\n"));
}
