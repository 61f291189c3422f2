//! `portcullis bench`: what a tool costs.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis bench`
#[derive(Debug, clap::Args)]
pub struct Bench {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Bench) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis bench` is not there yet"))
}
