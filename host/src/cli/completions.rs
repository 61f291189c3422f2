//! `portcullis completions`: what a shell completes.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis completions`
#[derive(Debug, clap::Args)]
pub struct Completions {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Completions) -> Result<Exit, Problem> {
    Err(Problem::failure(
        "`portcullis completions` is not there yet",
    ))
}
