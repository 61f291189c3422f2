//! Telling what came of a run, in the form that was asked for.

use std::path::Path;

use super::args::{Format, Test};
use super::human;
use crate::cli::args::Common;
use crate::cli::exit::Problem;
use crate::trial::{Report, junit, write_whole};

/// Writes a report to a file.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Problem> {
    write_whole(file, text.as_bytes()).map_err(|error| {
        Problem::broken(format!(
            "cannot write `{}`: {error} (hint: name a file in a folder you may write to)",
            file.display()
        ))
    })
}

/// Tells people, and writes the report where it was asked for.
pub(super) fn tell(common: &Common, args: &Test, report: &Report) -> Result<(), Problem> {
    let for_programs = match args.format {
        Format::Human => None,
        Format::Json => Some(format!("{:#}\n", report.json())),
        Format::Junit => Some(junit(report).map_err(Problem::failure)?),
    };
    let for_people = || {
        // A list of what is missing is not asked for by those who demand that nothing is.
        let lists_coverage = args.coverage || args.covers_too_little(&report.coverage);
        human::report(report, lists_coverage, common.verbose > 0)
    };
    if let Some(file) = &args.output {
        let text =
            for_programs.unwrap_or_else(|| anstream::adapter::strip_str(&for_people()).to_string());
        // Whatever becomes of the file, somebody waits for this.
        human::print(&for_people())?;
        write(file, &text)?;
    } else if let Some(text) = for_programs {
        crate::cli::render::print(&text)?;
        anstream::eprintln!("{}", human::summary(report));
    } else {
        human::print(&for_people())?;
    }
    if args.covers_too_little(&report.coverage) {
        anstream::eprintln!(
            "error: {} % of what the plugin offers is called, and {} % was demanded (hint: write cases for what was never \
             called)",
            report.coverage.percent(),
            args.min_coverage.unwrap_or_default()
        );
    }
    Ok(())
}
