//! `portcullis build`: a plugin's component from its source.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis build`
#[derive(Debug, clap::Args)]
pub struct Build {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Build) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis build` is not there yet"))
}
