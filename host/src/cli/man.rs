//! `portcullis man`: the manual.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis man`
#[derive(Debug, clap::Args)]
pub struct Man {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Man) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis man` is not there yet"))
}
