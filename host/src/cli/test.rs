//! `portcullis test`: the cases beside a plugin, played in the real host.

mod args;
mod human;
mod outcome;
mod profile;
mod review;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::progress::Progress;
use super::{build, setup};
use crate::manifest;
use crate::project::Project;
use crate::trial::{
    CaseError, CaseFile, CaseIdx, Ensemble, Played, Report, Rules, find_case_files, unused,
};

pub use args::Test;

/// Plays the cases, and says what is not as expected.
pub async fn run(common: &Common, args: &Test) -> Result<Exit, Problem> {
    args.check()?;
    let (plugin, files) = find(args)?;
    let component = match plugin {
        Plugin::Component(component) => component,
        Plugin::Project(project) => match build::built(&project).await? {
            Some(built) => built.component,
            None => return Ok(Exit::Interrupted),
        },
    };
    // Building says by itself how long it took.
    let begun = Instant::now();
    let source = manifest::load(&component).map_err(|error| {
        Problem::broken(format!(
            "failed to read plugin from {}: {error}",
            component.display()
        ))
    })?;
    let mut report = Report {
        plugin: format!("{} {}", source.identity.name, source.manifest.version),
        digest: source.identity.digest.to_string(),
        ..Report::default()
    };
    let ensemble = Ensemble {
        engine: setup::engine(&setup::config(common)?)?,
        source: Arc::new(source),
        files: Arc::new(files),
    };
    // Every file has a case, so it is the filter when there is none.
    let filter = args.filter.as_deref().unwrap_or_default();
    let wanted = ensemble.choose(filter);
    if wanted.is_empty() {
        return Err(Problem::usage(format!(
            "no case has `{filter}` in its name (hint: `portcullis test` without `--filter` shows them)"
        )));
    }
    let rules = args.rules();
    if let Some(name) = &args.record
        && ensemble.recorded(&wanted, &rules).is_empty()
    {
        return Err(nothing_to_record(name));
    }
    if let Some(n_times) = args.profile {
        return profile::run(args, &ensemble, &wanted, &rules, n_times, &report).await;
    }
    let is_interrupted = play(&ensemble, &wanted, &rules, &mut report).await;
    report.unused = unused(&ensemble.files, args.cases.is_empty());
    let is_interrupted = review::settle(args, &mut report, is_interrupted).await?;
    report.took = begun.elapsed();
    outcome::tell(common, args, &report)?;
    Ok(match is_interrupted {
        true => Exit::Interrupted,
        false if report.n_failed() > 0 => Exit::No,
        false if args.covers_too_little(&report.coverage) => Exit::No,
        false => Exit::Success,
    })
}

/// What is tested.
enum Plugin {
    /// A component that is there.
    Component(PathBuf),
    /// What is built from a folder.
    Project(Project),
}

/// The plugin, and its case files, read: a slip in one is told before anything is built.
fn find(args: &Test) -> Result<(Plugin, Vec<CaseFile>), Problem> {
    let (plugin, folder) = match &args.component {
        // The folder is then where the cases are, and may hold no source.
        Some(component) => (Plugin::Component(component.clone()), args.path.clone()),
        None => {
            let project = Project::find(&args.path).map_err(build::broken)?;
            let folder = project.dir.clone();
            (Plugin::Project(project), folder)
        }
    };
    let broken = |error: CaseError| Problem::broken(error.to_string());
    let paths = match args.cases.as_slice() {
        [] => find_case_files(&folder).map_err(broken)?,
        named => named.to_vec(),
    };
    if paths.is_empty() {
        return Err(broken(CaseError::None(folder)));
    }
    let files: Result<Vec<_>, _> = paths.iter().map(|path| CaseFile::read(path)).collect();
    let files = files.map_err(broken)?;
    // Its author means something by it, and nothing of it is played.
    match files.iter().find(|file| file.cases.is_empty()) {
        Some(empty) => Err(broken(CaseError::None(empty.path.clone()))),
        None => Ok((plugin, files)),
    }
}

fn nothing_to_record(name: &str) -> Problem {
    Problem::usage(match name {
        "" => {
            "no case is recorded (hint: write `record = true` in those that are to be)".to_owned()
        }
        name => format!(
            "no case with `record = true` has `{name}` in its name (hint: `--record` alone records all that have it)"
        ),
    })
}

/// Plays the cases into the report. True when somebody pressed Ctrl-C; what was played until then is in it.
async fn play(ensemble: &Ensemble, wanted: &[CaseIdx], rules: &Rules, report: &mut Report) -> bool {
    let n_at_once = match rules.record {
        // What is recorded talks to true servers, which is done politely.
        Some(_) => 1,
        None => std::thread::available_parallelism().map_or(1, NonZero::get),
    };
    let progress = Progress::start(format!("testing {}", report.plugin));
    let mut played: Vec<(CaseIdx, Played)> = Vec::new();
    let done = |idx, one| {
        played.push((idx, one));
        progress.say(format!(
            "testing {}: {} of {}",
            report.plugin,
            played.len(),
            wanted.len()
        ));
    };
    let stop = CancellationToken::new();
    let told = async {
        build::told_to_end().await;
        stop.cancel();
        // Who says it twice does not want to wait for what is cleaned up.
        build::told_to_end().await;
    };
    tokio::select! {
        () = ensemble.play_all(wanted, rules, n_at_once, &stop, done) => {}
        () = told => {}
    }
    let is_interrupted = stop.is_cancelled();
    drop(progress);
    played.sort_by_key(|(idx, _)| *idx);
    let is_left_out = |idx: &&CaseIdx| played.iter().all(|(other, _)| other != *idx);
    let left_out = wanted.iter().filter(is_left_out);
    report.left_out = left_out.filter_map(|idx| ensemble.name(*idx)).collect();
    for (_, one) in &played {
        if let Some(catalogue) = &one.catalogue {
            report.coverage.offer(catalogue);
        }
    }
    for (_, one) in played {
        for asks in &one.called {
            report.coverage.call(asks);
        }
        report.cases.push(one.report);
    }
    is_interrupted
}
