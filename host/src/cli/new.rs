//! `portcullis new`: a folder that builds and passes its own tests.

use super::args::Common;
use super::exit::{Exit, Problem};

/// `portcullis new`
#[derive(Debug, clap::Args)]
pub struct New {}

/// Not there yet.
pub async fn run(_common: &Common, _args: &New) -> Result<Exit, Problem> {
    Err(Problem::failure("`portcullis new` is not there yet"))
}
