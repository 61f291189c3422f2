//! `portcullis man`: the manual, made from the definitions that clap reads the command line by.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Common;
use super::exit::{self, Exit, Problem};
use super::{output, render};

/// `portcullis man`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis man | man -l -                 read the first page
  portcullis man --page call | man -l -     read that of `portcullis call`
  portcullis man ~/.local/share/man/man1    write all of them, where `man portcullis` finds them")]
pub struct Man {
    /// Write one page for each subcommand into this folder, and replace those of another version
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print the page of this subcommand to standard output, instead of the first page
    #[arg(long, value_name = "COMMAND", conflicts_with = "dir")]
    pub page: Option<String>,
}

/// Prints one page, or writes all of them.
pub async fn run(_common: &Common, args: &Man) -> Result<Exit, Problem> {
    let command = built();
    if let Some(dir) = &args.dir {
        std::fs::create_dir_all(dir).map_err(|error| {
            Problem::broken(format!(
                "cannot make the folder `{}`: {error} (hint: name a place where you may write)",
                dir.display()
            ))
        })?;
        for command in all(&command) {
            let name = format!("{}.1", name_of(command));
            output::replace(&dir.join(&name), page(command)?.as_bytes())?;
        }
        tell(dir, all(&command).count())?;
        return Ok(Exit::Success);
    }
    let wanted = match &args.page {
        None => &command,
        Some(name) => command.find_subcommand(name).ok_or_else(|| {
            Problem::usage(format!(
                "there is no subcommand `{name}` (hint: `portcullis --help` shows them)"
            ))
        })?,
    };
    render::print(&page(wanted)?)?;
    Ok(Exit::Success)
}

fn tell(dir: &Path, n_pages: usize) -> Result<(), Problem> {
    render::print(&format!("{n_pages} pages are in {}\n", dir.display()))
}

/// The definitions with what clap adds to each subcommand, such as the options that all of them take.
fn built() -> Command {
    let mut command = super::command().disable_help_subcommand(true);
    command.build();
    command
}

/// The program and its subcommands.
fn all(command: &Command) -> impl Iterator<Item = &Command> {
    std::iter::once(command).chain(command.get_subcommands())
}

/// What a page is called: `portcullis-call`.
fn name_of(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

/// One page. clap's own renderer runs examples together, so they have a section of their own here.
fn page(command: &Command) -> Result<String, Problem> {
    let page = Page::new(command.clone())
        .title(name_of(command).to_uppercase())
        .source(concat!("portcullis ", env!("CARGO_PKG_VERSION")));
    let mut bytes = Vec::new();
    let rendered = page
        .render_title(&mut bytes)
        .and_then(|()| page.render_name_section(&mut bytes))
        .and_then(|()| page.render_synopsis_section(&mut bytes))
        .and_then(|()| page.render_description_section(&mut bytes))
        .and_then(|()| page.render_options_section(&mut bytes))
        .and_then(|()| match command.has_subcommands() {
            true => page.render_subcommands_section(&mut bytes),
            false => Ok(()),
        });
    rendered.map_err(|error| Problem::failure(format!("cannot make a page: {error}")))?;
    let mut roff = Roff::new();
    if let Some(help) = command.get_after_help() {
        after_help(&mut roff, &help.to_string());
    }
    exit_status(&mut roff);
    Ok(String::from_utf8_lossy(&bytes).into_owned() + &roff.to_roff())
}

/// What stands under the options: paragraphs as they are, and examples line by line. Exit codes have their own section.
fn after_help(roff: &mut Roff, help: &str) {
    let own = help.split(exit::HELP).next().unwrap_or_default();
    let mut is_verbatim = false;
    for line in own.lines() {
        match line.strip_suffix(':') {
            Some(title) if !line.starts_with(' ') => {
                if std::mem::replace(&mut is_verbatim, true) {
                    roff.control("fi", []);
                }
                roff.control("SH", [title.to_uppercase().as_str()]);
                roff.control("nf", []);
            }
            _ => {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
        }
    }
    if is_verbatim {
        roff.control("fi", []);
    }
}

fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (code, words) in exit::codes() {
        roff.control("TP", []);
        roff.text([bold(code.to_string())]);
        roff.text([roman(words)]);
    }
}
