//! The command line as clap reads it, and as `--help` shows it.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::bench::Bench;
use super::build::Build;
use super::completions::Completions;
use super::dev::Dev;
use super::exit;
use super::lock::Lock;
use super::man::Man;
use super::new::New;
use super::pack::Pack;
use super::test::Test;
use super::validate::Validate;
use super::wit::Wit;

const EXAMPLES: &str = "\
Examples:
  portcullis call add '{\"a\": 2, \"b\": 3}'      call a shipped tool
  portcullis list                             what is there
  portcullis --plugin ./weather.wasm list     the same with one more plugin
  portcullis explain fetch                    what a plugin may do, and what would let it do more
  portcullis doctor                           what is unsafe about the set-up
  portcullis serve                            serve all of it to an MCP client over stdio
  portcullis serve --http                     the same to many clients over HTTP";

/// Serves MCP plugins, each in a WebAssembly sandbox that starts with nothing.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, after_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub struct Args {
    /// What every subcommand takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do. Without one: `serve` when a client is on standard input, and an explanation on a terminal.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every subcommand takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// The configuration file [default: ./portcullis.toml, then the one in your configuration directory, then none]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One more plugin: a component, or a folder with a component and its plugin.json. May be repeated
    #[arg(long = "plugin", global = true, value_name = "PATH")]
    pub plugins: Vec<PathBuf>,
    /// Say more on standard error: -v what plugins print, log and use, -vv what the host does
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve all plugins as one MCP server, over standard input and output or over HTTP
    Serve(Serve),
    /// Show the plugins and what they offer
    List(List),
    /// Call one tool and print its answer
    Call(Call),
    /// Show what a plugin is, what it can do and what it asks for, without running it
    Inspect(Inspect),
    /// Show what a plugin may do and may not, and which lines would change that; or what a problem's code means
    Explain(Explain),
    /// Show what this host is made of, where its files are, and what is unsafe about the set-up
    Doctor(Doctor),
    /// Make a token for a client over HTTP, and show the lines of the configuration that let it in
    Token(Token),
    /// Make a new plugin: a folder that builds and passes its own tests
    New(New),
    /// Build a plugin from its source
    Build(Build),
    /// Build, serve and watch a plugin, and swap it on each change
    Dev(Dev),
    /// Run a plugin's tests in the sandbox
    Test(Test),
    /// Say whether components are fit to ship
    Validate(Validate),
    /// Pack a plugin into one file
    Pack(Pack),
    /// Measure a tool over many calls
    Bench(Bench),
    /// Write down what the plugins are, in portcullis.lock
    Lock(Lock),
    /// Write the contract, for languages that build against it
    Wit(Wit),
    /// Print a shell's completions
    Completions(Completions),
    /// Write the man pages
    Man(Man),
}

/// `portcullis serve`
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis serve                          one client, over standard input and output
  portcullis serve --http                   many clients at http://127.0.0.1:8087/mcp
  portcullis serve --http 127.0.0.1:9000    the same at another port")]
pub struct Serve {
    /// Serve over HTTP alone, at this address [default: `http.listen` of the configuration, then 127.0.0.1:8087]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "")]
    pub http: Option<String>,
}

/// `portcullis token`
#[derive(Debug, clap::Args)]
pub struct Token {
    /// Whose token it is, as plugins are told
    #[arg(default_value = "me")]
    pub name: String,
}

/// `portcullis list`
#[derive(Debug, clap::Args)]
pub struct List {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `portcullis call`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis call calculator__divide '{\"a\": 1, \"b\": 3}'
  echo '{\"input\": \"abc\"}' | portcullis call sha256 -
  portcullis call current_time --json
  portcullis call current_time --usage")]
pub struct Call {
    /// The tool's name, with or without its plugin's prefix
    pub tool: String,
    /// A JSON object; `-` reads it from standard input
    #[arg(default_value = "{}", value_name = "JSON")]
    pub arguments: String,
    /// Print the raw MCP result
    #[arg(long)]
    pub json: bool,
    /// Refuse everything the plugin tries, and print the permissions it would have to ask for
    #[arg(long, conflicts_with = "json")]
    pub learn: bool,
    /// Say on standard error what the call used: fuel, time, processor time, memory
    #[arg(long)]
    pub usage: bool,
}

/// `portcullis inspect`
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// A component, a folder with one, or the name of a plugin that is installed
    pub plugin: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `portcullis explain`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis explain fetch
  portcullis explain fetch --attempt 'GET https://example.com/'
  portcullis explain files --attempt 'storage directories'
  portcullis explain PC0702                 what a problem that `validate` found means
  portcullis explain PC                     all of them")]
pub struct Explain {
    /// A component, a folder with one, the name of a plugin that is installed, or the code of a problem
    pub plugin: String,
    /// What the plugin tries: `GET https://example.com/`, `storage user-data`, `env:LANG`, `clock`
    #[arg(long, value_name = "ATTEMPT")]
    pub attempt: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `portcullis doctor`
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
