//! `portcullis lock`: what the plugins are, written down.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis lock`
#[derive(Debug, clap::Args)]
pub struct Lock {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Lock) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis lock` is not there yet"))
}
