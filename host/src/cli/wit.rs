//! `portcullis wit`: the contract as files.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis wit`
#[derive(Debug, clap::Args)]
pub struct Wit {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Wit) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis wit` is not there yet"))
}
