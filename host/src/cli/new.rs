//! `portcullis new`: a folder that builds and passes its own tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;

use super::args::Common;
use super::build::broken;
use super::exit::{Exit, Problem};
use super::render;
use super::style::{FAINT, GOOD};
use crate::names::PluginName;
use crate::project::{Kind, Language, NewProject, is_a_crate_name, sdk_at, sdk_of_this_build};

/// The scheme of URIs that the host answers for: a plugin's own, in its template, is its name.
const HOSTS_SCHEME: &str = "skill";

/// `portcullis new`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis new greeter                              a Rust plugin with a tool, in ./greeter
  portcullis new web-search --lang python             the same in Python
  portcullis new phrases --lang javascript --kind full
  portcullis new notes --kind resource --dir plugins/notes")]
pub struct New {
    /// What the plugin is called: lower-case letters, digits and hyphens, such as `web-search`
    pub name: String,
    /// What it is written in
    #[arg(long, value_enum, default_value = "rust", value_name = "LANGUAGE")]
    pub lang: Lang,
    /// What it offers
    #[arg(long, value_enum, default_value = "tool")]
    pub kind: Offer,
    /// The folder to make [default: one called as the plugin, in the current one]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// For Rust: the folder of the SDK on this computer, in place of the one on crates.io
    #[arg(long, value_name = "PATH")]
    pub sdk: Option<PathBuf>,
}

/// A language, as the command line has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Lang {
    /// With cargo
    Rust,
    /// With componentize-py
    Python,
    /// With jco
    #[value(alias = "js")]
    Javascript,
}

/// A kind, as the command line has it.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Offer {
    /// Two tools
    Tool,
    /// A resource and a template
    Resource,
    /// A prompt with completion
    Prompt,
    /// All of it, with a setting, progress and log lines
    Full,
}

/// Makes the folder, and says what to do next.
pub async fn run(_common: &Common, args: &New) -> Result<Exit, Problem> {
    let new = plan(args)?;
    let files = new.make().map_err(broken)?;
    let mut text = format!(
        "{GOOD}made{GOOD:#} `{}`, a plugin in {}: {} files\n",
        new.dir.display(),
        new.language.title(),
        files.len()
    );
    if new.language == Language::Rust {
        text.push_str(&format!("{FAINT}{}{FAINT:#}\n", whence(new.sdk.as_deref())));
    }
    let dir = quoted(&new.dir);
    text.push_str(&format!(
        "\nNext:\n  cd {dir}\n  portcullis test\n  portcullis dev\n"
    ));
    render::print_styled(&text)?;
    Ok(Exit::Success)
}

fn plan(args: &New) -> Result<NewProject, Problem> {
    let language = match args.lang {
        Lang::Rust => Language::Rust,
        Lang::Python => Language::Python,
        Lang::Javascript => Language::JavaScript,
    };
    let name = name(&args.name, language)?;
    let kind = match args.kind {
        Offer::Tool => Kind::Tool,
        Offer::Resource => Kind::Resource,
        Offer::Prompt => Kind::Prompt,
        Offer::Full => Kind::Full,
    };
    if kind.has_resources() && name.as_str() == HOSTS_SCHEME {
        return Err(Problem::usage(format!(
            "`{name}` cannot be the name of a plugin with resources: their URIs would begin with `{name}://`, for which the host \
             answers itself (hint: `portcullis new my-{name}`)"
        )));
    }
    let sdk = match (&args.sdk, language) {
        (None, Language::Rust) => sdk_of_this_build(),
        (Some(path), Language::Rust) => Some(sdk_at(path).map_err(broken)?),
        (None, _) => None,
        (Some(_), _) => {
            return Err(Problem::usage(
                "`--sdk` is for plugins in Rust (hint: leave it out)",
            ));
        }
    };
    let dir = args.dir.clone().unwrap_or_else(|| name.as_str().into());
    Ok(NewProject {
        author: author().unwrap_or_else(|| format!("The {name} authors")),
        kind,
        name,
        language,
        dir,
        sdk,
    })
}

/// The plugin's name, or why it cannot be one, with the nearest that can.
fn name(wished: &str, language: Language) -> Result<PluginName, Problem> {
    let name: PluginName = wished.parse().map_err(|_| {
        let stem = Path::new(wished).file_name().unwrap_or_default();
        let nearest = PluginName::from_file_stem(&stem.to_string_lossy());
        let rules = "a plugin's name is lower-case letters, digits and hyphens, begins with a letter, does not end with a \
                     hyphen and has at most 40 characters";
        let hint = match nearest {
            Ok(nearest) if wished.contains('/') => {
                format!("`portcullis new {nearest} --dir {}`", quoted(Path::new(wished)))
            }
            Ok(nearest) => format!("`portcullis new {nearest}`"),
            Err(_) => "for example `portcullis new web-search`".to_owned(),
        };
        Problem::usage(format!("{wished:?} cannot be a plugin's name: {rules} (hint: {hint})"))
    })?;
    if language == Language::Rust && !is_a_crate_name(&name) {
        return Err(Problem::usage(format!(
            "`{name}` cannot be the name of a crate: Rust has a meaning for it already (hint: `portcullis new my-{name}`)"
        )));
    }
    Ok(name)
}

/// Where the SDK comes from.
fn whence(sdk: Option<&Path>) -> String {
    match sdk {
        Some(sdk) => format!(
            "the SDK is the one in `{}`: .cargo/config.toml says so, for this computer alone\n\
             a CI run elsewhere takes it from crates.io, and so needs the SDK to be published there",
            sdk.display()
        ),
        None => "the SDK comes from crates.io; `--sdk` names one on this computer".to_owned(),
    }
}

/// Who makes it, as git knows them.
fn author() -> Option<String> {
    let git = Command::new("git")
        .args(["config", "user.name"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let name = String::from_utf8(git.stdout).ok()?;
    let name = name.trim();
    (git.status.success() && !name.is_empty()).then(|| name.to_owned())
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    match path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
