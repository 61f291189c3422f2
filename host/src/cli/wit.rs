//! `portcullis wit`: the contract as files.

use std::path::PathBuf;

use super::args::Common;
use super::build::broken;
use super::exit::{Exit, Problem};
use super::render;
use crate::project::write_contract;

/// `portcullis wit`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis wit            wit/deps/portcullis-plugin/*.wit and what they need
  portcullis wit my/wit     the same below another folder

A world of your own lies in the folder itself, such as wit/world.wit, and finds the contract below `deps`. Files of the same
names are brought up to date; others stay as they are. `portcullis build` does not need this: it brings the contract along.")]
pub struct Wit {
    /// The folder of your world
    #[arg(default_value = "wit")]
    pub dir: PathBuf,
}

/// Writes the contract, and says where.
pub async fn run(_common: &Common, args: &Wit) -> Result<Exit, Problem> {
    let written = write_contract(&args.dir).map_err(broken)?;
    let lines = written.iter().map(|path| format!("{}\n", path.display()));
    render::print(&lines.collect::<String>())?;
    Ok(Exit::Success)
}
