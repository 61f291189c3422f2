//! `portcullis test`: the cases beside a plugin.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis test`
#[derive(Debug, clap::Args)]
pub struct Test {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Test) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis test` is not there yet"))
}
