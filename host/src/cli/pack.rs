//! `portcullis pack`: one self-contained component.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis pack`
#[derive(Debug, clap::Args)]
pub struct Pack {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &Pack) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis pack` is not there yet"))
}
