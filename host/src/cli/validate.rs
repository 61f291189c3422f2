//! `portcullis validate`: whether components are fit to ship.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis validate`
#[derive(Debug, clap::Args)]
pub struct Validate {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Validate) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis validate` is not there yet"))
}
