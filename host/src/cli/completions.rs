//! `portcullis completions`: what a shell completes, made from the definitions that clap reads the command line by.

use clap_complete::Shell;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::render;

/// `portcullis completions`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis completions bash > ~/.local/share/bash-completion/completions/portcullis
  portcullis completions zsh > ~/.zfunc/_portcullis          with `fpath+=~/.zfunc` in .zshrc
  portcullis completions fish > ~/.config/fish/completions/portcullis.fish
  portcullis completions powershell >> $PROFILE")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints the shell's script to standard output.
pub async fn run(_common: &Common, args: &Completions) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "portcullis", &mut script);
    render::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
