//! The command line of `portcullis test`.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::exit::Problem;
use crate::limits::LimitsPatch;
use crate::trial::{Coverage, Rules};

/// How often a case is played to be measured: enough for the twentieth part above.
const PROFILE_TIMES: &str = "20";

/// `portcullis test`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis test                                the plugin in the current folder
  portcullis test plugins/notes --filter delete  the cases with `delete` in their names
  portcullis test --review                       look at each changed answer, and keep it or not
  portcullis test --record                       record anew what the network answers
  portcullis test --record=weather               only for the cases with `weather` in their names
  portcullis test --profile                      measure, and propose limits for plugin.json
  portcullis test --format junit --output report.xml --min-coverage 100

Case files are `tests/*.toml` beside plugin.json; docs/testing.md describes every key. Exit code 1: a case failed, or too
little is covered; 4: a case file has a typo, or the plugin does not build.")]
pub struct Test {
    /// The plugin's folder, or a component
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Test this component, and build nothing
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// A case file, in place of those in `tests`. May be repeated
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Only the cases with this in their names
    #[arg(long, value_name = "WORDS")]
    pub filter: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write the report to this file, and show it to people as well
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show each answer that is not the one that is kept, and ask whether to keep it
    #[arg(long, conflicts_with = "accept")]
    pub review: bool,
    /// Keep every answer that is not the one that is kept
    #[arg(long)]
    pub accept: bool,
    /// Play the cases with `record = true`, or those of them with NAME in their names, against the true network, as far as
    /// their `allow.network` goes, and keep what it answers
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub record: Option<String>,
    /// List what the plugin offers and no case calls
    #[arg(long, conflicts_with = "filter")]
    pub coverage: bool,
    /// Fail when fewer hundredths of what the plugin offers are called
    #[arg(long, value_name = "PERCENT", conflicts_with = "filter", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_coverage: Option<u8>,
    /// Fail a case whose call takes longer than its `call_ms`; machines differ, so it is only said otherwise
    #[arg(long)]
    pub strict_time: bool,
    /// Play each case so many times, show what calls use, and propose limits for plugin.json
    #[arg(
        long,
        value_name = "TIMES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = PROFILE_TIMES,
        value_parser = clap::value_parser!(u16).range(1..=10_000),
        conflicts_with_all = ["review", "accept", "record", "coverage", "min_coverage"]
    )]
    pub profile: Option<u16>,
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For the overview of a job: JUnit XML
    Junit,
}

impl Test {
    /// Refuses what clap cannot see.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let is_person = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if self.review && !is_person {
            return Err(Problem::usage(
                "`--review` asks a person, and there is no terminal (hint: `--accept` keeps every answer; without either, \
                 the new ones are written beside the old ones as `.snap.new`)",
            ));
        }
        if self.record.is_some() && is_job() {
            return Err(Problem::usage(
                "a job records nothing, since what it writes is gone with it (hint: record where the files can be looked at \
                 and committed)",
            ));
        }
        if self.profile.is_some() && self.format == Format::Junit {
            return Err(Problem::usage(
                "a profile cannot be written as JUnit (hint: use `--format json`)",
            ));
        }
        Ok(())
    }

    /// How cases are played.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            is_time_strict: self.strict_time,
            record: self.record.clone(),
            may_write: !is_job(),
            limits: LimitsPatch::default(),
        }
    }

    /// Whether less is called than was demanded.
    pub(super) fn covers_too_little(&self, coverage: &Coverage) -> bool {
        self.min_coverage
            .is_some_and(|least| coverage.percent() < usize::from(least))
    }
}

/// Whether this is a job of continuous integration, which changes nothing by itself.
pub(super) fn is_job() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false" && ci != "0")
}
