//! `portcullis dev`: a plugin served while it is written.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis dev`
#[derive(Debug, clap::Args)]
pub struct Dev {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Dev) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis dev` is not there yet"))
}
